//! Constant folding: operations on constants are computed with the operations of the contract, so with the same bits;
//! operations that change no bit of any value disappear.

use crate::contract::Ops;
use crate::contract::ops::Scalar;
use crate::ir::{
    Access, BinaryOp, CompareOp, Index, Init, IntOp, Kernel, LogicOp, Module, Op, Precision, Reg, ShiftOp,
    Slot, SlotId, SlotKind, UnaryOp,
};
use crate::source::{Id, IndexVec};

/// Folds every kernel.
pub fn run(module: &mut Module) {
    let slots = &module.slots;
    for k in module.kernels.iter_mut() {
        kernel(slots, k);
    }
}

/// What an operation turns out to be.
enum Found {
    /// The value of an earlier operation.
    Same(Reg),
    /// Another operation.
    Op(Op),
}

/// Folds a kernel.
pub fn kernel(slots: &IndexVec<SlotId, Slot>, kernel: &mut Kernel) {
    let mut same: Vec<Reg> = Vec::with_capacity(kernel.ops.len());
    let mut done = IndexVec::<Reg, Op>::new();
    for (at, op) in kernel.ops.iter().enumerate() {
        let mut op = op.clone();
        op.map_uses(|r| same[r.index()]);
        let reg = Reg::from_index(at);
        match simplify(slots, &done, &op) {
            Some(Found::Same(r)) => {
                same.push(r);
                done.push(op);
            }
            Some(Found::Op(op)) => {
                same.push(reg);
                done.push(op);
            }
            None => {
                same.push(reg);
                done.push(op);
            }
        }
    }
    kernel.ops = done;
    for effect in &mut kernel.effects {
        effect.map_uses(|r| same[r.index()]);
    }
}

fn simplify(slots: &IndexVec<SlotId, Slot>, done: &IndexVec<Reg, Op>, op: &Op) -> Option<Found> {
    // a number of single precision is one of double precision too
    let num = |r: Reg| match done[r] {
        Op::Num(v) => Some(v),
        Op::Single(v) => Some(f64::from(v)),
        _ => None,
    };
    let single = op.uses().any(|r| matches!(done[r], Op::Single(_)));
    let number = |v: f64| if single { Op::Single(v as f32) } else { Op::Num(v) };
    let int = |r: Reg| if let Op::Int(v) = done[r] { Some(v) } else { None };
    let truth = |r: Reg| if let Op::Truth(v) = done[r] { Some(v) } else { None };
    let o = Scalar;
    let constant = match *op {
        Op::Load(ref access) => {
            let value = constant_load(slots, access)?;
            match slots[access.slot].precision {
                Precision::Double => Op::Num(value),
                Precision::Single => Op::Single(value as f32),
            }
        }
        Op::Narrow(a) => match (num(a), &done[a]) {
            (Some(a), _) => Op::Single(a as f32),
            (None, Op::Widen(inner)) => return Some(Found::Same(*inner)),
            _ => return None,
        },
        Op::Widen(a) => Op::Num(num(a)?),
        // rounding the result to f64 and then to f32 is the same as rounding it to f32, as f64 has more than twice the
        // digits (Figueroa, When is double rounding innocuous?, 1995); of fma it is not
        Op::Unary(op, a) => match num(a) {
            Some(a) => number(match op {
                UnaryOp::Neg => o.neg(a),
                UnaryOp::Abs => o.abs(a),
                UnaryOp::Sqrt => o.sqrt(a),
                UnaryOp::RoundEven => o.round_even(a),
            }),
            None => return unary(done, op, a),
        },
        Op::Binary(op, a, b) => match (num(a), num(b)) {
            (Some(x), Some(y)) => number(match op {
                BinaryOp::Add => o.add(x, y),
                BinaryOp::Sub => o.sub(x, y),
                BinaryOp::Mul => o.mul(x, y),
                BinaryOp::Div => o.div(x, y),
                BinaryOp::Min => o.min(x, y),
                BinaryOp::Max => o.max(x, y),
            }),
            (x, y) => return identity(op, a, b, x, y),
        },
        Op::Fma(a, b, c) => match (num(a), num(b), num(c)) {
            (Some(a), Some(b), Some(c)) if single => Op::Single((a as f32).mul_add(b as f32, c as f32)),
            (Some(a), Some(b), Some(c)) => Op::Num(o.fma(a, b, c)),
            (Some(1.0), _, _) => Op::Binary(BinaryOp::Add, b, c),
            (_, Some(1.0), _) => Op::Binary(BinaryOp::Add, a, c),
            (_, _, Some(0.0)) if num(c).is_some_and(f64::is_sign_negative) => Op::Binary(BinaryOp::Mul, a, b),
            _ => return None,
        },
        Op::Compare(op, a, b) => {
            let (a, b) = (num(a)?, num(b)?);
            Op::Truth(match op {
                CompareOp::Lt => a < b,
                CompareOp::Le => a <= b,
                CompareOp::Eq => a == b,
            })
        }
        Op::Logic(op, a, b) => match (op, truth(a), truth(b)) {
            (LogicOp::And, Some(true), _) | (LogicOp::Or, Some(false), _) => return Some(Found::Same(b)),
            (LogicOp::And, _, Some(true)) | (LogicOp::Or, _, Some(false)) => return Some(Found::Same(a)),
            (LogicOp::And, Some(false), _) | (LogicOp::And, _, Some(false)) => Op::Truth(false),
            (LogicOp::Or, Some(true), _) | (LogicOp::Or, _, Some(true)) => Op::Truth(true),
            _ => return None,
        },
        Op::Not(a) => Op::Truth(!truth(a)?),
        Op::Select(c, a, b) => match truth(c) {
            Some(true) => return Some(Found::Same(a)),
            Some(false) => return Some(Found::Same(b)),
            None if a == b => return Some(Found::Same(a)),
            None => return None,
        },
        Op::ToBits(a) => Op::Int(num(a)?.to_bits() as i64),
        Op::FromBits(a) => Op::Num(f64::from_bits(int(a)? as u64)),
        Op::Int2(op, a, b) => {
            let (a, b) = (int(a)?, int(b)?);
            Op::Int(match op {
                IntOp::Add => o.iadd(a, b),
                IntOp::Sub => o.isub(a, b),
                IntOp::And => o.iand(a, b),
                IntOp::Or => o.ior(a, b),
                IntOp::Xor => o.ixor(a, b),
            })
        }
        Op::Shift(op, a, by) => {
            let a = int(a)?;
            Op::Int(match op {
                ShiftOp::Left => o.shl(a, by),
                ShiftOp::Right => o.shr(a, by),
            })
        }
        Op::Num(_)
        | Op::Single(_)
        | Op::Int(_)
        | Op::Truth(_)
        | Op::Gather { .. }
        | Op::Coord(_)
        | Op::Random { .. } => return None,
    };
    Some(Found::Op(constant))
}

/// The number a load finds, if it is one place of a slot that never changes.
fn constant_load(slots: &IndexVec<SlotId, Slot>, access: &Access) -> Option<f64> {
    let slot = &slots[access.slot];
    if slot.kind != SlotKind::Constant {
        return None;
    }
    match (&slot.init, &access.index) {
        (Init::Fill(v), _) => Some(*v),
        (Init::Values(v), Index::Strides(s)) if s.iter().all(|s| *s == 0) => v.get(access.base).copied(),
        (Init::Singles(v), Index::Strides(s)) if s.iter().all(|s| *s == 0) => {
            v.get(access.base).map(|v| f64::from(*v))
        }
        _ => None,
    }
}

fn unary(done: &IndexVec<Reg, Op>, op: UnaryOp, a: Reg) -> Option<Found> {
    match (op, &done[a]) {
        (UnaryOp::Neg, Op::Unary(UnaryOp::Neg, inner)) => Some(Found::Same(*inner)),
        (UnaryOp::Abs, Op::Unary(UnaryOp::Abs, _)) => Some(Found::Same(a)),
        (UnaryOp::Abs, Op::Unary(UnaryOp::Neg, inner)) => Some(Found::Op(Op::Unary(UnaryOp::Abs, *inner))),
        _ => None,
    }
}

/// Operations that leave every bit of their other operand alone, for every value of it.
fn identity(op: BinaryOp, a: Reg, b: Reg, x: Option<f64>, y: Option<f64>) -> Option<Found> {
    let is = |v: Option<f64>, bits: f64| v.is_some_and(|v| v.to_bits() == bits.to_bits());
    match op {
        BinaryOp::Add if is(y, -0.0) => Some(Found::Same(a)),
        BinaryOp::Add if is(x, -0.0) => Some(Found::Same(b)),
        BinaryOp::Sub if is(y, 0.0) => Some(Found::Same(a)),
        BinaryOp::Sub if is(x, -0.0) => Some(Found::Op(Op::Unary(UnaryOp::Neg, b))),
        BinaryOp::Mul if is(y, 1.0) => Some(Found::Same(a)),
        BinaryOp::Mul if is(x, 1.0) => Some(Found::Same(b)),
        BinaryOp::Mul if is(y, -1.0) => Some(Found::Op(Op::Unary(UnaryOp::Neg, a))),
        BinaryOp::Mul if is(x, -1.0) => Some(Found::Op(Op::Unary(UnaryOp::Neg, b))),
        BinaryOp::Div if is(y, 1.0) => Some(Found::Same(a)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::ir::{parse, passes, text};

    /// The body after folding and removal of what is not used.
    fn folded(body: &str) -> String {
        let head = "constant \"c\" [2] = {0.0, 2.5}\nconstant \"f\" [2] = 3.0\nstate \"a\" [2] = 0.0\n\n";
        let mut m = parse(&format!("{head}kernel \"k\" dense 2 {{ {body} }}")).unwrap();
        passes::run(&mut m);
        let listing = text(&m);
        let body = listing.split_once("2 {\n").unwrap().1;
        body.lines().map(str::trim).filter(|l| *l != "}").collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn constants_are_computed() {
        assert_eq!(
            folded("%0 = num 0.1 %1 = num 3.0 %2 = mul %0, %1 store %2 -> \"a\" [1]"),
            "%0 = num 0.30000000000000004; store %0 -> \"a\" [1]"
        );
        assert_eq!(
            folded("%0 = load \"c\" 1 + [0] %1 = load \"f\" [1] %2 = sub %0, %1 store %2 -> \"a\" [1]"),
            "%0 = num -0.5; store %0 -> \"a\" [1]"
        );
    }

    #[test]
    fn constants_of_single_precision_are_computed_in_it() {
        // 1 + 2^-24 is halfway between two numbers; what the product adds decides
        assert_eq!(
            folded(
                "%0 = single 1.0 %1 = single 0.000244140625 %2 = single 0.00024414066 \
                 %3 = fma %1, %2, %0 %4 = widen %3 store %4 -> \"a\" [1]"
            ),
            "%0 = num 1.0000001192092896; store %0 -> \"a\" [1]"
        );
        assert_eq!(
            folded("%0 = num 0.1 %1 = narrow %0 %2 = add %1, %1 %3 = widen %2 store %3 -> \"a\" [1]"),
            "%0 = num 0.20000000298023224; store %0 -> \"a\" [1]"
        );
    }

    #[test]
    fn only_operations_without_effect_disappear() {
        let kept = "%0 = load \"a\" [1]; %1 = num 0.0; %2 = add %0, %1; store %2 -> \"a\" [1]";
        assert_eq!(folded(&kept.replace(';', " ")), kept); // -0 + 0 is 0
        for nothing in ["num -0.0 %2 = add %0, %1", "num 0.0 %2 = sub %0, %1", "num 1.0 %2 = mul %1, %0"] {
            assert_eq!(
                folded(&format!("%0 = load \"a\" [1] %1 = {nothing} store %2 -> \"a\" [1]")),
                "%0 = load \"a\" [1]; store %0 -> \"a\" [1]"
            );
        }
    }

    #[test]
    fn equal_operations_are_done_once() {
        assert_eq!(
            folded("%0 = load \"a\" [1] %1 = load \"a\" [1] %2 = mul %0, %1 store %2 -> \"a\" [1]"),
            "%0 = load \"a\" [1]; %1 = mul %0, %0; store %1 -> \"a\" [1]"
        );
    }
}
