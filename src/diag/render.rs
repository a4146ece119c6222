use super::{Diagnostic, Severity, draw, json};
use crate::source::{SourceMap, Span};

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// With the source drawn below, notes and helps, for people.
    #[default]
    Text,
    /// The same without the line that counts them.
    Bare,
    /// One line each: `file:line:col: error[E0301]: headline`.
    Short,
    /// One JSON object per line, for tools; never shortened.
    Json,
}

/// More than these help nobody.
const SHOWN: usize = 20;

/// Writes all diagnostics, in the order given, each ending in a line feed.
///
/// At most 20 are written, errors before warnings where some must go, and it is said how many are left out.
/// Text ends with a line that counts them.
pub fn render(diagnostics: &[Diagnostic], map: &SourceMap, format: Format, color: bool) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    if format == Format::Json {
        return diagnostics.iter().map(|d| json::line(d, map)).collect();
    }
    let shown = choose(diagnostics);
    let mut out = String::new();
    match format {
        Format::Short => shown.iter().for_each(|d| out += &short(d, map)),
        _ => out = draw::all(&shown, map, color),
    }
    if diagnostics.len() > shown.len() {
        out += &format!("and {} more\n", diagnostics.len() - shown.len());
    }
    if format == Format::Text {
        out += &closing(diagnostics, map);
    }
    out
}

/// The diagnostics that are written, in their order; a warning never displaces an error.
fn choose(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let errors = diagnostics.iter().filter(|d| d.severity() == Severity::Error).count().min(SHOWN);
    let mut left = (errors, SHOWN - errors);
    let fits = |d: &&Diagnostic| {
        let left = if d.severity() == Severity::Error { &mut left.0 } else { &mut left.1 };
        let fits = *left > 0;
        *left = left.saturating_sub(1);
        fits
    };
    diagnostics.iter().filter(fits).collect()
}

fn short(diagnostic: &Diagnostic, map: &SourceMap) -> String {
    let place = diagnostic.primary.as_ref().map_or(String::new(), |label| {
        let span = visible(label.span, map);
        let at = map.line_col(span);
        format!("{}:{}:{}: ", map.get(span.source).name, at.line, at.col)
    });
    format!("{place}{}: {}\n", title(diagnostic), diagnostic.headline)
}

/// `error[E0301]`.
pub(super) fn title(diagnostic: &Diagnostic) -> String {
    format!("{}[{}]", severity(diagnostic), diagnostic.code.0)
}

/// `error` or `warning`.
pub(super) fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A span that can be shown: inside the text, on character boundaries, without the blanks at its end; at the end of
/// the text it follows the last thing written rather than an empty line.
pub(super) fn visible(span: Span, map: &SourceMap) -> Span {
    let text = map.get(span.source).text.as_str();
    let mut start = (span.start as usize).min(text.len());
    let mut end = (span.end as usize).clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let written = text[start..end].trim_end().len();
    if written > 0 {
        end = start + written;
    } else if text[start..].trim_end().is_empty() {
        start = text.trim_end().len();
        end = start;
    }
    Span::new(span.source, start, end)
}

/// `error: 2 errors and 1 warning in settle.plast`; nothing where no file is concerned.
fn closing(diagnostics: &[Diagnostic], map: &SourceMap) -> String {
    let mut files: Vec<_> =
        diagnostics.iter().filter_map(|d| Some(d.primary.as_ref()?.span.source)).collect();
    files.sort();
    files.dedup();
    // the file that is checked was read first; others are those that it uses
    let Some((own, source)) = map.iter().next() else { return String::new() };
    let name = &source.name;
    // what is set by a flag is a text of its own
    let (flags, used): (Vec<_>, Vec<_>) =
        files.iter().filter(|f| **f != own).map(|f| &map.get(*f).name).partition(|n| n.starts_with("--"));
    let place = match (files.contains(&own), &flags[..], &used[..]) {
        (false, [], []) => return String::new(),
        (false, [one], []) => (*one).clone(),
        (false, [], [one]) => format!("{one}, which {name} uses"),
        (true, [], []) => name.clone(),
        (true, _, []) => format!("{name} and its settings"),
        _ => format!("{name} and what it uses"),
    };
    let errors = diagnostics.iter().filter(|d| d.severity() == Severity::Error).count();
    let count = |n: usize, what: &str| match n {
        0 => None,
        1 => Some(format!("1 {what}")),
        n => Some(format!("{n} {what}s")),
    };
    let counts: Vec<_> = [count(errors, "error"), count(diagnostics.len() - errors, "warning")]
        .into_iter()
        .flatten()
        .collect();
    let worst = if errors > 0 { "error" } else { "warning" };
    format!("{worst}: {} in {place}\n", counts.join(" and "))
}
