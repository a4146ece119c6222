//! What spikes do, as kernels that are run for the cells that spike.
//!
//! A presynaptic spike is a pass along the cell's column of synapses, a postsynaptic one a pass along its row. All
//! events of one instant read the states before it: first what cells gather from synapses is added up, then synapses
//! change, then the variables that a rule keeps for its cells, then the cells themselves, then what was gathered is
//! added. An event's change is `v + f`, `v - f`, `v*f`, `v/f` or `f`; where two spikes meet at a synapse, an
//! assignment comes first, then factors, then what is added, the presynaptic part before the postsynaptic one.

use super::closed::{self, WhyTicks};
use super::context::{Context, Frame};
use super::expr::join_axes;
use super::fault::BuildResult;
use super::layout::{Lazy, elements, size};
use super::lower::{Lowered, Stop};
use super::plan::{Work, work};
use crate::contract::Ops;
use crate::hir::{
    AssignOp, Axes, AxisId, Change, Connect, Domain, Event, Expr, ExprKind, PopId, ProjId, SpikeSource, Ties,
    VarId, VarKind,
};
use crate::ir::{
    self, Access, Index, Kernel, KernelBuilder, KernelId, Num, PatternId, SlotId, SlotKind, Truth,
};
use crate::source::IndexVec;

/// The events of a program: who emits spikes, and what they meet.
#[derive(Debug, Clone)]
pub struct Events {
    /// Why time goes tick by tick; `None` where it goes from event to event.
    pub ticks: Option<WhyTicks>,
    /// Populations with spikes.
    pub emitters: IndexVec<PopId, Option<Emitter>>,
    /// Projections that hear of spikes.
    pub hearers: IndexVec<ProjId, Option<Hearer>>,
    /// Variables of cells that gather what synapses send.
    pub gathered: Vec<VarId>,
    /// Whether the instantaneous variables have to be computed before each instant with events.
    pub observe: bool,
    /// What is computed before each instant, such as means over cells that a handler reads.
    pub before: Work,
    /// Whether events are looked for at the end of ticks.
    pub ticking: bool,
    /// Shows variables in closed form as they are now.
    pub show: Work,
    /// Whether instantaneous variables follow from those.
    pub shown_first: bool,
}

impl Events {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.emitters.iter().any(Option::is_some)
    }
}

/// A population with spikes.
#[derive(Debug, Clone)]
pub struct Emitter {
    /// How many spikes each cell has emitted.
    pub count: SlotId,
    /// What tells which cells spike at the end of a tick, and where it stands.
    pub crossing: Option<(Work, SlotId)>,
    /// Until which tick each cell is refractory.
    pub refractory: Option<SlotId>,
    /// What computes the rates of Poisson processes, where they stand, and whether they change between statements.
    pub rate: Option<(Work, SlotId, bool)>,
    /// What a spike does to its cell.
    pub reset: Option<Rows>,
}

/// A projection that hears of spikes.
#[derive(Debug, Clone)]
pub struct Hearer {
    /// Which synapses a presynaptic cell has.
    pub reach: Reach,
    /// 1 for the presynaptic cells whose spikes arrive at this instant; read where two spikes meet.
    pub arrived_pre: SlotId,
    /// The same of postsynaptic ones.
    pub arrived_post: SlotId,
    /// Whether something happens at the synapses, or to the rule's variables, at presynaptic spikes.
    pub hears_pre: bool,
    /// The same at postsynaptic ones.
    pub hears_post: bool,
    /// Whether cells gather what synapses send.
    pub gathers: bool,
}

/// Which synapses a presynaptic cell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One, with the postsynaptic cell of the same number.
    One,
    /// One with each of so many postsynaptic cells; so many presynaptic cells.
    All {
        /// Postsynaptic cells.
        rows: usize,
        /// Presynaptic cells.
        columns: usize,
    },
    /// Those of a row of this pattern, which goes from presynaptic to postsynaptic cells.
    Pattern(PatternId),
}

/// A kernel of which some rows are run for each cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// The kernel.
    pub kernel: KernelId,
    /// How many rows there are for a cell.
    pub each: usize,
}

/// What spikes do at the synapses of a projection, of what is not frozen.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// At presynaptic spikes.
    pub pre: Side,
    /// At postsynaptic ones.
    pub post: Side,
}

/// What the spikes of one side do.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// What the other side's cells gather.
    pub gather: Vec<Gather>,
    /// How synapses change.
    pub synapses: Option<Rows>,
    /// How they change where spikes of the other side may arrive at the same instant.
    pub tied: Option<Rows>,
    /// How what the rule keeps for the cell changes, and variables of the cell.
    pub cell: Option<Rows>,
}

impl Side {
    /// Whether it does anything.
    pub fn any(&self) -> bool {
        !self.gather.is_empty() || self.synapses.is_some() || self.cell.is_some()
    }
}

/// What cells gather of the synapses that a spike reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gather {
    /// Which of [`Events::gathered`].
    pub into: usize,
    /// What computes it for each synapse; `None` where it is a variable of the synapse.
    pub compute: Option<Rows>,
    /// Where it stands.
    pub from: SlotId,
    /// Whether it is subtracted.
    pub negative: bool,
}

impl Context<'_> {
    /// Decides what needs no ticks, and gives it the arrays that takes.
    pub fn close(&mut self, ticks: bool) -> Option<WhyTicks> {
        let found = closed::closed(self.program, self.timeline, ticks);
        for (id, course) in found.courses.iter_enumerated() {
            let Some(course) = course.clone() else { continue };
            let slot = self.layout.vars[id].slot;
            let name = &self.program.vars[id].name;
            let len = self.module.slots[slot].len;
            let stored = self.module.slot(format!("{name} at its last event"), SlotKind::State, len, 0.0);
            self.module.slots[stored].init = self.module.slots[slot].init.clone();
            self.same_precision(stored, slot);
            let since = self.module.slot(format!("{name} last event"), SlotKind::State, len, 0.0);
            self.layout.lazy[id] = Some(Lazy { stored, since, course: Some(course) });
        }
        found.ticks
    }

    /// What a variable in closed form is at this instant.
    pub fn at_instant(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        id: VarId,
        lazy: &Lazy,
        axes: &[AxisId],
    ) -> Lowered<Num> {
        let (stored, since) = match (self.layout.vars[id].pattern, frame) {
            (None, _) => (self.load(b, frame, lazy.stored, axes)?, self.load(b, frame, lazy.since, axes)?),
            (Some(_), Frame::Sparse { .. }) => (b.load_element(lazy.stored), b.load_element(lazy.since)),
            _ => return Err(Stop::Unsupported),
        };
        let stored = self.wide_number(b, stored);
        let Some(course) = &lazy.course else { return Ok(stored) };
        let ticks = b.sub(b.load_scalar(self.run_ticks, 0), since);
        let time = self.seconds(b, ticks);
        let own = self.number(b, frame, &course.own)?;
        let z = b.mul(own, time);
        let z = match &course.factor {
            Some(f) => b.div(z, self.number(b, frame, f)?),
            None => z,
        };
        let decayed = b.mul(crate::contract::functions::exp(b, z), stored);
        let Some(rest) = &course.rest else { return Ok(decayed) };
        let rest = self.number(b, frame, rest)?;
        let to = b.div(rest, own);
        Ok(b.fma(crate::contract::functions::expm1(b, z), to, decayed))
    }

    /// A number of ticks as a time: divided by the ticks in a second where those are a whole number, so that 10 ms
    /// in ticks is the number 0.01.
    fn seconds(&self, b: &KernelBuilder, ticks: Num) -> Num {
        let tick = self.program.tick;
        let each = (1.0 / tick).round();
        if each >= 1.0 && (each * tick - 1.0).abs() < 1e-12 {
            return b.div(ticks, b.num(each));
        }
        b.mul(ticks, b.num(tick))
    }

    fn wide_number(&self, b: &KernelBuilder, number: Num) -> Num {
        if self.wide && self.program.precision == ir::Precision::Single { b.widen(number) } else { number }
    }

    /// The expression that an instantaneous variable stands for, along these axes, if it can stand in its place.
    pub fn put_in(&mut self, id: VarId, axes: &[AxisId]) -> Option<Expr> {
        let var = &self.program.vars[id];
        let VarKind::Instantaneous(value) = &var.kind else { return None };
        let taught = self.timeline.teaches.iter().any(|t| t.var == id);
        if taught || !super::live::can_stand_in(value) {
            self.events_observe = true;
            return None;
        }
        let map: Vec<(AxisId, AxisId)> = var.axes.iter().copied().zip(axes.iter().copied()).collect();
        Some(renamed(value, &map))
    }

    /// The kernel's row of cells of these axes: a frame with one step along.
    fn cells_frame(axes: &[AxisId]) -> Frame {
        Frame::Dense { axes: axes.to_vec(), reduced: 0, unit: true }
    }

    fn row_domain(&self, frame: &Frame) -> ir::Domain {
        match frame {
            Frame::Dense { axes, unit, .. } => {
                let dims = axes.iter().map(|a| size(self.axes, *a)).chain(unit.then_some(1));
                ir::Domain::Dense { dims: dims.collect(), reduced: 0 }
            }
            Frame::Sparse { pattern, .. } => ir::Domain::Sparse { pattern: *pattern, reduced: false },
        }
    }

    /// How many rows of a frame belong to a cell, whose axes come first.
    fn rows_each(&self, frame: &Frame, cell: usize) -> usize {
        match frame {
            Frame::Dense { axes, unit, .. } => {
                let along = if *unit { 0 } else { 1 };
                let end = axes.len().saturating_sub(along).max(cell);
                elements(self.axes, &axes[cell.min(axes.len())..end.min(axes.len())])
            }
            Frame::Sparse { .. } => 1,
        }
    }

    fn sides(&self, p: ProjId) -> (Axes, Axes) {
        let p = &self.program.projections[p];
        match p.connect {
            Connect::OneToOne => (p.axes.clone(), p.axes.clone()),
            _ => (p.axes[p.post_axes..].to_vec(), p.axes[..p.post_axes].to_vec()),
        }
    }

    /// The synapses of one cell after the other; and how many axes the cell has.
    fn synapse_frame(&mut self, id: ProjId, event: Event) -> (Frame, usize) {
        let (pre, post) = self.sides(id);
        let p = &self.program.projections[id];
        if p.connect == Connect::OneToOne {
            return (Self::cells_frame(&p.axes.clone()), p.axes.len());
        }
        let (own, other) = if event == Event::Pre { (pre, post) } else { (post, pre) };
        match self.layout.patterns[id] {
            Some(pattern) => {
                let pattern = if event == Event::Pre { self.transpose(pattern) } else { pattern };
                let cell = own.len();
                (Frame::Sparse { projection: id, pattern, rows: own, columns: other, reduced: false }, cell)
            }
            None => {
                let unit = other.is_empty();
                let axes = own.iter().chain(&other).copied().collect();
                (Frame::Dense { axes, reduced: 0, unit }, own.len())
            }
        }
    }

    /// A place in an array along some axes of a frame, or in one of synapses.
    fn place_in(&self, frame: &Frame, slot: SlotId, axes: &[AxisId], synapses: bool) -> Lowered<Access> {
        if synapses && matches!(frame, Frame::Sparse { .. }) {
            return Ok(Access { slot, base: 0, index: Index::Element });
        }
        let strides = self.frame_strides(frame, axes, &self.strides(axes)).ok_or(Stop::Unsupported)?;
        Ok(Access { slot, base: 0, index: Index::Strides(strides) })
    }

    /// The present value of a variable that an event changes.
    fn before(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        var: VarId,
        axes: &[AxisId],
        span: crate::source::Span,
    ) -> Lowered<Num> {
        let e = Expr { kind: ExprKind::Var(var), axes: axes.to_vec(), ty: crate::hir::Ty::Number, span };
        self.number(b, frame, &e)
    }

    /// Writes the new value of a variable.
    fn becomes(
        &self,
        b: &KernelBuilder,
        frame: &Frame,
        var: VarId,
        axes: &[AxisId],
        value: Num,
    ) -> Lowered<()> {
        let synapses = matches!(self.program.vars[var].domain, Domain::Synapses(_));
        match &self.layout.lazy[var] {
            Some(lazy) => {
                b.store_to(value, self.place_in(frame, lazy.stored, axes, synapses)?, true);
                let now = b.load_scalar(self.run_ticks, 0);
                b.store_to(now, self.place_in(frame, lazy.since, axes, synapses)?, false);
            }
            None => {
                let slot = self.layout.vars[var].slot;
                b.store_to(value, self.place_in(frame, slot, axes, synapses)?, true);
            }
        }
        Ok(())
    }

    fn bounded(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        id: ProjId,
        var: VarId,
        value: Num,
    ) -> Lowered<Num> {
        let program = self.program;
        let mut value = value;
        for bounds in program.projections[id].bounds.iter().filter(|c| c.var == var) {
            let when = std::mem::replace(&mut self.when, super::context::When::Normalised);
            let clamped = self.clamped(b, frame, value, &bounds.lo, &bounds.hi);
            self.when = when;
            value = clamped?;
        }
        Ok(value)
    }

    /// Applies changes to values in the order in which they act when they meet.
    fn applied(&mut self, b: &KernelBuilder, frame: &Frame, old: Num, changes: &[&Change]) -> Lowered<Num> {
        let rank = |op: AssignOp| match op {
            AssignOp::Set => 0,
            AssignOp::Mul | AssignOp::Div => 1,
            AssignOp::Add | AssignOp::Sub => 2,
        };
        let mut sorted: Vec<&Change> = changes.to_vec();
        sorted.sort_by_key(|c| rank(c.op));
        let mut value = old;
        for c in sorted {
            let by = self.number(b, frame, &c.value)?;
            value = match c.op {
                AssignOp::Set => by,
                AssignOp::Add => b.add(value, by),
                AssignOp::Sub => b.sub(value, by),
                AssignOp::Mul => b.mul(value, by),
                AssignOp::Div => b.div(value, by),
            };
        }
        Ok(value)
    }

    /// What spikes do at the synapses of a projection while these variables are held.
    pub fn heard(
        &mut self,
        id: ProjId,
        frozen: &[VarId],
        gathered: &mut Vec<VarId>,
        hearer: &Hearer,
    ) -> BuildResult<Heard> {
        let program = self.program;
        let p = &program.projections[id];
        let of = |event: Event| -> Vec<&Change> {
            let handlers = p.handlers.iter().filter(move |h| h.event == event);
            handlers
                .flat_map(|h| &h.changes)
                .filter(|c| !frozen.contains(&c.var) && !p.held.contains(&c.var))
                .collect()
        };
        let (pre, post) = (of(Event::Pre), of(Event::Post));
        let at = std::mem::replace(&mut self.at_event, true);
        let heard = self.both(id, &pre, &post, gathered, hearer);
        self.at_event = at;
        let tasks = self.take_tasks();
        self.event_tasks.extend(tasks);
        let span = p.span;
        heard.map_err(|stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::Unsupported => super::fault::beyond_kernels(&p.name, span),
        })
    }

    fn both(
        &mut self,
        id: ProjId,
        pre: &[&Change],
        post: &[&Change],
        gathered: &mut Vec<VarId>,
        hearer: &Hearer,
    ) -> Lowered<Heard> {
        let mut heard = Heard {
            pre: self.side(id, Event::Pre, pre, gathered)?,
            post: self.side(id, Event::Post, post, gathered)?,
        };
        if heard.pre.synapses.is_some() && heard.post.synapses.is_some() {
            let ties = self.program.projections[id].ties;
            if matches!(ties, Ties::Together | Ties::Half) {
                heard.pre.tied = Some(self.tied(id, Event::Pre, pre, post, hearer)?);
                heard.post.tied = Some(self.tied(id, Event::Post, pre, post, hearer)?);
            }
        }
        Ok(heard)
    }

    fn finish_rows(&mut self, b: KernelBuilder, each: usize) -> Rows {
        let kernel: Kernel = b.finish();
        let id = self.module.kernels.push(kernel);
        Rows { kernel: id, each }
    }

    fn side(
        &mut self,
        id: ProjId,
        event: Event,
        changes: &[&Change],
        gathered: &mut Vec<VarId>,
    ) -> Lowered<Side> {
        let mut side = Side::default();
        let name = self.program.projections[id].name.clone();
        let word = if event == Event::Pre { "pre" } else { "post" };
        let (frame, cell) = self.synapse_frame(id, event);
        let axes = self.program.projections[id].axes.clone();
        let each = self.rows_each(&frame, cell);
        for c in changes.iter().filter(|c| c.of.is_some_and(|of| of != event)) {
            let into = gathered.iter().position(|v| *v == c.var).unwrap_or_else(|| {
                gathered.push(c.var);
                gathered.len() - 1
            });
            let negative = c.op == AssignOp::Sub;
            let own = match c.value.kind {
                ExprKind::Var(v)
                    if matches!(self.program.vars[v].domain, Domain::Synapses(q) if q == id)
                        && self.layout.lazy[v].is_none()
                        && matches!(self.program.vars[v].kind, VarKind::State { .. })
                        && self.program.precision == ir::Precision::Double =>
                {
                    Some(self.layout.vars[v].slot)
                }
                _ => None,
            };
            let (compute, from) = match own {
                Some(slot) => (None, slot),
                None => {
                    let w = self.program.projections[id].w;
                    let len = self.module.slots[self.layout.vars[w].slot].len;
                    let slot = self.temporary(&format!("{name} sends"), len);
                    let kernel = self.fresh(&format!("{name} sends on {word}"));
                    let b = KernelBuilder::by_row(kernel, self.row_domain(&frame));
                    let value = self.number(&b, &frame, &c.value)?;
                    b.store_to(value, self.place_in(&frame, slot, &axes, true)?, true);
                    (Some(self.finish_rows(b, each)), slot)
                }
            };
            side.gather.push(Gather { into, compute, from, negative });
        }
        let own: Vec<&Change> = changes.iter().copied().filter(|c| c.of.is_none()).collect();
        if !own.is_empty() {
            let kernel = self.fresh(&format!("{name} on {word}"));
            let b = KernelBuilder::by_row(kernel, self.row_domain(&frame));
            let mut results = Vec::new();
            for c in own {
                let old = self.before(&b, &frame, c.var, &axes, c.span)?;
                let new = self.applied(&b, &frame, old, &[c])?;
                results.push((c.var, self.bounded(&b, &frame, id, c.var, new)?));
            }
            for (var, value) in results {
                self.becomes(&b, &frame, var, &axes, value)?;
            }
            side.synapses = Some(self.finish_rows(b, each));
        }
        let cells: Vec<&Change> = changes.iter().copied().filter(|c| c.of == Some(event)).collect();
        if !cells.is_empty() {
            let (pre_axes, post_axes) = self.sides(id);
            let own = if event == Event::Pre { pre_axes } else { post_axes };
            let frame = Self::cells_frame(&own);
            let kernel = self.fresh(&format!("{name} cells on {word}"));
            let b = KernelBuilder::by_row(kernel, self.row_domain(&frame));
            let mut results = Vec::new();
            for c in cells {
                let old = self.before(&b, &frame, c.var, &own, c.span)?;
                let new = self.applied(&b, &frame, old, &[c])?;
                results.push((c.var, self.bounded(&b, &frame, id, c.var, new)?));
            }
            for (var, value) in results {
                self.becomes(&b, &frame, var, &own, value)?;
            }
            side.cell = Some(self.finish_rows(b, 1));
        }
        Ok(side)
    }

    /// How synapses change at spikes of one side where those of the other may arrive at the same instant. The pass of
    /// presynaptic spikes changes the synapses that both reach; that of postsynaptic ones leaves them.
    fn tied(
        &mut self,
        id: ProjId,
        event: Event,
        pre: &[&Change],
        post: &[&Change],
        hearer: &Hearer,
    ) -> Lowered<Rows> {
        let p = &self.program.projections[id];
        let (name, axes, ties) = (p.name.clone(), p.axes.clone(), p.ties);
        let word = if event == Event::Pre { "pre" } else { "post" };
        let (frame, cell) = self.synapse_frame(id, event);
        let each = self.rows_each(&frame, cell);
        let (pre_axes, post_axes) = self.sides(id);
        let kernel = self.fresh(&format!("{name} on {word}, tied"));
        let b = KernelBuilder::by_row(kernel, self.row_domain(&frame));
        let (flag, flag_axes) = match event {
            Event::Pre => (hearer.arrived_post, post_axes),
            Event::Post => (hearer.arrived_pre, pre_axes),
        };
        let flag = self.load(&b, &frame, flag, &flag_axes)?;
        let meets: Truth = b.not(b.eq(flag, b.num(0.0)));
        let own = if event == Event::Pre { pre } else { post };
        let mut vars: Vec<VarId> = Vec::new();
        for c in pre.iter().chain(post).filter(|c| c.of.is_none()) {
            if !vars.contains(&c.var) {
                vars.push(c.var);
            }
        }
        let of = |changes: &[&Change], var: VarId| -> Vec<Change> {
            changes.iter().filter(|c| c.var == var).map(|c| (*c).clone()).collect()
        };
        let span = self.program.projections[id].span;
        let mut results = Vec::new();
        for var in &vars {
            let old = self.before(&b, &frame, *var, &axes, span)?;
            let alone = of(own, *var);
            let alone: Vec<&Change> = alone.iter().collect();
            let alone = self.applied(&b, &frame, old, &alone)?;
            let alone = if own.iter().any(|c| c.var == *var) {
                self.bounded(&b, &frame, id, *var, alone)?
            } else {
                alone
            };
            let value = match event {
                Event::Post => b.select(meets, old, alone),
                Event::Pre => {
                    let met = match ties {
                        Ties::Half => {
                            let first = self.in_order(&b, &frame, id, pre, post, *var)?;
                            let second = self.in_order(&b, &frame, id, post, pre, *var)?;
                            b.mul(b.add(first, second), b.num(0.5))
                        }
                        _ => {
                            let all: Vec<Change> = of(pre, *var).into_iter().chain(of(post, *var)).collect();
                            let all: Vec<&Change> = all.iter().collect();
                            self.applied(&b, &frame, old, &all)?
                        }
                    };
                    let met = match ties {
                        // each order was bounded on its way
                        Ties::Half => met,
                        _ => self.bounded(&b, &frame, id, *var, met)?,
                    };
                    b.select(meets, met, alone)
                }
            };
            results.push((*var, value));
        }
        for (var, value) in results {
            self.becomes(&b, &frame, var, &axes, value)?;
        }
        Ok(self.finish_rows(b, each))
    }

    /// A synapse's variable after the changes of one side and then those of the other.
    fn in_order(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        id: ProjId,
        first: &[&Change],
        second: &[&Change],
        var: VarId,
    ) -> Lowered<Num> {
        let axes = self.program.projections[id].axes.clone();
        let (pre_axes, post_axes) = self.sides(id);
        let mut instead = Vec::new();
        for c in first.iter().filter(|c| !matches!(self.program.vars[c.var].domain, Domain::Cells(_))) {
            let own = match c.of {
                None => &axes,
                Some(Event::Pre) => &pre_axes,
                Some(Event::Post) => &post_axes,
            };
            let old = self.before(b, frame, c.var, own, c.span)?;
            let new = self.applied(b, frame, old, &[c])?;
            instead.push((c.var, self.bounded(b, frame, id, c.var, new)?));
        }
        let before = std::mem::replace(&mut self.instead, instead);
        let span = self.program.projections[id].span;
        let own: Vec<&Change> = second.iter().copied().filter(|c| c.var == var).collect();
        let value = self
            .before(b, frame, var, &axes, span)
            .and_then(|old| self.applied(b, frame, old, &own))
            .and_then(|new| self.bounded(b, frame, id, var, new));
        self.instead = before;
        value
    }

    /// The populations with spikes.
    pub fn emitters(&mut self) -> BuildResult<IndexVec<PopId, Option<Emitter>>> {
        let program = self.program;
        let mut all = IndexVec::new();
        for (_, p) in program.populations.iter_enumerated() {
            let Some(spiking) = &p.spiking else {
                all.push(None);
                continue;
            };
            let at = std::mem::replace(&mut self.at_event, true);
            let made = self.emitter(p, spiking);
            self.at_event = at;
            all.push(Some(made?));
        }
        Ok(all)
    }

    fn emitter(&mut self, p: &crate::hir::Population, spiking: &crate::hir::Spiking) -> BuildResult<Emitter> {
        let refractory = (spiking.refractory > 0)
            .then(|| self.module.slot(format!("{} refractory until", p.name), SlotKind::State, p.cells, 0.0));
        if let Some(slot) = refractory {
            let set = spiking.reset.iter().filter(|c| c.op == AssignOp::Set);
            self.refractory.extend(set.map(|c| (c.var, slot)));
        }
        let (mut crossing, mut rate) = (None, None);
        match &spiking.source {
            SpikeSource::When(condition) => {
                let slot = self.temporary(&format!("{} spikes", p.name), p.cells);
                self.take_tasks();
                self.checked = false;
                self.compute(&format!("{} spikes", p.name), condition, slot, &p.axes)?;
                self.checked = true;
                crossing = Some((work(self.take_tasks()), slot));
            }
            SpikeSource::Poisson(e) => {
                let slot = self.temporary(&format!("{} rate", p.name), p.cells);
                self.take_tasks();
                self.compute(&format!("{} rate", p.name), e, slot, &p.axes)?;
                rate = Some((work(self.take_tasks()), slot, !closed::known(self.program, e)));
            }
            SpikeSource::Timeline | SpikeSource::At { .. } => {}
        }
        let reset = if spiking.reset.is_empty() {
            None
        } else {
            let frame = Self::cells_frame(&p.axes);
            let name = self.fresh(&format!("{} reset", p.name));
            let b = KernelBuilder::by_row(name, self.row_domain(&frame));
            let made = self.reset(&b, &frame, p, spiking);
            made.map_err(|stop| match stop {
                Stop::Fault(fault) => fault,
                Stop::Unsupported => super::fault::beyond_kernels(&p.name, spiking.span),
            })?;
            Some(self.finish_rows(b, 1))
        };
        let tasks = self.take_tasks();
        self.event_tasks.extend(tasks);
        Ok(Emitter { count: self.layout.vars[spiking.count].slot, crossing, refractory, rate, reset })
    }

    fn reset(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        p: &crate::hir::Population,
        spiking: &crate::hir::Spiking,
    ) -> Lowered<()> {
        let mut results = Vec::new();
        for c in &spiking.reset {
            let old = self.before(b, frame, c.var, &p.axes, c.span)?;
            results.push((c.var, self.applied(b, frame, old, &[c])?));
        }
        for (var, value) in results {
            self.becomes(b, frame, var, &p.axes, value)?;
        }
        Ok(())
    }

    /// The projections that hear of spikes.
    pub fn hearers(&mut self) -> IndexVec<ProjId, Option<Hearer>> {
        let program = self.program;
        let mut all = IndexVec::new();
        for (id, p) in program.projections.iter_enumerated() {
            if p.handlers.is_empty() {
                all.push(None);
                continue;
            }
            let (rows, columns) = (program.populations[p.post].cells, program.populations[p.pre].cells);
            let reach = match (&p.connect, self.layout.patterns[id]) {
                (Connect::OneToOne, _) => Reach::One,
                (_, Some(pattern)) => Reach::Pattern(self.transpose(pattern)),
                _ => Reach::All { rows, columns },
            };
            let arrived_pre =
                self.module.slot(format!("{} arrived pre", p.name), SlotKind::Input, columns, 0.0);
            let arrived_post =
                self.module.slot(format!("{} arrived post", p.name), SlotKind::Input, rows, 0.0);
            let changes = |event: Event, across: bool| {
                let handlers = p.handlers.iter().filter(move |h| h.event == event);
                let mut of = handlers.flat_map(|h| &h.changes).map(|c| c.of);
                of.any(|of| of.is_some_and(|of| of != event) == across)
            };
            let (hears_pre, hears_post) = (changes(Event::Pre, false), changes(Event::Post, false));
            let gathers = changes(Event::Pre, true);
            all.push(Some(Hearer { reach, arrived_pre, arrived_post, hears_pre, hears_post, gathers }));
        }
        all
    }

    /// Computes what variables in closed form are now, of those that somebody reads.
    pub fn show_lazy(&mut self) -> BuildResult<()> {
        for id in self.program.vars.ids() {
            let Some(lazy) = self.layout.lazy[id].clone() else { continue };
            let var = &self.program.vars[id];
            let frame = self.frame_of(id);
            let name = self.fresh(&format!("{} now", var.name));
            let b = KernelBuilder::new(name, self.domain(&frame));
            let value = self.at_instant(&b, &frame, id, &lazy, &var.axes.clone());
            let value = self.certain(id, value)?;
            b.store_to(value, self.place(id, self.layout.vars[id].slot), true);
            self.run(b.finish());
        }
        Ok(())
    }
}

/// An expression with axes under other names.
fn renamed(e: &Expr, map: &[(AxisId, AxisId)]) -> Expr {
    let of = |a: &AxisId| map.iter().find(|(from, _)| from == a).map_or(*a, |(_, to)| *to);
    let axes: Axes = e.axes.iter().map(of).collect();
    let go = |e: &Expr| renamed(e, map);
    let boxed = |e: &Expr| Box::new(renamed(e, map));
    let kind = match &e.kind {
        ExprKind::Unary(op, a) => ExprKind::Unary(*op, boxed(a)),
        ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, boxed(a), boxed(b)),
        ExprKind::Call(f, args) => ExprKind::Call(*f, args.iter().map(go).collect()),
        ExprKind::If(c, a, b) => ExprKind::If(boxed(c), boxed(a), boxed(b)),
        other => other.clone(),
    };
    let axes = match &kind {
        ExprKind::Binary(_, a, b) => join_axes(&a.axes, &b.axes),
        _ => axes,
    };
    Expr { kind, axes, ty: e.ty, span: e.span }
}
