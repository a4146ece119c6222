//! What is to come: spikes that are set, on their way, or drawn.

use super::poisson::Poisson;
use crate::hir::{self, PopId, Program, ProjId, SpikeSource, Ties};
use crate::ir::KernelId;
use crate::ir::build::Built;
use crate::ir::timeline::LeafId;
use crate::source::Id;
use std::collections::BTreeMap;
use std::ops::Range;

/// What is to come, and what has begun.
#[derive(Clone, Default)]
pub(in crate::runtime) struct Spikes {
    /// Spikes that the timeline or a list has set, in order from `at` on.
    pub(super) set: Vec<Set>,
    pub(super) at: usize,
    /// Spikes on their way, by the tick in which they arrive.
    pub(super) travelling: BTreeMap<u64, Vec<Arrival>>,
    pub(super) poisson: Vec<Poisson>,
    /// For each population what its spikes reach, and after how many ticks.
    pub(super) reached: Vec<Vec<(ProjId, Kind, u64)>>,
    /// The statements whose spikes were set at this tick.
    pub(super) begun: (u64, Vec<(LeafId, u64)>),
    /// What cells gather, for each variable that does.
    pub(super) gathered: Vec<Vec<f64>>,
    /// Lists that are used again and again.
    pub(super) emitted: Vec<(PopId, u32)>,
    pub(super) arrivals: Vec<Arrival>,
    pub(super) runs: Vec<(KernelId, Range<usize>)>,
    /// Whether some spikes are decided by states, or by a rate that changes all the time.
    pub(super) every_tick: bool,
    /// Whether a projection takes spikes of one side first.
    pub(super) ordered: bool,
}

/// A spike that is set: its tick, then its population and cell in one number.
pub(super) type Set = (u64, u64);

pub(super) fn set(tick: u64, population: PopId, cell: u32) -> Set {
    (tick, u64::from(population.0) << 32 | u64::from(cell))
}

/// A spike at the synapses of a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival {
    pub projection: ProjId,
    pub kind: Kind,
    pub cell: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// What cells gather.
    Gather,
    /// At the synapses of a presynaptic cell.
    Pre,
    /// At those of a postsynaptic cell.
    Post,
}

impl Spikes {
    /// Nothing has spiked yet.
    pub fn new(program: &Program, built: &Built) -> Self {
        let mut spikes = Self::default();
        for (id, emitter) in built.events.emitters.iter_enumerated() {
            let Some(emitter) = emitter else { continue };
            spikes.every_tick |= emitter.crossing.is_some();
            if let Some((.., varies)) = &emitter.rate {
                spikes.every_tick |= *varies;
                spikes.poisson.extend(Poisson::new(program, id, *varies));
            }
            let p = &program.populations[id];
            let Some(SpikeSource::At { times, cells }) = p.spiking.as_ref().map(|s| &s.source) else {
                continue;
            };
            for (i, time) in times.data.iter().enumerate() {
                let tick = (time / program.tick).round() as u64;
                match cells {
                    Some(cells) => spikes.set.push(set(tick, id, cells.data[i] as u32)),
                    None => spikes.set.extend((0..p.cells as u32).map(|c| set(tick, id, c))),
                }
            }
        }
        spikes.set.sort();
        for (id, p) in program.projections.iter_enumerated() {
            let Some(hearer) = &built.events.hearers[id] else { continue };
            let delay = p.spike_delay;
            spikes.ordered |= matches!(p.ties, Ties::PreFirst | Ties::PostFirst);
            spikes.reached.resize(program.populations.len(), Vec::new());
            let mut reach = |from: PopId, kind: Kind, delay: u64| {
                spikes.reached[Id::index(from)].push((id, kind, delay));
            };
            if hearer.hears_pre {
                reach(p.pre, Kind::Pre, delay.axonal);
            }
            if hearer.gathers {
                reach(p.pre, Kind::Gather, delay.axonal + delay.dendritic);
            }
            if hearer.hears_post {
                reach(p.post, Kind::Post, delay.dendritic);
            }
        }
        let cells = |v: &hir::VarId| built.module.slots[built.layout.vars[*v].slot].len;
        spikes.gathered = built.events.gathered.iter().map(|v| vec![0.0; cells(v)]).collect();
        spikes
    }

    /// Goes on with what is to come in a run of another program: populations and projections of the same name.
    pub fn carry(&mut self, from: &Self, before: &Program, after: &Program, now: u64) {
        let population = |id: PopId| {
            let was = &before.populations[id];
            let mut same = after.populations.iter_enumerated();
            same.find(|(_, p)| p.name == was.name && p.cells == was.cells && p.spiking.is_some())
                .map(|(id, _)| id)
        };
        let projection = |id: ProjId| {
            let was = &before.projections[id].name;
            after.projections.iter_enumerated().find(|(_, p)| p.name == *was).map(|(id, _)| id)
        };
        self.set.clear();
        self.at = 0;
        for (at, who) in &from.set[from.at..] {
            self.set.extend(population(PopId((who >> 32) as u32)).map(|id| set(*at, id, *who as u32)));
        }
        self.travelling.clear();
        for (at, arrivals) in &from.travelling {
            let same =
                arrivals.iter().filter_map(|a| Some(Arrival { projection: projection(a.projection)?, ..*a }));
            self.travelling.insert(*at, same.collect());
        }
        for is in &mut self.poisson {
            let was = from.poisson.iter().find(|was| population(was.population) == Some(is.population));
            match was {
                Some(was) => *is = was.carried(is, now, after.tick),
                None => is.begin_at(now),
            }
        }
        self.begun = from.begun.clone();
    }

    /// The first tick from `now` on at whose end something spikes or arrives, as far as that is known.
    pub fn next(&self) -> u64 {
        let set = self.set.get(self.at).map(|s| s.0);
        let travelling = self.travelling.keys().next().copied();
        let poisson = self.poisson.iter().filter_map(|p| p.next().map(|(at, _)| at)).min();
        [set, travelling, poisson].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// The two cells that spike next, as far as that is known.
    pub(super) fn next_two(&self) -> [Option<(PopId, u32)>; 2] {
        let cell = |who: u64| (PopId((who >> 32) as u32), who as u32);
        let set = self.set[self.at..].iter().take(2).map(|(at, who)| (*at, cell(*who)));
        let drawn = self.poisson.iter().flat_map(|p| p.coming().map(|(at, cell)| (at, (p.population, cell))));
        let mut first = [(u64::MAX, None); 2];
        for (at, who) in set.chain(drawn) {
            if at < first[0].0 {
                first = [(at, Some(who)), first[0]];
            } else if at < first[1].0 {
                first[1] = (at, Some(who));
            }
        }
        first.map(|(_, who)| who)
    }

    /// Whether every tick has to be looked at.
    pub fn every_tick(&self) -> bool {
        self.every_tick
    }
}
