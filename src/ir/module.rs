use super::Kernel;
pub use crate::contract::Precision;
use crate::define_id;
use crate::source::IndexVec;
use std::ops::Range;
use std::sync::Arc;

define_id!(
    /// Names a [`Slot`].
    SlotId
);
define_id!(
    /// Names a [`Pattern`].
    PatternId
);
define_id!(
    /// Names a [`Kernel`].
    KernelId
);

/// Everything that can happen in a tick, and the arrays it happens to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Module {
    /// The arrays.
    pub slots: IndexVec<SlotId, Slot>,
    /// Which synapses exist, for projections that are not all-to-all.
    pub patterns: IndexVec<PatternId, Pattern>,
    /// The loops.
    pub kernels: IndexVec<KernelId, Kernel>,
    /// Which kernels run in a tick, for each setting of teaching and freezing.
    pub plans: Vec<Plan>,
}

impl Module {
    /// An empty module.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an array that starts with one value everywhere.
    pub fn slot(&mut self, name: impl Into<String>, kind: SlotKind, len: usize, start: f64) -> SlotId {
        let init = Init::Fill(start);
        self.slots.push(Slot { name: name.into(), kind, precision: Precision::Double, len, init })
    }

    /// Adds an array with these values.
    pub fn slot_with(
        &mut self,
        name: impl Into<String>,
        kind: SlotKind,
        values: impl Into<Vec<f64>>,
    ) -> SlotId {
        let values = values.into();
        let len = values.len();
        let init = Init::values(values);
        self.slots.push(Slot { name: name.into(), kind, precision: Precision::Double, len, init })
    }

    /// How exactly an array keeps its numbers; one that is not the module's, but added by whoever runs it, keeps f64.
    pub fn precision(&self, slot: SlotId) -> Precision {
        self.slots.get(slot).map_or(Precision::Double, |s| s.precision)
    }

    /// The slot of this name.
    pub fn find_slot(&self, name: &str) -> Option<SlotId> {
        self.slots.ids().find(|id| self.slots[*id].name == name)
    }

    /// The kernel of this name.
    pub fn find_kernel(&self, name: &str) -> Option<KernelId> {
        self.kernels.ids().find(|id| self.kernels[*id].name == name)
    }
}

/// What an array is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// Never changes: its values may be used when kernels are simplified.
    Constant,
    /// Set before a run and by `set` statements.
    Parameter,
    /// Written by the timeline: inputs, the tick number, teaching factors.
    Input,
    /// Carried from tick to tick.
    State,
    /// Computed anew wherever it is used.
    Temporary,
}

/// The first values of an array.
#[derive(Debug, Clone, PartialEq)]
pub enum Init {
    /// The same everywhere.
    Fill(f64),
    /// One for each element.
    Values(Arc<Vec<f64>>),
    /// One for each element, in single precision.
    Singles(Arc<Vec<f32>>),
}

impl Init {
    /// These; one number everywhere is stored, and listed, as one number.
    pub fn values(values: Vec<f64>) -> Self {
        match values.first() {
            Some(first) if values.iter().all(|v| v.to_bits() == first.to_bits()) => Self::Fill(*first),
            _ => Self::Values(values.into()),
        }
    }

    /// The same in single precision.
    pub fn singles(values: Vec<f32>) -> Self {
        match values.first() {
            Some(first) if values.iter().all(|v| v.to_bits() == first.to_bits()) => {
                Self::Fill((*first).into())
            }
            _ => Self::Singles(values.into()),
        }
    }
}

/// A flat array of numbers that kernels load from and store to.
///
/// What it starts with is rounded where the array keeps single precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// Its name, unique in the module.
    pub name: String,
    /// What it is for.
    pub kind: SlotKind,
    /// How exactly it keeps them.
    pub precision: Precision,
    /// How many numbers it holds.
    pub len: usize,
    /// What they are before the first tick.
    pub init: Init,
}

/// Which elements of a matrix exist, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Its name, unique among patterns.
    pub name: String,
    /// How many rows (postsynaptic cells) there are.
    pub rows: usize,
    /// How many columns (presynaptic cells) there are.
    pub cols: usize,
    /// Where each row's elements start, and where the last one's end: `rows + 1` numbers.
    pub row_start: Arc<[usize]>,
    /// The column of each element, ascending in each row.
    pub col_index: Arc<[u32]>,
    /// Where each element is stored, if not in this order: for the transpose of another pattern.
    pub storage: Option<Arc<[u32]>>,
}

impl Pattern {
    /// The place of an element (by its number in the order of the rows) in the matrix of all pairs, row-major.
    pub fn flat(&self, element: usize) -> usize {
        let row = self.row_start.partition_point(|s| *s <= element).saturating_sub(1);
        row * self.cols + self.col_index.get(element).map_or(0, |c| *c as usize)
    }

    /// How many elements stand before a place in the matrix of all pairs, row-major.
    pub fn element(&self, flat: usize) -> usize {
        let row = flat / self.cols.max(1);
        if row >= self.rows {
            return self.elements();
        }
        let columns = &self.col_index[self.row_start[row]..self.row_start[row + 1]];
        let column = flat - row * self.cols;
        self.row_start[row] + columns.partition_point(|c| (*c as usize) < column)
    }

    /// The places of some elements in the matrix of all pairs, row-major.
    pub fn pairs(&self, elements: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut row = self.row_start.partition_point(|s| *s <= elements.start).saturating_sub(1);
        elements.map(move |element| {
            row += self.row_start[row + 1..].iter().take_while(|end| **end <= element).count();
            row * self.cols + self.col_index[element] as usize
        })
    }

    /// The pattern with these columns in each row.
    pub fn from_rows(name: impl Into<String>, cols: usize, rows: &[Vec<u32>]) -> Self {
        let mut row_start = Vec::with_capacity(rows.len() + 1);
        let mut col_index = Vec::new();
        row_start.push(0);
        for row in rows {
            col_index.extend_from_slice(row);
            row_start.push(col_index.len());
        }
        Self {
            name: name.into(),
            rows: rows.len(),
            cols,
            row_start: row_start.into(),
            col_index: col_index.into(),
            storage: None,
        }
    }

    /// How many elements exist.
    pub fn elements(&self) -> usize {
        self.col_index.len()
    }

    /// The same elements column by column, in the storage of this one.
    pub fn transpose(&self, name: impl Into<String>) -> Self {
        let mut row_start = vec![0; self.cols + 1];
        for c in self.col_index.iter() {
            row_start[*c as usize + 1] += 1;
        }
        for c in 0..self.cols {
            row_start[c + 1] += row_start[c];
        }
        let mut next = row_start.clone();
        let mut col_index = vec![0; self.elements()];
        let mut storage = vec![0; self.elements()];
        for row in 0..self.rows {
            for e in self.row_start[row]..self.row_start[row + 1] {
                let place = &mut next[self.col_index[e] as usize];
                col_index[*place] = row as u32;
                storage[*place] = self.storage.as_ref().map_or(e as u32, |s| s[e]);
                *place += 1;
            }
        }
        Self {
            name: name.into(),
            rows: self.cols,
            cols: self.rows,
            row_start: row_start.into(),
            col_index: col_index.into(),
            storage: Some(storage.into()),
        }
    }
}

/// What happens in one tick, under one setting of teaching and freezing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Stimuli that change with time.
    pub inputs: Vec<KernelId>,
    /// Instantaneous variables, drives, and what else is computed from the state at the start of the tick; records
    /// and probes read after these.
    pub observe: Vec<KernelId>,
    /// What changes the state; reads the state at the start of the tick, writes it or its next value.
    pub update: Vec<KernelId>,
    /// Next values that become the state once all updates have run.
    pub commits: Vec<Commit>,
    /// Kernels after the commits: normalisation, then bounds.
    pub settle: Vec<KernelId>,
}

/// A next value that becomes the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// The next value.
    pub from: SlotId,
    /// The state.
    pub to: SlotId,
    /// Whether the two arrays change places, which costs nothing; legal where `from` is wholly written every tick.
    pub swap: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transpose_has_the_same_elements_and_transposes_back() {
        let p = Pattern::from_rows("p", 4, &[vec![0, 2], vec![], vec![1, 2, 3]]);
        let t = p.transpose("t");
        assert_eq!(t.row_start.as_ref(), [0, 1, 2, 4, 5]);
        assert_eq!(t.col_index.as_ref(), [0, 2, 0, 2, 2]);
        assert_eq!(t.storage.as_deref(), Some(&[0, 2, 1, 3, 4][..]));
        let back = t.transpose("p");
        assert_eq!((back.row_start, back.col_index), (p.row_start, p.col_index));
        assert_eq!(back.storage.as_deref(), Some(&[0, 1, 2, 3, 4][..]));
    }
}
