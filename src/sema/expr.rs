//! Inference of expressions: names, dimensions, axes, stage and the resolved tree in one walk.

use super::axes::AxisSide;
use super::checker::{Checker, What};
use super::dims::Term;
use super::items;
use super::time;
use super::typed::{Binding, Place, RuleParam, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, AxisId, Coordinates, ExprKind, Ty, VarId};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, UnaryOp};
use crate::units::Unit;

impl Checker<'_, '_> {
    /// Infers an expression and checks that it is known early enough for its place.
    pub fn infer(&mut self, e: &ast::Expr, scope: &mut Scope) -> Typed {
        let typed = self.infer_any(e, scope);
        if !typed.poison && typed.stage > scope.limit.0 {
            let (limit, what) = scope.limit;
            let mut d = Diagnostic::new(
                Code::E0405,
                e.span,
                format!("{what} is needed {}", limit.when()),
                typed.stage.known(),
            );
            let (text, (kind, cause)) = (self.sources.text(e.span), self.late_cause(&typed));
            if !cause.ends_with(text) {
                d = d.note(format!("`{text}` depends on {kind} `{cause}`"));
            }
            if what == "a start value" {
                d = d.help("what follows from others all the time is declared without one, and has an equation: `NAME = ...`");
            }
            return self.refuse(d);
        }
        typed
    }

    /// What makes a value late: its kind and its name.
    fn late_cause(&self, typed: &Typed) -> (&'static str, String) {
        let mut cause = ("something later", self.sources.text(typed.expr.span).to_owned());
        super::visit(&typed.expr, &mut |e| match &e.kind {
            ExprKind::Var(v) => cause = ("the variable", self.program.vars[*v].name.clone()),
            ExprKind::Probe { id, .. } => cause = ("the probe", self.program.probes[*id].name.clone()),
            ExprKind::Record { id, .. } => cause = ("the record", self.program.records[*id].name.clone()),
            ExprKind::Local(l) | ExprKind::Position(l) => {
                cause = ("the loop variable", self.program.locals[*l].name.clone());
            }
            ExprKind::PresentationTicks | ExprKind::RunTicks => cause = ("the time", "t".to_owned()),
            _ => {}
        });
        cause
    }

    /// Infers a number (not a truth value).
    pub fn infer_number(&mut self, e: &ast::Expr, scope: &mut Scope) -> Typed {
        let typed = self.infer(e, scope);
        self.number(typed, e.span)
    }

    /// The value if it is a number; a truth value is refused.
    pub fn number(&mut self, typed: Typed, span: Span) -> Typed {
        if !typed.poison && typed.expr.ty == Ty::Bool {
            return self.refuse(
                Diagnostic::new(
                    Code::E0406,
                    span,
                    "a truth value where a number is needed",
                    "this is true or false",
                )
                .help("`if CONDITION then 1 else 0` makes a number of it"),
            );
        }
        typed
    }

    /// Infers a truth value.
    pub fn infer_truth(&mut self, e: &ast::Expr, scope: &mut Scope) -> Typed {
        let typed = self.infer(e, scope);
        if !typed.poison && typed.expr.ty == Ty::Number {
            return self.refuse(
                Diagnostic::new(
                    Code::E0406,
                    e.span,
                    "a number where a condition is needed",
                    "this is a number",
                )
                .help("compare it with something, such as `> 0`"),
            );
        }
        typed
    }

    fn infer_any(&mut self, e: &ast::Expr, scope: &mut Scope) -> Typed {
        match &e.kind {
            ast::ExprKind::Number(n) => self.infer_literal(n, e.span, scope),
            ast::ExprKind::Bool(b) => {
                Typed::new(ExprKind::Bool(*b), Vec::new(), e.span, Term::plain(), Stage::Constant).truth()
            }
            ast::ExprKind::String(_) => self.refuse(
                Diagnostic::new(Code::E0406, e.span, "a text where a number is needed", "this is a text")
                    .help("`load(\"file.csv\")` reads numbers from a file"),
            ),
            ast::ExprKind::Name(name) => self.infer_name(name, scope),
            ast::ExprKind::Field { base, name } => self.infer_field(base, name, e.span, scope),
            ast::ExprKind::Derivative { base, name } => {
                self.infer_derivative(base.as_deref(), name, e.span, scope)
            }
            ast::ExprKind::Unary { op: UnaryOp::Neg, operand } => {
                let t = self.infer_number(operand, scope);
                if let ExprKind::Number(v) = t.expr.kind {
                    return Typed {
                        expr: hir::Expr { kind: ExprKind::Number(-v), span: e.span, ..t.expr },
                        ..t
                    };
                }
                self.unary(UnaryOp::Neg, t, e.span)
            }
            ast::ExprKind::Unary { op: UnaryOp::Not, operand } => {
                let t = self.infer_truth(operand, scope);
                self.unary(UnaryOp::Not, t, e.span)
            }
            ast::ExprKind::Binary { op, left, right } => {
                self.infer_binary(op.node, left, right, e.span, scope)
            }
            ast::ExprKind::PlusMinus { .. } => self.refuse(
                Diagnostic::new(
                    Code::E0408,
                    e.span,
                    "`+-` stands behind the right side of `==`, or behind a plotted value",
                    "nothing here takes a tolerance",
                )
                .help("`a == b +- 1e-3` in an `expect`, `data.change +- data.sem` in a `plot`"),
            ),
            ast::ExprKind::Between { value, lo, hi } => {
                let (v, lo, hi) = (
                    self.infer_number(value, scope),
                    self.infer_number(lo, scope),
                    self.infer_number(hi, scope),
                );
                if self.what == What::Results {
                    self.in_order(&lo, &hi);
                }
                let low = self.compare(BinaryOp::Ge, v.clone(), lo, e.span);
                let high = self.compare(BinaryOp::Le, v, hi, e.span);
                self.combine(BinaryOp::And, low, high, Term::plain(), e.span).truth()
            }
            ast::ExprKind::In { value, unit } => {
                let t = self.infer_number(value, scope);
                let Some(unit) = self.unit(unit) else { return t };
                if !self.want(&t, &Term::from(unit.dim), &format!("a value `in {}`", unit.text)) {
                    return self.poison(e.span);
                }
                t.with_unit(Some(unit))
            }
            ast::ExprKind::AtStart { value } => {
                let t = self.infer_number(value, scope);
                if t.poison {
                    return t;
                }
                let expr = hir::Expr {
                    axes: t.expr.axes.clone(),
                    ty: t.expr.ty,
                    kind: ExprKind::AtStart(Box::new(t.expr)),
                    span: e.span,
                };
                Typed { expr, ..t }
            }
            ast::ExprKind::If { condition, then, otherwise } => {
                self.infer_if(condition, then, otherwise, e.span, scope)
            }
            ast::ExprKind::Call { callee, args } => self.infer_call(callee, args, e.span, scope),
            ast::ExprKind::Reduce(r) => self.infer_reduce(r, e.span, scope),
            ast::ExprKind::Index { base, entries } => self.infer_index(base, entries, e.span, scope),
            ast::ExprKind::List { items, .. }
                if items.iter().any(|i| matches!(i.kind, ast::ExprKind::List { .. })) =>
            {
                let headline = "a list of lists where one value is needed";
                let d = Diagnostic::new(Code::E0408, e.span, headline, "this is several values");
                self.refuse(d.help("give the values two axes: `let NAME[i: 2, j: 2] = [[1, 2], [3, 4]]`"))
            }
            ast::ExprKind::Range(_) | ast::ExprKind::List { .. } => self.refuse(
                Diagnostic::new(
                    Code::E0408,
                    e.span,
                    "a list or a range where one value is needed",
                    "this is several values",
                )
                .help("give the values an axis: `let NAME[i: 3] = [1, 3, 2]`"),
            ),
        }
    }

    /// The unit as written, resolved; a word that is no unit is reported.
    pub fn unit(&mut self, unit: &ast::Unit) -> Option<Unit> {
        let tick = Some(self.program.tick);
        if let Some(defs) = items::resolve(unit, tick) {
            return Unit::new(&defs);
        }
        let bad = unit.factors.iter().find(|f| crate::units::lookup(&f.name.text).is_none())?;
        let mut d = Diagnostic::new(
            Code::E0107,
            bad.name.span,
            format!("`{}` is not a unit", self.sources.text(bad.name.span)),
            "no unit has this name",
        );
        if let Some(near) = crate::units::suggest(&bad.name.text) {
            d = d.fix(format!("write `{near}`"), bad.name.span, near);
        }
        self.report(d);
        None
    }

    fn infer_literal(&mut self, n: &ast::Number, span: Span, scope: &Scope) -> Typed {
        let Some(unit) = &n.unit else {
            let value = crate::units::read_number(&n.text, &[]);
            if value.is_infinite() {
                return self.too_large(span);
            }
            let dim = if value == 0.0 { self.solver.fresh(None) } else { Term::plain() };
            return Typed { dim, ..Typed::number(value, span) };
        };
        // `10 h` where `h` is also a variable: both readings are offered.
        if let [factor] = unit.factors.as_slice()
            && factor.power == 1
            && self.is_variable_here(&factor.name.text, scope)
        {
            let name = &factor.name.text;
            return self.refuse(
                Diagnostic::new(
                    Code::E0206,
                    factor.name.span,
                    format!("`{name}` is a unit and a variable here"),
                    "either the unit or the variable",
                )
                .help(format!("for the product, write `{} * {name}`", n.text))
                .help(format!("for the unit, rename the variable `{name}`")),
            );
        }
        let Some(resolved) = self.unit(unit) else { return self.poison(span) };
        let Some(defs) = items::resolve(unit, Some(self.program.tick)) else { return self.poison(span) };
        let value = crate::units::read_number(&n.text, &defs);
        if value.is_infinite() {
            return self.too_large(span);
        }
        let dim = Term::from(resolved.dim);
        Typed { dim, ..Typed::number(value, span) }.with_unit(Some(resolved))
    }

    fn too_large(&mut self, span: Span) -> Typed {
        self.refuse(
            Diagnostic::new(Code::E0120, span, "a number is at most 1.79e308", "too large")
                .help("what is never reached is written `inf`"),
        )
    }

    fn is_variable_here(&self, name: &str, scope: &Scope) -> bool {
        scope.find(name).is_some()
            || match &scope.place {
                Place::Rule(_, rule) => rule.vars.contains_key(name) || rule.params.contains_key(name),
                Place::Population(p) if self.member_of_population(*p, name).is_some() => true,
                _ => self
                    .items
                    .get(name)
                    .is_some_and(|i| matches!(i.kind, ast::ItemKind::Param(_) | ast::ItemKind::Let { .. })),
            }
    }

    fn infer_name(&mut self, name: &ast::Ident, scope: &mut Scope) -> Typed {
        if let Some((_, binding, _)) = scope.find(&name.text).cloned() {
            return self.bound(&binding, name.span);
        }
        match scope.place.clone() {
            Place::Rule(projection, rule) => {
                if let Some(t) = self.rule_name(projection, &rule, name) {
                    return t;
                }
            }
            Place::Population(p) => {
                if let Some(t) = self.population_name(p, name) {
                    return t;
                }
            }
            Place::Projection(p) => {
                if let Some(t) = self.projection_name(p, &name.text, name.span) {
                    return t;
                }
            }
            _ => {}
        }
        match name.text.as_str() {
            "xi" if self.items.get("xi").is_none() => return self.white_noise(name.span, scope),
            "tick" => {
                return Typed { dim: Term::time(1), ..Typed::number(self.program.tick, name.span) };
            }
            "t" => match scope.place {
                Place::Stimulus | Place::Presented => {
                    return self.time(ExprKind::PresentationTicks, Stage::Timeline, name.span);
                }
                Place::Population(_) | Place::Tick => {
                    return self.time(ExprKind::RunTicks, Stage::Tick, name.span);
                }
                _ => {}
            },
            _ => {}
        }
        // A file may declare a name that is also a word; a rule does not see the file.
        let declared = !matches!(scope.place, Place::Rule(..))
            && (self.items.get(&name.text).is_some()
                || super::protocol::declares_probe(self.items, &name.text));
        if let Some(crate::builtins::Kind::Constant(value)) =
            crate::builtins::lookup(&name.text).map(|b| b.kind)
            && !declared
        {
            return Typed::number(value, name.span);
        }
        if matches!(scope.place, Place::Rule(..)) {
            return self.unknown_in_rule(name, scope);
        }
        self.infer_item(name, scope)
    }

    /// `t`: seconds since the presentation or the run began.
    fn time(&mut self, since: ExprKind, stage: Stage, span: Span) -> Typed {
        let ticks = hir::Expr { kind: since, axes: Vec::new(), ty: Ty::Number, span };
        let expr = time::seconds(ticks, self.program.tick);
        Typed { expr, dim: Term::time(1), stage, unit: None, poison: false }
    }

    fn bound(&mut self, binding: &Binding, span: Span) -> Typed {
        match binding {
            Binding::Coord(axis) | Binding::Binder(axis) => self.coordinate(*axis, span),
            Binding::Local(id) => {
                let dim = self.program.local_terms[id.0 as usize].clone();
                Typed::new(ExprKind::Local(*id), Vec::new(), span, dim, Stage::Timeline)
            }
            Binding::Argument(t) => {
                let mut t = (**t).clone();
                t.expr.span = span;
                t
            }
        }
    }

    /// The coordinate of an axis as a value.
    pub fn coordinate(&mut self, axis: AxisId, span: Span) -> Typed {
        let (dim, unit) = match &self.axes.get(axis).coordinates {
            Coordinates::Values { dim, unit, .. } => (Term::from(*dim), Some(unit.clone())),
            Coordinates::Time => (Term::time(1), None),
            Coordinates::Index | Coordinates::Labels(_) => (Term::plain(), None),
        };
        Typed::new(ExprKind::Coord(axis), vec![axis], span, dim, Stage::Constant).with_unit(unit)
    }

    /// A variable as an expression, its storage axes called `axes`.
    pub fn variable(&mut self, id: VarId, axes: Vec<AxisId>, span: Span) -> Typed {
        let dim = self.program.var_terms[id.0 as usize].clone();
        let unit = self.program.var_units[id.0 as usize].clone();
        if self.in_results() && !self.over_time {
            return self.state_at_end(id, axes, span, dim).with_unit(unit);
        }
        Typed::new(ExprKind::Var(id), axes, span, dim, Stage::Tick).with_unit(unit)
    }

    fn rule_name(
        &mut self,
        projection: hir::ProjId,
        rule: &super::typed::RuleScope,
        name: &ast::Ident,
    ) -> Option<Typed> {
        let span = name.span;
        if let Some(param) = rule.params.get(&name.text) {
            return Some(match param {
                RuleParam::Value(t) => {
                    let mut t = (**t).clone();
                    t.expr.span = span;
                    t
                }
                RuleParam::Set(id) => self.param(*id, span),
            });
        }
        match name.text.as_str() {
            "pre" | "post" => {
                let side = if name.text == "pre" { AxisSide::Pre } else { AxisSide::Post };
                let axes = self.side_axes(projection, side);
                return Some(Typed::new(
                    ExprKind::Flat(axes.clone()),
                    axes,
                    span,
                    Term::plain(),
                    Stage::Constant,
                ));
            }
            "t" => return Some(self.time(ExprKind::RunTicks, Stage::Tick, span)),
            _ => {}
        }
        if let Some(&id) = rule.vars.get(&name.text) {
            // In a recurrent projection `x` and `y` are one variable seen from its two sides.
            let axes = match name.text.as_str() {
                "x" => self.side_axes(projection, AxisSide::Pre),
                "y" => self.side_axes(projection, AxisSide::Post),
                _ => self.axes_in_projection(projection, id),
            };
            return Some(self.variable(id, axes, span));
        }
        None
    }

    /// A parameter as an expression.
    pub fn param(&mut self, id: hir::ParamId, span: Span) -> Typed {
        let dim = self.program.param_terms[id.0 as usize].clone();
        let unit = self.program.params[id].unit.clone();
        let name = self.program.params[id].name.clone();
        let mut stage = if self.program.params[id].settable { Stage::Timeline } else { Stage::Constant };
        let mut axes = Vec::new();
        if self.what == super::checker::What::Results {
            stage = Stage::Constant;
            axes = self.case_axes.iter().filter(|c| c.varies.contains(&name)).map(|c| c.axis).collect();
        }
        Typed::new(ExprKind::Param(id), axes, span, dim, stage).with_unit(Some(unit))
    }
}
