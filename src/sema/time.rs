//! Exact time: an expression of `t` and whole-tick durations as a whole number of ticks.
//!
//! `t` is a whole number of ticks, so `mod(t, 200 ms) < 100 ms` has one right answer at every tick, which
//! floating-point seconds do not give. Comparisons, `mod` and `floor` of such expressions are done in ticks.

use crate::hir::{Expr, ExprKind, Function};
use crate::syntax::ast::BinaryOp;

/// Ticks as seconds.
pub(super) fn seconds(ticks: Expr, tick: f64) -> Expr {
    let number = Expr { kind: ExprKind::Number(tick), axes: Vec::new(), ..ticks.clone() };
    let (axes, ty, span) = (ticks.axes.clone(), ticks.ty, ticks.span);
    Expr { kind: ExprKind::Binary(BinaryOp::Mul, Box::new(ticks), Box::new(number)), axes, ty, span }
}

/// Whether an expression reads the time.
pub(super) fn reads_time(expr: &Expr) -> bool {
    let mut found = false;
    super::visit(expr, &mut |e| {
        found |= matches!(e.kind, ExprKind::PresentationTicks | ExprKind::RunTicks);
    });
    found
}

/// The expression in ticks, if it is built of `t` and whole-tick durations by `+ - mod min max if`.
pub(super) fn ticks(expr: &Expr, tick: f64) -> Option<Expr> {
    let with = |kind| Some(Expr { kind, ..expr.clone() });
    match &expr.kind {
        ExprKind::Number(seconds) => {
            let n = seconds / tick;
            ((n - n.round()).abs() <= 1e-9 * n.abs().max(1.0)).then_some(())?;
            with(ExprKind::Number(n.round()))
        }
        ExprKind::Binary(BinaryOp::Mul, inner, factor)
            if factor.kind == ExprKind::Number(tick) && is_whole(inner) =>
        {
            Some((**inner).clone())
        }
        ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
            with(ExprKind::Binary(*op, Box::new(ticks(a, tick)?), Box::new(ticks(b, tick)?)))
        }
        ExprKind::Call(f @ (Function::Mod | Function::Min | Function::Max), args) => {
            let args = args.iter().map(|a| ticks(a, tick)).collect::<Option<Vec<_>>>()?;
            with(ExprKind::Call(*f, args))
        }
        ExprKind::If(c, a, b) => {
            with(ExprKind::If(c.clone(), Box::new(ticks(a, tick)?), Box::new(ticks(b, tick)?)))
        }
        _ => None,
    }
}

fn is_whole(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::PresentationTicks | ExprKind::RunTicks => true,
        ExprKind::Number(v) => v.fract() == 0.0,
        ExprKind::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => is_whole(a) && is_whole(b),
        ExprKind::Call(Function::Mod | Function::Min | Function::Max, args) => args.iter().all(is_whole),
        ExprKind::If(_, a, b) => is_whole(a) && is_whole(b),
        _ => false,
    }
}
