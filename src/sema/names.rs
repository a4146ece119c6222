//! What a name means where it stands.

use super::axes::AxisSide;
use super::checker::{Checker, What};
use super::dims::Term;
use super::items;
use super::typed::{Binding, Place, RuleParam, Scope, Stage, Typed};
use crate::builtins;
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{self, AxisId, Domain, ExprKind, PopId, ProjId, Ty, VarId, VarKind};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// A chain of definitions longer than this is refused.
const DEEPEST: usize = 200;
/// Definitions are put in where they are used; more of that than this is refused.
const MOST_EXPANSIONS: u32 = 50_000;

impl Checker<'_, '_> {
    /// A population's variable by its own name.
    pub fn member_of_population(&self, population: PopId, name: &str) -> Option<VarId> {
        let p = &self.program.populations[population];
        p.vars.iter().copied().find(|v| self.own_name(*v) == name)
    }

    /// A projection's variable by its own name.
    pub fn member_of_projection(&self, projection: ProjId, name: &str) -> Option<VarId> {
        let p = &self.program.projections[projection];
        p.vars.iter().copied().find(|v| self.own_name(*v) == name)
    }

    pub(super) fn own_name(&self, var: VarId) -> &str {
        let name = &self.program.vars[var].name;
        name.rsplit_once('.').map_or(name, |(_, n)| n)
    }

    /// The population of this name.
    pub fn population(&self, name: &str) -> Option<PopId> {
        self.program.populations.iter_enumerated().find(|(_, p)| p.name == name).map(|(id, _)| id)
    }

    /// The projection of this name.
    pub fn projection(&self, name: &str) -> Option<ProjId> {
        self.program.projections.iter_enumerated().find(|(_, p)| p.name == name).map(|(id, _)| id)
    }

    /// The axes of one side of a projection, as its expressions call them.
    pub fn side_axes(&self, projection: ProjId, side: AxisSide) -> Vec<AxisId> {
        let p = &self.program.projections[projection];
        match (side, &p.connect) {
            (_, hir::Connect::OneToOne) => p.axes.clone(),
            (AxisSide::Post, _) => p.axes[..p.post_axes].to_vec(),
            (AxisSide::Pre, _) => p.axes[p.post_axes..].to_vec(),
        }
    }

    /// The axes along which one cell's partners lie: those of that side; none where each cell has only one partner.
    pub fn partners(&self, projection: ProjId, side: AxisSide) -> Vec<AxisId> {
        match self.program.projections[projection].connect {
            hir::Connect::OneToOne => Vec::new(),
            _ => self.side_axes(projection, side),
        }
    }

    /// What a projection's expressions call the storage axes of a variable.
    pub fn axes_in_projection(&self, projection: ProjId, var: VarId) -> Vec<AxisId> {
        let p = &self.program.projections[projection];
        match self.program.vars[var].domain {
            Domain::Synapses(_) => p.axes.clone(),
            Domain::Pre(_) => self.side_axes(projection, AxisSide::Pre),
            Domain::Post(_) => self.side_axes(projection, AxisSide::Post),
            // In a recurrent projection the rule knows which side it means; see `x` and `y`.
            Domain::Cells(pop) if pop == p.post && var != p.x => self.side_axes(projection, AxisSide::Post),
            Domain::Cells(_) => self.side_axes(projection, AxisSide::Pre),
        }
    }

    /// What others call them: a variable of one side runs along the axes of that population, a variable of synapses
    /// along both, told apart where they have one name.
    fn axes_outside(&self, projection: ProjId, var: VarId) -> Vec<AxisId> {
        let p = &self.program.projections[projection];
        match self.program.vars[var].domain {
            Domain::Pre(_) => self.program.populations[p.pre].axes.clone(),
            Domain::Post(_) => self.program.populations[p.post].axes.clone(),
            _ => self.axes_in_projection(projection, var),
        }
    }

    /// A name inside a population's equation.
    pub fn population_name(&mut self, population: PopId, name: &ast::Ident) -> Option<Typed> {
        if name.text == "drive" && self.member_of_population(population, "drive").is_none() {
            let p = &self.program.populations[population];
            // A projection that was refused would drive it.
            if self.items.ends_in(&p.name) {
                return Some(self.poison(name.span));
            }
            let d = Diagnostic::new(
                Code::E0209,
                name.span,
                format!("nothing drives `{}`", p.name),
                "`drive` is the sum over incoming projections",
            )
            .label(p.span, "no `synapses ... -> ` ends here")
            .help(format!("declare a projection, such as `synapses ff: input -> {} {{ ... }}`", p.name));
            return Some(self.refuse(d));
        }
        let id = self.member_of_population(population, &name.text)?;
        let axes = self.program.vars[id].axes.clone();
        Some(self.variable(id, axes, name.span))
    }

    /// A name inside a projection's own lines: `w`, a rule variable, an axis.
    pub fn projection_name(&mut self, projection: ProjId, name: &str, span: Span) -> Option<Typed> {
        if let Some(id) = self.member_of_projection(projection, name) {
            let axes = self.axes_in_projection(projection, id);
            return Some(self.variable(id, axes, span));
        }
        let side = match name {
            "pre" => AxisSide::Pre,
            "post" => AxisSide::Post,
            _ => return None,
        };
        let axes = self.side_axes(projection, side);
        Some(Typed::new(ExprKind::Flat(axes.clone()), axes, span, Term::plain(), Stage::Constant))
    }

    /// A name that a rule does not know.
    pub fn unknown_in_rule(&mut self, name: &ast::Ident, scope: &Scope) -> Typed {
        let Place::Rule(_, rule) = &scope.place else { return self.poison(name.span) };
        if self.items.has_undeclared_equation(&name.text) {
            return self.poison(name.span);
        }
        let written = self.sources.text(name.span).to_owned();
        let mut d = match name.text.as_str() {
            "x" | "y" => {
                let side = if name.text == "x" { "presynaptic" } else { "postsynaptic" };
                Diagnostic::new(
                    Code::E0209,
                    name.span,
                    format!("the {side} population has no output, so there is no `{}`", name.text),
                    format!("needs the {side} output"),
                )
                .help("declare it in the population: `output y = ...`")
            }
            _ => Diagnostic::new(
                Code::E0201,
                name.span,
                format!("`{written}` is not known in this rule"),
                "a rule sees its own names and built-ins only",
            ),
        };
        let mut known: Vec<&str> = rule.vars.keys().chain(rule.params.keys()).map(String::as_str).collect();
        known.sort_unstable();
        if let Some(near) = nearest(&name.text, known.iter().copied()) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        } else if self.items.get(&name.text).is_some_and(|i| matches!(i.kind, ItemKind::Param(_))) {
            d = d.help(format!(
                "declare `param {0} = ...` in the rule and pass it: `rule ...({0} = {0})`",
                name.text
            ));
        }
        if let Some(list) = list(known.iter().copied()) {
            d = d.note(format!("known here: {list}"));
        }
        self.refuse(d)
    }

    /// A name of the file: `let`, parameter, stimulus, probe, record.
    pub fn infer_item(&mut self, name: &ast::Ident, scope: &mut Scope) -> Typed {
        if let Some(t) = self.result_name(&name.text, name.span, false, scope) {
            return t;
        }
        let Some(item) = self.items.get(&name.text) else {
            if let Some(id) = self.param_named(&name.text) {
                return self.param(id, name.span);
            }
            // An axis's name is its index or coordinate wherever there is one axis of that name.
            let named = |a: &hir::Axis| {
                a.name == name.text
                    && matches!(a.coordinates, hir::Coordinates::Index | hir::Coordinates::Values { .. })
            };
            let axes: Vec<AxisId> =
                self.axes.table().iter_enumerated().filter(|(_, a)| named(a)).map(|(id, _)| id).collect();
            return match axes.as_slice() {
                [one] if !matches!(scope.place, Place::Constant) => self.coordinate(*one, name.span),
                _ => self.undefined(name, scope),
            };
        };
        self.used.insert(name.text.clone());
        match &item.kind {
            ItemKind::Let { .. } if self.array_of(item).is_some() => self.stimulus_value(item, name.span),
            ItemKind::Let { name: own, axes, value } => self.infer_let(own, axes, value, name.span, scope),
            ItemKind::Param(_) => match self.param_named(&name.text) {
                Some(id) if self.program.reading_params.contains(&id) => {
                    let within = self.program.reading_params.iter().skip_while(|p| **p != id);
                    let mut names: Vec<String> =
                        within.map(|p| self.program.params[*p].name.clone()).collect();
                    names.push(name.text.clone());
                    self.circle(&names, name.span);
                    self.poison(name.span)
                }
                Some(id) => {
                    self.ensure_param(id);
                    self.param(id, name.span)
                }
                None => self.poison(name.span),
            },
            ItemKind::Stimulus { .. }
                if matches!(scope.place, Place::Tick | Place::Population(_) | Place::Results)
                    && self.stimulus_varies(item) =>
            {
                self.refuse(
                    Diagnostic::new(
                        Code::E0408,
                        name.span,
                        format!("`{}` changes with time, and is read where it is presented", name.text),
                        "which presentation of it?",
                    )
                    .label(items::head(item), "reads `t`, the time since its presentation began")
                    .help("present it on a population, and read the output of that population here"),
                )
            }
            ItemKind::Stimulus { .. } => self.stimulus_value(item, name.span),
            ItemKind::Fn { params, .. } => {
                let call = format!(
                    "{}({})",
                    name.text,
                    params.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join(", ")
                );
                self.refuse(
                    Diagnostic::new(
                        Code::E0408,
                        name.span,
                        format!("`{}` is a function", name.text),
                        "without its arguments",
                    )
                    .fix(format!("call it: `{call}`"), name.span, call),
                )
            }
            _ => {
                let mut d = Diagnostic::new(
                    Code::E0408,
                    name.span,
                    format!("`{}` is {}, not a value", name.text, items::kind(item)),
                    "a value is needed here",
                );
                let members = self.members_of(&name.text);
                let output = self.population(&name.text).and_then(|p| self.program.populations[p].output);
                let output = output.map(|v| self.own_name(v).to_owned());
                if let Some(first) = output.as_ref().or(members.first()) {
                    d = d.fix(
                        format!("one of its variables: `{}.{first}`", name.text),
                        name.span,
                        format!("{}.{first}", name.text),
                    );
                }
                self.refuse(d)
            }
        }
    }

    fn members_of(&self, name: &str) -> Vec<String> {
        let vars = match (self.population(name), self.projection(name)) {
            (Some(p), _) => &self.program.populations[p].vars,
            (_, Some(p)) => &self.program.projections[p].vars,
            _ => return Vec::new(),
        };
        vars.iter()
            .map(|v| self.own_name(*v).to_owned())
            .filter(|n| n != "x" && n != "y")
            .chain(
                vars.iter()
                    .filter(|v| matches!(self.program.vars[**v].owner, hir::Owner::Population(_)))
                    .map(|v| self.own_name(*v).to_owned())
                    .filter(|n| n == "y"),
            )
            .collect()
    }

    /// The parameter of this name.
    pub fn param_named(&self, name: &str) -> Option<hir::ParamId> {
        self.program.params.iter_enumerated().find(|(_, p)| p.name == name).map(|(id, _)| id)
    }

    fn infer_let(
        &mut self,
        name: &ast::Ident,
        axes: &[ast::Axis],
        value: &ast::Expr,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        if super::data::is_load(value) {
            return match self.load(value) {
                Some(loaded) => self.loaded_array(&loaded, span),
                None => self.poison(span),
            };
        }
        let Some(mut inner) = self.expand(&name.text, span, scope) else { return self.poison(span) };
        self.let_value(name, axes, value, &mut inner)
    }

    /// The value of a `let`, in the scope of its use; it runs along the axes it declares, and over cases.
    pub fn let_value(
        &mut self,
        name: &ast::Ident,
        axes: &[ast::Axis],
        value: &ast::Expr,
        scope: &mut Scope,
    ) -> Typed {
        let Some(own) = self.declared_axes(axes) else { return self.poison(name.span) };
        scope.random = Some(super::typed::RandomScope {
            path: name.text.as_str().into(),
            axes: own.clone(),
            element: hir::Element::Flat,
            per_tick: false,
            next: 0,
        });
        for (declared, axis) in axes.iter().zip(&own) {
            self.bind_checked(scope, &declared.name, Binding::Coord(*axis));
        }
        let t = self.infer(value, scope);
        if t.poison || own.is_empty() {
            return t;
        }
        let is_case = |a: &AxisId| self.case_axes.iter().any(|c| c.axis == *a);
        let extra: Vec<AxisId> =
            t.expr.axes.iter().copied().filter(|a| !own.contains(a) && !is_case(a)).collect();
        if !extra.is_empty() {
            self.missing_reduction(&t.expr, &extra, &format!("`{}`", name.text), &own, name.span);
            return self.poison(name.span);
        }
        if let Some(lacking) = own.iter().find(|a| !t.expr.axes.contains(a)) {
            let axis = self.axes.name(*lacking).to_owned();
            let d = Diagnostic::new(
                Code::E0403,
                value.span,
                format!("the value does not run along `{axis}`"),
                "this is the same for all of its elements",
            )
            .label(name.span, "declared along it")
            .help("leave the axis out: a value is repeated along axes it lacks");
            return self.refuse(d);
        }
        t
    }

    /// The scope inside a `let` or `fn`: that of the use without its local names; a circle is reported.
    pub fn expand(&mut self, name: &str, span: Span, scope: &Scope) -> Option<Scope> {
        if scope.expanding.iter().any(|n| n == name) {
            let mut circle: Vec<String> =
                scope.expanding.iter().skip_while(|n| *n != name).cloned().collect();
            circle.push(name.to_owned());
            self.circle(&circle, span);
            return None;
        }
        self.program.expansions += 1;
        if scope.expanding.len() >= DEEPEST || self.program.expansions > MOST_EXPANSIONS {
            let headline = if scope.expanding.len() >= DEEPEST {
                format!("definitions stand in each other more than {DEEPEST} deep")
            } else {
                format!("definitions that use each other come to more than {MOST_EXPANSIONS} in all")
            };
            // Told once: what is behind it would say the same.
            if !self.program.circles.contains(&Vec::new()) {
                self.program.circles.push(Vec::new());
                self.report(
                    Diagnostic::new(Code::E0114, span, headline, format!("`{name}` is one too many"))
                        .help("a `param` is computed once, and ends the chain"),
                );
            }
            return None;
        }
        let mut inner = scope.clone();
        inner.bindings.clear();
        inner.expanding.push(name.to_owned());
        if matches!(inner.place, Place::Population(_) | Place::Projection(_)) {
            inner.place = Place::Tick;
        }
        // What a definition reads decides when it is known; its use decides whether that is early enough.
        inner.limit = (Stage::Result, "a `let`");
        Some(inner)
    }

    /// A probe or record by name, in results.
    fn result_name(&mut self, name: &str, span: Span, control: bool, scope: &Scope) -> Option<Typed> {
        let is_record = self.items.get(name).is_some_and(|i| matches!(i.kind, ItemKind::Record(_)));
        let probe = self.program.probes.iter_enumerated().find(|(_, p)| p.name == name).map(|(id, _)| id);
        let known = is_record || probe.is_some() || super::protocol::declares_probe(self.items, name);
        // A probe called like an item is refused where it stands.
        if !known || (!is_record && self.items.get(name).is_some()) {
            return None;
        }
        self.used.insert(name.to_owned());
        if self.what != What::Results {
            let kind = if is_record { "record" } else { "probe" };
            return Some(
                self.refuse(
                    Diagnostic::new(
                        Code::E0405,
                        span,
                        format!("the {kind} `{name}` is read before it is known"),
                        format!("a {kind} is known when all cases have run"),
                    )
                    .note(format!("{} is needed {}", scope.limit.1, scope.limit.0.when()))
                    .help("`expect`, `plot` and a `let` used by them can read it"),
                ),
            );
        }
        if control
            && probe.is_some()
            && super::protocol::has_control(self.items)
            && !super::protocol::control_reads(self.items, name)
        {
            let headline = format!("the control run never reads `{name}`");
            let d = Diagnostic::new(Code::E0504, span, headline, "stands in what the control replaces");
            return Some(self.refuse(d.help(format!("probe it in `control` as well: `probe {name} = ...`"))));
        }
        let case_axes: Vec<AxisId> = self.case_axes.iter().map(|c| c.axis).collect();
        let (kind, own, dim, unit, truth) = if let Some(id) = probe {
            let p = &self.program.probes[id];
            (ExprKind::Probe { id, control }, p.axes.clone(), p.dim, p.unit.clone(), p.truth)
        } else {
            let (id, r) = self.program.records.iter_enumerated().find(|(_, r)| r.name == name)?;
            (ExprKind::Record { id, control }, r.axes.clone(), r.dim, r.unit.clone(), r.value.ty == Ty::Bool)
        };
        let axes = case_axes.into_iter().chain(own).collect();
        let mut t = Typed::new(kind, axes, span, Term::from(dim), Stage::Result).with_unit(Some(unit));
        if truth {
            t = t.truth();
        }
        Some(t)
    }

    /// `base.name`.
    pub fn infer_field(
        &mut self,
        base: &ast::Expr,
        name: &ast::Ident,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let ast::ExprKind::Name(owner) = &base.kind else {
            if name.text == "control" && matches!(base.kind, ast::ExprKind::Index { .. }) {
                return self.refuse(
                    Diagnostic::new(
                        Code::E0408,
                        name.span,
                        "`.control` follows the name of a probe or record",
                        "here it follows an index",
                    )
                    .help("write `NAME.control[...]`"),
                );
            }
            return self.refuse(Diagnostic::new(
                Code::E0408,
                span,
                "a dot follows the name of a population, a projection, a table or a probe",
                "this is an expression",
            ));
        };
        if name.text == "control"
            && let Some(t) = self.result_name(&owner.text, span, true, scope)
        {
            if !super::protocol::has_control(self.items) {
                return self.refuse(
                    Diagnostic::new(
                        Code::E0504,
                        name.span,
                        "there is no control run",
                        "reads the control's value",
                    )
                    .help("add `control without PHASE` at the end of the protocol"),
                );
            }
            return t;
        }
        if let Place::Rule(projection, rule) = scope.place.clone() {
            return self.side_field(projection, rule.abstract_cells, owner, name, span);
        }
        if let Some(axis) = self.sided_axis(owner, name, scope) {
            return self.coordinate(axis, span);
        }
        if let Some(p) = self.population(&owner.text) {
            self.used.insert(owner.text.clone());
            let axis =
                self.program.populations[p].axes.iter().copied().find(|a| self.axes.name(*a) == name.text);
            if let (Some(axis), None) = (axis, self.member_of_population(p, &name.text)) {
                return self.coordinate(axis, span);
            }
            return match self.member_of_population(p, &name.text) {
                Some(id) => {
                    let axes = self.program.vars[id].axes.clone();
                    self.variable(id, axes, span)
                }
                None => self.no_member(owner, name),
            };
        }
        if let Some(p) = self.projection(&owner.text) {
            self.used.insert(owner.text.clone());
            if let Some(id) = self.member_of_projection(p, &name.text) {
                let inside = matches!(scope.place, Place::Projection(own) if own == p);
                let axes = if inside { self.axes_in_projection(p, id) } else { self.axes_outside(p, id) };
                return self.variable(id, axes, span);
            }
            let params = &self.program.rule_params[p.0 as usize];
            return match params.get(&name.text).cloned() {
                Some(RuleParam::Value(t)) => Typed { expr: hir::Expr { span, ..t.expr.clone() }, ..*t },
                Some(RuleParam::Set(id)) => self.param(id, span),
                None => self.no_member(owner, name),
            };
        }
        if let Some(item) = self.items.get(&owner.text) {
            self.used.insert(owner.text.clone());
            if matches!(item.kind, ItemKind::Population(_) | ItemKind::Synapses(_)) {
                if self.program.network {
                    // It was refused, and that was said.
                    return self.poison(span);
                }
                let (limit, what) = scope.limit;
                let limit = limit.min(Stage::Timeline);
                return self.refuse(Diagnostic::new(
                    Code::E0405,
                    span,
                    format!(
                        "{what} is needed {}",
                        if limit == Stage::Timeline { "before a run begins" } else { limit.when() }
                    ),
                    Stage::Tick.known(),
                ));
            }
            if let ItemKind::Let { value, .. } = &item.kind
                && super::data::is_load(value)
            {
                return match self.load(value) {
                    Some(loaded) => self.loaded_column(&loaded, owner, name, span),
                    None => self.poison(span),
                };
            }
            return self.refuse(Diagnostic::new(
                Code::E0408,
                owner.span,
                format!("`{}` is {}; it has no parts", owner.text, items::kind(item)),
                "a dot follows a population, a projection, a table or a probe",
            ));
        }
        self.undefined(owner, scope)
    }

    /// `post.cell` or `pre.cell` in a projection's own lines: the coordinate of one side's axis.
    fn sided_axis(&self, owner: &ast::Ident, name: &ast::Ident, scope: &Scope) -> Option<AxisId> {
        let Place::Projection(p) = scope.place else { return None };
        let side = match owner.text.as_str() {
            "pre" => AxisSide::Pre,
            "post" => AxisSide::Post,
            _ => return None,
        };
        self.side_axes(p, side).into_iter().find(|a| self.axes.base_name(*a) == name.text)
    }

    fn side_field(
        &mut self,
        projection: ProjId,
        abstract_cells: bool,
        owner: &ast::Ident,
        name: &ast::Ident,
        span: Span,
    ) -> Typed {
        let side = match owner.text.as_str() {
            "pre" => AxisSide::Pre,
            "post" => AxisSide::Post,
            _ => {
                return self.refuse(
                    Diagnostic::new(
                        Code::E0201,
                        owner.span,
                        format!("`{}` is not known in a rule", owner.text),
                        "a rule sees its own names and built-ins only",
                    )
                    .help("variables of the two cells are `pre.NAME` and `post.NAME`"),
                );
            }
        };
        let p = &self.program.projections[projection];
        let population = if side == AxisSide::Pre { p.pre } else { p.post };
        let axes = self.side_axes(projection, side);
        if abstract_cells {
            let label = format!("{}.{}", owner.text, name.text);
            let dim = self.solver.fresh(Some(&label));
            return Typed::new(ExprKind::Flat(axes.clone()), axes, span, dim, Stage::Tick);
        }
        match self.member_of_population(population, &name.text) {
            Some(id) => self.variable(id, axes, span),
            None => {
                let cell =
                    ast::Ident { text: self.program.populations[population].name.clone(), span: owner.span };
                self.no_member(&cell, name)
            }
        }
    }

    fn no_member(&mut self, owner: &ast::Ident, name: &ast::Ident) -> Typed {
        let members = self.members_of(&owner.text);
        let mut d = Diagnostic::new(
            Code::E0208,
            name.span,
            format!("`{}` has no variable `{}`", owner.text, self.sources.text(name.span)),
            "no such variable",
        );
        if let Some(near) = nearest(&name.text, members.iter().map(String::as_str)) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        }
        if let Some(list) = list(members.iter().map(String::as_str)) {
            d = d.note(format!("`{}` has: {list}", owner.text));
        }
        if let Some(item) = self.items.get(&owner.text) {
            d = d.label(items::head(item), format!("`{}` is declared here", owner.text));
        }
        self.refuse(d)
    }

    /// Reports a name nobody knows, with the nearest that is known.
    pub fn undefined(&mut self, name: &ast::Ident, scope: &Scope) -> Typed {
        if matches!(scope.place, Place::Population(_)) && self.items.has_undeclared_equation(&name.text) {
            return self.poison(name.span);
        }
        let written = self.sources.text(name.span).to_owned();
        let mut known: Vec<String> = scope.bindings.iter().map(|(n, _, _)| n.clone()).collect();
        if let Place::Population(p) = scope.place {
            known.extend(self.program.populations[p].vars.iter().map(|v| self.own_name(*v).to_owned()));
        }
        if let Place::Projection(p) = scope.place {
            known.extend(self.members_of(&self.program.projections[p].name.clone()));
        }
        known.extend(self.items.names().map(str::to_owned));
        if self.what == What::Results {
            known.extend(self.program.probes.iter().map(|p| p.name.clone()));
        }
        known.sort();
        let all = known.iter().map(String::as_str).chain(builtins::TABLE.iter().map(|b| b.name));
        let near = nearest(&name.text, all).map(str::to_owned);
        let mut d = Diagnostic::new(
            Code::E0201,
            name.span,
            format!("`{written}` is not defined"),
            "no such name here",
        );
        if let Some(near) = near {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near.clone());
            if let Some(item) = self.items.get(&near) {
                d = d.label(items::head(item), format!("`{near}` is declared here"));
            }
        } else if crate::units::lookup(&name.text).is_some() {
            d = d.help(format!("as a unit it follows a number: `1 {written}`"));
        } else if builtins::lookup(&name.text).is_some() {
            d = d.help(format!("`{written}` is a function: `{written}(...)`"));
        } else if let Some(list) = list(known.iter().map(String::as_str)) {
            d = d.note(format!("known here: {list}"));
        }
        self.refuse(d)
    }

    /// `dw/dt` or `ff.dw/dt` as a value: the right side at this instant.
    pub fn infer_derivative(
        &mut self,
        base: Option<&ast::Expr>,
        name: &ast::Ident,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let var = match (base.map(|b| &b.kind), &scope.place) {
            (Some(ast::ExprKind::Name(owner)), _) => {
                self.used.insert(owner.text.clone());
                match (self.projection(&owner.text), self.population(&owner.text)) {
                    (Some(p), _) => self.member_of_projection(p, &name.text),
                    (_, Some(p)) => self.member_of_population(p, &name.text),
                    _ => return self.undefined(owner, scope),
                }
            }
            (None, Place::Rule(_, rule)) => rule.vars.get(&name.text).copied(),
            (None, Place::Population(p)) => self.member_of_population(*p, &name.text),
            _ => None,
        };
        let equation = var.and_then(|v| match &self.program.vars[v].kind {
            VarKind::State { equation: Some(eq), .. } => Some((v, eq.clone())),
            _ => None,
        });
        let Some((var, equation)) = equation else {
            return self.refuse(
                Diagnostic::new(
                    Code::E0208,
                    span,
                    format!("there is no `d{}/dt` here", name.text),
                    "no equation gives this derivative",
                )
                .help("it can be probed where a rule or population has an equation `dv/dt = ...`"),
            );
        };
        let dim = self.program.var_terms[var.0 as usize].clone();
        match equation.form {
            hir::Form::Rate { factor } => {
                let value = match factor {
                    None => equation.value,
                    Some(f) => hir::Expr {
                        axes: equation.value.axes.clone(),
                        ty: Ty::Number,
                        span,
                        kind: ExprKind::Binary(ast::BinaryOp::Div, Box::new(equation.value), Box::new(f)),
                    },
                };
                let axes = value.axes.clone();
                Typed::new(value.kind, axes, span, dim.div(&Term::time(1)), Stage::Tick)
            }
            hir::Form::Increment => self.refuse(
                Diagnostic::new(
                    Code::E0305,
                    span,
                    format!("`{}` changes by increments, not by a rate", name.text),
                    "there is no derivative",
                )
                .label(equation.span, format!("`d{} = ...` is an increment per update", name.text)),
            ),
        }
    }

    /// Reports a local name that hides another in the same expression or block.
    pub fn bind_checked(&mut self, scope: &mut Scope, name: &ast::Ident, binding: Binding) {
        match scope.find(&name.text).map(|(_, _, s)| *s) {
            Some(other) => self.hides(name, other),
            None => self.hides_an_item(name),
        }
        scope.bind(name, binding);
    }

    /// Reports a local name that is also a value of the file. (A population, rule or stimulus is never a plain name
    /// in an expression's place.)
    pub fn hides_an_item(&mut self, name: &ast::Ident) {
        if let Some(item) = self.items.get(&name.text)
            && matches!(item.kind, ItemKind::Param(_) | ItemKind::Let { .. })
        {
            self.hides(name, items::head(item));
        }
    }

    fn hides(&mut self, name: &ast::Ident, other: Span) {
        self.report(
            Diagnostic::new(
                Code::E0204,
                name.span,
                format!("`{}` hides another `{}`", name.text, name.text),
                "this one would be meant below",
            )
            .label(other, "the one it hides")
            .help("rename one of them"),
        );
    }
}
