use super::entry::Spelling;
use super::{space, spell};
use crate::source::SourceId;
use crate::syntax::ast::Comment;
use crate::syntax::brackets::match_brackets;
use crate::syntax::layout::{Segment, segments};
use crate::syntax::lex::{Kind, Lexed, Token, lex};
use crate::syntax::tree::Tree;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a word does in its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A name, or a literal that is a word.
    Name,
    /// A word of the language.
    Keyword,
    /// A number, without its unit.
    Number,
    /// A string.
    Str,
    /// A unit.
    Unit,
    /// An operator with two operands; whether it touches them.
    Binary { tight: bool },
    /// The sign of an operand.
    Unary,
    /// `=`, `+=` and so on.
    Assign,
    /// `..`; whether it touches what is beside it.
    Dots { tight: bool },
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// A sign that touches both its neighbours: `.`, or the slash of `dw/dt`.
    Joint,
    /// `->`
    Arrow,
    /// `(` or `[`; whether it touches the word before.
    Open { tight: bool },
    /// `)` or `]`
    Close,
    /// `{` or `}`
    Brace,
}

/// A comment in a gap.
#[derive(Debug)]
pub(super) struct Note<'a> {
    pub text: &'a str,
    /// Whether it has a line of its own.
    pub own_line: bool,
    /// Whether a blank line stands before it.
    pub blank: bool,
    /// Its column, in characters.
    pub column: usize,
}

/// What stands between two words.
#[derive(Debug, Default)]
pub(super) struct Gap<'a> {
    pub notes: Vec<Note<'a>>,
    /// Whether a line ends in it.
    pub newline: bool,
    /// Whether a blank line stands before the word.
    pub blank: bool,
}

/// A word of the text.
#[derive(Debug)]
pub(super) struct Word<'a> {
    pub text: Cow<'a, str>,
    pub role: Role,
    /// How many `(` and `[` it stands in; a bracket counts itself out.
    pub depth: usize,
    /// Whether it touches the word before: the parts of `stale-accumulator` do.
    pub glued: bool,
    /// The gap before it.
    pub gap: Gap<'a>,
}

/// A statement, an item or a member: words `first..=last`.
#[derive(Debug)]
pub(super) struct Statement {
    pub first: usize,
    pub last: usize,
    /// Its braces.
    pub braces: Option<(usize, usize)>,
    /// What stands between them.
    pub inside: Vec<usize>,
}

/// A text that can be parsed, in words and statements.
pub(super) struct Words<'a> {
    pub words: Vec<Word<'a>>,
    pub statements: Vec<Statement>,
    /// The statements that are in no other.
    pub top: Vec<usize>,
    /// The gap behind the last word.
    pub end: Gap<'a>,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str, tree: &Tree, spelling: Spelling) -> Self {
        let mut lexed = lex(SourceId(0), text);
        let brackets = match_brackets(&mut lexed);
        let found = segments(&mut lexed, &brackets);
        // separators are made anew
        let kept: Vec<usize> =
            (0..lexed.tokens.len()).filter(|&i| lexed.tokens[i].kind != Kind::End).collect();
        let mut words = Vec::with_capacity(kept.len());
        let mut gaps = Gaps { text, comments: &lexed.comments, end: None };
        let names = Names::of(tree);
        let mut depth = 0usize;
        for &i in &kept {
            let token = lexed.tokens[i];
            let gap = gaps.before(token.start);
            gaps.end = Some(token.end);
            let written = lexed.str(i);
            let round = matches!(written, "(" | "[" | ")" | "]") && token.kind != Kind::Str;
            if round && token.kind == Kind::Close {
                depth = depth.saturating_sub(1);
            }
            let (is_name, glued) = names.name(text, token);
            let role = role(&lexed, i, is_name);
            let text = spell::spelled(written, role, names.change(&lexed, i), spelling);
            words.push(Word { text, role, depth, glued, gap });
            if round && token.kind == Kind::Open {
                depth += 1;
            }
        }
        let end = gaps.before(text.len());
        let at = |token: usize| kept.partition_point(|&k| k < token);
        let (statements, top) = nested(&found, at, |token| kept.partition_point(|&k| k <= token) - 1);
        let firsts: BTreeSet<usize> = statements.iter().map(|s| s.first).collect();
        space::tell_signs(&mut words, &firsts);
        Words { words, statements, top, end }
    }
}

/// The statements with their children, as indices of words.
fn nested(
    found: &[Segment],
    at: impl Fn(usize) -> usize,
    at_or_before: impl Fn(usize) -> usize,
) -> (Vec<Statement>, Vec<usize>) {
    let mut statements: Vec<Statement> = Vec::with_capacity(found.len());
    let mut top = Vec::new();
    for (n, s) in found.iter().enumerate() {
        let braces = s.open.zip(s.close).map(|(open, close)| (at(open), at(close)));
        statements.push(Statement {
            first: at(s.first),
            last: at_or_before(s.last),
            braces,
            inside: Vec::new(),
        });
        match s.parent {
            Some(parent) => statements[parent].inside.push(n),
            None => top.push(n),
        }
    }
    (statements, top)
}

/// A word that begins with the sign of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// `dw` in `dw = ...`
    Increment,
    /// `dw` in `dw/dt`
    Derivative,
}

/// What the tree knows of words.
#[derive(Default)]
struct Names {
    /// Where leaves of the tree start and end.
    leaves: BTreeMap<usize, usize>,
    /// Where leaves end and start.
    ends: BTreeMap<usize, usize>,
    /// Where the left sides of increments start.
    increments: BTreeSet<usize>,
}

impl Names {
    fn of(tree: &Tree) -> Self {
        let mut names = Names::default();
        names.walk(tree);
        names
    }

    fn walk(&mut self, tree: &Tree) {
        if let Some(span) = tree.span.filter(|_| tree.kids.is_empty()) {
            self.leaves.insert(span.start as usize, span.end as usize);
            self.ends.insert(span.end as usize, span.start as usize);
        }
        if tree.is("increment") {
            self.increments.extend(tree.kids.first().and_then(|left| left.span).map(|s| s.start as usize));
        }
        for kid in &tree.kids {
            self.walk(kid);
        }
    }

    /// Whether the word is a name or a part of one, and whether it touches the word before.
    fn name(&self, text: &str, token: Token) -> (bool, bool) {
        if !matches!(token.kind, Kind::Name | Kind::Sign) {
            return (false, false);
        }
        let around = self.leaves.range(..token.start).next_back();
        let part = around.is_some_and(|(&start, &end)| {
            end >= token.end
                && !text[start..end].contains(char::is_whitespace)
                && !text[start..].starts_with('"')
        });
        let whole = self.ends.get(&token.end).is_some_and(|&start| start >= token.start);
        (part || (whole && token.kind == Kind::Name), part)
    }

    fn change(&self, lexed: &Lexed, i: usize) -> Option<Change> {
        if self.increments.contains(&lexed.tokens[i].start) {
            return Some(Change::Increment);
        }
        is_derivative(lexed, i).then_some(Change::Derivative)
    }
}

/// Whether the word is the `dw` of `dw/dt`.
fn is_derivative(lexed: &Lexed, i: usize) -> bool {
    lexed.tokens[i].kind == Kind::Name
        && lexed.str(i).starts_with(['d', 'Δ', '\u{2206}'])
        && lexed.str(i + 1) == "/"
        && lexed.str(i + 2) == "dt"
}

/// What a word does, as far as it can be told without the words before it.
fn role(lexed: &Lexed, i: usize, is_name: bool) -> Role {
    let text = lexed.str(i);
    match lexed.tokens[i].kind {
        Kind::Name if is_name => Role::Name,
        Kind::Name if text == "dt" && i >= 2 && is_derivative(lexed, i - 2) => Role::Name,
        Kind::Name => Role::Keyword,
        Kind::Number => Role::Number,
        Kind::Str => Role::Str,
        Kind::Unit => Role::Unit,
        Kind::Open if text == "{" => Role::Brace,
        Kind::Close if text == "}" => Role::Brace,
        Kind::Open => Role::Open { tight: false },
        Kind::Close => Role::Close,
        _ if is_name => Role::Joint,
        _ => match text {
            "," => Role::Comma,
            ":" => Role::Colon,
            "." => Role::Joint,
            ".." => Role::Dots { tight: false },
            "->" => Role::Arrow,
            "=" | "+=" | "-=" | "*=" | "/=" => Role::Assign,
            "/" if i > 0 && is_derivative(lexed, i - 1) => Role::Joint,
            _ => Role::Binary { tight: false },
        },
    }
}

/// Takes comments and line ends out of the text between words.
struct Gaps<'l, 'a> {
    text: &'a str,
    comments: &'l [Comment],
    /// The end of the last word.
    end: Option<usize>,
}

impl<'a> Gaps<'_, 'a> {
    /// The gap before the word at byte `start`.
    fn before(&mut self, start: usize) -> Gap<'a> {
        let mut gap = Gap::default();
        let mut at = self.end.unwrap_or(0);
        while let Some((comment, rest)) = self.comments.split_first() {
            let span = comment.span.range();
            if span.start >= start {
                break;
            }
            let between = &self.text[at..span.start];
            let line = self.text[..span.start].rsplit('\n').next().unwrap_or("");
            gap.notes.push(Note {
                text: &self.text[span.clone()],
                own_line: self.end.is_none() || between.contains('\n'),
                blank: blank(between),
                column: line.chars().count(),
            });
            (at, self.comments) = (span.end, rest);
        }
        let between = &self.text[at..start];
        gap.newline = !gap.notes.is_empty() || between.contains('\n');
        gap.blank = blank(between);
        gap
    }
}

/// Whether a line of this is empty: two line ends with nothing but blanks between them.
fn blank(between: &str) -> bool {
    let mut newlines = between.match_indices('\n').map(|(at, _)| at);
    let mut before = newlines.next();
    newlines.any(|at| before.replace(at).is_some_and(|b| between[b..at].trim().is_empty()))
}
