use crate::diag::{Code, Diagnostic};
use crate::sema::checker::Checker;
use crate::source::Span;
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// A projection from cells that only spike, without a line that says what a spike does.
    pub(super) fn lint_hears_nothing(&mut self, allowed: &mut HashSet<Span>) {
        for id in self.program.projections.ids() {
            let p = &self.program.projections[id];
            let population = &self.program.populations[p.pre];
            if p.x.is_some() || !p.handlers.is_empty() || population.spiking.is_none() {
                continue;
            }
            let headline = format!("spikes of `{}` do nothing at `{}`", population.name, p.name);
            let d = Diagnostic::new(Code::W0603, p.span, headline, "says nothing of spikes")
                .label(population.span, "spikes")
                .help("say what a spike does: `on pre { post.NAME += w }`");
            let items = self.items_of(id);
            self.warn(&items, d, allowed);
        }
    }
}
