use super::runner::whole_ticks;
use crate::eval::{StaticEnv, eval_scalar};
use crate::hir::{Expr, ExprKind, Length, Program};
use crate::ir::timeline::{Step, StepKind, Timeline, visit_expr};

/// How many ticks a timeline lasts, if that is known before it runs.
pub(super) fn total(program: &Program, timeline: &Timeline, statics: &StaticEnv<'_>) -> Option<u64> {
    Count { program, timeline, statics }.steps(&timeline.steps)
}

struct Count<'c> {
    program: &'c Program,
    timeline: &'c Timeline,
    statics: &'c StaticEnv<'c>,
}

impl Count<'_> {
    fn steps(&self, steps: &[Step]) -> Option<u64> {
        steps.iter().try_fold(0_u64, |sum, step| sum.checked_add(self.step(step)?))
    }

    fn step(&self, step: &Step) -> Option<u64> {
        match &step.kind {
            StepKind::Phase { body, .. } => self.steps(body),
            StepKind::Play(leaf) | StepKind::Pass(leaf) => match &self.timeline.leaves[*leaf].length {
                Length::For(time) => whole_ticks(self.scalar(time)?, self.program.tick),
                Length::About(time) => Some((self.scalar(time)? / self.program.tick).round() as u64),
                Length::Until { .. } => None,
            },
            StepKind::Repeat { count, body } => {
                (self.scalar(count)?.round() as u64).checked_mul(self.steps(body)?)
            }
            StepKind::For { values, body } => {
                (self.timeline.locals[values.local].values.len() as u64).checked_mul(self.steps(body)?)
            }
            StepKind::Together { tracks } => {
                tracks.iter().map(|t| self.steps(t)).try_fold(0, |longest, t| Some(t?.max(longest)))
            }
            StepKind::Pick { .. } | StepKind::Set { .. } | StepKind::Probe { .. } => Some(0),
        }
    }

    /// A number that nothing before it in the run can change.
    fn scalar(&self, e: &Expr) -> Option<f64> {
        let mut fixed = true;
        visit_expr(e, &mut |node| {
            if let ExprKind::Param(id) = node.kind {
                fixed &= !self.program.params[id].settable;
            }
        });
        eval_scalar(e, self.statics).ok().filter(|_| fixed)
    }
}
