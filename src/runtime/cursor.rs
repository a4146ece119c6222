use super::stage::Stage;
use crate::contract::philox;
use crate::diag::Diagnostic;
use crate::hir::{Length, LocalId, PhaseId, StatementId};
use crate::ir::timeline::{LeafId, Step, StepKind, Timeline};

/// A place in a [`Timeline`]: what is being played, and in which turns of which loops.
///
/// [`Cursor::settle`] carries out everything that takes no time until something is being played (or all is over);
/// the caller lets that time pass. Inside `together` a cursor has one cursor per track.
pub(super) struct Cursor<'t> {
    timeline: &'t Timeline,
    frames: Vec<Frame<'t>>,
    playing: Option<Playing>,
    tracks: Vec<Cursor<'t>>,
}

/// Statements that are being gone through.
struct Frame<'t> {
    steps: &'t [Step],
    at: usize,
    /// Which turns of the loops around: what a pick here draws. `None` outside of loops.
    element: Option<u64>,
    turns: Option<Turns>,
    phase: Option<PhaseId>,
}

/// The loop whose body a frame is.
struct Turns {
    local: Option<LocalId>,
    /// The places of its values in the order they come; `None` for 0, 1, 2 ...
    order: Option<Vec<usize>>,
    turn: u64,
    count: u64,
    outer: Option<u64>,
}

/// Something that takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Playing {
    pub leaf: LeafId,
    /// Whether it stands in a phase that the control removes: time passes and whatever was going on goes on.
    pub passes: bool,
    pub start: u64,
    /// When it ends, at the latest.
    pub end: u64,
    /// Whether it may end earlier.
    pub until: bool,
    /// Which turns of the loops around it.
    pub element: u64,
}

/// The number that names a turn of a loop among all turns of the loops around it: the turn itself in a single loop,
/// and `mix(outer) + turn` in a nested one, where `mix` is the finaliser of splitmix64.
pub(super) fn element(outer: Option<u64>, turn: u64) -> u64 {
    let Some(mut z) = outer else { return turn };
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)).wrapping_add(turn)
}

impl<'t> Cursor<'t> {
    /// The beginning of a timeline.
    pub(super) fn new(timeline: &'t Timeline) -> Self {
        Self::over(timeline, &timeline.steps, None)
    }

    fn over(timeline: &'t Timeline, steps: &'t [Step], element: Option<u64>) -> Self {
        let frames = vec![Frame { steps, at: 0, element, turns: None, phase: None }];
        Self { timeline, frames, playing: None, tracks: Vec::new() }
    }

    /// Carries out what takes no time, up to the next thing that does. Whether there is one.
    pub(super) fn settle(&mut self, now: u64, stage: &mut dyn Stage) -> Result<bool, Box<Diagnostic>> {
        loop {
            if self.playing.is_some() {
                return Ok(true);
            }
            if !self.tracks.is_empty() {
                let mut alive = false;
                for track in &mut self.tracks {
                    alive |= track.settle(now, stage)?;
                }
                if alive {
                    return Ok(true);
                }
                self.tracks.clear();
            }
            let Some(frame) = self.frames.last_mut() else { return Ok(false) };
            match frame.steps.get(frame.at) {
                Some(step) => {
                    frame.at += 1;
                    self.step(step, now, stage)?;
                }
                None => self.block_ends(now, stage),
            }
        }
    }

    fn block_ends(&mut self, now: u64, stage: &mut dyn Stage) {
        let Some(frame) = self.frames.last_mut() else { return };
        if let Some(turns) = &mut frame.turns {
            turns.turn += 1;
            if turns.turn < turns.count {
                frame.at = 0;
                frame.element = Some(element(turns.outer, turns.turn));
                turns.set_local(self.timeline, stage);
                return;
            }
        }
        if let Some(phase) = frame.phase {
            stage.leave_phase(phase, now);
        }
        self.frames.pop();
    }

    fn step(&mut self, step: &'t Step, now: u64, stage: &mut dyn Stage) -> Result<(), Box<Diagnostic>> {
        let here = self.frames.last().and_then(|f| f.element);
        match &step.kind {
            StepKind::Phase { id, body } => {
                stage.enter_phase(*id, now);
                self.frames.push(Frame { steps: body, at: 0, element: here, turns: None, phase: Some(*id) });
            }
            StepKind::Play(leaf) => self.play(*leaf, false, now, stage)?,
            StepKind::Pass(leaf) => self.play(*leaf, true, now, stage)?,
            StepKind::Repeat { count, body } => {
                let count = stage.count(count)?;
                self.turns(body, Turns { local: None, order: None, turn: 0, count, outer: here }, stage);
            }
            StepKind::For { values, body } => {
                let len = self.timeline.locals[values.local].values.len();
                let order = values
                    .shuffle
                    .as_ref()
                    .map(|path| philox::shuffle(philox::key(stage.seed(), path), here.unwrap_or(0), len));
                let local = Some(values.local);
                self.turns(body, Turns { local, order, turn: 0, count: len as u64, outer: here }, stage);
            }
            StepKind::Together { tracks } => {
                self.tracks = tracks
                    .iter()
                    .enumerate()
                    .map(|(i, steps)| Cursor::over(self.timeline, steps, Some(element(here, i as u64))))
                    .collect();
            }
            StepKind::Pick { local, path, weights } => {
                let values = &self.timeline.locals[*local].values;
                let key = philox::key(stage.seed(), path);
                let place = match weights {
                    None => (philox::uniform(key, here.unwrap_or(0), 0) * values.len() as f64) as usize,
                    Some(weights) => stage.weighted(weights, key, here.unwrap_or(0))?,
                };
                let place = place.min(values.len().saturating_sub(1));
                stage.set_local(*local, values.get(place).copied().unwrap_or(0.0), place);
            }
            StepKind::Set { param, value } => stage.set_param(*param, value)?,
            StepKind::Probe { id, locals, value } => stage.probe(*id, locals, value)?,
        }
        Ok(())
    }

    fn turns(&mut self, body: &'t [Step], turns: Turns, stage: &mut dyn Stage) {
        if turns.count == 0 {
            return;
        }
        turns.set_local(self.timeline, stage);
        let inside = element(turns.outer, 0);
        self.frames.push(Frame { steps: body, at: 0, element: Some(inside), turns: Some(turns), phase: None });
    }

    fn play(
        &mut self,
        leaf: LeafId,
        passes: bool,
        now: u64,
        stage: &mut dyn Stage,
    ) -> Result<(), Box<Diagnostic>> {
        let element = self.frames.last().and_then(|f| f.element).unwrap_or(0);
        let described = &self.timeline.leaves[leaf];
        let (ticks, until) = match &described.length {
            Length::For(time) => (stage.ticks(time)?, false),
            Length::Until { within, .. } => match (passes, stage.replayed(described.id, element)) {
                (true, Some(ticks)) => (ticks, false),
                (passes, _) => (stage.ticks(within)?, !passes),
            },
        };
        self.playing = Some(Playing { leaf, passes, start: now, end: now + ticks, until, element });
        Ok(())
    }

    /// Everything that is being played, track by track.
    pub(super) fn playing(&self, into: &mut Vec<Playing>) {
        into.extend(self.playing);
        self.tracks.iter().for_each(|t| t.playing(into));
    }

    /// Ends what has come to its end, and what `ended` says.
    pub(super) fn end(&mut self, now: u64, ended: &dyn Fn(&Playing) -> bool) {
        if self.playing.is_some_and(|p| p.end <= now || ended(&p)) {
            self.playing = None;
        }
        self.tracks.iter_mut().for_each(|t| t.end(now, ended));
    }
}

impl Turns {
    fn set_local(&self, timeline: &Timeline, stage: &mut dyn Stage) {
        let Some(local) = self.local else { return };
        let turn = self.turn as usize;
        let place = self.order.as_ref().map_or(turn, |o| o[turn]);
        stage.set_local(local, timeline.locals[local].values[place], place);
    }
}

/// How long an `until` took: which statement, in which turns of the loops around it.
pub(super) type UntilKey = (StatementId, u64);
