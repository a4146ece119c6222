use crate::ir::{Commit, Init, Module, Precision, SlotId};
use crate::source::Id;
use std::borrow::Cow;
use std::ops::{Index, IndexMut};

/// The numbers of a run: one array for each slot of a module.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrays {
    /// Arrays of double precision; nothing for the others.
    pub(super) slots: Vec<Vec<f64>>,
    /// Arrays of single precision; nothing for the others.
    pub(super) singles: Vec<Vec<f32>>,
    single: Vec<bool>,
}

/// The numbers of an array as they are kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum View<'a> {
    Double(&'a [f64]),
    Single(&'a [f32]),
}

impl Arrays {
    /// All slots with the values they start with, rounded where a slot keeps single precision.
    pub fn new(module: &Module) -> Self {
        let single: Vec<bool> = module.slots.iter().map(|s| s.precision == Precision::Single).collect();
        let doubles = module.slots.iter().map(|s| match s.precision {
            Precision::Double => s.start(),
            Precision::Single => Vec::new(),
        });
        let singles = module.slots.iter().map(|s| match (s.precision, &s.init) {
            (Precision::Double, _) => Vec::new(),
            (Precision::Single, Init::Fill(v)) => vec![*v as f32; s.len],
            (Precision::Single, Init::Values(v)) => v.iter().map(|v| *v as f32).collect(),
        });
        Self { slots: doubles.collect(), singles: singles.collect(), single }
    }

    /// How exactly a slot keeps its numbers.
    pub fn precision(&self, slot: SlotId) -> Precision {
        if self.single[slot.index()] { Precision::Single } else { Precision::Double }
    }

    /// How many numbers a slot has.
    pub fn len_of(&self, slot: SlotId) -> usize {
        match self.view(slot) {
            View::Double(v) => v.len(),
            View::Single(v) => v.len(),
        }
    }

    /// The numbers of a slot as they are kept.
    pub(super) fn view(&self, slot: SlotId) -> View<'_> {
        match self.precision(slot) {
            Precision::Double => View::Double(&self.slots[slot.index()]),
            Precision::Single => View::Single(&self.singles[slot.index()]),
        }
    }

    /// Where the numbers of each slot are.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn pointers(&mut self) -> impl Iterator<Item = *const u8> {
        let each = self.slots.iter_mut().zip(&mut self.singles).zip(&self.single);
        each.map(|((double, single), is_single)| match is_single {
            false => double.as_mut_ptr().cast_const().cast(),
            true => single.as_mut_ptr().cast_const().cast(),
        })
    }

    /// The numbers of a slot.
    pub fn values(&self, slot: SlotId) -> Cow<'_, [f64]> {
        match self.view(slot) {
            View::Double(v) => Cow::Borrowed(v),
            View::Single(v) => Cow::Owned(v.iter().map(|v| f64::from(*v)).collect()),
        }
    }

    /// One number of a slot.
    pub fn value(&self, slot: SlotId, at: usize) -> Option<f64> {
        match self.view(slot) {
            View::Double(v) => v.get(at).copied(),
            View::Single(v) => v.get(at).map(|v| f64::from(*v)),
        }
    }

    /// What a slot makes of a number that is written to it.
    pub fn rounded(&self, slot: SlotId, value: f64) -> f64 {
        match self.precision(slot) {
            Precision::Double => value,
            Precision::Single => f64::from(value as f32),
        }
    }

    /// Writes the numbers of a slot, as many as it has, rounded where it keeps single precision.
    pub fn write(&mut self, slot: SlotId, values: &[f64]) {
        match self.precision(slot) {
            Precision::Double => self.slots[slot.index()].copy_from_slice(values),
            Precision::Single => {
                let to = &mut self.singles[slot.index()];
                to.iter_mut().zip(values).for_each(|(to, v)| *to = *v as f32);
            }
        }
    }

    /// Writes one number of a slot.
    pub fn set(&mut self, slot: SlotId, at: usize, value: f64) {
        match self.precision(slot) {
            Precision::Double => self.slots[slot.index()][at] = value,
            Precision::Single => self.singles[slot.index()][at] = value as f32,
        }
    }

    /// Makes next values the state: copies them, or exchanges the arrays.
    pub fn commit(&mut self, commits: &[Commit]) {
        for c in commits {
            let (from, to) = (c.from.index(), c.to.index());
            if c.swap {
                self.slots.swap(from, to);
                self.singles.swap(from, to);
            } else {
                copy(&mut self.slots, from, to);
                copy(&mut self.singles, from, to);
            }
        }
    }

    /// Writes to every page, so that the first tick is not the one that waits for the system to give memory.
    pub fn touch(&mut self) {
        self.slots.iter_mut().for_each(|slot| touch(slot));
        self.singles.iter_mut().for_each(|slot| touch(slot));
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        let doubles = self.slots.iter().map(|s| size_of_val(&s[..])).sum::<usize>();
        doubles + self.singles.iter().map(|s| size_of_val(&s[..])).sum::<usize>()
    }
}

fn copy<T: Copy>(arrays: &mut [Vec<T>], from: usize, to: usize) {
    if let Ok([from, to]) = arrays.get_disjoint_mut([from, to]) {
        to.copy_from_slice(from);
    }
}

fn touch<T: Copy>(array: &mut [T]) {
    const PAGE: usize = 4096;
    for value in array.iter_mut().step_by(PAGE / size_of::<T>()) {
        *value = std::hint::black_box(*value);
    }
}

/// The numbers of a slot of double precision.
impl Index<SlotId> for Arrays {
    type Output = [f64];
    fn index(&self, slot: SlotId) -> &[f64] {
        &self.slots[slot.index()]
    }
}

/// The numbers of a slot of double precision.
impl IndexMut<SlotId> for Arrays {
    fn index_mut(&mut self, slot: SlotId) -> &mut [f64] {
        &mut self.slots[slot.index()]
    }
}
