//! Large arrays a few rows at a time: what varies along an axis is computed for some places of it after the other, so
//! that not all of it has to be there at once. Every element is what it would be otherwise.

use super::array::Val;
use super::evaluator::{Evaluator, spread};
use super::rules::factors;
use super::statistics::add;
use super::{Env, EvalError, index, reduce};
use crate::contract::reduce::{Kind, Partials};
use crate::hir::{AxisId, Expr, ExprKind, ReduceOp, Selection, Selector, Value};
use std::sync::Arc;

/// How many elements a block has, about.
const BLOCK: usize = 1 << 16;

/// Some places along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rows {
    pub axis: AxisId,
    pub first: usize,
    pub len: usize,
}

impl Rows {
    /// Those of a value whose first axis is the one.
    pub fn of(self, value: Value) -> Value {
        let Some(axis) = value.axes.first().filter(|a| a.id == self.axis && a.len != self.len) else {
            return value;
        };
        let inner = value.data.len() / axis.len.max(1);
        let part = self.first * inner..(self.first + self.len) * inner;
        let mut axes = value.axes.clone();
        let coordinates = axis.coordinates.as_ref();
        axes[0].coordinates = coordinates.map(|c| Arc::from(&c[self.first..self.first + self.len]));
        axes[0].len = self.len;
        let present = value.present.as_ref().map(|p| Arc::from(&p[part.clone()]));
        Value { axes, data: Arc::from(&value.data[part]), present }
    }
}

/// Whether an expression can be computed for some places along an axis, which comes first wherever it is.
fn fits(expr: &Expr, axis: AxisId) -> bool {
    // what lacks the axis is computed as a whole
    if !expr.axes.contains(&axis) {
        return true;
    }
    let all = |args: &[Expr]| args.iter().all(|a| fits(a, axis));
    expr.axes.first() == Some(&axis)
        && match &expr.kind {
            ExprKind::Const(_)
            | ExprKind::Coord(_)
            | ExprKind::Flat(_)
            | ExprKind::Var(_)
            | ExprKind::Random { .. } => true,
            ExprKind::Unary(_, a) => fits(a, axis),
            ExprKind::Binary(_, a, b) => fits(a, axis) && fits(b, axis),
            ExprKind::Call(_, args) => all(args),
            ExprKind::If(c, a, b) => fits(c, axis) && fits(a, axis) && fits(b, axis),
            ExprKind::Reduce { args, filter: None, .. } => all(args),
            _ => false,
        }
}

/// The first of some axes, its size, and how many elements there are at each of its places; `None` without axes, and
/// while a size is not known.
fn extents(env: &dyn Env, axes: &[AxisId]) -> Option<(AxisId, usize, usize)> {
    let size = |id: &AxisId| env.axes().get(*id).and_then(|a| a.size);
    let (first, rest) = axes.split_first()?;
    let inner = rest.iter().map(size).try_fold(1_usize, |n, s| Some(n.saturating_mul(s?)))?;
    Some((*first, size(first)?, inner))
}

/// The blocks of an axis, for values with so many elements at each of its places.
fn blocks(axis: AxisId, len: usize, inner: usize) -> impl Iterator<Item = Rows> {
    let rows = (BLOCK / inner.max(1)).max(1);
    (0..len).step_by(rows).map(move |first| Rows { axis, first, len: rows.min(len - first) })
}

/// A reduction that keeps the first axis of what it reduces, if it is large and can be computed so.
pub(super) fn reduced(
    evaluator: &Evaluator,
    expr: &Expr,
    (op, args, over): (ReduceOp, &[Expr], &[AxisId]),
) -> Result<Option<Val>, EvalError> {
    let env = evaluator.env;
    let [first, ..] = args else { return Ok(None) };
    let Some((axis, len, inner)) = extents(env, &first.axes) else { return Ok(None) };
    let plain = !matches!(op, ReduceOp::Histogram { .. } | ReduceOp::Period | ReduceOp::Monotone);
    if !plain
        || evaluator.rows.is_some()
        || len.saturating_mul(inner) <= BLOCK
        || expr.axes.first() != Some(&axis)
        || over.contains(&axis)
        || !args.iter().all(|a| fits(a, axis))
    {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for rows in blocks(axis, len, inner) {
        let part = Evaluator { env, rows: Some(rows) };
        let part = reduce::reduce(&part, expr, op, args, over, None, None)?.into_value();
        if part.axes.first().is_none_or(|a| a.id != axis || a.len != rows.len) {
            return Ok(None);
        }
        parts.push(part);
    }
    Ok(joined(&parts, len).map(Val::from))
}

/// A reduction over all axes of what it reduces, taken in the order of its elements, if it is large and can be computed
/// so.
pub(super) fn total(
    evaluator: &Evaluator,
    (op, args, over): (ReduceOp, &[Expr], &[AxisId]),
) -> Result<Option<Val>, EvalError> {
    let env = evaluator.env;
    let [arg] = args else { return Ok(None) };
    let Some((axis, len, inner)) = extents(env, &arg.axes) else { return Ok(None) };
    let streams = matches!(
        op,
        ReduceOp::Sum | ReduceOp::Mean | ReduceOp::Std | ReduceOp::Min | ReduceOp::Max | ReduceOp::Norm
    );
    let same = over.len() == arg.axes.len() && over.iter().all(|a| arg.axes.contains(a));
    if !streams || !same || evaluator.rows.is_some() || len.saturating_mul(inner) <= BLOCK || !fits(arg, axis)
    {
        return Ok(None);
    }
    let product = match op {
        ReduceOp::Sum | ReduceOp::Mean => factors(arg),
        _ => None,
    };
    // one pass over the elements: those that count are handed on in runs, with the place of the first
    let pass = |f: &mut dyn FnMut(usize, &[f64], Option<&[f64]>)| -> Result<usize, EvalError> {
        let mut count = 0;
        for rows in blocks(axis, len, inner) {
            let part = |e: &Expr| {
                let value = (Evaluator { env, rows: Some(rows) }).node(e, None)?.into_value();
                spread(value, &arg.axes, Some(rows), env)
            };
            let (a, b) = match product {
                None => (part(arg)?, None),
                Some((a, b)) => (part(a)?, Some(part(b)?)),
            };
            let exists = |i: usize| a.is_present(i) && b.as_ref().is_none_or(|b| b.is_present(i));
            let whole = a.present.is_none() && b.as_ref().is_none_or(|b| b.present.is_none());
            let mut at = 0;
            while at < a.data.len() {
                let end = match whole {
                    true => a.data.len(),
                    false => (at..a.data.len()).find(|i| !exists(*i)).unwrap_or(a.data.len()),
                };
                if end > at {
                    f(rows.first * inner + at, &a.data[at..end], b.as_ref().map(|b| &b.data[at..end]));
                    count += end - at;
                }
                at = end.max(at + 1);
            }
        }
        Ok(count)
    };
    let sum = |f: &dyn Fn(f64) -> (f64, f64), kind: Kind| -> Result<(f64, usize), EvalError> {
        let mut partials = Partials::new(kind);
        let count = pass(&mut |j, a, b| match (b, kind) {
            (Some(b), _) => a.iter().zip(b).enumerate().for_each(|(i, (a, b))| partials.take(j + i, *a, *b)),
            (None, Kind::Sum) => add(&mut partials, j, a),
            (None, _) => a.iter().enumerate().for_each(|(i, v)| {
                let (a, b) = f(*v);
                partials.take(j + i, a, b);
            }),
        })?;
        Ok((partials.finish(), count))
    };
    let plain = |v: f64| (v, 1.0);
    let of_sum = if product.is_some() { Kind::Dot } else { Kind::Sum };
    let (value, count) = match op {
        ReduceOp::Min => sum(&plain, Kind::Min)?,
        ReduceOp::Max => sum(&plain, Kind::Max)?,
        ReduceOp::Norm => {
            let (squares, count) = sum(&|v| (v, v), Kind::Dot)?;
            (squares.sqrt(), count)
        }
        ReduceOp::Std => {
            let (total, count) = sum(&plain, Kind::Sum)?;
            let mean = total / count as f64;
            let (squares, _) = sum(&|v| (v - mean, v - mean), Kind::Dot)?;
            ((squares / count as f64).sqrt(), count)
        }
        ReduceOp::Mean => {
            let (total, count) = sum(&plain, of_sum)?;
            (total / count as f64, count)
        }
        _ => sum(&plain, of_sum)?,
    };
    // of nothing there may be no result
    Ok((count > 0).then_some(Val::Num(value)))
}

/// Elements of a large variable: only those places along its first axis are looked at that are picked, or a few at a
/// time.
pub(super) fn picked(
    evaluator: &Evaluator,
    base: &Expr,
    selections: &[Selection],
) -> Result<Option<Val>, EvalError> {
    let env = evaluator.env;
    let Some((axis, len, inner)) = extents(env, &base.axes) else { return Ok(None) };
    let fixed = |s: &Selection| match &s.selector {
        Selector::At(at) => at.axes.is_empty(),
        Selector::Slice { .. } => true,
        _ => false,
    };
    if evaluator.rows.is_some()
        || !matches!(base.kind, ExprKind::Var(_))
        || len.saturating_mul(inner) <= BLOCK
        || !selections.iter().all(fixed)
    {
        return Ok(None);
    }
    let part = |rows: Rows, selections: &[Selection]| {
        index::index(&Evaluator { env, rows: Some(rows) }, base, selections, None)
    };
    let Some(own) = selections.iter().position(|s| s.axes.contains(&axis)) else {
        let parts = blocks(axis, len, inner).map(|rows| Ok(part(rows, selections)?.into_value()));
        let parts = parts.collect::<Result<Vec<Value>, EvalError>>()?;
        let whole = parts.iter().all(|p| p.axes.first().is_some_and(|a| a.id == axis));
        return Ok(if whole { joined(&parts, len).map(Val::from) } else { None });
    };
    let (Selector::At(place), [_]) = (&selections[own].selector, &selections[own].axes[..]) else {
        return Ok(None);
    };
    let at = match evaluator.node(place, None)? {
        Val::Num(v) if v >= 0.0 && v.fract() == 0.0 && (v as usize) < len => v as usize,
        _ => return Ok(None),
    };
    let mut selections = selections.to_vec();
    let first = Expr { kind: ExprKind::Number(0.0), ..(**place).clone() };
    selections[own].selector = Selector::At(Box::new(first));
    part(Rows { axis, first: at, len: 1 }, &selections).map(Some)
}

/// The parts of a value, one after the other along their first axis.
fn joined(parts: &[Value], len: usize) -> Option<Value> {
    let mut axes = parts.first()?.axes.clone();
    axes[0].len = len;
    axes[0].coordinates = axes[0]
        .coordinates
        .is_some()
        .then(|| parts.iter().filter_map(|p| p.axes[0].coordinates.as_deref()).flatten().copied().collect());
    let data = parts.iter().flat_map(|p| p.data.iter().copied()).collect();
    let present = parts.iter().any(|p| p.present.is_some()).then(|| {
        parts.iter().flat_map(|p| (0..p.data.len()).map(|i| p.is_present(i))).collect::<Arc<[bool]>>()
    });
    Some(Value { axes, data, present })
}

/// Calls `f` with the elements of an expression along exactly `axes`, some of them after the other, and the number of
/// the first in row-major order.
///
/// # Errors
/// What evaluating it gives, or the first error of `f`.
pub fn eval_rows<E: From<EvalError>>(
    expr: &Expr,
    axes: &[AxisId],
    env: &dyn Env,
    f: &mut dyn FnMut(usize, &[f64]) -> Result<(), E>,
) -> Result<(), E> {
    let whole = |f: &mut dyn FnMut(usize, &[f64]) -> Result<(), E>| {
        let value = super::eval_on(expr, axes, env).map_err(E::from)?;
        f(0, &value.data)
    };
    let Some((axis, len, inner)) = extents(env, axes) else { return whole(f) };
    if len.saturating_mul(inner) <= BLOCK || !fits(expr, axis) {
        return whole(f);
    }
    for rows in blocks(axis, len, inner) {
        let value = (Evaluator { env, rows: Some(rows) }).node(expr, None).map_err(E::from)?.into_value();
        let value = spread(value, axes, Some(rows), env).map_err(|e| E::from(e.at(expr.span)))?;
        f(rows.first * inner, &value.data)?;
    }
    Ok(())
}
