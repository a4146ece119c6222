//! The tree the parser makes: the file as it was written, names unresolved, units still beside their numbers.
//!
//! Every node has a [`Span`]; nothing is desugared, so the tree can be printed back as source.

// A tree is small and short-lived; boxes would only make it harder to read.
#![allow(clippy::large_enum_variant)]

use crate::source::{SourceId, Span, Spanned};

/// A name as written. `text` is the canonical spelling (Greek letters spelled out: `θ` is `theta`, `Δw` is `dw`).
#[derive(Debug, Clone, PartialEq)]
pub struct Ident {
    /// Canonical spelling.
    pub text: String,
    /// Where it stands; the source text there is the written spelling.
    pub span: Span,
}

/// One file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The file.
    pub source: SourceId,
    /// `//!` lines, joined by newlines, without the marker.
    pub docs: String,
    /// The items in source order.
    pub items: Vec<Item>,
    /// Every comment, also the documenting ones, in source order.
    pub comments: Vec<Comment>,
}

/// A comment with its marker, up to the end of its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// The text with `//`, `///` or `//!`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One item of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// The `///` lines above it.
    pub docs: String,
    /// `stream "old name"`.
    pub stream: Option<Spanned<String>>,
    /// `allow NAME "reason"`.
    pub allows: Vec<Allow>,
    /// The whole item.
    pub span: Span,
}

/// `allow stale-accumulator "reason"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Allow {
    /// The kebab name of the warning.
    pub name: Ident,
    /// Why.
    pub reason: Option<Spanned<String>>,
    /// The whole clause.
    pub span: Span,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum ItemKind {
    /// `clock 1 ms`
    Clock(Expr),
    /// `seed 7`
    Seed(Expr),
    /// `precision f64`
    Precision(Ident),
    /// `integrate rk4`
    Integrate(Ident),
    /// `use rules.bcm` or `use "my_rules.plast"`
    Use(UsePath),
    /// `let a = EXPR`, `let curve[k: 10] = EXPR`
    Let { name: Ident, axes: Vec<Axis>, value: Expr },
    /// `fn grating(k) = EXPR`
    Fn { name: Ident, params: Vec<Ident>, body: Expr },
    /// `param eta = 1e-3 /s in [0 /s, 1 /s]`
    Param(Param),
    /// `cases ...`
    Cases(Cases),
    /// `stimulus pattern[k: 2] = EXPR`
    Stimulus { name: Ident, axes: Vec<Axis>, value: Expr },
    /// `population cortex[cell: 20] { ... }`
    Population(Population),
    /// `cell adex { ... }`
    Cell(Cell),
    /// `rule bcm { ... }`
    Rule(Rule),
    /// `synapses ff: input -> cortex { ... }`
    Synapses(Synapses),
    /// `protocol { ... }`
    Protocol(Block),
    /// `record rate = EXPR every 1 s during settle`
    Record(Record),
    /// `expect COND "message"`
    Expect { condition: Expr, message: Option<Spanned<String>> },
    /// `plot A, B vs X split by Y mark M with control`
    Plot(Plot),
    /// `image EXPR as [row, col]`
    Image { value: Expr, axes: Vec<AxisName> },
}

/// What `use` names.
#[derive(Debug, Clone, PartialEq)]
pub enum UsePath {
    /// `rules.bcm`: the shipped library.
    Library(Vec<Ident>),
    /// `"my_rules.plast"`: a file beside this one.
    File(Spanned<String>),
}

/// `param NAME = EXPR [in [LO, HI]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its default; a rule value where the parameter is a rule.
    pub value: Expr,
    /// Its range, both ends included.
    pub range: Option<(Expr, Expr)>,
}

/// `cases`.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Cases {
    /// `cases ending { ongoing {}  silence { level = 0 } }`
    Named { name: Ident, cases: Vec<Case> },
    /// `cases f in [1, 5] Hz`, `cases seed in 0..20`, `cases R in [bcm, oja]`
    Values { name: Ident, values: Expr },
}

/// One named case with the parameters it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its name.
    pub name: Ident,
    /// `level = 0`
    pub settings: Vec<(Ident, Expr)>,
    /// The whole case.
    pub span: Span,
}

/// An axis in a declaration: `cell: 20`, `rate: 0 .. 2 by 0.02`, `f: [1, 5, 10] Hz`.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its name.
    pub name: Ident,
    /// A size, a [`ExprKind::Range`] or a [`ExprKind::List`].
    pub extent: Expr,
}

/// An axis in a use: `cell`, `post.cell`, `pre`, `input`.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisName {
    /// `post` or `pre` or a population's name before the dot.
    pub owner: Option<Ident>,
    /// The axis, or a population, `pre` or `post` (all of its axes).
    pub name: Ident,
}

/// A population.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Its name.
    pub name: Ident,
    /// Its axes; none for a single cell.
    pub axes: Vec<Axis>,
    /// `spiking` behind the axes.
    pub spiking: Option<Span>,
    /// What stands between the braces.
    pub members: Vec<Member>,
}

/// A cell model: members that populations take over with `cell NAME`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its name.
    pub name: Ident,
    /// What stands between the braces.
    pub members: Vec<Member>,
}

/// A learning rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: Ident,
    /// What stands between the braces.
    pub members: Vec<Member>,
}

/// A projection.
#[derive(Debug, Clone, PartialEq)]
pub struct Synapses {
    /// Its name.
    pub name: Ident,
    /// The presynaptic population.
    pub pre: Ident,
    /// The postsynaptic population.
    pub post: Ident,
    /// What stands between the braces.
    pub members: Vec<Member>,
}

/// A line between the braces of a population, a rule or a projection. Which member fits where is checked later,
/// so that a misplaced one gets a good message.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// What it is.
    pub kind: MemberKind,
    /// The `///` lines above it.
    pub docs: String,
    /// `allow` clauses behind it.
    pub allows: Vec<Allow>,
    /// The whole line.
    pub span: Span,
}

/// Kinds of members.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum MemberKind {
    /// `param eta = 1e-3 /s`
    Param(Param),
    /// `state v = -65 mV`, `post theta = 1`, `trace pre r = 0`
    State(State),
    /// `tau * dtheta/dt = EXPR`, `dw = EXPR`, `v = EXPR`
    Equation(Equation),
    /// `output y = EXPR [in Hz]` (the unit is [`ExprKind::In`] in `value`)
    Output { name: Ident, value: Expr },
    /// `update every 1 s` or `update per presentation`
    Update(Update),
    /// `normalise sum(w over pre) = 1 every 1 s multiplicative`
    Normalise(Normalise),
    /// `bounds w in [0, 1]`
    Bounds { name: Ident, lo: Expr, hi: Expr },
    /// `integrate rk4`
    Integrate(Ident),
    /// `rule bcm(eta = 1e-3 /s)`
    Rule { rule: Expr },
    /// `fixed`
    Fixed,
    /// `inhibitory`
    Inhibitory,
    /// `connect all except self`
    Connect { how: Connect, except_self: Option<Span> },
    /// `delay 10 ms`, `delay 2 ms dendritic`
    Delay { time: Expr, place: Option<Ident> },
    /// `spike when v > v_th { v = v_reset } refractory 2 ms`
    SpikeWhen { condition: Expr, reset: Vec<Change>, refractory: Option<Expr> },
    /// `spikes poisson(rate)`, `spikes at TIMES [of CELLS]`
    Spikes(SpikeSource),
    /// `on pre { w += eta*r }`
    On { event: Spanned<Side>, changes: Vec<Change> },
    /// `ties pre_first`
    Ties(Ident),
    /// `values NAME "source" { A_plus = 0.01 }`
    Values { name: Ident, source: Option<Spanned<String>>, settings: Vec<(Ident, Expr)> },
    /// `needs post.u`
    Needs(Vec<(Spanned<Side>, Ident)>),
    /// `cell adex`, `cell R.cell`
    Cell(Expr),
    /// `start theta = 0.5`
    Start { name: Ident, value: Expr },
    /// `hold theta = 1`
    Hold { name: Ident, value: Expr },
}

/// What an event does to one variable: `w += eta*r`, `post.ge += w`.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `post` in `post.ge`.
    pub owner: Option<Ident>,
    /// The variable.
    pub name: Ident,
    /// How the value acts on it.
    pub op: AssignOp,
    /// The value.
    pub value: Expr,
    /// The whole line.
    pub span: Span,
}

/// Where the spikes of a population come from, if from outside.
#[derive(Debug, Clone, PartialEq)]
pub enum SpikeSource {
    /// `spikes poisson(10 Hz)`
    Poisson(Expr),
    /// `spikes at TIMES`, `spikes at TIMES of CELLS`
    At {
        /// When.
        times: Expr,
        /// Which cell, for each time; every cell where not said.
        cells: Option<Expr>,
    },
}

/// A declared variable with its start.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Whether `trace` was written.
    pub trace: Option<Span>,
    /// `pre`, `post` or `syn`; none for `state`.
    pub side: Option<Spanned<Side>>,
    /// Its name.
    pub name: Ident,
    /// Its start; a `post m` without a start is an instantaneous variable's declaration.
    pub value: Option<Expr>,
}

/// Who owns a rule's variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// One per presynaptic cell.
    Pre,
    /// One per postsynaptic cell.
    Post,
    /// One per synapse.
    Syn,
}

/// An equation for one variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// The variable, without its `d`.
    pub name: Ident,
    /// Which form the left side has.
    pub form: Form,
    /// `tau` in `tau * dv/dt`.
    pub factor: Option<Expr>,
    /// The right side.
    pub value: Expr,
    /// The left side.
    pub lhs: Span,
}

/// The form of an equation's left side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `dv/dt = ...`
    Rate,
    /// `dv = ...`
    Increment,
    /// `v = ...`
    Instantaneous,
}

/// How often a rule's increments act.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// `update every 1 s`
    Every(Expr),
    /// `update per presentation`
    PerPresentation,
}

/// `normalise sum(w over pre) = 1 [every T] multiplicative|subtractive`.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalise {
    /// What is held: a call such as `sum(w over pre)`.
    pub quantity: Expr,
    /// To which value.
    pub target: Expr,
    /// How often; every update if not said.
    pub every: Option<Expr>,
    /// `multiplicative` or `subtractive`, as written.
    pub mode: Ident,
}

/// Which pairs are joined.
#[derive(Debug, Clone, PartialEq)]
pub enum Connect {
    /// `all`
    All,
    /// `one_to_one`
    OneToOne,
    /// `random(0.1)`
    Random(Expr),
    /// `where COND`
    Where(Expr),
}

/// Statements between braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// In source order.
    pub statements: Vec<Statement>,
    /// With the braces.
    pub span: Span,
}

/// A statement of a protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// `stream "old name"` behind a `pick` or `for ... in shuffle`.
    pub stream: Option<Spanned<String>>,
    /// The whole statement.
    pub span: Span,
}

/// Kinds of statements.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum StatementKind {
    /// `phase NAME [frozen | frozen(w, theta)] { ... }`
    Phase { name: Ident, frozen: Option<Frozen>, body: Block },
    /// `present A on P, B on Q for 1 s` / `until COND within 10 s`
    Present { inputs: Vec<Input>, length: Length },
    /// `rest 500 s` / `rest until COND within 10 s`
    Rest { length: Length },
    /// `repeat 40 { ... }`
    Repeat { count: Expr, body: Block },
    /// `for k in 0..2 { ... }`, `for k of pattern { ... }`, `for k in shuffle(0..60) { ... }`
    For { name: Ident, over: Loop, body: Block },
    /// `together for p of region { ... }`
    Together { name: Ident, over: Loop, body: Block },
    /// `pick k of pattern`, `pick k from 0..10 weighted by p`
    Pick { name: Ident, over: Loop, weights: Option<Expr> },
    /// `spike a at [0 ms, 10 ms], b at 5 ms, 60 times at 1 Hz`
    Spike { trains: Vec<(Cells, Expr)>, tail: Box<Tail> },
    /// `pair a, b at lag 10 ms, 60 times at 1 Hz`
    Pair { pre: Cells, post: Cells, lag: Expr, tail: Box<Tail> },
    /// `train 100 at 100 Hz on a`, `burst 5 at 50 Hz every 10 s, 15 times on a, b`
    Train { count: Expr, rate: Expr, groups: Option<Box<Groups>>, on: Vec<Cells> },
    /// `theta_burst on a`
    ThetaBurst { groups: Option<Box<Groups>>, on: Vec<Cells> },
    /// `teach cortex.y *= EXPR`
    Teach { population: Ident, output: Ident, op: AssignOp, value: Expr },
    /// `set ff.eta = 0.1 /s`, `set level = 2`
    Set { owner: Option<Ident>, name: Ident, value: Expr },
    /// `probe NAME[k] = EXPR`, `probe each NAME = EXPR`
    Probe { each: Option<Span>, name: Ident, indices: Vec<Ident>, value: Expr },
    /// `control without stronger`
    ControlWithout { phases: Vec<Ident> },
    /// `control stronger { ... }`
    Control { phase: Ident, body: Block },
}

/// A population, or some cells of it: `source`, `source[i]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// The population.
    pub population: Ident,
    /// Which cells of it; empty for all.
    pub slice: Vec<Entry>,
}

/// How often scheduled spikes are repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// `60 times at 1 Hz`: how many, and how many in a second.
    pub times: Option<(Expr, Expr)>,
    /// `every 10 s, 15 times`
    pub groups: Option<Box<Groups>>,
    /// `for 1 s`
    pub length: Option<Expr>,
}

/// `every 10 s, 15 times`.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// From the start of one to the start of the next.
    pub every: Expr,
    /// How many.
    pub count: Expr,
}

/// What a phase holds still.
#[derive(Debug, Clone, PartialEq)]
pub struct Frozen {
    /// Empty: weights and every rule variable that is not a trace. Else the variables named.
    pub names: Vec<Ident>,
    /// The clause.
    pub span: Span,
}

/// `A on P` or `A on P[k]` (a slice; inside `together`).
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// What is presented.
    pub value: Expr,
    /// To which population.
    pub population: Ident,
    /// Which cells of it; empty for all.
    pub slice: Vec<Entry>,
}

/// How long a presentation lasts.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Length {
    /// `for 1 s`, or what follows `rest`
    For(Expr),
    /// `until COND within 3000 s`
    Until { condition: Expr, within: Option<Expr> },
}

/// What a loop or a pick runs over.
#[derive(Debug, Clone, PartialEq)]
pub enum Loop {
    /// `of pattern`: the axis with the variable's name of a stimulus, a population, or an axis itself
    Of(Ident),
    /// `in EXPR` / `from EXPR`: a [`ExprKind::Range`] or [`ExprKind::List`]
    In(Expr),
    /// `in shuffle(EXPR)` / `of shuffle(NAME)`
    Shuffle(Box<Loop>),
}

/// `=`, `+=`, `-=`, `*=`, `/=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum AssignOp {
    Set,
    Add,
    Sub,
    Mul,
    Div,
}

/// A named time series.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its name.
    pub name: Ident,
    /// What is recorded.
    pub value: Expr,
    /// `every 1 s`, `every tick`, `every 10 ticks`
    pub every: Expr,
    /// `during settle, test`
    pub during: Vec<Ident>,
}

/// `plot A, B +- E vs X split by Y mark M with control`.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is drawn; a value with an error is [`ExprKind::PlusMinus`].
    pub values: Vec<Expr>,
    /// The horizontal axis: `t`, an axis, or a value; none for a bare histogram.
    pub versus: Option<Expr>,
    /// `split by Y`
    pub split: Option<Expr>,
    /// `mark A, B`
    pub marks: Vec<Expr>,
    /// `with control`
    pub control: Option<Span>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, parentheses excluded.
    pub span: Span,
}

/// Kinds of expressions.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum ExprKind {
    /// `1e-3 /s`, `10`, `5 %`, `10 min`
    Number(Number),
    /// `"data/digits.csv"`, only as an argument
    String(String),
    /// `true`, `false`
    Bool(bool),
    /// `eta`
    Name(Ident),
    /// `cortex.y`, `late.control`, `data.rate`, `post.v`: one dot; more dots nest in `base`
    Field { base: Box<Expr>, name: Ident },
    /// `dw/dt` or `ff.dw/dt` (`base` is `ff`): the derivative of a state, `name` without the `d`
    Derivative { base: Option<Box<Expr>>, name: Ident },
    /// `-a`, `not a`
    Unary { op: UnaryOp, operand: Box<Expr> },
    /// `a + b`
    Binary { op: Spanned<BinaryOp>, left: Box<Expr>, right: Box<Expr> },
    /// `a +- b` (`b` may be a percentage of `a`: `+- 2 %`)
    PlusMinus { value: Box<Expr>, tolerance: Box<Expr> },
    /// `a in [lo, hi]`
    Between { value: Box<Expr>, lo: Box<Expr>, hi: Box<Expr> },
    /// `y in Hz`
    In { value: Box<Expr>, unit: Unit },
    /// `bounds` only: `3*mean(w) at start`
    AtStart { value: Box<Expr> },
    /// `if c then a else b`
    If { condition: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// `f(a, tau = 10 s)`; `callee` is a name or a field (`rules.bcm`)
    Call { callee: Box<Expr>, args: Vec<Arg> },
    /// `mean(E over cell)`, `sum(E for k in cell if k <= cell)`
    Reduce(Reduce),
    /// `a[k, region: 0, 2700 s ..]`
    Index { base: Box<Expr>, entries: Vec<Entry> },
    /// `0..10`, `0 .. 2 by 0.02`
    Range(Range),
    /// `[1, 5, 10] Hz`: the unit is applied to every element
    List { items: Vec<Expr>, unit: Option<Unit> },
}

/// A number with its unit. `text` is the digits as written (so that `1e-3 ms` can be read exactly as `1e-6` seconds).
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Digits, point, exponent; underscores removed.
    pub text: String,
    /// Its unit.
    pub unit: Option<Unit>,
}

/// A unit as written: `/s`, `mV/ms`, `s^-2`, `Hz`, `%`.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Factors with integer powers; those behind `/` have negative ones. Names keep their case.
    pub factors: Vec<UnitFactor>,
    /// Where it stands.
    pub span: Span,
}

/// One factor of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitFactor {
    /// `mV`, `s`, `Hz`, `%`, `tick`; not yet known to exist.
    pub name: Ident,
    /// Its power, sign included.
    pub power: i32,
}

/// A call's argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// `tau` in `tau = 10 s`.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
}

/// A reduction that names what it runs over.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduce {
    /// `sum`, `mean`, ...
    pub function: Ident,
    /// What is reduced (first argument), further arguments behind it (`correlation(a, b over cell)`).
    pub args: Vec<Expr>,
    /// `over cell, row` or `over [row, col]`.
    pub over: Vec<AxisName>,
    /// `for k in cell if k <= cell`.
    pub binder: Option<Binder>,
}

/// `for k in cell if COND` inside a reduction.
#[derive(Debug, Clone, PartialEq)]
pub struct Binder {
    /// The second index.
    pub name: Ident,
    /// The axis (or `pre`, `post`, a population) it runs along, or a range.
    pub over: BinderRange,
    /// Which values count.
    pub condition: Option<Box<Expr>>,
}

/// What a binder runs along.
#[derive(Debug, Clone, PartialEq)]
pub enum BinderRange {
    /// `in cell`, `in post.cell`, `in post`
    Axis(AxisName),
    /// `in 0..10`
    Range(Box<Expr>),
}

/// One entry of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// `region` in `region: 0`.
    pub axis: Option<AxisName>,
    /// An index, a coordinate, a label, or a [`ExprKind::Range`].
    pub value: Expr,
    /// The whole entry.
    pub span: Span,
}

/// `a .. b by c`; either end may be missing inside an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// First value.
    pub start: Option<Box<Expr>>,
    /// One past the last for `0..n` of whole numbers; the last itself with `by`.
    pub end: Option<Box<Expr>>,
    /// The step.
    pub by: Option<Box<Expr>>,
}

/// `-` or `not`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Neg,
    Not,
}

/// Binary operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
}
