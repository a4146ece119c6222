//! A program from its parts: every dimension settled, every variable in its place.

use super::check::Overrides;
use super::checker::{Checker, Draft, Setting};
use super::dims::Term;
use super::typed::RuleParam;
use crate::contract::Precision;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Program, ProjId};
use crate::source::Span;
use crate::syntax::ast::ItemKind;
use crate::units::Unit;
use std::collections::HashSet;

impl<'a> Checker<'a, '_> {
    /// Reads the clock, the precision and the seed.
    pub fn clock_and_seed(&mut self, overrides: &Overrides) {
        // Durations of the clock itself may not be in ticks.
        self.program.tick = f64::NAN;
        self.program.tick_unit = Unit::named("ms");
        let clock = self.items.all(|k| matches!(k, ItemKind::Clock(_)));
        self.program.clocked = !clock.is_empty();
        let spiking = self.items.all(|k| matches!(k, ItemKind::Population(_)));
        let spiking =
            spiking.iter().any(|i| matches!(&i.kind, ItemKind::Population(p) if self.is_spiking(p)));
        let mut tick = if spiking { 1e-9 } else { 1e-3 };
        if let Some(ItemKind::Clock(e)) = clock.first().map(|i| &i.kind) {
            let known = self.constant_of(e, &Term::time(1), "the clock");
            self.program.tick_unit = Some(self.items.unit_for(Term::time(1).base()));
            match known {
                Some(v) if v > 0.0 && v.is_finite() => tick = v,
                // In ticks, while the tick is not known.
                Some(v) if v.is_nan() => self.report(
                    Diagnostic::new(
                        Code::E0502,
                        e.span,
                        "the clock cannot be given in its own ticks",
                        "how long is a tick?",
                    )
                    .help("for instance `clock 1 ms`"),
                ),
                Some(v) => {
                    let unit = self.program.tick_unit.clone().unwrap_or_else(crate::units::Unit::none);
                    let shown = crate::units::format_value(v, &unit, 6);
                    let d = Diagnostic::new(
                        Code::E0502,
                        e.span,
                        "a tick is longer than zero, and finite",
                        format!("this is {shown}"),
                    );
                    self.report(d.help("for instance `clock 1 ms`"));
                }
                None => {}
            }
            if let crate::syntax::ast::ExprKind::Number(n) = &e.kind
                && let Some(unit) = n.unit.as_ref().and_then(|u| super::items::resolve(u, None))
            {
                self.program.tick_unit = Unit::new(&unit);
            }
        }
        self.program.tick = tick;
        for item in self.items.all(|k| matches!(k, ItemKind::Precision(_))) {
            let ItemKind::Precision(name) = &item.kind else { continue };
            match Precision::ALL.into_iter().find(|p| p.name() == name.text) {
                Some(precision) => self.program.precision = precision,
                None => {
                    let headline = format!("there is no precision `{}`", name.text);
                    let d = Diagnostic::new(Code::E0201, name.span, headline, "unknown");
                    let d = d.note(
                        "`f64` is the default; with `f32` weights, and what rules keep beside them, take half the memory",
                    );
                    self.report(d.fix("write `f64`, or leave it out", name.span, "f64"));
                }
            }
        }
        if let Some(precision) = overrides.precision {
            self.program.precision = precision;
        }
        let written = self.items.all(|k| matches!(k, ItemKind::Seed(_)));
        let mut value = 0;
        if let Some(ItemKind::Seed(e)) = written.first().map(|i| &i.kind) {
            // A seed is read from its digits, so that all 64 bits can be given.
            let digits = match &e.kind {
                crate::syntax::ast::ExprKind::Number(n) if n.unit.is_none() => n.text.parse::<u64>().ok(),
                _ => None,
            };
            match digits {
                Some(v) => value = v,
                None => self.bad_seed(e.span),
            }
        }
        if let Some(setting) = self.settings.get("seed").cloned() {
            match setting {
                Setting::Value { value: v, .. } => value = v as u64,
                Setting::Written(e) => match self.constant_of(e, &Term::plain(), "the seed") {
                    Some(v) if v.fract() == 0.0 && (0.0..1.8e19).contains(&v) => value = v as u64,
                    Some(_) => self.bad_seed(e.span),
                    None => {}
                },
                Setting::Flag(_) => {}
            }
        } else if let Some(v) = overrides.seed {
            value = v;
        }
        self.program.seed = value;
    }

    fn bad_seed(&mut self, span: Span) {
        self.report(Diagnostic::new(
            Code::E0505,
            span,
            "a seed is a whole number from 0 to 2^64 - 1",
            "this is not",
        ));
    }

    /// Checks the whole file for one case.
    pub fn whole_program(
        &mut self,
        overrides: &Overrides,
        first: bool,
        allowed: &mut HashSet<Span>,
    ) -> Program {
        self.clock_and_seed(overrides);
        if first {
            let rules: Vec<_> = self.items.names().filter_map(|n| self.items.get(n)).collect();
            let mut rules: Vec<_> = rules
                .into_iter()
                .filter_map(|i| match &i.kind {
                    ItemKind::Rule(r) => Some(r),
                    _ => None,
                })
                .collect();
            rules.sort_by_key(|r| r.name.span);
            for rule in rules {
                self.check_rule_definition(rule);
            }
        }
        self.params();
        self.stimuli();
        self.declare_populations();
        self.declare_projections();
        self.projection_lines();
        self.population_equations();
        self.protocol();
        self.want_now();
        self.records();
        self.check_defaults();
        self.settle();
        let order = self.instantaneous_order();
        if !self.sink.has_errors() {
            self.lint_program(allowed);
        }
        assemble(&self.program, order)
    }

    /// Puts every dimension in its place, unknowns that nothing determines taken as plain numbers.
    fn settle(&mut self) {
        for i in 0..self.program.vars.len() {
            let id = crate::hir::VarId(i as u32);
            let dim = self.solver.settle(&self.program.var_terms[i]);
            let written = self.program.var_units[i].clone().filter(|u| u.dim == dim);
            let unit = written.unwrap_or_else(|| self.show_unit(dim));
            let var = &mut self.program.vars[id];
            var.dim = dim;
            var.unit = unit;
        }
        for i in 0..self.program.params.len() {
            let id = crate::hir::ParamId(i as u32);
            let dim = self.solver.settle(&self.program.param_terms[i]);
            let unit = Some(self.program.params[id].unit.clone()).filter(|u| u.dim == dim);
            let unit = unit.unwrap_or_else(|| self.show_unit(dim));
            let param = &mut self.program.params[id];
            param.dim = dim;
            param.unit = unit;
        }
        for i in 0..self.program.consts.len() {
            let id = crate::hir::ConstId(i as u32);
            let dim = self.solver.settle(&self.program.const_terms[i]);
            let unit = Some(self.program.consts[id].unit.clone()).filter(|u| u.dim == dim);
            let unit = unit.unwrap_or_else(|| self.show_unit(dim));
            let constant = &mut self.program.consts[id];
            constant.dim = dim;
            constant.unit = unit;
        }
        for i in 0..self.program.probes.len() {
            let (term, unit) = self.program.probe_terms[i].clone();
            let dim = self.solver.settle(&term);
            let unit = unit.filter(|u| u.dim == dim).unwrap_or_else(|| self.show_unit(dim));
            let probe = &mut self.program.probes[crate::hir::ProbeId(i as u32)];
            probe.dim = dim;
            probe.unit = unit;
        }
        for i in 0..self.program.records.len() {
            let (term, unit) = self.program.record_terms[i].clone();
            let dim = self.solver.settle(&term);
            let unit = unit.filter(|u| u.dim == dim).unwrap_or_else(|| self.show_unit(dim));
            let record = &mut self.program.records[crate::hir::RecordId(i as u32)];
            record.dim = dim;
            record.unit = unit;
        }
        for (projection, name) in self.program.rule_param_order.clone() {
            self.rule_use_param(projection, name);
        }
    }

    fn rule_use_param(&mut self, projection: ProjId, name: String) {
        let Some(param) = self.program.rule_params[projection.0 as usize].get(&name).cloned() else { return };
        let (value, unit) = match param {
            RuleParam::Set(id) => (self.program.params[id].value, self.program.params[id].unit.clone()),
            RuleParam::Value(t) => {
                let dim = self.solver.settle(&t.dim);
                let unit = t.unit.clone().filter(|u| u.dim == dim).unwrap_or_else(|| self.show_unit(dim));
                // what follows a state has no one value
                if t.stage != super::typed::Stage::Constant {
                    return;
                }
                let Some(v) = self.evaluate(&t.expr).and_then(|v| v.as_scalar()) else { return };
                (v, unit)
            }
        };
        if let Some(rule) = &mut self.program.projections[projection].rule {
            rule.params.push((name, value, unit));
        }
    }
}

fn assemble(draft: &Draft, instantaneous: Vec<crate::hir::VarId>) -> Program {
    let draft = draft.clone();
    Program {
        tick: draft.tick,
        tick_unit: draft.tick_unit.unwrap_or_else(Unit::none),
        clocked: draft.clocked,
        seed: draft.seed,
        precision: draft.precision,
        params: draft.params,
        consts: draft.consts,
        populations: draft.populations,
        projections: draft.projections,
        vars: draft.vars,
        instantaneous,
        locals: draft.locals,
        phases: draft.phases,
        protocol: draft.protocol,
        controls: draft.controls,
        probes: draft.probes,
        records: draft.records,
        followed: Vec::new(),
    }
}
