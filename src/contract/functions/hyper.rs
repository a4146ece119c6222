use super::exp::{exp, exp_shifted, expm1_pair};
use super::{Pair, pair_quotient, two_sum};
use crate::contract::Ops;

/// The magnitude of `x` up to a limit; NaN stays.
fn limited_magnitude<O: Ops>(o: &O, x: O::F, limit: f64) -> O::F {
    o.min(o.num(limit), o.abs(x))
}

/// `magnitude` with the sign of `x`.
pub(super) fn with_sign<O: Ops>(o: &O, magnitude: O::F, x: O::F) -> O::F {
    let sign = o.iand(o.bits(x), o.int(i64::MIN));
    o.from_bits(o.ixor(o.bits(magnitude), sign))
}

/// The hyperbolic tangent, to 0.55 ulp: (e^2|x| - 1) / (e^2|x| + 1) in pairs.
pub fn tanh<O: Ops>(o: &O, x: O::F) -> O::F {
    let double = o.mul(o.num(2.0), limited_magnitude(o, x, 22.0));
    let e = expm1_pair(o, double);
    let below = two_sum(o, e.hi, o.num(2.0));
    let q = pair_quotient(o, e, Pair { hi: below.hi, lo: o.add(below.lo, e.lo) });
    with_sign(o, o.add(q.hi, q.lo), x)
}

/// The hyperbolic sine, to 0.61 ulp.
pub fn sinh<O: Ops>(o: &O, x: O::F) -> O::F {
    // (e + e/(e + 1)) / 2 with e = e^|x| - 1
    let e = expm1_pair(o, limited_magnitude(o, x, 40.0));
    let below = two_sum(o, e.hi, o.num(1.0));
    let q = pair_quotient(o, e, Pair { hi: below.hi, lo: o.add(below.lo, e.lo) });
    let sum = two_sum(o, e.hi, q.hi);
    let small = o.mul(o.num(0.5), o.add(sum.hi, o.add(sum.lo, o.add(e.lo, q.lo))));
    let big = exp_shifted(o, o.abs(x), -1.0);
    let magnitude = o.select(o.lt(o.num(40.0), o.abs(x)), big, small);
    with_sign(o, magnitude, x)
}

/// The hyperbolic cosine, to 0.61 ulp.
pub fn cosh<O: Ops>(o: &O, x: O::F) -> O::F {
    let half = exp_shifted(o, o.abs(x), -1.0);
    o.add(half, o.div(o.num(0.25), half))
}

/// The logistic function 1 / (1 + e^-x), to 2.15 ulp.
pub fn sigmoid<O: Ops>(o: &O, x: O::F) -> O::F {
    let one = o.num(1.0);
    o.div(one, o.add(one, exp(o, o.neg(x))))
}
