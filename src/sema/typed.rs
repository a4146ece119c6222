//! What inference says of an expression, and the scope it is read in.

use super::dims::Term;
use crate::hir::{AxisId, Expr, ExprKind, LocalId, ParamId, ProjId, Ty, VarId};
use crate::source::Span;
use crate::syntax::ast;
use crate::units::Unit;
use std::collections::HashMap;

/// When a value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Before the run.
    Constant,
    /// When its statement is reached (loop and pick variables).
    Timeline,
    /// At every tick (reads state).
    Tick,
    /// When all cases have run (reads probes and records).
    Result,
}

impl Stage {
    /// When a value of this stage is needed, in words.
    pub fn when(self) -> &'static str {
        match self {
            Stage::Constant => "before the run",
            Stage::Timeline => "when its statement is reached",
            Stage::Tick => "at every tick",
            Stage::Result => "when all cases have run",
        }
    }

    /// What is known of a value of this stage, in words.
    pub fn known(self) -> &'static str {
        match self {
            Stage::Constant => "this is known before the run",
            Stage::Timeline => "this is known when its statement is reached",
            Stage::Tick => "this changes while the protocol runs",
            Stage::Result => "this is known when all cases have run",
        }
    }
}

/// An expression with everything that is known of it.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub expr: Expr,
    pub dim: Term,
    pub stage: Stage,
    /// The unit it was written in, if it is a number or a name for one.
    pub unit: Option<Unit>,
    /// Stands for an expression that was refused: nothing more is said of it.
    pub poison: bool,
}

impl Typed {
    pub fn new(kind: ExprKind, axes: Vec<AxisId>, span: Span, dim: Term, stage: Stage) -> Self {
        let expr = Expr { kind, axes, ty: Ty::Number, span };
        Typed { expr, dim, stage, unit: None, poison: false }
    }

    pub fn number(value: f64, span: Span) -> Self {
        Typed::new(ExprKind::Number(value), Vec::new(), span, Term::plain(), Stage::Constant)
    }

    pub fn truth(mut self) -> Self {
        self.expr.ty = Ty::Bool;
        self
    }

    pub fn with_unit(mut self, unit: Option<Unit>) -> Self {
        self.unit = unit;
        self
    }
}

/// A name that stands for something inside one expression or block.
#[derive(Debug, Clone)]
pub(super) enum Binding {
    /// An axis of the item: its coordinate or index.
    Coord(AxisId),
    /// A second index inside a reduction.
    Binder(AxisId),
    /// A loop's or pick's variable.
    Local(LocalId),
    /// An argument of a `fn`.
    Argument(Box<Typed>),
}

/// A parameter inside a rule's use.
#[derive(Debug, Clone)]
pub(super) enum RuleParam {
    /// Its value as an expression of the file.
    Value(Box<Typed>),
    /// One that the protocol sets.
    Set(ParamId),
}

/// What a rule's body sees.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleScope {
    pub vars: HashMap<String, VarId>,
    pub params: HashMap<String, RuleParam>,
    /// Whether this is the check of the definition alone, on cells of unknown kind.
    pub abstract_cells: bool,
}

/// What an expression may see.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// Sizes, parameters, durations: constants only.
    Constant,
    /// A stimulus: constants, its axes and `t`.
    Stimulus,
    /// An equation of a population.
    Population(crate::hir::PopId),
    /// An equation of a rule in a projection.
    Rule(ProjId, RuleScope),
    /// A start value, a condition, a bound of a projection.
    Projection(ProjId),
    /// What a `present` statement shows.
    Presented,
    /// Records, probes, teaching, `until`.
    Tick,
    /// Expectations and plots.
    Results,
}

/// The scope of one expression.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub place: Place,
    pub bindings: Vec<(String, Binding, Span)>,
    /// Names of `let`s and `fn`s being expanded, to find circles.
    pub expanding: Vec<String>,
    /// The latest stage allowed here, and what this place is called.
    pub limit: (Stage, &'static str),
    /// The stream random draws come from, the axes they run along; none where draws are refused.
    pub random: Option<RandomScope>,
}

/// Where random numbers of an item come from.
#[derive(Debug, Clone)]
pub(super) struct RandomScope {
    pub path: std::sync::Arc<str>,
    pub axes: Vec<AxisId>,
    pub element: crate::hir::Element,
    pub per_tick: bool,
    pub next: u32,
}

impl Scope {
    pub fn new(place: Place, limit: Stage, what: &'static str) -> Self {
        Scope { place, bindings: Vec::new(), expanding: Vec::new(), limit: (limit, what), random: None }
    }

    pub fn find(&self, name: &str) -> Option<&(String, Binding, Span)> {
        self.bindings.iter().rev().find(|(n, _, _)| n == name)
    }

    pub fn bind(&mut self, name: &ast::Ident, binding: Binding) {
        self.bindings.push((name.text.clone(), binding, name.span));
    }
}
