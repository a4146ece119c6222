//! Coalescing: adjacent loops that all accesses walk as one become one; loops of one step disappear.
//!
//! The elements and their order stay, and so does the number j of an element in a reduction, as outer and reduced
//! loops are never merged with each other.

use crate::ir::{Domain, Effect, Index, Kernel, Module, Op};

/// Coalesces the loops of every kernel.
pub fn run(module: &mut Module) {
    module.kernels.iter_mut().for_each(kernel);
}

/// Coalesces the loops of a kernel.
pub fn kernel(kernel: &mut Kernel) {
    // rows that are run one by one stay what they are
    let Domain::Dense { dims, reduced } = &kernel.domain else { return };
    if kernel.by_row {
        return;
    }
    let (mut dims, mut reduced) = (dims.clone(), *reduced);
    let mut d = 0;
    while d < dims.len() {
        let outer = dims.len() - reduced;
        if dims[d] == 1 && !(d >= outer && reduced == 1) && !reads_coord(kernel, d) {
            // one reduced loop has to stay for reductions to be over
            remove(kernel, d, outer);
            dims.remove(d);
            reduced -= usize::from(d >= outer);
        } else if d + 1 < dims.len()
            && (d + 1 < outer || d >= outer)
            && mergeable(kernel, d, dims[d + 1], outer)
        {
            remove(kernel, d, outer);
            dims[d + 1] *= dims[d];
            dims.remove(d);
            reduced -= usize::from(d >= outer);
        } else {
            d += 1;
            continue;
        }
        d = d.saturating_sub(1);
    }
    kernel.domain = Domain::Dense { dims, reduced };
}

fn reads_coord(kernel: &Kernel, d: usize) -> bool {
    kernel.ops.iter().any(|op| matches!(op, Op::Coord(c) if *c == d))
}

/// Whether every access steps over loop `d` as if it went on with loop `d + 1`, which has `inner` steps.
fn mergeable(kernel: &Kernel, d: usize, inner: usize, outer: usize) -> bool {
    let walks = |index: &Index| match index {
        Index::Strides(s) => d + 1 >= s.len() || s[d + 1].checked_mul(inner) == Some(s[d]),
        Index::Element => false,
    };
    let ops = kernel.ops.iter().all(|op| match op {
        Op::Load(access) => walks(&access.index),
        Op::Random { element, .. } => element.strides[d + 1].wrapping_mul(inner as u64) == element.strides[d],
        Op::Coord(c) => *c != d && *c != d + 1,
        _ => true,
    });
    ops && kernel.effects.iter().all(|e| match e {
        Effect::Store { to, .. } => walks(&to.index),
        Effect::Reduce { to, .. } => d >= outer || walks(&to.index),
    })
}

/// Takes loop `d` out of every access.
fn remove(kernel: &mut Kernel, d: usize, outer: usize) {
    let take = |index: &mut Index| {
        if let Index::Strides(s) = index
            && d < s.len()
        {
            s.remove(d);
        }
    };
    for op in kernel.ops.iter_mut() {
        match op {
            Op::Load(access) => take(&mut access.index),
            Op::Random { element, .. } => {
                element.strides.remove(d);
            }
            Op::Coord(c) if *c > d => *c -= 1,
            _ => {}
        }
    }
    for effect in &mut kernel.effects {
        match effect {
            Effect::Store { to, .. } => take(&mut to.index),
            Effect::Reduce { to, .. } if d < outer => take(&mut to.index),
            Effect::Reduce { .. } => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::ir::{parse, passes, text, verify};

    fn coalesced(kernel: &str) -> String {
        let head = "state \"a\" [24] = 0.0\nstate \"b\" [24] = 0.0\n";
        let mut m = parse(&format!("{head}\nkernel \"k\" {kernel}")).unwrap();
        verify(&m).unwrap();
        passes::run(&mut m);
        let listing = text(&m);
        let kernel = listing.split_once("\"k\" ").unwrap().1;
        kernel.lines().map(|l| l.split(';').next().unwrap().trim()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn loops_walked_as_one_become_one() {
        assert_eq!(
            coalesced("dense 2 x 3 x 4 { %0 = load \"a\" [12, 4, 1] store %0 -> \"b\" [12, 4, 1] }"),
            "dense 24 {; %0 = load \"a\" [1]; store %0 -> \"b\" [1]; }"
        );
        assert_eq!(
            coalesced("dense 2 x 3 x 4 { %0 = load \"a\" [0, 4, 1] store %0 -> \"b\" [12, 4, 1] }"),
            "dense 2 x 12 {; %0 = load \"a\" [0, 1]; store %0 -> \"b\" [12, 1]; }"
        );
        assert_eq!(
            coalesced("dense 2 x 3 x 4 reduce 2 { %0 = load \"a\" [12, 4, 1] sum %0 -> \"b\" [1] }"),
            "dense 2 x 12 reduce 1 {; %0 = load \"a\" [12, 1]; sum %0 -> \"b\" [1]; }"
        );
    }

    #[test]
    fn outer_and_reduced_loops_stay_apart() {
        let kept = "dense 6 x 4 reduce 1 {; %0 = load \"a\" [4, 1]; sum %0 -> \"b\" [1]; }";
        assert_eq!(
            coalesced("dense 2 x 3 x 4 reduce 1 { %0 = load \"a\" [12, 4, 1] sum %0 -> \"b\" [3, 1] }"),
            kept
        );
        let coord = "dense 2 x 3 {; %0 = coord 1; store %0 -> \"b\" [3, 1]; }";
        assert_eq!(coalesced("dense 2 x 3 { %0 = coord 1 store %0 -> \"b\" [3, 1] }"), coord);
    }

    #[test]
    fn loops_of_one_step_disappear() {
        assert_eq!(
            coalesced("dense 1 x 3 x 1 { %0 = load \"a\" [0, 5, 1] store %0 -> \"b\" [9, 1, 7] }"),
            "dense 3 {; %0 = load \"a\" [5]; store %0 -> \"b\" [1]; }"
        );
        assert_eq!(
            coalesced("dense 3 x 1 reduce 1 { %0 = load \"a\" [1, 1] sum %0 -> \"b\" [1] }"),
            "dense 3 x 1 reduce 1 {; %0 = load \"a\" [1, 1]; sum %0 -> \"b\" [1]; }"
        );
    }
}
