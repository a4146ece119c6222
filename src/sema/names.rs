//! What a name means where it stands.

use super::checker::{Checker, What};
use super::dims::Term;
use super::items;
use super::typed::{Binding, Place, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, AxisId, ExprKind, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// A chain of definitions longer than this is refused.
const DEEPEST: usize = 200;
/// Definitions are put in where they are used; more of that than this is refused.
const MOST_EXPANSIONS: u32 = 50_000;

impl Checker<'_, '_> {
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
            let counted = |id: &AxisId| {
                matches!(
                    self.axes.get(*id).coordinates,
                    hir::Coordinates::Index | hir::Coordinates::Values { .. }
                )
            };
            let axes: Vec<AxisId> = self.axes.named(&name.text).into_iter().filter(counted).collect();
            return match axes.as_slice() {
                [one] if !matches!(scope.place, Place::Constant) => self.coordinate(*one, name.span),
                [_, _, ..] if !matches!(scope.place, Place::Constant) => self.which_axis(name, &axes),
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
                if let Some(d) = self.loose_slash(name) {
                    return self.refuse(d);
                }
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
        let t = match (&value.kind, own.as_slice()) {
            (ast::ExprKind::List { items, unit: None }, [axis]) => {
                match self.list_of_expressions(items, *axis, value, scope) {
                    Some(t) => t,
                    None => return self.poison(name.span),
                }
            }
            _ => self.infer(value, scope),
        };
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
        own.iter().fold(t, |t, axis| if t.expr.axes.contains(axis) { t } else { repeated(t, *axis) })
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
    pub(super) fn result_name(
        &mut self,
        name: &str,
        span: Span,
        control: bool,
        scope: &Scope,
    ) -> Option<Typed> {
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
}

/// A value repeated along an axis it lacks, every bit of it kept: `v * k^0`, or `v and k^0 == 1`.
fn repeated(t: Typed, axis: AxisId) -> Typed {
    let span = t.expr.span;
    let node = |kind, axes, ty| Box::new(hir::Expr { kind, axes, ty, span });
    let place = node(ExprKind::Coord(axis), vec![axis], Ty::Number);
    let power = |n: f64| node(ExprKind::Number(n), Vec::new(), Ty::Number);
    let one = node(ExprKind::Binary(ast::BinaryOp::Pow, place, power(0.0)), vec![axis], Ty::Number);
    let axes: Vec<AxisId> = t.expr.axes.iter().copied().chain([axis]).collect();
    let ty = t.expr.ty;
    let kind = match ty {
        Ty::Number => ExprKind::Binary(ast::BinaryOp::Mul, Box::new(t.expr), one),
        Ty::Bool => {
            let holds = ExprKind::Binary(ast::BinaryOp::Eq, one, power(1.0));
            ExprKind::Binary(ast::BinaryOp::And, Box::new(t.expr), node(holds, vec![axis], Ty::Bool))
        }
    };
    Typed { expr: hir::Expr { kind, axes, ty, span }, ..t }
}
