//! Calls of built-in functions, of `fn`s, and random draws.

use super::checker::{Checker, What};
use super::dims::{Term, ratio};
use super::time;
use super::typed::{Binding, Scope, Stage, Typed};
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
            if let ast::ExprKind::Field { base, name } = &callee.kind
                && matches!(&base.kind, ast::ExprKind::Name(n)
                    if matches!(n.text.as_str(), "np" | "numpy" | "math" | "torch" | "jnp" | "scipy"))
            {
                let headline = format!("`{}` is not here", self.sources.text(callee.span));
                let d = Diagnostic::new(Code::E0408, callee.span, headline, "a function of another language");
                let known = builtins::lookup(&name.text).map(|b| format!("`{}`", b.name));
                return self.refuse(match known.or(foreign_function(&name.text).map(str::to_owned)) {
                    Some(ours) => d.help(format!("here it is {ours}")),
                    None => d,
                });
            }
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

    pub(super) fn wrong_count(&mut self, builtin: &Builtin, found: usize, span: Span) -> Typed {
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

    pub(super) fn unknown_function(&mut self, name: &ast::Ident, scope: &Scope) -> Typed {
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
    pub(super) fn result_dim(
        &mut self,
        builtin: &Builtin,
        values: &[Typed],
        over: Option<AxisId>,
    ) -> Option<Term> {
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
                Diagnostic::new(Code::E0607, span, "a random number cannot be drawn here", "this draw")
                    .help("noise stands in an equation of a population: `output y = drive + normal(0, 0.1)`")
                    .help(
                        "what differs from trial to trial is drawn in the protocol: `pick a from [1, 2, 3]`",
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
        self.spread(kind, &a, &b);
        let (dim, unit) = (a.dim.clone(), a.unit.clone().or(b.unit.clone()));
        // uniform(lo, hi) = lo + (hi - lo)*u; normal(mean, sd) = mean + sd*z
        let scale = match kind {
            Distribution::Uniform => self.combine(BinaryOp::Sub, b, a.clone(), dim.clone(), span),
            Distribution::Normal => b,
        };
        let scaled = self.combine(BinaryOp::Mul, scale, raw, dim.clone(), span);
        self.combine(BinaryOp::Add, a, scaled, dim, span).with_unit(unit)
    }

    /// `xi`: white noise, normally distributed with variance 1/tick, so that its integral over a time T has variance T.
    pub(super) fn white_noise(&mut self, span: Span, scope: &mut Scope) -> Typed {
        let drawn = self.noise && scope.random.as_ref().filter(|r| r.per_tick).is_some();
        let Some(random) = scope.random.as_mut().filter(|_| drawn) else {
            let headline = "white noise stands in an equation `dv/dt = ...`";
            let d = Diagnostic::new(Code::E0607, span, headline, "not here");
            return self.refuse(d.help("for one random number, write `normal(0, 1)`"));
        };
        let draw = random.next;
        random.next += 1;
        let raw = ExprKind::Random {
            distribution: Distribution::Normal,
            path: random.path.clone(),
            draw,
            element: random.element,
            per_tick: true,
        };
        let raw = Typed::new(raw, random.axes.clone(), span, Term::plain(), Stage::Tick);
        let dim = Term::time(-1).pow(crate::units::Ratio::HALF);
        let scale = Typed { dim: dim.clone(), ..Typed::number(1.0 / self.program.tick.sqrt(), span) };
        self.combine(BinaryOp::Mul, scale, raw, dim, span)
    }

    /// `rate(neuron)` in a record: the spikes of each cell since the sample before, per second.
    fn rate(&mut self, args: &[ast::Arg], span: Span) -> Typed {
        let name = match args {
            [ast::Arg { name: None, value: ast::Expr { kind: ast::ExprKind::Name(name), .. } }] => name,
            _ => {
                let headline = "`rate` takes a population";
                let d = Diagnostic::new(Code::E0205, span, headline, "not the name of one");
                return self.refuse(d.help("write for instance `record r = mean(rate(cortex)) every 1 s`"));
            }
        };
        self.used.insert(name.text.clone());
        let Some(id) = self.population(&name.text) else {
            let headline = format!("there is no population `{}`", self.sources.text(name.span));
            return self.refuse(Diagnostic::new(Code::E0201, name.span, headline, "no such population"));
        };
        let p = self.program.populations[id].clone();
        let Some(spiking) = &p.spiking else {
            let headline = format!("`{}` does not spike", p.name);
            let d = Diagnostic::new(Code::E0611, name.span, headline, "has no rate of spikes");
            let d = d.label(p.span, "declared here");
            let output = p.output.map(|v| self.program.vars[v].name.clone());
            return self.refuse(match output {
                Some(output) => d.help(format!("its activity is `{output}`")),
                None => d,
            });
        };
        let Some(known) = self.recording.clone() else {
            let headline = "`rate` stands in a record: it counts spikes between samples";
            let d = Diagnostic::new(Code::E0405, span, headline, "over which time?");
            let help = format!("write `record r = rate({0}) every 1 s`, or count with `{0}.spikes`", p.name);
            return self.refuse(d.help(help));
        };
        let hidden = |c: &mut Self, what: &str, axes: Vec<hir::AxisId>, dim: Term| {
            let start = c.unknown_start(span);
            let label = format!("{}.{what} {}", p.name, c.program.records.len());
            let var = c.add_var(super::populations::NewVar {
                name: label.clone(),
                owner: hir::Owner::Population(id),
                domain: hir::Domain::Cells(id),
                axes,
                kind: hir::VarKind::State { start, equation: None },
                learned: false,
                span,
                unknown: &label,
            });
            let term = c.program.var_terms[var.0 as usize].clone();
            c.solver.unify(&term, &dim);
            var
        };
        let before = known.before.iter().find(|(count, _)| *count == spiking.count).map(|(_, var)| *var);
        let var = before
            .unwrap_or_else(|| hidden(self, "spikes before sample of record", p.axes.clone(), Term::plain()));
        let passed = known
            .passed
            .unwrap_or_else(|| hidden(self, "time since sample of record", Vec::new(), Term::time(1)));
        if let Some(known) = &mut self.recording {
            known.passed = Some(passed);
            if before.is_none() {
                known.before.push((spiking.count, var));
            }
        }
        let now = self.variable(spiking.count, p.axes.clone(), span);
        let then = self.variable(var, p.axes.clone(), span);
        let spikes = self.combine(BinaryOp::Sub, now, then, Term::plain(), span);
        let time = self.variable(passed, Vec::new(), span);
        let dim = Term::time(-1);
        self.combine(BinaryOp::Div, spikes, time, dim, span).with_unit(crate::units::Unit::named("Hz"))
    }

    /// Refuses a spread that is known and negative.
    fn spread(&mut self, kind: Distribution, a: &Typed, b: &Typed) {
        let (headline, label) = match (kind, self.constant(a), self.constant(b)) {
            (Distribution::Normal, _, Some(sd)) if sd < 0.0 => {
                ("the standard deviation of `normal(mean, sd)` is negative", "below zero")
            }
            (Distribution::Uniform, Some(lo), Some(hi)) if hi < lo => {
                ("the ends of `uniform(lo, hi)` are crossed", "below the first")
            }
            _ => return,
        };
        self.report(Diagnostic::new(Code::E0205, b.expr.span, headline, label));
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
            Special::Rate => self.rate(args, span),
            Special::Noise => self.refuse(Diagnostic::new(
                Code::E0408,
                span,
                "`xi` is white noise, not a function",
                "it stands without parentheses",
            )),
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
        ("maximum", "`max`"),
        ("minimum", "`min`"),
        ("square", "`a ^ 2`"),
        ("absolute", "`abs`"),
        ("sgn", "`sign`"),
        ("int", "`floor`"),
        ("len", "`count`, which counts where a condition holds"),
    ];
    FOREIGN.iter().find(|(theirs, _)| *theirs == name.to_lowercase()).map(|(_, ours)| *ours)
}
