//! Kernels of a cell's rows: over what they go, what they read and what they write.

use super::model::*;
use crate::contract::Ops;
use crate::hir::{AssignOp, Axes, AxisId, Change, Connect, Domain, Event, Expr, ExprKind, ProjId, VarId};
use crate::ir::build::context::{Context, Frame, When};
use crate::ir::build::layout::{elements, size};
use crate::ir::build::lower::{Lowered, Stop};
use crate::ir::{self, Access, Index, Kernel, KernelBuilder, Num, SlotId};

impl Context<'_> {
    /// The kernel's row of cells of these axes: a frame with one step along.
    pub(super) fn cells_frame(axes: &[AxisId]) -> Frame {
        Frame::Dense { axes: axes.to_vec(), reduced: 0, unit: true }
    }

    pub(super) fn row_domain(&self, frame: &Frame) -> ir::Domain {
        match frame {
            Frame::Dense { axes, unit, .. } => {
                let dims = axes.iter().map(|a| size(self.axes, *a)).chain(unit.then_some(1));
                ir::Domain::Dense { dims: dims.collect(), reduced: 0 }
            }
            Frame::Sparse { pattern, .. } => ir::Domain::Sparse { pattern: *pattern, reduced: false },
        }
    }

    /// How many rows of a frame belong to a cell, whose axes come first.
    pub(super) fn rows_each(&self, frame: &Frame, cell: usize) -> usize {
        match frame {
            Frame::Dense { axes, unit, .. } => {
                let along = if *unit { 0 } else { 1 };
                let end = axes.len().saturating_sub(along).max(cell);
                elements(self.axes, &axes[cell.min(axes.len())..end.min(axes.len())])
            }
            Frame::Sparse { .. } => 1,
        }
    }

    pub(super) fn sides(&self, p: ProjId) -> (Axes, Axes) {
        let p = &self.program.projections[p];
        match p.connect {
            Connect::OneToOne => (p.axes.clone(), p.axes.clone()),
            _ => (p.axes[p.post_axes..].to_vec(), p.axes[..p.post_axes].to_vec()),
        }
    }

    /// The synapses of one cell after the other; and how many axes the cell has.
    pub(super) fn synapse_frame(&mut self, id: ProjId, event: Event) -> (Frame, usize) {
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
    pub(super) fn place_in(
        &self,
        frame: &Frame,
        slot: SlotId,
        axes: &[AxisId],
        synapses: bool,
    ) -> Lowered<Access> {
        if synapses && matches!(frame, Frame::Sparse { .. }) {
            return Ok(Access { slot, base: 0, index: Index::Element });
        }
        let strides = self.frame_strides(frame, axes, &self.strides(axes)).ok_or(Stop::Unsupported)?;
        Ok(Access { slot, base: 0, index: Index::Strides(strides) })
    }

    /// The present value of a variable that an event changes.
    pub(super) fn before(
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
    pub(super) fn becomes(
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

    pub(super) fn bounded(
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
            let when = std::mem::replace(&mut self.when, When::Normalised);
            let clamped = self.clamped(b, frame, value, &bounds.lo, &bounds.hi);
            self.when = when;
            value = clamped?;
        }
        Ok(value)
    }

    /// Applies changes to values in the order in which they act when they meet.
    pub(super) fn applied(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        old: Num,
        changes: &[&Change],
    ) -> Lowered<Num> {
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

    pub(super) fn finish_rows(&mut self, b: KernelBuilder, each: usize) -> Rows {
        let kernel: Kernel = b.finish();
        let id = self.module.kernels.push(kernel);
        Rows { kernel: id, each }
    }

    /// Changes variables of these axes, all from the values before any of them, within a projection's bounds.
    pub(super) fn change(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        axes: &[AxisId],
        changes: &[&Change],
        bounds: Option<ProjId>,
    ) -> Lowered<()> {
        let mut results = Vec::new();
        for c in changes {
            let old = self.before(b, frame, c.var, axes, c.span)?;
            let new = self.applied(b, frame, old, &[c])?;
            let new = match bounds {
                Some(id) => self.bounded(b, frame, id, c.var, new)?,
                None => new,
            };
            results.push((c.var, new));
        }
        for (var, value) in results {
            self.becomes(b, frame, var, axes, value)?;
        }
        Ok(())
    }
}
