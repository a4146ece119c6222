//! What executes kernels.
//!
//! Every back end runs exactly the operations of a kernel, in their order, so all agree in every bit; one that does
//! not is wrong. [`mod@reference`] runs one element after the other and is what the others are tested against; [`vm`] runs
//! everywhere and is fast; `native` makes machine code. [`Engine`] is the one a run takes.

mod arrays;
mod cpu;
mod engine;
#[cfg(target_arch = "x86_64")]
pub mod native;
pub mod reference;
pub mod vm;

pub use arrays::Arrays;
pub use cpu::{Cpu, CpuError};
pub use engine::{Choice, Engine, Loop, NoMachineCode, Scratch, Ticks, Unfinished};

use crate::ir::{KernelId, Module, SlotId, VerifyError};
use std::ops::Range;

/// Something that makes programs of modules.
pub trait Backend {
    /// What it makes.
    type Program: Program;
    /// Makes kernels ready to run. The module is verified first.
    fn compile(&self, module: &Module) -> Result<Self::Program, VerifyError>;
}

/// Kernels ready to run.
pub trait Program: Send + Sync {
    /// The memory a thread needs beside the arrays; it can be used for any number of runs.
    type Scratch: Send;
    /// Makes that memory.
    fn scratch(&self) -> Self::Scratch;
    /// Runs kernels one after the other. Nothing is allocated.
    ///
    /// After a kernel that left NaN or infinity in a place that is checked, it stops.
    fn run(
        &self,
        kernels: &[KernelId],
        arrays: &mut Arrays,
        scratch: &mut Self::Scratch,
    ) -> Result<(), NonFinite>;
    /// Runs some rows of kernels that are run so ([`Kernel::by_row`](crate::ir::Kernel::by_row)), one after the other.
    ///
    /// As [`Program::run`], it stops after what left a number that is not finite.
    fn run_rows(
        &self,
        kernels: &[(KernelId, Range<usize>)],
        arrays: &mut Arrays,
        scratch: &mut Self::Scratch,
    ) -> Result<(), NonFinite>;
}

/// Where a number became NaN or infinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("kernel {kernel:?} left a number that is not finite in slot {slot:?} at {index}")]
pub struct NonFinite {
    /// The kernel that stored it.
    pub kernel: KernelId,
    /// The array.
    pub slot: SlotId,
    /// The first such place in the array.
    pub index: usize,
}
