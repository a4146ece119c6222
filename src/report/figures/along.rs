use super::build::Context;
use super::folding::Role;
use super::model::Shape;
use crate::hir::{AxisId, Coordinates, ExprKind, Plot, Split, Value, ValueAxis};
use crate::sema::followed::ONE_BY_ONE;
use crate::units::format_value;

/// More curves than these in a panel are left out.
pub(super) const CURVES: usize = 64;

/// Up to so many points of a curve get a sign each.
pub(super) const SIGNS: usize = 40;

/// Up to so many places without coordinates are drawn as bars.
const BARS: usize = 12;

/// The horizontal axis.
pub(super) struct Along {
    /// The axis, where it is one; time axes differ from value to value.
    pub axis: Option<AxisId>,
    pub time: bool,
    /// Where elements lie, if that is a value.
    pub value: Option<Value>,
    /// Whether that value is a course, so that points are joined in the order of time.
    pub through_time: bool,
    /// The names of places that have names or numbers only, to be drawn as bars.
    pub names: Option<Vec<String>>,
}

impl Along {
    pub fn new(cx: &Context, plot: &Plot) -> Result<Self, String> {
        let none = Self { axis: None, time: false, value: None, through_time: false, names: None };
        let Some(versus) = &plot.versus else {
            let axes = plot.values.first().map_or(&[][..], |v| &v.value.axes);
            let own =
                axes.iter().rev().find(|a| !cx.is_case(**a)).or(axes.iter().rev().find(|a| !cx.is_seed(**a)));
            let Some(axis) = own else {
                let shape = "this is a single number, without an axis to draw it along";
                let fits = "`plot A, B` draws several as bars, `plot VALUE vs X` along an axis or the time";
                return Err(format!("{shape}; {fits}"));
            };
            let time = cx.is_time(*axis);
            return Ok(Self { axis: Some(*axis), time, names: Self::names(cx, *axis), ..none });
        };
        if let ExprKind::Coord(axis) = versus.value.kind {
            let time = cx.is_time(axis);
            return Ok(Self { axis: Some(axis), time, names: Self::names(cx, axis), ..none });
        }
        let value = cx.eval(&versus.value)?;
        let through_time = value.axes.iter().any(|a| cx.is_time(a.id));
        Ok(Self { value: Some(value), through_time, ..none })
    }

    fn names(cx: &Context, id: AxisId) -> Option<Vec<String>> {
        let case = cx.reading.experiment.cases.iter().find(|c| c.axis == id);
        let axis = cx.axis(id)?;
        match (&axis.coordinates, case) {
            // frequencies and the like are numbers also where cases have them
            (Coordinates::Values { .. } | Coordinates::Time, _) => None,
            (_, Some(case)) => Some(case.names.clone()),
            (Coordinates::Labels(labels), None) => Some(labels.to_vec()),
            (Coordinates::Index, None) => {
                axis.size.filter(|n| *n <= BARS).map(|n| (0..n).map(|i| i.to_string()).collect())
            }
        }
    }

    pub fn label(&self, cx: &Context) -> String {
        self.axis.map_or(String::new(), |a| cx.naming.axis(a).to_string())
    }

    pub fn is(&self, cx: &Context, id: AxisId) -> bool {
        match &self.value {
            Some(value) => {
                // a function of what cases set lies along the cases; else these are panels
                let own = value.axes.iter().any(|a| !cx.is_case(a.id));
                value.axes.iter().any(|a| a.id == id) && (!own || !cx.is_case(id)) && !cx.is_seed(id)
            }
            None => Some(id) == self.axis || self.time && cx.is_time(id),
        }
    }

    /// How points are drawn: measured ones, which have errors or stand above each other, as signs; beside measured ones
    /// a model as a line.
    pub fn shape(&self, x: &[f64], error: bool, measured: bool) -> Shape {
        let above = x.windows(2).any(|p| p[0] == p[1]);
        match (&self.names, &self.value) {
            (Some(_), _) => Shape::Bars,
            (None, Some(_)) if self.through_time && !error => Shape::Line,
            (None, Some(_)) if error || above => Shape::Points,
            _ if error && x.len() <= SIGNS => Shape::LineAndPoints,
            _ if self.time || measured || x.len() > SIGNS => Shape::Line,
            _ => Shape::LineAndPoints,
        }
    }
}

/// What curves are split by.
pub(super) struct Groups {
    pub axes: Vec<AxisId>,
    /// For each element its group, and the names of the groups.
    pub by_value: Option<(Value, Vec<String>)>,
}

impl Groups {
    pub fn new(cx: &Context, plot: &Plot) -> Result<Self, String> {
        match &plot.split {
            None => Ok(Self { axes: Vec::new(), by_value: None }),
            Some(Split::Axes(axes)) => Ok(Self { axes: axes.clone(), by_value: None }),
            Some(Split::Value { text, value, unit }) => {
                let v = cx.eval(value)?;
                let mut all: Vec<f64> = (0..v.data.len())
                    .filter(|i| v.is_present(*i))
                    .map(|i| v.data[i])
                    .filter(|v| v.is_finite())
                    .collect();
                all.sort_by(f64::total_cmp);
                all.dedup();
                if all.len() > CURVES {
                    return Err(format!(
                        "`split by {text}` makes {} curves; at most {CURVES} are drawn",
                        all.len()
                    ));
                }
                let group = |x: &f64| all.iter().position(|a| a == x).unwrap_or(all.len()) as f64;
                let data = v.data.iter().map(group).collect::<Vec<_>>().into();
                let names = all.iter().map(|x| format!("{text}: {}", format_value(*x, unit, 4))).collect();
                Ok(Self { axes: Vec::new(), by_value: Some((Value { data, ..v }, names)) })
            }
        }
    }
}

/// What each axis of a value is for.
pub(super) fn roles<'c>(
    cx: &'c Context<'_>,
    along: &'c Along,
    groups: &'c Groups,
    value: &Value,
) -> impl Fn(AxisId) -> Role {
    let split = |id: AxisId| groups.axes.contains(&id);
    let along_is = |id| !split(id) && along.is(cx, id);
    let free = |a: &&ValueAxis| !along_is(a.id) && !split(a.id) && !cx.is_case(a.id);
    let elements: usize = value.axes.iter().filter(free).map(|a| a.len).product();
    let rest = if elements <= ONE_BY_ONE { Role::Curve } else { Role::Fold };
    move |id| {
        if groups.axes.contains(&id) {
            Role::Curve
        } else if along.is(cx, id) {
            Role::Along
        } else if cx.is_seed(id) {
            Role::Fold
        } else if cx.is_case(id) {
            Role::Panel
        } else {
            rest
        }
    }
}

/// The coordinates of an axis, SI; 0, 1, 2 ... where it has none.
pub(super) fn coordinates(cx: &Context, axis: &ValueAxis) -> Vec<f64> {
    if let Some(own) = &axis.coordinates {
        return own.to_vec();
    }
    match cx.axis(axis.id).map(|a| &a.coordinates) {
        Some(Coordinates::Values { values, .. }) => values.to_vec(),
        _ => (0..axis.len).map(|i| i as f64).collect(),
    }
}
