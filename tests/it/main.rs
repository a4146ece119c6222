//! The one integration binary.

#![allow(clippy::unwrap_used)]

mod cli;
mod harness;
mod imports;
mod markdown;
mod pages;
mod programs;
mod spec;
mod tables;
