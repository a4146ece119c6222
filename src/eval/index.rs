use super::array::{Val, axis_name, checked_len, expand, filled, join_masks, table_axis};
use super::evaluator::Evaluator;
use super::leaf::coordinates;
use super::plan::{Plan, own_strides, strides};
use super::samples::{self, no_sample};
use super::{Env, EvalError, Fault, blocks, guard};
use crate::hir::{AxisId, Expr, Selection, Selector, Value, ValueAxis};
use std::sync::Arc;

/// Picks elements of `base` along the axes that the selections name.
///
/// The result has the base's other axes, a slice's new axis where the old one stood, then those axes of the indices
/// that are new. The first and the last element are the first and last that exist.
pub(super) fn index(
    evaluator: &Evaluator,
    base: &Expr,
    selections: &[Selection],
    outer: Option<&Value>,
) -> Result<Val, EvalError> {
    let env = evaluator.env;
    if outer.is_none()
        && let Some(value) = blocks::picked(evaluator, base, selections)?
    {
        return Ok(value);
    }
    let selected: Vec<AxisId> = selections.iter().flat_map(|s| s.axes.iter().copied()).collect();
    // Along a selected axis the base has its own elements, whatever the outer guard says of an axis of that name.
    let inner = guard::loosen(outer, &selected)?;
    let mut value = evaluator.node(base, inner.as_ref())?.into_value();
    value = with_axes(env, value, &selected)?;
    if outer.is_none()
        && let Some(element) = element(evaluator, &value, selections)?
    {
        return Ok(Val::Num(element));
    }

    let (late, now): (Vec<_>, Vec<_>) = selections
        .iter()
        .partition(|s| value.present.is_some() && matches!(s.selector, Selector::First | Selector::Last));
    let mut picks = Picks::new(&value);
    for selection in now {
        picks.select(evaluator, &value, selection, outer)?;
    }
    let base = value;
    let mut value = picks.take(env, &base)?;
    samples::in_every_case(evaluator, &base, selections, &value, outer)?;
    for selection in late {
        let place = existing(&value, selection)?;
        let mut picks = Picks::new(&value);
        picks.at(env, &value, selection, place, None)?;
        value = picks.take(env, &value)?;
    }
    Ok(Val::from(value))
}

/// What is picked where it is a single element, which is soon found: one number along each axis. `None` where it is
/// not, or there is no such element.
fn element(evaluator: &Evaluator, base: &Value, selections: &[Selection]) -> Result<Option<f64>, EvalError> {
    let all = base.axes.iter().all(|a| selections.iter().any(|s| s.axes == [a.id]));
    if base.present.is_some() || selections.len() != base.axes.len() || !all {
        return Ok(None);
    }
    let mut at = 0;
    for selection in selections {
        let (Selector::At(place), [axis]) = (&selection.selector, &selection.axes[..]) else {
            return Ok(None);
        };
        let Some(i) = base.axes.iter().position(|a| a.id == *axis) else { return Ok(None) };
        let Val::Num(place) = evaluator.node(place, None)? else { return Ok(None) };
        if !(place >= 0.0 && place < base.axes[i].len as f64 && place.fract() == 0.0) {
            return Ok(None);
        }
        at += place as usize * base.axes[i + 1..].iter().map(|a| a.len).product::<usize>();
    }
    Ok(base.data.get(at).copied())
}

/// The value with all of `ids` among its axes: a side of an `if` may lack some.
fn with_axes(env: &dyn Env, value: Value, ids: &[AxisId]) -> Result<Value, EvalError> {
    if ids.iter().all(|id| value.axes.iter().any(|a| a.id == *id)) {
        return Ok(value);
    }
    let mut axes = value.axes.clone();
    for id in ids {
        if !axes.iter().any(|a| a.id == *id) {
            axes.push(table_axis(env, *id)?);
        }
    }
    expand(&value, &axes)
}

/// What is picked, gathered selection by selection.
pub(super) struct Picks {
    /// What remains of each axis of the base, with the distance of one step along it.
    kept: Vec<Option<(ValueAxis, usize)>>,
    /// The place where everything starts.
    start: usize,
    /// Places that differ from element to element, to be added; absent where the index is.
    offsets: Vec<(Value, Vec<usize>)>,
}

impl Picks {
    pub(super) fn new(base: &Value) -> Self {
        let kept = base.axes.iter().cloned().zip(own_strides(&base.axes)).map(Some).collect();
        Self { kept, start: 0, offsets: Vec::new() }
    }

    pub(super) fn select(
        &mut self,
        evaluator: &Evaluator,
        base: &Value,
        selection: &Selection,
        guard: Option<&Value>,
    ) -> Result<(), EvalError> {
        let env = evaluator.env;
        match &selection.selector {
            Selector::At(place) => {
                let value = evaluator.node(place, guard)?;
                self.at(env, base, selection, value, guard).map_err(|e| e.at(place.span))
            }
            Selector::First => self.at(env, base, selection, Val::Num(0.0), None),
            Selector::Last => {
                let size = group(base, &selection.axes).iter().map(|(len, _)| len).product::<usize>();
                self.at(env, base, selection, Val::Num(size as f64 - 1.0), None)
            }
            Selector::Slice { from, to, axis } => self.slice(env, base, selection, *from..*to, *axis),
            Selector::AtTime(time) => {
                let Some(old) = base.axes.iter().find(|a| selection.axes.contains(&a.id)) else {
                    return Ok(());
                };
                let places = coordinates(env, old)?;
                let Some(place) = places.iter().position(|c| near(*c, *time)) else {
                    return Err(no_sample(&places, Some(*time), Some(*time), Vec::new()));
                };
                self.at(env, base, selection, Val::Num(place as f64), None)
            }
            Selector::Between { from, to, axis } => {
                let Some(old) = base.axes.iter().find(|a| selection.axes.contains(&a.id)) else {
                    return Ok(());
                };
                let places = coordinates(env, old)?;
                let first = from.map_or(0, |from| places.partition_point(|c| *c < from && !near(*c, from)));
                let end =
                    to.map_or(old.len, |to| places.partition_point(|c| *c < to && !near(*c, to))).max(first);
                if first == end {
                    return Err(no_sample(&places, *from, *to, Vec::new()));
                }
                self.slice(env, base, selection, first..end, *axis)
            }
        }
    }

    /// One element along the selected axes, the same or another for each element of `place`.
    fn at(
        &mut self,
        env: &dyn Env,
        base: &Value,
        selection: &Selection,
        place: Val,
        guard: Option<&Value>,
    ) -> Result<(), EvalError> {
        let group = group(base, &selection.axes);
        let size = group.iter().map(|(len, _)| len).product::<usize>();
        for id in &selection.axes {
            if let Some(i) = base.axes.iter().position(|a| a.id == *id) {
                self.kept[i] = None;
            }
        }
        let offset = |mut place: usize| {
            group.iter().rev().fold(0, |sum, (len, stride)| {
                let along = place % len;
                place /= len;
                sum + along * stride
            })
        };
        let valid = |place: f64| {
            (place >= 0.0 && place < size as f64 && place.fract() == 0.0).then_some(place as usize)
        };
        let fault = |place: f64| {
            let axes = selection.axes.iter().map(|id| axis_name(env, *id)).collect();
            EvalError::new(Fault::OutOfRange { place, size, axes })
        };
        match place {
            Val::Num(place) => match valid(place) {
                Some(place) => self.start += offset(place),
                None if size > 0 && nowhere(guard)? => {}
                None => return Err(fault(place)),
            },
            Val::Arr(places) => {
                let mut counting = None;
                let mut offsets = Vec::with_capacity(places.data.len());
                for (i, place) in places.data.iter().enumerate() {
                    offsets.push(match valid(*place) {
                        Some(place) => offset(place),
                        None if size > 0 && !places.is_present(i) => 0,
                        None => {
                            let Some(guard) = guard.filter(|_| size > 0) else { return Err(fault(*place)) };
                            if counting.is_none() {
                                counting = Some(guard::counts(guard, &places.axes)?);
                            }
                            if counting.as_ref().is_none_or(|c| c[i]) {
                                return Err(fault(*place));
                            }
                            0
                        }
                    });
                }
                self.offsets.push((places, offsets));
            }
        }
        Ok(())
    }

    /// The elements at `places` along one axis, which becomes `new`.
    fn slice(
        &mut self,
        env: &dyn Env,
        base: &Value,
        selection: &Selection,
        places: std::ops::Range<usize>,
        new: AxisId,
    ) -> Result<(), EvalError> {
        for (old, kept) in base.axes.iter().zip(&mut self.kept) {
            let Some((axis, stride)) = kept else { continue };
            if !selection.axes.contains(&old.id) {
                continue;
            }
            if places.end > old.len || places.start > places.end {
                let axes = vec![axis_name(env, old.id)];
                let place = places.end as f64 - 1.0;
                return Err(EvalError::new(Fault::OutOfRange { place, size: old.len, axes }));
            }
            // The new axis has the old one's coordinates, which the table may not know.
            let coordinates = coordinates(env, old).ok().map(|c| Arc::from(&c[places.clone()]));
            *axis = ValueAxis { id: new, len: places.len(), coordinates };
            self.start += places.start * *stride;
        }
        Ok(())
    }

    pub(super) fn take(self, env: &dyn Env, base: &Value) -> Result<Value, EvalError> {
        let (mut axes, mut steps): (Vec<ValueAxis>, Vec<usize>) = self.kept.into_iter().flatten().unzip();
        for (places, _) in &self.offsets {
            super::array::add_axes(env, &mut axes, &places.axes)?;
        }
        steps.resize(axes.len(), 0);
        checked_len(axes.iter().map(|a| a.len))?;
        let mut all = vec![steps];
        all.extend(self.offsets.iter().map(|(places, _)| strides(places, &axes)));
        let plan = Plan::new(&axes, all)?;
        let offsets: Vec<&[usize]> = self.offsets.iter().map(|(_, o)| o.as_slice()).collect();
        let data = pick(&plan, &base.data, self.start, &offsets, 0.0);
        let mut present = base.present.as_ref().map(|p| pick(&plan, p, self.start, &offsets, false));
        let indices: Vec<&Value> = self.offsets.iter().map(|(v, _)| v).collect();
        if let Some(mask) = join_masks(&axes, &indices)? {
            present = Some(match present {
                None => mask,
                Some(own) => own.iter().zip(mask.iter()).map(|(a, b)| *a && *b).collect(),
            });
        }
        Ok(Value { axes, data, present })
    }
}

fn pick<T: Copy>(plan: &Plan, from: &[T], start: usize, offsets: &[&[usize]], initial: T) -> Arc<[T]> {
    let (run, step) = (plan.run(), plan.step(0));
    filled(plan.total(), initial, |out| {
        plan.runs(|first, places| {
            let out = &mut out[first..first + run];
            let place = start + places[0];
            if offsets.is_empty() && step == 1 {
                out.copy_from_slice(&from[place..place + run]);
                return;
            }
            for (i, o) in out.iter_mut().enumerate() {
                let mut place = place + i * step;
                for (k, offset) in offsets.iter().enumerate() {
                    place += offset[places[k + 1] + i * plan.step(k + 1)];
                }
                *o = from[place];
            }
        });
    })
}

/// The lengths and strides of the selected axes, in the order they are named.
fn group(base: &Value, ids: &[AxisId]) -> Vec<(usize, usize)> {
    let strides = own_strides(&base.axes);
    let find =
        |id: &AxisId| base.axes.iter().position(|a| a.id == *id).map(|i| (base.axes[i].len, strides[i]));
    ids.iter().filter_map(find).collect()
}

/// Whether the guard holds for no element at all.
fn nowhere(guard: Option<&Value>) -> Result<bool, EvalError> {
    guard.map_or(Ok(false), |g| Ok(!guard::counts(g, &[])?.contains(&true)))
}

/// Times are whole numbers of ticks, so two that differ by rounding are the same.
fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// The place of the first or last element that exists, for each element along the other axes.
fn existing(value: &Value, selection: &Selection) -> Result<Val, EvalError> {
    let (along, rest): (Vec<_>, Vec<_>) =
        value.axes.iter().cloned().partition(|a| selection.axes.contains(&a.id));
    let along = selection.axes.iter().filter_map(|id| along.iter().find(|a| a.id == *id).cloned());
    let order: Vec<ValueAxis> = rest.iter().cloned().chain(along).collect();
    let size = checked_len(order[rest.len()..].iter().map(|a| a.len))?;
    let Some(mask) = expand(value, &order)?.present else { return Ok(Val::Num(0.0)) };
    let find = |row: &[bool]| match selection.selector {
        Selector::First => row.iter().position(|p| *p),
        _ => row.iter().rposition(|p| *p),
    };
    let found: Vec<Option<usize>> = mask.chunks(size.max(1)).map(find).collect();
    let data = found.iter().map(|p| p.unwrap_or(0) as f64).collect();
    let present = found.iter().any(Option::is_none).then(|| found.iter().map(Option::is_some).collect());
    Ok(Val::from(Value { axes: rest, data, present }))
}
