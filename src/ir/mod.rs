//! From a checked program to what a back end runs.

pub mod build;
pub mod timeline;
