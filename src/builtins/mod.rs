//! The words the language knows by itself: one table with meaning, dimensions and a runnable example of each.
//!
//! The manual's list is generated from [`TABLE`], so a word that is not in it is not in the language.
//! [`load`] reads the files that the word `load` names.

mod entry;
pub mod load;
mod table;

pub use entry::{Arity, Builtin, DimRule, Example, Expected, Kind, Special};
pub use table::{TABLE, lookup, names};
