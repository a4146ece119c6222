//! Which operations of a kernel become one instruction, and which store what they compute.

use super::lower::Lowering;
use super::small::opcode;
use super::tape::{How, Opcode};
use crate::ir::passes::hoist::Level;
use crate::ir::{Access, Effect, Index, Op, Reg, Ty};
use std::collections::{HashMap, HashSet};

/// What the storing instructions do.
#[derive(Default)]
pub(super) struct Late {
    /// Values computed by the instruction that stores them, by effect.
    pub sunk: HashMap<Reg, usize>,
    /// What the storing instructions do without: old values they change in place.
    pub onto: Vec<Reg>,
    /// Loads of stored slots whose numbers are used after a store of the same block.
    pub loads: Vec<Reg>,
}

/// Operations merged into others.
#[derive(Default)]
pub(super) struct Fused {
    /// What is merged into others.
    pub inner: HashSet<Reg>,
    /// What computes a whole polynomial: of which value, with which constants.
    pub polynomials: HashMap<Reg, (Reg, Vec<f64>)>,
    /// What the merging operation became.
    pub outer: HashMap<Reg, (Opcode, [Reg; 5])>,
}

impl Lowering<'_> {
    /// Chains `fma(... fma(c0, x, c1) ..., x, cn)` of constants: the last value, x, and the constants.
    fn polynomials(&self) -> HashMap<Reg, (Reg, Vec<f64>, Vec<Reg>)> {
        let ops = &self.kernel.ops;
        let num = |r: Reg| if let Op::Num(v) = ops[r] { Some(v) } else { None };
        // the chain so far ends in each of these
        let mut chains: HashMap<Reg, (Reg, Vec<f64>, Vec<Reg>)> = HashMap::new();
        for (reg, op) in ops.iter_enumerated() {
            let Op::Fma(p, x, c) = *op else { continue };
            let Some(c) = num(c) else { continue };
            if self.levels[reg] == Level::Once {
                continue;
            }
            if let Some(first) = num(p) {
                chains.insert(reg, (x, vec![first, c], Vec::new()));
            } else if self.counts[p] == 1
                && chains.get(&p).is_some_and(|(y, _, _)| *y == x)
                && let Some((x, mut constants, mut inner)) = chains.remove(&p)
            {
                constants.push(c);
                inner.push(p);
                chains.insert(reg, (x, constants, inner));
            }
        }
        chains.retain(|_, (_, constants, _)| constants.len() > 2);
        chains
    }

    /// Operations of the element tape that swallow the one whose value they alone use.
    pub(super) fn fused(&self) -> Fused {
        let mut fused = Fused::default();
        for (reg, (x, constants, inner)) in self.polynomials() {
            fused.inner.extend(inner);
            fused.polynomials.insert(reg, (x, constants));
        }
        let ops = &self.kernel.ops;
        let own = |r: Reg| self.levels[r] == Level::Element && self.counts[r] == 1;
        let double = |r: Reg| self.types[r] == Ty::Num;
        for (reg, op) in ops.iter_enumerated() {
            if self.levels[reg] != Level::Element {
                continue;
            }
            if let Op::Binary(crate::ir::BinaryOp::Min, high, max) = *op
                && own(max)
                && let Op::Binary(crate::ir::BinaryOp::Max, low, x) = ops[max]
            {
                fused.inner.insert(max);
                if own(x)
                    && let Op::Fma(a, b, c) = ops[x]
                    && !fused.polynomials.contains_key(&x)
                    && double(x)
                {
                    fused.inner.insert(x);
                    fused.outer.insert(reg, (Opcode::FmaClamp, [a, b, c, low, high]));
                } else {
                    fused.outer.insert(reg, (Opcode::Clamp, [x, low, high, Reg(0), Reg(0)]));
                }
            }
        }
        fused
    }

    /// Which stored values are computed by the storing instruction, and which loads must be copied before.
    pub(super) fn late(&self, fused: &mut Fused) -> Late {
        let mut late = Late::default();
        let stored: Vec<_> = self
            .kernel
            .effects
            .iter()
            .filter_map(|e| if let Effect::Store { to, .. } = e { Some(to.slot) } else { None })
            .collect();
        let mut used_late = Vec::new();
        for (i, effect) in self.kernel.effects.iter().enumerate() {
            let Effect::Store { value, to, .. } = effect else { continue };
            let unit = match &to.index {
                Index::Element => true,
                Index::Strides(s) => s.last() == Some(&1),
            };
            let computed =
                opcode(&self.kernel.ops[*value], Ty::Num).is_some() && !fused.polynomials.contains_key(value);
            // what is kept in single precision is not written by operations
            let unit = unit && self.types[*value] == Ty::Num;
            let sinks = unit && computed && self.how(to) == How::Inner;
            if sinks && self.levels[*value] == Level::Element && self.counts[*value] == 1 {
                late.sunk.insert(*value, i);
                if let Some((op, regs, swallowed)) = self.onto(*value, to, fused) {
                    fused.outer.insert(*value, (op, regs));
                    late.onto.extend(swallowed);
                }
                match fused.outer.get(value) {
                    Some((op, regs)) => used_late.extend_from_slice(&regs[..arity(*op)]),
                    None => used_late.extend(self.kernel.ops[*value].uses()),
                }
            } else {
                used_late.push(*value);
            }
        }
        while let Some(reg) = used_late.pop() {
            match &self.kernel.ops[reg] {
                Op::Load(access) if stored.contains(&access.slot) => {
                    late.loads.push(reg);
                }
                // the same place under another name
                Op::ToBits(a) | Op::FromBits(a) | Op::Widen(a) => used_late.push(*a),
                _ => {}
            }
        }
        late
    }

    /// How a stored value changes the old one in place, if it is that kind of value: the operation, its operands, and
    /// what else need not be computed.
    fn onto(&self, value: Reg, to: &Access, fused: &Fused) -> Option<(Opcode, [Reg; 5], Vec<Reg>)> {
        let ops = &self.kernel.ops;
        let along = |r: Reg| matches!(self.levels[r], Level::Once | Level::Row);
        let (a, b, old, bounds) = match (fused.outer.get(&value), &ops[value]) {
            (Some((Opcode::FmaClamp, [a, b, c, low, high])), _) if along(*low) && along(*high) => {
                (*a, *b, *c, Some((*low, *high)))
            }
            (None, Op::Fma(a, b, c)) => (*a, *b, *c, None),
            _ => return None,
        };
        let is_old =
            |r: Reg, uses: usize| self.counts[r] == uses && matches!(&ops[r], Op::Load(l) if l == to);
        let (low, high) = bounds.unwrap_or((Reg(0), Reg(0)));
        match ops[old] {
            Op::Fma(decay, w, again)
                if w == again && self.counts[old] == 1 && is_old(w, 2) && along(decay) =>
            {
                let op = if bounds.is_some() { Opcode::OntoDecayedClamped } else { Opcode::OntoDecayed };
                Some((op, [a, b, decay, low, high], vec![old, w]))
            }
            _ if is_old(old, 1) => {
                let op = if bounds.is_some() { Opcode::OntoClamped } else { Opcode::Onto };
                // an operand that is not used still has to be one
                Some((op, [a, b, a, low, high], vec![old]))
            }
            _ => None,
        }
    }
}

/// How many operands an operation has.
pub(super) fn arity(op: Opcode) -> usize {
    match op {
        Opcode::Copy
        | Opcode::Narrow
        | Opcode::SqrtSingle
        | Opcode::Neg
        | Opcode::Abs
        | Opcode::Sqrt
        | Opcode::Round
        | Opcode::Not
        | Opcode::Shl(_)
        | Opcode::Shr(_) => 1,
        Opcode::Fma | Opcode::FmaSingle | Opcode::Select | Opcode::Clamp | Opcode::OntoDecayed => 3,
        Opcode::FmaClamp | Opcode::OntoClamped | Opcode::OntoDecayedClamped => 5,
        _ => 2,
    }
}
