use crate::ir::{Commit, Module, SlotId};
use crate::source::Id;
use std::ops::{Index, IndexMut};

/// The numbers of a run: one array for each slot of a module.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrays {
    pub(super) slots: Vec<Vec<f64>>,
}

impl Arrays {
    /// All slots with the values they start with.
    pub fn new(module: &Module) -> Self {
        Self { slots: module.slots.iter().map(|s| s.start()).collect() }
    }

    /// Makes next values the state: copies them, or exchanges the arrays.
    pub fn commit(&mut self, commits: &[Commit]) {
        for c in commits {
            let (from, to) = (c.from.index(), c.to.index());
            if c.swap {
                self.slots.swap(from, to);
            } else if let Ok([from, to]) = self.slots.get_disjoint_mut([from, to]) {
                to.copy_from_slice(from);
            }
        }
    }

    /// Writes to every page, so that the first tick is not the one that waits for the system to give memory.
    pub fn touch(&mut self) {
        const PAGE: usize = 4096 / size_of::<f64>();
        for value in self.slots.iter_mut().flat_map(|slot| slot.iter_mut().step_by(PAGE)) {
            *value = std::hint::black_box(*value);
        }
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        self.slots.iter().map(|s| s.len() * size_of::<f64>()).sum()
    }
}

impl Index<SlotId> for Arrays {
    type Output = [f64];
    fn index(&self, slot: SlotId) -> &[f64] {
        &self.slots[slot.index()]
    }
}

impl IndexMut<SlotId> for Arrays {
    fn index_mut(&mut self, slot: SlotId) -> &mut [f64] {
        &mut self.slots[slot.index()]
    }
}
