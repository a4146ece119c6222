use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{Debug, Display};

use ariadne::{Cache, Color, Config, IndexType, Label as Drawn, Report, ReportKind, Source};

use super::render::{title, visible};
use super::{Diagnostic, Label, Severity};
use crate::source::{SourceId, SourceMap, Span};

/// A replacement up to this length is shown in the help; longer ones are for editors.
const SHORT_FIX: usize = 60;

/// Draws diagnostics below one another, a blank line after each.
pub(super) fn all(diagnostics: &[&Diagnostic], map: &SourceMap, color: bool) -> String {
    let mut files = Files { map, loaded: HashMap::new() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let text = one(diagnostic, &mut files, color);
        text.lines().for_each(|line| out += &(strip_blanks(line) + "\n"));
        out.push('\n');
    }
    out
}

fn one(diagnostic: &Diagnostic, files: &mut Files<'_>, color: bool) -> String {
    let remarks = remarks(diagnostic, files.map);
    let title = paint(&(title(diagnostic) + ":"), severity_color(diagnostic), color);
    let mut out = format!("{title} {}\n", diagnostic.headline);
    let Some(primary) = &diagnostic.primary else {
        remarks.iter().for_each(|(kind, text)| out += &remark("  ", kind, text, color));
        return out;
    };
    let drawn = source(diagnostic, primary, files, color);
    // the last line closes the box; the remarks go inside, in our order: facts, then advice
    let (body, close) = drawn.trim_end().rsplit_once('\n').unwrap_or((&drawn, ""));
    let width = close.chars().filter(|c| *c == '─').count();
    let margin = " ".repeat(width) + &paint("│", Color::Fixed(246), color) + " ";
    // the first line is the drawing's own title
    out += body.split_once('\n').map_or(body, |(_, source)| source);
    out.push('\n');
    if !remarks.is_empty() {
        out += &format!("{margin}\n");
    }
    remarks.iter().for_each(|(kind, text)| out += &remark(&margin, kind, text, color));
    out + close + "\n"
}

/// The source with its labels, in a box under a title line.
fn source(diagnostic: &Diagnostic, primary: &Label, files: &mut Files<'_>, color: bool) -> String {
    let map = files.map;
    let place = |label: &Label| {
        let span = visible(label.span, map);
        (span.source, span.range())
    };
    // In the order of the text, the fault's own file first; on one line the fault's label comes first.
    let mut labels: Vec<(&Label, bool)> = vec![(primary, true)];
    labels.extend(diagnostic.secondary.iter().map(|l| (l, false)));
    labels.sort_by_key(|(label, is_primary)| {
        let span = visible(label.span, map);
        let last = Span { start: span.end.saturating_sub(1).max(span.start), ..span };
        (span.source != primary.span.source, span.source, map.line_col(last).line, !is_primary)
    });
    let hue = severity_color(diagnostic);
    let config = Config::new().with_index_type(IndexType::Byte).with_color(color).with_cross_gap(false);
    let mut report = Report::build(ReportKind::Error, place(primary)).with_config(config);
    for (order, (label, is_primary)) in labels.into_iter().enumerate() {
        let mut drawn = Drawn::new(place(label))
            .with_color(if is_primary { hue } else { Color::Cyan })
            .with_order(order as i32)
            .with_priority(i32::from(is_primary));
        match label.text.as_str() {
            // an empty place can only be seen by its label
            "" if visible(label.span, map).range().is_empty() => drawn = drawn.with_message("here"),
            "" => {}
            text => drawn = drawn.with_message(text),
        }
        report.add_label(drawn);
    }
    let mut bytes = Vec::new();
    // writing to memory does not fail; what is there is shown in any case
    let _ = report.finish().write(files, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Notes, then helps; a short edit that no help spells out is added to the first.
fn remarks(diagnostic: &Diagnostic, map: &SourceMap) -> Vec<(&'static str, String)> {
    let mut helps = diagnostic.helps.clone();
    if let Some(fix) = &diagnostic.fix {
        let (verb, shown) = match fix.replacement.trim() {
            "" => ("remove", map.text(fix.span).trim()),
            text => ("write", text),
        };
        let short = !shown.is_empty() && !shown.contains('\n') && shown.chars().count() <= SHORT_FIX;
        if short && !helps.iter().any(|h| h.contains(shown)) {
            let edit = format!("{verb} `{shown}`");
            match helps.first_mut().filter(|h| !h.is_empty()) {
                Some(help) if help == "remove it" => *help = edit,
                Some(help) => *help = format!("{help}: {edit}"),
                None => helps = vec![edit],
            }
        }
    }
    let notes = diagnostic.notes.iter().map(|n| ("note", n.clone()));
    notes.chain(helps.into_iter().filter(|h| !h.is_empty()).map(|h| ("help", h))).collect()
}

/// One remark, its further lines aligned with the first.
fn remark(margin: &str, kind: &str, text: &str, color: bool) -> String {
    let mut out = String::new();
    for (n, line) in text.lines().enumerate() {
        let lead = if n == 0 {
            paint(&format!("{kind}:"), Color::Fixed(115), color)
        } else {
            " ".repeat(kind.len() + 1)
        };
        out += &format!("{margin}{lead} {line}\n");
    }
    out
}

fn severity_color(diagnostic: &Diagnostic) -> Color {
    match diagnostic.severity() {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
    }
}

fn paint(text: &str, hue: Color, color: bool) -> String {
    use ariadne::Fmt;
    if color { text.fg(hue).to_string() } else { text.to_string() }
}

/// Drops the blanks at the end of a line, also in front of a final colour reset.
fn strip_blanks(line: &str) -> String {
    const RESET: &str = "\u{1b}[0m";
    let line = line.trim_end();
    match line.strip_suffix(RESET) {
        Some(inner) => inner.trim_end().to_string() + RESET,
        None => line.to_string(),
    }
}

/// The texts in the form the drawing wants them.
struct Files<'a> {
    map: &'a SourceMap,
    loaded: HashMap<SourceId, Source<Cow<'a, str>>>,
}

impl<'a> Cache<SourceId> for &mut Files<'a> {
    type Storage = Cow<'a, str>;

    fn fetch(&mut self, id: &SourceId) -> Result<&Source<Self::Storage>, impl Debug> {
        let map = self.map;
        Ok::<_, std::convert::Infallible>(
            self.loaded.entry(*id).or_insert_with(|| Source::from(one_kind_of_line(&map.get(*id).text))),
        )
    }

    fn display<'b>(&self, id: &'b SourceId) -> Option<impl Display + 'b> {
        Some(self.map.get(*id).name.clone())
    }
}

/// Replaces what the drawing also takes for the end of a line by blanks of the same length, so that its line numbers
/// are ours.
fn one_kind_of_line(text: &str) -> Cow<'_, str> {
    const OTHER: [char; 5] = ['\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    if !text.contains(OTHER) {
        return Cow::Borrowed(text);
    }
    let blank = |c: char| match c {
        '\u{b}' | '\u{c}' => ' ',
        '\u{85}' => '\u{a0}',
        '\u{2028}' | '\u{2029}' => '\u{2003}',
        other => other,
    };
    Cow::Owned(text.chars().map(blank).collect())
}
