use super::npy::{self, Kind};
use crate::hir::{Probe, Record, Value};
use crate::record::Series;
use crate::report::Reading;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// How many numbers of a series are held at once.
const CHUNK: usize = 1 << 16;

/// One array of the file.
enum Array<'a> {
    Probe(&'a Probe, &'a Value),
    Series(&'a Record, &'a Series),
    Times(&'a Series),
}

/// Whether there is an array at all.
pub(super) fn any(reading: &Reading) -> bool {
    !list(reading).is_empty()
}

/// Writes every probe and record that is more than one number (at a time): `fields`, `rate[silence]`,
/// `rate[silence].t`, numbers in the unit they were written in, missing elements as NaN.
pub(super) fn write(reading: &Reading, file: &mut File) -> io::Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(file));
    match write_arrays(reading, &mut zip) {
        Ok(()) => zip.finish()?.flush(),
        Err(e) => {
            // dropping it would try to end the broken file and print that this fails
            std::mem::forget(zip);
            Err(e)
        }
    }
}

fn write_arrays<W: Write + Seek>(reading: &Reading, zip: &mut ZipWriter<W>) -> io::Result<()> {
    for (name, array) in list(reading) {
        let (kind, shape) = (array.kind(), array.shape());
        let bytes = kind.size() * shape.iter().map(|&n| n as u64).product::<u64>();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default())
            .large_file(bytes + 4096 > u64::from(u32::MAX));
        zip.start_file(format!("{name}.npy"), options)?;
        npy::header(zip, kind, &shape)?;
        array.write(kind, zip)?;
    }
    Ok(())
}

fn list<'a>(reading: &Reading<'a>) -> Vec<(String, Array<'a>)> {
    let mut arrays = Vec::new();
    for (i, program, run, control) in reading.runs() {
        for (probe, value) in program.probes.iter().zip(run.probes.iter()) {
            if let Some(value) = value.as_ref().filter(|v| !v.axes.is_empty()) {
                arrays.push((reading.key(&probe.name, i, control), Array::Probe(probe, value)));
            }
        }
        for (record, series) in program.records.iter().zip(run.records.iter()) {
            if !super::series::is_scalar(record) {
                let key = reading.key(&record.name, i, control);
                arrays.push((format!("{key}.t"), Array::Times(series)));
                arrays.push((key, Array::Series(record, series)));
            }
        }
    }
    arrays
}

impl Array<'_> {
    fn kind(&self) -> Kind {
        match self {
            Array::Probe(probe, value) if probe.truth && value.present.is_none() => Kind::Truth,
            _ => Kind::Number,
        }
    }

    fn shape(&self) -> Vec<usize> {
        match self {
            Array::Probe(_, value) => value.shape(),
            Array::Series(_, series) => {
                std::iter::once(series.samples()).chain(series.shape().iter().copied()).collect()
            }
            Array::Times(series) => vec![series.samples()],
        }
    }

    fn write(&self, kind: Kind, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Array::Probe(probe, value) => {
                let one =
                    |i: usize| if value.is_present(i) { probe.unit.from_si(value.data[i]) } else { f64::NAN };
                npy::numbers(out, kind, (0..value.data.len()).map(one))
            }
            Array::Times(series) => npy::numbers(out, kind, series.times().iter()),
            Array::Series(record, series) => {
                let width = series.width().max(1);
                let at_once = (CHUNK / width).max(1);
                for from in (0..series.samples()).step_by(at_once) {
                    let sample = series.read(from, from + at_once)?;
                    let missing = |i: usize| series.present().is_some_and(|p| !p[i % width]);
                    let one =
                        |(i, v): (usize, &f64)| if missing(i) { f64::NAN } else { record.unit.from_si(*v) };
                    npy::numbers(out, kind, sample.iter().enumerate().map(one))?;
                }
                Ok(())
            }
        }
    }
}
