//! Parameters of rules: arguments, defaults, and for which units defaults are meant.

use super::checker::{Checker, Default as Defaulted};
use super::dims::Term;
use super::protocol;
use super::typed::{Place, RuleParam, RuleScope, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{self, ProjId};
use crate::source::Span;
use crate::syntax::ast::{self, MemberKind};
use std::collections::HashMap;

impl<'a> Checker<'a, '_> {
    pub(super) fn rule_params(
        &mut self,
        id: ProjId,
        rule: &'a ast::Rule,
        args: &[&'a ast::Arg],
        scope: &mut RuleScope,
        owner: &str,
    ) {
        let params: Vec<&'a ast::Param> = rule
            .members
            .iter()
            .filter_map(|m| match &m.kind {
                MemberKind::Param(p) => Some(p),
                _ => None,
            })
            .collect();
        let mut given: HashMap<&str, &'a ast::Expr> = HashMap::new();
        let package = self.package(rule, args);
        for (name, value) in package.iter().flat_map(|(_, settings)| settings.iter()) {
            if params.iter().any(|p| p.name.text == name.text) {
                given.insert(&name.text, value);
            }
        }
        let mut named: Vec<&str> = Vec::new();
        for arg in args {
            if arg.name.is_none() && values_named(rule, &arg.value).is_some() {
                continue;
            }
            let Some(name) = &arg.name else {
                if has_values(rule) && matches!(arg.value.kind, ast::ExprKind::Name(_)) {
                    continue;
                }
                self.report(
                    Diagnostic::new(
                        Code::E0205,
                        arg.value.span,
                        "a rule takes its arguments by name",
                        "which parameter?",
                    )
                    .help(match params.first() {
                        Some(p) => {
                            let written = self.sources.text(arg.value.span);
                            format!("write for instance `{} = {written}`", p.name.text)
                        }
                        None => format!("`{}` has no parameters", rule.name.text),
                    }),
                );
                continue;
            };
            if !params.iter().any(|p| p.name.text == name.text) {
                let names: Vec<&str> = params.iter().map(|p| p.name.text.as_str()).collect();
                let mut d = Diagnostic::new(
                    Code::E0205,
                    name.span,
                    format!("`{}` has no parameter `{}`", rule.name.text, self.sources.text(name.span)),
                    "no such parameter",
                )
                .label(rule.name.span, format!("`{}` is declared here", rule.name.text));
                if let Some(near) = nearest(&name.text, names.iter().copied()) {
                    d = d.fix(format!("a similar name is `{near}`"), name.span, near);
                } else if let Some(all) = list(names.iter().copied()) {
                    d = d.note(format!("its parameters: {all}"));
                }
                self.report(d);
                continue;
            }
            let before = given.insert(&name.text, &arg.value);
            if named.contains(&name.text.as_str()) {
                self.report(Diagnostic::new(
                    Code::E0205,
                    name.span,
                    format!("the argument `{}` is given twice", name.text),
                    "the second time",
                ));
            } else if let (Some(_), Some((package, _))) = (before, package) {
                self.mixed(id, rule, package, name, scope.abstract_cells);
            }
            named.push(&name.text);
        }
        for p in params {
            if scope.params.contains_key(&p.name.text) {
                let mut d = Diagnostic::new(
                    Code::E0202,
                    p.name.span,
                    format!("`{}` is declared twice", p.name.text),
                    "the second parameter of this name",
                );
                if let Some(at) = super::rules::declaration(rule, &p.name) {
                    d = d.label(at, "the first");
                }
                self.report(d);
                continue;
            }
            // The parser has said so.
            if super::items::RESERVED.contains(&p.name.text.as_str()) {
                continue;
            }
            let value = self.rule_param(id, p, given.get(p.name.text.as_str()).copied(), scope, owner);
            if let Some(value) = value {
                self.program.rule_params[id.0 as usize].insert(p.name.text.clone(), value.clone());
                self.program.rule_param_order.push((id, p.name.text.clone()));
                scope.params.insert(p.name.text.clone(), value);
            }
        }
    }

    /// The set of values that an argument names.
    fn package(
        &mut self,
        rule: &'a ast::Rule,
        args: &[&'a ast::Arg],
    ) -> Option<(&'a ast::Ident, &'a [(ast::Ident, ast::Expr)])> {
        let mut found: Option<(Span, &'a ast::Ident, &'a [(ast::Ident, ast::Expr)])> = None;
        for arg in args.iter().filter(|a| a.name.is_none()) {
            let Some((name, settings)) = values_named(rule, &arg.value) else {
                self.no_values(rule, &arg.value);
                continue;
            };
            if let Some((first, ..)) = found {
                let headline = format!("`{}` takes one set of values", rule.name.text);
                let d = Diagnostic::new(Code::E0205, arg.value.span, headline, "the second");
                self.report(d.label(first, "the first"));
                continue;
            }
            found = Some((arg.value.span, name, settings));
        }
        found.map(|(_, name, settings)| (name, settings))
    }

    /// Reports a name that is near that of a set of values.
    fn no_values(&mut self, rule: &ast::Rule, e: &ast::Expr) {
        let ast::ExprKind::Name(name) = &e.kind else { return };
        let sets: Vec<&str> = rule
            .members
            .iter()
            .filter_map(|m| match &m.kind {
                MemberKind::Values { name, .. } => Some(name.text.as_str()),
                _ => None,
            })
            .collect();
        if sets.is_empty() {
            return;
        }
        let headline = format!("`{}` has no values `{}`", rule.name.text, name.text);
        let mut d = Diagnostic::new(Code::E0205, e.span, headline, "no such set");
        if let Some(near) = nearest(&name.text, sets.iter().copied()) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        }
        self.report(d.note(format!("its sets of values: {}", sets.join(", "))));
    }

    /// Warns of an argument that replaces one of a published set.
    fn mixed(&mut self, id: ProjId, rule: &ast::Rule, package: &ast::Ident, name: &ast::Ident, silent: bool) {
        if silent {
            return;
        }
        let headline = format!("`{}` is changed in the published values `{}`", name.text, package.text);
        let d = Diagnostic::new(Code::W0612, name.span, headline, "not that of the set")
            .label(package.span, format!("values of `{}`", rule.name.text))
            .note("amplitudes, time constants and the pairing scheme of a set were fitted together");
        self.program
            .mixed
            .push((id, d.help("leave it out, or give all parameters yourself and name no set")));
    }

    pub(super) fn rule_param(
        &mut self,
        id: ProjId,
        p: &'a ast::Param,
        given: Option<&'a ast::Expr>,
        scope: &RuleScope,
        owner: &str,
    ) -> Option<RuleParam> {
        let mut own = self.rule_scope(id, scope.clone(), Stage::Constant, "a default");
        let default = self.infer(&p.value, &mut own);
        let term = self.solver.fresh(Some(&p.name.text));
        let mut value = match given {
            Some(e) => {
                let mut file = Scope::new(Place::Constant, Stage::Tick, "an argument of a rule");
                let t = match default.expr.ty {
                    hir::Ty::Bool => self.infer_truth(e, &mut file),
                    hir::Ty::Number => self.infer_number(e, &mut file),
                };
                self.fits_axes(&t, &[], &format!("the parameter `{}`", p.name.text), p.name.span);
                // The equations say what it must be; that it is not is a fault of the argument.
                let rule = &self.program.projections[id].rule;
                let rule = rule.as_ref().map_or(String::new(), |r| format!(" of `{}`", r.name));
                self.want_later(&t, &term, format!("the parameter `{}`{rule}", p.name.text));
                t
            }
            None => {
                let dim = default.dim.clone();
                if scope.abstract_cells {
                    self.solver.unify(&term, &dim);
                } else if !default.poison {
                    let name = p.name.text.clone();
                    let unit = default.unit.clone();
                    self.program.defaults.push(Defaulted {
                        projection: id,
                        name,
                        term: term.clone(),
                        dim,
                        unit,
                        var: None,
                    });
                }
                default.clone()
            }
        };
        let written = self.solver.settle(&value.dim);
        value.dim = term.clone();
        value.unit = value.unit.or(default.unit);
        let mut range = None;
        if let Some((lo, hi)) = &p.range {
            let mut end = |e: &ast::Expr| {
                let mut own = self.rule_scope(id, scope.clone(), Stage::Constant, "a range");
                let t = self.infer_number(e, &mut own);
                self.constant(&t)
            };
            if let (Some(lo), Some(hi)) = (end(lo), end(hi)) {
                range = Some((lo, hi));
            }
            if let (Some((lo, hi)), Some(v)) = (range, self.constant(&value)) {
                let unit = value.unit.clone().unwrap_or_else(|| self.show_unit(written));
                let span = given.map_or(p.value.span, |e| e.span);
                self.in_range(&p.name.text, v, (lo, hi), &unit, span);
            }
        }
        if !scope.abstract_cells && protocol::sets(self.items, Some(owner), &p.name.text) {
            let start = self.constant(&value);
            if start.is_none() && !value.poison {
                self.starts_with_what_is_set(
                    owner,
                    &p.name.text,
                    given.map_or(p.value.span, |e| e.span),
                    given,
                );
            }
            let start = start.unwrap_or(0.0);
            let dim = written;
            let unit = value.unit.clone().unwrap_or_else(|| self.show_unit(dim));
            let param = self.program.params.push(hir::Param {
                name: format!("{owner}.{}", p.name.text),
                value: start,
                dim,
                unit,
                settable: true,
                range,
            });
            self.program.param_terms.push(term);
            self.program.param_ready.push(true);
            return Some(RuleParam::Set(param));
        }
        Some(RuleParam::Value(Box::new(value)))
    }

    /// Reports a rule's parameter that the protocol sets although it is computed from another that it sets: which of
    /// the two would it follow?
    fn starts_with_what_is_set(&mut self, owner: &str, name: &str, span: Span, given: Option<&ast::Expr>) {
        let mut other = None;
        if let Some(e) = given {
            super::walk::expr(e, &mut |e| {
                if let ast::ExprKind::Name(n) = &e.kind
                    && let Some(set) = protocol::set_at(self.items, None, &n.text)
                {
                    other.get_or_insert((n.text.clone(), set));
                }
            });
        }
        let full = format!("{owner}.{name}");
        let (by, set) = other.map_or(("something that changes in the run".into(), None), |(n, at)| {
            (format!("`{n}`"), Some(at))
        });
        let headline = format!("the protocol sets `{full}`, which is computed from {by}");
        let mut d = Diagnostic::new(Code::E0405, span, headline, format!("`{full}` would follow both"));
        if let Some(set) = set {
            d = d.label(set, format!("{by} is set here"));
        }
        if let Some(set) = protocol::set_at(self.items, Some(owner), name) {
            d = d.label(set, format!("`{full}` is set here"));
        }
        self.report(d.help(format!("set only `{full}`, or only {by}")));
    }

    /// Requires defaults that a use did not replace to fit the units of its cells.
    pub fn check_defaults(&mut self) {
        let defaults = std::mem::take(&mut self.program.defaults);
        let mut misfits: Vec<(ProjId, Vec<(String, Term, Typed, bool)>)> = Vec::new();
        for d in defaults {
            if self.solver.unify(&d.term, &d.dim) {
                continue;
            }
            let mut t = Typed::number(0.0, self.program.projections[d.projection].span);
            t.dim = d.dim;
            t.unit = d.unit;
            let entry = (d.name, d.term, t, d.var.is_some());
            match misfits.iter_mut().find(|(p, _)| *p == d.projection) {
                Some((_, list)) => list.push(entry),
                None => misfits.push((d.projection, vec![entry])),
            }
        }
        for (id, list) in misfits {
            let span = self
                .program
                .rule_spans
                .iter()
                .find(|(p, _)| *p == id)
                .map_or(self.program.projections[id].span, |(_, s)| *s);
            let rule = self.program.projections[id].rule.as_ref().map_or(String::new(), |r| r.name.clone());
            let names = list.iter().map(|(n, ..)| format!("`{n}`")).collect::<Vec<_>>().join(", ");
            let mut note = String::from("its defaults are for other units:");
            let (mut args, mut starts) = (Vec::new(), Vec::new());
            for (name, term, default, is_state) in &list {
                let need = self.describe(term);
                let have = self.describe(&default.dim);
                note.push_str(&format!("\n  {name}: needed here {need}; the default is {have}"));
                let dim = self.solver.settle(term);
                let example = format!("{name} = ...{}", self.show_unit(dim).suffix());
                if *is_state { starts.push(format!("`start {example}`")) } else { args.push(example) }
            }
            let mut d = Diagnostic::new(
                Code::E0304,
                span,
                format!("on the units of these cells, `{rule}` needs its own {names}"),
                "these are left at their defaults",
            )
            .note(note);
            if !args.is_empty() {
                d = d.help(format!("give them here: `rule {rule}({})`", args.join(", ")));
            }
            if !starts.is_empty() {
                d = d.help(format!("and in the projection {}", starts.join(", ")));
            }
            self.report(d);
        }
    }
}

/// The set of values of a rule that an expression names.
fn values_named<'r>(
    rule: &'r ast::Rule,
    e: &ast::Expr,
) -> Option<(&'r ast::Ident, &'r [(ast::Ident, ast::Expr)])> {
    let ast::ExprKind::Name(wanted) = &e.kind else { return None };
    rule.members.iter().find_map(|m| match &m.kind {
        MemberKind::Values { name, settings, .. } if name.text == wanted.text => {
            Some((name, settings.as_slice()))
        }
        _ => None,
    })
}

fn has_values(rule: &ast::Rule) -> bool {
    rule.members.iter().any(|m| matches!(m.kind, MemberKind::Values { .. }))
}
