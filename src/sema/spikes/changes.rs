//! What every change by an event has to be.

use crate::diag::{Code, Diagnostic};
use crate::hir::{AssignOp, Change, VarId, VarKind};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::typed::Typed;
use crate::syntax::ast::{self};

impl Checker<'_, '_> {
    /// The state that an event changes.
    pub(super) fn changed_state(&mut self, var: Option<VarId>, name: &ast::Ident) -> Option<VarId> {
        let Some(var) = var else {
            let headline = format!("an event changes `{}`, which is not declared", name.text);
            let d = Diagnostic::new(Code::E0603, name.span, headline, "no such variable");
            self.report(d.help(format!("declare it with its start value: `state {0} = ...` in a population, `pre {0} = ...`, `post {0} = ...` or `syn {0} = ...` in a rule", name.text)));
            return None;
        };
        let counts = self.program.populations.iter().filter_map(|p| p.spiking.as_ref());
        if counts.map(|s| s.count).any(|count| count == var) {
            let headline = "`spikes` counts the spikes of a cell and is not changed otherwise";
            let d = Diagnostic::new(Code::E0602, name.span, headline, "a count");
            self.report(d.help("keep a count of your own in a state of the population"));
            return None;
        }
        match self.program.vars[var].kind {
            VarKind::State { .. } => Some(var),
            _ => {
                let headline =
                    format!("`{}` follows from others and cannot be changed by an event", name.text);
                let at = self.program.vars[var].span;
                let d = Diagnostic::new(Code::E0602, name.span, headline, "not a state");
                self.report(d.label(at, "declared here"));
                None
            }
        }
    }

    pub(super) fn unify_change(&mut self, var: VarId, c: &ast::Change, t: &Typed, what: &str) {
        match c.op {
            AssignOp::Mul | AssignOp::Div => {
                self.want(t, &Term::plain(), &format!("the factor of {what}"));
            }
            _ => self.unify_var(var, t, what),
        }
    }

    /// One change for each variable.
    pub(super) fn once(&mut self, before: &[Change], var: VarId, c: &ast::Change) {
        if let Some(first) = before.iter().find(|b| b.var == var) {
            let headline = format!("`{}` is changed twice by one event", c.name.text);
            let d = Diagnostic::new(Code::E0610, c.span, headline, "the second change");
            let d = d.label(first.span, "the first");
            self.report(
                d.note("all changes of an event are made from the states before it")
                    .help("join them in one line"),
            );
        }
    }
}
