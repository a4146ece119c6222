use super::blocks::Rows;
use super::{EvalError, Fault, Missing, eval_on};
use crate::hir::{
    Axis, AxisId, Const, ConstId, ConstKind, Expr, LocalId, Param, ParamId, ProbeId, Program, RecordId,
    Value, VarId,
};
use crate::source::{Id, IndexVec};
use std::cell::RefCell;
use std::ops::Range;

/// Where an expression's leaves get their values. What is not overridden is not known there.
pub trait Env {
    /// The axes of the experiment.
    fn axes(&self) -> &IndexVec<AxisId, Axis>;
    /// The tick in seconds.
    fn tick(&self) -> f64;
    /// The root of all randomness.
    fn seed(&self) -> u64;
    /// Whether someone has asked to stop.
    fn stopped(&self) -> bool {
        false
    }
    /// Which cases ran, along their axes, where some did not.
    fn ran(&self) -> Option<&Value> {
        None
    }
    /// A parameter's present value; in results, along the case axes it varies with.
    fn param(&self, _id: ParamId) -> Result<Value, EvalError> {
        Err(EvalError::not_here(Missing::Param))
    }
    /// A constant, computed when first asked for.
    fn constant(&self, _id: ConstId) -> Result<Value, EvalError> {
        Err(EvalError::not_here(Missing::Constant))
    }
    /// A variable in storage order, absent synapses masked.
    fn var(&self, _id: VarId) -> Result<Value, EvalError> {
        Err(EvalError::not_here(Missing::Variable))
    }
    /// The same of some places along its first axis, which has so many.
    fn var_rows(&self, id: VarId, rows: Range<usize>, of: usize) -> Result<Value, EvalError> {
        let value = self.var(id)?;
        let axis = value.axes.first().map(|a| (a.id, a.len));
        Ok(match axis {
            Some((axis, len)) if len == of => Rows { axis, first: rows.start, len: rows.len() }.of(value),
            _ => value,
        })
    }
    /// A loop's or pick's variable: its value, and that value's place among the loop's values.
    fn local(&self, _id: LocalId) -> Option<(f64, usize)> {
        None
    }
    /// Whole ticks since the presentation began.
    fn presentation_ticks(&self) -> Option<u64> {
        None
    }
    /// Whole ticks since the run began.
    fn run_ticks(&self) -> Option<u64> {
        None
    }
    /// A probe: case axes, then its own.
    fn probe(&self, _id: ProbeId, _control: bool) -> Result<Value, EvalError> {
        Err(EvalError::not_here(Missing::Probe))
    }
    /// A record: case axes, then time, then its own.
    fn record(&self, _id: RecordId, _control: bool) -> Result<Value, EvalError> {
        Err(EvalError::not_here(Missing::Record))
    }
    /// The value of an expression before tick 0.
    fn at_start(&self, _expr: &Expr) -> Result<Value, EvalError> {
        Err(EvalError::not_here(Missing::Start))
    }
}

/// What is known before anything runs: parameters as declared, and constants, each computed once.
pub struct StaticEnv<'a> {
    axes: &'a IndexVec<AxisId, Axis>,
    tick: f64,
    seed: u64,
    params: &'a IndexVec<ParamId, Param>,
    consts: &'a IndexVec<ConstId, Const>,
    memo: RefCell<Vec<Memo>>,
}

#[derive(Clone)]
enum Memo {
    Unknown,
    Busy,
    Known(Value),
}

impl<'a> StaticEnv<'a> {
    /// The environment of a program's constants.
    pub fn new(axes: &'a IndexVec<AxisId, Axis>, program: &'a Program) -> Self {
        Self::of_parts(axes, program.tick, program.seed, &program.params, &program.consts)
    }

    /// The same while the program is still being made.
    pub fn of_parts(
        axes: &'a IndexVec<AxisId, Axis>,
        tick: f64,
        seed: u64,
        params: &'a IndexVec<ParamId, Param>,
        consts: &'a IndexVec<ConstId, Const>,
    ) -> Self {
        Self { axes, tick, seed, params, consts, memo: RefCell::new(vec![Memo::Unknown; consts.len()]) }
    }

    fn compute(&self, constant: &Const) -> Result<Value, EvalError> {
        match &constant.kind {
            ConstKind::Data(value) => Ok((**value).clone()),
            ConstKind::Expr(expr) => eval_on(expr, &constant.axes, self),
        }
    }
}

impl Env for StaticEnv<'_> {
    fn axes(&self) -> &IndexVec<AxisId, Axis> {
        self.axes
    }

    fn tick(&self) -> f64 {
        self.tick
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn param(&self, id: ParamId) -> Result<Value, EvalError> {
        let param = self.params.get(id).ok_or_else(|| EvalError::not_here(Missing::Param))?;
        Ok(Value::scalar(param.value))
    }

    fn constant(&self, id: ConstId) -> Result<Value, EvalError> {
        if let Some(Memo::Known(value)) = self.memo.borrow().get(id.index()) {
            return Ok(value.clone());
        }
        let constant = self.consts.get(id).ok_or_else(|| EvalError::not_here(Missing::Constant))?;
        let before = std::mem::replace(&mut self.memo.borrow_mut()[id.index()], Memo::Busy);
        let (after, result) = match before {
            Memo::Known(value) => (Memo::Known(value.clone()), Ok(value)),
            Memo::Busy => (Memo::Busy, Err(EvalError::new(Fault::Recursion { name: constant.name.clone() }))),
            Memo::Unknown => match self.compute(constant) {
                Ok(value) => (Memo::Known(value.clone()), Ok(value)),
                Err(e) => (Memo::Unknown, Err(e)),
            },
        };
        self.memo.borrow_mut()[id.index()] = after;
        result
    }
}
