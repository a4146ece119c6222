//! Variables that are stepped by stages (heun, rk4), all of a group together.
//!
//! Of cells the state takes the value of each stage in turn. Synapses are many, so of these only slopes are kept: what a
//! kernel reads of one between two stages is put together where it is read, and the last slope is used where it is
//! computed. Heun's rule then takes one array beside the state, the fourth-order one three.

use super::canonical::Advance;
use super::context::{Context, Stage, Task};
use super::expr::reads;
use super::fault::BuildResult;
use crate::contract::Ops;
use crate::hir::{Domain, Expr, Integrator, ProjId, VarId};
use crate::ir::{KernelBuilder, Num, SlotId, SlotKind};

/// A variable of the group, and the arrays it needs.
struct Member {
    var: VarId,
    /// Where its next value goes.
    into: SlotId,
    slope: Expr,
    /// The value before the step; of synapses that stays where it is.
    before: Option<SlotId>,
    /// Of synapses the last is not kept.
    slopes: Vec<SlotId>,
}

impl Context<'_> {
    /// Steps a group of variables by stages; `observe` recomputes what follows from the states. Their states are as
    /// before afterwards; the next values stand in the arrays given.
    pub fn stages_unit(
        &mut self,
        integrator: Integrator,
        vars: &[(VarId, SlotId)],
        observe: &mut dyn FnMut(&mut Self) -> BuildResult<()>,
    ) -> BuildResult<()> {
        let (tasks, staged) = (self.tasks.len(), self.staged_vars(vars));
        self.stages(integrator, vars, &staged, observe)?;
        // what is evaluated without a kernel knows the states alone
        let unaware = self.tasks[tasks..].iter().any(|task| match task {
            Task::Eval { expr, .. } => staged.iter().any(|v| reads(expr, *v)),
            Task::Kernel(_) => false,
        });
        if unaware {
            self.tasks.truncate(tasks);
            self.forget_temps();
            self.stages(integrator, vars, &[], observe)?;
        }
        Ok(())
    }

    fn staged_vars(&self, vars: &[(VarId, SlotId)]) -> Vec<VarId> {
        let of_synapses = |v: &VarId| matches!(self.program.vars[*v].domain, Domain::Synapses(_));
        vars.iter().map(|v| v.0).filter(of_synapses).collect()
    }

    fn stages(
        &mut self,
        integrator: Integrator,
        vars: &[(VarId, SlotId)],
        staged: &[VarId],
        observe: &mut dyn FnMut(&mut Self) -> BuildResult<()>,
    ) -> BuildResult<()> {
        let tick = self.program.tick;
        let count = if integrator == Integrator::Rk4 { 4 } else { 2 };
        let step = |stage: usize| match (integrator, stage) {
            (Integrator::Rk4, 0 | 1) => tick / 2.0,
            _ => tick,
        };
        let mut members = Vec::new();
        for (var, into) in vars {
            let Some(Advance::Stages { slope, .. }) = self.advance(*var) else { continue };
            let in_place = staged.contains(var);
            let mut slopes = if in_place { vec![*into] } else { Vec::new() };
            for stage in slopes.len()..count - usize::from(in_place) {
                slopes.push(self.kept(*var, &format!("slope {}", stage + 1)));
            }
            let before = if in_place { None } else { Some(self.kept(*var, "before")) };
            members.push(Member { var: *var, into: *into, slope, before, slopes });
        }
        for stage in 0..count {
            if stage > 0 {
                self.forget_temps();
                let of = |m: &Member| Stage { var: m.var, slope: m.slopes[stage - 1], step: step(stage - 1) };
                self.staged = members.iter().filter(|m| m.before.is_none()).map(of).collect();
                observe(self)?;
                self.forget_temps();
            }
            let last = stage + 1 == count;
            for m in members.iter().filter(|m| m.before.is_some() || !last) {
                let frame = self.frame_of(m.var);
                let name = self.fresh(&format!("{} slope", self.program.vars[m.var].name));
                let b = KernelBuilder::new(name, self.domain(&frame));
                let k = self.number(&b, &frame, &m.slope);
                let k = self.certain(m.var, k)?;
                b.store_to(k, self.place(m.var, m.slopes[stage]), true);
                self.run(b.finish());
            }
            if last {
                self.last_of_synapses(integrator, &members)?;
            }
            for m in &members {
                if let Some(before) = m.before {
                    self.stage_of_cells(integrator, m, before, (stage, step(stage)))?;
                }
            }
        }
        self.staged.clear();
        self.forget_temps();
        observe(self)?;
        self.forget_temps();
        Ok(())
    }

    /// An array like a variable's, the same one wherever it is asked for.
    fn kept(&mut self, var: VarId, what: &str) -> SlotId {
        let found = self.stage_slots.iter().find(|s| s.0 == var && s.1 == what).map(|s| s.2);
        found.unwrap_or_else(|| {
            let slot = self.like(var, what, SlotKind::Temporary);
            self.stage_slots.push((var, what.to_string(), slot));
            slot
        })
    }

    /// The next value, from the value before and the slopes.
    fn after(&self, b: &KernelBuilder, integrator: Integrator, before: Num, k: &[Num]) -> Num {
        let tick = self.program.tick;
        match (integrator, k) {
            (Integrator::Rk4, [k1, k2, k3, k4]) => {
                let sum = b.fma(b.num(2.0), *k2, *k1);
                let sum = b.add(b.fma(b.num(2.0), *k3, sum), *k4);
                b.fma(b.num(tick / 6.0), sum, before)
            }
            (_, [k1, k2, ..]) => b.fma(b.num(tick / 2.0), b.add(*k1, *k2), before),
            _ => before,
        }
    }

    /// The last slopes and next values of synapses, those of a projection in one pass: their arrays hold slopes that
    /// the others read.
    fn last_of_synapses(&mut self, integrator: Integrator, members: &[Member]) -> BuildResult<()> {
        let mut projections: Vec<(ProjId, Vec<&Member>)> = Vec::new();
        for m in members.iter().filter(|m| m.before.is_none()) {
            let Domain::Synapses(p) = self.program.vars[m.var].domain else { continue };
            match projections.iter_mut().find(|(of, _)| *of == p) {
                Some((_, group)) => group.push(m),
                None => projections.push((p, vec![m])),
            }
        }
        // what other projections read is computed before any of them is changed
        let mut kernels = Vec::new();
        for (_, group) in projections {
            let frame = self.frame_of(group[0].var);
            let names: Vec<&str> = group.iter().map(|m| self.program.vars[m.var].name.as_str()).collect();
            let name = self.fresh(&format!("{} last stage", names.join(", ")));
            let b = KernelBuilder::new(name, self.domain(&frame));
            let mut stores = Vec::new();
            for m in group {
                let mut k: Vec<Num> = m.slopes.iter().map(|slot| self.element(&b, m.var, *slot)).collect();
                let slope = self.number(&b, &frame, &m.slope);
                k.push(self.certain(m.var, slope)?);
                let before = self.element(&b, m.var, self.layout.vars[m.var].slot);
                stores.push((self.after(&b, integrator, before, &k), self.place(m.var, m.into)));
            }
            stores.into_iter().for_each(|(next, to)| b.store_to(next, to, true));
            kernels.push(b.finish());
        }
        kernels.into_iter().for_each(|kernel| self.run(kernel));
        Ok(())
    }

    /// Lets the state of cells take the value of a stage; after the last one the next value is kept, and the state is
    /// what it was.
    fn stage_of_cells(
        &mut self,
        integrator: Integrator,
        m: &Member,
        saved: SlotId,
        (stage, step): (usize, f64),
    ) -> BuildResult<()> {
        let state = self.layout.vars[m.var].slot;
        let frame = self.frame_of(m.var);
        let name = self.fresh(&format!("{} stage {}", self.program.vars[m.var].name, stage + 1));
        let b = KernelBuilder::new(name, self.domain(&frame));
        let k: Vec<Num> = m.slopes[..=stage].iter().map(|slot| self.element(&b, m.var, *slot)).collect();
        let before = self.element(&b, m.var, if stage == 0 { state } else { saved });
        if stage == 0 {
            b.store_to(before, self.place(m.var, saved), false);
        }
        if stage + 1 == m.slopes.len() {
            b.store_to(self.after(&b, integrator, before, &k), self.place(m.var, m.into), true);
            b.store_to(before, self.place(m.var, state), false);
        } else {
            b.store_to(b.fma(b.num(step), k[stage], before), self.place(m.var, state), true);
        }
        self.run(b.finish());
        Ok(())
    }
}
