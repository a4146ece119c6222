//! The timeline: phases, presentations, loops, picks, teaching, probes, controls.

use super::checker::Checker;
use super::dims::Term;
use super::items::Items;
use super::time;
use super::typed::{Binding, Place, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{
    self, Axis, AxisId, Control, Coordinates, Input, Length, Local, LocalId, LoopValues, Phase, PhaseId,
    Probe, Statement, StatementId, StatementKind, Ty, VarId, VarKind,
};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::units::Unit;
use std::sync::Arc;

fn all_statements<'a>(items: &Items<'a>, f: &mut dyn FnMut(&'a ast::Statement)) {
    for item in &items.file.items {
        if let ItemKind::Protocol(block) = &item.kind {
            super::walk::statements(block, f);
        }
    }
}

/// Whether the protocol declares a probe of this name.
pub(super) fn declares_probe(items: &Items<'_>, name: &str) -> bool {
    let mut found = false;
    all_statements(items, &mut |s| {
        found |= matches!(&s.kind, ast::StatementKind::Probe { name: n, .. } if n.text == name);
    });
    found
}

/// Whether there is a control run.
pub(super) fn has_control(items: &Items<'_>) -> bool {
    let mut found = false;
    all_statements(items, &mut |s| {
        found |=
            matches!(s.kind, ast::StatementKind::Control { .. } | ast::StatementKind::ControlWithout { .. });
    });
    found
}

/// Whether a `set` statement changes this parameter.
pub(super) fn sets(items: &Items<'_>, owner: Option<&str>, name: &str) -> bool {
    let mut found = false;
    all_statements(items, &mut |s| {
        if let ast::StatementKind::Set { owner: o, name: n, .. } = &s.kind {
            found |= n.text == name && o.as_ref().map(|o| o.text.as_str()) == owner;
        }
    });
    found
}

/// Whether a loop says that its values come in random order.
fn shuffles(over: &ast::Loop) -> bool {
    match over {
        ast::Loop::Shuffle(_) => true,
        ast::Loop::Of(_) => false,
        ast::Loop::In(e) => matches!(&e.kind, ast::ExprKind::Call { callee, .. }
            if matches!(&callee.kind, ast::ExprKind::Name(n) if n.text == "shuffle")),
    }
}

/// What surrounds a statement.
#[derive(Clone, Default)]
struct Around {
    /// The names on the way to it, for the keys of its draws.
    path: Vec<String>,
    /// `for` loops: their variables, innermost last.
    loops: Vec<LocalId>,
    /// How many times it is passed; `None` where that is not known.
    passes: Option<usize>,
    in_repeat: bool,
    in_together: bool,
    in_control: bool,
    phase: bool,
}

impl<'a> Checker<'a, '_> {
    /// Reads the protocol.
    pub fn protocol(&mut self) {
        let list: Vec<&'a ast::Item> = self.items.all(|k| matches!(k, ItemKind::Protocol(_)));
        let Some(ItemKind::Protocol(block)) = list.first().map(|i| &i.kind) else { return };
        let mut scope = Scope::new(Place::Tick, Stage::Tick, "a statement");
        let around = Around { passes: Some(1), ..Around::default() };
        let body = self.block(block, &mut scope, &around);
        self.program.protocol = body;
        for s in &block.statements {
            match &s.kind {
                ast::StatementKind::ControlWithout { phases } => {
                    for name in phases {
                        if let Some(phase) = self.phase_named(name) {
                            self.program.controls.push(Control { phase, body: None });
                        }
                    }
                }
                ast::StatementKind::Control { phase, body } => {
                    let Some(id) = self.phase_named(phase) else { continue };
                    let around = Around {
                        path: vec![format!("control {}", phase.text)],
                        passes: Some(1),
                        in_control: true,
                        phase: true,
                        ..Around::default()
                    };
                    let body = self.block(body, &mut scope.clone(), &around);
                    self.program.controls.push(Control { phase: id, body: Some(body) });
                }
                _ => {}
            }
        }
    }

    fn phase_named(&mut self, name: &ast::Ident) -> Option<PhaseId> {
        let found =
            self.program.phases.iter_enumerated().find(|(_, p)| p.name == name.text).map(|(id, _)| id);
        if found.is_none() {
            let names: Vec<String> = self.program.phases.iter().map(|p| p.name.clone()).collect();
            let mut d = Diagnostic::new(
                Code::E0201,
                name.span,
                format!("there is no phase `{}`", self.sources.text(name.span)),
                "no such phase",
            );
            if let Some(near) = nearest(&name.text, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), name.span, near);
            } else if let Some(all) = list(names.iter().map(String::as_str)) {
                d = d.note(format!("phases: {all}"));
            }
            self.report(d);
        }
        found
    }

    fn block(&mut self, block: &'a ast::Block, scope: &mut Scope, around: &Around) -> Vec<Statement> {
        let depth = scope.bindings.len();
        let mut out = Vec::new();
        for s in &block.statements {
            if let Some(kind) = self.statement(s, scope, around) {
                let id = StatementId(self.program.statements);
                self.program.statements += 1;
                out.push(Statement { id, kind, span: s.span });
            }
        }
        scope.bindings.truncate(depth);
        out
    }

    fn statement(
        &mut self,
        s: &'a ast::Statement,
        scope: &mut Scope,
        around: &Around,
    ) -> Option<StatementKind> {
        match &s.kind {
            ast::StatementKind::Phase { name, frozen, body } => {
                self.phase(name, frozen.as_ref(), body, scope, around)
            }
            ast::StatementKind::Present { inputs, length } => {
                let mut out: Vec<Input> = Vec::new();
                for i in inputs {
                    if let Some(input) = self.input(i, scope, around) {
                        if let Some(first) = inputs.iter().find(|j| {
                            !std::ptr::eq(*j, i)
                                && j.population.text == i.population.text
                                && j.slice.is_empty()
                        }) && first.population.span < i.population.span
                        {
                            self.report(
                                Diagnostic::new(
                                    Code::E0504,
                                    i.population.span,
                                    format!("`{}` is given two inputs at once", i.population.text),
                                    "the second",
                                )
                                .label(first.population.span, "the first")
                                .help("add them up: `present A + B on ...`"),
                            );
                        }
                        out.push(input);
                    }
                }
                let length = self.length(length, scope)?;
                Some(StatementKind::Present { inputs: out, length })
            }
            ast::StatementKind::Rest { length } => {
                let length = self.length(length, scope)?;
                Some(StatementKind::Present { inputs: Vec::new(), length })
            }
            ast::StatementKind::Repeat { count, body } => {
                let mut inner = scope.clone();
                inner.limit = (Stage::Timeline, "a count");
                let t = self.infer_number(count, &mut inner);
                let fits = self.want(&t, &Term::plain(), "a count");
                self.fits_axes(&t, &[], "a count", count.span);
                let n = self.constant(&t).filter(|_| fits);
                if let Some(v) = n
                    && (v.fract() != 0.0 || v < 0.0)
                {
                    self.report(Diagnostic::new(
                        Code::E0504,
                        count.span,
                        "a block is repeated a whole number of times",
                        format!("this is {}", crate::units::format_number(v, 9)),
                    ));
                }
                let mut inside = around.clone();
                inside.passes = around.passes.zip(n).map(|(p, n)| p.saturating_mul(n as usize));
                inside.in_repeat = true;
                inside.path.push("repeat".into());
                let body = self.block(body, scope, &inside);
                (!t.poison).then_some(StatementKind::Repeat { count: t.expr, body })
            }
            ast::StatementKind::For { name, over, body }
            | ast::StatementKind::Together { name, over, body } => {
                let together = matches!(s.kind, ast::StatementKind::Together { .. });
                if together && around.in_together {
                    self.report(Diagnostic::new(
                        Code::E0504,
                        s.span,
                        "`together` inside `together`",
                        "nested",
                    ));
                    return None;
                }
                let Some((local, shuffled)) = self.loop_over(name, over) else {
                    // The statements inside may have faults of their own.
                    let depth = scope.bindings.len();
                    self.bind_refused(scope, name);
                    self.block(body, scope, around);
                    scope.bindings.truncate(depth);
                    return None;
                };
                let stream = s.stream.as_ref().map(|s| s.node.clone());
                let shuffle =
                    shuffled.then(|| self.draw_path(around, &format!("shuffle {}", name.text), stream));
                let depth = scope.bindings.len();
                self.bind_checked(scope, name, Binding::Local(local));
                let mut inside = around.clone();
                let n = self.program.locals[local].values.len();
                inside.passes = around.passes.map(|p| p.saturating_mul(n));
                inside.loops.push(local);
                inside.in_together |= together;
                inside.path.push(name.text.clone());
                let body = self.block(body, scope, &inside);
                scope.bindings.truncate(depth);
                let values = LoopValues { local, shuffle };
                Some(if together {
                    StatementKind::Together { values, body }
                } else {
                    StatementKind::For { values, body }
                })
            }
            ast::StatementKind::Pick { name, over, weights } => {
                if shuffles(over) {
                    self.report(
                        Diagnostic::new(Code::E0504, s.span, "`pick` takes one value at random", "nothing to shuffle")
                            .help("leave `shuffle` out; for all values in random order, write `for k in shuffle(...)`"),
                    );
                    self.bind_refused(scope, name);
                    return None;
                }
                let Some((local, _)) = self.loop_over(name, over) else {
                    self.bind_refused(scope, name);
                    return None;
                };
                let weights = match weights {
                    None => None,
                    Some(e) => {
                        let Some(weights) = self.weights(e, local, scope) else {
                            self.bind_refused(scope, name);
                            return None;
                        };
                        Some(weights)
                    }
                };
                let stream = s.stream.as_ref().map(|s| s.node.clone());
                let path = self.draw_path(around, &format!("pick {}", name.text), stream);
                self.bind_checked(scope, name, Binding::Local(local));
                Some(StatementKind::Pick { local, path, weights })
            }
            ast::StatementKind::Teach { population, output, op, value } => {
                self.teach(population, output, *op, value, scope)
            }
            ast::StatementKind::Set { owner, name, value } => {
                self.set(owner.as_ref(), name, value, scope, s.span)
            }
            ast::StatementKind::Probe { each, name, indices, value } => {
                self.probe(*each, name, indices, value, scope, around)
            }
            ast::StatementKind::ControlWithout { .. } | ast::StatementKind::Control { .. } => {
                if !around.path.is_empty() {
                    self.report(
                        Diagnostic::new(
                            Code::E0504,
                            s.span,
                            "`control` stands at the end of the protocol",
                            "inside a block",
                        )
                        .help("move it behind the last phase"),
                    );
                }
                None
            }
        }
    }

    /// Binds the variable of a loop or pick that was refused, so that its uses stay silent.
    fn bind_refused(&mut self, scope: &mut Scope, name: &ast::Ident) {
        let poison = self.poison(name.span);
        scope.bind(name, Binding::Argument(Box::new(poison)));
    }

    fn phase(
        &mut self,
        name: &ast::Ident,
        frozen: Option<&'a ast::Frozen>,
        body: &'a ast::Block,
        scope: &mut Scope,
        around: &Around,
    ) -> Option<StatementKind> {
        if around.phase {
            self.report(
                Diagnostic::new(Code::E0504, name.span, "a phase inside a phase", "nested")
                    .help("phases follow one another; inside one, use `repeat` and `for`"),
            );
        }
        let first = self.program.phases.iter().find(|p| p.name == name.text).map(|p| p.span);
        if let Some(at) = first {
            self.report(
                Diagnostic::new(
                    Code::E0202,
                    name.span,
                    format!("two phases are called `{}`", name.text),
                    "the second",
                )
                .label(at, "the first"),
            );
            return None;
        }
        let (mut held, mut rests) = (Vec::new(), false);
        if let Some(f) = frozen {
            if f.names.is_empty() {
                rests = true;
                held = self
                    .program
                    .vars
                    .iter_enumerated()
                    .filter(|(_, v)| v.learned)
                    .map(|(id, _)| id)
                    .collect();
            }
            for n in &f.names {
                let matching: Vec<VarId> = self
                    .program
                    .vars
                    .iter_enumerated()
                    .filter(|(_, v)| {
                        matches!(v.owner, hir::Owner::Projection(_))
                            && matches!(v.kind, VarKind::State { .. })
                            && v.name.rsplit('.').next() == Some(n.text.as_str())
                    })
                    .map(|(id, _)| id)
                    .collect();
                if matching.is_empty() {
                    let mut known: Vec<String> = self
                        .program
                        .vars
                        .iter()
                        .filter(|v| v.learned)
                        .map(|v| v.name.rsplit('.').next().unwrap_or("").to_owned())
                        .collect();
                    known.sort();
                    known.dedup();
                    let mut d = Diagnostic::new(
                        Code::E0201,
                        n.span,
                        format!("no rule has a variable `{}` to freeze", n.text),
                        "no such variable",
                    );
                    if let Some(all) = list(known.iter().map(String::as_str)) {
                        d = d.note(format!("can be frozen: {all}"));
                    }
                    self.report(d);
                }
                held.extend(matching);
            }
        }
        let id =
            self.program.phases.push(Phase { name: name.text.clone(), frozen: held, rests, span: name.span });
        let mut inside = around.clone();
        inside.phase = true;
        inside.path.push(name.text.clone());
        let body = self.block(body, scope, &inside);
        Some(StatementKind::Phase { id, body })
    }

    fn draw_path(&mut self, around: &Around, what: &str, stream: Option<String>) -> Arc<str> {
        let path = stream.unwrap_or_else(|| {
            let places: Vec<&str> =
                around.path.iter().map(String::as_str).filter(|p| *p != "repeat").collect();
            if places.is_empty() { what.to_owned() } else { format!("{}/{what}", places.join("/")) }
        });
        let count = self.program.paths.entry(path.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { path.into() } else { format!("{path} {count}").into() }
    }

    fn input(&mut self, i: &'a ast::Input, scope: &mut Scope, around: &Around) -> Option<Input> {
        self.used.insert(i.population.text.clone());
        let Some(population) = self.population(&i.population.text) else {
            if self.program.broken_populations.contains(&i.population.text) {
                return None;
            }
            let names: Vec<String> = self.program.populations.iter().map(|p| p.name.clone()).collect();
            let mut d = Diagnostic::new(
                Code::E0201,
                i.population.span,
                format!("there is no population `{}`", self.sources.text(i.population.span)),
                "no such population",
            );
            if let Some(near) = nearest(&i.population.text, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), i.population.span, near);
            }
            self.report(d);
            return None;
        };
        let p = self.program.populations[population].clone();
        let var = match p.output {
            Some(v) if matches!(self.program.vars[v].kind, VarKind::Input) => v,
            _ => {
                self.report(
                    Diagnostic::new(
                        Code::E0504,
                        i.population.span,
                        format!("`{}` computes its own activity", p.name),
                        "nothing can be presented on it",
                    )
                    .label(p.span, "has equations")
                    .help("present on an input population (one without equations) that projects to it"),
                );
                return None;
            }
        };
        let mut axes = p.axes.clone();
        let mut slice = Vec::new();
        if !i.slice.is_empty() {
            if !around.in_together {
                self.report(
                    Diagnostic::new(
                        Code::E0504,
                        i.population.span,
                        "a slice of a population is presented inside `together`",
                        "outside of it",
                    )
                    .help("outside, present on the whole population; cells left out are zero"),
                );
            }
            let mut inner = scope.clone();
            inner.limit = (Stage::Timeline, "a slice");
            let (selections, _) = self.selections(&axes, &i.slice, i.population.span, &mut inner)?;
            axes.retain(|a| !selections.iter().any(|s| s.axes.contains(a)));
            slice = selections;
        }
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, "what is presented");
        let t = self.infer_number(&i.value, &mut inner);
        if t.poison {
            return None;
        }
        let extra: Vec<AxisId> = t.expr.axes.iter().copied().filter(|a| !axes.contains(a)).collect();
        if !extra.is_empty() {
            let (have, want) = (self.axes.describe(&t.expr.axes), self.axes.describe(&axes));
            let named = self.axes.names(&extra);
            let mut d = Diagnostic::new(
                Code::E0401,
                i.value.span,
                format!("what is presented does not fit `{}`", p.name),
                format!("this runs along {have}"),
            )
            .label(
                p.span,
                if axes.is_empty() {
                    format!("`{}` is a single cell", p.name)
                } else {
                    format!("`{}` has {want}", p.name)
                },
            );
            let loopable =
                extra.iter().all(|a| !axes.iter().any(|b| self.axes.name(*a) == self.axes.name(*b)));
            d = if loopable {
                d.help(format!(
                    "pick one element along {named}, for instance with an index `[...]` in a loop"
                ))
            } else {
                d.note("axes match when name, size and coordinates are the same")
            };
            self.report(d);
            return None;
        }
        self.unify_var(var, &t, &format!("what is presented on `{}`", p.name));
        let varies = time::reads_time(&t.expr);
        Some(Input { value: t.expr, population, var, slice, varies })
    }

    fn length(&mut self, length: &'a ast::Length, scope: &mut Scope) -> Option<Length> {
        match length {
            ast::Length::For(e) => Some(Length::For(self.duration(e, scope, "a duration")?)),
            ast::Length::Until { condition, within } => {
                let t = self.infer_truth(condition, scope);
                self.fits_axes(&t, &[], "the condition", condition.span);
                let Some(within) = within else {
                    self.report(
                        Diagnostic::new(
                            Code::E0504,
                            condition.span,
                            "`until` needs a limit",
                            "this may never become true",
                        )
                        .help("add `within 3000 s` (or as long as it may take)"),
                    );
                    return None;
                };
                let within = self.duration(within, scope, "a limit")?;
                (!t.poison).then_some(Length::Until { condition: t.expr, within })
            }
        }
    }

    fn duration(&mut self, e: &'a ast::Expr, scope: &mut Scope, what: &'static str) -> Option<hir::Expr> {
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, what);
        let t = self.infer_number(e, &mut inner);
        if t.poison {
            return None;
        }
        if !self.want(&t, &Term::time(1), what) || !self.fits_axes(&t, &[], what, e.span) {
            return None;
        }
        if let Some(seconds) = self.constant(&t) {
            self.whole_ticks(seconds, e.span, what)?;
            return Some(hir::Expr { kind: hir::ExprKind::Number(seconds), ..t.expr });
        }
        Some(t.expr)
    }

    fn loop_over(&mut self, name: &ast::Ident, over: &'a ast::Loop) -> Option<(LocalId, bool)> {
        match over {
            ast::Loop::Shuffle(inner) => self.loop_over(name, inner).map(|(l, _)| (l, true)),
            ast::Loop::In(e) => {
                let v = self.values_of(e, "what a loop runs over")?;
                let (values, dim): (Arc<[f64]>, Term) = (v.values.clone().into(), v.dim.clone());
                let axis = self.values_axis(&name.text, v);
                let axis = self.axes.intern(axis);
                Some((self.add_local(name, axis, values, dim), false))
            }
            ast::Loop::Of(of) => {
                self.used.insert(of.text.clone());
                let axes = if let Some(item) = self.items.get(&of.text)
                    && matches!(item.kind, ItemKind::Stimulus { .. })
                {
                    self.stimulus(item)?.axes
                } else if let Some(p) = self.population(&of.text) {
                    self.program.populations[p].axes.clone()
                } else {
                    let named: Vec<AxisId> = self
                        .axes
                        .table()
                        .iter_enumerated()
                        .filter(|(_, a)| a.name == of.text && a.size.is_some())
                        .map(|(id, _)| id)
                        .collect();
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

    fn add_local(&mut self, name: &ast::Ident, axis: AxisId, values: Arc<[f64]>, dim: Term) -> LocalId {
        let id = self.program.locals.push(Local { name: name.text.clone(), axis, values });
        self.program.local_terms.push(dim);
        id
    }

    fn weights(&mut self, e: &'a ast::Expr, local: LocalId, scope: &mut Scope) -> Option<hir::Expr> {
        let axis = self.program.locals[local].axis;
        if matches!(e.kind, ast::ExprKind::List { .. }) {
            let v = self.values_of(e, "weights")?;
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
        inner.limit = (Stage::Timeline, "weights");
        let t = self.infer_number(e, &mut inner);
        if t.poison {
            return None;
        }
        if t.expr.axes != [axis] {
            let (have, want) = (self.axes.describe(&t.expr.axes), self.axes.describe(&[axis]));
            self.report(Diagnostic::new(
                Code::E0401,
                e.span,
                format!("weights run along {want}"),
                format!("this is {have}"),
            ));
            return None;
        }
        Some(t.expr)
    }

    fn list_const(&mut self, values: &[f64], axis: AxisId) -> hir::ConstId {
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

    fn teach(
        &mut self,
        population: &ast::Ident,
        output: &ast::Ident,
        op: ast::AssignOp,
        value: &'a ast::Expr,
        scope: &mut Scope,
    ) -> Option<StatementKind> {
        self.used.insert(population.text.clone());
        let Some(p) = self.population(&population.text) else {
            if !self.program.broken_populations.contains(&population.text) {
                self.undefined(population, scope);
            }
            return None;
        };
        let own = self.program.populations[p].output;
        let var = self.member_of_population(p, &output.text).filter(|v| Some(*v) == own);
        let computed = var.filter(|v| matches!(self.program.vars[*v].kind, VarKind::Instantaneous(_)));
        let Some(var) = computed else {
            let what = match own {
                Some(v) if matches!(self.program.vars[v].kind, VarKind::Input) => {
                    "it is presented, not computed"
                }
                _ => "it is not the population's output",
            };
            let mut d = Diagnostic::new(
                Code::E0504,
                output.span,
                format!("`{}.{}` cannot be taught: {what}", population.text, output.text),
                "teaching changes an output where it is computed",
            );
            if let Some(v) = own {
                let name = self.program.vars[v].name.clone();
                d = d.note(format!("the output of `{}` is `{name}`", population.text));
            }
            self.report(d);
            return None;
        };
        let axes = self.program.populations[p].axes.clone();
        let mut inner = scope.clone();
        inner.limit = (Stage::Tick, "teaching");
        for a in &axes {
            let name = self.axes.name(*a).to_owned();
            if scope.find(&name).is_none() {
                inner.bindings.push((name, Binding::Coord(*a), population.span));
            }
        }
        let t = self.infer_number(value, &mut inner);
        if t.poison {
            return None;
        }
        self.fits_axes(&t, &axes, &format!("`{}.{}`", population.text, output.text), output.span);
        let term = match op {
            ast::AssignOp::Mul | ast::AssignOp::Div => Term::plain(),
            _ => self.program.var_terms[var.0 as usize].clone(),
        };
        self.want_later(&t, &term, "what is taught".to_owned());
        Some(StatementKind::Teach { var, op, value: t.expr })
    }

    fn set(
        &mut self,
        owner: Option<&ast::Ident>,
        name: &ast::Ident,
        value: &'a ast::Expr,
        scope: &mut Scope,
        span: Span,
    ) -> Option<StatementKind> {
        let full = owner.map_or(name.text.clone(), |o| format!("{}.{}", o.text, name.text));
        if let Some(o) = owner {
            self.used.insert(o.text.clone());
        }
        self.used.insert(name.text.clone());
        let Some(param) = self.param_named(&full) else {
            let mut names: Vec<String> = match owner.and_then(|o| self.projection(&o.text)) {
                Some(p) => self.program.rule_params[p.0 as usize].keys().cloned().collect(),
                None => {
                    self.program.params.iter().map(|p| p.name.clone()).filter(|n| !n.contains('.')).collect()
                }
            };
            names.sort();
            let mut d = Diagnostic::new(
                Code::E0201,
                name.span,
                format!("there is no parameter `{full}` to set"),
                "`set` changes a parameter",
            );
            let is_variable = owner
                .and_then(|o| self.projection(&o.text))
                .is_some_and(|p| self.member_of_projection(p, &name.text).is_some());
            if is_variable {
                d = d.note(format!("`{full}` is a variable: the rule changes it"));
            } else if let Some(near) = nearest(&name.text, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), name.span, near);
            } else if let Some(all) = list(names.iter().map(String::as_str)) {
                d = d.note(format!("parameters: {all}"));
            }
            self.report(d);
            return None;
        };
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, "a parameter");
        let t = self.infer_number(value, &mut inner);
        if t.poison {
            return None;
        }
        let term = self.program.param_terms[param.0 as usize].clone();
        self.want_later(&t, &term, format!("the parameter `{full}`"));
        self.fits_axes(&t, &[], &format!("the parameter `{full}`"), span);
        if let (Some(v), Some(range)) = (self.constant(&t), self.program.params[param].range) {
            let unit = self.program.params[param].unit.clone();
            self.in_range(&full, v, range, &unit, value.span);
        }
        Some(StatementKind::Set { param, value: t.expr })
    }

    fn probe(
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
            let at = item.map_or(name.span, super::items::head);
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
            let t = self.infer(&r.value, &mut scope);
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
