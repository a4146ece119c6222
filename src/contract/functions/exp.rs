use super::{Pair, fast_two_sum, polynomial, two_sum};
use crate::contract::Ops;

pub(super) const LN2_HI: f64 = f64::from_bits(0x3fe6_2e42_fefa_3800); // 42 bits: its product with an exponent is exact
pub(super) const LN2_LO: f64 = f64::from_bits(0x3d2e_f357_93c7_6730);

/// (e^r - 1 - r - r^2/2) / r^3 on |r| <= log(2)/2, to 2^-56.8.
const EXP: [f64; 10] = [
    0.16666666666666669,
    0.041666666666666664,
    0.008333333333330062,
    0.0013888888888886552,
    0.00019841269863053618,
    2.4801587317144498e-05,
    2.7557268459997064e-06,
    2.755728296954995e-07,
    2.510038549551032e-08,
    2.0911236630261545e-09,
];

/// An argument as k log(2) + r + c, |r| at most log(2)/2.
struct Reduced<F> {
    k: F,
    r: F,
    c: F,
}

fn reduce<O: Ops>(o: &O, x: O::F) -> Reduced<O::F> {
    let k = o.round_even(o.mul(x, o.num(std::f64::consts::LOG2_E)));
    let high = o.fma(k, o.num(-LN2_HI), x);
    let low = o.mul(k, o.num(LN2_LO));
    let r = o.sub(high, low);
    let c = o.sub(o.sub(high, r), low);
    Reduced { k, r, c }
}

/// e^(r + c) - 1 - r.
fn tail<O: Ops>(o: &O, r: O::F, c: O::F) -> O::F {
    let u = o.fma(r, polynomial(o, r, &EXP), o.num(0.5));
    o.fma(o.mul(r, r), u, o.fma(c, r, c))
}

/// 2^k for an integer k in [-1022, 1023].
fn power_of_two<O: Ops>(o: &O, k: O::F) -> O::F {
    // adding 2^52 + 1023 leaves the biased exponent in the lowest bits
    o.from_bits(o.shl(o.bits(o.add(k, o.num(4_503_599_627_371_519.0))), 52))
}

/// y 2^k for an integer k in [-2044, 2046], rounded once.
fn scale<O: Ops>(o: &O, y: O::F, k: O::F) -> O::F {
    let half = o.round_even(o.mul(k, o.num(0.5)));
    let rest = o.sub(k, half);
    o.mul(o.mul(y, power_of_two(o, half)), power_of_two(o, rest))
}

fn clamp<O: Ops>(o: &O, x: O::F, low: f64, high: f64) -> O::F {
    o.min(o.num(high), o.max(o.num(low), x))
}

/// e^(k log(2) + r + c) 2^shift.
fn assemble<O: Ops>(o: &O, Reduced { k, r, c }: Reduced<O::F>, shift: f64) -> O::F {
    let sum = fast_two_sum(o, o.num(1.0), r);
    let y = o.add(sum.hi, o.add(sum.lo, tail(o, r, c)));
    let k = if shift == 0.0 { k } else { o.add(k, o.num(shift)) };
    scale(o, y, k)
}

/// e^(x.hi + x.lo); `x.hi` must lie in [-746, 711].
pub(super) fn exp_pair<O: Ops>(o: &O, x: Pair<O::F>) -> O::F {
    let Reduced { k, r, c } = reduce(o, x.hi);
    // the low part can be far larger than the error of the reduction
    let Pair { hi: r, lo: c } = fast_two_sum(o, r, o.add(c, x.lo));
    assemble(o, Reduced { k, r, c }, 0.0)
}

/// e^x 2^shift.
pub(super) fn exp_shifted<O: Ops>(o: &O, x: O::F, shift: f64) -> O::F {
    let x = clamp(o, x, -746.0, 711.0);
    assemble(o, reduce(o, x), shift)
}

/// e^x, to 0.58 ulp (1 ulp below 2^-1022); infinite above 709.78.
pub fn exp<O: Ops>(o: &O, x: O::F) -> O::F {
    exp_shifted(o, x, 0.0)
}

/// e^x - 1 as a pair, for x in [-60, 709].
pub(super) fn expm1_pair<O: Ops>(o: &O, x: O::F) -> Pair<O::F> {
    let Reduced { k, r, c } = reduce(o, x);
    // (e^r - 1) with r^2/2 kept exactly, then times 2^k plus (2^k - 1)
    let half = o.mul(o.num(0.5), r);
    let square = o.mul(half, r);
    let square_error = o.fma(half, r, o.neg(square));
    let cubic = o.mul(o.mul(square, o.num(2.0)), o.mul(r, polynomial(o, r, &EXP)));
    let sum = fast_two_sum(o, r, square);
    let low = o.add(sum.lo, o.add(o.add(square_error, o.fma(c, r, c)), cubic));
    let part = fast_two_sum(o, sum.hi, low);
    // one factor of two less, so that k = 1024 does not overflow
    let factor = power_of_two(o, o.sub(k, o.num(1.0)));
    let whole = two_sum(o, factor, o.num(-0.5));
    let high = two_sum(o, whole.hi, o.mul(part.hi, factor));
    let result = fast_two_sum(o, high.hi, o.add(whole.lo, o.fma(part.lo, factor, high.lo)));
    Pair { hi: o.mul(result.hi, o.num(2.0)), lo: o.mul(result.lo, o.num(2.0)) }
}

/// e^x - 1 without cancellation near 0, to 0.58 ulp; infinite above 709.78.
pub fn expm1<O: Ops>(o: &O, x: O::F) -> O::F {
    let limited = clamp(o, x, -60.0, 709.7);
    let p = expm1_pair(o, limited);
    let big = o.lt(o.num(40.0), x);
    let y = o.select(big, exp(o, x), p.hi);
    // keeps the sign of zero
    o.select(o.eq(x, o.num(0.0)), x, y)
}
