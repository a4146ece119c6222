#![allow(clippy::unwrap_used)]

mod build;
mod env;
mod examples;
mod index;
mod leaves;
mod operators;
mod properties;
mod reductions;
