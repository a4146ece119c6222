//! The driver: words, brackets, statements, then the grammar item by item.
//!
//! A statement the grammar cannot read is reported, blanked and its item read again, so that every independent fault is
//! found and what is left of the item still makes a tree.

use std::cell::RefCell;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use super::ast::{Expr, File, Item, Statement};
use super::brackets::{Brackets, match_brackets};
use super::build::{Builder, doc_line};
use super::explain::{Failure, explain, explain_expr};
use super::grammar::{Grammar, Rule};
use super::keywords;
use super::layout::{Segment, opening_word, segments, too_deep};
use super::lex::{Kind, Lexed, lex};
use crate::diag::{Code, Diagnostic, Sink};
use crate::source::{SourceId, Span};

/// No experiment is longer; spans are 32 bits wide.
const MOST_BYTES: usize = 64 << 20;
/// At most this many statements of one item are reported.
const MOST_FAULTS: usize = 25;

/// Reads a file. Faults go to `sink`; what could be read is returned even so, as far as the text is not hopeless.
///
/// After an error the tree lacks what was not understood: it serves an editor, not the checker.
///
/// ```
/// use plast::{diag::Sink, source::SourceId, syntax};
/// let mut sink = Sink::new();
/// let file = syntax::parse(SourceId(0), "clock 1 ms\nlet a = 2 * 10 ms", &mut sink).unwrap();
/// assert_eq!(file.items.len(), 2);
/// assert!(!sink.has_errors());
/// ```
pub fn parse(source: SourceId, text: &str, sink: &mut Sink) -> Option<File> {
    if text.len() > MOST_BYTES {
        sink.push(Diagnostic::global(Code::E0101, format!("a file is limited to {} MiB", MOST_BYTES >> 20)));
        return None;
    }
    let mut session = Session::new(source, text);
    session.report_words(sink);
    let mut items = Vec::new();
    let tops: Vec<usize> =
        (0..session.segments.len()).filter(|&s| session.segments[s].parent.is_none()).collect();
    for (n, &top) in tops.iter().enumerate() {
        let behind = tops.get(n + 1).copied().unwrap_or(session.segments.len());
        if let Some(item) = session.item(top, behind, sink) {
            items.push(item);
        }
    }
    let comments = session.lexed.comments;
    let docs: Vec<&str> = comments.iter().filter_map(|c| doc_line(&c.text, "//!")).collect();
    Some(File { source, docs: docs.join("\n"), items, comments })
}

/// Reads a single expression, such as the value in `--set eta='1e-3 /s'`.
///
/// ```
/// use plast::{diag::Sink, source::SourceId, syntax};
/// assert!(syntax::parse_expr(SourceId(0), "oja(eta = 0.01 /s)", &mut Sink::new()).is_some());
/// ```
pub fn parse_expr(source: SourceId, text: &str, sink: &mut Sink) -> Option<Expr> {
    if text.len() > MOST_BYTES {
        sink.push(Diagnostic::global(Code::E0101, "the expression is too long"));
        return None;
    }
    let mut session = Session::new(source, text);
    session.report_words(sink);
    let Some(whole) = session.segments.first().copied() else {
        let span = Span::new(source, 0, text.len());
        sink.push(Diagnostic::new(Code::E0101, span, "an expression is missing", "nothing here"));
        return None;
    };
    let behind = session.segments.len();
    if let Some(d) = session.too_deep(0, behind) {
        sink.push(d);
        return None;
    }
    let (start, end) = (0, text.len());
    match session.read(Rule::expr_entry, start, end, |builder, node| builder.expr(node)) {
        Ok(built) => {
            built.1.into_iter().for_each(|d| sink.push(d));
            if session.noted.iter().any(|n| *n) {
                return None;
            }
            return built.0.or_else(|| {
                sink.push(disagreement(Span::new(source, start, end)));
                None
            });
        }
        Err(failed) => {
            let (segment, failure) = session.locate(failed, 0, behind);
            if !session.noted[segment] {
                sink.push(explain_expr(&session.lexed, &whole, &failure));
            }
        }
    }
    None
}

/// Reads statements of a protocol that stand in no block.
///
/// ```
/// use plast::{diag::Sink, source::SourceId, syntax};
/// let read = syntax::parse_statements(SourceId(0), "rest 1 s; set eta = 2 /s", &mut Sink::new());
/// assert_eq!(read.map(|s| s.len()), Some(2));
/// ```
pub fn parse_statements(source: SourceId, text: &str, sink: &mut Sink) -> Option<Vec<Statement>> {
    let mut session = Session::new(source, text);
    session.report_words(sink);
    let behind = session.segments.len();
    if let Some(d) = session.too_deep(0, behind) {
        sink.push(d);
        return None;
    }
    if session.noted.iter().any(|n| *n) {
        return None;
    }
    match session.pairs(Rule::statements_entry, 0, text.len()) {
        Ok(pairs) => {
            let builder = session.builder(0);
            let nodes = pairs.into_iter().filter(|n| !matches!(n.as_rule(), Rule::end | Rule::EOI));
            let built = nodes.map(|n| builder.statement(n)).collect::<Option<Vec<_>>>();
            let faults = builder.faults.into_inner();
            let well = faults.is_empty();
            faults.into_iter().for_each(|d| sink.push(d));
            built.filter(|_| well)
        }
        Err(failed) => {
            let (segment, failure) = session.locate(failed, 0, behind);
            if let Some(at) = session.segments.get(segment) {
                sink.push(explain(&session.lexed, &session.segments, at, &failure));
            }
            None
        }
    }
}

/// What a text seems to be, by its first words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// An item of a file.
    Item,
    /// A statement of a protocol.
    Statement,
    /// `name = ...` or `name.name = ...`
    Assignment,
    /// An expression, or nothing that is known.
    Other,
}

/// What a text seems to be, by its first words.
///
/// ```
/// use plast::syntax::{Opening, opening};
/// assert_eq!(opening("param eta = 1"), Opening::Item);
/// assert_eq!(opening("ff.eta = 1"), Opening::Assignment);
/// assert_eq!(opening("rest * 1"), Opening::Other);
/// ```
pub fn opening(text: &str) -> Opening {
    let lexed = lex(SourceId(0), text);
    let Some(first) = lexed.tokens.first().filter(|t| t.kind == Kind::Name) else { return Opening::Other };
    let word = &text[first.start..first.end];
    let sign = |i: usize, sign: &str| lexed.tokens.get(i).is_some_and(|t| &text[t.start..t.end] == sign);
    let name = |i: usize| lexed.tokens.get(i).is_some_and(|t| t.kind == Kind::Name);
    if sign(1, "=") || (sign(1, ".") && name(2) && sign(3, "=")) {
        return Opening::Assignment;
    }
    let goes_on = lexed.tokens.get(1).is_some_and(|t| match t.kind {
        Kind::Sign => !matches!(&text[t.start..t.end], "-" | "+"),
        _ => false,
    });
    if goes_on {
        return Opening::Other;
    }
    if keywords::ITEMS.contains(&word) {
        Opening::Item
    } else if keywords::STATEMENTS.contains(&word) {
        Opening::Statement
    } else {
        Opening::Other
    }
}

/// Whether a text ends before what it says is complete: inside brackets, or behind a sign that joins two things.
///
/// ```
/// use plast::syntax::is_unfinished;
/// assert!(is_unfinished("rule hebb {") && is_unfinished("let a = 1 +"));
/// assert!(!is_unfinished("let a = 1") && !is_unfinished("let a = (1]"));
/// ```
pub fn is_unfinished(text: &str) -> bool {
    let lexed = lex(SourceId(0), text);
    let mut open = Vec::new();
    for t in &lexed.tokens {
        let sign = &text[t.start..t.end];
        match t.kind {
            Kind::Open => open.push(match sign {
                "(" => ")",
                "[" => "]",
                _ => "}",
            }),
            Kind::Close if open.pop() != Some(sign) => return false,
            _ => {}
        }
    }
    let joins = lexed.tokens.last().is_some_and(|t| match t.kind {
        Kind::Sign => !matches!(&text[t.start..t.end], ".." | "?"),
        Kind::Name => matches!(&text[t.start..t.end], "and" | "or" | "not" | "in" | "if" | "then" | "else"),
        _ => false,
    });
    !open.is_empty() || joins
}

fn disagreement(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::E0001,
        span,
        "internal error: the grammar and the tree disagree",
        "while reading this",
    )
}

/// Where and why pest stopped.
struct Failed {
    at: usize,
    expected: Vec<Rule>,
    /// The stack is exhausted.
    limit: bool,
}

type Built<T> = (Option<T>, Vec<Diagnostic>);

struct Session<'a> {
    lexed: Lexed<'a>,
    brackets: Brackets,
    segments: Vec<Segment>,
    /// Segments with a fault that was reported.
    noted: Vec<bool>,
    /// Segments that cannot be parsed, or were already blanked.
    poisoned: Vec<bool>,
}

impl<'a> Session<'a> {
    fn new(source: SourceId, text: &'a str) -> Self {
        let mut lexed = lex(source, text);
        let brackets = match_brackets(&mut lexed);
        let segments = segments(&mut lexed, &brackets);
        let n = segments.len();
        Session { lexed, brackets, segments, noted: vec![false; n], poisoned: vec![false; n] }
    }

    /// Reports the faults of single words and of brackets.
    fn report_words(&mut self, sink: &mut Sink) {
        let faults = std::mem::take(&mut self.lexed.faults);
        let spiking = self.poisoned.clone();
        for fault in faults {
            if let Some(segment) = self.segment_at(fault.at, 0, self.segments.len()) {
                if spiking[segment] {
                    continue;
                }
                self.noted[segment] = true;
                self.poisoned[segment] |= fault.poison;
            }
            sink.push(fault.diagnostic);
        }
    }

    fn range(&self, segment: usize) -> (usize, usize) {
        let s = &self.segments[segment];
        (self.lexed.tokens[s.first].start, self.lexed.tokens[s.last].end)
    }

    /// The innermost of the segments `from..to` that holds byte `at`.
    fn segment_at(&self, at: usize, from: usize, to: usize) -> Option<usize> {
        let last = from + self.segments[from..to].partition_point(|s| self.lexed.tokens[s.first].start <= at);
        let mut found = last.checked_sub(1).filter(|s| *s >= from)?;
        while self.range(found).1 < at {
            found = self.segments[found].parent?;
        }
        Some(found)
    }

    fn too_deep(&self, top: usize, behind: usize) -> Option<Diagnostic> {
        (top..behind)
            .filter(|&s| self.segments[s].parent.is_none())
            .find_map(|s| too_deep(&self.lexed, &self.brackets, &self.segments[s]))
    }

    /// Reads the item that is segment `top`; the segments up to `behind` are inside it.
    fn item(&mut self, top: usize, behind: usize, sink: &mut Sink) -> Option<Item> {
        if let Some(d) = self.too_deep(top, behind) {
            sink.push(d);
            return None;
        }
        let (mut start, mut end) = self.range(top);
        let mut goal = Rule::item_entry;
        for segment in top + 1..behind {
            if self.poisoned[segment] {
                self.blank(segment);
            }
        }
        if self.poisoned[top] {
            (goal, start, end) = self.body(top)?;
        }
        for _ in 0..MOST_FAULTS {
            let read = self.read(goal, start, end, |builder, node| {
                (node.as_rule() == Rule::item).then(|| builder.item(node)).flatten()
            });
            let failed = match read {
                Ok((item, faults)) => {
                    faults.into_iter().for_each(|d| sink.push(d));
                    if item.is_none() && goal == Rule::item_entry {
                        sink.push(disagreement(Span::new(self.lexed.source, start, end)));
                    }
                    return item;
                }
                Err(failed) => failed,
            };
            let (segment, failure) = self.locate(failed, top, behind);
            if !std::mem::replace(&mut self.noted[segment], true) {
                sink.push(explain(&self.lexed, &self.segments, &self.segments[segment], &failure));
            }
            if segment == top {
                if goal != Rule::item_entry {
                    return None;
                }
                (goal, start, end) = self.body(top)?;
            } else if self.poisoned[segment] {
                return None;
            } else {
                self.poisoned[segment] = true;
                self.blank(segment);
            }
        }
        None
    }

    /// Hands a part of the layout text to the grammar.
    fn read<T>(
        &self,
        goal: Rule,
        start: usize,
        end: usize,
        build: impl Fn(&Builder, pest::iterators::Pair<Rule>) -> Option<T>,
    ) -> Result<Built<T>, Failed> {
        let pairs = self.pairs(goal, start, end)?;
        let builder = self.builder(start);
        let whole = pairs.into_iter().find(|node| node.as_rule() != Rule::end);
        let built = whole.and_then(|node| build(&builder, node));
        Ok((built, builder.faults.into_inner()))
    }

    fn builder(&self, offset: usize) -> Builder<'_> {
        Builder {
            source: self.lexed.source,
            text: self.lexed.text,
            offset,
            comments: &self.lexed.comments,
            faults: RefCell::default(),
        }
    }

    fn pairs(
        &self,
        goal: Rule,
        start: usize,
        end: usize,
    ) -> Result<pest::iterators::Pairs<'_, Rule>, Failed> {
        let text = std::str::from_utf8(&self.lexed.layout[start..end]).unwrap_or("");
        Grammar::parse(goal, text).map_err(|e| {
            let at = match e.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => start + at,
            };
            match e.variant {
                ErrorVariant::ParsingError { positives, .. } => {
                    Failed { at, expected: positives, limit: false }
                }
                ErrorVariant::CustomError { .. } => Failed { at, expected: Vec::new(), limit: true },
            }
        })
    }

    /// Which statement is at fault, and at which of its words.
    fn locate(&self, failed: Failed, top: usize, behind: usize) -> (usize, Failure) {
        let tokens = &self.lexed.tokens;
        let next = tokens.partition_point(|t| t.end <= failed.at);
        let here = tokens.get(next).filter(|t| t.start <= failed.at && t.kind != Kind::End);
        let closing = here.is_some_and(|t| t.kind == Kind::Close && self.lexed.str(next) == "}");
        // An end comes too early for the statement before it.
        let owner =
            if (here.is_none() || closing) && next > self.segments[top].first { next - 1 } else { next };
        let at = tokens.get(owner).map_or(failed.at, |t| t.start);
        let segment = self.segment_at(at, top, behind).unwrap_or(top);
        let token = here
            .is_some()
            .then_some(next)
            .filter(|_| !(closing && self.segments[segment].close != Some(next)));
        (segment, Failure { token, next, expected: failed.expected, limit: failed.limit })
    }

    /// Takes a statement out of the layout text, but not the statements inside its braces.
    fn blank(&mut self, segment: usize) {
        let s = self.segments[segment];
        let (start, end) = self.range(segment);
        let spared =
            matches!(opening_word(&self.lexed, &s), "phase" | "repeat" | "for" | "together" | "control");
        match s.open.filter(|_| spared) {
            None => self.lexed.fill(start, end, b' '),
            Some(open) => {
                let open = self.lexed.tokens[open];
                self.lexed.fill(start, open.end, b' ');
                self.lexed.fill(open.start, open.start + 1, b';');
                if let Some(close) = s.close.map(|c| self.lexed.tokens[c]) {
                    self.lexed.fill(close.start, end, b' ');
                    self.lexed.fill(close.start, close.start + 1, b';');
                }
            }
        }
    }

    /// What an item holds between its braces, to be read although its head is wrong.
    fn body(&self, top: usize) -> Option<(Rule, usize, usize)> {
        let item = self.segments[top];
        let goal = match opening_word(&self.lexed, &item) {
            "protocol" => Rule::statements_entry,
            "population" | "rule" | "synapses" | "cell" => Rule::members_entry,
            "cases" => Rule::cases_entry,
            _ => return None,
        };
        let start = self.lexed.tokens[item.open?].end;
        let end = match item.close {
            Some(close) => self.lexed.tokens[close].start,
            None => self.range(top).1,
        };
        (start <= end).then_some((goal, start, end))
    }
}
