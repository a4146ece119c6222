//! All events of one instant: who spikes, and what is reached when.

use super::coming::{Arrival, Kind};
use crate::hir::{PopId, Ties};
use crate::runtime::machine::{Machine, Outcome};
use crate::source::Id;

impl Machine<'_> {
    /// Whether time goes from event to event.
    pub fn jumps(&self) -> bool {
        self.built.events.ticks.is_none()
    }

    /// Time passes to this tick, with nothing happening before; what spikes or arrives there acts.
    ///
    /// `acts` is whether something may do so.
    pub fn jump(&mut self, to: u64, acts: bool) -> Outcome<()> {
        self.now = to;
        self.arrays[self.built.run_ticks][0] = to as f64;
        self.observed = false;
        self.lazily_shown = false;
        if acts { self.instant(true) } else { Ok(()) }
    }

    /// The events at the end of a tick that has just passed.
    pub(in crate::runtime) fn events(&mut self) -> Outcome<()> {
        self.lazily_shown = false;
        if !self.spikes.every_tick && self.spikes.next() > self.now {
            return Ok(());
        }
        self.instant(true)
    }

    /// All events of this instant. `ended` if a tick has just ended with it.
    pub(super) fn instant(&mut self, ended: bool) -> Outcome<()> {
        let mut emitted = std::mem::take(&mut self.spikes.emitted);
        let mut arrivals = std::mem::take(&mut self.spikes.arrivals);
        emitted.clear();
        arrivals.clear();
        let outcome = self.act(ended, &mut emitted, &mut arrivals);
        (self.spikes.emitted, self.spikes.arrivals) = (emitted, arrivals);
        outcome
    }

    fn act(
        &mut self,
        ended: bool,
        emitted: &mut Vec<(PopId, u32)>,
        arrivals: &mut Vec<Arrival>,
    ) -> Outcome<()> {
        let now = self.now;
        if ended {
            if self.spikes.every_tick {
                self.crossings(emitted)?;
                if self.spikes.poisson.iter().any(|p| p.varies) {
                    self.rates(true)?;
                }
            }
            let tick = self.program.tick;
            for poisson in &mut self.spikes.poisson {
                match poisson.varies {
                    true => poisson.pass(now, tick, emitted),
                    false => poisson.take(now, tick, emitted),
                }
            }
        }
        while let Some((at, who)) = self.spikes.set.get(self.spikes.at).copied()
            && at <= now
        {
            self.spikes.at += 1;
            emitted.push((PopId((who >> 32) as u32), who as u32));
        }
        while !self.spikes.travelling.is_empty()
            && let Some(first) = self.spikes.travelling.first_entry()
        {
            if *first.key() > now {
                break;
            }
            arrivals.extend(first.remove());
        }
        if emitted.is_empty() && arrivals.is_empty() {
            return Ok(());
        }
        if emitted.len() > 1 {
            emitted.sort_unstable();
            emitted.dedup();
        }
        for (population, cell) in emitted.iter() {
            self.emit(*population, *cell, arrivals);
        }
        if arrivals.len() > 1 {
            arrivals.sort_unstable();
        }
        self.lazily_shown = false;
        self.before_events()?;
        self.expect_next();
        let mut gathers = false;
        if self.spikes.ordered && self.meets_in_order(arrivals) {
            let later: Vec<Arrival> = arrivals.iter().filter(|a| self.is_second(a)).copied().collect();
            arrivals.retain(|a| !self.is_second(a));
            self.arrive(arrivals, &[], &mut gathers)?;
            self.before_events()?;
            self.arrive(&later, emitted, &mut gathers)?;
        } else {
            self.arrive(arrivals, emitted, &mut gathers)?;
        }
        if gathers {
            self.gathered();
        }
        self.observed = false;
        Ok(())
    }

    /// Has the memory brought that the next spikes need, as far as these are known, while the present ones act.
    fn expect_next(&mut self) {
        if !self.engine.expects() {
            return;
        }
        let mut runs = std::mem::take(&mut self.spikes.runs);
        runs.clear();
        for (population, cell) in self.spikes.next_two().into_iter().flatten() {
            for (projection, kind, delay) in
                self.spikes.reached.get(Id::index(population)).into_iter().flatten()
            {
                let Some(heard) = self.built.plans[self.plan].heard[*projection].as_ref() else { continue };
                let rows = match kind {
                    Kind::Pre => heard.pre.synapses,
                    Kind::Post => heard.post.synapses,
                    Kind::Gather => None,
                };
                runs.extend(rows.filter(|_| *delay == 0).map(|rows| rows.of(cell)));
            }
        }
        self.engine.expect_rows(&runs, &self.arrays);
        self.spikes.runs = runs;
    }

    /// Computes what handlers read beyond a synapse and its two cells.
    fn before_events(&mut self) -> Outcome<()> {
        if self.built.events.observe {
            self.observed = false;
            self.observe()?;
        }
        if self.built.events.before.is_empty() {
            return Ok(());
        }
        let before = std::mem::take(&mut self.built.events.before);
        let outcome = self.work(&before);
        self.built.events.before = before;
        outcome
    }

    /// Whether spikes of both sides meet at a projection that takes one side first.
    fn meets_in_order(&self, arrivals: &[Arrival]) -> bool {
        arrivals.iter().filter(|a| self.is_second(a)).any(|a| {
            let other = if a.kind == Kind::Pre { Kind::Post } else { Kind::Pre };
            arrivals.iter().any(|b| b.projection == a.projection && b.kind == other)
        })
    }

    /// Whether an arrival waits for those of the other side at the same instant.
    fn is_second(&self, a: &Arrival) -> bool {
        match self.program.projections[a.projection].ties {
            Ties::PreFirst => a.kind == Kind::Post,
            Ties::PostFirst => a.kind == Kind::Pre,
            Ties::Together | Ties::Half => false,
        }
    }

    /// Which cells spike because of their states.
    fn crossings(&mut self, emitted: &mut Vec<(PopId, u32)>) -> Outcome<()> {
        for i in 0..self.built.events.emitters.len() {
            let id = PopId(i as u32);
            let Some((work, slot)) = self.built.events.emitters[id].as_mut().and_then(|e| e.crossing.take())
            else {
                continue;
            };
            let outcome = self.work(&work);
            let refractory = self.built.events.emitters[id].as_ref().and_then(|e| e.refractory);
            let now = self.now as f64;
            for (cell, crosses) in self.arrays[slot].iter().enumerate() {
                if *crosses != 0.0 && refractory.is_none_or(|r| self.arrays[r][cell] <= now) {
                    emitted.push((id, cell as u32));
                }
            }
            if let Some(e) = self.built.events.emitters[id].as_mut() {
                e.crossing = Some((work, slot));
            }
            outcome?;
        }
        Ok(())
    }

    /// A cell spikes: it is counted, refractory, and heard of now or later.
    fn emit(&mut self, population: PopId, cell: u32, arrivals: &mut Vec<Arrival>) {
        let now = self.now;
        if let Some(e) = &self.built.events.emitters[population] {
            self.arrays[e.count][cell as usize] += 1.0;
            if let (Some(slot), Some(s)) = (e.refractory, &self.program.populations[population].spiking) {
                self.arrays[slot][cell as usize] = (now + s.refractory) as f64;
            }
        }
        let Some(reached) = self.spikes.reached.get(Id::index(population)) else { return };
        for (projection, kind, delay) in reached {
            let arrival = Arrival { projection: *projection, kind: *kind, cell };
            match delay {
                0 => arrivals.push(arrival),
                _ => self.spikes.travelling.entry(now + delay).or_default().push(arrival),
            }
        }
    }
}
