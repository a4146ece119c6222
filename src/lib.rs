//! plast: a language for synaptic plasticity experiments.

pub mod builtins;
pub mod diag;
pub mod hir;
pub mod source;
pub mod syntax;
pub mod units;
