//! plast: a language for synaptic plasticity experiments.

pub mod builtins;
pub mod contract;
pub mod diag;
pub mod eval;
pub mod hir;
pub mod ir;
pub mod sema;
pub mod source;
pub mod syntax;
pub mod units;
