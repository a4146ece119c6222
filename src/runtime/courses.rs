//! What goes on in closed form, number by number: for who looks at it without running kernels, with the bits of these.

use super::machine::Parts;
use super::view::View;
use crate::contract::ops::Scalar;
use crate::eval::{StaticEnv, eval_scalar};
use crate::hir::{Axis, AxisId, Expr, Program, VarId};
use crate::ir::build::{Built, Coefficients, Course, after};
use crate::source::IndexVec;

/// How variables in closed form go on.
pub(super) struct Courses {
    of: IndexVec<VarId, Option<Coefficients<f64>>>,
    tick: f64,
}

impl Courses {
    /// By what expressions read there.
    pub fn new(built: &Built, view: &View<'_>) -> Self {
        let number = |e: &Expr| eval_scalar(e, view).ok();
        let maybe = |e: &Option<Expr>| e.as_ref().map_or(Some(None), |e| number(e).map(Some));
        let numbers = |course: &Course| {
            let (rest, factor) = (maybe(&course.rest)?, maybe(&course.factor)?);
            Some(Coefficients { own: number(&course.own)?, rest, factor })
        };
        let of = built.layout.lazy.iter().map(|lazy| lazy.as_ref()?.course.as_ref().and_then(numbers));
        Self { of: of.collect(), tick: view.program.tick }
    }

    /// That of a variable; `None` where it does not go on in closed form.
    pub fn of(&self, var: VarId) -> Option<Coefficients<f64>> {
        self.of.get(var).copied().flatten()
    }

    /// What a value of a variable becomes in so many ticks.
    pub fn after(&self, var: VarId, value: f64, ticks: f64) -> f64 {
        let so_far = |c| after(&Scalar, self.tick, ticks, value, c);
        self.of(var).map_or(value, so_far)
    }
}

impl Parts {
    /// How variables in closed form go on now.
    pub fn courses(&self, axes: &IndexVec<AxisId, Axis>, program: &Program) -> Courses {
        let standing = &self.standing;
        let view = View {
            program,
            axes,
            built: &self.built,
            arrays: &standing.arrays,
            statics: &StaticEnv::new(axes, program),
            params: &standing.params,
            locals: &standing.locals,
            run_ticks: standing.now,
            presentation_ticks: 0,
            started: &standing.started,
        };
        Courses::new(&self.built, &view)
    }
}
