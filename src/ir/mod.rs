//! From a checked program to what a back end runs.

pub mod build;
pub mod timeline;
mod builder;
mod kernel;
mod module;

pub use builder::{Bits, KernelBuilder, Num, Truth};
pub use kernel::{
    Access, BinaryOp, CompareOp, Domain, Effect, Element, Index, IntOp, Kernel, LogicOp, Op, Reg, ShiftOp, Ty,
    UnaryOp,
};
pub use module::{Commit, Init, KernelId, Module, Pattern, PatternId, Plan, Slot, SlotId, SlotKind};
