use super::space::between;
use super::words::{Role, Word};
use crate::syntax::keywords;
use std::collections::BTreeMap;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// How wide a line may become, in columns.
pub(super) const LIMIT: usize = 120;
/// One step of indentation.
pub(super) const STEP: usize = 4;
/// The least distance of a message, and of a comment, from what stands before it.
pub(super) const APART: usize = 4;
/// An operator that begins a line stands under `=`, if that is not farther to the right than this.
const UNDER: usize = 40;

/// Kinds of places where a line may break, those tried first before the others. Inside brackets each comes after all
/// outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// Before `allow` and `stream`.
    Allow,
    /// Before a message.
    Message,
    /// Before a clause such as `vs`, `every` or, in brackets, `over`.
    Clause,
    /// Behind a comma.
    Comma,
    Else,
    Or,
    And,
    Then,
    /// Before a comparison, `+-` and `in`.
    Comparison,
    Sum,
    /// Behind `=`.
    Assign,
    Product,
    /// Behind an opening bracket and before the closing one.
    Bracket,
}

/// Where a line may break before word `i` of the statement that begins with `first`: how deep in brackets, and what for.
pub(super) fn place(words: &[Word], first: usize, i: usize) -> Option<(usize, Place)> {
    if i <= first || words[i].glued {
        return None;
    }
    let (before, word) = (&words[i - 1], &words[i]);
    let depth = word.depth;
    if depth == 0 && begins_statement(words, i) {
        return None;
    }
    let found = match (before.role, word.role) {
        (_, Role::Close) if !matches!(before.role, Role::Open { .. }) => Place::Bracket,
        (Role::Open { .. }, _) if word.role != Role::Close => return Some((depth - 1, Place::Bracket)),
        (Role::Comma, _) => Place::Comma,
        (Role::Assign, _) if depth == 0 => Place::Assign,
        (_, Role::Str) if depth == 0 && words[first].text == "expect" => Place::Message,
        (_, Role::Binary { .. }) => match &*word.text {
            "+" | "-" => Place::Sum,
            "*" | "/" => Place::Product,
            "^" => return None,
            _ => Place::Comparison,
        },
        (_, Role::Keyword) => match &*word.text {
            "allow" | "stream" if depth == 0 => Place::Allow,
            "else" => Place::Else,
            "then" => Place::Then,
            "or" => Place::Or,
            "and" => Place::And,
            "in" if words.get(i + 1).is_some_and(|w| w.text == "[") && i > first + 2 => Place::Comparison,
            "over" | "for" if depth > 0 => Place::Clause,
            "vs" | "every" | "during" | "within" | "weighted" | "split" | "mark" | "with" if depth == 0 => {
                Place::Clause
            }
            _ => return None,
        },
        _ => return None,
    };
    Some((depth, found))
}

/// Whether a line that begins with this word would begin a statement.
fn begins_statement(words: &[Word], i: usize) -> bool {
    let named = words.get(i + 1).is_some_and(|w| w.role == Role::Name);
    named && (keywords::ITEMS.contains(&&*words[i].text) || keywords::STATEMENTS.contains(&&*words[i].text))
}

/// The text of words on one line.
pub(super) fn text(words: &[Word], range: Range<usize>) -> String {
    let mut out = String::new();
    for i in range.clone() {
        if i > range.start {
            out.extend(std::iter::repeat_n(' ', gap(words, i)));
        }
        out.push_str(&words[i].text);
    }
    out
}

/// How far word `i` is from the word before it on the same line.
fn gap(words: &[Word], i: usize) -> usize {
    if is_message(words, i) { APART } else { between(&words[i - 1], &words[i]) }
}

/// Whether word `i` is the message of an expectation: strings stand at depth 0 only there and behind `allow` and `stream`.
pub(super) fn is_message(words: &[Word], i: usize) -> bool {
    words[i].role == Role::Str
        && words[i].depth == 0
        && i >= 2
        && words[i - 2].text != "values"
        && !(words[i - 1].role == Role::Keyword && matches!(&*words[i - 1].text, "use" | "stream"))
        && !behind_allow(words, i)
}

/// Whether the words before `i` are `allow NAME`.
fn behind_allow(words: &[Word], i: usize) -> bool {
    let mut start = i - 1;
    while start > 0 && words[start].glued {
        start -= 1;
    }
    start > 0 && words[start - 1].role == Role::Keyword && words[start - 1].text == "allow"
}

/// How wide a text is on the screen.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub range: Range<usize>,
    pub indent: usize,
    /// How far behind the `=` of the first line it begins, if it stands under that.
    pub under: Option<usize>,
}

/// Breaks a statement into lines: where the writer broke it, where comments end a line, and where it is too long.
///
/// `room` is what follows on the last line, such as ` {`.
pub(super) fn pieces(
    words: &[Word],
    range: Range<usize>,
    first: usize,
    indent: usize,
    room: usize,
) -> Vec<Piece> {
    let mut waiting: Vec<Range<usize>> = written(words, &range, first);
    waiting.reverse();
    let mut made: Vec<Piece> = Vec::new();
    let mut brackets = Brackets { base: indent, open: Vec::new() };
    while let Some(piece) = waiting.pop() {
        let (at, under) = match made.first() {
            None => (indent, None),
            Some(head) => brackets.indent(words, &piece, head),
        };
        let behind = if waiting.is_empty() { room } else { 0 };
        if at + width(&text(words, piece.clone())) + behind > LIMIT {
            let parts = broken(words, &piece, first, at);
            if parts.len() > 1 {
                waiting.extend(parts.into_iter().rev());
                continue;
            }
        }
        brackets.pass(words, &piece, at);
        made.push(Piece { range: piece, indent: at, under });
    }
    made
}

/// The lines as they were written, as far as a line may break there.
pub(super) fn written(words: &[Word], range: &Range<usize>, first: usize) -> Vec<Range<usize>> {
    let mut breaks = vec![false; range.len() + 1];
    let mut openers = Vec::new();
    for i in range.start..range.end {
        let at = i - range.start;
        if i > range.start && words[i].gap.newline {
            let forced = !words[i].gap.notes.is_empty();
            let operator = matches!(words[i - 1].role, Role::Binary { .. });
            if forced || place(words, first, i).is_some() {
                breaks[at] = true;
            } else if operator && i - 1 > range.start && place(words, first, i - 1).is_some() {
                // an operator begins the line
                breaks[at - 1] = true;
            }
        }
        // a bracket whose content begins a line is closed on a line of its own
        match words[i].role {
            Role::Open { .. } => openers.push(i),
            Role::Close => {
                let open = openers.pop();
                if open.is_some_and(|o| o + 1 < i && breaks[o + 1 - range.start]) {
                    breaks[at] = true;
                }
            }
            _ => {}
        }
    }
    split(range, |i| breaks[i - range.start])
}

fn split(range: &Range<usize>, breaks: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    for i in range.start + 1..range.end {
        if breaks(i) {
            parts.push(start..i);
            start = i;
        }
    }
    parts.push(start..range.end);
    parts
}

/// Breaks a line that is too long where that is best; its parts may still be too long.
fn broken(words: &[Word], piece: &Range<usize>, first: usize, indent: usize) -> Vec<Range<usize>> {
    // behind `=` only what then fits on a line
    let useful = |i: usize, place: Place| match place {
        Place::Bracket => words[i].role != Role::Close,
        Place::Assign => indent + STEP + width(&text(words, i..piece.end)) <= LIMIT,
        _ => true,
    };
    let places: BTreeMap<usize, (usize, Place)> = (piece.start + 1..piece.end)
        .filter_map(|i| Some((i, place(words, first, i)?)))
        .filter(|(i, (_, place))| useful(*i, *place))
        .collect();
    let Some(&best) = places.values().min() else { return vec![piece.clone()] };
    let mut at = places.iter().filter(|(_, place)| **place == best).map(|(i, _)| *i);
    match best.1 {
        Place::Allow | Place::Message | Place::Clause | Place::Else | Place::Or | Place::And => {
            let all: Vec<usize> = at.collect();
            split(piece, |i| all.contains(&i))
        }
        Place::Bracket => {
            let width_of = |open: usize| {
                let close = closing(words, open, piece.end);
                (width(&text(words, open..close)), std::cmp::Reverse(open))
            };
            match at.map(|i| i - 1).max_by_key(|&open| width_of(open)) {
                Some(open) => {
                    let close = closing(words, open, piece.end);
                    split(piece, |i| i == open + 1 || i == close)
                }
                None => vec![piece.clone()],
            }
        }
        _ => {
            // as much as fits stays on the line
            let least = at.next();
            let fits = |i: &usize| indent + width(&text(words, piece.start..*i)) <= LIMIT;
            match at.take_while(fits).last().or(least) {
                Some(chosen) => split(piece, |i| i == chosen),
                None => vec![piece.clone()],
            }
        }
    }
}

/// The bracket that closes the one at `open`; `end` if it is not before that.
fn closing(words: &[Word], open: usize, end: usize) -> usize {
    (open + 1..end)
        .find(|&i| words[i].role == Role::Close && words[i].depth == words[open].depth)
        .unwrap_or(end)
}

/// Brackets that are open, with the indentation of the line that opened them.
struct Brackets {
    base: usize,
    open: Vec<usize>,
}

impl Brackets {
    /// The indentation of a line that is not the first, and how far behind the `=` in the first line that is.
    fn indent(&self, words: &[Word], piece: &Range<usize>, head: &Piece) -> (usize, Option<usize>) {
        let closers = piece.clone().take_while(|&i| words[i].role == Role::Close).count();
        if closers > 0 {
            let opener = self.open.len().checked_sub(closers).map(|i| self.open[i]);
            return (opener.unwrap_or(self.base), None);
        }
        if let Some(indent) = self.open.last() {
            return (indent + STEP, None);
        }
        if words[piece.start].text == "{" {
            return (self.base, None);
        }
        let equals = equals(words, head);
        match (&*words[piece.start].text, equals) {
            // an operator stands under `=`, an `else` under its `if`
            ("+" | "-" | "*" | "/", Some((column, _))) => (column, Some(0)),
            ("else" | "then", Some((column, at))) if words[at + 1].text == "if" => (column + 2, Some(2)),
            _ => (self.base + STEP, None),
        }
    }

    fn pass(&mut self, words: &[Word], piece: &Range<usize>, indent: usize) {
        for i in piece.clone() {
            match words[i].role {
                Role::Open { .. } => self.open.push(indent),
                Role::Close => {
                    self.open.pop();
                }
                _ => {}
            }
        }
    }
}

/// The column of `=` in the first line of a statement, and which word it is, if something follows it there.
fn equals(words: &[Word], head: &Piece) -> Option<(usize, usize)> {
    let at = head.range.clone().find(|&i| words[i].role == Role::Assign && words[i].depth == 0)?;
    let column = head.indent + width(&text(words, head.range.start..at)) + 1;
    (at + 1 < head.range.end && column <= UNDER).then_some((column, at))
}
