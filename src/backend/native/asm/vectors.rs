//! What is done with vector and mask registers.

use super::{Asm, Compare, Fused, Gpr, Mask, Mem, Op1, Op2, Operand, SPARE, Vec, Width};
use iced_x86::{Code, IcedError, Instruction};

impl Asm {
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
