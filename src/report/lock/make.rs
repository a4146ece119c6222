use super::format::{FORMAT, LockedFile};
use super::item::Builder;
use super::{Item, Lock, LockedCase, LockedRun};
use crate::hir::{Experiment, Program, Value};
use crate::record::{Run, Series};
use crate::report::{CONTRACT_VERSION, Reading, VERSION};
use crate::units::format_exact;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// How many numbers of a series are held at once.
const CHUNK: usize = 1 << 16;

/// The lock of finished runs. Fails only if a record that was streamed to a file cannot be read back.
pub fn make(reading: &Reading) -> io::Result<Lock> {
    let mut cases = BTreeMap::new();
    for (i, program, case) in reading.cases() {
        let locked = LockedCase {
            seed: program.seed,
            parameters: parameters(reading.experiment, i),
            run: run(program, &case.main)?,
            control: case.control.as_ref().map(|c| run(program, c)).transpose()?,
        };
        cases.insert(reading.case_name(i), locked);
    }
    let mut files = reading.provenance.files.iter();
    let source = files.next().map(|f| LockedFile { name: base_name(&f.name), sha256: f.sha256.clone() });
    Ok(Lock {
        lock: FORMAT,
        plast: VERSION.to_string(),
        contract: CONTRACT_VERSION,
        precision: reading.precision().name().to_string(),
        source: source.unwrap_or(LockedFile { name: String::new(), sha256: String::new() }),
        uses: files.map(|f| (f.name.clone(), f.sha256.clone())).collect(),
        cases,
    })
}

/// A file's name without its folders, so that a lock does not depend on where it was made.
fn base_name(name: &str) -> String {
    Path::new(name).file_name().map_or_else(|| name.to_string(), |n| n.to_string_lossy().into_owned())
}

fn parameters(experiment: &Experiment, program: usize) -> BTreeMap<String, String> {
    let text = |p: &crate::hir::ParamInfo| {
        let number = || p.values.get(program).map(|v| format_exact(p.unit.from_si(*v)) + &p.unit.suffix());
        p.rules.get(program).cloned().or_else(number).unwrap_or_default()
    };
    experiment.params.iter().map(|p| (p.name.clone(), text(p))).collect()
}

fn run(program: &Program, run: &Run) -> io::Result<LockedRun> {
    let probes = program.probes.iter().zip(run.probes.iter());
    let probes = probes.filter_map(|(p, v)| v.as_ref().map(|v| (p.name.clone(), probe(v)))).collect();
    let mut records = BTreeMap::new();
    for (r, s) in program.records.iter().zip(run.records.iter()) {
        records.insert(r.name.clone(), record(s)?);
    }
    Ok(LockedRun { ticks: run.ticks, probes, records })
}

/// What a lock keeps of a probe.
pub(in crate::report) fn probe(value: &Value) -> Item {
    let mut builder = Builder::new(value.shape());
    for (i, v) in value.data.iter().enumerate() {
        builder.push(value.is_present(i).then_some(*v));
    }
    builder.finish(None)
}

/// What a lock keeps of a record.
pub(in crate::report) fn record(series: &Series) -> io::Result<Item> {
    let samples = series.samples();
    let width = series.width().max(1);
    let mut builder = Builder::new(std::iter::once(samples).chain(series.shape().iter().copied()).collect());
    let at_once = (CHUNK / width).max(1);
    for from in (0..samples).step_by(at_once) {
        for (i, v) in series.read(from, from + at_once)?.into_iter().enumerate() {
            let present = series.present().is_none_or(|p| p[i % width]);
            builder.push(present.then_some(v));
        }
    }
    let times = series.times();
    let ends = times.tick(0).zip(times.tick(samples.saturating_sub(1)));
    Ok(builder.finish(ends))
}
