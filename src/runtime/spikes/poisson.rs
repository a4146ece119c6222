//! Poisson processes: gaps are drawn, one after the other, and end when the rate has come to them.

use crate::contract::ops::Scalar;
use crate::contract::{functions, philox};
use crate::diag::{Code, Diagnostic};
use crate::hir::{PopId, Program};
use crate::runtime::machine::{Machine, Outcome};

/// No spike comes later than this tick.
const LAST: u64 = 9_000_000_000_000_000;

/// Poisson processes of the cells of a population.
///
/// Their spikes are drawn ahead, cell after cell, for a stretch of time that has at most about half as many as there are
/// cells, and then put in order: a queue of all cells would be looked up in memory that is far apart at each spike.
#[derive(Clone)]
pub(super) struct Poisson {
    pub population: PopId,
    pub key: u64,
    /// Behind the spikes drawn ahead; where the rate varies, as it is now.
    cells: Vec<Cell>,
    /// Before them.
    before: Vec<Cell>,
    /// The spikes drawn ahead by tick and cell, and how many of them have been.
    ahead: Vec<(u64, u32)>,
    at: usize,
    /// The last tick of the stretch.
    until: u64,
    /// How many spikes a stretch is to have for each cell, about: few where rates have just changed and may do so again.
    much: f64,
    /// Whether the rate may change in every tick.
    pub varies: bool,
}

/// The least and the most spikes of a cell in a stretch, about.
const LEAST: f64 = 1.0 / 16.0;
const MOST: f64 = 0.5;

/// The process of one cell.
#[derive(Clone, Copy)]
struct Cell {
    rate: f64,
    /// What is left of the present gap, as a multiple of the mean gap, and since when, in seconds.
    left: f64,
    since: f64,
    /// How many gaps have been drawn.
    drawn: u64,
    /// The tick after which the next spike may come.
    last: u64,
}

/// The `n`-th gap of a cell, as a multiple of the mean gap.
fn gap(key: u64, cell: usize, n: u64) -> f64 {
    let u = philox::uniform(key, cell as u64, n);
    -functions::log(&Scalar, 1.0 - u)
}

impl Cell {
    /// The tick of the next spike.
    fn next(&self, tick: f64) -> Option<u64> {
        if self.rate <= 0.0 {
            return None;
        }
        let ticks = ((self.since + self.left / self.rate) / tick).ceil();
        // one spike in a tick; the next one in the next
        (ticks < LAST as f64).then(|| (ticks.max(0.0) as u64).max(self.last + 1))
    }

    /// Time has passed without a spike.
    fn wait_until(&mut self, time: f64) {
        self.left -= (time - self.since).max(0.0) * self.rate;
        self.since = time.max(self.since);
    }

    /// The next spike has come, in this tick.
    fn spikes(&mut self, key: u64, number: usize, now: u64) {
        self.since += self.left / self.rate;
        self.left = gap(key, number, self.drawn);
        self.drawn += 1;
        self.last = now;
    }
}

impl Poisson {
    pub fn new(program: &Program, id: PopId, varies: bool) -> Option<Self> {
        let p = &program.populations[id];
        let spiking = p.spiking.as_ref()?;
        let key = philox::key(program.seed, &format!("{}/spikes", spiking.stream));
        let cell = |c| Cell { rate: 0.0, left: gap(key, c, 0), since: 0.0, drawn: 1, last: 0 };
        let cells: Vec<Cell> = (0..p.cells).map(cell).collect();
        let (before, ahead) = (cells.clone(), Vec::new());
        Some(Self { population: id, key, cells, before, ahead, at: 0, until: 0, much: LEAST, varies })
    }

    /// The tick of the next spike, and its cell.
    pub fn next(&self) -> Option<(u64, u32)> {
        self.ahead.get(self.at).copied()
    }

    /// The next spikes, at most two, and their cells.
    pub fn coming(&self) -> impl Iterator<Item = (u64, u32)> {
        self.ahead[self.at..].iter().take(2).copied()
    }

    /// None has come before this tick.
    pub fn begin_at(&mut self, now: u64) {
        self.cells.iter_mut().for_each(|cell| cell.last = now);
        self.before.clone_from(&self.cells);
    }

    /// The same from now on in a run of another program.
    pub fn carried(&self, to: &Self, now: u64, tick: f64) -> Self {
        let mut carried = self.clone();
        let time = now as f64 * tick;
        if self.varies {
            // what is left of a gap is left from now on
            for cell in &mut carried.cells {
                (cell.since, cell.last) = (time, cell.last.max(now));
            }
            carried.until = now;
        } else {
            carried.take_back(now);
        }
        (carried.population, carried.key, carried.varies) = (to.population, to.key, to.varies);
        if !carried.varies {
            carried.draw_ahead(tick);
        } else if !self.varies {
            carried.cells.iter_mut().for_each(|cell| cell.wait_until(time));
        }
        carried
    }

    /// What has been drawn ahead and has not come is as if it had not been drawn.
    fn take_back(&mut self, now: u64) {
        self.cells.clone_from(&self.before);
        for (at, i) in &self.ahead[..self.at] {
            self.cells[*i as usize].spikes(self.key, *i as usize, *at);
        }
        self.until = now;
        self.much = LEAST;
    }

    /// Rates from now on.
    pub fn set_rates(&mut self, rates: &[f64], now: u64, tick: f64) {
        if self.cells.iter().map(|c| &c.rate).eq(rates) {
            return;
        }
        self.take_back(now);
        let time = now as f64 * tick;
        for (cell, rate) in self.cells.iter_mut().zip(rates) {
            cell.wait_until(time);
            cell.rate = *rate;
            cell.last = cell.last.max(now);
        }
        self.draw_ahead(tick);
    }

    /// Draws the spikes of the next stretch in which there are any.
    fn draw_ahead(&mut self, tick: f64) {
        self.before.clone_from(&self.cells);
        self.ahead.clear();
        self.at = 0;
        let all: f64 = self.cells.iter().map(|c| c.rate).sum();
        if all <= 0.0 {
            return;
        }
        let stretch = (self.cells.len() as f64 * self.much + 16.0) / all / tick;
        self.much = (2.0 * self.much).min(MOST);
        while self.ahead.is_empty() && self.until < LAST {
            self.until = (self.until as f64 + stretch.ceil().max(1.0)).min(LAST as f64) as u64;
            for (i, cell) in self.cells.iter_mut().enumerate() {
                while let Some(at) = cell.next(tick).filter(|at| *at <= self.until) {
                    self.ahead.push((at, i as u32));
                    cell.spikes(self.key, i, at);
                }
            }
        }
        self.ahead.sort_unstable();
    }

    /// Takes the spikes of a tick.
    pub fn take(&mut self, now: u64, tick: f64, into: &mut Vec<(PopId, u32)>) {
        while let Some((at, cell)) = self.next()
            && at <= now
        {
            into.push((self.population, cell));
            self.at += 1;
            if self.at == self.ahead.len() {
                self.draw_ahead(tick);
            }
        }
    }

    /// Lets a tick pass at the present rates, and takes the spikes in it.
    pub fn pass(&mut self, now: u64, tick: f64, into: &mut Vec<(PopId, u32)>) {
        for (i, cell) in self.cells.iter_mut().enumerate() {
            cell.left -= cell.rate * tick;
            if cell.left <= 0.0 {
                cell.left += gap(self.key, i, cell.drawn);
                cell.drawn += 1;
                cell.last = now;
                into.push((self.population, i as u32));
            }
        }
    }
}

impl Machine<'_> {
    pub(in crate::runtime) fn rates(&mut self, in_tick: bool) -> Outcome<()> {
        for i in 0..self.spikes.poisson.len() {
            let (id, varies) = (self.spikes.poisson[i].population, self.spikes.poisson[i].varies);
            if in_tick && !varies {
                continue;
            }
            let Some((work, slot, _)) = self.built.events.emitters[id].as_mut().and_then(|e| e.rate.take())
            else {
                continue;
            };
            let outcome = self.observe().and_then(|()| self.work(&work));
            let rates = self.arrays.values(slot).to_vec();
            if let Some(e) = self.built.events.emitters[id].as_mut() {
                e.rate = Some((work, slot, varies));
            }
            outcome?;
            if let Some(bad) = rates.iter().find(|r| **r < 0.0 || !r.is_finite()) {
                let p = &self.program.populations[id];
                let span = p.spiking.as_ref().map_or(p.span, |s| s.span);
                let headline =
                    format!("the rate of `{}` is {} Hz", p.name, crate::units::format_number(*bad, 6));
                let d = Diagnostic::new(Code::E0611, span, headline, "a rate is not negative");
                return Err(Box::new(d.help("keep it from becoming negative: `poisson(max(0 Hz, ...))`")));
            }
            let (tick, now) = (self.program.tick, self.now);
            let poisson = &mut self.spikes.poisson[i];
            if varies {
                poisson.cells.iter_mut().zip(rates).for_each(|(cell, rate)| cell.rate = rate);
            } else {
                poisson.set_rates(&rates, now, tick);
            }
        }
        Ok(())
    }
}
