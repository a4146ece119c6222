//! Hoisting by axes: how often a value has to be computed.
//!
//! A value that depends on the last loop only is the same in every row, one that depends on the other loops only is
//! the same all along a row. Back ends compute each value at its level; where that is done is no part of the meaning,
//! because a value has the same bits wherever it is computed.

use crate::ir::{Access, Domain, Index, Kernel, Op, Reg};
use crate::source::IndexVec;

/// What a value depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing: it is computed once for a kernel.
    Once,
    /// The last loop only.
    Column,
    /// The loops outside the last one only.
    Row,
    /// Both.
    Element,
}

impl Level {
    fn of(row: bool, column: bool) -> Self {
        match (row, column) {
            (false, false) => Self::Once,
            (false, true) => Self::Column,
            (true, false) => Self::Row,
            (true, true) => Self::Element,
        }
    }

    /// The level of what depends on both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let row = |l| matches!(l, Self::Row | Self::Element);
        let column = |l| matches!(l, Self::Column | Self::Element);
        Self::of(row(self) || row(other), column(self) || column(other))
    }
}

/// The level of every value of a kernel. A loop with one step counts as none.
pub fn levels(kernel: &Kernel) -> IndexVec<Reg, Level> {
    let mut found = IndexVec::<Reg, Level>::new();
    for op in kernel.ops.iter() {
        let own = match op {
            Op::Load(access) => access_level(&kernel.domain, access),
            Op::Coord(dim) => steps_level(&kernel.domain, |d| d == *dim),
            Op::Random { element, .. } => {
                steps_level(&kernel.domain, |d| element.strides.get(d).is_some_and(|s| *s != 0))
            }
            _ => Level::Once,
        };
        let level = op.uses().fold(own, |level, used| level.join(found[used]));
        // of a few rows, few columns may be wanted
        found.push(if kernel.by_row && level == Level::Column { Level::Element } else { level });
    }
    found
}

fn access_level(domain: &Domain, access: &Access) -> Level {
    match &access.index {
        Index::Element => Level::Element,
        Index::Strides(s) => steps_level(domain, |d| s.get(d).is_some_and(|s| *s != 0)),
    }
}

fn steps_level(domain: &Domain, uses: impl Fn(usize) -> bool) -> Level {
    let rank = domain.rank();
    let varies = |d: usize| match domain {
        Domain::Dense { dims, .. } => dims[d] != 1 && uses(d),
        Domain::Sparse { .. } => uses(d),
    };
    Level::of((0..rank.saturating_sub(1)).any(varies), rank > 0 && varies(rank - 1))
}
