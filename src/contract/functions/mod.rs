//! Elementary functions, written once in primitive operations.
//!
//! Each is generic over [`Ops`]: evaluated over [`Scalar`] it computes a number, over
//! a kernel builder it emits the operations, so constants folded by the checker and values computed in a run have the
//! same bits on every machine. The platform's mathematical library is never called.
//!
//! Errors are given in ulp (units in the last place of the result), the largest seen over 200 000 arguments of each
//! function against 200-bit arithmetic, and asserted in the tests over a smaller table.
//! Outside its domain a function is NaN, which stops a run and names the place.

mod exp;
mod hyper;
mod log;
mod round;
mod trig;

pub use exp::{exp, expm1};
pub use hyper::{cosh, sigmoid, sinh, tanh};
pub use log::{log, log1p, log2, log10, pow, powi};
pub use round::{ceil, floor, modulo, relu, round, sign};
pub use trig::{TRIG_LIMIT, acos, asin, atan, atan2, cos, sin, tan};

use super::Ops;

/// The standard normal number made from two numbers in [0, 1): `sqrt(-2 log(1 - u)) * cos(2 pi v)`.
pub fn normal<O: Ops>(o: &O, u: O::F, v: O::F) -> O::F {
    let radius = o.sqrt(o.mul(o.num(-2.0), log(o, o.sub(o.num(1.0), u))));
    o.mul(radius, cos(o, o.mul(o.num(std::f64::consts::TAU), v)))
}

/// A number as the sum of two, the second at most half an ulp of the first: about 106 bits.
#[derive(Clone, Copy)]
struct Pair<F> {
    hi: F,
    lo: F,
}

/// `a + b` exactly, for |a| >= |b| or a = 0.
fn fast_two_sum<O: Ops>(o: &O, a: O::F, b: O::F) -> Pair<O::F> {
    let hi = o.add(a, b);
    Pair { hi, lo: o.add(o.sub(a, hi), b) }
}

/// `a + b` exactly.
fn two_sum<O: Ops>(o: &O, a: O::F, b: O::F) -> Pair<O::F> {
    let hi = o.add(a, b);
    let part = o.sub(hi, a);
    Pair { hi, lo: o.add(o.sub(a, o.sub(hi, part)), o.sub(b, part)) }
}

/// `a * b` exactly.
fn two_product<O: Ops>(o: &O, a: O::F, b: O::F) -> Pair<O::F> {
    let hi = o.mul(a, b);
    Pair { hi, lo: o.fma(a, b, o.neg(hi)) }
}

/// `(a.hi + a.lo) * (b.hi + b.lo)` to about 104 bits.
fn pair_product<O: Ops>(o: &O, a: Pair<O::F>, b: Pair<O::F>) -> Pair<O::F> {
    let p = two_product(o, a.hi, b.hi);
    let lo = o.fma(a.hi, b.lo, o.fma(a.lo, b.hi, p.lo));
    fast_two_sum(o, p.hi, lo)
}

/// `n / d` with its rounding error.
fn pair_quotient<O: Ops>(o: &O, n: Pair<O::F>, d: Pair<O::F>) -> Pair<O::F> {
    let q = o.div(n.hi, d.hi);
    let rest = o.add(o.fma(o.neg(q), d.hi, n.hi), o.fma(o.neg(q), d.lo, n.lo));
    Pair { hi: q, lo: o.div(rest, d.hi) }
}

/// The polynomial with these coefficients, the constant one first, by Horner's scheme.
fn polynomial<O: Ops>(o: &O, x: O::F, coefficients: &[f64]) -> O::F {
    let mut terms = coefficients.iter().rev();
    let first = o.num(terms.next().copied().unwrap_or(0.0));
    terms.fold(first, |sum, c| o.fma(sum, x, o.num(*c)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
