//! Runs a program: the clock, the timeline, states, records and probes.
//!
//! One tick, at time n: inputs of this tick; what follows from the states, in dependency order, teaching applied where
//! an output is computed; records that are due; all changes of states, computed from this one state; all states
//! advance together; normalisation, then bounds. Between ticks probes are read: what follows from the states is
//! computed anew, under the inputs, the teaching and the parameters of the statement that has just ended.

mod acts;
mod begin;
mod carry;
mod cases;
mod courses;
mod cursor;
mod delays;
mod duration;
mod fault;
mod live;
mod loops;
mod machine;
mod notes;
mod phases;
mod position;
mod probes;
mod records;
mod runner;
mod spikes;
mod stage;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod view;

pub use carry::Carried;
pub use live::{Live, Moment, Reached, Until};
pub use position::Spot;

use crate::backend::Choice;
use crate::diag::Diagnostic;
use crate::hir::Experiment;
use crate::record::Recording;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How many threads to use; 0 for as many as there are processors. Results do not depend on it.
    pub threads: usize,
    /// What computes the states. Results do not depend on it.
    pub backend: Choice,
    /// Stop at this simulated time, in seconds.
    pub until: Option<f64>,
    /// Set from outside to stop: the run ends within a tick, and what was recorded is kept.
    pub stop: Option<Arc<AtomicBool>>,
    /// Whether to sample what only plots follow over time.
    pub follow: bool,
    /// How many bytes the arrays may take; as many as are free if not said.
    pub memory: Option<u64>,
    /// Whether time goes tick by tick also where it could go from event to event. Results then differ by rounding.
    pub ticks: bool,
}

/// Told how a run goes on.
pub trait Observer {
    /// A run begins: the `index`-th of `of` cases, or its control; `total_ticks` where that is known beforehand.
    fn case_started(&mut self, index: usize, of: usize, control: bool, total_ticks: Option<u64>);
    /// Some ticks of the case that started last have passed.
    fn progress(&mut self, phase: &str, tick: u64, total: Option<u64>);
}

/// An observer that does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn case_started(&mut self, _: usize, _: usize, _: bool, _: Option<u64>) {}
    fn progress(&mut self, _: &str, _: u64, _: Option<u64>) {}
}

/// Runs some of an experiment's cases, each with its control where there is one.
///
/// Cases run on several threads; results are in the order asked for and do not depend on how many there are.
///
/// # Errors
/// What a checked program can still do wrong: numbers that are not finite, places that do not exist, too little
/// memory. Of several cases that fail, the first one's fault.
pub fn run(
    experiment: &Experiment,
    which: &[usize],
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Recording, Box<Diagnostic>> {
    cases::run(experiment, which, options, observer)
}
