//! Kernels as machine code for x86-64, in vectors of eight numbers (AVX-512) or four (AVX2 and FMA).
//!
//! A kernel becomes a nest (`lower`): loops around sections of vector operations (`lir`), each value in the
//! outermost section that has what it needs. A section gets registers (`regs`) and is written vector by vector
//! (`emit`, `access`, `reduce`) by the assembler (`asm`) into memory that is then executed (`code`).
//!
//! The index of an extreme takes several nests (`index`). Many ticks as one loop are `turns`; where rows cannot go alone
//! threads share each loop of a tick (`steps`). What the next spikes need is asked for ahead of time (`ahead`). What has no machine code,
//! the index of an extreme of a pattern's row, is run by the [`vm`](super::vm).

mod access;
mod ahead;
mod asm;
mod code;
mod emit;
mod frame;
mod index;
mod lir;
mod listing;
mod loops;
mod lower;
mod memory;
mod narrow;
mod random;
mod reduce;
mod regs;
mod run;
mod steps;
mod turns;
mod whole;

pub use run::{Native, Program, Scratch};
pub use turns::{Turns, Workers};
