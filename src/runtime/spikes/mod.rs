//! Spikes while a run goes on: who spikes when, and which synapses that reaches.

mod coming;
mod instant;
mod poisson;
mod schedule;
mod synapses;

pub(super) use coming::Spikes;
