use super::array::{Val, map1, map2, map3};
use super::rules::{Power, power};
use super::{Env, EvalError};
use crate::contract::scalar;
use crate::hir::{Expr, Function};
use crate::syntax::ast::{BinaryOp, UnaryOp};

/// Applies an operator that stands before one operand.
pub(super) fn unary(op: UnaryOp, a: Val) -> Val {
    match op {
        UnaryOp::Neg => map1(a, |v| -v),
        UnaryOp::Not => map1(a, |v| truth(v == 0.0)),
    }
}

/// Applies an operator between two operands; `right` is the expression of the second.
pub(super) fn binary(env: &dyn Env, op: BinaryOp, right: &Expr, a: Val, b: Val) -> Result<Val, EvalError> {
    match op {
        BinaryOp::Add => map2(env, a, b, |a, b| a + b),
        BinaryOp::Sub => map2(env, a, b, |a, b| a - b),
        BinaryOp::Mul => map2(env, a, b, |a, b| a * b),
        BinaryOp::Div => map2(env, a, b, |a, b| a / b),
        BinaryOp::Pow => match power(right) {
            Power::Whole(n) => Ok(map1(a, |v| scalar::powi(v, n))),
            Power::Root => Ok(map1(a, scalar::sqrt)),
            Power::General => map2(env, a, b, scalar::pow),
        },
        BinaryOp::Eq => map2(env, a, b, |a, b| truth(a == b)),
        BinaryOp::Ne => map2(env, a, b, |a, b| truth(a != b)),
        BinaryOp::Lt => map2(env, a, b, |a, b| truth(a < b)),
        BinaryOp::Le => map2(env, a, b, |a, b| truth(a <= b)),
        BinaryOp::Gt => map2(env, a, b, |a, b| truth(a > b)),
        BinaryOp::Ge => map2(env, a, b, |a, b| truth(a >= b)),
        BinaryOp::And => map2(env, a, b, |a, b| truth(a != 0.0 && b != 0.0)),
        BinaryOp::Or => map2(env, a, b, |a, b| truth(a != 0.0 || b != 0.0)),
    }
}

/// Applies a function; arguments that the checker let through too many are ignored, missing ones are 0.
pub(super) fn call(env: &dyn Env, function: Function, args: Vec<Val>) -> Result<Val, EvalError> {
    let mut args = args.into_iter();
    let mut next = || args.next().unwrap_or(Val::Num(0.0));
    let a = next();
    Ok(match function {
        Function::Abs => map1(a, f64::abs),
        Function::Sign => map1(a, scalar::sign),
        Function::Sqrt => map1(a, scalar::sqrt),
        Function::Exp => map1(a, scalar::exp),
        Function::Expm1 => map1(a, scalar::expm1),
        Function::Log => map1(a, scalar::log),
        Function::Log10 => map1(a, scalar::log10),
        Function::Log2 => map1(a, scalar::log2),
        Function::Sin => map1(a, scalar::sin),
        Function::Cos => map1(a, scalar::cos),
        Function::Tan => map1(a, scalar::tan),
        Function::Tanh => map1(a, scalar::tanh),
        Function::Sinh => map1(a, scalar::sinh),
        Function::Cosh => map1(a, scalar::cosh),
        Function::Arcsin => map1(a, scalar::asin),
        Function::Arccos => map1(a, scalar::acos),
        Function::Arctan => map1(a, scalar::atan),
        Function::Floor => map1(a, scalar::floor),
        Function::Ceil => map1(a, scalar::ceil),
        Function::Round => map1(a, scalar::round),
        Function::Relu => map1(a, scalar::relu),
        Function::Sigmoid => map1(a, scalar::sigmoid),
        Function::Min => map2(env, a, next(), scalar::min)?,
        Function::Max => map2(env, a, next(), scalar::max)?,
        Function::Mod => map2(env, a, next(), scalar::modulo)?,
        Function::Clip => match (next(), next()) {
            (Val::Num(lo), Val::Num(hi)) => map1(a, |v| scalar::min(hi, scalar::max(lo, v))),
            (lo, hi) => map3(env, [a, lo, hi], |v, lo, hi| scalar::min(hi, scalar::max(lo, v)))?,
        },
    })
}

/// Takes the second value where the condition holds, else the third. An element is absent where the condition or
/// either side is.
pub(super) fn choose(env: &dyn Env, condition: Val, then: Val, otherwise: Val) -> Result<Val, EvalError> {
    map3(env, [condition, then, otherwise], |c, a, b| if c != 0.0 { a } else { b })
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
