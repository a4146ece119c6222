//! Spikes: where they come from, what they change, when the timeline schedules them.

use super::{AssignOp, Expr, PopId, Selection, Value, VarId};
use crate::source::Span;
use std::sync::Arc;

/// The spikes of a population.
#[derive(Debug, Clone, PartialEq)]
pub struct Spiking {
    /// Where they come from, besides those that the timeline schedules.
    pub source: SpikeSource,
    /// What a spike does to its own cell.
    pub reset: Vec<Change>,
    /// For how many ticks after a spike the cell emits none, and what `reset` assigns stays.
    pub refractory: u64,
    /// How many spikes each cell has emitted since the run began.
    pub count: VarId,
    /// The name that keys random draws.
    pub stream: String,
    /// Where it was said.
    pub span: Span,
}

/// Where the spikes of a population come from.
#[derive(Debug, Clone, PartialEq)]
pub enum SpikeSource {
    /// Only from the timeline.
    Timeline,
    /// A cell spikes at the end of a tick after which this truth value holds.
    When(Expr),
    /// A Poisson process of this rate in each cell, per second.
    Poisson(Expr),
    /// At these times, in seconds, and in which cell each; in every cell where that is not said.
    At {
        /// Times, ascending or not.
        times: Arc<Value>,
        /// Cells.
        cells: Option<Arc<Value>>,
    },
}

/// What an event does to one variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The variable.
    pub var: VarId,
    /// Whose it is: that of the cell before or behind the synapse, or none for one of the synapse itself.
    pub of: Option<Event>,
    /// How the value acts on it.
    pub op: AssignOp,
    /// The value, from the states before the event.
    pub value: Expr,
    /// Where it stands.
    pub span: Span,
}

/// Which of its two cells' spikes a synapse hears of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A presynaptic spike arrives.
    Pre,
    /// The postsynaptic cell has spiked.
    Post,
}

/// What happens at the synapses of a cell when it spikes.
#[derive(Debug, Clone, PartialEq)]
pub struct Handler {
    /// At which spikes.
    pub event: Event,
    /// All from the states before the event.
    pub changes: Vec<Change>,
}

/// What a synapse does with a presynaptic and a postsynaptic spike at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ties {
    /// Both act from the state before the instant; their increments add.
    #[default]
    Together,
    /// The postsynaptic spike acts on what the presynaptic one has left.
    PreFirst,
    /// The other way round.
    PostFirst,
    /// The mean of both orders.
    Half,
}

/// How many ticks spikes of a projection travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SpikeDelay {
    /// From the presynaptic cell to the synapse.
    pub axonal: u64,
    /// From the synapse to the postsynaptic cell, and back.
    pub dendritic: u64,
}

/// Spikes that a statement schedules.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeSchedule {
    /// The spikes of one repetition.
    pub trains: Vec<SpikeTrain>,
    /// How they are repeated, what is repeated first standing first.
    pub again: Vec<Again>,
}

/// Spikes that the timeline schedules in some cells, from the beginning of the statement.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeTrain {
    /// Which population.
    pub population: PopId,
    /// Which cells; empty for all.
    pub slice: Vec<Selection>,
    /// When, in seconds; several times along an axis of its own.
    pub at: Expr,
    /// Where it stands.
    pub span: Span,
}

/// How often scheduled spikes are repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    /// How many times.
    pub count: Expr,
    /// From the start of one to the start of the next, in seconds.
    pub every: Expr,
}
