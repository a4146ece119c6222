//! What statements do to a run.

use super::fault;
use super::runner::Runner;
use super::stage::Stage;
use crate::contract::philox;
use crate::diag::{Code, Diagnostic};
use crate::eval::{eval, eval_on};
use crate::hir::{Expr, ExprKind, LocalId, ParamId, PhaseId, ProbeId, StatementId};
use crate::ir::build::fault::from_eval;
use crate::ir::timeline::Place;
use crate::units::format_value;
use std::sync::atomic::Ordering;

use super::machine::Outcome;

impl Stage for Runner<'_, '_> {
    fn seed(&self) -> u64 {
        self.program.seed
    }

    fn stopped(&self) -> bool {
        self.options.stop.as_ref().is_some_and(|s| s.load(Ordering::Relaxed))
    }

    fn count(&mut self, count: &Expr) -> Outcome<u64> {
        let value = self.scalar(count)?;
        let whole = value.round();
        if (value - whole).abs() <= 1e-9 * whole.abs().max(1.0) && (0.0..9e15).contains(&whole) {
            return Ok(whole as u64);
        }
        Err(Box::new(Diagnostic::new(
            Code::E0805,
            count.span,
            format!("`repeat` needs a whole number of turns, and this is {value}"),
            format!("this is {value}"),
        )))
    }

    fn ticks(&mut self, time: &Expr) -> Outcome<u64> {
        let seconds = self.scalar(time)?;
        self.whole_ticks(seconds, 0.0, |tick, shown| {
            let headline = format!("{shown} is not a whole number of ticks of {tick}");
            Diagnostic::new(Code::E0501, time.span, headline, format!("this is {shown}"))
        })
    }

    fn ticks_about(&mut self, time: &Expr) -> Outcome<u64> {
        let ticks = (self.scalar(time)? / self.program.tick).round();
        // what is negative or without end is refused with the spikes that make it so
        Ok(if ticks < 9e15 { ticks.max(0.0) as u64 } else { 0 })
    }

    fn weighted(&mut self, weights: &Expr, key: u64, element: u64) -> Outcome<usize> {
        self.machine.readable()?;
        let value = eval(weights, &self.machine.view(true)).map_err(|e| from_eval(&e, weights.span))?;
        philox::weighted(key, element, 0, &value.data).ok_or_else(|| {
            let what = if value.data.iter().all(|w| *w == 0.0) {
                "the weights of this pick are all zero"
            } else {
                "the weights of this pick are not all finite and at least zero"
            };
            Box::new(Diagnostic::new(Code::E0806, weights.span, what, "these are the weights"))
        })
    }

    fn replayed(&self, id: StatementId, element: u64) -> Option<u64> {
        self.replay.and_then(|log| log.get(&(id, element)).copied())
    }

    fn set_local(&mut self, local: LocalId, value: f64, place: usize) {
        self.machine.locals[local] = Some((value, place));
    }

    fn set_param(&mut self, param: ParamId, value: &Expr) -> Outcome<()> {
        self.machine.readable()?;
        let set = self.scalar(value)?;
        let p = &self.program.params[param];
        if let Some((lo, hi)) = p.range
            && !(lo..=hi).contains(&set)
        {
            let show = |v| format_value(v, &p.unit, 6);
            let headline = format!("`{}` = {} is outside its range", p.name, show(set));
            let d = Diagnostic::new(Code::E0902, value.span, headline, "this value");
            return Err(Box::new(d.note(format!("the range is {} to {}", show(lo), show(hi)))));
        }
        self.machine.set_param(param, set)
    }

    fn probe(&mut self, id: ProbeId, places: &[Place], value: &Expr) -> Outcome<()> {
        self.machine.readable()?;
        let probe = &self.program.probes[id];
        let (loops, own) = probe.axes.split_at(probe.loop_axes.min(probe.axes.len()));
        let read = eval_on(value, own, &self.machine.view(false)).map_err(|e| from_eval(&e, value.span))?;
        // what an expectation makes of a state is for the expectation to judge
        let judged = probe.implied && !matches!(value.kind, ExprKind::Var(_));
        if !judged
            && let Some(fault) =
                fault::captured(&self.machine, &probe.name, value, own, &read.data, read.present.as_deref())
        {
            return Err(fault);
        }
        let mut at = None;
        if !places.is_empty() {
            let mut flat = 0;
            for (place, axis) in places.iter().zip(loops) {
                let i = match place {
                    Place::Fixed(i) => *i,
                    Place::Local(l) => self.machine.locals[*l].map_or(0, |(_, place)| place),
                };
                flat = flat * self.machine.axes[*axis].size.unwrap_or(1) + i;
            }
            at = Some(flat);
        } else if loops.is_empty() {
            at = Some(0);
        }
        self.probes.put(id, at, &read, self.machine.now);
        Ok(())
    }

    fn enter_phase(&mut self, id: PhaseId, now: u64) {
        self.phase.push(id);
        self.phases.enter(id, now);
        self.records.enter(self.program, id, now);
    }

    fn leave_phase(&mut self, id: PhaseId, now: u64) {
        self.phase.pop();
        self.phases.leave(id, now);
        self.records.leave(self.program, id, now);
    }
}
