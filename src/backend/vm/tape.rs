//! What a kernel becomes: three tapes over blocks of elements, and a fourth of single numbers.

use crate::contract::reduce::Kind;
use crate::ir::Pattern;
use std::sync::Arc;

/// An operation on up to five operands. Patterns and truth values travel as the bits of numbers, true as all ones;
/// numbers of single precision as numbers of double precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Copy,
    Neg,
    Abs,
    Sqrt,
    Round,
    Not,
    Shl(u32),
    Shr(u32),
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Lt,
    Le,
    Eq,
    And,
    Or,
    Xor,
    IAdd,
    ISub,
    Fma,
    /// To the nearest number of single precision.
    Narrow,
    /// As those above, rounded to single precision: so are the operands.
    AddSingle,
    SubSingle,
    MulSingle,
    DivSingle,
    SqrtSingle,
    FmaSingle,
    Select,
    /// `min(c, max(b, a))`
    Clamp,
    /// `min(e, max(d, fma(a, b, c)))`
    FmaClamp,
    /// `fma(a, b, w)` with w the destination's old value
    Onto,
    /// `fma(a, b, fma(c, w, w))`
    OntoDecayed,
    /// `min(e, max(d, fma(a, b, w)))`
    OntoClamped,
    /// `min(e, max(d, fma(a, b, fma(c, w, w))))`
    OntoDecayedClamped,
}

/// Where an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Src {
    /// A block register of the tape.
    Reg(u32),
    /// A number computed once for the kernel.
    Once(u32),
    /// This row's number in a block register of the row tape.
    Row(u32),
    /// This block's part of a column buffer.
    Column(u32),
    /// Adjacent numbers of an array.
    Slot(u32),
}

/// Where a result goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dst {
    /// A block register of the tape.
    Reg(u32),
    /// This block's part of a column buffer.
    Column(u32),
    /// Adjacent numbers of an array.
    Slot(u32),
}

/// How the lanes of a block find their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Along the last loop, with a step.
    Inner,
    /// One for each row.
    Rows,
    /// At the row and the column of an element of a pattern.
    Pair,
    /// At the storage of an element of a pattern.
    Element,
}

/// One instruction over a block of lanes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Instr {
    /// An operation.
    Op { op: Opcode, dst: Dst, args: [Src; 5] },
    /// Numbers from an array.
    Load { dst: Dst, view: u32, how: How },
    /// Numbers from a column buffer, by the columns of a pattern.
    LoadColumn { dst: Dst, column: u32 },
    /// Numbers from an array, by computed indices.
    Gather { dst: Dst, slot: u32, base: usize, len: usize, index: Src, single: bool },
    /// The indices of a loop.
    Coord { dst: Dst, dim: usize, how: How },
    /// Random numbers.
    Random { dst: Dst, key: u64, word: u8, base: u64, strides: Arc<[u64]>, draw: Src, how: How },
    /// `fma(... fma(c0, x, c1) ..., x, cn)`.
    Polynomial { dst: Dst, x: Src, constants: Arc<[f64]> },
    /// Elements for a reduction.
    Reduce { reduction: u32, a: Src, b: Option<Src>, mask: Option<Src> },
    /// Numbers to an array, not adjacent.
    Scatter { view: u32, value: Src, how: How },
}

/// An array as the lanes of a kernel see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct View {
    pub slot: usize,
    pub base: usize,
    /// The steps of the outer loops.
    pub outer: Vec<usize>,
    /// The step of the last loop.
    pub inner: usize,
    /// Whether it holds one number for each element of the pattern.
    pub element: bool,
    /// Whether what is stored there must be finite.
    pub checked: bool,
    /// Whether its numbers are of single precision.
    pub single: bool,
}

/// A reduction and where its results go.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reduction {
    pub kind: Kind,
    pub slot: usize,
    pub base: usize,
    /// The steps of the loops that are not reduced.
    pub outer: Vec<usize>,
    pub checked: bool,
    /// Whether it adds numbers of single precision.
    pub single: bool,
}

/// One instruction on single numbers of the kernel's table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Single {
    /// An operation.
    Op { op: Opcode, dst: u32, args: [u32; 3] },
    /// A number from an array; which place is in the table of addresses.
    Load { dst: u32, slot: u32, column: u32, single: bool },
    /// A number from an array by a computed index.
    Gather { dst: u32, slot: u32, base: usize, len: usize, index: u32, single: bool },
    /// The index of a loop, from the table of addresses.
    Coord { dst: u32, column: u32 },
    /// A random number; its counter is in the table of addresses.
    Random { dst: u32, key: u64, word: u8, draw: u32, column: u32 },
}

/// Instructions over blocks.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tape {
    pub code: Vec<Instr>,
    /// How many block registers it uses.
    pub regs: usize,
}

/// The loops of a kernel.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Loops around a last one.
    Dense {
        /// All but the last loop.
        outer: Vec<usize>,
        /// How many of these are not reduced.
        kept: usize,
        /// The steps of the last loop.
        inner: usize,
    },
    /// The rows of a pattern.
    Sparse(Arc<Pattern>),
}

/// A kernel over many elements.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Blocks {
    pub shape: Shape,
    pub views: Vec<View>,
    pub reductions: Vec<Reduction>,
    /// What is computed once, on single numbers.
    pub once: Vec<Single>,
    /// Where the loads of `once` are.
    pub addresses: Vec<u64>,
    /// What is computed once for each step of the last loop, into column buffers.
    pub column: Tape,
    /// How long the column buffers are.
    pub columns: Vec<usize>,
    /// What is computed once for each row.
    pub row: Tape,
    /// What is computed for every element.
    pub element: Tape,
    /// How many elements of a row are computed together.
    pub block: usize,
    /// How many rows are computed together by the row tape.
    pub row_block: usize,
}

/// A kernel over a few elements: they are computed one by one from tables.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Small {
    pub code: Vec<Single>,
    /// How many entries of `addresses` an element has.
    pub width: usize,
    /// The places of loads, stores and draws, element by element.
    pub addresses: Vec<u64>,
    pub stores: Vec<SmallStore>,
    pub reductions: Vec<SmallReduction>,
    /// How many elements each result of a reduction takes.
    pub groups: Vec<usize>,
}

/// Where a value of each of a few elements goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SmallStore {
    pub slot: usize,
    pub value: u32,
    /// Which entry of the address table is the place.
    pub column: usize,
    pub checked: bool,
    /// Whether the array keeps single precision.
    pub single: bool,
}

/// A reduction of a few elements.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SmallReduction {
    pub kind: Kind,
    pub a: u32,
    pub b: Option<u32>,
    pub mask: Option<u32>,
    pub slot: usize,
    /// Where the result of each group goes.
    pub to: Vec<usize>,
    pub checked: bool,
    /// Whether it adds numbers of single precision.
    pub single: bool,
}

/// A kernel ready to run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compiled {
    /// The numbers on which single instructions work, constants filled in.
    pub table: Vec<f64>,
    pub body: Body,
}

/// The two ways to run a kernel.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    Small(Small),
    Blocks(Blocks),
}
