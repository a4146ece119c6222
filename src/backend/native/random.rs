//! Philox in vector operations: every lane has a counter of its own.

use super::asm::{Compare, Op1, Op2};
use super::lir::{Inst, V};
use super::whole::{integer, number};

const M0: u64 = 0xD251_1F53;
const M1: u64 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;
const LOW: u64 = 0xFFFF_FFFF;

/// One of the two words of a block as a number in [0, 1), as
/// [`philox::unit`](crate::contract::philox::unit) of [`philox::words`](crate::contract::philox::words).
///
/// `put` adds an operation or finds it, so that both words of a block cost one.
pub(super) fn unit(
    key: u64,
    counter: V,
    (draw_low, draw_high): (V, V),
    word: u8,
    put: &mut dyn FnMut(Inst) -> V,
) -> V {
    let counter_high = put(Inst::ShiftRight(counter, 32));
    // only the lower 32 bits of a lane count; what stands above them is dropped at the end
    let mut c = [counter, counter_high, draw_low, draw_high];
    let mut k = [key as u32, (key >> 32) as u32];
    let (m0, m1) = (put(Inst::Const(M0)), put(Inst::Const(M1)));
    for round in 0..10 {
        if round > 0 {
            k = [k[0].wrapping_add(W0), k[1].wrapping_add(W1)];
        }
        let p0 = put(Inst::Two(Op2::MulLow, c[0], m0));
        let p1 = put(Inst::Two(Op2::MulLow, c[2], m1));
        let (k0, k1) = (put(Inst::Const(u64::from(k[0]))), put(Inst::Const(u64::from(k[1]))));
        let mut mixed = |product: V, word: V, key: V| {
            let high = put(Inst::ShiftRight(product, 32));
            let with_word = put(Inst::Two(Op2::Xor, high, word));
            put(Inst::Two(Op2::Xor, with_word, key))
        };
        c = [mixed(p1, c[1], k0), p1, mixed(p0, c[3], k1), p0];
    }
    let (low, high) = if word == 0 { (c[0], c[1]) } else { (c[2], c[3]) };
    // the upper 53 of the 64 bits: 32 above, 21 below
    let low_mask = put(Inst::Const(LOW));
    let low = put(Inst::Two(Op2::And, low, low_mask));
    let low = put(Inst::ShiftRight(low, 11));
    let high = put(Inst::Two(Op2::And, high, low_mask));
    let (low, high) = (number(low, put), number(high, put));
    // high * 2^21 + low is exact, and so is the scaling
    let (two_21, scale) = (put(Inst::Const(2_097_152.0_f64.to_bits())), put(Inst::Const(UNIT.to_bits())));
    let whole = put(Inst::Fma(high, two_21, low));
    put(Inst::Two(Op2::Mul, whole, scale))
}

/// 2^-53
const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;

/// The two words of a draw number: its integer part, at least zero and at most 2^64 - 1.
pub(super) fn draw_words(draw: V, put: &mut dyn FnMut(Inst) -> V) -> (V, V) {
    let zero = put(Inst::Const(0));
    // of what is not a number the second is taken
    let positive = put(Inst::Two(Op2::Max, draw, zero));
    // the largest number below 2^64; beyond it all bits are ones
    let most = put(Inst::Const(18_446_744_073_709_549_568.0_f64.to_bits()));
    let bounded = put(Inst::Two(Op2::Min, positive, most));
    let beyond = put(Inst::Compare(Compare::Lt, most, positive));
    let whole = put(Inst::One(Op1::Truncate, bounded));
    let scaled = put(Inst::Const((1.0_f64 / 4_294_967_296.0).to_bits()));
    let high = put(Inst::Two(Op2::Mul, whole, scaled));
    let high = put(Inst::One(Op1::Truncate, high));
    let back = put(Inst::Const((-4_294_967_296.0_f64).to_bits()));
    let low = put(Inst::Fma(high, back, whole));
    let mut word = |number: V| {
        let word = integer(number, put);
        let ones = put(Inst::Const(LOW));
        put(Inst::Select(beyond, ones, word))
    };
    (word(low), word(high))
}
