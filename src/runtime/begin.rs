//! From start values to the states at tick 0.

use super::fault;
use super::machine::{Machine, Outcome};
use crate::diag::Diagnostic;
use crate::eval::{EvalError, eval_rows};
use crate::hir::{Expr, ExprKind, Ty, VarId, VarKind};
use crate::ir::build::expr::binary;
use crate::ir::build::fault::from_eval;
use crate::ir::build::live::each_expr;
use crate::ir::build::{FirstSettle, When};
use crate::ir::timeline::visit_expr;
use crate::record::RunNote;
use crate::syntax::ast::BinaryOp;
use crate::units::format_value;

/// What is needed to tell how many numbers a normalisation or bounds have changed. Large arrays are not copied.
enum Before {
    /// They were all this one.
    Same(f64),
    /// They were these.
    All(Vec<f64>),
    /// They were the start values as declared, which can be computed again.
    Start,
    /// So many are about to change.
    Known(usize),
}

/// Arrays up to this length are copied.
const SMALL: usize = 1 << 16;

impl Before {
    /// What is needed before `settle` acts; `first` is whether nothing has changed its variable yet.
    fn new(m: &Machine<'_>, settle: &FirstSettle, first: bool) -> Self {
        let slot = m.built.layout.vars[settle.var].slot;
        let len = m.arrays.len_of(slot);
        if let Some(same) = m.arrays.value(slot, 0)
            && m.arrays.count(slot, |v| v != same) == 0
        {
            return Self::Same(same);
        }
        if len > SMALL {
            if let Some((lo, hi)) = ends(m, settle) {
                return Self::Known(m.arrays.count(slot, |v| v < lo || v > hi));
            }
            if first && m.built.layout.vars[settle.var].pattern.is_none() {
                return Self::Start;
            }
        }
        Self::All(m.arrays.values(slot).into_owned())
    }

    /// How many are others now.
    fn changed(&self, m: &Machine<'_>, var: VarId) -> Outcome<usize> {
        let slot = m.built.layout.vars[var].slot;
        let others = |before: &[f64], now: &[f64]| before.iter().zip(now).filter(|(a, b)| a != b).count();
        Ok(match (self, &m.program.vars[var].kind) {
            (Self::Known(changed), _) => *changed,
            (Self::Same(before), _) => m.arrays.count(slot, |v| v != *before),
            (Self::All(before), _) => {
                m.arrays.parts(slot).map(|(first, now)| others(&before[first..], &now)).sum()
            }
            (Self::Start, VarKind::State { start, .. }) => {
                let mut changed = 0;
                let compare = &mut |first: usize, before: &[f64]| -> Result<(), EvalError> {
                    let rounded: Vec<f64> = before.iter().map(|v| m.arrays.rounded(slot, *v)).collect();
                    changed += others(&rounded, &m.arrays.part(slot, first..first + before.len()));
                    Ok(())
                };
                eval_rows(start, &m.program.vars[var].axes, &m.statics, compare)
                    .map_err(|e| from_eval(&e, start.span))?;
                changed
            }
            (Self::Start, _) => 0,
        })
    }
}

/// The ends of bounds that are the same for all synapses, as the array of their variable keeps them.
fn ends(m: &Machine<'_>, settle: &FirstSettle) -> Option<(f64, f64)> {
    let mut all = m.program.projections.iter().flat_map(|p| &p.bounds);
    let bounds = all.find(|b| settle.by == "bounds" && b.var == settle.var && b.span == settle.span)?;
    let slot = m.built.layout.vars[settle.var].slot;
    let end = |e| Some(m.arrays.rounded(slot, m.eval(e).ok()?.as_scalar()?));
    Some((end(&bounds.lo)?, end(&bounds.hi)?))
}

impl Machine<'_> {
    /// Brings the states to tick 0: normalised, bounded, delays filled. Notes which start values that changes.
    ///
    /// What follows from the states before anything is presented need not be finite: no tick of the run has these
    /// values. It counts where it is asked for, `at start` or as an output that is read later.
    pub fn begin_run(&mut self, notes: &mut Vec<RunNote>) -> Outcome<()> {
        self.foresee()?;
        self.evaluate_starts(When::Declared)?;
        let first = std::mem::take(&mut self.built.first);
        let (mut bounds, mut settled) = (false, Vec::new());
        for settle in &first {
            if settle.by == "bounds" && !std::mem::replace(&mut bounds, true) {
                self.foresee()?;
                self.evaluate_starts(When::Normalised)?;
            }
            let slot = self.built.layout.vars[settle.var].slot;
            let before = Before::new(self, settle, !settled.contains(&settle.var));
            settled.push(settle.var);
            self.work(&settle.work)?;
            let changed = before.changed(self, settle.var)?;
            if changed > 0 {
                notes.push(RunNote::StartChanged {
                    var: self.program.vars[settle.var].name.clone(),
                    by: settle.by,
                    changed,
                    of: self.arrays.len_of(slot),
                    span: settle.span,
                });
            }
        }
        self.built.first = first;
        if !bounds {
            self.foresee()?;
            self.evaluate_starts(When::Normalised)?;
        }
        self.inhibition_is_not_negative()?;
        self.bounds_are_in_order()?;
        self.fill_delays()?;
        self.foresee()?;
        self.evaluate_starts(When::Begun)?;
        self.evaluate_other_starts()?;
        self.observed = false;
        Ok(())
    }

    /// Inhibition subtracts; negative weights would excite.
    fn inhibition_is_not_negative(&self) -> Outcome<()> {
        for p in self.program.projections.iter().filter(|p| p.inhibitory) {
            let weights = self.arrays.parts(self.built.layout.vars[p.w].slot);
            let negative =
                weights.filter_map(|(_, w)| w.iter().copied().filter(|w| *w < 0.0).reduce(f64::min));
            if let Some(least) = negative.reduce(f64::min) {
                let unit = &self.program.vars[p.w].unit;
                let headline = format!("the weights of `{}` start below zero", p.name);
                let label = format!("inhibitory, and one is {}", format_value(least, unit, 6));
                let d = Diagnostic::new(crate::diag::Code::E0606, p.span, headline, label);
                let d = d.note("inhibition subtracts `sum(w*x)`; a negative weight would excite");
                return Err(Box::new(d.help("leave the sign to `inhibitory`, or leave `inhibitory` out")));
            }
        }
        Ok(())
    }

    /// Bounds that are computed from the start may cross.
    fn bounds_are_in_order(&self) -> Outcome<()> {
        for bounds in self.program.projections.iter().flat_map(|p| &p.bounds) {
            let crossed = binary(BinaryOp::Gt, bounds.lo.clone(), bounds.hi.clone(), Ty::Bool);
            let Ok(crossed) = self.eval(&crossed) else { continue };
            if crossed.data.iter().any(|v| *v != 0.0) {
                let headline = "the lower bound lies above the upper when the run starts";
                let d = Diagnostic::new(crate::diag::Code::E0606, bounds.span, headline, "empty range");
                return Err(Box::new(d));
            }
        }
        Ok(())
    }

    fn evaluate_starts(&mut self, when: When) -> Outcome<()> {
        for i in 0..self.built.starts.len() {
            let start = &self.built.starts[i];
            if start.when == when {
                let value = self.eval_on(&start.expr, &start.axes)?;
                if value.data.iter().any(|v| v.is_nan()) {
                    return Err(fault::start_not_a_number(start.expr.span));
                }
                let into = start.into;
                self.arrays.write(into, &value.data);
            }
        }
        Ok(())
    }

    /// `at start` in what is evaluated and not computed by kernels.
    fn evaluate_other_starts(&mut self) -> Outcome<()> {
        let mut wanted: Vec<Expr> = Vec::new();
        each_expr(self.program, &self.built.timeline, &mut |e| {
            visit_expr(e, &mut |node| {
                if let ExprKind::AtStart(inner) = &node.kind
                    && !wanted.contains(inner)
                {
                    wanted.push((**inner).clone());
                }
            });
        });
        for expr in wanted {
            let value = self.eval(&expr)?;
            self.started.push((expr, value));
        }
        Ok(())
    }

    /// Before t = 0 a delayed output is what the output is at t = 0 under zero input. Outputs are filled in after
    /// those they depend on; those that depend on each other's past read zero for it.
    fn fill_delays(&mut self) -> Outcome<()> {
        for group in super::delays::order(self.program, &self.built) {
            self.foresee()?;
            self.rings.fill(&group, &mut self.arrays);
        }
        Ok(())
    }
}
