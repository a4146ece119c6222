use super::machine::{Machine, Outcome};
use crate::backend::{Choice, Loop, Ticks};
use crate::diag::{Code, Diagnostic};
use crate::ir::build::Every;
use crate::ir::timeline::LeafId;
use crate::record;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How the states of a run are computed; it changes no bit of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// By which back end.
    pub backend: Choice,
    /// On how many threads.
    pub threads: usize,
    /// One tick after the other, so that a fault is found in its tick.
    pub step_by_step: bool,
}

/// The loops of a run: for each plan and what is presented with it.
pub(super) struct Loops {
    how: How,
    made: HashMap<(usize, Vec<(LeafId, usize)>), Option<Loop>>,
    /// A loop has met a number that is not finite; the run is of no use and must be repeated step by step.
    pub stumbled: bool,
    /// How many ticks have passed in which order, and on how many threads.
    pub taken: Vec<(record::Order, u64, u64)>,
    /// How long making loops has taken.
    pub making: Duration,
}

/// Fewer ticks are not worth making a loop.
const FEWEST: u64 = 8;
/// About how many elements are visited before the outside is looked at again: some 20 ms of work.
const VISITS: u64 = 1 << 26;

impl Loops {
    pub fn new(how: How) -> Self {
        Self { how, made: HashMap::new(), stumbled: false, taken: Vec::new(), making: Duration::ZERO }
    }

    /// Notes that ticks have passed.
    pub fn taken(&mut self, order: record::Order, threads: u64, ticks: u64) {
        match self.taken.iter_mut().find(|t| (t.0, t.1) == (order, threads)) {
            Some(taken) => taken.2 += ticks,
            None => self.taken.push((order, threads, ticks)),
        }
    }
}

impl Every {
    /// The first tick from `now` on in which it acts.
    fn next(self, now: u64) -> u64 {
        match self {
            Every::Starts(n) => now.max(1).div_ceil(n.max(1)) * n.max(1),
            Every::Ends(n) => (now + 1).div_ceil(n.max(1)) * n.max(1) - 1,
        }
    }
}

impl Machine<'_> {
    /// How many of the next ticks, all of them alike, can pass as one loop; 0 if none can.
    pub fn loopable(&mut self, ticks: u64) -> u64 {
        let due = self.built.every.iter().map(|e| e.next(self.now)).min().unwrap_or(u64::MAX);
        let ticks = ticks.min(due - self.now);
        if ticks < FEWEST || self.loops.how.step_by_step {
            return 0;
        }
        let key = self.loop_key();
        if !self.loops.made.contains_key(&key) {
            let start = Instant::now();
            let made = self.make_loop();
            self.loops.making += start.elapsed();
            self.loops.made.insert(key.clone(), made);
        }
        match self.loops.made.get(&key) {
            Some(Some(made)) => {
                let visits = made.stretch().elements(&self.built.module) as u64;
                ticks.min((VISITS / visits.max(1)).max(FEWEST))
            }
            _ => 0,
        }
    }

    fn loop_key(&self) -> (usize, Vec<(LeafId, usize)>) {
        (self.plan, self.shown.iter().map(|s| (s.leaf, s.input)).collect())
    }

    fn make_loop(&self) -> Option<Loop> {
        // the ticks of a presentation are counted in one place
        if self.shown.iter().any(|s| s.start != self.shown[0].start) {
            return None;
        }
        let inputs: Vec<_> = self.shown.iter().map(|s| self.built.inputs[s.leaf][s.input].as_ref()).collect();
        let stretch = self.built.stretch(self.plan, &inputs).ok()?;
        self.engine.stretch(&self.built.module, stretch)
    }

    /// Lets ticks pass as one loop, so many as [`Self::loopable`] has said; `ends` if a presentation ends with them.
    pub fn pass(&mut self, ticks: u64, ends: bool) -> Outcome<()> {
        let key = self.loop_key();
        let Some(Some(made)) = self.loops.made.get_mut(&key) else { return Ok(()) };
        if let Some(first) = self.shown.first() {
            self.arrays[self.built.presentation_ticks][0] = (self.now - first.start) as f64;
            self.observed = false;
        }
        // what is presented after its end must not be seen
        let close = ends || !self.shown.is_empty();
        let asked = Ticks { ticks, observed: self.observed, close };
        let order = if made.tile().is_some() { record::Order::Rows } else { record::Order::Loop };
        let threads = made.threads(ticks, self.loops.how.threads) as u64;
        if made.run(&self.built.module, &mut self.arrays, asked, self.loops.how.threads).is_err() {
            self.loops.stumbled = true;
            // nobody reads this: the run is repeated to find the place
            return Err(Box::new(Diagnostic::global(Code::E0801, "a number is not finite")));
        }
        self.now += ticks;
        self.observed = !close;
        self.loops.taken(order, threads, ticks);
        Ok(())
    }
}
