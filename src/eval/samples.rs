//! Samples of records by their times, where not every case has them.

use super::array::axis_name;
use super::evaluator::Evaluator;
use super::index::Picks;
use super::leaf::coordinates;
use super::{Env, EvalError, Fault, guard};
use crate::hir::{AxisId, Coordinates, Selection, Selector, Value, ValueAxis};
use crate::units::format_value;

/// Side by side, the records of all cases have all times that any of them has. A case that was recorded, but not at
/// the time or in the part that is read of `base`, would be passed over silently in `taken`; so it is a fault.
pub(super) fn in_every_case(
    evaluator: &Evaluator,
    base: &Value,
    selections: &[Selection],
    taken: &Value,
    outer: Option<&Value>,
) -> Result<(), EvalError> {
    let env = evaluator.env;
    let is_time = |id: &AxisId| env.axes().get(*id).is_some_and(|a| a.coordinates == Coordinates::Time);
    let timed = selections.iter().find_map(|s| match &s.selector {
        Selector::AtTime(time) => Some((s, Some(*time), Some(*time))),
        Selector::Between { from, to, .. } => Some((s, *from, *to)),
        _ => None,
    });
    let Some((timed, from, to)) = timed.filter(|(s, ..)| s.axes.iter().all(is_time)) else { return Ok(()) };
    if taken.present.is_none() {
        return Ok(());
    }
    let mut others = Picks::new(base);
    for selection in selections {
        if !std::ptr::eq(selection, timed) && !matches!(selection.selector, Selector::First | Selector::Last)
        {
            others.select(evaluator, base, selection, outer)?;
        }
    }
    let whole = others.take(env, base)?;
    let Some(at) = whole.axes.iter().position(|a| timed.axes.contains(&a.id)) else { return Ok(()) };
    let times = whole.axes[at].len;
    let inner: usize = whole.axes[at + 1..].iter().map(|a| a.len).product();
    if inner == 0 || times == 0 {
        return Ok(());
    }
    let mut around = whole.axes.clone();
    around.remove(at);
    let counting = outer.map(|g| guard::counts(g, &around)).transpose()?;
    let read = taken.data.len() / (whole.data.len() / times).max(1);
    for place in 0..whole.data.len() / times {
        let (outside, inside) = (place / inner, place % inner);
        let sample = |i: &usize| whole.is_present((outside * times + i) * inner + inside);
        let is_read = (0..read).any(|i| taken.is_present((outside * read + i) * inner + inside));
        if is_read || counting.as_ref().is_some_and(|c| !c[place]) || !(0..times).any(|i| sample(&i)) {
            continue;
        }
        let all = coordinates(env, &whole.axes[at])?;
        let own: Vec<f64> = (0..times).filter(sample).map(|i| all[i]).collect();
        return Err(no_sample(&own, from, to, case(env, &whole.axes[..at], outside)));
    }
    Ok(())
}

/// No sample at a time or in a part of the record.
pub(super) fn no_sample(places: &[f64], from: Option<f64>, to: Option<f64>, case: Vec<String>) -> EvalError {
    let (first, last) = (places.first(), places.last());
    let nowhere = f64::NAN;
    EvalError::new(Fault::NoSample {
        from,
        to,
        count: places.len(),
        first: *first.unwrap_or(&nowhere),
        last: *last.unwrap_or(&nowhere),
        case,
    })
}

/// An element of the axes before that of time, as results show it: `silence`, `f: 10 Hz`.
fn case(env: &dyn Env, axes: &[ValueAxis], mut element: usize) -> Vec<String> {
    let mut names = Vec::new();
    for axis in axes.iter().rev() {
        let i = element % axis.len.max(1);
        element /= axis.len.max(1);
        let name = axis_name(env, axis.id);
        names.push(match env.axes().get(axis.id).map(|a| &a.coordinates) {
            Some(Coordinates::Labels(labels)) if i < labels.len() => labels[i].clone(),
            Some(Coordinates::Values { values, unit, .. }) if i < values.len() => {
                format!("{name}: {}", format_value(values[i], unit, 6))
            }
            _ => format!("{name}: {i}"),
        });
    }
    names.reverse();
    names
}
