//! A program from text to outcomes, as the command line takes it, without files.

use plast::diag::Diagnostic;
use plast::hir::Experiment;
use plast::report::summary::Style;
use plast::report::{self, Outcome};
use plast::runtime::Options;
use plast::runtime::Silent;
use plast::sema::{LoadError, Loader, Overrides};
use plast::session;
use plast::source::SourceMap;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// Files that stand beside a program, by name.
#[derive(Debug, Clone, Default)]
pub struct Files(HashMap<String, Vec<u8>>);

impl Files {
    pub fn insert(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), bytes.into());
    }
}

impl Loader for Files {
    fn library(&self, name: &str) -> Option<&'static str> {
        session::library(name)
    }
    fn library_names(&self) -> Vec<&'static str> {
        session::RULES.iter().map(|r| r.0).collect()
    }
    fn source(&self, path: &str) -> Result<(String, String), LoadError> {
        let bytes = self.bytes(path)?;
        Ok((path.to_owned(), String::from_utf8_lossy(&bytes).into_owned()))
    }
    fn bytes(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        let missing = || LoadError { reason: "there is no such file".into(), nearest: None };
        self.0.get(path).cloned().ok_or_else(missing)
    }
}

/// A program that was checked, and perhaps run.
pub struct Program {
    pub sources: SourceMap,
    pub diagnostics: Vec<Diagnostic>,
    checked: Option<session::Checked>,
    finished: Option<session::Finished>,
}

/// Parses and checks a text.
pub fn check(name: &str, text: &str, files: &Files) -> Program {
    match session::check(name, text, files, &Overrides::default()) {
        Ok(checked) => Program {
            sources: checked.sources.clone(),
            diagnostics: checked.warnings.clone(),
            checked: Some(checked),
            finished: None,
        },
        Err(refused) => Program {
            sources: refused.sources,
            diagnostics: refused.diagnostics,
            checked: None,
            finished: None,
        },
    }
}

impl Program {
    /// What it means, if it has no errors.
    pub fn experiment(&self) -> Option<&Experiment> {
        self.checked.as_ref().map(|c| &c.experiment)
    }

    /// Runs all cases and controls, and judges what is expected; a failure while running is one more message.
    pub fn run(&mut self) -> Vec<Outcome> {
        let Some(checked) = &self.checked else { return Vec::new() };
        let which: Vec<usize> = (0..checked.experiment.programs.len()).collect();
        match checked.run(&which, &Options::default(), &mut Silent) {
            Ok(finished) => {
                let outcomes = report::outcomes(&finished.reading(checked));
                self.finished = Some(finished);
                outcomes
            }
            Err(refused) => {
                self.diagnostics.extend(refused.diagnostics);
                Vec::new()
            }
        }
    }

    /// What the terminal shows of a run.
    pub fn summary(&self, outcomes: &[Outcome]) -> String {
        let (Some(checked), Some(finished)) = (&self.checked, &self.finished) else { return String::new() };
        let style = Style { width: 110, unicode: true, color: false };
        report::summary::text(&finished.reading(checked), outcomes, &style)
    }

    /// The line a message points at, from 1; 0 for none.
    pub fn line(&self, d: &Diagnostic) -> usize {
        d.primary.as_ref().map_or(0, |l| self.sources.line_col(l.span).line)
    }

    /// Everything that was said, for a failing test.
    pub fn messages(&self) -> String {
        self.diagnostics
            .iter()
            .map(|d| format!("line {}: [{}] {}\n", self.line(d), d.code.0, d.headline))
            .collect()
    }
}

/// What was measured of an expectation that does not hold, in words.
pub fn failure(outcome: &Outcome) -> String {
    let measured: Vec<String> = outcome
        .measured
        .iter()
        .map(|m| format!("measured {:?} {} against {:?}", m.value, m.place, m.against))
        .chain(outcome.reason.clone())
        .collect();
    format!("`{}`: {:?}, {}", outcome.text, outcome.verdict, measured.join(", "))
}

/// Compares with a snapshot in a folder of `tests/snapshots`.
pub fn snapshot(folder: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path(Path::new("../snapshots").join(folder));
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The names of the snapshots in a folder of `tests/snapshots`.
pub fn snapshots(folder: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(folder);
    std::fs::read_dir(path)
        .unwrap()
        .filter_map(|f| f.unwrap().file_name().into_string().ok()?.strip_suffix(".snap").map(String::from))
        .collect()
}
