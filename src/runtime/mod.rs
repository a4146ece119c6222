//! Runs a program: the clock, the timeline, states, records and probes.

mod cursor;
mod stage;
