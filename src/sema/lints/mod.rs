//! Warnings: what runs, but may silently be wrong. One file per warning.

mod allows;
mod coarse_spikes;
mod crossed_data;
mod decay_lost;
mod hears_nothing;
mod idle_teaching;
mod index_as_factor;
mod joins_nothing;
mod stale_accumulator;
mod tick_too_large;
mod unbounded_growth;
mod unused;
mod weight_never_changes;

use super::checker::Checker;
use crate::diag::Diagnostic;
use crate::hir::{Expr, ExprKind, ProjId, VarId};
use crate::source::Span;
use crate::syntax::ast;
use std::collections::HashSet;

/// Whether an expression reads a variable.
fn reads(e: &Expr, var: VarId) -> bool {
    let mut found = false;
    super::visit(e, &mut |e| found |= e.kind == ExprKind::Var(var));
    found
}

impl<'a> Checker<'a, '_> {
    /// All warnings about one program.
    pub(super) fn lint_program(&mut self, allowed: &mut HashSet<Span>) {
        for id in self.program.projections.ids() {
            self.lint_stale_accumulator(id, allowed);
            self.lint_weight_never_changes(id, allowed);
            self.lint_unbounded_growth(id, allowed);
            self.lint_index_as_factor(id, allowed);
            self.lint_joins_nothing(id, allowed);
        }
        for (id, d) in std::mem::take(&mut self.program.mixed) {
            let items = self.items_of(id);
            self.warn(&items, d, allowed);
        }
        self.lint_hears_nothing(allowed);
        self.lint_coarse_spikes(allowed);
        self.lint_tick_too_large(allowed);
        self.lint_decay_lost(allowed);
        self.lint_idle_teaching(allowed);
    }

    /// Reports a warning unless the item it is about allows it.
    fn warn(&mut self, items: &[&'a ast::Item], d: Diagnostic, allowed: &mut HashSet<Span>) {
        let name = d.code.info().name;
        for item in items {
            if let Some(allow) = item.allows.iter().find(|a| a.name.text == name) {
                allowed.insert(allow.span);
                return;
            }
        }
        self.report(d);
    }

    /// The items a warning about a projection's learning belongs to: its rule and itself.
    fn items_of(&self, id: ProjId) -> Vec<&'a ast::Item> {
        let p = &self.program.projections[id];
        let rule = p.rule.as_ref().and_then(|r| self.items.get(&r.name));
        rule.into_iter().chain(self.items.get(&p.name)).collect()
    }
}
