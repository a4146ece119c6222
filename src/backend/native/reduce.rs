//! Reductions in registers: sixteen partial results, or thirty-two of single precision, and how they become one; and
//! whether all numbers are finite.

use super::access::{PART, part_vector};
use super::asm::{Asm, Compare, Fused, Op2, Operand, SPARE, Vec as Reg, Width};
use super::frame::{Frame, HEADER_BAD, HEADER_BAD_ONE, header, lowest_lane};
use super::lir::{Effect, Reduction};
use super::regs::{Block, Reduce};
use crate::contract::reduce::{Kind, PARTIALS, SINGLE_PARTIALS};

/// The reductions of a loop along a row.
pub(super) struct Rounds {
    width: Width,
    /// Whether the loop's lanes hold 32 bits.
    single: bool,
    reductions: Vec<Reduction>,
    /// For each reduction its partial results, a vector each; of those of single precision beside lanes of 64 bits, half
    /// a vector.
    partials: Vec<Vec<Reg>>,
    bad: Option<Reg>,
    /// Which of the vectors of a round the present one is.
    pub vector: usize,
}

impl Rounds {
    /// No reductions, and what is watched goes to memory.
    pub fn none() -> Self {
        Self {
            width: Width::One,
            single: false,
            reductions: Vec::new(),
            partials: Vec::new(),
            bad: None,
            vector: 0,
        }
    }

    /// Takes registers of those that are free.
    pub fn new(
        width: Width,
        single: bool,
        reductions: &[Reduction],
        watches: bool,
        free: &mut Vec<u8>,
    ) -> Self {
        // the highest, as the lowest are used after the loop
        let mut take = |single: bool| Reg { n: free.remove(0), width, single };
        let of = |r: &Reduction| (0..vectors(r, width, single)).map(|_| take(r.single)).collect();
        let partials: Vec<Vec<Reg>> = reductions.iter().map(of).collect();
        let checked = reductions.iter().any(|r| r.checked) && width != Width::One;
        let bad = (watches || checked).then(|| take(single));
        Self { width, single, reductions: reductions.to_vec(), partials, bad, vector: 0 }
    }

    /// How many vectors a round has; none without reductions.
    pub fn vectors(&self) -> usize {
        self.partials.iter().map(Vec::len).max().unwrap_or(0)
    }

    pub fn begin(&mut self, asm: &mut Asm, frame: &Frame<'_>) {
        for (reduction, partials) in self.reductions.iter().zip(&self.partials) {
            for p in partials {
                match reduction.kind.start().to_bits() {
                    0 => asm.vzero(*p),
                    bits => asm.vload(*p, frame.constant(bits)),
                }
            }
        }
    }

    /// What comes before some rows.
    pub fn begin_rows(&self, asm: &mut Asm) {
        if let Some(bad) = self.bad {
            asm.vzero(bad);
        }
    }

    /// Notes a number of one lane, all others zero, that is zero unless a result is not finite.
    pub fn note(&self, asm: &mut Asm, zero: Reg) {
        match self.bad {
            Some(bad) => asm.v2(Op2::Or, bad, bad, Operand::Reg(zero.as_width(bad.width))),
            None => note_bad(asm, zero, spare(1, Width::One)),
        }
    }

    /// What comes after some rows.
    pub fn end_rows(&self, asm: &mut Asm) {
        if let Some(bad) = self.bad {
            asm.v2(Op2::Or, bad, bad, Operand::Mem(header(HEADER_BAD)));
            asm.vstore(header(HEADER_BAD), bad);
        }
    }

    /// The result of a reduction, in the lowest lane. The partial results must not be used after that.
    pub fn result(&self, asm: &mut Asm, i: usize, reduction: &Reduction) -> Reg {
        let partials = &self.partials[i];
        let kind = reduction.kind;
        if let [only] = partials[..] {
            let result = only.as_single(false);
            if reduction.single {
                asm.vbroaden(result, only);
            }
            if kind == Kind::Dot {
                // the other partial results are +0, which makes a difference to -0
                let zero = spare(0, Width::One);
                asm.vzero(zero);
                asm.v2(Op2::Add, result, result, Operand::Reg(zero));
            }
            return result;
        }
        let partials = &if reduction.single { self.broadened(asm, partials) } else { partials.clone() };
        // i with i + 8, with four lanes twice
        let half = partials.len() / 2;
        for i in 1..half {
            combine(asm, kind, partials[i], partials[i], partials[i + half]);
        }
        let mut result = Reg::double(RESULT, self.width);
        combine(asm, kind, result, partials[0], partials[half]);
        if half == 2 {
            combine(asm, kind, result, result, partials[1]);
        }
        let upper = |width| Reg::double(UPPER, width);
        while let Some(width) = match result.width {
            Width::Eight => Some(Width::Four),
            Width::Four => Some(Width::One),
            Width::One => None,
        } {
            asm.vupper(upper(result.width), result);
            result = result.as_width(width);
            combine(asm, kind, result, result, upper(width));
        }
        asm.v2(Op2::High, upper(Width::One), result, Operand::Reg(result));
        combine(asm, kind, result, result, upper(Width::One));
        result
    }
}

impl Rounds {
    /// Of thirty-two partial results of single precision sixteen of double: i with i + 16.
    fn broadened(&self, asm: &mut Asm, partials: &[Reg]) -> Vec<Reg> {
        let (low, high) = partials.split_at(partials.len() / 2);
        let mut made = Vec::new();
        for (a, b) in low.iter().zip(high) {
            let (wide_a, wide_b) = (a.as_single(false), b.as_single(false));
            if self.single {
                // a whole vector becomes two
                let (t, u) = (spare(0, self.width), spare(1, self.width));
                asm.vbroaden(t, *a);
                asm.vbroaden(u, *b);
                asm.v2(Op2::Add, t, t, Operand::Reg(u));
                asm.vupper(wide_a, wide_a);
                asm.vupper(wide_b, wide_b);
                asm.vbroaden(wide_a, *a);
                asm.vbroaden(wide_b, *b);
                asm.v2(Op2::Add, wide_a, wide_a, Operand::Reg(wide_b));
                asm.vmov(wide_b, t);
                made.extend([wide_b, wide_a]);
            } else {
                asm.vbroaden(wide_a, *a);
                asm.vbroaden(wide_b, *b);
                asm.v2(Op2::Add, wide_a, wide_a, Operand::Reg(wide_b));
                made.push(wide_a);
            }
        }
        made
    }

    /// Adds numbers of single precision to half a vector of partial results.
    fn add_half(&self, block: &mut Block<'_>, acc: Reg, a: Reg, b: Option<Reg>, mask: Option<Reg>) {
        let part = block.lane.masked;
        let t = block.take();
        // what does not count adds -0, which changes no number
        block.counting(t, a, -0.0, mask, part);
        block.asm.vnarrow(t, t);
        match b {
            None => block.asm.v2(Op2::Add, acc, acc, Operand::Reg(t.as_single(true))),
            Some(b) => {
                let u = block.take();
                block.counting(u, b, 0.0, mask, part);
                block.asm.vnarrow(u, u);
                block.asm.fma(Fused::F231, acc, t.as_single(true), Operand::Reg(u.as_single(true)));
                block.give_back(u);
            }
        }
        block.give_back(t);
    }
}

impl Block<'_> {
    /// The lanes that exist and count, another number in the rest.
    fn counting(&mut self, to: Reg, from: Reg, other: f64, mask: Option<Reg>, part: bool) {
        self.asm.vmov(to, from);
        let rest = |block: &mut Self, mask: Reg| {
            let other = block.frame.constant(other.to_bits());
            let spare = block.take();
            block.asm.vload(spare, other);
            block.asm.vselect(to, mask, Operand::Reg(to), spare);
            block.give_back(spare);
        };
        if let Some(mask) = mask {
            rest(self, mask);
        }
        match (part, self.width()) {
            (true, Width::Four) => rest(self, part_vector(to)),
            (true, Width::Eight) => {
                let spare = self.take();
                self.asm.vload(spare, self.frame.constant(other.to_bits()));
                self.asm.v2_masked(Op2::Or, spare, to, to, PART);
                self.asm.vmov(to, spare);
                self.give_back(spare);
            }
            _ => {}
        }
    }
}

/// How many vectors of partial results a reduction has.
fn vectors(reduction: &Reduction, width: Width, single: bool) -> usize {
    match (width, reduction.single) {
        (Width::One, _) => 1,
        // lanes of 32 bits are twice as many
        (_, true) if single => SINGLE_PARTIALS / (2 * width.lanes()),
        (_, true) => SINGLE_PARTIALS / width.lanes(),
        (_, false) => PARTIALS / width.lanes(),
    }
}

/// Registers that are free after a loop: accumulators are above.
const RESULT: u8 = 2;
const UPPER: u8 = 3;
const SPARES: [u8; 2] = [0, 1];

/// A register that is free after a loop.
pub(super) fn spare(i: usize, width: Width) -> Reg {
    Reg::double(SPARES[i], width)
}

/// `to = a combined with b`, by registers that are free after a loop.
fn combine(asm: &mut Asm, kind: Kind, to: Reg, a: Reg, b: Reg) {
    let op = match kind {
        Kind::Sum | Kind::Dot => {
            asm.v2(Op2::Add, to, a, Operand::Reg(b));
            return;
        }
        Kind::Max | Kind::ArgMax => Op2::Max,
        Kind::Min | Kind::ArgMin => Op2::Min,
    };
    let (t, u) = (spare(0, a.width), spare(1, a.width));
    keeping(asm, op, a, b, t, u);
    asm.vmov(to, t);
}

/// `t =` the smaller or larger, keeping what is not a number from either side.
fn keeping(asm: &mut Asm, op: Op2, a: Reg, b: Reg, t: Reg, u: Reg) {
    asm.v2(op, t, a, Operand::Reg(b));
    asm.vcompare(Compare::Unordered, u, a, Operand::Reg(a));
    asm.vselect(t, u, Operand::Reg(a), t);
}

/// Notes in the header that a number of one lane was not finite, if `zero` is not that.
fn note_bad(asm: &mut Asm, zero: Reg, spare: Reg) {
    asm.vload(spare, header(HEADER_BAD_ONE));
    asm.v2(Op2::Or, spare, spare, Operand::Reg(zero));
    asm.vstore(header(HEADER_BAD_ONE), spare);
}

impl Reduce for Rounds {
    fn reduce(&mut self, block: &mut Block<'_>, effect: &Effect, a: Reg, b: Option<Reg>, mask: Option<Reg>) {
        let Effect::Reduce { reduction, .. } = effect else { return };
        let reduction = *reduction as usize;
        let (kind, single) = (self.reductions[reduction].kind, self.reductions[reduction].single);
        let partials = &self.partials[reduction];
        let acc = partials[self.vector % partials.len()];
        if single && !self.single {
            self.add_half(block, acc, a, b, mask);
            return;
        }
        let part = block.lane.masked;
        let b = b.unwrap_or(a);
        if mask.is_none() && !part && matches!(kind, Kind::Sum | Kind::Dot) {
            match kind {
                Kind::Dot => block.asm.fma(Fused::F231, acc, a, Operand::Reg(b)),
                _ => block.asm.v2(Op2::Add, acc, acc, Operand::Reg(a)),
            }
            return;
        }
        if self.width == Width::Eight && matches!(kind, Kind::Sum | Kind::Dot) {
            let lanes = lanes_that_count(block, mask, part);
            match kind {
                Kind::Dot => block.asm.fma_masked(acc, a, b, lanes),
                _ => block.asm.v2_masked(Op2::Add, acc, acc, a, lanes),
            }
            return;
        }
        let t = block.take();
        match kind {
            Kind::Sum => block.asm.v2(Op2::Add, t, acc, Operand::Reg(a)),
            Kind::Dot => {
                block.asm.vmov(t, acc);
                block.asm.fma(Fused::F231, t, a, Operand::Reg(b));
            }
            Kind::Min | Kind::Max | Kind::ArgMin | Kind::ArgMax => {
                let op = if matches!(kind, Kind::Min | Kind::ArgMin) { Op2::Min } else { Op2::Max };
                let u = block.take();
                keeping(block.asm, op, acc, a, t, u);
                block.give_back(u);
            }
        }
        match (mask, part, self.width) {
            (None, false, _) => block.asm.vmov(acc, t),
            (_, _, Width::Eight) => {
                let lanes = lanes_that_count(block, mask, part);
                block.asm.v2_masked(Op2::Or, acc, t, t, lanes);
            }
            (Some(mask), true, _) => {
                let both = block.take();
                block.asm.v2(Op2::And, both, mask, Operand::Reg(part_vector(mask)));
                block.asm.vselect(acc, both, Operand::Reg(t), acc);
                block.give_back(both);
            }
            (Some(mask), false, _) => block.asm.vselect(acc, mask, Operand::Reg(t), acc),
            (None, true, _) => block.asm.vselect(acc, part_vector(acc), Operand::Reg(t), acc),
        }
        block.give_back(t);
    }

    fn watch(&mut self, block: &mut Block<'_>, value: Reg) {
        let Some(bad) = self.bad else {
            // of one lane; what stands beside it does not count
            let (t, u) = (block.take(), block.take());
            block.asm.v2(Op2::And, t, value, Operand::Mem(lowest_lane()));
            note_bad(block.asm, t, u);
            // the other half of the vector is kept out by the load
            block.give_back(u);
            block.give_back(t);
            return;
        };
        match (block.lane.masked, self.width) {
            (false, _) => block.asm.v2(Op2::Or, bad, bad, Operand::Reg(value)),
            (true, Width::Eight) => block.asm.v2_masked(Op2::Or, bad, bad, value, PART),
            (true, _) => {
                let t = block.take();
                block.asm.v2(Op2::And, t, value, Operand::Reg(part_vector(value)));
                block.asm.v2(Op2::Or, bad, bad, Operand::Reg(t));
                block.give_back(t);
            }
        }
    }
}

/// A mask register for the lanes that exist and hold.
fn lanes_that_count(block: &mut Block<'_>, mask: Option<Reg>, part: bool) -> super::asm::Mask {
    match mask {
        None => PART,
        Some(mask) => {
            block.asm.mask_of(SPARE, mask);
            if part {
                block.asm.mask_and(SPARE, SPARE, PART);
            }
            SPARE
        }
    }
}
