//! Between double and single precision: lanes of 64 bits have their numbers of single precision in the lower half of a
//! register, whose upper half is then zero.

use super::codes::codes;
use super::{Asm, Mask, Mem, Vec, Width};
use iced_x86::{Code, Instruction};

impl Asm {
    /// The lanes in single precision.
    pub fn vnarrow(&mut self, to: Vec, from: Vec) {
        let code = codes!(from, VEX_Vcvtpd2ps_xmm_xmmm128 VEX_Vcvtpd2ps_xmm_ymmm256 EVEX_Vcvtpd2ps_ymm_k1z_zmmm512b64_er);
        self.push(Instruction::with2(code, to.half().reg(), from.reg()));
    }
    /// Of as many lanes as `to` has the numbers in double precision.
    pub fn vbroaden(&mut self, to: Vec, from: Vec) {
        self.push(Instruction::with2(broaden(to), to.reg(), from.half().reg()));
    }
    /// Numbers of single precision from memory, in double precision.
    pub fn vload_single(&mut self, to: Vec, from: Mem) {
        if to.width == Width::One {
            let code = Code::VEX_Vcvtss2sd_xmm_xmm_xmmm32;
            self.push(Instruction::with3(code, to.reg(), to.reg(), from.operand(false)));
        } else {
            self.push(Instruction::with2(broaden(to), to.reg(), from.operand(false)));
        }
    }
    /// As `vload_single`, in the lanes of a mask; of eight lanes.
    pub fn vload_single_masked(&mut self, to: Vec, from: Mem, mask: Mask) {
        self.with_mask(Instruction::with2(broaden(to), to.reg(), from.operand(false)), mask, true);
    }
    /// As `vload_single`, with a vector for the mask, of 32-bit lanes; of four lanes.
    pub fn vload_single_where(&mut self, to: Vec, from: Mem, mask: Vec) {
        let (half, mask) = (to.half().reg(), mask.half().reg());
        self.push(Instruction::with3(Code::VEX_Vmaskmovps_xmm_xmm_m128, half, mask, from.operand(false)));
        self.vbroaden(to, to);
    }
    /// Writes the lower half of a register, of one lane a single number.
    pub fn vstore_half(&mut self, to: Mem, from: Vec) {
        let code = codes!(from, VEX_Vmovss_m32_xmm VEX_Vmovups_xmmm128_xmm EVEX_Vmovups_ymmm256_k1z_ymm);
        self.push(Instruction::with2(code, to.operand(false), from.half().reg()));
    }
    /// As `vstore_half`, in the lanes of a mask; of eight lanes.
    pub fn vstore_half_masked(&mut self, to: Mem, from: Vec, mask: Mask) {
        let code = Code::EVEX_Vmovups_ymmm256_k1z_ymm;
        self.with_mask(Instruction::with2(code, to.operand(false), from.half().reg()), mask, false);
    }
    /// As `vstore_half`, with a vector for the mask, of 32-bit lanes; of four lanes.
    pub fn vstore_half_where(&mut self, to: Mem, from: Vec, mask: Vec) {
        let code = Code::VEX_Vmaskmovps_m128_xmm_xmm;
        self.push(Instruction::with3(code, to.operand(false), mask.half().reg(), from.half().reg()));
    }
    /// Numbers of single precision at `base + 4 * index` in the lanes of the mask, in double precision. The mask is used
    /// up; of eight lanes.
    pub fn vgather_single(&mut self, to: Vec, base: Mem, index: Vec, mask: Mask) {
        let code = Code::EVEX_Vgatherqps_ymm_k1_vm64z;
        let made = Instruction::with2(code, to.half().reg(), base.gathered(index, 4));
        self.with_mask(made, mask, false);
        self.vbroaden(to, to);
    }
    /// As `vgather_single`, with a vector for the mask, of 32-bit lanes, which is used up; of four lanes.
    pub fn vgather_single_where(&mut self, to: Vec, base: Mem, index: Vec, mask: Vec) {
        let code = Code::VEX_Vgatherqps_xmm_vm64y_xmm;
        let (half, mask) = (to.half().reg(), mask.half().reg());
        self.push(Instruction::with3(code, half, base.gathered(index, 4), mask));
        self.vbroaden(to, to);
    }
    /// Stores the lower half of a register at `base + 4 * index` in the lanes of the mask, which is used up; of eight
    /// lanes.
    pub fn vscatter_half(&mut self, base: Mem, index: Vec, from: Vec, mask: Mask) {
        let code = Code::EVEX_Vscatterqps_vm64z_k1_ymm;
        self.with_mask(Instruction::with2(code, base.gathered(index, 4), from.half().reg()), mask, false);
    }
}

/// The instruction that makes so many numbers of double precision.
fn broaden(to: Vec) -> Code {
    codes!(to, VEX_Vcvtps2pd_xmm_xmmm64 VEX_Vcvtps2pd_ymm_xmmm128 EVEX_Vcvtps2pd_zmm_k1z_ymmm256b32_sae)
}

impl Vec {
    /// The same register, seen with half the width.
    fn half(self) -> Vec {
        self.as_width(match self.width {
            Width::Eight => Width::Four,
            Width::Four | Width::One => Width::One,
        })
    }
}
