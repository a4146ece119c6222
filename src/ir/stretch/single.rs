//! Sums of one element, as what they are: their loop disappears, and what follows can be handed on.

use crate::contract::Ops;
use crate::contract::reduce::Kind;
use crate::ir::passes::coalesce;
use crate::ir::{Access, Domain, Effect, Index, Kernel, KernelBuilder, Module, Num, Op, Ty};

/// A kernel whose reductions are over one element each, without them.
///
/// Of one element the sixteen partial results of a sum are that element added to +0, and +0; so are those of a dot
/// product, with one fused multiply-add ([`alone`](crate::contract::reduce::alone)). The thirty-two of single precision
/// come to the same.
pub(super) fn plain(module: &Module, kernel: Kernel) -> Kernel {
    let Domain::Dense { dims, reduced } = &kernel.domain else { return kernel };
    let outer = dims.len() - reduced;
    let one = *reduced > 0 && dims[outer..].iter().all(|d| *d == 1);
    let known = |e: &Effect| match e {
        Effect::Reduce { kind: Kind::Sum | Kind::Dot, mask, .. } => mask.is_none(),
        Effect::Reduce { .. } => false,
        Effect::Store { .. } => true,
    };
    if !one || !kernel.effects.iter().all(known) {
        return kernel;
    }
    let rank = dims.len();
    let types = kernel.types(module);
    let b = KernelBuilder::new(kernel.name, Domain::Dense { dims: dims.clone(), reduced: 0 });
    for op in kernel.ops.iter() {
        b.append(op.clone());
    }
    for effect in kernel.effects {
        match effect {
            Effect::Store { value, to, checked } => b.store_to(Num(value), to, checked),
            Effect::Reduce { kind, a, b: factor, to, checked, .. } => {
                let single = types[a] == Ty::Single;
                let zero = if single { Num(b.append(Op::Single(0.0))) } else { b.num(0.0) };
                let value = match (kind, factor) {
                    // a product too small for a number may be -0, and is not when +0 has been added
                    (Kind::Dot, Some(factor)) => b.add(b.fma(Num(a), Num(factor), zero), zero),
                    _ => b.add(zero, Num(a)),
                };
                let value = if single { b.widen(value) } else { value };
                b.store_to(value, padded(to, rank), checked);
            }
        }
    }
    let mut plain = b.finish();
    coalesce::kernel(&mut plain);
    plain
}

/// An access with a step for every loop.
fn padded(mut access: Access, rank: usize) -> Access {
    if let Index::Strides(strides) = &mut access.index {
        strides.resize(rank, 0);
    }
    access
}
