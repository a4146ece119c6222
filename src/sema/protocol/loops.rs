//! What loops and picks run over.

use super::statements::Around;
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, AxisId, Coordinates, Local, LocalId};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::typed::{Scope, Stage};
use crate::sema::values::Runs;
use crate::syntax::ast::{self};
use crate::units::Unit;
use std::sync::Arc;

/// Whether a loop says that its values come in random order.
pub(super) fn shuffles(over: &ast::Loop) -> bool {
    match over {
        ast::Loop::Shuffle(_) => true,
        ast::Loop::Of(_) => false,
        ast::Loop::In(e) => matches!(&e.kind, ast::ExprKind::Call { callee, .. }
            if matches!(&callee.kind, ast::ExprKind::Name(n) if n.text == "shuffle")),
    }
}

impl<'a> Checker<'a, '_> {
    pub(super) fn loop_over(&mut self, name: &ast::Ident, over: &'a ast::Loop) -> Option<(LocalId, bool)> {
        match over {
            ast::Loop::Shuffle(inner) => self.loop_over(name, inner).map(|(l, _)| (l, true)),
            ast::Loop::In(e) => {
                let v = self.values_of(e, Runs::Loop)?;
                let (values, dim): (Arc<[f64]>, Term) = (v.values.clone().into(), v.dim.clone());
                let axis = self.values_axis(&name.text, v);
                let axis = self.axes.intern(axis);
                Some((self.add_local(name, axis, values, dim), false))
            }
            ast::Loop::Of(of) => {
                self.used.insert(of.text.clone());
                let axes = if let Some(item) = self.items.get(&of.text)
                    && self.array_of(item).is_some()
                {
                    self.stimulus(item)?.axes
                } else if let Some(p) = self.population(&of.text) {
                    self.program.populations[p].axes.clone()
                } else {
                    let mut named = self.axes.named(&of.text);
                    named.retain(|a| self.axes.get(*a).size.is_some());
                    match named.as_slice() {
                        [one] => vec![*one],
                        [] => {
                            self.report(
                                Diagnostic::new(
                                    Code::E0201,
                                    of.span,
                                    format!("`{}` has no axis to run along", self.sources.text(of.span)),
                                    "no stimulus, population or axis of this name",
                                )
                                .help("a range is written `in 0..10`"),
                            );
                            return None;
                        }
                        _ => {
                            self.report(
                                Diagnostic::new(
                                    Code::E0403,
                                    of.span,
                                    format!("several axes are called `{}`", of.text),
                                    "which one?",
                                )
                                .help("name the population or the stimulus instead"),
                            );
                            return None;
                        }
                    }
                };
                let own = axes.iter().copied().find(|a| self.axes.name(*a) == name.text);
                let axis = match (own, axes.as_slice()) {
                    (Some(a), _) => a,
                    (None, [one]) => *one,
                    (None, _) => {
                        let shape = self.axes.describe(&axes);
                        self.report(
                            Diagnostic::new(
                                Code::E0403,
                                name.span,
                                format!("`{}` has no axis `{}`", of.text, name.text),
                                "the loop variable names the axis",
                            )
                            .note(format!("`{}` has {shape}", of.text)),
                        );
                        return None;
                    }
                };
                let (values, dim): (Arc<[f64]>, Term) = match &self.axes.get(axis).coordinates {
                    Coordinates::Values { values, dim, .. } => (values.clone(), Term::from(*dim)),
                    _ => ((0..self.axes.size(axis)).map(|i| i as f64).collect(), Term::plain()),
                };
                Some((self.add_local(name, axis, values, dim), false))
            }
        }
    }

    pub(super) fn add_local(
        &mut self,
        name: &ast::Ident,
        axis: AxisId,
        values: Arc<[f64]>,
        dim: Term,
    ) -> LocalId {
        let id = self.program.locals.push(Local { name: name.text.clone(), axis, values });
        self.program.local_terms.push(dim);
        id
    }

    pub(super) fn weights(
        &mut self,
        e: &'a ast::Expr,
        local: LocalId,
        scope: &mut Scope,
    ) -> Option<hir::Expr> {
        let axis = self.program.locals[local].axis;
        if matches!(e.kind, ast::ExprKind::List { .. }) {
            let v = self.values_of(e, Runs::Weights)?;
            if v.values.len() != self.axes.size(axis) {
                self.report(Diagnostic::new(
                    Code::E0401,
                    e.span,
                    format!("{} weights for {} values", v.values.len(), self.axes.size(axis)),
                    "one weight per value",
                ));
                return None;
            }
            let id = self.list_const(&v.values, axis);
            return Some(self.const_value(id, e.span).expr);
        }
        let mut inner = scope.clone();
        inner.limit = (Stage::Tick, "weights");
        let t = self.infer_number(e, &mut inner);
        if t.poison {
            return None;
        }
        if t.expr.axes != [axis] {
            let (have, want) = (self.axes.describe(&t.expr.axes), self.axes.describe(&[axis]));
            let mut d = Diagnostic::new(
                Code::E0401,
                e.span,
                "there is one weight for each of the values".to_string(),
                format!("this is {have}"),
            )
            .note(format!("the values run along {want}"));
            if let [own] = t.expr.axes[..] {
                let (name, of) = (&self.program.locals[local].name, self.axes.name(own));
                d = d.help(format!(
                    "pick along the axis of the weights: `pick {name} of {of} weighted by ...`"
                ));
            }
            self.report(d);
            return None;
        }
        Some(t.expr)
    }

    pub(super) fn list_const(&mut self, values: &[f64], axis: AxisId) -> hir::ConstId {
        let name = format!("weights {}", self.program.consts.len());
        let value = hir::Value {
            axes: vec![hir::ValueAxis { id: axis, len: values.len(), coordinates: None }],
            data: values.into(),
            present: None,
        };
        let constant = hir::Const {
            name,
            axes: vec![axis],
            kind: hir::ConstKind::Data(Arc::new(value)),
            dim: Term::plain().base(),
            unit: Unit::none(),
        };
        self.add_const(constant, Term::plain())
    }

    pub(super) fn draw_path(&mut self, around: &Around, what: &str, stream: Option<String>) -> Arc<str> {
        let path = stream.unwrap_or_else(|| {
            let places: Vec<&str> =
                around.path.iter().map(String::as_str).filter(|p| *p != "repeat").collect();
            if places.is_empty() { what.to_owned() } else { format!("{}/{what}", places.join("/")) }
        });
        let count = self.program.paths.entry(path.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { path.into() } else { format!("{path} {count}").into() }
    }
}
