//! Packing: what sparse synapses read of their columns, gathered once for each row and not in every tick.
//!
//! Where rows go through many ticks one after the other and a presynaptic array stays the same meanwhile, its numbers
//! are copied into the order of a row's synapses before the first tick.

use super::{Order, Stretch, written};
use crate::ir::{
    Access, Domain, Index, Kernel, KernelBuilder, Module, Num, Op, PatternId, Precision, Reg, SlotId,
};
use crate::source::Id;
use std::collections::BTreeSet;

/// An array of a few rows' synapses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its name among the arrays: those of the module come before.
    pub slot: SlotId,
    /// The synapses.
    pub pattern: PatternId,
    /// How exactly it keeps its numbers: rounded, where they are only used so.
    pub precision: Precision,
}

/// Lets the kernels of a stretch read packed arrays.
pub(super) fn pack(module: &Module, stretch: &mut Stretch) {
    if !matches!(stretch.order, Order::Rows { .. }) {
        return;
    }
    let lists = || [&stretch.observe, &stretch.turn, &stretch.change].into_iter().flatten();
    let changing: BTreeSet<SlotId> = lists().flat_map(|k| written(k).map(|w| w.slot)).collect();
    let mut sources: Vec<Source> = Vec::new();
    for list in [&mut stretch.observe, &mut stretch.turn, &mut stretch.change] {
        for kernel in list {
            kernel_reads(module, kernel, &changing, &mut sources);
        }
    }
    for (i, Source { pattern, access, precision }) in sources.into_iter().enumerate() {
        let slot = SlotId::from_index(module.slots.len() + i);
        let b = KernelBuilder::new("packed", Domain::Sparse { pattern, reduced: false });
        let Index::Strides(strides) = &access.index else { continue };
        let mut value = b.load(access.slot, access.base, strides);
        if precision == Precision::Single {
            value = Num(b.append(Op::Narrow(value.0)));
        }
        b.store_to(value, Access { slot, base: 0, index: Index::Element }, false);
        stretch.pack.push(b.finish());
        stretch.packed.push(Packed { slot, pattern, precision });
    }
}

/// What is packed.
#[derive(PartialEq)]
struct Source {
    pattern: PatternId,
    access: Access,
    precision: Precision,
}

fn kernel_reads(
    module: &Module,
    kernel: &mut Kernel,
    changing: &BTreeSet<SlotId>,
    sources: &mut Vec<Source>,
) {
    let Domain::Sparse { pattern, .. } = kernel.domain else { return };
    if module.patterns[pattern].storage.is_some() {
        return;
    }
    for reg in kernel.ops.ids().collect::<Vec<Reg>>() {
        let Op::Load(access) = &kernel.ops[reg] else { continue };
        let of_columns = matches!(&access.index, Index::Strides(s) if matches!(s[..], [0, step] if step > 0));
        if !of_columns || changing.contains(&access.slot) {
            continue;
        }
        // what is only read to be rounded is packed so
        let users: Vec<Reg> =
            kernel.ops.iter_enumerated().filter(|o| o.1.uses().any(|r| r == reg)).map(|o| o.0).collect();
        let rounds = |r: &Reg| matches!(kernel.ops[*r], Op::Narrow(_));
        let kept = kernel.effects.iter().any(|e| e.uses().any(|r| r == reg));
        let rounded = !kept && !users.is_empty() && users.iter().all(rounds);
        let precision = if rounded { Precision::Single } else { Precision::Double };
        let source = Source { pattern, access: access.clone(), precision };
        let i = sources.iter().position(|s| *s == source).unwrap_or_else(|| {
            sources.push(source);
            sources.len() - 1
        });
        let slot = SlotId::from_index(module.slots.len() + i);
        let load = Op::Load(Access { slot, base: 0, index: Index::Element });
        for reg in if rounded { users } else { vec![reg] } {
            kernel.ops[reg] = load.clone();
        }
    }
}
