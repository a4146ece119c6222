use super::exp::{LN2_HI, LN2_LO, exp_pair};
use super::{Pair, fast_two_sum, pair_product, pair_quotient, polynomial, two_product, two_sum};
use crate::contract::Ops;

/// (2 atanh(s) - 2 s) / s^3 in s^2, for |s| <= 0.1716, to 2^-58.7.
const LOG: [f64; 8] = [
    0.6666666666666666,
    0.4000000000000088,
    0.2857142857080323,
    0.2222222239180047,
    0.18181795630884753,
    0.15386240205813478,
    0.13268759668560612,
    0.13086767009948175,
];

/// (2 atanh(s) - 2 s - 2/3 s^3) / s^5 in s^2, for |s| <= 0.1716, to 2^-66.
const LOG_TAIL: [f64; 9] = [
    0.4,
    0.28571428571428564,
    0.2222222222222843,
    0.18181818179656925,
    0.15384615761170173,
    0.13333296534432942,
    0.11766813121034213,
    0.10456327269484514,
    0.107624244195648,
];

const TWO_THIRDS: Pair<f64> =
    Pair { hi: f64::from_bits(0x3fe5_5555_5555_5555), lo: f64::from_bits(0x3c85_5555_5555_5555) };
const INV_LN10: Pair<f64> =
    Pair { hi: f64::from_bits(0x3fdb_cb7b_1526_e50e), lo: f64::from_bits(0x3c69_5355_baaa_fad3) };
const INV_LN2: Pair<f64> =
    Pair { hi: f64::from_bits(0x3ff7_1547_652b_82fe), lo: f64::from_bits(0x3c77_77d0_ffda_0d24) };

/// A positive number as 2^k m, m between sqrt(1/2) and sqrt(2).
struct Parts<F> {
    k: F,
    m: F,
    /// 2^-k, for k in [-1022, 1022]
    inverse: F,
}

fn parts<O: Ops>(o: &O, x: O::F) -> Parts<O::F> {
    const SQRT_HALF: i64 = 0x3fe6_a09e_667f_3bcd;
    let tiny = o.lt(x, o.num(f64::MIN_POSITIVE));
    let x = o.select(tiny, o.mul(x, o.num(18_014_398_509_481_984.0)), x);
    let bits = o.bits(x);
    let above = o.isub(bits, o.int(SQRT_HALF));
    let exponent = o.iand(above, o.int(0xfff << 52));
    let m = o.from_bits(o.isub(bits, exponent));
    let inverse = o.from_bits(o.isub(o.int(0x3ff << 52), exponent));
    // the exponent, made positive, becomes a number through the mantissa of 2^52
    let count = o.shr(o.iadd(above, o.int(1024 << 52)), 52);
    let k = o.sub(o.from_bits(o.ior(count, o.int(0x433 << 52))), o.num(4_503_599_627_371_520.0));
    let k = o.sub(k, o.select(tiny, o.num(54.0), o.num(0.0)));
    Parts { k, m, inverse }
}

/// The result of a logarithm with its values at 0, infinity and outside put in.
fn guarded<O: Ops>(o: &O, x: O::F, result: O::F) -> O::F {
    let zero = o.num(0.0);
    let infinity = o.num(f64::INFINITY);
    let inside = o.and(o.lt(zero, x), o.lt(x, infinity));
    let outside = o.select(o.eq(x, infinity), infinity, o.num(f64::NAN));
    let outside = o.select(o.eq(x, zero), o.num(f64::NEG_INFINITY), outside);
    o.select(inside, result, outside)
}

/// The natural logarithm, to 0.76 ulp; -infinity at 0, NaN below.
pub fn log<O: Ops>(o: &O, x: O::F) -> O::F {
    let Parts { k, m, .. } = parts(o, x);
    let f = o.sub(m, o.num(1.0));
    let s = o.div(f, o.add(o.num(2.0), f));
    let z = o.mul(s, s);
    let rest = o.mul(z, polynomial(o, z, &LOG));
    // log(1 + f) = f - (f^2/2 - s (f^2/2 + rest))
    let half_square = o.mul(o.mul(o.num(0.5), f), f);
    let low = o.fma(s, o.add(half_square, rest), o.mul(k, o.num(LN2_LO)));
    let sum = fast_two_sum(o, o.mul(k, o.num(LN2_HI)), f);
    let y = o.add(sum.hi, o.add(sum.lo, o.sub(low, half_square)));
    guarded(o, x, y)
}

/// log(1 + f.hi + f.lo) + k log(2) as a pair, for 1 + f between sqrt(1/2) and sqrt(2).
fn log_pair<O: Ops>(o: &O, f: Pair<O::F>, k: O::F) -> Pair<O::F> {
    let two = two_sum(o, o.num(2.0), f.hi);
    let s = pair_quotient(o, f, Pair { hi: two.hi, lo: o.add(two.lo, f.lo) });
    let s = fast_two_sum(o, s.hi, s.lo);
    let z = pair_product(o, s, s);
    let t = o.mul(z.hi, polynomial(o, z.hi, &LOG_TAIL));
    let factor = fast_two_sum(o, o.num(TWO_THIRDS.hi), t);
    let factor = Pair { hi: factor.hi, lo: o.add(factor.lo, o.num(TWO_THIRDS.lo)) };
    let cubic = pair_product(o, pair_product(o, z, factor), s);
    let double = Pair { hi: o.mul(s.hi, o.num(2.0)), lo: o.mul(s.lo, o.num(2.0)) };
    let sum = fast_two_sum(o, double.hi, cubic.hi);
    let part = fast_two_sum(o, sum.hi, o.add(sum.lo, o.add(double.lo, cubic.lo)));
    let whole = two_sum(o, o.mul(k, o.num(LN2_HI)), part.hi);
    fast_two_sum(o, whole.hi, o.add(whole.lo, o.fma(k, o.num(LN2_LO), part.lo)))
}

fn log_of<O: Ops>(o: &O, x: O::F) -> Pair<O::F> {
    let Parts { k, m, .. } = parts(o, x);
    log_pair(o, Pair { hi: o.sub(m, o.num(1.0)), lo: o.num(0.0) }, k)
}

fn log_in_base<O: Ops>(o: &O, x: O::F, inverse: Pair<f64>) -> O::F {
    let l = log_of(o, x);
    let scaled = pair_product(o, l, Pair { hi: o.num(inverse.hi), lo: o.num(inverse.lo) });
    guarded(o, x, scaled.hi)
}

/// The logarithm to base 10, to 0.51 ulp; exact at powers of ten.
pub fn log10<O: Ops>(o: &O, x: O::F) -> O::F {
    log_in_base(o, x, INV_LN10)
}

/// The logarithm to base 2, to 0.51 ulp; exact at powers of two.
pub fn log2<O: Ops>(o: &O, x: O::F) -> O::F {
    log_in_base(o, x, INV_LN2)
}

/// log(1 + x) without cancellation near 0, to 0.51 ulp; -infinity at -1, NaN below.
pub fn log1p<O: Ops>(o: &O, x: O::F) -> O::F {
    let one = o.num(1.0);
    let u = two_sum(o, one, x);
    let Parts { k, m, inverse } = parts(o, u.hi);
    let f = fast_two_sum(o, o.sub(m, one), o.mul(u.lo, inverse));
    let y = guarded(o, u.hi, log_pair(o, f, k).hi);
    // also keeps the sign of zero, and the smallest numbers
    o.select(o.lt(o.abs(x), o.num(1e-300)), x, y)
}

/// x^y for x >= 0, to 0.59 ulp; NaN for negative x, 1 for y = 0.
pub fn pow<O: Ops>(o: &O, x: O::F, y: O::F) -> O::F {
    let l = log_of(o, x);
    let p = two_product(o, y, l.hi);
    let hi = o.min(o.num(711.0), o.max(o.num(-746.0), p.hi));
    let within = o.eq(hi, p.hi);
    let lo = o.select(within, o.fma(y, l.lo, p.lo), o.num(0.0));
    let power = exp_pair(o, Pair { hi, lo });
    let zero = o.num(0.0);
    let one = o.num(1.0);
    let infinity = o.num(f64::INFINITY);
    let rising = o.lt(zero, y);
    let falling = o.lt(y, zero);
    let nan = o.num(f64::NAN);
    let at_zero = o.select(rising, zero, o.select(falling, infinity, nan));
    let at_infinity = o.select(rising, infinity, o.select(falling, zero, nan));
    let inside = o.and(o.lt(zero, x), o.lt(x, infinity));
    let outside = o.select(o.eq(x, zero), at_zero, o.select(o.eq(x, infinity), at_infinity, nan));
    let result = o.select(inside, power, outside);
    let certain = o.or(o.eq(x, one), o.eq(y, zero));
    o.select(certain, one, result)
}

/// x^n by squaring: the product of the powers x, x^2, x^4 ... named by the bits of |n|, lowest first; its inverse for
/// negative n; 1 for n = 0. Correctly rounded products only, so `x^2` is `x*x`.
pub fn powi<O: Ops>(o: &O, x: O::F, n: i32) -> O::F {
    let mut rest = n.unsigned_abs();
    let mut base = x;
    let mut product = None;
    while rest > 0 {
        if rest & 1 == 1 {
            product = Some(match product {
                None => base,
                Some(p) => o.mul(p, base),
            });
        }
        rest >>= 1;
        if rest > 0 {
            base = o.mul(base, base);
        }
    }
    let power = product.unwrap_or_else(|| o.num(1.0));
    if n < 0 { o.div(o.num(1.0), power) } else { power }
}
