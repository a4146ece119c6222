use super::build::*;
use crate::contract::reduce as contract;
use crate::eval::eval_on;
use crate::hir::{AxisId, Expr, ReduceOp, Value, ValueAxis};
use proptest::prelude::*;
use std::sync::Arc;

const SIZES: [(AxisId, usize); 3] = [(I, 3), (J, 4), (K, 2)];

/// A value on some of the axes in some order, perhaps with absent elements.
fn value() -> impl Strategy<Value = Value> {
    let axes = Just(SIZES.to_vec()).prop_shuffle().prop_flat_map(|axes| (Just(axes), 0..=3_usize));
    axes.prop_flat_map(|(axes, n)| {
        let axes: Vec<ValueAxis> =
            axes[..n].iter().map(|(id, len)| ValueAxis { id: *id, len: *len, coordinates: None }).collect();
        let len = axes.iter().map(|a| a.len).product::<usize>();
        let data = prop::collection::vec(-1e3..1e3, len);
        let present = prop::option::of(prop::collection::vec(any::<bool>(), len));
        (Just(axes), data, present).prop_map(|(axes, data, present)| Value {
            axes,
            data: Arc::from(data),
            present: present.map(Arc::from),
        })
    })
}

fn full(w: &World, e: &Expr) -> Vec<Option<f64>> {
    let v = eval_on(e, &[I, J, K], w).unwrap();
    v.data.iter().enumerate().map(|(i, x)| v.is_present(i).then_some(*x)).collect()
}

proptest! {
    #[test]
    fn repeating_first_or_last_is_the_same(a in value(), b in value()) {
        let mut w = world();
        let (a, b) = (w.add(a), w.add(b));
        let combined = full(&w, &sub(a.clone(), b.clone()));
        let apart: Vec<_> = full(&w, &a).into_iter().zip(full(&w, &b)).map(|(a, b)| Some(a? - b?)).collect();
        prop_assert_eq!(combined, apart);
    }

    #[test]
    fn exchanging_the_operands_of_a_sum_only_reorders_axes(a in value(), b in value()) {
        let mut w = world();
        let (a, b) = (w.add(a), w.add(b));
        prop_assert_eq!(full(&w, &add(a.clone(), b.clone())), full(&w, &add(b, a)));
    }

    #[test]
    fn a_sum_is_the_contracts_sum_of_its_elements(a in value()) {
        let mut w = world();
        let axes: Vec<AxisId> = a.axes.iter().map(|axis| axis.id).collect();
        let elements = a.data.iter().enumerate().map(|(i, v)| a.is_present(i).then_some(*v));
        let expected = contract::reduce(contract::Kind::Sum, elements);
        let e = w.add(a);
        let over: Vec<AxisId> = axes.iter().rev().copied().collect(); // the order they are named in does not matter
        prop_assert_eq!(w.masked(&reduce(ReduceOp::Sum, vec![e], &over)), [Some(expected)]);
    }

    #[test]
    fn a_sum_over_one_axis_is_a_sum_of_each_row(a in value(), b in value(), axis in 0..3_usize) {
        let mut w = world();
        let (over, len) = SIZES[axis];
        let (a, b) = (w.add(a), w.add(b));
        let product = mul(a, b);
        let all = reduce(ReduceOp::Sum, vec![product.clone()], &[over]);
        let mut partials = contract::Partials::new(contract::Kind::Dot);
        // the elements at place 0 of the axes that stay
        let rest: Vec<AxisId> = [I, J, K].into_iter().filter(|a| *a != over).collect();
        let expanded = eval_on(&product, &[over, rest[0], rest[1]], &w).unwrap();
        let stride = expanded.data.len() / len;
        let crate::hir::ExprKind::Binary(_, a, b) = &product.kind else { unreachable!() };
        let side = |e: &Expr| eval_on(e, &[over, rest[0], rest[1]], &w).unwrap();
        let (a, b) = (side(a), side(b));
        for j in 0..len {
            if expanded.is_present(j * stride) {
                partials.take(j, a.data[j * stride], b.data[j * stride]);
            }
        }
        let sums = eval_on(&all, &rest, &w).unwrap();
        prop_assert_eq!(sums.data[0], partials.finish());
    }

    #[test]
    fn absent_elements_are_as_if_they_were_not_there(a in value(), op in 0..5_usize) {
        let op = [ReduceOp::Mean, ReduceOp::Min, ReduceOp::Max, ReduceOp::Median, ReduceOp::Std][op];
        let subset: Vec<f64> =
            a.data.iter().enumerate().filter(|(i, _)| a.is_present(*i)).map(|(_, v)| *v).collect();
        prop_assume!(!subset.is_empty());
        let mut w = world();
        let axes: Vec<AxisId> = a.axes.iter().map(|axis| axis.id).collect();
        let masked = w.add(a);
        let packed = w.var(&[T], &subset);
        let a = w.data(&reduce(op, vec![masked], &axes))[0];
        let b = w.data(&reduce(op, vec![packed], &[T]))[0];
        // places differ, and with them the order of sums: not the bits
        prop_assert!((a - b).abs() <= 1e-9, "{} {}", a, b);
    }
}
