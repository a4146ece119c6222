use super::build::*;
use crate::eval::{Fault, eval, eval_scalar};
use crate::hir::{Expr, ReduceOp, Selection, Selector, Value, ValueAxis};
use crate::syntax::ast::BinaryOp;
use std::sync::Arc;

/// 10*i + j.
fn table() -> Expr {
    add(mul(num(10.0), coord(I)), coord(J))
}

fn fault(w: &World, e: &Expr) -> Fault {
    eval(e, w).unwrap_err().fault
}

fn outside(place: f64, size: usize, axis: &str) -> Fault {
    Fault::OutOfRange { place, size, axes: vec![axis.into()] }
}

#[test]
fn one_place_along_an_axis() {
    let w = world();
    assert_eq!(w.data(&at(table(), I, num(2.0))), [20.0, 21.0, 22.0, 23.0]);
    assert_eq!(w.data(&at(table(), J, num(1.0))), [1.0, 11.0, 21.0]);
    assert_eq!(eval_scalar(&at(at(table(), J, num(1.0)), I, num(2.0)), &w), Ok(21.0));
    assert_eq!(w.data(&pick(table(), J, Selector::First)), [0.0, 10.0, 20.0]);
    assert_eq!(w.data(&pick(table(), J, Selector::Last)), [3.0, 13.0, 23.0]);
}

#[test]
fn a_place_outside_is_named() {
    let w = world();
    assert_eq!(fault(&w, &at(table(), I, num(3.0))), outside(3.0, 3, "i"));
    assert_eq!(fault(&w, &at(table(), I, num(-1.0))), outside(-1.0, 3, "i"));
    assert_eq!(fault(&w, &at(table(), J, num(0.5))), outside(0.5, 4, "j"));
    assert_eq!(fault(&w, &at(table(), J, add(coord(J), num(1.0)))), outside(4.0, 4, "j"));
    let e = pick(table(), J, Selector::Slice { from: 2, to: 5, axis: S });
    assert_eq!(fault(&w, &e), outside(4.0, 4, "j"));
    assert_eq!(eval(&e, &w).unwrap_err().to_string(), "there is no place 4 along `j`: it has 4");
    assert_eq!(eval(&e, &w).unwrap_err().span, Some(span()));
}

#[test]
fn an_index_may_have_axes_of_its_own() {
    let w = world();
    // reversed along its own axis
    assert_eq!(w.data(&at(table(), J, sub(num(3.0), coord(J))))[..4], [3.0, 2.0, 1.0, 0.0]);
    // the diagonal: the index has an axis that stays
    let diagonal = at(table(), J, coord(I));
    assert_eq!(diagonal.axes, [I]);
    assert_eq!(w.data(&diagonal), [0.0, 11.0, 22.0]);
    // a new axis is appended
    let e = at(table(), J, mul(num(3.0), coord(K)));
    assert_eq!(e.axes, [I, K]);
    assert_eq!(w.data(&e), [0.0, 3.0, 10.0, 13.0, 20.0, 23.0]);
    // two at once, along one common axis
    let both = select(
        table(),
        vec![
            Selection { axes: vec![I], selector: Selector::At(Box::new(coord(K))) },
            Selection { axes: vec![J], selector: Selector::At(Box::new(add(coord(K), num(1.0)))) },
        ],
    );
    assert_eq!(both.axes, [K]);
    assert_eq!(w.data(&both), [1.0, 12.0]);
}

#[test]
fn one_number_picks_a_cell_of_several_axes() {
    let w = world();
    let flat = |axes: &[_], place| {
        select(table(), vec![Selection { axes: axes.to_vec(), selector: Selector::At(Box::new(place)) }])
    };
    assert_eq!(eval_scalar(&flat(&[I, J], num(7.0)), &w), Ok(13.0));
    assert_eq!(eval_scalar(&flat(&[J, I], num(7.0)), &w), Ok(12.0));
    assert_eq!(w.data(&flat(&[I, J], mul(coord(K), num(11.0)))), [0.0, 23.0]);
    let axes = vec!["i".into(), "j".into()];
    assert_eq!(fault(&w, &flat(&[I, J], num(12.0))), Fault::OutOfRange { place: 12.0, size: 12, axes });
}

#[test]
fn slices_have_an_axis_of_their_own() {
    let w = world();
    let e = pick(table(), J, Selector::Slice { from: 1, to: 3, axis: S });
    assert_eq!(w.data(&e), [1.0, 2.0, 11.0, 12.0, 21.0, 22.0]);
    assert_eq!(w.eval(&e).axes[1].len, 2);
    assert_eq!(w.data(&reduce(ReduceOp::Sum, vec![e], &[S])), [3.0, 23.0, 43.0]);
}

fn rate() -> Value {
    let times: Arc<[f64]> = (0..6).map(|i| 0.1 * f64::from(i)).collect();
    let axes = vec![ValueAxis { id: T, len: 6, coordinates: Some(times) }];
    Value { axes, data: (0..6).map(f64::from).collect(), present: None }
}

#[test]
fn times_pick_samples() {
    let mut w = world();
    let e = w.add(rate());
    let between = |from, to| pick(e.clone(), T, Selector::Between { from, to, axis: S });
    // 3*0.1 is a little more than 0.3, which is still the same tick
    assert_eq!(w.data(&between(Some(0.3), None)), [3.0, 4.0, 5.0]);
    assert_eq!(w.data(&between(None, Some(0.3))), [0.0, 1.0, 2.0]);
    assert_eq!(w.data(&between(Some(0.15), Some(0.35))), [2.0, 3.0]);
    let nothing =
        Fault::NoSample { from: Some(9.0), to: None, count: 6, first: 0.0, last: 0.5, case: Vec::new() };
    assert_eq!(eval(&between(Some(9.0), None), &w).unwrap_err().fault, nothing);
    assert_eq!(eval_scalar(&pick(e.clone(), T, Selector::AtTime(0.3)), &w), Ok(3.0));
    let nothing = eval(&pick(e.clone(), T, Selector::AtTime(0.35)), &w).unwrap_err();
    assert_eq!(nothing.to_string(), "no sample lies at 0.35 s: the 6 there are run from 0 s to 0.5 s");
    let kept = w.eval(&between(Some(0.4), None));
    assert_eq!(kept.axes[0].coordinates.as_deref(), Some([0.4, 0.5].as_slice()));
    let period = reduce(ReduceOp::Mean, vec![between(Some(0.4), None)], &[S]);
    assert_eq!(eval_scalar(&period, &w), Ok(4.5));
}

#[test]
fn values_of_an_axis_pick_by_coordinate() {
    let w = world();
    let e = pick(coord(F), F, Selector::Between { from: Some(15.0), to: None, axis: S });
    assert_eq!(w.data(&e), [20.0, 40.0]);
}

#[test]
fn the_last_element_is_the_last_that_exists() {
    let mut w = world();
    let v =
        with_mask(&[(K, 2), (T, 3)], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[true, true, false, true, true, true]);
    let e = w.add(v);
    assert_eq!(w.data(&pick(e.clone(), T, Selector::Last)), [2.0, 6.0]);
    let both = select(
        e.clone(),
        vec![
            Selection { axes: vec![K], selector: Selector::At(Box::new(num(0.0))) },
            Selection { axes: vec![T], selector: Selector::Last },
        ],
    );
    assert_eq!(eval_scalar(&both, &w), Ok(2.0));
    let absent = at(at(e, T, num(2.0)), K, num(0.0));
    assert_eq!(eval_scalar(&absent, &w).unwrap_err().fault, Fault::Absent);
    let none = w.add(with_mask(&[(K, 2)], &[1.0, 2.0], &[false, false]));
    assert_eq!(eval_scalar(&pick(none, K, Selector::First), &w).unwrap_err().fault, Fault::Absent);
}

#[test]
fn a_place_outside_is_no_fault_where_it_is_not_used() {
    let mut w = world();
    let s = w.var(&[J], &[1.0, 2.0, 4.0, 8.0]);
    let before = at(s.clone(), J, sub(coord(J), num(1.0)));
    let first = bin(BinaryOp::Gt, coord(J), num(0.0));
    assert_eq!(w.data(&choose(first.clone(), before.clone(), num(0.0))), [0.0, 1.0, 2.0, 4.0]);
    assert!(eval(&choose(first.clone(), num(0.0), before.clone()), &w).is_err());
    let large = bin(BinaryOp::Gt, before.clone(), num(1.0));
    assert_eq!(w.data(&bin(BinaryOp::And, first, large)), [0.0, 0.0, 1.0, 1.0]);
    // a convolution: sum(s[j - l] for l in l if l <= j)
    let shifted = at(s, J, sub(coord(J), coord(L)));
    let le = bin(BinaryOp::Le, coord(L), coord(J));
    assert_eq!(
        w.data(&filtered(ReduceOp::Sum, vec![shifted.clone()], &[L], Some(le))),
        [1.0, 3.0, 7.0, 14.0]
    );
    assert!(eval(&reduce(ReduceOp::Sum, vec![shifted], &[L]), &w).is_err());
}

#[test]
fn a_guard_does_not_reach_through_a_name_that_is_bound_again() {
    let mut w = world();
    let s = w.var(&[I], &[1.0, 2.0, 3.0]);
    // if i > 5 then sum(s[i + 1] over i) else 0: nothing counts, so nothing is outside
    let inner = reduce(ReduceOp::Sum, vec![at(s.clone(), I, add(coord(I), num(1.0)))], &[I]);
    let never = bin(BinaryOp::Gt, coord(I), num(5.0));
    assert_eq!(w.data(&choose(never, inner.clone(), num(0.0))), [0.0; 3]);
    // if i == 0 then sum(s[i + 1] over i) else 0: the inner i runs over all places
    let some = bin(BinaryOp::Eq, coord(I), num(0.0));
    assert_eq!(fault(&w, &choose(some, inner, num(0.0))), outside(3.0, 3, "i"));
}
