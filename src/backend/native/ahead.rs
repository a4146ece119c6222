//! Asking for memory before it is needed.
//!
//! A presynaptic spike finds the weights of its synapses scattered, as they are stored by postsynaptic cell. Where they
//! are too many for the nearer caches, most of the time would be spent waiting for one after the other; so what the next
//! spikes need is asked for while the present one acts. First come the lists of where everything is, then what they
//! lead to.

use crate::backend::Arrays;
use crate::ir::{Access, Domain, Effect, Index, Kernel, Module, Op, Pattern, PatternId, SlotId};
use std::ops::Range;

/// What has fewer bytes is near anyhow: the nearer caches of most processors hold it.
const NEAR: usize = 1 << 19;

/// What a kernel of synapses goes through that is far away.
#[derive(Debug)]
pub(super) struct Far {
    pattern: PatternId,
    /// Arrays with a number for each synapse.
    slots: Vec<SlotId>,
}

impl Far {
    /// What of it a kernel has; `None` if nothing is far.
    pub fn of(module: &Module, kernel: &Kernel) -> Option<Self> {
        let Domain::Sparse { pattern, .. } = kernel.domain else { return None };
        if !kernel.by_row || module.patterns[pattern].elements() * size_of::<f64>() < NEAR {
            return None;
        }
        let loads = kernel.ops.iter().filter_map(|op| match op {
            Op::Load(access) => Some(access),
            _ => None,
        });
        let each = loads.chain(kernel.effects.iter().map(Effect::to));
        let by_synapse = each.filter(|access: &&Access| access.index == Index::Element);
        let mut slots: Vec<SlotId> = by_synapse.map(|access| access.slot).collect();
        slots.sort();
        slots.dedup();
        Some(Self { pattern, slots })
    }

    /// Asks for the lists that lead from some rows to their synapses.
    pub fn ask_for_lists(&self, module: &Module, rows: Range<usize>, arrays: &Arrays) {
        let p = &module.patterns[self.pattern];
        let synapses = of_rows(p, rows);
        let columns = p.col_index.as_ptr();
        for at in synapses.clone().step_by(LINE / size_of::<u32>()) {
            line(columns.wrapping_add(at).cast());
        }
        match &p.storage {
            Some(storage) => {
                for at in synapses.step_by(LINE / size_of::<u32>()) {
                    line(storage.as_ptr().wrapping_add(at).cast());
                }
            }
            // side by side
            None => {
                for slot in &self.slots {
                    synapses
                        .clone()
                        .step_by(LINE / size_of::<f64>())
                        .for_each(|at| line(arrays.place(*slot, at)));
                }
            }
        }
    }

    /// Asks for what the lists lead to.
    pub fn ask_for_synapses(&self, module: &Module, rows: Range<usize>, arrays: &Arrays) {
        let p = &module.patterns[self.pattern];
        let Some(storage) = &p.storage else { return };
        for slot in &self.slots {
            storage[of_rows(p, rows.clone())].iter().for_each(|at| line(arrays.place(*slot, *at as usize)));
        }
    }
}

/// How many bytes come at once.
const LINE: usize = 64;

fn of_rows(p: &Pattern, rows: Range<usize>) -> Range<usize> {
    p.row_start[rows.start]..p.row_start[rows.end]
}

/// Asks for a line of memory. Whatever the address, nothing is read, and nothing depends on it.
fn line(at: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
    // SAFETY: a hint neither reads nor writes, whatever the address; every x86-64 has it.
    #[allow(unsafe_code)]
    unsafe {
        _mm_prefetch::<_MM_HINT_T1>(at.cast());
    }
}
