use crate::diag::{Code, Diagnostic};
use crate::hir::{ExprKind, ProjId, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// A rule whose weight has no equation, or one that is zero.
    pub(super) fn lint_weight_never_changes(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let p = self.program.projections[id].clone();
        let Some(rule) = &p.rule else { return };
        let VarKind::State { equation, .. } = &self.program.vars[p.w].kind else { return };
        let never = match equation {
            None => p.normalise.iter().all(|n| n.var != p.w),
            Some(e) => e.value.kind == ExprKind::Number(0.0),
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
