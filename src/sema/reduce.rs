//! Reductions: values along axes become fewer.

use super::checker::Checker;
use super::typed::{Binding, Scope, Stage, Typed};
use crate::builtins::{self, Builtin, DimRule, Kind, Special};
use crate::diag::{Code, Diagnostic};
use crate::hir::{Axis, AxisId, Coordinates, ExprKind, ReduceOp, Ty};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_, '_> {
    /// `mean(E over cell)`, `sum(E for k in cell if k <= cell)`.
    pub fn infer_reduce(&mut self, r: &ast::Reduce, span: Span, scope: &mut Scope) -> Typed {
        let name = &r.function;
        let Some(builtin) = builtins::lookup(&name.text) else { return self.unknown_function(name, scope) };
        let Some(op) = builtin.reduction() else {
            let verb =
                if matches!(builtin.kind, Kind::Special(Special::Histogram | Special::First | Special::Last))
                {
                    "takes no `over`"
                } else {
                    "works on each element and reduces nothing"
                };
            return self.refuse(
                Diagnostic::new(
                    Code::E0408,
                    span,
                    format!("`{}` {verb}", name.text),
                    "an axis is named here",
                )
                .note(format!("it is written `{}`", builtin.signature)),
            );
        };
        let args: Vec<&ast::Expr> = r.args.iter().collect();
        let wanted = if op == ReduceOp::Correlation { 2 } else { 1 };
        if args.len() != wanted {
            return self.wrong_count(builtin, args.len(), span);
        }
        self.reduce(builtin, op, &args, &r.over, r.binder.as_ref(), span, scope)
    }

    #[allow(clippy::too_many_arguments)] // The parts of one piece of syntax.
    pub(super) fn reduce(
        &mut self,
        builtin: &Builtin,
        op: ReduceOp,
        args: &[&ast::Expr],
        over: &[ast::AxisName],
        binder: Option<&ast::Binder>,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let mut inner = scope.clone();
        let bound = match binder {
            Some(b) => match self.bind_index(b, &mut inner) {
                Some(axis) => Some(axis),
                None => return self.poison(span),
            },
            None => None,
        };
        let truth = matches!(builtin.dims, DimRule::Truth | DimRule::TruthToPlain);
        let mut values: Vec<Typed> = Vec::new();
        for arg in args {
            let v = if truth || op == ReduceOp::Mean && binder.is_none() {
                self.infer(arg, &mut inner)
            } else {
                self.infer_number(arg, &mut inner)
            };
            values.push(v);
        }
        let filter = binder.and_then(|b| b.condition.as_ref()).map(|c| self.infer_truth(c, &mut inner));
        scope.random = inner.random;
        if values.iter().chain(&filter).any(|v| v.poison) {
            return self.poison(span);
        }
        if truth && values[0].expr.ty != Ty::Bool {
            return self.refuse(
                Diagnostic::new(
                    Code::E0406,
                    values[0].expr.span,
                    format!("`{}` counts conditions", builtin.name),
                    "this is a number",
                )
                .help("compare it with something, such as `> 0`"),
            );
        }
        let mut joint = values[0].clone();
        for v in values[1..].iter().chain(&filter) {
            let Some(axes) = self.unite(&joint, v) else { return self.poison(span) };
            joint.expr.axes = axes;
        }
        let over = match (bound, over) {
            (Some(axis), _) => vec![axis],
            (None, []) => {
                let cases: Vec<AxisId> = self.case_axes.iter().map(|c| c.axis).collect();
                joint.expr.axes.iter().copied().filter(|a| !cases.contains(a)).collect()
            }
            (None, names) => match self.resolve_over(names, &joint, scope) {
                Some(over) => over,
                None => return self.poison(span),
            },
        };
        if matches!(op, ReduceOp::Period | ReduceOp::Monotone) {
            return self.along_time(builtin, op, values, &over, span);
        }
        let Some(dim) = self.result_dim(builtin, &values, None) else { return self.poison(span) };
        let unit = (builtin.dims == DimRule::Same).then(|| values[0].unit.clone()).flatten();
        let stage = values.iter().chain(&filter).map(|v| v.stage).max().unwrap_or(Stage::Constant);
        let axes: Vec<AxisId> = joint.expr.axes.iter().copied().filter(|a| !over.contains(a)).collect();
        let kind = ExprKind::Reduce {
            op,
            args: values.into_iter().map(|v| v.expr).collect(),
            over,
            filter: filter.map(|f| Box::new(f.expr)),
        };
        let result = Typed::new(kind, axes, span, dim, stage).with_unit(unit);
        if builtin.dims == DimRule::Truth { result.truth() } else { result }
    }

    /// `period` and `monotone`: along time where there is one, else along the one axis.
    pub(super) fn along_time(
        &mut self,
        builtin: &Builtin,
        op: ReduceOp,
        values: Vec<Typed>,
        over: &[AxisId],
        span: Span,
    ) -> Typed {
        let time = over.iter().copied().find(|a| self.axes.get(*a).coordinates == Coordinates::Time);
        let Some(axis) = time.or(if over.len() == 1 { over.first().copied() } else { None }) else {
            return self.no_axis(builtin, &values[0]);
        };
        let Some(dim) = self.result_dim(builtin, &values, Some(axis)) else { return self.poison(span) };
        let stage = values[0].stage;
        let axes = values[0].expr.axes.iter().copied().filter(|a| *a != axis).collect();
        let args = values.into_iter().map(|v| v.expr).collect();
        let kind = ExprKind::Reduce { op, args, over: vec![axis], filter: None };
        let result = Typed::new(kind, axes, span, dim, stage);
        if builtin.dims == DimRule::AnyToTruth { result.truth() } else { result }
    }

    pub(super) fn bind_index(&mut self, binder: &ast::Binder, scope: &mut Scope) -> Option<AxisId> {
        let (size, coordinates) = match &binder.over {
            ast::BinderRange::Range(range) => {
                let axis = self.axis_extent(&binder.name.text, range, super::values::Runs::Index)?;
                (self.axes.size(axis), self.axes.get(axis).coordinates.clone())
            }
            ast::BinderRange::Axis(name) => {
                let axes = self.axes_named(name, scope)?;
                match axes.as_slice() {
                    [one] => (self.axes.size(*one), self.axes.get(*one).coordinates.clone()),
                    many => (self.axes.count(many)?, Coordinates::Index),
                }
            }
        };
        // A second index is an axis of its own, never the one it runs beside.
        let name = format!("{}'", binder.name.text);
        let axis = self.axes.intern(Axis { name, size: Some(size), coordinates });
        self.bind_checked(scope, &binder.name, Binding::Binder(axis));
        Some(axis)
    }

    pub(super) fn no_axis(&mut self, builtin: &Builtin, v: &Typed) -> Typed {
        self.refuse(Diagnostic::new(
            Code::E0403,
            v.expr.span,
            format!("`{}` needs an axis to run along", builtin.name),
            "this is a single value",
        ))
    }
}
