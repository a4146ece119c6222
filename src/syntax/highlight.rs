//! Words with their kinds, for highlighting and `debug tokens`.

use super::keywords;
use super::lex::{Kind, Lexed, lex};
use crate::source::SourceId;

/// What a piece of text is, for a reader's eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A word of the language where it means that.
    Keyword,
    /// Any other word.
    Name,
    /// The digits of a number.
    Number,
    /// The unit of a number.
    Unit,
    /// A string with its quotes.
    String,
    /// A comment with its marker.
    Comment,
    /// An operator or another sign.
    Operator,
    /// A bracket.
    Bracket,
    /// What is no part of the language.
    Unknown,
}

/// A piece of text and its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The bytes.
    pub range: std::ops::Range<usize>,
}

/// The words, signs and comments of a text in order; blanks lie between them. Never fails.
///
/// ```
/// use plast::syntax::{TokenKind::*, tokens};
/// let kinds: Vec<_> = tokens("clock 10 ms // slow").iter().map(|t| t.kind).collect();
/// assert_eq!(kinds, [Keyword, Number, Unit, Comment]);
/// ```
pub fn tokens(text: &str) -> Vec<Token> {
    let lexed = lex(SourceId(0), text);
    let mut found: Vec<Token> =
        lexed.comments.iter().map(|c| Token { kind: TokenKind::Comment, range: c.span.range() }).collect();
    for (i, token) in lexed.tokens.iter().enumerate() {
        // A separator that was only guessed is a blank.
        if token.kind == Kind::End && &text[token.start..token.end] != ";" {
            continue;
        }
        let kind = match token.kind {
            Kind::Name if is_keyword(&lexed, i) => TokenKind::Keyword,
            Kind::Name => TokenKind::Name,
            Kind::Number => TokenKind::Number,
            Kind::Unit => TokenKind::Unit,
            Kind::Str => TokenKind::String,
            Kind::Sign | Kind::End => TokenKind::Operator,
            Kind::Open | Kind::Close => TokenKind::Bracket,
            Kind::Junk => TokenKind::Unknown,
        };
        found.push(Token { kind, range: token.start..token.end });
    }
    found.retain(|t| !text[t.range.clone()].trim().is_empty());
    found.sort_by_key(|t| t.range.start);
    found
}

/// Whether the word is a keyword here: many keywords are free as names where no keyword can stand.
fn is_keyword(lexed: &Lexed, i: usize) -> bool {
    let word = lexed.str(i);
    if keywords::HARD.contains(&word) {
        return true;
    }
    if !keywords::is_keyword(word) {
        return false;
    }
    let before = i.checked_sub(1).map_or("", |b| lexed.str(b));
    let named = matches!(
        before,
        "let"
            | "fn"
            | "param"
            | "cases"
            | "stimulus"
            | "population"
            | "rule"
            | "synapses"
            | "phase"
            | "record"
            | "set"
            | "."
            | "state"
            | "output"
    ) && !lexed.starts_line(i);
    let used =
        matches!(lexed.str(i + 1), "=" | "," | ":" | "." | "[" | "+" | "-" | "*" | "/" | "^" | "]" | ")")
            || (lexed.str(i + 1) == "(" && !matches!(word, "frozen" | "shuffle" | "random"))
            || matches!(before, "+" | "*" | "/" | "^" | "(" | "[" | ",");
    let assigned = matches!(lexed.str(i + 1), "=" | "*");
    !named && !assigned && (!used || lexed.starts_line(i))
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, tokens};

    fn shown(text: &str) -> String {
        let letter = |kind| match kind {
            TokenKind::Keyword => 'k',
            TokenKind::Name => 'n',
            TokenKind::Number => '1',
            TokenKind::Unit => 'u',
            TokenKind::String => 's',
            TokenKind::Comment => 'c',
            TokenKind::Operator => 'o',
            TokenKind::Bracket => 'b',
            TokenKind::Unknown => '?',
        };
        tokens(text).iter().map(|t| letter(t.kind)).collect()
    }

    #[test]
    fn words_are_told_apart() {
        assert_eq!(shown("param eta = 1e-3 /s in [0 /s, 1 /s] // eta"), "kno1ukb1uo1ubc");
        assert_eq!(shown("record r = mean(c.y over cell) every 1 s during a"), "knonbnonknbk1ukn");
        assert_eq!(shown("expect a \"b\" $"), "kns?");
        assert_eq!(shown("phase test frozen { rest 1 s }"), "knkbk1ub");
    }

    #[test]
    fn free_keywords_are_names() {
        assert_eq!(shown("fn image(i) = image(i) + 1"), "knbnbonbnbo1");
        assert_eq!(shown("phase rest { }"), "knbb");
        assert_eq!(shown("let every = 1"), "kno1");
    }

    #[test]
    fn a_guessed_separator_is_no_token() {
        assert_eq!(shown("let a = 3 let b = 4"), "kno1kno1");
    }
}
