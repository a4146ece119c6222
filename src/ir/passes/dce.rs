//! Dead code: operations whose values nobody uses are removed.

use crate::ir::{Kernel, Module, Reg};
use crate::source::{Id, IndexVec};

/// Removes dead operations from every kernel.
pub fn run(module: &mut Module) {
    module.kernels.iter_mut().for_each(kernel);
}

/// Removes dead operations from a kernel.
pub fn kernel(kernel: &mut Kernel) {
    let mut live = vec![false; kernel.ops.len()];
    for used in kernel.effects.iter().flat_map(|e| e.uses()) {
        live[used.index()] = true;
    }
    for at in (0..live.len()).rev() {
        if live[at] {
            for used in kernel.ops[Reg::from_index(at)].uses() {
                live[used.index()] = true;
            }
        }
    }
    let mut place = vec![Reg(0); live.len()];
    let mut kept = IndexVec::new();
    for (at, op) in std::mem::take(&mut kernel.ops).iter().enumerate() {
        if live[at] {
            let mut op = op.clone();
            op.map_uses(|r| place[r.index()]);
            place[at] = kept.push(op);
        }
    }
    kernel.ops = kept;
    for effect in &mut kernel.effects {
        effect.map_uses(|r| place[r.index()]);
    }
}
