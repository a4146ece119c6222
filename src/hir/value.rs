use super::AxisId;
use std::sync::Arc;

/// One axis of a [`Value`], with what is only known once it exists.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueAxis {
    /// Which axis.
    pub id: AxisId,
    /// How many elements.
    pub len: usize,
    /// Coordinates that the axis table does not hold (sample times, slices).
    pub coordinates: Option<Arc<[f64]>>,
}

/// An array of numbers on named axes, row-major, SI; truth values are 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Outermost first; none for a scalar.
    pub axes: Vec<ValueAxis>,
    /// Row-major, as many as the product of the axes' lengths.
    pub data: Arc<[f64]>,
    /// Which elements exist; `None` for all of them (absent synapses, samples of a run that ended early).
    pub present: Option<Arc<[bool]>>,
}

impl Value {
    /// A single number.
    pub fn scalar(value: f64) -> Self {
        Self { axes: Vec::new(), data: Arc::from([value]), present: None }
    }

    /// The number, if there is exactly one.
    pub fn as_scalar(&self) -> Option<f64> {
        (self.axes.is_empty() && self.data.len() == 1).then(|| self.data[0])
    }

    /// The length of each axis.
    pub fn shape(&self) -> Vec<usize> {
        self.axes.iter().map(|a| a.len).collect()
    }

    /// Whether element `i` exists.
    pub fn is_present(&self, i: usize) -> bool {
        self.present.as_ref().is_none_or(|p| p[i])
    }
}
