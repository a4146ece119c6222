//! The formatter: text to text, in one style.
//!
//! It works on the words of the text, not on the tree: comments, blank lines, the spelling of numbers and units and the
//! writer's parentheses are words and gaps, and stay. The tree only says which words are names. A document printer in
//! Wadler's manner (`pretty` and its like) was considered: it chooses line breaks well, but the style here is mostly about
//! columns that run over several statements (`=`, `{`, messages, comments) and about breaks the writer chose, and it knows
//! neither.
//!
//! [`words`](self) come with the gaps before them; `space` says what stands between two words of a line, `breaks` where a
//! line may break, `blocks` makes lines of statements, `align` moves what belongs in columns, and `net` makes sure that
//! nothing but blanks has changed.

mod align;
mod blocks;
mod breaks;
mod entry;
mod net;
mod space;
mod spell;
mod words;

pub use entry::{FormatOptions, Spelling, format};
