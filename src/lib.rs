#![doc = include_str!("ARCHITECTURE.md")]

pub mod backend;
pub mod builtins;
pub mod cli;
pub mod contract;
pub mod diag;
pub mod eval;
pub mod hir;
pub mod ir;
pub mod record;
pub mod report;
pub mod runtime;
pub mod sema;
pub mod session;
pub mod source;
pub mod syntax;
pub mod units;
