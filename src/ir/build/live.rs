//! Which variables anybody reads: the others need not be computed.

use super::expr::variables;
use crate::hir::{Expr, Form, Length, Program, Selector, VarId, VarKind};
use crate::ir::timeline::{Step, StepKind, Timeline};
use crate::source::IndexVec;

/// For each variable whether something reads it: an equation, a bound, the timeline, a record.
pub(super) fn live(program: &Program, timeline: &Timeline) -> IndexVec<VarId, bool> {
    let mut read = Vec::new();
    let mut reads = |e: &Expr| variables(e, &mut read);
    for var in program.vars.iter() {
        match &var.kind {
            VarKind::State { equation: Some(equation), .. } => {
                reads(&equation.value);
                if let Form::Rate { factor: Some(factor) } = &equation.form {
                    reads(factor);
                }
            }
            VarKind::Delayed { of, .. } => reads(&super::expr::variable(program, *of, var.span)),
            _ => {}
        }
    }
    for projection in program.projections.iter() {
        projection.normalise.iter().for_each(|n| reads(&n.target));
        for bounds in &projection.bounds {
            reads(&bounds.lo);
            reads(&bounds.hi);
        }
    }
    program.records.iter().for_each(|r| reads(&r.value));
    timeline.teaches.iter().for_each(|t| reads(&t.value));
    for leaf in timeline.leaves.iter() {
        for input in &leaf.inputs {
            reads(&input.value);
            for selection in &input.slice {
                if let Selector::At(at) = &selection.selector {
                    reads(at);
                }
            }
        }
        match &leaf.length {
            Length::For(time) => reads(time),
            Length::Until { condition, within } => {
                reads(condition);
                reads(within);
            }
        }
    }
    steps(&timeline.steps, &mut reads);

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

fn steps(of: &[Step], reads: &mut dyn FnMut(&Expr)) {
    for step in of {
        match &step.kind {
            StepKind::Phase { body, .. } | StepKind::For { body, .. } => steps(body, reads),
            StepKind::Repeat { count, body } => {
                reads(count);
                steps(body, reads);
            }
            StepKind::Together { tracks } => tracks.iter().for_each(|t| steps(t, reads)),
            StepKind::Pick { weights: Some(e), .. } => reads(e),
            StepKind::Set { value: e, .. } | StepKind::Probe { value: e, .. } => reads(e),
            StepKind::Play(_) | StepKind::Pass(_) | StepKind::Pick { weights: None, .. } => {}
        }
    }
}
