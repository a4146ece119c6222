//! What goes on in closed form, number by number: for who looks at it without running kernels, with the bits of these.

use super::machine::Parts;
use super::view::View;
use crate::contract::functions;
use crate::contract::ops::Scalar;
use crate::eval::{StaticEnv, eval_scalar};
use crate::hir::{Axis, AxisId, Expr, Program, VarId};
use crate::ir::build::{Built, Course};
use crate::source::IndexVec;

/// How variables in closed form go on.
pub(super) struct Courses {
    of: IndexVec<VarId, Option<Numbers>>,
    tick: f64,
}

/// `dv/dt = (own*v + rest)/factor`
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Numbers {
    own: f64,
    rest: Option<f64>,
    factor: Option<f64>,
}

impl Courses {
    /// By what expressions read there.
    pub fn new(built: &Built, view: &View<'_>) -> Self {
        let number = |e: &Expr| eval_scalar(e, view).ok();
        let maybe = |e: &Option<Expr>| e.as_ref().map_or(Some(None), |e| number(e).map(Some));
        let numbers = |course: &Course| {
            let (rest, factor) = (maybe(&course.rest)?, maybe(&course.factor)?);
            Some(Numbers { own: number(&course.own)?, rest, factor })
        };
        let of = built.layout.lazy.iter().map(|lazy| lazy.as_ref()?.course.as_ref().and_then(numbers));
        Self { of: of.collect(), tick: view.program.tick }
    }

    /// That of a variable; `None` where it does not go on in closed form.
    pub fn of(&self, var: VarId) -> Option<Numbers> {
        self.of.get(var).copied().flatten()
    }

    /// What a value of a variable becomes in so many ticks.
    pub fn after(&self, var: VarId, value: f64, ticks: f64) -> f64 {
        let Some(Numbers { own, rest, factor }) = self.of(var) else { return value };
        // as kernels have it
        let each = (1.0 / self.tick).round();
        let whole = each >= 1.0 && (each * self.tick - 1.0).abs() < 1e-12;
        let time = if whole { ticks / each } else { ticks * self.tick };
        let z = own * time;
        let z = factor.map_or(z, |factor| z / factor);
        let decayed = functions::exp(&Scalar, z) * value;
        match rest {
            None => decayed,
            Some(rest) if own == 0.0 => factor.map_or(time, |factor| time / factor).mul_add(rest, decayed),
            Some(rest) => functions::expm1(&Scalar, z).mul_add(rest / own, decayed),
        }
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
