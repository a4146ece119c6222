//! Poisson processes: gaps are drawn, one after the other, and end when the rate has come to them.

use crate::contract::ops::Scalar;
use crate::contract::{functions, philox};
use crate::diag::{Code, Diagnostic};
use crate::hir::{PopId, Program};
use crate::runtime::machine::{Machine, Outcome};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Poisson processes of the cells of a population.
#[derive(Clone)]
pub(super) struct Poisson {
    pub population: PopId,
    pub key: u64,
    /// For each cell, how many gaps have been drawn.
    pub drawn: Vec<u64>,
    /// What is left of the present gap, as a multiple of the mean gap, and since when, in seconds.
    pub left: Vec<(f64, f64)>,
    pub rates: Vec<f64>,
    /// The next spike of each cell, and the last.
    pub next: BinaryHeap<Reverse<(u64, u32)>>,
    pub last: Vec<u64>,
    /// Whether the rate changes between statements.
    pub varies: bool,
}

/// The `n`-th gap of a cell, as a multiple of the mean gap.
fn gap(key: u64, cell: usize, n: u64) -> f64 {
    let u = philox::uniform(key, cell as u64, n);
    -functions::log(&Scalar, 1.0 - u)
}

impl Poisson {
    pub fn new(program: &Program, id: PopId, varies: bool) -> Option<Self> {
        let p = &program.populations[id];
        let spiking = p.spiking.as_ref()?;
        let key = philox::key(program.seed, &format!("{}/spikes", spiking.stream));
        Some(Self {
            population: id,
            key,
            drawn: vec![1; p.cells],
            left: (0..p.cells).map(|c| (gap(key, c, 0), 0.0)).collect(),
            rates: vec![0.0; p.cells],
            next: BinaryHeap::new(),
            last: vec![0; p.cells],
            varies,
        })
    }

    /// The tick of the next spike of a cell.
    fn tick_of(&self, cell: usize, tick: f64) -> Option<u64> {
        let (left, since) = self.left[cell];
        let rate = self.rates[cell];
        if rate <= 0.0 {
            return None;
        }
        let ticks = ((since + left / rate) / tick).ceil();
        // one spike in a tick; the next one in the next
        (ticks < 9e15).then(|| (ticks.max(0.0) as u64).max(self.last[cell] + 1))
    }

    /// Rates from now on.
    pub fn set_rates(&mut self, rates: &[f64], now: f64, tick: f64) {
        if self.rates == rates {
            return;
        }
        for (cell, rate) in rates.iter().enumerate() {
            let (left, since) = self.left[cell];
            let passed = (now - since).max(0.0) * self.rates[cell];
            self.left[cell] = (left - passed, now.max(since));
            self.rates[cell] = *rate;
        }
        let cells = 0..self.rates.len();
        self.next = cells.filter_map(|c| Some(Reverse((self.tick_of(c, tick)?, c as u32)))).collect();
    }

    /// Takes the spikes of a tick.
    pub fn take(&mut self, now: u64, tick: f64, into: &mut Vec<(PopId, u32)>) {
        while let Some(Reverse((at, cell))) = self.next.peek().copied() {
            if at > now {
                break;
            }
            self.next.pop();
            into.push((self.population, cell));
            let c = cell as usize;
            let (left, since) = self.left[c];
            let time = since + left / self.rates[c];
            self.left[c] = (gap(self.key, c, self.drawn[c]), time);
            self.drawn[c] += 1;
            self.last[c] = now;
            if let Some(next) = self.tick_of(c, tick) {
                self.next.push(Reverse((next, cell)));
            }
        }
    }

    /// Lets a tick pass at the present rates, and takes the spikes in it.
    pub fn pass(&mut self, now: u64, tick: f64, into: &mut Vec<(PopId, u32)>) {
        for (c, rate) in self.rates.iter().enumerate() {
            let left = &mut self.left[c].0;
            *left -= rate * tick;
            if *left <= 0.0 {
                *left += gap(self.key, c, self.drawn[c]);
                self.drawn[c] += 1;
                self.last[c] = now;
                into.push((self.population, c as u32));
            }
        }
    }
}

impl Machine<'_> {
    pub(super) fn rates(&mut self, in_tick: bool) -> Outcome<()> {
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
            let (tick, now) = (self.program.tick, self.now as f64 * self.program.tick);
            let poisson = &mut self.spikes.poisson[i];
            if varies {
                poisson.rates = rates;
            } else {
                poisson.set_rates(&rates, now, tick);
            }
        }
        Ok(())
    }
}
