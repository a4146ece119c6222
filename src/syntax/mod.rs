//! Text to tree: the grammar (`grammar/*.pest`), the tree it makes, and the tokens for highlighting.
//!
//! [`parse`] goes in steps: words ([`lex`](self), where slips of single characters are told), brackets, statements (the
//! *layout text*, in which line ends that count are `;`), the grammar item by item, and the tree. A fault that pest reports
//! as "expected `rule_x`" never reaches a reader: `explain` looks at the words around it and says what it is.

pub mod ast;
mod brackets;
mod build;
mod explain;
mod grammar;
mod keywords;
mod layout;
mod letters;
mod lex;
mod parse;
mod slips;
mod unit_words;

pub use letters::canonical;
pub use parse::{parse, parse_expr};
