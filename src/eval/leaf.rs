use super::array::{Val, checked_len, filled, table_axis};
use super::blocks::Rows;
use super::{Env, EvalError, Missing};
use crate::contract::philox;
use crate::hir::{AxisId, Coordinates, Distribution, Element, Value, ValueAxis};
use std::sync::Arc;

/// Gives a value's axes the names of the node that reads it.
pub(super) fn relabel(mut value: Value, axes: &[AxisId]) -> Val {
    if value.axes.len() == axes.len() {
        for (axis, id) in value.axes.iter_mut().zip(axes) {
            axis.id = *id;
        }
    }
    Val::from(value)
}

/// The coordinates of an axis: those of the value where it carries some, else those of the table.
pub(super) fn coordinates(env: &dyn Env, axis: &ValueAxis) -> Result<Arc<[f64]>, EvalError> {
    if let Some(own) = &axis.coordinates {
        return Ok(own.clone());
    }
    match env.axes().get(axis.id).map(|a| &a.coordinates) {
        Some(Coordinates::Values { values, .. }) if values.len() == axis.len => Ok(values.clone()),
        Some(Coordinates::Time) | None => Err(EvalError::not_here(Missing::Extent)),
        Some(_) => Ok((0..axis.len).map(|i| i as f64).collect()),
    }
}

/// An axis's own name in an expression.
pub(super) fn coordinate(env: &dyn Env, id: AxisId) -> Result<Val, EvalError> {
    let axis = table_axis(env, id)?;
    let data = coordinates(env, &axis)?;
    Ok(Val::Arr(Value { axes: vec![axis], data, present: None }))
}

/// The number of each cell along these axes.
pub(super) fn flat(env: &dyn Env, ids: &[AxisId]) -> Result<Val, EvalError> {
    let axes = table_axes(env, ids)?;
    let len = checked_len(axes.iter().map(|a| a.len))?;
    Ok(Val::from(Value { axes, data: (0..len).map(|i| i as f64).collect(), present: None }))
}

/// Random numbers along these axes, each a function of the seed, the path, the draw and its own place.
pub(super) fn random(
    env: &dyn Env,
    distribution: Distribution,
    path: &str,
    draw: u64,
    element: Element,
    ids: &[AxisId],
    rows: Option<Rows>,
) -> Result<Val, EvalError> {
    let mut axes = table_axes(env, ids)?;
    let pre = match element {
        Element::Flat => 0,
        Element::Synapse { post_axes } => checked_len(axes.iter().skip(post_axes).map(|a| a.len))?,
    };
    let mut first = 0;
    if let (Some(rows), Some(axis)) = (rows, axes.first_mut()) {
        axis.len = rows.len;
        first = rows.first;
    }
    let len = checked_len(axes.iter().map(|a| a.len))?;
    let key = philox::key(env.seed(), path);
    let inner = len / axes.first().map_or(1, |a| a.len).max(1);
    let data = match distribution {
        Distribution::Uniform => {
            draws(len, first * inner, pre, |element| philox::uniform(key, element, draw))
        }
        Distribution::Normal => draws(len, first * inner, pre, |element| philox::normal(key, element, draw)),
    };
    Ok(Val::from(Value { axes, data, present: None }))
}

/// Draws for `len` elements from one on; with `pre` presynaptic cells the element of a synapse is `post << 32 | pre`.
fn draws(len: usize, first: usize, pre: usize, draw: impl Fn(u64) -> f64) -> Arc<[f64]> {
    if pre == 0 {
        return (first..first + len).map(|i| draw(i as u64)).collect();
    }
    filled(len, 0.0, |out| {
        let (mut high, mut low) = (((first / pre) as u64) << 32, first % pre);
        for o in out {
            *o = draw(high | low as u64);
            low += 1;
            if low == pre {
                (high, low) = (high + (1 << 32), 0);
            }
        }
    })
}

fn table_axes(env: &dyn Env, ids: &[AxisId]) -> Result<Vec<ValueAxis>, EvalError> {
    ids.iter().map(|id| table_axis(env, *id)).collect()
}
