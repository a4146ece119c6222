use crate::hir::{AxisId, Value, ValueAxis};
use crate::report::elements::{Elements, LengthMismatch};

/// What an axis of a plotted value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A panel for each place.
    Panel,
    /// A curve for each place.
    Curve,
    /// Along the horizontal axis.
    Along,
    /// Reduced to a mean and a range.
    Fold,
}

/// A value taken apart into panels and curves, each a row of points.
#[derive(Debug)]
pub(super) struct Folded {
    /// The axes of panels, outermost first.
    pub panels: Vec<ValueAxis>,
    /// The axes of curves.
    pub curves: Vec<ValueAxis>,
    /// The axes that were folded.
    pub folded: Vec<ValueAxis>,
    /// How many groups each curve is split into by a value.
    pub groups: usize,
    /// How many points a row has.
    pub along: usize,
    /// Panel by panel, curve by curve, group by group, point by point.
    pub points: Vec<Point>,
}

/// One point of a curve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// How many elements it is made of; 0 for none.
    pub n: u32,
    /// The sum of where its elements lie, if that is a value; where it lies once all are there.
    pub x: f64,
    /// The sum of the elements; their mean once all are there.
    pub mean: f64,
    pub least: f64,
    pub largest: f64,
    /// The sum of the squared errors; how far the mean may be off once all are there.
    pub error: f64,
}

const NOTHING: Point =
    Point { n: 0, x: 0.0, mean: 0.0, least: f64::INFINITY, largest: f64::NEG_INFINITY, error: 0.0 };

/// What is read beside a plotted value, element by element.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Beside<'v> {
    /// Where each element lies.
    pub x: Option<&'v Value>,
    /// How far each may be off.
    pub error: Option<&'v Value>,
    /// Which group each belongs to, and how many groups there are.
    pub group: Option<(&'v Value, usize)>,
}

/// Puts every element of a value where it belongs.
pub(super) fn fold(
    value: &Value,
    beside: Beside<'_>,
    role: &dyn Fn(AxisId) -> Role,
) -> Result<Folded, LengthMismatch> {
    let mut all = vec![value];
    all.extend(beside.x);
    all.extend(beside.error);
    all.extend(beside.group.map(|g| g.0));
    let elements = Elements::new(all)?;
    let of = |wanted: Role| -> Vec<ValueAxis> {
        elements.axes().iter().filter(|a| role(a.id) == wanted).cloned().collect()
    };
    let (panels, curves) = (of(Role::Panel), of(Role::Curve));
    let (along, folded) = (of(Role::Along), of(Role::Fold));
    let count = |axes: &[ValueAxis]| axes.iter().map(|a| a.len).product::<usize>();
    let (groups, row) = (beside.group.map_or(1, |g| g.1), count(&along));
    // how far one step along each axis leads among the points
    let inner = |axes: &[ValueAxis], id: AxisId, unit: usize| -> usize {
        let at = axes.iter().position(|a| a.id == id).unwrap_or(0);
        axes[at + 1..].iter().map(|a| a.len).product::<usize>() * unit
    };
    let strides: Vec<usize> = elements
        .axes()
        .iter()
        .map(|a| match role(a.id) {
            Role::Panel => inner(&panels, a.id, count(&curves) * groups * row),
            Role::Curve => inner(&curves, a.id, groups * row),
            Role::Along => inner(&along, a.id, 1),
            Role::Fold => 0,
        })
        .collect();
    let mut points = vec![NOTHING; count(&panels) * count(&curves) * groups * row];
    let mut reader = elements.reader();
    for _ in 0..elements.len() {
        let at: usize = reader.place().iter().zip(&strides).map(|(place, stride)| place * stride).sum();
        if let Some(read) = reader.read() {
            let mut rest = read[1..].iter().copied();
            let x = beside.x.and_then(|_| rest.next());
            let error = beside.error.and_then(|_| rest.next());
            let group = beside.group.and_then(|_| rest.next());
            if let Some(point) = points.get_mut(at + group.map_or(0, |g| g as usize * row)) {
                point.take(read[0], x, error);
            }
        }
    }
    points.iter_mut().for_each(Point::finish);
    Ok(Folded { panels, curves, folded, groups, along: row, points })
}

impl Point {
    fn take(&mut self, v: f64, x: Option<f64>, error: Option<f64>) {
        self.x += x.unwrap_or(0.0);
        self.n += 1;
        self.mean += v;
        self.least = self.least.min(v);
        self.largest = self.largest.max(v);
        self.error += error.map_or(0.0, |e| e * e);
    }

    fn finish(&mut self) {
        let n = f64::from(self.n);
        if self.n != 1 {
            (self.x, self.mean) = (self.x / n, self.mean / n);
        }
        self.error = self.error.sqrt() / n;
    }
}

impl Folded {
    /// How many panels there are.
    pub fn panel_count(&self) -> usize {
        self.panels.iter().map(|a| a.len).product()
    }

    /// How many curves a panel has, groups apart.
    pub fn curve_count(&self) -> usize {
        self.curves.iter().map(|a| a.len).product()
    }

    /// How many elements a point was made of.
    pub fn fold_count(&self) -> usize {
        self.folded.iter().map(|a| a.len).product()
    }

    /// The points of one curve.
    pub fn row(&self, panel: usize, curve: usize, group: usize) -> &[Point] {
        let from = ((panel * self.curve_count() + curve) * self.groups + group) * self.along;
        self.points.get(from..from + self.along).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn value(axes: &[(u32, usize)], data: &[f64]) -> Value {
        let axes =
            axes.iter().map(|&(id, len)| ValueAxis { id: AxisId(id), len, coordinates: None }).collect();
        Value { axes, data: data.into(), present: None }
    }

    fn role(id: AxisId) -> Role {
        [Role::Panel, Role::Curve, Role::Along, Role::Fold][id.0 as usize]
    }

    #[test]
    fn every_element_goes_where_its_axes_say() {
        // along first, so that nothing rests on the order of axes
        let axes = [(2, 3), (3, 2), (0, 2), (1, 2)];
        let data: Vec<f64> = (0..24).map(f64::from).collect();
        let folded = fold(&value(&axes, &data), Beside::default(), &role).unwrap();
        assert_eq!((folded.panel_count(), folded.curve_count(), folded.fold_count()), (2, 2, 2));
        // element [along, fold, panel, curve] is along*8 + fold*4 + panel*2 + curve
        let row: Vec<_> = folded.row(1, 0, 0).iter().map(|p| (p.mean, p.least, p.largest, p.n)).collect();
        assert_eq!(row, [(4.0, 2.0, 6.0, 2), (12.0, 10.0, 14.0, 2), (20.0, 18.0, 22.0, 2)]);
    }

    #[test]
    fn groups_split_by_a_value() {
        let v = value(&[(2, 4)], &[10.0, 20.0, 30.0, 40.0]);
        let (x, group) = (value(&[(2, 4)], &[1.0, 2.0, 3.0, 4.0]), value(&[(2, 4)], &[0.0, 1.0, 0.0, 1.0]));
        let beside = Beside { x: Some(&x), error: None, group: Some((&group, 2)) };
        let folded = fold(&v, beside, &role).unwrap();
        let of = |g| {
            let known = folded.row(0, 0, g).iter().filter(|p| p.n > 0);
            known.map(|p| (p.x, p.mean)).collect::<Vec<_>>()
        };
        assert_eq!(of(0), [(1.0, 10.0), (3.0, 30.0)]);
        assert_eq!(of(1), [(2.0, 20.0), (4.0, 40.0)]);
    }

    #[test]
    fn what_is_missing_counts_for_nothing() {
        let mut v = value(&[(2, 2), (3, 2)], &[1.0, 3.0, 5.0, 0.0]);
        v.present = Some([true, true, false, false].into());
        let folded = fold(&v, Beside::default(), &role).unwrap();
        let row = folded.row(0, 0, 0);
        assert_eq!((row[0].mean, row[0].n, row[1].n), (2.0, 2, 0));
    }

    #[test]
    fn errors_of_a_mean_add_in_squares() {
        let v = value(&[(3, 2)], &[1.0, 3.0]);
        let e = value(&[(3, 2)], &[3.0, 4.0]);
        let folded = fold(&v, Beside { error: Some(&e), ..Beside::default() }, &role).unwrap();
        assert_eq!(folded.row(0, 0, 0)[0].error, 2.5);
    }
}
