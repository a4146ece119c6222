//! Colours of a line as it is typed.

use crate::session::interactive::Kind;
use crate::syntax::{TokenKind, tokens};

fn code(kind: TokenKind) -> Option<&'static str> {
    Some(match kind {
        TokenKind::Keyword => "1;34",
        TokenKind::Number => "36",
        TokenKind::Unit => "32",
        TokenKind::String => "33",
        TokenKind::Comment => "2",
        TokenKind::Unknown => "31",
        TokenKind::Name | TokenKind::Operator | TokenKind::Bracket => return None,
    })
}

fn painted(code: &str, text: &str) -> String {
    // each line by itself, as a terminal may draw anything between them
    let one = |line: &str| if line.is_empty() { String::new() } else { format!("\x1b[{code}m{line}\x1b[0m") };
    text.split('\n').map(one).collect::<Vec<_>>().join("\n")
}

/// A line with colours; of the same width.
pub(super) fn line(text: &str) -> String {
    let lead = text.len() - text.trim_start().len();
    let command = text[lead..].starts_with(':');
    let word = text[lead..].find(char::is_whitespace).map_or(text.len(), |n| lead + n);
    let from = if command { word } else { 0 };
    let mut out = if command {
        format!("{}{}", &text[..lead], painted("35", &text[lead..word]))
    } else {
        String::new()
    };
    let rest = &text[from..];
    let mut at = 0;
    for token in tokens(rest) {
        if token.range.start < at {
            continue;
        }
        out += &rest[at..token.range.start];
        let word = &rest[token.range.clone()];
        out += &code(token.kind).map_or_else(|| word.to_string(), |c| painted(c, word));
        at = token.range.end;
    }
    out + &rest[at..]
}

/// A candidate in the colour of its kind.
pub(super) fn candidate(kind: Kind, text: &str) -> String {
    let code = match kind {
        Kind::Name => "0",
        Kind::Variable => "36",
        Kind::Axis | Kind::Mark | Kind::Case => "33",
        Kind::Function => "32",
        Kind::Keyword => "1;34",
        Kind::Unit => "32",
        Kind::Rule => "1",
        Kind::Command => "35",
        Kind::File => "4",
    };
    painted(code, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut out = String::new();
        let mut inside = false;
        for c in text.chars() {
            match c {
                '\x1b' => inside = true,
                'm' if inside => inside = false,
                c if !inside => out.push(c),
                _ => {}
            }
        }
        out
    }

    #[test]
    fn colours_change_no_letter() {
        for text in [
            "",
            "  ",
            "param eta = 1e-3 /s // slow",
            ":run 10 s",
            ": ",
            "rule {\n  dw/dt = \"θ\"\n",
            "§ 1 ms",
            ":µ",
        ] {
            assert_eq!(plain(&line(text)), text);
        }
        assert!(line("let a = 1").contains("\x1b[1;34mlet\x1b[0m"));
        assert!(line(":run 1 s").starts_with("\x1b[35m:run\x1b[0m"));
    }
}
