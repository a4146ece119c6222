//! plast: a language for synaptic plasticity experiments.

pub mod backend;
pub mod contract;
pub mod diag;
pub mod ir;
pub mod source;
pub mod syntax;
pub mod units;
