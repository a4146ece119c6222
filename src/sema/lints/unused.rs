use crate::diag::{Code, Diagnostic};
use crate::sema::checker::Checker;
use crate::sema::items;
use crate::syntax::ast::ItemKind;

impl Checker<'_, '_> {
    /// Parameters, definitions, stimuli, rules and populations that nothing refers to.
    pub(in crate::sema) fn lint_unused(&mut self) {
        // A file of rules and functions is a library; its users are elsewhere.
        if !self.items.file.items.iter().any(|i| matches!(i.kind, ItemKind::Protocol(_))) {
            return;
        }
        for item in &self.items.file.items {
            let Some(name) = items::name(item) else { continue };
            let counts = match &item.kind {
                // A cell with equations of its own is an experiment even without synapses.
                ItemKind::Population(p) => p.members.is_empty(),
                ItemKind::Param(_)
                | ItemKind::Let { .. }
                | ItemKind::Fn { .. }
                | ItemKind::Stimulus { .. }
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
}
