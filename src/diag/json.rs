use serde::Serialize;

use super::render::severity;
use super::{Diagnostic, Label};
use crate::source::{SourceMap, Span};

/// One diagnostic as tools read it. Fields are only ever added.
#[derive(Serialize)]
struct Object<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    headline: &'a str,
    file: Option<&'a str>,
    primary: Option<Marked<'a>>,
    secondary: Vec<Marked<'a>>,
    notes: &'a [String],
    helps: &'a [String],
    fix: Option<Edit<'a>>,
}

#[derive(Serialize)]
struct Marked<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: &'a str,
}

/// Bytes from 0, lines and columns from 1, columns in characters, ends excluded.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    start_line: usize,
    start_col: usize,
    end_line: usize,
    end_col: usize,
}

/// The diagnostic as one line of JSON.
pub(super) fn line(diagnostic: &Diagnostic, map: &SourceMap) -> String {
    let info = diagnostic.code.info();
    let marked = |label| marked(label, map);
    let object = Object {
        code: info.code,
        name: info.name,
        severity: severity(diagnostic),
        headline: &diagnostic.headline,
        file: diagnostic.primary.as_ref().map(|l| map.get(l.span.source).name.as_str()),
        primary: diagnostic.primary.as_ref().map(marked),
        secondary: diagnostic.secondary.iter().map(marked).collect(),
        notes: &diagnostic.notes,
        helps: &diagnostic.helps,
        fix: diagnostic
            .fix
            .as_ref()
            .map(|fix| Edit { place: place(fix.span, map), replacement: &fix.replacement }),
    };
    // strings and numbers only: this cannot fail
    serde_json::to_string(&object).unwrap_or_default() + "\n"
}

fn marked<'a>(label: &'a Label, map: &'a SourceMap) -> Marked<'a> {
    Marked { place: place(label.span, map), label: &label.text }
}

fn place(span: Span, map: &SourceMap) -> Place<'_> {
    let start = map.line_col(span);
    let end = map.line_col(span.after());
    Place {
        file: &map.get(span.source).name,
        start: span.start,
        end: span.end,
        start_line: start.line,
        start_col: start.col,
        end_line: end.line,
        end_col: end.col,
    }
}
