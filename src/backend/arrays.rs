use crate::ir::{Commit, Init, Module, Precision, SlotId, SlotKind};
use crate::source::Id;
use std::borrow::Cow;
use std::ops::{Index, IndexMut, Range};
use std::sync::Arc;

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
    /// All slots with the values they start with.
    pub fn new(module: &Module) -> Self {
        Self::of(module.slots.iter().map(|s| (s.precision, s.len, s.init.clone())))
    }

    /// The same, and from then on states are here and no longer in the module.
    pub fn take(module: &mut Module) -> Self {
        Self::of(module.slots.iter_mut().map(|s| {
            let init = match s.kind {
                SlotKind::State => std::mem::replace(&mut s.init, Init::Fill(0.0)),
                _ => s.init.clone(),
            };
            (s.precision, s.len, init)
        }))
    }

    fn of(slots: impl Iterator<Item = (Precision, usize, Init)>) -> Self {
        let mut arrays = Self { slots: Vec::new(), singles: Vec::new(), single: Vec::new() };
        for (precision, len, init) in slots {
            let (double, single) = match (precision, init) {
                (Precision::Double, Init::Fill(v)) => (vec![v; len], Vec::new()),
                (Precision::Double, Init::Values(v)) => (Arc::unwrap_or_clone(v), Vec::new()),
                (Precision::Double, Init::Singles(v)) => {
                    (v.iter().map(|v| f64::from(*v)).collect(), Vec::new())
                }
                (Precision::Single, Init::Fill(v)) => (Vec::new(), vec![v as f32; len]),
                (Precision::Single, Init::Values(v)) => (Vec::new(), v.iter().map(|v| *v as f32).collect()),
                (Precision::Single, Init::Singles(v)) => (Vec::new(), Arc::unwrap_or_clone(v)),
            };
            arrays.slots.push(double);
            arrays.singles.push(single);
            arrays.single.push(precision == Precision::Single);
        }
        arrays
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

    /// Where a number of a slot is, or would be.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn place(&self, slot: SlotId, at: usize) -> *const u8 {
        match self.view(slot) {
            View::Double(v) => v.as_ptr().wrapping_add(at).cast(),
            View::Single(v) => v.as_ptr().wrapping_add(at).cast(),
        }
    }

    /// The numbers of a slot.
    pub fn values(&self, slot: SlotId) -> Cow<'_, [f64]> {
        match self.view(slot) {
            View::Double(v) => Cow::Borrowed(v),
            View::Single(v) => Cow::Owned(v.iter().map(|v| f64::from(*v)).collect()),
        }
    }

    /// Some numbers of a slot.
    pub fn part(&self, slot: SlotId, part: Range<usize>) -> Cow<'_, [f64]> {
        match self.view(slot) {
            View::Double(v) => Cow::Borrowed(&v[part]),
            View::Single(v) => Cow::Owned(v[part].iter().map(|v| f64::from(*v)).collect()),
        }
    }

    /// The numbers of a slot in parts of no great length, each with the place of its first.
    pub fn parts(&self, slot: SlotId) -> impl Iterator<Item = (usize, Cow<'_, [f64]>)> {
        const LONGEST: usize = 1 << 16;
        let len = self.len_of(slot);
        (0..len).step_by(LONGEST).map(move |at| (at, self.part(slot, at..len.min(at + LONGEST))))
    }

    /// How many numbers of a slot are such.
    pub fn count(&self, slot: SlotId, is: impl Fn(f64) -> bool) -> usize {
        self.parts(slot).map(|(_, part)| part.iter().filter(|v| is(**v)).count()).sum()
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
