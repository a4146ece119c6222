//! The summary of a run: as text for a terminal, as JSON for programs.
//!
//! Both say the same and neither says how long the run took, so that they can be compared; [`timing`] does.

mod expectations;
mod json;
mod notes;
mod probes;
mod records;
mod style;
mod text;

pub(super) use expectations::digits_apart;
pub use expectations::{measured_text, outcome_lines, verdict_line};
pub use json::json;
pub(super) use notes::note_texts;
pub(in crate::report) use style::Role;
pub use style::Style;
pub(super) use text::header_parts;
pub use text::{text, timing};
