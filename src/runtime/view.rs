use super::machine::Locals;
use crate::backend::Arrays;
use crate::eval::{Env, EvalError, Missing, StaticEnv};
use crate::hir::{Axis, AxisId, ConstId, Expr, LocalId, ParamId, Program, Value, ValueAxis, VarId};
use crate::ir::build::{Built, When};
use crate::source::IndexVec;
use std::sync::Arc;

/// What an expression reads between two ticks.
pub(super) struct View<'m> {
    pub program: &'m Program,
    pub axes: &'m IndexVec<AxisId, Axis>,
    pub built: &'m Built,
    pub arrays: &'m Arrays,
    pub statics: &'m StaticEnv<'m>,
    pub params: &'m IndexVec<ParamId, f64>,
    pub locals: &'m Locals,
    pub run_ticks: u64,
    pub presentation_ticks: u64,
    pub started: &'m [(Expr, Value)],
}

impl Env for View<'_> {
    fn axes(&self) -> &IndexVec<AxisId, Axis> {
        self.axes
    }

    fn tick(&self) -> f64 {
        self.program.tick
    }

    fn seed(&self) -> u64 {
        self.program.seed
    }

    fn param(&self, id: ParamId) -> Result<Value, EvalError> {
        self.params.get(id).map(|v| Value::scalar(*v)).ok_or_else(|| EvalError::not_here(Missing::Param))
    }

    fn constant(&self, id: ConstId) -> Result<Value, EvalError> {
        self.statics.constant(id)
    }

    fn var(&self, id: VarId) -> Result<Value, EvalError> {
        let var = &self.program.vars[id];
        let storage = self.built.layout.vars[id];
        let array = self.arrays.values(storage.slot);
        let axis =
            |id: &AxisId| ValueAxis { id: *id, len: self.axes[*id].size.unwrap_or(1), coordinates: None };
        let axes: Vec<ValueAxis> = var.axes.iter().map(axis).collect();
        let Some(pattern) = storage.pattern else {
            return Ok(Value { axes, data: Arc::from(&array[..]), present: None });
        };
        let pattern = &self.built.module.patterns[pattern];
        let mut data = vec![0.0; pattern.rows * pattern.cols];
        let mut present = vec![false; data.len()];
        for row in 0..pattern.rows {
            let stored = pattern.row_start[row]..pattern.row_start[row + 1];
            for (col, value) in pattern.col_index[stored.clone()].iter().zip(&array[stored]) {
                let at = row * pattern.cols + *col as usize;
                data[at] = *value;
                present[at] = true;
            }
        }
        Ok(Value { axes, data: Arc::from(data), present: Some(Arc::from(present)) })
    }

    fn local(&self, id: LocalId) -> Option<(f64, usize)> {
        self.locals.get(id).copied().flatten()
    }

    fn presentation_ticks(&self) -> Option<u64> {
        Some(self.presentation_ticks)
    }

    fn run_ticks(&self) -> Option<u64> {
        Some(self.run_ticks)
    }

    fn at_start(&self, expr: &Expr) -> Result<Value, EvalError> {
        if let Some((_, value)) = self.started.iter().find(|(e, _)| e == expr) {
            return Ok(value.clone());
        }
        // before the run has begun: in bounds, whose start is that after normalisation
        let kept = self.built.starts.iter().filter(|s| s.expr == *expr);
        let Some(start) = kept.min_by_key(|s| s.when != When::Normalised) else {
            return Err(EvalError::not_here(Missing::Start));
        };
        let axis =
            |id: &AxisId| ValueAxis { id: *id, len: self.axes[*id].size.unwrap_or(1), coordinates: None };
        let axes = start.axes.iter().map(axis).collect();
        Ok(Value { axes, data: Arc::from(&self.arrays[start.into]), present: None })
    }
}
