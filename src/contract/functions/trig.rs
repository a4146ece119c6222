use super::hyper::with_sign;
use super::{Pair, fast_two_sum, pair_quotient, polynomial, two_product, two_sum};
use crate::contract::Ops;

/// The largest magnitude whose sine is computed: 2^20. Beyond it the result is NaN.
pub const TRIG_LIMIT: f64 = 1_048_576.0;

/// pi/2 in pieces of 33 bits, so that their products with a count below 2^20 are exact, and what is left.
const HALF_PI: [f64; 4] = [
    f64::from_bits(0x3ff9_21fb_5440_0000),
    f64::from_bits(0x3dd0_b461_1a60_0000),
    f64::from_bits(0x3ba3_198a_2e00_0000),
    f64::from_bits(0x397b_839a_2520_49c1),
];

/// (sin(r) - r) / r^3 in r^2, for |r| <= pi/4, to 2^-66.
const SIN: [f64; 7] = [
    -0.16666666666666666,
    0.008333333333333331,
    -0.00019841269841265063,
    2.7557319219337312e-06,
    -2.5052106231802837e-08,
    1.6058531516797758e-10,
    -7.586691094197958e-13,
];

/// (cos(r) - 1 + r^2/2) / r^4 in r^2, for |r| <= pi/4, to 2^-70.
const COS: [f64; 7] = [
    0.041666666666666664,
    -0.0013888888888888887,
    2.4801587301584645e-05,
    -2.755731922140179e-07,
    2.0876755790721963e-09,
    -1.1470460830795304e-11,
    4.7458685530816656e-14,
];

/// (atan(t) - t) / t^3 in t^2, for |t| <= tan(pi/8), to 2^-59.6.
const ATAN: [f64; 12] = [
    -0.3333333333333333,
    0.19999999999999804,
    -0.14285714285659779,
    0.11111111105150588,
    -0.09090908753259112,
    0.07692296368042296,
    -0.0666642476020052,
    0.05878927554473807,
    -0.05230443640686948,
    0.045515447340221615,
    -0.03456931506332609,
    0.016284375050043393,
];

const PI_HI: f64 = std::f64::consts::PI;
const PI_LO: f64 = f64::from_bits(0x3ca1_a626_3314_5c07);

/// An argument as (4 n + quadrant) pi/2 + r, |r| at most pi/4, with its sine and cosine.
struct Turn<O: Ops> {
    quadrant: O::I,
    sin: Pair<O::F>,
    cos: Pair<O::F>,
}

fn turn<O: Ops>(o: &O, x: O::F) -> Turn<O> {
    let k = o.round_even(o.mul(x, o.num(std::f64::consts::FRAC_2_PI)));
    // adding 1.5 * 2^52 leaves the integer, in two's complement, in the lowest bits
    let quadrant = o.iand(o.bits(o.add(k, o.num(6_755_399_441_055_744.0))), o.int(3));
    let first = o.fma(k, o.num(-HALF_PI[0]), x);
    let second = two_sum(o, first, o.mul(k, o.num(-HALF_PI[1])));
    let third = two_sum(o, second.hi, o.mul(k, o.num(-HALF_PI[2])));
    let rest = o.fma(k, o.num(-HALF_PI[3]), o.add(second.lo, third.lo));
    let Pair { hi: r, lo: c } = fast_two_sum(o, third.hi, rest);

    let z = o.mul(r, r);
    let half = o.mul(o.num(0.5), z);
    let cubic = o.mul(o.mul(z, r), polynomial(o, z, &SIN));
    let sin = fast_two_sum(o, r, o.add(cubic, o.fma(o.neg(half), c, c)));
    let near = fast_two_sum(o, o.num(1.0), o.neg(half));
    let quartic = o.fma(o.mul(z, z), polynomial(o, z, &COS), o.mul(o.neg(r), c));
    let cos = fast_two_sum(o, near.hi, o.add(near.lo, quartic));
    Turn { quadrant, sin, cos }
}

/// Whether the quadrant is 1 or 3.
fn is_odd<O: Ops>(o: &O, quadrant: O::I) -> O::B {
    let one = o.int(0x3ff << 52);
    o.lt(o.from_bits(o.ior(o.shl(quadrant, 63), one)), o.num(0.0))
}

/// `v`, negated in quadrants 2 and 3.
fn signed_by<O: Ops>(o: &O, quadrant: O::I, v: O::F) -> O::F {
    let sign = o.shl(o.iand(quadrant, o.int(2)), 62);
    o.from_bits(o.ixor(o.bits(v), sign))
}

fn within_limit<O: Ops>(o: &O, x: O::F, result: O::F) -> O::F {
    o.select(o.le(o.abs(x), o.num(TRIG_LIMIT)), result, o.num(f64::NAN))
}

/// The sine, to 0.76 ulp; NaN for |x| > 2^20.
pub fn sin<O: Ops>(o: &O, x: O::F) -> O::F {
    let t = turn(o, x);
    let v = o.select(is_odd(o, t.quadrant), t.cos.hi, t.sin.hi);
    let v = signed_by(o, t.quadrant, v);
    // keeps the sign of zero
    within_limit(o, x, o.select(o.eq(x, o.num(0.0)), x, v))
}

/// The cosine, to 0.76 ulp; NaN for |x| > 2^20.
pub fn cos<O: Ops>(o: &O, x: O::F) -> O::F {
    let t = turn(o, x);
    let next = o.iadd(t.quadrant, o.int(1));
    let v = o.select(is_odd(o, next), t.cos.hi, t.sin.hi);
    within_limit(o, x, signed_by(o, next, v))
}

/// The tangent, to 0.89 ulp; NaN for |x| > 2^20.
pub fn tan<O: Ops>(o: &O, x: O::F) -> O::F {
    let t = turn(o, x);
    let odd = is_odd(o, t.quadrant);
    let pick =
        |a: Pair<O::F>, b: Pair<O::F>| Pair { hi: o.select(odd, a.hi, b.hi), lo: o.select(odd, a.lo, b.lo) };
    let q = pair_quotient(o, pick(t.cos, t.sin), pick(t.sin, t.cos));
    let v = o.add(q.hi, q.lo);
    let v = o.select(odd, o.neg(v), v);
    within_limit(o, x, o.select(o.eq(x, o.num(0.0)), x, v))
}

/// The angle in [0, pi/2] of the direction (d, n), both parts at least 0, as a pair.
fn angle<O: Ops>(o: &O, n: Pair<O::F>, d: Pair<O::F>) -> Pair<O::F> {
    let pick = |c: O::B, a: Pair<O::F>, b: Pair<O::F>| Pair {
        hi: o.select(c, a.hi, b.hi),
        lo: o.select(c, a.lo, b.lo),
    };
    let zero = o.num(0.0);
    let one = o.num(1.0);
    let steep = o.lt(d.hi, n.hi);
    let small = pick(steep, d, n);
    let large = pick(steep, n, d);
    // atan(s/l) = pi/4 + atan((s - l)/(s + l)) above tan(pi/8)
    let middle = o.lt(o.mul(large.hi, o.num(0.414_213_562_373_095_1)), small.hi);
    let difference = two_sum(o, small.hi, o.neg(large.hi));
    let sum = two_sum(o, large.hi, small.hi);
    let difference = Pair { hi: difference.hi, lo: o.add(difference.lo, o.sub(small.lo, large.lo)) };
    let sum = Pair { hi: sum.hi, lo: o.add(sum.lo, o.add(small.lo, large.lo)) };
    let above = pick(middle, difference, small);
    let below = pick(middle, sum, large);
    let none = o.eq(below.hi, zero);
    let below = Pair { hi: o.select(none, one, below.hi), lo: below.lo };
    let t = pair_quotient(o, above, below);
    let z = o.mul(t.hi, t.hi);
    let cubic = o.mul(o.mul(z, t.hi), polynomial(o, z, &ATAN));
    let slope = o.fma(o.neg(z), t.lo, t.lo);
    let base = o.select(middle, o.num(PI_HI / 4.0), zero);
    let base_low = o.select(middle, o.num(PI_LO / 4.0), zero);
    let near = two_sum(o, base, t.hi);
    let a = fast_two_sum(o, near.hi, o.add(near.lo, o.add(base_low, o.add(cubic, slope))));
    // past the diagonal it is the rest of the right angle
    let flip = two_sum(o, o.num(PI_HI / 2.0), o.neg(a.hi));
    let flip = fast_two_sum(o, flip.hi, o.add(flip.lo, o.sub(o.num(PI_LO / 2.0), a.lo)));
    pick(steep, flip, a)
}

/// pi minus the angle.
fn supplement<O: Ops>(o: &O, a: Pair<O::F>) -> O::F {
    let s = two_sum(o, o.num(PI_HI), o.neg(a.hi));
    o.add(s.hi, o.add(s.lo, o.sub(o.num(PI_LO), a.lo)))
}

/// The angle whose tangent is x, in [-pi/2, pi/2], to 0.58 ulp.
pub fn atan<O: Ops>(o: &O, x: O::F) -> O::F {
    let zero = o.num(0.0);
    // beyond 2^60 the angle no longer changes; a NaN passes through
    let n = o.min(o.num(1_152_921_504_606_846_976.0), o.abs(x));
    let a = angle(o, Pair { hi: n, lo: zero }, Pair { hi: o.num(1.0), lo: zero });
    with_sign(o, a.hi, x)
}

/// The angle of the direction (x, y), in [-pi, pi], to 0.58 ulp; 0 or pi on the x axis, by the sign of x.
pub fn atan2<O: Ops>(o: &O, y: O::F, x: O::F) -> O::F {
    let zero = o.num(0.0);
    let a = angle(o, Pair { hi: o.abs(y), lo: zero }, Pair { hi: o.abs(x), lo: zero });
    let magnitude = o.select(o.lt(x, zero), supplement(o, a), a.hi);
    with_sign(o, magnitude, y)
}

/// sqrt(1 - x^2) as a pair.
fn other_side<O: Ops>(o: &O, x: O::F) -> Pair<O::F> {
    let square = two_product(o, x, x);
    let rest = two_sum(o, o.num(1.0), o.neg(square.hi));
    let rest = fast_two_sum(o, rest.hi, o.sub(rest.lo, square.lo));
    let root = o.sqrt(rest.hi);
    let error = o.add(o.fma(o.neg(root), root, rest.hi), rest.lo);
    let none = o.eq(root, o.num(0.0));
    let double = o.select(none, o.num(1.0), o.mul(o.num(2.0), root));
    Pair { hi: root, lo: o.select(none, o.num(0.0), o.div(error, double)) }
}

/// The angle whose sine is x, in [-pi/2, pi/2], to 0.64 ulp; NaN for |x| > 1.
pub fn asin<O: Ops>(o: &O, x: O::F) -> O::F {
    let a = angle(o, Pair { hi: o.abs(x), lo: o.num(0.0) }, other_side(o, x));
    with_sign(o, a.hi, x)
}

/// The angle whose cosine is x, in [0, pi], to 0.64 ulp; NaN for |x| > 1.
pub fn acos<O: Ops>(o: &O, x: O::F) -> O::F {
    let zero = o.num(0.0);
    let a = angle(o, other_side(o, x), Pair { hi: o.abs(x), lo: zero });
    o.select(o.lt(x, zero), supplement(o, a), a.hi)
}
