//! plast: a language for synaptic plasticity experiments.

pub mod diag;
pub mod hir;
pub mod record;
pub mod source;
pub mod syntax;
pub mod units;
