//! The update of a weight in one pass: what changes a number by a product, lets it decay, and keeps it within bounds.

use super::lanes::Arg::{self, S, V};
use super::tape::Opcode;
use pulp::Simd;

/// Changes all lanes by one of the operations onto old values; whether all new values are finite.
///
/// `None` for other operations.
#[inline(always)]
pub(super) fn learn<X: Simd>(simd: X, op: Opcode, d: &mut [f64], args: [Arg<'_>; 5]) -> Option<bool> {
    Some(match op {
        Opcode::Onto => form::<X, false, false>(simd, d, args),
        Opcode::OntoDecayed => form::<X, true, false>(simd, d, args),
        Opcode::OntoClamped => form::<X, false, true>(simd, d, args),
        Opcode::OntoDecayedClamped => form::<X, true, true>(simd, d, args),
        _ => return None,
    })
}

/// What is the same for all lanes.
#[derive(Clone, Copy)]
struct Along<X: Simd> {
    decay: X::f64s,
    low: X::f64s,
    high: X::f64s,
}

#[inline(always)]
fn form<X: Simd, const DECAY: bool, const BOUNDS: bool>(simd: X, d: &mut [f64], args: [Arg<'_>; 5]) -> bool {
    let [a, b, decay, low, high] = args;
    // lowering makes these operations only where decay and bounds do not vary along a row
    let along = |x: Arg<'_>| simd.splat_f64s(if let S(s) = x { s } else { f64::NAN });
    let along = Along { decay: along(decay), low: along(low), high: along(high) };
    match (a, b) {
        (V(a), V(b)) => rows::<X, DECAY, BOUNDS, true>(simd, d, a, b, simd.splat_f64s(0.0), along),
        // factors can change places
        (S(a), V(b)) | (V(b), S(a)) => {
            rows::<X, DECAY, BOUNDS, false>(simd, d, b, b, simd.splat_f64s(a), along)
        }
        (S(a), S(b)) => {
            let mut odd = simd.splat_f64s(0.0);
            let (a, b) = (simd.splat_f64s(a), simd.splat_f64s(b));
            let (body, tail) = X::as_mut_simd_f64s(d);
            for w in body {
                *w = one::<X, DECAY, BOUNDS>(simd, *w, a, b, along, &mut odd);
            }
            let w = simd.partial_load_f64s(tail);
            let w = one::<X, DECAY, BOUNDS>(simd, w, a, b, along, &mut odd);
            simd.partial_store_f64s(tail, w);
            simd.reduce_sum_f64s(odd) == 0.0
        }
    }
}

#[inline(always)]
fn rows<X: Simd, const DECAY: bool, const BOUNDS: bool, const BOTH: bool>(
    simd: X,
    d: &mut [f64],
    a: &[f64],
    b: &[f64],
    factor: X::f64s,
    along: Along<X>,
) -> bool {
    let mut odd = simd.splat_f64s(0.0);
    let (body, tail) = X::as_mut_simd_f64s(d);
    let ((a, a_tail), (b, b_tail)) = (X::as_simd_f64s(a), X::as_simd_f64s(b));
    for ((w, p), q) in body.iter_mut().zip(a).zip(b) {
        let p = if BOTH { *p } else { factor };
        *w = one::<X, DECAY, BOUNDS>(simd, *w, p, *q, along, &mut odd);
    }
    if !tail.is_empty() {
        let p = if BOTH { simd.partial_load_f64s(a_tail) } else { factor };
        let (w, q) = (simd.partial_load_f64s(tail), simd.partial_load_f64s(b_tail));
        let w = one::<X, DECAY, BOUNDS>(simd, w, p, q, along, &mut odd);
        simd.partial_store_f64s(tail, w);
    }
    simd.reduce_sum_f64s(odd) == 0.0
}

#[inline(always)]
fn one<X: Simd, const DECAY: bool, const BOUNDS: bool>(
    simd: X,
    w: X::f64s,
    a: X::f64s,
    b: X::f64s,
    along: Along<X>,
    odd: &mut X::f64s,
) -> X::f64s {
    let w = if DECAY { simd.mul_add_f64s(along.decay, w, w) } else { w };
    let mut w = simd.mul_add_f64s(a, b, w);
    if BOUNDS {
        if cfg!(target_arch = "x86_64") && X::F64_LANES > 1 {
            // those of this processor are the ones of the contract, which keep a NaN in the second place
            w = simd.min_f64s(along.high, simd.max_f64s(along.low, w));
        } else {
            w = simd.select_f64s(simd.greater_than_f64s(along.low, w), along.low, w);
            w = simd.select_f64s(simd.less_than_f64s(along.high, w), along.high, w);
        }
    }
    // x - x is +0 for finite numbers, which has no bits, and NaN for the others
    *odd = simd.or_f64s(*odd, simd.sub_f64s(w, w));
    w
}
