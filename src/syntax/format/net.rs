//! What holds whatever the formatter does: words, comments and the tree stay.

use crate::diag::Sink;
use crate::source::SourceId;
use crate::syntax::letters::{canonical, canonical_unit};
use crate::syntax::lex::{Kind, Lexed, lex};
use crate::syntax::parse;
use crate::syntax::tree::Tree;
use std::borrow::Cow;
use std::ops::Range;

/// Where `formatted` says something else than `text`, as bytes of `text`: nowhere, unless the formatter has a fault.
pub(super) fn difference(text: &str, tree: &Tree, docs: &str, formatted: &str) -> Option<Range<usize>> {
    let (before, after) = (lex(SourceId(0), text), lex(SourceId(0), formatted));
    if let Some(at) = first_difference(pieces(&before), pieces(&after), text.len()) {
        return Some(at);
    }
    let mut sink = Sink::new();
    let again = parse(SourceId(0), formatted, &mut sink).filter(|_| !sink.has_errors());
    let Some(again) = again else { return Some(0..text.len()) };
    let after = Tree::file(&again);
    let item = tree.kids.iter().zip(&after.kids).find(|(a, b)| !a.same(b));
    match item.and_then(|(item, _)| item.span) {
        Some(span) => Some(span.range()),
        None if !tree.same(&after) || docs != again.docs => Some(0..text.len()),
        None => None,
    }
}

/// Words and comments in order, each as it is compared.
type Pieces<'a> = Vec<(Range<usize>, Cow<'a, str>)>;

fn pieces<'a>(lexed: &Lexed<'a>) -> Pieces<'a> {
    let words = lexed.tokens.iter().enumerate().filter(|(_, t)| t.kind != Kind::End).map(|(i, t)| {
        let text = lexed.str(i);
        let text = match t.kind {
            Kind::Name => canonical(text),
            Kind::Unit => canonical_unit(text),
            _ => Cow::Borrowed(text),
        };
        (t.start..t.end, text)
    });
    let comments = lexed.comments.iter().map(|c| {
        let range = c.span.range();
        (range.clone(), Cow::Borrowed(&lexed.text[range]))
    });
    let mut all: Pieces = words.chain(comments).collect();
    all.sort_by_key(|(range, _)| range.start);
    all
}

fn first_difference(before: Pieces, after: Pieces, end: usize) -> Option<Range<usize>> {
    let differs = before.iter().zip(&after).find(|((_, a), (_, b))| a != b);
    match differs {
        Some(((range, _), _)) => Some(range.clone()),
        None if before.len() != after.len() => Some(0..end),
        None => None,
    }
}
