//! What spikes do at synapses, alone and where those of both sides meet.

use super::model::*;
use crate::contract::Ops;
use crate::hir::{AssignOp, Change, Connect, Domain, Event, ExprKind, ProjId, Ties, VarId, VarKind};
use crate::ir::build::context::{Context, Frame};
use crate::ir::build::fault::{self, BuildResult};
use crate::ir::build::lower::{Lowered, Stop};
use crate::ir::{self, KernelBuilder, Num, SlotKind, Truth};
use crate::source::IndexVec;

impl Context<'_> {
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
            Stop::Unsupported => fault::beyond_kernels(&p.name, span),
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
            self.change(&b, &frame, &axes, &own, Some(id))?;
            side.synapses = Some(self.finish_rows(b, each));
        }
        let cells: Vec<&Change> = changes.iter().copied().filter(|c| c.of == Some(event)).collect();
        if !cells.is_empty() {
            let (pre_axes, post_axes) = self.sides(id);
            let own = if event == Event::Pre { pre_axes } else { post_axes };
            let frame = Self::cells_frame(&own);
            let kernel = self.fresh(&format!("{name} cells on {word}"));
            let b = KernelBuilder::by_row(kernel, self.row_domain(&frame));
            self.change(&b, &frame, &own, &cells, Some(id))?;
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
}
