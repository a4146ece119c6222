use crate::diag::{Code, Diagnostic};
use crate::hir::{Form, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use crate::units::{Unit, format_number, format_value};
use std::collections::HashSet;

/// A window of this many ticks or fewer is decided by what happens within a tick: at 20 ms and a tick of 1 ms, taking
/// one side of a tie first shifts the balance of potentiation and depression by 5 %, as much as published rules
/// differ from balance (Song, Miller & Abbott 2000: 1.05).
const FEW: f64 = 25.0;

impl Checker<'_, '_> {
    /// Scheduled spikes that are moved to a tick, and time constants of spike pairs that the tick is too coarse for.
    pub(super) fn lint_coarse_spikes(&mut self, allowed: &mut HashSet<Span>) {
        let unit = self.program.tick_unit.clone().unwrap_or_else(Unit::none);
        let tick = self.program.tick;
        for (span, seconds, off) in std::mem::take(&mut self.program.off_tick) {
            let headline =
                format!("spikes after {} are set to the nearest tick", format_value(seconds, &unit, 6));
            let label = format!("up to {} % of a tick off", format_number((off * 100.0).round(), 3));
            let d = Diagnostic::new(Code::W0613, span, headline, label)
                .note(format!("the clock ticks every {}", format_value(tick, &unit, 6)));
            let protocol = self.items.all(|k| matches!(k, crate::syntax::ast::ItemKind::Protocol(_)));
            self.warn(&protocol, d.help("choose a tick of which the interval is a whole number"), allowed);
        }
        for id in self.program.projections.ids() {
            let p = self.program.projections[id].clone();
            let both = [crate::hir::Event::Pre, crate::hir::Event::Post];
            let hears =
                |event| p.handlers.iter().any(|h| h.event == event && h.changes.iter().any(|c| c.var == p.w));
            if !both.into_iter().all(hears) {
                continue;
            }
            for var in p.vars.clone() {
                let VarKind::State { equation: Some(e), .. } = self.program.vars[var].kind.clone() else {
                    continue;
                };
                let Form::Rate { factor: Some(factor) } = &e.form else { continue };
                let changed = p.handlers.iter().flat_map(|h| &h.changes).any(|c| c.var == var);
                if !changed || !factor.axes.is_empty() || !self.is_known_before(factor) {
                    continue;
                }
                let Some(tau) = self.evaluate(factor).and_then(|v| v.as_scalar()) else { continue };
                if tau > FEW * tick || tau <= 0.0 {
                    continue;
                }
                let name = self.program.vars[var].name.clone();
                let headline = format!(
                    "a tick of {} is coarse for the spike pairs of `{}`",
                    format_value(tick, &unit, 6),
                    p.name
                );
                let label = format!("`{name}` decays in {} ticks", format_number(tau / tick, 3));
                let d = Diagnostic::new(Code::W0614, e.span, headline, label)
                    .label(p.span, "learns by spike pairs here")
                    .note("what spikes of one tick do depends on `ties` alone, and lags are whole ticks: that can shift the balance of potentiation and depression by some percent")
                    .help(format!("choose a shorter tick, such as `clock {}`", format_value(tau / 100.0, &unit, 2)));
                let items = self.items_of(id);
                self.warn(&items, d, allowed);
                break;
            }
        }
    }

    /// Whether an expression reads nothing that changes.
    fn is_known_before(&self, e: &crate::hir::Expr) -> bool {
        let mut known = true;
        crate::sema::visit(e, &mut |e| {
            known &= !matches!(e.kind, crate::hir::ExprKind::Var(_) | crate::hir::ExprKind::RunTicks);
        });
        known
    }
}
