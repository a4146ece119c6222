use crate::diag::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind, Form, Owner, VarId, VarKind};
use crate::sema::checker::Checker;
use crate::sema::typed::Stage;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, UnaryOp};
use std::collections::HashSet;

impl<'a> Checker<'a, '_> {
    /// A tick longer than the time constant of a linear equation: the course between ticks is lost.
    pub(super) fn lint_tick_too_large(&mut self, allowed: &mut HashSet<Span>) {
        for id in self.program.vars.ids() {
            let var = self.program.vars[id].clone();
            let VarKind::State { equation: Some(e), .. } = &var.kind else { continue };
            let Form::Rate { factor } = &e.form else { continue };
            let Some(own) = self.own_coefficient(&e.value, id) else { continue };
            let factor = match factor {
                None => 1.0,
                Some(f) => match self.known(f) {
                    Some(v) => v,
                    None => continue,
                },
            };
            let rate = -own / factor;
            if rate <= 0.0 || rate * self.program.tick <= 1.0 {
                continue;
            }
            let unit = self.program.tick_unit.clone().unwrap_or_else(crate::units::Unit::none);
            let show = |v: f64| crate::units::format_value(v, &unit, 6);
            let name = var.name.rsplit('.').next().unwrap_or(&var.name).to_owned();
            let d = Diagnostic::new(
                Code::W0605,
                e.span,
                format!("the tick is longer than the time constant of `{name}`"),
                format!("its time constant is {}", show(1.0 / rate)),
            )
            .note(format!("the clock ticks every {}", show(self.program.tick)))
            .help(format!("for instance `clock {}`", show(0.1 / rate)));
            let items = match var.owner {
                Owner::Projection(p) => self.items_of(p),
                Owner::Population(p) => {
                    let name = self.program.populations[p].name.clone();
                    self.items.get(&name).into_iter().collect()
                }
            };
            self.warn(&items, d, allowed);
        }
    }

    pub(super) fn known(&mut self, e: &Expr) -> Option<f64> {
        let mut constant = e.axes.is_empty();
        crate::sema::visit(e, &mut |e| {
            constant &= !matches!(
                e.kind,
                ExprKind::Var(_)
                    | ExprKind::PresentationTicks
                    | ExprKind::RunTicks
                    | ExprKind::Random { .. }
                    | ExprKind::AtStart(_)
            );
        });
        let t = self.typed_of(e.clone(), crate::sema::results::plain(), Stage::Constant);
        if constant { self.constant(&t) } else { None }
    }

    /// The constant `a` in `a*v + (terms without v)`, if the expression has that form.
    pub(super) fn own_coefficient(&mut self, e: &Expr, var: VarId) -> Option<f64> {
        if !super::reads(e, var) {
            return Some(0.0);
        }
        match &e.kind {
            ExprKind::Var(v) if *v == var => Some(1.0),
            ExprKind::Unary(UnaryOp::Neg, a) => self.own_coefficient(a, var).map(|c| -c),
            ExprKind::Binary(BinaryOp::Add, a, b) => {
                Some(self.own_coefficient(a, var)? + self.own_coefficient(b, var)?)
            }
            ExprKind::Binary(BinaryOp::Sub, a, b) => {
                Some(self.own_coefficient(a, var)? - self.own_coefficient(b, var)?)
            }
            ExprKind::Binary(BinaryOp::Mul, a, b) => match (super::reads(a, var), super::reads(b, var)) {
                (true, false) => Some(self.own_coefficient(a, var)? * self.known(b)?),
                (false, true) => Some(self.known(a)? * self.own_coefficient(b, var)?),
                _ => None,
            },
            ExprKind::Binary(BinaryOp::Div, a, b) if !super::reads(b, var) => {
                Some(self.own_coefficient(a, var)? / self.known(b)?)
            }
            _ => None,
        }
    }
}
