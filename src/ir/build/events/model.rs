//! What is made of spikes: who emits them, who hears of them, and the kernels that act.

use crate::hir::{ParamId, PopId, ProjId, VarId};
use crate::ir::build::closed::WhyTicks;
use crate::ir::build::plan::Work;
use crate::ir::{KernelId, PatternId, SlotId};
use crate::source::IndexVec;

/// The events of a program: who emits spikes, and what they meet.
#[derive(Debug, Clone)]
pub struct Events {
    /// Why time goes tick by tick; `None` where it goes from event to event.
    pub ticks: Option<WhyTicks>,
    /// Populations with spikes.
    pub emitters: IndexVec<PopId, Option<Emitter>>,
    /// Projections that hear of spikes.
    pub hearers: IndexVec<ProjId, Option<Hearer>>,
    /// Variables of cells that gather what synapses send.
    pub gathered: Vec<VarId>,
    /// Whether the instantaneous variables have to be computed before each instant with events.
    pub observe: bool,
    /// What is computed before each instant, such as means over cells that a handler reads.
    pub before: Work,
    /// Whether events are looked for at the end of ticks.
    pub ticking: bool,
    /// Shows variables in closed form as they are now.
    pub show: Work,
    /// Whether instantaneous variables follow from those.
    pub shown_first: bool,
    /// Parameters that the protocol sets, each with the variables in closed form that go by it.
    pub set_by: Vec<(ParamId, Vec<VarId>)>,
}

impl Events {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.emitters.iter().any(Option::is_some)
    }
}

/// A population with spikes.
#[derive(Debug, Clone)]
pub struct Emitter {
    /// How many spikes each cell has emitted.
    pub count: SlotId,
    /// What tells which cells spike at the end of a tick, and where it stands.
    pub crossing: Option<(Work, SlotId)>,
    /// Until which tick each cell is refractory.
    pub refractory: Option<SlotId>,
    /// What computes the rates of Poisson processes, where they stand, and whether they change between statements.
    pub rate: Option<(Work, SlotId, bool)>,
    /// What a spike does to its cell.
    pub reset: Option<Rows>,
}

/// A projection that hears of spikes.
#[derive(Debug, Clone)]
pub struct Hearer {
    /// Which synapses a presynaptic cell has.
    pub reach: Reach,
    /// 1 for the presynaptic cells whose spikes arrive at this instant; read where two spikes meet.
    pub arrived_pre: SlotId,
    /// The same of postsynaptic ones.
    pub arrived_post: SlotId,
    /// Whether something happens at the synapses, or to the rule's variables, at presynaptic spikes.
    pub hears_pre: bool,
    /// The same at postsynaptic ones.
    pub hears_post: bool,
    /// Whether cells gather what synapses send.
    pub gathers: bool,
}

/// Which synapses a presynaptic cell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One, with the postsynaptic cell of the same number.
    One,
    /// One with each of so many postsynaptic cells; so many presynaptic cells.
    All {
        /// Postsynaptic cells.
        rows: usize,
        /// Presynaptic cells.
        columns: usize,
    },
    /// Those of a row of this pattern, which goes from presynaptic to postsynaptic cells.
    Pattern(PatternId),
}

/// A kernel of which some rows are run for each cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// The kernel.
    pub kernel: KernelId,
    /// How many rows there are for a cell.
    pub each: usize,
}

impl Rows {
    /// The kernel and the rows of a cell.
    pub fn of(self, cell: u32) -> (KernelId, std::ops::Range<usize>) {
        let first = cell as usize * self.each;
        (self.kernel, first..first + self.each)
    }
}

/// What spikes do at the synapses of a projection, of what is not frozen.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// At presynaptic spikes.
    pub pre: Side,
    /// At postsynaptic ones.
    pub post: Side,
}

/// What the spikes of one side do.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// What the other side's cells gather.
    pub gather: Vec<Gather>,
    /// How synapses change.
    pub synapses: Option<Rows>,
    /// How they change where spikes of the other side may arrive at the same instant.
    pub tied: Option<Rows>,
    /// How what the rule keeps for the cell changes, and variables of the cell.
    pub cell: Option<Rows>,
}

impl Side {
    /// Whether it does anything.
    pub fn any(&self) -> bool {
        !self.gather.is_empty() || self.synapses.is_some() || self.cell.is_some()
    }
}

/// What cells gather of the synapses that a spike reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gather {
    /// Which of [`Events::gathered`].
    pub into: usize,
    /// What computes it for each synapse; `None` where it is a variable of the synapse.
    pub compute: Option<Rows>,
    /// Where it stands.
    pub from: SlotId,
    /// Whether it is subtracted.
    pub negative: bool,
}
