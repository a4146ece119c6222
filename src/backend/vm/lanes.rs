//! The inner loops: plain loops over slices that the compiler turns into vector instructions of the chosen set.

use super::tape::Opcode;
use crate::contract::reduce::{Kind, PARTIALS, Partials, SINGLE_PARTIALS, Singles, max_keeping, min_keeping};
use pulp::Simd;

/// An operand: one number for each lane, or one for all.
#[derive(Clone, Copy)]
pub(super) enum Arg<'a> {
    /// One for each lane.
    V(&'a [f64]),
    /// One for all.
    S(f64),
}

impl Arg<'_> {
    /// The number of a lane.
    #[inline(always)]
    pub fn lane(&self, i: usize) -> f64 {
        match self {
            Arg::V(v) => v[i],
            Arg::S(s) => *s,
        }
    }
}

use Arg::{S, V};

const TRUE: u64 = !0;

#[inline(always)]
fn truth(c: bool) -> f64 {
    f64::from_bits(if c { TRUE } else { 0 })
}

#[inline(always)]
fn bits2(a: f64, b: f64, f: impl Fn(u64, u64) -> u64) -> f64 {
    f64::from_bits(f(a.to_bits(), b.to_bits()))
}

#[inline(always)]
fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
fn select(c: f64, a: f64, b: f64) -> f64 {
    if c.to_bits() != 0 { a } else { b }
}

/// The nearest number of single precision.
///
/// What f64 makes of two numbers of single precision by one operation, rounded once more, is what f32 makes of them:
/// it has more than twice the digits (Figueroa, When is double rounding innocuous?, 1995). Of fma that does not hold.
#[inline(always)]
fn narrow(a: f64) -> f64 {
    f64::from(a as f32)
}

#[inline(always)]
fn fma_single(a: f64, b: f64, c: f64) -> f64 {
    f64::from((a as f32).mul_add(b as f32, c as f32))
}

macro_rules! each {
    ($d:expr; $x:ident: $a:expr => $e:expr) => {
        match $a {
            V(a) => {
                for (d, &$x) in $d.iter_mut().zip(a) {
                    *d = $e;
                }
            }
            S($x) => $d.fill($e),
        }
    };
    ($d:expr; $x:ident: $a:expr, $y:ident: $b:expr => $e:expr) => {
        match ($a, $b) {
            (V(a), V(b)) => {
                for ((d, &$x), &$y) in $d.iter_mut().zip(a).zip(b) {
                    *d = $e;
                }
            }
            (V(a), S($y)) => {
                for (d, &$x) in $d.iter_mut().zip(a) {
                    *d = $e;
                }
            }
            (S($x), V(b)) => {
                for (d, &$y) in $d.iter_mut().zip(b) {
                    *d = $e;
                }
            }
            (S($x), S($y)) => $d.fill($e),
        }
    };
    ($d:expr; $x:ident: $a:expr, $y:ident: $b:expr, $z:ident: $c:expr => $e:expr) => {
        match $c {
            V(c) => match ($a, $b) {
                (V(a), V(b)) => {
                    for (((d, &$x), &$y), &$z) in $d.iter_mut().zip(a).zip(b).zip(c) {
                        *d = $e;
                    }
                }
                (V(a), S($y)) => {
                    for ((d, &$x), &$z) in $d.iter_mut().zip(a).zip(c) {
                        *d = $e;
                    }
                }
                (S($x), V(b)) => {
                    for ((d, &$y), &$z) in $d.iter_mut().zip(b).zip(c) {
                        *d = $e;
                    }
                }
                (S($x), S($y)) => {
                    for (d, &$z) in $d.iter_mut().zip(c) {
                        *d = $e;
                    }
                }
            },
            S($z) => each!($d; $x: $a, $y: $b => $e),
        }
    };
}

/// Applies an operation to all lanes.
#[inline(always)]
pub(super) fn apply(op: Opcode, d: &mut [f64], [a, b, c, x, y]: [Arg<'_>; 5]) {
    match op {
        Opcode::Copy => match a {
            V(a) => d.copy_from_slice(a),
            S(a) => d.fill(a),
        },
        Opcode::Neg => each!(d; p: a => -p),
        Opcode::Abs => each!(d; p: a => p.abs()),
        Opcode::Sqrt => each!(d; p: a => p.sqrt()),
        Opcode::Round => each!(d; p: a => p.round_ties_even()),
        Opcode::Not => each!(d; p: a => f64::from_bits(!p.to_bits())),
        Opcode::Shl(by) => each!(d; p: a => f64::from_bits(p.to_bits() << (by & 63))),
        Opcode::Shr(by) => each!(d; p: a => f64::from_bits(p.to_bits() >> (by & 63))),
        Opcode::Add => each!(d; p: a, q: b => p + q),
        Opcode::Sub => each!(d; p: a, q: b => p - q),
        Opcode::Mul => each!(d; p: a, q: b => p * q),
        Opcode::Div => each!(d; p: a, q: b => p / q),
        Opcode::Min => each!(d; p: a, q: b => min(p, q)),
        Opcode::Max => each!(d; p: a, q: b => max(p, q)),
        Opcode::Lt => each!(d; p: a, q: b => truth(p < q)),
        Opcode::Le => each!(d; p: a, q: b => truth(p <= q)),
        Opcode::Eq => each!(d; p: a, q: b => truth(p == q)),
        Opcode::And => each!(d; p: a, q: b => bits2(p, q, |p, q| p & q)),
        Opcode::Or => each!(d; p: a, q: b => bits2(p, q, |p, q| p | q)),
        Opcode::Xor => each!(d; p: a, q: b => bits2(p, q, |p, q| p ^ q)),
        Opcode::IAdd => each!(d; p: a, q: b => bits2(p, q, u64::wrapping_add)),
        Opcode::ISub => each!(d; p: a, q: b => bits2(p, q, u64::wrapping_sub)),
        Opcode::Fma => each!(d; p: a, q: b, r: c => p.mul_add(q, r)),
        Opcode::Narrow => each!(d; p: a => narrow(p)),
        Opcode::AddSingle => each!(d; p: a, q: b => narrow(p + q)),
        Opcode::SubSingle => each!(d; p: a, q: b => narrow(p - q)),
        Opcode::MulSingle => each!(d; p: a, q: b => narrow(p * q)),
        Opcode::DivSingle => each!(d; p: a, q: b => narrow(p / q)),
        Opcode::SqrtSingle => each!(d; p: a => narrow(p.sqrt())),
        Opcode::FmaSingle => each!(d; p: a, q: b, r: c => fma_single(p, q, r)),
        Opcode::Select => each!(d; p: a, q: b, r: c => select(p, q, r)),
        Opcode::Clamp => match (a, b, c) {
            (V(a), S(low), S(high)) => {
                for (d, &p) in d.iter_mut().zip(a) {
                    *d = min(high, max(low, p));
                }
            }
            _ => each!(d; p: a, q: b, r: c => min(r, max(q, p))),
        },
        // these are done by `learn`
        Opcode::Onto | Opcode::OntoDecayed | Opcode::OntoClamped | Opcode::OntoDecayedClamped => {}
        Opcode::FmaClamp => match (x, y) {
            (S(low), S(high)) => each!(d; p: a, q: b, r: c => min(high, max(low, p.mul_add(q, r)))),
            _ => {
                each!(d; p: a, q: b, r: c => p.mul_add(q, r));
                clamp_onto(d, x, y);
            }
        },
    }
}

/// `d = min(high, max(low, d))`.
#[inline(always)]
fn clamp_onto(d: &mut [f64], low: Arg<'_>, high: Arg<'_>) {
    for (i, d) in d.iter_mut().enumerate() {
        *d = min(high.lane(i), max(low.lane(i), *d));
    }
}

/// The same operation on single numbers.
#[inline(always)]
pub(super) fn single(op: Opcode, a: f64, b: f64, c: f64) -> f64 {
    match op {
        Opcode::Copy => a,
        Opcode::Neg => -a,
        Opcode::Abs => a.abs(),
        Opcode::Sqrt => a.sqrt(),
        Opcode::Round => a.round_ties_even(),
        Opcode::Not => f64::from_bits(!a.to_bits()),
        Opcode::Shl(by) => f64::from_bits(a.to_bits() << (by & 63)),
        Opcode::Shr(by) => f64::from_bits(a.to_bits() >> (by & 63)),
        Opcode::Add => a + b,
        Opcode::Sub => a - b,
        Opcode::Mul => a * b,
        Opcode::Div => a / b,
        Opcode::Min => min(a, b),
        Opcode::Max => max(a, b),
        Opcode::Lt => truth(a < b),
        Opcode::Le => truth(a <= b),
        Opcode::Eq => truth(a == b),
        Opcode::And => bits2(a, b, |p, q| p & q),
        Opcode::Or => bits2(a, b, |p, q| p | q),
        Opcode::Xor => bits2(a, b, |p, q| p ^ q),
        Opcode::IAdd => bits2(a, b, u64::wrapping_add),
        Opcode::ISub => bits2(a, b, u64::wrapping_sub),
        Opcode::Fma => a.mul_add(b, c),
        Opcode::Narrow => narrow(a),
        Opcode::AddSingle => narrow(a + b),
        Opcode::SubSingle => narrow(a - b),
        Opcode::MulSingle => narrow(a * b),
        Opcode::DivSingle => narrow(a / b),
        Opcode::SqrtSingle => narrow(a.sqrt()),
        Opcode::FmaSingle => fma_single(a, b, c),
        Opcode::Select => select(a, b, c),
        Opcode::Clamp => min(c, max(b, a)),
        // fused operations are made for blocks only
        Opcode::FmaClamp
        | Opcode::Onto
        | Opcode::OntoDecayed
        | Opcode::OntoClamped
        | Opcode::OntoDecayedClamped => f64::NAN,
    }
}

/// Whether all numbers are finite.
#[inline(always)]
#[allow(clippy::eq_op)]
pub(super) fn all_finite(values: &[f64]) -> bool {
    // x - x is +0 for finite numbers, which has no bits, and NaN for the others
    values.iter().fold(0, |odd, v| odd | (v - v).to_bits()) == 0
}

/// `fma(... fma(c0, x, c1) ..., x, cn)` of every lane; there are at least two constants.
#[inline(always)]
pub(super) fn polynomial<S: Simd>(simd: S, d: &mut [f64], x: &[f64], constants: &[f64]) {
    let Some((first, others)) = constants.split_first() else { return };
    let first = simd.splat_f64s(*first);
    let (d, d_tail) = S::as_mut_simd_f64s(d);
    let (x, x_tail) = S::as_simd_f64s(x);
    // eight vectors at a time, as each step waits for the one before
    let (d, d_rest) = d.as_chunks_mut::<8>();
    let (x, x_rest) = x.as_chunks::<8>();
    for (d, x) in d.iter_mut().zip(x) {
        let mut sums = [first; 8];
        for c in others {
            let c = simd.splat_f64s(*c);
            for k in 0..8 {
                sums[k] = simd.mul_add_f64s(sums[k], x[k], c);
            }
        }
        *d = sums;
    }
    let one = |x| others.iter().fold(first, |sum, c| simd.mul_add_f64s(sum, x, simd.splat_f64s(*c)));
    for (d, x) in d_rest.iter_mut().zip(x_rest) {
        *d = one(*x);
    }
    if !x_tail.is_empty() {
        simd.partial_store_f64s(d_tail, one(simd.partial_load_f64s(x_tail)));
    }
}

/// Takes the elements `j`, `j + 1` ... of a reduction, `n` of them.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub(super) fn reduce<S: Simd>(
    simd: S,
    p: &mut Partials,
    kind: Kind,
    j: usize,
    n: usize,
    a: Arg<'_>,
    b: Option<Arg<'_>>,
    mask: Option<Arg<'_>>,
) {
    let b = b.unwrap_or(S(1.0));
    if mask.is_some() || matches!(kind, Kind::ArgMin | Kind::ArgMax) {
        for i in 0..n {
            if mask.is_none_or(|m| m.lane(i).to_bits() != 0) {
                p.take(j + i, a.lane(i), b.lane(i));
            }
        }
        return;
    }
    // up to the next multiple of sixteen one by one, from there sixteen at a time
    let head = (PARTIALS - j % PARTIALS) % PARTIALS;
    if head > 0 {
        for i in 0..head.min(n) {
            p.take(j + i, a.lane(i), b.lane(i));
        }
        if n <= head {
            return;
        }
    }
    let values = p.values_mut();
    let (a, b) = (a.from(head), b.from(head));
    match kind {
        Kind::Sum => match a {
            V(a) => over(values, a, |p, x| p + x),
            S(x) => same(values, n - head, |p| p + x),
        },
        Kind::Dot => match (a, b) {
            (V(a), V(b)) => dot(simd, values, a, b),
            (V(a), S(y)) => over(values, a, |p, x| x.mul_add(y, p)),
            (S(x), V(b)) => over(values, b, |p, y| x.mul_add(y, p)),
            (S(x), S(y)) => same(values, n - head, |p| x.mul_add(y, p)),
        },
        Kind::Min => match a {
            V(a) => over(values, a, min_keeping),
            S(x) => same(values, n - head, |p| min_keeping(p, x)),
        },
        Kind::Max => match a {
            V(a) => over(values, a, max_keeping),
            S(x) => same(values, n - head, |p| max_keeping(p, x)),
        },
        Kind::ArgMin | Kind::ArgMax => {}
    }
}

/// Takes the elements `j`, `j + 1` ... of a sum of numbers of single precision, `n` of them.
#[inline(always)]
pub(super) fn reduce_singles(
    p: &mut Singles,
    j: usize,
    n: usize,
    a: Arg<'_>,
    b: Option<Arg<'_>>,
    mask: Option<Arg<'_>>,
) {
    let (mut first, j) = (0, j % SINGLE_PARTIALS);
    // whole turns from the first partial on are added side by side
    if let (V(a), Some(V(b)), None, 0) = (a, b, mask, j) {
        let values = p.values_mut();
        for (a, b) in a[..n].as_chunks::<SINGLE_PARTIALS>().0.iter().zip(b[..n].as_chunks().0) {
            let b: &[f64; SINGLE_PARTIALS] = b;
            for ((p, a), b) in values.iter_mut().zip(a).zip(b) {
                *p = (*a as f32).mul_add(*b as f32, *p);
            }
        }
        first = n / SINGLE_PARTIALS * SINGLE_PARTIALS;
    }
    for i in (first..n).filter(|i| mask.is_none_or(|m| m.lane(*i).to_bits() != 0)) {
        match b {
            Some(b) => p.multiply_add(j + i, a.lane(i) as f32, b.lane(i) as f32),
            None => p.add(j + i, a.lane(i) as f32),
        }
    }
}

impl<'a> Arg<'a> {
    /// The lanes from `start` on.
    #[inline(always)]
    fn from(self, start: usize) -> Arg<'a> {
        match self {
            V(v) => V(&v[start..]),
            S(s) => S(s),
        }
    }
}

#[inline(always)]
fn over(values: &mut [f64; PARTIALS], a: &[f64], f: impl Fn(f64, f64) -> f64) {
    let mut sums = *values;
    let (chunks, rest) = a.as_chunks::<PARTIALS>();
    for chunk in chunks {
        for (s, x) in sums.iter_mut().zip(chunk) {
            *s = f(*s, *x);
        }
    }
    for (s, x) in sums.iter_mut().zip(rest) {
        *s = f(*s, *x);
    }
    *values = sums;
}

/// Sums of products. (Left to itself, the compiler does not make vector instructions of this one.)
#[inline(always)]
fn dot<S: Simd>(simd: S, values: &mut [f64; PARTIALS], a: &[f64], b: &[f64]) {
    let [sums] = dots(simd, [*values], [a], b);
    *values = sums;
}

/// The partial sums of the products of one row with several, which leaves the processor less time to wait.
#[inline(always)]
pub(super) fn dots<S: Simd, const N: usize>(
    simd: S,
    mut values: [[f64; PARTIALS]; N],
    rows: [&[f64]; N],
    b: &[f64],
) -> [[f64; PARTIALS]; N] {
    let whole = b.len() / PARTIALS * PARTIALS;
    let registers = PARTIALS / S::F64_LANES;
    let zero = simd.splat_f64s(0.0);
    let mut sums = [[zero; PARTIALS]; N];
    for (s, v) in sums.iter_mut().zip(&values) {
        s[..registers].copy_from_slice(S::as_simd_f64s(v).0);
    }
    let parts = rows.map(|r| S::as_simd_f64s(&r[..whole]).0);
    let shared = S::as_simd_f64s(&b[..whole]).0;
    for (i, y) in shared.chunks_exact(registers).enumerate() {
        for (s, part) in sums.iter_mut().zip(&parts) {
            let x = &part[i * registers..(i + 1) * registers];
            for k in 0..registers {
                s[k] = simd.mul_add_f64s(x[k], y[k], s[k]);
            }
        }
    }
    for (v, s) in values.iter_mut().zip(&sums) {
        S::as_mut_simd_f64s(v).0.copy_from_slice(&s[..registers]);
    }
    // The rest one by one: filled up with zeros it would turn a partial sum of -0, which a product too small for a
    // number leaves behind, into +0.
    for (v, row) in values.iter_mut().zip(rows) {
        for (p, (x, y)) in v.iter_mut().zip(row[whole..].iter().zip(&b[whole..])) {
            *p = x.mul_add(*y, *p);
        }
    }
    values
}

#[inline(always)]
fn same(values: &mut [f64; PARTIALS], n: usize, f: impl Fn(f64) -> f64) {
    for i in 0..n {
        values[i % PARTIALS] = f(values[i % PARTIALS]);
    }
}
