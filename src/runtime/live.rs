//! A run that is watched: it goes on by any number of ticks, can be looked at, marked and taken back.

use super::cases::{Listener, free_memory};
use super::cursor::{Cursor, Playing};
use super::loops::How;
use super::machine::{Machine, Outcome, Parts, Standing};
use super::phases::Phases;
use super::position::{Position, Spot};
use super::probes::Probes;
use super::records::Records;
use super::runner::{Ended, Goal, Runner, Taken};
use super::view::View;
use super::{Observer, Options, duration};
use crate::diag::{Code, Diagnostic};
use crate::eval::{StaticEnv, eval};
use crate::hir::{Experiment, Expr, ParamId, Program, RecordId, Value, VarId};
use crate::ir::build::build;
use crate::ir::build::fault::from_eval;
use crate::ir::timeline::Timeline;
use crate::record::{CaseRun, Recording, Run, RunNote};
use crate::source::Span;
use std::io;
use std::sync::Arc;

/// One program of an experiment, run so far as it was asked to.
///
/// However a run is divided, and whatever is looked at on the way, its states have the bits that
/// [`run`](super::run) gives them.
pub struct Live {
    pub(super) experiment: Arc<Experiment>,
    pub(super) which: usize,
    pub(super) timeline: Arc<Timeline>,
    /// There unless a call is under way.
    pub(super) parts: Option<Parts>,
    pub(super) position: Position,
    pub(super) taken: Taken,
    /// What was played last, if nothing is being played.
    pub(super) last: Vec<Playing>,
    /// What was noted when it began.
    notes: Vec<RunNote>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("which", &self.which).field("now", &self.now()).finish_non_exhaustive()
    }
}

/// Everything that a run may change: what [`Live::back`] needs to come back here.
pub struct Moment {
    standing: Standing,
    position: Position,
    taken: Taken,
    last: Vec<Playing>,
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("now", &self.standing.now).finish_non_exhaustive()
    }
}

/// How far a run is to go.
#[derive(Clone, Copy, Default)]
pub struct Until<'u> {
    /// Not beyond this tick.
    pub tick: Option<u64>,
    /// Not beyond the first tick after which this truth value holds; it belongs to the other experiment, whose
    /// variables are those of the one that runs.
    pub holds: Option<(&'u Expr, &'u Experiment)>,
    /// Not beyond the end of the statement that stands there.
    pub behind: Option<Span>,
}

/// Why a run went no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// What was asked for.
    Goal,
    /// The end of the protocol.
    End,
    /// It was asked to stop.
    Stopped,
}

/// Hears of progress as an [`Observer`] does.
struct Told<'o>(&'o mut dyn Observer);

impl Listener for Told<'_> {
    fn progress(&mut self, phase: &str, tick: u64, total: Option<u64>) {
        self.0.progress(phase, tick, total);
    }
}

fn how(options: &Options) -> How {
    let available = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if options.threads == 0 { available() } else { options.threads };
    How { backend: options.backend, threads, step_by_step: false, in_pieces: true }
}

#[cold]
fn busy() -> Box<Diagnostic> {
    Box::new(Diagnostic::global(
        Code::E0001,
        "internal error (this is a bug in plast): the run has no states",
    ))
}

/// A run before its first tick: nothing is normalised yet.
pub(super) fn fresh(experiment: &Arc<Experiment>, which: usize, options: &Options) -> Outcome<(Live, Parts)> {
    let program = experiment.programs.get(which).ok_or_else(busy)?;
    let built = build(&experiment.axes, program, false, options.memory.or_else(free_memory), false)?;
    let timeline = Arc::new(built.timeline.clone());
    let total = duration::total(program, &timeline, &StaticEnv::new(&experiment.axes, program));
    let parts = Machine::new(&experiment.axes, program, built, how(options))?.dismantle();
    let taken = Taken {
        probes: Probes::new(&experiment.axes, program),
        records: Records::new(&experiment.axes, program, total),
        phases: Phases::default(),
        phase: Vec::new(),
    };
    let live = Live {
        experiment: experiment.clone(),
        which,
        timeline,
        parts: None,
        position: Position::start(),
        taken,
        last: Vec::new(),
        notes: Vec::new(),
    };
    Ok((live, parts))
}

impl Live {
    /// The beginning of a run of one program of an experiment.
    ///
    /// # Errors
    /// What may be wrong with start values, and too little memory.
    pub fn begin(experiment: &Arc<Experiment>, which: usize, options: &Options) -> Outcome<Self> {
        let (mut live, parts) = fresh(experiment, which, options)?;
        let mut machine = Machine::assemble(&experiment.axes, live.program(), parts);
        let mut notes = Vec::new();
        machine.begin_run(&mut notes)?;
        super::notes::held(&machine, &mut notes);
        let parts = machine.dismantle();
        live.notes = notes;
        live.parts = Some(parts);
        Ok(live)
    }

    /// The program that runs.
    pub fn program(&self) -> &Program {
        &self.experiment.programs[self.which]
    }

    /// The experiment it is of.
    pub fn experiment(&self) -> &Arc<Experiment> {
        &self.experiment
    }

    /// Which program of the experiment it is.
    pub fn which(&self) -> usize {
        self.which
    }

    /// How many ticks have passed.
    pub fn now(&self) -> u64 {
        self.parts.as_ref().map_or(0, |p| p.standing.now)
    }

    /// What was noted when the run began.
    pub fn notes(&self) -> &[RunNote] {
        &self.notes
    }

    /// Whether the protocol is over.
    pub fn is_over(&self) -> bool {
        self.position.is_over()
    }

    /// Whether nothing has happened yet, neither a tick nor a statement.
    pub fn is_start(&self) -> bool {
        self.now() == 0 && self.position.is_start()
    }

    /// A parameter's value from the next presentation on, SI.
    pub fn param(&self, id: ParamId) -> Option<f64> {
        self.parts.as_ref().and_then(|p| p.standing.next_params.get(id).copied())
    }

    /// Gives a parameter a value, SI, from the next tick on. It must be one that the program may set, else nothing
    /// changes.
    ///
    /// # Errors
    /// A number that is not finite in what goes by the parameter.
    pub fn set_param(&mut self, id: ParamId, value: f64) -> Outcome<()> {
        if !self.program().params.get(id).is_some_and(|p| p.settable) {
            return Ok(());
        }
        self.with(&Options::default(), false, |runner, _, _, _| {
            runner.machine.set_param(id, value)?;
            runner.machine.take_params();
            runner.machine.rates(false)
        })
    }

    /// The presentations that are going on: where they stand, and how many ticks of them have passed and are left.
    /// Whether what they show changes with time.
    pub fn going_on(&self) -> Vec<(Span, u64, u64, bool)> {
        let mut playing = Vec::new();
        self.position.playing(&mut playing);
        let now = self.now();
        let one = |p: &Playing| {
            let leaf = &self.timeline.leaves[p.leaf];
            (leaf.span, now - p.start, p.end.saturating_sub(now), leaf.inputs.iter().any(|i| i.varies))
        };
        playing.iter().map(one).collect()
    }

    /// Where in the protocol a statement can be put that is carried out next.
    pub fn spot(&self) -> Spot {
        self.position.spot(&self.timeline, &|id| self.program().probes[id].implied)
    }

    /// The name of the phase that it is in.
    pub fn phase(&self) -> Option<&str> {
        self.taken.phase.last().map(|p| self.program().phases[*p].name.as_str())
    }

    /// How many synapses there are.
    pub fn synapses(&self) -> u64 {
        let slot = |p: &Parts, w: VarId| p.standing.arrays.len_of(p.built.layout.vars[w].slot) as u64;
        let parts = self.parts.as_ref();
        self.program().projections.iter().map(|p| parts.map_or(0, |parts| slot(parts, p.w))).sum()
    }

    /// Whether every sample of a record has been taken.
    pub fn is_whole(&self, id: RecordId) -> bool {
        self.taken.records.is_whole(id)
    }

    /// Acts on the run through a runner.
    pub(super) fn with<R>(
        &mut self,
        options: &Options,
        careful: bool,
        act: impl FnOnce(&mut Runner<'_, '_>, &Timeline, &mut Cursor<'_>, &mut Vec<Playing>) -> Outcome<R>,
    ) -> Outcome<R> {
        let mut parts = self.parts.take().ok_or_else(busy)?;
        parts.set_how(How { step_by_step: careful, ..how(options) });
        let (experiment, timeline) = (self.experiment.clone(), self.timeline.clone());
        let machine = Machine::assemble(&experiment.axes, &experiment.programs[self.which], parts);
        let mut runner = Runner::resume(machine, std::mem::take(&mut self.taken), options);
        let mut cursor = Cursor::resume(&timeline, &self.position);
        let mut playing = Vec::new();
        cursor.playing(&mut playing);
        let result = act(&mut runner, &timeline, &mut cursor, &mut playing);
        self.position = cursor.position();
        let (machine, taken) = runner.part();
        self.taken = taken;
        self.parts = Some(machine.dismantle());
        result
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// Numbers that are not finite, and what else may go wrong in a run; the run then stands before it.
    pub fn advance(
        &mut self,
        until: Until<'_>,
        options: &Options,
        observer: &mut dyn Observer,
    ) -> Outcome<Reached> {
        observer.case_started(0, 1, false, until.tick);
        let before = self.moment()?;
        let mut fault = match self.go(until, options, false, observer) {
            Ok(reached) => return Ok(reached),
            Err(fault) => fault,
        };
        if self.parts.as_ref().is_some_and(Parts::stumbled) {
            // only step by step it is known in which tick, and where
            self.back(&before)?;
            match self.go(until, options, true, observer) {
                Ok(reached) => return Ok(reached),
                Err(found) => fault = found,
            }
        }
        let well = Until { tick: Some(self.now()), ..Until::default() };
        self.back(&before)?;
        if well.tick > Some(before.standing.now) && self.go(well, options, false, observer).is_err() {
            self.back(&before)?;
        }
        Err(fault)
    }

    fn go(
        &mut self,
        until: Until<'_>,
        options: &Options,
        careful: bool,
        observer: &mut dyn Observer,
    ) -> Outcome<Reached> {
        let which = self.which;
        let mut last = std::mem::take(&mut self.last);
        let ended = self.with(options, careful, |runner, timeline, cursor, playing| {
            runner.expect(until.tick);
            let statics = until.holds.map(|(_, of)| StaticEnv::new(&of.axes, &of.programs[which]));
            let mut holds = |machine: &Machine<'_>| {
                let (Some((condition, of)), Some(statics)) = (until.holds, &statics) else {
                    return Ok(false);
                };
                let value = eval(condition, &other(machine, of, which, statics))
                    .map_err(|e| from_eval(&e, condition.span))?;
                Ok(value.data.iter().any(|v| *v != 0.0))
            };
            let goal = Goal {
                last: until.tick,
                until: until.holds.is_some().then_some(&mut holds),
                met: false,
                behind: until.behind,
                lingers: true,
            };
            runner.shown.clone_from(&last);
            let ended = runner.advance(timeline, cursor, playing, goal, &mut Told(observer));
            last.clone_from(&runner.shown);
            ended
        });
        self.last = last;
        Ok(match ended? {
            Ended::ByItself => Reached::End,
            Ended::Early if self.position.is_over() && until.holds.is_none() => Reached::End,
            Ended::Early => Reached::Goal,
            Ended::Interrupted => Reached::Stopped,
        })
    }

    /// Ends what is going on, as if its time had come; what has only just begun is taken back. Whether something was
    /// ended.
    ///
    /// # Errors
    /// What is updated per presentation may turn out not to be finite.
    pub fn cut(&mut self, options: &Options) -> Outcome<bool> {
        if self.position.take_back(self.now()) {
            return Ok(false);
        }
        self.with(options, false, |runner, timeline, cursor, playing| {
            let all = playing.clone();
            runner.end(timeline, cursor, playing, &all)?;
            Ok(!all.is_empty())
        })
    }

    /// The value of an expression now. It belongs to the other experiment, whose variables are those of the one that
    /// runs; it may have more, such as constants that only the expression needs.
    ///
    /// # Errors
    /// What may go wrong when it is evaluated.
    pub fn eval(&mut self, expr: &Expr, of: &Experiment) -> Outcome<Value> {
        let which = self.which;
        self.with(&Options::default(), false, |runner, _, _, _| {
            runner.machine.readable()?;
            let statics = StaticEnv::new(&of.axes, &of.programs[which]);
            eval(expr, &other(&runner.machine, of, which, &statics)).map_err(|e| from_eval(&e, expr.span))
        })
    }

    /// Whether a variable is computed: one that nobody reads is not.
    pub fn computes(&self, id: VarId) -> bool {
        let state = matches!(self.program().vars[id].kind, crate::hir::VarKind::State { .. });
        state || self.parts.as_ref().is_some_and(|p| p.built.live[id])
    }

    /// The values of a variable in storage order: of joined pairs only, where not all are.
    pub fn values(&self, id: VarId) -> Vec<f64> {
        let Some(parts) = &self.parts else { return Vec::new() };
        let (arrays, layout) = (&parts.standing.arrays, &parts.built.layout);
        let slot = layout.vars[id].slot;
        let Some(lazy) = &layout.lazy[id] else { return arrays.values(slot).into_owned() };
        let courses = parts.courses(&self.experiment.axes, self.program());
        let now = parts.standing.now as f64;
        let since = arrays.values(lazy.since);
        let stored = arrays.values(lazy.stored);
        let each = stored.iter().zip(since.iter());
        each.map(|(value, since)| arrays.rounded(slot, courses.after(id, *value, now - since))).collect()
    }

    /// What was taken so far, as a run that ends here would leave it.
    ///
    /// # Errors
    /// Samples that cannot be kept or computed.
    pub fn recording(&mut self) -> Outcome<Recording> {
        let mut copy = self.taken.copy().map_err(|e| cannot_keep(&e))?;
        let which = self.which;
        let experiment = self.experiment.clone();
        let run = self.with(&Options::default(), false, |runner, _, _, _| {
            runner.machine.readable()?;
            copy.records.take_end(&mut runner.machine)?;
            let program = &experiment.programs[which];
            Ok(Run {
                probed: copy.probes.when(),
                phases: copy.phases.finish(runner.machine.now),
                probes: copy.probes.finish(&experiment.axes, program),
                records: copy.records.finish(),
                ticks: runner.machine.now,
                jumped: runner.machine.jumps(),
                interrupted: false,
                ..Run::default()
            })
        })?;
        Ok(Recording { cases: vec![CaseRun { main: run, control: None }] })
    }

    /// Takes over the samples of another run of the same program that has come as far: records that were declared later
    /// than this run began are then whole. Whether they could be taken over.
    ///
    /// # Errors
    /// Samples that cannot be read.
    pub fn take_records(&mut self, of: &Live) -> Outcome<bool> {
        let same = Arc::ptr_eq(&self.experiment, &of.experiment) && self.which == of.which;
        if same && self.now() == of.now() {
            self.taken.records = of.taken.records.copy().map_err(|e| cannot_keep(&e))?;
        }
        Ok(same && self.now() == of.now())
    }

    /// This moment, to come back to.
    ///
    /// # Errors
    /// Samples of records that cannot be read.
    pub fn moment(&self) -> Outcome<Moment> {
        let parts = self.parts.as_ref().ok_or_else(busy)?;
        Ok(Moment {
            standing: parts.standing.clone(),
            position: self.position.clone(),
            taken: self.taken.copy().map_err(|e| cannot_keep(&e))?,
            last: self.last.clone(),
        })
    }

    /// Comes back to a moment of this run.
    ///
    /// # Errors
    /// Samples of records that cannot be read.
    pub fn back(&mut self, to: &Moment) -> Outcome<()> {
        let parts = self.parts.as_mut().ok_or_else(busy)?;
        parts.standing.clone_from(&to.standing);
        parts.well();
        self.position = to.position.clone();
        self.taken = to.taken.copy().map_err(|e| cannot_keep(&e))?;
        self.last = to.last.clone();
        Ok(())
    }
}

impl Moment {
    /// How many ticks had passed.
    pub fn now(&self) -> u64 {
        self.standing.now
    }
}

/// What an expression of another experiment with the same variables reads.
fn other<'m>(
    machine: &'m Machine<'_>,
    of: &'m Experiment,
    which: usize,
    statics: &'m StaticEnv<'m>,
) -> View<'m> {
    View { program: &of.programs[which], axes: &of.axes, statics, ..machine.view(true) }
}

pub(super) fn cannot_keep(error: &io::Error) -> Box<Diagnostic> {
    let headline = format!("the samples of the records cannot be kept: {error}");
    let d = Diagnostic::global(Code::E0807, headline).note("they stream to a temporary file");
    Box::new(d.help("record less often, or set TMPDIR to a place with room"))
}
