//! What the native back end makes of kernels before registers: nests of loops around straight-line sections of vector
//! operations. All lanes hold 64 bits; a truth value is all ones or all zeros.
//!
//! Numbers of single precision are numbers of double precision there, rounded after each operation. A section along
//! rows that has no other numbers is [`single`](Section::single): its lanes hold 32 bits, and there are twice as many.
//!
//! A nest walks rows, a chunk of them at a time: as many as a vector has lanes, or one. For each chunk its parts run in
//! order. A part over rows computes for all rows of the chunk at once; a part over elements runs its body along each
//! row. Values that a later section needs are kept in scratch memory.

use super::asm::{Compare, Op1, Op2};
use crate::contract::reduce::Kind;
use crate::ir::{PatternId, SlotId};
use std::sync::Arc;

/// A value of a section.
pub(super) type V = u32;

/// An operation of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Inst {
    /// The same bits in every lane.
    Const(u64),
    /// The whole numbers 0, 1, 2 ... as integers: of the rows in a section over rows, of the elements elsewhere.
    Lanes,
    /// The number of the row, an integer; the same in every lane within a row.
    Row,
    /// The number of the column of a pattern's element, an integer.
    Column,
    /// A value of an earlier section.
    Kept(Kept),
    /// Numbers from memory.
    Load(Place),
    /// `base[offset + i]` for whole numbers below `len`, which other lanes read as not a number.
    Gather {
        base: u16,
        offset: usize,
        len: usize,
        index: V,
        /// Whether the array holds single precision.
        single: bool,
    },
    One(Op1, V),
    Two(Op2, V, V),
    /// `a * b + c`, rounded once.
    Fma(V, V, V),
    /// The same of numbers of single precision, to single precision.
    FmaSingle(V, V, V),
    Compare(Compare, V, V),
    /// The second where the first holds, else the third.
    Select(V, V, V),
    ShiftLeft(V, u32),
    ShiftRight(V, u32),
}

impl Inst {
    /// Whether it reads an array.
    pub fn reads(&self, array: u16) -> bool {
        match self {
            Self::Load(place) => place.base == array,
            Self::Gather { base, .. } => *base == array,
            _ => false,
        }
    }

    /// The values it uses.
    pub fn uses(&self) -> impl Iterator<Item = V> + use<> {
        let list = match *self {
            Self::Const(_) | Self::Lanes | Self::Row | Self::Column | Self::Kept(_) | Self::Load(_) => {
                [None; 3]
            }
            Self::Gather { index: a, .. }
            | Self::One(_, a)
            | Self::ShiftLeft(a, _)
            | Self::ShiftRight(a, _) => [Some(a), None, None],
            Self::Two(_, a, b) | Self::Compare(_, a, b) => [Some(a), Some(b), None],
            Self::Fma(a, b, c) | Self::FmaSingle(a, b, c) | Self::Select(a, b, c) => {
                [Some(a), Some(b), Some(c)]
            }
        };
        list.into_iter().flatten()
    }
}

/// A value kept in scratch memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kept {
    /// Computed once: one number.
    Once(u32),
    /// One for each row of the chunk.
    Row(u32),
    /// One for each element along a row, the same in every row.
    Column(u32),
}

/// Where numbers are: `base[offset + row part + inner part]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Which of the nest's arrays.
    pub base: u16,
    pub offset: usize,
    /// Whether the array holds single precision.
    pub single: bool,
    pub row: Walk,
    pub inner: Walk,
}

/// How a place depends on an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Walk {
    /// So many numbers for each step; 0 for none.
    Step(usize),
    /// As an array of the nest says, one whole number for each index.
    Table(u16),
    /// The elements of a pattern's row, one after the other.
    Element,
    /// So many numbers for each column of a pattern.
    Columns(usize),
    /// The storage of a pattern's elements.
    Stored,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is written.
    Store { value: V, to: Place },
    /// It is kept for later sections, in single precision for one that is single.
    Keep { value: V, as_: Kept, single: bool },
    /// It takes part in a reduction of the part.
    Reduce { reduction: u32, a: V, b: Option<V>, mask: Option<V> },
    /// It is zero unless a number is not finite.
    Watch { value: V },
}

impl Effect {
    /// The values it uses.
    pub fn uses(&self) -> impl Iterator<Item = V> + use<> {
        let list = match *self {
            Self::Store { value, .. } | Self::Keep { value, .. } | Self::Watch { value } => {
                [Some(value), None, None]
            }
            Self::Reduce { a, b, mask, .. } => [Some(a), b, mask],
        };
        list.into_iter().flatten()
    }
}

impl Nest {
    /// How many bytes are kept of the columns.
    pub fn column_bytes(&self) -> usize {
        let [_, columns, _] = self.kept;
        8 * columns as usize * self.columns.1
    }

    /// How many sums of numbers of single precision are taken beside lanes of 64 bits.
    pub fn half_sums(&self) -> usize {
        let of = |part: &Part| match part {
            Part::Along { body, reductions, .. } if !body.single => {
                reductions.iter().filter(|r| r.single).count()
            }
            _ => 0,
        };
        self.parts.iter().map(of).sum()
    }
}

/// Straight-line code.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Section {
    /// Whether its lanes hold 32 bits.
    pub single: bool,
    pub insts: Vec<Inst>,
    pub effects: Vec<Effect>,
}

impl Section {
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }
}

/// How many elements a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// So many.
    Fixed(usize),
    /// Those of a pattern; these arrays of the nest are its row starts, columns and storage.
    Pattern { pattern: PatternId, starts: u16, columns: u16, storage: Option<u16> },
}

/// A reduction along each row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reduction {
    pub kind: Kind,
    /// Whether it adds numbers of single precision.
    pub single: bool,
    pub to: Place,
    /// Whether the result must be finite.
    pub checked: bool,
}

/// What is done for a chunk of rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// For all of its rows at once.
    Rows(Section),
    /// Along each of its rows.
    Along { length: Length, body: Section, reductions: Vec<Reduction> },
}

/// What an array of a nest is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Base {
    /// An array of the module.
    Slot(SlotId),
    /// Whole numbers of 64 bits, or numbers.
    Table(Arc<[u64]>),
    /// The row starts of a pattern.
    Starts(PatternId),
    /// The columns of a pattern's elements, of 32 bits.
    Columns(PatternId),
    /// The storage of a pattern's elements, of 32 bits.
    Storage(PatternId),
}

/// Loops ready to be written as machine code.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Nest {
    pub name: String,
    pub rows: usize,
    pub bases: Vec<Base>,
    /// What is computed once.
    pub once: Section,
    /// What is computed once for each step along a row, and how many steps there are.
    pub columns: (Section, usize),
    /// What is done for each chunk.
    pub parts: Vec<Part>,
    /// How many values are kept, of each kind.
    pub kept: [u32; 3],
    /// Whether any of its arrays is of single precision.
    pub singles: bool,
}
