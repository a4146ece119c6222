//! Learning rules: the definition is checked once on cells of unknown units, then again at each use.

use super::axes::AxisSide;
use super::checker::{Checker, Default as Defaulted, Draft, Setting};
use super::dims::Term;
use super::populations::NewVar;
use super::typed::{RandomScope, RuleScope, Stage};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{
    self, Axis, Connect, Coordinates, Domain, Element, Owner, ProjId, Projection, Schedule, VarId, VarKind,
};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, MemberKind, Side};
use std::collections::HashMap;

impl<'a> Checker<'a, '_> {
    /// The rule an expression names, with its arguments: a rule, a call of one, or a parameter that holds one.
    pub fn rule_value(&self, e: &'a ast::Expr) -> Option<(&'a ast::Item, Vec<&'a ast::Arg>)> {
        self.rule_value_within(e, 0)
    }

    fn rule_value_within(
        &self,
        e: &'a ast::Expr,
        depth: usize,
    ) -> Option<(&'a ast::Item, Vec<&'a ast::Arg>)> {
        let (name, args): (_, Vec<&ast::Arg>) = match &e.kind {
            ast::ExprKind::Name(n) => (n, Vec::new()),
            ast::ExprKind::Call { callee, args } => match &callee.kind {
                ast::ExprKind::Name(n) => (n, args.iter().collect()),
                _ => return None,
            },
            _ => return None,
        };
        let settings: &'a HashMap<String, Setting<'a>> = self.settings;
        let inner: Option<&'a ast::Expr> = match settings.get(&name.text) {
            Some(Setting::Written(e)) => Some(e),
            Some(Setting::Flag(e)) => Some(e),
            _ => match self.items.get(&name.text).map(|i| &i.kind) {
                Some(ItemKind::Rule(_)) => return Some((self.items.get(&name.text)?, args)),
                Some(ItemKind::Param(p)) => Some(&p.value),
                _ => None,
            },
        };
        if depth > 16 || !args.is_empty() {
            return None;
        }
        self.rule_value_within(inner?, depth + 1)
    }

    /// Applies a rule to a projection.
    pub fn use_rule(&mut self, id: ProjId, e: &'a ast::Expr, s: &ast::Synapses) {
        if let ast::ExprKind::Name(n) = &e.kind {
            self.used.insert(n.text.clone());
        }
        let Some((item, args)) = self.rule_value(e) else { return self.no_rule(e, 0) };
        let ItemKind::Rule(rule) = &item.kind else { return };
        self.used.insert(rule.name.text.clone());
        if self.bad_rules.contains(&rule.name.text) {
            return;
        }
        self.program.projections[id].rule =
            Some(hir::RuleUse { name: rule.name.text.clone(), params: Vec::new() });
        self.program.rule_spans.push((id, e.span));
        self.apply_rule(id, rule, &args, false, &s.name.text);
    }

    fn rule_expected(&mut self, span: Span) {
        self.report(
            Diagnostic::new(Code::E0604, span, "`rule` names a learning rule", "not a rule")
                .help("write `rule NAME`, or `rule NAME(parameter = value)`"),
        );
    }

    fn no_rule(&mut self, e: &ast::Expr, depth: usize) {
        let name = match &e.kind {
            ast::ExprKind::Name(n) => n,
            ast::ExprKind::Call { callee, .. } => match &callee.kind {
                ast::ExprKind::Name(n) => n,
                _ => return self.rule_expected(e.span),
            },
            _ => return self.rule_expected(e.span),
        };
        // what stands for it on the command line or in a case is at fault, not the parameter
        let set: Option<&ast::Expr> = match self.settings.get(&name.text) {
            Some(Setting::Written(e)) => Some(e),
            Some(Setting::Flag(e)) => Some(e),
            _ => None,
        };
        if let Some(set) = set
            && depth < 16
        {
            return self.no_rule(set, depth + 1);
        }
        let rules: Vec<&str> = self
            .items
            .names()
            .filter(|n| self.items.get(n).is_some_and(|i| matches!(i.kind, ItemKind::Rule(_))))
            .collect();
        let mut d = match self.items.get(&name.text) {
            Some(item) => Diagnostic::new(
                Code::E0604,
                name.span,
                format!("`{}` is {}, not a learning rule", name.text, super::items::kind(item)),
                "a rule is needed here",
            )
            .label(super::items::head(item), "declared here"),
            None => Diagnostic::new(
                Code::E0201,
                name.span,
                format!("there is no learning rule `{}`", self.sources.text(name.span)),
                "no such rule",
            ),
        };
        if let Some(near) = nearest(&name.text, rules.iter().copied()) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        } else if self.loader.library(&name.text).is_some() {
            d = d.help(format!("the shipped library has it: add `use rules.{}`", name.text));
        } else if let Some(all) = list(rules.iter().copied()) {
            d = d.note(format!("rules: {all}"));
        }
        self.report(d);
    }

    /// Checks the definition of a rule on cells and synapses of unknown units, with its defaults.
    pub fn check_rule_definition(&mut self, rule: &'a ast::Rule) {
        let before = self.sink.error_count();
        self.no_line_twice(&rule.members);
        let scratch = Draft {
            tick: self.program.tick,
            seed: self.program.seed,
            tick_unit: self.program.tick_unit.clone(),
            clocked: self.program.clocked,
            ..Draft::default()
        };
        let program = std::mem::replace(&mut self.program, scratch);
        let solver = std::mem::take(&mut self.solver);
        let cell = |c: &mut Self, name: &str, axis: &str| {
            let axis =
                c.axes.intern(Axis { name: axis.into(), size: Some(2), coordinates: Coordinates::Index });
            let id = c.program.populations.push(hir::Population {
                name: name.into(),
                axes: vec![axis],
                cells: 2,
                output: None,
                spiking: None,
                vars: Vec::new(),
                span: rule.name.span,
            });
            let var = c.add_var(NewVar {
                name: format!("{name}.output"),
                owner: Owner::Population(id),
                domain: Domain::Cells(id),
                axes: vec![axis],
                kind: VarKind::Input,
                learned: false,
                span: rule.name.span,
                unknown: if name == "pre" { "x" } else { "y" },
            });
            c.program.populations[id].output = Some(var);
            (id, axis, var)
        };
        let (pre, pre_axis, x) = cell(self, "pre", "pre");
        let (post, post_axis, _) = cell(self, "post", "post");
        let id = self.program.projections.push(Projection {
            name: rule.name.text.clone(),
            stream: rule.name.text.clone(),
            pre,
            post,
            axes: vec![post_axis, pre_axis],
            post_axes: 1,
            connect: Connect::All,
            except_self: false,
            inhibitory: false,
            w: VarId(0),
            x: Some(x),
            drive: None,
            handlers: Vec::new(),
            ties: hir::Ties::default(),
            spike_delay: hir::SpikeDelay::default(),
            vars: Vec::new(),
            held: Vec::new(),
            normalise: Vec::new(),
            bounds: Vec::new(),
            rule: None,
            span: rule.name.span,
        });
        self.program.rule_params.push(HashMap::new());
        let start = self.unknown_start(rule.name.span);
        let w = self.add_var(NewVar {
            name: format!("{}.w", rule.name.text),
            owner: Owner::Projection(id),
            domain: Domain::Synapses(id),
            axes: vec![post_axis, pre_axis],
            kind: VarKind::State { start, equation: None },
            learned: true,
            span: rule.name.span,
            unknown: "w",
        });
        self.program.projections[id].w = w;
        self.apply_rule(id, rule, &[], true, "");
        self.program = program;
        self.solver = solver;
        if self.sink.error_count() > before {
            self.bad_rules.insert(rule.name.text.clone());
        }
    }

    fn apply_rule(
        &mut self,
        id: ProjId,
        rule: &'a ast::Rule,
        args: &[&'a ast::Arg],
        abstract_cells: bool,
        owner: &str,
    ) {
        let mut scope = RuleScope { abstract_cells, ..RuleScope::default() };
        self.rule_params(id, rule, args, &mut scope, owner);
        let p = self.program.projections[id].clone();
        scope.vars.insert("w".into(), p.w);
        if let Some(x) = p.x.filter(|_| self.program.populations[p.pre].output.is_some()) {
            scope.vars.insert("x".into(), x);
        }
        if let Some(y) = self.program.populations[p.post].output {
            scope.vars.insert("y".into(), y);
        }
        if !abstract_cells && !self.has_what_it_needs(id, rule, owner) {
            self.forgive(id);
            return;
        }
        self.rule_states(id, rule, &mut scope);
        self.rule_equations(id, rule, &scope);
        let events = self.rule_event_scope(id, &scope);
        self.handlers(id, &rule.members, &events);
        for m in &rule.members {
            let mut inner = self.rule_scope(id, scope.clone(), Stage::Tick, "a bound");
            match &m.kind {
                MemberKind::Bounds { name, lo, hi } => self.bounds(id, name, lo, hi, &mut inner, m.span),
                MemberKind::Normalise(n) => self.normalise(id, n, &mut inner, m.span),
                MemberKind::Param(_)
                | MemberKind::State(_)
                | MemberKind::Equation(_)
                | MemberKind::Update(_)
                | MemberKind::On { .. }
                | MemberKind::Ties(_)
                | MemberKind::Needs(_)
                | MemberKind::Values { .. }
                | MemberKind::Cell(_)
                | MemberKind::Integrate(_) => {}
                _ => self.misplaced(m, "a rule"),
            }
        }
    }

    fn rule_states(&mut self, id: ProjId, rule: &'a ast::Rule, scope: &mut RuleScope) {
        for m in &rule.members {
            let MemberKind::State(s) = &m.kind else { continue };
            // One per synapse is a part of every other kind: nothing more is found missing.
            let side = s.side.as_ref().map_or(Side::Syn, |s| s.node);
            if s.side.is_none() {
                self.report(
                    Diagnostic::new(
                        Code::E0604,
                        s.name.span,
                        format!("whose variable is `{}`?", s.name.text),
                        "one per what?",
                    )
                    .help(format!(
                        "write `pre {0} = ...`, `post {0} = ...` or `syn {0} = ...`: one per presynaptic cell, postsynaptic cell or synapse",
                        s.name.text
                    )),
                );
            }
            let taken = scope.vars.contains_key(&s.name.text)
                || scope.params.contains_key(&s.name.text)
                || super::items::RESERVED.contains(&s.name.text.as_str());
            if taken {
                let mut d = Diagnostic::new(
                    Code::E0202,
                    s.name.span,
                    format!("`{}` is already a name in this rule", s.name.text),
                    "declared again",
                );
                if let Some(at) = declaration(rule, &s.name) {
                    d = d.label(at, "the first declaration");
                }
                self.report(d);
                continue;
            }
            let (domain, axes) = match side {
                Side::Pre => (Domain::Pre(id), self.side_axes(id, AxisSide::Pre)),
                Side::Post => (Domain::Post(id), self.side_axes(id, AxisSide::Post)),
                Side::Syn => (Domain::Synapses(id), self.program.projections[id].axes.clone()),
            };
            let start = self.unknown_start(s.name.span);
            let kind = match &s.value {
                Some(_) => VarKind::State { start, equation: None },
                None => VarKind::Instantaneous(start),
            };
            let name = format!("{}.{}", self.program.projections[id].name, s.name.text);
            let var = self.add_var(NewVar {
                name,
                owner: Owner::Projection(id),
                domain,
                axes: axes.clone(),
                kind,
                learned: s.trace.is_none() && s.value.is_some(),
                span: s.name.span,
                unknown: &s.name.text,
            });
            scope.vars.insert(s.name.text.clone(), var);
            let Some(value) = &s.value else { continue };
            let mut inner = self.rule_scope(id, scope.clone(), Stage::Constant, "a start value");
            inner.random = Some(self.rule_random(id, &s.name.text, domain, axes.clone(), false));
            let t = self.infer_number(value, &mut inner);
            if t.poison {
                continue;
            }
            self.fits_axes(&t, &axes, &format!("the start of `{}`", s.name.text), s.name.span);
            let term = self.program.var_terms[var.0 as usize].clone();
            if scope.abstract_cells {
                self.solver.unify(&term, &t.dim);
            } else {
                let (name, unit) = (s.name.text.clone(), t.unit.clone());
                self.program.defaults.push(Defaulted {
                    projection: id,
                    name,
                    term,
                    dim: t.dim.clone(),
                    unit: unit.clone(),
                    var: Some(var),
                });
                self.program.var_units[var.0 as usize] = unit;
            }
            if let VarKind::State { start, .. } = &mut self.program.vars[var].kind {
                *start = t.expr;
            }
        }
    }

    fn rule_random(
        &self,
        id: ProjId,
        name: &str,
        domain: Domain,
        axes: Vec<hir::AxisId>,
        per_tick: bool,
    ) -> RandomScope {
        let p = &self.program.projections[id];
        let element = match (domain, &p.connect) {
            (Domain::Synapses(_), Connect::OneToOne) => Element::Flat,
            (Domain::Synapses(_), _) => Element::Synapse { post_axes: p.post_axes },
            _ => Element::Flat,
        };
        RandomScope { path: format!("{}.{name}", p.stream).into(), axes, element, per_tick, next: 0 }
    }

    fn rule_equations(&mut self, id: ProjId, rule: &'a ast::Rule, scope: &RuleScope) {
        let integrator = self.integrator_of(&rule.members);
        let schedule = self.schedule(id, rule, scope);
        for m in &rule.members {
            let MemberKind::Equation(e) = &m.kind else { continue };
            let name = &e.name.text;
            if name == "x" || name == "y" {
                self.report(
                    Diagnostic::new(
                        Code::E0603,
                        e.lhs,
                        format!("a rule does not determine `{name}`"),
                        "belongs to the cell",
                    )
                    .help("the output of a population is determined in the population: `output y = ...`"),
                );
                continue;
            }
            let var = scope.vars.get(name).copied();
            let Some(var) = var else {
                let mut known: Vec<&str> =
                    scope.vars.keys().map(String::as_str).filter(|n| *n != "x" && *n != "y").collect();
                known.sort_unstable();
                let mut d = Diagnostic::new(
                    Code::E0603,
                    e.lhs,
                    format!("an equation for `{name}`, which is not declared"),
                    "no such variable",
                );
                d = match nearest(name, known.iter().copied()) {
                    Some(near) => d.help(format!("a similar name is `{near}`")),
                    None => {
                        let start = if e.form == ast::Form::Instantaneous { "" } else { " = ..." };
                        d.help(format!(
                            "declare it: `post {name}{start}` for one per postsynaptic cell (or `pre`, `syn`)"
                        ))
                    }
                };
                self.report(d);
                continue;
            };
            let domain = self.program.vars[var].domain;
            let axes = self.axes_in_projection(id, var);
            let mut inner = self.rule_scope(id, scope.clone(), Stage::Tick, "an equation");
            inner.random = Some(self.rule_random(id, name, domain, axes.clone(), true));
            if e.form == ast::Form::Instantaneous {
                if !matches!(self.program.vars[var].kind, VarKind::Instantaneous(_)) {
                    let at = self.program.vars[var].span;
                    let headline = format!("`{name}` is a state and determined at every instant");
                    let d = Diagnostic::new(Code::E0602, e.lhs, headline, "an instantaneous equation");
                    self.report(match name.as_str() {
                        "w" => d.help("a weight changes by `dw/dt = ...` or `dw = ...`; to follow a value, `dw = value - w`"),
                        _ => d.label(at, "a state with a start value").help(format!(
                            "write `d{name}/dt = ...` or `d{name} = ...`, or declare it without a start value"
                        )),
                    });
                    continue;
                }
                let t = self.infer_number(&e.value, &mut inner);
                if !t.poison {
                    self.fits_axes(&t, &axes, &format!("`{name}`"), e.lhs);
                    self.unify_var(var, &t, &format!("`{name}`"));
                    self.program.vars[var].kind = VarKind::Instantaneous(t.expr);
                }
                continue;
            }
            let Some(var) = self.equation_target(Some(var), e) else { continue };
            self.state_equation(var, e, &axes, &mut inner, integrator, schedule);
        }
        self.without_equation(rule, scope.abstract_cells);
    }

    /// Reports variables with neither a start value nor an equation that determines them.
    fn without_equation(&mut self, rule: &ast::Rule, definition: bool) {
        for m in rule.members.iter().filter(|_| definition) {
            let MemberKind::State(ast::State { name, value: None, .. }) = &m.kind else { continue };
            let determined = rule.members.iter().any(|m| match &m.kind {
                MemberKind::Equation(e) => e.name.text == name.text,
                _ => false,
            });
            if determined {
                continue;
            }
            self.report(
                Diagnostic::new(
                    Code::E0604,
                    name.span,
                    format!("nothing determines `{}`", name.text),
                    "no start value, no equation",
                )
                .help(format!(
                    "give it a start value and an equation `d{0}/dt = ...`, or write `{0} = ...`",
                    name.text
                )),
            );
        }
    }

    fn schedule(&mut self, id: ProjId, rule: &'a ast::Rule, scope: &RuleScope) -> Schedule {
        let mut found: Option<Span> = None;
        let mut schedule = Schedule::Tick;
        for m in &rule.members {
            let MemberKind::Update(u) = &m.kind else { continue };
            if let Some(first) = found {
                self.report(
                    Diagnostic::new(Code::E0602, m.span, "two `update` lines", "the second")
                        .label(first, "the first"),
                );
                continue;
            }
            found = Some(m.span);
            match u {
                ast::Update::PerPresentation => schedule = Schedule::Presentation,
                ast::Update::Every(e) => {
                    let mut inner =
                        self.rule_scope(id, scope.clone(), Stage::Constant, "the interval of `update every`");
                    let t = self.infer_number(e, &mut inner);
                    self.want(&t, &Term::time(1), "the interval of `update every`");
                    if scope.abstract_cells {
                        continue;
                    }
                    let Some(seconds) = self.constant(&t) else { continue };
                    if let Some(n) = self.interval(seconds, e.span, "the interval of `update every`") {
                        schedule = Schedule::Every(n);
                    }
                }
            }
        }
        schedule
    }
}

/// Where a name was first declared in a rule, if not at `again`.
pub(super) fn declaration(rule: &ast::Rule, again: &ast::Ident) -> Option<Span> {
    let first = rule.members.iter().find_map(|m| match &m.kind {
        MemberKind::Param(ast::Param { name, .. }) | MemberKind::State(ast::State { name, .. })
            if name.text == again.text =>
        {
            Some(name.span)
        }
        _ => None,
    });
    first.filter(|s| *s != again.span)
}
