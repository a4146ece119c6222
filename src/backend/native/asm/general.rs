//! What is done with general registers: addresses, counts, jumps.

use super::{Asm, Gpr, If, Label, Mem};
use iced_x86::{Code, Instruction};

impl Asm {
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
}
