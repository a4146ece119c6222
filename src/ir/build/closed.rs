//! Variables that need no ticks: between the events that change them they decay, and how far is known in closed form.

use super::canonical::affine;
use super::expr::{is_steady, variables};
use crate::contract::{Ops, functions};
use crate::hir::{Equation, Expr, ExprKind, Form, ParamId, Program, Projection, SpikeSource, VarId, VarKind};
use crate::ir::timeline::{Timeline, visit_expr};
use crate::source::IndexVec;

/// How a variable goes on after an event: `dv/dt = (own*v + rest)/factor`, all constant, or parameters that the protocol
/// sets: that is an event too.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// `own`
    pub own: Expr,
    /// `rest`
    pub rest: Option<Expr>,
    /// `factor`
    pub factor: Option<Expr>,
}

impl Course {
    /// The parameters that it goes by and that the protocol sets.
    pub fn set_by(&self, program: &Program) -> Vec<ParamId> {
        let mut found = Vec::new();
        for e in std::iter::once(&self.own).chain(&self.rest).chain(&self.factor) {
            visit_expr(e, &mut |node| match node.kind {
                ExprKind::Param(id) if program.params[id].settable && !found.contains(&id) => found.push(id),
                _ => {}
            });
        }
        found
    }
}

/// The numbers of a course: `dv/dt = (own*v + rest)/factor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficients<F> {
    /// `own`
    pub own: F,
    /// `rest`
    pub rest: Option<F>,
    /// `factor`
    pub factor: Option<F>,
}

/// What a value has become so many ticks after its last event. Ticks are divided by those in a second where these are a
/// whole number, so that 10 ms in ticks is the number 0.01.
pub fn after<O: Ops>(o: &O, tick: f64, ticks: O::F, value: O::F, c: Coefficients<O::F>) -> O::F {
    let each = (1.0 / tick).round();
    let time = match each >= 1.0 && (each * tick - 1.0).abs() < 1e-12 {
        true => o.div(ticks, o.num(each)),
        false => o.mul(ticks, o.num(tick)),
    };
    let over = |x| c.factor.map_or(x, |factor| o.div(x, factor));
    let z = over(o.mul(c.own, time));
    let decayed = o.mul(functions::exp(o, z), value);
    let Some(rest) = c.rest else { return decayed };
    let relaxed = o.fma(functions::expm1(o, z), o.div(rest, c.own), decayed);
    // what does not decay grows with time
    let grown = o.fma(over(time), rest, decayed);
    o.select(o.eq(c.own, o.num(0.0)), grown, relaxed)
}

/// Which variables go on in closed form, and whether nothing else needs a tick.
#[derive(Debug, Clone, PartialEq)]
pub struct Closed {
    /// How each goes on that does; `Some(None)` is not used.
    pub courses: IndexVec<VarId, Option<Course>>,
    /// Why ticks are needed, if they are.
    pub ticks: Option<WhyTicks>,
}

/// Why a program goes from tick to tick, although it has events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyTicks {
    /// It has no spikes: all of it is rates.
    NoSpikes,
    /// A variable changes between events, and not in closed form.
    Continuous(VarId, Open),
    /// A population's spikes are decided by its states.
    Threshold(crate::hir::PopId),
    /// The rate of a Poisson process changes with the states.
    Rate(crate::hir::PopId),
    /// Bounds or a normalisation act at every tick.
    Restrained(VarId),
    /// A statement lasts until something holds.
    Until,
    /// Something is presented that changes with time, or delayed.
    Delayed(VarId),
    /// It was asked for.
    Asked,
}

/// Why a variable with an equation does not go on in closed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// Its equation is no linear one with constant coefficients.
    Form,
    /// An equation, a condition or a rate reads it while time passes.
    Read,
    /// Bounds or a normalisation hold it.
    Restrained,
    /// A phase freezes it.
    Frozen,
    /// Synapses add to it.
    Gathers,
    /// It is held while its cell is refractory.
    Held,
}

/// Decides it. `ticks` asks for ticks, for comparison.
pub fn closed(program: &Program, timeline: &Timeline, ticks: bool) -> Closed {
    let none = |why| Closed { courses: program.vars.iter().map(|_| None).collect(), ticks: Some(why) };
    if program.populations.iter().all(|p| p.spiking.is_none()) {
        return none(WhyTicks::NoSpikes);
    }
    if ticks {
        return none(WhyTicks::Asked);
    }
    // what is read while time passes, not at events: by equations, conditions, rates
    let mut read: Vec<VarId> = Vec::new();
    let mut note = |e: &Expr, but: Option<VarId>| {
        visit_expr(e, &mut |node| {
            if let crate::hir::ExprKind::Var(id) = node.kind
                && Some(id) != but
            {
                read.push(id);
            }
        });
    };
    for (id, var) in program.vars.iter_enumerated() {
        if let VarKind::State { equation: Some(e), .. } = &var.kind {
            note(&e.value, Some(id));
            if let Form::Rate { factor: Some(f) } = &e.form {
                note(f, None);
            }
        }
    }
    for p in program.populations.iter() {
        let source = p.spiking.as_ref().map(|s| &s.source);
        if let Some(SpikeSource::When(e) | SpikeSource::Poisson(e)) = source {
            note(e, None);
        }
    }
    for teach in timeline.teaches.iter() {
        note(&teach.value, None);
    }
    // what reads instantaneous variables reads what they are made of
    let mut at = 0;
    while let Some(id) = read.get(at).copied() {
        at += 1;
        if let VarKind::Instantaneous(e) = &program.vars[id].kind {
            let mut inner = Vec::new();
            variables(e, &mut inner);
            read.extend(inner.into_iter().filter(|v| !read.contains(v)).collect::<Vec<_>>());
        }
    }
    let restrained = |id: VarId| {
        let of =
            |p: &Projection| p.normalise.iter().any(|n| n.var == id) || p.bounds.iter().any(|b| b.var == id);
        program.projections.iter().any(of)
    };
    let frozen = |id: VarId| program.phases.iter().any(|p| p.frozen.contains(&id));
    let crossed = |id: VarId| {
        program
            .projections
            .iter()
            .flat_map(|p| &p.handlers)
            .any(|h| h.changes.iter().any(|c| c.var == id && c.of.is_some_and(|of| of != h.event)))
    };
    let held = |id: VarId| {
        program.populations.iter().filter_map(|p| p.spiking.as_ref()).any(|s| {
            s.refractory > 0 && s.reset.iter().any(|c| c.var == id && c.op == crate::hir::AssignOp::Set)
        })
    };
    let mut courses = IndexVec::new();
    let mut open: Vec<(VarId, Open)> = Vec::new();
    for (id, var) in program.vars.iter_enumerated() {
        let VarKind::State { equation: Some(e), .. } = &var.kind else {
            courses.push(None);
            continue;
        };
        let found = match course(program, id, e) {
            None => Err(Open::Form),
            Some(_) if read.contains(&id) => Err(Open::Read),
            Some(_) if restrained(id) => Err(Open::Restrained),
            Some(_) if frozen(id) => Err(Open::Frozen),
            Some(_) if crossed(id) => Err(Open::Gathers),
            Some(_) if held(id) => Err(Open::Held),
            Some(course) => Ok(course),
        };
        open.extend(found.as_ref().err().map(|why| (id, *why)));
        courses.push(found.ok());
    }
    let ticks = why(program, timeline, &open);
    Closed { courses, ticks }
}

fn course(program: &Program, id: VarId, e: &Equation) -> Option<Course> {
    let Form::Rate { factor } = &e.form else { return None };
    if e.integrator.is_some() {
        return None;
    }
    let (rest, own) = affine(&e.value, id)?;
    let constant = |e: &Expr| is_steady(program, e) && e.axes.is_empty();
    let fits = own.as_ref().is_some_and(&constant)
        && rest.as_ref().is_none_or(&constant)
        && factor.as_ref().is_none_or(&constant);
    fits.then(|| Course { own: own.unwrap_or_else(|| e.value.clone()), rest, factor: factor.clone() })
}

fn why(program: &Program, timeline: &Timeline, open: &[(VarId, Open)]) -> Option<WhyTicks> {
    if let Some((id, open)) = open.first() {
        return Some(WhyTicks::Continuous(*id, *open));
    }
    for (id, var) in program.vars.iter_enumerated() {
        if let VarKind::Delayed { .. } = &var.kind {
            return Some(WhyTicks::Delayed(id));
        }
    }
    for (id, p) in program.populations.iter_enumerated() {
        match p.spiking.as_ref().map(|s| &s.source) {
            Some(SpikeSource::When(_)) => return Some(WhyTicks::Threshold(id)),
            Some(SpikeSource::Poisson(rate)) if !known(program, rate) => return Some(WhyTicks::Rate(id)),
            _ => {}
        }
    }
    for p in program.projections.iter() {
        if let Some(n) = p.normalise.first() {
            return Some(WhyTicks::Restrained(n.var));
        }
        let moving = |b: &&crate::hir::Bounds| super::expr::reads_now(&b.lo) || super::expr::reads_now(&b.hi);
        if let Some(b) = p.bounds.iter().find(moving) {
            return Some(WhyTicks::Restrained(b.var));
        }
    }
    let until = timeline.leaves.iter().any(|l| matches!(l.length, crate::hir::Length::Until { .. }));
    if until {
        return Some(WhyTicks::Until);
    }
    let varies = timeline.leaves.iter().flat_map(|l| &l.inputs).find(|i| i.varies);
    varies.map(|i| WhyTicks::Delayed(i.var))
}

/// Whether a rate stays between statements.
pub fn known(program: &Program, rate: &Expr) -> bool {
    let mut known = true;
    visit_expr(rate, &mut |node| {
        known &= match &node.kind {
            crate::hir::ExprKind::Var(id) => match &program.vars[*id].kind {
                VarKind::Input => true,
                VarKind::Instantaneous(e) => self::known(program, e),
                VarKind::State { equation: None, .. } => !changes(program, *id),
                _ => false,
            },
            crate::hir::ExprKind::RunTicks | crate::hir::ExprKind::PresentationTicks => false,
            crate::hir::ExprKind::Random { per_tick, .. } => !per_tick,
            _ => true,
        };
    });
    known
}

/// Whether an event changes a variable.
fn changes(program: &Program, id: VarId) -> bool {
    let resets = program.populations.iter().filter_map(|p| p.spiking.as_ref()).flat_map(|s| &s.reset);
    let heard = program.projections.iter().flat_map(|p| &p.handlers).flat_map(|h| &h.changes);
    resets.chain(heard).any(|c| c.var == id)
        || program.populations.iter().any(|p| p.spiking.as_ref().is_some_and(|s| s.count == id))
}
