//! What happens in a tick, as kernels over arrays of numbers: no names of the language, no units, no axes.
//!
//! A [`Module`] holds [`Slot`]s (flat arrays of f64 or f32), [`Pattern`]s (which synapses exist), [`Kernel`]s and [`Plan`]s.
//! A kernel is a loop nest around a straight-line body: every element loads, computes in the operations of
//! [`contract::Ops`](crate::contract::Ops), and stores or takes part in a reduction. All loads of an element happen
//! before its stores, and what a kernel stores it loads nowhere else ([`verify`] sees to that), so the order of the
//! elements is without effect, rows can be shared among threads, and an array can be updated in place.
//!
//! [`KernelBuilder`] makes kernels, [`passes`] simplify them without changing a bit, [`text`] prints them and
//! [`parse`] reads them back:
//!
//! ```
//! let text = r#"state "w" [6] = 0.5
//! input "x" [3] = 1.0
//! temporary "y" [2] = 0.0
//!
//! kernel "y" dense 2 x 3 reduce 1 {
//!     %0 = load "w" [3, 1]
//!     %1 = load "x" [0, 1]                        ; column
//!     dot %0, %1 -> "y" [1]
//! }
//! "#;
//! let module = plast::ir::parse(text).expect("it is well formed");
//! plast::ir::verify(&module).expect("it is in order");
//! assert_eq!(plast::ir::text(&module), text);
//! ```

pub mod build;
mod builder;
mod kernel;
mod module;
mod parse;
pub mod passes;
pub mod stretch;
mod text;
#[allow(missing_docs)] // the sentence of a variant names its fields
pub mod timeline;
mod verify;

pub use builder::{Bits, KernelBuilder, Num, Truth};
pub use kernel::{
    Access, BinaryOp, CompareOp, Domain, Effect, Element, Index, IntOp, Kernel, LogicOp, Op, Reg, ShiftOp,
    Ty, UnaryOp,
};
pub use module::{
    Commit, Init, KernelId, Module, Pattern, PatternId, Plan, Precision, Slot, SlotId, SlotKind,
};
pub use parse::{ParseError, parse};
pub use stretch::{Obstacle, Order, Packed, Stretch, Tick};
pub use text::{outline, text};
pub use verify::{VerifyError, verify, verify_kernel};
