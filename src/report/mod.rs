//! What a reader gets to see: judged expectations, the summary on a terminal, the files of `--out`, locks.
//!
//! Everything here reads a [`Reading`]: the checked experiment beside what its runs left behind. Nothing is
//! printed here and nothing decides where a file goes; texts and writers only.

pub mod diff;
mod document;
mod elements;
mod env;
pub mod figures;
#[cfg(test)]
mod fixture;
pub mod html;
mod judge;
pub mod lock;
mod naming;
mod outcome;
mod reading;
mod spark;
mod stack;
pub mod summary;
mod table;
mod timing;
pub mod writers;
mod xml;

pub use env::evaluate;
pub use outcome::{Comparand, Measured, Outcome, Verdict, outcomes, outcomes_until};
pub use reading::{Provenance, Reading, SourceFile, case_names};
pub use timing::{Bench, Front, Stretch, Timing};

/// The version of plast.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version of the numerical contract that results are computed under.
pub const CONTRACT_VERSION: u32 = 1;
