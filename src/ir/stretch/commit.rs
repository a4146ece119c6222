//! Next values in place of the state, and copies where the old ones are still read.

use super::{accesses, conflict, reads, writes};
use crate::ir::{Access, Commit, Domain, Effect, Index, Kernel, KernelBuilder, Module};

/// The kernels that change the states, with what commits do as kernels.
pub(super) fn changes(module: &Module, mut update: Vec<Kernel>, commits: &[Commit]) -> Vec<Kernel> {
    let mut copies = Vec::new();
    for commit in commits {
        let makers: Vec<usize> = (0..update.len()).filter(|k| writes(&update[*k], commit.from)).collect();
        let others_read = update.iter().any(|k| reads(k, commit.from));
        if let [maker] = makers[..]
            && !others_read
            && in_place(module, &mut update, maker, commit)
        {
            continue;
        }
        copies.push(copy(module, commit));
    }
    update.extend(copies);
    update
}

/// Lets a kernel write the state itself, if all others that read it come before.
fn in_place(module: &Module, update: &mut Vec<Kernel>, maker: usize, commit: &Commit) -> bool {
    let mut last = maker;
    while last + 1 < update.len() && !conflict(&update[maker], &update[last + 1]) {
        last += 1;
    }
    let later_reads = update[last + 1..].iter().any(|k| reads(k, commit.to) || writes(k, commit.to));
    if later_reads {
        return false;
    }
    let mut changed = update[maker].clone();
    for effect in &mut changed.effects {
        let (Effect::Store { to, .. } | Effect::Reduce { to, .. }) = effect;
        if to.slot == commit.from {
            to.slot = commit.to;
        }
    }
    // an element must not see what another one has written
    let own = |a: &Access| changed.effects.iter().all(|e| e.to().slot != commit.to || e.to() == a);
    let sees_others = accesses(&changed).any(|(slot, access)| slot == commit.to && !access.is_some_and(own));
    if sees_others || crate::ir::verify_kernel(module, &changed).is_err() {
        return false;
    }
    update.remove(maker);
    update.insert(last, changed);
    true
}

/// The kernel that copies next values to the state.
pub(super) fn copy(module: &Module, commit: &Commit) -> Kernel {
    let (from, to) = (&module.slots[commit.from], &module.slots[commit.to]);
    let b = KernelBuilder::new(format!("{} becomes", to.name), Domain::cells(from.len));
    let access = Access { slot: commit.to, base: 0, index: Index::Strides(vec![1]) };
    b.store_to(b.load(commit.from, 0, &[1]), access, false);
    b.finish()
}
