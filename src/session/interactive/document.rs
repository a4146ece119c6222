//! What a session says so far: the texts of its items, and its protocol as it is edited.

use crate::diag::{Diagnostic, Sink};
use crate::hir::Experiment;
use crate::sema::{self, Loader, Overrides};
use crate::source::{SourceId, SourceMap, Span};
use crate::syntax::ast::{self, Cases, ItemKind, UsePath};
use crate::syntax::{self};
use std::sync::Arc;

/// What messages call a text that was typed.
pub(super) const TYPED: &str = "input";

/// One item with the text around it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What stands before it: comments and blank lines.
    pub lead: String,
    /// Its text, with what documents it, up to the end of its last line.
    pub text: String,
    /// Where its text begins in its source.
    pub base: usize,
    pub source: SourceId,
    pub item: Option<ast::Item>,
}

/// The texts of a session, an entry for each item.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) sources: SourceMap,
    docs: String,
    pub(super) entries: Vec<Entry>,
    /// The protocol before anything was done by hand.
    written: Option<Entry>,
    /// Statements that are never reached: they only make that parameters can be set.
    never: Vec<ast::Statement>,
}

/// A document that was checked and found without errors.
#[derive(Debug)]
pub(super) struct CheckedDocument {
    pub experiment: Arc<Experiment>,
    /// Every text that was read, those of used files too.
    pub sources: SourceMap,
    pub warnings: Vec<Diagnostic>,
}

/// Messages, and the texts they are about.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Every text that was read.
    pub sources: SourceMap,
}

impl Failure {
    /// One message that concerns no text.
    pub fn global(d: Diagnostic) -> Self {
        Self { diagnostics: vec![d], sources: SourceMap::new() }
    }
}

/// What makes two items the same one: then the later takes the place of the earlier.
fn key(item: &ast::Item) -> Option<String> {
    let name = |n: &ast::Ident| Some(n.text.clone());
    match &item.kind {
        ItemKind::Clock(_) => Some("clock".into()),
        ItemKind::Seed(_) => Some("seed".into()),
        ItemKind::Precision(_) => Some("precision".into()),
        ItemKind::Integrate(_) => Some("integrate".into()),
        ItemKind::Protocol(_) => Some("protocol".into()),
        ItemKind::Use(UsePath::Library(parts)) => {
            Some(format!("use {}", parts.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(".")))
        }
        ItemKind::Use(UsePath::File(path)) => Some(format!("use {}", path.node)),
        ItemKind::Let { name: n, .. } | ItemKind::Fn { name: n, .. } | ItemKind::Stimulus { name: n, .. } => {
            name(n)
        }
        ItemKind::Param(p) => name(&p.name),
        ItemKind::Cases(Cases::Named { name: n, .. } | Cases::Values { name: n, .. }) => {
            Some(format!("cases {}", n.text))
        }
        ItemKind::Population(p) => name(&p.name),
        ItemKind::Cell(c) => name(&c.name),
        ItemKind::Rule(r) => name(&r.name),
        ItemKind::Synapses(s) => name(&s.name),
        ItemKind::Record(r) => name(&r.name),
        ItemKind::Expect { .. } | ItemKind::Plot(_) | ItemKind::Image { .. } => None,
    }
}

impl Document {
    /// Nothing yet.
    pub fn new() -> Self {
        let mut sources = SourceMap::new();
        sources.add(TYPED, "");
        Self { sources, docs: String::new(), entries: Vec::new(), written: None, never: Vec::new() }
    }

    /// Every text so far.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// The tree of all items.
    pub fn file(&self) -> ast::File {
        let mut items: Vec<ast::Item> = self.entries.iter().filter_map(|e| e.item.clone()).collect();
        let protocol = items.iter_mut().find_map(|i| match &mut i.kind {
            ItemKind::Protocol(block) => Some(block),
            _ => None,
        });
        if let Some(block) = protocol {
            block.statements.extend(self.never.iter().cloned());
        }
        ast::File { source: SourceId(0), docs: self.docs.clone(), items, comments: Vec::new() }
    }

    /// The items.
    pub fn items(&self) -> impl Iterator<Item = &ast::Item> {
        self.entries.iter().filter_map(|e| e.item.as_ref())
    }

    /// The whole text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for e in &self.entries {
            for part in [&e.lead, &e.text] {
                text += part;
                if !part.is_empty() && !part.ends_with('\n') {
                    text.push('\n');
                }
            }
        }
        text
    }

    /// The text of an item, with what documents it.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        let named = |e: &&Entry| e.item.as_ref().and_then(key).is_some_and(|k| k == name);
        self.entries.iter().find(named).map(|e| e.text.trim_end())
    }

    /// The same with the items of another text, each in the place of one of the same name. What was added or changed.
    ///
    /// # Errors
    /// What is wrong with the text by itself.
    pub fn with(&self, name: &str, text: &str) -> Result<(Self, Vec<String>), Failure> {
        let mut document = self.clone();
        let id = document.sources.add(name, text);
        let mut sink = Sink::new();
        let text = document.sources.get(id).text.clone();
        let file = syntax::parse(id, &text, &mut sink);
        let Some(file) = file.filter(|_| !sink.has_errors()) else {
            return Err(Failure { diagnostics: sink.into_sorted(), sources: document.sources });
        };
        if !file.docs.is_empty() {
            document.docs = file.docs.clone();
        }
        let mut changed = Vec::new();
        for entry in cut_up(id, &text, file) {
            let key = entry.item.as_ref().and_then(key);
            changed.extend(key.clone());
            let of_library = key.as_ref().map(|k| format!("use rules.{k}"));
            let place = key.and_then(|k| {
                let own = |e: &Entry| e.item.as_ref().and_then(self::key);
                let same = document.entries.iter().position(|e| own(e).as_ref() == Some(&k));
                // a rule that takes the place of a shipped one
                same.or_else(|| document.entries.iter().position(|e| own(e) == of_library))
            });
            match place {
                Some(place) => {
                    let lead = std::mem::take(&mut document.entries[place].lead);
                    document.entries[place] = Entry { lead, ..entry };
                }
                None => document.entries.push(entry),
            }
        }
        if changed.iter().any(|c| c == "protocol") {
            document.written = document.protocol_entry().cloned();
        }
        Ok((document, changed))
    }

    pub(super) fn protocol_entry(&self) -> Option<&Entry> {
        self.entries.iter().find(|e| matches!(e.item.as_ref().map(|i| &i.kind), Some(ItemKind::Protocol(_))))
    }

    pub(super) fn block(&self) -> Option<&ast::Block> {
        match self.protocol_entry()?.item.as_ref().map(|i| &i.kind) {
            Some(ItemKind::Protocol(block)) => Some(block),
            _ => None,
        }
    }

    /// Whether there is a protocol.
    pub fn has_protocol(&self) -> bool {
        self.block().is_some()
    }

    /// The statement that stands there.
    pub fn statement(&self, span: Span) -> Option<&ast::Statement> {
        let mut found = None;
        sema::walk::statements(self.block()?, &mut |s| {
            if s.span == span {
                found.get_or_insert(s);
            }
        });
        found
    }

    /// The same with the protocol as it was before anything was done by hand.
    pub fn as_written(&self) -> Self {
        let mut document = self.clone();
        document.never.clear();
        let place = document
            .entries
            .iter()
            .position(|e| matches!(e.item.as_ref().map(|i| &i.kind), Some(ItemKind::Protocol(_))));
        match (place, &self.written) {
            (Some(place), Some(written)) => document.entries[place] = written.clone(),
            (Some(place), None) => drop(document.entries.remove(place)),
            (None, _) => {}
        }
        document
    }

    /// The same, but a statement that sets a parameter is known though it is never reached: the parameter can then be
    /// set from outside.
    pub fn settable(&self, set: &str) -> Self {
        let mut document = self.clone();
        let text = format!("repeat 0 {{ {set} }}");
        let id = document.sources.add(TYPED, text.clone());
        document.never.extend(syntax::parse_statements(id, &text, &mut Sink::new()).unwrap_or_default());
        document
    }

    /// Checks it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(&self, loader: &dyn Loader) -> Result<CheckedDocument, Failure> {
        check(&self.file(), self.sources.clone(), loader)
    }
}

/// Checks a tree over the texts it was read from.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn check(
    file: &ast::File,
    mut sources: SourceMap,
    loader: &dyn Loader,
) -> Result<CheckedDocument, Failure> {
    let mut sink = Sink::new();
    let checked = sema::check(file, &mut sources, loader, &Overrides::default(), &mut sink);
    match checked.filter(|_| !sink.has_errors()) {
        Some(checked) => Ok(CheckedDocument {
            experiment: Arc::new(checked.experiment),
            sources,
            warnings: sink.into_sorted(),
        }),
        None => {
            let errors = |d: &Diagnostic| d.severity() == crate::diag::Severity::Error;
            let diagnostics = sink.into_sorted().into_iter().filter(errors).collect();
            Err(Failure { diagnostics, sources })
        }
    }
}

/// The entry of a text that is one item.
pub(super) fn parse_entry(id: SourceId, text: &str, sources: &SourceMap) -> Result<Vec<Entry>, Failure> {
    let mut sink = Sink::new();
    match syntax::parse(id, text, &mut sink).filter(|_| !sink.has_errors()) {
        Some(file) => {
            Ok(cut_up(id, text, file).into_iter().map(|e| Entry { lead: String::new(), ..e }).collect())
        }
        None => Err(Failure { diagnostics: sink.into_sorted(), sources: sources.clone() }),
    }
}

/// The entries of a text.
fn cut_up(source: SourceId, text: &str, file: ast::File) -> Vec<Entry> {
    let starts: Vec<usize> = file.items.iter().map(|i| i.span.start as usize).collect();
    let mut entries = Vec::new();
    let mut from = 0;
    for (i, item) in file.items.into_iter().enumerate() {
        let end = item.span.end as usize;
        let line = text[end..].find('\n').map_or(text.len(), |n| end + n + 1);
        let end = starts.get(i + 1).map_or(line, |next| line.min(*next));
        let base = documented(text, from, item.span.start as usize);
        entries.push(Entry {
            lead: text[from..base].to_string(),
            text: text[base..end].trim_end_matches([';', ' ']).to_string(),
            base,
            source,
            item: Some(item),
        });
        from = end;
    }
    if !text[from..].trim().is_empty() {
        let lead = text[from..].to_string();
        entries.push(Entry { lead, text: String::new(), base: from, source, item: None });
    }
    entries
}

/// Where the `///` lines directly above a place begin.
fn documented(text: &str, from: usize, at: usize) -> usize {
    let mut start = text[..at].rfind('\n').map_or(0, |n| n + 1).max(from);
    if !text[start..at].trim().is_empty() {
        return at;
    }
    while start > from {
        let above = text[..start - 1].rfind('\n').map_or(0, |n| n + 1).max(from);
        if !text[above..start].trim_start().starts_with("///") {
            break;
        }
        start = above;
    }
    start
}
