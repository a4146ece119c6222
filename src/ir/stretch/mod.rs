//! Stretches: many ticks of the same kind as one loop.
//!
//! Where nothing is presented, recorded or asked for between ticks, a tick is the same list of kernels again and
//! again. From the kernels of a plan a [`Stretch`] makes three lists: what is *observed* of the states; a *turn*, which
//! changes the states and observes the next ones, so that a synapse's update and its part in the next drive are one
//! pass over the weights; and the *change* alone, with which a stretch may end. Next values that nobody compares with
//! the old ones are written in their place (`commit`), neighbouring loops over the same elements become one
//! (`fuse`).
//!
//! Then `order` decides whether the rows (postsynaptic cells) may be taken one after the other, each through all
//! ticks while its weights are near the processor, or which read stands in the way. Where they may, weights that are
//! scaled in every tick need not be written twice (`late`).

mod commit;
mod fuse;
mod late;
mod order;
mod pack;
mod single;

pub use late::Late;
pub use order::{Obstacle, Order};
pub use pack::Packed;

use super::{
    Access, Commit, Domain, Effect, Index, Kernel, KernelBuilder, KernelId, Module, SlotId, SlotKind,
};
use crate::contract::Ops;

/// What a tick does: the kernels of a plan, and of what is presented.
#[derive(Debug, Clone, Copy)]
pub struct Tick<'a> {
    /// Inputs that change with time.
    pub inputs: &'a [KernelId],
    /// What follows from the states.
    pub observe: &'a [KernelId],
    /// What changes them.
    pub update: &'a [KernelId],
    /// Next values that become the state.
    pub commits: &'a [Commit],
    /// Normalisation and bounds.
    pub settle: &'a [KernelId],
    /// What arrives from earlier ticks. Someone has to bring it before every tick, so ticks pass one by one.
    pub arrivals: &'a [Commit],
    /// The arrays of one number that count ticks.
    pub clocks: &'a [SlotId],
}

/// Many ticks as one loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Observes the states.
    pub observe: Vec<Kernel>,
    /// Changes them and observes the next ones.
    pub turn: Vec<Kernel>,
    /// Changes them.
    pub change: Vec<Kernel>,
    /// In which order rows and ticks are taken.
    pub order: Order,
    /// What is done for a few rows before their first tick.
    pub pack: Vec<Kernel>,
    /// The arrays that this makes.
    pub packed: Vec<Packed>,
    /// Factors by which weights are scaled when they are read, if any are.
    pub late: Option<Late>,
}

impl Stretch {
    /// The stretch of a tick.
    pub fn new(module: &Module, tick: &Tick<'_>) -> Self {
        let kernels = |ids: &[KernelId]| {
            ids.iter().map(|k| single::plain(module, module.kernels[*k].clone())).collect::<Vec<_>>()
        };
        let mut observe = kernels(tick.inputs);
        observe.extend(kernels(tick.observe));
        let mut change = commit::changes(module, kernels(tick.update), tick.commits);
        let settle = kernels(tick.settle);
        change.extend(tick.clocks.iter().map(|clock| advance(*clock)));
        change.extend(settle);
        // normalisation and bounds still belong to the tick that has passed
        change.extend(tick.arrivals.iter().map(|a| commit::copy(module, a)));
        let turn: Vec<Kernel> = change.iter().cloned().chain(observe.iter().cloned()).collect();
        // what is the same for all rows stays apart from what is not
        let of_rows = order::row_arrays(module, &turn);
        let fuse = |kernels| fuse::fuse(module, kernels, &|k| order::is_of_rows(k, &of_rows));
        let (observe, change, turn) = (fuse(observe), fuse(change), fuse(turn));
        let mut stretch = Self {
            observe,
            turn,
            change,
            order: Order::Ticks(None),
            pack: Vec::new(),
            packed: Vec::new(),
            late: None,
        };
        if tick.arrivals.is_empty() {
            stretch.order = order::order(module, &mut stretch, &of_rows);
            pack::pack(module, &mut stretch);
            late::late(module, &mut stretch);
        }
        stretch
    }

    /// The arrays of a module and those besides that the kernels of this stretch name.
    pub fn arrays(&self, module: &Module) -> Module {
        let mut all =
            Module { slots: module.slots.clone(), patterns: module.patterns.clone(), ..Module::default() };
        for packed in &self.packed {
            let len = module.patterns[packed.pattern].elements();
            let slot = all.slot("packed", SlotKind::Temporary, len, 0.0);
            all.slots[slot].precision = packed.precision;
        }
        all
    }

    /// How many elements a turn visits.
    pub fn elements(&self, module: &Module) -> usize {
        let of = |k: &Kernel| match &k.domain {
            Domain::Dense { dims, .. } => dims.iter().product::<usize>(),
            Domain::Sparse { pattern, .. } => module.patterns[*pattern].elements(),
        };
        self.turn.iter().map(of).sum()
    }
}

/// The kernel that lets a tick pass.
fn advance(clock: SlotId) -> Kernel {
    let b = KernelBuilder::new("clock", Domain::Dense { dims: Vec::new(), reduced: 0 });
    let now = b.load(clock, 0, &[]);
    b.store_to(
        b.add(now, b.num(1.0)),
        Access { slot: clock, base: 0, index: Index::Strides(Vec::new()) },
        false,
    );
    b.finish()
}

/// The arrays that a kernel reads, and how; the second is `None` for one that it looks up.
fn accesses(kernel: &Kernel) -> impl Iterator<Item = (SlotId, Option<&Access>)> {
    kernel.ops.iter().filter_map(|op| match op {
        super::Op::Load(access) => Some((access.slot, Some(access))),
        super::Op::Gather { slot, .. } => Some((*slot, None)),
        _ => None,
    })
}

fn reads(kernel: &Kernel, slot: SlotId) -> bool {
    accesses(kernel).any(|a| a.0 == slot)
}

/// The places that a kernel writes.
fn written(kernel: &Kernel) -> impl Iterator<Item = &Access> {
    kernel.effects.iter().map(Effect::to)
}

fn writes(kernel: &Kernel, slot: SlotId) -> bool {
    written(kernel).any(|a| a.slot == slot)
}

/// Whether two kernels may not change places.
fn conflict(a: &Kernel, b: &Kernel) -> bool {
    written(a).any(|w| reads(b, w.slot) || writes(b, w.slot)) || written(b).any(|w| reads(a, w.slot))
}
