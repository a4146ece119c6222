//! What holds variables of a projection: bounds and normalisation.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::typed::Scope;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Bounds, Normalise, NormaliseFunction, NormaliseMode, ProjId, VarId, VarKind};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_, '_> {
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

    pub(super) fn bounded(&mut self, id: ProjId, name: &ast::Ident, scope: &Scope) -> Option<VarId> {
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
        let (pre, post) = (self.partners(id, AxisSide::Pre), self.partners(id, AxisSide::Post));
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
        if function == NormaliseFunction::Norm && self.constant(&target).is_some_and(|v| v < 0.0) {
            let d = Diagnostic::new(
                Code::E0608,
                n.target.span,
                "a norm is never negative",
                "a target below zero",
            );
            return self.report(d);
        }
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
}
