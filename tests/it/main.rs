//! The one integration binary.

#![allow(clippy::unwrap_used)]

mod cli;
mod imports;
mod never_panics;
