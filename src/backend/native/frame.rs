//! Where code finds what is neither in a register nor in an array: the scratch memory of a thread.
//!
//! It begins with a header that code and caller share, then come constants, values kept between sections, and places
//! for registers that are needed otherwise.

use super::asm::{Gpr, Mem, Operand};
use super::lir::{Base, Kept, Nest};
use crate::ir::SlotId;
use crate::source::Id;
use std::cell::RefCell;
use std::collections::HashMap;

/// The arrays: a pointer for each.
pub(super) const BASES: Gpr = Gpr::Rbx;
/// The scratch memory.
pub(super) const SCRATCH: Gpr = Gpr::R14;
/// The first row of the chunk.
pub(super) const ROW: Gpr = Gpr::R13;
/// The row in the chunk.
pub(super) const WITHIN: Gpr = Gpr::R15;
/// The element along the row.
pub(super) const ALONG: Gpr = Gpr::R12;
/// Where the elements end.
pub(super) const END: Gpr = Gpr::Rbp;
/// Registers that keep where a row begins in an array.
pub(super) const POINTERS: [Gpr; 6] = [Gpr::Rdi, Gpr::Rsi, Gpr::R8, Gpr::R9, Gpr::R10, Gpr::R11];

/// The first of the rows to work on.
pub(super) const HEADER_BEGIN: usize = 0;
/// Where they end.
pub(super) const HEADER_END: usize = 8;
/// How many times a sequence is still to be repeated.
pub(super) const HEADER_TURNS: usize = 16;
/// A vector that is all zeros unless a number that is checked was not finite.
pub(super) const HEADER_BAD: usize = 64;
/// The same for single numbers: a vector that is read after a part of it was written makes the processor wait.
pub(super) const HEADER_BAD_ONE: usize = 24;
/// Eight lanes of ones and eight of zeros.
const HEADER_MASKS: usize = 128;
/// The same with lanes of 32 bits.
const HEADER_MASKS_32: usize = 256;
/// Two vectors.
const HEADER_MOVING: usize = 320;
const HEADER: usize = 448;

/// The most lanes of a vector.
pub(super) const LANES: usize = 8;

/// The scratch memory as it grows while code is written.
#[derive(Debug)]
pub(super) struct Layout {
    bytes: usize,
    vectors: HashMap<[u64; LANES], usize>,
    spills: Vec<usize>,
    /// What the memory holds before the first run, beside zeros.
    initial: Vec<(usize, [u64; LANES])>,
    /// What the pointers after those to the arrays point to.
    pub tables: Vec<Base>,
    slots: usize,
}

impl Layout {
    pub fn new(slots: usize) -> Self {
        let ones = [u64::MAX; LANES];
        Self {
            bytes: HEADER,
            vectors: HashMap::new(),
            spills: Vec::new(),
            initial: vec![
                (HEADER_MASKS, ones),
                (HEADER_MASKS_32, [u64::MAX, u64::MAX, u64::MAX, u64::MAX, 0, 0, 0, 0]),
            ],
            tables: Vec::new(),
            slots,
        }
    }

    /// Sets memory aside, whole vectors of it.
    pub fn reserve(&mut self, bytes: usize) -> usize {
        let at = self.bytes;
        self.bytes += bytes.next_multiple_of(8 * LANES);
        at
    }

    fn vector(&mut self, lanes: [u64; LANES]) -> usize {
        if let Some(at) = self.vectors.get(&lanes) {
            return *at;
        }
        let at = self.reserve(8 * LANES);
        self.vectors.insert(lanes, at);
        self.initial.push((at, lanes));
        at
    }

    fn spill(&mut self, i: usize) -> usize {
        while self.spills.len() <= i {
            let at = self.reserve(8 * LANES);
            self.spills.push(at);
        }
        self.spills[i]
    }

    fn base(&mut self, base: &Base) -> usize {
        if let Base::Slot(slot) = base {
            return SlotId::index(*slot);
        }
        let at = self.tables.iter().position(|b| b == base).unwrap_or_else(|| {
            self.tables.push(base.clone());
            self.tables.len() - 1
        });
        self.slots + at
    }

    /// The memory as it is before the first run, in numbers of 64 bits.
    pub fn memory(&self) -> Vec<u64> {
        let mut memory = vec![0; self.bytes / 8];
        for (at, lanes) in &self.initial {
            memory[at / 8..at / 8 + LANES].copy_from_slice(lanes);
        }
        memory
    }
}

/// What one nest keeps in scratch memory.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub layout: &'a RefCell<Layout>,
    pub nest: &'a Nest,
    once: usize,
    rows: usize,
    columns: usize,
    column_bytes: usize,
    /// The registers, or the places, that hold where rows begin.
    pub pointers: RefCell<Vec<(super::access::RowPlace, Option<Gpr>)>>,
}

fn scratch(at: usize) -> Mem {
    Mem::at(SCRATCH, at as i64)
}

impl<'a> Frame<'a> {
    pub fn new(layout: &'a RefCell<Layout>, nest: &'a Nest) -> Self {
        let [once, columns, rows] = nest.kept.map(|n| n as usize);
        // what is read as a whole vector may reach beyond the last element
        let column_bytes = (nest.columns.1 * 8 + 8 * LANES).next_multiple_of(8 * LANES);
        let mut l = layout.borrow_mut();
        let once = l.reserve(once * 8 + 8 * LANES);
        let rows = l.reserve(rows * 8 * LANES);
        let columns = l.reserve(columns * column_bytes);
        Self { layout, nest, once, rows, columns, column_bytes, pointers: RefCell::default() }
    }

    /// The same bits in every lane.
    pub fn constant(&self, bits: u64) -> Mem {
        self.vector([bits; LANES])
    }

    /// The whole numbers 0, 1, 2 ..., times a step, plus a start.
    pub fn count(&self, start: u64, step: u64) -> Mem {
        self.vector(std::array::from_fn(|i| start.wrapping_add(step.wrapping_mul(i as u64))))
    }

    fn vector(&self, lanes: [u64; LANES]) -> Mem {
        scratch(self.layout.borrow_mut().vector(lanes))
    }

    pub fn once(&self, k: u32) -> Mem {
        scratch(self.once + 8 * k as usize)
    }

    /// The numbers that were kept for the rows of a chunk.
    pub fn rows(&self, k: u32) -> Mem {
        scratch(self.rows + 8 * LANES * k as usize)
    }

    /// Of those the present row's.
    pub fn row_kept(&self, k: u32, single: bool) -> Operand {
        Operand::Broadcast(Mem::indexed(SCRATCH, WITHIN, if single { 4 } else { 8 }, self.rows(k).offset))
    }

    /// The numbers kept for the columns.
    pub fn column(&self, k: u32) -> Mem {
        scratch(self.columns + self.column_bytes * k as usize)
    }

    pub fn kept(&self, kept: Kept) -> Mem {
        match kept {
            Kept::Once(k) => self.once(k),
            Kept::Row(k) => self.rows(k),
            Kept::Column(k) => self.column(k),
        }
    }

    /// Two vectors for moving numbers lane by lane.
    pub fn moving(&self, i: usize) -> Mem {
        scratch(HEADER_MOVING + 8 * LANES * i)
    }

    pub fn spill(&self, i: usize) -> Mem {
        scratch(self.layout.borrow_mut().spill(i))
    }

    /// Where the pointer to an array is.
    pub fn base(&self, base: u16) -> Mem {
        let index = self.layout.borrow_mut().base(&self.nest.bases[usize::from(base)]);
        Mem::at(BASES, 8 * index as i64)
    }
}

/// Memory with so many ones, then zeros; `n` is in a register as the number of lanes.
pub(super) fn mask_of_lanes(negative: Gpr, bits: u32) -> Mem {
    match bits {
        64 => Mem::indexed(SCRATCH, negative, 8, (HEADER_MASKS + 8 * LANES) as i64),
        _ => Mem::indexed(SCRATCH, negative, 4, (HEADER_MASKS_32 + 4 * LANES) as i64),
    }
}

/// Memory with ones in so many first lanes.
pub(super) fn first_lanes(lanes: usize) -> Mem {
    scratch(HEADER_MASKS + 8 * (LANES - lanes))
}

/// The same with lanes of 32 bits.
pub(super) fn first_lanes_32(lanes: usize) -> Mem {
    scratch(HEADER_MASKS_32 + 4 * (LANES - lanes))
}

/// The lowest lane alone.
pub(super) fn lowest_lane() -> Mem {
    first_lanes(1)
}

pub(super) fn header(at: usize) -> Mem {
    scratch(at)
}
