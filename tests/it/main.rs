//! The one integration binary.

mod harness;
mod markdown;
mod pages;
mod programs;
mod spec;
