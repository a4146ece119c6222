//! Which kernels are computed in single precision alone along their rows: those whose values there, but for truth
//! values, are all of it, and lie side by side in memory. Factors of rows and of columns come from earlier sections and
//! are rounded on the way.

use super::loops::{Loops, one_step};
use crate::contract::reduce::Kind;
use crate::ir::{Access, Domain, Effect, Index, Kernel, Module, Op, Precision, Reg, Ty};
use crate::source::IndexVec;
use std::collections::HashSet;

/// What a kernel's values are, and what they depend on.
pub(super) struct Values<'k> {
    pub module: &'k Module,
    pub kernel: &'k Kernel,
    pub loops: &'k Loops,
    pub types: &'k IndexVec<Reg, Ty>,
    /// Whether a value depends on the row and on the element along it.
    pub along: &'k dyn Fn(Reg) -> bool,
}

impl Values<'_> {
    /// Whether the section along rows can be one of single precision, given the values that anybody needs.
    pub fn can_be_single(&self, live: &[Reg]) -> bool {
        let lanes = self.loops.inner.iter().product::<usize>();
        let patterned = match &self.kernel.domain {
            Domain::Sparse { pattern, .. } => self.module.patterns[*pattern].storage.is_some(),
            Domain::Dense { .. } => false,
        };
        // one element alone takes one lane, of 64 bits
        (self.loops.sparse || !self.loops.inner.is_empty() && lanes > 1)
            && !patterned
            && self.types.iter().any(|t| *t == Ty::Single)
            && live.iter().all(|r| !(self.along)(*r) || self.is_single(*r))
            && self.kernel.effects.iter().all(|e| self.effect(e))
    }

    /// Whether a value of an element can be computed so.
    fn is_single(&self, reg: Reg) -> bool {
        let ready = |r: Reg| match self.kernel.ops[r] {
            Op::Single(_) | Op::Truth(_) => true,
            _ if (self.along)(r) => true,
            _ => self.is_operand(r),
        };
        let op = &self.kernel.ops[reg];
        let own = match op {
            Op::Load(access) => return self.types[reg] == Ty::Single && self.adjacent(access, true),
            Op::Unary(..) | Op::Binary(..) | Op::Fma(..) | Op::Select(..) => self.types[reg] == Ty::Single,
            Op::Compare(_, a, _) => self.types[*a] == Ty::Single,
            Op::Logic(..) | Op::Not(_) => true,
            _ => false,
        };
        own && op.uses().all(ready)
    }

    /// Whether a value of a row or a column can be handed on: the columns of a pattern are not side by side.
    fn is_operand(&self, reg: Reg) -> bool {
        let depends = |access: &Access| match &access.index {
            Index::Element => true,
            Index::Strides(s) => s.get(1).is_some_and(|s| *s != 0),
        };
        if !matches!(self.types[reg], Ty::Single | Ty::Truth) {
            return false;
        }
        if !self.loops.sparse {
            return true;
        }
        // values are used many times over: each is looked at once
        let (mut todo, mut seen) = (vec![reg], HashSet::new());
        while let Some(r) = todo.pop() {
            if !seen.insert(r) {
                continue;
            }
            let of_columns = match &self.kernel.ops[r] {
                Op::Load(access) => depends(access),
                Op::Coord(dim) => *dim == 1,
                Op::Random { element, .. } => element.strides.get(1).is_some_and(|s| *s != 0),
                _ => false,
            };
            if of_columns {
                return false;
            }
            todo.extend(self.kernel.ops[r].uses());
        }
        true
    }

    fn effect(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Store { value, to, .. } => {
                self.types[*value] == Ty::Single && self.adjacent(to, false) && self.ready(*value)
            }
            Effect::Reduce { kind, a, b, mask, .. } => {
                matches!(kind, Kind::Sum | Kind::Dot)
                    && self.types[*a] == Ty::Single
                    && [Some(*a), *b, *mask].into_iter().flatten().all(|r| self.ready(r))
            }
        }
    }

    fn ready(&self, reg: Reg) -> bool {
        matches!(self.kernel.ops[reg], Op::Single(_) | Op::Truth(_))
            || (self.along)(reg)
            || self.is_operand(reg)
    }

    /// Whether the elements along a row find their numbers side by side, or all in the same place.
    fn adjacent(&self, access: &Access, or_same: bool) -> bool {
        if self.module.precision(access.slot) != Precision::Single {
            return false;
        }
        match &access.index {
            Index::Element => true,
            Index::Strides(strides) => {
                let mut steps: Vec<u64> = strides.iter().map(|s| *s as u64).collect();
                steps.resize(self.loops.outer.len() + self.loops.inner.len(), 0);
                let step = one_step(&self.loops.inner, &steps[self.loops.outer.len()..]);
                !self.loops.sparse && (step == Some(1) || or_same && step == Some(0))
            }
        }
    }
}
