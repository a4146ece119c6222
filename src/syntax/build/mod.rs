//! Pairs of the grammar to the tree.
//!
//! A builder returns `None` only where the grammar and the builder disagree, which is a bug and reported as one.

mod expr;
mod item;
mod member;
mod statement;

use std::cell::RefCell;

use pest::iterators::Pair;

use super::ast::{Allow, Comment, Ident};
use super::grammar::{Rule, is_silent};
use super::{keywords, letters};
use crate::diag::{Code, Diagnostic};
use crate::source::{SourceId, Span, Spanned};

type Node<'i> = Pair<'i, Rule>;

/// Builds tree nodes from pairs of a text that begins at byte `offset` of the source.
pub(super) struct Builder<'a> {
    pub source: SourceId,
    /// The whole source as written.
    pub text: &'a str,
    pub offset: usize,
    pub comments: &'a [Comment],
    pub faults: RefCell<Vec<Diagnostic>>,
}

impl Builder<'_> {
    fn fault(&self, diagnostic: Diagnostic) {
        self.faults.borrow_mut().push(diagnostic);
    }

    /// Where a pair stands, without the blanks pest leaves behind it.
    fn span(&self, node: &Node) -> Span {
        let start = self.offset + node.as_span().start();
        let len = node.as_str().trim_end_matches([' ', '\t', '\n', ';']).len();
        // A foreign sign such as `≤` was replaced by a shorter one.
        let whole = |at: &usize| self.text.is_char_boundary(*at);
        let end = (start + len..self.text.len()).find(whole).unwrap_or(self.text.len());
        Span::new(self.source, (0..=start).rev().find(whole).unwrap_or(0), end)
    }

    fn written(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn ident_at(&self, span: Span) -> Ident {
        Ident { text: letters::canonical(self.written(span)).into_owned(), span }
    }

    /// A name that is used.
    fn name(&self, node: &Node) -> Ident {
        self.ident_at(self.span(node))
    }

    /// A name that is declared, so it must not be one of the fixed ones.
    fn declared(&self, node: &Node, what: &str) -> Ident {
        let name = self.name(node);
        if let Some(meaning) = keywords::reserved(&name.text) {
            let headline = format!("`{}` is reserved and cannot name {what}", name.text);
            let reserved: Vec<_> = keywords::RESERVED.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.fault(
                Diagnostic::new(Code::E0203, name.span, headline, format!("always {meaning}"))
                    .note(format!("reserved names: {}", reserved.join(" ")))
                    .fix(
                        format!("another name, such as `{0}0`", name.text),
                        name.span,
                        format!("{}0", name.text),
                    ),
            );
        }
        name
    }

    /// `dtheta` as `theta`, standing where that stands.
    fn without_d(&self, span: Span) -> Ident {
        let d = self.written(span).chars().next().map_or(0, char::len_utf8);
        self.ident_at(Span { start: span.start + d as u32, ..span })
    }

    fn string(&self, node: &Node) -> Spanned<String> {
        let span = self.span(node);
        let written = self.written(span);
        let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
        let mut text = String::with_capacity(inner.len());
        let mut chars = inner.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek()) {
                ('\\', Some(&next @ ('\\' | '"'))) => {
                    text.push(next);
                    chars.next();
                }
                _ => text.push(c),
            }
        }
        Spanned::new(text, span)
    }

    /// The `///` lines directly above byte `start`.
    fn docs(&self, start: u32) -> String {
        let mut lines = Vec::new();
        let mut below = start as usize;
        let before = self.comments.partition_point(|c| c.span.end <= start);
        for comment in self.comments[..before].iter().rev() {
            let gap = self.text.get(comment.span.end as usize..below).unwrap_or("x");
            // a separator that says nothing is no word between them
            if !gap.trim_matches(|c: char| c.is_whitespace() || c == ';').is_empty() {
                break;
            }
            if let Some(line) = doc_line(&comment.text, "///") {
                lines.push(line);
            }
            below = comment.span.start as usize;
        }
        lines.reverse();
        lines.join("\n")
    }

    /// The pairs that the tree keeps, with `stream` and `allow` clauses taken out.
    fn kids<'i>(&self, node: Node<'i>) -> Kids<'i> {
        let mut kids = Kids::default();
        for pair in node.into_inner() {
            match pair.as_rule() {
                Rule::stream => {
                    let string = pair.into_inner().find(|p| p.as_rule() == Rule::string);
                    kids.stream = string.map(|s| self.string(&s)).or(kids.stream);
                }
                Rule::allow => kids.allows.extend(self.allow(pair)),
                rule if is_silent(rule) => {}
                _ => kids.nodes.push(pair),
            }
        }
        kids.nodes.reverse();
        kids
    }

    fn allow(&self, node: Node) -> Option<Allow> {
        let span = self.span(&node);
        let mut parts = node.into_inner().filter(|p| !is_silent(p.as_rule()));
        let name = self.span(&parts.next()?);
        let name = Ident { text: self.written(name).to_string(), span: name };
        Some(Allow { name, reason: parts.next().map(|s| self.string(&s)), span })
    }
}

/// The text of a documenting comment without its marker and one blank.
pub(super) fn doc_line<'c>(comment: &'c str, marker: &str) -> Option<&'c str> {
    let line = comment.strip_prefix(marker)?;
    if line.starts_with('/') && marker == "///" {
        return None; // `////` is a line of slashes
    }
    Some(line.strip_prefix(' ').unwrap_or(line))
}

/// What stands inside a pair.
#[derive(Default)]
struct Kids<'i> {
    /// The last one first.
    nodes: Vec<Node<'i>>,
    stream: Option<Spanned<String>>,
    allows: Vec<Allow>,
}

impl<'i> Kids<'i> {
    fn next(&mut self) -> Option<Node<'i>> {
        self.nodes.pop()
    }

    fn next_if(&mut self, rule: Rule) -> Option<Node<'i>> {
        self.nodes.last().is_some_and(|n| n.as_rule() == rule).then(|| self.nodes.pop()).flatten()
    }

    fn rest(&mut self) -> impl Iterator<Item = Node<'i>> {
        std::mem::take(&mut self.nodes).into_iter().rev()
    }
}
