//! Faults of the words that begin statements and clauses.

use super::{Case, Place};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords::{self, HARD};
use crate::syntax::lex::Kind;
use crate::syntax::slips;

impl Case<'_> {
    /// A first word that begins nothing here.
    pub(super) fn first_word(&self) -> Option<Diagnostic> {
        let first = self.segment.first;
        let failed = self.this().unwrap_or(self.failure.next);
        if failed > first + 1
            || self.kind(first) != Some(Kind::Name)
            || matches!(self.place, Place::Case | Place::Alone)
        {
            return None;
        }
        let (word, span) = (self.str(first), self.lexed.span(first));
        let known = self.place.words();
        if known.contains(&word) {
            return None;
        }
        let new = |headline: String, label: &str| Diagnostic::new(Code::E0113, span, headline, label);
        let elsewhere =
            [Place::Item, Place::Member, Place::Statement].into_iter().find(|p| p.words().contains(&word));
        if let Some(home) = elsewhere {
            let headline = format!("`{word}` stands {}, not {}", home.text(), self.place.text());
            return Some(
                new(headline, "not possible here").help(format!("move it: `{word}` stands {}", home.text())),
            );
        }
        if self.str(first + 1) == "=" {
            let at = Span { end: span.start, ..span };
            let headline = format!("no {} begins with `{word} =`", self.place.noun());
            return match self.place {
                Place::Item => Some(new(headline, "a definition begins with a keyword").fix(
                    format!("write `let {word} = ...`, or `param {word} = ...` for what may be changed"),
                    at,
                    "let ",
                )),
                Place::Statement => Some(new(headline, "a protocol has no variables").fix(
                    format!("write `set {word} = ...` to change a parameter"),
                    at,
                    "set ",
                )),
                _ => None,
            };
        }
        if failed > first && self.kind(first + 1) == Some(Kind::Sign) {
            return None;
        }
        let suggestion =
            foreign_keyword(word, self.place).or_else(|| keywords::nearest(word, known.iter().copied()));
        if let Some(keyword) = suggestion {
            let headline = format!("no {} begins with `{word}`", self.place.noun());
            return Some(new(headline, "unknown word").fix(format!("write `{keyword}`"), span, keyword));
        }
        let applied = self.place == Place::Member && self.str(first + 2) == "/";
        if applied || self.this().is_none() && self.place == Place::Member {
            return None;
        }
        let list: Vec<_> = known.iter().map(|k| format!("`{k}`")).collect();
        let headline = format!("no {} begins with `{word}`", self.place.noun());
        let what = match self.place {
            Place::Item => "items begin with",
            Place::Member => "members are equations such as `dw/dt = ...`, or begin with",
            _ => "statements begin with",
        };
        Some(new(headline, "unknown word").note(format!("{what} {}", list.join(" "))))
    }

    /// A keyword where a name is declared.
    pub(super) fn reserved(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|t| HARD.contains(&self.str(*t)))?;
        let word = self.str(this);
        if !self.expects(Rule::name) {
            return None;
        }
        let headline = format!("`{word}` is a keyword and cannot be a name");
        Some(Diagnostic::new(Code::E0112, self.span(), headline, "a keyword").fix(
            format!("another name, such as `{word}_`"),
            self.span(),
            format!("{word}_"),
        ))
    }

    /// `normalise sum(w over pre) = 1`
    pub(super) fn missing_mode(&self) -> Option<Diagnostic> {
        if self.str(self.segment.first) != "normalise"
            || !self.expects(Rule::name)
            || !self.expects(Rule::kw_every)
        {
            return None;
        }
        let headline = "`normalise` requires `multiplicative` or `subtractive`";
        let d = Diagnostic::new(Code::E0121, self.span(), headline, "the manner might be missing here");
        Some(d.fix(
            "add `multiplicative`: all weights are scaled by one factor",
            self.span(),
            " multiplicative",
        ))
    }

    /// `present 1 for 1 s`
    pub(super) fn missing_on(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|t| matches!(self.str(*t), "for" | "until"))?;
        if self.str(self.segment.first) != "present"
            || !self.expects(Rule::kw_on)
            || this == self.segment.first + 1
        {
            return None;
        }
        let headline = "`present` requires the population it is presented on";
        let d = Diagnostic::new(Code::E0101, self.span(), headline, "`on` might be missing before this");
        Some(d.help(format!("write `present ... on POPULATION {} ...`", self.str(this))))
    }

    /// `present 1 on input`
    pub(super) fn missing_length(&self) -> Option<Diagnostic> {
        if self.str(self.segment.first) != "present"
            || self.this().is_some()
            || !self.expects(Rule::kw_for)
            || !self.expects(Rule::kw_until)
        {
            return None;
        }
        let headline = "`present` requires how long it lasts";
        let d = Diagnostic::new(Code::E0101, self.span(), headline, "`for` or `until` might be missing here");
        Some(d.help("add `for 1 s`, or `until CONDITION within 100 s`"))
    }

    /// `population input[i]`
    pub(super) fn missing_size(&self) -> Option<Diagnostic> {
        self.this().filter(|t| matches!(self.str(*t), "]" | ","))?;
        let axis = self.prev().filter(|p| self.kind(*p) == Some(Kind::Name))?;
        if !self.expects(Rule::colon)
            || !matches!(self.str(self.segment.first), "population" | "stimulus" | "let")
        {
            return None;
        }
        let (name, span) = (self.str(axis), self.lexed.span(axis));
        let d = Diagnostic::new(Code::E0101, span, format!("the axis `{name}` has no size"), "how many?");
        Some(d.help(format!("write for instance `{name}: 10`")))
    }

    /// The next statement begins on the same line.
    pub(super) fn next_statement(&self) -> Option<Diagnostic> {
        let this = self.this().filter(|t| self.kind(*t) == Some(Kind::Name) && *t > self.segment.first)?;
        let prev = self.after_operand()?;
        let word = self.str(this);
        let follows = self.kind(this + 1);
        let assigned = self.str(this + 1) == "=";
        let rate =
            self.str(this + 1) == "/" && self.str(this + 2) == "dt" && matches!(self.str(this + 3), "=");
        let keyword = self.place.words().contains(&word)
            && (matches!(follows, Some(Kind::Name | Kind::Number | Kind::Str)) || self.str(this + 1) == "{");
        let bare = matches!(word, "fixed" | "inhibitory") && self.place == Place::Member;
        if !(keyword || assigned || rate || bare) || self.expects(Rule::equals) {
            return None;
        }
        Some(slips::missing_separator(self.lexed.span(prev), self.span(), word, false))
    }
}

/// Words of other languages.
fn foreign_keyword(word: &str, place: Place) -> Option<&'static str> {
    const FOREIGN: &[(&str, &str)] = &[
        ("def", "fn"),
        ("func", "fn"),
        ("function", "fn"),
        ("var", "let"),
        ("const", "let"),
        ("parameter", "param"),
        ("parameters", "param"),
        ("import", "use"),
        ("include", "use"),
        ("neuron", "population"),
        ("neurons", "population"),
        ("layer", "population"),
        ("group", "population"),
        ("synapse", "synapses"),
        ("connection", "synapses"),
        ("projection", "synapses"),
        ("assert", "expect"),
        ("monitor", "record"),
        ("dt", "clock"),
        ("timestep", "clock"),
        ("stage", "phase"),
        ("block", "phase"),
        ("loop", "repeat"),
        ("wait", "rest"),
        ("sleep", "rest"),
        ("show", "present"),
        ("stimulate", "present"),
        ("choose", "pick"),
        ("measure", "probe"),
        ("parallel", "together"),
        ("variable", "state"),
        ("plastic", "rule"),
        ("static", "fixed"),
        ("clip", "bounds"),
        ("init", "start"),
        ("freeze", "hold"),
    ];
    FOREIGN.iter().find(|(w, k)| *w == word && place.words().contains(k)).map(|(_, k)| *k)
}
