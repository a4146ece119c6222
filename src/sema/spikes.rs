//! Spikes of populations, and what they do at synapses.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::populations::NewVar;
use super::typed::{Binding, Place, RandomScope, RuleScope, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{
    self, AssignOp, Change, Domain, Event, Handler, Owner, PopId, ProjId, SpikeSource, Spiking, Ties, VarId,
    VarKind,
};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, MemberKind, Side};
use std::sync::Arc;

/// Whether a line says where spikes come from.
fn is_spikes(m: &MemberKind) -> bool {
    matches!(m, MemberKind::SpikeWhen { .. } | MemberKind::Spikes(_))
}

impl<'a> Checker<'a, '_> {
    /// The lines of a population: its own, then those of the cell that it names.
    pub fn population_members(&self, p: &'a ast::Population) -> Vec<&'a ast::Member> {
        let mut members: Vec<&'a ast::Member> = p.members.iter().collect();
        if let Some((cell, _)) = self.cell_of(p) {
            members.extend(cell.members.iter().filter(|m| !matches!(m.kind, MemberKind::Param(_))));
        }
        members
    }

    /// The cell that a population names, with its arguments.
    pub fn cell_of(&self, p: &'a ast::Population) -> Option<(&'a ast::Cell, &'a [ast::Arg])> {
        let e = p.members.iter().find_map(|m| match &m.kind {
            MemberKind::Cell(e) => Some(e),
            _ => None,
        })?;
        self.cell_named(e)
    }

    /// The cell that an expression names: `adex`, `adex(b = 80.5 pA)`, or `R.cell` for the one that a rule brings.
    fn cell_named(&self, e: &'a ast::Expr) -> Option<(&'a ast::Cell, &'a [ast::Arg])> {
        let (name, args): (_, &[ast::Arg]) = match &e.kind {
            ast::ExprKind::Name(name) => (name, &[]),
            ast::ExprKind::Call { callee, args } => match &callee.kind {
                ast::ExprKind::Name(name) => (name, args),
                ast::ExprKind::Field { .. } => {
                    return self.cell_named(callee).map(|(cell, _)| (cell, args.as_slice()));
                }
                _ => return None,
            },
            ast::ExprKind::Field { base, name } if name.text == "cell" => {
                let (item, _) = self.rule_value(base)?;
                let ItemKind::Rule(rule) = &item.kind else { return None };
                let of_rule = rule.members.iter().find_map(|m| match &m.kind {
                    MemberKind::Cell(e) => Some(e),
                    _ => None,
                })?;
                return self.cell_named(of_rule);
            }
            _ => return None,
        };
        match self.items.get(&name.text).map(|i| &i.kind) {
            Some(ItemKind::Cell(cell)) => Some((cell, args)),
            _ => None,
        }
    }

    /// Reports a `cell` line that names no cell.
    pub(super) fn check_cell(&mut self, p: &'a ast::Population) {
        let e = p.members.iter().find_map(|m| match &m.kind {
            MemberKind::Cell(e) => Some(e),
            _ => None,
        });
        let Some(e) = e else { return };
        let mut named = None;
        super::walk::expr(e, &mut |e| {
            if let (ast::ExprKind::Name(n), None) = (&e.kind, &named) {
                named = Some(n);
            }
        });
        let Some(name) = named else { return };
        self.used.insert(name.text.clone());
        let bare = match &e.kind {
            ast::ExprKind::Call { callee, .. } => callee,
            _ => e,
        };
        if let ast::ExprKind::Field { base, .. } = &bare.kind {
            if let Some((item, _)) = self.rule_value(base) {
                // a rule without a cell of its own leaves the population to the timeline
                if let Some(n) = super::items::name(item) {
                    self.used.insert(n.text.clone());
                }
                if let Some((cell, _)) = self.cell_of(p) {
                    self.used.insert(cell.name.text.clone());
                }
                return;
            }
            // what stands for the rule is refused where it is used
            if let ast::ExprKind::Name(n) = &base.kind
                && self.items.get(&n.text).is_some_and(|i| matches!(i.kind, ItemKind::Param(_)))
            {
                return;
            }
        } else if self.cell_of(p).is_some() {
            return;
        }
        let cells: Vec<&str> = self
            .items
            .names()
            .filter(|n| self.items.get(n).is_some_and(|i| matches!(i.kind, ItemKind::Cell(_))))
            .collect();
        let headline = format!("there is no cell `{}`", self.sources.text(e.span));
        let mut d = Diagnostic::new(Code::E0201, e.span, headline, "no such cell");
        let rule = self
            .items
            .get(&name.text)
            .is_some_and(|i| matches!(i.kind, ItemKind::Rule(_) | ItemKind::Param(_)));
        if rule {
            d = d.help(format!("the cell that a rule brings is `cell {}.cell`", name.text));
        } else if let Some(near) = nearest(&name.text, cells.iter().copied()) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        } else if let Some(all) = list(cells.iter().copied()) {
            d = d.note(format!("cells: {all}"));
        } else {
            d = d.help("declare it: `cell NAME { state v = ... }`, or name that of a rule: `cell R.cell`");
        }
        self.report(d);
    }

    /// Puts the parameters of a population's cell in a scope.
    pub(super) fn bind_cell_params(&mut self, p: &'a ast::Population, scope: &mut Scope) {
        let Some((cell, args)) = self.cell_of(p) else { return };
        for m in &cell.members {
            let MemberKind::Param(param) = &m.kind else { continue };
            let given = args.iter().find(|a| a.name.as_ref().is_some_and(|n| n.text == param.name.text));
            let mut own = Scope::new(Place::Constant, Stage::Constant, "a parameter of a cell");
            own.bindings.clone_from(&scope.bindings);
            let default = self.infer_number(&param.value, &mut own);
            let value = match given {
                Some(arg) => {
                    let mut file = Scope::new(Place::Constant, Stage::Constant, "a parameter of a cell");
                    let t = self.infer_number(&arg.value, &mut file);
                    let what = format!("the parameter `{}` of the cell", param.name.text);
                    if self.want(&t, &default.dim, &what) { t } else { default }
                }
                None => default,
            };
            scope.bind(&param.name, Binding::Argument(Box::new(value)));
        }
        for arg in args {
            let Some(name) = &arg.name else { continue };
            let known = cell
                .members
                .iter()
                .any(|m| matches!(&m.kind, MemberKind::Param(param) if param.name.text == name.text));
            if !known {
                let headline = format!("the cell `{}` has no parameter `{}`", cell.name.text, name.text);
                let d = Diagnostic::new(Code::E0205, name.span, headline, "no such parameter");
                let mut d = d.label(cell.name.span, "declared here");
                let params: Vec<&str> = cell
                    .members
                    .iter()
                    .filter_map(|m| match &m.kind {
                        MemberKind::Param(param) => Some(param.name.text.as_str()),
                        _ => None,
                    })
                    .collect();
                if let Some(near) = nearest(&name.text, params.iter().copied()) {
                    d = d.fix(format!("a similar name is `{near}`"), name.span, near);
                } else if let Some(all) = list(params.iter().copied()) {
                    d = d.note(format!("its parameters: {all}"));
                }
                self.report(d);
            }
        }
    }

    /// Whether a population is one of spikes.
    pub(super) fn is_spiking(&self, p: &'a ast::Population) -> bool {
        p.spiking.is_some()
            || p.members.iter().any(|m| matches!(m.kind, MemberKind::Cell(_)))
            || self.population_members(p).iter().any(|m| is_spikes(&m.kind))
    }

    /// Makes a population one of spikes, if it is; what its lines say comes later.
    pub(super) fn declare_spikes(&mut self, id: PopId, item: &'a ast::Item, p: &'a ast::Population) {
        if !self.is_spiking(p) {
            return;
        }
        let axes = self.program.populations[id].axes.clone();
        let span = p.spiking.unwrap_or(p.name.span);
        let start = self.unknown_start(span);
        let label = format!("{}.spikes", p.name.text);
        let count = self.add_var(NewVar {
            name: label.clone(),
            owner: Owner::Population(id),
            domain: Domain::Cells(id),
            axes,
            kind: VarKind::State { start, equation: None },
            learned: false,
            span,
            unknown: &label,
        });
        let term = self.program.var_terms[count.0 as usize].clone();
        self.solver.unify(&term, &Term::plain());
        let stream = item.stream.as_ref().map_or(p.name.text.clone(), |s| s.node.clone());
        self.program.populations[id].spiking = Some(Spiking {
            source: SpikeSource::Timeline,
            reset: Vec::new(),
            refractory: 0,
            count,
            stream,
            span,
        });
    }

    /// Reads where a population's spikes come from and what they do to their cell.
    pub(super) fn population_spikes(&mut self, id: PopId, p: &'a ast::Population) {
        let mut said: Option<Span> = None;
        let stream =
            self.program.populations[id].spiking.as_ref().map_or(String::new(), |s| s.stream.clone());
        for m in self.population_members(p) {
            if !is_spikes(&m.kind) {
                continue;
            }
            if let Some(first) = said.replace(m.span) {
                let headline = "the spikes of a population come from one place";
                let d = Diagnostic::new(Code::E0602, m.span, headline, "the second line that says so");
                self.report(d.label(first, "the first"));
                continue;
            }
            match &m.kind {
                MemberKind::SpikeWhen { condition, reset, refractory } => {
                    let mut scope = self.population_scope(
                        id,
                        Place::Population(id),
                        Stage::Tick,
                        "the condition of a spike",
                    );
                    self.bind_cell_params(p, &mut scope);
                    let t = self.infer_truth(condition, &mut scope);
                    let axes = self.program.populations[id].axes.clone();
                    self.fits_axes(&t, &axes, "the condition of a spike", condition.span);
                    scope.random = Some(self.cell_random(id, &format!("{stream}/spike"), true));
                    let changes = self.reset(id, reset, &mut scope);
                    let ticks = refractory.as_ref().and_then(|e| self.refractory(e, &scope));
                    if let Some(s) = &mut self.program.populations[id].spiking {
                        s.source = SpikeSource::When(t.expr);
                        s.reset = changes;
                        s.refractory = ticks.unwrap_or(0);
                        s.span = m.span;
                    }
                }
                MemberKind::Spikes(ast::SpikeSource::Poisson(rate)) => {
                    let mut scope = self.population_scope(
                        id,
                        Place::Population(id),
                        Stage::Tick,
                        "the rate of a Poisson process",
                    );
                    self.bind_cell_params(p, &mut scope);
                    let t = self.infer_number(rate, &mut scope);
                    self.want(&t, &Term::time(-1), "the rate of a Poisson process");
                    let axes = self.program.populations[id].axes.clone();
                    self.fits_axes(&t, &axes, "the rate of a Poisson process", rate.span);
                    if let Some(v) = self.constant(&t)
                        && (v < 0.0 || !v.is_finite())
                    {
                        let headline = "a rate is not negative, and finite";
                        self.report(Diagnostic::new(Code::E0611, rate.span, headline, "this is not"));
                    }
                    if let Some(s) = &mut self.program.populations[id].spiking {
                        s.source = SpikeSource::Poisson(t.expr);
                        s.span = m.span;
                    }
                }
                MemberKind::Spikes(ast::SpikeSource::At { times, cells }) => {
                    self.spikes_at(id, times, cells.as_ref(), m.span);
                }
                _ => {}
            }
        }
    }

    fn refractory(&mut self, e: &'a ast::Expr, scope: &Scope) -> Option<u64> {
        let mut own = scope.clone();
        own.place = Place::Constant;
        own.limit = (Stage::Constant, "a refractory period");
        let t = self.infer_number(e, &mut own);
        if !self.want(&t, &Term::time(1), "a refractory period") {
            return None;
        }
        let seconds = self.constant(&t)?;
        self.whole_ticks(seconds, e.span, "the refractory period")
    }

    fn spikes_at(&mut self, id: PopId, times: &'a ast::Expr, cells: Option<&'a ast::Expr>, span: Span) {
        let list = |c: &mut Self, e: &'a ast::Expr, dim: &Term, what: &'static str| {
            let mut scope = Scope::new(Place::Constant, Stage::Constant, what);
            let t = match &e.kind {
                ast::ExprKind::List { items, .. } => {
                    let axis = c.axes.intern(hir::Axis {
                        name: "spike".into(),
                        size: Some(items.len()),
                        coordinates: hir::Coordinates::Index,
                    });
                    let list = c.listed_array(e, what, &[axis])?;
                    c.const_value(list, e.span)
                }
                _ => c.infer_number(e, &mut scope),
            };
            if t.poison || !c.want(&t, dim, what) {
                return None;
            }
            c.evaluate(&t.expr).map(Arc::new)
        };
        let times_value = list(self, times, &Term::time(1), "the times of spikes");
        let cells_value = cells.map(|e| list(self, e, &Term::plain(), "the cells of spikes"));
        let Some(times_value) = times_value else { return };
        if let Some(Some(cells_value)) = &cells_value {
            let n = self.program.populations[id].cells as f64;
            if cells_value.data.len() != times_value.data.len() {
                let headline = "each time of a spike has its cell";
                let label = format!("{} times and {} cells", times_value.data.len(), cells_value.data.len());
                self.report(Diagnostic::new(Code::E0611, span, headline, label));
                return;
            }
            if let Some(bad) = cells_value.data.iter().find(|v| !(v.fract() == 0.0 && **v >= 0.0 && **v < n))
            {
                let headline = format!(
                    "`{}` has no cell {}",
                    self.program.populations[id].name,
                    crate::units::format_number(*bad, 9)
                );
                let at = cells.map_or(span, |e| e.span);
                let d = Diagnostic::new(Code::E0611, at, headline, "one of these cells");
                self.report(d.note(format!("its cells are numbered from 0 to {}", n - 1.0)));
                return;
            }
        }
        if let Some(bad) = times_value.data.iter().find(|v| !(**v >= 0.0 && v.is_finite())) {
            let headline = "a spike comes at a time of the run";
            let label = format!("one of these is {} s", crate::units::format_number(*bad, 9));
            self.report(Diagnostic::new(Code::E0611, times.span, headline, label));
            return;
        }
        if let Some(s) = &mut self.program.populations[id].spiking {
            s.source = SpikeSource::At { times: times_value, cells: cells_value.flatten() };
            s.span = span;
        }
    }

    fn reset(&mut self, id: PopId, changes: &'a [ast::Change], scope: &mut Scope) -> Vec<Change> {
        let mut out: Vec<Change> = Vec::new();
        let axes = self.program.populations[id].axes.clone();
        for c in changes {
            let what = format!("`{}`", c.name.text);
            let t = self.infer_number(&c.value, scope);
            if let Some(owner) = &c.owner {
                let headline = "a spike of a cell resets its own variables";
                let d = Diagnostic::new(Code::E0610, owner.span, headline, "another's");
                self.report(
                    d.help("what spikes do at synapses stands in a projection or rule: `on pre { ... }`"),
                );
                continue;
            }
            let Some(var) = self.changed_state(self.member_of_population(id, &c.name.text), &c.name) else {
                continue;
            };
            if !self.fits_axes(&t, &axes, &what, c.name.span) || t.poison {
                continue;
            }
            self.unify_change(var, c, &t, &what);
            self.once(&out, var, c);
            out.push(Change { var, of: Some(Event::Post), op: c.op, value: t.expr, span: c.span });
        }
        out
    }

    /// The state that an event changes.
    fn changed_state(&mut self, var: Option<VarId>, name: &ast::Ident) -> Option<VarId> {
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

    fn unify_change(&mut self, var: VarId, c: &ast::Change, t: &Typed, what: &str) {
        match c.op {
            AssignOp::Mul | AssignOp::Div => {
                self.want(t, &Term::plain(), &format!("the factor of {what}"));
            }
            _ => self.unify_var(var, t, what),
        }
    }

    /// One change for each variable.
    fn once(&mut self, before: &[Change], var: VarId, c: &ast::Change) {
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

    /// Reads the `on pre`, `on post` and `ties` lines of a rule or of a projection.
    pub(super) fn handlers(&mut self, id: ProjId, members: &'a [ast::Member], scope: &Scope) {
        for m in members {
            match &m.kind {
                MemberKind::On { event, changes } => {
                    let (kind, side) = match event.node {
                        Side::Pre => (Event::Pre, AxisSide::Pre),
                        _ => (Event::Post, AxisSide::Post),
                    };
                    self.hears(id, kind, event.span, scope);
                    let changes = self.changes(id, (kind, side), changes, scope);
                    self.program.projections[id].handlers.push(Handler { event: kind, changes });
                }
                MemberKind::Ties(word) => self.ties(id, word),
                _ => {}
            }
        }
    }

    /// Reports a handler of spikes that nobody emits.
    fn hears(&mut self, id: ProjId, event: Event, span: Span, scope: &Scope) {
        if is_abstract(scope) {
            return;
        }
        let p = &self.program.projections[id];
        let population = if event == Event::Pre { p.pre } else { p.post };
        let population = &self.program.populations[population];
        if population.spiking.is_some() {
            return;
        }
        let side = if event == Event::Pre { "presynaptic" } else { "postsynaptic" };
        let headline = format!("`{}` emits no spikes", population.name);
        let d = Diagnostic::new(Code::E0610, span, headline, format!("waits for {side} spikes"));
        let d = d.label(population.span, format!("the {side} population"));
        self.report(d.help(
            "let it spike: `population NAME spiking`, `spikes poisson(RATE)` or `spike when CONDITION { ... }`",
        ));
    }

    fn changes(
        &mut self,
        id: ProjId,
        (event, side): (Event, AxisSide),
        changes: &'a [ast::Change],
        scope: &Scope,
    ) -> Vec<Change> {
        let mut out: Vec<Change> = Vec::new();
        let handlers = self.program.projections[id].handlers.iter().filter(|h| h.event == event);
        let before: Vec<Change> = handlers.flat_map(|h| h.changes.iter().cloned()).collect();
        // two handlers of one event draw different numbers
        let mut draws = 16 * before.len() as u32;
        for c in changes {
            let mut inner = scope.clone();
            let random = self.event_draw(id, side, c, scope);
            inner.random = Some(RandomScope { next: draws, ..random });
            let t = self.infer_number(&c.value, &mut inner);
            draws = inner.random.map_or(draws, |r| r.next);
            let owner = match c.owner.as_ref().map(|o| (o.text.as_str(), o.span)) {
                None => None,
                Some(("pre", _)) => Some(AxisSide::Pre),
                Some(("post", _)) => Some(AxisSide::Post),
                Some((_, at)) => {
                    let headline = "a spike changes variables of the synapse and of its two cells";
                    let d = Diagnostic::new(Code::E0610, at, headline, "neither `pre` nor `post`");
                    self.report(d.help("write `w`, a variable of the rule, `pre.NAME` or `post.NAME`"));
                    continue;
                }
            };
            let var = match owner {
                Some(_) if is_abstract(scope) => continue,
                Some(of) => {
                    let p = &self.program.projections[id];
                    let population = if of == AxisSide::Pre { p.pre } else { p.post };
                    match self.member_of_population(population, &c.name.text) {
                        Some(var) => Some(var),
                        None => {
                            let cell = self.program.populations[population].name.clone();
                            let cell = ast::Ident { text: cell, span: c.name.span };
                            self.no_member(&cell, &c.name);
                            continue;
                        }
                    }
                }
                None => match &scope.place {
                    Place::Rule(_, rule) => rule.vars.get(&c.name.text).copied(),
                    _ => self.member_of_projection(id, &c.name.text),
                },
            };
            let Some(var) = self.changed_state(var, &c.name) else { continue };
            let domain = self.program.vars[var].domain;
            let of = match (owner, domain) {
                (Some(side), _) => Some(side),
                (None, Domain::Pre(_)) => Some(AxisSide::Pre),
                (None, Domain::Post(_)) => Some(AxisSide::Post),
                _ => None,
            };
            let axes = match of {
                Some(own) if own == side => self.side_axes(id, side),
                // every synapse that the event reaches adds its part
                _ => self.program.projections[id].axes.clone(),
            };
            if of.is_some_and(|of| of != side) {
                if side == AxisSide::Post {
                    let headline = "a postsynaptic spike does not change the presynaptic cell";
                    let d = Diagnostic::new(Code::E0610, c.span, headline, "belongs to the presynaptic cell");
                    self.report(d.help("let it change a variable of the synapse: `syn NAME = ...`"));
                    continue;
                }
                if !matches!(c.op, AssignOp::Add | AssignOp::Sub) {
                    let headline = format!("several spikes may reach `{}` at one instant", c.name.text);
                    let d = Diagnostic::new(Code::E0610, c.span, headline, "which of them decides?");
                    self.report(d.help("let each add its part: `+=` or `-=`"));
                    continue;
                }
            }
            if var == self.program.projections[id].w && !self.program.vars[var].learned {
                let headline = "the weights of a fixed projection do not change";
                let d = Diagnostic::new(Code::E0610, c.span, headline, "changes the weight");
                self.report(d.help(
                    "leave `fixed` out and name a rule, or change a variable of the cell: `post.NAME += w`",
                ));
                continue;
            }
            let what = format!("`{}`", c.name.text);
            if !self.fits_axes(&t, &axes, &what, c.name.span) || t.poison {
                continue;
            }
            self.unify_change(var, c, &t, &what);
            self.once(&before, var, c);
            self.once(&out, var, c);
            let of = of.map(|side| if side == AxisSide::Pre { Event::Pre } else { Event::Post });
            out.push(Change { var, of, op: c.op, value: t.expr, span: c.span });
        }
        out
    }

    /// Where the random numbers of a change come from: one for each synapse, or cell, and instant.
    fn event_draw(&self, id: ProjId, side: AxisSide, c: &ast::Change, scope: &Scope) -> RandomScope {
        let p = &self.program.projections[id];
        let own = match (c.owner.as_ref().map(|o| o.text.as_str()), &scope.place) {
            (Some("pre"), _) => Some(AxisSide::Pre),
            (Some("post"), _) => Some(AxisSide::Post),
            (_, Place::Rule(_, rule)) => {
                match rule.vars.get(&c.name.text).map(|v| self.program.vars[*v].domain) {
                    Some(Domain::Pre(_)) => Some(AxisSide::Pre),
                    Some(Domain::Post(_)) => Some(AxisSide::Post),
                    _ => None,
                }
            }
            _ => None,
        };
        let word = if side == AxisSide::Pre { "pre" } else { "post" };
        let path = format!("{}/on {word}", p.stream).into();
        if own == Some(side) {
            let axes = self.side_axes(id, side);
            return RandomScope { path, axes, element: hir::Element::Flat, per_tick: true, next: 0 };
        }
        let element = match p.connect {
            hir::Connect::OneToOne => hir::Element::Flat,
            _ => hir::Element::Synapse { post_axes: p.post_axes },
        };
        RandomScope { path, axes: p.axes.clone(), element, per_tick: true, next: 0 }
    }

    fn ties(&mut self, id: ProjId, word: &ast::Ident) {
        let all = ["together", "pre_first", "post_first", "half"];
        let ties = match word.text.as_str() {
            "together" => Ties::Together,
            "pre_first" => Ties::PreFirst,
            "post_first" => Ties::PostFirst,
            "half" => Ties::Half,
            other => {
                let headline = format!("`ties {other}` is not known");
                let mut d = Diagnostic::new(Code::E0201, word.span, headline, "no such order")
                    .note("what two spikes at one instant do: together, pre_first, post_first, half");
                if let Some(near) = nearest(other, all) {
                    d = d.fix(format!("a similar word is `{near}`"), word.span, near);
                }
                self.report(d);
                return;
            }
        };
        self.program.projections[id].ties = ties;
    }

    /// Whether the cells of a projection have the variables that a rule needs; what is missing is reported.
    pub(super) fn has_what_it_needs(&mut self, id: ProjId, rule: &ast::Rule, owner: &str) -> bool {
        let p = self.program.projections[id].clone();
        let mut has_all = true;
        let needs = rule.members.iter().filter_map(|m| match &m.kind {
            MemberKind::Needs(needs) => Some(needs),
            _ => None,
        });
        for (side, name) in needs.flatten() {
            let population = if side.node == Side::Pre { p.pre } else { p.post };
            if self.member_of_population(population, &name.text).is_some() {
                continue;
            }
            has_all = false;
            let cell = &self.program.populations[population];
            let at = self.program.rule_spans.iter().find(|(q, _)| *q == id).map_or(p.span, |(_, s)| *s);
            let rule = p.rule.as_ref().map_or(owner, |r| r.name.as_str());
            let headline = format!("`{rule}` needs a variable `{}` of `{}`", name.text, cell.name);
            let side = if side.node == Side::Pre { "presynaptic" } else { "postsynaptic" };
            let label = format!("reads `{}` of the {side} cell", name.text);
            let d = Diagnostic::new(Code::E0612, at, headline, label)
                .label(cell.span, format!("has no `{}`", name.text))
                .label(name.span, "the rule says so here");
            self.report(
                d.help("let the population have it, or take the cell that the rule brings: `cell R.cell`"),
            );
        }
        has_all
    }

    /// Lets no more be said of a projection whose rule cannot be used.
    pub(super) fn forgive(&mut self, id: ProjId) {
        if let Some(rule) = self.program.projections[id].rule.clone() {
            self.bad_rules.insert(rule.name);
        }
    }

    /// The scope of the event lines of a projection itself.
    pub(super) fn event_scope(&self, id: ProjId) -> Scope {
        let mut scope = Scope::new(Place::Projection(id), Stage::Tick, "what a spike does");
        let p = &self.program.projections[id];
        for a in &p.axes {
            scope.bindings.push((self.axes.name(*a).to_owned(), Binding::Coord(*a), p.span));
        }
        scope
    }

    /// The scope of the event lines of a rule.
    pub(super) fn rule_event_scope(&self, id: ProjId, rule: &RuleScope) -> Scope {
        self.rule_scope(id, rule.clone(), Stage::Tick, "what a spike does")
    }
}

/// Whether a rule is being checked on cells of unknown kind.
fn is_abstract(scope: &Scope) -> bool {
    matches!(&scope.place, Place::Rule(_, rule) if rule.abstract_cells)
}
