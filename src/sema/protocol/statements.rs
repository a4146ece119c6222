//! Statements one after the other: phases, loops, blocks, controls.

use super::loops::shuffles;
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{
    self, Control, Input, LocalId, LoopValues, Phase, PhaseId, Statement, StatementId, StatementKind, VarId,
    VarKind,
};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::typed::{Binding, Place, Scope, Stage};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// What surrounds a statement.
#[derive(Clone, Default)]
pub(super) struct Around {
    /// The names on the way to it, for the keys of its draws.
    pub path: Vec<String>,
    /// `for` loops: their variables, innermost last.
    pub loops: Vec<LocalId>,
    /// How many times it is passed; `None` where that is not known.
    pub passes: Option<usize>,
    pub in_repeat: bool,
    pub in_together: bool,
    pub in_control: bool,
    pub phase: bool,
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
        let mut controlled: Vec<(PhaseId, Span)> = Vec::new();
        for s in &block.statements {
            match &s.kind {
                ast::StatementKind::ControlWithout { phases } => {
                    for name in phases {
                        if let Some(phase) = self.controlled(name, &mut controlled) {
                            self.program.controls.push(Control { phase, body: None });
                        }
                    }
                }
                ast::StatementKind::Control { phase, body } => {
                    let Some(id) = self.controlled(phase, &mut controlled) else { continue };
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

    /// The phase that a control changes, which no other does.
    fn controlled(&mut self, name: &ast::Ident, before: &mut Vec<(PhaseId, Span)>) -> Option<PhaseId> {
        let id = self.phase_named(name)?;
        if let Some((_, first)) = before.iter().find(|(phase, _)| *phase == id) {
            let headline = format!("the control changes the phase `{}` twice", name.text);
            let d = Diagnostic::new(Code::E0202, name.span, headline, "the second time");
            self.report(d.label(*first, "the first time").help("keep one of the two"));
            return None;
        }
        before.push((id, name.span));
        Some(id)
    }

    pub(super) fn phase_named(&mut self, name: &ast::Ident) -> Option<PhaseId> {
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
                Some(StatementKind::Present { inputs: out, length, spikes: None })
            }
            ast::StatementKind::Rest { length } => {
                let length = self.length(length, scope)?;
                Some(StatementKind::Present { inputs: Vec::new(), length, spikes: None })
            }
            ast::StatementKind::Spike { .. }
            | ast::StatementKind::Pair { .. }
            | ast::StatementKind::Train { .. }
            | ast::StatementKind::ThetaBurst { .. } => self.spikes(&s.kind, scope, s.span),
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
}
