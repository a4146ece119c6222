//! Units whose slash stands apart: `0.1 / s`, `20/s`, `3 cm / s`.

use super::checker::Checker;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast;
use crate::units::lookup;

impl Checker<'_, '_> {
    /// What is wrong where a name is a unit behind a slash that does not make it one.
    pub(super) fn loose_slash(&self, name: &ast::Ident) -> Option<Diagnostic> {
        lookup(&name.text)?;
        let text = &self.sources.get(name.span.source).text;
        let before = text.get(..name.span.start as usize)?.trim_end_matches([' ', '\t']);
        let ahead = before.strip_suffix('/')?.trim_end_matches([' ', '\t']);
        let (quantity, unit) = quantity_at_end(ahead)?;
        let written = self.sources.text(name.span);
        // a unit without another before it follows its number with a blank
        let fixed = if unit.is_empty() { format!(" /{written}") } else { format!("/{written}") };
        let headline = format!("the slash of the unit `/{written}` stands apart");
        let d = Diagnostic::new(Code::E0201, name.span, headline, "read as the name of a value");
        let span = Span { start: ahead.len() as u32, ..name.span };
        Some(d.fix(format!("write `{quantity}{fixed}`"), span, fixed))
    }
}

/// The number with its unit that a text ends with, and the unit, which is empty where there is none.
fn quantity_at_end(text: &str) -> Option<(&str, &str)> {
    let in_unit = |c: char| c.is_alphanumeric() || matches!(c, '%' | '°' | 'µ' | '·' | '/' | '^' | '_');
    if let Some(number) = number_at_end(text) {
        return Some((number, ""));
    }
    let start = text.trim_end_matches(in_unit).len();
    // `5%`: the number touches its unit
    let unit = text[start..].trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text[..text.len() - unit.len()].trim_end_matches([' ', '\t']);
    let factors = unit.trim_start_matches('/').split(['/', '·']);
    let known = |factor: &str| {
        let word = factor.split('^').next().unwrap_or_default();
        matches!(word, "%" | "°") || lookup(word).is_some()
    };
    let is_unit = !unit.is_empty() && factors.into_iter().all(known);
    let start = number.len() - number_at_end(number).filter(|_| is_unit)?.len();
    Some((&text[start..], unit))
}

/// The number that a text ends with: `20`, `0.1`, `1e-3`.
fn number_at_end(text: &str) -> Option<&str> {
    let mut start = text.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_')).len();
    let head = &text[..start];
    // the sign of an exponent
    if let Some(mantissa) = head.strip_suffix(['-', '+'])
        && mantissa.ends_with(['e', 'E'])
    {
        let from = mantissa.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_')).len();
        if mantissa[from..].starts_with(|c: char| c.is_ascii_digit()) {
            start = from;
        }
    }
    let number = &text[start..];
    let is_power = text[..start].ends_with('^');
    let is_number = number.starts_with(|c: char| c.is_ascii_digit()) && number.parse::<f64>().is_ok();
    (is_number && !is_power).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_units_are_found_from_their_ends() {
        assert_eq!(quantity_at_end("a + 20"), Some(("20", "")));
        assert_eq!(quantity_at_end("a*1e-3"), Some(("1e-3", "")));
        assert_eq!(quantity_at_end("x-3"), Some(("3", "")));
        assert_eq!(quantity_at_end("= 5 %"), Some(("5 %", "%")));
        assert_eq!(quantity_at_end("= 5%"), Some(("5%", "%")));
        assert_eq!(quantity_at_end("3 mV·s"), Some(("3 mV·s", "mV·s")));
        assert_eq!(quantity_at_end("3 mV^2"), Some(("3 mV^2", "mV^2")));
        assert_eq!(quantity_at_end("2 /s"), Some(("2 /s", "/s")));
        for other in ["tau", "a1", "x2 mV", "", "3 apples", "(3)", "a.b"] {
            assert_eq!(quantity_at_end(other), None, "{other}");
        }
    }
}
