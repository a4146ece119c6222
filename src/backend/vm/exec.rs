//! Running tapes: the loops over rows and blocks, and one instruction after the other over the lanes of a block.

use super::lanes::{self, Arg};
use super::tape::{Blocks, Dst, How, Instr, Reduction, Shape, Single, Small, Src, Tape};
use crate::backend::Arrays;
use crate::contract::philox;
use crate::contract::reduce::{self, Kind, Partials};
use pulp::{NullaryFnOnce, Simd};
use std::mem::take;

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
        }
    }
}

/// The lanes an instruction is run over.
#[derive(Clone, Copy)]
struct Lanes {
    /// The first: a step of the last loop, an element of the pattern, or a row.
    start: usize,
    n: usize,
    /// The row, where there is one.
    row: usize,
    /// Its place in the registers of the row tape.
    lane: usize,
    /// The number of the first lane in its reduction.
    j: usize,
    /// What `start` is at the start of the row.
    base: usize,
}

/// Everything an instruction can reach.
struct Machine<'a> {
    kernel: &'a Blocks,
    arrays: &'a mut Arrays,
    table: &'a [f64],
    buffers: &'a mut Buffers,
    finite: bool,
}

/// Runs single instructions on a table of numbers.
#[inline(always)]
pub(super) fn singles(code: &[Single], addresses: &[u64], table: &mut [f64], arrays: &Arrays) {
    for instr in code {
        let (dst, value) = match *instr {
            Single::Op { op, dst, args: [a, b, c] } => {
                (dst, lanes::single(op, table[a as usize], table[b as usize], table[c as usize]))
            }
            Single::Load { dst, slot, column } => {
                (dst, arrays.slots[slot as usize][addresses[column as usize] as usize])
            }
            Single::Gather { dst, slot, base, len, index } => {
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

#[inline(always)]
fn gather(values: &[f64], index: f64) -> f64 {
    if index >= 0.0 && index < values.len() as f64 { values[index as usize] } else { f64::NAN }
}

#[inline(always)]
fn random(key: u64, counter: u64, draw: f64, word: u8) -> f64 {
    philox::unit(philox::words(key, counter, draw as u64)[usize::from(word & 1)])
}

/// Runs a kernel over a few elements; whether all that is checked is finite.
#[inline(always)]
pub(super) fn small(k: &Small, table: &mut [f64], arrays: &mut Arrays, buffers: &mut Buffers) -> bool {
    let mut finite = true;
    let mut element = 0;
    for (group, size) in k.groups.iter().enumerate() {
        let alone = *size == 1;
        if !alone {
            for (p, r) in buffers.partials.iter_mut().zip(&k.reductions) {
                *p = Partials::new(r.kind);
            }
        }
        for j in 0..*size {
            let addresses = &k.addresses[element * k.width..(element + 1) * k.width];
            element += 1;
            singles(&k.code, addresses, table, arrays);
            for (slot, value, column, checked) in &k.stores {
                let value = table[*value as usize];
                finite &= !*checked || value.is_finite();
                arrays.slots[*slot][addresses[*column] as usize] = value;
            }
            if !alone {
                for (p, r) in buffers.partials.iter_mut().zip(&k.reductions) {
                    if r.mask.is_none_or(|m| table[m as usize].to_bits() != 0) {
                        p.take(j, table[r.a as usize], r.b.map_or(1.0, |b| table[b as usize]));
                    }
                }
            }
        }
        for (i, r) in k.reductions.iter().enumerate() {
            let value = match (alone, r.mask) {
                (false, _) => buffers.partials[i].finish(),
                (true, Some(m)) if table[m as usize].to_bits() == 0 => Partials::new(r.kind).finish(),
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
    for first in (0..rows).step_by(k.row_block) {
        let n = k.row_block.min(rows - first);
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
    fn offsets(&mut self, row: usize, element: usize) {
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
        for (p, r) in self.buffers.partials.iter_mut().zip(&self.kernel.reductions) {
            *p = Partials::new(r.kind);
        }
    }

    /// Writes the results of reductions.
    #[inline(always)]
    fn end(&mut self, result: usize) {
        for (p, r) in self.buffers.partials.iter().zip(&self.kernel.reductions) {
            let value = p.finish();
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

impl Machine<'_> {
    /// Where in an array the lanes of a view start.
    #[inline(always)]
    fn first_of(&self, view: u32, lanes: Lanes) -> usize {
        let v = &self.kernel.views[view as usize];
        self.buffers.offsets[view as usize] + (lanes.start - lanes.base) * v.inner
    }

    #[inline(always)]
    fn arg(&self, src: Src, lanes: Lanes, rows: bool) -> Arg<'_> {
        let n = lanes.n;
        match src {
            Src::Reg(r) => {
                let file = if rows { &self.buffers.rows } else { &self.buffers.regs };
                Arg::V(&file[r as usize][..n])
            }
            Src::Once(i) => Arg::S(self.table[i as usize]),
            Src::Row(r) => Arg::S(self.buffers.rows[r as usize][lanes.lane]),
            Src::Column(c) => Arg::V(&self.buffers.columns[c as usize][lanes.start..lanes.start + n]),
            Src::Slot(view) => {
                let first = self.first_of(view, lanes);
                Arg::V(&self.arrays.slots[self.kernel.views[view as usize].slot][first..first + n])
            }
        }
    }

    /// Takes a destination's memory out, so that others can be read while it is written, and which part of it to write.
    ///
    /// There is no closure between this and [`put`](Self::put): what is not inlined would be compiled without the
    /// instructions of the chosen set.
    #[inline(always)]
    fn take(&mut self, dst: Dst, lanes: Lanes, rows: bool) -> (Vec<f64>, usize) {
        match dst {
            Dst::Reg(r) => {
                let file = if rows { &mut self.buffers.rows } else { &mut self.buffers.regs };
                (take(&mut file[r as usize]), 0)
            }
            Dst::Column(c) => (take(&mut self.buffers.columns[c as usize]), lanes.start),
            Dst::Slot(view) => {
                let first = self.first_of(view, lanes);
                (take(&mut self.arrays.slots[self.kernel.views[view as usize].slot]), first)
            }
        }
    }

    /// Puts a destination's memory back; what was written to an array is looked through for what is not finite.
    #[inline(always)]
    fn put(&mut self, dst: Dst, memory: Vec<f64>, first: usize, n: usize, rows: bool) {
        match dst {
            Dst::Reg(r) => {
                let file = if rows { &mut self.buffers.rows } else { &mut self.buffers.regs };
                file[r as usize] = memory;
            }
            Dst::Column(c) => self.buffers.columns[c as usize] = memory,
            Dst::Slot(view) => {
                let v = &self.kernel.views[view as usize];
                if v.checked {
                    self.finite &= lanes::all_finite(&memory[first..first + n]);
                }
                self.arrays.slots[v.slot] = memory;
            }
        }
    }

    #[inline(always)]
    fn instr<V: Simd>(&mut self, simd: V, instr: &Instr, lanes: Lanes, rows: bool) {
        let n = lanes.n;
        match instr {
            Instr::Op { op, dst, args: [a, b, c, x, y] } => {
                let (mut memory, first) = self.take(*dst, lanes, rows);
                let args = [
                    self.arg(*a, lanes, rows),
                    self.arg(*b, lanes, rows),
                    self.arg(*c, lanes, rows),
                    self.arg(*x, lanes, rows),
                    self.arg(*y, lanes, rows),
                ];
                lanes::apply(*op, &mut memory[first..first + n], args);
                self.put(*dst, memory, first, n, rows);
            }
            Instr::Reduce { reduction, a, b, mask } => {
                let i = *reduction as usize;
                let mut p = self.buffers.partials[i];
                let a = self.arg(*a, lanes, rows);
                let b = match b {
                    Some(b) => Some(self.arg(*b, lanes, rows)),
                    None => None,
                };
                let mask = match mask {
                    Some(m) => Some(self.arg(*m, lanes, rows)),
                    None => None,
                };
                lanes::reduce(simd, &mut p, self.kernel.reductions[i].kind, lanes.j, n, a, b, mask);
                self.buffers.partials[i] = p;
            }
            Instr::Scatter { view, value, how } => {
                let v = &self.kernel.views[*view as usize];
                let mut memory = take(&mut self.arrays.slots[v.slot]);
                let value = self.arg(*value, lanes, rows);
                self.places(*view, *how, lanes, |i, at| memory[at] = value.lane(i));
                let finite = !v.checked || (0..n).all(|i| value.lane(i).is_finite());
                self.arrays.slots[v.slot] = memory;
                self.finite &= finite;
            }
            Instr::Load { dst, .. }
            | Instr::LoadColumn { dst, .. }
            | Instr::Gather { dst, .. }
            | Instr::Coord { dst, .. }
            | Instr::Random { dst, .. } => {
                let (mut memory, first) = self.take(*dst, lanes, rows);
                self.fill(instr, &mut memory[first..first + n], lanes, rows);
                self.put(*dst, memory, first, n, rows);
            }
        }
    }

    /// Instructions whose lanes are looked up or made one by one.
    #[inline(always)]
    fn fill(&self, instr: &Instr, d: &mut [f64], lanes: Lanes, rows: bool) {
        match instr {
            Instr::Load { view, how, .. } => {
                let values = &self.arrays.slots[self.kernel.views[*view as usize].slot];
                self.places(*view, *how, lanes, |i, at| d[i] = values[at]);
            }
            Instr::LoadColumn { column, .. } => {
                if let Shape::Sparse(p) = &self.kernel.shape {
                    let values = &self.buffers.columns[*column as usize];
                    for (d, c) in d.iter_mut().zip(&p.col_index[lanes.start..]) {
                        *d = values[*c as usize];
                    }
                }
            }
            Instr::Gather { slot, base, len, index, .. } => {
                let values = &self.arrays.slots[*slot as usize][*base..base + len];
                let index = self.arg(*index, lanes, rows);
                for (i, d) in d.iter_mut().enumerate() {
                    *d = gather(values, index.lane(i));
                }
            }
            Instr::Coord { dim, how, .. } => match (how, &self.kernel.shape) {
                (How::Rows, Shape::Dense { outer, .. }) => {
                    let inner: usize = outer[dim + 1..].iter().product();
                    for (i, d) in d.iter_mut().enumerate() {
                        *d = ((lanes.start + i) / inner % outer[*dim]) as f64;
                    }
                }
                (How::Pair, Shape::Sparse(p)) => {
                    for (d, c) in d.iter_mut().zip(&p.col_index[lanes.start..]) {
                        *d = f64::from(*c);
                    }
                }
                _ => d.iter_mut().enumerate().for_each(|(i, d)| *d = (lanes.start + i) as f64),
            },
            Instr::Random { key, word, base, strides, draw, how, .. } => {
                let draw = self.arg(*draw, lanes, rows);
                for (i, d) in d.iter_mut().enumerate() {
                    let counter = self.counter(*base, strides, *how, lanes, i);
                    *d = random(*key, counter, draw.lane(i), *word);
                }
            }
            Instr::Op { .. } | Instr::Reduce { .. } | Instr::Scatter { .. } => {}
        }
    }

    /// Calls `f` with each lane and its place in the array of a view.
    #[inline(always)]
    fn places(&self, view: u32, how: How, lanes: Lanes, mut f: impl FnMut(usize, usize)) {
        let v = &self.kernel.views[view as usize];
        match (how, &self.kernel.shape) {
            (How::Inner, _) | (_, Shape::Dense { .. }) if how != How::Rows => {
                let first = self.first_of(view, lanes);
                (0..lanes.n).for_each(|i| f(i, first + i * v.inner));
            }
            (How::Rows, Shape::Dense { outer, .. }) => match &v.outer[..] {
                [] => (0..lanes.n).for_each(|i| f(i, v.base)),
                [step] => (0..lanes.n).for_each(|i| f(i, v.base + (lanes.start + i) * step)),
                steps => {
                    for i in 0..lanes.n {
                        let mut rest = lanes.start + i;
                        let mut at = v.base;
                        for (step, dim) in steps.iter().zip(outer).rev() {
                            at += rest % dim * step;
                            rest /= dim;
                        }
                        f(i, at);
                    }
                }
            },
            (How::Rows, Shape::Sparse(_)) => {
                let step = v.outer.first().copied().unwrap_or(0);
                (0..lanes.n).for_each(|i| f(i, v.base + (lanes.start + i) * step));
            }
            (How::Pair, Shape::Sparse(p)) => {
                let offset = self.buffers.offsets[view as usize];
                let columns = &p.col_index[lanes.start..lanes.start + lanes.n];
                columns.iter().enumerate().for_each(|(i, c)| f(i, offset + *c as usize * v.inner));
            }
            (_, Shape::Sparse(p)) => {
                let elements = lanes.start..lanes.start + lanes.n;
                let storage = p.storage.as_ref();
                elements.enumerate().for_each(|(i, e)| f(i, v.base + storage.map_or(e, |s| s[e] as usize)));
            }
            (_, Shape::Dense { .. }) => {}
        }
    }

    /// The counter of a lane's random draw.
    #[inline(always)]
    fn counter(&self, base: u64, strides: &[u64], how: How, lanes: Lanes, i: usize) -> u64 {
        let step = |sum: u64, stride: u64, index: usize| sum.wrapping_add(stride.wrapping_mul(index as u64));
        let Some((last, others)) = strides.split_last() else { return base };
        let over_rows = |row: usize| match &self.kernel.shape {
            Shape::Dense { outer, .. } => {
                let mut rest = row;
                others.iter().zip(outer).rev().fold(base, |sum, (s, dim)| {
                    let index = rest % dim.max(&1);
                    rest /= dim.max(&1);
                    step(sum, *s, index)
                })
            }
            Shape::Sparse(_) => others.first().map_or(base, |s| step(base, *s, row)),
        };
        match (how, &self.kernel.shape) {
            (How::Rows, _) => over_rows(lanes.start + i),
            (How::Pair, Shape::Sparse(p)) => {
                step(over_rows(lanes.row), *last, p.col_index[lanes.start + i] as usize)
            }
            _ => step(over_rows(lanes.row), *last, lanes.start + i),
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
