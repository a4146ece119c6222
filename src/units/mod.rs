//! Dimensions and units: vectors of rational exponents over the SI base, the table of unit names, display.
//!
//! Knows no syntax. Everything inside is SI-coherent; a unit is a factor.

mod dim;
mod unit;

pub use dim::{Dim, Ratio};
pub use unit::Unit;
