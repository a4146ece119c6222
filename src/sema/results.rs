//! Expectations, plots and images: what is read when all cases have run.

use super::checker::Checker;
use super::dims::Term;
use super::typed::{Place, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{
    AxisId, Comparison, Condition, ConstId, ConstKind, Expect, Expr, ExprKind, Image, Plot, Plotted, Probe,
    ProbeId, Program, Results, Split, Tolerance, Ty, VarId, Versus,
};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ItemKind};
use crate::units::Unit;
use std::collections::HashSet;

impl<'a> Checker<'a, '_> {
    /// Reads all expectations, plots and images.
    pub fn results(&mut self) -> Results {
        let mut out = Results::default();
        for item in &self.items.file.items {
            match &item.kind {
                ItemKind::Expect { condition, message } => {
                    let mut scope = Scope::new(Place::Results, Stage::Result, "an expectation");
                    if let Some(c) = self.condition(condition, &mut scope) {
                        out.expects.push(Expect {
                            condition: c,
                            message: message.as_ref().map(|m| m.node.clone()),
                            text: self.one_line(condition.span),
                            span: condition.span,
                        });
                    }
                }
                ItemKind::Plot(p) => {
                    if let Some(plot) = self.plot(p, item.span) {
                        out.plots.push(plot);
                    }
                }
                ItemKind::Image { value, axes } => {
                    if let Some(image) = self.image(value, axes, item.span) {
                        out.images.push(image);
                    }
                }
                _ => {}
            }
        }
        self.unused_lets();
        out
    }

    /// A `let` nobody uses is still checked.
    fn unused_lets(&mut self) {
        for item in &self.items.file.items {
            let ItemKind::Let { name, axes, value } = &item.kind else { continue };
            if super::data::is_load(value) || self.used.contains(&name.text) || self.array_of(item).is_some()
            {
                continue;
            }
            let mut scope = Scope::new(Place::Results, Stage::Result, "a `let`");
            scope.expanding.push(name.text.clone());
            self.let_value(name, axes, value, &mut scope);
        }
    }

    pub(super) fn one_line(&self, span: Span) -> String {
        self.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn condition(&mut self, e: &'a ast::Expr, scope: &mut Scope) -> Option<Condition> {
        match &e.kind {
            ast::ExprKind::Binary { op, left, right } if op.node == BinaryOp::And => {
                let (a, b) = (self.condition(left, scope), self.condition(right, scope));
                let mut all = Vec::new();
                for c in [a?, b?] {
                    match c {
                        Condition::All(inner) => all.extend(inner),
                        other => all.push(other),
                    }
                }
                Some(Condition::All(all))
            }
            ast::ExprKind::Binary { op, left, right } => {
                let op_kind = match op.node {
                    BinaryOp::Eq => Comparison::Eq,
                    BinaryOp::Ne => Comparison::Ne,
                    BinaryOp::Lt => Comparison::Lt,
                    BinaryOp::Le => Comparison::Le,
                    BinaryOp::Gt => Comparison::Gt,
                    BinaryOp::Ge => Comparison::Ge,
                    _ => return self.truth(e, scope),
                };
                let (right, tolerance) = match &right.kind {
                    ast::ExprKind::PlusMinus { value, tolerance } => {
                        (value.as_ref(), Some(tolerance.as_ref()))
                    }
                    _ => (right.as_ref(), None),
                };
                let (a, b) = self.compared(left, right, e.span, scope);
                if a.poison || b.poison || !self.same_dimension(&a, &b, "compare {a} with {b}") {
                    return None;
                }
                self.unite(&a, &b)?;
                if let (Some(t), true) = (tolerance, !matches!(op_kind, Comparison::Eq | Comparison::Ne)) {
                    self.report(Diagnostic::new(
                        Code::E0408,
                        t.span,
                        "a tolerance belongs to `==`",
                        "not to this comparison",
                    ));
                    return None;
                }
                let tolerance = match tolerance {
                    None => None,
                    Some(t) => Some(self.tolerance(t, &a, scope)?),
                };
                let dim = self.solver.settle(&a.dim);
                let unit = a.unit.clone().or(b.unit.clone()).unwrap_or_else(|| self.show_unit(dim));
                Some(Condition::Compare { left: a.expr, op: op_kind, right: b.expr, tolerance, dim, unit })
            }
            ast::ExprKind::Between { value, lo, hi } => {
                let v = self.infer_number(value, scope);
                let (lo, hi) = (self.infer_number(lo, scope), self.infer_number(hi, scope));
                if v.poison || lo.poison || hi.poison {
                    return None;
                }
                if !self.same_dimension(&v, &lo, "compare {a} with {b}")
                    || !self.same_dimension(&v, &hi, "compare {a} with {b}")
                {
                    return None;
                }
                self.in_order(&lo, &hi);
                let dim = self.solver.settle(&v.dim);
                let unit = v.unit.clone().or(lo.unit.clone()).unwrap_or_else(|| self.show_unit(dim));
                Some(Condition::Between { value: v.expr, lo: lo.expr, hi: hi.expr, dim, unit })
            }
            _ => self.truth(e, scope),
        }
    }

    /// Reports a range that nothing can be in.
    pub(super) fn in_order(&mut self, lo: &Typed, hi: &Typed) {
        if let (Some(from), Some(to)) = (self.constant(lo), self.constant(hi))
            && from > to
        {
            let span = Span { end: hi.expr.span.end, ..lo.expr.span };
            self.crossed(span);
        }
    }

    /// Reports a range whose lower end lies above the upper.
    pub(super) fn crossed(&mut self, span: Span) {
        let headline = "the lower end of this range lies above the upper";
        let d = Diagnostic::new(Code::E0409, span, headline, "empty range");
        self.report(d.help("the lowest value stands first: `in [LOWEST, HIGHEST]`"));
    }

    fn truth(&mut self, e: &'a ast::Expr, scope: &mut Scope) -> Option<Condition> {
        let t = self.infer_truth(e, scope);
        (!t.poison).then_some(Condition::Truth(t.expr))
    }

    fn tolerance(&mut self, t: &'a ast::Expr, of: &Typed, scope: &mut Scope) -> Option<Tolerance> {
        let relative = matches!(&t.kind, ast::ExprKind::Number(n)
            if n.unit.as_ref().is_some_and(|u| matches!(u.factors.as_slice(), [f] if f.name.text == "%")));
        let tol = self.infer_number(t, scope);
        if tol.poison {
            return None;
        }
        if relative {
            return Some(Tolerance::Relative(tol.expr));
        }
        let dim = of.dim.clone();
        if self.want(&tol, &dim, "the tolerance")
            && let Some(v) = self.constant(&tol).filter(|v| *v < 0.0)
        {
            let unit = tol.unit.clone().or(of.unit.clone()).unwrap_or_else(Unit::none);
            let label = format!("this is {}", crate::units::format_value(v, &unit, 9));
            let d = Diagnostic::new(Code::E0408, t.span, "a tolerance is not negative", label);
            self.report(d.help("it says how far apart the two sides may be: leave the sign out"));
            return None;
        }
        Some(Tolerance::Absolute(tol.expr))
    }

    /// A state in a result is its value when the run ends: a probe there keeps it.
    pub fn state_at_end(&mut self, var: VarId, axes: Vec<AxisId>, span: Span, dim: Term) -> Typed {
        let name = self.program.vars[var].name.clone();
        let known = self.kept.iter().find(|(n, id)| *n == name && self.program.probes[*id].axes == axes);
        let id = match known {
            Some((_, id)) => *id,
            None => {
                let unit = self.program.vars[var].unit.clone();
                let id = self.program.probes.push(Probe {
                    name: format!("{name} at the end"),
                    axes: axes.clone(),
                    loop_axes: 0,
                    dim: self.program.vars[var].dim,
                    unit: unit.clone(),
                    truth: false,
                    implied: true,
                    span,
                });
                self.program.probe_terms.push((dim.clone(), Some(unit)));
                self.kept.push((name, id));
                id
            }
        };
        let cases = self.case_axes.iter().map(|c| c.axis);
        let axes = cases.chain(axes).collect();
        Typed::new(ExprKind::Probe { id, control: false }, axes, span, dim, Stage::Result)
    }

    /// Adds the probes that keep states at the end to every program.
    pub fn keep_at_end(&mut self, kept: &[(String, ProbeId)], programs: &mut [Program]) {
        for (name, id) in kept {
            for p in programs.iter_mut() {
                let probe = self.program.probes[*id].clone();
                let Some((var, span)) =
                    p.vars.iter_enumerated().find(|(_, v)| v.name == *name).map(|(id, v)| (id, v.span))
                else {
                    self.report(
                        Diagnostic::new(
                            Code::E0208,
                            probe.span,
                            format!("`{name}` does not exist in every case"),
                            "read by a result",
                        )
                        .help("probe it in the protocol, or read what all cases have"),
                    );
                    return;
                };
                let value = Expr { kind: ExprKind::Var(var), axes: probe.axes.clone(), ty: Ty::Number, span };
                let last = p.protocol.iter().map(|s| s.id.0).max().unwrap_or(0);
                let statement = crate::hir::Statement {
                    id: crate::hir::StatementId(self.program.statements.max(last + 1)),
                    kind: crate::hir::StatementKind::Probe { id: *id, locals: Vec::new(), value },
                    span,
                };
                self.program.statements = statement.id.0 + 1;
                p.probes.push(probe);
                p.protocol.push(statement);
            }
        }
    }

    fn plotted(&mut self, e: &'a ast::Expr, scope: &mut Scope) -> Option<(Typed, Option<Typed>)> {
        match &e.kind {
            ast::ExprKind::PlusMinus { value, tolerance } => {
                let (v, t) = (self.infer_number(value, scope), self.infer_number(tolerance, scope));
                let dim = v.dim.clone();
                self.want(&t, &dim, "the error of a plotted value");
                (!v.poison && !t.poison).then_some((v, Some(t)))
            }
            _ => {
                let v = self.infer(e, scope);
                (!v.poison).then_some((v, None))
            }
        }
    }

    fn plot(&mut self, p: &'a ast::Plot, span: Span) -> Option<Plot> {
        let mut scope = Scope::new(Place::Results, Stage::Result, "a plot");
        if let Some(at) = p.control
            && !super::protocol::has_control(self.items)
        {
            self.report(
                Diagnostic::new(Code::E0504, at, "there is no control run to draw", "nothing to overlay")
                    .help("add `control without PHASE` at the end of the protocol"),
            );
        }
        self.over_time =
            matches!(&p.versus, Some(ast::Expr { kind: ast::ExprKind::Name(n), .. }) if n.text == "t");
        let read: Vec<_> = p.values.iter().map(|v| self.plotted(v, &mut scope)).collect();
        self.over_time = false;
        let mut values = Vec::new();
        for (v, read) in p.values.iter().zip(read) {
            let text = self.one_line(v.span);
            let (value, error) = read?;
            let dim = self.solver.settle(&value.dim);
            let unit = value.unit.clone().unwrap_or_else(|| self.show_unit(dim));
            let (value, error) = (value.expr, error.map(|e| e.expr));
            let control = p.control.is_some().then(|| as_control(&value));
            let (spread, control_spread) = (None, None);
            let counted = self.counted(v, &mut scope);
            values.push(Plotted { text, value, counted, spread, error, control, control_spread, dim, unit });
        }
        let versus = match &p.versus {
            None => None,
            Some(e) => Some(self.versus(e, &values, &mut scope)?),
        };
        let split = match &p.split {
            None => None,
            Some(e) => {
                let axes = match &e.kind {
                    ast::ExprKind::Name(n) => {
                        let case =
                            self.case_axes.iter().map(|c| c.axis).find(|a| self.axes.name(*a) == n.text);
                        self.axis_of_values(n, &values).or(case)
                    }
                    _ => None,
                };
                match axes {
                    Some(a) => Some(Split::Axes(vec![a])),
                    None => {
                        let t = self.infer_number(e, &mut scope);
                        if t.poison {
                            return None;
                        }
                        let dim = self.solver.settle(&t.dim);
                        let unit = t.unit.clone().unwrap_or_else(|| self.show_unit(dim));
                        Some(Split::Value { text: self.one_line(e.span), value: t.expr, unit })
                    }
                }
            }
        };
        if let (Some((text, _)), Some(versus)) = (values.iter().find_map(|v| v.counted.clone()), &versus) {
            let headline = "a histogram has an axis of its own";
            let d = Diagnostic::new(Code::E0408, versus.value.span, headline, "and no room for this one");
            self.report(d.help(format!("leave `vs {}` out; the axis is that of `{text}`", versus.text)));
            return None;
        }
        let marks = self.marked(&p.marks, versus.as_ref(), &mut scope)?;
        Some(Plot { values, versus, split, marks, span })
    }

    /// What a plot marks on its horizontal axis.
    fn marked(
        &mut self,
        marks: &'a [ast::Expr],
        versus: Option<&Versus>,
        scope: &mut Scope,
    ) -> Option<Vec<(String, Expr)>> {
        let mut out = Vec::new();
        for e in marks {
            let Some(versus) = versus else {
                let d = Diagnostic::new(Code::E0408, e.span, "there is no axis to mark this on", "marked");
                self.report(d.help("say what the values are drawn against: `plot VALUE vs X mark PLACE`"));
                return None;
            };
            let t = self.infer_number(e, scope);
            let what = format!("a place on the axis `{}`", versus.text);
            if t.poison || !self.want(&t, &Term::from(versus.dim), &what) {
                return None;
            }
            out.push((self.one_line(e.span), t.expr));
        }
        Some(out)
    }

    /// Of a histogram, what is counted.
    fn counted(&mut self, e: &'a ast::Expr, scope: &mut Scope) -> Option<(String, Unit)> {
        let ast::ExprKind::Call { callee, args } = &e.kind else { return None };
        let of = args
            .first()
            .filter(|_| matches!(&callee.kind, ast::ExprKind::Name(n) if n.text == "histogram"))?;
        let t = self.infer(&of.value, scope);
        let dim = self.solver.settle(&t.dim);
        let unit = t.unit.clone().unwrap_or_else(|| self.show_unit(dim));
        (!t.poison).then(|| (self.one_line(of.value.span), unit))
    }

    fn axis_of_values(&self, name: &ast::Ident, values: &[Plotted]) -> Option<AxisId> {
        values.iter().flat_map(|v| &v.value.axes).copied().find(|a| self.axes.name(*a) == name.text)
    }

    fn versus(&mut self, e: &'a ast::Expr, values: &[Plotted], scope: &mut Scope) -> Option<Versus> {
        let text = self.one_line(e.span);
        if let ast::ExprKind::Name(n) = &e.kind {
            let time = values
                .iter()
                .flat_map(|v| &v.value.axes)
                .copied()
                .find(|a| self.axes.get(*a).coordinates == crate::hir::Coordinates::Time);
            let axis = self.axis_of_values(n, values).or(if n.text == "t" { time } else { None });
            let axis = match axis {
                None if n.text == "t" => Some(self.axes.time_axis("whole run".into())),
                other => other,
            };
            if let Some(axis) = axis {
                self.used.insert(n.text.clone());
                let t = self.coordinate(axis, e.span);
                let dim = self.solver.settle(&t.dim);
                let unit = t.unit.clone().unwrap_or_else(|| self.show_unit(dim));
                return Some(Versus { text, value: t.expr, dim, unit });
            }
        }
        let t = self.infer_number(e, scope);
        if t.poison {
            return None;
        }
        let dim = self.solver.settle(&t.dim);
        let unit = t.unit.clone().unwrap_or_else(|| self.show_unit(dim));
        Some(Versus { text, value: t.expr, dim, unit })
    }

    fn image(&mut self, value: &'a ast::Expr, axes: &'a [ast::AxisName], span: Span) -> Option<Image> {
        let mut scope = Scope::new(Place::Results, Stage::Result, "an image");
        let t = self.infer_number(value, &mut scope);
        if t.poison {
            return None;
        }
        let mut shown = Vec::new();
        for name in axes {
            shown.extend(self.resolve_over(std::slice::from_ref(name), &t, &scope)?);
        }
        if shown.len() > 2 || axes.is_empty() {
            self.report(
                Diagnostic::new(
                    Code::E0408,
                    span,
                    "an image has rows and columns",
                    format!("{} axes", shown.len()),
                )
                .help("`image VALUE as [row, col]`"),
            );
            return None;
        }
        let dim = self.solver.settle(&t.dim);
        let unit = t.unit.clone().unwrap_or_else(|| self.show_unit(dim));
        Some(Image { text: self.one_line(value.span), value: t.expr, axes: shown, dim, unit, span })
    }

    /// The case axes a constant array differs along.
    pub fn case_axes_of_const(&self, id: ConstId) -> Vec<AxisId> {
        let mut names = HashSet::new();
        self.const_reads(id, &mut names, 0);
        self.case_axes.iter().filter(|c| c.varies.iter().any(|v| names.contains(v))).map(|c| c.axis).collect()
    }

    fn const_reads(&self, id: ConstId, names: &mut HashSet<String>, depth: usize) {
        let ConstKind::Expr(e) = &self.program.consts[id].kind else { return };
        if depth > 64 {
            return;
        }
        super::visit(e, &mut |e| match &e.kind {
            ExprKind::Param(p) => {
                names.insert(self.program.params[*p].name.clone());
            }
            ExprKind::Random { .. } => {
                names.insert("seed".into());
            }
            ExprKind::Const(c) => self.const_reads(*c, names, depth + 1),
            _ => {}
        });
    }
}

/// The same value with every probe and record read from the control run.
fn as_control(e: &Expr) -> Expr {
    let mut e = e.clone();
    super::visit_mut(&mut e, &mut |e| match &mut e.kind {
        ExprKind::Probe { control, .. } | ExprKind::Record { control, .. } => *control = true,
        _ => {}
    });
    debug_assert!(matches!(e.ty, Ty::Number | Ty::Bool));
    e
}

/// Whether a term is plain, for callers outside.
pub(super) fn plain() -> Term {
    Term::plain()
}
