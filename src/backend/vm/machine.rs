//! One instruction over the lanes of a block.

use super::exec::Buffers;
use super::lanes::{self, Arg};
use super::learn::learn;
use super::tape::{Blocks, Dst, How, Instr, Shape, Src};
use crate::backend::Arrays;
use crate::contract::philox;
use pulp::Simd;
use std::mem::take;

/// The lanes an instruction is run over.
#[derive(Clone, Copy)]
pub(super) struct Lanes {
    /// The first: a step of the last loop, an element of the pattern, or a row.
    pub start: usize,
    pub n: usize,
    /// The row, where there is one.
    pub row: usize,
    /// Its place in the registers of the row tape.
    pub lane: usize,
    /// The number of the first lane in its reduction.
    pub j: usize,
    /// What `start` is at the start of the row.
    pub base: usize,
}

/// Everything an instruction can reach.
pub(super) struct Machine<'a> {
    pub kernel: &'a Blocks,
    pub arrays: &'a mut Arrays,
    pub table: &'a [f64],
    pub buffers: &'a mut Buffers,
    pub finite: bool,
}

#[inline(always)]
pub(super) fn gather<T: Copy + Into<f64>>(values: &[T], index: f64) -> f64 {
    if index >= 0.0 && index < values.len() as f64 { values[index as usize].into() } else { f64::NAN }
}

#[inline(always)]
pub(super) fn random(key: u64, counter: u64, draw: f64, word: u8) -> f64 {
    philox::unit(philox::words(key, counter, draw as u64)[usize::from(word & 1)])
}

impl Machine<'_> {
    /// Where in an array the lanes of a view start.
    #[inline(always)]
    pub fn first_of(&self, view: u32, lanes: Lanes) -> usize {
        let v = &self.kernel.views[view as usize];
        self.buffers.offsets[view as usize] + (lanes.start - lanes.base) * v.inner
    }

    #[inline(always)]
    pub fn arg(&self, src: Src, lanes: Lanes, rows: bool) -> Arg<'_> {
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

    /// Puts an array back whose new numbers are known to be finite, or not to be.
    #[inline(always)]
    fn put_learned(&mut self, dst: Dst, memory: Vec<f64>, finite: bool) {
        if let Dst::Slot(view) = dst {
            let v = &self.kernel.views[view as usize];
            self.finite &= finite || !v.checked;
            self.arrays.slots[v.slot] = memory;
        }
    }

    #[inline(always)]
    pub fn instr<V: Simd>(&mut self, simd: V, instr: &Instr, lanes: Lanes, rows: bool) {
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
                let part = &mut memory[first..first + n];
                match learn(simd, *op, part, args) {
                    Some(finite) => self.put_learned(*dst, memory, finite),
                    None => {
                        lanes::apply(*op, part, args);
                        self.put(*dst, memory, first, n, rows);
                    }
                }
            }
            Instr::Reduce { reduction, a, b, mask } => {
                let i = *reduction as usize;
                if self.kernel.reductions[i].single {
                    let mut p = self.buffers.singles[i];
                    let a = self.arg(*a, lanes, rows);
                    let b = b.map(|b| self.arg(b, lanes, rows));
                    let mask = mask.map(|m| self.arg(m, lanes, rows));
                    lanes::reduce_singles(&mut p, lanes.j, n, a, b, mask);
                    self.buffers.singles[i] = p;
                    return;
                }
                let mut p = self.buffers.partials[i];
                let a = self.arg(*a, lanes, rows);
                let b = b.map(|b| self.arg(b, lanes, rows));
                let mask = mask.map(|m| self.arg(m, lanes, rows));
                lanes::reduce(simd, &mut p, self.kernel.reductions[i].kind, lanes.j, n, a, b, mask);
                self.buffers.partials[i] = p;
            }
            Instr::Polynomial { dst, x, constants } => {
                let (mut memory, first) = self.take(*dst, lanes, rows);
                let part = &mut memory[first..first + n];
                match self.arg(*x, lanes, rows) {
                    Arg::V(x) => lanes::polynomial(simd, part, x, constants),
                    Arg::S(x) => {
                        part.fill(constants.iter().skip(1).fold(constants[0], |p, c| p.mul_add(x, *c)))
                    }
                }
                self.put(*dst, memory, first, n, rows);
            }
            Instr::Scatter { view, value, how } => {
                let v = &self.kernel.views[*view as usize];
                if v.single {
                    let mut memory = take(&mut self.arrays.singles[v.slot]);
                    let value = self.arg(*value, lanes, rows);
                    self.places(*view, *how, lanes, |i, at| memory[at] = value.lane(i) as f32);
                    let finite = !v.checked || (0..n).all(|i| value.lane(i).is_finite());
                    self.arrays.singles[v.slot] = memory;
                    self.finite &= finite;
                    return;
                }
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
                let v = &self.kernel.views[*view as usize];
                if v.single {
                    let values = &self.arrays.singles[v.slot];
                    if *how == How::Inner && v.inner == 1 {
                        let first = self.first_of(*view, lanes);
                        d.iter_mut().zip(&values[first..]).for_each(|(d, v)| *d = f64::from(*v));
                    } else {
                        self.places(*view, *how, lanes, |i, at| d[i] = f64::from(values[at]));
                    }
                    return;
                }
                let values = &self.arrays.slots[v.slot];
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
            Instr::Gather { slot, base, len, index, single: true, .. } => {
                let values = &self.arrays.singles[*slot as usize][*base..base + len];
                let index = self.arg(*index, lanes, rows);
                for (i, d) in d.iter_mut().enumerate() {
                    *d = gather(values, index.lane(i));
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
            Instr::Op { .. } | Instr::Reduce { .. } | Instr::Scatter { .. } | Instr::Polynomial { .. } => {}
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
