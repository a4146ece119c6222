//! Text to tree: the grammar (`grammar/*.pest`), the tree it makes, and the tokens for highlighting.
//!
//! [`parse`] goes in steps: words ([`lex`](self), where slips of single characters are told), brackets, statements (the
//! *layout text*, in which line ends that count are `;`), the grammar item by item, and the tree. A fault that pest reports
//! as "expected `rule_x`" never reaches a reader: `explain` looks at the words around it and says what it is.

pub mod ast;
mod brackets;
mod build;
mod explain;
mod format;
mod grammar;
mod highlight;
mod keywords;
mod layout;
mod letters;
mod lex;
mod parse;
mod slips;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod tree;
mod unit_words;

pub use format::{FormatOptions, Spelling, format};
pub use highlight::{Token, TokenKind, tokens};
pub use letters::canonical;
pub use parse::{Opening, is_unfinished, opening, parse, parse_expr, parse_statements};
pub use tree::{expr_text, text};

/// Every keyword of the language, sorted; for completion and for editors.
pub fn keywords() -> Vec<&'static str> {
    keywords::all()
}
