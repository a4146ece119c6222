//! Locks: what an experiment's results are, to the last bit, in a file beside it.
//!
//! `plast lock` writes a [`Lock`], `plast verify` runs again and [`compare`]s. Small results stand in the lock as
//! they are; of large ones it keeps a digest, a digest of each block and the first number of each block, so that
//! the first number that differs can be named and the file stays small.

mod compare;
mod format;
mod item;
mod make;

pub use compare::{Comparison, compare};
pub use format::{Lock, LockError, LockedCase, LockedRun};
pub use item::Item;
pub(in crate::report) use item::{Builder, Difference};
pub use make::make;
pub(in crate::report) use make::{probe, record};
