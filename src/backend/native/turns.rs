use super::asm::Width;
use super::code::Code;
use super::emit::{Emitter, Range};
use super::frame::LANES;
use super::lir::{Base, Nest};
use super::memory::Memory;
use super::run::{Native, nests};
use super::steps::{self, Steps, Trial};
use crate::backend::{Arrays, Ticks, Unfinished};
use crate::ir::{Kernel, Module, Order, Packed, Precision, SlotId, Stretch};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

/// A stretch as machine code.
#[derive(Debug)]
pub struct Turns {
    code: Code,
    pack: usize,
    observe: usize,
    turn: usize,
    change: usize,
    /// What a stretch ends with that does not end with a change, if that is anything.
    flush: Option<usize>,
    memory: Vec<u64>,
    /// The lengths of arrays that kernels need besides the module's.
    extra: Vec<usize>,
    tables: Vec<Base>,
    rows: Option<Rows>,
    /// The loops of a turn for several threads, where rows do not go alone.
    steps: Option<Steps>,
    /// About how many elements a turn visits.
    elements: usize,
}

/// How rows are taken.
#[derive(Debug)]
struct Rows {
    rows: usize,
    /// How many rows go through all ticks together.
    tile: usize,
    shared: Vec<SlotId>,
    packed: Vec<Packed>,
}

/// The memory of each thread.
#[derive(Debug, Default)]
pub struct Workers {
    workers: Vec<Worker>,
    trial: Trial,
}

#[derive(Debug)]
struct Worker {
    memory: Memory,
    shared: Vec<Vec<f64>>,
    packed: Vec<Vec<f64>>,
}

/// How many bytes of a few rows stay near the processor: most of what its smallest cache holds.
const NEAR: usize = 24 << 10;
/// How many bytes are still near enough: a small part of the second cache.
const SOMEWHAT_NEAR: usize = 128 << 10;
/// With so many visits to elements a second thread is worth the time it takes to begin.
const WORTH_A_THREAD: u64 = 1 << 21;

impl Native {
    /// Makes machine code of a stretch; `None` where a kernel has none.
    pub fn turns(&self, module: &Module, stretch: &Stretch) -> Option<Turns> {
        let width = self.width();
        let mut rows = match &stretch.order {
            Order::Ticks(_) => None,
            // each thread has arrays of its own for these, of double precision
            Order::Rows { shared, .. }
                if shared.iter().any(|s| module.precision(*s) == Precision::Single) =>
            {
                return None;
            }
            Order::Rows { rows, shared, per_row, per_tick } => {
                let tile = tile(*rows, *per_row, *per_tick);
                Some(Rows { rows: *rows, tile, shared: shared.clone(), packed: stretch.packed.clone() })
            }
        };
        let few = rows.as_ref().map(|r| r.tile);
        // packed arrays come first, then late factors: in this order their names are given
        let mut extra = vec![0; stretch.packed.len()];
        extra.extend(stretch.late.iter().map(|l| l.rows));
        let arrays = stretch.arrays(module);
        let mut list = |kernels: &[Kernel]| {
            let nests =
                kernels.iter().map(|k| with_range(module, &arrays, stretch, k, (width, few), &mut extra));
            Some(nests.collect::<Option<Vec<_>>>()?.concat())
        };
        let lists =
            [list(&stretch.pack)?, list(&stretch.observe)?, list(&stretch.turn)?, list(&stretch.change)?];
        let flush = stretch.late.as_ref().map_or(Some(Vec::new()), |l| list(&l.flush))?;
        if let (Some(rows), Order::Rows { per_row, per_tick, .. }) = (&mut rows, &stretch.order) {
            // what a turn keeps of its columns is computed for every few rows, too
            let kept =
                lists[2].iter().filter(|n| n.1 == Range::Header).map(|n| n.0.column_bytes()).sum::<usize>();
            rows.tile = rows.tile.max(tile(rows.rows, *per_row, per_tick + kept / 2));
        }
        let mut emitter = Emitter::new(width, module.slots.len() + extra.len());
        let steps = if rows.is_none() { steps::write(module, &mut emitter, &lists[2]) } else { None };
        let labels = lists.map(|nests| emitter.sequence(&nests));
        let flush = (!flush.is_empty()).then(|| emitter.sequence(&flush));
        let memory = emitter.layout.borrow().memory();
        let tables = std::mem::take(&mut emitter.layout.borrow_mut().tables);
        let (bytes, offsets) = emitter.asm.finish().ok()?;
        let code = Code::new(&bytes).ok()?;
        let [pack, observe, turn, change] = labels.map(|l| offsets[l.number()]);
        let steps = steps.map(|s| s.at(&offsets));
        let flush = flush.map(|l| offsets[l.number()]);
        let elements = stretch.elements(module);
        Some(Turns { code, pack, observe, turn, change, flush, memory, extra, tables, rows, steps, elements })
    }
}

/// How many rows go through all ticks together: as many as stay near the processor, or so many that what is computed for
/// every few rows anew is not more than the rows themselves.
fn tile(rows: usize, per_row: usize, per_tick: usize) -> usize {
    let near = NEAR / per_row.max(1);
    // what is computed for rows is computed for a vector of them at once
    let vector = if LANES * per_row <= SOMEWHAT_NEAR { LANES } else { 1 };
    let tile = near.max(vector).max(16 * per_tick / per_row.max(1)).clamp(1, rows);
    if tile > 8 { tile / 8 * 8 } else { tile }
}

fn with_range(
    module: &Module,
    arrays: &Module,
    stretch: &Stretch,
    kernel: &Kernel,
    (width, tile): (Width, Option<usize>),
    extra: &mut Vec<usize>,
) -> Option<Vec<(Nest, Range)>> {
    let by_row = matches!(stretch.order, Order::Rows { .. }) && !stretch.is_shared(kernel);
    let range = if by_row { Range::Header } else { Range::Whole };
    let pass = tile.filter(|_| by_row);
    Some(nests(module, arrays, kernel, (width, pass), extra)?.into_iter().map(|nest| (nest, range)).collect())
}

impl Turns {
    /// The machine code of its parts, each with what it does.
    pub fn listing(&self) -> [(&'static str, String); 3] {
        let parts =
            [("observes", self.observe), ("changes and observes", self.turn), ("changes", self.change)];
        parts.map(|(name, at)| (name, super::listing::listing(self.code.bytes(), at)))
    }

    /// How many rows go through all ticks together, if any do.
    pub fn tile(&self) -> Option<usize> {
        self.rows.as_ref().map(|r| r.tile)
    }

    /// About how many elements a tick visits.
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// About how many elements a tick visits of the rows that go through all ticks together.
    pub fn part(&self) -> usize {
        self.rows.as_ref().map_or(self.elements, |r| self.elements * r.tile / r.rows.max(1))
    }

    /// How many threads so many ticks are worth, of so many.
    pub fn threads(&self, ticks: u64, threads: usize) -> usize {
        let worth = (self.elements as u64).saturating_mul(ticks) / WORTH_A_THREAD;
        let threads = threads.min(worth as usize).max(1);
        match (&self.rows, &self.steps) {
            (Some(rows), _) => threads.min(rows.rows).max(1),
            (None, Some(steps)) => steps.threads(threads),
            (None, None) => 1,
        }
    }

    /// Lets ticks pass. The arrays are those of the module the stretch was made for.
    ///
    /// # Errors
    /// If a number that is checked was not finite, or if `stop` was set on the way.
    pub fn run(
        &self,
        module: &Module,
        arrays: &mut Arrays,
        workers: &mut Workers,
        ticks: Ticks,
        threads: usize,
        stop: Option<&AtomicBool>,
    ) -> Result<(), Unfinished> {
        let Some(rows) = &self.rows else {
            let threads = self.threads(ticks.ticks, threads);
            workers.fit(self, threads);
            workers.workers[0].memory.point(module, &self.tables, arrays);
            let finite = match &self.steps {
                Some(steps) if threads > 1 => {
                    let (start, shares) = (Instant::now(), workers.trial.shares());
                    let finite = match shares {
                        true => self.shared(steps, workers, ticks, threads),
                        false => self.pass(&mut workers.workers[0].memory, ticks),
                    };
                    workers.trial.took(shares, start.elapsed().as_secs_f64(), ticks.ticks);
                    finite
                }
                _ => self.pass(&mut workers.workers[0].memory, ticks),
            };
            return if finite { Ok(()) } else { Err(Unfinished::Bad) };
        };
        let threads = self.threads(ticks.ticks, threads);
        // some more parts than threads, so that none waits long for another; whole cache lines of what cells keep, as
        // two threads that write one line in turn slow each other down
        let block =
            if threads > 1 { rows.rows.div_ceil(8 * threads).next_multiple_of(LANES) } else { rows.rows };
        workers.fit(self, threads);
        workers.workers[0].memory.point(module, &self.tables, arrays);
        let start: Vec<&[f64]> = rows.shared.iter().map(|s| &arrays[*s]).collect();
        let (first, others) = workers.workers.split_at_mut(1);
        let first = &mut first[0];
        let others = &mut others[..threads - 1];
        for worker in others.iter_mut() {
            worker.memory.point_as(module, &first.memory);
        }
        let (next, bad, stopped) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
        let work = |worker: &mut Worker| {
            worker.shared.resize_with(rows.shared.len(), Vec::new);
            loop {
                let first = next.fetch_add(block, Ordering::Relaxed);
                if first >= rows.rows {
                    return;
                }
                let last = rows.rows.min(first + block);
                for begin in (first..last).step_by(rows.tile) {
                    if bad.load(Ordering::Relaxed) {
                        return;
                    }
                    if stop.is_some_and(|s| s.load(Ordering::Relaxed)) {
                        stopped.store(true, Ordering::Relaxed);
                        return;
                    }
                    for ((slot, own), start) in rows.shared.iter().zip(&mut worker.shared).zip(&start) {
                        own.clear();
                        own.extend_from_slice(start);
                        worker.memory.redirect(*slot, own);
                    }
                    let end = last.min(begin + rows.tile);
                    worker.memory.rows(begin, end);
                    if self.flush.is_some() {
                        worker.memory.extra(rows.packed.len())[begin..end].fill(1.0);
                    }
                    self.pack(module, worker, &rows.packed, (begin, end));
                    if !self.pass(&mut worker.memory, ticks) {
                        bad.store(true, Ordering::Relaxed);
                    }
                }
            }
        };
        if others.is_empty() {
            work(first);
        } else {
            std::thread::scope(|scope| {
                others.iter_mut().for_each(|w| drop(scope.spawn(|| work(w))));
                work(first);
            });
        }
        if bad.into_inner() {
            return Err(Unfinished::Bad);
        }
        if stopped.into_inner() {
            return Err(Unfinished::Stopped);
        }
        // all threads that had rows have computed the same
        if let Some(done) = workers.workers[..threads].iter().find(|w| w.shared.iter().any(|s| !s.is_empty()))
        {
            for (slot, own) in rows.shared.iter().zip(&done.shared) {
                arrays[*slot].copy_from_slice(own);
            }
        }
        Ok(())
    }

    /// Packs what some rows read.
    fn pack(&self, module: &Module, worker: &mut Worker, packed: &[Packed], (begin, end): (usize, usize)) {
        if packed.is_empty() {
            return;
        }
        worker.packed.resize_with(packed.len(), Vec::new);
        for (packed, own) in packed.iter().zip(&mut worker.packed) {
            let starts = &module.patterns[packed.pattern].row_start;
            let bytes = packed.precision.bytes();
            own.resize(((starts[end] - starts[begin]) * bytes).div_ceil(size_of::<f64>()), 0.0);
            worker.memory.redirect_from(packed.slot, own, starts[begin] * bytes);
        }
        // SAFETY: as in `pass`; the packed arrays are this thread's own, and long enough for the synapses of its rows.
        #[allow(unsafe_code)]
        unsafe {
            worker.memory.call(&self.code, self.pack, 1);
        }
    }

    /// All ticks of all rows, each loop shared among threads.
    fn shared(&self, steps: &Steps, workers: &mut Workers, ticks: Ticks, threads: usize) -> bool {
        let turns = ticks.ticks - u64::from(ticks.close);
        let workers = &mut workers.workers[..threads];
        let (first, others) = workers.split_at_mut(1);
        let first = &mut first[0].memory;
        let mut finite = self.calls(first, [(self.observe, u64::from(!ticks.observed))]);
        others.iter_mut().for_each(|w| w.memory.point_alike(first));
        let memories = std::iter::once(&mut *first).chain(others.iter_mut().map(|w| &mut w.memory)).collect();
        // SAFETY: as in `calls`; all memories point to the same arrays, which nobody else has.
        #[allow(unsafe_code)]
        let passed = unsafe { steps.run(&self.code, memories, turns) };
        finite &= passed;
        finite & self.calls(first, [(self.change, u64::from(ticks.close))])
    }

    /// All ticks of some rows, or of all.
    fn pass(&self, memory: &mut Memory, ticks: Ticks) -> bool {
        let turns = ticks.ticks - u64::from(ticks.close);
        let calls = [
            (self.observe, u64::from(!ticks.observed)),
            (self.turn, turns),
            (self.change, u64::from(ticks.close)),
            (self.flush.unwrap_or(0), u64::from(!ticks.close && self.flush.is_some())),
        ];
        self.calls(memory, calls)
    }

    /// Calls functions in their order, each so many times.
    fn calls<const N: usize>(&self, memory: &mut Memory, calls: [(usize, u64); N]) -> bool {
        calls.into_iter().filter(|(_, n)| *n > 0).all(|(at, n)| {
            // SAFETY: the function was made for this memory and this module, whose arrays the memory points to. Of
            // these a thread writes the parts of its rows, which no other one touches, and arrays of its own; all
            // others only read.
            #[allow(unsafe_code)]
            unsafe {
                memory.call(&self.code, at, n)
            }
        })
    }
}

impl Workers {
    fn fit(&mut self, turns: &Turns, threads: usize) {
        while self.workers.len() < threads {
            self.workers.push(Worker {
                memory: Memory::new(&turns.memory, &turns.extra),
                shared: Vec::new(),
                packed: Vec::new(),
            });
        }
        self.workers.iter_mut().for_each(|w| w.shared.iter_mut().for_each(Vec::clear));
    }
}
