use super::{Access, Domain, Effect, Index, Kernel, Module, Op, Pattern, Precision, Reg, SlotId, Ty};
use crate::contract::reduce;
use crate::source::Id;
use std::collections::HashSet;

/// What is wrong with a module; whoever made it has a fault, not the program it was made from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the fields are the facts of the sentence
pub enum VerifyError {
    #[error("two slots, patterns, kernels or plans are called `{name}`")]
    DuplicateName { name: String },
    #[error("slot `{slot}` holds {len} numbers but starts with {values}")]
    StartLength { slot: String, len: usize, values: usize },
    #[error("pattern `{pattern}` is not a matrix in compressed rows")]
    MalformedPattern { pattern: String },
    #[error("`{kernel}`: there is no slot {index}")]
    NoSlot { kernel: String, index: usize },
    #[error("`{kernel}`: there is no such pattern")]
    NoPattern { kernel: String },
    #[error("`{kernel}`: more dimensions are reduced than there are")]
    TooManyReduced { kernel: String },
    #[error("`{kernel}`: %{at} uses %{used}, which is not computed before it")]
    UseBeforeDefinition { kernel: String, at: usize, used: usize },
    #[error("`{kernel}`: %{used} is used as {expected:?} but is {found:?}")]
    TypeMismatch { kernel: String, used: usize, expected: Ty, found: Ty },
    #[error("`{kernel}`: an access to `{slot}` has {found} steps for {expected} indices")]
    RankMismatch { kernel: String, slot: String, expected: usize, found: usize },
    #[error("`{kernel}`: an access to `{slot}` by element outside a pattern")]
    ElementOutsidePattern { kernel: String, slot: String },
    #[error("`{kernel}`: an access reaches {last} of `{slot}`, which holds {len} numbers")]
    OutOfBounds { kernel: String, slot: String, last: usize, len: usize },
    #[error("`{kernel}`: loop {dim} is read but there are {rank}")]
    NoDimension { kernel: String, dim: usize, rank: usize },
    #[error("`{kernel}`: a shift by {by} is not within 0 to 63")]
    ShiftRange { kernel: String, by: u32 },
    #[error("`{kernel}`: a random draw has a word that is not 0 or 1")]
    RandomWord { kernel: String },
    #[error("`{kernel}`: two elements store to the same place of `{slot}`")]
    OverlappingStore { kernel: String, slot: String },
    #[error("`{kernel}`: `{slot}` is stored to and loaded from elsewhere, or stored to twice")]
    Aliased { kernel: String, slot: String },
    #[error("`{kernel}`: `{slot}` is constant and stored to")]
    ConstantStored { kernel: String, slot: String },
    #[error("`{kernel}`: a dot product needs two factors, other reductions one value")]
    ReductionOperands { kernel: String },
    #[error("`{kernel}`: a reduction gives double precision, `{slot}` keeps single precision")]
    SingleResult { kernel: String, slot: String },
    #[error("`{kernel}`: a reduction where no dimension is reduced")]
    NothingReduced { kernel: String },
    #[error(
        "plan `{plan}` names a kernel or slot that does not exist, or commits between slots that are not alike"
    )]
    MalformedPlan { plan: String },
}

/// Checks that a module is in order: all that back ends rely on.
pub fn verify(module: &Module) -> Result<(), VerifyError> {
    unique(module.slots.iter().map(|s| &s.name))?;
    unique(module.patterns.iter().map(|p| &p.name))?;
    unique(module.kernels.iter().map(|k| &k.name))?;
    unique(module.plans.iter().map(|p| &p.name))?;
    for slot in module.slots.iter() {
        let values = match &slot.init {
            super::Init::Fill(_) => slot.len,
            super::Init::Values(v) => v.len(),
            super::Init::Singles(v) => v.len(),
        };
        if values != slot.len {
            return Err(VerifyError::StartLength { slot: slot.name.clone(), len: slot.len, values });
        }
    }
    for pattern in module.patterns.iter() {
        verify_pattern(pattern)?;
    }
    for kernel in module.kernels.iter() {
        verify_kernel(module, kernel)?;
    }
    for plan in &module.plans {
        let kernels = [&plan.inputs, &plan.observe, &plan.update, &plan.settle];
        let known = kernels.into_iter().flatten().all(|k| k.index() < module.kernels.len());
        let commits = plan.commits.iter().all(|c| match (module.slots.get(c.from), module.slots.get(c.to)) {
            (Some(a), Some(b)) => a.len == b.len && a.precision == b.precision && c.from != c.to,
            _ => false,
        });
        if !known || !commits {
            return Err(VerifyError::MalformedPlan { plan: plan.name.clone() });
        }
    }
    Ok(())
}

fn unique<'a>(names: impl Iterator<Item = &'a String>) -> Result<(), VerifyError> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(VerifyError::DuplicateName { name: name.clone() });
        }
    }
    Ok(())
}

fn verify_pattern(p: &Pattern) -> Result<(), VerifyError> {
    let elements = p.col_index.len();
    let rows = p.row_start.len() == p.rows + 1
        && p.row_start.first() == Some(&0)
        && p.row_start.last() == Some(&elements)
        && p.row_start.windows(2).all(|w| w[0] <= w[1]);
    let ordered = rows
        && p.row_start.windows(2).all(|w| {
            let row = &p.col_index[w[0]..w[1]];
            row.windows(2).all(|c| c[0] < c[1]) && row.last().is_none_or(|c| (*c as usize) < p.cols)
        });
    let stored = p.storage.as_ref().is_none_or(|s| {
        let mut seen = vec![false; elements];
        s.len() == elements
            && s.iter().all(|e| seen.get_mut(*e as usize).is_some_and(|s| !std::mem::replace(s, true)))
    });
    if ordered && stored && u32::try_from(elements).is_ok() {
        Ok(())
    } else {
        Err(VerifyError::MalformedPattern { pattern: p.name.clone() })
    }
}

/// Checks one kernel against the slots and patterns of its module.
pub fn verify_kernel(module: &Module, kernel: &Kernel) -> Result<(), VerifyError> {
    let cx = Context { module, kernel };
    if kernel.domain.reduced() > kernel.domain.rank() {
        return Err(VerifyError::TooManyReduced { kernel: cx.name() });
    }
    if let Domain::Sparse { pattern, .. } = &kernel.domain
        && module.patterns.get(*pattern).is_none()
    {
        return Err(VerifyError::NoPattern { kernel: cx.name() });
    }
    for (reg, op) in kernel.ops.iter_enumerated() {
        cx.uses(op.uses(), reg.index())?;
        cx.op(op)?;
    }
    for effect in &kernel.effects {
        cx.uses(effect.uses(), kernel.ops.len())?;
        cx.effect(effect)?;
    }
    cx.types()?;
    cx.aliasing()
}

/// The first and the last place an access reaches.
type Range = (usize, usize);

struct Context<'a> {
    module: &'a Module,
    kernel: &'a Kernel,
}

impl Context<'_> {
    fn name(&self) -> String {
        self.kernel.name.clone()
    }

    fn slot_name(&self, slot: SlotId) -> String {
        self.module.slots[slot].name.clone()
    }

    /// The extents of the indices.
    fn dims(&self) -> Vec<usize> {
        match &self.kernel.domain {
            Domain::Dense { dims, .. } => dims.clone(),
            Domain::Sparse { pattern, .. } => {
                let p = &self.module.patterns[*pattern];
                vec![p.rows, p.cols]
            }
        }
    }

    fn uses(&self, uses: impl Iterator<Item = Reg>, at: usize) -> Result<(), VerifyError> {
        for used in uses.map(Id::index) {
            if used >= at {
                return Err(VerifyError::UseBeforeDefinition { kernel: self.name(), at, used });
            }
        }
        Ok(())
    }

    /// Checks that every value is of the type that its uses take.
    fn types(&self) -> Result<(), VerifyError> {
        let types = self.kernel.types(self.module);
        let is = |expected: Ty, of: Reg| {
            let (found, used) = (types[of], of.index());
            if found == expected {
                Ok(())
            } else {
                Err(VerifyError::TypeMismatch { kernel: self.name(), used, expected, found })
            }
        };
        // numbers of either precision, all of them of the same
        let alike = |of: &[Reg]| {
            let first = types[of[0]];
            let number = if first == Ty::Single { Ty::Single } else { Ty::Num };
            of.iter().try_for_each(|r| is(number, *r))
        };
        let all = |expected: Ty, of: &[Reg]| of.iter().try_for_each(|r| is(expected, *r));
        for op in self.kernel.ops.iter() {
            match *op {
                Op::Num(_) | Op::Single(_) | Op::Int(_) | Op::Truth(_) | Op::Load(_) | Op::Coord(_) => Ok(()),
                Op::Gather { index: a, .. } | Op::Random { draw: a, .. } | Op::Narrow(a) | Op::ToBits(a) => {
                    is(Ty::Num, a)
                }
                Op::Widen(a) => is(Ty::Single, a),
                Op::Unary(_, a) => alike(&[a]),
                Op::Binary(_, a, b) | Op::Compare(_, a, b) => alike(&[a, b]),
                Op::Fma(a, b, c) => alike(&[a, b, c]),
                Op::Select(c, a, b) => is(Ty::Truth, c).and_then(|()| alike(&[a, b])),
                Op::Logic(_, a, b) => all(Ty::Truth, &[a, b]),
                Op::Not(a) => is(Ty::Truth, a),
                Op::FromBits(a) | Op::Shift(_, a, _) => is(Ty::Bits, a),
                Op::Int2(_, a, b) => all(Ty::Bits, &[a, b]),
            }?;
        }
        for effect in &self.kernel.effects {
            match *effect {
                Effect::Store { value, ref to, .. } => match self.module.precision(to.slot) {
                    Precision::Single => is(Ty::Single, value),
                    Precision::Double => is(Ty::Num, value),
                },
                Effect::Reduce { kind, a, b, mask, ref to, .. } => {
                    mask.map_or(Ok(()), |m| is(Ty::Truth, m))?;
                    if self.module.precision(to.slot) == Precision::Single {
                        let slot = self.slot_name(to.slot);
                        return Err(VerifyError::SingleResult { kernel: self.name(), slot });
                    }
                    match kind {
                        reduce::Kind::Sum | reduce::Kind::Dot => alike(&[a, b.unwrap_or(a)]),
                        _ => is(Ty::Num, a),
                    }
                }
            }?;
        }
        Ok(())
    }

    fn op(&self, op: &Op) -> Result<(), VerifyError> {
        let rank = self.kernel.domain.rank();
        match op {
            Op::Load(access) => self.access(access, rank).map(|_| ()),
            Op::Gather { slot, base, len, .. } => self.bounds(*slot, base.checked_add(*len)),
            Op::Coord(dim) if *dim >= rank => {
                Err(VerifyError::NoDimension { kernel: self.name(), dim: *dim, rank })
            }
            Op::Random { element, word, .. } => {
                if element.strides.len() != rank {
                    let (expected, found) = (rank, element.strides.len());
                    return Err(VerifyError::RankMismatch {
                        kernel: self.name(),
                        slot: "random".into(),
                        expected,
                        found,
                    });
                }
                if *word > 1 { Err(VerifyError::RandomWord { kernel: self.name() }) } else { Ok(()) }
            }
            Op::Shift(_, _, by) if *by > 63 => Err(VerifyError::ShiftRange { kernel: self.name(), by: *by }),
            _ => Ok(()),
        }
    }

    /// Checks that the places before `end` exist.
    fn bounds(&self, slot: SlotId, end: Option<usize>) -> Result<(), VerifyError> {
        let Some(s) = self.module.slots.get(slot) else {
            return Err(VerifyError::NoSlot { kernel: self.name(), index: slot.index() });
        };
        match end {
            Some(end) if end <= s.len => Ok(()),
            _ => Err(VerifyError::OutOfBounds {
                kernel: self.name(),
                slot: s.name.clone(),
                last: end.map_or(usize::MAX, |e| e - 1),
                len: s.len,
            }),
        }
    }

    /// Checks an access over the first `rank` indices; its range unless nothing is accessed.
    fn access(&self, access: &Access, rank: usize) -> Result<Option<Range>, VerifyError> {
        if access.slot.index() >= self.module.slots.len() {
            return Err(VerifyError::NoSlot { kernel: self.name(), index: access.slot.index() });
        }
        let last = match (&access.index, &self.kernel.domain) {
            (Index::Element, Domain::Sparse { pattern, .. }) if rank == 2 => {
                self.module.patterns[*pattern].elements().checked_sub(1)
            }
            (Index::Element, _) => {
                let slot = self.slot_name(access.slot);
                return Err(VerifyError::ElementOutsidePattern { kernel: self.name(), slot });
            }
            (Index::Strides(strides), _) => {
                if strides.len() != rank {
                    let (expected, found) = (rank, strides.len());
                    let slot = self.slot_name(access.slot);
                    return Err(VerifyError::RankMismatch { kernel: self.name(), slot, expected, found });
                }
                self.span(strides)
            }
        };
        let Some(last) = last else { return Ok(None) };
        let end = access.base.checked_add(last).and_then(|l| l.checked_add(1));
        self.bounds(access.slot, end)?;
        Ok(end.map(|end| (access.base, end - 1)))
    }

    /// The largest `sum strides * indices`; `None` where a loop is empty, `usize::MAX` - 1 where it overflows.
    fn span(&self, strides: &[usize]) -> Option<usize> {
        let mut last = 0_usize;
        for (stride, dim) in strides.iter().zip(self.dims()) {
            let steps = dim.checked_sub(1)?;
            last = steps.checked_mul(*stride).and_then(|s| last.checked_add(s)).unwrap_or(usize::MAX - 1);
        }
        Some(last)
    }

    fn effect(&self, effect: &Effect) -> Result<(), VerifyError> {
        let to = effect.to();
        let rank = match effect {
            Effect::Store { .. } => self.kernel.domain.rank(),
            Effect::Reduce { kind, b, .. } => {
                if (*kind == reduce::Kind::Dot) != b.is_some() {
                    return Err(VerifyError::ReductionOperands { kernel: self.name() });
                }
                if self.kernel.domain.reduced() == 0 {
                    return Err(VerifyError::NothingReduced { kernel: self.name() });
                }
                self.kernel.domain.outer()
            }
        };
        self.access(to, rank)?;
        if self.module.slots[to.slot].kind == super::SlotKind::Constant {
            let slot = self.slot_name(to.slot);
            return Err(VerifyError::ConstantStored { kernel: self.name(), slot });
        }
        if let Index::Strides(strides) = &to.index
            && !self.distinct(strides)
        {
            let slot = self.slot_name(to.slot);
            return Err(VerifyError::OverlappingStore { kernel: self.name(), slot });
        }
        Ok(())
    }

    /// Whether different indices lead to different places: each step passes over all that smaller steps reach.
    fn distinct(&self, strides: &[usize]) -> bool {
        let dims = self.dims();
        if dims.iter().take(strides.len()).any(|d| *d == 0) {
            return true;
        }
        let mut steps: Vec<_> = strides.iter().copied().zip(dims).filter(|(_, d)| *d > 1).collect();
        steps.sort_unstable();
        let mut reach = 0_usize;
        for (stride, dim) in steps {
            if stride <= reach {
                return false;
            }
            reach = reach.saturating_add(stride.saturating_mul(dim - 1));
        }
        true
    }

    /// Checks that what is stored is loaded by the same element only, and stored once.
    fn aliasing(&self) -> Result<(), VerifyError> {
        let rank = self.kernel.domain.rank();
        for (i, effect) in self.kernel.effects.iter().enumerate() {
            let to = effect.to();
            let effect_rank =
                if matches!(effect, Effect::Store { .. }) { rank } else { self.kernel.domain.outer() };
            let Some(range) = self.access(to, effect_rank)? else { continue };
            let apart = |other: Range| other.1 < range.0 || range.1 < other.0;
            let fault = || VerifyError::Aliased { kernel: self.name(), slot: self.slot_name(to.slot) };
            for op in self.kernel.ops.iter() {
                match op {
                    Op::Load(a) if a.slot == to.slot => {
                        let same = a.base == to.base
                            && match (&a.index, &to.index) {
                                (Index::Strides(a), Index::Strides(b)) => {
                                    a.starts_with(b) && a[b.len()..].iter().all(|s| *s == 0)
                                }
                                (a, b) => a == b,
                            };
                        if !same && !self.access(a, rank)?.is_none_or(apart) {
                            return Err(fault());
                        }
                    }
                    Op::Gather { slot, base, len, .. }
                        if *slot == to.slot && *len > 0 && !apart((*base, base + len - 1)) =>
                    {
                        return Err(fault());
                    }
                    _ => {}
                }
            }
            for other in &self.kernel.effects[..i] {
                let other_rank =
                    if matches!(other, Effect::Store { .. }) { rank } else { self.kernel.domain.outer() };
                if other.to().slot == to.slot && !self.access(other.to(), other_rank)?.is_none_or(apart) {
                    return Err(fault());
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ir::parse;

    fn fault(kernel: &str) -> Option<VerifyError> {
        let text = format!(
            "state \"a\" [6] = 0.0\nstate \"b\" [6] = 0.0\nstate \"s\" f32 [6] = 0.0\nconstant \"c\" [1] = 0.0\n\
             pattern \"p\" 2 x 3 {{ 0 2 | 1 }}\nkernel \"k\" {kernel}"
        );
        verify(&parse(&text).unwrap()).err()
    }

    #[test]
    fn accepts_in_place_updates_and_disjoint_parts() {
        assert_eq!(fault("dense 6 { %0 = load \"a\" [1]  store %0 -> \"a\" [1] }"), None);
        assert_eq!(fault("dense 3 { %0 = load \"a\" [1]  store %0 -> \"a\" 3 + [1] }"), None);
        assert_eq!(fault("dense 2 x 3 reduce 1 { %0 = load \"a\" [1, 0]  sum %0 -> \"a\" [1] }"), None);
        assert_eq!(fault("sparse \"p\" { %0 = load \"a\" element  store %0 -> \"a\" element }"), None);
    }

    #[test]
    fn refuses_stores_that_other_elements_see() {
        let aliased = |f: Option<VerifyError>| matches!(f, Some(VerifyError::Aliased { .. }));
        assert!(aliased(fault("dense 5 { %0 = load \"a\" 1 + [1]  store %0 -> \"a\" [1] }")));
        assert!(aliased(fault(
            "dense 6 { %0 = load \"b\" [1]  store %0 -> \"a\" [1]  store %0 -> \"a\" [1] }"
        )));
        assert!(aliased(fault("dense 2 x 3 reduce 1 { %0 = load \"a\" [3, 1]  sum %0 -> \"a\" [1] }")));
        assert!(aliased(fault(
            "dense 6 { %0 = num 1.0 %1 = gather \"a\" 0 + 6 at %0 store %1 -> \"a\" [1] }"
        )));
        let overlapping = |f: Option<VerifyError>| matches!(f, Some(VerifyError::OverlappingStore { .. }));
        assert!(overlapping(fault("dense 6 { %0 = num 1.0  store %0 -> \"a\" [0] }")));
        assert!(overlapping(fault("dense 2 x 3 { %0 = num 1.0  store %0 -> \"a\" [2, 1] }")));
    }

    #[test]
    fn refuses_what_is_out_of_place() {
        use VerifyError as E;
        assert!(matches!(fault("dense 7 { %0 = load \"a\" [1] }"), Some(E::OutOfBounds { last: 6, .. })));
        assert!(matches!(fault("dense 7 { %0 = load \"a\" [] }"), Some(E::RankMismatch { .. })));
        assert!(matches!(
            fault("dense 7 { %0 = load \"a\" element }"),
            Some(E::ElementOutsidePattern { .. })
        ));
        assert!(matches!(fault("dense 6 { %0 = neg %0 }"), Some(E::UseBeforeDefinition { .. })));
        assert!(matches!(fault("dense 6 { %0 = int 1  %1 = neg %0 }"), Some(E::TypeMismatch { .. })));
        assert!(matches!(
            fault("dense 6 { %0 = num 1.0  %1 = narrow %0  %2 = add %0, %1 }"),
            Some(E::TypeMismatch { .. })
        ));
        assert!(matches!(
            fault("dense 6 { %0 = single 1.0  store %0 -> \"a\" [1] }"),
            Some(E::TypeMismatch { .. })
        ));
        assert!(matches!(
            fault("dense 6 x 1 reduce 1 { %0 = single 1.0  sum %0 -> \"s\" [1] }"),
            Some(E::SingleResult { .. })
        ));
        assert!(matches!(fault("dense 6 { %0 = coord 1 }"), Some(E::NoDimension { .. })));
        assert!(matches!(fault("dense 6 { %0 = int 1  %1 = shl %0, 64 }"), Some(E::ShiftRange { .. })));
        assert!(matches!(
            fault("dense 1 { %0 = num 1.0  store %0 -> \"c\" [1] }"),
            Some(E::ConstantStored { .. })
        ));
        assert!(matches!(
            fault("dense 6 { %0 = num 1.0  sum %0 -> \"a\" [1] }"),
            Some(E::NothingReduced { .. })
        ));
        assert!(matches!(fault("dense 6 reduce 2 { }"), Some(E::TooManyReduced { .. })));
    }

    #[test]
    fn refuses_malformed_patterns() {
        let p = Pattern::from_rows("p", 2, &[vec![0, 1], vec![1]]);
        assert_eq!(verify_pattern(&p), Ok(()));
        assert!(verify_pattern(&Pattern { cols: 1, ..p.clone() }).is_err());
        assert!(verify_pattern(&Pattern { storage: Some(vec![0, 0, 1].into()), ..p.clone() }).is_err());
        assert!(verify_pattern(&Pattern { row_start: vec![0, 3].into(), ..p }).is_err());
        assert!(verify_pattern(&Pattern::from_rows("p", 2, &[vec![1, 0]])).is_err());
    }
}
