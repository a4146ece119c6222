use super::fault::{BuildResult, from_eval};
use super::layout::{Layout, elements, strides};
use crate::eval::{StaticEnv, eval_on};
use crate::hir::{Axes, Axis, AxisId, Expr, LocalId, ParamId, Program, ProjId, VarId, VarKind};
use crate::ir::timeline::Timeline;
use crate::ir::{Domain, Kernel, KernelId, Module, Num, PatternId, SlotId, SlotKind};
use crate::source::IndexVec;

/// What is done in a tick, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Task {
    /// A kernel runs.
    Kernel(KernelId),
    /// An expression that kernels cannot compute is evaluated, along these axes, into an array.
    Eval {
        /// The expression.
        expr: Expr,
        /// The axes of the array.
        axes: Axes,
        /// The array.
        into: SlotId,
    },
}

/// An expression that is evaluated once, when the run starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The expression.
    pub expr: Expr,
    /// Along which axes.
    pub axes: Axes,
    /// Where its value goes.
    pub into: SlotId,
    /// When.
    pub when: When,
}

/// The moment of a start that `at start` means, which depends on where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In a normalisation: start values as declared.
    Declared,
    /// In bounds: after normalisation.
    Normalised,
    /// Elsewhere: the state at tick 0, normalised and bounded.
    Begun,
}

/// A variable of synapses between two stages: it is its value before plus `step` times this slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stage {
    pub var: VarId,
    pub slope: SlotId,
    pub step: f64,
}

/// An array computed for the use of kernels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Temp {
    pub slot: SlotId,
    pub axes: Axes,
}

/// What is gathered while kernels are built.
pub(super) struct Context<'a> {
    pub axes: &'a IndexVec<AxisId, Axis>,
    pub program: &'a Program,
    pub timeline: &'a Timeline,
    pub statics: &'a StaticEnv<'a>,
    pub module: Module,
    pub layout: Layout,
    /// Parameters that the protocol sets.
    pub params: IndexVec<ParamId, Option<SlotId>>,
    /// Value and place of each loop variable.
    pub locals: IndexVec<LocalId, (SlotId, SlotId)>,
    pub presentation_ticks: SlotId,
    pub run_ticks: SlotId,
    /// Where the timeline writes inputs that are taught: teaching puts them in place.
    pub raw: Vec<(VarId, SlotId)>,
    /// Which variables anybody reads.
    pub live: IndexVec<VarId, bool>,
    pub starts: Vec<Start>,
    /// What `at start` means where kernels are being built for.
    pub when: When,
    /// Whether NaN or infinity in what is computed stops the run.
    pub checked: bool,
    /// Whether everything is computed in double precision, also with what is not kept in that.
    pub wide: bool,
    /// Synapses between two stages of their step: what is read of them is not what their arrays hold.
    pub staged: Vec<Stage>,
    /// Arrays for steps by stages.
    pub stage_slots: Vec<(VarId, String, SlotId)>,
    /// The tasks built since they were last taken.
    pub tasks: Vec<Task>,
    /// Whether what is built acts at events: then instantaneous variables are put in as expressions, and what decays
    /// in closed form is computed for the instant.
    pub at_event: bool,
    /// Variables that have another value where the kernel is being built.
    pub instead: Vec<(VarId, Num)>,
    /// What has to be computed before each instant with events.
    pub event_tasks: Vec<Task>,
    /// Until which tick each cell of a population is refractory, and which variables are held while it is.
    pub refractory: Vec<(VarId, SlotId)>,
    /// Whether something at events needs the instantaneous variables computed beforehand.
    pub events_observe: bool,
    /// Constants that are arrays.
    constants: Vec<(Expr, Axes, SlotId)>,
    /// Arrays computed in the tasks being built.
    temps: Vec<(Expr, Temp)>,
    transposed: Vec<(PatternId, PatternId)>,
    names: u32,
}

/// The loops of a kernel: what its indices mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    /// One index per axis; with `unit` a last one that stands still, for a reduction over no axis.
    Dense { axes: Axes, reduced: usize, unit: bool },
    /// The joined pairs of a projection: a row index and a column index.
    Sparse { projection: ProjId, pattern: PatternId, rows: Axes, columns: Axes, reduced: bool },
}

impl Frame {
    pub fn dense(axes: &[AxisId]) -> Self {
        Frame::Dense { axes: axes.to_vec(), reduced: 0, unit: false }
    }
}

impl<'a> Context<'a> {
    pub fn new(
        axes: &'a IndexVec<AxisId, Axis>,
        program: &'a Program,
        timeline: &'a Timeline,
        statics: &'a StaticEnv<'a>,
        mut module: Module,
        layout: Layout,
    ) -> Self {
        let params = program
            .params
            .iter()
            .map(|p| {
                let name = format!("param {}", p.name);
                p.settable.then(|| module.slot(name, SlotKind::Parameter, 1, p.value))
            })
            .collect();
        let locals = timeline
            .locals
            .iter_enumerated()
            .map(|(id, l)| {
                let value = module.slot(format!("local {} {}", l.name, id.0), SlotKind::Input, 1, 0.0);
                let place = module.slot(format!("place {} {}", l.name, id.0), SlotKind::Input, 1, 0.0);
                (value, place)
            })
            .collect();
        let presentation_ticks = module.slot("presentation ticks", SlotKind::Input, 1, 0.0);
        let run_ticks = module.slot("run ticks", SlotKind::Input, 1, 0.0);
        let mut raw: Vec<(VarId, SlotId)> = Vec::new();
        for teach in timeline.teaches.iter() {
            let var = &program.vars[teach.var];
            if var.kind == VarKind::Input && !raw.iter().any(|r| r.0 == teach.var) {
                let name = format!("{} untaught", var.name);
                raw.push((teach.var, module.slot(name, SlotKind::Input, elements(axes, &var.axes), 0.0)));
            }
        }
        let live = super::live::live(program, timeline);
        Self {
            raw,
            live,
            axes,
            program,
            timeline,
            statics,
            module,
            layout,
            params,
            locals,
            presentation_ticks,
            run_ticks,
            starts: Vec::new(),
            when: When::Begun,
            checked: true,
            wide: false,
            staged: Vec::new(),
            stage_slots: Vec::new(),
            tasks: Vec::new(),
            at_event: false,
            instead: Vec::new(),
            refractory: Vec::new(),
            event_tasks: Vec::new(),
            events_observe: false,
            constants: Vec::new(),
            temps: Vec::new(),
            transposed: Vec::new(),
            names: 0,
        }
    }

    /// A name nobody else has.
    pub fn fresh(&mut self, of: &str) -> String {
        self.names += 1;
        format!("{of} #{}", self.names)
    }

    /// Forgets which arrays hold what: states have changed since.
    pub fn forget_temps(&mut self) {
        self.temps.clear();
    }

    /// The tasks built since the last call. Arrays computed in them are not used by later ones.
    pub fn take_tasks(&mut self) -> Vec<Task> {
        self.forget_temps();
        std::mem::take(&mut self.tasks)
    }

    /// A new array for intermediate results.
    pub fn temporary(&mut self, of: &str, len: usize) -> SlotId {
        let name = self.fresh(of);
        self.module.slot(name, SlotKind::Temporary, len, 0.0)
    }

    /// Lets an array keep its numbers as another one does.
    pub fn same_precision(&mut self, slot: SlotId, other: SlotId) {
        self.module.slots[slot].precision = self.module.slots[other].precision;
    }

    pub fn elements(&self, axes: &[AxisId]) -> usize {
        elements(self.axes, axes)
    }

    pub fn strides(&self, axes: &[AxisId]) -> Vec<usize> {
        strides(self.axes, axes)
    }

    /// The loops of a kernel over this frame.
    pub fn domain(&self, frame: &Frame) -> Domain {
        match frame {
            Frame::Dense { axes, reduced, unit } => {
                let dims = axes.iter().map(|a| super::layout::size(self.axes, *a)).chain(unit.then_some(1));
                Domain::Dense { dims: dims.collect(), reduced: reduced + usize::from(*unit) }
            }
            Frame::Sparse { pattern, reduced, .. } => Domain::Sparse { pattern: *pattern, reduced: *reduced },
        }
    }

    /// Takes a finished kernel into the module, as the next task.
    pub fn run(&mut self, kernel: Kernel) {
        let id = self.module.kernels.push(kernel);
        self.tasks.push(Task::Kernel(id));
    }

    /// The joined pairs the other way round.
    pub fn transpose(&mut self, pattern: PatternId) -> PatternId {
        if let Some((_, t)) = self.transposed.iter().find(|(p, _)| *p == pattern) {
            return *t;
        }
        let name = format!("{} by column", self.module.patterns[pattern].name);
        let transpose = self.module.patterns[pattern].transpose(name);
        let id = self.module.patterns.push(transpose);
        self.transposed.push((pattern, id));
        id
    }

    /// A constant expression's value along `axes`, as an array of the module.
    pub fn constant(&mut self, expr: &Expr, axes: &[AxisId]) -> BuildResult<SlotId> {
        if let Some((.., slot)) = self.constants.iter().find(|(e, a, _)| e == expr && a == axes) {
            return Ok(*slot);
        }
        let value = eval_on(expr, axes, self.statics).map_err(|e| from_eval(&e, expr.span))?;
        let name = self.fresh("constant");
        let slot = self.module.slot_with(name, SlotKind::Constant, value.data.to_vec());
        self.constants.push((expr.clone(), axes.to_vec(), slot));
        Ok(slot)
    }

    /// The value of a constant expression without axes.
    pub fn constant_scalar(&self, expr: &Expr) -> BuildResult<f64> {
        crate::eval::eval_scalar(expr, self.statics).map_err(|e| from_eval(&e, expr.span))
    }

    /// The array that holds this value in the tasks being built, if one does.
    pub fn find_temp(&self, expr: &Expr) -> Option<Temp> {
        self.temps.iter().find(|(e, _)| e == expr).map(|(_, t)| t.clone())
    }

    pub fn remember_temp(&mut self, expr: &Expr, temp: &Temp) {
        self.temps.push((expr.clone(), temp.clone()));
    }

    /// The array of an expression's value when the run starts.
    pub fn start(&mut self, expr: &Expr) -> SlotId {
        if let Some(start) = self.starts.iter().find(|s| s.expr == *expr && s.when == self.when) {
            return start.into;
        }
        let len = self.elements(&expr.axes);
        let name = self.fresh("at start");
        let into = self.module.slot(name, SlotKind::Parameter, len, 0.0);
        self.starts.push(Start { expr: expr.clone(), axes: expr.axes.clone(), into, when: self.when });
        into
    }

    /// Evaluates an expression when the task's turn comes.
    pub fn eval_task(&mut self, expr: &Expr, axes: &[AxisId]) -> Temp {
        let len = self.elements(axes);
        let slot = self.temporary("eval", len);
        self.tasks.push(Task::Eval { expr: expr.clone(), axes: axes.to_vec(), into: slot });
        Temp { slot, axes: axes.to_vec() }
    }
}
