//! The loops of a kernel as rows and what is along them, and the steps that places take with them.

use crate::ir::{Domain, Kernel, Module};

/// The loops of a kernel: those outside, and those along a row.
pub(super) struct Loops {
    pub rows: usize,
    pub outer: Vec<usize>,
    pub inner: Vec<usize>,
    /// The rows and columns of a pattern, whose loops are not of fixed length.
    pub sparse: bool,
}

impl Loops {
    pub fn new(module: &Module, kernel: &Kernel) -> Self {
        match &kernel.domain {
            Domain::Dense { dims, reduced } => {
                let (outer, inner) = Domain::rows_and_along(dims, *reduced);
                Self {
                    rows: outer.iter().product(),
                    outer: outer.to_vec(),
                    inner: inner.to_vec(),
                    sparse: false,
                }
            }
            Domain::Sparse { pattern, .. } => {
                let p = &module.patterns[*pattern];
                Self { rows: p.rows, outer: vec![p.rows], inner: vec![p.cols], sparse: true }
            }
        }
    }
}

/// The step that many loops have as one, row-major; `None` if they have none.
pub(super) fn one_step(dims: &[usize], steps: &[u64]) -> Option<u64> {
    let mut step = None;
    let mut within = 1_u64;
    for (dim, s) in dims.iter().zip(steps).rev() {
        if *dim == 1 {
            continue;
        }
        match step {
            None => step = Some(*s),
            Some(step) if step_times(step, within) == *s => {}
            Some(_) => return None,
        }
        within = within.wrapping_mul(*dim as u64);
    }
    Some(step.unwrap_or(0))
}

fn step_times(step: u64, by: u64) -> u64 {
    step.wrapping_mul(by)
}

/// For each index of many loops as one, the sum of steps.
pub(super) fn sums(dims: &[usize], steps: &[u64]) -> Vec<u64> {
    dims.iter().zip(steps).fold(vec![0], |found, (dim, step)| {
        let extend = |at: &u64| {
            let at = *at;
            (0..*dim as u64).map(move |i| at.wrapping_add(i.wrapping_mul(*step)))
        };
        found.iter().flat_map(extend).collect()
    })
}
