//! Which elements of an expression count, where only one side of a condition is taken.
//!
//! `if k > 0 then s[k - 1] else 0` computes both sides for all elements. The guard of a side says for which of them
//! its value is used, so that a place outside an axis is a fault only there.

use super::array::{Val, expand, filled, map1, map2};
use super::plan::Plan;
use super::{Env, EvalError};
use crate::hir::{AxisId, Value, ValueAxis};

/// The guard inside a side that is taken where `condition` is `holds`.
pub(super) fn narrow(
    env: &dyn Env,
    guard: Option<&Value>,
    condition: &Value,
    holds: bool,
) -> Result<Value, EvalError> {
    let side = map1(Val::Arr(condition.clone()), |c| f64::from(u8::from((c != 0.0) == holds)));
    match guard {
        None => Ok(side.into_value()),
        Some(outer) => Ok(map2(env, Val::Arr(outer.clone()), side, |a, b| a * b)?.into_value()),
    }
}

/// The guard where `axes` mean something else: it holds where it held for any element along them.
pub(super) fn loosen(guard: Option<&Value>, axes: &[AxisId]) -> Result<Option<Value>, EvalError> {
    match guard {
        Some(guard) if guard.axes.iter().any(|a| axes.contains(&a.id)) => any_over(guard, axes).map(Some),
        _ => Ok(guard.cloned()),
    }
}

/// For each element along `axes`, whether the guard holds anywhere.
pub(super) fn counts(guard: &Value, axes: &[ValueAxis]) -> Result<Vec<bool>, EvalError> {
    let fits = |g: &ValueAxis| axes.iter().any(|a| a.id == g.id && a.len == g.len);
    let others: Vec<AxisId> = guard.axes.iter().filter(|g| !fits(g)).map(|g| g.id).collect();
    let guard = expand(&any_over(guard, &others)?, axes)?;
    Ok(guard.data.iter().map(|v| *v != 0.0).collect())
}

fn any_over(guard: &Value, axes: &[AxisId]) -> Result<Value, EvalError> {
    let (removed, rest): (Vec<_>, Vec<_>) = guard.axes.iter().cloned().partition(|a| axes.contains(&a.id));
    let width: usize = removed.iter().map(|a| a.len).product();
    let order: Vec<ValueAxis> = rest.iter().cloned().chain(removed).collect();
    let plan = Plan::over(&order, &[guard])?;
    let sorted = super::array::gather(&plan, &guard.data, 0.0);
    let data = filled(sorted.len() / width.max(1), 0.0, |out| {
        for (o, row) in out.iter_mut().zip(sorted.chunks(width.max(1))) {
            *o = f64::from(u8::from(row.iter().any(|v| *v != 0.0)));
        }
    });
    Ok(Value { axes: rest, data, present: None })
}
