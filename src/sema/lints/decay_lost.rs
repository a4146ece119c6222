use crate::contract::Precision;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Domain, Form, Owner, Schedule, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use std::collections::HashSet;

/// What a step has to take off at least, as a part of the whole: a number of single precision is rounded by up to 2^-25
/// to 2^-24 of itself, so what is less is wrong by more than a hundredth.
const LEAST: f64 = 1.0 / (1 << 18) as f64;

impl<'a> Checker<'a, '_> {
    /// A decay so slow that single precision rounds much of each step away.
    pub(super) fn lint_decay_lost(&mut self, allowed: &mut HashSet<Span>) {
        if self.program.precision == Precision::Double {
            return;
        }
        for id in self.program.vars.ids() {
            let var = self.program.vars[id].clone();
            let VarKind::State { equation: Some(e), .. } = &var.kind else { continue };
            let (Domain::Synapses(_), Owner::Projection(owner)) = (var.domain, &var.owner) else { continue };
            let Some(own) = self.own_coefficient(&e.value, id) else { continue };
            let ticks = if let Schedule::Every(n) = e.schedule { n as f64 } else { 1.0 };
            let step = match &e.form {
                Form::Rate { factor: None } => self.program.tick * ticks,
                Form::Rate { factor: Some(f) } => match self.known(f) {
                    Some(v) => self.program.tick * ticks / v,
                    None => continue,
                },
                Form::Increment => 1.0,
            };
            let part = -own * step;
            if part <= 0.0 || part >= LEAST {
                continue;
            }
            let name = var.name.rsplit('.').next().unwrap_or(&var.name).to_owned();
            let share = crate::units::format_number(part, 2);
            let off = crate::units::format_number((100.0 / (part * f64::from(1 << 24))).min(100.0), 2);
            let d = Diagnostic::new(
                Code::W0611,
                e.span,
                format!("`{name}` decays too slowly for precision f32"),
                format!("takes {share} of `{name}` off in a step"),
            )
            .note(format!(
                "f32 has 24 bits: a step like this is rounded by up to {off} % of itself, every time"
            ))
            .help("use `precision f64`, or a longer `clock`");
            let items = self.items_of(*owner);
            self.warn(&items, d, allowed);
        }
    }
}
