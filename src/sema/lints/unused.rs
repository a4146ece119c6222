use crate::diag::{Code, Diagnostic};
use crate::sema::checker::Checker;
use crate::sema::items;
use crate::sema::walk;
use crate::syntax::ast::{self, ItemKind};
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// Parameters, definitions, stimuli, rules and populations that nothing refers to.
    pub(in crate::sema) fn lint_unused(&mut self) {
        // A file of rules and functions is a library; its users are elsewhere.
        if !self.items.file.items.iter().any(|i| matches!(i.kind, ItemKind::Protocol(_))) {
            return;
        }
        for item in &self.items.file.items {
            if let ItemKind::Rule(rule) = &item.kind {
                self.lint_unused_in_rule(item, rule);
            }
            let Some(name) = items::name(item) else { continue };
            let counts = match &item.kind {
                // A cell with equations of its own is an experiment even without synapses.
                ItemKind::Population(p) => p.members.is_empty(),
                ItemKind::Param(_)
                | ItemKind::Let { .. }
                | ItemKind::Fn { .. }
                | ItemKind::Stimulus { .. }
                | ItemKind::Cell(_)
                | ItemKind::Rule(_) => true,
                _ => false,
            };
            if !counts || self.used.contains(&name.text) {
                continue;
            }
            let d = Diagnostic::new(
                Code::W0603,
                name.span,
                format!("nothing uses `{}`", name.text),
                format!("{} that changes nothing", items::kind(item)),
            )
            .help("remove it, or use it where it was meant");
            if !item.allows.iter().any(|a| a.name.text == d.code.info().name) {
                self.report(d);
            }
        }
    }

    /// Parameters of a rule that none of its lines reads.
    fn lint_unused_in_rule(&mut self, item: &ast::Item, rule: &ast::Rule) {
        let mut read: HashSet<&str> = HashSet::new();
        walk::item_exprs(item, &mut |e| {
            if let ast::ExprKind::Name(n) = &e.kind {
                read.insert(&n.text);
            }
        });
        for m in &rule.members {
            let ast::MemberKind::Param(p) = &m.kind else { continue };
            let allowed = item.allows.iter().any(|a| a.name.text == Code::W0603.info().name);
            if read.contains(p.name.text.as_str()) || allowed {
                continue;
            }
            self.report(
                Diagnostic::new(
                    Code::W0603,
                    p.name.span,
                    format!("`{}` does not use its parameter `{}`", rule.name.text, p.name.text),
                    "changes nothing",
                )
                .help("remove it, or use it where it was meant"),
            );
        }
    }
}
