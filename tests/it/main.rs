//! The one integration binary.

mod harness;
mod markdown;
mod programs;
mod spec;
