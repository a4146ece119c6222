//! Kernels whose elements take a single instruction: the drive of a projection, the update of its weights. Their rows
//! are walked without going back to the tape, which matters where rows are short.

use super::lanes::{self, Arg};
use super::learn::learn;
use super::machine::{Lanes, Machine};
use super::tape::{Dst, Instr, Opcode, Shape, Src};
use crate::contract::reduce::{self, Kind, PARTIALS};
use pulp::Simd;
use std::mem::take;

/// Runs some rows, if the kernel is of that kind.
#[inline(always)]
pub(super) fn run<V: Simd>(simd: V, m: &mut Machine<'_>, first: usize, n: usize) -> bool {
    let Shape::Dense { outer, kept, inner } = &m.kernel.shape else { return false };
    if outer.len() != 1 || *kept != 1 || *inner == 0 {
        return false;
    }
    match m.kernel.element.code[..] {
        [Instr::Reduce { a: Src::Slot(a), b: Some(Src::Slot(b)), mask: None, .. }] => {
            drive(simd, m, [a, b], first..first + n, *inner)
        }
        [Instr::Op { op, dst: Dst::Slot(view), args }] => {
            update(simd, m, op, view, args, first..first + n, *inner)
        }
        _ => false,
    }
}

/// Dot products of the rows of one array with one that is the same for all rows.
#[inline(always)]
fn drive<V: Simd>(
    simd: V,
    m: &mut Machine<'_>,
    [a, b]: [u32; 2],
    rows: std::ops::Range<usize>,
    inner: usize,
) -> bool {
    let (a, b) = (&m.kernel.views[a as usize], &m.kernel.views[b as usize]);
    // either factor can be the one that is the same
    let (rowwise, shared) = if b.outer[0] == 0 { (a, b) } else { (b, a) };
    let r = &m.kernel.reductions[0];
    if shared.outer[0] != 0 || r.kind != Kind::Dot || r.slot == a.slot || r.slot == b.slot {
        return false;
    }
    let mut results = take(&mut m.arrays.slots[r.slot]);
    let numbers = &m.arrays.slots[rowwise.slot];
    let shared = &m.arrays.slots[shared.slot][shared.base..shared.base + inner];
    let part = |row: usize| {
        let start = rowwise.base + row * rowwise.outer[0];
        &numbers[start..start + inner]
    };
    let step = r.outer.first().copied().unwrap_or(0);
    let mut finite = true;
    let mut note = |row: usize, partials: [f64; PARTIALS]| {
        let value = reduce::total(partials);
        finite &= value.is_finite();
        results[r.base + row * step] = value;
    };
    let mut row = rows.start;
    while row + 1 < rows.end {
        let [p, q] = lanes::dots(simd, [[0.0; PARTIALS]; 2], [part(row), part(row + 1)], shared);
        note(row, p);
        note(row + 1, q);
        row += 2;
    }
    if row < rows.end {
        let [p] = lanes::dots(simd, [[0.0; PARTIALS]], [part(row)], shared);
        note(row, p);
    }
    m.finite &= finite || !r.checked;
    m.arrays.slots[r.slot] = results;
    true
}

/// One operation into the rows of an array.
#[inline(always)]
fn update<V: Simd>(
    simd: V,
    m: &mut Machine<'_>,
    op: Opcode,
    view: u32,
    args: [Src; 5],
    rows: std::ops::Range<usize>,
    inner: usize,
) -> bool {
    // operands that differ from row to row are found where the row tape left them, others start where they did
    let steady = |src: &Src| match src {
        Src::Slot(v) => m.kernel.views[*v as usize].outer[0] == 0,
        Src::Once(_) | Src::Row(_) | Src::Column(_) => true,
        Src::Reg(_) => false,
    };
    if !args.iter().all(steady) {
        return false;
    }
    let to = &m.kernel.views[view as usize];
    m.offsets(0, 0);
    let mut memory = take(&mut m.arrays.slots[to.slot]);
    let mut finite = true;
    let lanes = Lanes { start: 0, n: inner, row: rows.start, lane: 0, j: 0, base: 0 };
    let [a, b, c, x, y] = args;
    let mut found = [
        m.arg(a, lanes, false),
        m.arg(b, lanes, false),
        m.arg(c, lanes, false),
        m.arg(x, lanes, false),
        m.arg(y, lanes, false),
    ];
    for (lane, row) in rows.enumerate() {
        for (found, src) in found.iter_mut().zip(&args) {
            if let Src::Row(r) = src {
                *found = Arg::S(m.buffers.rows[*r as usize][lane]);
            }
        }
        let start = to.base + row * to.outer[0];
        let part = &mut memory[start..start + inner];
        finite &= learn(simd, op, part, found).unwrap_or_else(|| {
            lanes::apply(op, part, found);
            !to.checked || lanes::all_finite(part)
        });
    }
    m.finite &= finite || !to.checked;
    m.arrays.slots[to.slot] = memory;
    true
}
