//! The checker: a tree to a program, or every fault of it at once.
//!
//! One walk over each expression resolves names, infers dimensions (with unknowns, see `dims`) and axes, and
//! says when the value is known. A file is checked once per case with that case's parameters in place; all cases
//! share one axis table, so that their results can be put side by side.

mod at_end;
mod axes;
mod calls;
mod cases;
mod check;
mod checker;
mod data;
mod dims;
mod drives;
mod expr;
mod fields;
mod finish;
pub(crate) mod followed;
mod idle_cells;
mod index;
mod items;
mod lints;
mod loose_slash;
mod members;
mod names;
mod operators;
mod order;
mod over;
mod params;
mod places;
mod populations;
mod projections;
mod protocol;
mod reduce;
mod restraints;
mod results;
mod rule_params;
mod rules;
mod say;
mod spikes;
mod stimuli;
mod time;
mod twice;
mod typed;
mod undefined;
mod unfit;
mod values;
mod visit;
pub(crate) mod walk;

pub use check::{Checked, LoadError, Loader, Overrides, check};
use say::say_eval_error;
pub use visit::visit;
pub(crate) use visit::visit_mut;
