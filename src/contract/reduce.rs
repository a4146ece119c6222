//! The one order in which many numbers become one.
//!
//! A sum has sixteen partial sums, all starting at +0; element j goes to partial j mod 16; then partial i takes
//! partial i + 8, then i + 4, i + 2 and i + 1, and partial 0 is the result. A missing element leaves its partial
//! untouched, so a sum over a dense row with a mask is the sum over the same row with zeros left out.
//!
//! A sum of numbers of single precision has thirty-two partial sums of that precision ([`Singles`]). They are then taken
//! as numbers of double precision: partial i takes partial i + 16, and the sixteen go on as above.
//!
//! Several reduced axes count as one: j runs over them in axis order, the last one fastest.
//!
//! `min` and `max` keep NaN whatever the order; `argmax` and `argmin` give the first of equal elements.

/// How many partial results a reduction has.
pub const PARTIALS: usize = 16;

/// How many partial results a sum of numbers of single precision has: as many bytes.
pub const SINGLE_PARTIALS: usize = 2 * PARTIALS;

/// What a reduction over numbers computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The sum; +0 of nothing.
    Sum,
    /// The sum of products, each added by one fused multiply-add; +0 of nothing.
    Dot,
    /// The smallest; +infinity of nothing; NaN if any element is.
    Min,
    /// The largest; -infinity of nothing; NaN if any element is.
    Max,
    /// The index of the first smallest element, a NaN counting as smallest; NaN of nothing.
    ArgMin,
    /// The index of the first largest element, a NaN counting as largest; NaN of nothing.
    ArgMax,
}

impl Kind {
    /// The partial results before the first element.
    pub const fn start(self) -> f64 {
        match self {
            Kind::Sum | Kind::Dot => 0.0,
            Kind::Min | Kind::ArgMin => f64::INFINITY,
            Kind::Max | Kind::ArgMax => f64::NEG_INFINITY,
        }
    }
}

/// The smaller, keeping NaN from either side.
#[inline(always)]
pub fn min_keeping(a: f64, b: f64) -> f64 {
    // a NaN in b is kept by the comparison, one in a by the second clause
    if a < b || a.is_nan() { a } else { b }
}

/// The larger, keeping NaN from either side.
#[inline(always)]
pub fn max_keeping(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

/// A reduction in progress.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Partials {
    kind: Kind,
    values: [f64; PARTIALS],
    /// For `ArgMin` and `ArgMax`: the best so far is `values[0]`, found at this index; -1 before the first.
    best: i64,
}

impl Partials {
    /// Nothing reduced yet.
    #[inline(always)]
    pub fn new(kind: Kind) -> Self {
        Self { kind, values: [kind.start(); PARTIALS], best: -1 }
    }

    /// Takes element `j`; of a [`Kind::Dot`] the product of `a` and `b`, of the others `a` alone.
    #[inline(always)]
    pub fn take(&mut self, j: usize, a: f64, b: f64) {
        let p = &mut self.values[j % PARTIALS];
        match self.kind {
            Kind::Sum => *p += a,
            Kind::Dot => *p = a.mul_add(b, *p),
            Kind::Min => *p = min_keeping(*p, a),
            Kind::Max => *p = max_keeping(*p, a),
            Kind::ArgMin | Kind::ArgMax => {
                let top = self.values[0];
                let better = if self.kind == Kind::ArgMin { a < top } else { a > top };
                if self.best < 0 || (!top.is_nan() && (better || a.is_nan())) {
                    self.values[0] = a;
                    self.best = j as i64;
                }
            }
        }
    }

    /// The partial results, for code that takes many elements at once (not for `ArgMin` and `ArgMax`).
    pub fn values_mut(&mut self) -> &mut [f64; PARTIALS] {
        &mut self.values
    }

    /// The result.
    #[inline(always)]
    pub fn finish(&self) -> f64 {
        match self.kind {
            Kind::Sum | Kind::Dot => total(self.values),
            Kind::Min => tree(self.values, min_keeping),
            Kind::Max => tree(self.values, max_keeping),
            Kind::ArgMin | Kind::ArgMax => {
                if self.best < 0 {
                    f64::NAN
                } else {
                    self.best as f64
                }
            }
        }
    }
}

/// A sum of numbers of single precision, or of products of such, in progress.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Singles {
    values: [f32; SINGLE_PARTIALS],
}

impl Default for Singles {
    fn default() -> Self {
        Self { values: [0.0; SINGLE_PARTIALS] }
    }
}

impl Singles {
    /// Takes element `j` of a sum.
    #[inline(always)]
    pub fn add(&mut self, j: usize, a: f32) {
        self.values[j % SINGLE_PARTIALS] += a;
    }

    /// Takes element `j` of a sum of products, by one fused multiply-add.
    #[inline(always)]
    pub fn multiply_add(&mut self, j: usize, a: f32, b: f32) {
        let p = &mut self.values[j % SINGLE_PARTIALS];
        *p = a.mul_add(b, *p);
    }

    /// The partial results, for code that takes many elements at once.
    pub fn values_mut(&mut self) -> &mut [f32; SINGLE_PARTIALS] {
        &mut self.values
    }

    /// The result.
    #[inline(always)]
    pub fn finish(&self) -> f64 {
        let (low, high) = self.values.split_at(PARTIALS);
        total(std::array::from_fn(|i| f64::from(low[i]) + f64::from(high[i])))
    }
}

/// The reduction of a single element.
#[inline(always)]
pub fn alone(kind: Kind, a: f64, b: f64) -> f64 {
    // comparing with the start of another partial changes nothing more, nor does adding +0 to what is not -0
    match kind {
        Kind::Sum => 0.0 + a,
        Kind::Dot => a.mul_add(b, 0.0) + 0.0,
        Kind::Min | Kind::Max => a,
        Kind::ArgMin | Kind::ArgMax => 0.0,
    }
}

/// The sum of a single element of single precision, or of a single product.
#[inline(always)]
pub fn alone_single(a: f32, b: Option<f32>) -> f64 {
    f64::from(b.map_or(0.0 + a, |b| a.mul_add(b, 0.0) + 0.0))
}

/// The sum of sixteen partial sums.
#[inline(always)]
pub fn total(partials: [f64; PARTIALS]) -> f64 {
    tree(partials, |a, b| a + b)
}

/// Combines partial i with partial i + 8, then i + 4, i + 2 and i + 1.
#[inline(always)]
fn tree(mut p: [f64; PARTIALS], combine: impl Fn(f64, f64) -> f64) -> f64 {
    for i in 0..8 {
        p[i] = combine(p[i], p[i + 8]);
    }
    for i in 0..4 {
        p[i] = combine(p[i], p[i + 4]);
    }
    combine(combine(p[0], p[2]), combine(p[1], p[3]))
}

/// Reduces a sequence of present (`Some`) and missing (`None`) elements.
pub fn reduce(kind: Kind, elements: impl IntoIterator<Item = Option<f64>>) -> f64 {
    let mut p = Partials::new(kind);
    for (j, e) in elements.into_iter().enumerate() {
        if let Some(v) = e {
            p.take(j, v, 1.0);
        }
    }
    p.finish()
}

/// The sum of all elements.
pub fn sum(elements: impl IntoIterator<Item = f64>) -> f64 {
    reduce(Kind::Sum, elements.into_iter().map(Some))
}

/// The sum of the products of two sequences, as long as the shorter.
pub fn dot(a: impl IntoIterator<Item = f64>, b: impl IntoIterator<Item = f64>) -> f64 {
    let mut p = Partials::new(Kind::Dot);
    for (j, (a, b)) in a.into_iter().zip(b).enumerate() {
        p.take(j, a, b);
    }
    p.finish()
}

/// The sum divided by the count; NaN of nothing.
pub fn mean(elements: impl IntoIterator<Item = f64>) -> f64 {
    let mut n = 0_u64;
    sum(elements.into_iter().inspect(|_| n += 1)) / n as f64
}

/// The smallest element; +infinity of nothing.
pub fn min(elements: impl IntoIterator<Item = f64>) -> f64 {
    reduce(Kind::Min, elements.into_iter().map(Some))
}

/// The largest element; -infinity of nothing.
pub fn max(elements: impl IntoIterator<Item = f64>) -> f64 {
    reduce(Kind::Max, elements.into_iter().map(Some))
}

/// The index of the first smallest element, `None` of nothing.
pub fn argmin(elements: impl IntoIterator<Item = f64>) -> Option<usize> {
    index(reduce(Kind::ArgMin, elements.into_iter().map(Some)))
}

/// The index of the first largest element, `None` of nothing.
pub fn argmax(elements: impl IntoIterator<Item = f64>) -> Option<usize> {
    index(reduce(Kind::ArgMax, elements.into_iter().map(Some)))
}

fn index(found: f64) -> Option<usize> {
    (!found.is_nan()).then_some(found as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_taken_in_sixteen_partials_and_a_tree() {
        // 1e16 and -1e16 meet in partial 0 before the ones of the other partials are added:
        // left to right the result would be 1, exactly it would be 16
        let mut v = vec![0.0; 32];
        v[0] = 1e16;
        v[16] = -1e16;
        for x in &mut v[1..16] {
            *x = 1.0;
        }
        assert_eq!(sum(v.iter().copied()), 15.0);
        // partial 0 + partial 8 first: 1e16 + 1 loses the one, 1e16 - 1e16 does not
        let mut w = [0.0; 16];
        (w[0], w[8], w[4]) = (1e16, -1e16, 1.0);
        assert_eq!(sum(w.iter().copied()), 1.0);
        (w[0], w[8], w[4]) = (1e16, 1.0, -1e16);
        assert_eq!(sum(w.iter().copied()), 0.0);
    }

    #[test]
    fn a_sum_of_single_numbers_has_thirty_two_partials_and_a_tree_of_double_ones() {
        let sum = |values: &[f32]| {
            let mut s = Singles::default();
            values.iter().enumerate().for_each(|(j, v)| s.add(j, *v));
            s.finish()
        };
        // 2^24 and one meet in partial 0, where the one is lost; other ones are added in double precision
        let mut v = [1.0_f32; 64];
        v[0] = 16_777_216.0;
        assert_eq!(sum(&v), 16_777_216.0 + 62.0);
        // sixteen apart they meet in double precision only
        let mut w = [0.0_f32; 32];
        (w[0], w[16]) = (16_777_216.0, 1.0);
        assert_eq!(sum(&w), 16_777_217.0);
        assert_eq!(sum(&[]).to_bits(), 0.0_f64.to_bits());
        // one fused operation: 1 + 2^-12 squared is 1 + 2^-11 + 2^-24, of which the last would be rounded away
        let a = 1.0 + 2.0_f32.powi(-12);
        let mut s = Singles::default();
        s.multiply_add(0, -1.0, 1.0);
        s.multiply_add(32, a, a);
        assert_eq!(s.finish(), 2.0_f64.powi(-11) + 2.0_f64.powi(-24));
    }

    #[test]
    fn a_product_is_added_by_one_fused_operation() {
        let a = 1.0 + 3.0 * f64::EPSILON;
        let (mut x, mut y) = ([0.0; 17], [0.0; 17]);
        (x[0], y[0], x[16], y[16]) = (-1.0, 1.0, a, a);
        assert_eq!(dot(x, y), a.mul_add(a, -1.0));
        assert_ne!(dot(x, y), a * a - 1.0);
    }

    #[test]
    fn products_too_small_for_a_number_leave_their_sign() {
        let (tiny, minus) = ([1e-200; 17], [-1e-200; 17]);
        assert_eq!(dot(tiny, minus).to_bits(), (-0.0_f64).to_bits());
    }

    #[test]
    fn a_missing_element_leaves_its_partial_untouched() {
        assert_eq!(reduce(Kind::Sum, [None, Some(2.0), None]), 2.0);
        assert_eq!(reduce(Kind::Min, [None, Some(2.0), Some(3.0)]), 2.0);
        assert_eq!(reduce(Kind::ArgMax, [None, Some(2.0), Some(3.0), None]), 2.0);
    }

    #[test]
    fn nothing_has_a_value_of_its_own() {
        assert_eq!(sum([]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(min([]), f64::INFINITY);
        assert_eq!(max([]), f64::NEG_INFINITY);
        assert_eq!(argmax([]), None);
        assert!(mean([]).is_nan());
    }

    #[test]
    fn nan_survives_wherever_it_stands() {
        for i in 0..40 {
            let mut v: Vec<f64> = (0..40).map(f64::from).collect();
            v[i] = f64::NAN;
            assert!(min(v.iter().copied()).is_nan() && max(v.iter().copied()).is_nan());
            assert!(sum(v.iter().copied()).is_nan());
            assert_eq!((argmin(v.iter().copied()), argmax(v.iter().copied())), (Some(i), Some(i)));
        }
    }

    #[test]
    fn a_single_element_reduces_to_the_same_bits() {
        for kind in [Kind::Sum, Kind::Dot, Kind::Min, Kind::Max, Kind::ArgMin, Kind::ArgMax] {
            for a in [1.0, -0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-310, 5e-324] {
                let mut p = Partials::new(kind);
                p.take(0, a, -0.1);
                let (one, other) = (p.finish(), alone(kind, a, -0.1));
                assert!(
                    one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan(),
                    "{kind:?} of {a}"
                );
            }
        }
    }

    #[test]
    fn a_single_element_of_single_precision_reduces_to_the_same_bits() {
        for a in [1.0, -0.0, 0.0, f32::INFINITY, 1e-40, 1e-45] {
            let (mut sum, mut dot) = (Singles::default(), Singles::default());
            sum.add(0, a);
            dot.multiply_add(0, a, -0.1);
            assert_eq!(sum.finish().to_bits(), alone_single(a, None).to_bits(), "{a}");
            assert_eq!(dot.finish().to_bits(), alone_single(a, Some(-0.1)).to_bits(), "{a}");
        }
    }

    #[test]
    fn the_first_of_equal_extremes_is_found() {
        assert_eq!(argmax([1.0, 3.0, 3.0]), Some(1));
        assert_eq!(argmin([1.0, 0.0, 0.0]), Some(1));
        assert_eq!(argmin([f64::INFINITY, f64::INFINITY]), Some(0));
    }
}
