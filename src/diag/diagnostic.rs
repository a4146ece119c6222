use super::Code;
use crate::source::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program does not run.
    Error,
    /// It runs, but something may silently be wrong.
    Warning,
}

/// A span and what it is, at most eight words.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What this is; may be empty for a bare underline.
    pub text: String,
}

/// One concrete edit: replace the text under `span` by `replacement`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What to replace; empty to insert.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// One fault, with everything a reader needs to understand and mend it.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Its code; the severity and the kebab name follow from it.
    pub code: Code,
    /// The fact: lower case, no full stop, names in backticks, understandable alone.
    pub headline: String,
    /// The fault itself. Absent only for faults outside any file (a flag, a missing file).
    pub primary: Option<Label>,
    /// The other parties.
    pub secondary: Vec<Label>,
    /// Facts: both dimensions aligned, the valid range, the valid names.
    pub notes: Vec<String>,
    /// What to do about it.
    pub helps: Vec<String>,
    /// The first help as an edit, where there is one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A fault at a place; `label` says what the place is.
    pub fn new(code: Code, span: Span, headline: impl Into<String>, label: impl Into<String>) -> Self {
        let mut d = Self::global(code, headline);
        d.primary = Some(Label { span, text: label.into() });
        d
    }

    /// A fault outside any file.
    pub fn global(code: Code, headline: impl Into<String>) -> Self {
        Self {
            code,
            headline: headline.into(),
            primary: None,
            secondary: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            fix: None,
        }
    }

    /// Adds another party.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Adds a fact.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }

    /// Adds advice that is an edit.
    pub fn fix(mut self, text: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self.fix.get_or_insert(Fix { span, replacement: replacement.into() });
        self
    }

    /// Whether it stops the program.
    pub fn severity(&self) -> Severity {
        self.code.info().severity
    }
}

/// Where a stage puts what it finds; it goes on after an error so that all independent ones are reported.
#[derive(Debug, Clone, Default)]
pub struct Sink {
    found: Vec<Diagnostic>,
}

impl Sink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports a fault.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Whether an error was reported.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|d| d.severity() == Severity::Error)
    }

    /// How many errors were reported.
    pub fn error_count(&self) -> usize {
        self.found.iter().filter(|d| d.severity() == Severity::Error).count()
    }

    /// Everything reported so far, unsorted.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.found
    }

    /// Everything, errors and warnings together, in source order.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|d| d.primary.as_ref().map(|l| (l.span.source, l.span.start, l.span.end)));
        self.found
    }
}
