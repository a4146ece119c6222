use super::EvalError;
use super::array::checked_len;
use crate::hir::{Value, ValueAxis};

/// A walk over several arrays at once, in the row-major order of common axes.
///
/// Axes along which all arrays advance evenly are merged, so that the innermost run is as long as possible.
pub(super) struct Plan {
    /// Lengths, outermost first; the last is the run. Never empty.
    lens: Vec<usize>,
    /// For each array, how far one step along each length goes; 0 where it is repeated.
    strides: Vec<Vec<usize>>,
    total: usize,
}

impl Plan {
    /// A walk along `axes` over arrays with these strides along them.
    pub fn new(axes: &[ValueAxis], strides: Vec<Vec<usize>>) -> Result<Self, EvalError> {
        let total = checked_len(axes.iter().map(|a| a.len))?;
        let mut plan = Self {
            lens: Vec::with_capacity(axes.len().max(1)),
            strides: vec![Vec::new(); strides.len()],
            total,
        };
        for (i, axis) in axes.iter().enumerate() {
            if axis.len == 1 {
                continue;
            }
            let merges = !plan.lens.is_empty()
                && plan.strides.iter().zip(&strides).all(|(p, s)| p.last() == Some(&(s[i] * axis.len)));
            if merges {
                if let Some(len) = plan.lens.last_mut() {
                    *len *= axis.len;
                }
                for (p, s) in plan.strides.iter_mut().zip(&strides) {
                    if let Some(last) = p.last_mut() {
                        *last = s[i];
                    }
                }
            } else {
                plan.lens.push(axis.len);
                plan.strides.iter_mut().zip(&strides).for_each(|(p, s)| p.push(s[i]));
            }
        }
        if plan.lens.is_empty() {
            plan.lens.push(1);
            plan.strides.iter_mut().for_each(|p| p.push(0));
        }
        Ok(plan)
    }

    /// A walk along `axes` over these values, each repeated along the axes it lacks.
    pub fn over(axes: &[ValueAxis], values: &[&Value]) -> Result<Self, EvalError> {
        Self::new(axes, values.iter().map(|v| strides(v, axes)).collect())
    }

    /// How many elements the walk visits.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many elements a run has.
    pub fn run(&self) -> usize {
        self.lens[self.lens.len() - 1]
    }

    /// How far array `i` advances from one element of a run to the next.
    pub fn step(&self, i: usize) -> usize {
        self.strides[i][self.lens.len() - 1]
    }

    /// Whether the whole walk is one run.
    pub fn is_one_run(&self) -> bool {
        self.lens.len() == 1
    }

    /// Calls `f` for each run with its first element's number and that element's place in each array.
    pub fn runs(&self, mut f: impl FnMut(usize, &[usize])) {
        if self.total == 0 {
            return;
        }
        let outer = &self.lens[..self.lens.len() - 1];
        let mut count = vec![0; outer.len()];
        let mut places = vec![0; self.strides.len()];
        let mut start = 0;
        loop {
            f(start, &places);
            start += self.run();
            let mut d = outer.len();
            loop {
                if d == 0 {
                    return;
                }
                d -= 1;
                count[d] += 1;
                for (place, s) in places.iter_mut().zip(&self.strides) {
                    *place += s[d];
                }
                if count[d] < outer[d] {
                    break;
                }
                for (place, s) in places.iter_mut().zip(&self.strides) {
                    *place -= s[d] * outer[d];
                }
                count[d] = 0;
            }
        }
    }
}

/// How far one step along each of `axes` goes in a value's data; 0 along axes it lacks.
pub(super) fn strides(value: &Value, axes: &[ValueAxis]) -> Vec<usize> {
    let own = own_strides(&value.axes);
    axes.iter().map(|a| value.axes.iter().position(|v| v.id == a.id).map_or(0, |i| own[i])).collect()
}

/// The strides of a row-major array along its own axes.
pub(super) fn own_strides(axes: &[ValueAxis]) -> Vec<usize> {
    let mut strides = vec![1; axes.len()];
    for i in (1..axes.len()).rev() {
        strides[i - 1] = strides[i] * axes[i].len;
    }
    strides
}
