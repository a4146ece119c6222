//! Operators: dimensions, axes and stages of two operands together.

use super::checker::Checker;
use super::dims::{Term, ratio};
use super::time;
use super::typed::{Scope, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, AxisId, Coordinates, ExprKind, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, UnaryOp};

impl Checker<'_, '_> {
    pub(super) fn unary(&mut self, op: UnaryOp, t: Typed, span: Span) -> Typed {
        if t.poison {
            return t;
        }
        let expr = hir::Expr {
            axes: t.expr.axes.clone(),
            ty: t.expr.ty,
            kind: ExprKind::Unary(op, Box::new(t.expr)),
            span,
        };
        Typed { expr, ..t }
    }

    pub(super) fn infer_binary(
        &mut self,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let (a, b) = (self.infer_truth(left, scope), self.infer_truth(right, scope));
                self.combine(op, a, b, Term::plain(), span).truth()
            }
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                let (a, b) = self.compared(left, right, span, scope);
                self.compare(op, a, b, span)
            }
            BinaryOp::Add | BinaryOp::Sub => {
                let (a, b) = (self.infer_number(left, scope), self.infer_number(right, scope));
                let doing = if op == BinaryOp::Add { "add {b} to {a}" } else { "subtract {b} from {a}" };
                if !self.same_dimension(&a, &b, doing) {
                    return self.poison(span);
                }
                let unit = a.unit.clone().or(b.unit.clone());
                let dim = a.dim.clone();
                self.combine(op, a, b, dim, span).with_unit(unit)
            }
            BinaryOp::Mul => {
                let (a, b) = (self.infer_number(left, scope), self.infer_number(right, scope));
                let dim = a.dim.mul(&b.dim);
                self.combine(op, a, b, dim, span)
            }
            BinaryOp::Div => {
                let (a, b) = (self.infer_number(left, scope), self.infer_number(right, scope));
                let dim = a.dim.div(&b.dim);
                self.combine(op, a, b, dim, span)
            }
            BinaryOp::Pow => self.infer_power(left, right, span, scope),
        }
    }

    fn infer_power(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span, scope: &mut Scope) -> Typed {
        let (a, b) = (self.infer_number(left, scope), self.infer_number(right, scope));
        self.want(&b, &Term::plain(), "an exponent");
        let exponent = self.constant(&b);
        let dim = match exponent.and_then(crate::units::Ratio::from_f64) {
            Some(p) => a.dim.pow(ratio(i64::from(p.num), i64::from(p.den))),
            None => {
                if !a.poison && !self.solver.unify(&a.dim, &Term::plain()) {
                    let have = self.describe(&a.dim);
                    return self.refuse(
                        Diagnostic::new(
                            Code::E0303,
                            left.span,
                            "a quantity with a unit needs a constant exponent",
                            format!("this is {have}"),
                        )
                        .label(right.span, "this exponent is not a constant simple fraction")
                        .help("divide by a reference value first, so that the base is a plain number"),
                    );
                }
                Term::plain()
            }
        };
        let b = match exponent {
            Some(v) => Typed::number(v, b.expr.span),
            None => b,
        };
        self.combine(BinaryOp::Pow, a, b, dim, span)
    }

    /// Reports two operands whose dimensions differ; `doing` says what cannot be done with `{a}` and `{b}`.
    pub fn same_dimension(&mut self, a: &Typed, b: &Typed, doing: &str) -> bool {
        if a.poison || b.poison || self.solver.unify(&a.dim, &b.dim) {
            return true;
        }
        let (da, db) = (self.describe(&a.dim), self.describe(&b.dim));
        let doing = doing.replace("{a}", &da).replace("{b}", &db);
        let mut d =
            Diagnostic::new(Code::E0301, b.expr.span, format!("cannot {doing}"), format!("this is {db}"))
                .label(a.expr.span, format!("this is {da}"))
                .note(format!(" left side: {da}\nright side: {db}"));
        let written = [(a, b), (b, a)]
            .into_iter()
            .find_map(|(of, bare)| Some((self.unit_for_literal(&of.dim, bare)?, bare.expr.span.after())));
        if let Some((missing, at)) = written {
            d = missing.help(d, at, "if a unit is missing, write it");
        } else if let (Some(want), Some(have)) =
            (self.solver.resolve(&a.dim).known(), self.solver.resolve(&b.dim).known())
            && let Some(help) = crate::units::difference(want, have).advice()
        {
            d = d.help(format!("{help} on the right"));
        }
        self.report(d);
        false
    }

    /// Both sides of a comparison as numbers; two truth values get one message.
    pub fn compared(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        scope: &mut Scope,
    ) -> (Typed, Typed) {
        let (a, b) = (self.infer(left, scope), self.infer(right, scope));
        if !a.poison && !b.poison && a.expr.ty == Ty::Bool && b.expr.ty == Ty::Bool {
            let headline = "truth values are not compared";
            let d = Diagnostic::new(Code::E0406, span, headline, "each side is true or false");
            let poison =
                self.refuse(d.help("join them with `and`, `or` and `not`, or write one `expect` for each"));
            return (poison.clone(), poison);
        }
        (self.number(a, left.span), self.number(b, right.span))
    }

    /// A comparison; times are compared in whole ticks, exactly.
    pub fn compare(&mut self, op: BinaryOp, a: Typed, b: Typed, span: Span) -> Typed {
        if !self.same_dimension(&a, &b, "compare {a} with {b}") {
            return self.poison(span).truth();
        }
        let (a, b) = self.exact_times(a, b);
        self.combine(op, a, b, Term::plain(), span).truth()
    }

    /// Turns both sides into whole ticks where both are times that are: then comparisons are exact.
    pub fn exact_times(&mut self, a: Typed, b: Typed) -> (Typed, Typed) {
        if !time::reads_time(&a.expr) && !time::reads_time(&b.expr) {
            return (a, b);
        }
        match (self.in_ticks(&a), self.in_ticks(&b)) {
            (Some(ta), Some(tb)) => {
                (Typed { expr: ta, dim: Term::plain(), ..a }, Typed { expr: tb, dim: Term::plain(), ..b })
            }
            _ => (a, b),
        }
    }

    /// The expression in whole ticks, if it is a time that is one.
    pub fn in_ticks(&mut self, t: &Typed) -> Option<hir::Expr> {
        if let Some(value) = self.constant(t) {
            let n = value / self.program.tick;
            let whole = (n - n.round()).abs() <= 1e-9 * n.abs().max(1.0);
            return whole.then(|| hir::Expr { kind: ExprKind::Number(n.round()), ..t.expr.clone() });
        }
        time::ticks(&t.expr, self.program.tick)
    }

    /// Joins two operands: axes united, stage the later.
    pub fn combine(&mut self, op: BinaryOp, a: Typed, b: Typed, dim: Term, span: Span) -> Typed {
        let Some(axes) = self.unite(&a, &b) else { return self.poison(span) };
        let poison = a.poison || b.poison;
        let stage = a.stage.max(b.stage);
        let kind = ExprKind::Binary(op, Box::new(a.expr), Box::new(b.expr));
        Typed { poison, ..Typed::new(kind, axes, span, dim, stage) }
    }

    /// The axes of two operands together; two different axes of one name are reported.
    pub fn unite(&mut self, a: &Typed, b: &Typed) -> Option<Vec<AxisId>> {
        if a.poison || b.poison {
            return Some(if a.poison { b.expr.axes.clone() } else { a.expr.axes.clone() });
        }
        match self.axes.union(&a.expr.axes, &b.expr.axes) {
            Ok(axes) => Some(axes),
            Err((l, r)) => {
                let (la, ra) = self.axes.describe_two(l, r);
                let mut d = Diagnostic::new(
                    Code::E0401,
                    b.expr.span,
                    format!("the axes {la} and {ra} do not match"),
                    format!("this runs along {ra}"),
                )
                .label(a.expr.span, format!("this runs along {la}"));
                let is_time = |a| self.axes.get(a).coordinates == Coordinates::Time;
                d = if is_time(l) && is_time(r) {
                    d.note("they are records taken at different times, or different stretches of them")
                        .help("record both with the same `every` and `during`, or reduce them first")
                } else if self.axes.base_name(l) == self.axes.base_name(r)
                    && self.axes.name(l) != self.axes.name(r)
                {
                    d.note(format!(
                        "in a projection whose two sides both have an axis `{0}`, they are `post.{0}` and `pre.{0}`",
                        self.axes.base_name(l)
                    ))
                    .help("reduce one of them first, for instance with `mean(... over pre)`")
                } else {
                    let alike = self.axes.size(l) == self.axes.size(r);
                    let equal = if alike { "coordinates" } else { "sizes" };
                    d.note("values combine element by element along axes of the same name").help(format!(
                        "rename one of the axes if they are different things, or make their {equal} equal"
                    ))
                };
                self.report(d);
                None
            }
        }
    }

    pub(super) fn infer_if(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let c = self.infer_truth(condition, scope);
        let (a, b) = (self.infer(then, scope), self.infer(otherwise, scope));
        if !a.poison && !b.poison && a.expr.ty != b.expr.ty {
            return self.refuse(
                Diagnostic::new(
                    Code::E0406,
                    otherwise.span,
                    "the two branches are of different kinds",
                    "one kind",
                )
                .label(then.span, "the other")
                .help("make both numbers, or both conditions"),
            );
        }
        if !a.poison && !b.poison && !self.solver.unify(&a.dim, &b.dim) {
            let (da, db) = (self.describe(&a.dim), self.describe(&b.dim));
            return self.refuse(
                Diagnostic::new(
                    Code::E0301,
                    otherwise.span,
                    format!("the branches of `if` differ: {da} and {db}"),
                    format!("this is {db}"),
                )
                .label(then.span, format!("this is {da}")),
            );
        }
        let (dim, unit, ty) = (a.dim.clone(), a.unit.clone().or(b.unit.clone()), a.expr.ty);
        let stage = c.stage.max(a.stage).max(b.stage);
        let poison = c.poison || a.poison || b.poison;
        let Some(axes) = self.unite(&c, &a) else { return self.poison(span) };
        let so_far = Typed::new(ExprKind::Number(0.0), axes, span, Term::plain(), stage);
        let Some(axes) = self.unite(&so_far, &b) else { return self.poison(span) };
        let kind = ExprKind::If(Box::new(c.expr), Box::new(a.expr), Box::new(b.expr));
        let mut t = Typed::new(kind, axes, span, dim, stage).with_unit(unit);
        t.expr.ty = ty;
        t.poison = poison;
        t
    }
}
