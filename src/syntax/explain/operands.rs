//! Faults inside expressions.

use super::{Case, Place};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords;
use crate::syntax::letters::canonical_unit;
use crate::syntax::lex::Kind;
use crate::syntax::slips;
use crate::syntax::unit_words::is_unit;

impl Case<'_> {
    /// `0,5`
    pub(super) fn decimal_comma(&self) -> Option<Diagnostic> {
        let last = self.failure.next.min(self.segment.last);
        let comma = (self.segment.first + 1..=last).find(|&i| {
            self.str(i) == ","
                && self.kind(i - 1) == Some(Kind::Number)
                && self.kind(i + 1) == Some(Kind::Number)
                && self.lexed.touch(i - 1)
                && self.lexed.touch(i)
        })?;
        let span = self.lexed.span(comma - 1).to(self.lexed.span(comma + 1));
        let point = format!("{}.{}", self.str(comma - 1), self.str(comma + 1));
        Some(
            Diagnostic::new(
                Code::E0106,
                span,
                "a decimal number has a point, not a comma",
                "read as two numbers",
            )
            .fix(format!("write `{point}`"), span, point),
        )
    }

    /// `=` where `==` is meant, and the other way round.
    pub(super) fn comparison(&self) -> Option<Diagnostic> {
        let this = self.this()?;
        let (sign, span) = (self.str(this), self.lexed.span(this));
        if sign == "==" && (self.expects(Rule::equals) || self.expects(Rule::assign)) {
            return Some(
                Diagnostic::new(Code::E0104, span, "a definition takes `=`; `==` compares", "a comparison")
                    .fix("write `=`", span, "="),
            );
        }
        let before = |word: &str| (self.segment.first..this).rev().find(|&i| self.str(i) == word);
        let open_if = before("if").filter(|&i| before("then").is_none_or(|t| t < i));
        let condition = self.str(self.segment.first) == "expect"
            || before("until").is_some()
            || before("where").is_some()
            || open_if.is_some();
        if sign != "=" || !condition {
            return None;
        }
        Some(
            Diagnostic::new(Code::E0104, span, "a condition compares with `==`; `=` defines", "a definition")
                .fix("write `==`", span, "=="),
        )
    }

    /// `if` without `then` or `else`.
    pub(super) fn incomplete_if(&self) -> Option<Diagnostic> {
        let here = self.span();
        if let Some(this) = self.this()
            && matches!(self.str(this), "elif" | "elseif" | "elsif")
        {
            return Some(slips::else_if(here, self.str(this)));
        }
        let until = self.this().unwrap_or(self.failure.next);
        let opener = (self.segment.first..until).rev().find(|&i| self.str(i) == "if");
        let (missing, example) = if self.expects(Rule::kw_then) {
            ("then", "if c then a else b")
        } else if self.expects(Rule::kw_else) {
            ("else", "if c then a else b")
        } else if let Some(this) = self.this().filter(|t| self.str(*t) == "if" && self.after_operator()) {
            let headline = "an `if` inside a larger expression stands in parentheses";
            let d = Diagnostic::new(Code::E0115, self.lexed.span(this), headline, "this `if`");
            return Some(d.help("write `a * (if c then a else b)`"));
        } else {
            return None;
        };
        // A word the expression before cannot be followed by is a fault of its own.
        if let Some(this) = self.this()
            && self.kind(this) == Some(Kind::Sign)
            && !matches!(self.str(this), ":" | ",")
        {
            return None;
        }
        let headline = format!("an `if` requires {} `{missing}`", if missing == "else" { "an" } else { "a" });
        let d = Diagnostic::new(Code::E0115, here, headline, format!("`{missing}` might be missing here"));
        let d = match opener {
            Some(opener) => d.label(self.lexed.span(opener), "the `if`"),
            None => d,
        };
        Some(d.help(format!("a choice has three parts: `{example}`")))
    }

    /// `tau ms`
    pub(super) fn unit_without_number(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|t| self.kind(*t) == Some(Kind::Name))?;
        let prev = self.after_operand()?;
        let (unit, before) = (self.str(this), self.str(prev));
        let plausible = self.kind(prev) == Some(Kind::Close)
            || (self.kind(prev) == Some(Kind::Name) && !keywords::is_keyword(before));
        // `popultion m {`: behind a first word only a rate equation's factor.
        let placed = prev > self.segment.first
            || (self.place == Place::Member && matches!(self.str(this + 1), "*" | "/"));
        if !plausible
            || !placed
            || !is_unit(&canonical_unit(unit))
            || matches!(self.str(this + 1), "=" | "(" | "[" | ".")
        {
            return None;
        }
        // `uniform(0.5, 1.5) mV`: the whole of what the bracket closes
        let whole = match self.kind(prev) {
            Some(Kind::Close) => self.operand_ending(prev),
            _ => self.lexed.span(prev),
        };
        let before = self.lexed.text.get(whole.range()).unwrap_or(before);
        let headline = format!("the unit `{unit}` requires a number before it");
        let gap = Span { start: self.lexed.span(prev).end, end: self.span().start, ..self.span() };
        Some(
            Diagnostic::new(Code::E0116, self.span(), headline, "a unit without a number")
                .label(whole, "not a number")
                .fix(
                    format!("write `{before} * 1 {unit}` if `{before}` has no unit of its own"),
                    gap,
                    " * 1 ",
                ),
        )
    }

    /// From the bracket that a closing one belongs to, or the name before it, to the closing one.
    fn operand_ending(&self, close: usize) -> Span {
        let mut depth = 0;
        let open = (self.segment.first..=close).rev().find(|&i| {
            match self.kind(i) {
                Some(Kind::Close) => depth += 1,
                Some(Kind::Open) => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let Some(open) = open else { return self.lexed.span(close) };
        let called = open > self.segment.first
            && self.kind(open - 1) == Some(Kind::Name)
            && self.lexed.touch(open - 1);
        self.lexed.span(open - usize::from(called)).to(self.lexed.span(close))
    }

    /// `x in [1, 2, 3]`
    pub(super) fn three_ends(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|t| self.str(*t) == "," && self.expects(Rule::close_bracket))?;
        let open =
            self.open_bracket().filter(|o| self.str(*o) == "[" && *o > 0 && self.str(o - 1) == "in")?;
        let d = Diagnostic::new(
            Code::E0101,
            self.lexed.span(this),
            "a range has two ends",
            "a third one begins here",
        );
        Some(
            d.label(self.lexed.span(open), "the range")
                .help("write `in [lowest, highest]`; both are included"),
        )
    }

    /// Two operands side by side.
    pub(super) fn missing_operator(&self) -> Option<Diagnostic> {
        let this = self.this()?;
        let prev = self.after_operand()?;
        let operand = match self.kind(this)? {
            Kind::Name => !keywords::is_keyword(self.str(this)),
            Kind::Number => true,
            Kind::Open => self.str(this) == "(",
            _ => false,
        };
        let rate = self.place == Place::Member && self.str(this + 1) == "/" && self.str(this + 2) == "dt";
        let open = self.open_bracket();
        let listed = open.is_some_and(|o| {
            self.str(o) == "[" || (o > 0 && self.kind(o - 1) == Some(Kind::Name) && self.lexed.touch(o - 1))
        });
        let specific = self.failure.expected.iter().any(|r| {
            const ALWAYS: &[Rule] = &[
                Rule::kw_in,
                Rule::kw_and,
                Rule::kw_or,
                Rule::kw_stream,
                Rule::kw_allow,
                Rule::kw_by,
                Rule::kw_over,
                Rule::kw_for,
            ];
            (format!("{r:?}").starts_with("kw_") && !ALWAYS.contains(r)) || (*r == Rule::equals && !listed)
        });
        let operator = self.failure.expected.iter().any(|r| matches!(r, Rule::add | Rule::infix | Rule::mul));
        if !operand
            || !operator
            || (!rate && (specific || (prev == self.segment.first && self.place != Place::Alone)))
        {
            return None;
        }
        let (a, b) = (self.str(prev), self.str(this));
        let gap = Span { start: self.lexed.span(prev).end, end: self.span().start, ..self.span() };
        let what = if listed { "a `,` or an operator" } else { "an operator" };
        let headline = format!("{what} is missing between `{a}` and `{b}`");
        let d = Diagnostic::new(Code::E0101, self.span(), headline, "a second operand")
            .label(self.lexed.span(prev), "the first one");
        Some(match listed {
            true => d.fix(format!("for two values, write `{a}, {b}`"), gap, ", "),
            false => d.fix(format!("for a product, write `{a} * {b}`"), gap, " * "),
        })
    }
}
