//! The report: one HTML page that holds everything, needs no network and reads without scripts.
//!
//! [`page`] puts together what the files beside this one make, a file per section. The page has no date and no elapsed
//! time: the same program gives the same bytes.

mod context;
mod equations;
mod expectations;
mod figures;
mod math;
mod page;
mod parameters;
mod probes;
mod prose;
mod records;
mod reproduce;
mod source;
mod spikes;
#[cfg(test)]
mod tests;
mod timeline;
mod warnings;

pub use page::{Asked, LockState, Page, page};
