//! How long a run took, stage by stage, and what it needed.

use super::Reading;
use super::document::number;
use super::table::Table;
use crate::record::{Order, Run};
use crate::source::SourceMap;
use crate::units::format_number;
use serde_json::{Value, json};
use std::time::Duration;

/// How many digits of a duration are shown.
const DIGITS: usize = 3;

/// How long reading a file took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Front {
    /// From text to tree.
    pub parse: Duration,
    /// From tree to checked program, the files it uses included.
    pub check: Duration,
}

/// How long the stages of a run took and what it needed; cases and controls added up.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Reading the file.
    pub front: Front,
    /// From checked programs to kernels ready to run, in seconds.
    pub compile: f64,
    /// From the first tick to the last, in seconds.
    pub run: f64,
    /// How many ticks passed.
    pub ticks: u64,
    /// Ticks times synapses.
    pub synapse_updates: u64,
    /// The most memory the process has had so far, in bytes, where the system says so.
    pub peak: Option<u64>,
    /// How the timeline was computed.
    pub stretches: Vec<Stretch>,
}

/// How one statement of the timeline was computed, in a run of any case.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Where it stands, `settle.plast:40`.
    pub at: String,
    /// In which order.
    pub order: Order,
    /// On how many threads.
    pub threads: u64,
    /// How often.
    pub times: u64,
    /// How many ticks, all times together.
    pub ticks: u64,
}

impl Timing {
    /// What the runs of a reading cost.
    pub fn new(reading: &Reading, sources: &SourceMap, front: Front, peak: Option<u64>) -> Self {
        let runs = || reading.runs().map(|(_, _, run, _)| run);
        let sum = |of: fn(&Run) -> f64| runs().map(of).sum();
        let count = |of: fn(&Run) -> u64| runs().map(of).fold(0, u64::saturating_add);
        Self {
            front,
            compile: sum(|r| r.cost.compile.as_secs_f64()),
            run: sum(|r| r.cost.passing.as_secs_f64()),
            ticks: count(|r| r.ticks),
            synapse_updates: count(|r| r.ticks.saturating_mul(r.cost.synapses)),
            peak,
            stretches: stretches(runs(), sources),
        }
    }

    /// Nanoseconds for each synapse and tick; none where there is no synapse or no time.
    pub fn per_synapse(&self) -> Option<f64> {
        (self.synapse_updates > 0).then(|| self.run * 1e9 / self.synapse_updates as f64)
    }

    /// Nanoseconds for each tick; none where no time passed.
    pub fn per_tick(&self) -> Option<f64> {
        (self.ticks > 0).then(|| self.run * 1e9 / self.ticks as f64)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let stretch = |s: &Stretch| json!({ "at": s.at, "order": s.order.word(), "threads": s.threads, "times": s.times, "ticks": s.ticks });
        json!({
            "parse_s": number(self.front.parse.as_secs_f64()),
            "check_s": number(self.front.check.as_secs_f64()),
            "compile_s": number(self.compile),
            "run_s": number(self.run),
            "ticks": self.ticks,
            "synapse_updates": self.synapse_updates,
            "ns_per_synapse_per_tick": self.per_synapse().map_or(Value::Null, number),
            "peak_bytes": self.peak,
            "stretches": self.stretches.iter().map(stretch).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut table = Table::new(1);
        let mut row = |name: &str, value: String| table.row(vec![name.to_string(), value]);
        row("parse", duration(self.front.parse.as_secs_f64()));
        row("check", duration(self.front.check.as_secs_f64()));
        row("compile", duration(self.compile));
        row("run", duration(self.run));
        if let Some(ns) = self.per_tick() {
            row("a tick", duration(ns * 1e-9));
        }
        if let Some(ns) = self.per_synapse() {
            row("a synapse in a tick", duration(ns * 1e-9));
        }
        if let Some(peak) = self.peak {
            row("peak memory", megabytes(peak));
        }
        lines(&table)
    }
}

/// Stretches of several runs, those of the same statement and order as one.
fn stretches<'r>(runs: impl Iterator<Item = &'r Run>, sources: &SourceMap) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for s in runs.flat_map(|r| &r.cost.stretches) {
        let at = format!("{}:{}", sources.get(s.span.source).name, sources.line_col(s.span).line);
        let alike = |o: &&mut Stretch| o.at == at && (o.order, o.threads) == (s.order, s.threads);
        match all.iter_mut().find(alike) {
            Some(one) => {
                one.times += s.times;
                one.ticks += s.ticks;
            }
            None => {
                let (order, threads, times, ticks) = (s.order, s.threads, s.times, s.ticks);
                all.push(Stretch { at, order, threads, times, ticks });
            }
        }
    }
    all
}

/// The same runs several times over.
#[derive(Debug, Clone, PartialEq)]
pub struct Bench {
    /// What was run, as it was named.
    pub file: String,
    /// Each time's, in order; at least one.
    pub reps: Vec<Timing>,
}

/// Something measured in each repetition: least, median and most.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { min, median: (low + high) / 2.0, max })
    }

    fn json(self) -> Value {
        json!({ "min": number(self.min), "median": number(self.median), "max": number(self.max) })
    }
}

impl Bench {
    fn spread(&self, of: fn(&Timing) -> Option<f64>) -> Option<Spread> {
        Spread::of(self.reps.iter().filter_map(of))
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let spread = |of| self.spread(of).map_or(Value::Null, Spread::json);
        json!({
            "file": self.file,
            "compile_s": spread(|t| Some(t.compile)),
            "run_s": spread(|t| Some(t.run)),
            "ns_per_synapse_per_tick": spread(Timing::per_synapse),
            "reps": self.reps.iter().map(Timing::json).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut table = Table::new(1);
        table.row(["", "min", "median", "max"].map(String::from).to_vec());
        let mut row = |name: &str, of: fn(&Timing) -> Option<f64>, scale: f64| {
            if let Some(s) = self.spread(of) {
                let show = |v: f64| duration(v * scale);
                table.row(vec![name.to_string(), show(s.min), show(s.median), show(s.max)]);
            }
        };
        row("compile", |t| Some(t.compile), 1.0);
        row("run", |t| Some(t.run), 1.0);
        row("a tick", Timing::per_tick, 1e-9);
        row("a synapse in a tick", Timing::per_synapse, 1e-9);
        let ticks = self.reps.first().map_or(0, |t| t.ticks);
        let times = if self.reps.len() == 1 { "once".into() } else { format!("{} times", self.reps.len()) };
        let ticks = if ticks == 1 { "1 tick".into() } else { format!("{ticks} ticks") };
        let peak = self.reps.iter().filter_map(|t| t.peak).max();
        let peak = peak.map_or(String::new(), |p| format!(", peak memory {}", megabytes(p)));
        format!("{}: {ticks}, {times}{peak}\n\n{}", self.file, lines(&table))
    }
}

fn lines(table: &Table) -> String {
    table.lines().iter().map(|l| format!("{l}\n")).collect()
}

/// A duration in the unit that needs the fewest digits.
fn duration(seconds: f64) -> String {
    let (scale, unit) = match seconds {
        s if s < 1e-6 => (1e9, "ns"),
        s if s < 1e-3 => (1e6, "us"),
        s if s < 1.0 => (1e3, "ms"),
        _ => (1.0, "s"),
    };
    format!("{} {unit}", format_number(seconds * scale, DIGITS))
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", format_number(bytes as f64 / 1e6, DIGITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(run: f64, synapse_updates: u64) -> Timing {
        let (front, compile) = (Front::default(), 2e-3);
        let peak = Some(23_400_000);
        Timing { front, compile, run, ticks: 1000, synapse_updates, peak, stretches: Vec::new() }
    }

    #[test]
    fn a_median_lies_between() {
        let of = |values: &[f64]| Spread::of(values.iter().copied());
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some(Spread { min: 1.0, median: 2.0, max: 3.0 }));
        assert_eq!(of(&[4.0, 1.0, 2.0, 3.0]), Some(Spread { min: 1.0, median: 2.5, max: 4.0 }));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn repetitions_are_shown_with_their_spread() {
        let reps = vec![timing(0.25, 2_000_000), timing(0.5, 2_000_000), timing(0.3, 2_000_000)];
        let bench = Bench { file: "a.plast".to_string(), reps };
        insta::assert_snapshot!(bench.text(), @r"
        a.plast: 1000 ticks, 3 times, peak memory 23.4 MB

                                min  median     max
        compile                2 ms    2 ms    2 ms
        run                  250 ms  300 ms  500 ms
        a tick               250 us  300 us  500 us
        a synapse in a tick  125 ns  150 ns  250 ns
        ");
        assert_eq!(bench.json()["run_s"]["median"], 0.3);
    }

    #[test]
    fn what_has_no_synapse_has_no_time_for_one() {
        assert_eq!(timing(0.25, 0).json()["ns_per_synapse_per_tick"], Value::Null);
        assert!(!timing(0.25, 0).text().contains("synapse"));
    }
}
