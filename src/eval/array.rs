use super::plan::Plan;
use super::{Env, EvalError, Fault, Missing};
use crate::hir::{AxisId, Value, ValueAxis};
use std::sync::Arc;

/// The largest array that is tried, in bytes.
const LARGEST: u128 = 1 << 33;

/// A number, kept out of memory, or an array.
pub(super) enum Val {
    Num(f64),
    Arr(Value),
}

impl Val {
    pub fn truth(value: bool) -> Self {
        Val::Num(f64::from(u8::from(value)))
    }

    pub fn into_value(self) -> Value {
        match self {
            Val::Num(v) => Value::scalar(v),
            Val::Arr(v) => v,
        }
    }
}

impl From<Value> for Val {
    fn from(value: Value) -> Self {
        match value.as_scalar() {
            Some(v) if value.is_present(0) => Val::Num(v),
            _ => Val::Arr(value),
        }
    }
}

/// The number of elements, unless they would not fit.
pub(super) fn checked_len(lens: impl IntoIterator<Item = usize>) -> Result<usize, EvalError> {
    let total = lens.into_iter().fold(1_u128, |n, len| n.saturating_mul(len as u128));
    if total.saturating_mul(8) > LARGEST {
        return Err(EvalError::new(Fault::TooLarge { bytes: total.saturating_mul(8) }));
    }
    Ok(total as usize)
}

/// A new buffer that `write` fills.
pub(super) fn filled<T: Copy>(len: usize, initial: T, write: impl FnOnce(&mut [T])) -> Arc<[T]> {
    let mut buffer: Arc<[T]> = std::iter::repeat_n(initial, len).collect();
    if let Some(slice) = Arc::get_mut(&mut buffer) {
        write(slice);
    }
    buffer
}

/// The name of an axis, for messages.
pub(super) fn axis_name(env: &dyn Env, id: AxisId) -> String {
    env.axes().get(id).map_or_else(|| "?".into(), |a| a.name.clone())
}

/// The axes of the first value, then those of the next that are new, and so on.
pub(super) fn join<'v>(
    env: &dyn Env,
    values: impl IntoIterator<Item = &'v Value>,
) -> Result<Vec<ValueAxis>, EvalError> {
    let mut joined: Vec<ValueAxis> = Vec::new();
    for value in values {
        if joined.is_empty() {
            joined.clone_from(&value.axes);
            continue;
        }
        add_axes(env, &mut joined, &value.axes)?;
    }
    Ok(joined)
}

/// Appends the axes that are new; those that are not must be as long.
pub(super) fn add_axes(
    env: &dyn Env,
    joined: &mut Vec<ValueAxis>,
    axes: &[ValueAxis],
) -> Result<(), EvalError> {
    for axis in axes {
        match joined.iter_mut().find(|a| a.id == axis.id) {
            None => joined.push(axis.clone()),
            Some(known) if known.len == axis.len => {
                if known.coordinates.is_none() {
                    known.coordinates.clone_from(&axis.coordinates);
                }
            }
            Some(known) => {
                let (left, right) = (known.len, axis.len);
                return Err(EvalError::new(Fault::SampleMismatch {
                    axis: axis_name(env, axis.id),
                    left,
                    right,
                }));
            }
        }
    }
    Ok(())
}

/// An axis of the table as an axis of a value.
pub(super) fn table_axis(env: &dyn Env, id: AxisId) -> Result<ValueAxis, EvalError> {
    let size = env.axes().get(id).and_then(|a| a.size);
    let len = size.ok_or_else(|| EvalError::not_here(Missing::Extent))?;
    Ok(ValueAxis { id, len, coordinates: None })
}

/// The value with exactly these axes in this order, repeated along those it lacks.
pub(super) fn expand(value: &Value, axes: &[ValueAxis]) -> Result<Value, EvalError> {
    if value.axes.len() == axes.len() && value.axes.iter().zip(axes).all(|(a, b)| a.id == b.id) {
        return Ok(value.clone());
    }
    let plan = Plan::over(axes, &[value])?;
    let present = value.present.as_ref().map(|p| gather(&plan, p, false));
    Ok(Value { axes: axes.to_vec(), data: gather(&plan, &value.data, 0.0), present })
}

/// The elements of one array in the order of a plan that walks over it alone.
pub(super) fn gather<T: Copy>(plan: &Plan, from: &[T], initial: T) -> Arc<[T]> {
    let (run, step) = (plan.run(), plan.step(0));
    filled(plan.total(), initial, |out| {
        plan.runs(|start, places| {
            let out = &mut out[start..start + run];
            match step {
                0 => out.fill(from[places[0]]),
                1 => out.copy_from_slice(&from[places[0]..places[0] + run]),
                _ => out.iter_mut().enumerate().for_each(|(i, o)| *o = from[places[0] + i * step]),
            }
        });
    })
}

/// Which elements exist in all of these values, along `axes`.
pub(super) fn join_masks(axes: &[ValueAxis], values: &[&Value]) -> Result<Option<Arc<[bool]>>, EvalError> {
    let mut joined: Option<Arc<[bool]>> = None;
    for value in values.iter().filter(|v| v.present.is_some()) {
        let Some(mut mask) = expand(value, axes)?.present else { continue };
        if let Some(other) = joined {
            mask = mask.iter().zip(other.iter()).map(|(a, b)| *a && *b).collect();
        }
        joined = Some(mask);
    }
    Ok(joined)
}

/// Whether two values have the same axes in the same order.
fn same_axes(a: &Value, b: &Value) -> bool {
    a.axes.len() == b.axes.len() && a.axes.iter().zip(&b.axes).all(|(a, b)| a.id == b.id && a.len == b.len)
}

/// Applies a function to each element, in place where nobody else holds the numbers.
pub(super) fn map1(a: Val, f: impl Fn(f64) -> f64) -> Val {
    match a {
        Val::Num(a) => Val::Num(f(a)),
        Val::Arr(mut a) => {
            match Arc::get_mut(&mut a.data) {
                Some(data) => data.iter_mut().for_each(|v| *v = f(*v)),
                None => a.data = a.data.iter().map(|v| f(*v)).collect(),
            }
            Val::Arr(a)
        }
    }
}

/// Applies a function to the elements of two values, repeating each along the axes it lacks.
pub(super) fn map2(env: &dyn Env, a: Val, b: Val, f: impl Fn(f64, f64) -> f64) -> Result<Val, EvalError> {
    match (a, b) {
        (Val::Num(a), b) => Ok(map1(b, |b| f(a, b))),
        (a, Val::Num(b)) => Ok(map1(a, |a| f(a, b))),
        (Val::Arr(a), Val::Arr(b)) if same_axes(&a, &b) => zip(a, b, f).map(Val::Arr),
        (Val::Arr(a), Val::Arr(b)) => {
            let axes = join(env, [&a, &b])?;
            let plan = Plan::over(&axes, &[&a, &b])?;
            let present = join_masks(&axes, &[&a, &b])?;
            let (run, sa, sb) = (plan.run(), plan.step(0), plan.step(1));
            let data = filled(plan.total(), 0.0, |out| {
                plan.runs(|start, places| {
                    let (pa, pb) = (places[0], places[1]);
                    for (i, o) in out[start..start + run].iter_mut().enumerate() {
                        *o = f(a.data[pa + i * sa], b.data[pb + i * sb]);
                    }
                });
            });
            Ok(Val::Arr(Value { axes, data, present }))
        }
    }
}

fn zip(mut a: Value, mut b: Value, f: impl Fn(f64, f64) -> f64) -> Result<Value, EvalError> {
    let present = join_masks(&a.axes, &[&a, &b])?;
    if let Some(data) = Arc::get_mut(&mut a.data) {
        data.iter_mut().zip(b.data.iter()).for_each(|(x, y)| *x = f(*x, *y));
    } else if let Some(data) = Arc::get_mut(&mut b.data) {
        data.iter_mut().zip(a.data.iter()).for_each(|(y, x)| *y = f(*x, *y));
        a.data = b.data;
    } else {
        a.data = a.data.iter().zip(b.data.iter()).map(|(x, y)| f(*x, *y)).collect();
    }
    for (axis, other) in a.axes.iter_mut().zip(b.axes) {
        axis.coordinates = axis.coordinates.take().or(other.coordinates);
    }
    a.present = present;
    Ok(a)
}

/// Applies a function to the elements of three values, repeating each along the axes it lacks.
pub(super) fn map3(
    env: &dyn Env,
    args: [Val; 3],
    f: impl Fn(f64, f64, f64) -> f64,
) -> Result<Val, EvalError> {
    if let [Val::Num(a), Val::Num(b), Val::Num(c)] = args {
        return Ok(Val::Num(f(a, b, c)));
    }
    let [a, b, c] = args.map(Val::into_value);
    let axes = join(env, [&a, &b, &c])?;
    let plan = Plan::over(&axes, &[&a, &b, &c])?;
    let present = join_masks(&axes, &[&a, &b, &c])?;
    let (run, sa, sb, sc) = (plan.run(), plan.step(0), plan.step(1), plan.step(2));
    let data = filled(plan.total(), 0.0, |out| {
        plan.runs(|start, p| {
            for (i, o) in out[start..start + run].iter_mut().enumerate() {
                *o = f(a.data[p[0] + i * sa], b.data[p[1] + i * sb], c.data[p[2] + i * sc]);
            }
        });
    });
    Ok(Val::Arr(Value { axes, data, present }))
}
