//! Which variables anybody reads: the others need not be computed.

use super::expr::variables;
use crate::hir::{Expr, ExprKind, Form, Length, Program, Selector, SpikeSource, VarId, VarKind};
use crate::ir::timeline::{Step, StepKind, Timeline, visit_expr};
use crate::source::IndexVec;

/// For each variable whether something reads it: an equation, a bound, the timeline, a record.
pub(super) fn live(program: &Program, timeline: &Timeline) -> IndexVec<VarId, bool> {
    let mut read = Vec::new();
    for var in program.vars.iter() {
        if let VarKind::Delayed { of, .. } = var.kind {
            read.push(of);
        }
    }
    each_expr(program, timeline, &mut |e| variables(e, &mut read));
    // at events, simple instantaneous variables are put in as expressions
    let mut heard = Vec::new();
    let handlers = program.projections.iter().flat_map(|p| &p.handlers);
    let resets = program.populations.iter().filter_map(|p| p.spiking.as_ref());
    for change in handlers.flat_map(|h| &h.changes).chain(resets.clone().flat_map(|s| &s.reset)) {
        variables(&change.value, &mut heard);
    }
    for spiking in resets {
        if let SpikeSource::When(e) | SpikeSource::Poisson(e) = &spiking.source {
            variables(e, &mut heard);
        }
    }
    let mut seen: Vec<VarId> = Vec::new();
    while let Some(var) = heard.pop() {
        if seen.contains(&var) {
            continue;
        }
        seen.push(var);
        if let VarKind::Instantaneous(value) = &program.vars[var].kind {
            if can_stand_in(value) && !timeline.teaches.iter().any(|t| t.var == var) {
                variables(value, &mut heard);
            } else {
                read.push(var);
            }
        }
    }
    let mut live: IndexVec<VarId, bool> = program.vars.iter().map(|_| false).collect();
    while let Some(var) = read.pop() {
        if !std::mem::replace(&mut live[var], true)
            && let VarKind::Instantaneous(value) = &program.vars[var].kind
        {
            variables(value, &mut read);
        }
    }
    live
}

/// Whether an instantaneous variable's expression can stand where it is read at events.
pub(super) fn can_stand_in(value: &Expr) -> bool {
    let mut simple = true;
    visit_expr(value, &mut |node| {
        simple &=
            !matches!(node.kind, ExprKind::Reduce { .. } | ExprKind::Index { .. } | ExprKind::AtStart(_));
    });
    simple
}

/// Calls `f` on every expression that is evaluated while a program runs, instantaneous variables excepted.
pub(crate) fn each_expr<'e>(program: &'e Program, timeline: &'e Timeline, f: &mut dyn FnMut(&'e Expr)) {
    for var in program.vars.iter() {
        if let VarKind::State { equation: Some(equation), .. } = &var.kind {
            f(&equation.value);
            if let Form::Rate { factor: Some(factor) } = &equation.form {
                f(factor);
            }
        }
    }
    for projection in program.projections.iter() {
        projection.normalise.iter().for_each(|n| f(&n.target));
        for bounds in &projection.bounds {
            f(&bounds.lo);
            f(&bounds.hi);
        }
    }
    program.records.iter().for_each(|r| f(&r.value));
    timeline.teaches.iter().for_each(|t| f(&t.value));
    for leaf in timeline.leaves.iter() {
        for input in &leaf.inputs {
            f(&input.value);
            for selection in &input.slice {
                if let Selector::At(at) = &selection.selector {
                    f(at);
                }
            }
        }
        for train in leaf.spikes.iter().flat_map(|s| &s.trains) {
            f(&train.at);
        }
        match &leaf.length {
            Length::For(time) | Length::About(time) => f(time),
            Length::Until { condition, within } => {
                f(condition);
                f(within);
            }
        }
    }
    steps(&timeline.steps, f);
}

fn steps<'e>(of: &'e [Step], f: &mut dyn FnMut(&'e Expr)) {
    for step in of {
        match &step.kind {
            StepKind::Phase { body, .. } | StepKind::For { body, .. } => steps(body, f),
            StepKind::Repeat { count, body } => {
                f(count);
                steps(body, f);
            }
            StepKind::Together { tracks } => tracks.iter().for_each(|t| steps(t, f)),
            StepKind::Pick { weights: Some(e), .. } => f(e),
            StepKind::Set { value: e, .. } | StepKind::Probe { value: e, .. } => f(e),
            StepKind::Play(_) | StepKind::Pass(_) | StepKind::Pick { weights: None, .. } => {}
        }
    }
}
