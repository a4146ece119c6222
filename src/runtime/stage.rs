use crate::diag::Diagnostic;
use crate::hir::{Expr, LocalId, ParamId, PhaseId, ProbeId, StatementId};
use crate::ir::timeline::Place;

/// What a timeline acts upon.
///
/// Separates the order of statements (the cursor's business) from what they do to the state.
pub(super) trait Stage {
    /// The root of all randomness.
    fn seed(&self) -> u64;
    /// Whether the run is to stop: what takes no time is then left, too.
    fn stopped(&self) -> bool;
    /// A whole number of turns.
    fn count(&mut self, count: &Expr) -> Result<u64, Box<Diagnostic>>;
    /// A time in whole ticks.
    fn ticks(&mut self, time: &Expr) -> Result<u64, Box<Diagnostic>>;
    /// A time to the nearest tick.
    fn ticks_about(&mut self, time: &Expr) -> Result<u64, Box<Diagnostic>>;
    /// A choice among as many places as there are weights.
    fn weighted(&mut self, weights: &Expr, key: u64, element: u64) -> Result<usize, Box<Diagnostic>>;
    /// How long an `until` took in the main run.
    fn replayed(&self, id: StatementId, element: u64) -> Option<u64>;
    /// A loop or a pick takes a value.
    fn set_local(&mut self, local: LocalId, value: f64, place: usize);
    /// A parameter changes from the next tick on.
    fn set_param(&mut self, param: ParamId, value: &Expr) -> Result<(), Box<Diagnostic>>;
    /// A probe is read.
    fn probe(&mut self, id: ProbeId, places: &[Place], value: &Expr) -> Result<(), Box<Diagnostic>>;
    /// A phase begins.
    fn enter_phase(&mut self, id: PhaseId, now: u64);
    /// A phase has ended.
    fn leave_phase(&mut self, id: PhaseId, now: u64);
}
