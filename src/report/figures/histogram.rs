use super::build::{Context, Made};
use super::curves::unit_text;
use super::folding::{Beside, Folded, Role, fold};
use super::model::{Chart, Content, Curve, Panel, Shape};
use super::scales::scale;
use crate::hir::{AxisId, Expr, ExprKind, Plot, ReduceOp, Split};
use crate::report::elements::place;
use crate::units::Unit;

/// The panels of `plot histogram(...)`: how many elements lie in each of equal steps from the least to the largest.
pub(super) fn panels(cx: &Context, plot: &Plot) -> Made {
    let plotted = &plot.values[0];
    let split = match &plot.split {
        Some(Split::Axes(axes)) => axes.clone(),
        Some(Split::Value { text, .. }) => {
            return Err(format!("a histogram is split by an axis, and `{text}` is a value"));
        }
        None => Vec::new(),
    };
    let (label, unit) = plotted.counted.clone().unwrap_or_else(|| (String::new(), Unit::none()));
    let counts = Counts::new(cx, &plotted.value, &split)?;
    let control = plotted.control.as_ref().map(|e| Counts::new(cx, e, &split)).transpose()?;
    let mut charts: Vec<(Vec<usize>, Vec<Curve>)> = Vec::new();
    for panel in 0..counts.counts.panel_count() {
        let mut curves = counts.curves(cx, panel, &unit, false);
        if let Some(control) = &control {
            if let [only] = curves.as_mut_slice() {
                only.name = plotted.text.clone();
            }
            curves.extend(control.curves(cx, panel, &unit, true));
        }
        if !curves.is_empty() {
            charts.push((place(&counts.counts.panels, panel), curves));
        }
    }
    let all = || charts.iter().flat_map(|(_, curves)| curves);
    let ends = all().flat_map(|c| c.x.iter().copied());
    let (lo, hi) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    let most = all().flat_map(|c| c.y.iter().copied()).fold(0.0, f64::max);
    let (x, y) = (scale(&label, &unit_text(&unit), lo, hi, false), scale("count", "", 0.0, most, true));
    let several = charts.len() > 1;
    let panel = |(places, curves): (Vec<usize>, Vec<Curve>)| {
        let entries = cx.entries(&counts.counts.panels, &places);
        let title = if several { entries.join(", ") } else { String::new() };
        let (x, y, phases, marks) = (x.clone(), y.clone(), Vec::new(), Vec::new());
        Panel { title, content: Content::Chart(Chart { x, y, time: false, curves, phases, marks }) }
    };
    Ok((charts.into_iter().map(panel).collect(), Vec::new()))
}

/// Counts with the ends of their steps.
struct Counts {
    counts: Folded,
    least: Folded,
    largest: Folded,
}

impl Counts {
    fn new(cx: &Context, e: &Expr, split: &[AxisId]) -> Result<Self, String> {
        let ExprKind::Reduce { op: ReduceOp::Histogram { .. }, args, over, filter } = &e.kind else {
            return Err("this is no histogram".into());
        };
        let bin = e.axes.iter().copied().find(|a| !args.iter().any(|e| e.axes.contains(a)));
        let role = |id| match id {
            id if Some(id) == bin => Role::Along,
            id if split.contains(&id) => Role::Curve,
            _ => Role::Panel,
        };
        let folded = |e: &Expr| {
            let value = cx.eval(e)?;
            fold(&value, Beside::default(), &role).map_err(|_| "its cases have different shapes".to_string())
        };
        let end = |op| {
            let kind =
                ExprKind::Reduce { op, args: args.clone(), over: over.clone(), filter: filter.clone() };
            let axes = e.axes.iter().filter(|a| Some(**a) != bin).copied().collect();
            Expr { kind, axes, ty: e.ty, span: e.span }
        };
        let (least, largest) = (folded(&end(ReduceOp::Min))?, folded(&end(ReduceOp::Max))?);
        Ok(Self { counts: folded(e)?, least, largest })
    }

    fn curves(&self, cx: &Context, panel: usize, unit: &Unit, control: bool) -> Vec<Curve> {
        let mut curves = Vec::new();
        for curve in 0..self.counts.curve_count() {
            let end = |of: &Folded| {
                of.row(panel, curve, 0).first().filter(|p| p.n > 0).map(|p| unit.from_si(p.mean))
            };
            let (Some(lo), Some(hi)) = (end(&self.least), end(&self.largest)) else { continue };
            let points = self.counts.row(panel, curve, 0);
            if points.iter().all(|p| p.n == 0) || !(lo.is_finite() && hi.is_finite()) {
                continue;
            }
            let (lo, hi) = if lo < hi { (lo, hi) } else { (lo - 0.5, hi + 0.5) };
            let edge = |i: usize| lo + (hi - lo) * i as f64 / points.len() as f64;
            let mut name = cx.entries(&self.counts.curves, &place(&self.counts.curves, curve));
            if control {
                name.push("control".into());
            }
            curves.push(Curve {
                name: name.join(", "),
                color: (curve, self.counts.curve_count()),
                control,
                shape: Shape::Steps,
                x: (0..=points.len()).map(edge).collect(),
                y: points.iter().map(|p| p.mean).collect(),
                range: None,
                error: None,
            });
        }
        curves
    }
}
