use super::build::*;
use crate::eval::{Env, Fault, StaticEnv, eval, eval_scalar};
use crate::hir::*;
use crate::source::IndexVec;
use std::sync::Arc;

fn constant(name: &str, axes: &[AxisId], kind: ConstKind) -> Const {
    Const { name: name.into(), axes: axes.to_vec(), kind, dim: plain().dim, unit: plain() }
}

fn read(id: u32, axes: &[AxisId]) -> Expr {
    node(ExprKind::Const(ConstId(id)), axes.to_vec())
}

#[test]
fn constants_are_computed_once_along_their_own_axes() {
    let w = world();
    let params: IndexVec<ParamId, Param> = [Param {
        name: "level".into(),
        value: 3.0,
        dim: plain().dim,
        unit: plain(),
        settable: false,
        range: None,
    }]
    .into_iter()
    .collect();
    let level = node(ExprKind::Param(ParamId(0)), vec![]);
    let consts: IndexVec<ConstId, Const> = [
        // stimulus s[i, k] = level*k
        constant("s", &[I, K], ConstKind::Expr(mul(level, coord(K)))),
        constant("data", &[I], ConstKind::Data(Arc::new(w.eval(&coord(I))))),
    ]
    .into_iter()
    .collect();
    let env = StaticEnv::of_parts(&w.axes, 1e-3, 7, &params, &consts);
    let s = eval(&read(0, &[I, K]), &env).unwrap();
    assert_eq!(*s.data, [0.0, 3.0, 0.0, 3.0, 0.0, 3.0]);
    assert!(Arc::ptr_eq(&env.constant(ConstId(0)).unwrap().data, &s.data));
    let e = reduce(ReduceOp::Sum, vec![mul(read(0, &[I, K]), read(1, &[I]))], &[I, K]);
    assert_eq!(eval_scalar(&e, &env), Ok(9.0));
    // one row of it, without a copy of the rest
    assert_eq!(*eval(&at(read(0, &[I, K]), I, num(2.0)), &env).unwrap().data, [0.0, 3.0]);
}

#[test]
fn a_constant_made_from_itself_is_found() {
    let w = world();
    let params = IndexVec::new();
    let consts: IndexVec<ConstId, Const> = [
        constant("a", &[], ConstKind::Expr(add(read(1, &[]), num(1.0)))),
        constant("b", &[], ConstKind::Expr(read(0, &[]))),
    ]
    .into_iter()
    .collect();
    let env = StaticEnv::of_parts(&w.axes, 1e-3, 7, &params, &consts);
    for _ in 0..2 {
        assert_eq!(eval(&read(0, &[]), &env).unwrap_err().fault, Fault::Recursion { name: "a".into() });
    }
}
