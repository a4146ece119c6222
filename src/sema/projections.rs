//! Projections: which cells are joined, their weights and delays, and the lines they hold.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::populations::NewVar;
use super::typed::{Binding, Place, RandomScope, RuleScope, Scope, Stage};
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, Connect, Domain, Element, Owner, PopId, ProjId, Projection, VarId, VarKind};
use crate::syntax::ast::{self, ItemKind, MemberKind};

/// Beyond this many synapses a projection is refused before memory is asked for.
const MOST_SYNAPSES: usize = 10_000_000_000;
impl<'a> Checker<'a, '_> {
    /// Makes all projections with their weights, in name order; rules and equations come later.
    pub fn declare_projections(&mut self) {
        let mut list: Vec<&ast::Item> = self.items.all(|k| matches!(k, ItemKind::Synapses(_)));
        list.retain(|i| {
            super::items::name(i)
                .is_some_and(|n| self.items.get(&n.text).is_some_and(|j| std::ptr::eq(*i, j)))
        });
        // A projection's place in sums is that of its name, or of the name that `stream` keeps.
        list.sort_by_key(|i| {
            let name = super::items::name(i).map(|n| n.text.clone());
            (i.stream.as_ref().map(|s| s.node.clone()).or(name.clone()), name)
        });
        for item in list {
            let ItemKind::Synapses(s) = &item.kind else { continue };
            self.used.insert(s.pre.text.clone());
            self.used.insert(s.post.text.clone());
            let pre = self.end(&s.pre);
            let post = self.end(&s.post);
            // What refers to one that cannot be declared stays silent.
            if let (Some(pre), Some(post)) = (pre, post) {
                self.declare_projection(item, s, pre, post);
            }
        }
        for id in self.program.populations.ids() {
            self.declare_drive(id);
        }
        self.program.network = true;
    }

    fn end(&mut self, name: &ast::Ident) -> Option<PopId> {
        if let Some(id) = self.population(&name.text) {
            return Some(id);
        }
        if self.program.broken_populations.contains(&name.text) {
            return None;
        }
        let names: Vec<String> = self.program.populations.iter().map(|p| p.name.clone()).collect();
        let mut d = Diagnostic::new(
            Code::E0201,
            name.span,
            format!("there is no population `{}`", self.sources.text(name.span)),
            "no such population",
        );
        if let Some(near) = crate::diag::nearest(&name.text, names.iter().map(String::as_str)) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        } else if let Some(all) = crate::diag::list(names.iter().map(String::as_str)) {
            d = d.note(format!("populations: {all}"));
        }
        self.report(d);
        None
    }

    fn declare_projection(&mut self, item: &ast::Item, s: &ast::Synapses, pre: PopId, post: PopId) {
        self.no_line_twice(&s.members);
        let mut connect = Connect::All;
        let mut except = false;
        let mut how: Option<&ast::Connect> = None;
        for m in &s.members {
            let MemberKind::Connect { how: h, except_self } = &m.kind else { continue };
            if how.is_some() {
                continue;
            }
            how = Some(h);
            except = except_self.is_some();
            if let (Some(span), true) = (except_self, pre != post) {
                self.report(
                    Diagnostic::new(
                        Code::E0606,
                        *span,
                        "no cell projects to itself here",
                        "nothing to except",
                    )
                    .note(format!("`{}` and `{}` are different populations", s.pre.text, s.post.text)),
                );
            }
            match h {
                ast::Connect::All | ast::Connect::Where(_) => {}
                ast::Connect::OneToOne => connect = Connect::OneToOne,
                ast::Connect::Random(p) => {
                    if let Some(v) = self.constant_of(p, &Term::plain(), "a connection probability") {
                        if !(0.0..=1.0).contains(&v) {
                            self.report(Diagnostic::new(
                                Code::E0606,
                                p.span,
                                "a connection probability lies between 0 and 1",
                                format!("this is {}", crate::units::format_number(v, 6)),
                            ));
                        }
                        connect = Connect::Random(v);
                    }
                }
            }
        }
        let (pre_axes, post_axes) =
            (self.program.populations[pre].axes.clone(), self.program.populations[post].axes.clone());
        let axes = if matches!(connect, Connect::OneToOne) {
            let shape = |c: &Self, a: &[hir::AxisId]| a.iter().map(|x| c.axes.size(*x)).collect::<Vec<_>>();
            if shape(self, &pre_axes) != shape(self, &post_axes) {
                let (a, b) = (self.axes.describe(&pre_axes), self.axes.describe(&post_axes));
                self.report(
                    Diagnostic::new(
                        Code::E0606,
                        s.name.span,
                        "one-to-one joins populations of the same shape",
                        format!("from {a} to {b}"),
                    )
                    .label(self.program.populations[pre].span, format!("this is {a}"))
                    .label(self.program.populations[post].span, format!("this is {b}")),
                );
                return;
            }
            post_axes.clone()
        } else {
            let clash = |a: &hir::AxisId, others: &[hir::AxisId], c: &Self| {
                others.iter().any(|o| c.axes.name(*o) == c.axes.name(*a))
            };
            let post: Vec<_> = post_axes
                .iter()
                .map(|a| if clash(a, &pre_axes, self) { self.axes.sided(AxisSide::Post, *a) } else { *a })
                .collect();
            let pre = pre_axes
                .iter()
                .map(|a| if clash(a, &post_axes, self) { self.axes.sided(AxisSide::Pre, *a) } else { *a })
                .collect::<Vec<_>>();
            post.into_iter().chain(pre).collect()
        };
        let synapses = self.axes.count(&axes).filter(|n| *n <= MOST_SYNAPSES);
        if synapses.is_none() {
            let n: f64 = axes.iter().map(|a: &hir::AxisId| self.axes.size(*a) as f64).product();
            let gib = crate::units::format_number(n * 8.0 / f64::from(1 << 30), 3);
            let d = Diagnostic::new(
                Code::E0409,
                s.name.span,
                format!("`{}` has {} synapses", s.name.text, crate::units::format_number(n, 6)),
                format!("their weights alone would take {gib} GiB"),
            );
            self.report(match connect {
                Connect::Random(_) => d.note("every pair takes its place, connected or not"),
                _ => d,
            });
            return;
        }
        let id = ProjId(self.program.projections.len() as u32);
        self.program.projections.push(Projection {
            name: s.name.text.clone(),
            stream: item.stream.as_ref().map_or(s.name.text.clone(), |x| x.node.clone()),
            pre,
            post,
            axes: axes.clone(),
            post_axes: post_axes.len(),
            connect,
            except_self: except,
            inhibitory: s.members.iter().any(|m| matches!(m.kind, MemberKind::Inhibitory)),
            w: VarId(0),
            x: None,
            drive: None,
            handlers: Vec::new(),
            ties: hir::Ties::default(),
            spike_delay: hir::SpikeDelay::default(),
            vars: Vec::new(),
            held: Vec::new(),
            normalise: Vec::new(),
            bounds: Vec::new(),
            rule: None,
            span: s.name.span,
        });
        self.program.rule_params.push(Default::default());
        let fixed = s.members.iter().any(|m| matches!(m.kind, MemberKind::Fixed));
        let (owner, span) = (Owner::Projection(id), s.name.span);
        let start = self.unknown_start(span);
        let label = format!("{}.w", s.name.text);
        let w = self.add_var(NewVar {
            name: label.clone(),
            owner,
            domain: Domain::Synapses(id),
            axes,
            kind: VarKind::State { start, equation: None },
            learned: !fixed,
            span,
            unknown: &label,
        });
        self.program.projections[id].w = w;
        self.declare_x(id, s);
        if self.program.projections[id].x.is_none() {
            return;
        }
        let post_side = self.side_axes(id, AxisSide::Post);
        let start = self.unknown_start(span);
        let label = format!("{}.drive", s.name.text);
        let drive = self.add_var(NewVar {
            name: label.clone(),
            owner,
            domain: Domain::Post(id),
            axes: post_side,
            kind: VarKind::Instantaneous(start),
            learned: false,
            span,
            unknown: &label,
        });
        self.program.projections[id].drive = Some(drive);
        self.drive_of_projection(id, span);
    }

    /// How long spikes travel along a projection, and on which side.
    fn spike_delay(&mut self, id: ProjId, s: &ast::Synapses) {
        let delay = s.members.iter().find_map(|m| match &m.kind {
            MemberKind::Delay { time, place } => Some((time, place)),
            _ => None,
        });
        let Some((time, place)) = delay else { return };
        let spiking = self.program.populations[self.program.projections[id].pre].spiking.is_some();
        if let Some(place) = place
            && !(matches!(place.text.as_str(), "axonal" | "dendritic") && spiking)
        {
            let (headline, label) = match spiking {
                true => (format!("a delay is `axonal` or `dendritic`, not `{}`", place.text), "where?"),
                false => ("the delay of an output has no place".to_owned(), "for spikes only"),
            };
            self.report(Diagnostic::new(Code::E0606, place.span, headline, label));
            return;
        }
        if !spiking {
            return;
        }
        let ticks = if self.program.projections[id].x.is_some() {
            match self.program.projections[id].x.map(|x| self.program.vars[x].kind.clone()) {
                Some(VarKind::Delayed { ticks, .. }) => u64::from(ticks),
                _ => 0,
            }
        } else {
            // a parameter of its rule may say it: the delay belongs to the values of a set
            let mut rule = RuleScope::default();
            for (name, value) in &self.program.rule_params[id.0 as usize] {
                rule.params.insert(name.clone(), value.clone());
            }
            let own = matches!(&time.kind, ast::ExprKind::Name(n) if rule.params.contains_key(&n.text));
            let seconds = if own {
                let mut scope = self.rule_scope(id, rule, Stage::Constant, "a delay");
                let t = self.infer_number(time, &mut scope);
                if self.want(&t, &Term::time(1), "a delay") { self.constant(&t) } else { None }
            } else {
                self.constant_of(time, &Term::time(1), "a delay")
            };
            let Some(seconds) = seconds else { return };
            let Some(ticks) = self.whole_ticks(seconds, time.span, "the delay") else { return };
            ticks
        };
        let dendritic = place.as_ref().is_some_and(|p| p.text == "dendritic");
        self.program.projections[id].spike_delay = match dendritic {
            true => hir::SpikeDelay { axonal: 0, dendritic: ticks },
            false => hir::SpikeDelay { axonal: ticks, dendritic: 0 },
        };
    }

    /// A scope on a projection's axes, for start values and conditions.
    pub fn projection_scope(
        &mut self,
        id: ProjId,
        limit: Stage,
        what: &'static str,
        random: Option<String>,
    ) -> Scope {
        let mut scope = Scope::new(Place::Projection(id), limit, what);
        let p = self.program.projections[id].clone();
        for a in &p.axes {
            let name = self.axes.name(*a).to_owned();
            scope.bindings.push((name, Binding::Coord(*a), p.span));
        }
        scope.random = random.map(|path| RandomScope {
            path: path.into(),
            axes: p.axes.clone(),
            element: match p.connect {
                Connect::OneToOne => Element::Flat,
                _ => Element::Synapse { post_axes: p.post_axes },
            },
            per_tick: false,
            next: 0,
        });
        scope
    }

    /// Reads each projection's own lines and its rule.
    pub fn projection_lines(&mut self) {
        let list: Vec<&'a ast::Item> = self.items.all(|k| matches!(k, ItemKind::Synapses(_)));
        for item in list {
            let ItemKind::Synapses(s) = &item.kind else { continue };
            let Some(id) = self.projection(&s.name.text) else { continue };
            self.weight_start(id, s);
            if let Some(m) = s.members.iter().find_map(|m| match &m.kind {
                MemberKind::Connect { how: ast::Connect::Where(e), .. } => Some(e),
                _ => None,
            }) {
                let mut scope =
                    self.projection_scope(id, Stage::Constant, "a condition of `connect where`", None);
                let t = self.infer_truth(m, &mut scope);
                if !t.poison {
                    self.program.projections[id].connect = Connect::Where(t.expr);
                }
            }
            let rules: Vec<&ast::Member> =
                s.members.iter().filter(|m| matches!(m.kind, MemberKind::Rule { .. })).collect();
            let fixed = s.members.iter().find(|m| matches!(m.kind, MemberKind::Fixed));
            match (rules.as_slice(), fixed) {
                ([], None) => {
                    self.report(
                        Diagnostic::new(
                            Code::E0604,
                            s.name.span,
                            format!("`{}` neither learns nor is fixed", s.name.text),
                            "no `rule`, no `fixed`",
                        )
                        .help("add `rule NAME(...)`, or `fixed` for weights that stay"),
                    );
                }
                ([r, second, ..], _) => {
                    self.report(
                        Diagnostic::new(Code::E0602, second.span, "a projection has one rule", "the second")
                            .label(r.span, "the first")
                            .help("several projections may join the same two populations"),
                    );
                }
                ([r], Some(f)) => {
                    self.report(
                        Diagnostic::new(Code::E0605, f.span, "a fixed projection has no rule", "fixed")
                            .label(r.span, "but it learns by this")
                            .help("keep one of the two"),
                    );
                }
                ([r], None) => {
                    if let MemberKind::Rule { rule } = &r.kind {
                        self.use_rule(id, rule, s);
                    }
                }
                ([], Some(_)) => {}
            }
            self.spike_delay(id, s);
            self.own_lines(id, s);
            let scope = self.event_scope(id);
            self.handlers(id, &s.members, &scope);
            self.restrain_inhibition(id, s);
        }
    }

    /// Inhibition subtracts, so its weights are not negative: those that learn need a bound that says so.
    fn restrain_inhibition(&mut self, id: ProjId, s: &ast::Synapses) {
        let p = &self.program.projections[id];
        let learns = matches!(self.program.vars[p.w].kind, VarKind::State { equation: Some(_), .. });
        if !p.inhibitory {
            return;
        }
        let bounds = p.bounds.iter().find(|b| b.var == p.w).map(|b| (b.span, b.lo.clone()));
        match bounds {
            None if learns => {
                let line =
                    |is: fn(&MemberKind) -> bool| s.members.iter().find(|m| is(&m.kind)).map(|m| m.span);
                let w = s.members.iter().find_map(|m| match &m.kind {
                    MemberKind::Equation(e) if e.name.text == "w" => Some(e.lhs),
                    _ => None,
                });
                let mut d = Diagnostic::new(
                    Code::E0606,
                    w.unwrap_or(s.name.span),
                    format!("the weights of `{}` might become negative", s.name.text),
                    "learns without a bound",
                );
                if let Some(at) = line(|m| matches!(m, MemberKind::Inhibitory)) {
                    d = d.label(at, "what is inhibitory has no negative weight");
                }
                self.report(
                    d.note("inhibition subtracts `sum(w*x)`; a negative weight would excite")
                        .help("add `bounds w in [0, inf]` to the projection or to the rule"),
                );
            }
            Some((span, lo)) => {
                let negative = match lo.kind {
                    hir::ExprKind::Number(v) => v < 0.0,
                    hir::ExprKind::Unary(ast::UnaryOp::Neg, v) => {
                        matches!(v.kind, hir::ExprKind::Number(v) if v > 0.0)
                    }
                    _ => false,
                };
                if negative {
                    let headline = "the weights of an inhibitory projection are not negative";
                    let d = Diagnostic::new(Code::E0606, span, headline, "the lower bound is");
                    self.report(d.label(s.name.span, "inhibitory").help("let the lower bound be 0"));
                }
            }
            None => {}
        }
    }

    fn weight_start(&mut self, id: ProjId, s: &ast::Synapses) {
        let starts: Vec<&ast::Equation> = s
            .members
            .iter()
            .filter_map(|m| match &m.kind {
                MemberKind::Equation(e) if e.name.text == "w" && e.form == ast::Form::Instantaneous => {
                    Some(e)
                }
                _ => None,
            })
            .collect();
        let w = self.program.projections[id].w;
        match starts.as_slice() {
            [] if self.writes_weight_in_a_bad_rule(s) => {}
            [] => self.report(
                Diagnostic::new(
                    Code::E0604,
                    s.name.span,
                    format!("the weights of `{}` have no start value", s.name.text),
                    "at t = 0 they are unknown",
                )
                .help("write for instance `w = uniform(0, 1)`"),
            ),
            [e, rest @ ..] => {
                let path = format!("{}.w", self.program.projections[id].stream);
                let mut scope = self.projection_scope(id, Stage::Constant, "a start value", Some(path));
                let t = self.infer_number(&e.value, &mut scope);
                self.start_of(w, &t, "the start of `w`");
                for second in rest {
                    self.report(
                        Diagnostic::new(Code::E0602, second.lhs, "`w` has two start values", "the second")
                            .label(e.lhs, "the first"),
                    );
                }
            }
        }
    }

    fn own_lines(&mut self, id: ProjId, s: &ast::Synapses) {
        for m in &s.members {
            match &m.kind {
                MemberKind::Start { name, value } | MemberKind::Hold { name, value } => {
                    let Some(var) = self.member_of_projection(id, &name.text).filter(|v| {
                        matches!(self.program.vars[*v].kind, VarKind::State { .. })
                            && *v != self.program.projections[id].w
                    }) else {
                        if self.learns_by_a_bad_rule(&s.name.text) {
                            continue;
                        }
                        let known: Vec<String> = self.program.projections[id]
                            .vars
                            .iter()
                            .filter(|v| matches!(self.program.vars[**v].kind, VarKind::State { .. }))
                            .map(|v| self.program.vars[*v].name.rsplit('.').next().unwrap_or("").to_owned())
                            .filter(|n| n != "w")
                            .collect();
                        let mut d = Diagnostic::new(
                            Code::E0208,
                            name.span,
                            format!("the rule of `{}` has no state `{}`", s.name.text, name.text),
                            "no such state",
                        );
                        if name.text == "w" {
                            d = d.help("the weight starts with `w = ...`");
                        } else if let Some(near) =
                            crate::diag::nearest(&name.text, known.iter().map(String::as_str))
                        {
                            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
                        } else if let Some(all) = crate::diag::list(known.iter().map(String::as_str)) {
                            d = d.note(format!("it has: {all}"));
                        } else {
                            d = d.note("it has none but the weight");
                        }
                        self.report(d);
                        continue;
                    };
                    let path = format!("{}.{}", self.program.projections[id].stream, name.text);
                    let mut scope = self.projection_scope(id, Stage::Constant, "a start value", Some(path));
                    scope.random = scope.random.map(|r| RandomScope {
                        axes: self.program.vars[var].axes.clone(),
                        element: Element::Flat,
                        ..r
                    });
                    let t = self.infer_number(value, &mut scope);
                    self.program.defaults.retain(|d| d.var != Some(var));
                    self.start_later(var, &t, &format!("the start of `{}`", name.text));
                    if let (MemberKind::Hold { .. }, VarKind::State { equation, .. }) =
                        (&m.kind, &mut self.program.vars[var].kind)
                    {
                        *equation = None;
                        self.program.projections[id].held.push(var);
                    }
                }
                MemberKind::Bounds { name, lo, hi } => {
                    let mut scope = self.projection_scope(id, Stage::Tick, "a bound", None);
                    self.bounds(id, name, lo, hi, &mut scope, m.span);
                }
                MemberKind::Normalise(n) => {
                    let mut scope = self.projection_scope(id, Stage::Tick, "a normalisation", None);
                    self.normalise(id, n, &mut scope, m.span);
                }
                MemberKind::Equation(e) if e.name.text == "w" && e.form == ast::Form::Instantaneous => {}
                MemberKind::Equation(e) => {
                    self.report(
                        Diagnostic::new(
                            Code::E0605,
                            e.lhs,
                            "an equation belongs in a rule",
                            "in a projection",
                        )
                        .help("declare `rule NAME { ... }` and use it here: `rule NAME`"),
                    );
                }
                MemberKind::Rule { .. }
                | MemberKind::Fixed
                | MemberKind::Inhibitory
                | MemberKind::Connect { .. }
                | MemberKind::Delay { .. }
                | MemberKind::On { .. }
                | MemberKind::Ties(_) => {}
                _ => self.misplaced(m, "a projection"),
            }
        }
    }

    /// The scope of a rule's equations in a projection.
    pub fn rule_scope(&self, id: ProjId, rule: RuleScope, limit: Stage, what: &'static str) -> Scope {
        Scope::new(Place::Rule(id, rule), limit, what)
    }
}
