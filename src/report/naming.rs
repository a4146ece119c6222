use super::elements::place;
use crate::hir::{Axis, AxisId, Coordinates, Experiment, ValueAxis};
use crate::source::IndexVec;
use crate::units::{Dim, UnitDef, format_number, format_value, read_number};

/// Significant digits of every number a person reads.
pub(crate) const DIGITS: usize = 6;

/// Names elements and axes as a reader would: `[k: 1, region: 0]`, `[taught, t: 57.6 s]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Naming<'a> {
    experiment: &'a Experiment,
}

impl<'a> Naming<'a> {
    pub fn new(experiment: &'a Experiment) -> Self {
        Self { experiment }
    }

    fn axes(&self) -> &'a IndexVec<AxisId, Axis> {
        &self.experiment.axes
    }

    /// The name of an axis.
    pub fn axis(&self, id: AxisId) -> &'a str {
        self.axes().get(id).map_or("", |a| a.name.as_str())
    }

    /// The coordinate of one element along an axis: `1`, `10 Hz`, `taught`, `57.6 s`.
    pub fn coordinate(&self, axis: &ValueAxis, i: usize) -> String {
        if let Some(case) = self.experiment.cases.iter().find(|c| c.axis == axis.id) {
            return case.names.get(i).cloned().unwrap_or_else(|| i.to_string());
        }
        let own = axis.coordinates.as_ref().and_then(|c| c.get(i)).copied();
        match self.axes().get(axis.id).map(|a| &a.coordinates) {
            Some(Coordinates::Labels(labels)) => labels.get(i).cloned().unwrap_or_else(|| i.to_string()),
            Some(Coordinates::Values { values, unit, .. }) => own
                .or(values.get(i).copied())
                .map_or_else(|| i.to_string(), |v| format_value(v, unit, DIGITS)),
            Some(Coordinates::Time) => own.map_or_else(|| i.to_string(), seconds),
            Some(Coordinates::Index) | None => {
                own.map_or_else(|| i.to_string(), |v| format_number(v, DIGITS))
            }
        }
    }

    /// One element along an axis with the axis's name where its coordinate alone would not tell: `k: 1`, `taught`.
    pub fn entry(&self, axis: &ValueAxis, i: usize) -> String {
        let coordinate = self.coordinate(axis, i);
        let labelled =
            matches!(self.axes().get(axis.id).map(|a| &a.coordinates), Some(Coordinates::Labels(_)));
        let name = self.axis(axis.id);
        // the cases of a seed are called `seed 3`
        let told = coordinate.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
        if labelled || told { coordinate } else { format!("{name}: {coordinate}") }
    }

    /// Where an element stands: `[k: 1, region: 0]`; empty for a scalar.
    pub fn place(&self, axes: &[ValueAxis], element: usize) -> String {
        if axes.is_empty() {
            return String::new();
        }
        let places = place(axes, element);
        let entries: Vec<_> = axes.iter().zip(places).map(|(a, i)| self.entry(a, i)).collect();
        format!("[{}]", entries.join(", "))
    }

    /// The shape of a value: `[row: 10, col: 10]`; empty for a scalar.
    pub fn shape(&self, axes: &[ValueAxis]) -> String {
        if axes.is_empty() {
            return String::new();
        }
        let entries: Vec<_> = axes.iter().map(|a| format!("{}: {}", self.axis(a.id), a.len)).collect();
        format!("[{}]", entries.join(", "))
    }
}

/// A time in whole ticks, in seconds, rounded once: 3 ticks of 0.1 s are 0.3 s.
pub(crate) fn exact_seconds(ticks: u64, tick: f64) -> f64 {
    read_number(&ticks.to_string(), &[(UnitDef::sized("tick", Dim::TIME, tick), 1)])
}

/// A stretch of time in seconds, as the summary shows it.
pub(crate) fn seconds(value: f64) -> String {
    format!("{} s", format_number(value, DIGITS))
}
