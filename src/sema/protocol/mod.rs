//! The timeline: phases, presentations, loops, picks, teaching, probes, controls.

mod changes;
mod loops;
mod presentations;
mod probes;
mod spikes;
mod statements;
mod survey;

pub(super) use survey::{control_reads, declares_probe, has_control, set_at, sets};
