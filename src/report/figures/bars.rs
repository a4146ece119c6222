use super::along::CURVES;
use super::build::{Context, Made};
use super::curves::unit_text;
use super::model::{Chart, Content, Curve, Panel, Shape};
use super::scales::{named, scale};
use crate::hir::{Plot, Plotted};
use crate::report::elements::place;
use crate::report::stack::case_axes;

/// Whether several single numbers are plotted, one for each case at most: they stand beside each other as bars.
pub(super) fn are_single(cx: &Context, plot: &Plot) -> bool {
    let single = |v: &Plotted| v.value.axes.iter().all(|a| cx.is_case(*a));
    plot.values.len() > 1 && plot.values.iter().all(single)
}

/// One bar for each value, a colour for each case.
pub(super) fn panels(cx: &Context, plot: &Plot) -> Made {
    let Some(first) = plot.values.first() else { return Err("there is nothing to draw".into()) };
    if let Some(other) = plot.values.iter().find(|v| v.dim != first.dim) {
        let text = |v: &Plotted| v.text.clone();
        return Err(format!("`{}` and `{}` have different dimensions", text(first), text(other)));
    }
    let cases = case_axes(cx.reading);
    let count: usize = cases.iter().map(|a| a.len).product();
    let mut curves = Vec::new();
    for case in 0..count.min(CURVES) {
        let at = place(&cases, case);
        for control in [false, true] {
            let exprs: Option<Vec<_>> = match control {
                false => Some(plot.values.iter().map(|v| &v.value).collect()),
                true => plot.values.iter().map(|v| v.control.as_ref()).collect(),
            };
            let Some(exprs) = exprs else { continue };
            let number = |e| -> Result<f64, String> {
                let value = cx.eval(e)?;
                let along = |id| cases.iter().position(|a| a.id == id).map_or(0, |i| at[i]);
                let flat = value.axes.iter().fold(0, |flat, a| flat * a.len + along(a.id));
                let known = value.is_present(flat);
                Ok(value.data.get(flat).filter(|_| known).map_or(f64::NAN, |v| first.unit.from_si(*v)))
            };
            let y = exprs.into_iter().map(number).collect::<Result<Vec<f64>, _>>()?;
            if y.iter().all(|v| !v.is_finite()) {
                continue;
            }
            let mut name = cx.entries(&cases, &at);
            if control {
                name.push("control".into());
            }
            let (x, shape) = ((0..y.len()).map(|i| i as f64).collect(), Shape::Bars);
            let (name, color) = (name.join(", "), (case, count));
            curves.push(Curve { name, color, control, shape, x, y, range: None, error: None });
        }
    }
    let mut notes = Vec::new();
    if count > CURVES {
        notes.push(format!("{CURVES} of {count} cases are drawn"));
    }
    if curves.is_empty() {
        return Ok((Vec::new(), notes));
    }
    let numbers = || curves.iter().flat_map(|c| c.y.iter().copied()).filter(|v| v.is_finite());
    let (lo, hi) = (numbers().fold(0.0, f64::min), numbers().fold(0.0, f64::max));
    let names: Vec<String> = plot.values.iter().map(|v| v.text.clone()).collect();
    let (x, y) = (named("", &names), scale("", &unit_text(&first.unit), lo, hi, true));
    let chart = Chart { x, y, time: false, curves, phases: Vec::new(), marks: Vec::new() };
    Ok((vec![Panel { title: String::new(), content: Content::Chart(chart) }], notes))
}
