use super::{Axes, Axis, AxisId, Expr, Program};
use crate::source::{IndexVec, Span};
use crate::units::{Dim, Unit};

/// A whole file: its cases and what is read from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// `//!` text.
    pub docs: String,
    /// The axes of everything.
    pub axes: IndexVec<AxisId, Axis>,
    /// The `cases` blocks in source order; empty for a file without.
    pub cases: Vec<CaseAxis>,
    /// One program per combination of cases, row-major over `cases`; one if there are none.
    pub programs: Vec<Program>,
    /// Whether every case also runs as a control.
    pub control: bool,
    /// The parameters a user may set, with everything a report says of them.
    pub params: Vec<ParamInfo>,
    /// What is expected and drawn.
    pub results: Results,
}

/// One `cases` block.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseAxis {
    /// Its axis; labels or coordinates name its cases.
    pub axis: AxisId,
    /// How each case is called in output: `silence`, `10 Hz`, `seed 3`.
    pub names: Vec<String>,
}

/// What is known of a parameter of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamInfo {
    /// Its name.
    pub name: String,
    /// Its `///` text.
    pub docs: String,
    /// Its value in each program, SI; for a rule-valued parameter the rule as text in `rules`.
    pub values: Vec<f64>,
    /// Which rule, in each program, for a rule-valued parameter; else empty.
    pub rules: Vec<String>,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it was written in.
    pub unit: Unit,
    /// Its range, SI.
    pub range: Option<(f64, f64)>,
    /// Where it was declared.
    pub span: Span,
}

/// What is read from all cases once they have run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// Expectations in source order.
    pub expects: Vec<Expect>,
    /// Plots in source order.
    pub plots: Vec<Plot>,
    /// Images in source order.
    pub images: Vec<Image>,
}

/// An expectation: it holds if its condition holds at every element.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// The condition.
    pub condition: Condition,
    /// Its message.
    pub message: Option<String>,
    /// Its source text, on one line.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A condition taken apart so that its measured values can be shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `a < b`, `a == b +- tol`
    Compare { left: Expr, op: Comparison, right: Expr, tolerance: Option<Tolerance>, dim: Dim, unit: Unit },
    /// `a in [lo, hi]`
    Between { value: Expr, lo: Expr, hi: Expr, dim: Dim, unit: Unit },
    /// `a and b`
    All(Vec<Condition>),
    /// Anything else that is a truth value.
    Truth(Expr),
}

impl Condition {
    /// Calls `f` with every two expressions that are compared in it.
    pub fn for_each_pair<'c>(&'c self, f: &mut dyn FnMut(&'c Expr, &'c Expr)) {
        match self {
            Self::Compare { left, right, tolerance, .. } => {
                f(left, right);
                if let Some(Tolerance::Absolute(t) | Tolerance::Relative(t)) = tolerance {
                    f(left, t);
                }
            }
            Self::Between { value, lo, hi, .. } => {
                f(value, lo);
                f(value, hi);
            }
            Self::All(parts) => parts.iter().for_each(|p| p.for_each_pair(f)),
            Self::Truth(_) => {}
        }
    }

    /// Calls `f` with every expression that stands in it.
    pub fn for_each_expr<'c>(&'c self, f: &mut dyn FnMut(&'c Expr)) {
        match self {
            Self::Compare { left, right, tolerance, .. } => {
                f(left);
                f(right);
                if let Some(Tolerance::Absolute(t) | Tolerance::Relative(t)) = tolerance {
                    f(t);
                }
            }
            Self::Between { value, lo, hi, .. } => [value, lo, hi].into_iter().for_each(f),
            Self::All(parts) => parts.iter().for_each(|p| p.for_each_expr(f)),
            Self::Truth(e) => f(e),
        }
    }
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// How far from equal still counts as equal.
#[derive(Debug, Clone, PartialEq)]
pub enum Tolerance {
    /// `|a - b| <= tol`
    Absolute(Expr),
    /// `|a - b| <= tol*|b|`
    Relative(Expr),
}

/// A plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is drawn.
    pub values: Vec<Plotted>,
    /// Against what; none for a histogram.
    pub versus: Option<Versus>,
    /// By what curves are split.
    pub split: Option<Split>,
    /// Places of the horizontal axis that are marked: text and value, in the unit of [`Plot::versus`].
    pub marks: Vec<(String, Expr)>,
    /// Where it stands.
    pub span: Span,
}

/// One value of a plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Plotted {
    /// Source text, on one line.
    pub text: String,
    /// What is drawn.
    pub value: Expr,
    /// Its least and largest element, where `value` is the mean of many and only that is sampled.
    pub spread: Option<Spread>,
    /// Of a histogram, what is counted and the unit it is shown in.
    pub counted: Option<(String, Unit)>,
    /// What stands behind `+-`.
    pub error: Option<Expr>,
    /// The same of the control, where it is overlaid.
    pub control: Option<Expr>,
    /// [`Plotted::spread`] of the control.
    pub control_spread: Option<Spread>,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it is shown in.
    pub unit: Unit,
}

/// The range of what a plotted mean is taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The least element.
    pub least: Expr,
    /// The largest element.
    pub largest: Expr,
    /// Along which axes.
    pub over: Axes,
    /// How many elements there are.
    pub elements: usize,
}

/// What a plot is drawn against.
#[derive(Debug, Clone, PartialEq)]
pub struct Versus {
    /// Source text, on one line.
    pub text: String,
    /// Its value.
    pub value: Expr,
    /// Its dimension.
    pub dim: Dim,
    /// The unit it is shown in.
    pub unit: Unit,
}

/// What the curves of a plot are split by.
#[derive(Debug, Clone, PartialEq)]
pub enum Split {
    /// Axes: one curve for each place along them.
    Axes(Axes),
    /// A value: one curve for each number that it has.
    Value {
        /// Source text, on one line.
        text: String,
        /// The value.
        value: Expr,
        /// The unit it is shown in.
        unit: Unit,
    },
}

/// An image.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Source text of the value.
    pub text: String,
    /// What is drawn.
    pub value: Expr,
    /// Rows and columns, the last two.
    pub axes: Axes,
    /// Its dimension and unit.
    pub dim: Dim,
    /// The unit it is shown in.
    pub unit: Unit,
    /// Where it stands.
    pub span: Span,
}
