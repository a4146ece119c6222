//! Expressions to values.

use crate::hir::{Axis, AxisId, ConstId, Expr, LocalId, ParamId, ProbeId, RecordId, Value, VarId};
use crate::source::IndexVec;

/// Stub.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct EvalError(pub String);

/// Where leaves get their values.
#[allow(missing_docs)]
pub trait Env {
    fn axes(&self) -> &IndexVec<AxisId, Axis>;
    fn tick(&self) -> f64;
    fn seed(&self) -> u64;
    fn param(&self, _: ParamId) -> Result<Value, EvalError> {
        Err(EvalError("not here".into()))
    }
    fn constant(&self, _: ConstId) -> Result<Value, EvalError> {
        Err(EvalError("not here".into()))
    }
    fn var(&self, _: VarId) -> Result<Value, EvalError> {
        Err(EvalError("not here".into()))
    }
    fn local(&self, _: LocalId) -> Option<(f64, usize)> {
        None
    }
    fn probe(&self, _: ProbeId, _control: bool) -> Result<Value, EvalError> {
        Err(EvalError("not here".into()))
    }
    fn record(&self, _: RecordId, _control: bool) -> Result<Value, EvalError> {
        Err(EvalError("not here".into()))
    }
}

/// Stub.
pub fn eval(_: &Expr, _: &dyn Env) -> Result<Value, EvalError> {
    Err(EvalError("not here".into()))
}

/// Stub.
pub struct StaticEnv<'a> {
    axes: &'a IndexVec<AxisId, Axis>,
    program: &'a crate::hir::Program,
}

impl<'a> StaticEnv<'a> {
    /// Stub.
    pub fn new(axes: &'a IndexVec<AxisId, Axis>, program: &'a crate::hir::Program) -> Self {
        Self { axes, program }
    }
}

impl Env for StaticEnv<'_> {
    fn axes(&self) -> &IndexVec<AxisId, Axis> {
        self.axes
    }
    fn tick(&self) -> f64 {
        self.program.tick
    }
    fn seed(&self) -> u64 {
        self.program.seed
    }
}
