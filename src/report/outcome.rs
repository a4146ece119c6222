use super::env::ResultsEnv;
use super::judge::{INTERRUPTED, Judge, Judged};
use super::stack::case_axes;
use super::{Reading, naming};
use crate::eval;
use crate::hir::{AxisId, Comparison, Condition, Expect, ExprKind, Value};
use crate::source::Span;
use crate::units::Unit;

/// What became of an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It holds at every element.
    Held,
    /// It does not.
    Failed,
    /// It could not be judged, because not everything it reads was run.
    Skipped,
}

/// An expectation with what was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its source text.
    pub text: String,
    /// Its message.
    pub message: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// For each comparison in it, the element that fails most clearly or, if all hold, comes closest to failing.
    pub measured: Vec<Measured>,
    /// Why it failed or was skipped without a measurement.
    pub reason: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// One comparison at the element that says most about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The left side, SI.
    pub value: f64,
    /// What it was held against.
    pub against: Comparand,
    /// Where the element stands, `[k: 1, region: 0]`; empty for a scalar.
    pub place: String,
    /// How many elements were compared.
    pub elements: usize,
    /// How many of them fail.
    pub failing: usize,
    /// The unit both sides are shown in.
    pub unit: Unit,
}

/// What a value is held against, SI.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Comparand {
    /// `a < b`, `a == b +- tol`; the tolerance as a distance.
    Side {
        /// The comparison.
        op: Comparison,
        /// The right side.
        right: f64,
        /// The largest distance that still counts as equal.
        tolerance: Option<f64>,
    },
    /// `a in [lo, hi]`
    Range {
        /// The least value allowed.
        lo: f64,
        /// The largest value allowed.
        hi: f64,
    },
    /// A truth value.
    Truth,
}

/// Judges every expectation of a reading, in source order.
///
/// Nothing here fails: what cannot be evaluated is a failed expectation with the reason.
pub fn outcomes(reading: &Reading) -> Vec<Outcome> {
    outcomes_until(reading, &|| false)
}

/// The same, until it is to stop: what is not judged by then is skipped.
pub fn outcomes_until(reading: &Reading, stop: &dyn Fn() -> bool) -> Vec<Outcome> {
    let env = ResultsEnv::new(reading, stop);
    let naming = naming::Naming::new(reading.experiment);
    let cut = reading.cut_at().map(|at| format!("the run was cut short at {}", naming::seconds(at)));
    let expects = &reading.experiment.results.expects;
    let unmet = |expect: &Expect| cut.clone().or_else(|| reduced_cases(reading, &expect.condition, &naming));
    expects
        .iter()
        .map(|expect| match unmet(expect) {
            Some(reason) => outcome(expect, Judged::skipped(reason)),
            None if stop() => outcome(expect, Judged::skipped(INTERRUPTED)),
            None => {
                let evaluate =
                    |expr: &_| -> Result<Value, String> { eval::eval(expr, &env).map_err(|e| e.to_string()) };
                let partial = reading.partial();
                let judge = Judge { evaluate: &evaluate, naming: &naming, partial, stop };
                let mut judged = judge.judge(&expect.condition);
                let missing = env.take_missing();
                if judged.measured.is_empty() && !missing.is_empty() {
                    judged.reason = Some(format!("`{}` was never read", missing.join("`, `")));
                }
                outcome(expect, judged)
            }
        })
        .collect()
}

/// Why a condition cannot be judged where cases were left out: it runs over them.
fn reduced_cases(reading: &Reading, condition: &Condition, naming: &naming::Naming) -> Option<String> {
    if !reading.partial() {
        return None;
    }
    let cases: Vec<AxisId> = case_axes(reading).iter().map(|a| a.id).collect();
    let mut found = None;
    condition.for_each_expr(&mut |e| {
        crate::sema::visit(e, &mut |node| {
            if let ExprKind::Reduce { over, .. } = &node.kind {
                found = found.or_else(|| over.iter().copied().find(|a| cases.contains(a)));
            }
        });
    });
    found.map(|axis| format!("it runs over the cases `{}`, and not all of them ran", naming.axis(axis)))
}

fn outcome(expect: &Expect, judged: Judged) -> Outcome {
    Outcome {
        text: expect.text.clone(),
        message: expect.message.clone(),
        verdict: judged.verdict,
        measured: judged.measured,
        reason: judged.reason,
        span: expect.span,
    }
}
