use crate::define_id;
use crate::units::{Dim, Unit};
use std::sync::Arc;

define_id! {
    /// An axis of an [`Experiment`](super::Experiment). Two declarations with the same name, size and coordinates share one.
    AxisId
}

/// The axes of a value, outermost first, in storage order.
pub type Axes = Vec<AxisId>;

/// A named axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// As the user writes it: `cell`, `post.cell`, `t`, or the name of a `cases` block.
    pub name: String,
    /// How many elements; `None` for the time axis of a record, known when it has run.
    pub size: Option<usize>,
    /// What its name means inside an expression.
    pub coordinates: Coordinates,
}

/// What an axis's name stands for inside expressions.
#[derive(Debug, Clone, PartialEq)]
pub enum Coordinates {
    /// 0, 1, 2 ...
    Index,
    /// Values with a unit, SI.
    Values { values: Arc<[f64]>, dim: Dim, unit: Unit },
    /// Names of cases; such an axis has no value inside expressions.
    Labels(Arc<[String]>),
    /// Time of samples, known when the record has run.
    Time,
}
