//! Common subexpressions: equal operations on equal values are done once.
//!
//! All loads of a kernel happen before its stores, so equal loads are equal values. Operands are not reordered.

use crate::ir::{Kernel, Module, Op, Reg};
use crate::source::Id;
use std::collections::HashMap;

/// Merges equal operations in every kernel.
pub fn run(module: &mut Module) {
    module.kernels.iter_mut().for_each(kernel);
}

/// Merges equal operations in a kernel; what is left over is for [`dce`](super::dce).
pub fn kernel(kernel: &mut Kernel) {
    let mut same: Vec<Reg> = Vec::with_capacity(kernel.ops.len());
    let mut seen: HashMap<String, Reg> = HashMap::new();
    for (at, op) in kernel.ops.iter_mut().enumerate() {
        op.map_uses(|r| same[r.index()]);
        let reg = Reg::from_index(at);
        // the debug form tells all operations apart, but not the numbers 0.0 and NaN of different bits
        let key = match op {
            Op::Num(v) => format!("Num {:x}", v.to_bits()),
            Op::Single(v) => format!("Single {:x}", v.to_bits()),
            op => format!("{op:?}"),
        };
        same.push(*seen.entry(key).or_insert(reg));
    }
    for effect in &mut kernel.effects {
        effect.map_uses(|r| same[r.index()]);
    }
}
