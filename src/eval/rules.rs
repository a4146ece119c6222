//! Decisions about the form of an expression that the evaluator and compiled kernels must take alike.

use crate::hir::{Expr, ExprKind};
use crate::syntax::ast::{BinaryOp, UnaryOp};

/// How a power is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// A constant whole exponent of at most 8: by squaring, `contract::scalar::powi`.
    Whole(i32),
    /// The constant exponent 0.5: the square root.
    Root,
    /// Anything else: `contract::scalar::pow`, for positive bases.
    General,
}

/// How a power with this exponent is computed. Only a number as written, perhaps negated, counts as constant.
pub fn power(exponent: &Expr) -> Power {
    match literal(exponent) {
        Some(0.5) => Power::Root,
        Some(n) if n.fract() == 0.0 && n.abs() <= 8.0 => Power::Whole(n as i32),
        _ => Power::General,
    }
}

fn literal(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number(v) => Some(*v),
        ExprKind::Unary(UnaryOp::Neg, inner) => literal(inner).map(|v| -v),
        _ => None,
    }
}

/// The two sides of a product whose sum is taken by fused multiply-add: in `a*b*c` they are `a*b` and `c`.
///
/// This holds for `sum` and for `mean`, which is the sum divided by the count.
pub fn factors(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Mul, a, b) => Some((a, b)),
        _ => None,
    }
}
