//! Numbers and their units.

use super::foreign::foreign_degrees;
use super::{Bracket, Kind, Lexer, in_word, word_at};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::keywords::{self, AFTER_NUMBER};
use crate::syntax::letters::{canonical_unit, starts_name};
use crate::syntax::slips;
use crate::syntax::unit_words::is_unit;

impl Lexer<'_> {
    pub(super) fn fraction_without_zero(&self) -> bool {
        let after_operand =
            self.out.tokens.last().is_some_and(|t| {
                t.end == self.at && matches!(t.kind, Kind::Name | Kind::Close | Kind::Number)
            });
        !after_operand && self.peek(1).is_some_and(|c| c.is_ascii_digit())
    }

    pub(super) fn number(&mut self) {
        let rest = self.rest().as_bytes();
        let digits =
            |from: usize| rest[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
        let starts_digit = |at: usize| rest.get(at).is_some_and(u8::is_ascii_digit);
        let mut len = digits(0);
        if rest.first() == Some(&b'.') {
            let span = self.span(self.at, self.at + 1 + digits(1));
            let fault = slips::digit_before_point(span, &self.out.text[span.range()]);
            self.fault(fault, self.at, true);
        }
        let mut part = false;
        if rest.get(len) == Some(&b'.') && starts_digit(len + 1) {
            len += 1 + digits(len + 1);
        } else if rest.get(len) == Some(&b'.') && rest.get(len + 1) != Some(&b'.') {
            let span = self.span(self.at, self.at + len + 1);
            let fault = slips::digit_after_point(span, &self.out.text[span.range()]);
            self.fault(fault, self.at, true);
            len += 1;
            part = self.rest()[len..].starts_with(starts_name);
        }
        if matches!(rest.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(len + 1), Some(b'+' | b'-')));
            let minus = if rest[len + 1..].starts_with("\u{2212}".as_bytes()) { 3 } else { 0 };
            if starts_digit(len + 1 + sign) {
                len += 1 + sign + rest[len + 1 + sign..].iter().take_while(|b| b.is_ascii_digit()).count();
            } else if minus > 0 && starts_digit(len + 1 + minus) {
                let at = self.at + len + 1;
                let span = self.span(at, at + minus);
                self.fault(slips::lookalike(span, '\u{2212}', "-"), at, true);
                len += 1 + minus + rest[len + 1 + minus..].iter().take_while(|b| b.is_ascii_digit()).count();
            }
        }
        self.push(Kind::Number, len);
        // In `2.y` the point is the one fault.
        if !part {
            self.after_number();
        }
    }

    /// The unit of the number that was just read, or the fault that a word stands there instead.
    pub(super) fn after_number(&mut self) {
        let blanks = self.blanks();
        let at = self.at + blanks;
        if let Some(len) = foreign_degrees(&self.out.text[at..]) {
            self.at = at;
            return self.degrees(len);
        }
        if let Some(len) = self.unit(at, blanks > 0) {
            self.at = at;
            return self.push_unit(len);
        }
        let word = word_at(&self.out.text[at..]);
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) || AFTER_NUMBER.contains(&word) {
            return;
        }
        let number = self.out.tokens.len() - 1;
        let behind = self.out.text[at + word.len()..].trim_start_matches([' ', '\t']);
        let assigned = behind.starts_with('=') && !behind.starts_with("==");
        let statement = (keywords::ITEMS.contains(&word)
            || keywords::MEMBERS.contains(&word)
            || keywords::STATEMENTS.contains(&word))
            && behind.starts_with(starts_name);
        let bare = matches!(word, "fixed" | "inhibitory")
            && self.brackets.last() == Some(&Bracket::Block)
            && (behind.is_empty() || behind.starts_with([';', '}', '\n']));
        if assigned || statement || bare || behind.starts_with("/dt") {
            return self.next_statement(number, at, word);
        }
        let called = behind.starts_with(['(', '.', '[']);
        let (span, number_span) = (self.span(at, at + word.len()), self.out.span(number));
        if let Some(fault) = self.clause_after_number(word, span, number_span) {
            self.fault(fault, at, true);
            self.at = at;
            return self.push(Kind::Name, word.len());
        }
        let fault = slips::name_after_number(number_span, self.out.str(number), span, word, called);
        self.fault(fault, at, called);
        self.at = at;
        self.push(Kind::Unit, word.len());
    }

    /// A word after a number that cannot have been meant as its unit, by the statement it stands in.
    fn clause_after_number(&self, word: &str, span: Span, number: Span) -> Option<Diagnostic> {
        if matches!(word, "elif" | "elseif" | "elsif") {
            return Some(slips::else_if(span, word));
        }
        let tokens = &self.out.tokens;
        let starts = |i: &usize| self.out.starts_line(*i) || matches!(self.out.str(i - 1), ";" | "{" | "}");
        let first = (1..tokens.len()).rev().find(starts).unwrap_or(0);
        let has = |word: &str| (first..tokens.len()).any(|i| self.out.str(i) == word);
        match self.out.str(first) {
            "present" if !has("on") => Some(slips::missing_on(span, word, number)),
            "normalise" if has("=") => Some(slips::manner(span)),
            _ => None,
        }
    }

    /// A number is followed by the next statement, or by the next named argument.
    pub(super) fn next_statement(&mut self, number: usize, at: usize, word: &str) {
        let inside = !matches!(self.brackets.last(), None | Some(Bracket::Block));
        let (before, span) = (self.out.span(number), self.span(at, at + word.len()));
        self.fault(slips::missing_separator(before, span, word, inside), self.at - 1, false);
        if at > self.at {
            // Read on as if it were there, in place of the blank before the word.
            let blank = self.out.text[..at].chars().next_back().map_or(1, char::len_utf8);
            self.at = at - blank;
            self.out.fill(self.at, self.at + 1, if inside { b',' } else { b';' });
            self.push(if inside { Kind::Sign } else { Kind::End }, blank);
        }
    }

    pub(super) fn blanks(&self) -> usize {
        let blank = |c: &char| c.is_whitespace() && *c != '\n';
        self.rest().chars().take_while(blank).map(char::len_utf8).sum()
    }

    /// The length of the unit at byte `at`, if one stands there.
    pub(super) fn unit(&self, at: usize, may_divide: bool) -> Option<usize> {
        let text = &self.out.text[at..];
        let factor = |at: usize| -> Option<usize> {
            let rest = text.get(at..)?;
            if let Some(c @ ('%' | '°')) = rest.chars().next() {
                return Some(c.len_utf8());
            }
            let word = word_at(rest);
            if !is_unit(&canonical_unit(word)) || AFTER_NUMBER.contains(&word) {
                return None;
            }
            let power = rest[word.len()..].strip_prefix('^').map_or(0, |p| {
                let sign = usize::from(p.starts_with('-'));
                let digits = p[sign..].bytes().take_while(u8::is_ascii_digit).count();
                let more = p[sign + digits..].starts_with(|c: char| in_word(c) || c == '.');
                if digits == 0 || digits > 2 || more { 0 } else { 1 + sign + digits }
            });
            Some(word.len() + power)
        };
        let mut len = match text.strip_prefix('/') {
            Some(_) if may_divide => 1 + factor(1)?,
            Some(_) => return None,
            None => factor(0)?,
        };
        loop {
            let sign =
                text[len..].chars().next().filter(|c| matches!(c, '/' | '·')).map_or(0, char::len_utf8);
            match (sign, factor(len + sign)) {
                (1.., Some(more)) => len += sign + more,
                _ => return Some(len),
            }
        }
    }

    pub(super) fn push_unit(&mut self, len: usize) {
        for i in self.at..self.at + len {
            if self.out.layout[i] == b'/' {
                self.out.layout[i] = b'\\';
            }
        }
        self.push(Kind::Unit, len);
    }

    /// Whether a unit is expected behind `in`: not in `for k in ...` or `cases f in ...`.
    pub(super) fn expects_unit(&self) -> bool {
        self.before(1) == "in" && !matches!(self.before(3), "for" | "cases" | "bounds" | "pick")
    }
}
