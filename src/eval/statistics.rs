//! What reductions compute from one row of elements. Every sum is the contract's: sixteen partials by place in the
//! row, products by fused multiply-add, an element that does not count leaving its partial untouched.

use crate::contract::reduce::{Kind, PARTIALS, Partials};
use crate::hir::ReduceOp;

/// The elements that one element of a result is made of.
pub(super) struct Row<'r> {
    pub a: &'r [f64],
    /// The second operand: of a product, or of a correlation.
    pub b: Option<&'r [f64]>,
    /// Which elements count; all if none.
    pub counts: Option<&'r [bool]>,
    /// The coordinates of the elements.
    pub along: Option<&'r [f64]>,
}

impl Row<'_> {
    /// How many elements count.
    fn len(&self) -> usize {
        self.counts.map_or(self.a.len(), |c| c.iter().filter(|c| **c).count())
    }

    /// The places and values that count.
    fn elements(&self) -> impl Iterator<Item = (usize, f64)> {
        let counts = |i: usize| self.counts.is_none_or(|c| c[i]);
        self.a.iter().copied().enumerate().filter(move |(i, _)| counts(*i))
    }

    /// Reduces what `f` makes of each place and value that counts.
    fn reduce(&self, kind: Kind, f: impl Fn(usize, f64) -> (f64, f64)) -> f64 {
        let mut partials = Partials::new(kind);
        for (j, v) in self.elements() {
            let (a, b) = f(j, v);
            partials.take(j, a, b);
        }
        partials.finish()
    }

    fn sum(&self) -> f64 {
        match (self.b, self.counts) {
            (Some(b), _) => self.reduce(Kind::Dot, |j, v| (v, b[j])),
            (None, Some(_)) => self.reduce(Kind::Sum, |_, v| (v, 1.0)),
            (None, None) => sum_all(self.a),
        }
    }

    fn mean_of(&self, values: &[f64]) -> f64 {
        Row { a: values, b: None, counts: self.counts, along: None }.sum() / self.len() as f64
    }

    /// The sum of products of two rows' distances from their means.
    fn moment(&self, a: (&[f64], f64), b: (&[f64], f64)) -> f64 {
        self.reduce(Kind::Dot, |j, _| (a.0[j] - a.1, b.0[j] - b.1))
    }

    fn std(&self) -> f64 {
        let a = (self.a, self.mean_of(self.a));
        (self.moment(a, a) / self.len() as f64).sqrt()
    }
}

/// The sum of a row without gaps, a block of partials at a time.
fn sum_all(values: &[f64]) -> f64 {
    let mut partials = Partials::new(Kind::Sum);
    add(&mut partials, 0, values);
    partials.finish()
}

/// Adds the elements `j`, `j + 1` ... to a sum in progress.
pub(super) fn add(partials: &mut Partials, j: usize, values: &[f64]) {
    let head = values.len().min((PARTIALS - j % PARTIALS) % PARTIALS);
    let (head, body) = values.split_at(head);
    head.iter().enumerate().for_each(|(i, v)| partials.take(j + i, *v, 1.0));
    let (blocks, rest) = body.as_chunks::<PARTIALS>();
    let p = partials.values_mut();
    for block in blocks {
        for (p, v) in p.iter_mut().zip(block) {
            *p += v;
        }
    }
    for (p, v) in p.iter_mut().zip(rest) {
        *p += v;
    }
}

/// Whether the result does not exist because no element counts. Sums of nothing exist: they are zero.
pub(super) fn of_nothing(op: ReduceOp, row: &Row) -> bool {
    use ReduceOp::{All, Any, Count, Histogram, Monotone, Norm, Sum};
    row.counts.is_some()
        && !matches!(op, Sum | Norm | Count | Any | All | Monotone | Histogram { .. })
        && row.len() == 0
}

/// The result of a reduction over one row.
///
/// * `sum` of a product accumulates fma(all factors but the last, the last, partial); `mean` is `sum/n`.
/// * `std` is `sqrt(sum(d*d)/n)` with `d = v - mean`, `cv` is `std/mean`, `norm` is `sqrt(sum(v*v))`.
/// * `correlation` is `sum(da*db) / sqrt(sum(da*da) * sum(db*db))` with `da`, `db` the distances from the means.
/// * `median` is the middle of the sorted values, of an even number `0.5*(a + b)` of the middle two; NaN if any is.
pub(super) fn statistic(op: ReduceOp, row: &Row) -> f64 {
    match op {
        ReduceOp::Sum => row.sum(),
        ReduceOp::Mean => row.sum() / row.len() as f64,
        ReduceOp::Std => row.std(),
        ReduceOp::Cv => row.std() / row.mean_of(row.a),
        ReduceOp::Min => row.reduce(Kind::Min, |_, v| (v, 1.0)),
        ReduceOp::Max => row.reduce(Kind::Max, |_, v| (v, 1.0)),
        ReduceOp::Norm => row.reduce(Kind::Dot, |_, v| (v, v)).sqrt(),
        ReduceOp::Argmax => row.reduce(Kind::ArgMax, |_, v| (v, 1.0)),
        ReduceOp::Argmin => row.reduce(Kind::ArgMin, |_, v| (v, 1.0)),
        ReduceOp::Correlation => correlation(row),
        ReduceOp::Count => row.elements().filter(|(_, v)| *v != 0.0).count() as f64,
        ReduceOp::Any => f64::from(u8::from(row.elements().any(|(_, v)| v != 0.0))),
        ReduceOp::All => f64::from(u8::from(row.elements().all(|(_, v)| v != 0.0))),
        ReduceOp::Median => median(row),
        ReduceOp::Period => period(row),
        ReduceOp::Monotone => f64::from(u8::from(monotone(row))),
        ReduceOp::Histogram { .. } => f64::NAN,
    }
}

fn correlation(row: &Row) -> f64 {
    let second = row.b.unwrap_or(row.a);
    let a = (row.a, row.mean_of(row.a));
    let b = (second, row.mean_of(second));
    row.moment(a, b) / (row.moment(a, a) * row.moment(b, b)).sqrt()
}

fn median(row: &Row) -> f64 {
    let mut values: Vec<f64> = row.elements().map(|(_, v)| v).collect();
    if values.is_empty() || values.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    let half = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, middle, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    if even { 0.5 * (below.iter().copied().fold(f64::NEG_INFINITY, f64::max) + *middle) } else { *middle }
}

/// The mean interval between downward crossings of the mean, each interpolated between its two samples; NaN if there
/// are fewer than two.
fn period(row: &Row) -> f64 {
    let mean = row.mean_of(row.a);
    let place = |i: usize| row.along.map_or(i as f64, |c| c[i]);
    let mut crossings = 0_usize;
    let (mut first, mut last) = (0.0, 0.0);
    let mut before: Option<(f64, f64)> = None;
    for (i, v) in row.elements() {
        let t = place(i);
        if let Some((t0, v0)) = before
            && v0 > mean
            && v <= mean
        {
            last = t0 + (t - t0) * ((v0 - mean) / (v0 - v));
            if crossings == 0 {
                first = last;
            }
            crossings += 1;
        }
        before = Some((t, v));
    }
    if crossings < 2 { f64::NAN } else { (last - first) / (crossings - 1) as f64 }
}

/// Whether no element is below its predecessor, or none above; NaN is neither.
fn monotone(row: &Row) -> bool {
    let (mut rises, mut falls) = (true, true);
    let mut before = None;
    for (_, v) in row.elements() {
        if let Some(before) = before {
            rises &= before <= v;
            falls &= before >= v;
        }
        before = Some(v);
    }
    rises || falls
}

/// Counts a row in equal bins from its least to its largest finite value. A bin holds its lower edge; the last holds
/// both, and where all values are equal the first holds them.
pub(super) fn histogram(row: &Row, counts: &mut [f64]) {
    let finite = || row.elements().map(|(_, v)| v).filter(|v| v.is_finite());
    let lo = finite().fold(f64::INFINITY, f64::min);
    let hi = finite().fold(f64::NEG_INFINITY, f64::max);
    let bins = counts.len();
    for v in finite() {
        let bin = if hi > lo { ((v - lo) / (hi - lo) * bins as f64) as usize } else { 0 };
        if let Some(count) = counts.get_mut(bin.min(bins.saturating_sub(1))) {
            *count += 1.0;
        }
    }
}
