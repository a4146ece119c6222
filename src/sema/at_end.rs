//! Results that read large states at the end of the run only to reduce them: what they reduce to is kept, not the state.
//!
//! `expect mean(ff.w) > 0` needs one number for each case, not all weights of all cases side by side.

use super::axes::AxisTable;
use crate::hir::{
    Axes, AxisId, Condition, Expr, ExprKind, Function, Probe, ProbeId, Program, ReduceOp, Results, Selector,
    Split, Statement, StatementId, StatementKind, Tolerance, VarId,
};
use crate::source::{Id, Span};
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
    text: &dyn Fn(Span) -> String,
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
    let mut change = Change { programs, kept: &large, cases, settable, text };
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
    let mut idle: Vec<ProbeId> = large.iter().map(|k| k.1).filter(|id| !read.contains(id)).collect();
    idle.sort_by_key(|id| std::cmp::Reverse(*id));
    for id in idle {
        remove(results, programs, id);
    }
}

/// Removes a probe that nothing reads; the last one takes its place.
fn remove(results: &mut Results, programs: &mut [Program], id: ProbeId) {
    let Some(last) = programs.first().and_then(|p| p.probes.ids().last()) else { return };
    for program in programs.iter_mut() {
        let mut probes: Vec<Probe> = std::mem::take(&mut program.probes).as_slice().to_vec();
        probes.swap_remove(Id::index(id));
        program.probes = probes.into_iter().collect();
        program.protocol.retain(|s| !matches!(s.kind, StatementKind::Probe { id: of, .. } if of == id));
        for statement in &mut program.protocol {
            renamed(statement, last, id);
        }
    }
    each_expr(results, &mut |e| renamed_in(e, last, id));
}

/// Lets a statement that captures one probe capture another. (Those made for states at the end stand last, and in no
/// block.)
fn renamed(statement: &mut Statement, from: ProbeId, to: ProbeId) {
    if let StatementKind::Probe { id, .. } = &mut statement.kind
        && *id == from
    {
        *id = to;
    }
}

/// Lets an expression read another probe.
fn renamed_in(e: &mut Expr, from: ProbeId, to: ProbeId) {
    each_part(e, &mut |part| renamed_in(part, from, to));
    if let ExprKind::Probe { id, .. } = &mut e.kind
        && *id == from
    {
        *id = to;
    }
}

/// Calls `f` with the expressions that one is made of.
pub(super) fn each_part(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    match &mut e.kind {
        ExprKind::Unary(_, a) | ExprKind::AtStart(a) => f(a),
        ExprKind::Binary(_, a, b) => [a, b].into_iter().for_each(|x| f(x)),
        ExprKind::Call(_, args) => args.iter_mut().for_each(f),
        ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|x| f(x)),
        ExprKind::Reduce { args, filter, .. } => {
            args.iter_mut().for_each(&mut *f);
            filter.iter_mut().for_each(|x| f(x));
        }
        ExprKind::Index { base, selections } => {
            f(base);
            for selection in selections {
                if let Selector::At(at) = &mut selection.selector {
                    f(at);
                }
            }
        }
        _ => {}
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
        for plotted in &mut plot.values {
            f(&mut plotted.value);
            plotted.error.iter_mut().for_each(&mut *f);
            plotted.control.iter_mut().for_each(&mut *f);
        }
        plot.versus.iter_mut().for_each(|v| f(&mut v.value));
        plot.marks.iter_mut().for_each(|m| f(&mut m.1));
        if let Some(Split::Value { value, .. }) = &mut plot.split {
            f(value);
        }
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
    /// What was written.
    text: &'c dyn Fn(Span) -> String,
}

impl Change<'_> {
    /// Replaces reductions in an expression by probes of them.
    fn expr(&mut self, e: &mut Expr) {
        let reduction = matches!(&e.kind, ExprKind::Reduce { .. });
        if reduction && self.moves(e) && self.reads_large(e) {
            self.probe(e);
            return;
        }
        each_part(e, &mut |part| self.expr(part));
    }

    fn reads_large(&self, e: &Expr) -> bool {
        let mut found = false;
        super::visit(e, &mut |node| {
            found |= matches!(node.kind, ExprKind::Probe { id, .. } if self.kept.iter().any(|k| k.1 == id));
        });
        found
    }

    /// Whether an expression has the same value when the run ends, in every case.
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
                let by_rows = matches!(
                    op,
                    ReduceOp::Sum
                        | ReduceOp::Mean
                        | ReduceOp::Std
                        | ReduceOp::Min
                        | ReduceOp::Max
                        | ReduceOp::Norm
                );
                by_rows && !varies(over) && args.iter().all(|a| self.moves(a))
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
            let last = program.protocol.iter().map(|s| s.id.0).max().unwrap_or(0);
            let text = format!("{} at the end", (self.text)(e.span));
            let taken = |name: &str| program.probes.iter().any(|p| p.name == name);
            let numbered = (2..).map(|n| format!("{text}, {n}"));
            let name = std::iter::once(text.clone()).chain(numbered).find(|n| !taken(n)).unwrap_or(text);
            let id = program.probes.push(Probe { name, axes: of_case.clone(), span: e.span, ..about });
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
    each_part(e, &mut |part| in_run(part, cases, state));
    if let ExprKind::Probe { id, .. } = &e.kind
        && let Some(var) = state(*id)
    {
        e.kind = ExprKind::Var(var);
    }
}
