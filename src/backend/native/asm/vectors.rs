//! What is done with vector and mask registers.

use super::codes::{codes, fused, op1, op2};
use super::{Asm, Compare, Fused, Gpr, Mask, Mem, Op1, Op2, Operand, SPARE, Vec, Width};
use iced_x86::{Code, IcedError, Instruction};

impl Asm {
    /// A whole vector from memory.
    pub fn vload(&mut self, to: Vec, from: Mem) {
        let code = codes!(to,
            VEX_Vmovsd_xmm_m64 VEX_Vmovupd_ymm_ymmm256 EVEX_Vmovupd_zmm_k1z_zmmm512,
            VEX_Vmovss_xmm_m32 VEX_Vmovups_ymm_ymmm256 EVEX_Vmovups_zmm_k1z_zmmm512);
        self.push(Instruction::with2(code, to.reg(), from.operand(false)));
    }
    pub fn vstore(&mut self, to: Mem, from: Vec) {
        let code = codes!(from,
            VEX_Vmovsd_m64_xmm VEX_Vmovupd_ymmm256_ymm EVEX_Vmovupd_zmmm512_k1z_zmm,
            VEX_Vmovss_m32_xmm VEX_Vmovups_ymmm256_ymm EVEX_Vmovups_zmmm512_k1z_zmm);
        self.push(Instruction::with2(code, to.operand(false), from.reg()));
    }
    /// The lanes of a mask; zero in the others.
    pub fn vload_masked(&mut self, to: Vec, from: Mem, mask: Mask) {
        let code =
            if to.single { Code::EVEX_Vmovups_zmm_k1z_zmmm512 } else { Code::EVEX_Vmovupd_zmm_k1z_zmmm512 };
        self.with_mask(Instruction::with2(code, to.reg(), from.operand(false)), mask, true);
    }
    pub fn vstore_masked(&mut self, to: Mem, from: Vec, mask: Mask) {
        let code =
            if from.single { Code::EVEX_Vmovups_zmmm512_k1z_zmm } else { Code::EVEX_Vmovupd_zmmm512_k1z_zmm };
        self.with_mask(Instruction::with2(code, to.operand(false), from.reg()), mask, false);
    }
    /// As `vload_masked`, with a vector for the mask.
    pub fn vload_where(&mut self, to: Vec, from: Mem, mask: Vec) {
        let code =
            if to.single { Code::VEX_Vmaskmovps_ymm_ymm_m256 } else { Code::VEX_Vmaskmovpd_ymm_ymm_m256 };
        self.push(Instruction::with3(code, to.reg(), mask.reg(), from.operand(false)));
    }
    pub fn vstore_where(&mut self, to: Mem, from: Vec, mask: Vec) {
        let code =
            if from.single { Code::VEX_Vmaskmovps_m256_ymm_ymm } else { Code::VEX_Vmaskmovpd_m256_ymm_ymm };
        self.push(Instruction::with3(code, to.operand(false), mask.reg(), from.reg()));
    }
    /// One number from memory, in all lanes.
    pub fn vbroadcast(&mut self, to: Vec, from: Mem) {
        let code = codes!(to,
            VEX_Vmovsd_xmm_m64 VEX_Vbroadcastsd_ymm_m64 EVEX_Vbroadcastsd_zmm_k1z_xmmm64,
            VEX_Vmovss_xmm_m32 VEX_Vbroadcastss_ymm_m32 EVEX_Vbroadcastss_zmm_k1z_xmmm32);
        self.push(Instruction::with2(code, to.reg(), from.operand(false)));
    }
    pub fn vmov(&mut self, to: Vec, from: Vec) {
        let code = codes!(to, VEX_Vmovapd_xmm_xmmm128 VEX_Vmovapd_ymm_ymmm256 EVEX_Vmovapd_zmm_k1z_zmmm512);
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
    pub(super) fn with_mask(&mut self, made: Result<Instruction, IcedError>, mask: Mask, zero: bool) {
        self.push(made.map(|mut i| {
            i.set_op_mask(mask.reg());
            i.set_zeroing_masking(zero);
            i
        }));
    }
    /// `to = a op b`
    pub fn v2(&mut self, op: Op2, to: Vec, a: Vec, b: Operand) {
        self.vop(op2(op, to), to, a, b);
    }
    /// `to = a op b` in the lanes of a mask; the others stay.
    pub fn v2_masked(&mut self, op: Op2, to: Vec, a: Vec, b: Vec, mask: Mask) {
        let made = Instruction::with3(op2(op, to), to.reg(), a.reg(), b.reg());
        self.with_mask(made, mask, false);
    }
    pub fn v1(&mut self, op: Op1, to: Vec, a: Vec) {
        if op == Op1::Single {
            self.vnarrow(to, a);
            self.vbroaden(to, to);
            return;
        }
        let made = match op1(op, to) {
            (code, None) => Instruction::with2(code, to.reg(), a.reg()),
            (code, Some(how)) => Instruction::with3(code, to.reg(), a.reg(), how),
        };
        self.push(made);
    }
    pub fn shift(&mut self, left: bool, to: Vec, a: Vec, by: u32) {
        let code = if left {
            codes!(to, VEX_Vpsllq_xmm_xmm_imm8 VEX_Vpsllq_ymm_ymm_imm8 EVEX_Vpsllq_zmm_k1z_zmmm512b64_imm8)
        } else {
            codes!(to, VEX_Vpsrlq_xmm_xmm_imm8 VEX_Vpsrlq_ymm_ymm_imm8 EVEX_Vpsrlq_zmm_k1z_zmmm512b64_imm8)
        };
        self.push(Instruction::with3(code, to.reg(), a.reg(), by));
    }
    /// A fused multiply-add that overwrites `d`; which operand that is, `form` says.
    pub fn fma(&mut self, form: Fused, d: Vec, b: Vec, c: Operand) {
        let code = fused(form, d);
        self.vop(code, d, b, c);
    }
    /// `d = b * c + d` in the lanes of a mask.
    pub fn fma_masked(&mut self, d: Vec, b: Vec, c: Vec, mask: Mask) {
        let made = Instruction::with3(fused(Fused::F231, d), d.reg(), b.reg(), c.reg());
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
            let code = match to.single {
                false => Code::EVEX_Vcmppd_kr_k1_zmm_zmmm512b64_imm8_sae,
                true => Code::EVEX_Vcmpps_kr_k1_zmm_zmmm512b32_imm8_sae,
            };
            let k = SPARE.reg();
            let made = match b {
                Operand::Reg(b) => Instruction::with4(code, k, a.reg(), b.reg(), how),
                Operand::Mem(m) => Instruction::with4(code, k, a.reg(), m.operand(false), how),
                Operand::Broadcast(m) => Instruction::with4(code, k, a.reg(), m.operand(true), how),
            };
            self.push(made);
            let code = if to.single { Code::EVEX_Vpmovm2d_zmm_kr } else { Code::EVEX_Vpmovm2q_zmm_kr };
            self.push(Instruction::with2(code, to.reg(), k));
            return;
        }
        let code = codes!(to,
            VEX_Vcmppd_xmm_xmm_xmmm128_imm8 VEX_Vcmppd_ymm_ymm_ymmm256_imm8 INVALID,
            VEX_Vcmpps_xmm_xmm_xmmm128_imm8 VEX_Vcmpps_ymm_ymm_ymmm256_imm8 INVALID);
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
            let code = match to.single {
                false => Code::EVEX_Vblendmpd_zmm_k1z_zmm_zmmm512b64,
                true => Code::EVEX_Vblendmps_zmm_k1z_zmm_zmmm512b32,
            };
            let made = match a {
                Operand::Reg(a) => Instruction::with3(code, to.reg(), b.reg(), a.reg()),
                Operand::Mem(m) => Instruction::with3(code, to.reg(), b.reg(), m.operand(false)),
                Operand::Broadcast(m) => Instruction::with3(code, to.reg(), b.reg(), m.operand(true)),
            };
            self.with_mask(made, SPARE, false);
            return;
        }
        let code = codes!(to,
            VEX_Vblendvpd_xmm_xmm_xmmm128_xmm VEX_Vblendvpd_ymm_ymm_ymmm256_ymm INVALID,
            VEX_Vblendvps_xmm_xmm_xmmm128_xmm VEX_Vblendvps_ymm_ymm_ymmm256_ymm INVALID);
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
        let code = if from.single { Code::EVEX_Vpmovd2m_kr_zmm } else { Code::EVEX_Vpmovq2m_kr_zmm };
        self.push(Instruction::with2(code, to.reg(), from.reg()));
    }
    /// A mask register from a general one.
    pub fn mask_from(&mut self, to: Mask, from: Gpr) {
        self.push(Instruction::with2(Code::VEX_Kmovd_kr_r32, to.reg(), from.low()));
    }
    /// Both masks.
    pub fn mask_and(&mut self, to: Mask, a: Mask, b: Mask) {
        self.push(Instruction::with3(Code::VEX_Kandw_kr_kr_kr, to.reg(), a.reg(), b.reg()));
    }
    /// All lanes.
    pub fn mask_all(&mut self, to: Mask) {
        self.push(Instruction::with3(Code::VEX_Kxnorw_kr_kr_kr, to.reg(), to.reg(), to.reg()));
    }
    /// Unsigned 32-bit numbers from memory as 64-bit ones.
    pub fn vwiden(&mut self, to: Vec, from: Mem) {
        let code =
            codes!(to, VEX_Vpmovzxdq_xmm_xmmm64 VEX_Vpmovzxdq_ymm_xmmm128 EVEX_Vpmovzxdq_zmm_k1z_ymmm256);
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
        self.with_mask(Instruction::with2(code, to.reg(), base.gathered(index, 8)), mask, false);
    }
    /// As `vgather`, with a vector for the mask, which is used up.
    pub fn vgather_where(&mut self, to: Vec, base: Mem, index: Vec, mask: Vec) {
        let code = codes!(to, VEX_Vgatherqpd_xmm_vm64x_xmm VEX_Vgatherqpd_ymm_vm64y_ymm INVALID);
        self.push(Instruction::with3(code, to.reg(), base.gathered(index, 8), mask.reg()));
    }
    /// Stores numbers at `base + 8 * index` in the lanes of the mask, which is used up.
    pub fn vscatter(&mut self, base: Mem, index: Vec, from: Vec, mask: Mask) {
        let code = Code::EVEX_Vscatterqpd_vm64z_k1_zmm;
        self.with_mask(Instruction::with2(code, base.gathered(index, 8), from.reg()), mask, false);
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
