//! Strings, and what other languages use instead of strings, comments and signs.

use super::{Kind, Lexer};
use crate::syntax::letters::lookalike_sign;
use crate::syntax::slips;

impl Lexer<'_> {
    pub(super) fn foreign_comment(&mut self, c: char) {
        let rest = self.rest();
        let line = rest.find('\n').unwrap_or(rest.len());
        let (mark, end) = match rest.find("*/") {
            _ if c != '/' => (c.len_utf8(), line),
            Some(end) => (2, end + 2),
            None => (2, line),
        };
        let marker = self.span(self.at, self.at + mark);
        self.fault(slips::foreign_comment(marker, &rest[..mark]), self.at, false);
        // A line end inside stays one, so that the statement before it ends.
        let start = self.at;
        for (i, line) in rest[..end].match_indices('\n').collect::<Vec<_>>() {
            let newline = start + i;
            self.out.fill(self.at, newline, b' ');
            self.at = newline + line.len();
        }
        self.skip_to(start + end);
    }

    pub(super) fn string(&mut self) {
        let rest = self.rest();
        let mut escaped = false;
        for (i, c) in rest.char_indices().skip(1) {
            match c {
                '\n' => break,
                '"' if !escaped => return self.push(Kind::Str, i + 1),
                '\\' if !escaped => escaped = matches!(rest[i + 1..].chars().next(), Some('\\' | '"')),
                _ => escaped = false,
            }
        }
        let line = rest.find('\n').unwrap_or(rest.len());
        let len = rest[..line].trim_end().len();
        let span = self.span(self.at, self.at + len);
        self.fault(slips::unclosed_string(span), self.at, true);
        self.push(Kind::Str, len);
    }

    /// A string between other quotes, or a lone one.
    pub(super) fn foreign_quote(&mut self, c: char) {
        let rest = self.rest();
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let inner = &line[c.len_utf8()..];
        let close = inner.char_indices().find(|(_, q)| match c {
            '“' | '”' | '„' => matches!(q, '“' | '”' | '"'),
            '«' => *q == '»',
            '`' => *q == '`',
            _ => matches!(q, '\'' | '’' | '‘'),
        });
        let Some((end, q)) = close else {
            let span = self.span(self.at, self.at + c.len_utf8());
            self.fault(slips::stray_character(span, c), self.at, true);
            return self.push(Kind::Junk, c.len_utf8());
        };
        let len = c.len_utf8() + end + q.len_utf8();
        let span = self.span(self.at, self.at + len);
        self.fault(slips::foreign_quotes(span, &inner[..end]), self.at, true);
        self.push(Kind::Str, len);
    }

    /// A character that is no part of the language.
    pub(super) fn stray(&mut self, c: char) {
        let span = self.span(self.at, self.at + c.len_utf8());
        let Some(sign) = lookalike_sign(c) else {
            self.fault(slips::stray_character(span, c), self.at, true);
            return self.push(Kind::Junk, c.len_utf8());
        };
        self.fault(slips::lookalike(span, c, sign), self.at, sign.len() > c.len_utf8());
        if sign.len() <= c.len_utf8() {
            self.out.fill(self.at, self.at + c.len_utf8(), b' ');
            self.out.layout[self.at..self.at + sign.len()].copy_from_slice(sign.as_bytes());
        }
        let kind = match sign {
            "(" | "[" | "{" => Kind::Open,
            ")" | "]" | "}" => Kind::Close,
            ";" => Kind::End,
            "and" | "or" | "not" | "in" | "sqrt" | "sum" | "d" | "deg" => Kind::Name,
            _ => Kind::Sign,
        };
        self.push(kind, c.len_utf8());
    }
}
