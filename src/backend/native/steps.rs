//! A tick shared among threads: the rows of each large loop in blocks, small loops by one thread, all waiting for each
//! other in between. For networks whose rows cannot go through many ticks alone.

use super::code::Code;
use super::emit::{Emitter, Range};
use super::frame::LANES;
use super::lir::{Length, Nest, Part};
use super::memory::Memory;
use crate::ir::Module;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A loop with fewer elements is not shared: it takes as long as waiting does.
const SHARED: usize = 1 << 13;
/// So many elements a tick keep a thread busy for some times as long as it waits.
const BUSY: usize = 1 << 15;

/// The loops of a turn, each as a function of its own.
#[derive(Debug)]
pub(super) struct Steps {
    steps: Vec<Step>,
    /// How many elements of a turn are shared.
    pub shared: usize,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    at: usize,
    /// How many rows are shared among threads, or elements of a single one.
    rows: Option<usize>,
}

/// The loops of a turn as labels, before it is known where they are.
pub(super) struct Labels(Vec<(super::asm::Label, Option<usize>)>, usize);

/// Writes the loops of a turn, if any is worth sharing.
pub(super) fn write(module: &Module, emitter: &mut Emitter, turn: &[(Nest, Range)]) -> Option<Labels> {
    let sizes: Vec<_> = turn.iter().map(|(nest, _)| shared(module, nest)).collect();
    let all = sizes.iter().flatten().map(|s| s.1).sum::<usize>();
    if all < BUSY {
        return None;
    }
    let labels = turn.iter().zip(&sizes).map(|((nest, _), size)| {
        let range = if size.is_some() { Range::Header } else { Range::Whole };
        (emitter.sequence(&[(nest.clone(), range)]), size.map(|s| s.0))
    });
    Some(Labels(labels.collect(), all))
}

/// How many rows, or elements of a single row, a loop has to share, and how many elements.
fn shared(module: &Module, nest: &Nest) -> Option<(usize, usize)> {
    let along = nest.parts.iter().find_map(|p| match p {
        Part::Along { length, reductions, .. } => Some((length, reductions)),
        Part::Rows(_) => None,
    });
    let (length, reductions) = along?;
    let elements = match length {
        Length::Fixed(n) => nest.rows * n,
        Length::Pattern { pattern, .. } => module.patterns[*pattern].elements(),
    };
    let rows = match (nest.rows, length) {
        // what is computed once for all of them would be computed by each thread
        (1, Length::Fixed(n)) if reductions.is_empty() && nest.parts.len() == 1 => *n,
        (1, _) => return None,
        (rows, _) => rows,
    };
    (elements >= SHARED && rows >= 2 * LANES).then_some((rows, elements))
}

impl Labels {
    pub fn at(self, offsets: &[usize]) -> Steps {
        let step =
            |(label, rows): (super::asm::Label, Option<usize>)| Step { at: offsets[label.number()], rows };
        Steps { steps: self.0.into_iter().map(step).collect(), shared: self.1 }
    }
}

impl Steps {
    /// How many threads it is worth, of so many.
    pub fn threads(&self, threads: usize) -> usize {
        threads.min(self.shared / BUSY).max(1)
    }

    /// Lets turns pass, each memory a thread's own; whether all numbers that are checked were finite.
    ///
    /// # Safety
    /// The code was written for these memories, which point to the arrays of its module; nobody else uses them.
    #[allow(unsafe_code)]
    pub unsafe fn run(&self, code: &Code, memories: Vec<&mut Memory>, turns: u64) -> bool {
        let threads = memories.len();
        let (barrier, finite) = (Barrier::new(threads), AtomicBool::new(true));
        let work = |thread: usize, memory: &mut Memory| {
            for _ in 0..turns {
                for step in &self.steps {
                    let (begin, end) = match step.rows {
                        // whole cache lines of what cells keep, as two threads that write one line slow each other down
                        Some(rows) => {
                            let block = rows.div_ceil(threads).next_multiple_of(LANES);
                            ((thread * block).min(rows), ((thread + 1) * block).min(rows))
                        }
                        None => (0, usize::from(thread == 0)),
                    };
                    if begin < end {
                        memory.rows(begin, end);
                        // SAFETY: the caller says that the function fits memory and arrays. Rows of a loop read no
                        // places that others of it write, so threads with rows of their own may go side by side; between
                        // two loops all threads meet.
                        if !unsafe { memory.call(code, step.at, 1) } {
                            finite.store(false, Ordering::Relaxed);
                        }
                    }
                    barrier.wait();
                }
            }
        };
        std::thread::scope(|scope| {
            let mut memories = memories.into_iter().enumerate();
            let first = memories.next();
            for (thread, memory) in memories {
                let work = &work;
                scope.spawn(move || work(thread, memory));
            }
            if let Some((thread, memory)) = first {
                work(thread, memory);
            }
        });
        finite.into_inner()
    }
}

/// Whether sharing ticks has paid: that depends on what else the processors do, so both ways are timed again from time to
/// time. It changes no bit of a result.
#[derive(Debug, Default)]
pub(super) struct Trial {
    /// Seconds a tick by one thread, and by several.
    alone: Option<f64>,
    shared: Option<f64>,
    calls: u32,
}

/// After so many calls the other way is tried again.
const AGAIN: u32 = 24;

impl Trial {
    /// Whether the next ticks are shared.
    pub fn shares(&mut self) -> bool {
        self.calls += 1;
        let better = match (self.alone, self.shared) {
            (_, None) => return true,
            (None, _) => return false,
            (Some(alone), Some(shared)) => shared < alone,
        };
        if self.calls.is_multiple_of(AGAIN) { !better } else { better }
    }

    /// Notes how long ticks have taken.
    pub fn took(&mut self, shared: bool, seconds: f64, ticks: u64) {
        let each = seconds / ticks.max(1) as f64;
        *(if shared { &mut self.shared } else { &mut self.alone }) = Some(each);
    }
}

/// Where threads wait for each other, without the help of the system as long as that is not long.
struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
}

impl Barrier {
    fn new(threads: usize) -> Self {
        Self { threads, arrived: AtomicUsize::new(0), round: AtomicUsize::new(0) }
    }

    fn wait(&self) {
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut tries = 0_u32;
        while self.round.load(Ordering::Acquire) == round {
            tries += 1;
            // a thread that is waited for may have no processor
            if tries < 4096 { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_slower_is_tried_seldom() {
        let mut trial = Trial::default();
        let shared = (0..100).filter(|_| {
            let shared = trial.shares();
            trial.took(shared, if shared { 3.0 } else { 1.0 }, 10);
            shared
        });
        assert_eq!(shared.count(), 1 + 100 / AGAIN as usize);
        // until it is the faster one
        let mut alone = 0;
        for _ in 0..100 {
            let shared = trial.shares();
            trial.took(shared, if shared { 0.5 } else { 1.0 }, 10);
            alone += u32::from(!shared);
        }
        assert!(alone <= AGAIN + 100 / AGAIN, "{alone}");
    }

    #[test]
    fn threads_meet_in_every_round() {
        let (barrier, counts) = (Barrier::new(3), [const { AtomicUsize::new(0) }; 3]);
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let (barrier, counts) = (&barrier, &counts);
                scope.spawn(move || {
                    for round in 1..=2000 {
                        counts[thread].store(round, Ordering::Relaxed);
                        barrier.wait();
                        assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == round));
                        barrier.wait();
                    }
                });
            }
        });
    }
}
