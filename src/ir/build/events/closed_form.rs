//! Variables in closed form: their course since their last event, read where somebody asks.

use crate::contract::Ops;
use crate::hir::{Axes, AxisId, Expr, ExprKind, VarId, VarKind};
use crate::ir::build::closed::{self, Coefficients, WhyTicks};
use crate::ir::build::context::{Context, Frame};
use crate::ir::build::expr::join_axes;
use crate::ir::build::fault::BuildResult;
use crate::ir::build::layout::Lazy;
use crate::ir::build::live;
use crate::ir::build::lower::{Lowered, Stop};
use crate::ir::{self, KernelBuilder, Num, SlotKind};

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
        let own = self.number(b, frame, &course.own)?;
        let factor = course.factor.as_ref().map(|f| self.number(b, frame, f)).transpose()?;
        let rest = course.rest.as_ref().map(|r| self.number(b, frame, r)).transpose()?;
        Ok(closed::after(b, self.program.tick, ticks, stored, Coefficients { own, rest, factor }))
    }

    fn wide_number(&self, b: &KernelBuilder, number: Num) -> Num {
        if self.wide && self.program.precision == ir::Precision::Single { b.widen(number) } else { number }
    }

    /// The expression that an instantaneous variable stands for, along these axes, if it can stand in its place.
    pub fn put_in(&mut self, id: VarId, axes: &[AxisId]) -> Option<Expr> {
        let var = &self.program.vars[id];
        let VarKind::Instantaneous(value) = &var.kind else { return None };
        let taught = self.timeline.teaches.iter().any(|t| t.var == id);
        if taught || !live::can_stand_in(value) {
            self.events_observe = true;
            return None;
        }
        let map: Vec<(AxisId, AxisId)> = var.axes.iter().copied().zip(axes.iter().copied()).collect();
        Some(renamed(value, &map))
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
