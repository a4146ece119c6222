//! Runs a program: the clock, the timeline, states, records and probes.
//!
//! One tick, at time n: inputs of this tick; what follows from the states, in dependency order, teaching applied where
//! an output is computed; records that are due; all changes of states, computed from this one state; all states
//! advance together; normalisation, then bounds. Between ticks probes are read: what follows from the states is
//! computed anew, under the inputs, the teaching and the parameters of the statement that has just ended.

mod cursor;
mod delays;
mod duration;
mod fault;
mod machine;
mod notes;
mod probes;
mod records;
mod runner;
mod stage;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod view;

use crate::diag::Diagnostic;
use crate::eval::StaticEnv;
use crate::hir::{Axis, AxisId, Experiment, Program};
use crate::ir::build::build;
use crate::record::{CaseRun, Recording, Run};
use crate::source::IndexVec;
use machine::Machine;
use runner::{Runner, UntilLog};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How many threads to use; 0 for as many as there are processors. Results do not depend on it.
    pub threads: usize,
    /// Stop at this simulated time, in seconds.
    pub until: Option<f64>,
    /// Set from outside to stop: the run ends within a tick, and what was recorded is kept.
    pub stop: Option<Arc<AtomicBool>>,
    /// How many bytes the arrays may take; as many as are free if not said.
    pub memory: Option<u64>,
}

/// Told how a run goes on.
pub trait Observer {
    /// A run begins: the `index`-th of `of` cases, or its control; `total_ticks` where that is known beforehand.
    fn case_started(&mut self, index: usize, of: usize, control: bool, total_ticks: Option<u64>);
    /// Some ticks have passed.
    fn progress(&mut self, phase: &str, tick: u64, total: Option<u64>);
}

/// An observer that does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn case_started(&mut self, _: usize, _: usize, _: bool, _: Option<u64>) {}
    fn progress(&mut self, _: &str, _: u64, _: Option<u64>) {}
}

/// Runs some of an experiment's cases one after the other, each with its control where there is one.
///
/// # Errors
/// What a checked program can still do wrong: numbers that are not finite, places that do not exist, too little memory.
pub fn run(
    experiment: &Experiment,
    which: &[usize],
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Recording, Box<Diagnostic>> {
    let mut recording = Recording::default();
    for (index, program) in which.iter().filter_map(|i| experiment.programs.get(*i)).enumerate() {
        let axes = &experiment.axes;
        let of = which.len();
        let (main, log) =
            one(axes, program, None, options, observer, &mut |o, total| o.case_started(index, of, false, total))?;
        let stopped = options.stop.as_ref().is_some_and(|s| s.load(Ordering::Relaxed));
        let control = if program.controls.is_empty() || stopped {
            None
        } else {
            let started = &mut |o: &mut dyn Observer, total| o.case_started(index, of, true, total);
            Some(one(axes, program, Some(&log), options, observer, started)?.0)
        };
        recording.cases.push(CaseRun { main, control });
        if stopped {
            break;
        }
    }
    Ok(recording)
}

type Started<'s> = &'s mut dyn FnMut(&mut dyn Observer, Option<u64>);

fn one(
    axes: &IndexVec<AxisId, Axis>,
    program: &Program,
    replay: Option<&UntilLog>,
    options: &Options,
    observer: &mut dyn Observer,
    started: Started<'_>,
) -> Result<(Run, UntilLog), Box<Diagnostic>> {
    let memory = options.memory.or_else(free_memory);
    let built = build(axes, program, replay.is_some(), memory)?;
    let timeline = built.timeline.clone();
    let total = duration::total(program, &timeline, &StaticEnv::new(axes, program));
    started(observer, total);
    let machine = Machine::new(axes, program, built)?;
    Runner::new(axes, machine, replay, options, total).run(axes, &timeline, observer)
}

/// How much memory is free, where the system says so.
fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kilobytes.checked_mul(1024)
}
