use super::delays::Rings;
use super::fault;
use super::loops::{How, Loops};
use super::spikes::Spikes;
use super::view::View;
use crate::backend::{Arrays, Engine, NonFinite, Scratch};
use crate::diag::Diagnostic;
use crate::eval::{StaticEnv, eval, eval_on};
use crate::hir::{
    Axis, AxisId, Expr, ExprKind, Input, LocalId, ParamId, Program, Selector, Value, VarId, VarKind,
};
use crate::ir::build::fault::{from_eval, internal};
use crate::ir::build::{Built, Job, Work};
use crate::ir::timeline::LeafId;
use crate::ir::{KernelId, SlotId};
use crate::source::{IndexVec, Span};
use std::ops::Range;

use super::cursor::Playing;

pub(super) type Outcome<T> = Result<T, Box<Diagnostic>>;

/// A loop variable's value and its place among the values.
pub(super) type Locals = IndexVec<LocalId, Option<(f64, usize)>>;

/// The states of a run and the clock: what one tick does, and what can be read between ticks.
pub(super) struct Machine<'p> {
    pub program: &'p Program,
    pub axes: &'p IndexVec<AxisId, Axis>,
    pub built: Built,
    pub arrays: Arrays,
    pub(super) engine: Engine,
    scratch: Scratch,
    /// Ticks of the same kind as one loop.
    pub(super) loops: Loops,
    pub(super) statics: StaticEnv<'p>,
    pub(super) rings: Rings,
    /// How many ticks have passed.
    pub now: u64,
    /// Parameters in force.
    pub params: IndexVec<ParamId, f64>,
    /// Parameters from the next tick on.
    pub next_params: IndexVec<ParamId, f64>,
    pub locals: Locals,
    pub(super) plan: usize,
    pub(super) shown: Vec<Shown>,
    /// What is to spike.
    pub(super) spikes: Spikes,
    /// Whether variables in closed form are shown as they are now.
    pub(super) lazily_shown: bool,
    /// Whether the states of the next tick are being computed.
    pub stepping: bool,
    /// Whether instantaneous variables are those of the present states.
    pub(super) observed: bool,
    /// Values that expressions read by `at start`, where kernels do not keep them.
    pub(super) started: Vec<(Expr, Value)>,
}

/// A [`Machine`] without the program that it runs.
pub(super) struct Parts {
    pub built: Built,
    engine: Engine,
    scratch: Scratch,
    loops: Loops,
    pub standing: Standing,
}

impl Parts {
    /// Computes from now on like this.
    pub fn set_how(&mut self, how: How) {
        self.loops.set_how(how);
    }

    /// Whether a number in many ticks was not finite.
    pub fn stumbled(&self) -> bool {
        self.loops.stumbled
    }

    /// The states are such as can be read.
    pub fn well(&mut self) {
        self.loops.stumbled = false;
    }
}

/// The states of a run between two ticks.
#[derive(Clone)]
pub(super) struct Standing {
    pub arrays: Arrays,
    pub rings: Rings,
    pub now: u64,
    pub params: IndexVec<ParamId, f64>,
    pub next_params: IndexVec<ParamId, f64>,
    pub locals: Locals,
    pub plan: usize,
    pub shown: Vec<Shown>,
    pub observed: bool,
    pub started: Vec<(Expr, Value)>,
    pub spikes: Spikes,
}

/// An input that is being presented and changes with time.
#[derive(Clone)]
pub(super) struct Shown {
    pub leaf: LeafId,
    pub input: usize,
    pub start: u64,
}

impl<'p> Machine<'p> {
    /// The states before anything has happened: start values, nothing normalised.
    pub fn new(
        axes: &'p IndexVec<AxisId, Axis>,
        program: &'p Program,
        mut built: Built,
        how: How,
    ) -> Outcome<Self> {
        let arrays = Arrays::take(&mut built.module);
        let engine = Engine::new(&built.module, how.backend).map_err(|e| {
            let span = program.protocol.first().map(|s| s.span);
            let what = format!("internal error (this is a bug in plast): {e}");
            Box::new(span.map_or_else(
                || Diagnostic::global(crate::diag::Code::E0001, what.clone()),
                |span| internal(span, &e.to_string()),
            ))
        })?;
        let params: IndexVec<ParamId, f64> = program.params.iter().map(|p| p.value).collect();
        let locals = built.timeline.locals.iter().map(|_| None).collect();
        Ok(Self {
            program,
            axes,
            arrays,
            scratch: engine.scratch(),
            engine,
            loops: Loops::new(how),
            statics: StaticEnv::new(axes, program),
            rings: Rings::new(&built),
            spikes: Spikes::new(program, &built),
            lazily_shown: false,
            built,
            now: 0,
            next_params: params.clone(),
            params,
            locals,
            plan: 0,
            shown: Vec::new(),
            stepping: false,
            observed: false,
            started: Vec::new(),
        })
    }

    /// The machine of these parts; the program is that of which they were made.
    pub fn assemble(axes: &'p IndexVec<AxisId, Axis>, program: &'p Program, parts: Parts) -> Self {
        let Parts { built, engine, scratch, loops, standing } = parts;
        let Standing {
            arrays,
            rings,
            now,
            params,
            next_params,
            locals,
            plan,
            shown,
            observed,
            started,
            spikes,
        } = standing;
        Self {
            program,
            axes,
            built,
            arrays,
            engine,
            scratch,
            loops,
            statics: StaticEnv::new(axes, program),
            rings,
            now,
            params,
            next_params,
            locals,
            plan,
            shown,
            spikes,
            lazily_shown: false,
            stepping: false,
            observed,
            started,
        }
    }

    /// Its parts.
    pub fn dismantle(self) -> Parts {
        let Self { built, arrays, engine, scratch, loops, rings, now, params, next_params, .. } = self;
        let (locals, plan, shown, observed, started, spikes) =
            (self.locals, self.plan, self.shown, self.observed, self.started, self.spikes);
        let standing = Standing {
            arrays,
            rings,
            now,
            params,
            next_params,
            locals,
            plan,
            shown,
            observed,
            started,
            spikes,
        };
        Parts { built, engine, scratch, loops, standing }
    }

    /// How many synapses there are.
    pub fn synapses(&self) -> u64 {
        let slot = |p: &crate::hir::Projection| self.built.layout.vars[p.w].slot;
        self.program.projections.iter().map(|p| self.arrays.len_of(slot(p)) as u64).sum()
    }

    /// What expressions read now; `next` for those that act from the next tick on.
    pub fn view(&self, next: bool) -> View<'_> {
        View {
            program: self.program,
            axes: self.axes,
            built: &self.built,
            arrays: &self.arrays,
            statics: &self.statics,
            params: if next { &self.next_params } else { &self.params },
            locals: &self.locals,
            run_ticks: self.now,
            presentation_ticks: self.arrays[self.built.presentation_ticks][0] as u64,
            started: &self.started,
        }
    }

    pub fn eval(&self, expr: &Expr) -> Outcome<Value> {
        eval(expr, &self.view(false)).map_err(|e| from_eval(&e, expr.span))
    }

    pub fn eval_on(&self, expr: &Expr, axes: &[AxisId]) -> Outcome<Value> {
        eval_on(expr, axes, &self.view(false)).map_err(|e| from_eval(&e, expr.span))
    }

    pub(super) fn work(&mut self, work: &Work) -> Outcome<()> {
        work.iter().try_for_each(|job| self.job(job))
    }

    fn job(&mut self, job: &Job) -> Outcome<()> {
        match job {
            Job::Kernels(run) => self
                .engine
                .run(run, &mut self.arrays, &mut self.scratch)
                .map_err(|found| self.not_finite(found)),
            Job::Eval { expr, axes, into } => {
                let value = self.eval_on(expr, axes)?;
                self.arrays.write(*into, &value.data);
                Ok(())
            }
        }
    }

    #[cold]
    fn not_finite(&self, found: NonFinite) -> Box<Diagnostic> {
        fault::not_finite(self, found)
    }

    /// Runs some rows of kernels, and empties the list.
    pub(super) fn run_rows(&mut self, runs: &mut Vec<(KernelId, Range<usize>)>) -> Outcome<()> {
        if runs.is_empty() {
            return Ok(());
        }
        let outcome = self.engine.run_rows(runs, &mut self.arrays, &mut self.scratch);
        runs.clear();
        outcome.map_err(|found| self.not_finite(found))
    }

    /// Makes everything readable as it is now: what follows from the states, and what goes on in closed form.
    pub fn readable(&mut self) -> Outcome<()> {
        self.show()?;
        self.observe()
    }

    fn show(&mut self) -> Outcome<()> {
        if !self.lazily_shown && !self.built.events.show.is_empty() {
            let show = std::mem::take(&mut self.built.events.show);
            let outcome = self.work(&show);
            self.built.events.show = show;
            self.lazily_shown = true;
            outcome?;
            self.observed &= !self.built.events.shown_first;
        }
        Ok(())
    }

    /// A parameter has another value from the next tick on. What goes on in closed form by it has come so far by the one
    /// before.
    pub fn set_param(&mut self, id: ParamId, value: f64) -> Outcome<()> {
        let set_by = self.built.events.set_by.iter().position(|(param, _)| *param == id);
        if let Some(i) = set_by.filter(|_| self.next_params[id].to_bits() != value.to_bits()) {
            self.show()?;
            for var in &self.built.events.set_by[i].1 {
                let Some(lazy) = &self.built.layout.lazy[*var] else { continue };
                let now = self.arrays.values(self.built.layout.vars[*var].slot).into_owned();
                self.arrays.write(lazy.stored, &now);
                self.arrays[lazy.since].fill(self.now as f64);
            }
        }
        self.next_params[id] = value;
        Ok(())
    }

    /// Computes what follows from the present states, unless that is done.
    pub fn observe(&mut self) -> Outcome<()> {
        if !self.observed {
            let observe = std::mem::take(&mut self.built.plans[self.plan].observe);
            let outcome = self.work(&observe);
            self.built.plans[self.plan].observe = observe;
            outcome?;
            self.observed = true;
        }
        Ok(())
    }

    /// Computes what follows from the present states, finite or not.
    pub(super) fn foresee(&mut self) -> Outcome<()> {
        let observe = std::mem::take(&mut self.built.plans[self.plan].observe);
        let mut outcome = Ok(());
        for job in &observe {
            match job {
                // one by one, as a run of kernels ends at the first number that is not finite
                Job::Kernels(run) => run.iter().for_each(|kernel| {
                    let _ = self.engine.run(&[*kernel], &mut self.arrays, &mut self.scratch);
                }),
                Job::Eval { .. } => outcome = outcome.and_then(|()| self.job(job)),
            }
        }
        self.built.plans[self.plan].observe = observe;
        self.observed = false;
        outcome
    }

    /// Parameters that have been set are in force.
    pub(super) fn take_params(&mut self) {
        for (id, slot) in self.built.params.iter_enumerated() {
            if let Some(slot) = slot {
                self.arrays[*slot][0] = self.next_params[id];
            }
        }
        self.params.clone_from(&self.next_params);
        self.observed = false;
    }

    /// Presents: inputs, teaching, the frozen set and parameters from the next tick on. What passes changes nothing
    /// but parameters.
    pub fn present(&mut self, playing: &[Playing]) -> Outcome<()> {
        self.take_params();
        let Some(first) = playing.iter().find(|p| !p.passes) else { return self.spikes_begin(playing) };
        self.plan = self.built.leaf_plans[first.leaf];
        for (id, local) in self.locals.iter_enumerated() {
            if let Some((value, place)) = local {
                let (v, p) = self.built.locals[id];
                self.arrays[v][0] = *value;
                self.arrays[p][0] = *place as f64;
            }
        }
        for (id, flag) in self.built.timeline.flags.iter_enumerated() {
            let on = playing.iter().any(|p| self.built.timeline.leaves[p.leaf].teaches.contains(&id));
            self.arrays[self.built.locals[*flag].0][0] = f64::from(u8::from(on));
        }
        for (id, var) in self.program.vars.iter_enumerated() {
            if var.kind == VarKind::Input {
                let slot = self.built.input_slot(id);
                self.arrays[slot].fill(0.0);
            }
        }
        self.one_input_for_each_cell(playing)?;
        self.shown.clear();
        for p in playing.iter().filter(|p| !p.passes) {
            self.arrays[self.built.presentation_ticks][0] = (self.now - p.start) as f64;
            for i in 0..self.built.timeline.leaves[p.leaf].inputs.len() {
                if self.built.timeline.leaves[p.leaf].inputs[i].varies {
                    self.shown.push(Shown { leaf: p.leaf, input: i, start: p.start });
                } else {
                    self.put_input(p.leaf, i)?;
                }
            }
        }
        self.spikes_begin(playing)
    }

    /// Tracks of `together` share a population, each with cells of its own.
    fn one_input_for_each_cell(&self, playing: &[Playing]) -> Outcome<()> {
        let leaves = playing.iter().filter(|p| !p.passes).map(|p| &self.built.timeline.leaves[p.leaf]);
        let inputs: Vec<&Input> = leaves.flat_map(|leaf| &leaf.inputs).collect();
        let mut vars: Vec<VarId> = inputs.iter().map(|input| input.var).collect();
        vars.sort();
        let shared: Vec<VarId> =
            vars.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let mut taken: Vec<((VarId, usize), Span)> = Vec::new();
        for input in inputs.iter().filter(|input| shared.binary_search(&input.var).is_ok()) {
            let axes = &self.program.vars[input.var].axes;
            let places = match input.slice.as_slice() {
                [] => (0..self.arrays[self.built.input_slot(input.var)].len()).collect(),
                _ => self.cells_of(input, axes, input.value.span)?.0,
            };
            taken.extend(places.into_iter().map(|place| ((input.var, place), input.value.span)));
        }
        // stable: of the inputs of a cell, the first stays the first
        taken.sort_by_key(|(cell, _)| *cell);
        match taken.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(fault::two_inputs(self, pair[0].0.0, pair[0].0.1, pair[0].1, pair[1].1)),
            None => Ok(()),
        }
    }

    /// Evaluates an input and writes it to the cells it is for.
    fn put_input(&mut self, leaf: LeafId, i: usize) -> Outcome<()> {
        let input = &self.built.timeline.leaves[leaf].inputs[i];
        let (slot, span) = (self.built.input_slot(input.var), input.value.span);
        let axes = &self.program.vars[input.var].axes;
        if input.slice.is_empty() {
            let value = self.eval_on(&input.value, axes)?;
            self.arrays[slot].copy_from_slice(&value.data);
            return self.check_input(input.var, slot, span);
        }
        let (places, along) = self.cells_of(input, axes, span)?;
        let value = self.eval_on(&input.value, &along)?;
        for (place, v) in places.into_iter().zip(value.data.iter()) {
            self.arrays[slot][place] = *v;
        }
        self.check_input(input.var, slot, span)
    }

    fn check_input(&self, var: VarId, slot: SlotId, span: Span) -> Outcome<()> {
        match self.arrays[slot].iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(at) => Err(fault::presented(self, var, span, at)),
        }
    }

    /// Where what is being presented on an input stands in the file.
    pub(super) fn shown_on(&self, var: VarId) -> Option<Span> {
        let inputs = |s: &Shown| &self.built.timeline.leaves[s.leaf].inputs[s.input];
        self.shown.iter().map(inputs).find(|i| i.var == var).map(|i| i.value.span)
    }

    /// The cells that a slice names, in the order of the axes it leaves, and those axes.
    fn cells_of(&self, input: &Input, axes: &[AxisId], span: Span) -> Outcome<(Vec<usize>, Vec<AxisId>)> {
        // the numbers of the cells, indexed as the slice says
        let flat = Expr {
            kind: ExprKind::Flat(axes.to_vec()),
            axes: axes.to_vec(),
            ty: crate::hir::Ty::Number,
            span,
        };
        let mut left = axes.to_vec();
        for selection in &input.slice {
            left.retain(|a| !selection.axes.contains(a));
            if let Selector::Slice { axis, .. } | Selector::Between { axis, .. } = selection.selector {
                left.push(axis);
            }
        }
        let kind = ExprKind::Index { base: Box::new(flat), selections: input.slice.clone() };
        let cells = Expr { kind, axes: left, ty: crate::hir::Ty::Number, span };
        let value = eval(&cells, &self.view(true)).map_err(|e| from_eval(&e, span))?;
        let along = value.axes.iter().map(|a| a.id).collect();
        Ok((value.data.iter().map(|v| *v as usize).collect(), along))
    }

    /// The first half of a tick: inputs, then everything that follows from the states. Records read after it.
    pub fn tick_begins(&mut self) -> Outcome<()> {
        for i in 0..self.shown.len() {
            let Shown { leaf, input, start } = self.shown[i];
            self.arrays[self.built.presentation_ticks][0] = (self.now - start) as f64;
            self.observed = false;
            match std::mem::take(&mut self.built.inputs[leaf][input]) {
                Some(work) => {
                    let outcome = self.work(&work);
                    self.built.inputs[leaf][input] = Some(work);
                    outcome?;
                }
                None => self.put_input(leaf, input)?,
            }
        }
        self.observe()
    }

    /// The second half of a tick: all changes, from one state; then normalisation and bounds.
    pub fn tick_ends(&mut self) -> Outcome<()> {
        self.rings.push(self.now, &self.arrays);
        let mut due = 0;
        for (i, every) in self.built.every.iter().enumerate() {
            if every.is_due(self.now) {
                due |= 1 << i;
            }
        }
        let plan = self.plan;
        let update = std::mem::take(&mut self.built.plans[plan].updates[due]);
        let outcome = self.update(&update, true);
        self.built.plans[plan].updates[due] = update;
        outcome?;
        self.rings.pop(self.now, &mut self.arrays);
        self.observed = false;
        Ok(())
    }

    /// Changes the states; in a tick, time passes with that.
    fn update(&mut self, update: &crate::ir::build::Update, tick: bool) -> Outcome<()> {
        self.stepping = tick;
        self.work(&update.work)?;
        self.stepping = false;
        self.arrays.commit(&update.commits);
        if tick {
            self.now += 1;
            self.arrays[self.built.run_ticks][0] = self.now as f64;
            if self.built.events.ticking {
                self.events()?;
            }
        }
        self.work(&update.settle)
    }

    /// A presentation has ended: what is updated per presentation.
    pub fn presentation_ends(&mut self) -> Outcome<()> {
        let plan = self.plan;
        if self.built.plans[plan].presentation.vars.is_empty() {
            return Ok(());
        }
        self.observe()?;
        let update = std::mem::take(&mut self.built.plans[plan].presentation);
        let outcome = self.update(&update, false);
        self.built.plans[plan].presentation = update;
        self.observed = false;
        outcome
    }

    /// The present value of a record's expression, and which elements exist where not all do.
    pub fn record(
        &mut self,
        i: crate::hir::RecordId,
        into: &mut Vec<f64>,
    ) -> Outcome<Option<std::sync::Arc<[bool]>>> {
        into.clear();
        self.readable()?;
        if let Some((work, slot)) = self.built.records[i].take() {
            let outcome = self.work(&work);
            into.extend_from_slice(&self.arrays.values(slot));
            self.built.records[i] = Some((work, slot));
            return outcome.map(|()| None);
        }
        let record = &self.program.records[i];
        let value = self.eval_on(&record.value, &record.axes[1.min(record.axes.len())..])?;
        into.extend_from_slice(&value.data);
        Ok(value.present)
    }
}
