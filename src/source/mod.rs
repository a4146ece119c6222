//! Where text comes from and where in it something stands: files, byte spans, line numbers.
//!
//! Everything later in the house points back into a [`SourceMap`] through [`Span`]s.

mod index_vec;
mod map;
mod span;

pub use index_vec::{Id, IndexVec};
pub use map::{LineCol, Source, SourceId, SourceMap};
pub use span::{Span, Spanned};
