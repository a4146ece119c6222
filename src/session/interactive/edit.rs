//! Statements put into the text of a protocol, and where the others stand then.

use super::document::{Document, Entry, Failure, parse_entry};
use crate::diag::Sink;
use crate::runtime::Spot;
use crate::source::{SourceId, Span};
use crate::syntax;
use crate::syntax::ast::{self, StatementKind};

/// Where a statement stands after an edit.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    from: SourceId,
    to: SourceId,
    /// Where the entry stands in its source.
    base: usize,
    len: usize,
    /// What was replaced, in the text of the entry.
    at: std::ops::Range<usize>,
    /// How many bytes took its place.
    by: usize,
    /// How many of these are what stays of a statement that was cut.
    first: usize,
}

impl Moved {
    pub fn span(&self, span: Span) -> Span {
        let inside = self.base..=self.base + self.len;
        if span.source != self.from || !inside.contains(&(span.start as usize)) {
            return span;
        }
        let (start, end) = (span.start as usize - self.base, span.end as usize - self.base);
        let later = |at: usize| at + self.by - self.at.len();
        if (start..end) == self.at && !self.at.is_empty() {
            return Span::new(self.to, start, start + self.first);
        }
        let start = if start >= self.at.end && start > self.at.start { later(start) } else { start };
        let end = if end > self.at.start && end >= self.at.end { later(end) } else { end };
        Span::new(self.to, start, end)
    }
}

/// A statement put into the protocol.
#[derive(Debug, Clone)]
pub(super) struct Edited {
    pub document: Document,
    pub moved: Option<Moved>,
    /// Where the statement that was put in stands; the last of them, and none that takes no place in the order.
    pub last: Option<Span>,
}

/// A presentation that ends early: how the two parts of it are written.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub span: Span,
    pub first: String,
    pub rest: String,
}

impl Document {
    /// The same with statements put into the protocol, where a presentation may have to be cut.
    ///
    /// # Errors
    /// What is wrong with them where they stand.
    pub fn insert(&self, spot: Spot, cut: Option<Cut>, statements: &str) -> Result<Edited, Failure> {
        let mut document = self.clone();
        let read = syntax::parse_statements(SourceId(0), statements, &mut Sink::new()).unwrap_or_default();
        let ordered = |s: &&ast::Statement| !matches!(s.kind, StatementKind::Teach { .. });
        let inside = read.iter().rev().find(ordered).map(|s| s.span.range());
        let Some((entry, block)) = self.protocol_entry().zip(self.block()) else {
            let text = format!("protocol {{\n    {statements}\n}}\n");
            let at = "protocol {\n    ".len();
            let id = document.sources.add("protocol", text.clone());
            let entries = parse_entry(id, &text, &document.sources)?;
            document.entries.extend(entries);
            let last = inside.map(|r| Span::new(id, r.start + at, r.end + at));
            return Ok(Edited { document, moved: None, last });
        };
        let old = &entry.text;
        let local = |at: u32| at as usize - entry.base;
        let (at, inserted, offset, first) = match (&cut, spot) {
            (Some(cut), _) => {
                let at = local(cut.span.start)..local(cut.span.end);
                let indent = indentation(old, at.start);
                let text = format!("{}\n{indent}{statements}\n{indent}{}", cut.first, cut.rest);
                (at, text, cut.first.len() + 1 + indent.len(), cut.first.len())
            }
            (None, Spot::Between { before: Some(span), .. } | Spot::Loop(span)) => {
                let mut end = local(span.end);
                let indent = indentation(old, local(span.start));
                let rest = old[end..].split('\n').next().unwrap_or("");
                let behind = rest.trim_start().trim_start_matches(';').trim_start();
                if behind.is_empty() || behind.starts_with("//") {
                    end += rest.len();
                }
                (end..end, format!("\n{indent}{statements}"), 1 + indent.len(), 0)
            }
            (None, Spot::Between { before: None, phase }) => {
                let phase = phase.and_then(|p| self.statement(p));
                let block = match phase.map(|s| &s.kind) {
                    Some(StatementKind::Phase { body, .. }) => body,
                    _ => block,
                };
                let at = local(block.span.start) + 1;
                let indent = indentation(old, at);
                let blank = old[at..].split('\n').next().is_none_or(|rest| rest.trim().is_empty());
                let after = if blank { String::new() } else { format!("\n{indent}") };
                (at..at, format!("\n{indent}{statements}{after}"), 1 + indent.len(), 0)
            }
        };
        let text = format!("{}{inserted}{}", &old[..at.start], &old[at.end..]);
        let id = document.sources.add("protocol", text.clone());
        let mut entries = parse_entry(id, &text, &document.sources)?;
        let moved = Moved {
            from: entry.source,
            to: id,
            base: entry.base,
            len: old.len(),
            at: at.clone(),
            by: inserted.len(),
            first,
        };
        let place = self.entries.iter().position(|e| e.source == entry.source && e.base == entry.base);
        if let (Some(place), Some(new)) = (place, entries.pop()) {
            let lead = document.entries[place].lead.clone();
            document.entries[place] = Entry { lead, ..new };
        }
        let start = at.start + offset;
        let last = inside.map(|r| Span::new(id, r.start + start, r.end + start));
        Ok(Edited { document, moved: Some(moved), last })
    }
}

/// How far a statement that stands there is indented.
fn indentation(text: &str, at: usize) -> String {
    let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let blank = text[line..].len() - text[line..].trim_start_matches([' ', '\t']).len();
    let own = " ".repeat(blank);
    if line + blank >= at { own } else { own + "    " }
}
