//! Fusion: loops over the same elements as one, what one of them stores handed on to the next.

use super::{conflict, reads, writes, written};
use crate::ir::{Domain, Effect, Kernel, Module, Op, Reg, verify_kernel};
use std::collections::HashMap;

/// Fuses kernels of a list with earlier ones of the same class, where nothing between minds.
pub(super) fn fuse(module: &Module, kernels: Vec<Kernel>, class: &dyn Fn(&Kernel) -> bool) -> Vec<Kernel> {
    let mut fused: Vec<Kernel> = Vec::new();
    for kernel in kernels {
        let mut place = None;
        for (i, earlier) in fused.iter().enumerate().rev() {
            // best is one whose results it reads: they need not come from memory
            let hands_on = written(earlier).any(|w| reads(&kernel, w.slot));
            if (place.is_none() || hands_on)
                && class(earlier) == class(&kernel)
                && let Some(both) = merged(module, earlier, &kernel)
            {
                place = Some((i, both));
            }
            if hands_on || conflict(earlier, &kernel) {
                break;
            }
        }
        match place {
            Some((i, both)) => fused[i] = both,
            None => fused.push(kernel),
        }
    }
    fused
}

/// The loops that have the elements of both, if there are any.
fn domain(a: &Domain, b: &Domain) -> Option<Domain> {
    match (a, b) {
        (Domain::Dense { dims, reduced }, Domain::Dense { dims: other, reduced: also }) => {
            // a loop with nothing outside stays without reductions: it is one row per element
            let same =
                dims == other && (reduced == also || (dims.len() > 1 && (*reduced == 0 || *also == 0)));
            same.then(|| Domain::Dense { dims: dims.clone(), reduced: *reduced.max(also) })
        }
        (Domain::Sparse { pattern, reduced }, Domain::Sparse { pattern: other, reduced: also }) => {
            (pattern == other).then_some(Domain::Sparse { pattern: *pattern, reduced: *reduced || *also })
        }
        _ => None,
    }
}

/// Both kernels as one, if each element can do both before the next.
fn merged(module: &Module, a: &Kernel, b: &Kernel) -> Option<Kernel> {
    let domain = domain(&a.domain, &b.domain)?;
    // what a reduction gives is there only after all elements of its row
    let reduced = |e: &&Effect| matches!(e, Effect::Reduce { .. });
    if a.effects.iter().filter(reduced).any(|e| reads(b, e.to().slot))
        || a.effects.iter().any(|e| writes(b, e.to().slot))
    {
        return None;
    }
    let mut both = a.clone();
    both.name = format!("{} + {}", a.name, b.name);
    both.domain = domain;
    let mut moved: HashMap<Reg, Reg> = HashMap::new();
    for (reg, op) in b.ops.iter_enumerated() {
        if let Op::Load(access) = op {
            let stored = a.effects.iter().find_map(|e| match e {
                Effect::Store { value, to, .. } if to == access => Some(*value),
                _ => None,
            });
            if let Some(value) = stored {
                moved.insert(reg, value);
                continue;
            }
            if a.effects.iter().any(|e| e.to().slot == access.slot) {
                return None;
            }
        }
        if let Op::Gather { slot, .. } = op
            && writes(a, *slot)
        {
            return None;
        }
        let mut op = op.clone();
        op.map_uses(|r| moved[&r]);
        moved.insert(reg, both.ops.push(op));
    }
    for effect in &b.effects {
        let mut effect = effect.clone();
        effect.map_uses(|r| moved[&r]);
        both.effects.push(effect);
    }
    verify_kernel(module, &both).is_ok().then_some(both)
}
