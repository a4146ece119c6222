//! Which bracket closes which. Where they do not match, indentation tells what was meant.

use super::keywords;
use super::lex::{Fault, Kind, Lexed};
use crate::diag::{Code, Diagnostic};

/// Where the brackets of a text close.
pub(super) struct Brackets {
    /// For an opening bracket its closing one, and the other way round.
    pub partner: Vec<Option<usize>>,
    /// For an opening bracket without a partner, the first token that is outside.
    pub ends_before: Vec<Option<usize>>,
}

impl Brackets {
    /// The first token behind the bracket opened by token `open`.
    pub fn behind(&self, open: usize) -> usize {
        self.partner[open].map(|close| close + 1).or(self.ends_before[open]).unwrap_or(self.partner.len())
    }
}

/// At most this many bracket faults are reported of one file.
const MOST: usize = 20;

/// Matches the brackets of a text and reports those that do not.
pub(super) fn match_brackets(lexed: &mut Lexed) -> Brackets {
    let n = lexed.tokens.len();
    let mut found = Brackets { partner: vec![None; n], ends_before: vec![None; n] };
    if !strictly(lexed, &mut found) {
        found.partner.fill(None);
        by_indentation(lexed, &mut found);
    }
    found
}

fn strictly(lexed: &Lexed, found: &mut Brackets) -> bool {
    let mut open = Vec::new();
    for (i, token) in lexed.tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open.push(i),
            Kind::Close => match open.pop() {
                Some(o) if closes(lexed, o, i) => {
                    found.partner[o] = Some(i);
                    found.partner[i] = Some(o);
                }
                _ => return false,
            },
            _ => {}
        }
    }
    open.is_empty()
}

fn written(lexed: &Lexed, i: usize) -> u8 {
    lexed.tokens.get(i).map_or(0, |t| lexed.layout[t.start])
}

fn closes(lexed: &Lexed, open: usize, close: usize) -> bool {
    closer(written(lexed, open)) == written(lexed, close)
}

fn closer(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

fn by_indentation(lexed: &mut Lexed, found: &mut Brackets) {
    let mut open: Vec<usize> = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    let indents = indents(lexed);
    for i in 0..lexed.tokens.len() {
        let is_close = lexed.tokens[i].kind == Kind::Close;
        if lexed.starts_line(i) {
            while let Some(&top) = open.last() {
                let brace = written(lexed, top) == b'{';
                let outside = if is_close {
                    let above = open.len().checked_sub(2).map(|below| indents[open[below]]);
                    brace
                        && indented(lexed, &indents, top)
                        && indents[i] < indents[top]
                        && above.is_some_and(|a| a >= indents[i])
                } else if brace {
                    indented(lexed, &indents, top) && indents[i] <= indents[top]
                } else {
                    indents[i] <= indents[top] && begins_statement(lexed, i)
                };
                if !outside {
                    break;
                }
                open.pop();
                unclosed(lexed, found, &mut faults, top, i);
            }
        }
        match lexed.tokens[i].kind {
            Kind::Open => open.push(i),
            Kind::Close => close(lexed, found, &mut faults, &mut open, i),
            _ => {}
        }
    }
    let n = lexed.tokens.len();
    while let Some(top) = open.pop() {
        unclosed(lexed, found, &mut faults, top, n);
    }
    faults.sort_by_key(|f| f.at);
    faults.truncate(MOST);
    lexed.faults.extend(faults);
}

fn close(lexed: &mut Lexed, found: &mut Brackets, faults: &mut Vec<Fault>, open: &mut Vec<usize>, i: usize) {
    let brace = written(lexed, i) == b'}';
    // A `}` closes what is open inside its block; another closer only a bracket on this side of the brace.
    let near = open.len().saturating_sub(1000);
    let reach = open[near..].iter().rposition(|&o| closes(lexed, o, i)).map(|at| near + at);
    let reach = reach.filter(|&at| brace || open[at..].iter().all(|&o| written(lexed, o) != b'{'));
    match reach {
        Some(at) => {
            for top in open.drain(at + 1..).rev().collect::<Vec<_>>() {
                unclosed(lexed, found, faults, top, i);
            }
            if let Some(o) = open.pop() {
                found.partner[o] = Some(i);
                found.partner[i] = Some(o);
            }
        }
        None => {
            let span = lexed.span(i);
            let c = written(lexed, i) as char;
            let mut d = Diagnostic::new(
                Code::E0103,
                span,
                format!("`{c}` closes nothing"),
                "no opening bracket matches this",
            );
            if let Some(&o) = open.last().filter(|&&o| written(lexed, o) != b'{' && !brace) {
                let expected = closer(written(lexed, o)) as char;
                d.headline = format!("`{c}` does not close `{}`", written(lexed, o) as char);
                d = d.label(lexed.span(o), format!("this requires a `{expected}`")).fix(
                    format!("write `{expected}`"),
                    span,
                    expected.to_string(),
                );
                open.pop();
                found.partner[o] = Some(i);
                found.partner[i] = Some(o);
            } else {
                d = d.fix("remove it", span, "");
            }
            faults.push(Fault { diagnostic: d, at: span.start as usize, poison: true });
            if brace {
                lexed.fill(span.start as usize, span.end as usize, b' ');
                lexed.tokens[i].kind = Kind::Junk;
            }
        }
    }
}

/// Reports that token `open` is not closed before token `end`.
fn unclosed(lexed: &Lexed, found: &mut Brackets, faults: &mut Vec<Fault>, open: usize, end: usize) {
    found.ends_before[open] = Some(end);
    let (o, span) = (written(lexed, open), lexed.span(open));
    let c = closer(o) as char;
    let d = Diagnostic::new(
        Code::E0102,
        span,
        format!("`{}` is never closed", o as char),
        format!("this requires a `{c}`"),
    );
    let gap = lexed.span(end.max(open + 1) - 1).after();
    let d = if o == b'{' {
        let line = &lexed.text[..span.start as usize];
        let line = &line[line.rfind('\n').map_or(0, |i| i + 1)..];
        let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        d.label(gap, "a `}` might be missing here").fix(
            "close the block with `}`",
            gap,
            format!("\n{indent}}}"),
        )
    } else {
        d.label(gap, format!("a `{c}` might be missing here")).fix(
            format!("close it with `{c}`"),
            gap,
            c.to_string(),
        )
    };
    faults.push(Fault { diagnostic: d, at: span.start as usize, poison: true });
}

/// The indentation of the line of every token.
fn indents(lexed: &Lexed) -> Vec<usize> {
    let mut indent = 0;
    (0..lexed.tokens.len())
        .map(|i| {
            if lexed.starts_line(i) {
                let line = &lexed.text[..lexed.tokens[i].start];
                indent = line.len() - line.rfind('\n').map_or(0, |n| n + 1);
            }
            indent
        })
        .collect()
}

/// Whether the block opened by `open` is written indented, so that indentation says where it ends.
fn indented(lexed: &Lexed, indents: &[usize], open: usize) -> bool {
    open + 1 < lexed.tokens.len() && (!lexed.starts_line(open + 1) || indents[open + 1] > indents[open])
}

/// Whether the token can only begin a statement.
fn begins_statement(lexed: &Lexed, i: usize) -> bool {
    let word = lexed.str(i);
    let name_follows =
        matches!(lexed.tokens.get(i + 1), Some(t) if matches!(t.kind, Kind::Name | Kind::Number | Kind::Str));
    let keyword = keywords::ITEMS.contains(&word)
        || keywords::MEMBERS.contains(&word)
        || keywords::STATEMENTS.contains(&word);
    lexed.tokens[i].kind == Kind::Name
        && ((keyword && (name_follows || lexed.str(i + 1) == "{"))
            || lexed.str(i + 1) == "="
            || (lexed.str(i + 1) == "/" && lexed.str(i + 2) == "dt"))
}
