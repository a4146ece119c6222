//! `owner.part`: variables of others, columns of tables, sides of a synapse, controls of probes.

use super::axes::AxisSide;
use super::checker::{Checker, What};
use super::dims::Term;
use super::items;
use super::typed::{Place, RuleParam, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, AxisId, ExprKind, ProjId, Ty, VarKind};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

impl Checker<'_, '_> {
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
        if let (Place::Projection(p), "pre" | "post") = (&scope.place, owner.text.as_str()) {
            let p = &self.program.projections[*p];
            let p_axes = p.axes.clone();
            let side = if owner.text == "pre" { AxisSide::Pre } else { AxisSide::Post };
            let of = if side == AxisSide::Pre { p.pre } else { p.post };
            if let (Some(var), Place::Projection(id)) =
                (self.member_of_population(of, &name.text), &scope.place)
            {
                let axes = self.side_axes(*id, side);
                return self.variable(var, axes, span);
            }
            let population = &self.program.populations[of];
            let (name_of, axes, at) = (population.name.clone(), population.axes.clone(), population.span);
            let shape = self.axes.describe(&axes);
            if axes.iter().any(|a| self.axes.name(*a) == name.text) {
                let headline = "synapses joined one to one run along the axes of the postsynaptic cells";
                let d = Diagnostic::new(Code::E0403, span, headline, "an axis of the presynaptic cells");
                let own = self.axes.describe(&p_axes);
                return self
                    .refuse(d.note(format!("they run along {own}; `{}` has other coordinates", name.text)));
            }
            let headline = format!("`{name_of}` has no axis `{}`", name.text);
            let d = Diagnostic::new(Code::E0403, span, headline, "no such axis");
            let d = d.label(at, format!("`{name_of}` is declared here"));
            return self.refuse(d.note(format!("its axes: {shape}")));
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
            if self.differing.contains(&format!("{}.{}", owner.text, name.text)) {
                let text = self.sources.text(span);
                let headline = format!("`{text}` is not the same in all cases");
                let d = Diagnostic::new(Code::E0405, span, headline, "of which case?");
                return self
                    .refuse(d.help(format!("read it in the protocol: `probe {} = {text}`", name.text)));
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
        if self.what == What::Results && super::protocol::declares_probe(self.items, &owner.text) {
            let d = Diagnostic::new(
                Code::E0408,
                owner.span,
                format!("`{}` is a probe; it has no parts but its `control`", owner.text),
                "a dot follows a population, a projection or a table",
            );
            return self
                .refuse(d.help(format!("index it along an axis: `{}[{}: 0]`", owner.text, name.text)));
        }
        if matches!(owner.text.as_str(), "np" | "numpy" | "math")
            && let Some(ours) = crate::builtins::lookup(&name.text).filter(|b| b.is_constant())
        {
            let headline = format!("`{}` is not here", self.sources.text(span));
            let d = Diagnostic::new(Code::E0408, span, headline, "a name of another language");
            return self.refuse(d.fix(format!("here it is `{}`", ours.name), span, ours.name));
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
        let joined = &self.program.projections[p];
        if side == AxisSide::Pre && matches!(joined.connect, hir::Connect::OneToOne) {
            // cell i with cell i: the places of both sides are the same, their axes those of the postsynaptic one
            let own = &self.program.populations[joined.pre].axes;
            let at = own.iter().position(|a| self.axes.name(*a) == name.text)?;
            let (axis, joined) = (own[at], joined.axes[at]);
            let alike = self.axes.get(axis).coordinates == self.axes.get(joined).coordinates;
            return alike.then_some(joined);
        }
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
}
