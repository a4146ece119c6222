use super::along::{Along, CURVES, Groups};
use super::build::{Context, Made};
use super::marks::{Place, marks};
use super::model::{Chart, Content, Curve, Panel, Shape};
use super::phases::shades;
use super::rows::Row;
use super::scales::{named, scale, time_unit};
use crate::hir::{Coordinates, Plot, ValueAxis};
use crate::report::elements::place;
use crate::units::Unit;

/// More panels than these are left out.
pub(super) const PANELS: usize = 12;

/// The panels of a plot.
pub(super) fn panels(cx: &Context, plot: &Plot) -> Made {
    let along = Along::new(cx, plot)?;
    let groups = Groups::new(cx, plot)?;
    let mut rows: Vec<Row> = Vec::new();
    for (i, plotted) in plot.values.iter().enumerate() {
        for control in [false, true] {
            if let Some(row) = Row::new(cx, plotted, &along, &groups, control)? {
                rows.push(Row { value: i, control, ..row });
            }
        }
    }
    let seconds = rows.iter().filter(|_| along.time).flat_map(|r| r.x.iter().copied()).fold(0.0, f64::max);
    let seconds = if seconds > 0.0 { seconds } else { longest(cx) };
    let seconds = if seconds > 0.0 { seconds } else { 1.0 };
    let own_unit = along.axis.and_then(|a| cx.axis(a)).and_then(|a| match &a.coordinates {
        Coordinates::Values { unit, .. } => Some(unit.clone()),
        _ => None,
    });
    let (unit_name, unit) = match (&plot.versus, along.time) {
        (_, true) => {
            let (name, unit) = time_unit(seconds);
            (name.to_string(), Some(unit))
        }
        (Some(v), false) => (unit_text(&v.unit), None),
        (None, false) => (own_unit.as_ref().map_or_else(String::new, unit_text), None),
    };
    let shown = |v: f64| match (unit, &plot.versus) {
        (Some(unit), _) => v / unit,
        (None, Some(versus)) => versus.unit.from_si(v),
        (None, None) => own_unit.as_ref().map_or(v, |unit| unit.from_si(v)),
    };
    let x_label = plot.versus.as_ref().map_or_else(|| along.label(cx), |v| v.text.clone());
    let x_scale = match &along.names {
        Some(names) => named(&x_label, names),
        None => {
            let ends = rows.iter().flat_map(Row::extent).filter(|x| x.is_finite()).map(shown);
            let (mut lo, mut hi) =
                ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
            if along.time && lo > hi {
                (lo, hi) = (0.0, shown(longest(cx)));
            }
            if along.time && lo >= hi {
                // no time has passed yet
                hi = lo + 1.0;
            } else if !along.time {
                // signs at the ends do not stand on the frame
                (lo, hi) = (lo - 0.02 * (hi - lo), hi + 0.02 * (hi - lo));
            }
            scale(&x_label, &unit_name, lo, hi, false)
        }
    };
    let mut out = Vec::new();
    let mut notes = Vec::new();
    for group in dimension_groups(plot) {
        let own: Vec<&Row> = rows.iter().filter(|r| group.contains(&r.value)).collect();
        let mut axes: Vec<ValueAxis> = Vec::new();
        for axis in own.iter().flat_map(|r| &r.folded.panels) {
            if !axes.iter().any(|a| a.id == axis.id) {
                axes.push(axis.clone());
            }
        }
        let count: usize = axes.iter().map(|a| a.len).product();
        let mut charts = Vec::new();
        for panel in 0..count {
            let places = place(&axes, panel);
            let mut curves: Vec<Curve> = Vec::new();
            for row in &own {
                // a value without an axis of panels stands in each along it
                let at_axis = |id| axes.iter().position(|a| a.id == id).map_or(0, |i| places[i]);
                let at = row.folded.panels.iter().fold(0, |flat, a| flat * a.len + at_axis(a.id));
                curves.extend(row.curves(cx, plot, &along, &groups, at, &x_scale, &shown));
            }
            if curves.len() > CURVES {
                notes.push(format!("{} of {} curves are drawn", CURVES, curves.len()));
                curves.truncate(CURVES);
            }
            if curves.iter().any(|c| c.y.iter().any(|v| v.is_finite())) {
                charts.push((places, curves));
            }
        }
        if charts.len() > PANELS {
            notes.push(format!("{PANELS} of {} panels are drawn", charts.len()));
            charts.truncate(PANELS);
        }
        let (y_label, y_unit) = y_names(plot, &group);
        let all = charts.iter().flat_map(|(_, c)| c.iter().flat_map(extremes));
        let (lo, hi) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), y| (l.min(y), h.max(y)));
        let bars = charts.iter().any(|(_, c)| c.iter().any(|c| c.shape == Shape::Bars));
        let (lo, hi) = if bars { (lo.min(0.0), hi.max(0.0)) } else { (lo, hi) };
        let y_scale = scale(&y_label, &y_unit, lo, hi, true);
        let several = charts.len() > 1 || cx.reading.experiment.programs.len() > 1;
        let mut made: Vec<Panel> = Vec::new();
        for (places, curves) in charts {
            let title = if several { cx.entries(&axes, &places).join(", ") } else { String::new() };
            let program = cx.program(&axes, &places);
            let phases = match (program, unit) {
                (Some((i, _)), Some(unit)) => shades(cx.reading, i, unit, (x_scale.lo, x_scale.hi)),
                _ => Vec::new(),
            };
            let of = own.iter().map(|r| &r.folded.curves).max_by_key(|c| c.len()).cloned();
            let onto = |place: usize| match &along.names {
                Some(_) => Some(place as f64),
                None => own.iter().find_map(|r| r.x.get(place)).copied().map(&shown),
            };
            let place = Place {
                axes: &axes,
                places: &places,
                curves: &of.unwrap_or_default(),
                time: unit,
                along: along.axis,
                onto: &onto,
                ends: (x_scale.lo, x_scale.hi),
            };
            let marks = marks(cx, plot, &group, &place);
            let (x, y, time) = (x_scale.clone(), y_scale.clone(), along.time);
            made.push(Panel { title, content: Content::Chart(Chart { x, y, time, curves, phases, marks }) });
        }
        widen(&mut made, (lo, hi));
        out.append(&mut made);
        notes.extend(own.iter().filter_map(|r| r.note(cx, &along)));
    }
    notes.dedup();
    Ok((out, notes))
}

/// Lets the common vertical scale of panels, whose values lie between `lo` and `hi`, take in the marks that are near.
fn widen(panels: &mut [Panel], (lo, hi): (f64, f64)) {
    let charts = panels.iter_mut().filter_map(|p| match &mut p.content {
        Content::Chart(c) => Some(c),
        Content::Grid(_) => None,
    });
    let mut charts: Vec<&mut Chart> = charts.collect();
    let near = |v: &f64| v.is_finite() && *v >= lo - (hi - lo) && *v <= hi + (hi - lo);
    let ends = charts.iter().flat_map(|c| &c.marks).flat_map(|m| [m.y.0, m.y.1]).filter(near);
    let (least, largest) = ends.fold((lo, hi), |(l, h), v| (l.min(v), h.max(v)));
    for c in &mut charts {
        if least < c.y.lo || largest > c.y.hi {
            c.y = scale(&c.y.label, &c.y.unit, least, largest, true);
        }
    }
}

/// How long the longest run took, in seconds.
fn longest(cx: &Context) -> f64 {
    cx.reading.runs().map(|(_, program, run, _)| run.ticks as f64 * program.tick).fold(0.0, f64::max)
}

/// Which values have the same dimension, in the order they first come.
fn dimension_groups(plot: &Plot) -> Vec<Vec<usize>> {
    let mut groups: Vec<(crate::units::Dim, Vec<usize>)> = Vec::new();
    for (i, v) in plot.values.iter().enumerate() {
        match groups.iter_mut().find(|g| g.0 == v.dim) {
            Some(group) => group.1.push(i),
            None => groups.push((v.dim, vec![i])),
        }
    }
    groups.into_iter().map(|g| g.1).collect()
}

/// What the vertical axis is called, and its unit: that of the first value.
fn y_names(plot: &Plot, group: &[usize]) -> (String, String) {
    let texts: Vec<&str> =
        group.iter().filter_map(|i| plot.values.get(*i)).map(|v| v.text.as_str()).collect();
    let shown: Vec<&str> = texts.iter().map(|t| t.split(" +- ").next().unwrap_or(t)).collect();
    let label = if shown.len() > 2 { String::new() } else { shown.join(", ") };
    let unit = group.first().and_then(|i| plot.values.get(*i)).map_or(String::new(), |v| unit_text(&v.unit));
    (label, unit)
}

/// A unit as an axis names it: `/s` and not `1/s`.
pub(super) fn unit_text(unit: &Unit) -> String {
    unit.suffix().trim().to_string()
}

fn extremes(c: &Curve) -> Vec<f64> {
    let mut all: Vec<f64> = c.y.clone();
    if let Some((least, largest)) = &c.range {
        all.extend(least.iter().chain(largest));
    }
    if let Some(error) = &c.error {
        all.extend(c.y.iter().zip(error).flat_map(|(y, e)| [y - e, y + e]));
    }
    all.retain(|v| v.is_finite());
    all
}
