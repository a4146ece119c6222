use super::reads;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Form, ProjId, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// The founding bug: a variable that is added to and never reset or decayed, and is itself added to another.
    pub(super) fn lint_stale_accumulator(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let vars = self.program.projections[id].vars.clone();
        for &b in &vars {
            let buffer = self.program.vars[b].clone();
            let VarKind::State { equation: Some(own), .. } = &buffer.kind else { continue };
            if reads(&own.value, b) || b == self.program.projections[id].w {
                continue;
            }
            let fed =
                vars.iter().copied().filter(|v| *v != b).find_map(|v| match &self.program.vars[v].kind {
                    VarKind::State { equation: Some(e), .. }
                        if reads(&e.value, b)
                            && matches!(
                                (&e.form, &own.form),
                                (Form::Increment, Form::Increment) | (Form::Rate { .. }, Form::Rate { .. })
                            ) =>
                    {
                        Some((v, e.span))
                    }
                    _ => None,
                });
            let Some((target, at)) = fed else { continue };
            let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
            let (buffer_name, target_name) = (short(&buffer.name), short(&self.program.vars[target].name));
            let mut d = Diagnostic::new(
                Code::W0601,
                own.span,
                format!("`{buffer_name}` is added to and never reset or decayed"),
                "accumulates for ever",
            )
            .label(at, format!("and is added to `{target_name}` again at every step"))
            .label(buffer.span, "starts here, once");
            if reads(&own.value, target) {
                d = d.note(format!(
                    "as it answers to `{target_name}` itself, the two swing like a spring: with a decay lambda, a period of\n2 pi / arccos(1 - lambda*tick/2) ticks, which no first-order equation can have"
                ));
            }
            d = d
                .help(format!("for the change of this step alone, put the expression into the equation of `{target_name}`"))
                .help(format!("for a trace that fades, give it a decay: `tau * d{buffer_name}/dt = -{buffer_name} + ...`"));
            let items = self.items_of(id);
            self.warn(&items, d, allowed);
        }
    }
}
