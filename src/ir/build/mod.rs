//! From a checked program to kernels: canonical forms, storage, plans.
//!
//! [`build`] gives every variable an array and makes kernels for everything a tick does. What follows from the states
//! is one kernel per variable; a state of cells is stepped into a second array, which then takes the first one's
//! place; all variables of a projection's synapses are stepped in place by one kernel, after everything else has read
//! them. What only the evaluator can compute (a median over cells, say) is left to it, at its place in the order.

pub mod canonical;
mod closed;
mod context;
mod events;
mod explain;
pub(crate) mod expr;
pub(crate) mod fault;
mod index;
mod layout;
pub(crate) mod live;
mod lower;
mod plan;
mod reduce;
mod stages;
mod stretch;
mod unit;

pub use closed::{Coefficients, Course, Open, WhyTicks, after};
pub use context::{Start, Task, When};
pub use events::{Emitter, Events, Gather, Heard, Hearer, Reach, Rows, Side};
pub use explain::explain;
pub use fault::BuildResult;
pub use layout::{Layout, Lazy, Storage};
pub(crate) use layout::{place_text, places};
pub use plan::{Every, FirstSettle, Job, Plan, Update, Work};
pub use stretch::Single;

use crate::eval::StaticEnv;
use crate::hir::{Axis, AxisId, ExprKind, LocalId, ParamId, PhaseId, Program, RecordId, VarId, VarKind};
use crate::ir::timeline::{LeafId, TeachId, Timeline};
use crate::ir::{Module, SlotId, SlotKind, passes};
use crate::source::IndexVec;
use context::Context;
use plan::Planner;

/// A program ready to run: kernels, and when each acts.
///
/// Made by [`build`], for the main run or for the control.
#[derive(Debug)]
pub struct Built {
    /// Arrays and kernels.
    pub module: Module,
    /// Where variables live.
    pub layout: Layout,
    /// What happens when.
    pub timeline: Timeline,
    /// The array of each parameter that the protocol sets.
    pub params: IndexVec<ParamId, Option<SlotId>>,
    /// The arrays of each loop variable's value and place.
    pub locals: IndexVec<LocalId, (SlotId, SlotId)>,
    /// The array of the ticks since the presentation began.
    pub presentation_ticks: SlotId,
    /// The array of the ticks since the run began.
    pub run_ticks: SlotId,
    /// What is evaluated when the run starts.
    pub starts: Vec<Start>,
    /// Where the timeline writes the inputs that are taught.
    pub raw: Vec<(VarId, SlotId)>,
    /// Which variables anybody reads.
    pub live: IndexVec<VarId, bool>,
    /// Normalisation and bounds before tick 0.
    pub first: Vec<FirstSettle>,
    /// The distinct schedules of what acts in some ticks only.
    pub every: Vec<Every>,
    /// Plans; the first one holds before anything is presented.
    pub plans: Vec<Plan>,
    /// The plan of each presentation.
    pub leaf_plans: IndexVec<LeafId, usize>,
    /// For each input of each presentation, how it is computed every tick; `None` for one that is evaluated.
    pub inputs: IndexVec<LeafId, Vec<Option<Work>>>,
    /// How each record is computed, and where it then stands; `None` for one that is evaluated.
    pub records: IndexVec<RecordId, Option<(Work, SlotId)>>,
    /// Outputs that are read later.
    pub delays: Vec<Delay>,
    /// Spikes.
    pub events: Events,
}

/// An output that is read some ticks later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    /// What reads it.
    pub var: VarId,
    /// The output.
    pub of: VarId,
    /// How many ticks later.
    pub ticks: u32,
    /// The array of what is read in the next tick.
    pub arriving: SlotId,
}

impl Built {
    /// Where the timeline writes an input.
    pub fn input_slot(&self, var: VarId) -> SlotId {
        self.raw.iter().find(|r| r.0 == var).map_or(self.layout.vars[var].slot, |r| r.1)
    }
}

/// Builds one run of a program: the main one, or the control. `memory` is how many bytes there are; `ticks` asks for
/// ticks where time could go from event to event.
pub fn build(
    axes: &IndexVec<AxisId, Axis>,
    program: &Program,
    control: bool,
    memory: Option<u64>,
    ticks: bool,
) -> BuildResult<Built> {
    let timeline = Timeline::new(program, control);
    let statics = StaticEnv::new(axes, program);
    let mut module = Module::new();
    let layout = layout::lay_out(axes, program, &statics, memory, &mut module)?;
    let mut cx = Context::new(axes, program, &timeline, &statics, module, layout);

    let why = cx.close(ticks);
    if let Some(why) = why
        && !program.clocked
        && why != WhyTicks::NoSpikes
    {
        return Err(fault::needs_a_clock(program, &timeline, why));
    }
    let emitters = cx.emitters()?;
    let hearers = cx.hearers();

    let mut planner = Planner::new(&mut cx, &hearers)?;
    let first = planner.first()?;
    let mut keys: Vec<(Vec<TeachId>, Option<PhaseId>)> = vec![(Vec::new(), None)];
    let mut plans = vec![planner.plan(&[], None)?];
    let mut leaf_plans = IndexVec::new();
    for leaf in timeline.leaves.iter() {
        let key = (leaf.around.clone(), leaf.phase);
        let at = match keys.iter().position(|k| *k == key) {
            Some(at) => at,
            None => {
                plans.push(planner.plan(&key.0, key.1)?);
                keys.push(key);
                plans.len() - 1
            }
        };
        leaf_plans.push(at);
    }
    let every = planner.every;
    let gathered = planner.gathered;
    let inputs = inputs(&mut cx, &timeline)?;
    let records = records(&mut cx)?;
    let mut delays = Vec::new();
    for (var, v) in program.vars.iter_enumerated() {
        if let VarKind::Delayed { of, ticks } = v.kind {
            let arriving = cx.like(var, "arriving", SlotKind::Input);
            delays.push(Delay { var, of, ticks, arriving });
        }
    }

    let observe = cx.events_observe;
    cx.take_tasks();
    cx.show_lazy()?;
    let show = plan::work(cx.take_tasks());
    let shown_first = program.vars.iter().any(|v| match &v.kind {
        VarKind::Instantaneous(e) => {
            let mut read = Vec::new();
            expr::variables(e, &mut read);
            read.iter().any(|v| cx.layout.lazy[*v].is_some())
        }
        _ => false,
    });
    let mut set_by: Vec<(ParamId, Vec<VarId>)> = Vec::new();
    for (id, lazy) in cx.layout.lazy.iter_enumerated() {
        let course = lazy.as_ref().and_then(|l| l.course.as_ref());
        for param in course.map(|c| c.set_by(program)).unwrap_or_default() {
            match set_by.iter_mut().find(|(p, _)| *p == param) {
                Some((_, vars)) => vars.push(id),
                None => set_by.push((param, vec![id])),
            }
        }
    }
    let ticking = emitters.iter().any(Option::is_some);
    let before = plan::work(std::mem::take(&mut cx.event_tasks));
    let events = Events {
        ticks: why,
        emitters,
        hearers,
        gathered,
        observe,
        before,
        ticking,
        show,
        shown_first,
        set_by,
    };
    let Context {
        mut module, layout, params, locals, presentation_ticks, run_ticks, starts, raw, live, ..
    } = cx;
    list(&mut module, &plans);
    passes::run(&mut module);
    Ok(Built {
        module,
        layout,
        timeline,
        params,
        locals,
        presentation_ticks,
        run_ticks,
        starts,
        raw,
        live,
        first,
        every,
        plans,
        leaf_plans,
        inputs,
        records,
        delays,
        events,
    })
}

/// Kernels for inputs that change with time.
fn inputs(cx: &mut Context<'_>, timeline: &Timeline) -> BuildResult<IndexVec<LeafId, Vec<Option<Work>>>> {
    let mut all = IndexVec::new();
    for leaf in timeline.leaves.iter() {
        let mut works = Vec::new();
        for input in &leaf.inputs {
            if !input.varies || !input.slice.is_empty() {
                works.push(None);
                continue;
            }
            let var = &cx.program.vars[input.var];
            let slot =
                cx.raw.iter().find(|r| r.0 == input.var).map_or(cx.layout.vars[input.var].slot, |r| r.1);
            cx.compute(&format!("{} presented", var.name), &input.value, slot, &var.axes)?;
            works.push(Some(plan::work(cx.take_tasks())));
        }
        all.push(works);
    }
    Ok(all)
}

/// Kernels for what is recorded. A record may be infinite or not a number, and is computed in double precision.
fn records(cx: &mut Context<'_>) -> BuildResult<IndexVec<RecordId, Option<(Work, SlotId)>>> {
    let mut all = IndexVec::new();
    (cx.checked, cx.wide) = (false, true);
    for record in cx.program.records.iter() {
        if cx.reads_pattern(&record.value) {
            all.push(None);
            continue;
        }
        let axes = &record.axes[1.min(record.axes.len())..];
        match record.value.kind {
            ExprKind::Var(id) if record.value.axes == axes => {
                all.push(Some((Work::new(), cx.layout.vars[id].slot)));
            }
            _ => {
                let len = cx.elements(axes);
                let slot = cx.temporary(&record.name, len);
                cx.compute(&record.name, &record.value, slot, axes)?;
                all.push(Some((plan::work(cx.take_tasks()), slot)));
            }
        }
    }
    (cx.checked, cx.wide) = (true, false);
    Ok(all)
}

/// Enters the plans into the module, so that its listing shows which kernels run when.
fn list(module: &mut Module, plans: &[Plan]) {
    let kernels = |work: &Work| {
        let runs = work.iter().filter_map(|job| match job {
            Job::Kernels(run) => Some(run.iter().copied()),
            Job::Eval { .. } => None,
        });
        runs.flatten().collect::<Vec<_>>()
    };
    for (i, plan) in plans.iter().enumerate() {
        for (due, update) in plan.updates.iter().enumerate() {
            let name = if due == 0 { format!("plan {i}") } else { format!("plan {i}, due {due}") };
            module.plans.push(super::Plan {
                name,
                inputs: Vec::new(),
                observe: kernels(&plan.observe),
                update: kernels(&update.work),
                commits: update.commits.clone(),
                settle: kernels(&update.settle),
            });
        }
    }
}
