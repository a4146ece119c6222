use super::clock::{Clock, Span};
use crate::hir::{Control, Phase, PhaseId, Program, Statement, StatementKind as Kind};
use crate::report::html::context::Context;
use crate::source;
use crate::syntax::ast;

/// What one run goes through.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    /// `protocol`, `control`.
    pub name: &'static str,
    pub steps: Vec<Step>,
}

/// A statement of the protocol, loops once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub kind: StepKind,
    /// How long it lasts.
    pub length: Span,
    /// The line it is written on.
    pub anchor: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum StepKind {
    /// A named stretch.
    Phase { name: String, frozen: Option<String>, replaced: bool, body: Vec<Step> },
    /// `repeat`, `for`, `together`: its words, how often it goes round, its body once.
    Loop { words: String, rounds: Option<String>, body: Vec<Step> },
    /// A presentation: what on which population.
    Show { inputs: Vec<(String, String)>, until: Option<String>, passes: bool },
    /// Something that takes no time.
    Mark(Mark, String),
}

/// What takes no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Probe,
    Teach,
    Set,
    Pick,
}

/// The most cases whose times are compared.
const CASES: usize = 64;

impl Track {
    /// The protocol and, where there is one, its control, with the times of all cases.
    pub fn all(context: &Context) -> Vec<Track> {
        let reading = context.page.reading;
        let names: &[&'static str] =
            if reading.experiment.control { &["protocol", "control"] } else { &["protocol"] };
        names
            .iter()
            .map(|&name| {
                let programs = reading.cases().take(CASES).map(|(_, p, _)| p);
                let each = programs.map(|program| {
                    let clock = Clock::new(reading.experiment, program);
                    Builder { context, clock: &clock, control: name == "control", passes: false }
                        .block(&program.protocol)
                });
                Track { name, steps: each.reduce(|a, b| merged(a, &b)).unwrap_or_default() }
            })
            .collect()
    }
}

/// The same steps with the lengths of both.
fn merged(mut steps: Vec<Step>, others: &[Step]) -> Vec<Step> {
    for (step, other) in steps.iter_mut().zip(others) {
        step.length = step.length.or(other.length);
        match (&mut step.kind, &other.kind) {
            (StepKind::Phase { body, .. }, StepKind::Phase { body: b, .. }) => {
                *body = merged(std::mem::take(body), b)
            }
            (StepKind::Loop { body, rounds, .. }, StepKind::Loop { body: b, rounds: r, .. }) => {
                if rounds != r {
                    *rounds = None;
                }
                *body = merged(std::mem::take(body), b);
            }
            _ => {}
        }
    }
    steps
}

pub(super) fn total(steps: &[Step]) -> Span {
    steps.iter().fold(Span::NONE, |sum, s| sum.then(s.length))
}

struct Builder<'b, 'a> {
    context: &'b Context<'a>,
    clock: &'b Clock<'a>,
    control: bool,
    /// Whether this is inside a phase that the control leaves out.
    passes: bool,
}

impl Builder<'_, '_> {
    fn program(&self) -> &Program {
        self.clock.program()
    }

    fn block(&self, statements: &[Statement]) -> Vec<Step> {
        statements.iter().filter_map(|s| self.step(s)).collect()
    }

    fn step(&self, s: &Statement) -> Option<Step> {
        let anchor = self.context.anchor(s.span);
        let made = |kind, length| Some(Step { kind, length, anchor: anchor.clone() });
        match &s.kind {
            Kind::Phase { id, body } => {
                let (body, replaced) = self.phase(*id, body);
                let length = total(&body);
                let phase = self.program().phases.get(*id)?;
                let kind =
                    StepKind::Phase { name: phase.name.clone(), frozen: self.frozen(phase), replaced, body };
                made(kind, length)
            }
            Kind::Present { inputs, length, spikes } => {
                let shown = inputs.iter().filter_map(|i| {
                    Some((
                        self.context.text(i.value.span),
                        self.program().populations.get(i.population)?.name.clone(),
                    ))
                });
                let mut written = self.presented(s.span).unwrap_or_else(|| shown.collect());
                for train in spikes.iter().flat_map(|s| &s.trains) {
                    let name = self.program().populations.get(train.population)?.name.clone();
                    let spike = ("spikes".to_string(), name);
                    if !written.contains(&spike) {
                        written.push(spike);
                    }
                }
                let until = match length {
                    crate::hir::Length::Until { condition, .. } => Some(self.context.text(condition.span)),
                    crate::hir::Length::For(_) | crate::hir::Length::About(_) => None,
                };
                let kind = StepKind::Show { inputs: written, until, passes: self.passes };
                made(kind, self.clock.length(length))
            }
            Kind::Repeat { count, body } => {
                let n = self.clock.number(count);
                let rounds = n.map(|n| format!("× {n}"));
                let body = self.block(body);
                let length = total(&body).times(n.map_or(Span::UNKNOWN, Span::exactly));
                made(StepKind::Loop { words: self.head(s.span), rounds, body }, length)
            }
            Kind::For { values, body } => {
                let n = self.program().locals.get(values.local)?.values.len();
                let each = self.clock.each(values.local, body, || self.block(body));
                let (body, length) = match each {
                    None => (self.block(body), Span::UNKNOWN),
                    Some(each) => {
                        let one = each.first().map_or(Span::NONE, |b| total(b));
                        let length = match each.len() {
                            1 => one.times(Span::exactly(n as f64)),
                            _ => each.iter().fold(Span::NONE, |sum, b| sum.then(total(b))),
                        };
                        (each.into_iter().reduce(|a, b| merged(a, &b)).unwrap_or_default(), length)
                    }
                };
                made(
                    StepKind::Loop { words: self.head(s.span), rounds: Some(format!("× {n}")), body },
                    length,
                )
            }
            Kind::Together { values, body } => {
                let n = self.program().locals.get(values.local)?.values.len();
                let each = self.clock.each(values.local, body, || self.block(body)).unwrap_or_default();
                let longest = each
                    .iter()
                    .map(|b| total(b))
                    .fold(Span::NONE, |a, b| Span { least: a.least.max(b.least), most: a.most.max(b.most) });
                let body = each.into_iter().reduce(|a, b| merged(a, &b)).unwrap_or_default();
                made(
                    StepKind::Loop { words: self.head(s.span), rounds: Some(format!("{n} at once")), body },
                    longest,
                )
            }
            Kind::Pick { .. } => made(StepKind::Mark(Mark::Pick, self.head(s.span)), Span::NONE),
            Kind::Teach { .. } if self.passes => None,
            Kind::Teach { .. } => made(StepKind::Mark(Mark::Teach, self.head(s.span)), Span::NONE),
            Kind::Set { .. } if self.passes => None,
            Kind::Set { .. } => made(StepKind::Mark(Mark::Set, self.head(s.span)), Span::NONE),
            Kind::Probe { id, .. } => {
                let name = self.program().probes.get(*id).filter(|p| !p.implied)?.name.clone();
                made(StepKind::Mark(Mark::Probe, name), Span::NONE)
            }
        }
    }

    fn phase(&self, id: PhaseId, body: &[Statement]) -> (Vec<Step>, bool) {
        let change: Option<&Control> = match self.control {
            true => self.program().controls.iter().find(|c| c.phase == id),
            false => None,
        };
        match change.map(|c| &c.body) {
            None => (self.block(body), false),
            Some(Some(other)) => (self.block(other), true),
            Some(None) => (Builder { passes: true, ..*self }.block(body), true),
        }
    }

    /// Which variables a phase holds still, in words.
    fn frozen(&self, phase: &Phase) -> Option<String> {
        if phase.frozen.is_empty() && !phase.rests {
            return None;
        }
        if phase.rests {
            return Some("frozen".to_string());
        }
        let names = phase.frozen.iter().filter_map(|v| self.program().vars.get(*v)).map(|v| v.name.as_str());
        Some(format!("frozen: {}", names.collect::<Vec<_>>().join(", ")))
    }

    /// What a statement presents, as it is written.
    fn presented(&self, span: source::Span) -> Option<Vec<(String, String)>> {
        let statement = self.written(span)?;
        let ast::StatementKind::Present { inputs, .. } = &statement.kind else { return None };
        let one = |i: &ast::Input| {
            let slice = match i.slice.is_empty() {
                true => String::new(),
                false => {
                    let entries: Vec<_> = i.slice.iter().map(|e| self.context.text(e.span)).collect();
                    format!("[{}]", entries.join(", "))
                }
            };
            (self.context.text(i.value.span), format!("{}{slice}", i.population.text))
        };
        Some(inputs.iter().map(one).collect())
    }

    fn written(&self, span: source::Span) -> Option<&ast::Statement> {
        let protocols = self.context.items().filter_map(|(_, item)| match &item.kind {
            ast::ItemKind::Protocol(block) => Some(block),
            _ => None,
        });
        protocols.filter(|b| b.span.contains(span)).find_map(|b| find(&b.statements, span))
    }

    /// A statement up to its braces, on one line.
    fn head(&self, span: source::Span) -> String {
        let text = self.context.text(span);
        text.split('{').next().unwrap_or(&text).trim().to_string()
    }
}

fn find(statements: &[ast::Statement], span: source::Span) -> Option<&ast::Statement> {
    use ast::StatementKind::*;
    let around = statements.iter().find(|s| s.span.contains(span))?;
    if around.span == span {
        return Some(around);
    }
    match &around.kind {
        Phase { body, .. }
        | Repeat { body, .. }
        | For { body, .. }
        | Together { body, .. }
        | Control { body, .. } => find(&body.statements, span),
        _ => None,
    }
}
