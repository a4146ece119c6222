//! plast: a language for synaptic plasticity experiments.

pub mod backend;
pub mod builtins;
pub mod contract;
pub mod diag;
pub mod eval;
pub mod hir;
pub mod ir;
pub mod record;
pub mod runtime;
pub mod source;
pub mod syntax;
pub mod units;
