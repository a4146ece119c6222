//! Cells that populations take by name: `cell adex`, `cell R.cell`.

use crate::diag::{Code, Diagnostic, list, nearest};
use crate::sema::checker::Checker;
use crate::sema::typed::{Binding, Place, Scope, Stage};
use crate::sema::{items, walk};
use crate::syntax::ast::{self, ItemKind, MemberKind};

impl<'a> Checker<'a, '_> {
    /// The lines of a population: its own, then those of the cell that it names.
    pub fn population_members(&self, p: &'a ast::Population) -> Vec<&'a ast::Member> {
        let mut members: Vec<&'a ast::Member> = p.members.iter().collect();
        if let Some((cell, _)) = self.cell_of(p) {
            members.extend(cell.members.iter().filter(|m| !matches!(m.kind, MemberKind::Param(_))));
        }
        members
    }

    /// The cell that a population names, with its arguments.
    pub fn cell_of(&self, p: &'a ast::Population) -> Option<(&'a ast::Cell, &'a [ast::Arg])> {
        self.cell_named(cell_line(&p.members)?)
    }

    /// The cell that an expression names: `adex`, `adex(b = 80.5 pA)`, or `R.cell` for the one that a rule brings.
    pub(super) fn cell_named(&self, e: &'a ast::Expr) -> Option<(&'a ast::Cell, &'a [ast::Arg])> {
        let (name, args): (_, &[ast::Arg]) = match &e.kind {
            ast::ExprKind::Name(name) => (name, &[]),
            ast::ExprKind::Call { callee, args } => match &callee.kind {
                ast::ExprKind::Name(name) => (name, args),
                ast::ExprKind::Field { .. } => {
                    return self.cell_named(callee).map(|(cell, _)| (cell, args.as_slice()));
                }
                _ => return None,
            },
            ast::ExprKind::Field { base, name } if name.text == "cell" => {
                let (item, _) = self.rule_value(base)?;
                let ItemKind::Rule(rule) = &item.kind else { return None };
                return self.cell_named(cell_line(&rule.members)?);
            }
            _ => return None,
        };
        match self.items.get(&name.text).map(|i| &i.kind) {
            Some(ItemKind::Cell(cell)) => Some((cell, args)),
            _ => None,
        }
    }

    /// Reports a `cell` line that names no cell.
    pub(in crate::sema) fn check_cell(&mut self, p: &'a ast::Population) {
        let Some(e) = cell_line(&p.members) else { return };
        let mut named = None;
        walk::expr(e, &mut |e| {
            if let (ast::ExprKind::Name(n), None) = (&e.kind, &named) {
                named = Some(n);
            }
        });
        let Some(name) = named else { return };
        self.used.insert(name.text.clone());
        let bare = match &e.kind {
            ast::ExprKind::Call { callee, .. } => callee,
            _ => e,
        };
        if let ast::ExprKind::Field { base, .. } = &bare.kind {
            if let Some((item, _)) = self.rule_value(base) {
                // a rule without a cell of its own leaves the population to the timeline
                if let Some(n) = items::name(item) {
                    self.used.insert(n.text.clone());
                }
                if let Some((cell, _)) = self.cell_of(p) {
                    self.used.insert(cell.name.text.clone());
                }
                return;
            }
            // what stands for the rule is refused where it is used
            if let ast::ExprKind::Name(n) = &base.kind
                && self.items.get(&n.text).is_some_and(|i| matches!(i.kind, ItemKind::Param(_)))
            {
                return;
            }
        } else if self.cell_of(p).is_some() {
            return;
        }
        let cells: Vec<&str> = self
            .items
            .names()
            .filter(|n| self.items.get(n).is_some_and(|i| matches!(i.kind, ItemKind::Cell(_))))
            .collect();
        let headline = format!("there is no cell `{}`", self.sources.text(e.span));
        let mut d = Diagnostic::new(Code::E0201, e.span, headline, "no such cell");
        let rule = self
            .items
            .get(&name.text)
            .is_some_and(|i| matches!(i.kind, ItemKind::Rule(_) | ItemKind::Param(_)));
        if rule {
            d = d.help(format!("the cell that a rule brings is `cell {}.cell`", name.text));
        } else if let Some(near) = nearest(&name.text, cells.iter().copied()) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        } else if let Some(all) = list(cells.iter().copied()) {
            d = d.note(format!("cells: {all}"));
        } else {
            d = d.help("declare it: `cell NAME { state v = ... }`, or name that of a rule: `cell R.cell`");
        }
        self.report(d);
    }

    /// Puts the parameters of a population's cell in a scope.
    pub(in crate::sema) fn bind_cell_params(&mut self, p: &'a ast::Population, scope: &mut Scope) {
        let Some((cell, args)) = self.cell_of(p) else { return };
        for m in &cell.members {
            let MemberKind::Param(param) = &m.kind else { continue };
            let given = args.iter().find(|a| a.name.as_ref().is_some_and(|n| n.text == param.name.text));
            let mut own = Scope::new(Place::Constant, Stage::Constant, "a parameter of a cell");
            own.bindings.clone_from(&scope.bindings);
            let default = self.infer_number(&param.value, &mut own);
            let value = match given {
                Some(arg) => {
                    let mut file = Scope::new(Place::Constant, Stage::Constant, "a parameter of a cell");
                    let t = self.infer_number(&arg.value, &mut file);
                    let what = format!("the parameter `{}` of the cell", param.name.text);
                    if self.want(&t, &default.dim, &what) { t } else { default }
                }
                None => default,
            };
            scope.bind(&param.name, Binding::Argument(Box::new(value)));
        }
        for arg in args {
            let Some(name) = &arg.name else { continue };
            let known = cell
                .members
                .iter()
                .any(|m| matches!(&m.kind, MemberKind::Param(param) if param.name.text == name.text));
            if !known {
                let headline = format!("the cell `{}` has no parameter `{}`", cell.name.text, name.text);
                let d = Diagnostic::new(Code::E0205, name.span, headline, "no such parameter");
                let mut d = d.label(cell.name.span, "declared here");
                let params: Vec<&str> = cell
                    .members
                    .iter()
                    .filter_map(|m| match &m.kind {
                        MemberKind::Param(param) => Some(param.name.text.as_str()),
                        _ => None,
                    })
                    .collect();
                if let Some(near) = nearest(&name.text, params.iter().copied()) {
                    d = d.fix(format!("a similar name is `{near}`"), name.span, near);
                } else if let Some(all) = list(params.iter().copied()) {
                    d = d.note(format!("its parameters: {all}"));
                }
                self.report(d);
            }
        }
    }
}

/// What the `cell` line of a population or of a rule names.
fn cell_line(members: &[ast::Member]) -> Option<&ast::Expr> {
    members.iter().find_map(|m| match &m.kind {
        MemberKind::Cell(e) => Some(e),
        _ => None,
    })
}
