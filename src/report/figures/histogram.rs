use super::build::{Context, Made};
use super::curves::{PANELS, unit_text};
use super::folding::{Beside, Folded, Role, fold};
use super::model::{Chart, Content, Curve, Panel, Shape};
use super::scales::scale;
use crate::hir::{AxisId, Expr, ExprKind, Plot, ReduceOp, Split, Value, ValueAxis};
use crate::report::elements::{Elements, place};
use crate::units::Unit;

/// The panels of `plot histogram(...)`: how many elements lie in each of equal steps from the least to the largest of all
/// that is drawn, so that heights can be compared.
pub(super) fn panels(cx: &Context, plot: &Plot) -> Made {
    let split = match &plot.split {
        Some(Split::Axes(axes)) => axes.clone(),
        Some(Split::Value { text, .. }) => {
            return Err(format!("a histogram is split by an axis, and `{text}` is a value"));
        }
        None => Vec::new(),
    };
    let mut all: Vec<Counted> = Vec::new();
    for plotted in &plot.values {
        let name = if plot.values.len() > 1 { plotted.text.clone() } else { String::new() };
        let color = (all.len(), plot.values.len());
        let with = |control| Counted { name: name.clone(), color, control, ..Counted::default() };
        all.push(Counted::new(cx, &plotted.value, &split, with(false))?);
        if let Some(control) = &plotted.control {
            all.push(Counted::new(cx, control, &split, with(true))?);
        }
    }
    let (label, unit) =
        plot.values.iter().find_map(|v| v.counted.clone()).unwrap_or_else(|| (String::new(), Unit::none()));
    let label = if plot.values.len() > 1 { String::new() } else { label };
    if plot.values.iter().filter_map(|v| v.counted.as_ref()).any(|c| c.1.dim != unit.dim) {
        return Err("what is counted has different dimensions".into());
    }
    let ends = all.iter().flat_map(|c| c.rows.iter().flatten().copied());
    let (lo, hi) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if lo > hi {
        return Ok((Vec::new(), Vec::new()));
    }
    // numbers all alike stand in the middle of one step
    let room = if lo == hi { if lo == 0.0 { 0.5 } else { 0.05 * lo.abs() } } else { 0.0 };
    let (lo, hi) = (unit.from_si(lo - room), unit.from_si(hi + room));
    let bins = if room > 0.0 { 1 } else { all.iter().map(|c| c.bins).max().unwrap_or(1) };
    let x: Vec<f64> = (0..=bins).map(|i| lo + (hi - lo) * i as f64 / bins as f64).collect();
    let panels = all.iter().map(|c| c.panel_count()).max().unwrap_or(0);
    let mut charts: Vec<(Vec<usize>, Vec<Curve>)> = Vec::new();
    for panel in 0..panels {
        let curves: Vec<Curve> = all.iter().flat_map(|c| c.curves(cx, panel, &x, &unit)).collect();
        if !curves.is_empty() {
            charts.push((place(&all[0].panels, panel), curves));
        }
    }
    let mut notes = Vec::new();
    if charts.len() > PANELS {
        notes.push(format!("{PANELS} of {} panels are drawn", charts.len()));
        charts.truncate(PANELS);
    }
    let most = charts.iter().flat_map(|(_, c)| c).flat_map(|c| c.y.iter().copied()).fold(0.0, f64::max);
    let pad = 0.02 * (hi - lo);
    let x = scale(&label, &unit_text(&unit), lo - pad, hi + pad, false);
    let y = scale("count", "", 0.0, most, true);
    let several = charts.len() > 1;
    let panel = |(places, curves): (Vec<usize>, Vec<Curve>)| {
        let entries = cx.entries(&all[0].panels, &places);
        let title = if several { entries.join(", ") } else { String::new() };
        let (x, y, phases, marks) = (x.clone(), y.clone(), Vec::new(), Vec::new());
        Panel { title, content: Content::Chart(Chart { x, y, time: false, curves, phases, marks }) }
    };
    Ok((charts.into_iter().map(panel).collect(), notes))
}

/// The numbers of one histogram, SI, in rows by panel and curve.
#[derive(Default)]
struct Counted {
    name: String,
    color: (usize, usize),
    control: bool,
    bins: usize,
    panels: Vec<ValueAxis>,
    of_curves: Vec<ValueAxis>,
    /// Panel by panel, curve by curve.
    rows: Vec<Vec<f64>>,
}

impl Counted {
    fn new(cx: &Context, e: &Expr, split: &[AxisId], with: Self) -> Result<Self, String> {
        let ExprKind::Reduce { op: ReduceOp::Histogram { bins }, args, over, filter } = &e.kind else {
            return Err("this is no histogram".into());
        };
        let Some(counted) = args.first() else { return Err("nothing is counted".into()) };
        let value = cx.eval(counted)?;
        let filter = filter.as_deref().map(|f| cx.eval(f)).transpose()?;
        let role = |id| match id {
            // cases of a seed are counted together
            id if over.contains(&id) || cx.is_seed(id) => Role::Along,
            id if split.contains(&id) => Role::Curve,
            _ => Role::Panel,
        };
        let shapes = |_| "its cases have different shapes".to_string();
        // where each element belongs, by the same rules as everything that is drawn
        let Folded { panels, curves, .. } = fold(&value, Beside::default(), &role).map_err(shapes)?;
        let at = |axes: &[ValueAxis], of: &[ValueAxis], places: &[usize]| {
            axes.iter().fold(0, |flat, axis| {
                flat * axis.len + of.iter().position(|a| a.id == axis.id).map_or(0, |i| places[i])
            })
        };
        let count = |axes: &[ValueAxis]| axes.iter().map(|a| a.len).product::<usize>();
        let mut rows = vec![Vec::new(); count(&panels) * count(&curves)];
        let all: Vec<&Value> = std::iter::once(&value).chain(&filter).collect();
        let elements = Elements::new(all).map_err(shapes)?;
        let mut reader = elements.reader();
        for _ in 0..elements.len() {
            let places = reader.place().to_vec();
            let Some(read) = reader.read() else { continue };
            if read.get(1).is_none_or(|f| *f != 0.0) && read[0].is_finite() {
                let (p, c) = (at(&panels, elements.axes(), &places), at(&curves, elements.axes(), &places));
                rows[p * count(&curves) + c].push(read[0]);
            }
        }
        Ok(Self { bins: *bins, panels, of_curves: curves, rows, ..with })
    }

    fn panel_count(&self) -> usize {
        self.panels.iter().map(|a| a.len).product()
    }

    /// The curves of a panel, on these edges.
    fn curves(&self, cx: &Context, panel: usize, x: &[f64], unit: &Unit) -> Vec<Curve> {
        let count: usize = self.of_curves.iter().map(|a| a.len).product();
        let panel = if self.panel_count() == 1 { 0 } else { panel };
        let (lo, bins) = (x[0], x.len() - 1);
        let width = (x[bins] - lo) / bins as f64;
        let mut curves = Vec::new();
        for curve in 0..count {
            let Some(row) = self.rows.get(panel * count + curve).filter(|r| !r.is_empty()) else { continue };
            let mut y = vec![0.0; bins];
            for v in row {
                let bin = ((unit.from_si(*v) - lo) / width).floor().clamp(0.0, (bins - 1) as f64);
                y[bin as usize] += 1.0;
            }
            let mut name: Vec<String> =
                Some(self.name.clone()).filter(|n| !n.is_empty()).into_iter().collect();
            name.extend(cx.entries(&self.of_curves, &place(&self.of_curves, curve)));
            if self.control {
                name.push("control".into());
            }
            curves.push(Curve {
                name: name.join(", "),
                color: if count > 1 { (curve, count) } else { self.color },
                control: self.control,
                shape: Shape::Steps,
                x: x.to_vec(),
                y,
                range: None,
                error: None,
            });
        }
        curves
    }
}
