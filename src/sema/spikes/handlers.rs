//! What spikes do at synapses: `on pre`, `on post`, `ties`, and what a rule needs of the cells.

use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::{self, AssignOp, Change, Domain, Event, Handler, ProjId, Ties};
use crate::sema::axes::AxisSide;
use crate::sema::checker::Checker;
use crate::sema::typed::{Binding, Place, RandomScope, RuleScope, Scope, Stage};
use crate::source::Span;
use crate::syntax::ast::{self, MemberKind, Side};

impl<'a> Checker<'a, '_> {
    /// Reads the `on pre`, `on post` and `ties` lines of a rule or of a projection.
    pub(in crate::sema) fn handlers(&mut self, id: ProjId, members: &'a [ast::Member], scope: &Scope) {
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
    pub(super) fn hears(&mut self, id: ProjId, event: Event, span: Span, scope: &Scope) {
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

    pub(super) fn changes(
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
        let mut draws = (before.len() as u32) << 16;
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
    pub(super) fn event_draw(
        &self,
        id: ProjId,
        side: AxisSide,
        c: &ast::Change,
        scope: &Scope,
    ) -> RandomScope {
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

    pub(super) fn ties(&mut self, id: ProjId, word: &ast::Ident) {
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
    pub(in crate::sema) fn has_what_it_needs(&mut self, id: ProjId, rule: &ast::Rule, owner: &str) -> bool {
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
    pub(in crate::sema) fn forgive(&mut self, id: ProjId) {
        if let Some(rule) = self.program.projections[id].rule.clone() {
            self.bad_rules.insert(rule.name);
        }
    }

    /// The scope of the event lines of a projection itself.
    pub(in crate::sema) fn event_scope(&self, id: ProjId) -> Scope {
        let mut scope = Scope::new(Place::Projection(id), Stage::Tick, "what a spike does");
        let p = &self.program.projections[id];
        for a in &p.axes {
            scope.bindings.push((self.axes.name(*a).to_owned(), Binding::Coord(*a), p.span));
        }
        scope
    }

    /// The scope of the event lines of a rule.
    pub(in crate::sema) fn rule_event_scope(&self, id: ProjId, rule: &RuleScope) -> Scope {
        self.rule_scope(id, rule.clone(), Stage::Tick, "what a spike does")
    }
}

/// Whether a rule is being checked on cells of unknown kind.
pub(super) fn is_abstract(scope: &Scope) -> bool {
    matches!(&scope.place, Place::Rule(_, rule) if rule.abstract_cells)
}
