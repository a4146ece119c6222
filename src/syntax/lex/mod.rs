//! Text to words: names, numbers with their units, strings, signs, comments.
//!
//! The grammar reads text, not these tokens; they say where statements end, which words are units, how brackets nest,
//! and they are what messages speak of. A character or word that is never right is reported here.

mod foreign;
mod numbers;
mod strings;

use crate::diag::Diagnostic;
use crate::source::{SourceId, Span};
use crate::syntax::keywords;
use crate::syntax::letters::{in_name, lookalike_sign};
use crate::syntax::{ast, slips};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name,
    /// The digits of a number.
    Number,
    /// A unit after a number, a list or `in`.
    Unit,
    /// A string with its quotes.
    Str,
    /// An operator or other sign.
    Sign,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// `;`
    End,
    /// What is no part of the language.
    Junk,
}

/// A token: bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// A fault found in the words, at byte `at`. A poisoned statement cannot be parsed.
pub(super) struct Fault {
    pub diagnostic: Diagnostic,
    pub at: usize,
    pub poison: bool,
}

/// A text in words.
pub(super) struct Lexed<'a> {
    pub source: SourceId,
    pub text: &'a str,
    pub tokens: Vec<Token>,
    pub comments: Vec<ast::Comment>,
    /// The text the grammar will read: same bytes, comments blank, unit slashes `\`.
    pub layout: Vec<u8>,
    pub faults: Vec<Fault>,
}

impl<'a> Lexed<'a> {
    /// The text of a token.
    pub fn str(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |t| &self.text[t.start..t.end])
    }

    /// The span of a token; past the last one, the end of the text.
    pub fn span(&self, index: usize) -> Span {
        match self.tokens.get(index) {
            Some(t) => Span::new(self.source, t.start, t.end),
            None => {
                let end = self.tokens.last().map_or(0, |t| t.end);
                Span::new(self.source, end, end)
            }
        }
    }

    /// Whether a line ends between token `index - 1` and token `index`.
    pub fn starts_line(&self, index: usize) -> bool {
        match (index.checked_sub(1).and_then(|i| self.tokens.get(i)), self.tokens.get(index)) {
            (Some(before), Some(this)) => self.text[before.end..this.start].contains('\n'),
            _ => true,
        }
    }

    /// The bytes between two neighbours, empty if they touch.
    pub fn touch(&self, index: usize) -> bool {
        match (self.tokens.get(index), self.tokens.get(index + 1)) {
            (Some(a), Some(b)) => a.end == b.start,
            _ => false,
        }
    }

    /// Replaces bytes of the layout text by as many of `fill`.
    pub fn fill(&mut self, start: usize, end: usize, fill: u8) {
        self.layout[start..end].fill(fill);
    }
}

/// Splits `text` into words.
pub(super) fn lex(source: SourceId, text: &str) -> Lexed<'_> {
    let lexed = Lexed {
        source,
        text,
        tokens: Vec::new(),
        comments: Vec::new(),
        layout: text.as_bytes().to_vec(),
        faults: Vec::new(),
    };
    let mut lexer = Lexer { out: lexed, at: 0, brackets: Vec::new(), bar: None };
    // blanks of other kinds, as pages and word processors like them
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_whitespace() && !c.is_ascii()) {
        lexer.out.fill(at, at + c.len_utf8(), b' ');
    }
    while let Some(c) = lexer.peek(0) {
        lexer.step(c);
    }
    lexer.out
}

struct Lexer<'a> {
    out: Lexed<'a>,
    at: usize,
    /// Open brackets, and for `[` what stands in it.
    brackets: Vec<Bracket>,
    /// Where the second bar of `|x|` stands, once the first is told of.
    bar: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum Bracket {
    /// `[` of a list.
    List,
    /// `[` of the list behind `columns =`.
    Columns,
    /// `{`
    Block,
    /// `(`, or `[` of an index.
    Other,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.out.text[self.at..]
    }

    fn peek(&self, n: usize) -> Option<char> {
        self.rest().chars().nth(n)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.out.source, start, end)
    }

    fn push(&mut self, kind: Kind, len: usize) {
        self.out.tokens.push(Token { kind, start: self.at, end: self.at + len });
        self.at += len;
    }

    fn fault(&mut self, diagnostic: Diagnostic, at: usize, poison: bool) {
        self.out.faults.push(Fault { diagnostic, at, poison });
    }

    /// The text of the token `back` places before the next one.
    fn before(&self, back: usize) -> &'a str {
        self.out.tokens.len().checked_sub(back).map_or("", |i| self.out.str(i))
    }

    fn step(&mut self, c: char) {
        let rest = self.rest();
        if c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}' | '\u{200C}' | '\u{200D}' | '\u{2060}') {
            if !matches!(c, ' ' | '\t' | '\n') {
                self.out.fill(self.at, self.at + c.len_utf8(), b' ');
            }
            self.at += c.len_utf8();
        } else if rest.starts_with("//") {
            let end = self.at + rest.find('\n').unwrap_or(rest.len());
            let text = self.out.text[self.at..end].trim_end();
            let span = self.span(self.at, self.at + text.len());
            self.out.comments.push(ast::Comment { text: text.to_string(), span });
            self.skip_to(end);
        } else if rest.starts_with("/*") || c == '#' || (c == '%' && self.at_line_start()) {
            self.foreign_comment(c);
        } else if c == '"' {
            self.string();
        } else if matches!(c, '“' | '”' | '„' | '«' | '\'' | '‘' | '’' | '`') {
            self.foreign_quote(c);
        } else if c.is_ascii_digit() || (c == '.' && self.fraction_without_zero()) {
            self.number();
        } else if in_word(c) {
            self.word();
        } else {
            self.sign(c);
        }
    }

    /// Whether the line begins with this word.
    fn opens_with(&self, word: &str) -> bool {
        let line = self.out.text[..self.at].rsplit('\n').next().unwrap_or("");
        line.trim_start().starts_with(word)
    }

    /// Blanks the text up to `end`.
    fn skip_to(&mut self, end: usize) {
        self.out.fill(self.at, end, b' ');
        self.at = end;
    }

    fn at_line_start(&self) -> bool {
        let line = &self.out.text[..self.at];
        line[line.rfind('\n').map_or(0, |i| i + 1)..].trim().is_empty()
    }

    fn word(&mut self) {
        let word = word_at(self.rest());
        let span = self.span(self.at, self.at + word.len());
        if let Some(fault) = slips::letters(span, word) {
            self.fault(fault, self.at, false);
            for (i, c) in word.char_indices().filter(|(_, c)| !in_name(*c)) {
                self.out.fill(self.at + i, self.at + i + c.len_utf8(), b'_');
            }
        }
        if self.expects_unit() {
            match self.unit(self.at, false) {
                Some(len) => return self.push_unit(len),
                None if !keywords::is_keyword(word) => {
                    self.fault(slips::unknown_unit(span, word), self.at, false);
                    return self.push(Kind::Unit, word.len());
                }
                None => {}
            }
        }
        let column = self.brackets.last() == Some(&Bracket::Columns)
            && matches!(self.before(2), "[" | ",")
            && self.out.tokens.last().is_some_and(|t| t.kind == Kind::Name);
        if column {
            if let Some(len) = self.unit(self.at, false) {
                return self.push_unit(len);
            }
            self.fault(slips::unknown_unit(span, word), self.at, false);
            return self.push(Kind::Unit, word.len());
        }
        self.push(Kind::Name, word.len());
    }

    fn sign(&mut self, c: char) {
        const SIGNS: &[&str] = &[
            "+-", "->", "..", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "=", "<", ">", "+", "-", "*",
            "/", "^", ",", ":", ".",
        ];
        let rest = self.rest();
        if self.foreign_sign(c) {
            return;
        }
        if matches!(c, '%' | '°') && self.expects_unit() {
            return self.push_unit(c.len_utf8());
        }
        if rest.starts_with("=>") && self.opens_with("synapses") {
            let span = self.span(self.at, self.at + 2);
            self.fault(slips::arrow(span), self.at, false);
            self.out.layout[self.at..self.at + 2].copy_from_slice(b"->");
            return self.push(Kind::Sign, 2);
        }
        if let Some(slip) = slips::operator(rest) {
            let span = self.span(self.at, self.at + slip.len);
            self.fault(slip.diagnostic(span, rest), self.at, slip.patch.is_none());
            if let Some(patch) = slip.patch {
                self.out.fill(self.at, self.at + slip.len, b' ');
                self.out.layout[self.at..self.at + patch.len()].copy_from_slice(patch.as_bytes());
            }
            return self.push(Kind::Sign, slip.len);
        }
        match c {
            '(' | '{' => {
                self.brackets.push(if c == '{' { Bracket::Block } else { Bracket::Other });
                self.push(Kind::Open, 1);
            }
            '[' => {
                self.brackets.push(self.list_bracket());
                self.push(Kind::Open, 1);
            }
            ')' | ']' | '}' => {
                let open = self.brackets.pop();
                self.push(Kind::Close, 1);
                if c == ']' && matches!(open, Some(Bracket::List | Bracket::Columns)) {
                    let blanks = self.blanks();
                    if let Some(len) = self.unit(self.at + blanks, blanks > 0) {
                        self.at += blanks;
                        self.push_unit(len);
                    }
                }
            }
            ';' => self.push(Kind::End, 1),
            '/' if self.expects_unit() && self.unit(self.at, true).is_some() => {
                let len = self.unit(self.at, true).unwrap_or(1);
                self.push_unit(len);
            }
            _ => {
                if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
                    return self.push(Kind::Sign, sign.len());
                }
                self.stray(c);
            }
        }
    }

    /// A `[` opens an index if what it indexes stands before it on the line, else a list.
    fn list_bracket(&self) -> Bracket {
        let Some(last) = self.out.tokens.last() else { return Bracket::List };
        let same_line = !self.out.text[last.end..self.at].contains('\n');
        let word = self.before(1);
        let indexes = match last.kind {
            Kind::Name => !keywords::HARD.contains(&word),
            Kind::Close => word != "}",
            _ => false,
        };
        if indexes && same_line {
            Bracket::Other
        } else if word == "=" && self.before(2) == "columns" {
            Bracket::Columns
        } else {
            Bracket::List
        }
    }
}

/// Whether `c` is part of a word: what makes names, and letters of other alphabets (which are reported).
fn in_word(c: char) -> bool {
    in_name(c) || (!c.is_ascii() && c.is_alphanumeric() && lookalike_sign(c).is_none())
}

/// The word at the start of `text`.
fn word_at(text: &str) -> &str {
    &text[..text.find(|c: char| !in_word(c)).unwrap_or(text.len())]
}
