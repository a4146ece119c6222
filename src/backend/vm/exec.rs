//! Running tapes: the loops over rows and blocks, and one instruction after the other over the lanes of a block.

use super::lanes;
use super::machine::{Lanes, Machine, gather, random};
use super::rows;
use super::tape::{Blocks, Reduction, Shape, Single, Small, Tape};
use crate::backend::Arrays;
use crate::contract::reduce::{self, Kind, Partials, Singles};
use pulp::{NullaryFnOnce, Simd};
use std::ops::Range;

/// The memory that running a kernel takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers {
    /// Registers of the element and the column tape.
    pub regs: Vec<Vec<f64>>,
    /// Registers of the row tape.
    pub rows: Vec<Vec<f64>>,
    /// Column buffers.
    pub columns: Vec<Vec<f64>>,
    /// Where each view of the current row starts.
    pub offsets: Vec<usize>,
    /// The outer indices of the current row.
    pub index: Vec<usize>,
    /// Reductions in progress.
    pub partials: Vec<Partials>,
    /// Those of numbers of single precision.
    pub singles: Vec<Singles>,
}

impl Buffers {
    /// Makes room for a kernel.
    pub fn fit(&mut self, b: &Blocks) {
        let fit = |file: &mut Vec<Vec<f64>>, count: usize, len: usize| {
            if file.len() < count {
                file.resize(count, Vec::new());
            }
            for reg in &mut file[..count] {
                if reg.len() < len {
                    reg.resize(len, 0.0);
                }
            }
        };
        fit(&mut self.regs, b.element.regs.max(b.column.regs), b.block);
        fit(&mut self.rows, b.row.regs, b.row_block);
        for (i, len) in b.columns.iter().enumerate() {
            fit(&mut self.columns, i + 1, *len);
        }
        if self.offsets.len() < b.views.len() {
            self.offsets.resize(b.views.len(), 0);
        }
        if let Shape::Dense { outer, .. } = &b.shape
            && self.index.len() < outer.len()
        {
            self.index.resize(outer.len(), 0);
        }
        self.fit_reductions(b.reductions.len());
    }

    /// Makes room for reductions in progress.
    pub fn fit_reductions(&mut self, count: usize) {
        if self.partials.len() < count {
            self.partials.resize(count, Partials::new(Kind::Sum));
            self.singles.resize(count, Singles::default());
        }
    }
}

/// Runs single instructions on a table of numbers.
#[inline(always)]
pub(super) fn singles(code: &[Single], addresses: &[u64], table: &mut [f64], arrays: &Arrays) {
    for instr in code {
        let (dst, value) = match *instr {
            Single::Op { op, dst, args: [a, b, c] } => {
                (dst, lanes::single(op, table[a as usize], table[b as usize], table[c as usize]))
            }
            Single::Load { dst, slot, column, single } => {
                let at = addresses[column as usize] as usize;
                let (slot, singles) = (slot as usize, &arrays.singles);
                (dst, if single { singles[slot][at].into() } else { arrays.slots[slot][at] })
            }
            Single::Gather { dst, slot, base, len, index, single: true } => {
                (dst, gather(&arrays.singles[slot as usize][base..base + len], table[index as usize]))
            }
            Single::Gather { dst, slot, base, len, index, single: false } => {
                (dst, gather(&arrays.slots[slot as usize][base..base + len], table[index as usize]))
            }
            Single::Coord { dst, column } => (dst, addresses[column as usize] as f64),
            Single::Random { dst, key, word, draw, column } => {
                (dst, random(key, addresses[column as usize], table[draw as usize], word))
            }
        };
        table[dst as usize] = value;
    }
}

/// Runs a kernel over a few elements; whether all that is checked is finite.
#[inline(always)]
pub(super) fn small(k: &Small, table: &mut [f64], arrays: &mut Arrays, buffers: &mut Buffers) -> bool {
    let mut finite = true;
    let mut element = 0;
    for (group, size) in k.groups.iter().enumerate() {
        let alone = *size == 1;
        if !alone {
            for (i, r) in k.reductions.iter().enumerate() {
                buffers.partials[i] = Partials::new(r.kind);
                buffers.singles[i] = Singles::default();
            }
        }
        for j in 0..*size {
            let addresses = &k.addresses[element * k.width..(element + 1) * k.width];
            element += 1;
            singles(&k.code, addresses, table, arrays);
            for store in &k.stores {
                let value = table[store.value as usize];
                finite &= !store.checked || value.is_finite();
                let at = addresses[store.column] as usize;
                if store.single {
                    arrays.singles[store.slot][at] = value as f32;
                } else {
                    arrays.slots[store.slot][at] = value;
                }
            }
            if !alone {
                for (i, r) in k.reductions.iter().enumerate() {
                    if r.mask.is_none_or(|m| table[m as usize].to_bits() != 0) {
                        let (a, b) = (table[r.a as usize], r.b.map(|b| table[b as usize]));
                        match (r.single, b) {
                            (false, b) => buffers.partials[i].take(j, a, b.unwrap_or(1.0)),
                            (true, None) => buffers.singles[i].add(j, a as f32),
                            (true, Some(b)) => buffers.singles[i].multiply_add(j, a as f32, b as f32),
                        }
                    }
                }
            }
        }
        for (i, r) in k.reductions.iter().enumerate() {
            let value = match (alone, r.mask) {
                (false, _) if r.single => buffers.singles[i].finish(),
                (false, _) => buffers.partials[i].finish(),
                (true, Some(m)) if table[m as usize].to_bits() == 0 => Partials::new(r.kind).finish(),
                (true, _) if r.single => {
                    reduce::alone_single(table[r.a as usize] as f32, r.b.map(|b| table[b as usize] as f32))
                }
                (true, _) => {
                    reduce::alone(r.kind, table[r.a as usize], r.b.map_or(1.0, |b| table[b as usize]))
                }
            };
            finite &= !r.checked || value.is_finite();
            arrays.slots[r.slot][r.to[group]] = value;
        }
    }
    finite
}

/// Runs a kernel over many elements; whether all that is checked is finite.
pub(super) fn blocks<V: Simd>(
    simd: V,
    k: &Blocks,
    table: &mut [f64],
    arrays: &mut Arrays,
    buffers: &mut Buffers,
    only: Option<Range<usize>>,
) -> bool {
    singles(&k.once, &k.addresses, table, arrays);
    let mut m = Machine { kernel: k, arrays, table, buffers, finite: true };
    if !k.column.code.is_empty() {
        simd.vectorize(Run { simd, machine: &mut m, tape: &k.column, over: Over::Columns });
    }
    let rows = match &k.shape {
        Shape::Dense { outer, .. } => outer.iter().product(),
        Shape::Sparse(p) => p.rows,
    };
    if let Shape::Dense { outer, kept, .. } = &k.shape
        && rows == 0
    {
        m.nothing(&outer[..*kept]);
    }
    let rows = only.unwrap_or(0..rows);
    for first in rows.clone().step_by(k.row_block) {
        let n = k.row_block.min(rows.end - first);
        if !k.row.code.is_empty() {
            simd.vectorize(Run { simd, machine: &mut m, tape: &k.row, over: Over::Rows { first, n } });
        }
        simd.vectorize(Run { simd, machine: &mut m, tape: &k.element, over: Over::Elements { first, n } });
    }
    m.finite
}

impl Machine<'_> {
    /// Reductions over loops without steps.
    fn nothing(&mut self, kept: &[usize]) {
        for result in 0..kept.iter().product() {
            set_index(&mut self.buffers.index, kept, result);
            self.begin();
            self.end(result);
        }
    }

    /// Sets where the views of a row start.
    #[inline(always)]
    pub(super) fn offsets(&mut self, row: usize, element: usize) {
        for (offset, view) in self.buffers.offsets.iter_mut().zip(&self.kernel.views) {
            *offset = view.base
                + match (view.element, &view.outer[..]) {
                    (true, _) => element,
                    (false, []) => 0,
                    (false, [step]) => step * row,
                    (false, steps) => steps.iter().zip(&self.buffers.index).map(|(s, i)| s * i).sum(),
                };
        }
    }

    #[inline(always)]
    fn begin(&mut self) {
        for (i, r) in self.kernel.reductions.iter().enumerate() {
            if r.single {
                self.buffers.singles[i] = Singles::default();
            } else {
                self.buffers.partials[i] = Partials::new(r.kind);
            }
        }
    }

    /// Writes the results of reductions.
    #[inline(always)]
    fn end(&mut self, result: usize) {
        for (i, r) in self.kernel.reductions.iter().enumerate() {
            let (partials, singles) = (&self.buffers.partials[i], &self.buffers.singles[i]);
            let value = if r.single { singles.finish() } else { partials.finish() };
            self.finite &= !r.checked || value.is_finite();
            let at = result_place(r, result, &self.buffers.index);
            self.arrays.slots[r.slot][at] = value;
        }
    }
}

/// What a tape is run over.
#[derive(Clone, Copy)]
enum Over {
    /// The steps of the last loop, or the columns of a pattern, once.
    Columns,
    /// Some rows, one lane each.
    Rows { first: usize, n: usize },
    /// The elements of some rows.
    Elements { first: usize, n: usize },
}

/// A tape and its loops, compiled for the instruction set as a whole.
struct Run<'a, 'b, V> {
    simd: V,
    machine: &'a mut Machine<'b>,
    tape: &'a Tape,
    over: Over,
}

impl<V: Simd> NullaryFnOnce for Run<'_, '_, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Run { simd, machine: m, tape, over } = self;
        let kernel = m.kernel;
        if let Over::Elements { first, n } = over
            && rows::run(simd, m, first, n)
        {
            return;
        }
        let (first, count) = if let Over::Elements { first, n } = over { (first, n) } else { (0, 1) };
        let is_rows = matches!(over, Over::Rows { .. });
        let is_elements = matches!(over, Over::Elements { .. });
        let (outer, group) = match &kernel.shape {
            Shape::Dense { outer, kept, .. } => (&outer[..], outer[*kept..].iter().product()),
            Shape::Sparse(_) => (&[][..], 1),
        };
        if is_elements && outer.len() > 1 {
            set_index(&mut m.buffers.index, outer, first);
        }
        let mut within = first % group.max(1);
        // there is one loop for all tapes, so that their instructions are compiled once
        for lane in 0..count {
            let row = first + lane;
            let (base, n) = match (over, &kernel.shape) {
                (Over::Rows { first, n }, _) => (first, n),
                (_, Shape::Dense { inner, .. }) => (0, *inner),
                (Over::Columns, Shape::Sparse(p)) => (0, p.cols),
                (Over::Elements { .. }, Shape::Sparse(p)) => {
                    let start = p.row_start[row];
                    (start, p.row_start[row + 1] - start)
                }
            };
            if !is_rows {
                m.offsets(row, base);
            }
            if is_elements && within == 0 {
                m.begin();
            }
            let length = n;
            let mut done = 0;
            while done < length {
                let lanes = if is_rows {
                    Lanes { start: base, n, row, lane: 0, j: 0, base }
                } else {
                    let n = kernel.block.min(length - done);
                    let j = within * length + done;
                    Lanes { start: base + done, n, row, lane, j, base }
                };
                for instr in &tape.code {
                    m.instr(simd, instr, lanes, is_rows);
                }
                done += lanes.n;
            }
            if is_elements {
                within += 1;
                if within == group {
                    within = 0;
                    m.end(row / group);
                }
                if outer.len() > 1 {
                    advance(&mut m.buffers.index, outer);
                }
            }
        }
    }
}

/// Where the result of a group of rows goes.
#[inline(always)]
fn result_place(r: &Reduction, result: usize, index: &[usize]) -> usize {
    r.base
        + match &r.outer[..] {
            [] => 0,
            [step] => step * result,
            steps => steps.iter().zip(index).map(|(s, i)| s * i).sum(),
        }
}

/// The indices of a row.
fn set_index(index: &mut [usize], dims: &[usize], row: usize) {
    let mut rest = row;
    for (i, dim) in index[..dims.len()].iter_mut().zip(dims).rev() {
        *i = rest % (*dim).max(1);
        rest /= (*dim).max(1);
    }
}

/// The indices of the next row.
#[inline(always)]
fn advance(index: &mut [usize], dims: &[usize]) {
    for (i, dim) in index[..dims.len()].iter_mut().zip(dims).rev() {
        *i += 1;
        if *i < *dim {
            return;
        }
        *i = 0;
    }
}
