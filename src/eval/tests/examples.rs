//! Runs the example of every built-in word.

use super::build::*;
use crate::builtins::{Builtin, Expected, Kind, Special, TABLE, lookup};
use crate::diag::Sink;
use crate::eval::{StaticEnv, eval};
use crate::hir::*;
use crate::source::{IndexVec, SourceId};
use crate::syntax::{self, ast};
use std::sync::Arc;

/// What the setup of an example declares: one stimulus on one axis.
struct Scope {
    axes: IndexVec<AxisId, Axis>,
    axis: String,
    stimulus: String,
    consts: IndexVec<ConstId, Const>,
}

const AXIS: AxisId = AxisId(0);
const BINS: AxisId = AxisId(1);

fn axis(name: &str, size: usize) -> Axis {
    Axis { name: name.into(), size: Some(size), coordinates: Coordinates::Index }
}

fn scope(setup: &str) -> Scope {
    let mut scope = Scope {
        axes: [axis("k", 1), axis("bin", 3)].into_iter().collect(),
        axis: String::new(),
        stimulus: String::new(),
        consts: IndexVec::new(),
    };
    let mut sink = Sink::new();
    let file = syntax::parse(SourceId(0), setup, &mut sink).unwrap();
    for item in &file.items {
        let ast::ItemKind::Stimulus { name, axes, value } = &item.kind else { panic!("{setup}") };
        scope.axes[AXIS] = axis(&axes[0].name.text, scope.lower(&axes[0].extent).as_number() as usize);
        scope.axis = axes[0].name.text.clone();
        let kind = ConstKind::Expr(scope.lower(value));
        let (dim, unit) = (plain().dim, plain());
        scope.consts.push(Const { name: name.text.clone(), axes: vec![AXIS], kind, dim, unit });
        scope.stimulus = name.text.clone();
    }
    scope
}

trait AsNumber {
    fn as_number(&self) -> f64;
}

impl AsNumber for Expr {
    fn as_number(&self) -> f64 {
        match self.kind {
            ExprKind::Number(v) => v,
            _ => panic!("{self:?}"),
        }
    }
}

impl Scope {
    fn lower(&self, e: &ast::Expr) -> Expr {
        match &e.kind {
            ast::ExprKind::Number(n) => num(n.text.parse().unwrap()),
            ast::ExprKind::Name(n) if n.text == self.axis => coord(AXIS),
            ast::ExprKind::Name(n) if n.text == self.stimulus => {
                node(ExprKind::Const(ConstId(0)), vec![AXIS])
            }
            ast::ExprKind::Name(n) => match lookup(&n.text).unwrap().kind {
                Kind::Constant(v) => num(v),
                _ => panic!("{}", n.text),
            },
            ast::ExprKind::Unary { op, operand } => {
                let operand = self.lower(operand);
                let axes = operand.axes.clone();
                node(ExprKind::Unary(*op, Box::new(operand)), axes)
            }
            ast::ExprKind::Binary { op, left, right } => bin(op.node, self.lower(left), self.lower(right)),
            ast::ExprKind::Call { callee, args } => {
                let ast::ExprKind::Name(name) = &callee.kind else { panic!("{callee:?}") };
                let args = args.iter().map(|a| self.lower(&a.value)).collect();
                self.call(lookup(&name.text).unwrap(), args)
            }
            other => panic!("{other:?}"),
        }
    }

    fn call(&self, word: &Builtin, mut args: Vec<Expr>) -> Expr {
        assert!(word.arity.admits(args.len()), "{}", word.name);
        match word.kind {
            Kind::Elementwise(function) => call(function, args),
            Kind::Both(function, _) if args.len() == 2 => call(function, args),
            Kind::Reduce(op) | Kind::Both(_, op) => reduce(op, args, &[AXIS]),
            Kind::Random(distribution) => {
                let element = Element::Flat;
                let kind = ExprKind::Random {
                    distribution,
                    path: Arc::from("p"),
                    draw: 0,
                    element,
                    per_tick: false,
                };
                let draw = node(kind, vec![]);
                let (a, b) = (args.remove(0), args.remove(0));
                let scale = if distribution == Distribution::Uniform { sub(b, a.clone()) } else { b };
                add(a, mul(scale, draw))
            }
            Kind::Special(Special::First) => pick(args.remove(0), AXIS, Selector::First),
            Kind::Special(Special::Last) => pick(args.remove(0), AXIS, Selector::Last),
            Kind::Special(Special::Histogram) => {
                let bins = args.remove(1).as_number() as usize;
                let op = ReduceOp::Histogram { bins };
                node(ExprKind::Reduce { op, args, over: vec![AXIS], filter: None }, vec![BINS])
            }
            Kind::Constant(_) | Kind::Special(_) => panic!("{}", word.name),
        }
    }
}

#[test]
fn every_built_in_word_does_what_its_example_says() {
    for word in TABLE {
        let example = word.example;
        if example.expected == Expected::Shown {
            continue;
        }
        let scope = scope(example.setup);
        let mut sink = Sink::new();
        let tree = syntax::parse_expr(SourceId(0), example.text, &mut sink).unwrap();
        let params = IndexVec::new();
        let env = StaticEnv::of_parts(&scope.axes, 1e-3, 7, &params, &scope.consts);
        let value = eval(&scope.lower(&tree), &env).unwrap();
        let close = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-12 * b.abs();
        let holds = match example.expected {
            Expected::Number(v) => value.as_scalar().is_some_and(|x| close(x, v)),
            Expected::Truth(v) => value.as_scalar() == Some(f64::from(u8::from(v))),
            Expected::Numbers(v) => value.axes.len() == 1 && *value.data == *v,
            Expected::Within(lo, hi) => value.as_scalar().is_some_and(|x| (lo..=hi).contains(&x)),
            Expected::Shown => true,
        };
        assert!(holds, "{}: {} gives {:?}", word.name, example.text, value.data);
    }
}

#[test]
fn examples_that_only_show_can_be_read() {
    for word in TABLE.iter().filter(|w| w.example.expected == Expected::Shown) {
        let mut sink = Sink::new();
        let text = match word.kind {
            Kind::Special(Special::Shuffle) => format!("protocol {{ {} }}", word.example.text),
            Kind::Special(Special::Rate) => word.example.text.to_string(),
            Kind::Special(Special::Noise) => format!("population p {{ {} }}", word.example.text),
            _ => format!("let data = {}", word.example.text),
        };
        assert!(syntax::parse(SourceId(0), &text, &mut sink).is_some(), "{text}");
        assert!(!sink.has_errors(), "{text}: {:?}", sink.diagnostics());
    }
}
