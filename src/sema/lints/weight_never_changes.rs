use crate::diag::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind, ProjId, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, UnaryOp};
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// A rule whose weight has no equation, or one that is zero.
    pub(super) fn lint_weight_never_changes(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let p = self.program.projections[id].clone();
        let Some(rule) = &p.rule else { return };
        let VarKind::State { equation, .. } = &self.program.vars[p.w].kind else { return };
        let never = match equation {
            None => {
                // a rule that changes something else at spikes, as short-term plasticity does, is at work
                let at_events = p.handlers.iter().any(|h| !h.changes.is_empty());
                !at_events && p.normalise.iter().all(|n| n.var != p.w)
            }
            Some(e) => is_zero(&e.value),
        };
        if !never {
            return;
        }
        let (span, label) = match equation {
            Some(e) => (e.span, "a change of zero".to_owned()),
            None => {
                let head = self.items.get(&rule.name).map_or(p.span, crate::sema::items::head);
                (head, format!("`{}` says nothing of `w`", rule.name))
            }
        };
        let d =
            Diagnostic::new(Code::W0602, span, format!("the weight of `{}` can never change", p.name), label)
                .help(
                    "add an equation `dw/dt = ...` or `dw = ...` to the rule, or make the projection `fixed`",
                );
        let items = self.items_of(id);
        self.warn(&items, d, allowed);
    }
}

/// Whether an expression is zero as it is written. (A parameter that is zero is one that may be set.)
fn is_zero(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(v) => *v == 0.0,
        ExprKind::Unary(UnaryOp::Neg, a) | ExprKind::Binary(BinaryOp::Div, a, _) => is_zero(a),
        ExprKind::Binary(BinaryOp::Mul, a, b) => is_zero(a) || is_zero(b),
        ExprKind::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => is_zero(a) && is_zero(b),
        _ => false,
    }
}
