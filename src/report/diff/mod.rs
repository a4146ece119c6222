//! What differs between two runs, and by how much.
//!
//! A [`Side`] is what is known of one run: from a [`Reading`](super::Reading), from a folder that `--out` wrote or
//! from a lock. [`compare()`] puts two beside each other, cases by name, and gives a [`Diff`]: data first. [`text()`] and
//! [`json()`] say it, [`changes()`] in a line for each result.

mod between;
mod compare;
mod error;
mod folder;
mod json;
mod locked;
mod model;
mod names;
mod numbers;
mod reading;
mod setup;
mod side;
#[cfg(test)]
mod tests;
mod text;
mod values;
mod words;

pub use compare::{Asked, compare};
pub use error::ReadError;
pub use folder::folder;
pub use json::json;
pub use locked::locked;
pub use model::{About, Diff, How, Line, Of, PartChange, Setting, Setup, Spot, VerdictChange};
pub use reading::reading;
pub use side::{Kind, Part, Side};
pub use text::{changes, text};
