//! What is presented, on what, for how long.

use super::statements::Around;
use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::{self, AxisId, Input, Length, VarKind};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::time;
use crate::sema::typed::{Place, Scope, Stage, Typed};
use crate::syntax::ast;

impl<'a> Checker<'a, '_> {
    pub(super) fn input(&mut self, i: &'a ast::Input, scope: &mut Scope, around: &Around) -> Option<Input> {
        self.used.insert(i.population.text.clone());
        let Some(population) = self.population(&i.population.text) else {
            if self.program.broken_populations.contains(&i.population.text) {
                return None;
            }
            let names: Vec<String> = self.program.populations.iter().map(|p| p.name.clone()).collect();
            let mut d = Diagnostic::new(
                Code::E0201,
                i.population.span,
                format!("there is no population `{}`", self.sources.text(i.population.span)),
                "no such population",
            );
            if let Some(near) = nearest(&i.population.text, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), i.population.span, near);
            }
            self.report(d);
            return None;
        };
        let p = self.program.populations[population].clone();
        let var = match p.output {
            Some(v) if matches!(self.program.vars[v].kind, VarKind::Input) => v,
            _ => {
                self.report(
                    Diagnostic::new(
                        Code::E0504,
                        i.population.span,
                        format!("`{}` computes its own activity", p.name),
                        "nothing can be presented on it",
                    )
                    .label(p.span, "has equations")
                    .help("present on an input population (one without equations) that projects to it"),
                );
                return None;
            }
        };
        let mut axes = p.axes.clone();
        let mut slice = Vec::new();
        if !i.slice.is_empty() {
            if !around.in_together {
                self.report(
                    Diagnostic::new(
                        Code::E0504,
                        i.slice.last().map_or(i.population.span, |e| i.population.span.to(e.span.after())),
                        "a slice of a population is presented inside `together`",
                        "outside of it",
                    )
                    .help("outside, present on the whole population; cells left out are zero"),
                );
            }
            let mut inner = scope.clone();
            inner.limit = (Stage::Timeline, "a slice");
            let (selections, _) = self.selections(&axes, &i.slice, i.population.span, &mut inner)?;
            axes.retain(|a| !selections.iter().any(|s| s.axes.contains(a)));
            slice = selections;
        }
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, "what is presented");
        inner.place = Place::Presented;
        let t = match &i.value.kind {
            ast::ExprKind::List { items, unit: None } if axes.len() == 1 && !self.is_known(&i.value) => {
                self.list_of_expressions(items, axes[0], &i.value, &mut inner)?
            }
            ast::ExprKind::List { .. } if !axes.is_empty() => {
                let list = self.listed_array(&i.value, "a list", &axes)?;
                self.const_value(list, i.value.span)
            }
            _ => self.infer_number(&i.value, &mut inner),
        };
        if t.poison {
            return None;
        }
        let extra: Vec<AxisId> = t.expr.axes.iter().copied().filter(|a| !axes.contains(a)).collect();
        if !extra.is_empty() {
            let (have, want) = (self.axes.describe(&t.expr.axes), self.axes.describe(&axes));
            let named = self.axes.names(&extra);
            let mut d = Diagnostic::new(
                Code::E0401,
                i.value.span,
                format!("what is presented does not fit `{}`", p.name),
                format!("this runs along {have}"),
            )
            .label(
                p.span,
                if axes.is_empty() {
                    format!("`{}` is a single cell", p.name)
                } else {
                    format!("`{}` has {want}", p.name)
                },
            );
            let loopable =
                extra.iter().all(|a| !axes.iter().any(|b| self.axes.name(*a) == self.axes.name(*b)));
            d = if loopable {
                d.help(format!(
                    "pick one element along {named}, for instance with an index `[...]` in a loop"
                ))
            } else {
                d.note("axes match when name, size and coordinates are the same")
            };
            self.report(d);
            return None;
        }
        let why = self.joined_drives(population);
        self.unify_var_because(var, &t, &format!("what is presented on `{}`", p.name), why);
        let varies = time::reads_time(&t.expr);
        Some(Input { value: t.expr, population, var, slice, varies })
    }

    /// A list of values that are only known in the run, such as loop variables: one after the other along an axis.
    pub(in crate::sema) fn list_of_expressions(
        &mut self,
        items: &[ast::Expr],
        axis: AxisId,
        list: &ast::Expr,
        scope: &mut Scope,
    ) -> Option<Typed> {
        self.one_for_each(items.len(), axis, list.span)?;
        let dim = self.solver.fresh(None);
        let mut whole: Option<Typed> = None;
        for (place, item) in items.iter().enumerate().rev() {
            let t = self.infer_number(item, scope);
            if t.poison || !self.want(&t, &dim, "an element of the list") {
                return None;
            }
            whole = Some(match whole {
                None => t,
                Some(rest) => {
                    let here = hir::ExprKind::Flat(vec![axis]);
                    let here =
                        hir::Expr { kind: here, axes: vec![axis], ty: hir::Ty::Number, span: list.span };
                    let number = hir::ExprKind::Number(place as f64);
                    let number =
                        hir::Expr { kind: number, axes: Vec::new(), ty: hir::Ty::Number, span: list.span };
                    let is_here = hir::ExprKind::Binary(ast::BinaryOp::Eq, Box::new(here), Box::new(number));
                    let is_here =
                        hir::Expr { kind: is_here, axes: vec![axis], ty: hir::Ty::Bool, span: list.span };
                    let stage = t.stage.max(rest.stage);
                    let mut axes = self.unite(&t, &rest)?;
                    if !axes.contains(&axis) {
                        axes.push(axis);
                    }
                    let kind = hir::ExprKind::If(Box::new(is_here), Box::new(t.expr), Box::new(rest.expr));
                    let unit = t.unit.or(rest.unit);
                    Typed::new(kind, axes, list.span, dim.clone(), stage).with_unit(unit)
                }
            });
        }
        whole
    }

    pub(super) fn length(&mut self, length: &'a ast::Length, scope: &mut Scope) -> Option<Length> {
        match length {
            ast::Length::For(e) => Some(Length::For(self.duration(e, scope, "a duration")?)),
            ast::Length::Until { condition, within } => {
                let t = self.infer_truth(condition, scope);
                self.fits_axes(&t, &[], "the condition", condition.span);
                let Some(within) = within else {
                    self.report(
                        Diagnostic::new(
                            Code::E0504,
                            condition.span,
                            "`until` needs a limit",
                            "this may never become true",
                        )
                        .help("add `within 3000 s` (or as long as it may take)"),
                    );
                    return None;
                };
                let within = self.duration(within, scope, "a limit")?;
                (!t.poison).then_some(Length::Until { condition: t.expr, within })
            }
        }
    }

    pub(super) fn duration(
        &mut self,
        e: &'a ast::Expr,
        scope: &mut Scope,
        what: &'static str,
    ) -> Option<hir::Expr> {
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, what);
        let t = self.infer_number(e, &mut inner);
        if t.poison {
            return None;
        }
        if !self.want(&t, &Term::time(1), what) || !self.fits_axes(&t, &[], what, e.span) {
            return None;
        }
        if let Some(seconds) = self.constant(&t) {
            self.whole_ticks(seconds, e.span, what)?;
            return Some(hir::Expr { kind: hir::ExprKind::Number(seconds), ..t.expr });
        }
        Some(t.expr)
    }
}
