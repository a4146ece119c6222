use super::item::Difference;
use super::{Item, Lock, LockedRun, make};
use crate::hir::ValueAxis;
use crate::report::naming::{DIGITS, Naming};
use crate::report::{CONTRACT_VERSION, Reading, VERSION};
use crate::units::{Unit, format_number, format_value};
use std::collections::BTreeMap;
use std::io;

/// What became of a comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// What else changed since the lock was made: versions, files, parameters.
    pub notes: Vec<String>,
    /// What differs, the first value of each result first; empty if every bit is the same.
    pub differences: Vec<String>,
    /// How many results were compared.
    pub results: usize,
    /// How many numbers they hold.
    pub numbers: usize,
}

/// Compares finished runs with a lock, bit for bit.
pub fn compare(lock: &Lock, reading: &Reading) -> io::Result<Comparison> {
    let found = make(reading)?;
    let mut comparison = Comparison { notes: notes(lock, &found), ..Comparison::default() };
    for (name, locked) in &lock.cases {
        let Some(program) = (0..reading.experiment.programs.len()).find(|&i| reading.case_name(i) == *name)
        else {
            comparison
                .differences
                .push(format!("the case `{name}` is in the lock and no longer in the file"));
            continue;
        };
        let Some(case) = found.cases.get(name) else { continue };
        let at = |control| Place { reading, program, control };
        if locked.seed != case.seed {
            let text = format!("seed {} now, {} in the lock", case.seed, locked.seed);
            comparison.notes.push(in_case(name, &text));
        }
        run(&mut comparison, &locked.run, &case.run, &at(false));
        match (&locked.control, &case.control) {
            (Some(old), Some(new)) => run(&mut comparison, old, new, &at(true)),
            (None, None) => {}
            (old, _) => {
                let text = if old.is_some() { "is no longer run" } else { "is run now and not in the lock" };
                comparison.differences.push(in_case(name, &format!("the control {text}")));
            }
        }
    }
    for name in found.cases.keys().filter(|n| !lock.cases.contains_key(*n)) {
        comparison.differences.push(format!("the case `{name}` is not in the lock"));
    }
    Ok(comparison)
}

fn in_case(name: &str, text: &str) -> String {
    if name.is_empty() { text.to_string() } else { format!("{name}: {text}") }
}

fn notes(lock: &Lock, found: &Lock) -> Vec<String> {
    let mut notes = Vec::new();
    if lock.contract != CONTRACT_VERSION {
        notes.push(format!(
            "locked under version {} of the numerical contract, this plast computes under version {CONTRACT_VERSION}: results may differ",
            lock.contract
        ));
    }
    if lock.precision != found.precision {
        notes.push(format!("locked in precision {}, computed in {} now", lock.precision, found.precision));
    }
    if lock.plast != VERSION {
        notes.push(format!("locked by plast {}, this is {VERSION}", lock.plast));
    }
    if lock.source.sha256 != found.source.sha256 {
        notes.push(format!("`{}` changed since it was locked", found.source.name));
    }
    for (name, digest) in &found.uses {
        match lock.uses.get(name) {
            Some(locked) if locked == digest => {}
            Some(_) => notes.push(format!("`{name}` changed since it was locked")),
            None => notes.push(format!("`{name}` is used now and was not when it was locked")),
        }
    }
    for name in lock.uses.keys().filter(|n| !found.uses.contains_key(*n)) {
        notes.push(format!("`{name}` was used when it was locked and no longer is"));
    }
    notes
}

/// Whose results are compared.
struct Place<'a> {
    reading: &'a Reading<'a>,
    program: usize,
    control: bool,
}

fn run(comparison: &mut Comparison, locked: &LockedRun, found: &LockedRun, place: &Place) {
    if locked.ticks != found.ticks {
        let what = place.reading.key("run", place.program, place.control);
        let text = format!("`{what}` takes {} ticks now, {} in the lock", found.ticks, locked.ticks);
        comparison.differences.push(text);
    }
    // records first, by the time at which they differ: what differs earliest is likely the cause
    let mut records = Comparison::default();
    let times = items(&mut records, &locked.records, &found.records, place);
    let mut timed: Vec<_> = times.into_iter().zip(records.differences).collect();
    timed.sort_by_key(|(time, _)| *time);
    comparison.differences.extend(timed.into_iter().map(|(_, text)| text));
    comparison.results += records.results;
    comparison.numbers += records.numbers;
    items(comparison, &locked.probes, &found.probes, place);
}

/// Compares results of the same names. Gives for each difference it adds the tick of the sample that differs first.
fn items(
    comparison: &mut Comparison,
    locked: &BTreeMap<String, Item>,
    found: &BTreeMap<String, Item>,
    place: &Place,
) -> Vec<u64> {
    let mut ticks = Vec::new();
    for (name, new) in found {
        let key = place.reading.key(name, place.program, place.control);
        let Some(old) = locked.get(name) else {
            comparison.differences.push(format!("`{key}` is not in the lock"));
            ticks.push(u64::MAX);
            continue;
        };
        comparison.results += 1;
        comparison.numbers += new.count;
        if let Some(difference) = old.difference(new) {
            comparison.differences.push(place.describe(name, &key, old, new, &difference));
            ticks.push(place.tick(name, &difference));
        }
    }
    for name in locked.keys().filter(|n| !found.contains_key(*n)) {
        let key = place.reading.key(name, place.program, place.control);
        comparison.differences.push(format!("`{key}` is in the lock and no longer measured"));
        ticks.push(u64::MAX);
    }
    ticks
}

impl Place<'_> {
    fn describe(&self, name: &str, key: &str, old: &Item, new: &Item, difference: &Difference) -> String {
        let (unit, axes) = self.result(name);
        let at = |element: usize| {
            let place = Naming::new(self.reading.experiment).place(&axes, element);
            if place.is_empty() { String::new() } else { format!(" at {place}") }
        };
        match difference {
            Difference::Shape => format!("`{key}` is {} now, {} in the lock", new.shape, old.shape),
            Difference::Ticks => {
                let ends = |i: &Item| i.ticks.clone().unwrap_or_else(|| "none".to_string());
                format!("`{key}` is sampled at ticks {} now, {} in the lock", ends(new), ends(old))
            }
            Difference::Exact { element, locked, found } => {
                format!("`{key}`{} is {}", at(*element), apart(*locked, *found, &unit))
            }
            Difference::Within { from, to, sample } => {
                let place = |element| at(element).replacen(" at ", "", 1);
                let mut text =
                    format!("`{key}` first differs somewhere from {} to {}", place(*from), place(*to));
                if let Some((element, locked, found)) = sample {
                    text += &format!("; {} is {}", place(*element), apart(*locked, *found, &unit));
                }
                text
            }
        }
    }

    /// The tick of the sample of a record that differs first.
    fn tick(&self, name: &str, difference: &Difference) -> u64 {
        let element = match difference {
            Difference::Shape | Difference::Ticks => return 0,
            Difference::Exact { element, .. } => *element,
            Difference::Within { from, .. } => *from,
        };
        let program = self.reading.experiment.programs.get(self.program);
        let id =
            program.and_then(|p| p.records.iter_enumerated().find(|(_, r)| r.name == name)).map(|(id, _)| id);
        let series = id.and_then(|id| self.reading.record(self.program, self.control, id));
        series.and_then(|s| s.times().tick(element / s.width().max(1))).unwrap_or(u64::MAX)
    }

    /// The unit and the axes of a probe or a record.
    fn result(&self, name: &str) -> (Unit, Vec<ValueAxis>) {
        let none = (Unit::none(), Vec::new());
        let Some(program) = self.reading.experiment.programs.get(self.program) else { return none };
        if let Some((id, probe)) = program.probes.iter_enumerated().find(|(_, p)| p.name == name) {
            let value = self.reading.probe(self.program, self.control, id);
            return (probe.unit.clone(), value.map(|v| v.axes.clone()).unwrap_or_default());
        }
        let Some((id, record)) = program.records.iter_enumerated().find(|(_, r)| r.name == name) else {
            return none;
        };
        let Some(series) = self.reading.record(self.program, self.control, id) else { return none };
        let lengths = std::iter::once(series.samples()).chain(series.shape().iter().copied());
        let axes = record.axes.iter().zip(lengths).enumerate().map(|(i, (&id, len))| ValueAxis {
            id,
            len,
            coordinates: (i == 0).then(|| series.times().iter().collect::<Vec<_>>().into()),
        });
        (record.unit.clone(), axes.collect())
    }
}

/// Two numbers and how far apart they are: `0.5 Hz now, 0.25 Hz in the lock, 0.25 Hz apart`.
fn apart(locked: Option<f64>, found: Option<f64>, unit: &Unit) -> String {
    let (Some(locked), Some(found)) = (locked, found) else {
        let text = |v: Option<f64>| v.map_or("missing".to_string(), |v| format_value(v, unit, DIGITS));
        return format!("{} now, {} in the lock", text(found), text(locked));
    };
    let shown = |v: f64, digits| format_number(unit.from_si(v), digits);
    let digits = (DIGITS..17).find(|&d| shown(locked, d) != shown(found, d)).unwrap_or(17);
    let distance = format_value((found - locked).abs(), unit, 3);
    let steps = steps(locked, found).filter(|n| *n <= 1000).map_or(String::new(), |n| match n {
        1 => " (the last bit)".to_string(),
        n => format!(" ({n} floating-point steps)"),
    });
    format!(
        "{} now, {} in the lock, {distance} apart{steps}",
        format_value(found, unit, digits),
        format_value(locked, unit, digits)
    )
}

/// How many floating-point numbers lie between two of the same sign.
fn steps(a: f64, b: f64) -> Option<u64> {
    (a.is_sign_positive() == b.is_sign_positive()).then(|| a.to_bits().abs_diff(b.to_bits()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hir::{ProbeId, Value};
    use crate::record::{Recording, Series};
    use crate::report::fixture;
    use crate::source::{Id, IndexVec};

    fn compared(change: impl FnOnce(&mut Recording)) -> Comparison {
        let lock = fixture::with_reading(true, |r| make(r).unwrap());
        let lock = Lock::parse(&lock.text()).unwrap();
        let (experiment, mut recording) = (fixture::experiment(true), fixture::recording(true));
        change(&mut recording);
        let mut provenance = fixture::provenance();
        provenance.files[0].name = "elsewhere/settle.plast".to_string();
        let reading = Reading {
            experiment: &experiment,
            recording: &recording,
            which: &[0, 1],
            provenance: &provenance,
        };
        compare(&lock, &reading).unwrap()
    }

    #[test]
    fn the_same_results_are_the_same() {
        let comparison = compared(|_| {});
        assert_eq!((comparison.notes.len(), comparison.differences.len()), (0, 0), "{comparison:?}");
        assert_eq!(comparison.results, 4 * 7);
    }

    #[test]
    fn names_a_probe_that_differs() {
        let comparison = compared(|r| {
            let late = r.cases[1].control.as_mut().unwrap();
            late.probes[ProbeId::from_index(1)] = Some(Value::scalar((1.0_f64 / 3.0).next_up()));
        });
        assert_eq!(
            comparison.differences,
            ["`late[silence].control` is 0.3333333333333334 Hz now, 0.3333333333333333 Hz in the lock, \
              5.55e-17 Hz apart (the last bit)"]
        );
    }

    #[test]
    fn names_the_time_at_which_a_record_differs() {
        let comparison = compared(|r| {
            let mut rate = Series::new(Vec::new(), 0.1);
            for i in 0..=50 {
                rate.push(10 * i, &[if i < 7 { i as f64 } else { i as f64 + 0.5 }]).unwrap();
            }
            let trace = std::mem::take(&mut r.cases[0].main.records).iter().len();
            assert_eq!(trace, 2);
            r.cases[0].main.records = IndexVec::from_iter([rate]);
        });
        assert_eq!(
            comparison.differences,
            [
                "`rate[ongoing]` at [t: 7 s] is 7.5 Hz now, 7 Hz in the lock, 0.5 Hz apart",
                "`trace[ongoing]` is in the lock and no longer measured"
            ]
        );
    }

    #[test]
    fn tells_what_else_changed() {
        let mut lock = fixture::with_reading(false, |r| make(r).unwrap());
        lock.contract = 99;
        lock.plast = "0.0.1".to_string();
        lock.source.sha256 = "old".to_string();
        lock.uses.insert("rules/bcm.plast".to_string(), "old".to_string());
        let notes = fixture::with_reading(false, |r| compare(&lock, r).unwrap()).notes;
        assert_eq!(notes.len(), 4, "{notes:?}");
        assert!(notes[0].contains("version 99") && notes[2].contains("changed since"), "{notes:?}");
    }

    #[test]
    fn other_cases_are_differences() {
        let lock = fixture::with_reading(false, |r| make(r).unwrap());
        let comparison = fixture::with_reading(true, |r| compare(&lock, r).unwrap());
        assert!(comparison.differences.iter().any(|d| d.contains("`silence` is not in the lock")));
        let lock = fixture::with_reading(true, |r| make(r).unwrap());
        let comparison = fixture::with_reading(false, |r| compare(&lock, r).unwrap());
        assert!(comparison.differences.iter().any(|d| d.contains("no longer in the file")));
    }

    #[test]
    fn a_lock_is_readable_and_read_back() {
        let lock = fixture::with_reading(false, |r| make(r).unwrap());
        insta::assert_snapshot!(lock.text().replace(VERSION, "VERSION"));
        assert_eq!(Lock::parse(&lock.text()).unwrap(), lock);
    }
}
