use super::build::*;
use crate::contract::scalar;
use crate::eval::{Power, eval_scalar, eval_truth, power};
use crate::hir::{Expr, ExprKind, Function, ReduceOp};
use crate::syntax::ast::{BinaryOp, UnaryOp};

#[test]
fn operands_are_repeated_along_the_axes_they_lack() {
    let mut w = world();
    let column = w.var(&[I], &[1.0, 2.0, 3.0]);
    let row = w.var(&[K], &[10.0, 20.0]);
    let e = add(column.clone(), row.clone());
    assert_eq!(e.axes, [I, K]);
    assert_eq!(w.data(&e), [11.0, 21.0, 12.0, 22.0, 13.0, 23.0]);
    let e = add(row, column);
    assert_eq!(e.axes, [K, I]);
    assert_eq!(w.data(&e), [11.0, 12.0, 13.0, 21.0, 22.0, 23.0]);
}

#[test]
fn the_order_of_axes_is_the_left_operands() {
    let mut w = world();
    let a = w.var(&[I, K], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let b = w.var(&[K, I], &[1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
    assert_eq!(w.data(&sub(a, b)), [0.0; 6]);
}

#[test]
fn three_axes_meet() {
    let w = world();
    let e = add(add(mul(coord(I), num(100.0)), mul(coord(J), num(10.0))), coord(K));
    let data = w.data(&e);
    assert_eq!(data.len(), 24);
    assert_eq!((data[0], data[1], data[2], data[8], data[23]), (0.0, 1.0, 10.0, 100.0, 231.0));
}

#[test]
fn absent_elements_stay_absent() {
    let mut w = world();
    let a = w.add(with_mask(&[(I, 3)], &[1.0, 2.0, 3.0], &[true, false, true]));
    let b = w.var(&[K], &[10.0, 20.0]);
    let e = mul(a.clone(), b);
    assert_eq!(w.masked(&e), [Some(10.0), Some(20.0), None, None, Some(30.0), Some(60.0)]);
    let c = w.add(with_mask(&[(I, 3)], &[1.0, 1.0, 1.0], &[true, true, false]));
    assert_eq!(w.masked(&add(a.clone(), c)), [Some(2.0), None, None]);
    assert_eq!(w.masked(&neg(a)), [Some(-1.0), None, Some(-3.0)]);
}

#[test]
fn comparisons_give_truth_values() {
    let w = world();
    let ops = [BinaryOp::Lt, BinaryOp::Le, BinaryOp::Eq, BinaryOp::Ne, BinaryOp::Ge, BinaryOp::Gt];
    let expected = [
        [1.0, 0.0, 0.0],
        [1.0, 1.0, 0.0],
        [0.0, 1.0, 0.0],
        [1.0, 0.0, 1.0],
        [0.0, 1.0, 1.0],
        [0.0, 0.0, 1.0],
    ];
    for (op, expected) in ops.into_iter().zip(expected) {
        assert_eq!(w.data(&bin(op, coord(I), num(1.0))), expected, "{op:?}");
    }
    let not = node(ExprKind::Unary(UnaryOp::Not, Box::new(bin(BinaryOp::Lt, coord(I), num(1.0)))), vec![I]);
    assert_eq!(w.data(&not), [0.0, 1.0, 1.0]);
}

#[test]
fn conditions_take_one_side() {
    let w = world();
    let outside = at(coord(I), I, num(9.0));
    let yes = bin(BinaryOp::Lt, num(1.0), num(2.0));
    let no = bin(BinaryOp::Lt, num(2.0), num(1.0));
    assert_eq!(eval_scalar(&choose(yes.clone(), num(5.0), outside.clone()), &w), Ok(5.0));
    assert_eq!(eval_truth(&bin(BinaryOp::Or, yes, outside.clone()), &w), Ok(true));
    assert_eq!(eval_truth(&bin(BinaryOp::And, no, outside), &w), Ok(false));
    let e = choose(bin(BinaryOp::Eq, coord(I), num(1.0)), mul(num(10.0), coord(K)), coord(I));
    assert_eq!(w.data(&e), [0.0, 0.0, 0.0, 10.0, 2.0, 2.0]);
}

#[test]
fn a_side_that_lacks_axes_is_repeated() {
    let w = world();
    let yes = bin(BinaryOp::Lt, num(1.0), num(2.0));
    let e = choose(yes, num(5.0), coord(I));
    assert_eq!(w.data(&e), [5.0; 3]);
    assert_eq!(eval_scalar(&reduce(ReduceOp::Sum, vec![e], &[I]), &w), Ok(15.0));
}

#[test]
fn powers_follow_the_contract() {
    let w = world();
    let pow = |v: f64, n: Expr| eval_scalar(&bin(BinaryOp::Pow, num(v), n), &w).unwrap();
    assert_eq!(pow(-1.1, num(2.0)), 1.1 * 1.1);
    assert_eq!(pow(-2.0, num(3.0)), -8.0);
    assert_eq!(pow(2.0, neg(num(2.0))), 0.25);
    assert_eq!(pow(2.0, num(0.5)), 2.0_f64.sqrt());
    assert_eq!(pow(1.3, num(9.0)), scalar::pow(1.3, 9.0));
    assert_eq!(pow(1.3, add(num(1.0), num(1.0))), scalar::pow(1.3, 2.0));
    assert_eq!(power(&num(-8.0)), Power::Whole(-8));
    assert_eq!(power(&num(8.5)), Power::General);
    assert_eq!(power(&coord(I)), Power::General);
}

#[test]
fn functions_are_those_of_the_contract() {
    let w = world();
    let unary: [(Function, fn(f64) -> f64); 13] = [
        (Function::Exp, scalar::exp),
        (Function::Expm1, scalar::expm1),
        (Function::Log, scalar::log),
        (Function::Log10, scalar::log10),
        (Function::Log2, scalar::log2),
        (Function::Sin, scalar::sin),
        (Function::Cos, scalar::cos),
        (Function::Tan, scalar::tan),
        (Function::Tanh, scalar::tanh),
        (Function::Arctan, scalar::atan),
        (Function::Sigmoid, scalar::sigmoid),
        (Function::Floor, scalar::floor),
        (Function::Round, scalar::round),
    ];
    for (function, expected) in unary {
        let values = w.data(&call(function, vec![add(coord(J), num(0.7))]));
        let expected: Vec<f64> = (0..4).map(|i| expected(f64::from(i) + 0.7)).collect();
        assert_eq!(values, expected, "{function:?}");
    }
    let relu = call(Function::Relu, vec![sub(coord(I), num(1.0))]);
    assert_eq!(w.data(&relu), [0.0, 0.0, 1.0]);
    let sign = call(Function::Sign, vec![sub(coord(I), num(1.0))]);
    assert_eq!(w.data(&sign), [-1.0, 0.0, 1.0]);
    let abs = call(Function::Abs, vec![sub(coord(I), num(1.0))]);
    assert_eq!(w.data(&abs), [1.0, 0.0, 1.0]);
}

#[test]
fn functions_of_several_arguments_repeat_them() {
    let w = world();
    let clip = |lo, hi| call(Function::Clip, vec![coord(J), lo, hi]);
    assert_eq!(w.data(&clip(num(1.0), num(2.0))), [1.0, 1.0, 2.0, 2.0]);
    assert_eq!(w.data(&clip(num(1.0), coord(K))), [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(w.data(&call(Function::Mod, vec![neg(coord(I)), num(3.0)])), [0.0, 2.0, 1.0]);
    assert_eq!(w.data(&call(Function::Max, vec![coord(I), num(1.0)])), [1.0, 1.0, 2.0]);
    assert_eq!(w.data(&call(Function::Min, vec![coord(K), coord(I)])), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn a_variable_keeps_its_numbers() {
    let mut w = world();
    let v = w.var(&[I], &[1.0, 2.0, 3.0]);
    w.data(&neg(v.clone()));
    assert_eq!(w.data(&v), [1.0, 2.0, 3.0]);
    assert_eq!(w.data(&add(v.clone(), v)), [2.0, 4.0, 6.0]);
}
