use super::{AxisId, Expr, ParamId, PopId, ProbeId, Selection, SpikeSchedule, VarId};
use crate::define_id;
use crate::source::Span;
use std::sync::Arc;

pub use crate::syntax::ast::AssignOp;

define_id! {
    /// A loop's or pick's variable.
    LocalId
}
define_id! {
    /// A phase.
    PhaseId
}
define_id! {
    /// A statement of the timeline; unique in a program, the control's included.
    StatementId
}

/// A loop's or pick's variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    /// Its name.
    pub name: String,
    /// The axis it runs along.
    pub axis: AxisId,
    /// Its values in order, SI.
    pub values: Arc<[f64]>,
}

/// A named stretch of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Variables held still during it.
    pub frozen: Vec<VarId>,
    /// Whether bounds, normalisation and `update every` rest too (a bare `frozen`).
    pub rests: bool,
    /// Where it was declared.
    pub span: Span,
}

/// A statement of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// What it is.
    pub kind: StatementKind,
    /// Where it stands.
    pub span: Span,
}

/// Kinds of statements.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `phase`
    Phase { id: PhaseId, body: Vec<Statement> },
    /// `present`, `rest` (no inputs), or scheduled spikes. Populations not named are zero.
    Present { inputs: Vec<Input>, length: Length, spikes: Option<Arc<SpikeSchedule>> },
    /// `repeat`
    Repeat { count: Expr, body: Vec<Statement> },
    /// `for`
    For { values: LoopValues, body: Vec<Statement> },
    /// `together`: one track per value, all starting at once; lasts as long as the longest.
    Together { values: LoopValues, body: Vec<Statement> },
    /// `pick`: seeded by its path and the counters of the loops around it.
    Pick { local: LocalId, path: Arc<str>, weights: Option<Expr> },
    /// `teach`: from here to the end of its block.
    Teach { var: VarId, op: AssignOp, value: Expr },
    /// `set`: from the next tick on.
    Set { param: ParamId, value: Expr },
    /// `probe`. `locals` index its loop axes in order; empty with loop axes means `probe each`.
    Probe { id: ProbeId, locals: Vec<LocalId>, value: Expr },
}

/// What a loop runs over.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopValues {
    /// Its variable, with the values.
    pub local: LocalId,
    /// `shuffle`: the path that keys the order.
    pub shuffle: Option<Arc<str>>,
}

/// One input of a presentation.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// What is presented; its axes are among the population's (those left after `slice`).
    pub value: Expr,
    /// The population that takes it.
    pub population: PopId,
    /// Its input variable.
    pub var: VarId,
    /// Which cells; empty for all.
    pub slice: Vec<Selection>,
    /// Whether the value changes with `t`.
    pub varies: bool,
}

/// How long a presentation lasts.
#[derive(Debug, Clone, PartialEq)]
pub enum Length {
    /// So many seconds; a whole number of ticks.
    For(Expr),
    /// So many seconds, to the nearest tick.
    About(Expr),
    /// Until a truth value holds after a tick, at most `within` seconds.
    Until { condition: Expr, within: Expr },
}

/// What the control run puts in a phase's place.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Which phase.
    pub phase: PhaseId,
    /// Its replacement; `None` for nothing: its time passes with the inputs of the statement before it going on
    /// (probes inside are still read).
    pub body: Option<Vec<Statement>>,
}
