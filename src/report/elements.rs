use crate::hir::{Value, ValueAxis};

/// Several values side by side: each repeated along the axes it lacks, so that they can be read element by element.
#[derive(Debug)]
pub(crate) struct Elements<'a> {
    values: Vec<&'a Value>,
    axes: Vec<ValueAxis>,
    /// For each value, how far its data moves with one step along each axis; 0 along an axis it lacks.
    strides: Vec<Vec<usize>>,
}

/// Two values disagree about the length of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LengthMismatch {
    pub axis: ValueAxis,
    pub other: usize,
}

impl<'a> Elements<'a> {
    /// Puts values side by side; the axes are the first value's, then those of the next that are new, and so on.
    pub fn new(values: Vec<&'a Value>) -> Result<Self, LengthMismatch> {
        let mut axes: Vec<ValueAxis> = Vec::new();
        for value in &values {
            for axis in &value.axes {
                match axes.iter_mut().find(|a| a.id == axis.id) {
                    Some(known) if known.len != axis.len => {
                        return Err(LengthMismatch { axis: known.clone(), other: axis.len });
                    }
                    Some(known) => {
                        if known.coordinates.is_none() {
                            known.coordinates.clone_from(&axis.coordinates);
                        }
                    }
                    None => axes.push(axis.clone()),
                }
            }
        }
        let strides = values.iter().map(|v| axes.iter().map(|a| stride(v, a)).collect()).collect();
        Ok(Self { values, axes, strides })
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.axes.iter().map(|a| a.len).product()
    }

    /// The axes, outermost first.
    pub fn axes(&self) -> &[ValueAxis] {
        &self.axes
    }

    /// Reads them one after another, from the first.
    pub fn reader(&self) -> Reader<'_> {
        let n = self.values.len();
        Reader { of: self, place: vec![0; self.axes.len()], at: vec![0; n], read: Vec::with_capacity(n) }
    }
}

/// Where reading has got to.
#[derive(Debug)]
pub(crate) struct Reader<'e> {
    of: &'e Elements<'e>,
    /// Of the next element along each axis.
    place: Vec<usize>,
    /// The same in the data of each value.
    at: Vec<usize>,
    read: Vec<f64>,
}

impl Reader<'_> {
    /// The place of the next element along each axis.
    pub fn place(&self) -> &[usize] {
        &self.place
    }

    /// The next element of each value, or none if it is missing in one of them.
    pub fn read(&mut self) -> Option<&[f64]> {
        self.read.clear();
        for (value, at) in self.of.values.iter().zip(&self.at) {
            if value.is_present(*at) {
                self.read.extend(value.data.get(*at));
            }
        }
        self.step();
        (self.read.len() == self.of.values.len()).then_some(self.read.as_slice())
    }

    fn step(&mut self) {
        for (axis, place) in self.place.iter_mut().enumerate().rev() {
            *place += 1;
            let back = if *place < self.of.axes[axis].len { None } else { Some(*place - 1) };
            for (at, strides) in self.at.iter_mut().zip(&self.of.strides) {
                match back {
                    None => *at += strides[axis],
                    Some(steps) => *at -= steps * strides[axis],
                }
            }
            if back.is_none() {
                return;
            }
            *place = 0;
        }
    }
}

/// The place along each axis of an element counted row-major.
pub(crate) fn place(axes: &[ValueAxis], element: usize) -> Vec<usize> {
    let mut rest = element;
    let mut place = vec![0; axes.len()];
    for (p, axis) in place.iter_mut().zip(axes).rev() {
        let n = axis.len.max(1);
        *p = rest % n;
        rest /= n;
    }
    place
}

fn stride(value: &Value, axis: &ValueAxis) -> usize {
    let Some(at) = value.axes.iter().position(|a| a.id == axis.id) else { return 0 };
    value.axes[at + 1..].iter().map(|a| a.len).product()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hir::AxisId;

    fn value(axes: &[(u32, usize)], data: &[f64]) -> Value {
        let axes =
            axes.iter().map(|&(id, len)| ValueAxis { id: AxisId(id), len, coordinates: None }).collect();
        Value { axes, data: data.into(), present: None }
    }

    #[test]
    fn values_are_repeated_along_axes_they_lack() {
        let a = value(&[(0, 2)], &[1.0, 2.0]);
        let b = value(&[(1, 3), (0, 2)], &[10.0, 20.0, 30.0, 40.0, 50.0, 60.0]);
        let c = Value::scalar(7.0);
        let elements = Elements::new(vec![&a, &b, &c]).unwrap();
        assert_eq!(elements.len(), 6);
        let mut reader = elements.reader();
        let all: Vec<_> = (0..6).map(|_| reader.read().unwrap().to_vec()).collect();
        assert_eq!(all[0], [1.0, 10.0, 7.0]);
        assert_eq!(all[1], [1.0, 30.0, 7.0]);
        assert_eq!(all[2], [1.0, 50.0, 7.0]);
        assert_eq!(all[3], [2.0, 20.0, 7.0]);
        assert_eq!(all[5], [2.0, 60.0, 7.0]);
    }

    #[test]
    fn missing_elements_are_none() {
        let mut a = value(&[(0, 2)], &[1.0, 2.0]);
        a.present = Some([true, false].into());
        let elements = Elements::new(vec![&a]).unwrap();
        let mut reader = elements.reader();
        assert_eq!(reader.read(), Some(&[1.0][..]));
        assert_eq!(reader.read(), None);
    }

    #[test]
    fn lengths_must_agree() {
        let a = value(&[(0, 2)], &[1.0, 2.0]);
        let b = value(&[(0, 3)], &[1.0, 2.0, 3.0]);
        assert_eq!(Elements::new(vec![&a, &b]).unwrap_err().other, 3);
    }
}
