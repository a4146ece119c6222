//! A place in a timeline as data, and where it is in another timeline.

use super::cursor::{Cursor, Frame, Playing, Turns};
use crate::hir::{LocalId, PhaseId, ProbeId};
use crate::ir::timeline::{LeafId, Step, StepKind, Timeline};
use crate::source::Span;
use std::collections::HashMap;

/// Where a [`Cursor`] stands, without the timeline.
#[derive(Debug, Clone, Default)]
pub(super) struct Position {
    frames: Vec<Place>,
    playing: Option<Playing>,
    tracks: Vec<Position>,
}

/// What a frame of a cursor knows besides its steps.
#[derive(Debug, Clone)]
struct Place {
    at: usize,
    element: Option<u64>,
    turns: Option<Turns>,
    phase: Option<PhaseId>,
}

/// What steps a step has inside, if it is gone through one after the other.
fn body(step: &Step) -> Option<&[Step]> {
    match &step.kind {
        StepKind::Phase { body, .. } | StepKind::Repeat { body, .. } | StepKind::For { body, .. } => {
            Some(body)
        }
        _ => None,
    }
}

fn tracks(step: Option<&Step>) -> &[Vec<Step>] {
    match step.map(|s| &s.kind) {
        Some(StepKind::Together { tracks }) => tracks,
        _ => &[],
    }
}

impl<'t> Cursor<'t> {
    /// Where it stands.
    pub(super) fn position(&self) -> Position {
        let place =
            |f: &Frame<'_>| Place { at: f.at, element: f.element, turns: f.turns.clone(), phase: f.phase };
        Position {
            frames: self.frames.iter().map(place).collect(),
            playing: self.playing,
            tracks: self.tracks.iter().map(Cursor::position).collect(),
        }
    }

    /// A cursor that stands there.
    pub(super) fn resume(timeline: &'t Timeline, position: &Position) -> Self {
        Self::within(timeline, &timeline.steps, position)
    }

    fn within(timeline: &'t Timeline, outer: &'t [Step], position: &Position) -> Self {
        let mut frames: Vec<Frame<'t>> = Vec::new();
        let mut steps = Some(outer);
        let mut current = None;
        for place in &position.frames {
            let Some(inside) = steps else { break };
            current = place.at.checked_sub(1).and_then(|i| inside.get(i));
            steps = current.and_then(body);
            frames.push(Frame {
                steps: inside,
                at: place.at,
                element: place.element,
                turns: place.turns.clone(),
                phase: place.phase,
            });
        }
        let tracks = tracks(current).iter().zip(&position.tracks);
        let tracks = tracks.map(|(steps, p)| Self::within(timeline, steps, p)).collect();
        Self { timeline, frames, playing: position.playing, tracks }
    }
}

/// Which parts of one timeline are which of another: those that stand at the same place of the text, block by block.
#[derive(Debug, Default)]
pub(super) struct Matching {
    pub leaves: HashMap<LeafId, LeafId>,
    pub locals: HashMap<LocalId, LocalId>,
}

/// Where a statement stands now, given where it stood.
pub(super) type Moved<'m> = &'m dyn Fn(Span) -> Span;

impl Matching {
    pub fn new(old: &Timeline, new: &Timeline, moved: Moved<'_>) -> Self {
        let mut matching = Self::default();
        matching.steps(&old.steps, &new.steps, moved);
        matching
    }

    fn steps(&mut self, old: &[Step], new: &[Step], moved: Moved<'_>) {
        for step in old {
            let Some(other) = find(new, moved(step.span)).map(|i| &new[i]) else { continue };
            match (&step.kind, &other.kind) {
                (StepKind::Play(a) | StepKind::Pass(a), StepKind::Play(b) | StepKind::Pass(b)) => {
                    self.leaves.insert(*a, *b);
                }
                (StepKind::Phase { body: a, .. }, StepKind::Phase { body: b, .. })
                | (StepKind::Repeat { body: a, .. }, StepKind::Repeat { body: b, .. }) => {
                    self.steps(a, b, moved)
                }
                (StepKind::For { values: v, body: a }, StepKind::For { values: w, body: b }) => {
                    self.locals.insert(v.local, w.local);
                    self.steps(a, b, moved);
                }
                (StepKind::Together { tracks: a }, StepKind::Together { tracks: b }) => {
                    a.iter().zip(b).for_each(|(a, b)| self.steps(a, b, moved));
                }
                (StepKind::Pick { local: a, .. }, StepKind::Pick { local: b, .. }) => {
                    self.locals.insert(*a, *b);
                }
                _ => {}
            }
        }
    }

    /// What is being played, in the other timeline.
    pub fn playing(&self, p: &Playing) -> Option<Playing> {
        Some(Playing { leaf: *self.leaves.get(&p.leaf)?, ..*p })
    }
}

/// The last step that somebody wrote.
fn last<'s>(steps: &'s [Step], implied: &dyn Fn(ProbeId) -> bool) -> Option<&'s Step> {
    steps.iter().rev().find(|s| !matches!(s.kind, StepKind::Probe { id, .. } if implied(id)))
}

fn find(steps: &[Step], span: Span) -> Option<usize> {
    steps.iter().position(|s| s.span == span)
}

/// Two timelines, to take a position from one to the other.
pub(super) struct Between<'b> {
    pub old: &'b Timeline,
    pub new: &'b Timeline,
    pub matching: &'b Matching,
    /// Phases of the old program as the new one numbers them.
    pub phase: &'b dyn Fn(PhaseId) -> Option<PhaseId>,
    /// Whether a probe of the old program was made for a result that reads a state at the end.
    pub implied: &'b dyn Fn(ProbeId) -> bool,
    pub moved: Moved<'b>,
}

impl Between<'_> {
    /// The same place in the new timeline; none where what is gone through there is another loop, or gone.
    pub fn position(&self, of: &Position) -> Option<Position> {
        if of.is_over() {
            // what was put in behind the end is still to come
            let at = match last(&self.old.steps, self.implied) {
                Some(step) => find(&self.new.steps, (self.moved)(step.span))? + 1,
                None => 0,
            };
            let frames = vec![Place { at, element: None, turns: None, phase: None }];
            let over = at >= self.new.steps.len();
            return Some(Position { frames: if over { Vec::new() } else { frames }, ..Position::default() });
        }
        self.within(&self.old.steps, &self.new.steps, of)
    }

    fn within(&self, old: &[Step], new: &[Step], of: &Position) -> Option<Position> {
        let (mut old, mut new) = (Some(old), Some(new));
        let (mut from, mut to) = (None, None);
        let mut frames = Vec::new();
        for place in &of.frames {
            let (before, after) = (old?, new?);
            from = place.at.checked_sub(1).and_then(|i| before.get(i));
            let at = match from {
                Some(step) => find(after, (self.moved)(step.span))? + 1,
                None => 0,
            };
            to = at.checked_sub(1).and_then(|i| after.get(i));
            (old, new) = (from.and_then(body), to.and_then(body));
            let turns = match &place.turns {
                Some(turns) => Some(self.turns(turns)?),
                None => None,
            };
            let phase = match place.phase {
                Some(phase) => Some((self.phase)(phase)?),
                None => None,
            };
            frames.push(Place { at, element: place.element, turns, phase });
        }
        let playing = match &of.playing {
            Some(p) => Some(self.matching.playing(p)?),
            None => None,
        };
        let (from, to) = (tracks(from), tracks(to));
        if of.tracks.len() > from.len().min(to.len()) {
            return None;
        }
        let inside = of.tracks.iter().zip(from.iter().zip(to));
        let tracks = inside.map(|(p, (a, b))| self.within(a, b, p)).collect::<Option<Vec<_>>>()?;
        Some(Position { frames, playing, tracks })
    }

    fn turns(&self, turns: &Turns) -> Option<Turns> {
        let Some(local) = turns.local else { return Some(turns.clone()) };
        let other = *self.matching.locals.get(&local)?;
        let same = self.old.locals[local].values == self.new.locals[other].values;
        same.then(|| Turns { local: Some(other), ..turns.clone() })
    }
}

/// Where between the statements of a protocol something can be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Between two statements.
    Between {
        /// Where the statement before stands; none at the beginning of a block.
        before: Option<Span>,
        /// Where the phase stands that both are in.
        phase: Option<Span>,
    },
    /// Inside a loop, which stands there: what is put there would be done in every turn.
    Loop(Span),
}

impl Position {
    /// The place at the beginning.
    pub fn start() -> Self {
        Self { frames: vec![Place { at: 0, element: None, turns: None, phase: None }], ..Self::default() }
    }

    /// Whether nothing is left.
    pub fn is_over(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether nothing was carried out yet.
    pub fn is_start(&self) -> bool {
        matches!(self.frames.as_slice(), [one] if one.at == 0) && self.playing.is_none()
    }

    /// What is being played.
    pub fn playing(&self, into: &mut Vec<Playing>) {
        into.extend(self.playing);
        self.tracks.iter().for_each(|t| t.playing(into));
    }

    /// Where something can be put.
    pub fn spot(&self, timeline: &Timeline, implied: &dyn Fn(ProbeId) -> bool) -> Spot {
        let mut steps = timeline.steps.as_slice();
        let (mut before, mut phase) = (last(steps, implied).map(|s| s.span), None);
        for (i, place) in self.frames.iter().enumerate() {
            let current = place.at.checked_sub(1).and_then(|at| steps.get(at));
            before = current.map(|s| s.span);
            let Some(step) = current else { break };
            if i + 1 < self.frames.len() || !self.tracks.is_empty() {
                let StepKind::Phase { body, .. } = &step.kind else { return Spot::Loop(step.span) };
                (phase, steps) = (Some(step.span), body);
            }
        }
        Spot::Between { before, phase }
    }

    /// Takes back that a statement was begun, where it has just been.
    pub fn take_back(&mut self, now: u64) -> bool {
        let fresh = self.playing.is_some_and(|p| p.start == now);
        if fresh {
            self.playing = None;
            if let Some(place) = self.frames.last_mut() {
                place.at = place.at.saturating_sub(1);
            }
        }
        fresh
    }
}
