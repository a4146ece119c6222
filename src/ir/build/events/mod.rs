//! What spikes do, as kernels that are run for the cells that spike.
//!
//! A presynaptic spike is a pass along the cell's column of synapses, a postsynaptic one a pass along its row. All
//! events of one instant read the states before it: first what cells gather from synapses is added up, then synapses
//! change, then the variables that a rule keeps for its cells, then the cells themselves, then what was gathered is
//! added. An event's change is `v + f`, `v - f`, `v*f`, `v/f` or `f`; where two spikes meet at a synapse, an
//! assignment comes first, then factors, then what is added, the presynaptic part before the postsynaptic one.

mod cells;
mod closed_form;
mod frames;
mod model;
mod synapses;

pub use model::*;
