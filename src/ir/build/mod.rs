//! From a checked program to kernels: canonical forms, storage, plans.

pub mod canonical;
pub(crate) mod expr;
