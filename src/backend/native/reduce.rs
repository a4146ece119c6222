//! Reductions in registers: sixteen partial results, and how they become one; and whether all numbers are finite.

use super::access::{PART, part_vector};
use super::asm::{Asm, Compare, Fused, Op2, Operand, SPARE, Vec as Reg, Width};
use super::frame::{Frame, HEADER_BAD, HEADER_BAD_ONE, header, lowest_lane};
use super::lir::{Effect, Reduction};
use super::regs::{Block, Reduce};
use crate::contract::reduce::Kind;

/// The reductions of a loop along a row.
pub(super) struct Rounds {
    width: Width,
    kinds: Vec<Kind>,
    /// For each reduction its partial results, a vector each.
    partials: Vec<Vec<Reg>>,
    bad: Option<Reg>,
    /// Which of the vectors of sixteen elements the present one is.
    pub vector: usize,
}

impl Rounds {
    /// No reductions, and what is watched goes to memory.
    pub fn none() -> Self {
        Self { width: Width::One, kinds: Vec::new(), partials: Vec::new(), bad: None, vector: 0 }
    }

    /// Takes registers of those that are free.
    pub fn new(
        width: Width,
        reductions: &[Reduction],
        vectors: usize,
        watches: bool,
        free: &mut Vec<u8>,
    ) -> Self {
        // the highest, as the lowest are used after the loop
        let mut take = || Reg { n: free.remove(0), width };
        let partials: Vec<Vec<Reg>> =
            reductions.iter().map(|_| (0..vectors).map(|_| take()).collect()).collect();
        let bad = watches.then(take);
        let kinds = reductions.iter().map(|r| r.kind).collect();
        Self { width, kinds, partials, bad, vector: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    pub fn begin(&mut self, asm: &mut Asm, frame: &Frame<'_>) {
        for (kind, partials) in self.kinds.iter().zip(&self.partials) {
            for p in partials {
                match kind.start().to_bits() {
                    0 => asm.vzero(*p),
                    bits => asm.vload(*p, frame.constant(bits)),
                }
            }
        }
        if let Some(bad) = self.bad {
            asm.vzero(bad);
        }
    }

    pub fn end(&mut self, asm: &mut Asm, _: &Frame<'_>) {
        if let Some(bad) = self.bad {
            asm.v2(Op2::Or, bad, bad, Operand::Mem(header(HEADER_BAD)));
            asm.vstore(header(HEADER_BAD), bad);
        }
    }

    /// The result of a reduction, in the lowest lane. The partial results must not be used after that.
    pub fn result(&self, asm: &mut Asm, reduction: usize, kind: Kind) -> Reg {
        let partials = &self.partials[reduction];
        if let [only] = partials[..] {
            return only;
        }
        // i with i + 8, with four lanes twice
        let half = partials.len() / 2;
        for i in 1..half {
            combine(asm, kind, partials[i], partials[i], partials[i + half]);
        }
        let mut result = Reg { n: RESULT, width: self.width };
        combine(asm, kind, result, partials[0], partials[half]);
        if half == 2 {
            combine(asm, kind, result, result, partials[1]);
        }
        let upper = |width| Reg { n: UPPER, width };
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

/// Registers that are free after a loop: accumulators are above.
const RESULT: u8 = 2;
const UPPER: u8 = 3;
const SPARES: [u8; 2] = [0, 1];

/// A register that is free after a loop.
pub(super) fn spare(i: usize, width: Width) -> Reg {
    Reg { n: SPARES[i], width }
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
pub(super) fn note_bad(asm: &mut Asm, zero: Reg, spare: Reg) {
    asm.vload(spare, header(HEADER_BAD_ONE));
    asm.v2(Op2::Or, spare, spare, Operand::Reg(zero));
    asm.vstore(header(HEADER_BAD_ONE), spare);
}

impl Reduce for Rounds {
    fn reduce(&mut self, block: &mut Block<'_>, effect: &Effect, a: Reg, b: Option<Reg>, mask: Option<Reg>) {
        let Effect::Reduce { reduction, .. } = effect else { return };
        let reduction = *reduction as usize;
        let kind = self.kinds[reduction];
        let acc = self.partials[reduction][self.vector];
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
                block.asm.v2(Op2::And, both, mask, Operand::Reg(part_vector(self.width)));
                block.asm.vselect(acc, both, Operand::Reg(t), acc);
                block.give_back(both);
            }
            (Some(mask), false, _) => block.asm.vselect(acc, mask, Operand::Reg(t), acc),
            (None, true, _) => block.asm.vselect(acc, part_vector(self.width), Operand::Reg(t), acc),
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
            (true, width) => {
                let t = block.take();
                block.asm.v2(Op2::And, t, value, Operand::Reg(part_vector(width)));
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
