//! Plans: what a tick does under one setting of teaching and freezing.

use super::canonical::Advance;
use super::context::{Context, Task, When};
use super::expr::reads_now;
use super::fault::{self, BuildResult};
use crate::hir::{
    Axes, Bounds, Domain, Expr, Integrator, Normalise, PhaseId, Program, ProjId, Schedule, VarId, VarKind,
};
use crate::ir::timeline::TeachId;
use crate::ir::{Commit, KernelId, SlotId, SlotKind};
use crate::source::IndexVec;

use super::events::{Heard, Hearer};

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
    /// What changes them, for each set of schedules that are due: bit i stands for the i-th of
    /// [`Built::every`](super::Built::every).
    pub updates: Vec<Update>,
    /// What the end of a presentation changes.
    pub presentation: Update,
    /// What spikes do, at each projection that hears of them.
    pub heard: IndexVec<ProjId, Option<Heard>>,
}

/// A change of the states.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// Computes next values, and changes synapses in place.
    pub work: Work,
    /// Next values that become the state.
    pub commits: Vec<Commit>,
    /// Normalisation and bounds, in order, where they are not part of the work.
    pub settle: Work,
    /// What it changes.
    pub vars: Vec<VarId>,
}

/// Something that acts in some ticks only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// `update every`: in ticks that start at a multiple of so many, not at 0.
    Starts(u64),
    /// `normalise ... every`: in ticks that end at a multiple of so many.
    /// What changes by `update every` is normalised in the ticks of its updates.
    Ends(u64),
}

impl Every {
    /// Whether it acts in the tick that starts at `now`.
    pub fn is_due(self, now: u64) -> bool {
        match self {
            Every::Starts(n) => now > 0 && now.is_multiple_of(n),
            Every::Ends(n) => (now + 1).is_multiple_of(n),
        }
    }
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

/// A normalisation or bounds that act after a change.
struct Settle {
    projection: ProjId,
    normalise: bool,
    /// Which of the projection's.
    index: usize,
    /// Whether they are part of the kernel that makes the change.
    folded: bool,
}

/// A plan has one update for each set of intervals that may end together.
const MOST_INTERVALS: usize = 8;

/// When a normalisation acts, if not after every update.
fn normalises(program: &Program, n: &Normalise) -> Option<Every> {
    let updated_now_and_then = matches!(&program.vars[n.var].kind,
        VarKind::State { equation: Some(e), .. } if matches!(e.schedule, Schedule::Every(_)));
    n.every.map(|ticks| if updated_now_and_then { Every::Starts(ticks) } else { Every::Ends(ticks) })
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
    /// The distinct schedules of what acts in some ticks only.
    pub every: Vec<Every>,
    next: Vec<(VarId, SlotId)>,
    cells: Vec<(VarId, Vec<Task>)>,
    synapses: Vec<((Vec<VarId>, Vec<usize>), Vec<Task>)>,
    settlings: Vec<((ProjId, bool, usize), Vec<Task>)>,
    observes: Vec<(Vec<TeachId>, Vec<Task>)>,
    hearers: &'c IndexVec<ProjId, Option<Hearer>>,
    heard: Vec<(Vec<VarId>, IndexVec<ProjId, Option<Heard>>)>,
    /// Variables of cells that gather what synapses send.
    pub gathered: Vec<VarId>,
}

impl<'c, 'a> Planner<'c, 'a> {
    /// A planner for the program of `cx`.
    ///
    /// # Errors
    ///
    /// If there are more different intervals than plans can be made for.
    pub fn new(cx: &'c mut Context<'a>, hearers: &'c IndexVec<ProjId, Option<Hearer>>) -> BuildResult<Self> {
        let updates = cx.program.vars.iter().filter_map(|var| match &var.kind {
            VarKind::State { equation: Some(e), .. } => match e.schedule {
                Schedule::Every(n) => Some((Every::Starts(n), e.span)),
                _ => None,
            },
            _ => None,
        });
        let normalisations =
            cx.program.projections.iter().flat_map(|p| p.normalise.iter().map(move |n| (n, p.span)));
        let normalisations = normalisations.filter_map(|(n, at)| Some((normalises(cx.program, n)?, at)));
        let mut every: Vec<Every> = Vec::new();
        for (e, span) in updates.chain(normalisations) {
            if !every.contains(&e) {
                every.push(e);
            }
            if every.len() > MOST_INTERVALS {
                let twin = |e: &Every| matches!(e, Every::Starts(n) if every.contains(&Every::Ends(*n)));
                let apart = every.iter().any(twin);
                return Err(fault::too_many_intervals(MOST_INTERVALS, apart, span));
            }
        }
        Ok(Self {
            cx,
            every,
            next: Vec::new(),
            cells: Vec::new(),
            synapses: Vec::new(),
            settlings: Vec::new(),
            observes: Vec::new(),
            hearers,
            heard: Vec::new(),
            gathered: Vec::new(),
        })
    }

    /// The plan for this teaching in this phase.
    pub fn plan(&mut self, teaches: &[TeachId], phase: Option<PhaseId>) -> BuildResult<Plan> {
        let phase = phase.map(|p| &self.cx.program.phases[p]);
        let frozen = phase.map(|p| p.frozen.clone()).unwrap_or_default();
        let rests = phase.is_some_and(|p| p.rests);
        let observe = work(self.observe(teaches)?);
        let mut updates = Vec::new();
        for mask in 0..1_u64 << self.every.len() {
            let due = |every: Every| {
                !rests && self.every.iter().position(|e| *e == every).is_some_and(|i| mask >> i & 1 == 1)
            };
            let active = self.active(&frozen, |schedule| match schedule {
                Schedule::Tick => true,
                Schedule::Presentation => false,
                Schedule::Every(n) => due(Every::Starts(n)),
            });
            let settles = self.settles(&active, &frozen, rests, &due);
            updates.push(self.update(&active, teaches, &settles)?);
        }
        let ended = self.active(&frozen, |schedule| schedule == Schedule::Presentation && !rests);
        let presentation = if ended.is_empty() {
            Update::default()
        } else {
            let settles = self.settles(&ended, &frozen, rests, &|_| false);
            self.update(&ended, teaches, &settles)?
        };
        let heard = self.hear(&frozen)?;
        let teaches = teaches.to_vec();
        Ok(Plan { teaches, frozen, rests, observe, updates, presentation, heard })
    }

    /// What spikes do while these variables are held.
    fn hear(&mut self, frozen: &[VarId]) -> BuildResult<IndexVec<ProjId, Option<Heard>>> {
        if let Some((_, heard)) = self.heard.iter().find(|(f, _)| f == frozen) {
            return Ok(heard.clone());
        }
        let mut all = IndexVec::new();
        for (id, hearer) in self.hearers.iter_enumerated() {
            self.cx.when = When::Begun;
            all.push(match hearer {
                Some(hearer) => Some(self.cx.heard(id, frozen, &mut self.gathered, hearer)?),
                None => None,
            });
        }
        self.heard.push((frozen.to_vec(), all.clone()));
        Ok(all)
    }

    /// The states that change, of those that are not frozen.
    fn active(&self, frozen: &[VarId], acts: impl Fn(Schedule) -> bool) -> Vec<VarId> {
        let changes = |id: &VarId| match &self.cx.program.vars[*id].kind {
            VarKind::State { equation: Some(e), .. } => {
                self.cx.layout.lazy[*id].is_none() && !frozen.contains(id) && acts(e.schedule)
            }
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

    fn update(&mut self, active: &[VarId], teaches: &[TeachId], settles: &[Settle]) -> BuildResult<Update> {
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
            for (var, next) in vars {
                self.cx.hold_refractory(*var, *next);
            }
            tasks.extend(self.cx.take_tasks());
        }
        for (projection, vars) in synapses {
            tasks.extend(self.synapse(projection, &vars, settles)?);
        }
        let mut settling = Vec::new();
        for settle in settles.iter().filter(|s| !s.folded) {
            settling.extend(self.settling(settle.projection, settle.normalise, settle.index)?);
        }
        Ok(Update { work: work(tasks), commits, settle: work(settling), vars: active.to_vec() })
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

    fn synapse(&mut self, projection: ProjId, vars: &[VarId], settles: &[Settle]) -> BuildResult<Vec<Task>> {
        let folded: Vec<usize> =
            settles.iter().filter(|s| s.folded && s.projection == projection).map(|s| s.index).collect();
        let key = (vars.to_vec(), folded);
        if let Some((_, tasks)) = self.synapses.iter().find(|s| s.0 == key) {
            return Ok(tasks.clone());
        }
        let in_place: Vec<(VarId, SlotId)> =
            vars.iter().map(|v| (*v, self.cx.layout.vars[*v].slot)).collect();
        let bounds = &self.cx.program.projections[projection].bounds;
        let clamp: Vec<&Bounds> = key.1.iter().map(|i| &bounds[*i]).collect();
        self.cx.synapse_unit(&in_place, &clamp)?;
        let tasks = self.cx.take_tasks();
        self.synapses.push((key, tasks.clone()));
        Ok(tasks)
    }

    /// Which normalisations and bounds act after these variables have changed, in order. Bounds act in the pass that
    /// updates their variable where nothing comes between and they read no state.
    fn settles(
        &self,
        active: &[VarId],
        frozen: &[VarId],
        rests: bool,
        due: &dyn Fn(Every) -> bool,
    ) -> Vec<Settle> {
        let mut settles = Vec::new();
        for (projection, p) in self.cx.program.projections.iter_enumerated().filter(|_| !rests) {
            let acts = |n: &Normalise| {
                !frozen.contains(&n.var)
                    && normalises(self.cx.program, n).map_or(active.contains(&n.var), due)
            };
            for (index, _) in p.normalise.iter().enumerate().filter(|(_, n)| acts(n)) {
                settles.push(Settle { projection, normalise: true, index, folded: false });
            }
            for (index, b) in p.bounds.iter().enumerate().filter(|(_, b)| !frozen.contains(&b.var)) {
                let normalised = p.normalise.iter().any(|n| n.var == b.var && acts(n));
                if normalised || active.contains(&b.var) {
                    let mut same = p.bounds.iter().filter(|other| other.var == b.var);
                    let folded = !normalised && same.all(|other| self.can_fold(other));
                    settles.push(Settle { projection, normalise: false, index, folded });
                }
            }
        }
        settles
    }

    fn can_fold(&self, bounds: &Bounds) -> bool {
        let synaptic = matches!(self.cx.program.vars[bounds.var].domain, Domain::Synapses(_));
        let staged = matches!(self.cx.advance(bounds.var), None | Some(Advance::Stages { .. }));
        synaptic && !staged && !reads_now(&bounds.lo) && !reads_now(&bounds.hi)
    }

    fn settling(&mut self, projection: ProjId, normalise: bool, i: usize) -> BuildResult<Vec<Task>> {
        let key = (projection, normalise, i);
        if let Some((_, tasks)) = self.settlings.iter().find(|s| s.0 == key) {
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
        self.settlings.push((key, tasks.clone()));
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
