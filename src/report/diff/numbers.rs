use crate::hir::Value;
use crate::record::{SampleTimes, Series};
use crate::report::lock::Item;
use crate::units::Unit;
use ndarray::ArrayD;
use ndarray_npy::NpzReader;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// The numbers of a probe or a record; NaN where one is missing.
#[derive(Debug, Clone)]
pub(super) enum Numbers<'a> {
    /// A probe that was never reached.
    Unreached,
    /// All of them, in the unit they were written in.
    Written(Vec<f64>),
    /// All of them, in SI units.
    Si(Vec<f64>),
    /// A probe.
    Probe(&'a Value),
    /// A record.
    Series(&'a Series),
    /// An array of a file `arrays.npz`, in the unit it was written in.
    Stored { path: PathBuf, name: String },
    /// What a lock keeps of many numbers, in SI units.
    Kept(Item),
}

/// Numbers that can be read from anywhere in between.
pub(super) struct Open<'n> {
    numbers: &'n Numbers<'n>,
    unit: Unit,
    /// Of numbers written in another unit: which.
    written: Option<Unit>,
    loaded: Option<Vec<f64>>,
}

impl Numbers<'_> {
    /// Gets ready to read them in a unit.
    pub fn open(&self, unit: &Unit) -> io::Result<Open<'_>> {
        let loaded = match self {
            Numbers::Stored { path, name } => Some(stored(path, name)?),
            _ => None,
        };
        Ok(Open { numbers: self, unit: unit.clone(), written: None, loaded })
    }
}

impl Open<'_> {
    /// Converts what was written in another unit.
    pub fn convert(&mut self, written: &Unit) {
        self.written = Some(written.clone());
    }

    /// The numbers of samples `from` to `to` (excluded), each `width` numbers.
    pub fn read(&self, from: usize, to: usize, width: usize) -> io::Result<Vec<f64>> {
        let part = |all: &[f64]| {
            let to = to.saturating_mul(width).min(all.len());
            all.get(from * width..to).unwrap_or(&[]).to_vec()
        };
        let shown = |v: f64| self.unit.from_si(v);
        let converted = |all: &[f64]| match &self.written {
            Some(unit) => part(all).into_iter().map(|v| shown(unit.to_si(v))).collect(),
            None => part(all),
        };
        Ok(match self.numbers {
            Numbers::Written(all) => converted(all),
            Numbers::Si(all) => part(all).into_iter().map(shown).collect(),
            Numbers::Probe(value) => {
                let all = from * width..(to * width).min(value.data.len());
                all.map(|i| if value.is_present(i) { shown(value.data[i]) } else { f64::NAN }).collect()
            }
            Numbers::Series(series) => {
                let here = |i: usize| series.present().is_none_or(|p| p[i % width.max(1)]);
                let read = series.read(from, to)?.into_iter().enumerate();
                read.map(|(i, v)| if here(i) { shown(v) } else { f64::NAN }).collect()
            }
            Numbers::Stored { .. } => converted(self.loaded.as_deref().unwrap_or(&[])),
            Numbers::Unreached | Numbers::Kept(_) => Vec::new(),
        })
    }
}

fn stored(path: &PathBuf, name: &str) -> io::Result<Vec<f64>> {
    let mut npz = NpzReader::new(File::open(path)?).map_err(io::Error::other)?;
    if let Ok(array) = npz.by_name::<_, ndarray::IxDyn>(name) {
        let array: ArrayD<f64> = array;
        return Ok(array.iter().copied().collect());
    }
    let array: ArrayD<bool> = npz.by_name(name).map_err(io::Error::other)?;
    Ok(array.iter().map(|v| f64::from(u8::from(*v))).collect())
}

/// When a record was sampled, in ticks.
#[derive(Debug, Clone)]
pub(super) enum Times<'a> {
    Series(&'a SampleTimes),
    Listed(Vec<u64>),
    /// First, last and how many: all that a lock keeps.
    Ends(u64, u64, usize),
}

impl Times<'_> {
    pub fn len(&self) -> usize {
        match self {
            Times::Series(times) => times.len(),
            Times::Listed(ticks) => ticks.len(),
            Times::Ends(_, _, n) => *n,
        }
    }

    /// The tick of a sample, as far as it is known.
    pub fn tick(&self, i: usize) -> Option<u64> {
        match self {
            Times::Series(times) => times.tick(i),
            Times::Listed(ticks) => ticks.get(i).copied(),
            Times::Ends(first, _, _) if i == 0 => Some(*first),
            Times::Ends(_, last, n) if i + 1 == *n => Some(*last),
            Times::Ends(..) => None,
        }
    }

    /// The first and the last tick.
    pub fn ends(&self) -> Option<(u64, u64)> {
        Some((self.tick(0)?, self.tick(self.len().checked_sub(1)?)?))
    }

    /// Whether the tick of every sample is known.
    pub fn known(&self) -> bool {
        !matches!(self, Times::Ends(..))
    }
}
