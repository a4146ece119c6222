//! Which instruction an operation is, for each width and precision.

use super::{Fused, Op1, Op2, Vec, Width};
use iced_x86::Code;

impl Vec {
    /// Of the codes for 128, 256 and 512 bits, of lanes in double and in single precision, that for this register.
    pub(super) fn pick(self, double: [Code; 3], single: [Code; 3]) -> Code {
        let codes = if self.single { single } else { double };
        codes[match self.width {
            Width::One => 0,
            Width::Four => 1,
            Width::Eight => 2,
        }]
    }
}

macro_rules! codes {
    ($of:expr, $a:ident $b:ident $c:ident, $d:ident $e:ident $f:ident) => {
        $of.pick([Code::$a, Code::$b, Code::$c], [Code::$d, Code::$e, Code::$f])
    };
    ($of:expr, $a:ident $b:ident $c:ident) => {
        $of.pick([Code::$a, Code::$b, Code::$c], [Code::$a, Code::$b, Code::$c])
    };
}
pub(super) use codes;

pub(super) fn fused(form: Fused, of: Vec) -> Code {
    match form {
        Fused::F213 => codes!(of,
            VEX_Vfmadd213pd_xmm_xmm_xmmm128 VEX_Vfmadd213pd_ymm_ymm_ymmm256 EVEX_Vfmadd213pd_zmm_k1z_zmm_zmmm512b64_er,
            VEX_Vfmadd213ps_xmm_xmm_xmmm128 VEX_Vfmadd213ps_ymm_ymm_ymmm256 EVEX_Vfmadd213ps_zmm_k1z_zmm_zmmm512b32_er),
        Fused::F231 => codes!(of,
            VEX_Vfmadd231pd_xmm_xmm_xmmm128 VEX_Vfmadd231pd_ymm_ymm_ymmm256 EVEX_Vfmadd231pd_zmm_k1z_zmm_zmmm512b64_er,
            VEX_Vfmadd231ps_xmm_xmm_xmmm128 VEX_Vfmadd231ps_ymm_ymm_ymmm256 EVEX_Vfmadd231ps_zmm_k1z_zmm_zmmm512b32_er),
    }
}

/// Operations that are no arithmetic take 64 bits of any lanes, but for what a mask may keep out.
pub(super) fn op2(op: Op2, of: Vec) -> Code {
    match op {
        Op2::Add => codes!(of,
            VEX_Vaddpd_xmm_xmm_xmmm128 VEX_Vaddpd_ymm_ymm_ymmm256 EVEX_Vaddpd_zmm_k1z_zmm_zmmm512b64_er,
            VEX_Vaddps_xmm_xmm_xmmm128 VEX_Vaddps_ymm_ymm_ymmm256 EVEX_Vaddps_zmm_k1z_zmm_zmmm512b32_er),
        Op2::Sub => codes!(of,
            VEX_Vsubpd_xmm_xmm_xmmm128 VEX_Vsubpd_ymm_ymm_ymmm256 EVEX_Vsubpd_zmm_k1z_zmm_zmmm512b64_er,
            VEX_Vsubps_xmm_xmm_xmmm128 VEX_Vsubps_ymm_ymm_ymmm256 EVEX_Vsubps_zmm_k1z_zmm_zmmm512b32_er),
        Op2::Mul => codes!(of,
            VEX_Vmulpd_xmm_xmm_xmmm128 VEX_Vmulpd_ymm_ymm_ymmm256 EVEX_Vmulpd_zmm_k1z_zmm_zmmm512b64_er,
            VEX_Vmulps_xmm_xmm_xmmm128 VEX_Vmulps_ymm_ymm_ymmm256 EVEX_Vmulps_zmm_k1z_zmm_zmmm512b32_er),
        Op2::Div => codes!(of,
            VEX_Vdivpd_xmm_xmm_xmmm128 VEX_Vdivpd_ymm_ymm_ymmm256 EVEX_Vdivpd_zmm_k1z_zmm_zmmm512b64_er,
            VEX_Vdivps_xmm_xmm_xmmm128 VEX_Vdivps_ymm_ymm_ymmm256 EVEX_Vdivps_zmm_k1z_zmm_zmmm512b32_er),
        Op2::Min => codes!(of,
            VEX_Vminpd_xmm_xmm_xmmm128 VEX_Vminpd_ymm_ymm_ymmm256 EVEX_Vminpd_zmm_k1z_zmm_zmmm512b64_sae,
            VEX_Vminps_xmm_xmm_xmmm128 VEX_Vminps_ymm_ymm_ymmm256 EVEX_Vminps_zmm_k1z_zmm_zmmm512b32_sae),
        Op2::Max => codes!(of,
            VEX_Vmaxpd_xmm_xmm_xmmm128 VEX_Vmaxpd_ymm_ymm_ymmm256 EVEX_Vmaxpd_zmm_k1z_zmm_zmmm512b64_sae,
            VEX_Vmaxps_xmm_xmm_xmmm128 VEX_Vmaxps_ymm_ymm_ymmm256 EVEX_Vmaxps_zmm_k1z_zmm_zmmm512b32_sae),
        Op2::And => codes!(of,
            VEX_Vandpd_xmm_xmm_xmmm128 VEX_Vandpd_ymm_ymm_ymmm256 EVEX_Vpandq_zmm_k1z_zmm_zmmm512b64,
            VEX_Vandps_xmm_xmm_xmmm128 VEX_Vandps_ymm_ymm_ymmm256 EVEX_Vpandd_zmm_k1z_zmm_zmmm512b32),
        Op2::Or => codes!(of,
            VEX_Vorpd_xmm_xmm_xmmm128 VEX_Vorpd_ymm_ymm_ymmm256 EVEX_Vporq_zmm_k1z_zmm_zmmm512b64,
            VEX_Vorps_xmm_xmm_xmmm128 VEX_Vorps_ymm_ymm_ymmm256 EVEX_Vpord_zmm_k1z_zmm_zmmm512b32),
        Op2::Xor => codes!(of,
            VEX_Vxorpd_xmm_xmm_xmmm128 VEX_Vxorpd_ymm_ymm_ymmm256 EVEX_Vpxorq_zmm_k1z_zmm_zmmm512b64,
            VEX_Vxorps_xmm_xmm_xmmm128 VEX_Vxorps_ymm_ymm_ymmm256 EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32),
        Op2::AddInt => codes!(of,
            VEX_Vpaddq_xmm_xmm_xmmm128 VEX_Vpaddq_ymm_ymm_ymmm256 EVEX_Vpaddq_zmm_k1z_zmm_zmmm512b64),
        Op2::SubInt => codes!(of,
            VEX_Vpsubq_xmm_xmm_xmmm128 VEX_Vpsubq_ymm_ymm_ymmm256 EVEX_Vpsubq_zmm_k1z_zmm_zmmm512b64),
        Op2::MulLow => codes!(of,
            VEX_Vpmuludq_xmm_xmm_xmmm128 VEX_Vpmuludq_ymm_ymm_ymmm256 EVEX_Vpmuludq_zmm_k1z_zmm_zmmm512b64),
        Op2::High => codes!(of,
            VEX_Vunpckhpd_xmm_xmm_xmmm128 VEX_Vunpckhpd_ymm_ymm_ymmm256 EVEX_Vunpckhpd_zmm_k1z_zmm_zmmm512b64),
    }
}

/// Operations on one vector that are one instruction, and the number that goes with it, if any.
pub(super) fn op1(op: Op1, of: Vec) -> (Code, Option<u32>) {
    match op {
        Op1::Sqrt => (
            codes!(of,
                VEX_Vsqrtpd_xmm_xmmm128 VEX_Vsqrtpd_ymm_ymmm256 EVEX_Vsqrtpd_zmm_k1z_zmmm512b64_er,
                VEX_Vsqrtps_xmm_xmmm128 VEX_Vsqrtps_ymm_ymmm256 EVEX_Vsqrtps_zmm_k1z_zmmm512b32_er),
            None,
        ),
        // two instructions, made elsewhere
        Op1::Single => (Code::INVALID, None),
        Op1::Round | Op1::Truncate => (
            codes!(of,
                VEX_Vroundpd_xmm_xmmm128_imm8 VEX_Vroundpd_ymm_ymmm256_imm8 EVEX_Vrndscalepd_zmm_k1z_zmmm512b64_imm8_sae,
                VEX_Vroundps_xmm_xmmm128_imm8 VEX_Vroundps_ymm_ymmm256_imm8 EVEX_Vrndscaleps_zmm_k1z_zmmm512b32_imm8_sae),
            Some(if op == Op1::Round { 8 } else { 11 }),
        ),
    }
}
