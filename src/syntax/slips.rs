//! Faults of single words and characters: habits from other languages, look-alikes, misspelt units.

use super::keywords::{AFTER_NUMBER, nearest};
use super::letters::{in_name, lookalike_letter};
use super::unit_words::nearest_unit;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

pub(super) fn foreign_comment(marker: Span, written: &str) -> Diagnostic {
    let d = Diagnostic::new(
        Code::E0117,
        marker,
        format!("a comment begins with `//`, not `{written}`"),
        "not a comment here",
    );
    match written {
        "/*" => d.help("put `//` at the start of each line of the comment"),
        _ => d.fix("write `//`", marker, "//"),
    }
}

pub(super) fn unclosed_string(span: Span) -> Diagnostic {
    Diagnostic::new(Code::E0119, span, "a string does not end on its line", "this string has no closing `\"`")
        .fix("close it with `\"`", span.after(), "\"")
}

pub(super) fn foreign_quotes(span: Span, inner: &str) -> Diagnostic {
    let fixed = format!("\"{inner}\"");
    Diagnostic::new(Code::E0108, span, "a string stands between `\"` and `\"`", "other quotation marks").fix(
        format!("write `{fixed}`"),
        span,
        fixed,
    )
}

pub(super) fn stray_character(span: Span, c: char) -> Diagnostic {
    let shown = if c.is_control() { format!("\\u{{{:x}}}", c as u32) } else { c.to_string() };
    let d = Diagnostic::new(
        Code::E0108,
        span,
        format!("the character `{shown}` is not part of the language"),
        "unknown character",
    );
    match c {
        '\'' | '’' => d.help("a derivative is written `dv/dt`, a string stands between `\"`"),
        '?' => d.help("a choice is written `if c then a else b`"),
        '~' => d.help("a comparison within a tolerance is written `a == b +- 1e-3`"),
        '@' => d.help("a product of matrices is a sum over the axis they share: `sum(a * b over k)`"),
        '$' | '\\' => d.help("remove it"),
        '“' | '”' | '„' | '`' | '‘' => d.help("a string stands between `\"` and `\"`"),
        _ => d.note("names are made of Latin and Greek letters, digits and `_`"),
    }
}

pub(super) fn lookalike(span: Span, c: char, sign: &str) -> Diagnostic {
    Diagnostic::new(Code::E0108, span, format!("`{c}` is written `{sign}`"), "not an ASCII character").fix(
        format!("write `{sign}`"),
        span,
        sign,
    )
}

/// Letters of other alphabets in a word.
pub(super) fn letters(span: Span, word: &str) -> Option<Diagnostic> {
    let (at, c) = word.char_indices().find(|(_, c)| !in_name(*c))?;
    let place = Span { start: span.start + at as u32, end: span.start + (at + c.len_utf8()) as u32, ..span };
    let latin: Option<String> =
        word.chars().map(|c| if in_name(c) { Some(c) } else { lookalike_letter(c) }).collect();
    Some(match latin {
        Some(latin) => {
            let twin = lookalike_letter(c).unwrap_or(c);
            let headline =
                format!("`{c}` (U+{:04X}) in `{word}` only looks like the letter `{twin}`", c as u32);
            Diagnostic::new(Code::E0108, place, headline, "a letter of another alphabet").fix(
                format!("write `{latin}` in Latin letters"),
                span,
                latin,
            )
        }
        None => {
            let headline = format!("`{c}` cannot stand in a name");
            Diagnostic::new(Code::E0108, place, headline, "a letter of another alphabet")
                .note("names are made of Latin and Greek letters, digits and `_`")
        }
    })
}

pub(super) fn digit_before_point(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(Code::E0120, span, "a number begins with a digit", "no digit before the point").fix(
        format!("write `0{written}`"),
        span,
        format!("0{written}"),
    )
}

pub(super) fn digit_after_point(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0120,
        span,
        "a decimal point requires a digit after it",
        "no digit after the point",
    )
    .fix(format!("write `{written}0`"), span, format!("{written}0"))
}

pub(super) fn unknown_unit(span: Span, word: &str) -> Diagnostic {
    let d = Diagnostic::new(Code::E0107, span, format!("`{word}` is not a unit"), "unknown unit");
    match nearest_unit(word) {
        Some(unit) => d.fix(format!("write `{unit}`"), span, unit),
        None => d.note("units are for example `ms`, `s`, `Hz`, `mV`, `/s`, `mV/ms`, `%`; case matters"),
    }
}

pub(super) fn name_after_number(
    number: Span,
    digits: &str,
    span: Span,
    word: &str,
    called: bool,
) -> Diagnostic {
    if !called && nearest_unit(word).is_some() {
        return unknown_unit(span, word);
    }
    let d = Diagnostic::new(
        Code::E0105,
        span,
        format!("`{word}` stands directly after the number `{digits}`"),
        if called { "an operator might be missing before this" } else { "neither a unit nor an operator" },
    )
    .label(number, "the number");
    if let Some(keyword) = nearest(word, AFTER_NUMBER.iter().copied()).filter(|k| k.len() > 3) {
        return d.fix(format!("write `{keyword}`"), span, keyword);
    }
    let gap = Span { start: number.end, end: span.start, ..span };
    d.fix(format!("for a product, write `{digits} * {word}`"), gap, " * ")
        .note("a word after a number is its unit, such as `10 ms` or `25 /s`")
}

pub(super) fn else_if(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E0115, span, format!("`{word}` is written `else if`"), "not a keyword").fix(
        "write `else if`",
        span,
        "else if",
    )
}

/// `present 1 input for 1 s`
pub(super) fn missing_on(span: Span, word: &str, value: Span) -> Diagnostic {
    let at = Span { end: span.start, ..span };
    Diagnostic::new(Code::E0101, span, format!("expected `on`, found `{word}`"), "`on` might be missing here")
        .label(value, "what is presented")
        .fix(format!("write `on {word}`"), at, "on ")
}

/// `normalise sum(w over pre) = 1 additive`
pub(super) fn manner(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::E0121,
        span,
        "`normalise` requires `multiplicative` or `subtractive`",
        "neither of them",
    )
    .note("`multiplicative` scales all weights by one factor, `subtractive` shifts them by one amount")
}

/// `synapses ff: input => cortex`
pub(super) fn arrow(span: Span) -> Diagnostic {
    let headline = "a projection is written `->`, not `=>`";
    Diagnostic::new(Code::E0111, span, headline, "another arrow").fix("write `->`", span, "->")
}

/// `|x|`
pub(super) fn bars(span: Span, inner: &str) -> Diagnostic {
    let d = Diagnostic::new(Code::E0111, span, "the size of a value is written `abs(...)`", "between bars");
    let fixed = format!("abs({inner})");
    d.fix(format!("write `{fixed}`"), span, fixed)
}

/// `30 °C`
pub(super) fn foreign_degrees(span: Span, written: &str) -> Diagnostic {
    let headline = format!("`{written}` is not a unit");
    Diagnostic::new(Code::E0107, span, headline, "a scale that does not begin at zero")
        .help("a temperature is given in kelvin: 37 degrees Celsius are `310.15 K`")
}

/// An angle without its number.
pub(super) fn degrees_of_nothing(span: Span) -> Diagnostic {
    let headline = "the unit `°` requires a number before it";
    Diagnostic::new(Code::E0116, span, headline, "a unit without a number").help("a right angle is `90°`")
}

/// Two statements on a line, or two arguments, without a sign between them.
pub(super) fn missing_separator(before: Span, span: Span, word: &str, argument: bool) -> Diagnostic {
    let (what, sign, label) = match argument {
        true => ("a `,`", ",", "the next argument begins here"),
        false => ("a `;` or a new line", ";", "the next statement begins here"),
    };
    Diagnostic::new(Code::E0109, span, format!("{what} is required before `{word}`"), label)
        .label(before, "the end of the one before")
        .fix(format!("separate them with `{sign}`"), before.after(), sign)
}

/// An operator of another language.
pub(super) struct Slip {
    pub len: usize,
    ours: &'static str,
    /// What the grammar may read instead, no longer than what was written.
    pub patch: Option<&'static str>,
}

impl Slip {
    pub fn diagnostic(&self, span: Span, rest: &str) -> Diagnostic {
        let written = &rest[..self.len];
        let d = |what: &str| {
            let headline = format!("{what} is written `{}`, not `{written}`", self.ours);
            Diagnostic::new(Code::E0111, span, headline, "an operator of other languages")
        };
        let word = format!(" {} ", self.ours);
        match self.ours {
            "^" => d("a power").fix("write `^`", span, "^"),
            "and" => d("a logical and").fix("write `and`", span, word),
            "or" => d("a logical or").fix("write `or`", span, word),
            "not" => d("a negation").fix("write `not`", span, "not "),
            "!=" => d("inequality").fix("write `!=`", span, "!="),
            "==" => d("equality").fix("write `==`", span, "=="),
            "=" => d("a definition").fix("write `=`", span, "="),
            "+-" => d("a tolerance").fix("write `+-`", span, "+-"),
            "mod" => d("a remainder").help("write `mod(a, b)`; `%` is a unit: `5 %`"),
            other => d("a comparison").fix(format!("write `{other}`"), span, other),
        }
    }
}

/// The operator of another language at the start of `rest`.
pub(super) fn operator(rest: &str) -> Option<Slip> {
    const SLIPS: &[(&str, &str, Option<&str>)] = &[
        ("+/-", "+-", Some("+-")),
        ("===", "==", Some("==")),
        ("!==", "!=", Some("!=")),
        ("**", "^", Some("^")),
        ("&&", "and", None),
        ("||", "or", None),
        ("<>", "!=", Some("!=")),
        ("~=", "!=", Some("!=")),
        (":=", "=", Some("=")),
        ("=<", "<=", Some("<=")),
        ("=>", ">=", Some(">=")),
        ("&", "and", None),
        ("|", "or", None),
        ("%", "mod", None),
    ];
    if rest.starts_with('!') && !rest.starts_with("!=") {
        return Some(Slip { len: 1, ours: "not", patch: None });
    }
    SLIPS.iter().find(|(written, ..)| rest.starts_with(written)).map(|(written, ours, patch)| Slip {
        len: written.len(),
        ours,
        patch: *patch,
    })
}
