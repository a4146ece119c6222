use super::array::{Val, axis_name, expand, table_axis};
use super::blocks::Rows;
use super::leaf::relabel;
use super::{Env, EvalError, Fault, Missing, elementwise, guard, index, leaf, reduce};
use crate::hir::{AxisId, Expr, ExprKind, Value, ValueAxis};
use crate::syntax::ast::BinaryOp;

/// The value of an expression, along exactly its own axes.
pub fn eval(expr: &Expr, env: &dyn Env) -> Result<Value, EvalError> {
    eval_on(expr, &expr.axes, env)
}

/// The value of an expression along exactly `axes` in this order, repeated along those it lacks.
pub fn eval_on(expr: &Expr, axes: &[AxisId], env: &dyn Env) -> Result<Value, EvalError> {
    let value = Evaluator { env, rows: None }.node(expr, None)?.into_value();
    spread(value, axes, None, env).map_err(|e| e.at(expr.span))
}

/// The value of an expression that is a single number.
pub fn eval_scalar(expr: &Expr, env: &dyn Env) -> Result<f64, EvalError> {
    match (Evaluator { env, rows: None }).node(expr, None)? {
        Val::Num(v) => Ok(v),
        Val::Arr(v) if v.axes.is_empty() => Err(EvalError::new(Fault::Absent).at(expr.span)),
        Val::Arr(v) => {
            let axes = v.axes.iter().map(|a| axis_name(env, a.id)).collect();
            Err(EvalError::new(Fault::NotScalar { axes }).at(expr.span))
        }
    }
}

/// The value of an expression that is a single truth value.
pub fn eval_truth(expr: &Expr, env: &dyn Env) -> Result<bool, EvalError> {
    eval_scalar(expr, env).map(|v| v != 0.0)
}

/// A value along exactly `axes` in this order, repeated along those it lacks; of an axis of which only some rows are
/// computed, along these.
pub(super) fn spread(
    value: Value,
    axes: &[AxisId],
    rows: Option<Rows>,
    env: &dyn Env,
) -> Result<Value, EvalError> {
    if value.axes.iter().map(|a| &a.id).eq(axes) {
        return Ok(value);
    }
    if let Some(extra) = value.axes.iter().find(|a| !axes.contains(&a.id)) {
        return Err(EvalError::new(Fault::NotScalar { axes: vec![axis_name(env, extra.id)] }));
    }
    let wanted = axes.iter().map(|id| match value.axes.iter().find(|a| a.id == *id) {
        Some(own) => Ok(own.clone()),
        None => match rows.filter(|rows| rows.axis == *id) {
            Some(rows) => Ok(ValueAxis { id: *id, len: rows.len, coordinates: None }),
            None => table_axis(env, *id),
        },
    });
    expand(&value, &wanted.collect::<Result<Vec<_>, _>>()?)
}

/// Walks an expression; `guard` says which elements of a node count.
pub(super) struct Evaluator<'e> {
    pub env: &'e dyn Env,
    /// Of what varies along an axis only these places are computed.
    pub rows: Option<Rows>,
}

impl Evaluator<'_> {
    pub fn node(&self, expr: &Expr, guard: Option<&Value>) -> Result<Val, EvalError> {
        if self.env.stopped() {
            return Err(EvalError::new(Fault::Stopped).at(expr.span));
        }
        // what does not vary along the axis is computed as a whole
        let rows = self.rows.filter(|rows| expr.axes.contains(&rows.axis));
        Evaluator { env: self.env, rows }.kind(expr, guard).map_err(|e| e.at(expr.span))
    }

    fn kind(&self, expr: &Expr, guard: Option<&Value>) -> Result<Val, EvalError> {
        let env = self.env;
        let time = |ticks: Option<u64>| {
            ticks.map(|n| Val::Num(n as f64)).ok_or_else(|| EvalError::not_here(Missing::Time))
        };
        let local = |id| env.local(id).ok_or_else(|| EvalError::not_here(Missing::Local));
        match &expr.kind {
            ExprKind::Number(v) => Ok(Val::Num(*v)),
            ExprKind::Bool(b) => Ok(Val::truth(*b)),
            ExprKind::Const(id) => Ok(self.part(relabel(env.constant(*id)?, &expr.axes))),
            ExprKind::Param(id) => Ok(relabel(env.param(*id)?, &expr.axes)),
            ExprKind::Coord(axis) => leaf::coordinate(env, *axis).map(|v| self.part(v)),
            ExprKind::Flat(axes) => leaf::flat(env, axes).map(|v| self.part(v)),
            ExprKind::Var(id) => match self.rows {
                Some(rows) => {
                    let len = env.axes().get(rows.axis).and_then(|a| a.size).unwrap_or(rows.len);
                    let value = env.var_rows(*id, rows.first..rows.first + rows.len, len)?;
                    Ok(relabel(value, &expr.axes))
                }
                None => Ok(relabel(env.var(*id)?, &expr.axes)),
            },
            ExprKind::PresentationTicks => time(env.presentation_ticks()),
            ExprKind::RunTicks => time(env.run_ticks()),
            ExprKind::Local(id) => local(*id).map(|(value, _)| Val::Num(value)),
            ExprKind::Position(id) => local(*id).map(|(_, place)| Val::Num(place as f64)),
            ExprKind::Unary(op, a) => Ok(elementwise::unary(*op, self.node(a, guard)?)),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, guard),
            ExprKind::Call(function, args) => {
                let args = args.iter().map(|a| self.node(a, guard)).collect::<Result<Vec<_>, _>>()?;
                elementwise::call(env, *function, args)
            }
            ExprKind::If(condition, then, otherwise) => self.choose(condition, then, otherwise, guard),
            ExprKind::Reduce { op, args, over, filter } => {
                reduce::reduce(self, expr, *op, args, over, filter.as_deref(), guard)
            }
            ExprKind::Index { base, selections } => index::index(self, base, selections, guard),
            ExprKind::Random { distribution, path, draw, element, per_tick } => {
                let slot = if *per_tick { env.run_ticks().unwrap_or(0) + 1 } else { 0 };
                let draw = u64::from(*draw) | slot << 8;
                leaf::random(env, *distribution, path, draw, *element, &expr.axes, self.rows)
            }
            ExprKind::AtStart(inner) => Ok(relabel(env.at_start(inner)?, &expr.axes)),
            ExprKind::Probe { id, control } => Ok(relabel(env.probe(*id, *control)?, &expr.axes)),
            ExprKind::Record { id, control } => Ok(relabel(env.record(*id, *control)?, &expr.axes)),
        }
    }

    /// The places of a value that are computed.
    fn part(&self, value: Val) -> Val {
        match (self.rows, value) {
            (Some(rows), Val::Arr(value)) => Val::Arr(rows.of(value)),
            (_, value) => value,
        }
    }

    fn binary(&self, op: BinaryOp, a: &Expr, b: &Expr, guard: Option<&Value>) -> Result<Val, EvalError> {
        let left = self.node(a, guard)?;
        let right = match (op, &left) {
            (BinaryOp::And, Val::Num(0.0)) => return Ok(Val::truth(false)),
            (BinaryOp::Or, Val::Num(v)) if *v != 0.0 => return Ok(Val::truth(true)),
            (BinaryOp::And | BinaryOp::Or, Val::Arr(left)) => {
                let guard = guard::narrow(self.env, guard, left, op == BinaryOp::And)?;
                self.node(b, Some(&guard))?
            }
            _ => self.node(b, guard)?,
        };
        elementwise::binary(self.env, op, b, left, right)
    }

    fn choose(
        &self,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
        guard: Option<&Value>,
    ) -> Result<Val, EvalError> {
        match self.node(condition, guard)? {
            Val::Num(c) => self.node(if c != 0.0 { then } else { otherwise }, guard),
            Val::Arr(c) => {
                let a = self.node(then, Some(&guard::narrow(self.env, guard, &c, true)?))?;
                let b = self.node(otherwise, Some(&guard::narrow(self.env, guard, &c, false)?))?;
                elementwise::choose(self.env, Val::Arr(c), a, b)
            }
        }
    }
}
