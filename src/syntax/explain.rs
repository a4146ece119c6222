//! Why the grammar stopped, in words: known slips first, then what was expected.

use super::grammar::{Rule, words};
use super::keywords::{self, HARD, ITEMS, MEMBERS, STATEMENTS};
use super::layout::{MAX_DEPTH, Segment, opening_word};
use super::letters::canonical_unit;
use super::lex::{Kind, Lexed};
use super::slips;
use super::unit_words::is_unit;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

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
    Case { lexed, segment, place, failure }.explain()
}

/// Turns a failure in an expression by itself into a message.
pub(super) fn explain_expr(lexed: &Lexed, segment: &Segment, failure: &Failure) -> Diagnostic {
    Case { lexed, segment, place: Place::Alone, failure }.explain()
}

struct Case<'a> {
    lexed: &'a Lexed<'a>,
    segment: &'a Segment,
    place: Place,
    failure: &'a Failure,
}

impl Case<'_> {
    fn explain(&self) -> Diagnostic {
        let case = self;
        case.too_deep()
            .or_else(|| case.decimal_comma())
            .or_else(|| case.unit_without_number())
            .or_else(|| case.first_word())
            .or_else(|| case.comparison())
            .or_else(|| case.reserved())
            .or_else(|| case.incomplete_if())
            .or_else(|| case.three_ends())
            .or_else(|| case.missing_mode())
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

    /// `0,5`
    fn decimal_comma(&self) -> Option<Diagnostic> {
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

    /// A first word that begins nothing here.
    fn first_word(&self) -> Option<Diagnostic> {
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

    /// `=` where `==` is meant, and the other way round.
    fn comparison(&self) -> Option<Diagnostic> {
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
    fn incomplete_if(&self) -> Option<Diagnostic> {
        let here = self.span();
        if let Some(this) = self.this()
            && matches!(self.str(this), "elif" | "elseif" | "elsif")
        {
            let headline = format!("`{}` is written `else if`", self.str(this));
            return Some(Diagnostic::new(Code::E0115, here, headline, "not a keyword").fix(
                "write `else if`",
                here,
                "else if",
            ));
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

    /// `x in [1, 2, 3]`
    fn three_ends(&self) -> Option<Diagnostic> {
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

    /// `normalise sum(w over pre) = 1`
    fn missing_mode(&self) -> Option<Diagnostic> {
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

    /// A keyword where a name is declared.
    fn reserved(&self) -> Option<Diagnostic> {
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

    /// `tau ms`
    fn unit_without_number(&self) -> Option<Diagnostic> {
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
        let headline = format!("the unit `{unit}` requires a number before it");
        let gap = Span { start: self.lexed.span(prev).end, end: self.span().start, ..self.span() };
        Some(
            Diagnostic::new(Code::E0116, self.span(), headline, "a unit without a number")
                .label(self.lexed.span(prev), "not a number")
                .fix(
                    format!("write `{before} * 1 {unit}` if `{before}` has no unit of its own"),
                    gap,
                    " * 1 ",
                ),
        )
    }

    /// The next statement begins on the same line.
    fn next_statement(&self) -> Option<Diagnostic> {
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

    /// Two operands side by side.
    fn missing_operator(&self) -> Option<Diagnostic> {
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

    /// What was expected instead.
    fn expected(&self) -> Diagnostic {
        let mut list: Vec<String> = Vec::new();
        for rule in &self.failure.expected {
            let text = words(*rule);
            if !text.is_empty() && !list.contains(&text) {
                list.push(text);
            }
        }
        let has = |list: &[String], what: &str| list.iter().any(|l| l == what);
        let second = self.prev() == Some(self.segment.first) && self.place == Place::Member;
        if second && !keywords::is_keyword(self.str(self.segment.first)) && has(&list, "`=`") {
            list = vec!["`=`".to_string()];
        } else if second && list.len() > 1 {
            // A keyword could also be a name; that is not what was meant.
            list.retain(|l| !matches!(l.as_str(), "`=`" | "an operator" | "`.`" | "`(`" | "`[`"));
        }
        if has(&list, "an operator") && list.len() > 1 {
            // Where an operator may stand, a clause or an end usually may too: the operator is the least of it.
            list.retain(|l| {
                !matches!(
                    l.as_str(),
                    "`in`" | "`and`" | "`or`" | "`.`" | "`(`" | "`[`" | "a unit" | "an operator"
                )
            });
            list.push("an operator".to_string());
        }
        if has(&list, "an expression") {
            list.retain(|l| {
                !matches!(l.as_str(), "a name" | "a number" | "a string" | "a derivative" | "`if`" | "`not`")
            });
        }
        if list.len() > 2 {
            list.retain(|l| !matches!(l.as_str(), "`stream`" | "`allow`"));
        }
        list.sort_by_key(|l| (l.starts_with("an "), l.starts_with("the ")));
        list.truncate(6);
        let found = match self.this() {
            None if self.failure.next >= self.lexed.tokens.len() => "the end of the file".to_string(),
            None => "the end of the statement".to_string(),
            Some(this) => match self.kind(this) {
                Some(Kind::Number) => format!("the number `{}`", self.str(this)),
                Some(Kind::Str) => "a string".to_string(),
                Some(Kind::Name) if keywords::is_keyword(self.str(this)) => {
                    format!("the keyword `{}`", self.str(this))
                }
                _ => format!("`{}`", self.str(this)),
            },
        };
        let label = match (self.this(), self.prev()) {
            (None, Some(prev)) => format!("something is missing after `{}`", shorten(self.str(prev))),
            _ => "not expected here".to_string(),
        };
        let headline = match list.as_slice() {
            [] => format!("{found} is not expected here"),
            _ => format!("expected {}, found {found}", either(&list)),
        };
        let d = Diagnostic::new(Code::E0101, self.span(), headline, label);
        let keywords: Vec<&str> =
            list.iter().filter_map(|l| l.strip_prefix('`')?.strip_suffix('`')).collect();
        match self
            .this()
            .filter(|t| !keywords::is_keyword(self.str(*t)))
            .and_then(|t| keywords::nearest(self.str(t), keywords))
        {
            Some(keyword) => d.fix(format!("write `{keyword}`"), self.span(), keyword),
            None => d,
        }
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 20 { text.to_string() } else { text.chars().take(19).chain(['…']).collect() }
}

fn either(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
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
