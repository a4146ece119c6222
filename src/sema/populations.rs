//! Populations: their axes, variables and equations.

use super::checker::Checker;
use super::dims::Term;
use super::typed::{Binding, Place, RandomScope, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{
    self, Domain, Element, Equation, Form, Integrator, Owner, PopId, Schedule, Var, VarId, VarKind,
};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, MemberKind};
use crate::units::Unit;

/// A variable about to be made.
pub(super) struct NewVar<'n> {
    pub name: String,
    pub owner: Owner,
    pub domain: Domain,
    pub axes: Vec<hir::AxisId>,
    pub kind: VarKind,
    pub learned: bool,
    pub span: Span,
    pub unknown: &'n str,
}

impl<'a> Checker<'a, '_> {
    /// Adds a variable of a yet unknown dimension.
    pub fn add_var(&mut self, v: NewVar<'_>) -> VarId {
        let term = self.solver.fresh(Some(v.unknown));
        let (dim, unit) = (Term::plain().base(), Unit::none());
        let var = Var {
            name: v.name,
            owner: v.owner,
            domain: v.domain,
            axes: v.axes,
            kind: v.kind,
            learned: v.learned,
            dim,
            unit,
            span: v.span,
        };
        let id = self.program.vars.push(var);
        self.program.var_terms.push(term);
        self.program.var_units.push(None);
        match v.owner {
            Owner::Population(p) => self.program.populations[p].vars.push(id),
            Owner::Projection(p) => self.program.projections[p].vars.push(id),
        }
        id
    }

    /// A start value that is not known yet.
    pub fn unknown_start(&mut self, span: Span) -> hir::Expr {
        Typed::number(0.0, span).expr
    }

    /// Makes all populations with their variables, in name order; equations come later.
    pub fn declare_populations(&mut self) {
        let mut list: Vec<&'a ast::Item> = self.items.all(|k| matches!(k, ItemKind::Population(_)));
        list.retain(|i| {
            super::items::name(i)
                .is_some_and(|n| self.items.get(&n.text).is_some_and(|j| std::ptr::eq(*i, j)))
        });
        list.sort_by_key(|i| super::items::name(i).map(|n| n.text.clone()));
        for item in list {
            let ItemKind::Population(p) = &item.kind else { continue };
            let Some(axes) = self.declared_axes(&p.axes) else {
                self.program.broken_populations.push(p.name.text.clone());
                continue;
            };
            let Some(cells) = self.axes.count(&axes).filter(|n| *n as f64 <= 1e9) else {
                let n: f64 = axes.iter().map(|a| self.axes.size(*a) as f64).product();
                self.report(Diagnostic::new(
                    Code::E0409,
                    p.name.span,
                    format!(
                        "the population `{}` has {} cells",
                        p.name.text,
                        crate::units::format_number(n, 6)
                    ),
                    format!(
                        "one variable alone would take {} GiB",
                        crate::units::format_number(n * 8.0 / f64::from(1 << 30), 3)
                    ),
                ));
                self.program.broken_populations.push(p.name.text.clone());
                continue;
            };
            let id = self.program.populations.push(hir::Population {
                name: p.name.text.clone(),
                axes,
                cells,
                output: None,
                spiking: None,
                vars: Vec::new(),
                span: p.name.span,
            });
            self.check_cell(p);
            self.declare_spikes(id, item, p);
            self.declare_population_vars(id, p);
        }
    }

    fn declare_population_vars(&mut self, id: PopId, p: &'a ast::Population) {
        let axes = self.program.populations[id].axes.clone();
        let new = |name: &str, kind: VarKind, span: Span| NewVar {
            name: format!("{}.{name}", p.name.text),
            owner: Owner::Population(id),
            domain: Domain::Cells(id),
            axes: axes.clone(),
            kind,
            learned: false,
            span,
            unknown: "",
        };
        self.no_line_twice(&p.members);
        let plain = p.members.iter().all(|m| matches!(m.kind, MemberKind::Integrate(_)));
        if plain && !self.is_spiking(p) {
            let label = format!("{}.y", p.name.text);
            let var = self.add_var(NewVar { unknown: &label, ..new("y", VarKind::Input, p.name.span) });
            self.program.populations[id].output = Some(var);
            return;
        }
        for m in self.population_members(p) {
            let (name, kind) = match &m.kind {
                MemberKind::State(s) => {
                    if let Some(side) = &s.side {
                        self.report(
                            Diagnostic::new(
                                Code::E0605,
                                side.span,
                                "`pre`, `post` and `syn` belong in a rule",
                                "in a population",
                            )
                            .fix("write `state`", side.span, "state"),
                        );
                    }
                    let start = self.unknown_start(s.name.span);
                    if s.value.is_none() {
                        self.report(
                            Diagnostic::new(
                                Code::E0604,
                                s.name.span,
                                format!("the state `{}` has no start value", s.name.text),
                                "at t = 0 it is unknown",
                            )
                            .help(format!("write `state {} = ...`", s.name.text)),
                        );
                    }
                    (&s.name, VarKind::State { start, equation: None })
                }
                MemberKind::Output { name, .. } => {
                    (name, VarKind::Instantaneous(self.unknown_start(name.span)))
                }
                MemberKind::Equation(e) if e.form == ast::Form::Instantaneous => {
                    (&e.name, VarKind::Instantaneous(self.unknown_start(e.name.span)))
                }
                MemberKind::Equation(_)
                | MemberKind::Integrate(_)
                | MemberKind::SpikeWhen { .. }
                | MemberKind::Spikes(_)
                | MemberKind::Cell(_) => continue,
                _ => {
                    self.misplaced(m, "a population");
                    continue;
                }
            };
            if matches!(name.text.as_str(), "drive" | "t" | "tick" | "w" | "pre" | "post" | "syn") {
                self.report(Diagnostic::new(
                    Code::E0203,
                    name.span,
                    format!("`{}` is a reserved name", name.text),
                    "it already means something here",
                ));
                continue;
            }
            if let Some(first) = self.member_of_population(id, &name.text) {
                let at = self.program.vars[first].span;
                self.report(
                    Diagnostic::new(Code::E0602, name.span, format!("`{}` is determined twice", name.text), "the second time")
                        .label(at, "the first time")
                        .help("one equation per variable; an output of a state can have another name: `output y = v`"),
                );
                continue;
            }
            self.hides_an_item(name);
            let label = format!("{}.{}", p.name.text, name.text);
            let var = self.add_var(NewVar { unknown: &label, ..new(&name.text, kind, name.span) });
            if let MemberKind::Output { .. } = m.kind {
                match self.program.populations[id].output {
                    None => self.program.populations[id].output = Some(var),
                    Some(first) => {
                        let at = self.program.vars[first].span;
                        self.report(
                            Diagnostic::new(
                                Code::E0602,
                                name.span,
                                "a population has one output",
                                "the second",
                            )
                            .label(at, "the first"),
                        );
                    }
                }
            }
        }
    }

    /// Reports a line that belongs elsewhere.
    pub fn misplaced(&mut self, m: &ast::Member, place: &str) {
        let (what, home) = match &m.kind {
            MemberKind::Param(_) => ("`param`", "a rule, or the file"),
            MemberKind::Output { .. } => ("`output`", "a population"),
            MemberKind::State(_) => ("a state", "a rule or a population"),
            MemberKind::Equation(_) => ("an equation", "a rule or a population"),
            MemberKind::Update(_) => ("`update`", "a rule"),
            MemberKind::Normalise(_) => ("`normalise`", "a rule or a projection"),
            MemberKind::Bounds { .. } => ("`bounds`", "a rule or a projection"),
            MemberKind::Integrate(_) => ("`integrate`", "a rule, a population or the file"),
            MemberKind::Rule { .. } => ("`rule`", "a projection"),
            MemberKind::Fixed => ("`fixed`", "a projection"),
            MemberKind::Inhibitory => ("`inhibitory`", "a projection"),
            MemberKind::Connect { .. } => ("`connect`", "a projection"),
            MemberKind::Delay { .. } => ("`delay`", "a projection"),
            MemberKind::SpikeWhen { .. } => ("`spike when`", "a population or a cell"),
            MemberKind::Spikes(_) => ("`spikes`", "a population or a cell"),
            MemberKind::On { .. } => ("`on`", "a rule or a projection"),
            MemberKind::Ties(_) => ("`ties`", "a rule or a projection"),
            MemberKind::Values { .. } => ("`values`", "a rule"),
            MemberKind::Needs(_) => ("`needs`", "a rule"),
            MemberKind::Cell(_) => ("`cell`", "a population or a rule"),
            MemberKind::Start { .. } => ("`start`", "a projection"),
            MemberKind::Hold { .. } => ("`hold`", "a projection"),
        };
        self.report(
            Diagnostic::new(Code::E0605, m.span, format!("{what} does not belong in {place}"), "misplaced")
                .help(format!("it belongs in {home}")),
        );
    }

    /// The integrator a word names.
    pub fn integrator(&mut self, name: &ast::Ident) -> Option<Integrator> {
        Some(match name.text.as_str() {
            "euler" => Integrator::Euler,
            "exponential" => Integrator::Exponential,
            "heun" => Integrator::Heun,
            "rk4" => Integrator::Rk4,
            other => {
                let all = ["euler", "exponential", "heun", "rk4"];
                let mut d = Diagnostic::new(
                    Code::E0201,
                    name.span,
                    format!("there is no integrator `{other}`"),
                    "unknown",
                )
                .note("integrators: euler, exponential, heun, rk4");
                if let Some(near) = crate::diag::nearest(other, all) {
                    d = d.fix(format!("a similar name is `{near}`"), name.span, near);
                }
                self.report(d);
                return None;
            }
        })
    }

    /// The integrator of a group of members: its own, else the file's, else the default.
    pub fn integrator_of(&mut self, members: &[ast::Member]) -> Option<Integrator> {
        let own = members.iter().find_map(|m| match &m.kind {
            MemberKind::Integrate(name) => Some(name),
            _ => None,
        });
        let file = self.items.file.items.iter().find_map(|i| match &i.kind {
            ItemKind::Integrate(name) => Some(name),
            _ => None,
        });
        self.integrator(own.or(file)?)
    }

    /// Infers the equations of all populations.
    pub fn population_equations(&mut self) {
        let list: Vec<&'a ast::Item> = self.items.all(|k| matches!(k, ItemKind::Population(_)));
        for item in list {
            let ItemKind::Population(p) = &item.kind else { continue };
            let Some(id) = self.population(&p.name.text) else { continue };
            let cell = self.cell_of(p).map(|(c, _)| c.members.as_slice());
            let own = |m: &&ast::Member| matches!(m.kind, MemberKind::Integrate(_));
            let members = match cell {
                Some(cell) if !p.members.iter().any(|m| own(&m)) => cell,
                _ => &p.members,
            };
            let integrator = self.integrator_of(members);
            let stream = item.stream.as_ref().map_or(p.name.text.clone(), |s| s.node.clone());
            for m in self.population_members(p) {
                match &m.kind {
                    MemberKind::State(s) => {
                        let Some(var) = self.member_of_population(id, &s.name.text) else { continue };
                        let Some(value) = &s.value else { continue };
                        let mut scope =
                            self.population_scope(id, Place::Constant, Stage::Constant, "a start value");
                        self.bind_cell_params(p, &mut scope);
                        scope.random =
                            Some(self.cell_random(id, &format!("{stream}.{}", s.name.text), false));
                        let t = self.infer_number(value, &mut scope);
                        self.start_of(var, &t, &format!("the start of `{}`", s.name.text));
                    }
                    MemberKind::Output { name, value } => {
                        self.instantaneous(id, p, &stream, name, value);
                    }
                    MemberKind::Equation(e) if e.form == ast::Form::Instantaneous => {
                        self.instantaneous(id, p, &stream, &e.name, &e.value);
                    }
                    MemberKind::Equation(e) => {
                        let Some(var) = self.equation_target(self.member_of_population(id, &e.name.text), e)
                        else {
                            continue;
                        };
                        let mut scope =
                            self.population_scope(id, Place::Population(id), Stage::Tick, "an equation");
                        self.bind_cell_params(p, &mut scope);
                        scope.random = Some(self.cell_random(id, &format!("{stream}.{}", e.name.text), true));
                        let axes = self.program.populations[id].axes.clone();
                        self.state_equation(var, e, &axes, &mut scope, integrator, Schedule::Tick);
                    }
                    _ => {}
                }
            }
            self.population_spikes(id, p);
        }
    }

    pub(super) fn population_scope(
        &mut self,
        id: PopId,
        place: Place,
        limit: Stage,
        what: &'static str,
    ) -> Scope {
        let mut scope = Scope::new(place, limit, what);
        let axes = self.program.populations[id].axes.clone();
        let span = self.program.populations[id].span;
        for a in axes {
            scope.bindings.push((self.axes.name(a).to_owned(), Binding::Coord(a), span));
        }
        scope
    }

    pub(super) fn cell_random(&self, id: PopId, path: &str, per_tick: bool) -> RandomScope {
        let axes = self.program.populations[id].axes.clone();
        RandomScope { path: path.into(), axes, element: Element::Flat, per_tick, next: 0 }
    }

    fn instantaneous(
        &mut self,
        id: PopId,
        p: &'a ast::Population,
        stream: &str,
        name: &ast::Ident,
        value: &ast::Expr,
    ) {
        let Some(var) = self.member_of_population(id, &name.text) else { return };
        let mut scope = self.population_scope(id, Place::Population(id), Stage::Tick, "an equation");
        self.bind_cell_params(p, &mut scope);
        scope.random = Some(self.cell_random(id, &format!("{stream}.{}", name.text), true));
        let t = self.infer_number(value, &mut scope);
        if t.poison {
            self.program.vars[var].kind = VarKind::Instantaneous(t.expr);
            return;
        }
        let axes = self.program.populations[id].axes.clone();
        self.fits_axes(&t, &axes, &format!("`{}`", name.text), name.span);
        self.unify_var(var, &t, &format!("`{}`", name.text));
        if matches!(self.program.vars[var].kind, VarKind::Instantaneous(_)) {
            self.program.vars[var].kind = VarKind::Instantaneous(t.expr);
        }
    }

    /// Gives a variable's start value.
    pub fn start_of(&mut self, var: VarId, t: &Typed, what: &str) {
        if t.poison {
            return;
        }
        let axes = self.program.vars[var].axes.clone();
        self.fits_axes(t, &axes, what, self.program.vars[var].span);
        self.unify_var(var, t, what);
        if let VarKind::State { start, .. } = &mut self.program.vars[var].kind {
            *start = t.expr.clone();
        }
    }

    /// Gives a variable's start value; its dimension is required once the equations have said theirs.
    pub fn start_later(&mut self, var: VarId, t: &Typed, what: &str) {
        if t.poison {
            return;
        }
        let axes = self.program.vars[var].axes.clone();
        self.fits_axes(t, &axes, what, self.program.vars[var].span);
        let term = self.program.var_terms[var.0 as usize].clone();
        self.want_later(t, &term, what.to_owned());
        self.program.var_units[var.0 as usize].clone_from(&t.unit);
        if let VarKind::State { start, .. } = &mut self.program.vars[var].kind {
            *start = t.expr.clone();
        }
    }

    /// Requires a value's axes to be among those of its place.
    pub fn fits_axes(&mut self, t: &Typed, axes: &[hir::AxisId], what: &str, at: Span) -> bool {
        let extra: Vec<hir::AxisId> = t.expr.axes.iter().copied().filter(|a| !axes.contains(a)).collect();
        if t.poison || extra.is_empty() {
            return true;
        }
        self.missing_reduction(&t.expr, &extra, what, axes, at);
        false
    }

    /// Requires a variable and a value to have one dimension, and keeps the unit it was written in.
    pub fn unify_var(&mut self, var: VarId, t: &Typed, what: &str) {
        self.unify_var_because(var, t, what, None);
    }

    /// The same, with what decided the variable's dimension.
    pub fn unify_var_because(&mut self, var: VarId, t: &Typed, what: &str, why: Option<String>) {
        let term = self.program.var_terms[var.0 as usize].clone();
        self.want_because(t, &term, what, why);
        let unit = &mut self.program.var_units[var.0 as usize];
        if unit.is_none() {
            unit.clone_from(&t.unit);
        }
    }

    /// The state an equation is for.
    pub fn equation_target(&mut self, var: Option<VarId>, e: &ast::Equation) -> Option<VarId> {
        let name = &e.name.text;
        let Some(var) = var else {
            self.report(
                Diagnostic::new(
                    Code::E0603,
                    e.lhs,
                    format!("an equation for `{name}`, which is not declared"),
                    "no such variable",
                )
                .help(format!("declare it with its start value: `state {name} = ...`")),
            );
            return None;
        };
        match &self.program.vars[var].kind {
            VarKind::State { equation: None, .. } => Some(var),
            VarKind::State { equation: Some(first), .. } => {
                let at = first.span;
                self.report(
                    Diagnostic::new(Code::E0602, e.lhs, format!("`{name}` has two equations"), "the second")
                        .label(at, "the first")
                        .help("join them: all changes of a variable stand in one equation"),
                );
                None
            }
            _ => {
                let at = self.program.vars[var].span;
                self.report(
                    Diagnostic::new(
                        Code::E0602,
                        e.lhs,
                        format!("`{name}` is determined twice"),
                        "a second equation",
                    )
                    .label(at, "it follows from this at every instant"),
                );
                None
            }
        }
    }

    /// Infers `tau * dv/dt = ...` or `dv = ...` and attaches it to the variable.
    pub fn state_equation(
        &mut self,
        var: VarId,
        e: &ast::Equation,
        axes: &[hir::AxisId],
        scope: &mut Scope,
        integrator: Option<Integrator>,
        schedule: Schedule,
    ) {
        let name = &e.name.text;
        let factor = e.factor.as_ref().map(|f| self.infer_number(f, scope));
        self.noise = e.form == ast::Form::Rate && self.noise_is_a_factor(&e.value);
        let value = self.infer_number(&e.value, scope);
        self.noise = false;
        let span = e.lhs.to(e.value.span);
        if value.poison || factor.as_ref().is_some_and(|f| f.poison) {
            return;
        }
        self.fits_axes(&value, axes, &format!("`{name}`"), e.lhs);
        let own = self.program.var_terms[var.0 as usize].clone();
        let per_time = own.div(&Term::time(1));
        let (want, other) = match (e.form, &factor) {
            (ast::Form::Rate, Some(f)) => (f.dim.mul(&per_time), None),
            (ast::Form::Rate, None) => (per_time.clone(), Some(own.clone())),
            _ => (own.clone(), Some(per_time.clone())),
        };
        if !self.solver.unify(&value.dim, &want) {
            self.wrong_equation(e, &value, &want, other);
            return;
        }
        let form = match e.form {
            ast::Form::Rate => Form::Rate { factor: factor.map(|f| f.expr) },
            _ => Form::Increment,
        };
        let schedule = if e.form == ast::Form::Rate { Schedule::Tick } else { schedule };
        let equation = Equation { form, value: value.expr, schedule, integrator, span };
        if let VarKind::State { equation: slot, .. } = &mut self.program.vars[var].kind {
            *slot = Some(equation);
        }
    }

    /// Whether white noise stands only where it has a meaning: as a factor of a term.
    fn noise_is_a_factor(&self, e: &ast::Expr) -> bool {
        fn factors(e: &ast::Expr, f: &mut usize) {
            match &e.kind {
                ast::ExprKind::Name(n) => *f += usize::from(n.text == "xi"),
                ast::ExprKind::Unary { operand, .. } => factors(operand, f),
                ast::ExprKind::Binary { op, left, right } => match op.node {
                    ast::BinaryOp::Add | ast::BinaryOp::Sub | ast::BinaryOp::Mul => {
                        factors(left, f);
                        factors(right, f);
                    }
                    ast::BinaryOp::Div => factors(left, f),
                    _ => {}
                },
                ast::ExprKind::If { then, otherwise, .. } => {
                    factors(then, f);
                    factors(otherwise, f);
                }
                _ => {}
            }
        }
        let (mut all, mut good) = (0, 0);
        super::walk::expr(e, &mut |e| {
            all += usize::from(matches!(&e.kind, ast::ExprKind::Name(n) if n.text == "xi"));
        });
        factors(e, &mut good);
        all == good
    }

    fn wrong_equation(&mut self, e: &ast::Equation, value: &Typed, want: &Term, other: Option<Term>) {
        let name = &e.name.text;
        let (want_text, have) = (self.describe(want), self.describe(&value.dim));
        let fits_other = other.is_some_and(|o| self.solver.clone().unify(&value.dim, &o));
        let d = if fits_other {
            let (headline, fix, other_way) = match e.form {
                ast::Form::Rate => (
                    format!("`d{name}/dt` is a rate of change, and its right side is an increment"),
                    format!("d{name}"),
                    format!("divide by a time constant: `tau * d{name}/dt = ...`"),
                ),
                _ => (
                    format!("`d{name}` is an increment per update, and its right side is a rate of change"),
                    format!("d{name}/dt"),
                    "multiply by a time".to_owned(),
                ),
            };
            let d = Diagnostic::new(Code::E0305, value.expr.span, headline, format!("this is {have}"))
                .label(e.lhs, format!("this asks for {want_text}"))
                .note(format!(" left side: {want_text}\nright side: {have}"));
            let fix_text = format!(
                "for {}, write `{fix} = ...`",
                if e.form == ast::Form::Rate { "an increment at each update" } else { "a rate" }
            );
            match e.form {
                ast::Form::Rate => d.help(other_way).fix(fix_text, e.lhs, fix),
                _ => d.fix(fix_text, e.lhs, fix).help(format!("or {other_way}")),
            }
        } else {
            let mut d = Diagnostic::new(
                Code::E0301,
                value.expr.span,
                format!("the two sides of the equation for `{name}` differ in dimension"),
                format!("this is {have}"),
            )
            .label(e.lhs, format!("this asks for {want_text}"))
            .note(format!(" left side: {want_text}\nright side: {have}"));
            let bare =
                e.factor.as_ref().filter(|f| matches!(&f.kind, ast::ExprKind::Number(n) if n.unit.is_none()));
            // only a time can be missing from it
            let timed = self.solver.clone().unify(&value.dim, &want.mul(&Term::time(1)));
            if let Some(factor) = bare.filter(|_| timed) {
                let text = self.sources.text(factor.span);
                d = d.fix(format!("give the time constant a unit: `{text} ms`"), factor.span.after(), " ms");
            } else if let Some(help) = self.factor_help(want, &value.dim) {
                d = d.help(help);
            }
            d
        };
        self.report(d);
    }
}
