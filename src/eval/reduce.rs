use super::array::{Val, filled, join, table_axis};
use super::evaluator::Evaluator;
use super::leaf::coordinates;
use super::plan::{Plan, own_strides};
use super::rules::factors;
use super::statistics::{Row, histogram, of_nothing, statistic};
use super::{Env, EvalError, blocks, guard};
use crate::hir::{AxisId, Expr, ReduceOp, Value, ValueAxis};
use std::sync::Arc;

/// Reduces `args` along `over`. Reduced axes count in the order in which the arguments have them, those that no
/// argument has last.
pub(super) fn reduce(
    evaluator: &Evaluator,
    expr: &Expr,
    op: ReduceOp,
    args: &[Expr],
    over: &[AxisId],
    filter: Option<&Expr>,
    outer: Option<&Value>,
) -> Result<Val, EvalError> {
    let env = evaluator.env;
    if filter.is_none()
        && outer.is_none()
        && let Some(value) = match blocks::reduced(evaluator, expr, (op, args, over))? {
            None => blocks::total(evaluator, (op, args, over))?,
            found => found,
        }
    {
        return Ok(value);
    }
    // Along a reduced axis the arguments have their own elements, whatever the outer guard says of it.
    let mut guard = guard::loosen(outer, over)?;
    let filter = match filter {
        None => None,
        Some(filter) => {
            let filter = evaluator.node(filter, guard.as_ref())?.into_value();
            guard = Some(guard::narrow(env, guard.as_ref(), &filter, true)?);
            Some(filter)
        }
    };
    let guard = guard.as_ref();
    let product = match (op, args) {
        (ReduceOp::Sum | ReduceOp::Mean, [arg]) => factors(arg),
        (_, [a, b, ..]) => Some((a, b)),
        _ => None,
    };
    let (a, b) = match (product, args) {
        (Some((a, b)), _) => (evaluator.node(a, guard)?, Some(evaluator.node(b, guard)?.into_value())),
        (None, [a, ..]) => (evaluator.node(a, guard)?, None),
        (None, []) => (Val::Num(0.0), None),
    };
    let a = a.into_value();
    if let Some(v) = whole(op, &a, b.as_ref(), filter.is_some(), over) {
        return Ok(Val::Num(v));
    }
    let job = Job::new(env, op, a, b, filter, over)?;
    match op {
        ReduceOp::Histogram { bins } => job.histogram(bins, expr.axes.last().copied()),
        _ => job.run(),
    }
}

/// The commonest case without any preparation: all axes of values that have the same ones, nothing absent.
fn whole(op: ReduceOp, a: &Value, b: Option<&Value>, filtered: bool, over: &[AxisId]) -> Option<f64> {
    let all = |v: &Value| v.axes.len() == over.len() && v.axes.iter().all(|axis| over.contains(&axis.id));
    let same = |b: &Value| b.present.is_none() && b.axes.iter().map(|x| x.id).eq(a.axes.iter().map(|x| x.id));
    let plain = !matches!(op, ReduceOp::Period | ReduceOp::Histogram { .. });
    let fits = plain && !filtered && a.present.is_none() && all(a) && b.is_none_or(same);
    let b = b.map(|b| &*b.data);
    (fits && b.is_none_or(|b| b.len() == a.data.len()))
        .then(|| statistic(op, &Row { a: &a.data, b, counts: None, along: None }))
}

/// A reduction whose operands are known.
struct Job {
    op: ReduceOp,
    a: Value,
    b: Option<Value>,
    /// Which elements count, in the order of `kept` then `reduced`.
    counts: Option<Arc<[bool]>>,
    /// The axes of the result.
    kept: Vec<ValueAxis>,
    /// The axes that go away.
    reduced: Vec<ValueAxis>,
    /// The coordinates of the reduced axis, for reductions that need them.
    along: Option<Arc<[f64]>>,
    /// The elements of the result that are of cases which did not run; `None` where all did.
    not_run: Option<Vec<bool>>,
}

impl Job {
    fn new(
        env: &dyn Env,
        op: ReduceOp,
        a: Value,
        b: Option<Value>,
        filter: Option<Value>,
        over: &[AxisId],
    ) -> Result<Self, EvalError> {
        let mut axes = join(env, [&a].into_iter().chain(&b).chain(&filter))?;
        for id in over {
            if !axes.iter().any(|axis| axis.id == *id) {
                axes.push(table_axis(env, *id)?);
            }
        }
        let (reduced, kept): (Vec<_>, Vec<_>) = axes.into_iter().partition(|axis| over.contains(&axis.id));
        let masked =
            filter.is_some() || a.present.is_some() || b.as_ref().is_some_and(|b| b.present.is_some());
        let counts = if masked {
            let filter = filter.as_ref().map(as_mask);
            let order: Vec<ValueAxis> = kept.iter().chain(&reduced).cloned().collect();
            let values: Vec<&Value> = [&a].into_iter().chain(&b).chain(&filter).collect();
            super::array::join_masks(&order, &values)?
        } else {
            None
        };
        let along = match (op, reduced.as_slice()) {
            (ReduceOp::Period, [axis]) => Some(coordinates(env, axis)?),
            _ => None,
        };
        let mut unknown: Option<Vec<bool>> = None;
        if let Some(ran) = env.ran() {
            for value in [&a].into_iter().chain(&b).chain(&filter) {
                let Some(more) = not_run(ran, value, &kept)? else { continue };
                match &mut unknown {
                    Some(all) => all.iter_mut().zip(more).for_each(|(all, more)| *all |= more),
                    None => unknown = Some(more),
                }
            }
        }
        Ok(Self { op, a, b, counts, kept, reduced, along, not_run: unknown })
    }

    fn run(self) -> Result<Val, EvalError> {
        if self.kept.is_empty() {
            let mut result = (0.0, false);
            self.rows(|i, row| result = (statistic(self.op, &row), self.of_nothing(i, &row)))?;
            return Ok(match result {
                (v, false) => Val::Num(v),
                (v, true) => Val::Arr(Value {
                    axes: Vec::new(),
                    data: Arc::from([v]),
                    present: Some(Arc::from([false])),
                }),
            });
        }
        let total = super::array::checked_len(self.kept.iter().map(|a| a.len))?;
        let mut missing = Vec::new();
        let mut fault = None;
        let data = filled(total, 0.0, |out| {
            fault = self
                .rows(|i, row| {
                    out[i] = statistic(self.op, &row);
                    if self.of_nothing(i, &row) {
                        missing.push(i);
                    }
                })
                .err();
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        let present = (!missing.is_empty())
            .then(|| filled(total, true, |out| missing.iter().for_each(|i| out[*i] = false)));
        Ok(Val::Arr(Value { axes: self.kept, data, present }))
    }

    /// Whether an element of the result has no value. Of no synapses all do anything; of a case that did not run nothing
    /// is known.
    fn of_nothing(&self, i: usize, row: &Row<'_>) -> bool {
        of_nothing(self.op, row) || self.not_run.as_ref().is_some_and(|not_run| not_run[i])
    }

    fn histogram(self, bins: usize, axis: Option<AxisId>) -> Result<Val, EvalError> {
        let total = super::array::checked_len(self.kept.iter().map(|a| a.len).chain([bins]))?;
        let mut fault = None;
        let data = filled(total, 0.0, |out| {
            fault = self.rows(|i, row| histogram(&row, &mut out[i * bins..(i + 1) * bins])).err();
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        let mut axes = self.kept;
        axes.extend(axis.map(|id| ValueAxis { id, len: bins, coordinates: None }));
        Ok(Val::Arr(Value { axes, data, present: None }))
    }

    /// Calls `f` with the elements that each element of the result is made of.
    fn rows(&self, mut f: impl FnMut(usize, Row<'_>)) -> Result<(), EvalError> {
        let values: Vec<&Value> = [&self.a].into_iter().chain(&self.b).collect();
        let outer = Plan::over(&self.kept, &values)?;
        let inner: Vec<Plan> =
            values.iter().map(|v| Plan::over(&self.reduced, &[v])).collect::<Result<_, _>>()?;
        let width = inner[0].total();
        let mut scratch = [Vec::new(), Vec::new()];
        outer.runs(|start, places| {
            for i in 0..outer.run() {
                let place = |k: usize| places[k] + i * outer.step(k);
                let [scratch_a, scratch_b] = &mut scratch;
                let a = row(&self.a.data, place(0), &inner[0], scratch_a);
                let b = self.b.as_ref().map(|b| row(&b.data, place(1), &inner[1], scratch_b));
                let first = (start + i) * width;
                let counts = self.counts.as_deref().map(|c| &c[first..first + width]);
                f(start + i, Row { a, b, counts, along: self.along.as_deref() });
            }
        });
        Ok(())
    }
}

/// The elements of one array along the reduced axes from `place` on; only scattered ones are copied.
fn row<'r>(data: &'r [f64], place: usize, plan: &Plan, scratch: &'r mut Vec<f64>) -> &'r [f64] {
    let (run, step) = (plan.run(), plan.step(0));
    if plan.is_one_run() && (step == 1 || plan.total() <= 1) {
        return &data[place..place + plan.total()];
    }
    scratch.clear();
    plan.runs(|_, places| {
        let first = place + places[0];
        match step {
            1 => scratch.extend_from_slice(&data[first..first + run]),
            _ => scratch.extend((0..run).map(|i| data[first + i * step])),
        }
    });
    scratch
}

/// The elements of a result that are of cases which did not run: of those a value has nothing, wherever along its other
/// axes. `None` if all cases ran, or nothing of the value is missing.
fn not_run(ran: &Value, value: &Value, kept: &[ValueAxis]) -> Result<Option<Vec<bool>>, EvalError> {
    let Some(present) = &value.present else { return Ok(None) };
    let is_case = |a: &&ValueAxis| ran.axes.iter().any(|c| c.id == a.id);
    let cases: Vec<ValueAxis> = kept.iter().filter(is_case).cloned().collect();
    let own = own_strides(&cases);
    let along = |axes: &[ValueAxis]| -> Vec<usize> {
        axes.iter().map(|a| cases.iter().position(|c| c.id == a.id).map_or(0, |i| own[i])).collect()
    };
    let mut known = vec![false; cases.iter().map(|a| a.len).product()];
    let plan = Plan::new(&value.axes, vec![along(&value.axes)])?;
    plan.runs(|first, places| {
        for i in 0..plan.run() {
            known[places[0] + i * plan.step(0)] |= present[first + i];
        }
    });
    // one that ran may have nothing as well, such as no synapses
    if cases.len() == ran.axes.len() {
        let plan = Plan::new(&ran.axes, vec![along(&ran.axes)])?;
        plan.runs(|first, places| {
            for i in 0..plan.run() {
                known[places[0] + i * plan.step(0)] |= ran.data[first + i] != 0.0;
            }
        });
    }
    let mut out = vec![false; kept.iter().map(|a| a.len).product()];
    let plan = Plan::new(kept, vec![along(kept)])?;
    plan.runs(|first, places| {
        for i in 0..plan.run() {
            out[first + i] = !known[places[0] + i * plan.step(0)];
        }
    });
    Ok(Some(out))
}

/// A filter as a value that is absent where it does not hold.
fn as_mask(filter: &Value) -> Value {
    let holds = filter.data.iter().enumerate().map(|(i, v)| *v != 0.0 && filter.is_present(i)).collect();
    Value { axes: filter.axes.clone(), data: filter.data.clone(), present: Some(holds) }
}
