use super::tracking::{Tracking, with_lf};
use super::{memory, select_cases};
use crate::diag::{Diagnostic, Sink};
use crate::hir::Experiment;
use crate::record::Recording;
use crate::report::html;
use crate::report::writers::sha256;
use crate::report::{Bench, Front, Outcome, Provenance, Reading, SourceFile, Timing};
use crate::runtime::{self, Observer, Options};
use crate::sema::{self, Loader, Overrides};
use crate::source::SourceMap;
use crate::syntax::{self, ast};
use std::time::Instant;

/// A file that was checked and found without errors, ready to run.
#[derive(Debug)]
pub struct Checked {
    /// Every text that was read; its first is the file's own.
    pub sources: SourceMap,
    /// The tree of the file.
    pub file: ast::File,
    /// What it means.
    pub experiment: Experiment,
    /// What may silently be wrong with it, in source order.
    pub warnings: Vec<Diagnostic>,
    /// Every file it depends on, its own first, with digests.
    pub files: Vec<SourceFile>,
    /// What was set from outside.
    pub overrides: Overrides,
    /// How long that took.
    pub front: Front,
}

/// A file that has errors.
#[derive(Debug)]
pub struct Refused {
    /// Every text that was read.
    pub sources: SourceMap,
    /// Errors and warnings in source order; at least one error.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks a text. `name` is what messages call it.
pub fn check(
    name: &str,
    text: &str,
    loader: &dyn Loader,
    overrides: &Overrides,
) -> Result<Checked, Box<Refused>> {
    let start = Instant::now();
    let mut sources = SourceMap::new();
    let id = sources.add(name, text);
    let mut sink = Sink::new();
    let tracking = Tracking::new(loader);
    let text = sources.get(id).text.clone();
    let file = syntax::parse(id, &text, &mut sink);
    let parse = start.elapsed();
    let parsed = file.filter(|_| !sink.has_errors());
    let checked = parsed.and_then(|file| {
        let checked = sema::check(&file, &mut sources, &tracking, overrides, &mut sink)?;
        Some((file, checked.experiment))
    });
    match checked {
        Some((file, experiment)) if !sink.has_errors() => {
            let own = SourceFile { name: name.to_string(), sha256: sha256(with_lf(&text).as_bytes()) };
            let files = std::iter::once(own).chain(tracking.into_files()).collect();
            let warnings = sink.into_sorted();
            let (overrides, front) = (overrides.clone(), Front { parse, check: start.elapsed() - parse });
            Ok(Checked { sources, file, experiment, warnings, files, overrides, front })
        }
        _ => Err(Box::new(Refused { sources, diagnostics: sink.into_sorted() })),
    }
}

impl Checked {
    /// The programs that `--case NAME` picks; all if no name is given.
    pub fn select(&self, cases: &[String]) -> Result<Vec<usize>, Box<Diagnostic>> {
        select_cases(&self.experiment, cases)
    }

    /// Runs the programs with these indices.
    pub fn run(
        &self,
        which: &[usize],
        options: &Options,
        observer: &mut dyn Observer,
    ) -> Result<Finished, Box<Refused>> {
        let start = Instant::now();
        let recording = runtime::run(&self.experiment, which, options, observer)
            .map_err(|d| Box::new(Refused { sources: self.sources.clone(), diagnostics: vec![*d] }))?;
        let provenance = Provenance {
            files: self.files.clone(),
            settings: self.overrides.params.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            until: options.until,
            elapsed: start.elapsed(),
        };
        Ok(Finished { recording, which: which.to_vec(), provenance })
    }

    /// Runs the programs with these indices several times over and says how long each took; none if the first was
    /// interrupted. Nothing is judged.
    pub fn bench(
        &self,
        which: &[usize],
        options: &Options,
        reps: u32,
        observer: &mut dyn Observer,
    ) -> Result<Option<Bench>, Box<Refused>> {
        let mut done = Vec::new();
        for _ in 0..reps {
            let finished = self.run(which, options, observer)?;
            if finished.reading(self).interrupted() {
                break;
            }
            done.push(finished.timing(self));
        }
        let file = self.files.first().map(|f| f.name.clone()).unwrap_or_default();
        Ok((!done.is_empty()).then_some(Bench { file, reps: done }))
    }
}

/// What the runs of a checked file left behind.
#[derive(Debug)]
pub struct Finished {
    /// What was recorded.
    pub recording: Recording,
    /// The programs that ran.
    pub which: Vec<usize>,
    /// Where it came from.
    pub provenance: Provenance,
}

impl Finished {
    /// How long it took and what it needed.
    pub fn timing(&self, checked: &Checked) -> Timing {
        Timing::new(&self.reading(checked), &checked.sources, checked.front, memory::peak())
    }

    /// The report: one HTML page. `cases` are the names that picked what ran, `lock` says what became of the lock
    /// beside the file.
    pub fn report(
        &self,
        checked: &Checked,
        outcomes: &[Outcome],
        cases: &[String],
        lock: Option<html::LockState>,
    ) -> String {
        let Overrides { seed, precision, .. } = checked.overrides;
        html::page(&html::Page {
            reading: &self.reading(checked),
            outcomes,
            sources: &checked.sources,
            file: &checked.file,
            warnings: &checked.warnings,
            asked: &html::Asked { seed, precision, cases: cases.to_vec(), lock },
        })
    }

    /// The results beside the experiment they are of, for reports.
    pub fn reading<'a>(&'a self, checked: &'a Checked) -> Reading<'a> {
        Reading {
            experiment: &checked.experiment,
            recording: &self.recording,
            which: &self.which,
            provenance: &self.provenance,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::diag::Severity;
    use crate::hir::Value;
    use crate::record::{CaseRun, Run, Series};
    use crate::report::outcomes;
    use crate::report::summary::{Style, outcome_lines};
    use crate::sema::LoadError;
    use crate::source::IndexVec;

    /// Brings no files.
    pub(in crate::session) struct Nothing;

    impl Loader for Nothing {
        fn library(&self, _: &str) -> Option<&'static str> {
            None
        }
        fn library_names(&self) -> Vec<&'static str> {
            Vec::new()
        }
        fn source(&self, _: &str) -> Result<(String, String), LoadError> {
            Err(LoadError { reason: "there is nothing".to_string(), nearest: None })
        }
        fn bytes(&self, _: &str) -> Result<Vec<u8>, LoadError> {
            Err(LoadError { reason: "there is nothing".to_string(), nearest: None })
        }
    }

    #[test]
    fn a_text_with_a_fault_is_refused_with_its_place() {
        let refused = check("a.plast", "clock 1 ms\nlet a = (1", &Nothing, &Overrides::default());
        let Err(refused) = refused else { panic!("an open parenthesis") };
        assert!(refused.diagnostics.iter().any(|d| d.severity() == Severity::Error && d.primary.is_some()));
        assert_eq!(refused.sources.iter().count(), 1);
    }

    const CASES: &str = "\
clock 1 s
param level = 1
cases ending { ongoing {}  silence { level = 0 } }
population source
population target { output y = drive }
synapses ff: source -> target { fixed; w = 1 }
protocol { phase p { present level on source for 3 s; probe late = target.y }  control without p }
record rate = target.y every 1 s
let kept = late - late.control
expect late[silence] < 1
expect late == 10*level +- 0.5
expect late in [0, 3]
expect kept > 0 and mean(rate[1 s ..] over t) > 100
expect rate[ongoing] < 3
";

    /// Results as a run would leave them, numbers made up.
    fn recording(checked: &Checked, which: &[usize]) -> Recording {
        let run = |base: f64| {
            let mut rate = Series::new(Vec::new(), 1.0);
            for i in 0..4 {
                rate.push(i, &[base + i as f64]).expect("room in memory");
            }
            Run {
                probes: IndexVec::from_iter([Some(Value::scalar(base))]),
                records: IndexVec::from_iter([rate]),
                ticks: 3,
                ..Run::default()
            }
        };
        assert_eq!(checked.experiment.programs.len(), 2);
        let case = |i: &usize| match i {
            0 => CaseRun { main: run(10.25), control: Some(run(10.0)) },
            _ => CaseRun { main: run(0.25), control: Some(run(0.5)) },
        };
        Recording { cases: which.iter().map(case).collect() }
    }

    fn judged(which: &[usize]) -> Vec<String> {
        let checked = check("a.plast", CASES, &Nothing, &Overrides::default());
        let checked = checked.unwrap_or_else(|e| panic!("{:?}", e.diagnostics));
        let recording = recording(&checked, which);
        let finished = Finished { recording, which: which.to_vec(), provenance: Provenance::default() };
        let outcomes = outcomes(&finished.reading(&checked));
        let plain = Style::default();
        outcomes.iter().map(|o| outcome_lines(o, &plain).join("\n")).collect()
    }

    #[test]
    fn expectations_read_all_cases_side_by_side() {
        insta::assert_snapshot!(judged(&[0, 1]).join("\n"), @r"
        ✓ late[silence] < 1
            0.25 < 1
        ✓ late == 10*level +- 0.5
            10.25 == 10 +- 0.5 (0.25 apart) at [ongoing], the closest of 2 elements
        ✗ late in [0, 3]
            10.25 in [0, 3] fails at [ongoing], 1 of 2 elements
        ✗ kept > 0 and mean(rate[1 s ..] over t) > 100
            -0.25 > 0 fails at [silence], 1 of 2 elements
            2.25 > 100 fails at [silence], 2 of 2 elements
        ✗ rate[ongoing] < 3
            13.25 < 3 fails at [t: 3 s], 4 of 4 elements
        ");
    }

    #[test]
    fn what_reads_a_case_that_did_not_run_is_skipped() {
        insta::assert_snapshot!(judged(&[1]).join("\n"), @r"
        ✓ late[silence] < 1
            0.25 < 1
        ✓ late == 10*level +- 0.5
            0.25 == 0 +- 0.5 (0.25 apart) at [silence]
        ✓ late in [0, 3]
            0.25 in [0, 3] at [silence]
        ✗ kept > 0 and mean(rate[1 s ..] over t) > 100
            -0.25 > 0 fails at [silence]
            2.25 > 100 fails at [silence]
        ○ rate[ongoing] < 3 (skipped: the case it reads did not run)
        ");
    }
}
