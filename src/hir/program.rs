use super::{
    Axes, Control, Expr, Handler, Local, LocalId, Phase, PhaseId, SpikeDelay, Spiking, Statement, Ties, Value,
};
use crate::contract::Precision;
use crate::define_id;
use crate::source::{IndexVec, Span};
use crate::units::{Dim, Unit};
use std::sync::Arc;

define_id! {
    /// A parameter.
    ParamId
}
define_id! {
    /// A constant array.
    ConstId
}
define_id! {
    /// A population.
    PopId
}
define_id! {
    /// A projection.
    ProjId
}
define_id! {
    /// A variable of a population or a projection.
    VarId
}
define_id! {
    /// A probe.
    ProbeId
}
define_id! {
    /// A record.
    RecordId
}

/// One case of an experiment, ready to be built.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The tick in seconds.
    pub tick: f64,
    /// The unit the tick was written in, for messages.
    pub tick_unit: Unit,
    /// Whether the file says how long a tick is. If not, a file with spikes counts time in nanoseconds, which is
    /// enough where nothing happens between them.
    pub clocked: bool,
    /// The root of all randomness.
    pub seed: u64,
    /// How exactly numbers are kept for each synapse.
    pub precision: Precision,
    /// Parameters, in declaration order.
    pub params: IndexVec<ParamId, Param>,
    /// Stimuli and data.
    pub consts: IndexVec<ConstId, Const>,
    /// Populations in name order.
    pub populations: IndexVec<PopId, Population>,
    /// Projections in name order.
    pub projections: IndexVec<ProjId, Projection>,
    /// All variables.
    pub vars: IndexVec<VarId, Var>,
    /// Instantaneous variables in an order in which each reads only earlier ones (ties in name order).
    pub instantaneous: Vec<VarId>,
    /// Loop and pick variables.
    pub locals: IndexVec<LocalId, Local>,
    /// Phases, in source order.
    pub phases: IndexVec<PhaseId, Phase>,
    /// The timeline.
    pub protocol: Vec<Statement>,
    /// What the control run changes; empty if there is none.
    pub controls: Vec<Control>,
    /// Probes.
    pub probes: IndexVec<ProbeId, Probe>,
    /// Records.
    pub records: IndexVec<RecordId, Record>,
    /// What only plots follow over time; its ids go on after those of the records. Sampled only where figures are
    /// asked for.
    pub followed: Vec<Record>,
}

impl Program {
    /// A record, or what a plot follows.
    pub fn sampled(&self, id: RecordId) -> Option<&Record> {
        let at = crate::source::Id::index(id);
        self.records.get(id).or_else(|| self.followed.get(at.checked_sub(self.records.len())?))
    }
}

/// A parameter as the run sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// `eta`, or `ff.eta` for one of a rule's that the protocol sets.
    pub name: String,
    /// Its value at the start, SI.
    pub value: f64,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it was written in.
    pub unit: Unit,
    /// Whether a `set` statement changes it; if not, it is a constant.
    pub settable: bool,
    /// Its range, SI.
    pub range: Option<(f64, f64)>,
}

/// A constant array: computed once per case, when first needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Const {
    /// Its name, for messages.
    pub name: String,
    /// Its axes in storage order.
    pub axes: Axes,
    /// Where its numbers come from.
    pub kind: ConstKind,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it was written in.
    pub unit: Unit,
}

/// Where a constant's numbers come from.
#[derive(Debug, Clone, PartialEq)]
pub enum ConstKind {
    /// Loaded from a file.
    Data(Arc<Value>),
    /// Computed.
    Expr(Expr),
}

/// A population.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Its name.
    pub name: String,
    /// Its axes; none for one cell.
    pub axes: Axes,
    /// How many cells.
    pub cells: usize,
    /// What synapses see: computed, or an input that the timeline presents.
    pub output: Option<VarId>,
    /// Its spikes, if it has any.
    pub spiking: Option<Spiking>,
    /// All its variables.
    pub vars: Vec<VarId>,
    /// Where it was declared.
    pub span: Span,
}

/// Over what a variable has one value each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Cells of a population.
    Cells(PopId),
    /// Presynaptic cells of a projection.
    Pre(ProjId),
    /// Postsynaptic cells of a projection.
    Post(ProjId),
    /// Synapses of a projection.
    Synapses(ProjId),
}

/// Whose variable it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Owner {
    Population(PopId),
    Projection(ProjId),
}

/// A variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Var {
    /// `cortex.y`, `ff.w`, `ff.theta`, `cortex.drive`.
    pub name: String,
    /// Whose it is.
    pub owner: Owner,
    /// Over what it has a value each.
    pub domain: Domain,
    /// Its axes in storage order: postsynaptic ones, then presynaptic ones, for a synapse.
    pub axes: Axes,
    /// What determines it.
    pub kind: VarKind,
    /// Whether `frozen` holds it: weights and rule variables that are not traces.
    pub learned: bool,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it was first written in.
    pub unit: Unit,
    /// Where it was declared.
    pub span: Span,
}

/// What determines a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum VarKind {
    /// It has a value at the start and perhaps an equation; without one (or held) it stays.
    State { start: Expr, equation: Option<Equation> },
    /// It follows from others at each instant.
    Instantaneous(Expr),
    /// The timeline presents it.
    Input,
    /// Another variable, `ticks` ago; before t = 0 its value at t = 0 under zero input.
    Delayed { of: VarId, ticks: u32 },
}

/// How a state changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// Rate or increment.
    pub form: Form,
    /// `dv/dt = value/factor` for a rate; `v += value` for an increment.
    pub value: Expr,
    /// When it acts: rates every tick; increments as the rule says.
    pub schedule: Schedule,
    /// As asked for in the rule, population or file; `None` for the default (exponential where the variable's own
    /// coefficient is constant, else euler).
    pub integrator: Option<Integrator>,
    /// The whole equation.
    pub span: Span,
}

/// The form of an equation.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// `factor * dv/dt = value`
    Rate { factor: Option<Expr> },
    /// `dv = value`
    Increment,
}

/// When increments act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schedule {
    /// Every tick.
    Tick,
    /// In the ticks that start at whole multiples of so many ticks, the first of them not tick 0.
    Every(u64),
    /// When a presentation ends.
    Presentation,
}

/// How a rate equation is stepped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Integrator {
    Euler,
    Exponential,
    Heun,
    Rk4,
}

/// A projection.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Its name.
    pub name: String,
    /// The name that keys its random draws: its own, or what `stream` says.
    pub stream: String,
    /// Presynaptic population.
    pub pre: PopId,
    /// Postsynaptic population.
    pub post: PopId,
    /// The axes of `w`: first the postsynaptic ones (`post_axes` of them), then the presynaptic ones;
    /// one-to-one has the postsynaptic ones only.
    pub axes: Axes,
    /// How many of `axes` are postsynaptic.
    pub post_axes: usize,
    /// Which pairs are joined.
    pub connect: Connect,
    /// Whether pairs of a cell with itself are left out (recurrent projections).
    pub except_self: bool,
    /// Whether it subtracts in the population's drive.
    pub inhibitory: bool,
    /// The weight.
    pub w: VarId,
    /// The presynaptic output, as delayed; none where the presynaptic cells only spike.
    pub x: Option<VarId>,
    /// `sum(w*x)`, not yet negated where inhibitory; none without `x`.
    pub drive: Option<VarId>,
    /// What spikes do.
    pub handlers: Vec<Handler>,
    /// What two spikes at one instant do.
    pub ties: Ties,
    /// How long spikes travel.
    pub spike_delay: SpikeDelay,
    /// All its variables, `w` included.
    pub vars: Vec<VarId>,
    /// Those of its rule's variables that `hold` keeps at their start: their equations are ignored.
    pub held: Vec<VarId>,
    /// After each update, in this order.
    pub normalise: Vec<Normalise>,
    /// After that.
    pub bounds: Vec<Bounds>,
    /// The rule it learns by; none if fixed.
    pub rule: Option<RuleUse>,
    /// Where it was declared.
    pub span: Span,
}

/// The rule a projection uses, for the manifest and reports.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleUse {
    /// Its name.
    pub name: String,
    /// Its parameters with their values in this use: name, SI value, unit.
    pub params: Vec<(String, f64, Unit)>,
}

/// Which pairs are joined.
#[derive(Debug, Clone, PartialEq)]
pub enum Connect {
    /// Every pair.
    All,
    /// Cell i with cell i.
    OneToOne,
    /// Each pair with this probability; draws are keyed by `STREAM/connect`, element post << 32 | pre.
    Random(f64),
    /// Each pair for which this truth value on the projection's axes holds.
    Where(Expr),
}

/// A normalisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalise {
    /// Which variable is changed.
    pub var: VarId,
    /// Which quantity is held.
    pub function: NormaliseFunction,
    /// Along which axes of the variable (all presynaptic or all postsynaptic ones).
    pub over: Axes,
    /// At which value.
    pub target: Expr,
    /// Every so many ticks (when the time reached is a multiple, or with the updates of a variable that changes by
    /// `update every`), or after every update.
    pub every: Option<u64>,
    /// How.
    pub mode: NormaliseMode,
    /// Where it was written.
    pub span: Span,
}

/// What a normalisation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum NormaliseFunction {
    Sum,
    Mean,
    Norm,
}

/// How a normalisation acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NormaliseMode {
    /// `w * (target/quantity)`
    Multiplicative,
    /// `w - (quantity - target)/n` for a sum, `w - (quantity - target)` for a mean
    Subtractive,
}

/// Bounds of a variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// Which variable.
    pub var: VarId,
    /// Lower bound.
    pub lo: Expr,
    /// Upper bound.
    pub hi: Expr,
    /// Where it was written.
    pub span: Span,
}

/// A probe.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Its name.
    pub name: String,
    /// Its own axes: those of its loops, then those of the value.
    pub axes: Axes,
    /// How many of `axes` come from loops (or the one `trial` axis of `probe each`).
    pub loop_axes: usize,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it is shown in.
    pub unit: Unit,
    /// Whether it is a truth value.
    pub truth: bool,
    /// Whether it was made for an expectation or image that reads a state at the end of the run.
    pub implied: bool,
    /// Where it was declared.
    pub span: Span,
}

/// What a record of rates of spikes knows of its sample before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Counts {
    /// Counts of spikes, each with the variable that keeps what it was then.
    pub before: Vec<(VarId, VarId)>,
    /// The variable that keeps how many seconds have passed since.
    pub passed: Option<VarId>,
}

/// A named time series.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// What is recorded.
    pub value: Expr,
    /// Its time axis, then the axes of the value.
    pub axes: Axes,
    /// Ticks between samples.
    pub every: u64,
    /// Only during these phases; empty for the whole run.
    pub during: Vec<PhaseId>,
    /// What it knows of the sample before, for rates of spikes.
    pub counts: Counts,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it is shown in.
    pub unit: Unit,
    /// Whether it was made for a `plot ... vs t` and not written by the user.
    pub implied: bool,
    /// Where it was declared.
    pub span: Span,
}
