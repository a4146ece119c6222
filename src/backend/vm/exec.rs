//! Running tapes: the loops over rows and blocks, and one instruction after the other over the lanes of a block.

use super::lanes::{self, Arg};
use super::tape::{Blocks, Dst, How, Instr, Reduction, Shape, Single, Small, Src, Tape};
use crate::backend::Arrays;
use crate::contract::philox;
use crate::contract::reduce::{Kind, Partials};
use crate::ir::Pattern;
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
        for (p, r) in buffers.partials.iter_mut().zip(&k.reductions) {
            *p = Partials::new(r.kind);
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
            for (p, r) in buffers.partials.iter_mut().zip(&k.reductions) {
                if r.mask.is_none_or(|m| table[m as usize].to_bits() != 0) {
                    p.take(j, table[r.a as usize], r.b.map_or(1.0, |b| table[b as usize]));
                }
            }
        }
        for (p, r) in buffers.partials.iter().zip(&k.reductions) {
            let value = p.finish();
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
    if let Some(columns) = k.columns.first()
        && !k.column.code.is_empty()
    {
        m.offsets(0, |_| 0);
        m.sweep(simd, &k.column, Lanes { start: 0, n: *columns, row: 0, lane: 0, j: 0 });
    }
    match &k.shape {
        Shape::Dense { outer, kept, inner } => m.dense(simd, outer, *kept, *inner),
        Shape::Sparse(pattern) => m.sparse(simd, pattern),
    }
    m.finite
}

impl Machine<'_> {
    /// Sets where the views of a row start.
    #[inline(always)]
    fn offsets(&mut self, row: usize, element: impl Fn(usize) -> usize) {
        for (offset, view) in self.buffers.offsets.iter_mut().zip(&self.kernel.views) {
            *offset = view.base
                + match (view.element, &view.outer[..]) {
                    (true, _) => element(row),
                    (false, []) => 0,
                    (false, [step]) => step * row,
                    (false, steps) => steps.iter().zip(&self.buffers.index).map(|(s, i)| s * i).sum(),
                };
        }
    }

    fn dense<V: Simd>(&mut self, simd: V, outer: &[usize], kept: usize, inner: usize) {
        let rows: usize = outer.iter().product();
        let group: usize = outer[kept..].iter().product();
        if group == 0 {
            // reductions over loops without steps
            let results: usize = outer[..kept].iter().product();
            for result in 0..results {
                set_index(&mut self.buffers.index, &outer[..kept], result);
                self.begin();
                self.end(result);
            }
            return;
        }
        for first in (0..rows).step_by(self.kernel.row_block) {
            let n = self.kernel.row_block.min(rows - first);
            if !self.kernel.row.code.is_empty() {
                let lanes = Lanes { start: first, n, row: first, lane: 0, j: 0 };
                set_index(&mut self.buffers.index, outer, first);
                self.tape(simd, &self.kernel.row, lanes, true);
            }
            set_index(&mut self.buffers.index, outer, first);
            for lane in 0..n {
                let row = first + lane;
                self.offsets(row, |_| 0);
                let within = row % group;
                if within == 0 {
                    self.begin();
                }
                let lanes = Lanes { start: 0, n: inner, row, lane, j: within * inner };
                self.sweep(simd, &self.kernel.element, lanes);
                if within + 1 == group {
                    self.end(row / group);
                }
                advance(&mut self.buffers.index, outer);
            }
        }
    }

    fn sparse<V: Simd>(&mut self, simd: V, pattern: &Pattern) {
        for first in (0..pattern.rows).step_by(self.kernel.row_block) {
            let n = self.kernel.row_block.min(pattern.rows - first);
            if !self.kernel.row.code.is_empty() {
                self.tape(simd, &self.kernel.row, Lanes { start: first, n, row: first, lane: 0, j: 0 }, true);
            }
            for lane in 0..n {
                let row = first + lane;
                self.offsets(row, |row| pattern.row_start[row]);
                self.begin();
                let start = pattern.row_start[row];
                // views start at the row, the pattern's own arrays do not
                let lanes = Lanes { start, n: pattern.row_start[row + 1] - start, row, lane, j: 0 };
                self.sweep(simd, &self.kernel.element, lanes);
                self.end(row);
            }
        }
    }

    fn begin(&mut self) {
        for (p, r) in self.buffers.partials.iter_mut().zip(&self.kernel.reductions) {
            *p = Partials::new(r.kind);
        }
    }

    /// Writes the results of reductions.
    fn end(&mut self, result: usize) {
        for (p, r) in self.buffers.partials.iter().zip(&self.kernel.reductions) {
            let value = p.finish();
            self.finite &= !r.checked || value.is_finite();
            let at = result_place(r, result, &self.buffers.index);
            self.arrays.slots[r.slot][at] = value;
        }
    }

    /// Runs a tape over all lanes, a block at a time.
    #[inline(always)]
    fn sweep<V: Simd>(&mut self, simd: V, tape: &Tape, lanes: Lanes) {
        let mut done = 0;
        while done < lanes.n {
            let n = self.kernel.block.min(lanes.n - done);
            let block = Lanes { start: lanes.start + done, n, j: lanes.j + done, ..lanes };
            self.tape(simd, tape, block, false);
            done += n;
        }
    }

    #[inline(always)]
    fn tape<V: Simd>(&mut self, simd: V, tape: &Tape, lanes: Lanes, rows: bool) {
        simd.vectorize(Run { machine: self, tape, lanes, rows });
    }
}

/// One tape over one block, compiled for the instruction set as a whole.
struct Run<'a, 'b> {
    machine: &'a mut Machine<'b>,
    tape: &'a Tape,
    lanes: Lanes,
    rows: bool,
}

impl NullaryFnOnce for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for instr in &self.tape.code {
            self.machine.instr(instr, self.lanes, self.rows);
        }
    }
}

impl Machine<'_> {
    /// Where in an array the lanes of a view start: lanes count from the row's start, those of a pattern too.
    #[inline(always)]
    fn first_of(&self, view: u32, lanes: Lanes) -> usize {
        let v = &self.kernel.views[view as usize];
        let offset = self.buffers.offsets[view as usize];
        let in_row = lanes.start - self.row_start(lanes);
        offset + in_row * v.inner
    }

    /// What `start` is at the start of the row.
    #[inline(always)]
    fn row_start(&self, lanes: Lanes) -> usize {
        match &self.kernel.shape {
            Shape::Dense { .. } => 0,
            Shape::Sparse(p) => p.row_start[lanes.row],
        }
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

    /// Computes into a destination: its memory is taken out while others are read, and put back.
    #[inline(always)]
    fn write(&mut self, dst: Dst, lanes: Lanes, rows: bool, f: impl FnOnce(&Self, &mut [f64])) {
        let n = lanes.n;
        match dst {
            Dst::Reg(r) => {
                let r = r as usize;
                if rows {
                    let mut d = take(&mut self.buffers.rows[r]);
                    f(self, &mut d[..n]);
                    self.buffers.rows[r] = d;
                } else {
                    let mut d = take(&mut self.buffers.regs[r]);
                    f(self, &mut d[..n]);
                    self.buffers.regs[r] = d;
                }
            }
            Dst::Column(c) => {
                let mut d = take(&mut self.buffers.columns[c as usize]);
                f(self, &mut d[lanes.start..lanes.start + n]);
                self.buffers.columns[c as usize] = d;
            }
            Dst::Slot(view) => {
                let first = self.first_of(view, lanes);
                let v = &self.kernel.views[view as usize];
                let mut d = take(&mut self.arrays.slots[v.slot]);
                let part = &mut d[first..first + n];
                f(self, part);
                if v.checked {
                    self.finite &= lanes::all_finite(part);
                }
                self.arrays.slots[v.slot] = d;
            }
        }
    }

    #[inline(always)]
    fn instr(&mut self, instr: &Instr, lanes: Lanes, rows: bool) {
        match instr {
            Instr::Op { op, dst, args } => self.write(*dst, lanes, rows, |m, d| {
                lanes::apply(*op, d, args.map(|a| m.arg(a, lanes, rows)));
            }),
            Instr::Reduce { reduction, a, b, mask } => {
                let i = *reduction as usize;
                let mut p = self.buffers.partials[i];
                let [a, b, mask] = [Some(*a), *b, *mask].map(|s| s.map(|s| self.arg(s, lanes, rows)));
                let kind = self.kernel.reductions[i].kind;
                lanes::reduce(&mut p, kind, lanes.j, lanes.n, a.unwrap_or(Arg::S(0.0)), b, mask);
                self.buffers.partials[i] = p;
            }
            Instr::Load { dst, view, how } => self.write(*dst, lanes, rows, |m, d| {
                let v = &m.kernel.views[*view as usize];
                m.places(*view, *how, lanes, |i, at| d[i] = m.arrays.slots[v.slot][at]);
            }),
            Instr::Scatter { view, value, how } => {
                let v = &self.kernel.views[*view as usize];
                let mut d = take(&mut self.arrays.slots[v.slot]);
                let value = self.arg(*value, lanes, rows);
                self.places(*view, *how, lanes, |i, at| d[at] = value.lane(i));
                let finite = !v.checked || (0..lanes.n).all(|i| value.lane(i).is_finite());
                self.arrays.slots[v.slot] = d;
                self.finite &= finite;
            }
            Instr::LoadColumn { dst, column } => self.write(*dst, lanes, rows, |m, d| {
                if let Shape::Sparse(p) = &m.kernel.shape {
                    let values = &m.buffers.columns[*column as usize];
                    for (d, c) in d.iter_mut().zip(&p.col_index[lanes.start..]) {
                        *d = values[*c as usize];
                    }
                }
            }),
            Instr::Gather { dst, slot, base, len, index } => self.write(*dst, lanes, rows, |m, d| {
                let values = &m.arrays.slots[*slot as usize][*base..base + len];
                let index = m.arg(*index, lanes, rows);
                for (i, d) in d.iter_mut().enumerate() {
                    *d = gather(values, index.lane(i));
                }
            }),
            Instr::Coord { dst, dim, how } => self.write(*dst, lanes, rows, |m, d| match (how, &m.kernel.shape) {
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
            }),
            Instr::Random { dst, key, word, base, strides, draw, how } => {
                self.write(*dst, lanes, rows, |m, d| {
                    let draw = m.arg(*draw, lanes, rows);
                    let counter = |i: usize| m.counter(*base, strides, *how, lanes, i);
                    for (i, d) in d.iter_mut().enumerate() {
                        *d = random(*key, counter(i), draw.lane(i), *word);
                    }
                });
            }
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
