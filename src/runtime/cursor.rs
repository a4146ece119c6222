use super::stage::Stage;
use crate::contract::philox;
use crate::diag::Diagnostic;
use crate::hir::{Length, LocalId, PhaseId, StatementId};
use crate::ir::timeline::{LeafId, Step, StepKind, Timeline};
use crate::source::Span;

/// A place in a [`Timeline`]: what is being played, and in which turns of which loops.
///
/// [`Cursor::settle`] carries out everything that takes no time until something is being played (or all is over);
/// the caller lets that time pass. Inside `together` a cursor has one cursor per track.
pub(super) struct Cursor<'t> {
    pub(super) timeline: &'t Timeline,
    pub(super) frames: Vec<Frame<'t>>,
    pub(super) playing: Option<Playing>,
    pub(super) tracks: Vec<Cursor<'t>>,
}

/// Statements that are being gone through.
pub(super) struct Frame<'t> {
    pub(super) steps: &'t [Step],
    pub(super) at: usize,
    /// Which turns of the loops around: what a pick here draws. `None` outside of loops.
    pub(super) element: Option<u64>,
    pub(super) turns: Option<Turns>,
    pub(super) phase: Option<PhaseId>,
}

/// The loop whose body a frame is.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    pub(super) local: Option<LocalId>,
    /// The places of its values in the order they come; `None` for 0, 1, 2 ...
    pub(super) order: Option<Vec<usize>>,
    pub(super) turn: u64,
    pub(super) count: u64,
    pub(super) outer: Option<u64>,
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

    /// Carries out what takes no time, up to the next thing that does. Whether there is one; none if the stage stops.
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
                Some(_) if stage.stopped() => return Ok(false),
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
        self.frames.push(Frame {
            steps: body,
            at: 0,
            element: Some(inside),
            turns: Some(turns),
            phase: None,
        });
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
            Length::About(time) => (stage.ticks_about(time)?, false),
            Length::Until { within, .. } => match (passes, stage.replayed(described.id, element)) {
                (true, Some(ticks)) => (ticks, false),
                (passes, _) => (stage.ticks(within)?, !passes),
            },
        };
        self.playing = Some(Playing { leaf, passes, start: now, end: now + ticks, until, element });
        Ok(())
    }

    /// Whether everything was carried out.
    pub(super) fn is_over(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether the statement that stands there has just been carried out.
    pub(super) fn is_behind(&self, span: Span) -> bool {
        let before = self.frames.last().and_then(|f| f.steps.get(f.at.checked_sub(1)?));
        self.playing.is_none() && self.tracks.is_empty() && before.is_some_and(|s| s.span == span)
    }

    /// Carries out what takes no time up to the end of the statement that stands there. Whether it is reached.
    pub(super) fn settle_behind(
        &mut self,
        span: Span,
        now: u64,
        stage: &mut dyn Stage,
    ) -> Result<bool, Box<Diagnostic>> {
        while self.playing.is_none() && self.tracks.is_empty() && !stage.stopped() {
            if self.is_behind(span) {
                return Ok(true);
            }
            let Some(frame) = self.frames.last_mut() else { return Ok(true) };
            match frame.steps.get(frame.at) {
                Some(step) => {
                    frame.at += 1;
                    self.step(step, now, stage)?;
                }
                None => self.block_ends(now, stage),
            }
        }
        Ok(false)
    }

    /// Carries out the probes that stand here and leaves the blocks that end here, but begins nothing.
    pub(super) fn linger(&mut self, now: u64, stage: &mut dyn Stage) -> Result<(), Box<Diagnostic>> {
        if self.playing.is_some() {
            return Ok(());
        }
        if !self.tracks.is_empty() {
            for track in &mut self.tracks {
                track.linger(now, stage)?;
            }
            if self.tracks.iter().any(|t| !t.is_over()) {
                return Ok(());
            }
            self.tracks.clear();
        }
        while let Some(frame) = self.frames.last_mut() {
            match frame.steps.get(frame.at) {
                Some(step) if matches!(step.kind, StepKind::Probe { .. }) => {
                    frame.at += 1;
                    self.step(step, now, stage)?;
                }
                Some(_) => break,
                None if frame.turns.as_ref().is_some_and(|t| t.turn + 1 < t.count) => break,
                None => self.block_ends(now, stage),
            }
        }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::hir::testing::*;
    use crate::hir::{Control, Expr, ExprKind, LoopValues, ParamId, ProbeId, StatementKind as S};
    use crate::ir::timeline::Place;
    use std::collections::HashMap;

    /// Writes down what happens.
    #[derive(Default)]
    struct Diary {
        lines: Vec<String>,
        locals: HashMap<LocalId, (f64, usize)>,
        replay: HashMap<UntilKey, u64>,
        now: u64,
    }

    impl Diary {
        fn number(&self, e: &Expr) -> f64 {
            match e.kind {
                ExprKind::Number(v) => v,
                ExprKind::Local(l) => self.locals[&l].0,
                _ => panic!(),
            }
        }
    }

    impl Stage for Diary {
        fn seed(&self) -> u64 {
            7
        }
        fn stopped(&self) -> bool {
            false
        }
        fn count(&mut self, count: &Expr) -> Result<u64, Box<Diagnostic>> {
            Ok(self.number(count) as u64)
        }
        fn ticks(&mut self, time: &Expr) -> Result<u64, Box<Diagnostic>> {
            Ok(self.number(time) as u64)
        }
        fn ticks_about(&mut self, time: &Expr) -> Result<u64, Box<Diagnostic>> {
            self.ticks(time)
        }
        fn weighted(&mut self, _: &Expr, _: u64, element: u64) -> Result<usize, Box<Diagnostic>> {
            Ok(element as usize % 2)
        }
        fn replayed(&self, id: StatementId, element: u64) -> Option<u64> {
            self.replay.get(&(id, element)).copied()
        }
        fn set_local(&mut self, local: LocalId, value: f64, place: usize) {
            self.locals.insert(local, (value, place));
        }
        fn set_param(&mut self, _: ParamId, value: &Expr) -> Result<(), Box<Diagnostic>> {
            let value = self.number(value);
            self.lines.push(format!("{} set {value}", self.now));
            Ok(())
        }
        fn probe(&mut self, id: ProbeId, places: &[Place], value: &Expr) -> Result<(), Box<Diagnostic>> {
            let at = places.iter().map(|p| match p {
                Place::Local(l) => self.locals[l].1,
                Place::Fixed(i) => *i,
            });
            let at: Vec<usize> = at.collect();
            self.lines.push(format!("{} probe{} {at:?} {}", self.now, id.0, self.number(value)));
            Ok(())
        }
        fn enter_phase(&mut self, id: PhaseId, now: u64) {
            self.lines.push(format!("{now} enter {}", id.0));
        }
        fn leave_phase(&mut self, id: PhaseId, now: u64) {
            self.lines.push(format!("{now} leave {}", id.0));
        }
    }

    fn play(net: &Net, control: bool, replay: HashMap<UntilKey, u64>) -> Vec<String> {
        let timeline = Timeline::new(&net.program, control);
        let mut cursor = Cursor::new(&timeline);
        let mut diary = Diary { replay, ..Diary::default() };
        let mut now = 0;
        while cursor.settle(now, &mut diary).unwrap() {
            let mut playing = vec![];
            cursor.playing(&mut playing);
            let end = playing.iter().map(|p| p.end).min().unwrap();
            let names: Vec<String> = playing
                .iter()
                .map(|p| {
                    format!("{}{}", if p.passes { "pass" } else { "play" }, timeline.leaves[p.leaf].id.0)
                })
                .collect();
            diary.lines.push(format!("{now}..{end} {}", names.join("+")));
            now = end;
            diary.now = now;
            cursor.end(now, &|_| false);
        }
        diary.lines
    }

    fn looped(net: &mut Net, local: LocalId, shuffle: Option<&str>, body: Vec<crate::hir::Statement>) -> S {
        let _ = net;
        S::For { values: LoopValues { local, shuffle: shuffle.map(Into::into) }, body }
    }

    #[test]
    fn loops_run_in_order_and_probes_stand_between_statements() {
        let mut net = Net::new(1.0);
        let k = net.local("k", &[10.0, 20.0]);
        let probe = net.probe("a", &[], &local(k));
        let body = vec![net.rest(2.0), net.read(probe, &[k], local(k))];
        let kind = looped(&mut net, k, None, body);
        let inner = net.statement(kind);
        let kind = S::Repeat { count: n(2.0), body: vec![inner] };
        let outer = net.statement(kind);
        net.program.protocol = vec![outer];
        let lines = play(&net, false, HashMap::new());
        let expected = [
            "0..2 play0",
            "2 probe0 [0] 10",
            "2..4 play0",
            "4 probe0 [1] 20",
            "4..6 play0",
            "6 probe0 [0] 10",
            "6..8 play0",
            "8 probe0 [1] 20",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn tracks_run_side_by_side_and_last_as_long_as_the_longest() {
        let mut net = Net::new(1.0);
        let p = net.local("p", &[3.0, 5.0]);
        let probe = net.probe("a", &[], &local(p));
        let length = crate::hir::Length::For(local(p));
        let present = net.statement(S::Present { inputs: vec![], length, spikes: None });
        let body = vec![present, net.read(probe, &[p], local(p))];
        let kind = S::Together { values: LoopValues { local: p, shuffle: None }, body };
        let together = net.statement(kind);
        let last = net.rest(1.0);
        net.program.protocol = vec![together, last];
        let lines = play(&net, false, HashMap::new());
        let expected = ["0..3 play0+play0", "3 probe0 [0] 3", "3..5 play0", "5 probe0 [1] 5", "5..6 play3"];
        assert_eq!(lines, expected);
    }

    #[test]
    fn tracks_pick_for_themselves() {
        let mut net = Net::new(1.0);
        let p = net.local("p", &[0.0; 40]);
        let k = net.local("k", &[0.0, 1.0]);
        let probe = net.probe("a", &[], &local(k));
        let pick = net.statement(S::Pick { local: k, path: "pick k".into(), weights: None });
        let body = vec![pick, net.rest(1.0), net.read(probe, &[p], local(k))];
        let kind = S::Together { values: LoopValues { local: p, shuffle: None }, body };
        net.program.protocol = vec![net.statement(kind)];
        let lines = play(&net, false, HashMap::new());
        let ones = lines.iter().filter(|l| l.ends_with("] 1")).count();
        assert!((10..=30).contains(&ones), "{ones}");
        assert_eq!(lines, play(&net, false, HashMap::new()));
    }

    #[test]
    fn a_pick_is_keyed_by_its_path_and_its_turn_alone() {
        let picks = |before: bool| {
            let mut net = Net::new(1.0);
            let (j, k) = (net.local("j", &[0.0, 1.0, 2.0]), net.local("k", &[0.0, 1.0, 2.0, 3.0]));
            let probe = net.probe("a", &[], &local(k));
            let other = net.statement(S::Pick { local: j, path: "train/pick j".into(), weights: None });
            let pick = net.statement(S::Pick { local: k, path: "train/pick k".into(), weights: None });
            let mut body = vec![pick, net.read(probe, &[], local(k))];
            if before {
                body.insert(0, other);
            }
            let kind = S::Repeat { count: n(50.0), body };
            net.program.protocol = vec![net.statement(kind)];
            play(&net, false, HashMap::new())
        };
        assert_eq!(picks(false), picks(true));
        let key = philox::key(7, "train/pick k");
        let expected: Vec<String> =
            (0..50).map(|i| format!("0 probe0 [] {}", (philox::uniform(key, i, 0) * 4.0) as usize)).collect();
        assert_eq!(picks(false), expected);
    }

    #[test]
    fn shuffling_visits_every_value_once() {
        let mut net = Net::new(1.0);
        let k = net.local("k", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let probe = net.probe("a", &[], &local(k));
        let body = vec![net.read(probe, &[k], local(k))];
        let kind = looped(&mut net, k, Some("train/for k"), body);
        net.program.protocol = vec![net.statement(kind)];
        let lines = play(&net, false, HashMap::new());
        let mut sorted = lines.clone();
        sorted.sort();
        assert_ne!(lines, sorted);
        assert_eq!(sorted.len(), 8);
        assert!(sorted.iter().enumerate().all(|(i, l)| *l == format!("0 probe0 [{i}] {i}")));
    }

    #[test]
    fn a_removed_phase_passes_its_time_and_keeps_its_probes() {
        let mut net = Net::new(1.0);
        let param = net.param("a", 0.0, true);
        let (a, b) = (net.phase("a", &[], false), net.phase("b", &[], false));
        let probe = net.probe("p", &[], &n(1.0));
        let body = vec![net.rest(3.0)];
        let first = net.statement(S::Phase { id: a, body });
        let set = net.statement(S::Set { param, value: n(1.0) });
        let body = vec![set, net.rest(2.0), net.read(probe, &[], n(1.0))];
        let second = net.statement(S::Phase { id: b, body });
        net.program.protocol = vec![first, second];
        net.program.controls = vec![Control { phase: b, body: None }];
        let lines = play(&net, true, HashMap::new());
        let expected =
            ["0 enter 0", "0..3 play0", "3 leave 0", "3 enter 1", "3..5 pass3", "5 probe0 [] 1", "5 leave 1"];
        assert_eq!(lines, expected);
        assert_eq!(play(&net, false, HashMap::new())[4], "0 set 1".replace('0', "3"));
    }

    #[test]
    fn a_removed_phase_repeats_how_long_the_main_run_took() {
        let mut net = Net::new(1.0);
        let b = net.phase("b", &[], false);
        let condition = compare(crate::syntax::ast::BinaryOp::Lt, n(1.0), n(0.0));
        let length = crate::hir::Length::Until { condition, within: n(100.0) };
        let until = net.statement(S::Present { inputs: vec![], length, spikes: None });
        let phase = net.statement(S::Phase { id: b, body: vec![until] });
        net.program.protocol = vec![phase];
        net.program.controls = vec![Control { phase: b, body: None }];
        let replay = HashMap::from([((StatementId(0), 0), 42)]);
        assert_eq!(play(&net, true, replay)[1], "0..42 pass0");
        assert_eq!(play(&net, false, HashMap::new())[1], "0..100 play0");
    }
}
