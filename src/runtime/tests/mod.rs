//! Programs made by hand, run, and compared with what pencil and paper say.

mod engine;
mod network;
mod protocol;
mod states;

use super::*;
use crate::hir::testing::*;
use crate::hir::{AxisId, Expr, ProbeId, RecordId, Value, VarId};
use std::sync::atomic::Ordering;

fn go(net: Net) -> Recording {
    let experiment = net.experiment();
    run(&experiment, &[0], &Options::default(), &mut Silent).unwrap()
}

fn go_err(net: Net) -> Diagnostic {
    let experiment = net.experiment();
    *run(&experiment, &[0], &Options::default(), &mut Silent).unwrap_err()
}

fn probe(recording: &Recording, id: ProbeId) -> Value {
    recording.cases[0].main.probes[id].clone().unwrap()
}

fn series(recording: &Recording, id: RecordId) -> Vec<f64> {
    let series = &recording.cases[0].main.records[id];
    series.read(0, series.samples()).unwrap()
}

fn times(recording: &Recording, id: RecordId) -> Vec<u64> {
    recording.cases[0].main.records[id].times().ticks().collect()
}

/// Adds a probe of a value at the end of the protocol.
fn at_end(net: &mut Net, value: Expr) -> ProbeId {
    let id = net.probe("end", &[], &value);
    let statement = net.read(id, &[], value);
    net.program.protocol.push(statement);
    id
}

/// One value per tick of a variable without axes, from a rest of this many ticks.
fn trajectory(mut net: Net, var: VarId, ticks: u64) -> Vec<f64> {
    let value = net.see(var);
    let id = net.record("v", value, 1, &[]);
    let tick = net.program.tick;
    let rest = net.rest(ticks as f64 * tick);
    net.program.protocol = vec![rest];
    series(&go(net), id)
}
