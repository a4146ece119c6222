use super::machine::{Machine, Outcome};
use crate::backend::{Choice, Loop, Ticks, Unfinished};
use crate::diag::{Code, Diagnostic};
use crate::ir::build::Every;
use crate::ir::timeline::LeafId;
use crate::record;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
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
    /// So few ticks at a time that whoever stops the run can read its states.
    pub in_pieces: bool,
}

/// A plan, and the inputs that change with time.
type Key = (usize, Vec<(LeafId, usize)>);

/// The loops of a run: for each plan and what is presented with it.
pub(super) struct Loops {
    how: How,
    made: HashMap<Key, Option<Loop>>,
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
/// The same for progress to be told: some seconds of work.
const MOST_VISITS: u64 = 1 << 33;
/// However few elements a tick visits, it takes some nanoseconds.
const MOST_TICKS: u64 = 1 << 22;

impl Loops {
    pub fn new(how: How) -> Self {
        Self { how, made: HashMap::new(), stumbled: false, taken: Vec::new(), making: Duration::ZERO }
    }

    /// Computes from now on like this; loops that were made stay.
    pub fn set_how(&mut self, how: How) {
        self.how = how;
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
        if ticks < 2 || self.loops.how.step_by_step {
            return 0;
        }
        // the ticks of presentations are counted in one place
        if self.shown.iter().any(|s| s.start != self.shown[0].start) {
            return 0;
        }
        let key = self.loop_key();
        if !self.loops.made.contains_key(&key) {
            if ticks < FEWEST {
                return 0;
            }
            let start = Instant::now();
            let made = self.make_loop();
            self.loops.making += start.elapsed();
            self.loops.made.insert(key.clone(), made);
        }
        match self.loops.made.get(&key) {
            Some(Some(made)) => {
                let all = made.elements().max(1) as u64;
                let most = match made.tile().filter(|_| !self.loops.how.in_pieces) {
                    // the outside is looked at after every few rows
                    Some(_) => (VISITS / made.part().max(1) as u64).min((MOST_VISITS / all).max(64)),
                    None => VISITS / all,
                };
                ticks.min(most.clamp(FEWEST, MOST_TICKS))
            }
            _ => 0,
        }
    }

    fn loop_key(&self) -> Key {
        (self.plan, self.shown.iter().map(|s| (s.leaf, s.input)).collect())
    }

    fn make_loop(&self) -> Option<Loop> {
        let inputs: Vec<_> = self.shown.iter().map(|s| self.built.inputs[s.leaf][s.input].as_ref()).collect();
        let stretch = self.built.stretch(self.plan, &inputs).ok()?;
        self.engine.stretch(&self.built.module, stretch)
    }

    /// Lets ticks pass as one loop, so many as [`Self::loopable`] has said; `ends` if a presentation ends with them.
    pub fn pass(&mut self, ticks: u64, ends: bool, stop: Option<&AtomicBool>) -> Outcome<()> {
        let key = self.loop_key();
        self.lazily_shown = false;
        // what is presented after its end must not be seen
        let close = ends || !self.shown.is_empty();
        if self.rings.is_empty() {
            if let Some(first) = self.shown.first() {
                self.arrays[self.built.presentation_ticks][0] = (self.now - first.start) as f64;
                self.observed = false;
            }
            let asked = Ticks { ticks, observed: self.observed, close };
            self.turn(&key, asked, stop)?;
        } else {
            self.tick_begins()?;
            for left in (0..ticks).rev() {
                self.rings.push(self.now, &self.arrays);
                self.rings.bring(self.now + 1, &mut self.arrays);
                self.turn(&key, Ticks { ticks: 1, observed: true, close: close && left == 0 }, None)?;
            }
        }
        self.observed = !close;
        Ok(())
    }

    fn turn(&mut self, key: &Key, asked: Ticks, stop: Option<&AtomicBool>) -> Outcome<()> {
        let Some(Some(made)) = self.loops.made.get_mut(key) else { return Ok(()) };
        let order = if made.tile().is_some() { record::Order::Rows } else { record::Order::Loop };
        let threads = made.threads(asked.ticks, self.loops.how.threads);
        match made.run(&self.built.module, &mut self.arrays, asked, threads, stop) {
            Ok(()) => {
                self.now += asked.ticks;
                self.loops.taken(order, threads as u64, asked.ticks);
                Ok(())
            }
            // some rows are ahead of others: nobody may read the states, and who stopped the run does not
            Err(Unfinished::Stopped) => Ok(()),
            Err(Unfinished::Bad) => {
                self.loops.stumbled = true;
                // nobody reads this: the run is repeated to find the place
                Err(Box::new(Diagnostic::global(Code::E0801, "a number is not finite")))
            }
        }
    }
}
