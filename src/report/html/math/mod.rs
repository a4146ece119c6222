//! Mathematics as a paper prints it, made from the tree of a program: fractions, subscripts, Greek letters, sums with
//! their axes below, cases. Comes out as MathML, which browsers set by themselves.

mod expr;
mod members;
mod names;
mod node;
#[cfg(test)]
mod tests;

pub(super) use expr::expr;
pub(super) use members::{
    bounds, change, connect, definition, drive, equation, held, normalise, output, start, state, stimulus,
};
pub(super) use names::name;
pub(super) use node::{Math, block, inline};
