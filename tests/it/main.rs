//! The one integration binary.

#![allow(clippy::unwrap_used)]

mod bench;
mod browser;
mod cli;
mod figures;
mod fmt;
mod harness;
mod imports;
mod large;
mod live;
mod markdown;
mod never_panics;
mod orders;
mod pages;
mod programs;
mod repl;
mod robust;
mod science;
mod spec;
mod spikes;
mod tables;
mod ui;
