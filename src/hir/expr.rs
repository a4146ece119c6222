use super::{Axes, AxisId, ConstId, LocalId, ParamId, ProbeId, RecordId, VarId};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, UnaryOp};
use std::sync::Arc;

/// Whether an expression is a number or a truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Ty {
    Number,
    Bool,
}

/// A typed expression. Values combine by axis: each operand is repeated along the axes it lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The axes of its value. A binary expression has its left operand's axes, then the right's that are new.
    pub axes: Axes,
    /// Number or truth value.
    pub ty: Ty,
    /// Where it was written.
    pub span: Span,
}

/// Kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// SI.
    Number(f64),
    /// `true`, `false`
    Bool(bool),
    /// A stimulus, a table column, data. `axes` of the node name its storage axes in order.
    Const(ConstId),
    /// A parameter's present value; in results, its value per case (then `axes` are the case axes it varies along).
    Param(ParamId),
    /// The coordinate (or index) of an axis at this element; `axes` is that axis.
    Coord(AxisId),
    /// The flat row-major index of a cell along these axes; `axes` are those axes. (`pre`, `post` inside a rule.)
    Flat(Axes),
    /// A variable. `axes` of the node name its storage axes in order, which may be another naming than the
    /// variable's own (`cell` seen as `post.cell`).
    Var(VarId),
    /// Whole ticks since the presentation began, as a number; `t` is this times the tick.
    PresentationTicks,
    /// Whole ticks since the run began, as a number.
    RunTicks,
    /// A loop's or pick's variable: its coordinate or value.
    Local(LocalId),
    /// The place of a loop's or pick's present value among its values, from 0.
    Position(LocalId),
    /// `-a`, `not a`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`. `a ^ n` with a constant whole n, |n| <= 8, is repeated multiplication by squaring.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// An element-wise function.
    Call(Function, Vec<Expr>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A reduction of `args` (more than one for correlation) along `over`, which the result lacks. `filter` (a truth
    /// value) says which elements count. Arguments are repeated along axes of `over` they lack.
    Reduce { op: ReduceOp, args: Vec<Expr>, over: Axes, filter: Option<Box<Expr>> },
    /// Picks along axes.
    Index { base: Box<Expr>, selections: Vec<Selection> },
    /// A random number in [0, 1) or standard normal: element of the stream named by `path`.
    /// `axes` are the declared axes of the item it stands in. `per_tick` draws anew every tick.
    Random { distribution: Distribution, path: Arc<str>, draw: u32, element: Element, per_tick: bool },
    /// The value of the expression when the run starts, before tick 0 (`3*mean(w) at start`).
    AtStart(Box<Expr>),
    /// A probe's value: case axes, then its own.
    Probe { id: ProbeId, control: bool },
    /// A record: case axes, then time, then its own.
    Record { id: RecordId, control: bool },
}

/// Which number of a Philox stream an element draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    /// The flat row-major index along the node's axes.
    Flat,
    /// `post << 32 | pre`, where the first `post_axes` of the node's axes are postsynaptic.
    Synapse { post_axes: usize },
}

/// Distributions of a raw draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Uniform in [0, 1).
    Uniform,
    /// Normal, mean 0, standard deviation 1.
    Normal,
}

/// What an index picks along one group of axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The axes of the base that go away: one, or all axes of a population indexed by one flat cell number.
    pub axes: Axes,
    /// What is picked.
    pub selector: Selector,
}

/// How an index picks.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// One element, by flat place from 0. The index may itself have axes; they are appended to the result's.
    At(Box<Expr>),
    /// The first or the last element.
    First,
    /// The last element.
    Last,
    /// Elements with place in `from..to`, along the new axis.
    Slice { from: usize, to: usize, axis: AxisId },
    /// Elements whose coordinate is in [from, to), along the new axis (record times; a missing end is open).
    Between { from: Option<f64>, to: Option<f64>, axis: AxisId },
    /// The element with this coordinate (the sample of a record at this time).
    AtTime(f64),
}

/// Element-wise functions. Their numbers are those of `contract::functions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Function {
    Abs,
    Sign,
    Sqrt,
    Exp,
    Expm1,
    Log,
    Log10,
    Log2,
    Sin,
    Cos,
    Tan,
    Tanh,
    Sinh,
    Cosh,
    Arcsin,
    Arccos,
    Arctan,
    Floor,
    Ceil,
    Round,
    /// Two arguments: the smaller, `if a < b then a else b`.
    Min,
    /// Two arguments: the larger, `if a > b then a else b`.
    Max,
    /// Two arguments: `a - b*floor(a/b)`.
    Mod,
    /// `max(0, v)`.
    Relu,
    /// `1/(1 + exp(-v))`.
    Sigmoid,
    /// Three arguments `clip(v, lo, hi)`: `min(hi, max(lo, v))`.
    Clip,
}

/// Reductions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ReduceOp {
    /// `sum(a*b)` accumulates by fma of (all factors but the last, the last).
    Sum,
    Mean,
    /// Population standard deviation: sqrt(mean((v - mean)^2)).
    Std,
    /// std/mean.
    Cv,
    Min,
    Max,
    /// sqrt(sum(v^2)).
    Norm,
    /// Flat place of the first largest element.
    Argmax,
    /// Flat place of the first smallest element.
    Argmin,
    /// Pearson's, two arguments.
    Correlation,
    /// How many elements are true.
    Count,
    Any,
    All,
    Median,
    /// Mean interval of interpolated downward crossings of the mean; along one axis with coordinates.
    Period,
    /// Whether it never turns; along one axis.
    Monotone,
    /// Counts in equal bins from the least to the largest value, along the node's last axis.
    Histogram {
        bins: usize,
    },
}
