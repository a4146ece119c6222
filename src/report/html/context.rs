use super::Page;
use crate::diag::Sink;
use crate::source::{Id, SourceId, Span};
use crate::syntax::{self, ast};
use std::borrow::Cow;

/// A page with the trees of all its files at hand.
pub(super) struct Context<'a> {
    pub page: &'a Page<'a>,
    /// The experiment's own file, then those it uses.
    pub trees: Vec<Tree<'a>>,
}

/// The tree of one file.
pub(super) struct Tree<'a> {
    pub id: SourceId,
    pub file: Cow<'a, ast::File>,
}

/// What is said of something, and where that is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    pub text: String,
    /// Where it is written: the name of an anchor.
    pub anchor: String,
}

impl<'a> Context<'a> {
    pub fn new(page: &'a Page<'a>) -> Self {
        let own = page.file.source;
        let mut trees = vec![Tree { id: own, file: Cow::Borrowed(page.file) }];
        for (id, source) in page.sources.iter() {
            // values of `--set` are texts too, but no files
            if id == own || source.name.starts_with("--") {
                continue;
            }
            if let Some(file) = syntax::parse(id, &source.text, &mut Sink::new()) {
                trees.push(Tree { id, file: Cow::Owned(file) });
            }
        }
        Self { page, trees }
    }

    /// All items of all files, with the file of each.
    pub fn items(&self) -> impl Iterator<Item = (&Tree<'a>, &ast::Item)> {
        self.trees.iter().flat_map(|tree| tree.file.items.iter().map(move |item| (tree, item)))
    }

    /// The file that a span lies in.
    pub fn tree(&self, span: Span) -> Option<&Tree<'a>> {
        self.trees.iter().find(|t| t.id == span.source)
    }

    /// The text under a span on one line.
    pub fn text(&self, span: Span) -> String {
        self.page.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The line that a span starts on, from 1.
    pub fn line(&self, span: Span) -> usize {
        self.page.sources.line_col(span).line
    }

    /// The name of the anchor of the line that a span starts on; none if it is in no file.
    pub fn anchor(&self, span: Span) -> Option<String> {
        self.tree(span).map(|tree| self.anchor_of(tree.id, self.line(span)))
    }

    /// The name of the anchor of a line.
    pub fn anchor_of(&self, id: SourceId, line: usize) -> String {
        match id == self.page.file.source {
            true => format!("L{line}"),
            false => format!("f{}-L{line}", id.index()),
        }
    }

    /// What is said of a declaration: by the `///` lines above it, the comment behind it, or the table in the head of
    /// its file.
    pub fn meaning(&self, name: &str, docs: &str, span: Span) -> Option<Meaning> {
        let tree = self.tree(span)?;
        let own = self.line(span);
        let at = |text: String, line: usize| Meaning { text, anchor: self.anchor_of(tree.id, line) };
        if !docs.trim().is_empty() {
            return Some(at(one_line(docs), own));
        }
        let end = self.line(Span { start: span.end, ..span });
        let behind = tree.file.comments.iter().find(|c| {
            c.span.start >= span.end
                && self.line(c.span) == end
                && !c.text.starts_with("///")
                && !c.text.starts_with("//!")
        });
        if let Some(comment) = behind {
            return Some(at(one_line(comment.text.trim_start_matches('/')), end));
        }
        let text = &self.page.sources.get(tree.id).text;
        text.lines().enumerate().find_map(|(i, line)| {
            let row = line.trim().strip_prefix("//!")?.trim().strip_prefix('|')?;
            let mut cells = row.split('|').map(str::trim);
            let symbols = cells.next()?;
            let meaning = cells.next()?;
            let said = symbols.split(',').any(|s| syntax::canonical(s.trim().trim_matches('`')) == name);
            said.then(|| at(meaning.to_string(), i + 1))
        })
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
