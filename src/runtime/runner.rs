use super::Options;
use super::cases::Listener;
use super::cursor::{Cursor, Playing, UntilKey};
use super::machine::{Machine, Outcome};
use super::phases::Phases;
use super::probes::Probes;
use super::records::Records;
use super::stage::Stage;
use crate::diag::{Code, Diagnostic};
use crate::eval::{eval_scalar, eval_truth};
use crate::hir::{Axis, AxisId, Expr, Length, PhaseId, Program};
use crate::ir::build::fault::from_eval;
use crate::ir::timeline::Timeline;
use crate::record::{Cost, Order, Run, RunNote};
use crate::source::{IndexVec, Span};
use crate::units::format_value;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long each `until` of the main run took, for phases that the control removes.
pub(super) type UntilLog = HashMap<UntilKey, u64>;

/// One run: the timeline's effects on the states, and what is taken from them.
pub(super) struct Runner<'r, 'p> {
    pub machine: Machine<'p>,
    pub(super) program: &'p Program,
    pub(super) probes: Probes,
    pub(super) records: Records,
    pub(super) phases: Phases,
    pub log: UntilLog,
    /// The main run's, in a control.
    pub(super) replay: Option<&'r UntilLog>,
    not_reached: Vec<(Span, u64)>,
    pub(super) options: &'r Options,
    pub(super) phase: Vec<PhaseId>,
    pub cost: Cost,
    /// What was played last.
    pub shown: Vec<Playing>,
    pulse: Pulse,
}

/// What a run has taken so far, and in which phases it is.
#[derive(Default)]
pub(super) struct Taken {
    pub probes: Probes,
    pub records: Records,
    pub phases: Phases,
    pub phase: Vec<PhaseId>,
}

impl Taken {
    /// The same once more.
    pub fn copy(&self) -> std::io::Result<Self> {
        let Self { probes, records, phases, phase } = self;
        let (probes, phases, phase) = (probes.clone(), phases.clone(), phase.clone());
        Ok(Self { probes, records: records.copy()?, phases, phase })
    }
}

/// Reports progress now and then, without asking the clock at every tick.
struct Pulse {
    last: Instant,
    ticks: u64,
    stride: u64,
    total: Option<u64>,
}

/// How often progress is reported.
const BEAT: Duration = Duration::from_millis(100);

impl Pulse {
    fn beat(&mut self, phase: &str, ticks: u64, now: u64, observer: &mut dyn Listener) {
        self.ticks += ticks;
        if self.ticks < self.stride {
            return;
        }
        self.ticks = 0;
        let passed = self.last.elapsed();
        if passed < BEAT / 10 {
            self.stride = (self.stride * 2).min(1 << 20);
        } else if passed >= BEAT {
            self.stride = (self.stride / 2).max(1);
            self.last = Instant::now();
            observer.progress(phase, now, self.total);
        }
    }
}

impl<'r, 'p> Runner<'r, 'p> {
    pub fn new(
        axes: &'p IndexVec<AxisId, Axis>,
        machine: Machine<'p>,
        replay: Option<&'r UntilLog>,
        options: &'r Options,
        total: Option<u64>,
    ) -> Self {
        let program = machine.program;
        Self {
            machine,
            program,
            probes: Probes::new(axes, program),
            records: Records::new(axes, program, total),
            phases: Phases::default(),
            log: UntilLog::new(),
            replay,
            not_reached: Vec::new(),
            options,
            phase: Vec::new(),
            cost: Cost::default(),
            shown: Vec::new(),
            pulse: Pulse { last: Instant::now(), ticks: 0, stride: 1, total },
        }
    }

    /// Goes on with what another has taken so far.
    pub fn resume(machine: Machine<'p>, taken: Taken, options: &'r Options) -> Self {
        let program = machine.program;
        let Taken { probes, records, phases, phase } = taken;
        Self {
            machine,
            program,
            probes,
            records,
            phases,
            log: UntilLog::new(),
            replay: None,
            not_reached: Vec::new(),
            options,
            phase,
            cost: Cost::default(),
            shown: Vec::new(),
            pulse: Pulse { last: Instant::now(), ticks: 0, stride: 1, total: None },
        }
    }

    /// At which tick it is to end, for who hears of its progress.
    pub fn expect(&mut self, total: Option<u64>) {
        self.pulse.total = total;
    }

    /// Its machine, and what it has taken so far.
    pub fn part(self) -> (Machine<'p>, Taken) {
        let Self { machine, probes, records, phases, phase, .. } = self;
        (machine, Taken { probes, records, phases, phase })
    }

    /// The tick to stop at.
    fn last_tick(&self, seconds: f64) -> Outcome<u64> {
        self.whole_ticks(seconds, 1.0, |tick, time| {
            let headline = format!("`--until` is not a whole number of ticks of {tick}");
            Diagnostic::global(Code::E0501, headline).note(format!("this is {time}"))
        })
    }

    /// A time in whole ticks. Where it is none, `refused` says so, given the tick and the time as text; what is added
    /// is the nearest time of at least `least` ticks.
    pub(super) fn whole_ticks(
        &self,
        seconds: f64,
        least: f64,
        refused: impl FnOnce(&str, &str) -> Diagnostic,
    ) -> Outcome<u64> {
        let (tick, unit) = (self.program.tick, &self.program.tick_unit);
        whole_ticks(seconds, tick).ok_or_else(|| {
            let show = |t: f64| format_value(t, unit, 9);
            let near = (seconds / tick).round().max(least) * tick;
            let d = refused(&show(tick), &show(seconds));
            Box::new(d.help(format!("the nearest time that is: {}", show(near))))
        })
    }

    /// Runs the timeline to its end, or until it is stopped.
    pub fn run(
        &mut self,
        axes: &IndexVec<AxisId, Axis>,
        timeline: &Timeline,
        observer: &mut dyn Listener,
    ) -> Outcome<Run> {
        let mut notes = Vec::new();
        self.machine.begin_run(&mut notes)?;
        super::notes::held(&self.machine, &mut notes);
        let last = self.options.until.map(|t| self.last_tick(t)).transpose()?;
        let mut cursor = Cursor::new(timeline);
        self.cost.synapses = self.machine.synapses();
        self.machine.arrays.touch();
        let goal = Goal { last, ..Goal::default() };
        let ended = self.advance(timeline, &mut cursor, &mut Vec::new(), goal, observer)?;
        let mut cost = std::mem::take(&mut self.cost);
        cost.compile = self.machine.loops.making;
        cost.passing = cost.passing.saturating_sub(cost.compile);
        if ended != Ended::Interrupted {
            self.machine.readable()?;
            self.records.take_end(&mut self.machine)?;
        }
        if ended == Ended::Early {
            notes.push(RunNote::EndedEarly { at: self.machine.now as f64 * self.program.tick });
        }
        if let Some(asked) = self.options.until
            && ended == Ended::ByItself
            && last.is_some_and(|last| last > self.machine.now)
        {
            notes.push(RunNote::EndedBefore { at: self.machine.now as f64 * self.program.tick, asked });
        }
        for (span, times) in &self.not_reached {
            notes.push(RunNote::NotReached { times: *times, span: *span });
        }
        super::notes::bounded(&self.machine, &mut notes);
        let run = Run {
            probed: self.probes.when(),
            probes: std::mem::take(&mut self.probes).finish(axes, self.program),
            records: std::mem::take(&mut self.records).finish(),
            phases: std::mem::take(&mut self.phases).finish(self.machine.now),
            ticks: self.machine.now,
            jumped: self.machine.jumps(),
            interrupted: ended == Ended::Interrupted,
            notes,
            cost,
        };
        Ok(run)
    }

    /// Goes on from where the cursor stands; `playing` is what is being played there, nothing between statements.
    pub fn advance(
        &mut self,
        timeline: &Timeline,
        cursor: &mut Cursor<'_>,
        playing: &mut Vec<Playing>,
        mut goal: Goal<'_>,
        observer: &mut dyn Listener,
    ) -> Outcome<Ended> {
        let start = Instant::now();
        loop {
            if playing.is_empty() {
                if goal.lingers && (goal.met || goal.last.is_some_and(|last| self.machine.now >= last)) {
                    cursor.linger(self.machine.now, self)?;
                    return Ok(Ended::Early);
                }
                if let Some(span) = goal.behind
                    && cursor.settle_behind(span, self.machine.now, self)?
                {
                    cursor.linger(self.machine.now, self)?;
                    return Ok(Ended::Early);
                }
                if !cursor.settle(self.machine.now, self)? {
                    return Ok(if cursor.is_over() { Ended::ByItself } else { Ended::Interrupted });
                }
                cursor.playing(playing);
                self.shown.clone_from(playing);
                self.machine.present(playing)?;
            }
            let reached = self.play(timeline, playing, &mut goal, observer)?;
            self.cost.passing = start.elapsed();
            let shown = playing.iter().find(|p| !p.passes).or(playing.first());
            for (order, threads, ticks) in self.machine.loops.taken.drain(..) {
                if let Some(p) = shown {
                    self.cost.passed(timeline.leaves[p.leaf].span, order, threads, ticks);
                }
            }
            if let Some(why) = reached.stopped {
                return Ok(why);
            }
            self.end(timeline, cursor, playing, &reached.held)?;
            playing.clear();
        }
    }

    /// Ends what has come to its end and what `held` says.
    pub fn end(
        &mut self,
        timeline: &Timeline,
        cursor: &mut Cursor<'_>,
        playing: &[Playing],
        held: &[Playing],
    ) -> Outcome<()> {
        let now = self.machine.now;
        let over = |p: &Playing| p.end <= now || held.contains(p);
        for p in playing.iter().filter(|p| over(p)) {
            let leaf = &timeline.leaves[p.leaf];
            if p.until {
                self.log.insert((leaf.id, p.element), now - p.start);
                if !held.contains(p) {
                    self.note_not_reached(leaf.span);
                }
            }
        }
        let presented = |p: &&Playing| over(p) && !p.passes && !timeline.leaves[p.leaf].inputs.is_empty();
        if playing.iter().any(|p| presented(&p)) {
            self.machine.presentation_ends()?;
        }
        cursor.end(now, &over);
        Ok(())
    }

    /// Lets time pass until something that is being played ends.
    fn play(
        &mut self,
        timeline: &Timeline,
        playing: &[Playing],
        goal: &mut Goal<'_>,
        observer: &mut dyn Listener,
    ) -> Outcome<Reached> {
        let boundary = playing.iter().map(|p| p.end).min().unwrap_or(self.machine.now);
        let until: Vec<&Playing> = playing.iter().filter(|p| p.until).collect();
        let mut reached = Reached { held: Vec::new(), stopped: None };
        while self.machine.now < boundary && reached.held.is_empty() {
            if goal.met || goal.last.is_some_and(|last| self.machine.now >= last) {
                reached.stopped = Some(Ended::Early);
                break;
            }
            if self.stopped() {
                reached.stopped = Some(Ended::Interrupted);
                break;
            }
            if self.machine.jumps() && until.is_empty() {
                self.jump(boundary, goal, observer)?;
                if let Some(condition) = &mut goal.until {
                    self.machine.readable()?;
                    goal.met = condition(&self.machine)?;
                }
                continue;
            }
            let ticks = match (&goal.until, until.as_slice()) {
                (None, []) => self.loopable(boundary.min(goal.last.unwrap_or(u64::MAX))),
                _ => 0,
            };
            if ticks > 0 {
                let ends = self.machine.now + ticks == boundary;
                let stop = self.options.stop.as_deref().filter(|_| !goal.lingers);
                self.machine.pass(ticks, ends, stop)?;
                self.beat(ticks, observer);
                continue;
            }
            self.machine.loops.taken(Order::Step, 1, 1);
            self.machine.tick_begins()?;
            self.records.take(&mut self.machine)?;
            self.machine.tick_ends()?;
            for p in &until {
                if let Length::Until { condition, .. } = &timeline.leaves[p.leaf].length
                    && self.holds(condition)?
                {
                    reached.held.push(**p);
                }
            }
            if let Some(condition) = &mut goal.until {
                self.machine.readable()?;
                goal.met = condition(&self.machine)?;
            }
            self.beat(1, observer);
        }
        Ok(reached)
    }

    /// Lets time pass to the next event, sample or boundary.
    fn jump(&mut self, boundary: u64, goal: &Goal<'_>, observer: &mut dyn Listener) -> Outcome<()> {
        let now = self.machine.now;
        if self.records.due(now) <= now {
            self.machine.readable()?;
            self.records.take(&mut self.machine)?;
        }
        let last = goal.last.unwrap_or(u64::MAX);
        let event = self.machine.spikes.next();
        let to = boundary.min(last).min(self.records.due(now + 1)).min(event.max(now + 1));
        self.machine.jump(to, event <= to)?;
        // an event counts as much as a tick
        self.beat(1, observer);
        Ok(())
    }

    /// How many ticks can pass as one loop before something is taken or ends.
    fn loopable(&mut self, end: u64) -> u64 {
        let now = self.machine.now;
        let quiet = end.min(self.records.due(now)) - now;
        // the tick at whose end something spikes is gone through by itself
        let quiet = match self.machine.built.events.ticking {
            false => quiet,
            true if self.machine.spikes.every_tick() => 0,
            true => quiet.min(self.machine.spikes.next().saturating_sub(now + 1)),
        };
        self.machine.loopable(quiet)
    }

    fn beat(&mut self, ticks: u64, observer: &mut dyn Listener) {
        let phase = self.phase.last().map_or("", |p| self.program.phases[*p].name.as_str());
        self.pulse.beat(phase, ticks, self.machine.now, observer);
    }

    fn holds(&mut self, condition: &Expr) -> Outcome<bool> {
        self.machine.readable()?;
        eval_truth(condition, &self.machine.view(false)).map_err(|e| from_eval(&e, condition.span))
    }

    fn note_not_reached(&mut self, span: Span) {
        match self.not_reached.iter_mut().find(|n| n.0 == span) {
            Some((_, times)) => *times += 1,
            None => self.not_reached.push((span, 1)),
        }
    }

    pub(super) fn scalar(&self, e: &Expr) -> Outcome<f64> {
        eval_scalar(e, &self.machine.view(true)).map_err(|f| from_eval(&f, e.span))
    }
}

/// Why time stopped passing.
struct Reached {
    /// Those whose condition holds.
    held: Vec<Playing>,
    stopped: Option<Ended>,
}

/// How far to go.
#[derive(Default)]
pub(super) struct Goal<'g> {
    /// Not beyond this tick.
    pub last: Option<u64>,
    /// Not beyond the first tick after which this holds.
    pub until: Option<&'g mut dyn FnMut(&Machine<'_>) -> Outcome<bool>>,
    /// It holds.
    pub met: bool,
    /// Not beyond the end of the statement that stands there.
    pub behind: Option<Span>,
    /// Whether to go on later: then nothing is begun at the end, and the states can be read when it is stopped.
    pub lingers: bool,
}

/// Why it went no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The timeline is over.
    ByItself,
    /// The goal is reached.
    Early,
    /// It was asked to stop.
    Interrupted,
}

/// A time as a whole number of ticks, if it is one but for rounding.
pub(super) fn whole_ticks(seconds: f64, tick: f64) -> Option<u64> {
    let ticks = seconds / tick;
    let whole = ticks.round();
    ((ticks - whole).abs() <= 1e-6 * whole.abs().max(1.0) && (0.0..9e15).contains(&whole))
        .then_some(whole as u64)
}
