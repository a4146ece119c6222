//! A program from text to outcomes, as the command line takes it, without files.

use plast::diag::{Diagnostic, Sink};
use plast::source::SourceMap;
use std::collections::HashMap;

/// Files that stand beside a program, by name.
pub type Files = HashMap<String, Vec<u8>>;

/// A program that was parsed and checked.
pub struct Checked {
    pub sources: SourceMap,
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses and checks a text.
pub fn check(name: &str, text: &str, _files: &Files) -> Checked {
    let mut sources = SourceMap::new();
    let mut sink = Sink::new();
    let id = sources.add(name, text);
    plast::syntax::parse(id, text, &mut sink);
    Checked { sources, diagnostics: sink.into_sorted() }
}

impl Checked {
    /// Everything that was said, for a failing test.
    pub fn messages(&self) -> String {
        self.diagnostics
            .iter()
            .map(|d| {
                let at = d.primary.as_ref().map_or(0, |l| self.sources.line_col(l.span).line);
                format!("    line {at}: [{}] {}\n", d.code.0, d.headline)
            })
            .collect()
    }
}
