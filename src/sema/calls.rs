//! Calls of built-in functions and of `fn`s, and reductions.

use super::axes::AxisSide;
use super::checker::{Checker, What};
use super::dims::{Term, ratio};
use super::time;
use super::typed::{Binding, Place, Scope, Stage, Typed};
use crate::builtins::{self, Builtin, DimRule, Kind, Special};
use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::{
    self, Axis, AxisId, Coordinates, Distribution, ExprKind, Function, ReduceOp, Selection, Selector, Ty,
};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ItemKind};

impl Checker<'_, '_> {
    /// `f(a, b)`.
    pub fn infer_call(
        &mut self,
        callee: &ast::Expr,
        args: &[ast::Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let ast::ExprKind::Name(name) = &callee.kind else {
            return self.refuse(Diagnostic::new(
                Code::E0408,
                callee.span,
                "only a function can be called",
                "this is not the name of one",
            ));
        };
        if let Some(item) = self.items.get(&name.text) {
            self.used.insert(name.text.clone());
            if let ItemKind::Fn { params, body, .. } = &item.kind {
                return self.call_fn(name, params, body, args, span, scope);
            }
            if builtins::lookup(&name.text).is_none() {
                return self.refuse(
                    Diagnostic::new(
                        Code::E0408,
                        name.span,
                        format!("`{}` is {}, not a function", name.text, super::items::kind(item)),
                        "cannot be called",
                    )
                    .help("for a product, write `*`"),
                );
            }
        }
        let Some(builtin) = builtins::lookup(&name.text) else { return self.unknown_function(name, scope) };
        if let Some(named) = args.iter().find_map(|a| a.name.as_ref())
            && builtin.kind != Kind::Special(Special::Load)
        {
            return self.refuse(
                Diagnostic::new(
                    Code::E0205,
                    named.span,
                    format!("`{}` takes its arguments by order", name.text),
                    "a name is not needed here",
                )
                .note(format!("it is written `{}`", builtin.signature)),
            );
        }
        if !builtin.is_constant()
            && !builtin.arity.admits(args.len())
            && builtin.kind != Kind::Special(Special::Load)
        {
            return self.wrong_count(builtin, args.len(), span);
        }
        match builtin.kind {
            Kind::Elementwise(f) => self.call_function(builtin, f, args, span, scope),
            Kind::Both(f, _) if args.len() == 2 => self.call_function(builtin, f, args, span, scope),
            Kind::Reduce(op) | Kind::Both(_, op) => {
                let args: Vec<&ast::Expr> = args.iter().map(|a| &a.value).collect();
                self.reduce(builtin, op, &args, &[], None, span, scope)
            }
            Kind::Random(distribution) => self.random(distribution, args, span, scope),
            Kind::Constant(_) => self.refuse(Diagnostic::new(
                Code::E0408,
                span,
                format!("`{}` is a number, not a function", name.text),
                "it stands without parentheses",
            )),
            Kind::Special(special) => self.special(builtin, special, args, span, scope),
        }
    }

    fn wrong_count(&mut self, builtin: &Builtin, found: usize, span: Span) -> Typed {
        let (min, max) = (builtin.arity.min, builtin.arity.max);
        let wanted = if min == max { min.to_string() } else { format!("{min} to {max}") };
        let s = if max == 1 { "" } else { "s" };
        self.refuse(
            Diagnostic::new(
                Code::E0205,
                span,
                format!("`{}` takes {wanted} argument{s}", builtin.name),
                format!("this has {found}"),
            )
            .note(format!("it is written `{}`", builtin.signature)),
        )
    }

    fn unknown_function(&mut self, name: &ast::Ident, scope: &Scope) -> Typed {
        let fns = self
            .items
            .names()
            .filter(|n| self.items.get(n).is_some_and(|i| matches!(i.kind, ItemKind::Fn { .. })));
        let words = builtins::TABLE.iter().filter(|b| !b.is_constant()).map(|b| b.name);
        let mut d = Diagnostic::new(
            Code::E0201,
            name.span,
            format!("there is no function `{}`", self.sources.text(name.span)),
            "no such function",
        );
        if scope.find(&name.text).is_some() {
            d = d.help("for a product, write `*`");
        } else if let Some(ours) = foreign_function(&name.text) {
            d = d.help(format!("here it is {ours}"));
        } else if let Some(near) = nearest(&name.text, fns.chain(words)) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        }
        self.refuse(d)
    }

    fn call_fn(
        &mut self,
        name: &ast::Ident,
        params: &[ast::Ident],
        body: &ast::Expr,
        args: &[ast::Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        if args.len() != params.len() {
            let list: Vec<&str> = params.iter().map(|p| p.text.as_str()).collect();
            let s = if params.len() == 1 { "" } else { "s" };
            return self.refuse(
                Diagnostic::new(
                    Code::E0205,
                    span,
                    format!("`{}` takes {} argument{s}", name.text, params.len()),
                    format!("this has {}", args.len()),
                )
                .note(format!("it is declared as `{}({})`", name.text, list.join(", "))),
            );
        }
        let mut values: Vec<Option<Typed>> = vec![None; params.len()];
        for (i, arg) in args.iter().enumerate() {
            let slot = match &arg.name {
                None => i,
                Some(n) => match params.iter().position(|p| p.text == n.text) {
                    Some(slot) => slot,
                    None => {
                        let list: Vec<&str> = params.iter().map(|p| p.text.as_str()).collect();
                        return self.refuse(
                            Diagnostic::new(
                                Code::E0205,
                                n.span,
                                format!("`{}` has no argument `{}`", name.text, n.text),
                                "no such argument",
                            )
                            .note(format!("it has: {}", list.join(", "))),
                        );
                    }
                },
            };
            if values[slot].is_some() {
                return self.refuse(Diagnostic::new(
                    Code::E0205,
                    arg.name.as_ref().map_or(arg.value.span, |n| n.span),
                    format!("the argument `{}` is given twice", params[slot].text),
                    "the second time",
                ));
            }
            values[slot] = Some(self.infer(&arg.value, scope));
        }
        let Some(mut inner) = self.expand(&name.text, span, scope) else { return self.poison(span) };
        // The body sees the axes of the place that calls it, so that a pattern can be written once.
        inner.bindings = scope
            .bindings
            .iter()
            .filter(|(_, b, _)| matches!(b, Binding::Coord(_) | Binding::Binder(_)))
            .cloned()
            .collect();
        for (param, value) in params.iter().zip(values) {
            inner.bindings.retain(|(n, _, _)| *n != param.text);
            let value = value.unwrap_or_else(|| self.poison(span));
            inner.bind(param, Binding::Argument(Box::new(value)));
        }
        let mut result = self.infer(body, &mut inner);
        if let (Some(outer), Some(inner)) = (&mut scope.random, &inner.random) {
            outer.next = inner.next;
        }
        result.expr.span = span;
        result
    }

    fn call_function(
        &mut self,
        builtin: &Builtin,
        function: Function,
        args: &[ast::Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let mut values: Vec<Typed> = args.iter().map(|a| self.infer_number(&a.value, scope)).collect();
        if values.iter().any(|v| v.poison) {
            return self.poison(span);
        }
        let Some(dim) = self.result_dim(builtin, &values, None) else { return self.poison(span) };
        let unit =
            (builtin.dims == DimRule::Same).then(|| values.iter().find_map(|v| v.unit.clone())).flatten();
        // Times are whole ticks: `mod` and `floor` of them are exact.
        if function == Function::Mod && values.iter().any(|v| time::reads_time(&v.expr)) {
            let ticks: Option<Vec<hir::Expr>> = values.iter().map(|v| self.in_ticks(v)).collect();
            if let Some(ticks) = ticks {
                let axes = values[0].expr.axes.clone();
                let stage = values.iter().map(|v| v.stage).max().unwrap_or(Stage::Timeline);
                let expr =
                    hir::Expr { kind: ExprKind::Call(Function::Mod, ticks), axes, ty: Ty::Number, span };
                return Typed {
                    expr: time::seconds(expr, self.program.tick),
                    dim,
                    stage,
                    unit,
                    poison: false,
                };
            }
        }
        if matches!(function, Function::Floor | Function::Ceil)
            && let ExprKind::Binary(BinaryOp::Div, a, b) = &values[0].expr.kind
            && time::reads_time(&values[0].expr)
        {
            let stage = values[0].stage;
            let part = |e: &hir::Expr| Typed {
                expr: e.clone(),
                dim: Term::plain(),
                stage,
                unit: None,
                poison: false,
            };
            let (a, b) = (part(a), part(b));
            let folded = |c: &mut Self, t: &Typed| match t.expr.kind {
                ExprKind::Number(_) => c.in_ticks(&Typed { stage: Stage::Constant, ..t.clone() }),
                _ => time::ticks(&t.expr, c.program.tick),
            };
            if let (Some(ta), Some(tb)) = (folded(self, &a), folded(self, &b)) {
                let axes = values[0].expr.axes.clone();
                values[0].expr = hir::Expr {
                    kind: ExprKind::Binary(BinaryOp::Div, Box::new(ta), Box::new(tb)),
                    axes,
                    ty: Ty::Number,
                    span,
                };
            }
        }
        let stage = values.iter().map(|v| v.stage).max().unwrap_or(Stage::Constant);
        let mut axes = values[0].clone();
        for v in &values[1..] {
            let Some(united) = self.unite(&axes, v) else { return self.poison(span) };
            axes.expr.axes = united;
        }
        let kind = ExprKind::Call(function, values.into_iter().map(|v| v.expr).collect());
        Typed::new(kind, axes.expr.axes, span, dim, stage).with_unit(unit)
    }

    /// Checks the arguments' dimensions against the rule of a built-in word and gives the result's; none if they
    /// were refused.
    fn result_dim(&mut self, builtin: &Builtin, values: &[Typed], over: Option<AxisId>) -> Option<Term> {
        let mut fits = true;
        let dim = match builtin.dims {
            DimRule::Plain => {
                for v in values {
                    if !self.solver.unify(&v.dim, &Term::plain()) {
                        let have = self.describe(&v.dim);
                        self.report(
                            Diagnostic::new(
                                Code::E0303,
                                v.expr.span,
                                format!("`{}` takes a plain number", builtin.name),
                                format!("this is {have}"),
                            )
                            .help("divide by a reference value, so that units cancel"),
                        );
                        fits = false;
                    }
                }
                Term::plain()
            }
            DimRule::Same => {
                for v in &values[1..] {
                    fits &= self.same_dimension(
                        &values[0],
                        v,
                        &format!("use `{}` on {{a}} and {{b}}", builtin.name),
                    );
                }
                values[0].dim.clone()
            }
            DimRule::Sqrt => values[0].dim.pow(ratio(1, 2)),
            DimRule::Coordinate => match over.map(|a| &self.axes.get(a).coordinates) {
                Some(Coordinates::Time) => Term::time(1),
                Some(Coordinates::Values { dim, .. }) => Term::from(*dim),
                _ => Term::plain(),
            },
            DimRule::AnyToPlain
            | DimRule::AnyToTruth
            | DimRule::Truth
            | DimRule::TruthToPlain
            | DimRule::Own => Term::plain(),
        };
        fits.then_some(dim)
    }

    fn random(&mut self, kind: Distribution, args: &[ast::Arg], span: Span, scope: &mut Scope) -> Typed {
        let (a, b) = (self.infer_number(&args[0].value, scope), self.infer_number(&args[1].value, scope));
        if a.poison || b.poison {
            return self.poison(span);
        }
        if !self.same_dimension(&a, &b, "draw a number from {a} and {b}") {
            return self.poison(span);
        }
        let Some(random) = &mut scope.random else {
            return self.refuse(
                Diagnostic::new(Code::E0607, span, "a random number cannot be drawn here", "this draw").help(
                    "draw it in a stimulus, a start value, an equation, or with `pick` in the protocol",
                ),
            );
        };
        let draw = random.next;
        random.next += 1;
        let raw = ExprKind::Random {
            distribution: kind,
            path: random.path.clone(),
            draw,
            element: random.element,
            per_tick: random.per_tick,
        };
        let stage = if random.per_tick { Stage::Tick } else { Stage::Constant };
        let raw = Typed::new(raw, random.axes.clone(), span, Term::plain(), stage);
        let (dim, unit) = (a.dim.clone(), a.unit.clone().or(b.unit.clone()));
        // uniform(lo, hi) = lo + (hi - lo)*u; normal(mean, sd) = mean + sd*z
        let scale = match kind {
            Distribution::Uniform => self.combine(BinaryOp::Sub, b, a.clone(), dim.clone(), span),
            Distribution::Normal => b,
        };
        let scaled = self.combine(BinaryOp::Mul, scale, raw, dim.clone(), span);
        self.combine(BinaryOp::Add, a, scaled, dim, span).with_unit(unit)
    }

    fn special(
        &mut self,
        builtin: &Builtin,
        special: Special,
        args: &[ast::Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        match special {
            Special::First | Special::Last => {
                let v = self.infer(&args[0].value, scope);
                let cases = self.case_axes.iter().map(|c| c.axis).collect::<Vec<_>>();
                let Some(axis) = v.expr.axes.iter().copied().find(|a| !cases.contains(a)) else {
                    return if v.poison { v } else { self.no_axis(builtin, &v) };
                };
                let selector = if special == Special::First { Selector::First } else { Selector::Last };
                self.select(v, vec![Selection { axes: vec![axis], selector }], span)
            }
            Special::Histogram => {
                let v = self.infer_number(&args[0].value, scope);
                let bins = self.constant_of(&args[1].value, &Term::plain(), "the number of bins");
                let Some(bins) = bins else { return self.poison(span) };
                if bins.fract() != 0.0 || !(1.0..=1e6).contains(&bins) {
                    return self.refuse(Diagnostic::new(
                        Code::E0408,
                        args[1].value.span,
                        "the number of bins is a whole number from 1",
                        format!("this is {bins}"),
                    ));
                }
                let axis = self.axes.intern(Axis {
                    name: "bin".into(),
                    size: Some(bins as usize),
                    coordinates: Coordinates::Index,
                });
                let keep: Vec<AxisId> = v
                    .expr
                    .axes
                    .iter()
                    .copied()
                    .filter(|a| self.case_axes.iter().any(|c| c.axis == *a))
                    .collect();
                let over = v.expr.axes.iter().copied().filter(|a| !keep.contains(a)).collect();
                let axes = keep.into_iter().chain([axis]).collect();
                let op = ReduceOp::Histogram { bins: bins as usize };
                let kind = ExprKind::Reduce { op, args: vec![v.expr], over, filter: None };
                Typed { poison: v.poison, ..Typed::new(kind, axes, span, Term::plain(), v.stage) }
            }
            Special::Shuffle => self.refuse(
                Diagnostic::new(
                    Code::E0408,
                    span,
                    "`shuffle` orders the values of a loop",
                    "there is no loop here",
                )
                .help("`for k in shuffle(0..60) { ... }` in the protocol"),
            ),
            Special::Load => self.refuse(
                Diagnostic::new(
                    Code::E0408,
                    span,
                    "`load` stands alone in a `let` or a stimulus",
                    "part of an expression",
                )
                .help("give the data a name: `let data = load(\"file.csv\")`"),
            ),
        }
    }

    fn no_axis(&mut self, builtin: &Builtin, v: &Typed) -> Typed {
        self.refuse(Diagnostic::new(
            Code::E0403,
            v.expr.span,
            format!("`{}` needs an axis to run along", builtin.name),
            "this is a single value",
        ))
    }

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
    fn reduce(
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
    fn along_time(
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

    fn bind_index(&mut self, binder: &ast::Binder, scope: &mut Scope) -> Option<AxisId> {
        let (size, coordinates) = match &binder.over {
            ast::BinderRange::Range(range) => {
                let axis = self.axis_extent(&binder.name.text, range, "the range of a second index")?;
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

    /// The axes a binder or loop names: an axis in scope, `pre`, `post`, or a population.
    fn axes_named(&mut self, name: &ast::AxisName, scope: &Scope) -> Option<Vec<AxisId>> {
        let projection = match scope.place {
            Place::Rule(p, _) | Place::Projection(p) => Some(p),
            _ => None,
        };
        if let (None, Some(p)) = (&name.owner, projection) {
            match name.name.text.as_str() {
                "pre" => return Some(self.side_axes(p, AxisSide::Pre)),
                "post" => return Some(self.side_axes(p, AxisSide::Post)),
                _ => {}
            }
        }
        if name.owner.is_none() {
            if let Some((_, Binding::Coord(axis) | Binding::Binder(axis), _)) = scope.find(&name.name.text) {
                return Some(vec![*axis]);
            }
            if let Some(p) = self.population(&name.name.text) {
                self.used.insert(name.name.text.clone());
                return Some(self.program.populations[p].axes.clone());
            }
        }
        let full = match &name.owner {
            Some(o) => format!("{}.{}", o.text, name.name.text),
            None => name.name.text.clone(),
        };
        let mut known: Vec<AxisId> = match (&scope.place, projection) {
            (_, Some(p)) => self.program.projections[p].axes.clone(),
            (Place::Population(p), _) => self.program.populations[*p].axes.clone(),
            _ => Vec::new(),
        };
        if let Some(owner) = &name.owner
            && let Some(p) = self.population(&owner.text)
        {
            self.used.insert(owner.text.clone());
            known = self.program.populations[p].axes.clone();
            if let Some(a) = known.iter().find(|a| self.axes.name(**a) == name.name.text) {
                return Some(vec![*a]);
            }
        }
        if let Some(a) = known.iter().find(|a| self.axes.name(**a) == full) {
            return Some(vec![*a]);
        }
        // Outside any item's axes: the one axis of this name, if all that have the name agree.
        let all: Vec<AxisId> =
            self.axes.table().iter_enumerated().filter(|(_, a)| a.name == full).map(|(id, _)| id).collect();
        if let [one] = all.as_slice() {
            return Some(vec![*one]);
        }
        let span = name.owner.as_ref().map_or(name.name.span, |o| o.span.to(name.name.span));
        let mut d =
            Diagnostic::new(Code::E0403, span, format!("there is no axis `{full}` here"), "not an axis");
        if all.len() > 1 {
            let sizes = all.iter().map(|a| self.axes.describe(&[*a])).collect::<Vec<_>>().join(", ");
            d = d
                .note(format!("several axes have this name: {sizes}"))
                .help("name the population as well: `POPULATION.axis`");
        } else if let Some(near) =
            nearest(&full, self.axes.table().iter().filter(|a| a.size.is_some()).map(|a| a.name.as_str()))
        {
            d = d.fix(format!("a similar name is `{near}`"), span, near);
        }
        self.report(d);
        None
    }

    /// What `over` names, among the axes of the reduced value.
    pub fn resolve_over(
        &mut self,
        names: &[ast::AxisName],
        value: &Typed,
        scope: &Scope,
    ) -> Option<Vec<AxisId>> {
        let have = value.expr.axes.clone();
        let mut over: Vec<AxisId> = Vec::new();
        for name in names {
            let found = self.over_one(name, &have, scope)?;
            over.extend(found.into_iter().filter(|a| !over.contains(a)).collect::<Vec<_>>());
        }
        // In the value's own order, so that the result does not depend on how the list was written.
        Some(have.iter().copied().filter(|a| over.contains(a)).collect())
    }

    fn over_one(&mut self, name: &ast::AxisName, have: &[AxisId], scope: &Scope) -> Option<Vec<AxisId>> {
        let text = &name.name.text;
        let span = name.owner.as_ref().map_or(name.name.span, |o| o.span.to(name.name.span));
        if let Some(owner) = &name.owner {
            let full = format!("{}.{text}", owner.text);
            if let Some(a) = have.iter().find(|a| self.axes.name(**a) == full) {
                return Some(vec![*a]);
            }
            let side = match owner.text.as_str() {
                "pre" | "post" => have.iter().find(|a| self.axes.name(**a) == text).copied(),
                other => self.population(other).and_then(|p| {
                    let axes = &self.program.populations[p].axes;
                    axes.iter().copied().find(|a| self.axes.name(*a) == text && have.contains(a))
                }),
            };
            return match side {
                Some(a) => Some(vec![a]),
                None => self.no_such_axis(&full, have, span),
            };
        }
        if let Some(a) = have.iter().find(|a| self.axes.name(**a) == text) {
            return Some(vec![*a]);
        }
        if let Some((_, Binding::Coord(axis) | Binding::Binder(axis), _)) = scope.find(text)
            && have.contains(axis)
        {
            return Some(vec![*axis]);
        }
        if text == "pre" || text == "post" {
            let side = if text == "pre" { AxisSide::Pre } else { AxisSide::Post };
            let projections: Vec<_> = match scope.place {
                Place::Rule(p, _) | Place::Projection(p) => vec![p],
                _ => self.program.projections.ids().collect(),
            };
            for p in projections {
                let all = &self.program.projections[p].axes;
                if all.iter().all(|a| have.contains(a))
                    || matches!(scope.place, Place::Rule(..) | Place::Projection(_))
                {
                    let axes = self.side_axes(p, side);
                    return Some(axes.into_iter().filter(|a| have.contains(a)).collect());
                }
            }
            return self.no_such_axis(text, have, span);
        }
        if let Some(p) = self.population(text) {
            self.used.insert(text.clone());
            let axes = self.program.populations[p].axes.clone();
            let mut found = Vec::new();
            for a in axes {
                let sided: Vec<AxisId> = have
                    .iter()
                    .copied()
                    .filter(|h| self.axes.origin(*h).is_some_and(|(_, of)| of == a))
                    .collect();
                match (have.contains(&a), sided.as_slice()) {
                    (true, _) => found.push(a),
                    (_, [one]) => found.push(*one),
                    (_, []) => return self.no_such_axis(text, have, span),
                    (_, many) => {
                        let names = self.axes.names(many);
                        self.report(
                            Diagnostic::new(
                                Code::E0403,
                                span,
                                format!("`{text}` is on both sides here"),
                                format!("this could be {names}"),
                            )
                            .help("say `over pre` or `over post`"),
                        );
                        return None;
                    }
                }
            }
            return Some(found);
        }
        let sided: Vec<AxisId> = have.iter().copied().filter(|a| self.axes.base_name(*a) == text).collect();
        if let [one] = sided.as_slice() {
            return Some(vec![*one]);
        }
        self.no_such_axis(text, have, span)
    }

    fn no_such_axis(&mut self, name: &str, have: &[AxisId], span: Span) -> Option<Vec<AxisId>> {
        let names: Vec<String> = have.iter().map(|a| self.axes.name(*a).to_owned()).collect();
        let mut d = Diagnostic::new(
            Code::E0403,
            span,
            format!("the value has no axis `{name}`"),
            "nothing to run along",
        )
        .note(format!("its axes: {}", self.axes.describe(have)));
        if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
            d = d.fix(format!("a similar name is `{near}`"), span, near);
        }
        self.report(d);
        None
    }

    /// Whether this pass infers results.
    pub fn in_results(&self) -> bool {
        self.what == What::Results
    }
}

/// What functions of other languages are called here.
fn foreign_function(name: &str) -> Option<&'static str> {
    const FOREIGN: &[(&str, &str)] = &[
        ("ln", "`log`, the natural logarithm"),
        ("pow", "`a ^ b`"),
        ("power", "`a ^ b`"),
        ("avg", "`mean`"),
        ("average", "`mean`"),
        ("stdev", "`std`"),
        ("sd", "`std`"),
        ("var", "`std(...)^2`"),
        ("asin", "`arcsin`"),
        ("acos", "`arccos`"),
        ("atan", "`arctan`"),
        ("fabs", "`abs`"),
        ("heaviside", "`if v > 0 then 1 else 0`"),
        ("step", "`if v > 0 then 1 else 0`"),
        ("rectify", "`relu`"),
        ("logistic", "`sigmoid`"),
        ("rand", "`uniform(0, 1)`"),
        ("random", "`uniform(0, 1)`"),
        ("randn", "`normal(0, 1)`"),
        ("gauss", "`normal(mean, sd)`"),
        ("gaussian", "`normal(mean, sd)`"),
        ("clamp", "`clip(v, lo, hi)`"),
        ("corr", "`correlation(a, b over axes)`"),
        ("corrcoef", "`correlation(a, b over axes)`"),
        ("where", "`if c then a else b`"),
    ];
    FOREIGN.iter().find(|(theirs, _)| *theirs == name.to_lowercase()).map(|(_, ours)| *ours)
}
