use super::Reading;
use crate::hir::{AxisId, Coordinates, Value, ValueAxis};
use std::sync::Arc;

/// The case axes of an experiment with their lengths, outermost first.
pub(super) fn case_axes(reading: &Reading) -> Vec<ValueAxis> {
    let cases = &reading.experiment.cases;
    cases.iter().map(|c| ValueAxis { id: c.axis, len: c.names.len(), coordinates: None }).collect()
}

/// Joins one value per program into one along the case axes, which come first. Cases without a value are missing;
/// time axes are joined to all times of all cases. Gives none if there is no value at all or if shapes differ.
pub(super) fn stack(reading: &Reading, values: &[Option<Value>]) -> Option<Value> {
    let own = joint_axes(reading, values)?;
    let cases = case_axes(reading);
    if cases.is_empty() && values.len() == 1 {
        return values[0].clone();
    }
    let width: usize = own.iter().map(|a| a.len).product();
    let mut data = vec![f64::NAN; width * values.len()];
    let mut present = vec![false; data.len()];
    for (i, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let at = i * width..(i + 1) * width;
        spread(value, &own, &mut data[at.clone()], &mut present[at]);
    }
    let present = if present.iter().all(|&p| p) { None } else { Some(Arc::from(present)) };
    Some(Value { axes: cases.into_iter().chain(own).collect(), data: data.into(), present })
}

/// Drops the case axes along which nothing changes: a value equal in all cases has none of them.
pub(super) fn collapse(reading: &Reading, mut value: Value) -> Value {
    for case in &reading.experiment.cases {
        if let Some(without) = drop_axis(&value, case.axis) {
            value = without;
        }
    }
    value
}

fn drop_axis(value: &Value, id: AxisId) -> Option<Value> {
    let at = value.axes.iter().position(|a| a.id == id)?;
    let n = value.axes[at].len;
    let inner: usize = value.axes[at + 1..].iter().map(|a| a.len).product();
    if n == 0 || inner == 0 {
        return None;
    }
    let (mut data, mut present) = (Vec::new(), Vec::new());
    for block in 0..value.data.len() / (n * inner) {
        for k in 0..inner {
            let place = |j: usize| (block * n + j) * inner + k;
            let mut known = (0..n).map(place).filter(|&i| value.is_present(i)).map(|i| value.data[i]);
            let first = known.next();
            if known.any(|v| Some(v.to_bits()) != first.map(f64::to_bits)) {
                return None;
            }
            data.push(first.unwrap_or(f64::NAN));
            present.push(first.is_some());
        }
    }
    let mut axes = value.axes.clone();
    axes.remove(at);
    let present = if present.iter().all(|&p| p) { None } else { Some(Arc::from(present)) };
    Some(Value { axes, data: data.into(), present })
}

fn is_time(reading: &Reading, id: AxisId) -> bool {
    reading.experiment.axes.get(id).is_some_and(|a| a.coordinates == Coordinates::Time)
}

/// The axes of the joined value without the case axes.
fn joint_axes(reading: &Reading, values: &[Option<Value>]) -> Option<Vec<ValueAxis>> {
    let mut joint: Option<Vec<ValueAxis>> = None;
    for value in values.iter().flatten() {
        let Some(axes) = &mut joint else {
            joint = Some(value.axes.clone());
            continue;
        };
        if axes.len() != value.axes.len() {
            return None;
        }
        for (axis, other) in axes.iter_mut().zip(&value.axes) {
            if axis.id != other.id {
                return None;
            }
            if is_time(reading, axis.id) {
                *axis = merge_times(axis, other);
            } else if axis.len != other.len {
                return None;
            }
        }
    }
    joint
}

fn merge_times(a: &ValueAxis, b: &ValueAxis) -> ValueAxis {
    if a.coordinates == b.coordinates && a.len == b.len {
        return a.clone();
    }
    let mut times: Vec<f64> =
        [a, b].iter().flat_map(|x| x.coordinates.iter().flat_map(|c| c.iter())).copied().collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    ValueAxis { id: a.id, len: times.len(), coordinates: Some(times.into()) }
}

/// Copies a value to its places among the joined axes.
fn spread(value: &Value, joint: &[ValueAxis], data: &mut [f64], present: &mut [bool]) {
    let maps: Vec<Option<Vec<usize>>> =
        value.axes.iter().zip(joint).map(|(a, j)| time_places(a, j)).collect();
    for i in 0..value.data.len() {
        let mut to = 0;
        for ((p, map), axis) in super::elements::place(&value.axes, i).into_iter().zip(&maps).zip(joint) {
            to = to * axis.len + map.as_ref().map_or(p, |m| m[p]);
        }
        data[to] = value.data[i];
        present[to] = value.is_present(i);
    }
}

/// Where each time of an axis stands among the joined times; none if they are the same.
fn time_places(axis: &ValueAxis, joint: &ValueAxis) -> Option<Vec<usize>> {
    if axis.len == joint.len {
        return None;
    }
    let all = joint.coordinates.as_ref()?;
    let own = axis.coordinates.as_ref()?;
    Some(own.iter().map(|t| all.partition_point(|x| x < t)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hir::{Axis, CaseAxis, Experiment, Results};
    use crate::record::Recording;
    use crate::report::Provenance;
    use crate::source::IndexVec;

    fn experiment() -> Experiment {
        let names: Vec<String> = ["a", "b"].map(String::from).into();
        let axis = |name: &str, coordinates| Axis { name: name.to_string(), size: None, coordinates };
        Experiment {
            docs: String::new(),
            axes: IndexVec::from_iter([
                axis("ending", Coordinates::Labels(names.clone().into())),
                axis("t", Coordinates::Time),
            ]),
            cases: vec![CaseAxis { axis: AxisId(0), names }],
            programs: Vec::new(),
            control: false,
            params: Vec::new(),
            results: Results::default(),
        }
    }

    fn series(times: &[f64], data: &[f64]) -> Value {
        let axis = ValueAxis { id: AxisId(1), len: times.len(), coordinates: Some(times.into()) };
        Value { axes: vec![axis], data: data.into(), present: None }
    }

    fn with_reading<T>(f: impl FnOnce(&Reading) -> T) -> T {
        let (experiment, recording, provenance) = (experiment(), Recording::default(), Provenance::default());
        f(&Reading { experiment: &experiment, recording: &recording, which: &[], provenance: &provenance })
    }

    #[test]
    fn cases_come_first() {
        with_reading(|r| {
            let v = stack(r, &[Some(Value::scalar(1.0)), Some(Value::scalar(2.0))]).unwrap();
            assert_eq!((v.shape(), &v.data[..]), (vec![2], &[1.0, 2.0][..]));
            assert_eq!(v.present, None);
        });
    }

    #[test]
    fn cases_that_did_not_run_are_missing() {
        with_reading(|r| {
            let v = stack(r, &[None, Some(Value::scalar(2.0))]).unwrap();
            assert_eq!((v.is_present(0), v.is_present(1), v.data[1]), (false, true, 2.0));
            assert_eq!(stack(r, &[None, None]), None);
        });
    }

    #[test]
    fn samples_keep_their_times() {
        with_reading(|r| {
            let a = series(&[0.0, 1.0, 2.0], &[1.0, 2.0, 3.0]);
            let b = series(&[1.0, 3.0], &[10.0, 30.0]);
            let v = stack(r, &[Some(a), Some(b)]).unwrap();
            assert_eq!(v.shape(), [2, 4]);
            assert_eq!(v.axes[1].coordinates.as_deref(), Some(&[0.0, 1.0, 2.0, 3.0][..]));
            let shown: Vec<_> = (0..8).map(|i| v.is_present(i).then(|| v.data[i])).collect();
            let x = None;
            assert_eq!(shown, [Some(1.0), Some(2.0), Some(3.0), x, x, Some(10.0), x, Some(30.0)]);
        });
    }

    #[test]
    fn what_no_case_changes_has_no_case_axis() {
        with_reading(|r| {
            let same = stack(r, &[Some(Value::scalar(1.5)), Some(Value::scalar(1.5))]).unwrap();
            assert_eq!(collapse(r, same).as_scalar(), Some(1.5));
            let other = stack(r, &[Some(Value::scalar(1.5)), Some(Value::scalar(2.5))]).unwrap();
            assert_eq!(collapse(r, other).shape(), [2]);
            let one = stack(r, &[None, Some(Value::scalar(2.5))]).unwrap();
            assert_eq!(collapse(r, one).as_scalar(), Some(2.5));
        });
    }
}
