//! Which order of rows and ticks keeps every read what it was.
//!
//! Rows may be taken one after the other through many ticks if no row reads what another one writes. Arrays that are
//! written are therefore *row* arrays, each row with a part of its own, or *shared* ones, which follow from nothing
//! that rows write (a presynaptic trace, the clock): those are computed anew for every few rows.

use super::{Stretch, accesses, written};
use crate::ir::{Access, Domain, Effect, Index, Kernel, Module, Op, PatternId, SlotId};
use std::collections::{BTreeMap, BTreeSet};

/// In which order rows and ticks are taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Tick by tick: all rows of one before the next; and why, if there is a row to speak of.
    Ticks(Option<Obstacle>),
    /// A few rows at a time, each through all ticks.
    Rows {
        /// How many rows there are.
        rows: usize,
        /// Arrays that are the same for all rows and change with time.
        shared: Vec<SlotId>,
        /// How many bytes a tick touches for each row, on average.
        per_row: usize,
        /// How many bytes of shared arrays a tick computes.
        per_tick: usize,
    },
}

/// The read that keeps rows together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The kernel that reads.
    pub kernel: String,
    /// The array it reads, whose rows others write in the same tick.
    pub slot: SlotId,
}

/// How a kernel's rows lie in an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// So many numbers a row.
    Each(usize),
    /// The elements of a pattern.
    Elements(PatternId),
}

/// Decides, and gives kernels over whole matrices their rows back.
pub(super) fn order(module: &Module, stretch: &mut Stretch, of_rows: &BTreeSet<SlotId>) -> Order {
    let all = |s: &Stretch| [&s.observe, &s.turn].into_iter().flatten().cloned().collect::<Vec<Kernel>>();
    let Some(rows) = all(stretch).iter().filter_map(|k| matrix_rows(module, k)).max_by_key(|r| r.1) else {
        return Order::Ticks(None);
    };
    let rows = rows.0;
    if rows < 2 {
        return Order::Ticks(None);
    }
    for kernel in [&mut stretch.observe, &mut stretch.turn, &mut stretch.change].into_iter().flatten() {
        split(kernel, rows);
    }
    let kernels = all(stretch);
    let mut lies: BTreeMap<SlotId, Rows> = BTreeMap::new();
    for kernel in kernels.iter().filter(|k| is_of_rows(k, of_rows)) {
        let obstacle = |slot| Order::Ticks(Some(Obstacle { kernel: kernel.name.clone(), slot }));
        if extent(module, kernel) != Some(rows) {
            let slot = accesses(kernel).map(|a| a.0).find(|s| of_rows.contains(s));
            return slot
                .or_else(|| written(kernel).map(|w| w.slot).next())
                .map_or(Order::Ticks(None), obstacle);
        }
        let reads = accesses(kernel).filter(|(slot, _)| of_rows.contains(slot));
        for (slot, access) in reads.chain(written(kernel).map(|w| (w.slot, Some(w)))) {
            let lie = access.and_then(|a| row_of(module, kernel, a));
            match (lie, lies.get(&slot)) {
                (Some(lie), None) => drop(lies.insert(slot, lie)),
                (Some(lie), Some(before)) if lie == *before => {}
                _ => return obstacle(slot),
            }
        }
    }
    let shared: BTreeSet<SlotId> =
        kernels.iter().flat_map(|k| written(k).map(|w| w.slot)).filter(|s| !of_rows.contains(s)).collect();
    let size = |slots: &mut dyn Iterator<Item = &SlotId>| {
        slots.map(|s| module.slots[*s].len * module.slots[*s].precision.bytes()).sum::<usize>()
    };
    Order::Rows {
        rows,
        per_row: size(&mut of_rows.iter()) / rows.max(1),
        per_tick: size(&mut shared.iter()),
        shared: shared.into_iter().collect(),
    }
}

/// The rows of a kernel over the pairs of two populations, and how many pairs there are.
fn matrix_rows(module: &Module, kernel: &Kernel) -> Option<(usize, usize)> {
    match &kernel.domain {
        Domain::Dense { dims, reduced } => {
            let (outer, _) = Domain::rows_and_along(dims, *reduced);
            (!outer.is_empty()).then(|| (outer.iter().product(), dims.iter().product()))
        }
        Domain::Sparse { pattern, .. } => {
            let p = &module.patterns[*pattern];
            p.storage.is_none().then_some((p.rows, p.elements()))
        }
    }
}

/// How many rows a kernel's loops have, if one loop is over rows: an element of a loop that stands alone is a row.
fn extent(module: &Module, kernel: &Kernel) -> Option<usize> {
    match &kernel.domain {
        Domain::Dense { dims, reduced } => match (Domain::rows_and_along(dims, *reduced), reduced) {
            (([rows], _), _) | (([], [rows]), 0) => Some(*rows),
            _ => None,
        },
        Domain::Sparse { pattern, .. } => Some(module.patterns[*pattern].rows),
    }
}

/// The arrays that rows write: those of synapses, and what follows from them.
pub(super) fn row_arrays(module: &Module, kernels: &[Kernel]) -> BTreeSet<SlotId> {
    let mut found: BTreeSet<SlotId> = kernels
        .iter()
        .filter(|k| matrix_rows(module, k).is_some())
        .flat_map(|k| written(k).map(|w| w.slot))
        .collect();
    loop {
        let before = found.len();
        for kernel in kernels.iter().filter(|k| is_of_rows(k, &found)).collect::<Vec<_>>() {
            found.extend(written(kernel).map(|w| w.slot));
        }
        if found.len() == before {
            return found;
        }
    }
}

pub(super) fn is_of_rows(kernel: &Kernel, of_rows: &BTreeSet<SlotId>) -> bool {
    accesses(kernel).any(|a| of_rows.contains(&a.0)) || written(kernel).any(|w| of_rows.contains(&w.slot))
}

impl Stretch {
    /// Whether a kernel is computed for all rows alike, by what the order says.
    pub fn is_shared(&self, kernel: &Kernel) -> bool {
        match &self.order {
            Order::Rows { shared, .. } => written(kernel).all(|w| shared.contains(&w.slot)),
            Order::Ticks(_) => false,
        }
    }
}

/// How rows lie in an array, if each one's part is its own.
fn row_of(module: &Module, kernel: &Kernel, access: &Access) -> Option<Rows> {
    let strides = match &access.index {
        Index::Element => {
            let Domain::Sparse { pattern, .. } = kernel.domain else { return None };
            return (access.base == 0 && module.patterns[pattern].storage.is_none())
                .then_some(Rows::Elements(pattern));
        }
        Index::Strides(strides) => strides,
    };
    let step = strides.first().copied().filter(|s| *s > 0)?;
    let within: usize = match &kernel.domain {
        Domain::Dense { dims, .. } => {
            strides.iter().zip(dims).skip(1).map(|(s, d)| s * d.saturating_sub(1)).sum()
        }
        Domain::Sparse { pattern, .. } => {
            strides.get(1).map_or(0, |s| s * module.patterns[*pattern].cols.saturating_sub(1))
        }
    };
    (access.base + within < step).then_some(Rows::Each(step))
}

/// Takes a loop over a whole matrix apart into rows.
fn split(kernel: &mut Kernel, rows: usize) {
    let Domain::Dense { dims, reduced: 0 } = &kernel.domain else { return };
    let [all] = dims[..] else { return };
    if all == rows || !all.is_multiple_of(rows) {
        return;
    }
    let columns = all / rows;
    if kernel.ops.iter().any(|op| matches!(op, Op::Coord(_))) {
        return;
    }
    let apart = |index: &mut Index| {
        if let Index::Strides(s) = index
            && let [step] = s[..]
        {
            *s = vec![step * columns, step];
        }
    };
    for op in kernel.ops.iter_mut() {
        match op {
            Op::Load(access) => apart(&mut access.index),
            Op::Random { element, .. } => {
                if let [step] = element.strides[..] {
                    element.strides = vec![step.wrapping_mul(columns as u64), step];
                }
            }
            _ => {}
        }
    }
    for effect in &mut kernel.effects {
        let (Effect::Store { to, .. } | Effect::Reduce { to, .. }) = effect;
        apart(&mut to.index);
    }
    kernel.domain = Domain::Dense { dims: vec![rows, columns], reduced: 0 };
}
