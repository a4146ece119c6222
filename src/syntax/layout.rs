//! Where statements end, and how deep a text is nested: what must be known before the grammar reads it.
//!
//! A statement ends at `;`, at `}` and at a line end, unless the line ends or the next one begins with something that
//! shows it goes on; inside `()` and `[]` line ends are blanks. The layout text says so with `;` where a line end counts.

use super::brackets::Brackets;
use super::keywords;
use super::lex::{Kind, Lexed};
use crate::diag::{Code, Diagnostic};

/// Brackets, blocks and `if`s inside each other.
pub(super) const MAX_DEPTH: usize = 200;
/// Operators that are operands of each other.
pub(super) const MAX_OPERATORS: usize = 1000;

/// An item, a member or a statement: tokens `first..=last`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub first: usize,
    pub last: usize,
    /// Its `{`.
    pub open: Option<usize>,
    /// The `}` of that.
    pub close: Option<usize>,
    /// The segment between whose braces it stands.
    pub parent: Option<usize>,
    /// The item it belongs to.
    pub item: usize,
}

/// Splits the text in segments, each before those inside it, and marks the statement ends in the layout text.
pub(super) fn segments(lexed: &mut Lexed, brackets: &Brackets) -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    let mut blocks: Vec<usize> = Vec::new();
    let mut current: Option<usize> = None;
    let mut i = 0;
    loop {
        // A block that is never closed ends where indentation says so.
        while let Some(open) = blocks.last().and_then(|&b| found[b].open) {
            if brackets.partner[open].is_some() || brackets.behind(open) > i {
                break;
            }
            if let Some(block) = blocks.pop() {
                found[block].last = i - 1;
                current = None;
                end_line(lexed, i);
            }
        }
        let Some(token) = lexed.tokens.get(i).copied() else { return found };
        if token.kind == Kind::End {
            current = None;
            i += 1;
            continue;
        }
        if token.kind == Kind::Close && lexed.str(i) == "}" && !blocks.is_empty() {
            if let Some(block) = blocks.pop() {
                found[block].close = Some(i);
                found[block].last = i;
                let clause = matches!(lexed.str(i + 1), "allow" | "stream" | "refractory")
                    && !ends_statement(lexed, i + 1);
                current = clause.then_some(block);
            }
            i += 1;
            end_line_unless_continued(lexed, i);
            continue;
        }
        let segment = match current {
            Some(segment) => segment,
            None => {
                let parent = blocks.last().copied();
                let item = parent.map_or(found.len(), |p| found[p].item);
                found.push(Segment { first: i, last: i, open: None, close: None, parent, item });
                found.len() - 1
            }
        };
        current = Some(segment);
        found[segment].last = i;
        if token.kind == Kind::Open && lexed.layout[token.start] == b'{' && found[segment].open.is_none() {
            found[segment].open = Some(i);
            blocks.push(segment);
            current = None;
            i += 1;
            continue;
        }
        let unclosed = brackets.partner[i].is_none();
        i = if token.kind == Kind::Open { brackets.behind(i).max(i + 1) } else { i + 1 };
        found[segment].last = i - 1;
        let cut_off = token.kind == Kind::Open && unclosed;
        if i < lexed.tokens.len() && (ends_statement(lexed, i) || (cut_off && lexed.starts_line(i))) {
            end_line(lexed, i);
            current = None;
        }
    }
}

/// Marks the line end before token `i` as the end of a statement.
fn end_line(lexed: &mut Lexed, i: usize) {
    let Some(before) = i.checked_sub(1).and_then(|b| lexed.tokens.get(b)) else { return };
    let until = lexed.tokens.get(i).map_or(lexed.text.len(), |t| t.start);
    if let Some(newline) = lexed.text[before.end..until].find('\n') {
        let at = before.end + newline;
        lexed.fill(at, at + 1, b';');
    }
}

fn end_line_unless_continued(lexed: &mut Lexed, i: usize) {
    if i < lexed.tokens.len() && ends_statement(lexed, i) {
        end_line(lexed, i);
    }
}

/// Whether a statement ends on a line end before token `i`.
fn ends_statement(lexed: &Lexed, i: usize) -> bool {
    i > 0
        && lexed.starts_line(i)
        && (begins_statement(lexed, i) || (!goes_on_after(lexed, i - 1) && !goes_on_with(lexed, i)))
}

/// Whether the line begins with the keyword of a statement and a name, so that even after `=` it is no operand.
fn begins_statement(lexed: &Lexed, i: usize) -> bool {
    let word = lexed.str(i);
    (keywords::ITEMS.contains(&word) || keywords::STATEMENTS.contains(&word))
        && lexed.tokens.get(i + 1).is_some_and(|t| t.kind == Kind::Name)
        && !lexed.starts_line(i + 1)
        && !keywords::is_keyword(lexed.str(i + 1))
}

/// Whether a line that ends with token `i` goes on.
fn goes_on_after(lexed: &Lexed, i: usize) -> bool {
    match lexed.tokens[i].kind {
        Kind::Sign => true,
        Kind::Name => matches!(lexed.str(i), "and" | "or" | "not" | "in" | "if" | "then" | "else"),
        _ => false,
    }
}

/// Whether a line that begins with token `i` goes on with the one before.
fn goes_on_with(lexed: &Lexed, i: usize) -> bool {
    let next = lexed.tokens.get(i + 1).map(|t| t.kind);
    match lexed.tokens[i].kind {
        Kind::Sign => !matches!(lexed.str(i), "." | ".."),
        Kind::Open => lexed.layout[lexed.tokens[i].start] == b'{',
        Kind::Str => true,
        Kind::Name => match lexed.str(i) {
            "and" | "or" | "in" | "then" | "else" => true,
            "vs" | "every" | "during" | "within" | "as" | "by" | "weighted" | "split" | "mark" | "with" => {
                !matches!(lexed.str(i + 1), "=" | "/" | "[")
            }
            "allow" => next == Some(Kind::Name),
            "stream" => next == Some(Kind::Str),
            _ => false,
        },
        _ => false,
    }
}

/// Reports an item whose nesting no reader and no stack survives.
pub(super) fn too_deep(lexed: &Lexed, brackets: &Brackets, item: &Segment) -> Option<Diagnostic> {
    let mut levels = vec![Level { block: true, ..Level::default() }];
    let mut depth = 0usize;
    for i in item.first..=item.last {
        let token = lexed.tokens.get(i)?;
        let top = levels.len() - 1;
        if levels[top].block && i > item.first && ends_statement(lexed, i) {
            depth -= levels[top].next();
        }
        match token.kind {
            Kind::Open => {
                levels.push(Level { block: lexed.layout[token.start] == b'{', ..Level::default() });
                depth += 1;
            }
            Kind::Close if top > 0 && brackets.partner[i].is_some() => {
                depth -= 1 + levels[top].next();
                let closed = levels.pop().unwrap_or_default();
                if closed.block {
                    depth -= levels[top - 1].next();
                } else {
                    levels[top - 1].operators += closed.most + 1;
                }
            }
            Kind::End => depth -= levels[top].next(),
            Kind::Sign if lexed.str(i) == "," => depth -= levels[top].next(),
            Kind::Sign if matches!(lexed.str(i), "=" | ":" | "..") => {}
            Kind::Sign => levels[top].operators += 1,
            Kind::Name => match lexed.str(i) {
                "if" => {
                    levels[top].ifs += 1;
                    levels[top].operators += 1;
                    depth += 1;
                }
                "not" | "and" | "or" | "in" => levels[top].operators += 1,
                _ => {}
            },
            _ => {}
        }
        let headline = if depth > MAX_DEPTH {
            format!("nesting is limited to {MAX_DEPTH} levels of brackets, blocks and `if`s")
        } else if levels.last().is_some_and(|l| l.operators > MAX_OPERATORS) {
            format!("an expression is limited to {MAX_OPERATORS} operators")
        } else {
            continue;
        };
        let d = Diagnostic::new(Code::E0114, lexed.span(i), headline, "this is one too many");
        return Some(d.help("name parts of it with `let` or `fn`"));
    }
    None
}

/// One level of brackets.
#[derive(Default)]
struct Level {
    block: bool,
    operators: usize,
    ifs: usize,
    most: usize,
}

impl Level {
    /// Begins the next expression of this level; returns how many `if`s ended.
    fn next(&mut self) -> usize {
        self.most = self.most.max(self.operators);
        self.operators = 0;
        std::mem::take(&mut self.ifs)
    }
}

/// The keyword a segment begins with, or the one its first word most likely stands for.
pub(super) fn opening_word<'a>(lexed: &Lexed<'a>, segment: &Segment) -> &'a str {
    let word = lexed.str(segment.first);
    let known = [keywords::ITEMS, keywords::STATEMENTS, keywords::MEMBERS];
    if known.iter().any(|list| list.contains(&word)) {
        return word;
    }
    keywords::nearest(word, known.concat()).unwrap_or(word)
}
