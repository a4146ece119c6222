//! Runs. (Stands in until the runtime is here.)

use crate::diag::Diagnostic;
use crate::hir::Experiment;
use crate::record::Recording;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Stub.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Stub.
    pub threads: usize,
    /// Stub.
    pub until: Option<f64>,
    /// Stub.
    pub stop: Option<Arc<AtomicBool>>,
}

/// Stub.
pub trait Observer {
    /// Stub.
    fn case_started(&mut self, index: usize, of: usize, control: bool, total_ticks: Option<u64>);
    /// Stub.
    fn progress(&mut self, phase: &str, tick: u64, total: Option<u64>);
}

/// Stub.
pub fn run(
    _: &Experiment,
    _: &[usize],
    _: &Options,
    _: &mut dyn Observer,
) -> Result<Recording, Box<Diagnostic>> {
    Ok(Recording::default())
}
