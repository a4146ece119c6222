use super::build::{Context, Made};
use super::curves::unit_text;
use super::folding::{Beside, Role, fold};
use super::model::{Content, Grid, Panel};
use super::scales::scale;
use crate::hir::{Coordinates, Image, ValueAxis};
use crate::report::elements::place;

/// More panels than these are left out.
const PANELS: usize = 24;

/// The panels of an image, one for each place along the axes that are not its rows or columns.
pub(super) fn panels(cx: &Context, image: &Image) -> Made {
    let value = cx.eval(&image.value)?;
    let shown = |id| image.axes.contains(&id);
    // all in one row of points, in the order of the image's own axes
    let role = |id| if shown(id) { Role::Along } else { Role::Panel };
    let at = |id| value.axes.iter().position(|a| a.id == id);
    let turned = matches!(image.axes.as_slice(), [row, col] if at(*row) > at(*col));
    let folded =
        fold(&value, Beside::default(), &role).map_err(|_| "its cases have different shapes".to_string())?;
    let axis = |id: &crate::hir::AxisId| value.axes.iter().find(|a| a.id == *id).cloned();
    let axes: Vec<ValueAxis> = image.axes.iter().filter_map(axis).collect();
    let (rows, columns) = match axes.as_slice() {
        [only] => (1, only.len),
        [row, column] => (row.len, column.len),
        _ => return Err("an image has rows and columns".into()),
    };
    let names = |axis: Option<&ValueAxis>| axis.and_then(|a| names(cx, a));
    let called = |axis: Option<&ValueAxis>| axis.map_or(String::new(), |a| cx.naming.axis(a.id).to_string());
    let (row, column) = match axes.as_slice() {
        [only] => (None, Some(only)),
        [row, column] => (Some(row), Some(column)),
        _ => (None, None),
    };
    let mut grids: Vec<(Vec<usize>, Vec<f64>)> = Vec::new();
    for panel in 0..folded.panel_count() {
        let points = folded.row(panel, 0, 0);
        let number = |i: usize| {
            let i = if turned { (i % columns) * rows + i / columns } else { i };
            points.get(i).filter(|p| p.n > 0).map_or(f64::NAN, |p| image.unit.from_si(p.mean))
        };
        let values: Vec<f64> = (0..rows * columns).map(number).collect();
        if values.iter().any(|v| v.is_finite()) {
            grids.push((place(&folded.panels, panel), values));
        }
    }
    let mut notes = Vec::new();
    if grids.len() > PANELS {
        notes.push(format!("{PANELS} of {} panels are drawn", grids.len()));
        grids.truncate(PANELS);
    }
    let finite = || grids.iter().flat_map(|(_, v)| v.iter().copied()).filter(|v| v.is_finite());
    let (mut lo, mut hi) =
        finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let signed = lo < 0.0 && hi > 0.0;
    if signed {
        (lo, hi) = (lo.min(-hi), hi.max(-lo));
    }
    let scale = scale(&image.text, &unit_text(&image.unit), lo, hi, false);
    if grids.iter().any(|(_, v)| v.iter().any(|v| !v.is_finite())) {
        notes.push("struck places: there is no value".to_string());
    }
    let several = grids.len() > 1 || cx.reading.experiment.programs.len() > 1;
    let panel = |(places, values): (Vec<usize>, Vec<f64>)| {
        let title = if several { cx.entries(&folded.panels, &places).join(", ") } else { String::new() };
        let content = Content::Grid(Grid {
            row: called(row),
            column: called(column),
            row_names: names(row),
            column_names: names(column),
            rows,
            columns,
            values,
            scale: scale.clone(),
            signed,
        });
        Panel { title, content }
    };
    Ok((grids.into_iter().map(panel).collect(), notes))
}

/// The names of places along an axis that has more to say than 0, 1, 2 ...
fn names(cx: &Context, axis: &ValueAxis) -> Option<Vec<String>> {
    let counted = axis.coordinates.is_none()
        && !cx.is_case(axis.id)
        && cx.axis(axis.id).is_none_or(|a| a.coordinates == Coordinates::Index);
    (!counted).then(|| (0..axis.len).map(|i| cx.naming.coordinate(axis, i)).collect())
}
