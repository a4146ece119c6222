//! The numerical contract: which bits a program means.
//!
//! The bits of a result depend on the program, its parameters and its seed, and on nothing else: not on the machine,
//! the instruction set, the number of threads, or what is recorded beside it. Five files say how:
//!
//! * [`ops`] lists the primitive operations, each correctly rounded or exact, so that every machine agrees on them.
//! * [`functions`] writes `exp`, `log`, `sin` ... once, in those operations; the same text computes a constant while a
//!   program is checked ([`scalar`]) and emits the operations of a kernel.
//! * [`reduce`] fixes the order in which sums, products and extremes are taken.
//! * [`precision`] names the two kinds of numbers there are.
//! * [`philox`] makes random numbers a function of what they are for, not of when they are drawn.
//!
//! Every clause is tested against values worked out elsewhere. None of them may change: recorded results would.

pub mod functions;
pub mod ops;
pub mod philox;
pub mod precision;
pub mod reduce;
pub mod scalar;

pub use ops::Ops;
pub use precision::Precision;
