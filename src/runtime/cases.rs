use super::loops::How;
use super::machine::Machine;
use super::runner::{Runner, UntilLog};
use super::{Observer, Options, duration};
use crate::diag::{Code, Diagnostic};
use crate::eval::StaticEnv;
use crate::hir::{Axis, AxisId, Experiment, Program};
use crate::ir::build::{Built, build};
use crate::record::{CaseRun, Recording, Run};
use crate::source::IndexVec;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

/// What a thread tells of the case it runs.
enum Event {
    Started { control: bool, total: Option<u64> },
    Progress { phase: String, tick: u64, total: Option<u64> },
    Finished(Result<CaseRun, Box<Diagnostic>>),
}

/// Runs cases on as many threads as are asked for; this one only listens.
pub(super) fn run(
    experiment: &Experiment,
    which: &[usize],
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Recording, Box<Diagnostic>> {
    let programs = which.iter().filter_map(|i| experiment.programs.get(*i));
    let programs: Vec<Cow<'_, Program>> = programs.map(|p| followed(p, options.follow)).collect();
    let available = || thread::available_parallelism().map_or(1, usize::from);
    let threads =
        if options.threads == 0 { available() } else { options.threads }.clamp(1, programs.len().max(1));
    let memory = options.memory.or_else(free_memory).map(|m| m / threads as u64);
    // threads that no case needs help with the rows of others
    let all = if options.threads == 0 { available() } else { options.threads };
    let how = How {
        backend: options.backend,
        threads: (all / threads).max(1),
        step_by_step: false,
        in_pieces: false,
    };
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..threads {
            let (sender, programs, next, failed) = (sender.clone(), &programs, &next, &failed);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(program) = programs.get(index) else { return };
                    // cases start in order, so one that is not run comes after all that are
                    if failed.load(Ordering::Relaxed) || stopped(options) {
                        return;
                    }
                    let mut teller = Teller { index, sender: &sender };
                    let result = case(&experiment.axes, program, memory, options, how, &mut teller);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    teller.tell(Event::Finished(result));
                }
            });
        }
        drop(sender);
        listen(&receiver, programs.len(), observer)
    })
}

/// The program with what plots follow among its records, if that is asked for.
fn followed(program: &Program, follow: bool) -> Cow<'_, Program> {
    if !follow || program.followed.is_empty() {
        return Cow::Borrowed(program);
    }
    let mut program = program.clone();
    for record in std::mem::take(&mut program.followed) {
        program.records.push(record);
    }
    Cow::Owned(program)
}

fn stopped(options: &Options) -> bool {
    options.stop.as_ref().is_some_and(|s| s.load(Ordering::Relaxed))
}

/// Collects the cases. The observer hears of the first one that still runs, then of the next.
fn listen(
    receiver: &Receiver<(usize, Event)>,
    of: usize,
    observer: &mut dyn Observer,
) -> Result<Recording, Box<Diagnostic>> {
    let mut started: Vec<Option<(bool, Option<u64>)>> = vec![None; of];
    let mut finished: Vec<Option<Result<CaseRun, Box<Diagnostic>>>> = (0..of).map(|_| None).collect();
    let mut current = 0;
    for (index, event) in receiver {
        match event {
            Event::Started { control, total } => {
                started[index] = Some((control, total));
                if index == current {
                    observer.case_started(index, of, control, total);
                }
            }
            Event::Progress { phase, tick, total } if index == current => {
                observer.progress(&phase, tick, total)
            }
            Event::Progress { .. } => {}
            Event::Finished(result) => {
                finished[index] = Some(result);
                let before = current;
                while finished.get(current).is_some_and(Option::is_some) {
                    current += 1;
                }
                if current != before
                    && let Some(Some((control, total))) = started.get(current)
                {
                    observer.case_started(current, of, *control, *total);
                }
            }
        }
    }
    let cases = finished.into_iter().flatten().collect::<Result<Vec<CaseRun>, _>>()?;
    Ok(Recording { cases })
}

struct Teller<'s> {
    index: usize,
    sender: &'s Sender<(usize, Event)>,
}

impl Teller<'_> {
    fn tell(&self, event: Event) {
        // nobody listens any more only where the whole run is being given up
        let _ = self.sender.send((self.index, event));
    }
}

/// Told how one case goes on.
pub(super) trait Listener {
    fn progress(&mut self, phase: &str, tick: u64, total: Option<u64>);
}

impl Listener for Teller<'_> {
    fn progress(&mut self, phase: &str, tick: u64, total: Option<u64>) {
        self.tell(Event::Progress { phase: phase.to_string(), tick, total });
    }
}

/// Runs a case, then its control.
fn case(
    axes: &IndexVec<AxisId, Axis>,
    program: &Program,
    memory: Option<u64>,
    options: &Options,
    how: How,
    teller: &mut Teller<'_>,
) -> Result<CaseRun, Box<Diagnostic>> {
    let mut one = |replay: Option<&UntilLog>| {
        let start = Instant::now();
        let built = build(axes, program, replay.is_some(), memory, options.ticks)?;
        let total = duration::total(program, &built.timeline, &StaticEnv::new(axes, program));
        teller.tell(Event::Started { control: replay.is_some(), total });
        let building = start.elapsed();
        match one(axes, program, built, replay, options, how, total, teller) {
            Ok(mut done) => {
                done.0.cost.compile += building;
                Ok(done)
            }
            Err(Stopped::For(fault)) => Err(fault),
            // only step by step it is known in which tick, and where
            Err(Stopped::Stumbled) => {
                let built = build(axes, program, replay.is_some(), memory, options.ticks)?;
                let how = How { step_by_step: true, ..how };
                one(axes, program, built, replay, options, how, total, teller).map_err(Stopped::fault)
            }
        }
    };
    let (main, log) = one(None)?;
    let control =
        if program.controls.is_empty() || stopped(options) { None } else { Some(one(Some(&log))?.0) };
    Ok(CaseRun { main, control })
}

/// Why a run ended before its end.
enum Stopped {
    For(Box<Diagnostic>),
    /// Some number in many ticks was not finite.
    Stumbled,
}

impl Stopped {
    fn fault(self) -> Box<Diagnostic> {
        match self {
            Self::For(fault) => fault,
            Self::Stumbled => Box::new(Diagnostic::global(
                Code::E0001,
                "internal error (this is a bug in plast): stumbled twice",
            )),
        }
    }
}

#[allow(clippy::too_many_arguments)] // they are the parts of one run
fn one(
    axes: &IndexVec<AxisId, Axis>,
    program: &Program,
    built: Built,
    replay: Option<&UntilLog>,
    options: &Options,
    how: How,
    total: Option<u64>,
    teller: &mut Teller<'_>,
) -> Result<(Run, UntilLog), Stopped> {
    let timeline = built.timeline.clone();
    let start = Instant::now();
    let machine = Machine::new(axes, program, built, how).map_err(Stopped::For)?;
    let compile = start.elapsed();
    let mut runner = Runner::new(axes, machine, replay, options, total);
    match runner.run(axes, &timeline, teller) {
        Ok(mut run) => {
            run.cost.compile += compile;
            Ok((run, runner.log))
        }
        Err(_) if runner.machine.loops.stumbled => Err(Stopped::Stumbled),
        Err(fault) => Err(Stopped::For(fault)),
    }
}

/// How much memory is free, where the system says so.
pub(super) fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kilobytes.checked_mul(1024)
}
