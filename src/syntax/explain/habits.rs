//! Habits of other languages and of papers that the grammar cannot read.

use super::{Case, Place};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::lex::Kind;
use crate::syntax::unit_words::is_unit;

impl Case<'_> {
    /// A habit that is known, with how it is written here.
    pub(super) fn habit(&self) -> Option<Diagnostic> {
        self.choice_behind()
            .or_else(|| self.assignment_with_operator())
            .or_else(|| self.factor_behind())
            .or_else(|| self.bounds_as_inequality())
            .or_else(|| self.range_as_member())
            .or_else(|| self.whole_axis())
            .or_else(|| self.comma_between_cases())
            .or_else(|| self.condition_in_protocol())
            .or_else(|| self.colon_for_block())
            .or_else(|| self.reciprocal_unit())
            .or_else(|| self.size_without_name())
            .or_else(|| self.cases_without_name())
            .or_else(|| self.interval_behind_manner())
    }

    fn fault(&self, code: Code, headline: impl Into<String>, label: &str) -> Diagnostic {
        Diagnostic::new(code, self.span(), headline, label)
    }

    fn this_is(&self, text: &str) -> bool {
        self.this().is_some_and(|t| self.str(t) == text)
    }

    /// `a if c else b`
    fn choice_behind(&self) -> Option<Diagnostic> {
        if !self.this_is("if") || self.after_operand()? == self.segment.first {
            return None;
        }
        let d = self.fault(Code::E0115, "a choice begins with its condition", "an `if` behind a value");
        Some(d.help("write `if c then a else b`"))
    }

    /// `dv/dt * tau = ...`
    fn factor_behind(&self) -> Option<Diagnostic> {
        let first = self.segment.first;
        let rate =
            self.str(first).starts_with('d') && self.str(first + 1) == "/" && self.str(first + 2) == "dt";
        if self.place != Place::Member
            || !rate
            || !matches!(self.str(first + 3), "*" | "/")
            || !self.this_is("=")
        {
            return None;
        }
        let derivative = self.lexed.span(first).to(self.lexed.span(first + 2));
        let d = Diagnostic::new(
            Code::E0101,
            derivative,
            "the factor of a rate stands before it",
            "the rate comes last on its side",
        );
        Some(d.help(format!("write `tau * {}/dt = ...`", self.str(first))))
    }

    /// `bounds 0 <= w <= 1`
    fn bounds_as_inequality(&self) -> Option<Diagnostic> {
        if self.str(self.segment.first) != "bounds" || self.this()? != self.segment.first + 1 {
            return None;
        }
        let number = self.kind(self.this()?) == Some(Kind::Number) || self.this_is("-");
        let headline = "bounds are written as a range";
        number.then(|| {
            self.fault(Code::E0101, headline, "a variable comes first").help("write `bounds w in [0, 1]`")
        })
    }

    /// `w in [0, 1]` in a rule
    fn range_as_member(&self) -> Option<Diagnostic> {
        let first = self.segment.first;
        if self.place != Place::Member || self.str(first + 1) != "in" || self.str(first + 2) != "[" {
            return None;
        }
        let span = self.lexed.span(first);
        let name = self.str(first);
        let headline = format!("no member begins with `{name} in`");
        let d = Diagnostic::new(Code::E0113, span, headline, "a range without its keyword");
        if self.block == "population" {
            let d = d.note("`bounds` belong to the weights of a rule or a projection");
            return Some(
                d.help("what cells compute is held in a range by `clip`: `output y = clip(drive, 0, 1)`"),
            );
        }
        let at = Span { end: span.start, ..span };
        Some(d.fix(format!("write `bounds {name} in [...]`"), at, "bounds "))
    }

    /// `out[:, 0]`
    fn whole_axis(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|_| self.this_is(":"))?;
        let open = self.open_bracket().filter(|o| self.str(*o) == "[")?;
        let alone = matches!(self.str(this - 1), "[" | ",") && matches!(self.str(this + 1), "]" | ",");
        if !alone || open == 0 || self.kind(open - 1) != Some(Kind::Name) {
            return None;
        }
        let d = self.fault(Code::E0101, "an axis that stays whole is left out", "no index");
        Some(d.help("name the axes that are indexed: `values[col: 0]`"))
    }

    /// `cases c { a {}, b {} }`
    fn comma_between_cases(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|_| self.this_is(","))?;
        let in_cases = self.place == Place::Case || self.str(self.segment.first) == "cases";
        if !in_cases || this == 0 || self.str(this - 1) != "}" {
            return None;
        }
        let d = self.fault(Code::E0101, "cases follow each other without commas", "not needed");
        Some(d.fix("remove it", self.span(), ""))
    }

    /// `if` and `while` as statements
    fn condition_in_protocol(&self) -> Option<Diagnostic> {
        let first = self.segment.first;
        let word = self.str(first);
        if self.place != Place::Statement || !matches!(word, "if" | "while") {
            return None;
        }
        let headline = format!("a protocol has no `{word}`");
        let d = Diagnostic::new(Code::E0113, self.lexed.span(first), headline, "no statement");
        Some(match word {
            "while" => d.help("time passes until a condition holds: `present A on P until COND within 100 s`"),
            _ => d.help(
                "what differs between conditions is a parameter that `cases` sets; what depends on a loop is an \
                 expression: `present (if k == 0 then A else B) on P for 1 s`",
            ),
        })
    }

    /// `phase learn:`
    fn colon_for_block(&self) -> Option<Diagnostic> {
        let opens = matches!(
            self.str(self.segment.first),
            "phase" | "repeat" | "for" | "together" | "protocol" | "rule" | "population" | "control"
        );
        let this = self.this().filter(|_| self.this_is(":"))?;
        let last = self.lexed.starts_line(this + 1);
        if !opens || !last || self.open_bracket().is_some_and(|o| self.str(o) != "{") {
            return None;
        }
        let d = self.fault(Code::E0101, "a block stands between `{` and `}`", "a colon");
        Some(d.fix("write `{`, and `}` at its end", self.span(), " {"))
    }

    /// `0.1 1/s`
    fn reciprocal_unit(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|t| self.str(*t) == "1" && self.str(t + 1) == "/")?;
        let prev = self.after_operand().filter(|p| self.kind(*p) == Some(Kind::Number))?;
        let unit = self.str(this + 2);
        if !is_unit(unit) {
            return None;
        }
        let (number, span) = (self.str(prev), self.lexed.span(this).to(self.lexed.span(this + 2)));
        let d =
            Diagnostic::new(Code::E0107, span, format!("a rate is written `{number} /{unit}`"), "as a unit");
        Some(d.fix(format!("write `/{unit}`"), span, format!("/{unit}")))
    }

    /// `population a[10]`
    fn size_without_name(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|t| self.kind(*t) == Some(Kind::Number))?;
        let first = self.segment.first;
        let what = self.str(first);
        if !matches!(what, "population" | "stimulus" | "let")
            || this != first + 3
            || self.str(this - 1) != "["
        {
            return None;
        }
        let name = if what == "population" { "cell" } else { "i" };
        let span = self.lexed.span(this);
        let d = self.fault(Code::E0101, "an axis has a name and a size", "a size without a name");
        let at = Span { end: span.start, ..span };
        Some(d.fix(format!("write for instance `[{name}: {}]`", self.str(this)), at, format!("{name}: ")))
    }

    /// `cases { a {} }`
    fn cases_without_name(&self) -> Option<Diagnostic> {
        let first = self.segment.first;
        if self.str(first) != "cases" || !self.this_is("{") || self.this()? != first + 1 {
            return None;
        }
        let d = self.fault(Code::E0101, "`cases` has a name before its block", "no name");
        let d = d.note("results have an axis of this name, with one element for each case");
        let at = Span { end: self.span().start, ..self.span() };
        Some(d.fix("write for instance `cases condition {`", at, "condition "))
    }

    /// `normalise ... multiplicative every 1 s`
    fn interval_behind_manner(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|_| self.this_is("every"))?;
        let manner = self.prev().map_or("", |p| self.str(p));
        if self.str(self.segment.first) != "normalise" || !matches!(manner, "multiplicative" | "subtractive")
        {
            return None;
        }
        let headline = format!("`every` stands before `{manner}`");
        let d = self
            .fault(Code::E0101, headline, "the manner comes last")
            .label(self.lexed.span(this - 1), "the manner");
        Some(d.help(format!("write `normalise ... = 1 every 1 s {manner}`")))
    }
}
