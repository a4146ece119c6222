use super::build::*;
use crate::contract::philox;
use crate::eval::{Fault, Missing, eval, eval_on, eval_scalar};
use crate::hir::*;
use std::sync::Arc;

fn random(distribution: Distribution, element: Element, axes: &[AxisId], per_tick: bool) -> Expr {
    let kind = ExprKind::Random { distribution, path: Arc::from("ff.w"), draw: 1, element, per_tick };
    node(kind, axes.to_vec())
}

#[test]
fn coordinates_stand_for_their_axis() {
    let w = world();
    assert_eq!(w.data(&coord(I)), [0.0, 1.0, 2.0]);
    assert_eq!(w.data(&coord(F)), [10.0, 20.0, 40.0]);
    assert_eq!(eval(&coord(T), &w).unwrap_err().fault, Fault::NotHere { what: Missing::Extent });
    assert_eq!(w.data(&node(ExprKind::Flat(vec![I, K]), vec![I, K])), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(eval_scalar(&node(ExprKind::Flat(vec![]), vec![]), &w), Ok(0.0));
    assert_eq!(eval_scalar(&node(ExprKind::Local(LocalId(0)), vec![]), &w), Ok(20.0));
    assert_eq!(eval_scalar(&node(ExprKind::Position(LocalId(0)), vec![]), &w), Ok(1.0));
}

#[test]
fn a_variable_may_be_seen_under_another_name() {
    let mut w = world();
    let mut v = w.var(&[I], &[1.0, 2.0, 3.0]);
    v.axes = vec![L];
    let pairs = mul(v, coord(I));
    assert_eq!(pairs.axes, [L, I]);
    assert_eq!(w.data(&pairs), [0.0, 1.0, 2.0, 0.0, 2.0, 4.0, 0.0, 3.0, 6.0]);
}

#[test]
fn draws_are_keyed_by_element() {
    let mut w = world();
    let key = philox::key(7, "ff.w");
    let flat = w.data(&random(Distribution::Uniform, Element::Flat, &[I, K], false));
    assert_eq!(flat[5], philox::uniform(key, 5, 1));
    let synapses =
        w.data(&random(Distribution::Normal, Element::Synapse { post_axes: 1 }, &[I, J, K], false));
    assert_eq!(synapses[2 * 8 + 3], philox::normal(key, 2 << 32 | 3, 1));
    w.ticks = Some(5);
    let per_tick = w.data(&random(Distribution::Uniform, Element::Flat, &[I], true));
    assert_eq!(per_tick[2], philox::uniform(key, 2, 1 | 6 << 8));
    let once = random(Distribution::Uniform, Element::Flat, &[], false);
    assert_eq!(eval_scalar(&once, &w), Ok(philox::uniform(key, 0, 1)));
}

#[test]
fn a_value_is_spread_over_axes_it_lacks() {
    let w = world();
    let value = eval_on(&coord(I), &[K, I], &w).unwrap();
    assert_eq!(*value.data, [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    let value = eval_on(&num(2.0), &[K], &w).unwrap();
    assert_eq!(*value.data, [2.0, 2.0]);
    let extra = eval_on(&coord(I), &[K], &w).unwrap_err().fault;
    assert_eq!(extra, Fault::NotScalar { axes: vec!["i".into()] });
    assert_eq!(eval_scalar(&coord(I), &w).unwrap_err().fault, Fault::NotScalar { axes: vec!["i".into()] });
}

#[test]
fn what_is_not_known_is_said() {
    let w = world();
    let missing = |kind| match eval(&node(kind, vec![]), &w).unwrap_err().fault {
        Fault::NotHere { what } => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(ExprKind::PresentationTicks), Missing::Time);
    assert_eq!(missing(ExprKind::Param(ParamId(0))), Missing::Param);
    assert_eq!(missing(ExprKind::Const(ConstId(0))), Missing::Constant);
    assert_eq!(missing(ExprKind::Probe { id: ProbeId(0), control: false }), Missing::Probe);
    assert_eq!(missing(ExprKind::Record { id: RecordId(0), control: false }), Missing::Record);
    assert_eq!(missing(ExprKind::AtStart(Box::new(num(1.0)))), Missing::Start);
    assert_eq!(missing(ExprKind::Local(LocalId(9))), Missing::Local);
}

#[test]
fn series_of_different_length_do_not_combine() {
    let mut w = world();
    let a = w.var(&[T], &[1.0, 2.0]);
    let b = w.var(&[T], &[1.0, 2.0, 3.0]);
    let expected = Fault::SampleMismatch { axis: "t".into(), left: 2, right: 3 };
    assert_eq!(eval(&add(a, b), &w).unwrap_err().fault, expected);
}

#[test]
fn an_array_that_cannot_fit_is_refused() {
    let mut w = world();
    for name in ["a", "b", "c"] {
        w.axes.push(Axis { name: name.into(), size: Some(10_000), coordinates: Coordinates::Index });
    }
    let (a, b, c) = (AxisId(7), AxisId(8), AxisId(9));
    let e = add(add(coord(a), coord(b)), coord(c));
    // 100 million elements fit, 10^12 do not; only the latter is tried
    let e = node(ExprKind::Flat(vec![a, b, c]), e.axes);
    assert_eq!(eval(&e, &w).unwrap_err().fault, Fault::TooLarge { bytes: 8_000_000_000_000 });
}
