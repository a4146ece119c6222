//! What is captured: probes and records.

use super::statements::Around;
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, Axis, AxisId, Coordinates, LocalId, PhaseId, Probe, StatementKind, Ty};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::typed::{Binding, Place, Scope, Stage, Typed};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::units::Unit;

impl<'a> Checker<'a, '_> {
    pub(super) fn probe(
        &mut self,
        each: Option<Span>,
        name: &ast::Ident,
        indices: &[ast::Ident],
        value: &'a ast::Expr,
        scope: &mut Scope,
        around: &Around,
    ) -> Option<StatementKind> {
        let mut locals: Vec<LocalId> = Vec::new();
        for i in indices {
            match scope.find(&i.text) {
                Some((_, Binding::Local(l), _)) if around.loops.contains(l) => locals.push(*l),
                Some((_, Binding::Argument(t), _)) if t.poison => return None,
                _ => {
                    self.report(
                        Diagnostic::new(
                            Code::E0503,
                            i.span,
                            format!("`{}` is not a loop around this probe", i.text),
                            "a probe is indexed by the loops around it",
                        )
                        .help("the name in brackets is the variable of a `for`"),
                    );
                    return None;
                }
            }
        }
        let missing: Vec<String> = around
            .loops
            .iter()
            .filter(|l| !locals.contains(l))
            .map(|l| self.program.locals[*l].name.clone())
            .collect();
        if each.is_none() && (!missing.is_empty() || around.in_repeat) {
            let (what, help) = if missing.is_empty() {
                (
                    "it would be overwritten at every repetition".to_owned(),
                    format!("keep every value: `probe each {} = ...`", name.text),
                )
            } else {
                let all: Vec<&str> = indices
                    .iter()
                    .map(|i| i.text.as_str())
                    .chain(missing.iter().map(String::as_str))
                    .collect();
                (
                    format!("the loop over `{}` would overwrite it", missing.join("`, `")),
                    format!("index it: `probe {}[{}] = ...`", name.text, all.join(", ")),
                )
            };
            self.report(
                Diagnostic::new(
                    Code::E0503,
                    name.span,
                    format!("the probe `{}` stands in a loop", name.text),
                    what,
                )
                .help(help),
            );
            return None;
        }
        let mut inner = scope.clone();
        inner.limit = (Stage::Tick, "a probe");
        let t = self.infer(value, &mut inner);
        if t.poison {
            return None;
        }
        let mut axes: Vec<AxisId> = locals.iter().map(|l| self.program.locals[*l].axis).collect();
        if each.is_some() {
            let Some(n) = around.passes else {
                self.report(Diagnostic::new(
                    Code::E0503,
                    name.span,
                    "how often `probe each` is passed must be known before the run",
                    "inside a `repeat` whose count is not constant",
                ));
                return None;
            };
            let axis = Axis { name: "trial".into(), size: Some(n.max(1)), coordinates: Coordinates::Index };
            axes = vec![self.axes.intern(axis)];
        }
        let loop_axes = axes.len();
        for a in &t.expr.axes {
            if axes.iter().any(|b| self.axes.name(*b) == self.axes.name(*a)) {
                let named = self.axes.names(&[*a]);
                self.report(
                    Diagnostic::new(
                        Code::E0401,
                        value.span,
                        format!("the probe would have two axes {named}"),
                        "has it too",
                    )
                    .label(name.span, "from the loop around it")
                    .help("index the value by the loop variable, or rename it"),
                );
                return None;
            }
            axes.push(*a);
        }
        let known = self.program.probes.iter_enumerated().find(|(_, p)| p.name == name.text);
        let known = known.map(|(id, p)| (id, p.axes.clone(), p.span));
        if let Some((id, known_axes, at)) = known {
            if around.in_control {
                if known_axes != axes {
                    self.report(Diagnostic::new(
                        Code::E0401,
                        name.span,
                        format!("the probe `{}` has other axes in the control", name.text),
                        "the two must match",
                    ));
                    return None;
                }
                let (term, _) = self.program.probe_terms[id.0 as usize].clone();
                self.want(&t, &term, &format!("the probe `{}`", name.text));
                return Some(StatementKind::Probe { id, locals, value: t.expr });
            }
            self.report(
                Diagnostic::new(
                    Code::E0202,
                    name.span,
                    format!("two probes are called `{}`", name.text),
                    "the second",
                )
                .label(at, "the first"),
            );
            return None;
        }
        if around.in_control {
            self.report(
                Diagnostic::new(
                    Code::E0504,
                    name.span,
                    format!("the probe `{}` exists in the control only", name.text),
                    "no such probe in the run",
                )
                .help("control and run read the same probes"),
            );
            return None;
        }
        if self.items.get(&name.text).is_some() {
            let item = self.items.get(&name.text);
            let at = item.map_or(name.span, crate::sema::items::head);
            self.report(
                Diagnostic::new(
                    Code::E0202,
                    name.span,
                    format!("`{}` is declared twice", name.text),
                    "as a probe",
                )
                .label(at, "already declared here"),
            );
            return None;
        }
        let truth = t.expr.ty == Ty::Bool;
        let id = self.program.probes.push(Probe {
            name: name.text.clone(),
            axes,
            loop_axes,
            dim: Term::plain().base(),
            unit: Unit::none(),
            truth,
            implied: false,
            span: name.span,
        });
        self.program.probe_terms.push((t.dim.clone(), t.unit.clone()));
        Some(StatementKind::Probe { id, locals, value: t.expr })
    }

    /// Reads the records.
    pub fn records(&mut self) {
        let list: Vec<&'a ast::Item> = self.items.all(|k| matches!(k, ItemKind::Record(_)));
        for item in list {
            let ItemKind::Record(r) = &item.kind else { continue };
            let mut scope = Scope::new(Place::Tick, Stage::Tick, "a record");
            self.recording = Some(hir::Counts::default());
            let t = self.infer(&r.value, &mut scope);
            let counts = self.recording.take().unwrap_or_default();
            let every = self.constant_of(&r.every, &Term::time(1), "the interval of a record");
            let every = every.and_then(|s| self.interval(s, r.every.span, "the interval of a record"));
            let during: Vec<Option<PhaseId>> = r.during.iter().map(|n| self.phase_named(n)).collect();
            let (Some(every), Some(during)) = (every, during.into_iter().collect::<Option<Vec<_>>>()) else {
                continue;
            };
            if t.poison {
                continue;
            }
            let time = self.axes.time_axis(format!("{every} {during:?}"));
            let axes = std::iter::once(time).chain(t.expr.axes.iter().copied()).collect();
            self.program.records.push(hir::Record {
                name: r.name.text.clone(),
                value: t.expr,
                axes,
                every,
                during,
                counts,
                dim: Term::plain().base(),
                unit: Unit::none(),
                implied: false,
                span: r.name.span,
            });
            self.program.record_terms.push((t.dim, t.unit));
        }
    }

    /// A value of the given kind, for callers that have only the expression.
    pub fn typed_of(&self, expr: hir::Expr, dim: Term, stage: Stage) -> Typed {
        Typed { expr, dim, stage, unit: None, poison: false }
    }
}
