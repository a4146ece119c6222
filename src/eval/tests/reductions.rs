use super::build::*;
use crate::contract::reduce as contract;
use crate::eval::{Fault, eval, eval_scalar};
use crate::hir::{Expr, ReduceOp, Value, ValueAxis};
use crate::syntax::ast::BinaryOp;
use std::sync::Arc;

fn series(values: &[f64]) -> (World, Expr) {
    let mut w = world();
    let e = w.var(&[T], values);
    (w, e)
}

fn of(op: ReduceOp, values: &[f64]) -> f64 {
    let (w, e) = series(values);
    eval_scalar(&reduce(op, vec![e], &[T]), &w).unwrap()
}

#[test]
fn statistics_of_a_row() {
    let v = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
    assert_eq!(of(ReduceOp::Sum, &v), 40.0);
    assert_eq!(of(ReduceOp::Mean, &v), 5.0);
    assert_eq!(of(ReduceOp::Std, &v), 2.0);
    assert_eq!(of(ReduceOp::Cv, &v), 0.4);
    assert_eq!(of(ReduceOp::Min, &v), 2.0);
    assert_eq!(of(ReduceOp::Max, &v), 9.0);
    assert_eq!(of(ReduceOp::Median, &v), 4.5);
    assert_eq!(of(ReduceOp::Median, &[3.0, 1.0, 2.0]), 2.0);
    assert_eq!(of(ReduceOp::Median, &[7.0]), 7.0);
    assert!(of(ReduceOp::Median, &[1.0, f64::NAN, 2.0]).is_nan());
    assert_eq!(of(ReduceOp::Norm, &[3.0, 4.0]), 5.0);
    assert_eq!(of(ReduceOp::Argmax, &[1.0, 3.0, 3.0]), 1.0);
    assert_eq!(of(ReduceOp::Argmin, &[1.0, 0.0, 0.0]), 1.0);
    assert_eq!(of(ReduceOp::Count, &[1.0, 0.0, 1.0]), 2.0);
    assert_eq!((of(ReduceOp::Any, &[0.0, 1.0]), of(ReduceOp::Any, &[0.0, 0.0])), (1.0, 0.0));
    assert_eq!((of(ReduceOp::All, &[0.0, 1.0]), of(ReduceOp::All, &[1.0, 1.0])), (0.0, 1.0));
}

#[test]
fn inner_outer_and_middle_axes() {
    let w = world();
    let e = add(add(mul(coord(I), num(100.0)), mul(coord(J), num(10.0))), coord(K)); // [i, j, k]
    let sum = |over: &[_]| w.data(&reduce(ReduceOp::Sum, vec![e.clone()], over));
    assert_eq!(sum(&[I, J, K]), [24.0 * 100.0 + 24.0 * 15.0 + 12.0]);
    assert_eq!(sum(&[K]), [1.0, 21.0, 41.0, 61.0, 201.0, 221.0, 241.0, 261.0, 401.0, 421.0, 441.0, 461.0]);
    assert_eq!(sum(&[J]), [60.0, 64.0, 460.0, 464.0, 860.0, 864.0]);
    assert_eq!(sum(&[I, K]), [603.0, 663.0, 723.0, 783.0]);
    let places = w.data(&reduce(ReduceOp::Argmax, vec![e], &[J, K]));
    assert_eq!(places, [7.0; 3]);
}

#[test]
fn sums_have_the_bits_of_the_contract() {
    let values: Vec<f64> = (0..100).map(|i| 1.0 / (3.0 + f64::from(i))).collect();
    assert_eq!(of(ReduceOp::Sum, &values), contract::sum(values.iter().copied()));
    assert_eq!(of(ReduceOp::Mean, &values), contract::mean(values.iter().copied()));
    let (mut w, a) = series(&values);
    let other: Vec<f64> = values.iter().map(|v| v * 1.7).collect();
    let b = w.var(&[T], &other);
    let dot = contract::dot(values.iter().copied(), other.iter().copied());
    let product = mul(a.clone(), b.clone());
    assert_eq!(eval_scalar(&reduce(ReduceOp::Sum, vec![product.clone()], &[T]), &w), Ok(dot));
    assert_eq!(eval_scalar(&reduce(ReduceOp::Mean, vec![product], &[T]), &w), Ok(dot / 100.0));
    // all factors but the last, then the last
    let three = reduce(ReduceOp::Sum, vec![mul(mul(a.clone(), b), a)], &[T]);
    let squares = values.iter().zip(&other).map(|(a, b)| a * b);
    assert_eq!(eval_scalar(&three, &w), Ok(contract::dot(squares, values.iter().copied())));
}

#[test]
fn products_need_no_array_of_their_own_shape() {
    let mut w = world();
    let weights = w.var(&[I, J], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
    let x = w.var(&[J], &[1.0, 0.5, 0.25, 2.0]);
    let e = reduce(ReduceOp::Sum, vec![mul(weights.clone(), x.clone())], &[J]);
    assert_eq!(w.data(&e), [7.0, 22.0, 37.0]);
    let y = w.var(&[I], &[1.0, 2.0, 3.0]);
    assert_eq!(w.data(&reduce(ReduceOp::Sum, vec![mul(weights, y)], &[I])), [32.0, 38.0, 44.0, 50.0]);
}

#[test]
fn arguments_are_repeated_along_axes_they_lack() {
    let w = world();
    assert_eq!(
        eval_scalar(&reduce(ReduceOp::Sum, vec![num(0.1)], &[I, J]), &w),
        Ok(contract::sum([0.1; 12]))
    );
    assert_eq!(w.data(&reduce(ReduceOp::Sum, vec![coord(I)], &[J])), [0.0, 4.0, 8.0]);
    let e = reduce(ReduceOp::Sum, vec![coord(I)], &[T]);
    assert!(matches!(eval(&e, &w).unwrap_err().fault, Fault::NotHere { .. }));
}

#[test]
fn absent_elements_do_not_count() {
    let mut w = world();
    let v = with_mask(
        &[(I, 3), (K, 2)],
        &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        &[true, true, false, true, false, false],
    );
    let e = w.add(v);
    let along = |op, over: &[_]| w.masked(&reduce(op, vec![e.clone()], over));
    assert_eq!(along(ReduceOp::Sum, &[K]), [Some(3.0), Some(4.0), Some(0.0)]);
    assert_eq!(along(ReduceOp::Mean, &[K]), [Some(1.5), Some(4.0), None]);
    assert_eq!(along(ReduceOp::Max, &[I]), [Some(1.0), Some(4.0)]);
    assert_eq!(along(ReduceOp::Mean, &[I, K]), [Some(7.0 / 3.0)]);
    assert_eq!(along(ReduceOp::Argmax, &[I, K]), [Some(3.0)]);
    let none = w.add(with_mask(&[(K, 2)], &[1.0, 2.0], &[false, false]));
    let none = reduce(ReduceOp::Mean, vec![none], &[K]);
    assert_eq!(eval_scalar(&none, &w).unwrap_err().fault, Fault::Absent);
}

#[test]
fn filters_say_which_elements_count() {
    let w = world();
    // sum(l for l in i if l <= i): triangle numbers
    let le = bin(BinaryOp::Le, coord(L), coord(I));
    assert_eq!(w.data(&filtered(ReduceOp::Sum, vec![coord(L)], &[L], Some(le.clone()))), [0.0, 1.0, 3.0]);
    assert_eq!(w.data(&filtered(ReduceOp::Mean, vec![coord(L)], &[L], Some(le))), [0.0, 0.5, 1.0]);
    let never = bin(BinaryOp::Lt, num(1.0), num(0.0));
    assert_eq!(w.masked(&filtered(ReduceOp::Sum, vec![coord(I)], &[I], Some(never))), [Some(0.0)]);
}

#[test]
fn correlation_is_pearsons() {
    let mut w = world();
    let a = w.var(&[J], &[1.0, 2.0, 3.0, 4.0]);
    let b = w.var(&[J], &[2.0, 4.0, 6.0, 8.5]);
    let corr = |a: &Expr, b: &Expr| {
        eval_scalar(&reduce(ReduceOp::Correlation, vec![a.clone(), b.clone()], &[J]), &w).unwrap()
    };
    assert_eq!(corr(&a, &a), 1.0);
    assert_eq!(corr(&a, &sub(num(3.0), mul(num(2.0), a.clone()))), -1.0);
    // da = -1.5 -0.5 0.5 1.5, db = -3.125 -1.125 0.875 3.375; 10.75 / sqrt(5 * 23.1875)
    assert!((corr(&a, &b) - 10.75 / (5.0 * 23.1875_f64).sqrt()).abs() < 1e-15);
    assert!(corr(&a, &num(1.0)).is_nan());
}

#[test]
fn the_period_is_between_interpolated_downward_crossings() {
    // mean 0; down through it at 0.5, 4.5 + 1/6 ... worked out below
    let mut w = world();
    let v = [1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0];
    let value = |coordinates| Value {
        axes: vec![ValueAxis { id: T, len: 8, coordinates }],
        data: Arc::from(v),
        present: None,
    };
    let times: Arc<[f64]> = (0..8).map(|i| 10.0 + 0.5 * f64::from(i)).collect();
    let e = w.add(value(Some(times)));
    // crossings halfway between places 0 and 1, and 4 and 5: four places of half a second
    assert_eq!(eval_scalar(&reduce(ReduceOp::Period, vec![e], &[T]), &w), Ok(2.0));
    let f = w.var(&[F], &[1.0, -1.0, 0.0]);
    assert!(eval_scalar(&reduce(ReduceOp::Period, vec![f], &[F]), &w).unwrap().is_nan());
    let unknown = w.add(value(None));
    assert!(eval(&reduce(ReduceOp::Period, vec![unknown], &[T]), &w).is_err());
    let mut v = vec![0.0; 40];
    for (i, v) in v.iter_mut().enumerate() {
        *v = (2.0 * std::f64::consts::PI * i as f64 / 8.0).sin();
    }
    let times: Arc<[f64]> = (0..40).map(f64::from).collect();
    let axes = vec![ValueAxis { id: T, len: 40, coordinates: Some(times) }];
    let sine = w.add(Value { axes, data: Arc::from(v), present: None });
    let period = eval_scalar(&reduce(ReduceOp::Period, vec![sine], &[T]), &w).unwrap();
    assert!((period - 8.0).abs() < 1e-12, "{period}");
}

#[test]
fn monotone_series_never_turn() {
    assert_eq!(of(ReduceOp::Monotone, &[1.0, 2.0, 2.0, 5.0]), 1.0);
    assert_eq!(of(ReduceOp::Monotone, &[5.0, 2.0, 2.0]), 1.0);
    assert_eq!(of(ReduceOp::Monotone, &[1.0, 2.0, 1.0]), 0.0);
    assert_eq!(of(ReduceOp::Monotone, &[3.0, 3.0]), 1.0);
    assert_eq!(of(ReduceOp::Monotone, &[1.0, f64::NAN, 2.0]), 0.0);
}

#[test]
fn histograms_count_into_equal_bins() {
    let (w, e) = series(&[0.0, 1.0, 4.0, 9.0, f64::NAN]);
    let e = reduce(ReduceOp::Histogram { bins: 3 }, vec![e], &[T]);
    assert_eq!(w.data(&e), [2.0, 1.0, 1.0]);
    let w = world();
    let e = reduce(ReduceOp::Histogram { bins: 2 }, vec![add(coord(J), mul(num(0.0), coord(K)))], &[J]);
    assert_eq!(w.data(&e), [2.0, 2.0, 2.0, 2.0]);
    let e = reduce(ReduceOp::Histogram { bins: 2 }, vec![num(4.0)], &[J]);
    assert_eq!(w.data(&e), [4.0, 0.0]);
}
