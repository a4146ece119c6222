use crate::contract::Ops;

/// The largest integer not above x.
pub fn floor<O: Ops>(o: &O, x: O::F) -> O::F {
    let near = o.round_even(x);
    o.select(o.lt(x, near), o.sub(near, o.num(1.0)), near)
}

/// The smallest integer not below x.
pub fn ceil<O: Ops>(o: &O, x: O::F) -> O::F {
    let near = o.round_even(x);
    o.select(o.lt(near, x), o.add(near, o.num(1.0)), near)
}

/// The nearest integer, halves away from zero.
pub fn round<O: Ops>(o: &O, x: O::F) -> O::F {
    let near = o.round_even(x);
    let rest = o.sub(x, near);
    let zero = o.num(0.0);
    let one = o.num(1.0);
    let up = o.and(o.eq(rest, o.num(0.5)), o.lt(zero, x));
    let down = o.and(o.eq(rest, o.num(-0.5)), o.lt(x, zero));
    o.select(up, o.add(near, one), o.select(down, o.sub(near, one), near))
}

/// a - b floor(a/b): the remainder with the sign of b, exact while |a/b| < 2^52, beyond it and for b = 0 NaN.
///
/// Where a is so small beside b, with the other sign, that no number below |b| is near enough, the result is b.
pub fn modulo<O: Ops>(o: &O, a: O::F, b: O::F) -> O::F {
    let zero = o.num(0.0);
    let quotient = o.div(a, b);
    let whole = floor(o, quotient);
    let rest = o.fma(o.neg(whole), b, a);
    // the quotient may have been rounded up to the next integer, or down to it
    let sign = o.select(o.lt(b, zero), o.num(-1.0), o.num(1.0));
    let below = o.lt(o.mul(rest, sign), zero);
    let rest = o.select(below, o.add(rest, b), rest);
    let over = o.and(o.not(below), o.le(o.abs(b), o.mul(rest, sign)));
    let rest = o.select(over, o.sub(rest, b), rest);
    o.select(o.lt(o.abs(quotient), o.num(4_503_599_627_370_496.0)), rest, o.num(f64::NAN))
}

/// 1 above 0, -1 below 0; 0, -0 and NaN are themselves.
pub fn sign<O: Ops>(o: &O, x: O::F) -> O::F {
    let zero = o.num(0.0);
    o.select(o.lt(zero, x), o.num(1.0), o.select(o.lt(x, zero), o.num(-1.0), x))
}

/// max(0, x): the rectifier; NaN is kept.
pub fn relu<O: Ops>(o: &O, x: O::F) -> O::F {
    o.max(o.num(0.0), x)
}
