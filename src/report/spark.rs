use crate::record::Series;
use std::io;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', '-', ':', '=', '+', '*', '#'];

/// How many numbers of a series are held at once while it is read.
const CHUNK: usize = 1 << 16;

/// A series at a glance: its course in a few steps, and its extremes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Course {
    /// The mean of each stretch of samples, in time order; NaN where nothing was sampled.
    pub steps: Vec<f64>,
    /// The least number.
    pub min: f64,
    /// The largest number.
    pub max: f64,
    /// The mean of the last sample.
    pub last: f64,
}

/// Reads a series once, piece by piece, into a course of at most `steps` steps.
pub(crate) fn course(series: &Series, steps: usize) -> io::Result<Course> {
    let (samples, width) = (series.samples(), series.width());
    let steps = steps.min(samples);
    let mut sums = vec![(0.0, 0u64); steps];
    let mut course = Course { steps: Vec::new(), min: f64::INFINITY, max: f64::NEG_INFINITY, last: f64::NAN };
    let at_once = (CHUNK / width.max(1)).max(1);
    for from in (0..samples).step_by(at_once) {
        let to = (from + at_once).min(samples);
        let numbers = series.read(from, to)?;
        for (i, sample) in numbers.chunks(width.max(1)).enumerate() {
            let present = sample
                .iter()
                .enumerate()
                .filter(|(k, _)| series.present().is_none_or(|p| p[*k]))
                .map(|(_, v)| *v);
            let (mut sum, mut n) = (0.0, 0);
            for v in present {
                (sum, n) = (sum + v, n + 1);
                course.min = course.min.min(v);
                course.max = course.max.max(v);
            }
            let step = &mut sums[(from + i) * steps / samples];
            *step = (step.0 + sum, step.1 + n);
            course.last = sum / n as f64;
        }
    }
    course.steps = sums.into_iter().map(|(sum, n)| sum / n as f64).collect();
    Ok(course)
}

/// Numbers as a course of at most `steps` steps.
pub(crate) fn course_of(numbers: &[f64], steps: usize) -> Course {
    let steps = steps.min(numbers.len());
    let mut sums = vec![(0.0, 0u64); steps];
    for (i, v) in numbers.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
        let step = &mut sums[i * steps / numbers.len()];
        *step = (step.0 + v, step.1 + 1);
    }
    let fold = |f: fn(f64, f64) -> f64, start| numbers.iter().copied().filter(|v| !v.is_nan()).fold(start, f);
    Course {
        steps: sums.into_iter().map(|(sum, n)| sum / n as f64).collect(),
        min: fold(f64::min, f64::INFINITY),
        max: fold(f64::max, f64::NEG_INFINITY),
        last: numbers.last().copied().unwrap_or(f64::NAN),
    }
}

/// Draws steps as a line of blocks, scaled to their own extremes; a level line where nothing changes.
pub(crate) fn sparkline(steps: &[f64], unicode: bool) -> String {
    let signs = if unicode { BLOCKS } else { ASCII };
    let finite = || steps.iter().copied().filter(|v| v.is_finite());
    let (lo, hi) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    // what differs in the last bits only is level
    let level = hi - lo <= 1e-12 * hi.abs().max(lo.abs());
    let sign = |v: f64| match v {
        v if !v.is_finite() => ' ',
        _ if level => signs[3],
        v => signs[(((v - lo) / (hi - lo) * 8.0) as usize).min(7)],
    };
    steps.iter().map(|&v| sign(v)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn draws_the_course() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], true), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[1.0, 0.0, f64::NAN], false), "#_ ");
        assert_eq!(sparkline(&[2.0, 2.0 + 1e-15], true), "▄▄");
        assert_eq!(sparkline(&[], true), "");
    }

    #[test]
    fn a_long_series_is_read_in_pieces() {
        let mut series = Series::new(vec![3], 0.1);
        let n = CHUNK;
        for i in 0..n {
            series.push(i as u64, &[i as f64, i as f64 + 1.0, i as f64 + 2.0]).unwrap();
        }
        let course = course(&series, 4).unwrap();
        assert_eq!((course.min, course.max, course.last), (0.0, n as f64 + 1.0, n as f64));
        let quarter = n as f64 / 4.0;
        assert_eq!(course.steps[0], (quarter - 1.0) / 2.0 + 1.0);
        assert_eq!(course.steps[3] - course.steps[2], quarter);
    }

    #[test]
    fn fewer_samples_than_steps_are_one_step_each() {
        let course = course_of(&[3.0, 1.0], 40);
        assert_eq!(course.steps, [3.0, 1.0]);
        assert_eq!((course.min, course.max, course.last), (1.0, 3.0, 1.0));
    }
}
