//! The assembler: a list of instructions with labels, in terms of what back ends need of x86-64.
//!
//! Vector operations are named once and encoded for the width of the register they are given: VEX for 128 and 256
//! bits, EVEX for 512. All lanes hold 64 bits.

use iced_x86::{
    BlockEncoder, BlockEncoderOptions, Code, IcedError, Instruction, InstructionBlock, MemoryOperand,
    Register,
};

/// How many lanes a vector has.
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

    fn pick(self, codes: [Code; 3]) -> Code {
        codes[match self {
            Self::One => 0,
            Self::Four => 1,
            Self::Eight => 2,
        }]
    }
}

/// A vector register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Vec {
    pub n: u8,
    pub width: Width,
}

impl Vec {
    fn reg(self) -> Register {
        self.width.register(self.n)
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
    #[allow(dead_code)] // its place among the registers counts
    Rsp,
    Rbp,
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
    fn gathered(self, index: Vec) -> MemoryOperand {
        let size = if self.offset == 0 { 0 } else { 8 };
        MemoryOperand::new(self.base.reg(), index.reg(), 8, self.offset, size, false, Register::None)
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

    // general registers

    pub fn mov(&mut self, to: Gpr, from: Gpr) {
        self.push(Instruction::with2(Code::Mov_r64_rm64, to.reg(), from.reg()));
    }
    pub fn set(&mut self, to: Gpr, value: u64) {
        let made = match u32::try_from(value) {
            Ok(0) => Instruction::with2(Code::Xor_r32_rm32, to.low(), to.low()),
            Ok(small) => Instruction::with2(Code::Mov_r32_imm32, to.low(), small),
            Err(_) => Instruction::with2(Code::Mov_r64_imm64, to.reg(), value),
        };
        self.push(made);
    }
    pub fn load(&mut self, to: Gpr, from: Mem) {
        self.push(Instruction::with2(Code::Mov_r64_rm64, to.reg(), from.operand(false)));
    }
    pub fn store(&mut self, to: Mem, from: Gpr) {
        self.push(Instruction::with2(Code::Mov_rm64_r64, to.operand(false), from.reg()));
    }
    pub fn lea(&mut self, to: Gpr, from: Mem) {
        self.push(Instruction::with2(Code::Lea_r64_m, to.reg(), from.operand(false)));
    }
    pub fn add(&mut self, to: Gpr, by: Gpr) {
        self.push(Instruction::with2(Code::Add_r64_rm64, to.reg(), by.reg()));
    }
    pub fn add_value(&mut self, to: Gpr, by: i32) {
        self.push(Instruction::with2(Code::Add_rm64_imm32, to.reg(), by));
    }
    pub fn sub(&mut self, to: Gpr, by: Gpr) {
        self.push(Instruction::with2(Code::Sub_r64_rm64, to.reg(), by.reg()));
    }
    /// `to = from * by`
    pub fn times(&mut self, to: Gpr, from: Gpr, by: u64) {
        match i32::try_from(by) {
            Ok(1) => {
                if to != from {
                    self.mov(to, from);
                }
            }
            Ok(by) if by.count_ones() == 1 => {
                if to != from {
                    self.mov(to, from);
                }
                self.push(Instruction::with2(Code::Shl_rm64_imm8, to.reg(), by.trailing_zeros()));
            }
            Ok(by) => self.push(Instruction::with3(Code::Imul_r64_rm64_imm32, to.reg(), from.reg(), by)),
            Err(_) => {
                // `to` and `from` differ where this is used
                self.set(to, by);
                self.push(Instruction::with2(Code::Imul_r64_rm64, to.reg(), from.reg()));
            }
        }
    }
    /// As many ones as `n` says, from the lowest bit; at most 32.
    pub fn bits_below(&mut self, to: Gpr, n: Gpr) {
        self.push(Instruction::with2(Code::Mov_r32_imm32, Gpr::Rdx.low(), u32::MAX));
        self.push(Instruction::with3(Code::VEX_Bzhi_r32_rm32_r32, to.low(), Gpr::Rdx.low(), n.low()));
    }
    pub fn negate(&mut self, r: Gpr) {
        self.push(Instruction::with1(Code::Neg_rm64, r.reg()));
    }
    pub fn compare(&mut self, a: Gpr, b: Gpr) {
        self.push(Instruction::with2(Code::Cmp_r64_rm64, a.reg(), b.reg()));
    }
    pub fn compare_mem(&mut self, a: Gpr, b: Mem) {
        self.push(Instruction::with2(Code::Cmp_r64_rm64, a.reg(), b.operand(false)));
    }
    pub fn compare_value(&mut self, a: Gpr, b: i32) {
        self.push(Instruction::with2(Code::Cmp_rm64_imm32, a.reg(), b));
    }
    pub fn jump(&mut self, to: Label) {
        self.jumps.push((self.code.len(), to));
        self.push(Instruction::with_branch(Code::Jmp_rel32_64, 0));
    }
    pub fn jump_if(&mut self, condition: If, to: Label) {
        let code = match condition {
            If::Below => Code::Jb_rel32_64,
            If::BelowEqual => Code::Jbe_rel32_64,
            If::NotZero => Code::Jne_rel32_64,
        };
        self.jumps.push((self.code.len(), to));
        self.push(Instruction::with_branch(code, 0));
    }
    pub fn push_reg(&mut self, r: Gpr) {
        self.push(Instruction::with1(Code::Push_r64, r.reg()));
    }
    pub fn pop_reg(&mut self, r: Gpr) {
        self.push(Instruction::with1(Code::Pop_r64, r.reg()));
    }
    pub fn ret(&mut self) {
        self.push(Ok(Instruction::with(Code::VEX_Vzeroupper)));
        self.push(Ok(Instruction::with(Code::Retnq)));
    }

    // vectors

    /// A whole vector from memory.
    pub fn vload(&mut self, to: Vec, from: Mem) {
        let code = to.width.pick([
            Code::VEX_Vmovsd_xmm_m64,
            Code::VEX_Vmovupd_ymm_ymmm256,
            Code::EVEX_Vmovupd_zmm_k1z_zmmm512,
        ]);
        self.push(Instruction::with2(code, to.reg(), from.operand(false)));
    }
    pub fn vstore(&mut self, to: Mem, from: Vec) {
        let code = from.width.pick([
            Code::VEX_Vmovsd_m64_xmm,
            Code::VEX_Vmovupd_ymmm256_ymm,
            Code::EVEX_Vmovupd_zmmm512_k1z_zmm,
        ]);
        self.push(Instruction::with2(code, to.operand(false), from.reg()));
    }
    /// The lanes of a mask; zero in the others.
    pub fn vload_masked(&mut self, to: Vec, from: Mem, mask: Mask) {
        let code = Code::EVEX_Vmovupd_zmm_k1z_zmmm512;
        self.with_mask(Instruction::with2(code, to.reg(), from.operand(false)), mask, true);
    }
    pub fn vstore_masked(&mut self, to: Mem, from: Vec, mask: Mask) {
        let code = Code::EVEX_Vmovupd_zmmm512_k1z_zmm;
        self.with_mask(Instruction::with2(code, to.operand(false), from.reg()), mask, false);
    }
    /// As `vload_masked`, with a vector for the mask.
    pub fn vload_where(&mut self, to: Vec, from: Mem, mask: Vec) {
        let code = Code::VEX_Vmaskmovpd_ymm_ymm_m256;
        self.push(Instruction::with3(code, to.reg(), mask.reg(), from.operand(false)));
    }
    pub fn vstore_where(&mut self, to: Mem, from: Vec, mask: Vec) {
        let code = Code::VEX_Vmaskmovpd_m256_ymm_ymm;
        self.push(Instruction::with3(code, to.operand(false), mask.reg(), from.reg()));
    }
    /// One number from memory, in all lanes.
    pub fn vbroadcast(&mut self, to: Vec, from: Mem) {
        let code = to.width.pick([
            Code::VEX_Vmovsd_xmm_m64,
            Code::VEX_Vbroadcastsd_ymm_m64,
            Code::EVEX_Vbroadcastsd_zmm_k1z_xmmm64,
        ]);
        self.push(Instruction::with2(code, to.reg(), from.operand(false)));
    }
    pub fn vmov(&mut self, to: Vec, from: Vec) {
        let code = to.width.pick([
            Code::VEX_Vmovapd_xmm_xmmm128,
            Code::VEX_Vmovapd_ymm_ymmm256,
            Code::EVEX_Vmovapd_zmm_k1z_zmmm512,
        ]);
        self.push(Instruction::with2(code, to.reg(), from.reg()));
    }
    pub fn vzero(&mut self, to: Vec) {
        // writing the lower part of a register clears the rest; the upper sixteen need their own form
        let made = if to.n < 16 {
            let x = to.as_width(Width::One).reg();
            Instruction::with3(Code::VEX_Vxorpd_xmm_xmm_xmmm128, x, x, x)
        } else {
            let z = to.reg();
            Instruction::with3(Code::EVEX_Vpxorq_zmm_k1z_zmm_zmmm512b64, z, z, z)
        };
        self.push(made);
    }
    /// A general register in all lanes.
    pub fn vfrom(&mut self, to: Vec, from: Gpr) {
        if to.width == Width::Eight {
            self.push(Instruction::with2(Code::EVEX_Vpbroadcastq_zmm_k1z_r64, to.reg(), from.reg()));
            return;
        }
        let x = to.as_width(Width::One);
        self.push(Instruction::with2(Code::VEX_Vmovq_xmm_rm64, x.reg(), from.reg()));
        if to.width == Width::Four {
            self.push(Instruction::with2(Code::VEX_Vpbroadcastq_ymm_xmmm64, to.reg(), x.reg()));
        }
    }

    fn vop(&mut self, code: Code, to: Vec, a: Vec, b: Operand) {
        let made = match b {
            Operand::Reg(b) => Instruction::with3(code, to.reg(), a.reg(), b.reg()),
            Operand::Mem(m) => Instruction::with3(code, to.reg(), a.reg(), m.operand(false)),
            Operand::Broadcast(m) => Instruction::with3(code, to.reg(), a.reg(), m.operand(true)),
        };
        self.push(made);
    }
    fn with_mask(&mut self, made: Result<Instruction, IcedError>, mask: Mask, zero: bool) {
        self.push(made.map(|mut i| {
            i.set_op_mask(mask.reg());
            i.set_zeroing_masking(zero);
            i
        }));
    }
    /// `to = a op b`
    pub fn v2(&mut self, op: Op2, to: Vec, a: Vec, b: Operand) {
        self.vop(op2(op, to.width), to, a, b);
    }
    /// `to = a op b` in the lanes of a mask; the others stay.
    pub fn v2_masked(&mut self, op: Op2, to: Vec, a: Vec, b: Vec, mask: Mask) {
        let made = Instruction::with3(op2(op, to.width), to.reg(), a.reg(), b.reg());
        self.with_mask(made, mask, false);
    }
    pub fn v1(&mut self, op: Op1, to: Vec, a: Vec) {
        match op {
            Op1::Sqrt => {
                let code = to.width.pick([
                    Code::VEX_Vsqrtpd_xmm_xmmm128,
                    Code::VEX_Vsqrtpd_ymm_ymmm256,
                    Code::EVEX_Vsqrtpd_zmm_k1z_zmmm512b64_er,
                ]);
                self.push(Instruction::with2(code, to.reg(), a.reg()));
            }
            Op1::Round | Op1::Truncate => {
                let how = if op == Op1::Round { 8 } else { 11 };
                let code = to.width.pick([
                    Code::VEX_Vroundpd_xmm_xmmm128_imm8,
                    Code::VEX_Vroundpd_ymm_ymmm256_imm8,
                    Code::EVEX_Vrndscalepd_zmm_k1z_zmmm512b64_imm8_sae,
                ]);
                self.push(Instruction::with3(code, to.reg(), a.reg(), how));
            }
        }
    }
    pub fn shift(&mut self, left: bool, to: Vec, a: Vec, by: u32) {
        let code = if left {
            to.width.pick([
                Code::VEX_Vpsllq_xmm_xmm_imm8,
                Code::VEX_Vpsllq_ymm_ymm_imm8,
                Code::EVEX_Vpsllq_zmm_k1z_zmmm512b64_imm8,
            ])
        } else {
            to.width.pick([
                Code::VEX_Vpsrlq_xmm_xmm_imm8,
                Code::VEX_Vpsrlq_ymm_ymm_imm8,
                Code::EVEX_Vpsrlq_zmm_k1z_zmmm512b64_imm8,
            ])
        };
        self.push(Instruction::with3(code, to.reg(), a.reg(), by));
    }
    /// A fused multiply-add that overwrites `d`; which operand that is, `form` says.
    pub fn fma(&mut self, form: Fused, d: Vec, b: Vec, c: Operand) {
        let code = fused(form, d.width);
        self.vop(code, d, b, c);
    }
    /// `d = b * c + d` in the lanes of a mask.
    pub fn fma_masked(&mut self, d: Vec, b: Vec, c: Vec, mask: Mask) {
        let made = Instruction::with3(fused(Fused::F231, d.width), d.reg(), b.reg(), c.reg());
        self.with_mask(made, mask, false);
    }
    /// All ones in the lanes where the comparison holds, zero in the others.
    pub fn vcompare(&mut self, op: Compare, to: Vec, a: Vec, b: Operand) {
        let how: u32 = match op {
            Compare::Lt => 0x11,
            Compare::Le => 0x12,
            Compare::Eq => 0x00,
            Compare::Unordered => 0x03,
        };
        if to.width == Width::Eight {
            let code = Code::EVEX_Vcmppd_kr_k1_zmm_zmmm512b64_imm8_sae;
            let k = SPARE.reg();
            let made = match b {
                Operand::Reg(b) => Instruction::with4(code, k, a.reg(), b.reg(), how),
                Operand::Mem(m) => Instruction::with4(code, k, a.reg(), m.operand(false), how),
                Operand::Broadcast(m) => Instruction::with4(code, k, a.reg(), m.operand(true), how),
            };
            self.push(made);
            self.push(Instruction::with2(Code::EVEX_Vpmovm2q_zmm_kr, to.reg(), k));
            return;
        }
        let code = to.width.pick([
            Code::VEX_Vcmppd_xmm_xmm_xmmm128_imm8,
            Code::VEX_Vcmppd_ymm_ymm_ymmm256_imm8,
            Code::INVALID,
        ]);
        let made = match b {
            Operand::Reg(b) => Instruction::with4(code, to.reg(), a.reg(), b.reg(), how),
            Operand::Mem(m) | Operand::Broadcast(m) => {
                Instruction::with4(code, to.reg(), a.reg(), m.operand(false), how)
            }
        };
        self.push(made);
    }
    /// `to = if mask then a else b`, the mask a vector of all ones and zeros.
    pub fn vselect(&mut self, to: Vec, mask: Vec, a: Operand, b: Vec) {
        if to.width == Width::Eight {
            self.mask_of(SPARE, mask);
            let code = Code::EVEX_Vblendmpd_zmm_k1z_zmm_zmmm512b64;
            let made = match a {
                Operand::Reg(a) => Instruction::with3(code, to.reg(), b.reg(), a.reg()),
                Operand::Mem(m) => Instruction::with3(code, to.reg(), b.reg(), m.operand(false)),
                Operand::Broadcast(m) => Instruction::with3(code, to.reg(), b.reg(), m.operand(true)),
            };
            self.with_mask(made, SPARE, false);
            return;
        }
        let code = to.width.pick([
            Code::VEX_Vblendvpd_xmm_xmm_xmmm128_xmm,
            Code::VEX_Vblendvpd_ymm_ymm_ymmm256_ymm,
            Code::INVALID,
        ]);
        let made = match a {
            Operand::Reg(a) => Instruction::with4(code, to.reg(), b.reg(), a.reg(), mask.reg()),
            Operand::Mem(m) | Operand::Broadcast(m) => {
                Instruction::with4(code, to.reg(), b.reg(), m.operand(false), mask.reg())
            }
        };
        self.push(made);
    }
    /// A mask register of the top bits of the lanes.
    pub fn mask_of(&mut self, to: Mask, from: Vec) {
        self.push(Instruction::with2(Code::EVEX_Vpmovq2m_kr_zmm, to.reg(), from.reg()));
    }
    /// A mask register from a general one.
    pub fn mask_from(&mut self, to: Mask, from: Gpr) {
        self.push(Instruction::with2(Code::VEX_Kmovd_kr_r32, to.reg(), from.low()));
    }
    /// Both masks.
    pub fn mask_and(&mut self, to: Mask, a: Mask, b: Mask) {
        self.push(Instruction::with3(Code::VEX_Kandb_kr_kr_kr, to.reg(), a.reg(), b.reg()));
    }
    /// All lanes.
    pub fn mask_all(&mut self, to: Mask) {
        self.push(Instruction::with3(Code::VEX_Kxnorb_kr_kr_kr, to.reg(), to.reg(), to.reg()));
    }
    /// Unsigned 32-bit numbers from memory as 64-bit ones.
    pub fn vwiden(&mut self, to: Vec, from: Mem) {
        let code = to.width.pick([
            Code::VEX_Vpmovzxdq_xmm_xmmm64,
            Code::VEX_Vpmovzxdq_ymm_xmmm128,
            Code::EVEX_Vpmovzxdq_zmm_k1z_ymmm256,
        ]);
        self.push(Instruction::with2(code, to.reg(), from.operand(false)));
    }
    /// As `vwiden`, in the lanes of a mask.
    pub fn vwiden_masked(&mut self, to: Vec, from: Mem, mask: Mask) {
        let code = Code::EVEX_Vpmovzxdq_zmm_k1z_ymmm256;
        self.with_mask(Instruction::with2(code, to.reg(), from.operand(false)), mask, true);
    }
    /// As `vwiden`, with a vector for the mask, of 32-bit lanes; of four lanes only.
    pub fn vwiden_where(&mut self, to: Vec, from: Mem, mask: Vec) {
        let (x, mask) = (to.as_width(Width::One).reg(), mask.as_width(Width::One).reg());
        self.push(Instruction::with3(Code::VEX_Vpmaskmovd_xmm_xmm_m128, x, mask, from.operand(false)));
        self.push(Instruction::with2(Code::VEX_Vpmovzxdq_ymm_xmmm128, to.reg(), x));
    }
    /// Numbers at `base + 8 * index` in the lanes of the mask; the others stay. The mask is used up.
    pub fn vgather(&mut self, to: Vec, base: Mem, index: Vec, mask: Mask) {
        let code = Code::EVEX_Vgatherqpd_zmm_k1_vm64z;
        self.with_mask(Instruction::with2(code, to.reg(), base.gathered(index)), mask, false);
    }
    /// As `vgather`, with a vector for the mask, which is used up.
    pub fn vgather_where(&mut self, to: Vec, base: Mem, index: Vec, mask: Vec) {
        let code = to.width.pick([
            Code::VEX_Vgatherqpd_xmm_vm64x_xmm,
            Code::VEX_Vgatherqpd_ymm_vm64y_ymm,
            Code::INVALID,
        ]);
        self.push(Instruction::with3(code, to.reg(), base.gathered(index), mask.reg()));
    }
    /// Stores numbers at `base + 8 * index` in the lanes of the mask, which is used up.
    pub fn vscatter(&mut self, base: Mem, index: Vec, from: Vec, mask: Mask) {
        let code = Code::EVEX_Vscatterqpd_vm64z_k1_zmm;
        self.with_mask(Instruction::with2(code, base.gathered(index), from.reg()), mask, false);
    }
    /// The upper half of a vector.
    pub fn vupper(&mut self, to: Vec, from: Vec) {
        let made = match from.width {
            Width::Eight => Instruction::with3(
                Code::EVEX_Vextractf64x4_ymmm256_k1z_zmm_imm8,
                to.as_width(Width::Four).reg(),
                from.reg(),
                1,
            ),
            _ => Instruction::with3(
                Code::VEX_Vextractf128_xmmm128_ymm_imm8,
                to.as_width(Width::One).reg(),
                from.reg(),
                1,
            ),
        };
        self.push(made);
    }
    /// The lowest lane as a general register.
    pub fn lowest(&mut self, to: Gpr, from: Vec) {
        let x = from.as_width(Width::One).reg();
        self.push(Instruction::with2(Code::VEX_Vmovq_rm64_xmm, to.reg(), x));
    }
}

/// The mask register that vector operations use up.
pub(super) const SPARE: Mask = Mask(7);

fn fused(form: Fused, width: Width) -> Code {
    let codes = match form {
        Fused::F213 => [
            Code::VEX_Vfmadd213pd_xmm_xmm_xmmm128,
            Code::VEX_Vfmadd213pd_ymm_ymm_ymmm256,
            Code::EVEX_Vfmadd213pd_zmm_k1z_zmm_zmmm512b64_er,
        ],
        Fused::F231 => [
            Code::VEX_Vfmadd231pd_xmm_xmm_xmmm128,
            Code::VEX_Vfmadd231pd_ymm_ymm_ymmm256,
            Code::EVEX_Vfmadd231pd_zmm_k1z_zmm_zmmm512b64_er,
        ],
    };
    width.pick(codes)
}

fn op2(op: Op2, width: Width) -> Code {
    macro_rules! three {
        ($x:ident $y:ident $z:ident) => {
            [Code::$x, Code::$y, Code::$z]
        };
    }
    width.pick(match op {
        Op2::Add => three!(VEX_Vaddpd_xmm_xmm_xmmm128 VEX_Vaddpd_ymm_ymm_ymmm256 EVEX_Vaddpd_zmm_k1z_zmm_zmmm512b64_er),
        Op2::Sub => three!(VEX_Vsubpd_xmm_xmm_xmmm128 VEX_Vsubpd_ymm_ymm_ymmm256 EVEX_Vsubpd_zmm_k1z_zmm_zmmm512b64_er),
        Op2::Mul => three!(VEX_Vmulpd_xmm_xmm_xmmm128 VEX_Vmulpd_ymm_ymm_ymmm256 EVEX_Vmulpd_zmm_k1z_zmm_zmmm512b64_er),
        Op2::Div => three!(VEX_Vdivpd_xmm_xmm_xmmm128 VEX_Vdivpd_ymm_ymm_ymmm256 EVEX_Vdivpd_zmm_k1z_zmm_zmmm512b64_er),
        Op2::Min => three!(VEX_Vminpd_xmm_xmm_xmmm128 VEX_Vminpd_ymm_ymm_ymmm256 EVEX_Vminpd_zmm_k1z_zmm_zmmm512b64_sae),
        Op2::Max => three!(VEX_Vmaxpd_xmm_xmm_xmmm128 VEX_Vmaxpd_ymm_ymm_ymmm256 EVEX_Vmaxpd_zmm_k1z_zmm_zmmm512b64_sae),
        Op2::And => three!(VEX_Vandpd_xmm_xmm_xmmm128 VEX_Vandpd_ymm_ymm_ymmm256 EVEX_Vpandq_zmm_k1z_zmm_zmmm512b64),
        Op2::Or => three!(VEX_Vorpd_xmm_xmm_xmmm128 VEX_Vorpd_ymm_ymm_ymmm256 EVEX_Vporq_zmm_k1z_zmm_zmmm512b64),
        Op2::Xor => three!(VEX_Vxorpd_xmm_xmm_xmmm128 VEX_Vxorpd_ymm_ymm_ymmm256 EVEX_Vpxorq_zmm_k1z_zmm_zmmm512b64),
        Op2::AddInt => three!(VEX_Vpaddq_xmm_xmm_xmmm128 VEX_Vpaddq_ymm_ymm_ymmm256 EVEX_Vpaddq_zmm_k1z_zmm_zmmm512b64),
        Op2::SubInt => three!(VEX_Vpsubq_xmm_xmm_xmmm128 VEX_Vpsubq_ymm_ymm_ymmm256 EVEX_Vpsubq_zmm_k1z_zmm_zmmm512b64),
        Op2::MulLow => {
            three!(VEX_Vpmuludq_xmm_xmm_xmmm128 VEX_Vpmuludq_ymm_ymm_ymmm256 EVEX_Vpmuludq_zmm_k1z_zmm_zmmm512b64)
        }
        Op2::High => {
            three!(VEX_Vunpckhpd_xmm_xmm_xmmm128 VEX_Vunpckhpd_ymm_ymm_ymmm256 EVEX_Vunpckhpd_zmm_k1z_zmm_zmmm512b64)
        }
    })
}
