//! Parameters of the file: their values, ranges and what sets them.

use super::checker::{Checker, Setting};
use super::dims::Term;
use super::typed::{Place, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::ParamId;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::units::Unit;

impl Checker<'_, '_> {
    /// Makes a place for every parameter, then reads their values; each may use the others, in any order.
    pub fn params(&mut self) {
        let list: Vec<&ast::Item> = self.items.all(|k| matches!(k, ItemKind::Param(_)));
        for item in &list {
            let ItemKind::Param(p) = &item.kind else { continue };
            if self.rule_value(&p.value).is_some() {
                continue;
            }
            self.program.params.push(crate::hir::Param {
                name: p.name.text.clone(),
                value: f64::NAN,
                dim: Term::plain().base(),
                unit: Unit::none(),
                settable: super::protocol::sets(self.items, None, &p.name.text),
                range: None,
            });
            let term = self.solver.fresh(Some(&p.name.text));
            self.program.param_terms.push(term);
            self.program.param_ready.push(false);
        }
        for id in self.program.params.ids() {
            self.ensure_param(id);
        }
    }

    /// Reads a parameter's value, once.
    pub fn ensure_param(&mut self, id: ParamId) {
        let at = id.0 as usize;
        if std::mem::replace(&mut self.program.param_ready[at], true) {
            return;
        }
        let name = self.program.params[id].name.clone();
        let Some(item) = self.items.get(&name) else { return };
        let ItemKind::Param(p) = &item.kind else { return };
        self.program.reading_params.push(id);
        self.read_param(id, &name, p);
        self.program.reading_params.pop();
    }

    fn read_param(&mut self, id: ParamId, name: &str, p: &ast::Param) {
        let at = id.0 as usize;
        if self.follows_what_is_set(p) {
            return;
        }
        let written = self.constant_param(&p.value);
        // The default fixes the dimension; a case or a flag must have the same.
        if let Some((_, t)) = &written {
            let dim = t.dim.clone();
            self.solver.unify(&self.program.param_terms[at].clone(), &dim);
        }
        let dim = self.program.param_terms[at].clone();
        let mut unit = written.as_ref().and_then(|(_, t)| t.unit.clone());
        let mut value = written.map(|(v, _)| v);
        let mut span = p.value.span;
        match self.settings.get(name).cloned() {
            None => {}
            Some(Setting::Value { value: v, dim: d, span: s, unit: u }) => {
                let t = Typed { dim: Term::from(d), ..Typed::number(v, s) };
                self.want(&t, &dim, &format!("the parameter `{name}`"));
                (value, span) = (Some(v), s);
                unit = unit.or(Some(u));
            }
            Some(Setting::Written(e)) => {
                (value, span) = (self.set_param(e, &dim, name), e.span);
            }
            Some(Setting::Flag(e)) => {
                (value, span) = (self.set_param(&e, &dim, name), e.span);
            }
        }
        if value.is_some_and(f64::is_nan) {
            let headline = format!("the parameter `{name}` is not a number");
            self.report(Diagnostic::new(Code::E0801, span, headline, "such as 0/0 is"));
            value = None;
        }
        let settled = self.solver.settle(&dim);
        let unit = unit.unwrap_or_else(|| self.show_unit(settled));
        if let Some((lo, hi)) = &p.range {
            let span_of_range = Span { end: hi.span.end, ..lo.span };
            let lo = self.constant_of(lo, &dim, "the lower end of a range");
            let hi = self.constant_of(hi, &dim, "the upper end of a range");
            if let (Some(lo), Some(hi)) = (lo, hi)
                && lo > hi
            {
                self.crossed(span_of_range);
            } else if let (Some(lo), Some(hi)) = (lo, hi) {
                self.program.params[id].range = Some((lo, hi));
                if let Some(v) = value {
                    self.in_range(name, v, (lo, hi), &unit, span);
                }
            }
        }
        let param = &mut self.program.params[id];
        param.value = value.unwrap_or(0.0);
        param.dim = settled;
        param.unit = unit;
    }

    fn set_param(&mut self, e: &ast::Expr, dim: &Term, name: &str) -> Option<f64> {
        let (v, t) = self.constant_param(e)?;
        self.want(&t, dim, &format!("the parameter `{name}`"));
        Some(v)
    }

    /// Reports a parameter computed from one that the protocol changes: it is a constant, and could not follow.
    fn follows_what_is_set(&mut self, p: &ast::Param) -> bool {
        let mut found = None;
        super::walk::expr(&p.value, &mut |e| {
            if let ast::ExprKind::Name(n) = &e.kind
                && self.items.get(&n.text).is_some_and(|i| matches!(i.kind, ItemKind::Param(_)))
                && let Some(set) = super::protocol::set_at(self.items, None, &n.text)
            {
                found.get_or_insert((n, set));
            }
        });
        let Some((n, set)) = found else { return false };
        let headline = format!("`{}` is computed from `{}`, which the protocol changes", p.name.text, n.text);
        let d = Diagnostic::new(Code::E0405, n.span, headline, "a parameter is needed before the run");
        let text = self.sources.text(p.value.span);
        let help = format!("write `let {} = {text}`: it follows `{}` through the run", p.name.text, n.text);
        self.report(d.label(set, "changed here").help(help));
        true
    }

    fn constant_param(&mut self, e: &ast::Expr) -> Option<(f64, Typed)> {
        let mut scope = Scope::new(Place::Constant, Stage::Constant, "a parameter");
        let t = self.infer_number(e, &mut scope);
        if !t.poison && !t.expr.axes.is_empty() {
            let shape = self.axes.describe(&t.expr.axes);
            self.report(Diagnostic::new(
                Code::E0401,
                e.span,
                "a parameter is a single value",
                format!("this is {shape}"),
            ));
            return None;
        }
        Some((self.constant(&t)?, t))
    }

    /// Reports a value outside its range.
    pub fn in_range(&mut self, name: &str, value: f64, (lo, hi): (f64, f64), unit: &Unit, span: Span) {
        if value < lo || value > hi {
            let show = |v| crate::units::format_value(v, unit, 9);
            self.report(
                Diagnostic::new(
                    Code::E0902,
                    span,
                    format!("`{name}` = {} is outside its range", show(value)),
                    "this value",
                )
                .note(format!("the range is {} to {}", show(lo), show(hi))),
            );
        }
    }
}
