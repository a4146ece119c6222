//! Late scaling: where weights are scaled by a factor of their row and only read until the next tick changes them, the
//! scaled numbers are not written. The row keeps the factor, and whoever reads a weight multiplies by it once more,
//! which gives the same number; the factor before the first tick is one.

use super::{Order, Stretch, accesses, reads, writes};
use crate::contract::Ops;
use crate::contract::reduce::Kind;
use crate::ir::passes::hoist::{Level, levels};
use crate::ir::{
    Access, BinaryOp, Domain, Effect, Index, Kernel, KernelBuilder, Module, Num, Op, Precision, Reg, SlotId,
};
use crate::source::{Id, IndexVec};

/// The factors by which weights are scaled when they are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Late {
    /// The array of the factors, one for each row; its name comes after those of packed arrays.
    pub slot: SlotId,
    /// How many rows there are.
    pub rows: usize,
    /// Writes the scaled weights, with which a stretch ends that does not end with a change.
    pub flush: Vec<Kernel>,
}

/// Puts off the scaling of weights, if a stretch scales any.
pub(super) fn late(module: &Module, stretch: &mut Stretch) {
    let Order::Rows { rows, .. } = stretch.order else { return };
    let slot = SlotId::from_index(module.slots.len() + stretch.packed.len());
    for at in 0..stretch.turn.len() {
        let Some(scaling) = scaling(&stretch.turn[at], rows) else { continue };
        let of = scaling.weights.slot;
        let touches = |k: &Kernel| reads(k, of) || writes(k, of);
        let others: Vec<usize> =
            (0..stretch.turn.len()).filter(|i| *i != at && touches(&stretch.turn[*i])).collect();
        let (&[before], Some(first)) = (&others[..], stretch.change.iter().position(touches)) else {
            continue;
        };
        let change = |k: &Kernel| scaled(module, k, &scaling.weights, slot);
        if before > at {
            continue;
        }
        let (Some(mut turn), Some(end)) = (change(&stretch.turn[before]), change(&stretch.change[first]))
        else {
            continue;
        };
        // what is not finite shows in what the scaled weights are summed up to, in the same turn
        for effect in &mut turn.effects {
            if let Effect::Store { to, checked, .. } = effect
                && to.slot == of
            {
                *checked = false;
            }
        }
        let flush = flush(module, &stretch.turn[at].domain, &scaling.weights, slot);
        stretch.turn[before] = turn;
        stretch.change[first] = end;
        stretch.turn[at].effects.remove(scaling.effect);
        let by = factors(&stretch.turn[at], scaling.factor, rows, slot);
        // it is there now
        let factor = Access { slot, base: 0, index: Index::Strides(vec![1, 0]) };
        stretch.turn[at].ops[scaling.factor] = Op::Load(factor);
        crate::ir::passes::dce::kernel(&mut stretch.turn[at]);
        stretch.turn.insert(at, by);
        stretch.late = Some(Late { slot, rows, flush: vec![flush] });
        return;
    }
}

/// What a kernel scales.
struct Scaling {
    weights: Access,
    /// A number of the row, in double precision.
    factor: Reg,
    /// Which of its effects writes them.
    effect: usize,
}

/// What a kernel multiplies by a number of the row and writes in its place, if it does nothing else with the result than
/// to sum it up.
fn scaling(kernel: &Kernel, rows: usize) -> Option<Scaling> {
    let Domain::Dense { dims, .. } = &kernel.domain else { return None };
    if dims.len() != 2 || dims[0] != rows {
        return None;
    }
    let levels = levels(kernel);
    kernel.effects.iter().enumerate().find_map(|(effect, e)| {
        let Effect::Store { value, to, .. } = e else { return None };
        let Op::Binary(BinaryOp::Mul, a, b) = kernel.ops[*value] else { return None };
        let is_weight = |r: Reg| matches!(&kernel.ops[r], Op::Load(access) if access == to);
        let factor = match (is_weight(a), is_weight(b)) {
            (true, false) => b,
            (false, true) => a,
            _ => return None,
        };
        // what is not finite must still be noticed
        let shows = kernel.effects.iter().any(|e| match e {
            Effect::Reduce { kind: Kind::Sum | Kind::Dot, a, b, mask: None, checked: true, .. } => {
                a == value || *b == Some(*value)
            }
            _ => false,
        });
        let only = kernel.effects.iter().filter(|e| e.to().slot == to.slot).count() == 1;
        let factor = match kernel.ops[factor] {
            Op::Narrow(wide) => wide,
            _ => factor,
        };
        let of_row = matches!(levels[factor], Level::Row | Level::Once);
        (shows && only && of_row).then(|| Scaling { weights: to.clone(), factor, effect })
    })
}

/// A kernel that multiplies the weights it reads by the factor of their row; `None` if it reads others too.
fn scaled(module: &Module, kernel: &Kernel, weights: &Access, slot: SlotId) -> Option<Kernel> {
    let Domain::Dense { dims, .. } = &kernel.domain else { return None };
    let alike = accesses(kernel).all(|(s, access)| s != weights.slot || access == Some(weights));
    if dims.len() != 2 || !alike || !reads(kernel, weights.slot) {
        return None;
    }
    let mut made = Kernel { ops: IndexVec::new(), ..kernel.clone() };
    let mut place = IndexVec::<Reg, Reg>::new();
    for op in kernel.ops.iter() {
        let mut op = op.clone();
        op.map_uses(|r| place[r]);
        let weight = matches!(&op, Op::Load(access) if access == weights);
        let mut reg = made.ops.push(op);
        if weight {
            let factor = Access { slot, base: 0, index: Index::Strides(vec![1, 0]) };
            let mut factor = made.ops.push(Op::Load(factor));
            if module.precision(weights.slot) == Precision::Single {
                factor = made.ops.push(Op::Narrow(factor));
            }
            reg = made.ops.push(Op::Binary(BinaryOp::Mul, reg, factor));
        }
        place.push(reg);
    }
    for effect in &mut made.effects {
        effect.map_uses(|r| place[r]);
    }
    Some(made)
}

/// The kernel that keeps the factors.
fn factors(kernel: &Kernel, factor: Reg, rows: usize, slot: SlotId) -> Kernel {
    let mut made = Kernel {
        name: format!("{} by", kernel.name),
        domain: Domain::cells(rows),
        ops: kernel.ops.clone(),
        effects: Vec::new(),
        by_row: false,
    };
    for op in made.ops.iter_mut() {
        match op {
            Op::Load(Access { index: Index::Strides(s), .. }) => s.truncate(1),
            Op::Random { element, .. } => element.strides.truncate(1),
            // what is not of the row is not needed
            Op::Coord(dim) => *dim = 0,
            _ => {}
        }
    }
    let to = Access { slot, base: 0, index: Index::Strides(vec![1]) };
    made.effects.push(Effect::Store { value: factor, to, checked: false });
    crate::ir::passes::dce::kernel(&mut made);
    made
}

/// The kernel that writes the scaled weights.
fn flush(module: &Module, domain: &Domain, weights: &Access, slot: SlotId) -> Kernel {
    let dims = if let Domain::Dense { dims, .. } = domain { dims.clone() } else { Vec::new() };
    let b = KernelBuilder::new("scaled", Domain::Dense { dims, reduced: 0 });
    let weight = Num(b.append(Op::Load(weights.clone())));
    let mut factor = b.load(slot, 0, &[1, 0]);
    if module.precision(weights.slot) == Precision::Single {
        factor = Num(b.append(Op::Narrow(factor.0)));
    }
    b.store_to(b.mul(weight, factor), weights.clone(), false);
    b.finish()
}
