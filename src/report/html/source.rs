use super::context::{Context, Tree};
use super::expectations::verdict;
use crate::syntax::{TokenKind, tokens};
use maud::{Markup, html};
use std::collections::BTreeMap;

/// The files with numbered lines: the experiment's own, and those it uses folded.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let (own, used) = context.trees.split_first()?;
    Some(html! {
        (listing(context, own))
        @for tree in used {
            details class="used" {
                summary { h3 { code { (context.page.sources.get(tree.id).name) } } }
                (listing(context, tree))
            }
        }
    })
}

fn listing(context: &Context, tree: &Tree) -> Markup {
    let source = context.page.sources.get(tree.id);
    let marks = marks(context, tree);
    let lines = lines(&source.text);
    html! {
        pre class="source" tabindex="0" aria-label=(source.name) {
            @for (i, line) in lines.iter().enumerate() {
                @let number = i + 1;
                @let anchor = context.anchor_of(tree.id, number);
                span class="line" id=(anchor) {
                    a class="number" href=(format!("#{anchor}")) tabindex="-1" aria-label=(format!("line {number}")) {
                        (number)
                    }
                    code { (line) }
                    @for (target, class, text, title) in marks.get(&number).into_iter().flatten() {
                        " " a class=(format!("mark {class}")) href=(format!("#{target}")) title=(title) { (text) }
                    }
                }
                "\n"
            }
        }
    }
}

type Mark = (String, &'static str, String, String);

/// Links from lines to what became of them.
fn marks(context: &Context, tree: &Tree) -> BTreeMap<usize, Vec<Mark>> {
    let mut marks: BTreeMap<usize, Vec<Mark>> = BTreeMap::new();
    for (i, outcome) in context.page.outcomes.iter().enumerate() {
        if outcome.span.source != tree.id {
            continue;
        }
        let (sign, word, class) = verdict(outcome.verdict);
        let title = outcome.message.clone().unwrap_or_else(|| outcome.text.clone());
        let mark = (format!("expect-{}", i + 1), class, format!("{sign} {word}"), title);
        marks.entry(context.line(outcome.span)).or_default().push(mark);
    }
    marks
}

/// The lines of a text, each with its words coloured.
fn lines(text: &str) -> Vec<Markup> {
    let mut pieces: Vec<Vec<(Option<&'static str>, &str)>> = vec![Vec::new()];
    let push = |class: Option<&'static str>, piece: &'_ str, pieces: &mut Vec<Vec<_>>| {
        let start = piece.as_ptr() as usize - text.as_ptr() as usize;
        let mut at = start;
        for (i, part) in piece.split('\n').enumerate() {
            if i > 0 {
                pieces.push(Vec::new());
            }
            if let (Some(line), false) = (pieces.last_mut(), part.is_empty()) {
                line.push((class, &text[at..at + part.len()]));
            }
            at += part.len() + 1;
        }
    };
    let mut at = 0;
    for token in tokens(text) {
        push(None, &text[at..token.range.start], &mut pieces);
        push(class(token.kind), &text[token.range.clone()], &mut pieces);
        at = token.range.end;
    }
    push(None, &text[at..], &mut pieces);
    // what follows the last line end is no line
    if text.ends_with('\n') {
        pieces.pop();
    }
    let line = |pieces: Vec<(Option<&'static str>, &str)>| {
        html! {
            @for (class, text) in &pieces {
                @match class { Some(class) => span class=(class) { (text) }, None => (text) }
            }
        }
    };
    pieces.into_iter().map(line).collect()
}

fn class(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::Keyword => Some("k"),
        TokenKind::Name | TokenKind::Bracket => None,
        TokenKind::Number => Some("n"),
        TokenKind::Unit => Some("u"),
        TokenKind::String => Some("s"),
        TokenKind::Comment => Some("c"),
        TokenKind::Operator => Some("o"),
        TokenKind::Unknown => Some("x"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_stands_for_itself() {
        let text = "//! <b>\n\nclock 1 ms // slow\n";
        let shown: Vec<String> = lines(text).into_iter().map(|l| l.into_string()).collect();
        assert_eq!(
            shown,
            [
                "<span class=\"c\">//! &lt;b&gt;</span>",
                "",
                "<span class=\"k\">clock</span> <span class=\"n\">1</span> <span class=\"u\">ms</span> <span class=\"c\">// slow</span>",
            ]
        );
        assert_eq!(lines("a\nb").len(), 2);
        assert_eq!(lines("").len(), 1);
    }
}
