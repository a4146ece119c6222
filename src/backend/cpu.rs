use std::fmt;

/// The instructions a program is run with. The choice changes how fast it is, never a bit of a result.
#[derive(Debug, Clone, Copy)]
pub enum Cpu {
    /// What every processor of the target has; fused multiply-add in software where that lacks it.
    Baseline,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    /// AVX-512.
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
}

/// Why the instructions asked for cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CpuError {
    /// No set of instructions has this name.
    #[error("`{0}` is none of sse2, avx2 and avx512")]
    Unknown(String),
    /// This processor lacks them.
    #[error("this processor does not have {0}")]
    Missing(String),
}

impl Cpu {
    /// The best this processor has.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(v4) = pulp::x86::V4::try_new() {
                return Self::Avx512(v4);
            }
            if let Some(v3) = pulp::x86::V3::try_new() {
                return Self::Avx2(v3);
            }
        }
        Self::Baseline
    }

    /// The instructions of this name: `sse2`, `avx2` or `avx512`.
    pub fn named(name: &str) -> Result<Self, CpuError> {
        match name {
            "sse2" => Ok(Self::Baseline),
            #[cfg(target_arch = "x86_64")]
            "avx2" => pulp::x86::V3::try_new().map(Self::Avx2).ok_or_else(|| CpuError::Missing(name.into())),
            #[cfg(target_arch = "x86_64")]
            "avx512" => {
                pulp::x86::V4::try_new().map(Self::Avx512).ok_or_else(|| CpuError::Missing(name.into()))
            }
            #[cfg(not(target_arch = "x86_64"))]
            "avx2" | "avx512" => Err(CpuError::Missing(name.into())),
            _ => Err(CpuError::Unknown(name.into())),
        }
    }

    /// The instructions that `PLAST_CPU` names, or the best there are.
    pub fn from_env() -> Result<Self, CpuError> {
        match std::env::var("PLAST_CPU") {
            Ok(name) if !name.is_empty() => Self::named(&name),
            _ => Ok(Self::detect()),
        }
    }

    /// All that this processor has.
    pub fn all() -> Vec<Self> {
        ["sse2", "avx2", "avx512"].into_iter().filter_map(|n| Self::named(n).ok()).collect()
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "sse2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_are_found_by_name() {
        assert!(Cpu::named("sse2").is_ok());
        assert_eq!(Cpu::named("mmx").err(), Some(CpuError::Unknown("mmx".into())));
        assert!(Cpu::all().iter().any(|c| c.to_string() == Cpu::detect().to_string()));
    }
}
