//! Expressions become the bodies of kernels.

use super::context::{Context, Frame, Stage, Temp};
use super::expr::{is_constant, visit_outside_reductions};
use super::fault::BuildResult;
use super::layout::size;
use crate::contract::{Ops, functions, philox};
use crate::diag::Diagnostic;
use crate::eval::{Power, power};
use crate::hir::{AxisId, Distribution, Element, Expr, ExprKind, Function, Ty, VarId};
use crate::ir::Element as Counter;
use crate::ir::{Access, Index, KernelBuilder, Num, Precision, SlotId, Truth};
use crate::syntax::ast::{BinaryOp, UnaryOp};

/// Constant arrays larger than this are computed in the kernel instead of being kept.
const LARGEST_CONSTANT: usize = 1 << 22;

/// A value in a kernel.
#[derive(Debug, Clone, Copy)]
pub(super) enum Val {
    Num(Num),
    Truth(Truth),
}

/// Why an expression did not become part of a kernel.
#[derive(Debug)]
pub(super) enum Stop {
    /// Kernels cannot do it; the evaluator can.
    Unsupported,
    /// It has no value.
    Fault(Box<Diagnostic>),
}

impl From<Box<Diagnostic>> for Stop {
    fn from(fault: Box<Diagnostic>) -> Self {
        Stop::Fault(fault)
    }
}

pub(super) type Lowered<T> = Result<T, Stop>;

impl Context<'_> {
    /// A number; what kernels cannot do is evaluated into an array beforehand.
    pub fn number(&mut self, b: &KernelBuilder, frame: &Frame, e: &Expr) -> Lowered<Num> {
        let value = self.value(b, frame, e)?;
        Ok(as_number(b, value))
    }

    fn truth(&mut self, b: &KernelBuilder, frame: &Frame, e: &Expr) -> Lowered<Truth> {
        let value = self.value(b, frame, e)?;
        Ok(as_truth(b, value))
    }

    pub fn value(&mut self, b: &KernelBuilder, frame: &Frame, e: &Expr) -> Lowered<Val> {
        match self.try_value(b, frame, e) {
            Err(Stop::Unsupported) if self.can_evaluate(e) => {
                let temp = self.eval_temp(e);
                let number = self.load(b, frame, temp.slot, &temp.axes)?;
                Ok(self.typed(b, e, number))
            }
            other => other,
        }
    }

    /// Whether the evaluator's result is what a kernel may use: not for the elements of a projection that does not
    /// join all, which have no dense form.
    fn can_evaluate(&self, e: &Expr) -> bool {
        !self.reads_pattern(e)
    }

    /// Whether an expression has an element for each joined pair of a projection that does not join all.
    pub fn reads_pattern(&self, e: &Expr) -> bool {
        let mut found = false;
        visit_outside_reductions(e, &mut |node| {
            if let ExprKind::Var(id) = node.kind {
                found |= self.layout.vars[id].pattern.is_some();
            }
        });
        found
    }

    fn eval_temp(&mut self, e: &Expr) -> Temp {
        if let Some(temp) = self.find_temp(e) {
            return temp;
        }
        let temp = self.eval_task(e, &e.axes);
        self.remember_temp(e, &temp);
        temp
    }

    /// A loaded number as what the expression is.
    fn typed(&self, b: &KernelBuilder, e: &Expr, number: Num) -> Val {
        match e.ty {
            Ty::Number => Val::Num(number),
            Ty::Bool => Val::Truth(b.not(b.eq(number, b.num(0.0)))),
        }
    }

    fn try_value(&mut self, b: &KernelBuilder, frame: &Frame, e: &Expr) -> Lowered<Val> {
        if let Some(value) = self.folded(b, frame, e)? {
            return Ok(value);
        }
        match &e.kind {
            ExprKind::Number(v) => Ok(Val::Num(b.num(*v))),
            ExprKind::Bool(v) => Ok(Val::Truth(b.truth(*v))),
            ExprKind::Const(_) | ExprKind::Coord(_) => {
                let slot = self.constant(e, &e.axes)?;
                let number = self.load(b, frame, slot, &e.axes)?;
                Ok(self.typed(b, e, number))
            }
            ExprKind::Flat(axes) => {
                let slot = self.constant(e, axes)?;
                Ok(Val::Num(self.load(b, frame, slot, axes)?))
            }
            ExprKind::Param(id) => match self.params[*id] {
                Some(slot) => Ok(Val::Num(b.load_scalar(slot, 0))),
                None => Ok(Val::Num(b.num(self.program.params[*id].value))),
            },
            ExprKind::Var(id) => self.variable(b, frame, *id, e),
            ExprKind::PresentationTicks => Ok(Val::Num(b.load_scalar(self.presentation_ticks, 0))),
            ExprKind::RunTicks => Ok(Val::Num(b.load_scalar(self.run_ticks, 0))),
            ExprKind::Local(id) => Ok(Val::Num(b.load_scalar(self.locals[*id].0, 0))),
            ExprKind::Position(id) => Ok(Val::Num(b.load_scalar(self.locals[*id].1, 0))),
            ExprKind::Unary(UnaryOp::Neg, a) => {
                let a = self.number(b, frame, a)?;
                Ok(Val::Num(b.neg(a)))
            }
            ExprKind::Unary(UnaryOp::Not, a) => {
                let a = self.truth(b, frame, a)?;
                Ok(Val::Truth(b.not(a)))
            }
            ExprKind::Binary(op, left, right) => self.binary(b, frame, *op, left, right),
            ExprKind::Call(function, args) => self.call(b, frame, *function, args),
            ExprKind::If(condition, then, otherwise) => {
                let c = self.truth(b, frame, condition)?;
                match (self.value(b, frame, then)?, self.value(b, frame, otherwise)?) {
                    (Val::Num(x), Val::Num(y)) => Ok(Val::Num(b.select(c, x, y))),
                    (x, y) => {
                        let (x, y) = (as_truth(b, x), as_truth(b, y));
                        Ok(Val::Truth(b.or(b.and(c, x), b.and(b.not(c), y))))
                    }
                }
            }
            ExprKind::Reduce { op, args, over, filter } => {
                if let Some(temp) = self.find_temp(e) {
                    let number = self.load(b, frame, temp.slot, &temp.axes)?;
                    return Ok(self.typed(b, e, number));
                }
                let mark = self.tasks.len();
                match self.reduction(b, frame, *op, args, over, filter.as_deref()) {
                    Err(Stop::Unsupported) => {
                        self.tasks.truncate(mark);
                        let temp = self.eval_temp(e);
                        let number = self.load(b, frame, temp.slot, &temp.axes)?;
                        Ok(self.typed(b, e, number))
                    }
                    other => other,
                }
            }
            ExprKind::Index { base, selections } => self.index(b, frame, e, base, selections),
            ExprKind::Random { distribution, path, draw, element, per_tick } => {
                let key = philox::key(self.program.seed, path);
                let counter = self.counter(frame, &e.axes, *element)?;
                let draw = b.num(f64::from(*draw));
                let draw = if *per_tick {
                    // 256 draws for each tick; the first 256 are those of start values
                    let tick = b.add(b.load_scalar(self.run_ticks, 0), b.num(1.0));
                    b.add(draw, b.mul(tick, b.num(256.0)))
                } else {
                    draw
                };
                Ok(Val::Num(match distribution {
                    Distribution::Uniform => b.uniform(key, counter, draw),
                    Distribution::Normal => b.normal(key, counter, draw),
                }))
            }
            ExprKind::AtStart(inner) => {
                let slot = self.start(inner);
                let number = self.load(b, frame, slot, &inner.axes)?;
                Ok(self.typed(b, e, number))
            }
            ExprKind::Probe { .. } | ExprKind::Record { .. } => Err(Stop::Unsupported),
        }
    }

    /// A constant, computed now.
    fn folded(&mut self, b: &KernelBuilder, frame: &Frame, e: &Expr) -> Lowered<Option<Val>> {
        if matches!(e.kind, ExprKind::Number(_) | ExprKind::Bool(_)) || !is_constant(self.program, e) {
            return Ok(None);
        }
        if e.axes.is_empty() {
            let number = b.num(self.constant_scalar(e)?);
            return Ok(Some(self.typed(b, e, number)));
        }
        let axes = match frame {
            Frame::Dense { .. } => e.axes.clone(),
            Frame::Sparse { rows, columns, .. } => {
                let touches = |side: &[AxisId]| side.iter().any(|a| e.axes.contains(a));
                let whole = |side: &[AxisId]| if touches(side) { side.to_vec() } else { Vec::new() };
                let mut axes = whole(rows);
                axes.extend(whole(columns));
                axes.extend(e.axes.iter().filter(|a| !axes.contains(a)).copied().collect::<Vec<_>>());
                axes
            }
        };
        if self.elements(&axes) > LARGEST_CONSTANT {
            return Ok(None);
        }
        let slot = self.constant(e, &axes)?;
        let number = self.load(b, frame, slot, &axes)?;
        Ok(Some(self.typed(b, e, number)))
    }

    fn variable(&mut self, b: &KernelBuilder, frame: &Frame, id: VarId, e: &Expr) -> Lowered<Val> {
        if let Some((_, number)) = self.instead.iter().find(|(v, _)| *v == id) {
            return Ok(Val::Num(*number));
        }
        if self.at_event {
            if let Some(lazy) = self.layout.lazy[id].clone() {
                return Ok(Val::Num(self.at_instant(b, frame, id, &lazy, &e.axes)?));
            }
            if let Some(value) = self.put_in(id, &e.axes) {
                return self.value(b, frame, &value);
            }
        }
        let storage = self.layout.vars[id];
        if storage.pattern.is_none() {
            let mut number = self.load(b, frame, storage.slot, &e.axes)?;
            if let Some(stage) = self.stage_of(id) {
                let slope = self.load(b, frame, stage.slope, &e.axes)?;
                number = b.fma(b.num(stage.step), slope, number);
            }
            let number = self.widened(b, number, self.wide);
            return Ok(self.typed(b, e, number));
        }
        match frame {
            Frame::Sparse { projection, .. } if self.layout.patterns[*projection] == storage.pattern => {
                let mut number = b.load_element(storage.slot);
                if let Some(stage) = self.stage_of(id) {
                    number = b.fma(b.num(stage.step), b.load_element(stage.slope), number);
                }
                Ok(Val::Num(self.widened(b, number, self.wide)))
            }
            _ => Err(Stop::Unsupported),
        }
    }

    /// Between which stages a variable is, if it is put together where it is read.
    pub fn stage_of(&self, id: VarId) -> Option<Stage> {
        self.staged.iter().find(|s| s.var == id).copied()
    }

    /// A number in double precision, if it is wanted so and might not be.
    fn widened(&self, b: &KernelBuilder, number: Num, wanted: bool) -> Num {
        if wanted && self.program.precision == Precision::Single { b.widen(number) } else { number }
    }

    /// A number of a row-major array along `axes`.
    pub fn load(&mut self, b: &KernelBuilder, frame: &Frame, slot: SlotId, axes: &[AxisId]) -> Lowered<Num> {
        if let Some(strides) = self.frame_strides(frame, axes, &self.strides(axes)) {
            return Ok(b.load(slot, 0, &strides));
        }
        // some of a side's axes only: repeated along the others beforehand
        let Frame::Sparse { rows, columns, .. } = frame else { return Err(Stop::Unsupported) };
        let touches = |side: &[AxisId]| side.iter().any(|a| axes.contains(a));
        let whole: Vec<AxisId> =
            [rows, columns].into_iter().filter(|side| touches(side)).flatten().copied().collect();
        if axes.iter().any(|a| !whole.contains(a)) {
            return Err(Stop::Unsupported);
        }
        let spread = self.spread(slot, axes, &whole)?;
        match self.frame_strides(frame, &whole, &self.strides(&whole)) {
            Some(strides) => Ok(b.load(spread, 0, &strides)),
            None => Err(Stop::Unsupported),
        }
    }

    /// An array repeated along the axes of `whole` that it lacks.
    fn spread(&mut self, slot: SlotId, axes: &[AxisId], whole: &[AxisId]) -> Lowered<SlotId> {
        let len = self.elements(whole);
        let to = self.temporary("spread", len);
        let frame = Frame::dense(whole);
        let name = self.fresh("spread");
        let b = KernelBuilder::new(name, self.domain(&frame));
        let number = self.load(&b, &frame, slot, axes)?;
        self.same_precision(to, slot);
        b.store(number, to, 0, &self.strides(whole));
        self.run(b.finish());
        Ok(to)
    }

    /// One step per index of the frame, for an array with these steps along `axes`; `None` where there is no such
    /// step. Axes of the array that the frame lacks are its own business.
    pub fn frame_strides<T>(&self, frame: &Frame, axes: &[AxisId], strides: &[T]) -> Option<Vec<T>>
    where
        T: Copy + Default + PartialEq + TryFrom<usize> + std::ops::Mul<Output = T>,
    {
        let along = |a: &AxisId| axes.iter().position(|x| x == a).map_or_else(T::default, |i| strides[i]);
        match frame {
            Frame::Dense { axes, unit, .. } => {
                Some(axes.iter().map(along).chain(unit.then(T::default)).collect())
            }
            Frame::Sparse { rows, columns, .. } => {
                let side = |side: &[AxisId]| {
                    let Some(last) = side.iter().rposition(|a| size(self.axes, *a) > 1) else {
                        return Some(T::default());
                    };
                    let mut expected = along(&side[last]);
                    let step = expected;
                    for i in (0..last).rev() {
                        let n = T::try_from(size(self.axes, side[i + 1])).ok()?;
                        expected = expected * n;
                        if size(self.axes, side[i]) > 1 && along(&side[i]) != expected {
                            return None;
                        }
                    }
                    Some(step)
                };
                Some(vec![side(rows)?, side(columns)?])
            }
        }
    }

    fn counter(&self, frame: &Frame, axes: &[AxisId], element: Element) -> Lowered<Counter> {
        let own: Vec<u64> = match element {
            Element::Flat => self.strides(axes).into_iter().map(|s| s as u64).collect(),
            Element::Synapse { post_axes } => {
                let (post, pre) = axes.split_at(post_axes.min(axes.len()));
                let post = self.strides(post).into_iter().map(|s| (s as u64) << 32);
                post.chain(self.strides(pre).into_iter().map(|s| s as u64)).collect()
            }
        };
        let strides = self.frame_strides(frame, axes, &own).ok_or(Stop::Unsupported)?;
        Ok(Counter { base: 0, strides })
    }

    fn binary(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
    ) -> Lowered<Val> {
        if let BinaryOp::And | BinaryOp::Or = op {
            let (x, y) = (self.truth(b, frame, left)?, self.truth(b, frame, right)?);
            return Ok(Val::Truth(if op == BinaryOp::And { b.and(x, y) } else { b.or(x, y) }));
        }
        let x = self.number(b, frame, left)?;
        if op == BinaryOp::Pow {
            match power(right) {
                Power::Whole(n) => return Ok(Val::Num(functions::powi(b, x, n))),
                Power::Root => return Ok(Val::Num(b.sqrt(x))),
                Power::General => {}
            }
        }
        let y = self.number(b, frame, right)?;
        Ok(match op {
            BinaryOp::Add => Val::Num(b.add(x, y)),
            BinaryOp::Sub => Val::Num(b.sub(x, y)),
            BinaryOp::Mul => Val::Num(b.mul(x, y)),
            BinaryOp::Div => Val::Num(b.div(x, y)),
            BinaryOp::Pow => {
                let (x, y) = (self.widened(b, x, true), self.widened(b, y, true));
                Val::Num(functions::pow(b, x, y))
            }
            BinaryOp::Eq => Val::Truth(b.eq(x, y)),
            BinaryOp::Ne => Val::Truth(b.not(b.eq(x, y))),
            BinaryOp::Lt => Val::Truth(b.lt(x, y)),
            BinaryOp::Le => Val::Truth(b.le(x, y)),
            BinaryOp::Gt => Val::Truth(b.lt(y, x)),
            BinaryOp::Ge => Val::Truth(b.le(y, x)),
            BinaryOp::And | BinaryOp::Or => return Err(Stop::Unsupported),
        })
    }

    fn call(&mut self, b: &KernelBuilder, frame: &Frame, function: Function, args: &[Expr]) -> Lowered<Val> {
        // what is more than an operation or two is written for double precision
        let wide = !matches!(
            function,
            Function::Abs | Function::Sqrt | Function::Relu | Function::Min | Function::Max | Function::Clip
        );
        let mut numbers = Vec::new();
        for arg in args {
            let number = self.number(b, frame, arg)?;
            numbers.push(self.widened(b, number, wide));
        }
        let args = numbers;
        let arg = |i: usize| args.get(i).copied().ok_or(Stop::Unsupported);
        let x = arg(0)?;
        Ok(Val::Num(match function {
            Function::Abs => b.abs(x),
            Function::Sign => functions::sign(b, x),
            Function::Sqrt => b.sqrt(x),
            Function::Exp => functions::exp(b, x),
            Function::Expm1 => functions::expm1(b, x),
            Function::Log => functions::log(b, x),
            Function::Log10 => functions::log10(b, x),
            Function::Log2 => functions::log2(b, x),
            Function::Sin => functions::sin(b, x),
            Function::Cos => functions::cos(b, x),
            Function::Tan => functions::tan(b, x),
            Function::Tanh => functions::tanh(b, x),
            Function::Sinh => functions::sinh(b, x),
            Function::Cosh => functions::cosh(b, x),
            Function::Arcsin => functions::asin(b, x),
            Function::Arccos => functions::acos(b, x),
            Function::Arctan => functions::atan(b, x),
            Function::Floor => functions::floor(b, x),
            Function::Ceil => functions::ceil(b, x),
            Function::Round => functions::round(b, x),
            Function::Relu => functions::relu(b, x),
            Function::Sigmoid => functions::sigmoid(b, x),
            Function::Min => b.min(x, arg(1)?),
            Function::Max => b.max(x, arg(1)?),
            Function::Mod => functions::modulo(b, x, arg(1)?),
            Function::Clip => b.clamp(x, arg(1)?, arg(2)?),
        }))
    }

    /// Computes an expression into an array along `axes`.
    pub fn compute(&mut self, name: &str, e: &Expr, into: SlotId, axes: &[AxisId]) -> BuildResult<()> {
        let mark = self.tasks.len();
        match self.try_compute(name, e, into, axes) {
            Ok(()) => Ok(()),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Unsupported) => {
                self.tasks.truncate(mark);
                self.tasks.push(super::Task::Eval { expr: e.clone(), axes: axes.to_vec(), into });
                Ok(())
            }
        }
    }

    fn try_compute(&mut self, name: &str, e: &Expr, into: SlotId, axes: &[AxisId]) -> Lowered<()> {
        if self.reduce_into(name, e, into, axes)? {
            return Ok(());
        }
        let frame = Frame::dense(axes);
        let name = self.fresh(name);
        let b = KernelBuilder::new(name, self.domain(&frame));
        let number = self.number(&b, &frame, e)?;
        let index = Index::Strides(self.strides(axes));
        b.store_to(number, Access { slot: into, base: 0, index }, self.checked);
        self.run(b.finish());
        Ok(())
    }

    /// The array of an expression's value, computed beforehand.
    pub fn materialize(&mut self, name: &str, e: &Expr) -> Lowered<Temp> {
        if let Some(temp) = self.find_temp(e) {
            return Ok(temp);
        }
        let len = self.elements(&e.axes);
        let slot = self.temporary(name, len);
        let temp = Temp { slot, axes: e.axes.clone() };
        self.compute(name, e, slot, &e.axes)?;
        self.remember_temp(e, &temp);
        Ok(temp)
    }
}

pub(super) fn as_number(b: &KernelBuilder, value: Val) -> Num {
    match value {
        Val::Num(n) => n,
        Val::Truth(t) => b.indicator(t),
    }
}

fn as_truth(b: &KernelBuilder, value: Val) -> Truth {
    match value {
        Val::Num(n) => b.not(b.eq(n, b.num(0.0))),
        Val::Truth(t) => t,
    }
}
