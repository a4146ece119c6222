use super::{Module, PatternId, Precision, SlotId};
use crate::contract::reduce;
use crate::define_id;
use crate::source::IndexVec;

define_id!(
    /// Names the value of an [`Op`] in its kernel.
    Reg
);

/// A loop nest around a straight-line body.
#[derive(Debug, Clone, PartialEq)]
pub struct Kernel {
    /// What it computes, for messages and listings; unique in the module.
    pub name: String,
    /// The loops.
    pub domain: Domain,
    /// The body: each operation uses values of earlier ones only.
    pub ops: IndexVec<Reg, Op>,
    /// What becomes of the values.
    pub effects: Vec<Effect>,
    /// Whether it is run for a few rows at a time, those of the cells that spike, and not for all.
    pub by_row: bool,
}

impl Kernel {
    /// How many rows there are: all loops but the last one.
    pub fn rows(&self, module: &Module) -> usize {
        match &self.domain {
            Domain::Dense { dims, reduced } => Domain::rows_and_along(dims, *reduced).0.iter().product(),
            Domain::Sparse { pattern, .. } => module.patterns[*pattern].rows,
        }
    }

    /// The type of every value. Numbers of arrays have the precision of the array ([`Module::precision`]), results that
    /// of the operands.
    pub fn types(&self, module: &Module) -> IndexVec<Reg, Ty> {
        let mut types = IndexVec::<Reg, Ty>::new();
        for op in self.ops.iter() {
            // an operand that is not there yet is found by the verifier
            let of = |r: Reg| types.get(r).copied().unwrap_or(Ty::Num);
            let of_slot = |slot| match module.precision(slot) {
                Precision::Single => Ty::Single,
                Precision::Double => Ty::Num,
            };
            types.push(match *op {
                Op::Truth(_) | Op::Compare(..) | Op::Logic(..) | Op::Not(_) => Ty::Truth,
                Op::Int(_) | Op::ToBits(_) | Op::Int2(..) | Op::Shift(..) => Ty::Bits,
                Op::Single(_) | Op::Narrow(_) => Ty::Single,
                Op::Load(ref access) => of_slot(access.slot),
                Op::Gather { slot, .. } => of_slot(slot),
                Op::Unary(_, a) | Op::Binary(_, a, _) | Op::Fma(a, ..) | Op::Select(_, a, _) => of(a),
                Op::Num(_) | Op::Coord(_) | Op::Random { .. } | Op::Widen(_) | Op::FromBits(_) => Ty::Num,
            });
        }
        types
    }
}

/// The elements a kernel visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// All combinations of indices, the last index fastest.
    Dense {
        /// The extents; none for a single element.
        dims: Vec<usize>,
        /// How many of the last dimensions reductions run over.
        reduced: usize,
    },
    /// The elements of a pattern, whose two indices are the row and the column.
    Sparse {
        /// The pattern.
        pattern: PatternId,
        /// Whether reductions run over the elements of each row.
        reduced: bool,
    },
}

impl Domain {
    /// One dimension without reductions.
    pub fn cells(n: usize) -> Self {
        Self::Dense { dims: vec![n], reduced: 0 }
    }

    /// How many indices an element has.
    pub fn rank(&self) -> usize {
        match self {
            Self::Dense { dims, .. } => dims.len(),
            Self::Sparse { .. } => 2,
        }
    }

    /// The loops over rows and those along a row, of a dense domain: reductions run along rows, without them the last
    /// loop does.
    pub fn rows_and_along(dims: &[usize], reduced: usize) -> (&[usize], &[usize]) {
        let along = if reduced == 0 { dims.len().min(1) } else { reduced };
        dims.split_at(dims.len() - along)
    }

    /// How many of the last indices reductions run over.
    pub fn reduced(&self) -> usize {
        match self {
            Self::Dense { reduced, .. } => *reduced,
            Self::Sparse { reduced, .. } => usize::from(*reduced),
        }
    }

    /// How many indices the result of a reduction has.
    pub fn outer(&self) -> usize {
        self.rank().saturating_sub(self.reduced())
    }
}

/// Where in an array an element finds its number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Access {
    /// The array.
    pub slot: SlotId,
    /// The place for indices 0.
    pub base: usize,
    /// How the place depends on the indices.
    pub index: Index,
}

/// How a place depends on the indices of the loops.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Index {
    /// One step for each index (for a pattern: row, column); 0 where the place does not depend on it.
    Strides(Vec<usize>),
    /// The storage of a pattern's elements.
    Element,
}

/// The number of an element in the counter of a random draw: `base + sum strides * indices`, wrapping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Element {
    /// The number for indices 0.
    pub base: u64,
    /// One step for each index; for synapses 2^32 for the postsynaptic ones.
    pub strides: Vec<u64>,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ty {
    /// A number, f64.
    Num,
    /// A number of single precision, f32.
    Single,
    /// A 64-bit pattern.
    Bits,
    /// A truth value.
    Truth,
}

/// An operation on one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // they are those of `contract::Ops`
pub enum UnaryOp {
    Neg,
    Abs,
    Sqrt,
    RoundEven,
}

/// An operation on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // they are those of `contract::Ops`
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
}

/// A comparison of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // they are those of `contract::Ops`
pub enum CompareOp {
    Lt,
    Le,
    Eq,
}

/// An operation on two truth values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // they are those of `contract::Ops`
pub enum LogicOp {
    And,
    Or,
}

/// An operation on two 64-bit patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // they are those of `contract::Ops`
pub enum IntOp {
    Add,
    Sub,
    And,
    Or,
    Xor,
}

/// A shift by a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // they are those of `contract::Ops`
pub enum ShiftOp {
    Left,
    Right,
}

/// One operation of a kernel's body.
///
/// Operations on numbers take f64 or f32, all operands alike, and round to what they take ([`Kernel::types`]).
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// A constant number.
    Num(f64),
    /// A constant number of single precision.
    Single(f32),
    /// A constant pattern.
    Int(i64),
    /// A constant truth value.
    Truth(bool),
    /// A number from an array.
    Load(Access),
    /// `slot[base + i]` for an index computed in the body: the number's integer part, NaN unless 0 <= i < len.
    Gather {
        /// The array.
        slot: SlotId,
        /// Where index 0 is.
        base: usize,
        /// How many indices there are.
        len: usize,
        /// The index, a number.
        index: Reg,
    },
    /// The index of a loop as a number; of a pattern 0 is the row and 1 the column.
    Coord(usize),
    /// A random number in [0, 1).
    Random {
        /// The key of its stream.
        key: u64,
        /// The element part of the counter.
        element: Element,
        /// The draw part of the counter: a number, its integer part counts.
        draw: Reg,
        /// Which of the two 64-bit words of the block, 0 or 1.
        word: u8,
    },
    /// An operation on a number.
    Unary(UnaryOp, Reg),
    /// An operation on two numbers.
    Binary(BinaryOp, Reg, Reg),
    /// `a * b + c`, rounded once.
    Fma(Reg, Reg, Reg),
    /// A comparison.
    Compare(CompareOp, Reg, Reg),
    /// An operation on truth values.
    Logic(LogicOp, Reg, Reg),
    /// The opposite.
    Not(Reg),
    /// The second where the first holds, else the third.
    Select(Reg, Reg, Reg),
    /// The nearest number of single precision, ties to even.
    Narrow(Reg),
    /// The same number in double precision.
    Widen(Reg),
    /// The bits of a number.
    ToBits(Reg),
    /// The number with these bits.
    FromBits(Reg),
    /// An operation on bits.
    Int2(IntOp, Reg, Reg),
    /// A shift of bits.
    Shift(ShiftOp, Reg, u32),
}

impl Op {
    /// The values it uses.
    pub fn uses(&self) -> impl Iterator<Item = Reg> + use<> {
        let list = match *self {
            Op::Num(_) | Op::Single(_) | Op::Int(_) | Op::Truth(_) | Op::Load(_) | Op::Coord(_) => [None; 3],
            Op::Gather { index: a, .. }
            | Op::Random { draw: a, .. }
            | Op::Unary(_, a)
            | Op::Narrow(a)
            | Op::Widen(a)
            | Op::ToBits(a)
            | Op::Not(a)
            | Op::FromBits(a)
            | Op::Shift(_, a, _) => [Some(a), None, None],
            Op::Binary(_, a, b) | Op::Compare(_, a, b) | Op::Logic(_, a, b) | Op::Int2(_, a, b) => {
                [Some(a), Some(b), None]
            }
            Op::Fma(a, b, c) | Op::Select(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        list.into_iter().flatten()
    }

    /// Replaces every used value by `f` of it.
    pub fn map_uses(&mut self, mut f: impl FnMut(Reg) -> Reg) {
        match self {
            Op::Num(_) | Op::Single(_) | Op::Int(_) | Op::Truth(_) | Op::Load(_) | Op::Coord(_) => {}
            Op::Gather { index: a, .. }
            | Op::Random { draw: a, .. }
            | Op::Unary(_, a)
            | Op::Narrow(a)
            | Op::Widen(a)
            | Op::ToBits(a)
            | Op::FromBits(a)
            | Op::Shift(_, a, _)
            | Op::Not(a) => *a = f(*a),
            Op::Binary(_, a, b) | Op::Compare(_, a, b) | Op::Logic(_, a, b) | Op::Int2(_, a, b) => {
                *a = f(*a);
                *b = f(*b);
            }
            Op::Fma(a, b, c) | Op::Select(a, b, c) => {
                *a = f(*a);
                *b = f(*b);
                *c = f(*c);
            }
        }
    }
}

/// What becomes of the values of an element.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The value is written to an array, at a different place for every element.
    Store {
        /// The value, a number.
        value: Reg,
        /// Where to.
        to: Access,
        /// Whether NaN or infinity there stops the run.
        checked: bool,
    },
    /// The value takes part in a reduction over the reduced dimensions.
    Reduce {
        /// What the reduction computes.
        kind: reduce::Kind,
        /// The value, or the first factor of a dot product.
        a: Reg,
        /// The second factor of a dot product.
        b: Option<Reg>,
        /// Where it does not hold the element is missing.
        mask: Option<Reg>,
        /// Where the result goes: steps for the outer indices only.
        to: Access,
        /// Whether NaN or infinity there stops the run.
        checked: bool,
    },
}

impl Effect {
    /// The values it uses.
    pub fn uses(&self) -> impl Iterator<Item = Reg> + use<> {
        let list = match *self {
            Effect::Store { value, .. } => [Some(value), None, None],
            Effect::Reduce { a, b, mask, .. } => [Some(a), b, mask],
        };
        list.into_iter().flatten()
    }

    /// Replaces every used value by `f` of it.
    pub fn map_uses(&mut self, mut f: impl FnMut(Reg) -> Reg) {
        match self {
            Effect::Store { value, .. } => *value = f(*value),
            Effect::Reduce { a, b, mask, .. } => {
                *a = f(*a);
                *b = b.map(&mut f);
                *mask = mask.map(f);
            }
        }
    }

    /// Where it writes.
    pub fn to(&self) -> &Access {
        match self {
            Effect::Store { to, .. } | Effect::Reduce { to, .. } => to,
        }
    }
}
