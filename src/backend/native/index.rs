//! The index of the first largest or smallest element, by what machine code has: the extreme of each row first, then
//! the least index at which it stands.

use crate::contract::Ops;
use crate::contract::reduce::Kind;
use crate::ir::{Access, Domain, Effect, Index, Kernel, KernelBuilder, Module, Num, Op, SlotId, Truth};
use crate::source::Id;

/// A kernel as several that reduce to no index; they keep what they find in arrays after those of the module, whose
/// lengths are added to `extra`. `None` where that cannot be.
pub(super) fn without_index(module: &Module, kernel: &Kernel, extra: &mut Vec<usize>) -> Option<Vec<Kernel>> {
    let is_index = |e: &Effect| matches!(e, Effect::Reduce { kind: Kind::ArgMax | Kind::ArgMin, .. });
    if !kernel.effects.iter().any(is_index) {
        return Some(vec![kernel.clone()]);
    }
    let Domain::Dense { dims, reduced } = &kernel.domain else { return None };
    // what is written first must not be read by what follows
    let reads = |slot: SlotId| kernel.ops.iter().any(|op| matches!(op, Op::Load(a) if a.slot == slot));
    if kernel.effects.iter().filter(|e| is_index(e)).any(|e| reads(e.to().slot)) {
        return None;
    }
    let (outer, inner) = dims.split_at(dims.len() - reduced);
    let mut parts = Vec::new();
    for effect in kernel.effects.iter().filter(|e| is_index(e)) {
        let Effect::Reduce { kind, a, mask, to, checked, .. } = effect else { continue };
        let mut array = || {
            extra.push(outer.iter().product::<usize>().max(1));
            SlotId::from_index(module.slots.len() + extra.len() - 1)
        };
        let (extreme, first) = (array(), array());
        let steps: Vec<usize> = (0..outer.len()).map(|d| outer[d + 1..].iter().product()).collect();
        let row = |slot: SlotId| Access { slot, base: 0, index: Index::Strides(steps.clone()) };

        let b = again(kernel);
        let kind = if *kind == Kind::ArgMax { Kind::Max } else { Kind::Min };
        b.reduce_to(kind, Num(*a), None, mask.map(Truth), row(extreme), false);
        parts.push(b.finish());

        let b = again(kernel);
        let mut all = steps.clone();
        all.resize(dims.len(), 0);
        let best = b.load(extreme, 0, &all);
        // what is not a number counts as the extreme
        let value = Num(*a);
        let missing = b.and(b.not(b.eq(value, value)), b.not(b.eq(best, best)));
        let stands = b.or(b.eq(value, best), missing);
        let mut index = b.num(0.0);
        for (d, step) in (0..inner.len()).map(|d| (d, inner[d + 1..].iter().product::<usize>())) {
            index = b.fma(b.coord(outer.len() + d), b.num(step as f64), index);
        }
        let index = b.select(stands, index, b.num(f64::INFINITY));
        b.reduce_to(Kind::Min, index, None, mask.map(Truth), row(first), false);
        parts.push(b.finish());

        let b = KernelBuilder::new(kernel.name.clone(), Domain::Dense { dims: outer.to_vec(), reduced: 0 });
        let found = b.load(first, 0, &steps);
        let exists = b.lt(found, b.num(f64::INFINITY));
        b.store_to(b.select(exists, found, b.num(f64::NAN)), to.clone(), *checked);
        parts.push(b.finish());
    }
    let mut rest = kernel.clone();
    rest.effects.retain(|e| !is_index(e));
    if !rest.effects.is_empty() {
        parts.push(rest);
    }
    Some(parts)
}

/// A builder with the operations of a kernel.
fn again(kernel: &Kernel) -> KernelBuilder {
    let b = KernelBuilder::new(kernel.name.clone(), kernel.domain.clone());
    kernel.ops.iter().for_each(|op| {
        b.append(op.clone());
    });
    b
}
