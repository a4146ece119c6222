use crate::contract::Precision;
use crate::hir::{Experiment, ProbeId, Program, RecordId, Value};
use crate::record::{CaseRun, Recording, Run, RunNote, Series};
use std::time::Duration;

/// A checked experiment beside what its runs left behind: everything a report is made from.
///
/// Made by `session` once the runs have ended. `which` names, for each entry of the recording, the program it ran.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// What was run.
    pub experiment: &'a Experiment,
    /// What it left behind.
    pub recording: &'a Recording,
    /// The programs that ran, in the order of the recording's cases.
    pub which: &'a [usize],
    /// Where it came from.
    pub provenance: &'a Provenance,
}

/// Where results come from: the files that were read and how the run was asked for.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// The experiment's own file, then everything it uses, in the order first read.
    pub files: Vec<SourceFile>,
    /// `name=value` settings from outside, as given.
    pub settings: Vec<String>,
    /// Where the run was asked to end, in seconds.
    pub until: Option<f64>,
    /// How long the run took on the wall.
    pub elapsed: Duration,
}

/// A file that results depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// As the experiment names it.
    pub name: String,
    /// SHA-256 of its bytes (of a `.plast` file: of its text with line ends as LF), in hex.
    pub sha256: String,
}

impl<'a> Reading<'a> {
    /// How exactly numbers were kept for each synapse.
    pub fn precision(&self) -> Precision {
        self.program().map_or(Precision::Double, |p| p.precision)
    }

    /// What a program left behind, if it ran.
    pub fn case(&self, program: usize) -> Option<&'a CaseRun> {
        let at = self.which.iter().position(|&p| p == program)?;
        self.recording.cases.get(at)
    }

    /// The programs that ran, each with its index and what it left behind.
    pub fn cases(&self) -> impl Iterator<Item = (usize, &'a Program, &'a CaseRun)> {
        let programs = &self.experiment.programs;
        self.which
            .iter()
            .zip(&self.recording.cases)
            .filter_map(|(&i, run)| programs.get(i).map(|program| (i, program, run)))
    }

    /// All runs, each with its program and whether it is the control.
    pub fn runs(&self) -> impl Iterator<Item = (usize, &'a Program, &'a Run, bool)> {
        self.cases().flat_map(|(i, program, case)| {
            let control = case.control.as_ref().map(|run| (i, program, run, true));
            std::iter::once((i, program, &case.main, false)).chain(control)
        })
    }

    /// The program whose declarations stand for all: they number probes and records alike.
    pub fn program(&self) -> Option<&'a Program> {
        self.which.first().and_then(|&i| self.experiment.programs.get(i)).or(self.experiment.programs.first())
    }

    /// Whether the runs were stopped from outside: within one, or between two.
    pub fn interrupted(&self) -> bool {
        let cases = &self.recording.cases;
        let lacks_control = || self.experiment.control && cases.iter().any(|c| c.control.is_none());
        self.runs().any(|(_, _, run, _)| run.interrupted) || cases.len() < self.which.len() || lacks_control()
    }

    /// The simulated time at which a run was cut short, if one was, in seconds.
    pub fn cut_at(&self) -> Option<f64> {
        self.runs().find_map(|(_, program, run, _)| {
            let ended = run.notes.iter().find_map(|n| match n {
                RunNote::EndedEarly { at } => Some(*at),
                _ => None,
            });
            ended.or(run.interrupted.then_some(run.ticks as f64 * program.tick))
        })
    }

    /// Whether not every case of the experiment ran.
    pub fn partial(&self) -> bool {
        (0..self.experiment.programs.len()).any(|i| self.case(i).is_none())
    }

    /// A run of a case.
    pub fn run(&self, program: usize, control: bool) -> Option<&'a Run> {
        let case = self.case(program)?;
        if control { case.control.as_ref() } else { Some(&case.main) }
    }

    /// A probe of a run, if it was reached.
    pub fn probe(&self, program: usize, control: bool, id: ProbeId) -> Option<&'a Value> {
        self.run(program, control)?.probes.get(id)?.as_ref()
    }

    /// A record of a run.
    pub fn record(&self, program: usize, control: bool, id: RecordId) -> Option<&'a Series> {
        self.run(program, control)?.records.get(id)
    }

    /// The name of a case along each `cases` block: `["silence", "10 Hz"]`; empty for a file without.
    pub fn case_names(&self, program: usize) -> Vec<&'a str> {
        case_names(self.experiment, program)
    }

    /// The name of a case in one text, `silence, 10 Hz`; empty for a file without.
    pub fn case_name(&self, program: usize) -> String {
        self.case_names(program).join(", ")
    }

    /// What a quantity of a case is called in output: `rate`, `rate[silence]`, `rate[silence].control`.
    pub fn key(&self, name: &str, program: usize, control: bool) -> String {
        let case = self.case_name(program);
        let case = if case.is_empty() { case } else { format!("[{case}]") };
        format!("{name}{case}{}", if control { ".control" } else { "" })
    }
}

/// The name of a case along each `cases` block.
pub fn case_names(experiment: &Experiment, program: usize) -> Vec<&str> {
    let mut rest = program;
    let mut names: Vec<&str> = experiment
        .cases
        .iter()
        .rev()
        .map(|axis| {
            let n = axis.names.len().max(1);
            let name = axis.names.get(rest % n).map_or("", String::as_str);
            rest /= n;
            name
        })
        .collect();
    names.reverse();
    names
}
