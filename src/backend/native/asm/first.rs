//! The first lanes of a vector to memory without a mask: what is loaded next from behind a masked store has to wait for
//! it, also where the mask has kept it out.

use super::{Asm, Mem, Vec, Width};
use iced_x86::{Code, Instruction};

impl Asm {
    /// Writes the first lanes, so many bytes of them, and nothing behind. `spare` is used up.
    pub fn vstore_first(&mut self, to: Mem, from: Vec, bytes: usize, spare: Vec) {
        let wide = from.width == Width::Eight;
        let at = |block: usize| to.plus(16 * block as i64).operand(false);
        let (blocks, rest) = (bytes / 16, bytes % 16);
        let mut block = 0;
        while block < blocks {
            let pair = wide && block + 1 < blocks;
            let made = match (pair, block) {
                (true, 0) => {
                    let half = from.as_width(Width::Four).reg();
                    Instruction::with2(Code::EVEX_Vmovups_ymmm256_k1z_ymm, at(0), half)
                }
                (true, _) => Instruction::with3(
                    Code::EVEX_Vextractf64x4_ymmm256_k1z_zmm_imm8,
                    at(block),
                    from.reg(),
                    1,
                ),
                (false, 0) => {
                    let code =
                        if wide { Code::EVEX_Vmovups_xmmm128_k1z_xmm } else { Code::VEX_Vmovups_xmmm128_xmm };
                    Instruction::with2(code, at(0), from.as_width(Width::One).reg())
                }
                (false, _) => {
                    let code = extract(wide);
                    Instruction::with3(code, at(block), from.reg(), block as i32)
                }
            };
            self.push(made);
            block += if pair { 2 } else { 1 };
        }
        if rest == 0 {
            return;
        }
        let (mut last, spare) = (from.as_width(Width::One), spare.as_width(Width::One));
        if block > 0 {
            self.push(Instruction::with3(extract(wide), spare.reg(), from.reg(), block as i32));
            last = spare;
        }
        if rest >= 8 {
            let code = if wide { Code::EVEX_Vmovlps_m64_xmm } else { Code::VEX_Vmovlps_m64_xmm };
            self.push(Instruction::with2(code, at(block), last.reg()));
        }
        if rest == 12 {
            let code = if wide {
                Code::EVEX_Vunpckhpd_xmm_k1z_xmm_xmmm128b64
            } else {
                Code::VEX_Vunpckhpd_xmm_xmm_xmmm128
            };
            self.push(Instruction::with3(code, spare.reg(), last.reg(), last.reg()));
            last = spare;
        }
        if rest != 8 {
            let code = if wide { Code::EVEX_Vmovss_m32_k1_xmm } else { Code::VEX_Vmovss_m32_xmm };
            let to = to.plus((16 * block + rest - 4) as i64).operand(false);
            self.push(Instruction::with2(code, to, last.reg()));
        }
    }

    /// The lowest lane alone, zero in all others; of the lower registers.
    pub fn vlowest(&mut self, to: Vec, from: Vec) {
        let (to, from) = (to.as_width(Width::One).reg(), from.as_width(Width::One).reg());
        self.push(Instruction::with2(Code::VEX_Vmovq_xmm_xmmm64, to, from));
    }
}

/// The instruction that takes 128 bits out of a vector.
fn extract(wide: bool) -> Code {
    if wide { Code::EVEX_Vextractf32x4_xmmm128_k1z_zmm_imm8 } else { Code::VEX_Vextractf128_xmmm128_ymm_imm8 }
}
