use super::SampleTimes;
use super::store::Store;
use crate::hir::{AxisId, Value, ValueAxis};
use std::io;
use std::sync::Arc;

/// How many bytes a series keeps in memory before it streams to a temporary file.
const IN_MEMORY: usize = 4 << 20;

/// One recorded quantity: the same array of numbers, sampled again and again.
///
/// Made by `runtime` while it runs. Holds at most a few megabytes in memory; beyond that samples stream to a
/// temporary file that disappears with the series.
#[derive(Debug)]
pub struct Series {
    shape: Vec<usize>,
    width: usize,
    times: SampleTimes,
    store: Store,
    /// Which elements of a sample exist; `None` for all.
    present: Option<Arc<[bool]>>,
}

impl Series {
    /// An empty series of samples of this shape, in a run with this tick in seconds.
    pub fn new(shape: Vec<usize>, tick: f64) -> Self {
        Self::with_limit(shape, tick, IN_MEMORY / 8)
    }

    pub(crate) fn with_limit(shape: Vec<usize>, tick: f64, limit: usize) -> Self {
        let width = shape.iter().product();
        Self { shape, width, times: SampleTimes::new(tick), store: Store::new(limit), present: None }
    }

    /// Appends a sample taken at a tick. Its length is the series' width.
    pub fn push(&mut self, tick: u64, sample: &[f64]) -> io::Result<()> {
        debug_assert_eq!(sample.len(), self.width);
        self.store.extend(sample)?;
        self.times.push(tick);
        Ok(())
    }

    /// Another series with the same samples.
    ///
    /// # Errors
    /// Where samples stream to a temporary file, that it cannot be read or another not be written.
    pub fn copy(&self) -> io::Result<Self> {
        let (shape, times, present) = (self.shape.clone(), self.times.clone(), self.present.clone());
        Ok(Self { shape, width: self.width, times, store: self.store.copy()?, present })
    }

    /// Says which elements of every sample exist.
    pub(crate) fn set_present(&mut self, present: Option<Arc<[bool]>>) {
        self.present = present;
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.times.len()
    }

    /// How many numbers a sample has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The shape of one sample.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// When the samples were taken.
    pub fn times(&self) -> &SampleTimes {
        &self.times
    }

    /// Which elements of a sample exist; `None` for all.
    pub fn present(&self) -> Option<&[bool]> {
        self.present.as_deref()
    }

    /// The numbers of the samples from place `from` up to `to` (excluded), sample by sample, as far as there are any.
    pub fn read(&self, from: usize, to: usize) -> io::Result<Vec<f64>> {
        self.store.read(from.saturating_mul(self.width), to.saturating_mul(self.width))
    }

    /// Every other sample, the first among them.
    ///
    /// # Errors
    /// If samples cannot be read or kept.
    pub(crate) fn thinned(&self) -> io::Result<Self> {
        let mut thin = Self::new(self.shape.clone(), self.times.tick_length());
        thin.present.clone_from(&self.present);
        for (i, tick) in self.times.ticks().enumerate().step_by(2) {
            thin.push(tick, &self.read(i, i + 1)?)?;
        }
        Ok(thin)
    }

    /// The whole series as a value along `axes`: the time axis, then those of a sample.
    pub fn value(&self, axes: &[AxisId]) -> io::Result<Value> {
        let samples = self.samples();
        let times: Arc<[f64]> = self.times.iter().collect();
        let lens = std::iter::once(samples).chain(self.shape.iter().copied());
        let axes = axes
            .iter()
            .zip(lens)
            .enumerate()
            .map(|(i, (&id, len))| ValueAxis { id, len, coordinates: (i == 0).then(|| times.clone()) })
            .collect();
        let present = self.present.as_ref().map(|p| {
            let all: Vec<bool> = (0..samples).flat_map(|_| p.iter().copied()).collect();
            Arc::from(all)
        });
        Ok(Value { axes, data: Arc::from(self.read(0, samples)?), present })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn becomes_a_value_with_sample_times() {
        let mut series = Series::with_limit(vec![2], 0.5, 4);
        for n in 0..5_u64 {
            series.push(n * 2, &[n as f64, -(n as f64)]).unwrap();
        }
        assert_eq!((series.samples(), series.width()), (5, 2));
        let value = series.value(&[AxisId(3), AxisId(1)]).unwrap();
        assert_eq!(value.shape(), [5, 2]);
        assert_eq!(value.axes[0].coordinates.as_deref(), Some(&[0.0, 1.0, 2.0, 3.0, 4.0][..]));
        assert_eq!(value.axes[1].coordinates, None);
        assert_eq!(value.data[8..], [4.0, -4.0]);
        assert_eq!(series.read(1, 3).unwrap(), [1.0, -1.0, 2.0, -2.0]);
    }

    #[test]
    fn thinned_it_has_every_other_sample() {
        let mut series = Series::new(vec![2], 0.5);
        for n in 0..7_u64 {
            series.push(n * n, &[n as f64, -(n as f64)]).unwrap();
        }
        let thin = series.thinned().unwrap();
        assert_eq!(thin.times().ticks().collect::<Vec<_>>(), [0, 4, 16, 36]);
        assert_eq!(thin.read(0, 9).unwrap(), [0.0, 0.0, 2.0, -2.0, 4.0, -4.0, 6.0, -6.0]);
    }

    #[test]
    fn repeats_absent_elements_for_every_sample() {
        let mut series = Series::new(vec![2], 1.0);
        series.set_present(Some(Arc::from([true, false])));
        series.push(0, &[1.0, 0.0]).unwrap();
        series.push(1, &[2.0, 0.0]).unwrap();
        let value = series.value(&[AxisId(0), AxisId(1)]).unwrap();
        assert_eq!(value.present.as_deref(), Some(&[true, false, true, false][..]));
    }
}
