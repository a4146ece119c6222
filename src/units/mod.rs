//! Dimensions and units: vectors of rational exponents over the SI base, the table of unit names, display.
//!
//! Knows no syntax. Everything inside is SI-coherent; a unit is a factor.

mod dim;
mod display;
mod format;
mod ratio;
mod table;
mod unit;

pub use dim::Dim;
pub use display::{Difference, difference, dim_name, display_dim, display_unit};
pub use format::{format_exact, format_number, format_value};
pub use ratio::Ratio;
pub use table::{BaseUnit, UNITS, UnitDef, lookup, mistaken_for, suggest};
pub use unit::{Unit, read_number};
