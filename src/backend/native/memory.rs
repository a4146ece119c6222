use super::code::Code;
use super::frame::{HEADER_BAD, HEADER_BAD_ONE, HEADER_BEGIN, HEADER_END, HEADER_TURNS, LANES};
use super::lir::Base;
use crate::backend::Arrays;
use crate::ir::{Module, SlotId};
use crate::source::Id;

/// What machine code is given: scratch memory, and where arrays and tables are.
#[derive(Debug)]
pub(super) struct Memory {
    lines: Vec<Line>,
    /// Arrays besides the module's.
    extra: Vec<Vec<f64>>,
    bases: Vec<*const u8>,
}

// SAFETY: the pointers are written before each use and mean nothing between uses.
#[allow(unsafe_code)]
unsafe impl Send for Memory {}

/// A cache line, so that vectors of constants do not straddle two.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([u64; LANES]);

impl Memory {
    /// Scratch memory that begins with these numbers, and arrays of these lengths besides the module's.
    pub fn new(start: &[u64], extra: &[usize]) -> Self {
        let lines = start.chunks(LANES).map(|c| {
            let mut line = Line([0; LANES]);
            line.0[..c.len()].copy_from_slice(c);
            line
        });
        let extra = extra.iter().map(|len| vec![0.0; *len]).collect();
        Self { lines: lines.collect(), extra, bases: Vec::new() }
    }

    /// Points to the arrays of a module, to those besides, and to the tables.
    pub fn point(&mut self, module: &Module, tables: &[Base], arrays: &mut Arrays) {
        self.bases.clear();
        self.bases.extend(arrays.pointers());
        self.bases.extend(self.extra.iter_mut().map(|a| a.as_mut_ptr().cast_const().cast::<u8>()));
        self.bases.extend(tables.iter().map(|table| match table {
            // these have a pointer already
            Base::Slot(_) => std::ptr::null(),
            Base::Table(table) => table.as_ptr().cast(),
            Base::Starts(p) => module.patterns[*p].row_start.as_ptr().cast(),
            Base::Columns(p) => module.patterns[*p].col_index.as_ptr().cast(),
            Base::Storage(p) => {
                module.patterns[*p].storage.as_ref().map_or(std::ptr::null(), |s| s.as_ptr().cast())
            }
        }));
    }

    /// Points to the same as another memory, but for arrays of its own.
    pub fn point_as(&mut self, module: &Module, other: &Self) {
        self.bases.clone_from(&other.bases);
        for (base, own) in self.bases[module.slots.len()..].iter_mut().zip(&mut self.extra) {
            *base = own.as_mut_ptr().cast_const().cast();
        }
    }

    /// The numbers of an array besides the module's.
    pub fn extra(&mut self, i: usize) -> &mut [f64] {
        &mut self.extra[i]
    }

    /// Points to the same as another memory.
    pub fn point_alike(&mut self, other: &Self) {
        self.bases.clone_from(&other.bases);
    }

    /// Points to another array for a slot.
    pub fn redirect(&mut self, slot: SlotId, to: &mut [f64]) {
        self.bases[slot.index()] = to.as_mut_ptr().cast_const().cast();
    }

    /// Points to another array for a slot, which holds what comes after so many bytes.
    pub fn redirect_from(&mut self, slot: SlotId, to: &mut [f64], before: usize) {
        self.bases[slot.index()] = to.as_mut_ptr().cast::<u8>().wrapping_sub(before).cast_const();
    }

    /// Sets the rows to work on.
    pub fn rows(&mut self, begin: usize, end: usize) {
        self.lines[HEADER_BEGIN / 64].0[HEADER_BEGIN % 64 / 8] = begin as u64;
        self.lines[HEADER_END / 64].0[HEADER_END % 64 / 8] = end as u64;
    }

    /// Calls a function that repeats what it does so many times, at least once. Tells whether all numbers that are
    /// checked were finite.
    ///
    /// # Safety
    /// The function that begins there was written for this memory and for the module whose arrays it points to; the
    /// arrays live, and nobody else uses what of them the function uses.
    #[allow(unsafe_code)]
    pub unsafe fn call(&mut self, code: &Code, at: usize, turns: u64) -> bool {
        self.lines[HEADER_TURNS / 64].0[HEADER_TURNS % 64 / 8] = turns;
        // SAFETY: the caller says that the function fits memory and arrays; the memory is as long as the function was
        // told, and the verifier has seen that every place a kernel names lies in its array.
        unsafe {
            code.function(at)(self.lines.as_mut_ptr().cast(), self.bases.as_ptr());
        }
        let one = self.lines[HEADER_BAD_ONE / 64].0[HEADER_BAD_ONE % 64 / 8];
        let bad = self.lines[HEADER_BAD / 64].0.iter().fold(one, |all, lane| all | lane);
        if bad != 0 {
            self.lines[HEADER_BAD_ONE / 64].0[HEADER_BAD_ONE % 64 / 8] = 0;
            self.lines[HEADER_BAD / 64].0 = [0; LANES];
        }
        bad == 0
    }
}
