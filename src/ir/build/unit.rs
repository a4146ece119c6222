//! What changes the states: one unit per variable of cells, one per projection for those of its synapses, one per
//! group of variables that are stepped by stages.

use super::canonical::{Advance, SynapseForm, Term, advance};
use super::context::{Context, Frame, When};
use super::expr::{number, variable};
use super::fault::{BuildResult, internal};
use super::lower::{Lowered, Stop};
use crate::contract::Ops;
use crate::hir::{AssignOp, Bounds, Domain, Expr, ExprKind, ProjId, VarId, VarKind};
use crate::ir::timeline::TeachId;
use crate::ir::{Access, Commit, Index, KernelBuilder, Num, SlotId, SlotKind};

impl Context<'_> {
    /// The form of a state's equation; `None` without one.
    pub fn advance(&self, var: VarId) -> Option<Advance> {
        match &self.program.vars[var].kind {
            VarKind::State { equation: Some(equation), .. } => Some(advance(self.program, var, equation).0),
            _ => None,
        }
    }

    /// The loops over a variable's elements.
    pub fn frame_of(&self, var: VarId) -> Frame {
        let v = &self.program.vars[var];
        match (v.domain, self.layout.vars[var].pattern) {
            (Domain::Synapses(p), Some(pattern)) => self.sparse(p, pattern),
            _ => Frame::dense(&v.axes),
        }
    }

    fn sparse(&self, projection: ProjId, pattern: crate::ir::PatternId) -> Frame {
        let p = &self.program.projections[projection];
        let (rows, columns) = p.axes.split_at(p.post_axes.min(p.axes.len()));
        let (rows, columns) = (rows.to_vec(), columns.to_vec());
        Frame::Sparse { projection, pattern, rows, columns, reduced: false }
    }

    /// An array like a variable's.
    pub fn like(&mut self, var: VarId, suffix: &str, kind: SlotKind) -> SlotId {
        let len = self.module.slots[self.layout.vars[var].slot].len;
        let name = self.fresh(&format!("{} {suffix}", self.program.vars[var].name));
        let slot = self.module.slot(name, kind, len, 0.0);
        self.same_precision(slot, self.layout.vars[var].slot);
        slot
    }

    /// The place of an element in an array like a variable's, in that variable's frame.
    pub fn place(&self, var: VarId, slot: SlotId) -> Access {
        let index = match self.layout.vars[var].pattern {
            Some(_) => Index::Element,
            None => Index::Strides(self.strides(&self.program.vars[var].axes)),
        };
        Access { slot, base: 0, index }
    }

    pub fn element(&self, b: &KernelBuilder, var: VarId, slot: SlotId) -> Num {
        match self.layout.vars[var].pattern {
            Some(_) => b.load_element(slot),
            None => b.load(slot, 0, &self.strides(&self.program.vars[var].axes)),
        }
    }

    /// Steps one variable of cells into an array for its next value.
    pub fn cell_unit(&mut self, var: VarId, into: SlotId) -> BuildResult<()> {
        let Some(form) = self.advance(var) else { return Ok(()) };
        let frame = self.frame_of(var);
        let name = self.fresh(&format!("{} advances", self.program.vars[var].name));
        let b = KernelBuilder::new(name, self.domain(&frame));
        let next = self.next(&b, &frame, var, &form);
        let next = self.certain(var, next)?;
        let next = self.unless_refractory(&b, var, next);
        let to = self.place(var, into);
        b.store_to(next, to, true);
        self.run(b.finish());
        Ok(())
    }

    /// The next value of a variable, or the present one while its cell is refractory and holds it.
    fn unless_refractory(&self, b: &KernelBuilder, var: VarId, next: Num) -> Num {
        let Some((_, until)) = self.refractory.iter().find(|(v, _)| *v == var) else { return next };
        let until = self.element(b, var, *until);
        let held = b.lt(b.load_scalar(self.run_ticks, 0), until);
        b.select(held, self.element(b, var, self.layout.vars[var].slot), next)
    }

    /// Holds a variable that was stepped by stages, where its cell is refractory.
    pub fn hold_refractory(&mut self, var: VarId, next: SlotId) {
        if !self.refractory.iter().any(|(v, _)| *v == var) {
            return;
        }
        let frame = self.frame_of(var);
        let name = self.fresh(&format!("{} held", self.program.vars[var].name));
        let b = KernelBuilder::new(name, self.domain(&frame));
        let stepped = self.element(&b, var, next);
        let value = self.unless_refractory(&b, var, stepped);
        b.store_to(value, self.place(var, next), true);
        self.run(b.finish());
    }

    /// Steps variables of a projection's synapses, all in one pass and in place (or into other arrays).
    pub fn synapse_unit(&mut self, vars: &[(VarId, SlotId)], clamp: &[&Bounds]) -> BuildResult<()> {
        let Some((first, _)) = vars.first() else { return Ok(()) };
        let frame = self.frame_of(*first);
        let names: Vec<&str> = vars.iter().map(|v| self.program.vars[v.0].name.as_str()).collect();
        let verb = if names.len() == 1 { "advances" } else { "advance" };
        let name = self.fresh(&format!("{} {verb}", names.join(", ")));
        let b = KernelBuilder::new(name, self.domain(&frame));
        let mut results = Vec::new();
        for (var, into) in vars {
            let Some(form) = self.advance(*var) else { continue };
            self.when = When::Begun;
            let mut next = self.next(&b, &frame, *var, &form);
            self.when = When::Normalised;
            for bounds in clamp.iter().filter(|c| c.var == *var) {
                next = next.and_then(|value| self.clamped(&b, &frame, value, &bounds.lo, &bounds.hi));
            }
            results.push((self.certain(*var, next)?, self.place(*var, *into)));
        }
        for (value, to) in results {
            b.store_to(value, to, true);
        }
        self.run(b.finish());
        Ok(())
    }

    pub fn clamped(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        v: Num,
        lo: &Expr,
        hi: &Expr,
    ) -> Lowered<Num> {
        let lo = self.number(b, frame, lo)?;
        let hi = self.number(b, frame, hi)?;
        Ok(b.clamp(v, lo, hi))
    }

    /// A value that must be found: what kernels cannot compute is evaluated beforehand, so it always is.
    pub fn certain(&self, var: VarId, value: Lowered<Num>) -> BuildResult<Num> {
        value.map_err(|stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::Unsupported => {
                let v = &self.program.vars[var];
                Box::new(internal(v.span, &format!("no kernel for `{}`", v.name)))
            }
        })
    }

    /// The next value of a variable, in its canonical form.
    fn next(&mut self, b: &KernelBuilder, frame: &Frame, var: VarId, form: &Advance) -> Lowered<Num> {
        let v = self.element(b, var, self.layout.vars[var].slot);
        match form {
            Advance::Euler { h, value } => {
                let h = self.number(b, frame, h)?;
                let value = self.number(b, frame, value)?;
                Ok(b.fma(h, value, v))
            }
            Advance::Increment { value } => {
                let value = self.number(b, frame, value)?;
                Ok(b.add(v, value))
            }
            Advance::Exponential { decay, gain, rest } => {
                let decay = self.number(b, frame, decay)?;
                match rest {
                    None => Ok(b.mul(decay, v)),
                    Some(rest) => {
                        let gain = self.number(b, frame, gain)?;
                        let rest = self.number(b, frame, rest)?;
                        Ok(b.fma(decay, v, b.mul(gain, rest)))
                    }
                }
            }
            Advance::Synapse(form) => self.next_of_synapse(b, frame, v, form),
            Advance::Stages { .. } => Err(Stop::Unsupported),
        }
    }

    fn next_of_synapse(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        w: Num,
        form: &SynapseForm,
    ) -> Lowered<Num> {
        let mut result = match &form.linear {
            Some(linear) => {
                let l = self.number(b, frame, linear)?;
                b.fma(l, w, w)
            }
            None => w,
        };
        for Term { row, rest } in &form.terms {
            let row = row.as_ref().map(|row| self.number(b, frame, row)).transpose()?;
            let rest = rest.as_ref().map(|rest| self.number(b, frame, rest)).transpose()?;
            result = match (row, rest) {
                (Some(a), Some(q)) => b.fma(a, q, result),
                (Some(a), None) => b.add(result, a),
                (None, Some(q)) => b.add(result, q),
                (None, None) => result,
            };
        }
        Ok(result)
    }

    /// A normalisation of a variable, in place.
    pub fn normalise(&mut self, n: &crate::hir::Normalise) -> BuildResult<()> {
        use crate::hir::{NormaliseFunction as F, NormaliseMode as Mode, ReduceOp, Ty};
        let v = variable(self.program, n.var, n.span);
        let op = match n.function {
            F::Sum => ReduceOp::Sum,
            F::Mean => ReduceOp::Mean,
            F::Norm => ReduceOp::Norm,
        };
        let reduce = |op: ReduceOp, arg: Expr| {
            let axes = arg.axes.iter().copied().filter(|a| !n.over.contains(a)).collect();
            let kind = ExprKind::Reduce { op, args: vec![arg], over: n.over.clone(), filter: None };
            Expr { kind, axes, ty: Ty::Number, span: n.span }
        };
        let quantity = reduce(op, v.clone());
        let change = match n.mode {
            Mode::Multiplicative => super::expr::div(n.target.clone(), quantity),
            Mode::Subtractive => {
                let off = super::expr::sub(quantity, n.target.clone());
                match n.function {
                    F::Sum => {
                        // how many there are: counted among those that exist
                        let zero = super::expr::mul(number(0.0, n.span), v);
                        let mut one = super::expr::equals(zero.clone(), zero);
                        one.ty = Ty::Bool;
                        super::expr::div(off, reduce(ReduceOp::Count, one))
                    }
                    _ => off,
                }
            }
        };
        let frame = self.frame_of(n.var);
        let name = self.fresh(&format!("{} normalised", self.program.vars[n.var].name));
        let b = KernelBuilder::new(name, self.domain(&frame));
        let change = self.number(&b, &frame, &change);
        let change = self.certain(n.var, change)?;
        let state = self.layout.vars[n.var].slot;
        let w = self.element(&b, n.var, state);
        let next = match n.mode {
            Mode::Multiplicative => b.mul(w, change),
            Mode::Subtractive => b.sub(w, change),
        };
        b.store_to(next, self.place(n.var, state), true);
        self.run(b.finish());
        Ok(())
    }

    /// Bounds of a variable, in place.
    pub fn bound(&mut self, bounds: &Bounds) -> BuildResult<()> {
        let frame = self.frame_of(bounds.var);
        let name = self.fresh(&format!("{} bounded", self.program.vars[bounds.var].name));
        let b = KernelBuilder::new(name, self.domain(&frame));
        let state = self.layout.vars[bounds.var].slot;
        let w = self.element(&b, bounds.var, state);
        let next = self.clamped(&b, &frame, w, &bounds.lo, &bounds.hi);
        let next = self.certain(bounds.var, next)?;
        b.store_to(next, self.place(bounds.var, state), true);
        self.run(b.finish());
        Ok(())
    }

    /// The instantaneous variables that somebody reads, in order, taught.
    pub fn observe(&mut self, teaches: &[TeachId]) -> BuildResult<()> {
        for (var, raw) in self.raw.clone() {
            let v = &self.program.vars[var];
            let (frame, name) = (Frame::dense(&v.axes), self.fresh(&format!("{} taught", v.name)));
            let b = KernelBuilder::new(name, self.domain(&frame));
            let value = self.element(&b, var, raw);
            self.taught(b, &frame, var, value, teaches)?;
        }
        let program = self.program;
        for var in program.instantaneous.iter().filter(|v| self.live[**v]).copied().collect::<Vec<_>>() {
            let v = &program.vars[var];
            let VarKind::Instantaneous(value) = &v.kind else { continue };
            let storage = self.layout.vars[var];
            if storage.pattern.is_none() && !teaches.iter().any(|t| self.timeline.teaches[*t].var == var) {
                self.compute(&v.name, value, storage.slot, &v.axes)?;
                continue;
            }
            let (frame, name) = (self.frame_of(var), self.fresh(&v.name));
            let b = KernelBuilder::new(name, self.domain(&frame));
            let value = self.number(&b, &frame, value);
            let value = self.certain(var, value)?;
            self.taught(b, &frame, var, value, teaches)?;
        }
        Ok(())
    }

    /// Finishes a kernel that computes an output: teaching is applied, outermost first.
    fn taught(
        &mut self,
        b: KernelBuilder,
        frame: &Frame,
        var: VarId,
        mut value: Num,
        teaches: &[TeachId],
    ) -> BuildResult<()> {
        let timeline = self.timeline;
        for id in teaches.iter().filter(|t| timeline.teaches[**t].var == var) {
            let teach = &timeline.teaches[*id];
            let by = self.number(&b, frame, &teach.value);
            let by = self.certain(var, by)?;
            let new = match teach.op {
                AssignOp::Set => by,
                AssignOp::Add => b.add(value, by),
                AssignOp::Sub => b.sub(value, by),
                AssignOp::Mul => b.mul(value, by),
                AssignOp::Div => b.div(value, by),
            };
            value = if teach.in_track {
                let flag = b.load_scalar(self.locals[timeline.flags[*id]].0, 0);
                b.select(b.eq(flag, b.num(0.0)), value, new)
            } else {
                new
            };
        }
        b.store_to(value, self.place(var, self.layout.vars[var].slot), true);
        self.run(b.finish());
        Ok(())
    }

    /// A next value that becomes the state.
    pub fn commit(&self, var: VarId, from: SlotId) -> Commit {
        Commit { from, to: self.layout.vars[var].slot, swap: true }
    }
}
