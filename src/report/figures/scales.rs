use super::model::{Scale, Tick};
use crate::units::format_number;

/// How many steps a scale of round ends has at most, and one of the values' own: an axis that is wide.
const MOST: (f64, f64) = (6.0, 8.0);

/// Beyond these there is no scale, and below this step.
const MOST_OF_ALL: f64 = 1e307;
const LEAST_OF_ALL: f64 = 1e-290;

/// A scale for values from `lo` to `hi`. Its ends are ticks where `round`; else they are the values' own.
///
/// Values that are all alike get room on both sides; zero is on the scale where the values come near it.
pub(super) fn scale(label: &str, unit: &str, lo: f64, hi: f64, round: bool) -> Scale {
    let (mut lo, mut hi) = if lo.is_finite() && hi.is_finite() { (lo, hi) } else { (0.0, 1.0) };
    // so that widths and steps are numbers
    (lo, hi) = (lo.clamp(-MOST_OF_ALL, MOST_OF_ALL), hi.clamp(-MOST_OF_ALL, MOST_OF_ALL));
    // a spread that is nothing but rounding is none
    if hi - lo <= (1e-12 * lo.abs().max(hi.abs())).max(LEAST_OF_ALL) {
        let room = if lo.abs() <= LEAST_OF_ALL { 1.0 } else { 0.5 * lo.abs() };
        (lo, hi) = (lo - room, hi + room);
    }
    if round {
        if lo > 0.0 && lo < 0.4 * hi {
            lo = 0.0;
        }
        if hi < 0.0 && hi > 0.4 * lo {
            hi = 0.0;
        }
    }
    // what overshoots by less than a hundredth of a pixel is no reason for another step
    let below = |step: f64| (lo / step + 1e-3).floor();
    let above = |step: f64| (hi / step - 1e-3).ceil();
    let fits = |step: f64| match round {
        true => above(step) - below(step) <= MOST.0,
        false => (hi - lo) / step <= MOST.1,
    };
    let step = step((hi - lo) / if round { MOST.0 } else { MOST.1 }, &fits);
    if round {
        (lo, hi) = (below(step) * step, above(step) * step);
    }
    Scale { label: label.into(), unit: unit.into(), lo, hi, ticks: ticks(lo, hi, step), names: false }
}

/// A scale of names at 0, 1, 2 ...
pub(super) fn named(label: &str, names: &[String]) -> Scale {
    let ticks = names.iter().enumerate().map(|(i, n)| Tick { at: i as f64, text: n.clone() }).collect();
    let hi = names.len() as f64 - 0.5;
    Scale { label: label.into(), unit: String::new(), lo: -0.5, hi: hi.max(0.5), ticks, names: true }
}

/// The least round number (1, 2 or 5 times a power of ten) of which few enough fit on the scale, from about `raw` on.
fn step(raw: f64, fits: &dyn Fn(f64) -> bool) -> f64 {
    let power = raw.abs().log10().floor() as i32;
    let powers = (power..power + 3).flat_map(|p| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(p)));
    powers.into_iter().find(|step| step.is_normal() && fits(*step)).unwrap_or(1.0)
}

fn ticks(lo: f64, hi: f64, step: f64) -> Vec<Tick> {
    let (first, last) = ((lo / step - 1e-9).ceil(), (hi / step + 1e-9).floor());
    let count = (last - first).clamp(0.0, 50.0) as usize;
    // a multiple of 1, 2 or 5 times a power of ten: as many digits as the step needs at this distance from zero
    let most = lo.abs().max(hi.abs()).max(step);
    let digits = ((most / step).log10().ceil() as usize + 1).clamp(1, 15);
    (0..=count)
        .map(|i| {
            let at = (first + i as f64) * step;
            let at = if at.abs() < step * 1e-6 { 0.0 } else { at };
            Tick { at, text: written(at, digits) }
        })
        .collect()
}

/// A number as ticks have it: short, and with a minus sign.
fn written(v: f64, digits: usize) -> String {
    let text = format_number(v, digits);
    let zeros = text.trim_start_matches('-').chars().rev().take_while(|c| *c == '0').count();
    // a long row of zeros is hard to count
    let text = match text.contains('.') || zeros < 5 {
        true => text,
        false => format!("{}e{zeros}", &text[..text.len() - zeros]),
    };
    text.replace('-', "−")
}

/// The unit in which times up to `longest` seconds are read best, and how many seconds it is.
pub(super) fn time_unit(longest: f64) -> (&'static str, f64) {
    match longest {
        t if t < 1e-3 => ("µs", 1e-6),
        t if t < 1.0 => ("ms", 1e-3),
        t if t < 7200.0 => ("s", 1.0),
        t if t < 48.0 * 3600.0 => ("h", 3600.0),
        _ => ("d", 86400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(lo: f64, hi: f64) -> Vec<String> {
        scale("", "", lo, hi, true).ticks.into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(texts(0.03, 0.97), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(texts(0.93, 1.16), ["0.9", "0.95", "1", "1.05", "1.1", "1.15", "1.2"]);
        assert_eq!(texts(-65e-3, -40e-3), ["−0.065", "−0.06", "−0.055", "−0.05", "−0.045", "−0.04"]);
        assert_eq!(texts(0.0, 1e6), ["0", "2e5", "4e5", "6e5", "8e5", "1e6"]);
        assert_eq!(texts(0.0, 3000.0), ["0", "500", "1000", "1500", "2000", "2500", "3000"]);
        assert_eq!(texts(1e9, 4e9), ["0", "1e9", "2e9", "3e9", "4e9"]);
        assert_eq!(
            texts(1000.001, 1000.004),
            ["1000.001", "1000.0015", "1000.002", "1000.0025", "1000.003", "1000.0035", "1000.004"]
        );
    }

    #[test]
    fn values_all_alike_get_room() {
        let s = scale("", "", 0.997, 0.997, true);
        assert!(s.lo < 0.997 && s.hi > 0.997 && s.ticks.len() >= 3, "{s:?}");
        let s = scale("", "", 0.0, 0.0, true);
        assert!(s.lo < 0.0 && s.hi > 0.0, "{s:?}");
    }

    #[test]
    fn extremes_make_a_scale() {
        for (lo, hi) in
            [(-1.7e308, 1.7e308), (0.0, f64::MAX), (-1e-310, 1e-310), (0.0, 5e-324), (1e300, 1.0001e300)]
        {
            for round in [true, false] {
                let s = scale("", "", lo, hi, round);
                assert!(s.lo < s.hi && (s.hi - s.lo).is_finite() && s.ticks.len() < 20, "{s:?}");
            }
        }
    }

    #[test]
    fn nothing_finite_still_makes_a_scale() {
        assert_eq!(texts(f64::INFINITY, f64::NEG_INFINITY), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
    }

    #[test]
    fn a_scale_of_round_ends_keeps_them() {
        for (lo, hi) in [(-2.0, 10.0), (0.0, 1.0), (0.95, 1.2), (-65e-3, -40e-3)] {
            let s = scale("", "", lo, hi, true);
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(near(s.lo, lo) && near(s.hi, hi), "{lo} {hi}: {s:?}");
        }
    }

    proptest! {
        #[test]
        fn ticks_lie_on_the_scale_in_order(lo in -1e12f64..1e12, width in 1e-9f64..1e12, round: bool) {
            let s = scale("", "", lo, lo + width, round);
            prop_assert!(s.lo < s.hi);
            if round {
                prop_assert!(s.lo <= lo + 2e-3 * width && s.hi >= lo + width * (1.0 - 2e-3));
            }
            let slack = 1e-6 * (s.hi - s.lo);
            prop_assert!(s.ticks.iter().all(|t| t.at >= s.lo - slack && t.at <= s.hi + slack));
            prop_assert!(s.ticks.windows(2).all(|p| p[0].at < p[1].at));
            prop_assert!(s.ticks.len() <= 18);
        }
    }
}
