use super::machine::Locals;
use crate::backend::Arrays;
use crate::eval::{Env, EvalError, Missing, StaticEnv};
use crate::hir::{Axis, AxisId, ConstId, Expr, LocalId, ParamId, Program, Value, ValueAxis, VarId};
use crate::ir::build::{Built, When};
use crate::ir::{Pattern, SlotId};
use crate::source::IndexVec;
use std::ops::Range;
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
        let axis =
            |id: &AxisId| ValueAxis { id: *id, len: self.axes[*id].size.unwrap_or(1), coordinates: None };
        let axes: Vec<ValueAxis> = var.axes.iter().map(axis).collect();
        let Some(pattern) = storage.pattern else {
            return Ok(Value { axes, data: Arc::from(&self.arrays.values(storage.slot)[..]), present: None });
        };
        let pattern = &self.built.module.patterns[pattern];
        let (data, present) = self.joined(pattern, storage.slot, 0..pattern.rows * pattern.cols);
        Ok(Value { axes, data, present: Some(present) })
    }

    fn var_rows(&self, id: VarId, rows: Range<usize>, of: usize) -> Result<Value, EvalError> {
        let var = &self.program.vars[id];
        let storage = self.built.layout.vars[id];
        let len = |id: &AxisId| self.axes[*id].size.unwrap_or(1);
        if var.axes.first().map(len) != Some(of) || of == 0 {
            return self.var(id);
        }
        let axis = |id: &AxisId| ValueAxis { id: *id, len: len(id), coordinates: None };
        let mut axes: Vec<ValueAxis> = var.axes.iter().map(axis).collect();
        axes[0].len = rows.len();
        let inner: usize = axes[1..].iter().map(|a| a.len).product();
        let places = rows.start * inner..rows.end * inner;
        let Some(pattern) = storage.pattern else {
            let data = self.arrays.part(storage.slot, places);
            return Ok(Value { axes, data: Arc::from(&data[..]), present: None });
        };
        let pattern = &self.built.module.patterns[pattern];
        let (data, present) = self.joined(pattern, storage.slot, places);
        Ok(Value { axes, data, present: Some(present) })
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

impl View<'_> {
    /// What stands at some of all pairs, and which of these are joined. They may begin and end within a row: onto a
    /// population without an axis the presynaptic one is the first.
    fn joined(&self, pattern: &Pattern, slot: SlotId, pairs: Range<usize>) -> (Arc<[f64]>, Arc<[bool]>) {
        let elements = pattern.element(pairs.start)..pattern.element(pairs.end);
        let stored = self.arrays.part(slot, elements.clone());
        let mut data = vec![0.0; pairs.len()];
        let mut present = vec![false; data.len()];
        for (pair, value) in pattern.pairs(elements).zip(stored.iter()) {
            data[pair - pairs.start] = *value;
            present[pair - pairs.start] = true;
        }
        (Arc::from(data), Arc::from(present))
    }
}
