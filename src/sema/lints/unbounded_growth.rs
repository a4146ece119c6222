use super::reads;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind, Function, Owner, ProjId, ReduceOp, VarId, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, UnaryOp};
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// A weight that only activity moves, or that everything moves upwards: no decay, no threshold, no bound, no
    /// normalisation.
    pub(super) fn lint_unbounded_growth(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let p = self.program.projections[id].clone();
        let VarKind::State { equation: Some(e), .. } = &self.program.vars[p.w].kind else { return };
        let checked = p.bounds.iter().any(|b| b.var == p.w) || p.normalise.iter().any(|n| n.var == p.w);
        let outputs = [self.program.populations[p.pre].output, self.program.populations[p.post].output];
        let is_output = |v: VarId| Some(v) == p.x || outputs.contains(&Some(v));
        let (mut reads_more, mut reads_activity) = (false, false);
        crate::sema::visit(&e.value, &mut |e| match e.kind {
            ExprKind::Var(v) => {
                reads_more |= !is_output(v);
                reads_activity = true;
            }
            // a choice is a threshold
            ExprKind::If(..) => reads_more = true,
            _ => {}
        });
        // what answers against the output, `target - y`, holds itself, and so does inhibition that follows it
        let y = self.program.populations[p.post].output;
        let against =
            y.is_some_and(|y| if p.inhibitory { reads(&e.value, y) } else { subtracts(&e.value, y) });
        if checked || !reads_activity || against || (reads_more && self.may_fall(&e.value, &mut vec![p.w])) {
            return;
        }
        let d = Diagnostic::new(
            Code::W0604,
            e.span,
            format!("nothing holds the weights of `{}`", p.name),
            "no decay, no threshold",
        )
        .label(p.span, "no bounds, no normalisation")
        .note("a weight that drives the activity which raises it grows without end")
        .help("add `bounds w in [0, ...]` or `normalise sum(w over pre) = ...`, or a decay to the equation");
        let items = self.items_of(id);
        self.warn(&items, d, allowed);
    }

    /// Whether something in an expression can make it negative or smaller: a difference, a negative or unknown
    /// factor, a variable in a denominator or one that may itself be negative, a function that is not known to stay
    /// above zero. The signs of `known` variables are not in question: they are being looked at.
    pub(super) fn may_fall(&self, e: &Expr, known: &mut Vec<VarId>) -> bool {
        let mut falls = |e: &Expr| self.may_fall(e, known);
        match &e.kind {
            ExprKind::Number(v) => *v < 0.0,
            ExprKind::Param(id) => {
                let p = &self.program.params[*id];
                p.settable || p.value < 0.0
            }
            ExprKind::Var(id) => self.may_be_negative(*id, known),
            ExprKind::Unary(UnaryOp::Neg, _) | ExprKind::Binary(BinaryOp::Sub, ..) => true,
            ExprKind::Binary(BinaryOp::Add | BinaryOp::Mul, a, b) => falls(a) || falls(b),
            ExprKind::Binary(BinaryOp::Div, a, b) => {
                let mut varies = false;
                crate::sema::visit(b, &mut |e| varies |= matches!(e.kind, ExprKind::Var(_)));
                falls(a) || falls(b) || varies
            }
            ExprKind::Binary(BinaryOp::Pow, a, b) => falls(a) || falls(b),
            ExprKind::Call(Function::Relu | Function::Sqrt | Function::Max | Function::Min, args) => {
                args.iter().any(falls)
            }
            ExprKind::Reduce { op: ReduceOp::Sum | ReduceOp::Mean | ReduceOp::Max, args, .. } => {
                args.iter().any(falls)
            }
            _ => true,
        }
    }

    /// Outputs and drives count as activity, which is not negative. A state of the rule is judged by what drives it: what pulls it
    /// back to itself, a term with the state as a factor, decays.
    fn may_be_negative(&self, id: VarId, known: &mut Vec<VarId>) -> bool {
        let var = &self.program.vars[id];
        let activity = match var.owner {
            Owner::Population(p) => {
                self.program.populations[p].output == Some(id) || self.own_name(id) == "drive"
            }
            Owner::Projection(p) => {
                let p = &self.program.projections[p];
                p.x == Some(id) || p.drive == Some(id)
            }
        };
        if known.contains(&id) || activity {
            return false;
        }
        known.push(id);
        match &var.kind {
            VarKind::Instantaneous(e) => self.may_fall(e, known),
            VarKind::State { equation: Some(e), .. } => self.driven_down(&e.value, id, known),
            _ => false,
        }
    }

    fn driven_down(&self, e: &Expr, id: VarId, known: &mut Vec<VarId>) -> bool {
        match &e.kind {
            ExprKind::Binary(BinaryOp::Add, a, b) => {
                self.driven_down(a, id, known) || self.driven_down(b, id, known)
            }
            ExprKind::Binary(BinaryOp::Sub, a, b) => self.driven_down(a, id, known) || !reads(b, id),
            ExprKind::Unary(UnaryOp::Neg, a) => !reads(a, id),
            ExprKind::Binary(BinaryOp::Div | BinaryOp::Mul, a, _) if reads(a, id) => {
                self.driven_down(a, id, known)
            }
            _ if reads(e, id) => false,
            _ => self.may_fall(e, known),
        }
    }
}

/// Whether a variable stands behind a minus sign.
fn subtracts(e: &Expr, v: VarId) -> bool {
    let mut found = false;
    crate::sema::visit(e, &mut |node| match &node.kind {
        ExprKind::Binary(BinaryOp::Sub, _, b) => found |= reads(b, v),
        ExprKind::Unary(UnaryOp::Neg, a) => found |= reads(a, v),
        _ => {}
    });
    found
}
