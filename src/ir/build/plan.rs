//! Plans: what a tick does under one setting of teaching and freezing.

use super::canonical::Advance;
use super::context::{Context, Task, When};
use super::expr::reads_now;
use super::fault::BuildResult;
use crate::hir::{Axes, Bounds, Domain, Expr, Integrator, PhaseId, ProjId, Schedule, VarId, VarKind};
use crate::ir::timeline::TeachId;
use crate::ir::{Commit, KernelId, SlotId, SlotKind};

/// Things to do one after the other.
pub type Work = Vec<Job>;

/// A run of kernels, or what only the evaluator can compute.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// Kernels, one after the other.
    Kernels(Vec<KernelId>),
    /// An expression, evaluated along these axes into an array.
    Eval {
        /// The expression.
        expr: Expr,
        /// The axes of the array.
        axes: Axes,
        /// The array.
        into: SlotId,
    },
}

/// What a tick does under one setting of teaching and freezing.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The teaching that may be in force.
    pub teaches: Vec<TeachId>,
    /// The variables that are held still.
    pub frozen: Vec<VarId>,
    /// Whether bounds, normalisation and `update every` rest.
    pub rests: bool,
    /// What follows from the states.
    pub observe: Work,
    /// What changes them, for each set of `update every` schedules that are due: bit i stands for the i-th of
    /// [`Built::every`](super::Built::every).
    pub updates: Vec<Update>,
    /// What the end of a presentation changes.
    pub presentation: Update,
}

/// A change of the states.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Computes next values, and changes synapses in place.
    pub work: Work,
    /// Next values that become the state.
    pub commits: Vec<Commit>,
    /// Normalisation and bounds, in order.
    pub settle: Vec<Settle>,
    /// Whether it changes anything.
    pub vars: Vec<VarId>,
}

/// A normalisation, or bounds.
#[derive(Debug, Clone)]
pub struct Settle {
    /// Only when the time reached is a multiple of so many ticks.
    pub every: Option<u64>,
    /// What to do.
    pub work: Work,
}

/// A normalisation or bounds before tick 0.
#[derive(Debug, Clone)]
pub struct FirstSettle {
    /// The variable.
    pub var: VarId,
    /// `normalise` or `bounds`.
    pub by: &'static str,
    /// Where it was written.
    pub span: crate::source::Span,
    /// What to do.
    pub work: Work,
}

/// Joins neighbouring kernels into runs.
pub(super) fn work(tasks: Vec<Task>) -> Work {
    let mut work = Work::new();
    for task in tasks {
        match (task, work.last_mut()) {
            (Task::Kernel(id), Some(Job::Kernels(run))) => run.push(id),
            (Task::Kernel(id), _) => work.push(Job::Kernels(vec![id])),
            (Task::Eval { expr, axes, into }, _) => work.push(Job::Eval { expr, axes, into }),
        }
    }
    work
}

/// Builds plans, sharing what they have in common.
pub(super) struct Planner<'c, 'a> {
    pub cx: &'c mut Context<'a>,
    /// The distinct periods of `update every`.
    pub every: Vec<u64>,
    next: Vec<(VarId, SlotId)>,
    cells: Vec<(VarId, Vec<Task>)>,
    synapses: Vec<(Vec<VarId>, Vec<Task>)>,
    settles: Vec<((ProjId, bool, usize), Vec<Task>)>,
    observes: Vec<(Vec<TeachId>, Vec<Task>)>,
}

impl<'c, 'a> Planner<'c, 'a> {
    pub fn new(cx: &'c mut Context<'a>) -> Self {
        let mut every: Vec<u64> = Vec::new();
        for var in cx.program.vars.iter() {
            if let VarKind::State { equation: Some(e), .. } = &var.kind
                && let Schedule::Every(n) = e.schedule
                && !every.contains(&n)
            {
                every.push(n);
            }
        }
        Self {
            cx,
            every,
            next: Vec::new(),
            cells: Vec::new(),
            synapses: Vec::new(),
            settles: Vec::new(),
            observes: Vec::new(),
        }
    }

    /// The plan for this teaching in this phase.
    pub fn plan(&mut self, teaches: &[TeachId], phase: Option<PhaseId>) -> BuildResult<Plan> {
        let phase = phase.map(|p| &self.cx.program.phases[p]);
        let frozen = phase.map(|p| p.frozen.clone()).unwrap_or_default();
        let rests = phase.is_some_and(|p| p.rests);
        let observe = work(self.observe(teaches)?);
        let mut updates = Vec::new();
        for due in 0..1_u64 << self.every.len() {
            let active = self.active(&frozen, |schedule| match schedule {
                Schedule::Tick => true,
                Schedule::Presentation => false,
                Schedule::Every(n) => {
                    !rests && self.every.iter().position(|e| *e == n).is_some_and(|i| due >> i & 1 == 1)
                }
            });
            updates.push(self.update(&active, teaches, &frozen, rests, true)?);
        }
        let ended = self.active(&frozen, |schedule| schedule == Schedule::Presentation && !rests);
        let presentation = if ended.is_empty() {
            Update::default()
        } else {
            self.update(&ended, teaches, &frozen, rests, false)?
        };
        let teaches = teaches.to_vec();
        Ok(Plan { teaches, frozen, rests, observe, updates, presentation })
    }

    /// The states that change, of those that are not frozen.
    fn active(&self, frozen: &[VarId], acts: impl Fn(Schedule) -> bool) -> Vec<VarId> {
        let changes = |id: &VarId| match &self.cx.program.vars[*id].kind {
            VarKind::State { equation: Some(e), .. } => !frozen.contains(id) && acts(e.schedule),
            _ => false,
        };
        self.cx.program.vars.ids().filter(changes).collect()
    }

    fn observe(&mut self, teaches: &[TeachId]) -> BuildResult<Vec<Task>> {
        if let Some((_, tasks)) = self.observes.iter().find(|o| o.0 == teaches) {
            return Ok(tasks.clone());
        }
        self.cx.when = When::Begun;
        self.cx.observe(teaches)?;
        let tasks = self.cx.take_tasks();
        self.observes.push((teaches.to_vec(), tasks.clone()));
        Ok(tasks)
    }

    fn next_slot(&mut self, var: VarId) -> SlotId {
        if let Some((_, slot)) = self.next.iter().find(|n| n.0 == var) {
            return *slot;
        }
        let slot = self.cx.like(var, "next", SlotKind::State);
        self.next.push((var, slot));
        slot
    }

    fn update(
        &mut self,
        active: &[VarId],
        teaches: &[TeachId],
        frozen: &[VarId],
        rests: bool,
        tick: bool,
    ) -> BuildResult<Update> {
        let mut tasks = Vec::new();
        let mut commits = Vec::new();
        let mut stages: Vec<(Integrator, Vec<(VarId, SlotId)>)> = Vec::new();
        let mut synapses: Vec<(ProjId, Vec<VarId>)> = Vec::new();
        for &var in active {
            match (self.cx.advance(var), self.cx.program.vars[var].domain) {
                (None, _) => {}
                (Some(Advance::Stages { integrator, .. }), _) => {
                    let next = self.next_slot(var);
                    commits.push(self.cx.commit(var, next));
                    match stages.iter_mut().find(|s| s.0 == integrator) {
                        Some((_, vars)) => vars.push((var, next)),
                        None => stages.push((integrator, vec![(var, next)])),
                    }
                }
                (Some(_), Domain::Synapses(p)) => match synapses.iter_mut().find(|s| s.0 == p) {
                    Some((_, vars)) => vars.push(var),
                    None => synapses.push((p, vec![var])),
                },
                (Some(_), _) => {
                    let next = self.next_slot(var);
                    commits.push(self.cx.commit(var, next));
                    tasks.extend(self.cell(var, next)?);
                }
            }
        }
        for (integrator, vars) in &stages {
            self.cx.when = When::Begun;
            self.cx.take_tasks();
            self.cx.stages_unit(*integrator, vars, &mut |cx| cx.observe(teaches))?;
            tasks.extend(self.cx.take_tasks());
        }
        for (projection, vars) in synapses {
            tasks.extend(self.synapse(projection, &vars)?);
        }
        let settle = if rests { Vec::new() } else { self.settle(active, frozen, tick)? };
        Ok(Update { work: work(tasks), commits, settle, vars: active.to_vec() })
    }

    fn cell(&mut self, var: VarId, next: SlotId) -> BuildResult<Vec<Task>> {
        if let Some((_, tasks)) = self.cells.iter().find(|c| c.0 == var) {
            return Ok(tasks.clone());
        }
        self.cx.when = When::Begun;
        self.cx.cell_unit(var, next)?;
        let tasks = self.cx.take_tasks();
        self.cells.push((var, tasks.clone()));
        Ok(tasks)
    }

    fn synapse(&mut self, projection: ProjId, vars: &[VarId]) -> BuildResult<Vec<Task>> {
        if let Some((_, tasks)) = self.synapses.iter().find(|s| s.0 == vars) {
            return Ok(tasks.clone());
        }
        let in_place: Vec<(VarId, SlotId)> =
            vars.iter().map(|v| (*v, self.cx.layout.vars[*v].slot)).collect();
        let program = self.cx.program;
        let clamp: Vec<(VarId, Expr, Expr)> = program.projections[projection]
            .bounds
            .iter()
            .filter(|b| self.is_folded(projection, b))
            .map(|b| (b.var, b.lo.clone(), b.hi.clone()))
            .collect();
        self.cx.synapse_unit(&in_place, &clamp)?;
        let tasks = self.cx.take_tasks();
        self.synapses.push((vars.to_vec(), tasks.clone()));
        Ok(tasks)
    }

    /// Whether bounds act in the pass that updates their variable: nothing comes between, and they read no state.
    fn is_folded(&self, projection: ProjId, bounds: &Bounds) -> bool {
        let p = &self.cx.program.projections[projection];
        let synaptic = matches!(self.cx.program.vars[bounds.var].domain, Domain::Synapses(_));
        let staged = matches!(self.cx.advance(bounds.var), None | Some(Advance::Stages { .. }));
        let free = |e: &Expr| !reads_now(e);
        synaptic
            && !staged
            && p.normalise.iter().all(|n| n.var != bounds.var)
            && free(&bounds.lo)
            && free(&bounds.hi)
    }

    fn settle(&mut self, active: &[VarId], frozen: &[VarId], tick: bool) -> BuildResult<Vec<Settle>> {
        let mut settles = Vec::new();
        for (id, p) in self.cx.program.projections.iter_enumerated() {
            for (i, n) in p.normalise.iter().enumerate().filter(|(_, n)| !frozen.contains(&n.var)) {
                if n.every.map_or(active.contains(&n.var), |_| tick) {
                    let tasks = self.settling(id, true, i)?;
                    settles.push(Settle { every: n.every, work: work(tasks) });
                }
            }
            for (i, b) in p.bounds.iter().enumerate().filter(|(_, b)| !frozen.contains(&b.var)) {
                if active.contains(&b.var) {
                    if !self.is_folded(id, b) {
                        let tasks = self.settling(id, false, i)?;
                        settles.push(Settle { every: None, work: work(tasks) });
                    }
                    continue;
                }
                let mut after: Vec<u64> =
                    p.normalise.iter().filter(|n| n.var == b.var).filter_map(|n| n.every).collect();
                after.dedup();
                for every in after.into_iter().filter(|_| tick) {
                    let tasks = self.settling(id, false, i)?;
                    settles.push(Settle { every: Some(every), work: work(tasks) });
                }
            }
        }
        Ok(settles)
    }

    fn settling(&mut self, projection: ProjId, normalise: bool, i: usize) -> BuildResult<Vec<Task>> {
        let key = (projection, normalise, i);
        if let Some((_, tasks)) = self.settles.iter().find(|s| s.0 == key) {
            return Ok(tasks.clone());
        }
        let program = self.cx.program;
        if normalise {
            self.cx.when = When::Declared;
            self.cx.normalise(&program.projections[projection].normalise[i])?;
        } else {
            self.cx.when = When::Normalised;
            self.cx.bound(&program.projections[projection].bounds[i])?;
        }
        let tasks = self.cx.take_tasks();
        self.settles.push((key, tasks.clone()));
        Ok(tasks)
    }

    /// Normalisation and bounds before tick 0: all normalisations, then all bounds.
    pub fn first(&mut self) -> BuildResult<Vec<FirstSettle>> {
        let mut first = Vec::new();
        let program = self.cx.program;
        for (id, p) in program.projections.iter_enumerated() {
            for (i, n) in p.normalise.iter().enumerate() {
                let work = work(self.settling(id, true, i)?);
                first.push(FirstSettle { var: n.var, by: "normalise", span: n.span, work });
            }
        }
        for (id, p) in program.projections.iter_enumerated() {
            for (i, b) in p.bounds.iter().enumerate() {
                let work = work(self.settling(id, false, i)?);
                first.push(FirstSettle { var: b.var, by: "bounds", span: b.span, work });
            }
        }
        Ok(first)
    }
}
