use super::reads;
use crate::diag::{Code, Diagnostic};
use crate::hir::{ExprKind, ProjId, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// A weight that only activity moves: no decay, no state of the rule, no bound, no normalisation.
    pub(super) fn lint_unbounded_growth(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let p = self.program.projections[id].clone();
        let VarKind::State { equation: Some(e), .. } = &self.program.vars[p.w].kind else { return };
        let checked = p.bounds.iter().any(|b| b.var == p.w) || p.normalise.iter().any(|n| n.var == p.w);
        let mut own_state = reads(&e.value, p.w);
        let mut reads_activity = false;
        crate::sema::visit(&e.value, &mut |e| {
            if let ExprKind::Var(v) = e.kind {
                own_state |= p.vars.contains(&v) && v != p.x;
                reads_activity = true;
            }
        });
        if checked || own_state || !reads_activity {
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
}
