//! What kernels compute has the bits of what the evaluator computes.

use super::*;
use crate::hir::{Distribution, Element, ExprKind, Function, ReduceOp, Ty};
use crate::syntax::ast::BinaryOp;

/// Probes an expression (the evaluator) and an instantaneous variable that is it (a kernel), and compares.
fn agree(make: impl Fn(&mut Net, &[Expr], &[AxisId]) -> Expr) {
    let mut net = Net::new(0.1);
    let (i, j, k) = (net.axis("i", 5), net.axis("j", 7), net.axis("k", 4));
    let cells = net.population("cells", &[i, j]);
    let start = call(Function::Sin, vec![coord(i) * n(3.1) + coord(j) * n(0.7) + n(0.3)]);
    let a = net.state(cells, "a", start, None);
    let row = net.population("row", &[k]);
    let b = net.state(row, "b", coord(k) * n(0.37) - n(0.5), None);
    let (see_a, see_b) = (net.see(a), net.see(b));
    let value = make(&mut net, &[see_a, see_b], &[i, j, k]);
    let out = net.population("out", &value.axes);
    let y = net.follows(out, "y", value.clone());
    let rest = net.rest(0.3);
    net.program.protocol = vec![rest];
    let see = net.see(y);
    let (evaluated, computed) = (at_end(&mut net, value.clone()), at_end(&mut net, see));
    let got = go(net);
    let (evaluated, computed) = (probe(&got, evaluated), probe(&got, computed));
    let bits = |v: &Value| v.data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&evaluated), bits(&computed), "{:?} against {:?}", evaluated.data, computed.data);
}

#[test]
fn functions_and_operators_agree() {
    use Function as F;
    for f in [F::Abs, F::Sign, F::Exp, F::Expm1, F::Sin, F::Cos, F::Tan, F::Tanh, F::Sinh, F::Cosh] {
        agree(|_, v, _| call(f, vec![v[0].clone()]));
    }
    for f in [F::Sqrt, F::Log, F::Log10, F::Log2, F::Sigmoid, F::Relu] {
        agree(|_, v, _| call(f, vec![v[0].clone() + n(1.5)]));
    }
    for f in [F::Arcsin, F::Arccos, F::Arctan, F::Floor, F::Ceil, F::Round] {
        agree(|_, v, _| call(f, vec![v[0].clone() * n(0.9)]));
    }
    for f in [F::Min, F::Max, F::Mod] {
        agree(|_, v, _| call(f, vec![v[0].clone(), n(0.3)]));
    }
    agree(|_, v, _| call(F::Clip, vec![v[0].clone(), n(-0.2), n(0.4)]));
    for exponent in [2.0, -3.0, 0.5, 1.7] {
        agree(|_, v, _| pow(v[0].clone() + n(1.5), exponent));
    }
    agree(|_, v, _| choose(compare(BinaryOp::Gt, v[0].clone(), n(0.1)), v[0].clone(), -v[1].clone()));
}

#[test]
fn reductions_agree() {
    use ReduceOp as R;
    let ops = [
        R::Sum,
        R::Mean,
        R::Std,
        R::Cv,
        R::Min,
        R::Max,
        R::Norm,
        R::Argmax,
        R::Argmin,
        R::Count,
        R::Any,
        R::All,
        R::Median,
    ];
    for op in ops {
        for over in [&[0_usize][..], &[1], &[0, 1]] {
            agree(|_, v, axes| {
                let over: Vec<AxisId> = over.iter().map(|i| axes[*i]).collect();
                reduce(op, v[0].clone() * v[1].clone(), &over)
            });
            agree(|_, v, axes| {
                let over: Vec<AxisId> = over.iter().map(|i| axes[*i]).collect();
                let filter = compare(BinaryOp::Lt, coord(axes[1]), n(5.0));
                let mut e = reduce(op, v[0].clone() + v[1].clone(), &over);
                if let ExprKind::Reduce { filter: f, .. } = &mut e.kind
                    && over.contains(&axes[1])
                {
                    *f = Some(Box::new(filter));
                }
                e
            });
        }
    }
    agree(|_, v, axes| {
        let axes_left = vec![axes[0]];
        let args = vec![v[0].clone(), coord(axes[1]) * n(0.3)];
        let kind = ExprKind::Reduce { op: R::Correlation, args, over: vec![axes[1]], filter: None };
        Expr { kind, axes: axes_left, ty: Ty::Number, span: span() }
    });
    // a reduction inside a reduction
    agree(|_, v, axes| {
        let mean = reduce(R::Mean, v[0].clone(), &[axes[1]]);
        reduce(R::Sum, pow(v[0].clone() - mean, 2.0), &[axes[0]])
    });
}

#[test]
fn indices_agree() {
    agree(|_, v, axes| index(v[0].clone(), axes[1], n(3.0)));
    agree(|_, v, axes| index(v[0].clone(), axes[1], coord(axes[0])));
    agree(|_, v, axes| index(v[0].clone() * v[0].clone(), axes[1], coord(axes[0]) + n(2.0)));
    agree(|net, v, axes| {
        let table = net.constant("table", &[axes[0], axes[2]], coord(axes[0]) * n(10.0) + coord(axes[2]));
        index(table, axes[2], n(1.0)) + v[0].clone()
    });
    agree(|_, v, axes| {
        // beyond the end only where the other side is taken
        let next = index(v[1].clone(), axes[2], coord(axes[0]));
        choose(compare(BinaryOp::Lt, coord(axes[0]), n(4.0)), next, n(7.0))
    });
}

#[test]
fn random_numbers_agree() {
    for distribution in [Distribution::Uniform, Distribution::Normal] {
        for per_tick in [false, true] {
            agree(|_, v, axes| {
                let kind = ExprKind::Random {
                    distribution,
                    path: "noise".into(),
                    draw: 3,
                    element: Element::Flat,
                    per_tick,
                };
                let noise = Expr { kind, axes: vec![axes[0], axes[1]], ty: Ty::Number, span: span() };
                v[0].clone() + noise
            });
        }
    }
}

#[test]
fn explanations_name_integrators_and_kernels() {
    let mut net = Net::new(0.1);
    let cells = net.population("cells", &[]);
    let v = net.state(cells, "v", n(1.0), None);
    let see = net.see(v);
    net.change(v, slow(2.0, -see));
    let rest = net.rest(1.0);
    net.program.protocol = vec![rest];
    let text = crate::ir::build::explain(&net.axes, &net.program).unwrap();
    assert!(text.contains("cells.v  exponential: its own coefficient is constant"), "{text}");
    assert!(text.contains("update: cells.v advances"), "{text}");
}
