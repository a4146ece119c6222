//! The assembler: a list of instructions with labels, in terms of what back ends need of x86-64.
//!
//! Vector operations are named once and encoded for the width of the register they are given: VEX for 128 and 256
//! bits, EVEX for 512. Lanes hold 64 bits, or 32 where the register says so.

mod codes;
mod first;
mod general;
mod single;
mod vectors;

use iced_x86::{
    BlockEncoder, BlockEncoderOptions, Code, IcedError, Instruction, InstructionBlock, MemoryOperand,
    Register,
};

/// How many lanes of 64 bits a vector has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Width {
    /// One lane in use, of 128 bits.
    One,
    /// Four lanes of 256 bits.
    Four,
    /// Eight lanes of 512 bits.
    Eight,
}

impl Width {
    /// How many lanes are in use.
    pub fn lanes(self) -> usize {
        match self {
            Self::One => 1,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// How many registers there are.
    pub fn registers(self) -> usize {
        if self == Self::Eight { 32 } else { 16 }
    }

    /// The register of this number.
    pub fn register(self, n: u8) -> Register {
        let first = match self {
            Self::One => Register::XMM0,
            Self::Four => Register::YMM0,
            Self::Eight => Register::ZMM0,
        };
        first + u32::from(n)
    }
}

/// A vector register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Vec {
    pub n: u8,
    pub width: Width,
    /// Whether its lanes hold 32 bits, twice as many of them.
    pub single: bool,
}

impl Vec {
    /// A register whose lanes hold 64 bits.
    pub fn double(n: u8, width: Width) -> Self {
        Self { n, width, single: false }
    }
    fn reg(self) -> Register {
        self.width.register(self.n)
    }
    /// The same register, seen as lanes of 32 bits, or of 64.
    pub fn as_single(self, single: bool) -> Self {
        Self { single, ..self }
    }
    /// The same register, seen with another width.
    pub fn as_width(self, width: Width) -> Self {
        Self { width, ..self }
    }
}

/// A general register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Gpr {
    Rax,
    Rcx,
    Rdx,
    Rbx,
    // the fourth is the stack's
    Rbp = 5,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}

impl Gpr {
    fn reg(self) -> Register {
        Register::RAX + self as u32
    }
    fn low(self) -> Register {
        Register::EAX + self as u32
    }
}

/// A place in memory: `base + index * scale + offset` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mem {
    pub base: Gpr,
    pub index: Option<(Gpr, u32)>,
    pub offset: i64,
}

impl Mem {
    pub fn at(base: Gpr, offset: i64) -> Self {
        Self { base, index: None, offset }
    }
    pub fn indexed(base: Gpr, index: Gpr, scale: u32, offset: i64) -> Self {
        Self { base, index: Some((index, scale)), offset }
    }
    pub fn plus(self, bytes: i64) -> Self {
        Self { offset: self.offset + bytes, ..self }
    }

    fn operand(self, broadcast: bool) -> MemoryOperand {
        let (index, scale) = self.index.map_or((Register::None, 1), |(i, s)| (i.reg(), s));
        let size = if self.offset == 0 { 0 } else { 8 };
        MemoryOperand::new(self.base.reg(), index, scale, self.offset, size, broadcast, Register::None)
    }

    /// With lanes of a vector as indices.
    fn gathered(self, index: Vec, scale: u32) -> MemoryOperand {
        let size = if self.offset == 0 { 0 } else { 8 };
        MemoryOperand::new(self.base.reg(), index.reg(), scale, self.offset, size, false, Register::None)
    }
}

/// An operand of a vector operation that may be in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Reg(Vec),
    /// A whole vector in memory.
    Mem(Mem),
    /// One number in memory for all lanes; of 512 bits only.
    Broadcast(Mem),
}

/// A place to jump to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(usize);

impl Label {
    /// Its place among the labels.
    pub fn number(self) -> usize {
        self.0
    }
}

/// A mask register, k1 to k7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask(pub u8);

impl Mask {
    fn reg(self) -> Register {
        Register::K0 + u32::from(self.0)
    }
}

/// The mask register that vector operations use up.
pub(super) const SPARE: Mask = Mask(7);

/// Operations on two vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Op2 {
    Add,
    Sub,
    Mul,
    Div,
    /// `if a < b then a else b`
    Min,
    /// `if a > b then a else b`
    Max,
    And,
    Or,
    Xor,
    AddInt,
    SubInt,
    /// The product of the lower 32 bits.
    MulLow,
    /// The upper lanes of pairs.
    High,
}

/// Operations on one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Op1 {
    Sqrt,
    /// To the nearest whole number, halves to the even one.
    Round,
    /// Towards zero.
    Truncate,
    /// To the nearest number of single precision.
    Single,
}

/// Comparisons, false of what is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Compare {
    Lt,
    Le,
    Eq,
    /// Whether one is not a number.
    Unordered,
}

/// The conditions of jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum If {
    /// Unsigned below.
    Below,
    /// Unsigned below or equal.
    BelowEqual,
    NotZero,
}

/// Which operand of a fused multiply-add is overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fused {
    /// `d = b * d + c`
    F213,
    /// `d = b * c + d`
    F231,
}

/// Instructions in the order in which they will stand.
#[derive(Debug, Default)]
pub(super) struct Asm {
    code: std::vec::Vec<Instruction>,
    /// For each label the instruction it stands before.
    labels: std::vec::Vec<Option<usize>>,
    /// Jumps, and where to.
    jumps: std::vec::Vec<(usize, Label)>,
    /// The first instruction that could not be made, which is a bug.
    failed: Option<IcedError>,
}

impl Asm {
    fn push(&mut self, made: Result<Instruction, IcedError>) {
        match made {
            Ok(i) => self.code.push(i),
            Err(e) => self.failed = self.failed.take().or(Some(e)),
        }
    }

    /// A label that is not placed yet.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Places a label before the next instruction.
    pub fn place(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len());
    }

    /// A label here.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.place(label);
        label
    }

    /// The bytes, and where each label stands in them.
    pub fn finish(mut self) -> Result<(std::vec::Vec<u8>, std::vec::Vec<usize>), IcedError> {
        if let Some(e) = self.failed {
            return Err(e);
        }
        // a label at the end needs an instruction to stand before
        self.code.push(Instruction::with(Code::Int3));
        // each instruction is known by a number until its address is
        for (i, instruction) in self.code.iter_mut().enumerate() {
            instruction.set_ip(i as u64 + 1);
        }
        for (at, label) in &self.jumps {
            let to = self.labels[label.0].unwrap_or(0) as u64 + 1;
            self.code[*at].set_near_branch64(to);
        }
        let block = InstructionBlock::new(&self.code, 0);
        let options = BlockEncoderOptions::RETURN_NEW_INSTRUCTION_OFFSETS;
        let result = BlockEncoder::encode(64, block, options)?;
        let offset = |label: &Option<usize>| {
            label.and_then(|i| result.new_instruction_offsets.get(i)).map_or(0, |o| *o as usize)
        };
        let labels = self.labels.iter().map(offset).collect();
        Ok((result.code_buffer, labels))
    }
}
