//! The resolved, checked program: one [`Program`] per case, and the [`Results`] read from all of them.
//!
//! Made by `sema`. Names are ids, units are gone (everything is SI), sizes are numbers, every expression knows
//! its axes. A file with `cases` is checked once per case with that case's parameters in place, so a program
//! never depends on a value that is not yet known. All programs of an experiment share one axis table and
//! number their constants, probes and records alike.

#[allow(missing_docs)] // the sentence of a variant names its fields
mod axis;
#[allow(missing_docs)] // the sentence of a variant names its fields
mod experiment;
#[allow(missing_docs)] // the sentence of a variant names its fields
mod expr;
#[allow(missing_docs)] // the sentence of a variant names its fields
mod program;
#[allow(missing_docs)] // the sentence of a variant names its fields
mod protocol;
mod spikes;
#[cfg(test)]
pub(crate) mod testing;
mod value;

pub use axis::{Axes, Axis, AxisId, Coordinates};
pub use experiment::{
    CaseAxis, Comparison, Condition, Expect, Experiment, Image, ParamInfo, Plot, Plotted, Results, Split,
    Spread, Tolerance, Versus,
};
pub use expr::{Distribution, Element, Expr, ExprKind, Function, ReduceOp, Selection, Selector, Ty};
pub use program::{
    Bounds, Connect, Const, ConstId, ConstKind, Counts, Domain, Equation, Form, Integrator, Normalise,
    NormaliseFunction, NormaliseMode, Owner, Param, ParamId, PopId, Population, Probe, ProbeId, Program,
    ProjId, Projection, Record, RecordId, RuleUse, Schedule, Var, VarId, VarKind,
};
pub use protocol::{
    AssignOp, Control, Input, Length, Local, LocalId, LoopValues, Phase, PhaseId, Statement, StatementId,
    StatementKind,
};
pub use spikes::{
    Again, Change, Event, Handler, SpikeDelay, SpikeSchedule, SpikeSource, SpikeTrain, Spiking, Ties,
};
pub use value::{Value, ValueAxis};
