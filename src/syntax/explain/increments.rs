//! `dw += ...` and its like: equations as programs of other languages write assignments.

use super::{Case, Place};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::lex::Kind;

impl Case<'_> {
    /// `dw += ...`, `dw -= ...`, `dw *= ...`, `dw/dt += ...`, `w += ...` in a rule or a population.
    pub(super) fn assignment_with_operator(&self) -> Option<Diagnostic> {
        let first = self.segment.first;
        let rate = self.str(first + 1) == "/" && self.str(first + 2) == "dt";
        let this = self.this().filter(|t| *t == first + if rate { 3 } else { 1 })?;
        let (operator, sign) = self.operator_and_equals(this)?;
        if self.place != Place::Member || self.kind(first) != Some(Kind::Name) {
            return None;
        }
        let name = self.str(first);
        let headline = "an equation is written with `=`";
        let d = Diagnostic::new(Code::E0111, sign, headline, "an assignment of other languages");
        let changed = name.strip_prefix('d').filter(|of| self.is_state(of) && !self.is_state(name));
        let Some(of) = changed else {
            return Some(match self.is_state(name) {
                true => d.help(format!("write `d{name} = ...` for an increment, `d{name}/dt = ...` for a rate")),
                false => d.help(format!("`{name} = ...` says what `{name}` is; what grows is a `state` with an equation of its own")),
            });
        };
        let left = if rate { format!("d{of}/dt") } else { format!("d{of}") };
        let added = match rate {
            true => "a rate is added up as time passes",
            false => "an increment is added once per update",
        };
        Some(match operator {
            "+" => d.fix(format!("write `{left} = ...`: {added}"), sign, "="),
            "-" => match self.product_behind(sign) {
                true => d.fix(format!("write `{left} = -...`: {added}"), sign, "= -"),
                false => d.help(format!("write `{left} = -(...)`: {added}")),
            },
            "*" => d.help(format!("{added}; for a factor write `d{of} = (FACTOR - 1)*{of}`")),
            _ => d.help(format!("{added}; for a divisor write `d{of} = (1/DIVISOR - 1)*{of}`")),
        })
    }

    /// `+=`, or `+` and `=` that touch: the operator, and where both stand.
    fn operator_and_equals(&self, this: usize) -> Option<(&str, Span)> {
        let written = self.str(this);
        let operator = written.strip_suffix('=').unwrap_or(written);
        if !matches!(operator, "+" | "-" | "*" | "/") {
            return None;
        }
        let span = self.lexed.span(this);
        match operator == written {
            false => Some((operator, span)),
            true if self.str(this + 1) == "=" && self.lexed.touch(this) => {
                Some((operator, span.to(self.lexed.span(this + 1))))
            }
            true => None,
        }
    }

    /// Whether the file declares a state of this name; every projection has a `w`.
    fn is_state(&self, name: &str) -> bool {
        let opens = |i: usize| matches!(self.str(i), "state" | "trace" | "pre" | "post" | "syn");
        let declared = |i: usize| opens(i) && self.str(i + 1) == name;
        name == "w" || (0..self.lexed.tokens.len()).any(declared)
    }

    /// Whether a minus before the rest of the statement is a minus before all of it.
    fn product_behind(&self, sign: Span) -> bool {
        let mut depth = 0;
        (self.segment.first..=self.segment.last).all(|i| {
            let text = self.str(i);
            depth += i32::from(matches!(text, "(" | "[")) - i32::from(matches!(text, ")" | "]"));
            let behind = self.lexed.span(i).start >= sign.end;
            !(behind
                && depth == 0
                && matches!(text, "+" | "-" | "if" | "<" | ">" | "==" | "<=" | ">=" | "and" | "or" | "in"))
        })
    }
}
