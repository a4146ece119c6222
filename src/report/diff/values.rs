//! Two rows of numbers read along each other.

use super::numbers::{Open, Times};
use crate::report::naming::exact_seconds;
use std::io;

/// How many numbers of a side are held at once.
const CHUNK: usize = 1 << 16;

/// Which samples of two sides are compared.
pub(super) enum Pairs {
    /// Each with the one at the same place, so many.
    All(usize),
    /// These: places in A and in B.
    Listed(Vec<(usize, usize)>),
}

impl Pairs {
    pub fn len(&self) -> usize {
        match self {
            Pairs::All(n) => *n,
            Pairs::Listed(pairs) => pairs.len(),
        }
    }

    fn get(&self, k: usize) -> (usize, usize) {
        match self {
            Pairs::All(_) => (k, k),
            Pairs::Listed(pairs) => pairs[k],
        }
    }

    /// The samples of the same time. With one tick on both sides times are whole ticks, else decimals of a second.
    pub fn of_times(a: &Times, b: &Times, ticks: [Option<f64>; 2]) -> Self {
        let (n, m) = (a.len(), b.len());
        let one_tick = match ticks {
            [Some(x), Some(y)] => x == y,
            _ => true,
        };
        if one_tick && n == m && (0..n).all(|i| a.tick(i) == b.tick(i)) {
            return Pairs::All(n);
        }
        let time = |times: &Times, i: usize, tick: Option<f64>| {
            let ticks = times.tick(i).unwrap_or(0);
            if one_tick { ticks as f64 } else { exact_seconds(ticks, tick.unwrap_or(1.0)) }
        };
        let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
        let mut at = (n > 0 && m > 0).then(|| (time(a, 0, ticks[0]), time(b, 0, ticks[1])));
        while let Some((x, y)) = at {
            // a decimal of a second may be off in its last place
            let same = (x - y).abs() <= 1e-12 * x.abs().max(y.abs());
            if same {
                pairs.push((i, j));
            }
            let (left, right) = (same || x < y, same || y < x);
            i += usize::from(left);
            j += usize::from(right);
            let next = |old: f64, moved: bool, times: &Times, k: usize, tick| {
                if moved { time(times, k, tick) } else { old }
            };
            at = (i < n && j < m).then(|| (next(x, left, a, i, ticks[0]), next(y, right, b, j, ticks[1])));
        }
        Pairs::Listed(pairs)
    }

    /// Where the stretch that starts at pair `k` ends, so that little has to be read for it.
    fn chunk(&self, k: usize, width: usize) -> usize {
        let most = (CHUNK / width.max(1)).max(1);
        let (i, j) = self.get(k);
        let close = |end: &usize| {
            let (x, y) = self.get(*end - 1);
            x - i < most && y - j < most
        };
        (k + 1..=self.len().min(k + most)).take_while(close).last().unwrap_or(k + 1)
    }
}

/// One number on each side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The sample in A and in B.
    pub samples: (usize, usize),
    /// Which number of the sample.
    pub element: usize,
    pub values: [f64; 2],
}

/// What reading along finds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// How many numbers were compared.
    pub numbers: usize,
    /// In how many samples something differs.
    pub differing: usize,
    pub first: Option<Place>,
    pub largest: Option<Place>,
    /// The largest difference in the last sample.
    pub end: Option<Place>,
    /// The largest difference as part of the largest number.
    pub size: f64,
}

/// Compares samples of `width` numbers each. Where `rounded`, the last bits do not count: units were converted.
pub(super) fn scan(a: &Open, b: &Open, width: usize, pairs: &Pairs, rounded: bool) -> io::Result<Scan> {
    let mut found = Scan::default();
    let mut scale: f64 = 0.0;
    let mut k = 0;
    while k < pairs.len() {
        let end = pairs.chunk(k, width);
        let (from, to) = (pairs.get(k), pairs.get(end - 1));
        let numbers = [a.read(from.0, to.0 + 1, width)?, b.read(from.1, to.1 + 1, width)?];
        for pair in (k..end).map(|k| pairs.get(k)) {
            found.end = None;
            let mut differs = false;
            for element in 0..width {
                let at = |side: usize, sample: usize| numbers[side].get(sample * width + element).copied();
                let values = [at(0, pair.0 - from.0), at(1, pair.1 - from.1)].map(|v| v.unwrap_or(f64::NAN));
                found.numbers += 1;
                scale = values.iter().fold(scale, |s, v| s.max(v.abs()));
                if apart(values, rounded) {
                    differs = true;
                    let place = Place { samples: pair, element, values };
                    found.first.get_or_insert(place);
                    keep_larger(&mut found.largest, place);
                    keep_larger(&mut found.end, place);
                }
            }
            found.differing += usize::from(differs);
        }
        k = end;
    }
    let distance = found.largest.map_or(0.0, |p| (p.values[1] - p.values[0]).abs());
    let missing = found.first.is_some() && distance.is_nan();
    found.size = if missing { f64::INFINITY } else { distance / scale.max(f64::MIN_POSITIVE) };
    Ok(found)
}

/// Whether two numbers differ; missing ones are all alike.
pub(super) fn apart([a, b]: [f64; 2], rounded: bool) -> bool {
    if a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan() {
        return false;
    }
    // a conversion there and one back round a few times
    !(rounded && (a - b).abs() <= 4.0 * f64::EPSILON * a.abs().max(b.abs()))
}

/// A number that is missing on one side counts least, so that distances are told where there are any.
fn keep_larger(best: &mut Option<Place>, place: Place) {
    let distance = |p: &Place| (p.values[1] - p.values[0]).abs();
    let larger = match best {
        None => true,
        Some(best) => {
            distance(&place) > distance(best) || distance(best).is_nan() && !distance(&place).is_nan()
        }
    };
    if larger {
        *best = Some(place);
    }
}

/// The mean of each of `steps` stretches of time; NaN where nothing was sampled.
pub(super) fn course(
    numbers: &Open,
    width: usize,
    time: &dyn Fn(usize) -> f64,
    samples: usize,
    (from, to): (f64, f64),
    steps: usize,
) -> io::Result<Vec<f64>> {
    let mut sums = vec![(0.0, 0u64); steps];
    let at_once = (CHUNK / width.max(1)).max(1);
    for start in (0..samples).step_by(at_once) {
        let read = numbers.read(start, (start + at_once).min(samples), width)?;
        for (i, sample) in read.chunks(width.max(1)).enumerate() {
            let part = (time(start + i) - from) / (to - from).max(f64::MIN_POSITIVE);
            let step = &mut sums[((part * steps as f64) as usize).min(steps - 1)];
            for v in sample.iter().filter(|v| v.is_finite()) {
                *step = (step.0 + v, step.1 + 1);
            }
        }
    }
    Ok(sums.into_iter().map(|(sum, n)| sum / n as f64).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::numbers::Numbers;
    use super::*;
    use crate::units::Unit;
    use proptest::prelude::*;

    fn compared(a: &[f64], b: &[f64], width: usize, pairs: &Pairs) -> Scan {
        let (a, b) = (Numbers::Written(a.to_vec()), Numbers::Written(b.to_vec()));
        let unit = Unit::none();
        scan(&a.open(&unit).unwrap(), &b.open(&unit).unwrap(), width, pairs, false).unwrap()
    }

    #[test]
    fn the_first_the_largest_and_the_last_difference_are_found() {
        let (a, b) = ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 1.0, 2.0, 3.5, 4.0, 4.0]);
        let found = compared(&a, &b, 2, &Pairs::All(3));
        assert_eq!((found.numbers, found.differing), (6, 2));
        let at = |p: Option<Place>| p.map(|p| (p.samples.0, p.element, p.values));
        assert_eq!(at(found.first), Some((1, 1, [3.0, 3.5])));
        assert_eq!(at(found.largest), Some((2, 1, [5.0, 4.0])));
        assert_eq!(at(found.end), at(found.largest));
        assert_eq!(found.size, 0.2);
    }

    #[test]
    fn missing_numbers_are_alike_and_zero_has_a_sign() {
        let nan = f64::NAN;
        let found = compared(&[nan, 0.0, nan], &[-nan, -0.0, 1.0], 1, &Pairs::All(3));
        assert_eq!(found.differing, 2);
        assert_eq!(found.largest.map(|p| p.samples.0), Some(1));
    }

    #[test]
    fn samples_meet_at_the_same_time_under_other_ticks() {
        // every 3 ticks of 0.1 s, every 100 ticks of 1 ms
        let a = Times::Listed((0..5).map(|i| 3 * i).collect());
        let b = Times::Listed((0..13).map(|i| 100 * i).collect());
        let Pairs::Listed(pairs) = Pairs::of_times(&a, &b, [Some(0.1), Some(0.001)]) else { panic!() };
        assert_eq!(pairs, [(0, 0), (1, 3), (2, 6), (3, 9), (4, 12)]);
        assert!(matches!(Pairs::of_times(&a, &a, [Some(0.1), Some(0.1)]), Pairs::All(5)));
    }

    proptest! {
        #[test]
        fn in_pieces_or_at_once_is_the_same(
            times in prop::collection::btree_set(0u64..400_000, 1..60),
            more in prop::collection::btree_set(0u64..400_000, 1..60),
        ) {
            let both: Vec<u64> = times.union(&more).copied().collect();
            let (a, b): (Vec<u64>, Vec<u64>) = (both.clone(), times.iter().copied().collect());
            let pairs = Pairs::of_times(&Times::Listed(a.clone()), &Times::Listed(b.clone()), [None, None]);
            prop_assert_eq!(pairs.len(), b.len());
            let numbers = |ticks: &[u64], shift: f64| ticks.iter().map(|t| *t as f64 + shift).collect::<Vec<_>>();
            let found = compared(&numbers(&a, 0.0), &numbers(&b, 0.5), 1, &pairs);
            prop_assert_eq!((found.differing, found.numbers), (b.len(), b.len()));
            prop_assert_eq!(compared(&numbers(&a, 0.0), &numbers(&b, 0.0), 1, &pairs).differing, 0);
        }
    }
}
