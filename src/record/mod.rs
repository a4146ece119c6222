//! What a run leaves behind: probes, recorded series, notes, and what it cost.
//!
//! Made by `runtime`, read by `report`. A [`Series`] grows in memory up to a few megabytes and then streams to a
//! temporary file, so a long record never grows in memory.

mod cost;
mod recording;
mod series;
mod store;
mod times;

pub use cost::{Cost, Order, Stretch};
pub use recording::{CaseRun, PhaseStretch, Recording, Run, RunNote};
pub use series::Series;
pub use times::SampleTimes;
