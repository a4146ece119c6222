//! Text to tree: the grammar (`grammar/plast.pest`), the tree it makes, and the tokens for highlighting.

pub mod ast;
