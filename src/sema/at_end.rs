//! Results that read large states at the end of the run only to reduce them: what they reduce to is kept, not the state.
//!
//! `expect mean(ff.w) > 0` needs one number for each case, not all weights of all cases side by side.

use super::axes::AxisTable;
use crate::hir::{
    Axes, AxisId, Condition, Expr, ExprKind, Function, Probe, ProbeId, Program, ReduceOp, Results, Selector,
    Statement, StatementId, StatementKind, Tolerance, VarId,
};
use crate::syntax::ast::{BinaryOp, UnaryOp};
use std::collections::HashSet;

/// States up to this many elements are kept whole.
const LARGE: usize = 1 << 16;

/// A state that a result reads at the end: the probe that keeps it, and what it is called.
pub(super) type Kept = (String, ProbeId);

/// Lets reductions of large states be taken when the run ends.
pub(super) fn reduce_at_end(
    results: &mut Results,
    programs: &mut [Program],
    kept: &[Kept],
    axes: &AxisTable,
    cases: &[AxisId],
) {
    let Some(first) = programs.first() else { return };
    let size = |probe: &Probe| probe.axes.iter().map(|a| axes.size(*a)).product::<usize>();
    let large: Vec<Kept> = kept
        .iter()
        .filter(|(_, id)| first.probes.get(*id).is_some_and(|p| size(p) > LARGE))
        .cloned()
        .collect();
    if large.is_empty() {
        return;
    }
    let settable = first.params.iter().map(|p| p.settable).collect::<Vec<_>>();
    let mut change = Change { programs, kept: &large, cases, settable };
    each_expr(results, &mut |e| change.expr(e));
    let mut read = HashSet::new();
    each_expr(results, &mut |e| {
        super::visit(e, &mut |node| {
            if let ExprKind::Probe { id, .. } = node.kind {
                read.insert(id);
            }
        });
    });
    // what nobody reads as a whole any more is not kept
    for (_, id) in large.iter().filter(|(_, id)| !read.contains(id)) {
        for program in programs.iter_mut() {
            program.probes[*id].axes = Axes::new();
            program.protocol.retain(|s| !matches!(s.kind, StatementKind::Probe { id: of, .. } if of == *id));
        }
    }
}

/// Calls `f` with every expression of the results.
fn each_expr(results: &mut Results, f: &mut dyn FnMut(&mut Expr)) {
    fn condition(c: &mut Condition, f: &mut dyn FnMut(&mut Expr)) {
        match c {
            Condition::Compare { left, right, tolerance, .. } => {
                f(left);
                f(right);
                if let Some(Tolerance::Absolute(t) | Tolerance::Relative(t)) = tolerance {
                    f(t);
                }
            }
            Condition::Between { value, lo, hi, .. } => [value, lo, hi].into_iter().for_each(f),
            Condition::All(parts) => parts.iter_mut().for_each(|p| condition(p, f)),
            Condition::Truth(e) => f(e),
        }
    }
    for expect in &mut results.expects {
        condition(&mut expect.condition, f);
    }
    for plot in &mut results.plots {
        for (_, value, error, ..) in &mut plot.values {
            f(value);
            error.iter_mut().for_each(&mut *f);
        }
        plot.versus.iter_mut().for_each(|v| f(&mut v.1));
        plot.controls.iter_mut().for_each(&mut *f);
    }
    for image in &mut results.images {
        f(&mut image.value);
    }
}

struct Change<'c> {
    programs: &'c mut [Program],
    kept: &'c [Kept],
    cases: &'c [AxisId],
    /// For each parameter whether the protocol sets it.
    settable: Vec<bool>,
}

impl Change<'_> {
    /// Replaces reductions in an expression by probes of them.
    fn expr(&mut self, e: &mut Expr) {
        let reduction = matches!(&e.kind, ExprKind::Reduce { .. });
        if reduction && self.moves(e) && self.reads_large(e) {
            self.probe(e);
            return;
        }
        match &mut e.kind {
            ExprKind::Unary(_, a) | ExprKind::AtStart(a) => self.expr(a),
            ExprKind::Binary(_, a, b) => [a, b].into_iter().for_each(|x| self.expr(x)),
            ExprKind::Call(_, args) => args.iter_mut().for_each(|x| self.expr(x)),
            ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|x| self.expr(x)),
            ExprKind::Reduce { args, filter, .. } => {
                args.iter_mut().for_each(|x| self.expr(x));
                filter.iter_mut().for_each(|x| self.expr(x));
            }
            ExprKind::Index { base, .. } => self.expr(base),
            _ => {}
        }
    }

    fn reads_large(&self, e: &Expr) -> bool {
        let mut found = false;
        super::visit(e, &mut |node| {
            found |= matches!(node.kind, ExprKind::Probe { id, .. } if self.kept.iter().any(|k| k.1 == id));
        });
        found
    }

    /// Whether an expression has the same value when the run ends, in every case, and is finite where the state is.
    fn moves(&self, e: &Expr) -> bool {
        let varies = |axes: &[AxisId]| axes.iter().any(|a| self.cases.contains(a));
        match &e.kind {
            ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Flat(_) => true,
            ExprKind::Coord(axis) => !self.cases.contains(axis),
            ExprKind::Const(_) => !varies(&e.axes),
            ExprKind::Param(id) => {
                !varies(&e.axes) && self.settable.get(crate::source::Id::index(*id)) == Some(&false)
            }
            ExprKind::Probe { id, control } => !control && self.kept.iter().any(|k| k.1 == *id),
            ExprKind::Unary(UnaryOp::Neg, a) => self.moves(a),
            ExprKind::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, a, b) => {
                self.moves(a) && self.moves(b)
            }
            ExprKind::Call(
                Function::Abs | Function::Relu | Function::Min | Function::Max | Function::Clip,
                args,
            ) => args.iter().all(|a| self.moves(a)),
            ExprKind::Reduce { op, args, over, filter: None } => {
                let finite = matches!(
                    op,
                    ReduceOp::Sum
                        | ReduceOp::Mean
                        | ReduceOp::Std
                        | ReduceOp::Min
                        | ReduceOp::Max
                        | ReduceOp::Norm
                );
                finite && !varies(over) && args.iter().all(|a| self.moves(a))
            }
            ExprKind::Index { base, selections } => {
                let fixed = |s: &Selector| match s {
                    Selector::At(at) => matches!(at.kind, ExprKind::Number(_)),
                    Selector::First | Selector::Last | Selector::Slice { .. } => true,
                    Selector::Between { .. } | Selector::AtTime(_) => false,
                };
                self.moves(base) && selections.iter().all(|s| !varies(&s.axes) && fixed(&s.selector))
            }
            _ => false,
        }
    }

    /// Makes a probe of an expression when the run ends, and the expression one that reads it.
    fn probe(&mut self, e: &mut Expr) {
        let of_case: Axes = e.axes.iter().filter(|a| !self.cases.contains(a)).copied().collect();
        let mut made = None;
        for program in self.programs.iter_mut() {
            let mut value = e.clone();
            let mut about = None;
            in_run(&mut value, self.cases, &mut |id| {
                about = about.or(Some(id));
                let name = self.kept.iter().find(|k| k.1 == id).map(|k| k.0.as_str());
                program.vars.iter_enumerated().find(|(_, v)| Some(v.name.as_str()) == name).map(|v| v.0)
            });
            let Some(about) = about.and_then(|id| program.probes.get(id)).cloned() else { return };
            let name = format!("{}, part {}", about.name, program.probes.len());
            let id = program.probes.push(Probe { name, axes: of_case.clone(), span: e.span, ..about });
            let last = program.protocol.iter().map(|s| s.id.0).max().unwrap_or(0);
            program.protocol.push(Statement {
                id: StatementId(last + 1),
                kind: StatementKind::Probe { id, locals: Vec::new(), value },
                span: e.span,
            });
            made = Some(id);
        }
        if let Some(id) = made {
            e.axes = self.cases.iter().copied().chain(of_case).collect();
            e.kind = ExprKind::Probe { id, control: false };
        }
    }
}

/// An expression of results as one of the run: states for the probes that keep them, no axes of cases.
fn in_run(e: &mut Expr, cases: &[AxisId], state: &mut dyn FnMut(ProbeId) -> Option<VarId>) {
    e.axes.retain(|a| !cases.contains(a));
    match &mut e.kind {
        ExprKind::Probe { id, .. } => {
            if let Some(var) = state(*id) {
                e.kind = ExprKind::Var(var);
            }
        }
        ExprKind::Unary(_, a) => in_run(a, cases, state),
        ExprKind::Binary(_, a, b) => [a, b].into_iter().for_each(|x| in_run(x, cases, state)),
        ExprKind::Call(_, args) | ExprKind::Reduce { args, .. } => {
            args.iter_mut().for_each(|x| in_run(x, cases, state));
        }
        ExprKind::Index { base, .. } => in_run(base, cases, state),
        _ => {}
    }
}
