/// Points joined by a line, in pieces where some are missing, with no more of them than can be seen.
///
/// `x` is ascending. In each of `columns` equal steps from `lo` to `hi` the first, the least, the largest and the last
/// point are kept: drawn at that width it is the same picture, extremes included.
pub(in crate::report) fn decimated(
    x: &[f64],
    y: &[f64],
    lo: f64,
    hi: f64,
    columns: usize,
) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut column: Option<Column> = None;
    let mut open = false;
    let many = x.len() > 4 * columns;
    let width = (hi - lo) / columns.max(1) as f64;
    for (i, (&at, &v)) in x.iter().zip(y).enumerate() {
        if !v.is_finite() || !at.is_finite() {
            flush(column.take(), x, y, &mut pieces);
            open = false;
            continue;
        }
        if !open {
            pieces.push(Vec::new());
            open = true;
        }
        if !many {
            push(&mut pieces, (at, v));
            continue;
        }
        let place = ((at - lo) / width).floor();
        match &mut column {
            Some(c) if c.place == place => c.take(i, y),
            _ => {
                flush(column.take(), x, y, &mut pieces);
                column = Some(Column { place, first: i, least: i, largest: i, last: i });
            }
        }
    }
    flush(column, x, y, &mut pieces);
    pieces
}

/// What is kept of a column, as places among the points.
struct Column {
    place: f64,
    first: usize,
    least: usize,
    largest: usize,
    last: usize,
}

impl Column {
    fn take(&mut self, i: usize, y: &[f64]) {
        if y[i] < y[self.least] {
            self.least = i;
        }
        if y[i] > y[self.largest] {
            self.largest = i;
        }
        self.last = i;
    }
}

fn push(pieces: &mut [Vec<(f64, f64)>], point: (f64, f64)) {
    if let Some(piece) = pieces.last_mut() {
        piece.push(point);
    }
}

fn flush(column: Option<Column>, x: &[f64], y: &[f64], pieces: &mut [Vec<(f64, f64)>]) {
    let Some(c) = column else { return };
    let mut kept = [c.first, c.least, c.largest, c.last];
    kept.sort_unstable();
    let mut before = None;
    for i in kept {
        if before != Some(i) {
            push(pieces, (x[i], y[i]));
        }
        before = Some(i);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_points_are_all_kept() {
        let x = [0.0, 1.0, 2.0, 3.0];
        let y = [1.0, f64::NAN, 2.0, 3.0];
        assert_eq!(decimated(&x, &y, 0.0, 3.0, 10), [vec![(0.0, 1.0)], vec![(2.0, 2.0), (3.0, 3.0)]]);
    }

    #[test]
    fn one_spike_among_a_million_is_kept() {
        let x: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let mut y = vec![0.0; x.len()];
        y[654_321] = 7.0;
        let kept = decimated(&x, &y, 0.0, 1e6, 600);
        assert!(kept[0].len() <= 2400);
        assert!(kept[0].contains(&(654_321.0, 7.0)));
    }

    proptest! {
        #[test]
        fn every_column_keeps_its_extremes(
            y in prop::collection::vec(prop_oneof![9 => -1e3f64..1e3, 1 => Just(f64::NAN)], 0..600),
            columns in 1usize..40,
        ) {
            let x: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
            let hi = y.len().max(1) as f64;
            let kept: Vec<_> = decimated(&x, &y, 0.0, hi, columns).concat();
            for c in 0..columns {
                let inside = |at: f64| (at / (hi / columns as f64)).floor() as usize == c;
                let of = |points: &[(f64, f64)]| {
                    let own: Vec<f64> = points.iter().filter(|p| inside(p.0) && !p.1.is_nan()).map(|p| p.1).collect();
                    (own.iter().copied().reduce(f64::min), own.iter().copied().reduce(f64::max))
                };
                let all: Vec<_> = x.iter().copied().zip(y.iter().copied()).collect();
                prop_assert_eq!(of(&kept), of(&all));
            }
            prop_assert!(kept.windows(2).all(|p| p[0].0 < p[1].0));
        }
    }
}
