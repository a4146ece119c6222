use crate::diag::{Code, Diagnostic};
use crate::hir::{AxisId, ConstKind, Expr, ExprKind, Plotted, Results};
use crate::sema::checker::Checker;
use crate::source::Span;
use crate::syntax::ast::BinaryOp;
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// Results that put a column of data beside values along another axis: every row meets every element.
    pub(in crate::sema) fn lint_crossed_data(&mut self, results: &Results, allowed: &mut HashSet<Span>) {
        let mut found = Vec::new();
        for expect in &results.expects {
            expect.condition.for_each_pair(&mut |a, b| {
                found.extend(self.crosses(a, b).map(|names| (expect.span, b.span, names)));
            });
            expect.condition.for_each_expr(&mut |e| self.crossed_inside(e, expect.span, &mut found));
        }
        for plot in &results.plots {
            let Some(versus) = plot.versus.as_ref().map(|v| &v.value) else { continue };
            for Plotted { value, error, .. } in &plot.values {
                for e in [Some(value), error.as_ref()].into_iter().flatten() {
                    found.extend(self.crosses(e, versus).map(|names| (plot.span, e.span, names)));
                }
            }
        }
        let mut told = HashSet::new();
        for (item, at, (data, model)) in found {
            if !told.insert(item) {
                continue;
            }
            let d = Diagnostic::new(
                Code::W0608,
                at,
                format!("every `{data}` meets every `{model}` here"),
                "one of the two sides is data, and they share no axis",
            )
            .note("values combine element by element only along an axis of the same name")
            .help(format!(
                "give both one axis: `stimulus NAME[{model}: ...] = TABLE.column[{model}]`, or \
                 `load(\"file.csv\", along = {model})`"
            ));
            let items: Vec<_> = self.items.file.items.iter().filter(|i| i.span.contains(item)).collect();
            self.warn(&items, d, allowed);
        }
    }

    fn crossed_inside(&self, e: &Expr, item: Span, found: &mut Vec<(Span, Span, (String, String))>) {
        crate::sema::visit(e, &mut |node| {
            if let ExprKind::Binary(op, a, b) = &node.kind
                && !matches!(op, BinaryOp::Mul | BinaryOp::Pow | BinaryOp::And | BinaryOp::Or)
            {
                found.extend(self.crosses(a, b).map(|names| (item, node.span, names)));
            }
        });
    }

    /// The axis of the data and that of the other side, if two values are crossed.
    fn crosses(&self, a: &Expr, b: &Expr) -> Option<(String, String)> {
        let own = |e: &Expr| -> Vec<AxisId> {
            let cases: Vec<AxisId> = self.case_axes.iter().map(|c| c.axis).collect();
            e.axes.iter().copied().filter(|x| !cases.contains(x)).collect()
        };
        let (x, y) = (own(a), own(b));
        if x.is_empty() || y.is_empty() || x.iter().any(|i| y.contains(i)) {
            return None;
        }
        let name = |axes: &[AxisId]| axes.first().map(|i| self.axes.name(*i).to_owned()).unwrap_or_default();
        match (self.is_data(a, &x), self.is_data(b, &y)) {
            (true, false) => Some((name(&x), name(&y))),
            (false, true) => Some((name(&y), name(&x))),
            _ => None,
        }
    }

    /// Whether all axes of a value are those of tables it reads.
    fn is_data(&self, e: &Expr, axes: &[AxisId]) -> bool {
        let mut of_tables: Vec<AxisId> = Vec::new();
        crate::sema::visit(e, &mut |node| {
            if let ExprKind::Const(id) = node.kind {
                let constant = &self.program.consts[id];
                if matches!(constant.kind, ConstKind::Data(_)) {
                    of_tables.extend(&constant.axes);
                }
            }
        });
        axes.iter().all(|a| of_tables.contains(a))
    }
}
