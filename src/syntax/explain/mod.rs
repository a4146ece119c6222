//! Why the grammar stopped, in words: known slips first, then what was expected.

mod expected;
mod habits;
mod increments;
mod operands;
mod starts;

use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords::{HARD, ITEMS, MEMBERS, STATEMENTS};
use crate::syntax::layout::{MAX_DEPTH, Segment, opening_word};
use crate::syntax::lex::{Kind, Lexed};

/// Where the grammar stopped.
pub(super) struct Failure {
    /// The word it does not understand; none if the statement ends too early.
    pub token: Option<usize>,
    /// The next word, also if it is behind the end of the statement.
    pub next: usize,
    /// What it tried.
    pub expected: Vec<Rule>,
    /// The stack is exhausted.
    pub limit: bool,
}

/// Where a statement stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Item,
    Member,
    Statement,
    Case,
    /// An expression by itself.
    Alone,
}

impl Place {
    fn words(self) -> &'static [&'static str] {
        match self {
            Place::Item => ITEMS,
            Place::Member => MEMBERS,
            Place::Statement => STATEMENTS,
            Place::Case | Place::Alone => &[],
        }
    }

    fn text(self) -> &'static str {
        match self {
            Place::Item => "at the top of a file",
            Place::Member => "in a population, a rule or `synapses`",
            Place::Statement => "in a protocol",
            Place::Case => "in a case",
            Place::Alone => "in an expression",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Place::Item => "item",
            Place::Member => "member",
            Place::Statement => "statement",
            Place::Case => "case",
            Place::Alone => "expression",
        }
    }
}

/// Turns a failure of the grammar in `segment` into a message.
pub(super) fn explain(
    lexed: &Lexed,
    segments: &[Segment],
    segment: &Segment,
    failure: &Failure,
) -> Diagnostic {
    let block = segment.parent.map_or("", |p| opening_word(lexed, &segments[p]));
    let place = match segment.parent.map(|p| opening_word(lexed, &segments[p])) {
        None => Place::Item,
        Some("population" | "rule" | "synapses") => Place::Member,
        Some("cases") => Place::Case,
        Some(_) if segments[segment.item].first == segment.first => Place::Item,
        Some(_) => match opening_word(lexed, &segments[segment.item]) {
            "cases" => Place::Case,
            "protocol" => Place::Statement,
            _ => Place::Member,
        },
    };
    Case { lexed, segment, place, block, failure }.explain()
}

/// Turns a failure in an expression by itself into a message.
pub(super) fn explain_expr(lexed: &Lexed, segment: &Segment, failure: &Failure) -> Diagnostic {
    Case { lexed, segment, place: Place::Alone, block: "", failure }.explain()
}

struct Case<'a> {
    lexed: &'a Lexed<'a>,
    segment: &'a Segment,
    place: Place,
    /// The word that opens the block around it.
    block: &'a str,
    failure: &'a Failure,
}

impl Case<'_> {
    fn explain(&self) -> Diagnostic {
        let case = self;
        case.too_deep()
            .or_else(|| case.decimal_comma())
            .or_else(|| case.habit())
            .or_else(|| case.unit_without_number())
            .or_else(|| case.first_word())
            .or_else(|| case.comparison())
            .or_else(|| case.reserved())
            .or_else(|| case.incomplete_if())
            .or_else(|| case.three_ends())
            .or_else(|| case.missing_mode())
            .or_else(|| case.missing_on())
            .or_else(|| case.missing_length())
            .or_else(|| case.missing_size())
            .or_else(|| case.next_statement())
            .or_else(|| case.missing_operator())
            .unwrap_or_else(|| case.expected())
    }

    fn str(&self, i: usize) -> &str {
        self.lexed.str(i)
    }

    fn kind(&self, i: usize) -> Option<Kind> {
        self.lexed.tokens.get(i).map(|t| t.kind)
    }

    /// The word the grammar does not understand.
    fn this(&self) -> Option<usize> {
        self.failure.token
    }

    /// The word before it, if it belongs to the statement.
    fn prev(&self) -> Option<usize> {
        self.failure.token.unwrap_or(self.failure.next).checked_sub(1).filter(|p| *p >= self.segment.first)
    }

    /// Where the fault is: the word, or the place behind the last one.
    fn span(&self) -> Span {
        match (self.this(), self.prev()) {
            (Some(this), _) => self.lexed.span(this),
            (None, Some(prev)) => self.lexed.span(prev).after(),
            _ => self.lexed.span(self.failure.next),
        }
    }

    fn expects(&self, rule: Rule) -> bool {
        self.failure.expected.contains(&rule)
    }

    /// Whether the word before completes an operand.
    fn after_operand(&self) -> Option<usize> {
        self.prev().filter(|p| match self.kind(*p) {
            Some(Kind::Name) => !HARD.contains(&self.str(*p)) || matches!(self.str(*p), "true" | "false"),
            Some(Kind::Close) => self.str(*p) != "}",
            Some(Kind::Number | Kind::Unit | Kind::Str) => true,
            _ => false,
        })
    }

    /// Whether the word before is an operator.
    fn after_operator(&self) -> bool {
        self.prev().is_some_and(|p| match self.kind(p) {
            Some(Kind::Sign) => !matches!(self.str(p), "=" | "," | ":" | "."),
            _ => matches!(self.str(p), "and" | "or" | "not"),
        })
    }

    /// The bracket that is open where the word stands.
    fn open_bracket(&self) -> Option<usize> {
        let mut closed = 0;
        (self.segment.first..self.this()?).rev().find(|&i| match self.kind(i) {
            Some(Kind::Close) => {
                closed += 1;
                false
            }
            Some(Kind::Open) if closed > 0 => {
                closed -= 1;
                false
            }
            kind => kind == Some(Kind::Open),
        })
    }

    fn too_deep(&self) -> Option<Diagnostic> {
        if !self.failure.limit {
            return None;
        }
        let headline = format!("nesting is limited to {MAX_DEPTH} levels of brackets, blocks and `if`s");
        Some(Diagnostic::new(
            Code::E0114,
            self.lexed.span(self.segment.first),
            headline,
            "nested too deeply in here",
        ))
    }
}
