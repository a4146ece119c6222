//! Expressions by hand, their axes worked out as the checker does.

use crate::eval::{Env, EvalError, Missing, eval};
use crate::hir::*;
use crate::source::{IndexVec, SourceId, Span};
use crate::syntax::ast::{BinaryOp, UnaryOp};
use std::sync::Arc;

pub const I: AxisId = AxisId(0); // 3 elements
pub const J: AxisId = AxisId(1); // 4 elements
pub const K: AxisId = AxisId(2); // 2 elements
pub const F: AxisId = AxisId(3); // coordinates 10, 20, 40
pub const T: AxisId = AxisId(4); // time
pub const S: AxisId = AxisId(5); // a slice's axis, any size
pub const L: AxisId = AxisId(6); // another name for I

/// An environment with some axes, and variables given as values.
pub struct World {
    pub axes: IndexVec<AxisId, Axis>,
    pub vars: Vec<Value>,
    pub ticks: Option<u64>,
}

pub fn world() -> World {
    let axis = |name: &str, size, coordinates| Axis { name: name.into(), size, coordinates };
    let hertz = crate::units::Unit::named("Hz").unwrap();
    let values = Coordinates::Values { values: Arc::from([10.0, 20.0, 40.0]), dim: hertz.dim, unit: hertz };
    let axes = [
        axis("i", Some(3), Coordinates::Index),
        axis("j", Some(4), Coordinates::Index),
        axis("k", Some(2), Coordinates::Index),
        axis("f", Some(3), values),
        axis("t", None, Coordinates::Time),
        axis("s", None, Coordinates::Index),
        axis("l", Some(3), Coordinates::Index),
    ];
    World { axes: axes.into_iter().collect(), vars: Vec::new(), ticks: None }
}

pub fn plain() -> crate::units::Unit {
    crate::units::Unit::none()
}

impl World {
    /// Adds a variable and returns an expression that reads it.
    pub fn var(&mut self, axes: &[AxisId], data: &[f64]) -> Expr {
        let axes = axes.iter().map(|id| {
            let len = self.axes[*id].size.unwrap_or(data.len());
            ValueAxis { id: *id, len, coordinates: None }
        });
        self.add(Value { axes: axes.collect(), data: Arc::from(data), present: None })
    }

    pub fn add(&mut self, value: Value) -> Expr {
        let axes = value.axes.iter().map(|a| a.id).collect();
        self.vars.push(value);
        node(ExprKind::Var(VarId(self.vars.len() as u32 - 1)), axes)
    }

    pub fn eval(&self, expr: &Expr) -> Value {
        eval(expr, self).unwrap()
    }

    pub fn data(&self, expr: &Expr) -> Vec<f64> {
        let value = self.eval(expr);
        assert_eq!(value.axes.iter().map(|a| a.id).collect::<Vec<_>>(), expr.axes);
        assert_eq!(value.data.len(), value.shape().iter().product::<usize>());
        value.data.to_vec()
    }

    /// Each element, `None` where absent.
    pub fn masked(&self, expr: &Expr) -> Vec<Option<f64>> {
        let value = self.eval(expr);
        value.data.iter().enumerate().map(|(i, v)| value.is_present(i).then_some(*v)).collect()
    }
}

impl Env for World {
    fn axes(&self) -> &IndexVec<AxisId, Axis> {
        &self.axes
    }
    fn tick(&self) -> f64 {
        1e-3
    }
    fn seed(&self) -> u64 {
        7
    }
    fn var(&self, id: VarId) -> Result<Value, EvalError> {
        self.vars.get(id.0 as usize).cloned().ok_or(EvalError::not_here(Missing::Variable))
    }
    fn local(&self, id: LocalId) -> Option<(f64, usize)> {
        (id.0 == 0).then_some((20.0, 1))
    }
    fn run_ticks(&self) -> Option<u64> {
        self.ticks
    }
}

pub fn span() -> Span {
    Span::new(SourceId(0), 0, 0)
}

pub fn node(kind: ExprKind, axes: Axes) -> Expr {
    Expr { kind, axes, ty: Ty::Number, span: span() }
}

/// Values that exist only where `present` says.
pub fn with_mask(axes: &[(AxisId, usize)], data: &[f64], present: &[bool]) -> Value {
    let axes = axes.iter().map(|(id, len)| ValueAxis { id: *id, len: *len, coordinates: None }).collect();
    Value { axes, data: Arc::from(data), present: Some(Arc::from(present)) }
}

pub fn num(v: f64) -> Expr {
    node(ExprKind::Number(v), vec![])
}

pub fn coord(axis: AxisId) -> Expr {
    node(ExprKind::Coord(axis), vec![axis])
}

pub fn union<'e>(parts: impl IntoIterator<Item = &'e Expr>) -> Axes {
    let mut axes = Axes::new();
    for part in parts {
        for id in &part.axes {
            if !axes.contains(id) {
                axes.push(*id);
            }
        }
    }
    axes
}

pub fn bin(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    let axes = union([&a, &b]);
    node(ExprKind::Binary(op, Box::new(a), Box::new(b)), axes)
}

pub fn add(a: Expr, b: Expr) -> Expr {
    bin(BinaryOp::Add, a, b)
}

pub fn mul(a: Expr, b: Expr) -> Expr {
    bin(BinaryOp::Mul, a, b)
}

pub fn sub(a: Expr, b: Expr) -> Expr {
    bin(BinaryOp::Sub, a, b)
}

pub fn neg(a: Expr) -> Expr {
    let axes = a.axes.clone();
    node(ExprKind::Unary(UnaryOp::Neg, Box::new(a)), axes)
}

pub fn call(function: Function, args: Vec<Expr>) -> Expr {
    let axes = union(&args);
    node(ExprKind::Call(function, args), axes)
}

pub fn choose(c: Expr, a: Expr, b: Expr) -> Expr {
    let axes = union([&c, &a, &b]);
    node(ExprKind::If(Box::new(c), Box::new(a), Box::new(b)), axes)
}

pub fn reduce(op: ReduceOp, args: Vec<Expr>, over: &[AxisId]) -> Expr {
    filtered(op, args, over, None)
}

pub fn filtered(op: ReduceOp, args: Vec<Expr>, over: &[AxisId], filter: Option<Expr>) -> Expr {
    let mut axes = union(args.iter().chain(&filter));
    axes.retain(|a| !over.contains(a));
    if let ReduceOp::Histogram { .. } = op {
        axes.push(S);
    }
    node(ExprKind::Reduce { op, args, over: over.to_vec(), filter: filter.map(Box::new) }, axes)
}

pub fn pick(base: Expr, axis: AxisId, selector: Selector) -> Expr {
    select(base, vec![Selection { axes: vec![axis], selector }])
}

pub fn at(base: Expr, axis: AxisId, place: Expr) -> Expr {
    pick(base, axis, Selector::At(Box::new(place)))
}

pub fn select(base: Expr, selections: Vec<Selection>) -> Expr {
    let mut axes = base.axes.clone();
    for s in &selections {
        match &s.selector {
            Selector::Slice { axis, .. } | Selector::Between { axis, .. } => {
                axes.iter_mut().filter(|a| s.axes.contains(a)).for_each(|a| *a = *axis);
            }
            _ => axes.retain(|a| !s.axes.contains(a)),
        }
    }
    for s in &selections {
        if let Selector::At(place) = &s.selector {
            for id in &place.axes {
                if !axes.contains(id) {
                    axes.push(*id);
                }
            }
        }
    }
    node(ExprKind::Index { base: Box::new(base), selections }, axes)
}
