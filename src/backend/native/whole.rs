//! Whole numbers in vectors, beside numbers of the same lanes.

use super::asm::Op2;
use super::lir::{Inst, V};

/// The bits of 2^52: a whole number below that, added or put beside it, is its lower bits.
const MAGIC: u64 = 0x4330_0000_0000_0000;

/// A whole number from 0 to below 2^52 as an integer.
pub(super) fn integer(whole: V, put: &mut dyn FnMut(Inst) -> V) -> V {
    let magic = put(Inst::Const(MAGIC));
    let moved = put(Inst::Two(Op2::Add, whole, magic));
    put(Inst::Two(Op2::Xor, moved, magic))
}

/// An integer from 0 to below 2^52 as a number.
pub(super) fn number(integer: V, put: &mut dyn FnMut(Inst) -> V) -> V {
    let magic = put(Inst::Const(MAGIC));
    let beside = put(Inst::Two(Op2::Or, integer, magic));
    put(Inst::Two(Op2::Sub, beside, magic))
}

/// An integer below 2^32 times a constant, the lower 64 bits.
pub(super) fn times(index: V, by: u64, put: &mut dyn FnMut(Inst) -> V) -> V {
    if by == 1 {
        return index;
    }
    if by.is_power_of_two() {
        return put(Inst::ShiftLeft(index, by.trailing_zeros()));
    }
    let low = put(Inst::Const(by & 0xFFFF_FFFF));
    let low = put(Inst::Two(Op2::MulLow, index, low));
    if by >> 32 == 0 {
        return low;
    }
    let high = put(Inst::Const(by >> 32));
    let high = put(Inst::Two(Op2::MulLow, index, high));
    let high = put(Inst::ShiftLeft(high, 32));
    put(Inst::Two(Op2::AddInt, low, high))
}
