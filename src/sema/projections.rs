//! Projections: which cells are joined, their weights, delays, bounds; and the drive of each population.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::populations::NewVar;
use super::typed::{Binding, Place, RandomScope, RuleScope, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{
    self, Bounds, Connect, Domain, Element, ExprKind, Normalise, NormaliseFunction, NormaliseMode, Owner,
    PopId, ProjId, Projection, ReduceOp, VarId, VarKind,
};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ItemKind, MemberKind};

/// Beyond this many synapses a projection is refused before memory is asked for.
const MOST_SYNAPSES: usize = 10_000_000_000;
/// The longest delay, in ticks.
const LONGEST_DELAY: u64 = 1 << 24;

impl Checker<'_, '_> {
    /// Makes all projections with their weights, in name order; rules and equations come later.
    pub fn declare_projections(&mut self) {
        let mut list: Vec<&ast::Item> = self.items.all(|k| matches!(k, ItemKind::Synapses(_)));
        list.retain(|i| {
            super::items::name(i)
                .is_some_and(|n| self.items.get(&n.text).is_some_and(|j| std::ptr::eq(*i, j)))
        });
        list.sort_by_key(|i| super::items::name(i).map(|n| n.text.clone()));
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
        let mut connect = Connect::All;
        let mut except = false;
        let mut how: Option<&ast::Connect> = None;
        for m in &s.members {
            let MemberKind::Connect { how: h, except_self } = &m.kind else { continue };
            if how.is_some() {
                let first = s.members.iter().find(|m| matches!(m.kind, MemberKind::Connect { .. }));
                let d = Diagnostic::new(Code::E0202, m.span, "two `connect` lines", "the second");
                self.report(d.label(first.map_or(m.span, |f| f.span), "the first"));
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
            x: VarId(0),
            drive: VarId(0),
            vars: Vec::new(),
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
        self.program.projections[id].drive = drive;
        self.drive_of_projection(id, span);
    }

    /// `x`: the presynaptic output, delayed if the projection says so.
    fn declare_x(&mut self, id: ProjId, s: &ast::Synapses) {
        let pre = self.program.projections[id].pre;
        let Some(output) = self.program.populations[pre].output else {
            let at = self.program.populations[pre].span;
            self.report(
                Diagnostic::new(
                    Code::E0209,
                    s.pre.span,
                    format!("`{}` has no output for synapses to see", s.pre.text),
                    "the presynaptic population",
                )
                .label(at, "no `output` here")
                .help("declare it: `output y = ...`"),
            );
            // A stand-in, so that the rest can still be checked.
            let label = format!("{}.x", s.name.text);
            let axes = self.program.populations[pre].axes.clone();
            let owner = Owner::Projection(id);
            let domain = Domain::Cells(pre);
            let x = self.add_var(NewVar {
                name: label.clone(),
                owner,
                domain,
                axes,
                kind: VarKind::Input,
                learned: false,
                span: s.pre.span,
                unknown: &label,
            });
            self.program.projections[id].x = x;
            return;
        };
        self.program.projections[id].x = output;
        let delay = s.members.iter().find_map(|m| match &m.kind {
            MemberKind::Delay(e) => Some(e),
            _ => None,
        });
        let Some(e) = delay else { return };
        let Some(seconds) = self.constant_of(e, &Term::time(1), "a delay") else { return };
        let Some(ticks) = self.whole_ticks(seconds, e.span, "the delay") else { return };
        if ticks > LONGEST_DELAY {
            self.report(
                Diagnostic::new(
                    Code::E0501,
                    e.span,
                    format!("a delay is at most {LONGEST_DELAY} ticks"),
                    format!("this is {ticks} ticks"),
                )
                .note("the output of all these ticks is kept"),
            );
            return;
        }
        if ticks == 0 {
            self.report(
                Diagnostic::new(
                    Code::E0501,
                    e.span,
                    "a delay is at least one tick",
                    format!("this is {ticks} ticks"),
                )
                .help("leave the line out for no delay"),
            );
            return;
        }
        let axes = self.program.populations[pre].axes.clone();
        let label = format!("{}.x", s.name.text);
        let x = self.add_var(NewVar {
            name: label.clone(),
            owner: Owner::Projection(id),
            domain: Domain::Cells(pre),
            axes,
            kind: VarKind::Delayed { of: output, ticks: ticks as u32 },
            learned: false,
            span: e.span,
            unknown: &label,
        });
        let (a, b) =
            (self.program.var_terms[x.0 as usize].clone(), self.program.var_terms[output.0 as usize].clone());
        self.solver.unify(&a, &b);
        self.program.projections[id].x = x;
    }

    fn drive_of_projection(&mut self, id: ProjId, span: Span) {
        let p = self.program.projections[id].clone();
        let w = self.variable(p.w, p.axes.clone(), span);
        let pre_side = self.side_axes(id, AxisSide::Pre);
        let x = self.variable(p.x, pre_side.clone(), span);
        let dim = w.dim.mul(&x.dim);
        let product = self.combine(BinaryOp::Mul, w, x, dim.clone(), span);
        let value = if matches!(p.connect, Connect::OneToOne) {
            product.expr
        } else {
            hir::Expr {
                kind: ExprKind::Reduce {
                    op: ReduceOp::Sum,
                    args: vec![product.expr],
                    over: pre_side,
                    filter: None,
                },
                axes: self.side_axes(id, AxisSide::Post),
                ty: hir::Ty::Number,
                span,
            }
        };
        self.program.vars[p.drive].kind = VarKind::Instantaneous(value);
        let term = self.program.var_terms[p.drive.0 as usize].clone();
        self.solver.unify(&term, &dim);
    }

    /// `drive`: the sum over incoming projections, in name order, inhibitory ones subtracted.
    fn declare_drive(&mut self, id: PopId) {
        let incoming: Vec<ProjId> = self
            .program
            .projections
            .iter_enumerated()
            .filter(|(_, p)| p.post == id)
            .map(|(i, _)| i)
            .collect();
        if incoming.is_empty() {
            return;
        }
        let (axes, span, name) = {
            let p = &self.program.populations[id];
            (p.axes.clone(), p.span, p.name.clone())
        };
        let mut total: Option<Typed> = None;
        for p in incoming {
            let (drive, inhibitory, at) = {
                let p = &self.program.projections[p];
                (p.drive, p.inhibitory, p.span)
            };
            let term = self.variable(drive, axes.clone(), at);
            total = Some(match total {
                None if inhibitory => {
                    let dim = term.dim.clone();
                    let kind = ExprKind::Unary(ast::UnaryOp::Neg, Box::new(term.expr));
                    Typed::new(kind, axes.clone(), at, dim, Stage::Tick)
                }
                None => term,
                Some(sum) => {
                    self.same_dimension(&sum, &term, "add a drive of {b} to one of {a}");
                    let dim = sum.dim.clone();
                    self.combine(if inhibitory { BinaryOp::Sub } else { BinaryOp::Add }, sum, term, dim, span)
                }
            });
        }
        let Some(total) = total else { return };
        let label = format!("{name}.drive");
        let var = self.add_var(NewVar {
            name: label.clone(),
            owner: Owner::Population(id),
            domain: Domain::Cells(id),
            axes,
            kind: VarKind::Instantaneous(total.expr),
            learned: false,
            span,
            unknown: &label,
        });
        let term = self.program.var_terms[var.0 as usize].clone();
        self.solver.unify(&term, &total.dim);
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
        let list: Vec<&ast::Item> = self.items.all(|k| matches!(k, ItemKind::Synapses(_)));
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
            self.own_lines(id, s);
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
                | MemberKind::Delay(_) => {}
                _ => self.misplaced(m, "a projection"),
            }
        }
    }

    /// `bounds w in [lo, hi]`.
    pub fn bounds(
        &mut self,
        id: ProjId,
        name: &ast::Ident,
        lo: &ast::Expr,
        hi: &ast::Expr,
        scope: &mut Scope,
        span: Span,
    ) {
        let Some(var) = self.bounded(id, name, scope) else { return };
        if let Some(first) = self.program.projections[id].bounds.iter().find(|b| b.var == var) {
            let at = first.span;
            self.report(
                Diagnostic::new(
                    Code::E0602,
                    span,
                    format!("`{}` is bounded twice", name.text),
                    "the second bounds",
                )
                .label(at, "the first bounds")
                .help("bounds stand in the rule or in the projection, not in both"),
            );
            return;
        }
        let axes = self.axes_in_projection(id, var);
        let mut ends = Vec::new();
        for e in [lo, hi] {
            let t = self.infer_number(e, scope);
            self.fits_axes(&t, &axes, &format!("a bound of `{}`", name.text), name.span);
            let term = self.program.var_terms[var.0 as usize].clone();
            self.want(&t, &term, &format!("a bound of `{}`", name.text));
            ends.push(t);
        }
        if let (Some(a), Some(b)) = (self.constant(&ends[0]), self.constant(&ends[1]))
            && a > b
        {
            self.report(Diagnostic::new(
                Code::E0606,
                span,
                "the lower bound lies above the upper",
                "empty range",
            ));
        }
        let (Some(hi), Some(lo)) = (ends.pop(), ends.pop()) else { return };
        if !lo.poison && !hi.poison {
            self.program.projections[id].bounds.push(Bounds { var, lo: lo.expr, hi: hi.expr, span });
        }
    }

    fn bounded(&mut self, id: ProjId, name: &ast::Ident, scope: &Scope) -> Option<VarId> {
        let found = self.member_of_projection(id, &name.text);
        match found.filter(|v| matches!(self.program.vars[*v].kind, VarKind::State { .. })) {
            Some(v) => Some(v),
            None => {
                self.undefined(name, scope);
                None
            }
        }
    }

    /// `normalise sum(w over pre) = 1 every 1 s multiplicative`.
    pub fn normalise(&mut self, id: ProjId, n: &ast::Normalise, scope: &mut Scope, span: Span) {
        let bad = |c: &mut Self, at: Span, what: &str, label: &str| {
            c.report(
                Diagnostic::new(Code::E0608, at, what.to_owned(), label)
                    .help("write for instance `normalise sum(w over pre) = 1 multiplicative`"),
            );
        };
        let ast::ExprKind::Reduce(r) = &n.quantity.kind else {
            let sum = matches!(&n.quantity.kind, ast::ExprKind::Call { callee, .. }
                if matches!(&callee.kind, ast::ExprKind::Name(n) if matches!(n.text.as_str(), "sum" | "mean" | "norm")));
            let headline = match sum {
                true => "a normalisation runs over all of `pre` or all of `post`",
                false => "a normalisation holds a `sum`, a `mean` or a `norm`",
            };
            return bad(
                self,
                n.quantity.span,
                headline,
                if sum { "over which side?" } else { "none of these" },
            );
        };
        let function = match r.function.text.as_str() {
            "sum" => NormaliseFunction::Sum,
            "mean" => NormaliseFunction::Mean,
            "norm" => NormaliseFunction::Norm,
            _ => {
                return bad(
                    self,
                    r.function.span,
                    "a normalisation holds a `sum`, a `mean` or a `norm`",
                    "none of these",
                );
            }
        };
        let ([ast::Expr { kind: ast::ExprKind::Name(name), .. }], None) = (r.args.as_slice(), &r.binder)
        else {
            let at = r.args.first().map_or(n.quantity.span, |a| a.span);
            return bad(
                self,
                at,
                "a normalisation holds a quantity of one variable, such as `w`",
                "not a variable",
            );
        };
        let mode = match n.mode.text.as_str() {
            "multiplicative" => NormaliseMode::Multiplicative,
            "subtractive" => NormaliseMode::Subtractive,
            _ => {
                return bad(
                    self,
                    n.mode.span,
                    "a normalisation is `multiplicative` or `subtractive`",
                    "neither of them",
                );
            }
        };
        if function == NormaliseFunction::Norm && mode == NormaliseMode::Subtractive {
            let d = Diagnostic::new(
                Code::E0608,
                n.mode.span,
                "a norm can only be held by multiplication",
                "subtracts",
            );
            self.report(d.label(r.function.span, "the norm").fix(
                "write `multiplicative`",
                n.mode.span,
                "multiplicative",
            ));
            return;
        }
        let Some(var) = self.bounded(id, name, scope) else { return };
        let axes = self.axes_in_projection(id, var);
        let value = self.variable(var, axes.clone(), n.quantity.span);
        let Some(over) = self.resolve_over(&r.over, &value, scope) else { return };
        let (pre, post) = (self.side_axes(id, AxisSide::Pre), self.side_axes(id, AxisSide::Post));
        if over != pre && over != post {
            let headline = "a normalisation runs over all of `pre` or all of `post`";
            return bad(self, n.quantity.span, headline, "over a part of one, or over both");
        }
        if let Some(first) = self.program.projections[id].normalise.iter().find(|m| m.var == var) {
            let at = first.span;
            self.report(
                Diagnostic::new(
                    Code::E0608,
                    span,
                    format!("`{}` is normalised twice", name.text),
                    "the second time",
                )
                .label(at, "the first time")
                .help("a variable is normalised in one place, in the rule or in the projection"),
            );
            return;
        }
        let target = self.infer_number(&n.target, scope);
        self.want(&target, &value.dim, "the target of a normalisation");
        let rest: Vec<_> = axes.iter().copied().filter(|a| !over.contains(a)).collect();
        self.fits_axes(&target, &rest, "the target of a normalisation", n.quantity.span);
        let every = match &n.every {
            None => None,
            Some(e) => {
                let what = "the interval of a normalisation";
                let Some(seconds) = self.constant_of(e, &Term::time(1), what) else { return };
                let Some(ticks) = self.interval(seconds, e.span, what) else { return };
                Some(ticks)
            }
        };
        if !target.poison {
            let n = Normalise { var, function, over, target: target.expr, every, mode, span };
            self.program.projections[id].normalise.push(n);
        }
    }

    /// The scope of a rule's equations in a projection.
    pub fn rule_scope(&self, id: ProjId, rule: RuleScope, limit: Stage, what: &'static str) -> Scope {
        Scope::new(Place::Rule(id, rule), limit, what)
    }
}
