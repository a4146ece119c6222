use crate::diag::{Code, Diagnostic};
use crate::hir::{Equation, Expr, ExprKind, ProjId, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use crate::syntax::ast::BinaryOp;
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// A bare `pre` or `post` that multiplies in an equation of a rule: the place of a cell where its activity is meant.
    pub(super) fn lint_index_as_factor(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let mut found: Vec<Span> = Vec::new();
        for v in &self.program.projections[id].vars {
            let value = match &self.program.vars[*v].kind {
                VarKind::State { equation: Some(Equation { value, .. }), .. } => value,
                VarKind::Instantaneous(value) => value,
                _ => continue,
            };
            crate::sema::visit(value, &mut |e| {
                if let ExprKind::Binary(BinaryOp::Mul, a, b) = &e.kind {
                    found.extend([a, b].into_iter().filter(|f| is_place(f)).map(|f| f.span));
                }
            });
        }
        found.sort_by_key(|s| s.start);
        found.dedup();
        for span in found {
            let (ours, whose) = match self.sources.text(span) {
                "pre" => ("x", "presynaptic"),
                "post" => ("y", "postsynaptic"),
                _ => continue,
            };
            let written = self.sources.text(span).to_owned();
            let headline = format!("`{written}` is the place of the {whose} cell, not its activity");
            let d = Diagnostic::new(Code::W0609, span, headline, "a factor of 0, 1, 2 and so on").fix(
                format!("its activity is `{ours}`"),
                span,
                ours,
            );
            let items = self.items_of(id);
            self.warn(&items, d, allowed);
        }
    }
}

fn is_place(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Flat(_))
}
