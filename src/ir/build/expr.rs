//! Small constructors and questions for typed expressions.

use crate::hir::{Axes, Expr, ExprKind, Function, ParamId, Program, Selector, Ty, VarId};
use crate::ir::timeline::{map_expr, visit_expr};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, UnaryOp};

/// The axes of `a`, then those of `b` that are new.
pub(crate) fn join_axes(a: &Axes, b: &Axes) -> Axes {
    let mut axes = a.clone();
    axes.extend(b.iter().filter(|x| !a.contains(x)));
    axes
}

pub(crate) fn number(value: f64, span: Span) -> Expr {
    Expr { kind: ExprKind::Number(value), axes: Axes::new(), ty: Ty::Number, span }
}

pub(crate) fn binary(op: BinaryOp, a: Expr, b: Expr, ty: Ty) -> Expr {
    let (axes, span) = (join_axes(&a.axes, &b.axes), a.span);
    Expr { kind: ExprKind::Binary(op, Box::new(a), Box::new(b)), axes, ty, span }
}

pub(crate) fn add(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Add, a, b, Ty::Number)
}

pub(crate) fn sub(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Sub, a, b, Ty::Number)
}

pub(crate) fn mul(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Mul, a, b, Ty::Number)
}

pub(crate) fn div(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Div, a, b, Ty::Number)
}

pub(crate) fn equals(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Eq, a, b, Ty::Bool)
}

pub(crate) fn neg(a: Expr) -> Expr {
    let (axes, span) = (a.axes.clone(), a.span);
    Expr { kind: ExprKind::Unary(UnaryOp::Neg, Box::new(a)), axes, ty: Ty::Number, span }
}

pub(crate) fn call(function: Function, a: Expr) -> Expr {
    let (axes, span) = (a.axes.clone(), a.span);
    Expr { kind: ExprKind::Call(function, vec![a]), axes, ty: Ty::Number, span }
}

pub(crate) fn if_(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    let axes = join_axes(&join_axes(&condition.axes, &then.axes), &otherwise.axes);
    let span = condition.span;
    Expr {
        kind: ExprKind::If(Box::new(condition), Box::new(then), Box::new(otherwise)),
        axes,
        ty: Ty::Number,
        span,
    }
}

/// A variable, on its own axes.
pub(crate) fn variable(program: &Program, id: VarId, span: Span) -> Expr {
    Expr { kind: ExprKind::Var(id), axes: program.vars[id].axes.clone(), ty: Ty::Number, span }
}

/// Whether an expression reads a variable.
pub(crate) fn reads(e: &Expr, v: VarId) -> bool {
    let mut found = false;
    visit_expr(e, &mut |node| found |= node.kind == ExprKind::Var(v));
    found
}

/// All variables an expression reads, in order of appearance, once each.
pub(crate) fn variables(e: &Expr, into: &mut Vec<VarId>) {
    visit_expr(e, &mut |node| {
        if let ExprKind::Var(id) = node.kind
            && !into.contains(&id)
        {
            into.push(id);
        }
    });
}

/// Whether an expression reads a variable as it is, not as it was at the start.
pub(crate) fn reads_now(e: &Expr) -> bool {
    let started = |node: &Expr| matches!(node.kind, ExprKind::AtStart(_)).then_some(ExprKind::Number(0.0));
    let mut read = Vec::new();
    variables(&map_expr(e, &started), &mut read);
    !read.is_empty()
}

/// Whether an expression has one value for the whole run that is known before it starts.
pub(crate) fn is_constant(program: &Program, e: &Expr) -> bool {
    stays(program, e, &|id| !program.params[id].settable)
}

/// Whether an expression has one value in all ticks of a statement: parameters that the protocol sets have.
pub(crate) fn is_steady(program: &Program, e: &Expr) -> bool {
    stays(program, e, &|_| true)
}

/// Whether an expression reads nothing that changes, of the parameters none but such as are fixed.
fn stays(program: &Program, e: &Expr, fixed: &dyn Fn(ParamId) -> bool) -> bool {
    let mut constant = true;
    visit_expr(e, &mut |node| {
        constant &= match &node.kind {
            ExprKind::Param(id) => fixed(*id),
            ExprKind::Const(id) => match &program.consts[*id].kind {
                crate::hir::ConstKind::Data(_) => true,
                crate::hir::ConstKind::Expr(e) => stays(program, e, fixed),
            },
            ExprKind::Random { per_tick, .. } => !per_tick,
            ExprKind::Var(_)
            | ExprKind::PresentationTicks
            | ExprKind::RunTicks
            | ExprKind::Local(_)
            | ExprKind::Position(_)
            | ExprKind::AtStart(_)
            | ExprKind::Probe { .. }
            | ExprKind::Record { .. } => false,
            _ => true,
        };
    });
    constant
}

/// Calls `f` on an expression and everything in it that varies along its own axes: not on what reductions and
/// indices have already brought down.
pub(crate) fn visit_outside_reductions<'e>(e: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    f(e);
    let mut go = |e: &'e Expr| visit_outside_reductions(e, f);
    match &e.kind {
        ExprKind::Unary(_, a) => go(a),
        ExprKind::Binary(_, a, b) => {
            go(a);
            go(b);
        }
        ExprKind::Call(_, args) => args.iter().for_each(go),
        ExprKind::If(c, a, b) => {
            go(c);
            go(a);
            go(b);
        }
        ExprKind::Index { selections, .. } => {
            for s in selections {
                if let Selector::At(at) = &s.selector {
                    go(at);
                }
            }
        }
        _ => {}
    }
}
