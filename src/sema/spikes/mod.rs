//! Spikes of populations, and what they do at synapses.

mod cells;
mod changes;
mod handlers;
mod sources;
