//! Statements that change something: teaching and parameters.

use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{StatementKind, VarKind};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::typed::{Binding, Scope, Stage};
use crate::source::Span;
use crate::syntax::ast;

impl<'a> Checker<'a, '_> {
    pub(super) fn teach(
        &mut self,
        population: &ast::Ident,
        output: &ast::Ident,
        op: ast::AssignOp,
        value: &'a ast::Expr,
        scope: &mut Scope,
    ) -> Option<StatementKind> {
        self.used.insert(population.text.clone());
        let Some(p) = self.population(&population.text) else {
            if self.projection(&population.text).is_some() {
                let headline = format!(
                    "`{}` is a projection: teaching changes the output of a population",
                    population.text
                );
                let d = Diagnostic::new(Code::E0504, population.span, headline, "cannot be taught");
                self.report(d.note("weights start where `w = ...` says, and change by their rule"));
            } else if !self.program.broken_populations.contains(&population.text) {
                self.undefined(population, scope);
            }
            return None;
        };
        let own = self.program.populations[p].output;
        let var = self.member_of_population(p, &output.text).filter(|v| Some(*v) == own);
        let computed = var.filter(|v| matches!(self.program.vars[*v].kind, VarKind::Instantaneous(_)));
        let Some(var) = computed else {
            let what = match own {
                Some(v) if matches!(self.program.vars[v].kind, VarKind::Input) => {
                    "it is presented, not computed"
                }
                _ => "it is not the population's output",
            };
            let mut d = Diagnostic::new(
                Code::E0504,
                output.span,
                format!("`{}.{}` cannot be taught: {what}", population.text, output.text),
                "teaching changes an output where it is computed",
            );
            if let Some(v) = own {
                let name = self.program.vars[v].name.clone();
                d = d.note(format!("the output of `{}` is `{name}`", population.text));
            }
            self.report(d);
            return None;
        };
        let axes = self.program.populations[p].axes.clone();
        let mut inner = scope.clone();
        inner.limit = (Stage::Tick, "teaching");
        for a in &axes {
            let name = self.axes.name(*a).to_owned();
            if scope.find(&name).is_none() {
                inner.bindings.push((name, Binding::Coord(*a), population.span));
            }
        }
        let t = self.infer_number(value, &mut inner);
        if t.poison {
            return None;
        }
        self.fits_axes(&t, &axes, &format!("`{}.{}`", population.text, output.text), output.span);
        let term = match op {
            ast::AssignOp::Mul | ast::AssignOp::Div => Term::plain(),
            _ => self.program.var_terms[var.0 as usize].clone(),
        };
        self.want_later(&t, &term, "what is taught".to_owned());
        Some(StatementKind::Teach { var, op, value: t.expr })
    }

    pub(super) fn set(
        &mut self,
        owner: Option<&ast::Ident>,
        name: &ast::Ident,
        value: &'a ast::Expr,
        scope: &mut Scope,
        span: Span,
    ) -> Option<StatementKind> {
        let full = owner.map_or(name.text.clone(), |o| format!("{}.{}", o.text, name.text));
        if let Some(o) = owner {
            self.used.insert(o.text.clone());
        }
        self.used.insert(name.text.clone());
        let Some(param) = self.param_named(&full) else {
            let mut names: Vec<String> = match owner.and_then(|o| self.projection(&o.text)) {
                Some(p) => self.program.rule_params[p.0 as usize].keys().cloned().collect(),
                None => {
                    self.program.params.iter().map(|p| p.name.clone()).filter(|n| !n.contains('.')).collect()
                }
            };
            names.sort();
            let mut d = Diagnostic::new(
                Code::E0201,
                name.span,
                format!("there is no parameter `{full}` to set"),
                "`set` changes a parameter",
            );
            let is_variable = owner
                .and_then(|o| self.projection(&o.text))
                .is_some_and(|p| self.member_of_projection(p, &name.text).is_some());
            let rule = owner.filter(|o| {
                self.items.get(&o.text).is_some_and(|i| matches!(i.kind, ast::ItemKind::Rule(_)))
            });
            if let Some(rule) = rule {
                let using =
                    |p: &&crate::hir::Projection| p.rule.as_ref().is_some_and(|r| r.name == rule.text);
                let users: Vec<&str> =
                    self.program.projections.iter().filter(using).map(|p| p.name.as_str()).collect();
                d = d.note(format!(
                    "`{}` is a rule: each projection that uses it has parameters of its own",
                    rule.text
                ));
                d = match users.as_slice() {
                    [one] => d.fix(format!("write `{one}.{}`", name.text), rule.span, *one),
                    [one, ..] => d.help(format!("name the projection, such as `{one}.{}`", name.text)),
                    [] => d,
                };
            } else if is_variable {
                d = d.note(format!("`{full}` is a variable: the rule changes it"));
            } else if let Some(near) = nearest(&name.text, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), name.span, near);
            } else if let Some(all) = list(names.iter().map(String::as_str)) {
                d = d.note(format!("parameters: {all}"));
            }
            self.report(d);
            return None;
        };
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, "a parameter");
        let t = self.infer_number(value, &mut inner);
        if t.poison {
            return None;
        }
        let term = self.program.param_terms[param.0 as usize].clone();
        self.want_later(&t, &term, format!("the parameter `{full}`"));
        self.fits_axes(&t, &[], &format!("the parameter `{full}`"), span);
        if let (Some(v), Some(range)) = (self.constant(&t), self.program.params[param].range) {
            let unit = self.program.params[param].unit.clone();
            self.in_range(&full, v, range, &unit, value.span);
        }
        Some(StatementKind::Set { param, value: t.expr })
    }
}
