use super::fault;
use super::machine::{Machine, Outcome};
use crate::diag::{Code, Diagnostic};
use crate::hir::{Axis, AxisId, PhaseId, Program, RecordId};
use crate::record::Series;
use crate::source::IndexVec;
use std::io;

/// Which records are due, and what they have taken.
///
/// A record without `during` samples t = 0, T, 2T ... and the end of the run, also where that is no multiple of T.
/// With `during P` it samples 0, T, 2T ... after each beginning of P, up to but not at the end of P.
///
/// What only a plot follows is sampled about [`FOLLOWED`] times, and where phases begin and end.
#[derive(Default)]
pub(super) struct Records {
    records: IndexVec<RecordId, Taking>,
    /// The first tick at which some record is due.
    next: u64,
    sample: Vec<f64>,
}

/// How many samples a plot gets: more than a figure has dots from left to right.
const FOLLOWED: u64 = 2000;

struct Taking {
    series: Series,
    /// Whether it is what a plot follows; how many more beginnings and ends of phases it samples.
    followed: Option<u64>,
    /// A beginning or an end of a phase that it samples.
    also: Option<u64>,
    every: u64,
    /// When its present stretch began; none while it rests.
    since: Option<u64>,
    /// How many of its phases are going on.
    phases: usize,
    /// Whether it has been there from the beginning, so that no sample is missing.
    whole: bool,
    /// When the last sample of the present stretch was taken.
    before: Option<u64>,
}

impl Taking {
    /// When it is due next, from `now` on.
    fn next(&self, now: u64) -> u64 {
        let next =
            self.since.map_or(u64::MAX, |since| since + (now - since).div_ceil(self.every) * self.every);
        self.also.filter(|also| *also >= now).map_or(next, |also| also.min(next))
    }

    /// A phase begins or ends.
    fn turn(&mut self, now: u64) {
        if let Some(left) = self.followed.filter(|left| *left > 0) {
            (self.followed, self.also) = (Some(left - 1), Some(now));
        }
    }

    /// Takes half as many samples from here on, and leaves out half of those there are, once there are too many.
    fn thin(&mut self) -> io::Result<()> {
        if self.followed.is_some() && self.series.samples() as u64 >= 4 * FOLLOWED {
            self.series = self.series.thinned()?;
            self.every = self.every.saturating_mul(2);
        }
        Ok(())
    }
}

impl Records {
    /// No samples yet. `total` is how many ticks there will be, where that is known.
    pub fn new(axes: &IndexVec<AxisId, Axis>, program: &Program, total: Option<u64>) -> Self {
        let taking = |r: &crate::hir::Record| {
            let shape = r.axes.iter().skip(1).map(|a| axes[*a].size.unwrap_or(1)).collect();
            let since = r.during.is_empty().then_some(0);
            let spread = total.map_or(1, |total| total.div_ceil(FOLLOWED));
            let every = if r.implied { spread } else { r.every }.max(1);
            let followed = r.implied.then_some(FOLLOWED);
            let series = Series::new(shape, program.tick);
            Taking { series, every, since, phases: 0, whole: true, followed, also: None, before: None }
        };
        let records = program.records.iter().map(taking).collect();
        Self { records, next: 0, sample: Vec::new() }
    }

    /// A phase begins: records during it start anew.
    pub fn enter(&mut self, program: &Program, phase: PhaseId, now: u64) {
        for (record, taking) in program.records.iter().zip(self.records.iter_mut()) {
            if record.during.contains(&phase) {
                taking.phases += 1;
                if taking.phases == 1 {
                    taking.before = None;
                    taking.since = Some(now);
                }
            }
            taking.turn(now);
        }
        self.next = self.next.min(now);
    }

    /// A phase has ended.
    pub fn leave(&mut self, program: &Program, phase: PhaseId, now: u64) {
        for (record, taking) in program.records.iter().zip(self.records.iter_mut()) {
            if record.during.contains(&phase) {
                taking.phases = taking.phases.saturating_sub(1);
                if taking.phases == 0 {
                    taking.since = None;
                }
            }
            taking.turn(now);
        }
        self.next = self.next.min(now);
    }

    /// The first tick from `now` on in which a sample is due.
    pub fn due(&self, now: u64) -> u64 {
        self.records.iter().map(|r| r.next(now)).min().unwrap_or(u64::MAX)
    }

    /// Takes the samples that are due in this tick.
    pub fn take(&mut self, machine: &mut Machine<'_>) -> Outcome<()> {
        let now = machine.now;
        if now < self.next {
            return Ok(());
        }
        self.next = u64::MAX;
        for (id, taking) in (0..).map(RecordId).zip(self.records.iter_mut()) {
            if taking.next(now) == now {
                sample(machine, id, &mut self.sample, &mut taking.series, &mut taking.before)?;
                taking.thin().map_err(|e| cannot_record(machine, id, &e))?;
            }
            self.next = self.next.min(taking.next(now + 1));
        }
        Ok(())
    }

    /// The same samples once more.
    pub fn copy(&self) -> io::Result<Self> {
        let copy = |t: &Taking| Ok(Taking { series: t.series.copy()?, ..*t });
        let records = self.records.iter().map(copy).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { records: records.into_iter().collect(), next: self.next, sample: Vec::new() })
    }

    /// Takes over the samples of other records, where both are the same; `pairs` are the old ones and the new. The
    /// others have missed what was before.
    pub fn take_over(&mut self, from: &Self, pairs: &[(RecordId, RecordId)]) -> io::Result<()> {
        self.records.iter_mut().for_each(|t| t.whole = false);
        for (old, new) in pairs {
            let old = &from.records[*old];
            self.records[*new] = Taking { series: old.series.copy()?, ..*old };
        }
        self.next = 0;
        Ok(())
    }

    /// Whether every sample of a record has been taken.
    pub fn is_whole(&self, id: RecordId) -> bool {
        self.records[id].whole
    }

    /// The end of the run is a sample of the records that have no phase.
    pub fn take_end(&mut self, machine: &mut Machine<'_>) -> Outcome<()> {
        for (id, taking) in (0..).map(RecordId).zip(self.records.iter_mut()) {
            if machine.program.records[id].during.is_empty() {
                sample(machine, id, &mut self.sample, &mut taking.series, &mut taking.before)?;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> IndexVec<RecordId, Series> {
        self.records.into_iter().map(|taking| taking.series).collect()
    }
}

fn sample(
    machine: &mut Machine<'_>,
    id: RecordId,
    buffer: &mut Vec<f64>,
    series: &mut Series,
    before: &mut Option<u64>,
) -> Outcome<()> {
    count(machine, id, before)?;
    let present = machine.record(id, buffer)?;
    counted(machine, id);
    *before = Some(machine.now);
    if present.is_some() && series.present().is_none() {
        series.set_present(present);
    }
    let record = &machine.program.records[id];
    let axes = &record.axes[1.min(record.axes.len())..];
    let present = series.present();
    if let Some(fault) = fault::captured(machine, &record.name, &record.value, axes, buffer, present) {
        return Err(fault);
    }
    series.push(machine.now, buffer).map_err(|e| cannot_record(machine, id, &e))?;
    Ok(())
}

/// How much time has passed since the sample before, for a record of rates. The first sample of a stretch counts nothing.
fn count(machine: &mut Machine<'_>, id: RecordId, before: &Option<u64>) -> Outcome<()> {
    let record = &machine.program.records[id];
    let Some(passed) = record.counts.passed else { return Ok(()) };
    let ticks = before.map_or(0, |before| machine.now - before);
    if ticks == 0 {
        set_counts(machine, id);
    }
    let seconds = ticks.max(1) as f64 * machine.program.tick;
    machine.arrays.write(machine.built.layout.vars[passed].slot, &[seconds]);
    machine.observed = false;
    Ok(())
}

/// Keeps the counts of this sample for the next. What has spiked at the very start belongs to the first interval.
fn counted(machine: &mut Machine<'_>, id: RecordId) {
    let counts = &machine.program.records[id].counts;
    if counts.passed.is_none() {
        return;
    }
    match machine.now {
        0 => {
            for (_, before) in &counts.before {
                let slot = machine.built.layout.vars[*before].slot;
                let none = vec![0.0; machine.arrays.len_of(slot)];
                machine.arrays.write(slot, &none);
            }
        }
        _ => set_counts(machine, id),
    }
    machine.observed = false;
}

fn set_counts(machine: &mut Machine<'_>, id: RecordId) {
    for (count, before) in &machine.program.records[id].counts.before {
        let count = machine.arrays.values(machine.built.layout.vars[*count].slot).to_vec();
        machine.arrays.write(machine.built.layout.vars[*before].slot, &count);
    }
}

fn cannot_record(machine: &Machine<'_>, id: RecordId, error: &io::Error) -> Box<Diagnostic> {
    let record = &machine.program.records[id];
    Box::new(
        Diagnostic::new(
            Code::E0807,
            record.span,
            format!("the samples of `{}` cannot be kept: {error}", record.name),
            "they stream to a temporary file",
        )
        .help("record less often, or set TMPDIR to a place with room"),
    )
}
