//! Values of expressions: sizes, start values, stimuli, durations, records, probes and results.
//!
//! [`eval`] computes whole arrays node by node; values combine by the names of their axes, so each operand is repeated
//! along the axes it lacks. What an expression reads comes from an [`Env`]. Functions, reductions and random numbers
//! are those of the numerical contract, so a value has the same bits here as in a compiled kernel.
//!
//! Elements that do not exist (synapses that are not connected, samples that were never taken) stay absent through
//! every operation: a result is absent where an operand is, and reductions leave absent elements out.
//! Where only one side of `if`, `and`, `or` or a filter counts, a place outside an axis on the other side is no error.

mod array;
mod blocks;
mod elementwise;
mod env;
mod error;
mod evaluator;
mod guard;
mod index;
mod leaf;
mod plan;
mod reduce;
mod rules;
mod samples;
mod statistics;
#[cfg(test)]
mod tests;

pub use blocks::eval_rows;
pub use env::{Env, StaticEnv};
pub use error::{EvalError, Fault, Missing};
pub use evaluator::{eval, eval_on, eval_scalar, eval_truth};
pub use rules::{Power, factors, power};
