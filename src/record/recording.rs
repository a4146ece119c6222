use super::{Cost, Series};
use crate::hir::{PhaseId, ProbeId, RecordId, Value};
use crate::source::{IndexVec, Span};
use crate::units::Unit;

/// Everything the runs of an experiment left behind.
///
/// Made by `runtime::run`.
#[derive(Debug, Default)]
pub struct Recording {
    /// One per program of the experiment that ran, in the order asked for.
    pub cases: Vec<CaseRun>,
}

/// What one case left behind.
#[derive(Debug)]
pub struct CaseRun {
    /// Its run.
    pub main: Run,
    /// Its second run, where the protocol has a control.
    pub control: Option<Run>,
}

/// What one run left behind.
#[derive(Debug, Default)]
pub struct Run {
    /// The probes, on their own axes (loops, then value); `None` for one that was never reached.
    pub probes: IndexVec<ProbeId, Option<Value>>,
    /// The records, and behind them what plots follow, where it was asked for.
    pub records: IndexVec<RecordId, Series>,
    /// When phases went on, in the order they began; one that is repeated without a pause is one stretch.
    pub phases: Vec<PhaseStretch>,
    /// The ticks at which each probe was read first and last.
    pub probed: IndexVec<ProbeId, Option<(u64, u64)>>,
    /// How many ticks passed.
    pub ticks: u64,
    /// Whether time went from spike to spike.
    pub jumped: bool,
    /// Whether it was stopped from outside before its end.
    pub interrupted: bool,
    /// What a reader should know.
    pub notes: Vec<RunNote>,
    /// What it cost.
    pub cost: Cost,
}

/// A stretch of time that belongs to a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseStretch {
    /// Which phase.
    pub phase: PhaseId,
    /// Its first tick.
    pub from: u64,
    /// The tick after its last.
    pub to: u64,
}

/// Something a reader of the results should know.
#[derive(Debug, Clone, PartialEq)]
pub enum RunNote {
    /// Normalisation or bounds changed a start value before tick 0.
    StartChanged {
        /// The variable.
        var: String,
        /// What changed it: `normalise` or `bounds`.
        by: &'static str,
        /// How many of its values changed.
        changed: usize,
        /// Of how many.
        of: usize,
        /// Where the normalisation or the bounds were written.
        span: Span,
    },
    /// Values stood at their bounds when the run ended.
    Bounded {
        /// The variable.
        var: String,
        /// Which fraction of its values at the lower bound.
        low: f64,
        /// Which fraction at the upper bound.
        high: f64,
        /// Where the bounds were written.
        span: Span,
    },
    /// `hold` keeps a variable at its start: its equation is ignored.
    Held {
        /// The variable.
        var: String,
        /// Its value, where all its elements have the same.
        at: Option<f64>,
        /// The unit it is shown in.
        unit: Unit,
    },
    /// A `present ... until` reached its `within` before its condition held.
    NotReached {
        /// How often.
        times: u64,
        /// Where it was written.
        span: Span,
    },
    /// The protocol ended before the time at which it was asked to (`--until`).
    EndedBefore {
        /// When it ended, in seconds.
        at: f64,
        /// When it was asked to end, in seconds.
        asked: f64,
    },
    /// The run ended early because it was asked to (`--until`).
    EndedEarly {
        /// At which simulated time, in seconds.
        at: f64,
    },
}
