//! Signs that papers write and no expression has: `|x|`, `°C`, an angle without a number.

use super::{Kind, Lexer, in_word};
use crate::syntax::{keywords, slips};

impl Lexer<'_> {
    /// Tells of such a sign if one stands here, once for all of it.
    pub(super) fn foreign_sign(&mut self, c: char) -> bool {
        if c == '|' && self.bar == Some(self.at) {
            self.bar = None;
            self.push(Kind::Junk, 1);
        } else if let Some(len) = self.between_bars() {
            let span = self.span(self.at, self.at + len);
            let inner = self.rest()[1..len - 1].trim();
            self.fault(slips::bars(span, inner), self.at, true);
            self.bar = Some(self.at + len - 1);
            self.push(Kind::Junk, 1);
        } else if let Some(len) = foreign_degrees(self.rest()) {
            self.degrees(len);
        } else if c == '°' && !self.expects_unit() {
            let len = c.len_utf8();
            self.fault(slips::degrees_of_nothing(self.span(self.at, self.at + len)), self.at, true);
            self.push(Kind::Junk, len);
        } else {
            return false;
        }
        true
    }

    /// `30 °C`
    pub(super) fn degrees(&mut self, len: usize) {
        let span = self.span(self.at, self.at + len);
        let written = &self.rest()[..len];
        self.fault(slips::foreign_degrees(span, written), self.at, true);
        self.push(Kind::Unit, len);
    }

    /// The length of `|x|` where a value may begin.
    fn between_bars(&self) -> Option<usize> {
        let inside = self.rest().strip_prefix('|')?;
        let operand = self.out.tokens.last().is_some_and(|t| match t.kind {
            Kind::Name => !keywords::is_keyword(self.before(1)),
            Kind::Number | Kind::Unit | Kind::Str | Kind::Close => true,
            Kind::Sign | Kind::Open | Kind::End | Kind::Junk => false,
        });
        let len = inside.find(['|', ';', '\n']).filter(|at| inside[*at..].starts_with('|'))?;
        (!operand && !inside[..len].trim().is_empty()).then_some(len + 2)
    }
}

/// The length of `°C` or `°F` at the start of a text.
pub(super) fn foreign_degrees(text: &str) -> Option<usize> {
    let len = match text.chars().next()? {
        c @ ('℃' | '℉') => c.len_utf8(),
        c @ '°' if text[c.len_utf8()..].starts_with(['C', 'F']) => c.len_utf8() + 1,
        _ => return None,
    };
    (!text[len..].starts_with(in_word)).then_some(len)
}
