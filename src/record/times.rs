/// The times of a series' samples, in ticks and in seconds.
///
/// Samples come at even distances, so times are kept as stretches and take no room that grows with the run.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleTimes {
    tick: f64,
    stretches: Vec<Stretch>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    /// The sample's place at which it starts.
    index: usize,
    first: u64,
    step: u64,
    count: usize,
}

impl SampleTimes {
    /// No samples yet, of a run with this tick in seconds.
    pub(super) fn new(tick: f64) -> Self {
        Self { tick, stretches: Vec::new() }
    }

    /// How long a tick is, in seconds.
    pub(super) fn tick_length(&self) -> f64 {
        self.tick
    }

    /// Appends the time of a sample, in ticks.
    pub(super) fn push(&mut self, tick: u64) {
        let index = self.len();
        if let Some(last) = self.stretches.last_mut() {
            let previous = last.first + last.step * (last.count as u64 - 1);
            if last.count == 1 && tick >= previous {
                last.step = tick - previous;
                last.count = 2;
                return;
            }
            if tick == previous + last.step {
                last.count += 1;
                return;
            }
        }
        self.stretches.push(Stretch { index, first: tick, step: 0, count: 1 });
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.stretches.last().map_or(0, |s| s.index + s.count)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// The time of sample `i` in whole ticks.
    pub fn tick(&self, i: usize) -> Option<u64> {
        let at = self.stretches.partition_point(|s| s.index <= i).checked_sub(1)?;
        let s = self.stretches[at];
        (i < s.index + s.count).then(|| s.first + s.step * (i - s.index) as u64)
    }

    /// The time of sample `i` in seconds.
    pub fn get(&self, i: usize) -> Option<f64> {
        self.tick(i).map(|n| n as f64 * self.tick)
    }

    /// All times in seconds, in order.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.ticks().map(|n| n as f64 * self.tick)
    }

    /// All times in whole ticks, in order.
    pub fn ticks(&self) -> impl Iterator<Item = u64> + '_ {
        self.stretches.iter().flat_map(|s| (0..s.count as u64).map(move |k| s.first + s.step * k))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_uneven_times_in_stretches() {
        let mut times = SampleTimes::new(0.5);
        let all = [0, 10, 20, 30, 33, 40, 50, 60, 7, 8];
        for t in all {
            times.push(t);
        }
        assert_eq!(times.len(), all.len());
        assert_eq!(times.ticks().collect::<Vec<_>>(), all);
        for (i, t) in all.iter().enumerate() {
            assert_eq!(times.tick(i), Some(*t));
        }
        assert_eq!(times.get(1), Some(5.0));
        assert_eq!(times.get(all.len()), None);
        assert_eq!(times.iter().count(), all.len());
    }

    #[test]
    fn has_no_times_at_first() {
        let times = SampleTimes::new(1.0);
        assert!(times.is_empty());
        assert_eq!(times.tick(0), None);
    }
}
