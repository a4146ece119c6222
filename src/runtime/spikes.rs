//! Spikes while a run goes on: who spikes when, and which synapses that reaches.

use super::cursor::Playing;
use super::machine::{Machine, Outcome};
use crate::contract::ops::Scalar;
use crate::contract::{functions, philox};
use crate::diag::{Code, Diagnostic};
use crate::eval::{eval, eval_scalar};
use crate::hir::{
    self, AxisId, Expr, ExprKind, PopId, Program, ProjId, Selection, Selector, SpikeSource, Ties, Ty,
};
use crate::ir::KernelId;
use crate::ir::build::fault::from_eval;
use crate::ir::build::{Built, Reach, Rows};
use crate::ir::timeline::LeafId;
use crate::source::{Id, Span};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;

/// What is to come, and what has begun.
#[derive(Clone, Default)]
pub(super) struct Spikes {
    /// Spikes that the timeline or a list has set, in order from `at` on.
    set: Vec<Set>,
    at: usize,
    /// Spikes on their way, by the tick in which they arrive.
    travelling: BTreeMap<u64, Vec<Arrival>>,
    poisson: Vec<Poisson>,
    /// For each population what its spikes reach, and after how many ticks.
    reached: Vec<Vec<(ProjId, Kind, u64)>>,
    /// The statements whose spikes were set at this tick.
    begun: (u64, Vec<(LeafId, u64)>),
    /// What cells gather, for each variable that does.
    gathered: Vec<Vec<f64>>,
    /// Lists that are used again and again.
    emitted: Vec<(PopId, u32)>,
    arrivals: Vec<Arrival>,
    runs: Vec<(KernelId, Range<usize>)>,
    /// Whether some spikes are decided by states, or by a rate that changes all the time.
    every_tick: bool,
    /// Whether a projection takes spikes of one side first.
    ordered: bool,
}

/// A spike that is set: its tick, then its population and cell in one number.
type Set = (u64, u64);

fn set(tick: u64, population: PopId, cell: u32) -> Set {
    (tick, u64::from(population.0) << 32 | u64::from(cell))
}

/// A spike at the synapses of a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    projection: ProjId,
    kind: Kind,
    cell: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// What cells gather.
    Gather,
    /// At the synapses of a presynaptic cell.
    Pre,
    /// At those of a postsynaptic cell.
    Post,
}

/// Beyond this many repetitions a statement is refused: all its spikes are kept.
const MOST_SPIKES: f64 = 1e8;

/// Poisson processes of the cells of a population.
#[derive(Clone)]
struct Poisson {
    population: PopId,
    key: u64,
    /// For each cell, how many gaps have been drawn.
    drawn: Vec<u64>,
    /// What is left of the present gap, as a multiple of the mean gap, and since when, in seconds.
    left: Vec<(f64, f64)>,
    rates: Vec<f64>,
    /// The next spike of each cell, and the last.
    next: BinaryHeap<Reverse<(u64, u32)>>,
    last: Vec<u64>,
    /// Whether the rate changes between statements.
    varies: bool,
}

/// The `n`-th gap of a cell, as a multiple of the mean gap.
fn gap(key: u64, cell: usize, n: u64) -> f64 {
    let u = philox::uniform(key, cell as u64, n);
    -functions::log(&Scalar, 1.0 - u)
}

impl Poisson {
    fn new(program: &Program, id: PopId, varies: bool) -> Option<Self> {
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
    fn set_rates(&mut self, rates: &[f64], now: f64, tick: f64) {
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
    fn take(&mut self, now: u64, tick: f64, into: &mut Vec<(PopId, u32)>) {
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
    fn pass(&mut self, now: u64, tick: f64, into: &mut Vec<(PopId, u32)>) {
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
                Some(was) => {
                    *is = Poisson { population: is.population, key: is.key, varies: is.varies, ..was.clone() }
                }
                None => is.last.iter_mut().for_each(|last| *last = now),
            }
        }
        self.begun = from.begun.clone();
    }

    /// The first tick from `now` on at whose end something spikes or arrives, as far as that is known.
    pub fn next(&self) -> u64 {
        let set = self.set.get(self.at).map(|s| s.0);
        let travelling = self.travelling.keys().next().copied();
        let poisson = self.poisson.iter().filter_map(|p| p.next.peek().map(|Reverse((at, _))| *at)).min();
        [set, travelling, poisson].into_iter().flatten().min().unwrap_or(u64::MAX)
    }

    /// Whether every tick has to be looked at.
    pub fn every_tick(&self) -> bool {
        self.every_tick
    }
}

impl Machine<'_> {
    /// Whether time goes from event to event.
    pub fn jumps(&self) -> bool {
        self.built.events.ticks.is_none()
    }

    /// Rates and scheduled spikes of what begins now; what spikes at once acts at once.
    pub(super) fn spikes_begin(&mut self, playing: &[Playing]) -> Outcome<()> {
        if !self.built.events.any() {
            return Ok(());
        }
        if self.spikes.begun.0 != self.now {
            self.spikes.begun = (self.now, Vec::new());
        }
        let now = self.now;
        let before = self.spikes.set.len();
        for p in playing.iter().filter(|p| !p.passes && p.start == now) {
            if self.spikes.begun.1.contains(&(p.leaf, p.element)) {
                continue;
            }
            self.spikes.begun.1.push((p.leaf, p.element));
            self.set_spikes(p)?;
        }
        if self.spikes.set.len() > before {
            // what has been is forgotten; the rest and each train are in order already
            self.spikes.set.drain(..self.spikes.at);
            self.spikes.at = 0;
            self.spikes.set.sort();
        }
        self.rates(false)?;
        if self.spikes.set.get(self.spikes.at).is_some_and(|s| s.0 <= self.now) {
            self.instant(false)?;
        }
        Ok(())
    }

    fn rates(&mut self, in_tick: bool) -> Outcome<()> {
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

    /// Sets the spikes of a statement.
    fn set_spikes(&mut self, p: &Playing) -> Outcome<()> {
        let Some(schedule) = self.built.timeline.leaves[p.leaf].spikes.clone() else { return Ok(()) };
        let mut offsets = vec![0.0_f64];
        for again in &schedule.again {
            let count = self.spike_scalar(&again.count)?;
            let every = self.spike_scalar(&again.every)?;
            let whole = count.round();
            if !((count - whole).abs() <= 1e-9 * whole.max(1.0) && (0.0..1e9).contains(&whole)) {
                let headline = format!("a count is a whole number, and this is {count}");
                return Err(Box::new(Diagnostic::new(Code::E0805, again.count.span, headline, "not whole")));
            }
            if !(every > 0.0 && every.is_finite()) {
                let headline = "spikes are repeated after a time that is more than zero, and finite";
                let d = Diagnostic::new(Code::E0611, again.every.span, headline, "here it is not");
                return Err(Box::new(d.help("a rate is more than zero, and so is an interval")));
            }
            if offsets.len() as f64 * whole > MOST_SPIKES {
                let headline = format!("a statement schedules at most {MOST_SPIKES} repetitions");
                let d = Diagnostic::new(Code::E0803, again.count.span, headline, "more than that");
                return Err(Box::new(d.help("repeat the statement: `repeat 1000 { ... }`")));
            }
            offsets =
                (0..whole as u64).flat_map(|k| offsets.iter().map(move |o| o + k as f64 * every)).collect();
        }
        let tick = self.program.tick;
        for train in &schedule.trains {
            let cells = self.cells_in(train.population, &train.slice, train.span)?;
            let times = eval(&train.at, &self.view(true)).map_err(|e| from_eval(&e, train.at.span))?;
            for offset in &offsets {
                for time in times.data.iter() {
                    let at = p.start as f64 + (time + offset) / tick;
                    if !(*time >= 0.0 && at < 9e15) {
                        let headline = match *time >= 0.0 {
                            true => "a spike is scheduled later than can be counted in ticks",
                            false => "a spike is scheduled before its statement begins",
                        };
                        let label = format!("this is {} s", crate::units::format_number(*time, 9));
                        return Err(Box::new(Diagnostic::new(Code::E0611, train.at.span, headline, label)));
                    }
                    let at = at.round() as u64;
                    if at > p.end {
                        return Err(self.too_late(train.span, p, at));
                    }
                    self.spikes.set.extend(cells.iter().map(|c| set(at, train.population, *c)));
                }
            }
        }
        Ok(())
    }

    #[cold]
    fn too_late(&self, span: Span, p: &Playing, at: u64) -> Box<Diagnostic> {
        let show = |ticks: u64| {
            crate::units::format_value(ticks as f64 * self.program.tick, &self.program.tick_unit, 9)
        };
        let headline = "a spike is scheduled after its statement has ended";
        let label = format!("at {}", show(at - p.start));
        let d = Diagnostic::new(Code::E0611, span, headline, label);
        let d = d.help(format!(
            "let the statement last longer: `for {}`, or repeat more slowly",
            show(at - p.start)
        ));
        Box::new(d.note(format!("the statement lasts {}", show(p.end - p.start))))
    }

    fn spike_scalar(&self, e: &Expr) -> Outcome<f64> {
        eval_scalar(e, &self.view(true)).map_err(|f| from_eval(&f, e.span))
    }

    fn cells_in(&self, population: PopId, slice: &[Selection], span: Span) -> Outcome<Vec<u32>> {
        let p = &self.program.populations[population];
        if slice.is_empty() {
            return Ok((0..p.cells as u32).collect());
        }
        let axes: Vec<AxisId> = p.axes.clone();
        let flat = Expr { kind: ExprKind::Flat(axes.clone()), axes: axes.clone(), ty: Ty::Number, span };
        let mut left = axes;
        for selection in slice {
            left.retain(|a| !selection.axes.contains(a));
            if let Selector::Slice { axis, .. } | Selector::Between { axis, .. } = selection.selector {
                left.push(axis);
            }
        }
        let kind = ExprKind::Index { base: Box::new(flat), selections: slice.to_vec() };
        let cells = Expr { kind, axes: left, ty: Ty::Number, span };
        let value = eval(&cells, &self.view(true)).map_err(|e| from_eval(&e, span))?;
        Ok(value.data.iter().map(|v| *v as u32).collect())
    }

    /// Time passes to this tick, with nothing happening before; what spikes or arrives there acts.
    pub fn jump(&mut self, to: u64) -> Outcome<()> {
        self.now = to;
        self.arrays[self.built.run_ticks][0] = to as f64;
        self.observed = false;
        self.lazily_shown = false;
        if self.spikes.next() <= to { self.instant(true) } else { Ok(()) }
    }

    /// The events at the end of a tick that has just passed.
    pub(super) fn events(&mut self) -> Outcome<()> {
        self.lazily_shown = false;
        if !self.spikes.every_tick && self.spikes.next() > self.now {
            return Ok(());
        }
        self.instant(true)
    }

    /// All events of this instant. `ended` if a tick has just ended with it.
    fn instant(&mut self, ended: bool) -> Outcome<()> {
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
            self.crossings(emitted)?;
            if self.spikes.poisson.iter().any(|p| p.varies) {
                self.rates(true)?;
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
        while let Some(first) = self.spikes.travelling.first_entry() {
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
        arrivals.sort_unstable();
        self.lazily_shown = false;
        self.before_events()?;
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

    /// What arrives acts, from the states before it.
    fn arrive(&mut self, arrivals: &[Arrival], emitted: &[(PopId, u32)], gathers: &mut bool) -> Outcome<()> {
        let plan = self.plan;
        let mut runs = std::mem::take(&mut self.spikes.runs);
        runs.clear();
        let one = |rows: Rows, cell: u32| {
            let first = cell as usize * rows.each;
            (rows.kernel, first..first + rows.each)
        };
        // what cells gather
        for a in arrivals.iter().filter(|a| a.kind == Kind::Gather) {
            let Some(heard) = &self.built.plans[plan].heard[a.projection] else { continue };
            runs.extend(heard.pre.gather.iter().filter_map(|g| Some(one(g.compute?, a.cell))));
            *gathers |= !heard.pre.gather.is_empty();
        }
        if *gathers {
            self.run_rows(&mut runs)?;
            for a in arrivals.iter().filter(|a| a.kind == Kind::Gather) {
                self.gather(a.projection, a.cell);
            }
        }
        // synapses
        let mut meeting = false;
        let mut at = 0;
        while at < arrivals.len() {
            let projection = arrivals[at].projection;
            let end = at + arrivals[at..].iter().take_while(|a| a.projection == projection).count();
            meeting |= self.at_synapses(projection, &arrivals[at..end], &mut runs);
            at = end;
        }
        // cells
        for a in arrivals.iter() {
            let Some(heard) = &self.built.plans[plan].heard[a.projection] else { continue };
            let side = match a.kind {
                Kind::Pre => &heard.pre,
                Kind::Post => &heard.post,
                Kind::Gather => continue,
            };
            runs.extend(side.cell.map(|rows| one(rows, a.cell)));
        }
        for (population, cell) in emitted {
            let emitter = self.built.events.emitters[*population].as_ref();
            runs.extend(emitter.and_then(|e| e.reset).map(|rows| one(rows, *cell)));
        }
        let outcome = self.run_rows(&mut runs);
        if meeting {
            for a in arrivals {
                self.flag(a, 0.0);
            }
        }
        self.spikes.runs = runs;
        outcome
    }

    /// Adds to variables of cells what these have gathered.
    fn gathered(&mut self) {
        for (i, var) in self.built.events.gathered.iter().enumerate() {
            let slot = self.built.layout.vars[*var].slot;
            for (to, by) in self.arrays[slot].iter_mut().zip(&mut self.spikes.gathered[i]) {
                if *by != 0.0 {
                    *to += std::mem::take(by);
                }
            }
        }
    }

    /// What happens at the synapses of a projection. Whether spikes of both sides meet there.
    fn at_synapses(
        &mut self,
        projection: ProjId,
        arrivals: &[Arrival],
        runs: &mut Vec<(KernelId, Range<usize>)>,
    ) -> bool {
        let Some(heard) = self.built.plans[self.plan].heard[projection].as_ref() else { return false };
        let of = |kind: Kind| arrivals.iter().any(|a| a.kind == kind);
        let meet = heard.pre.tied.is_some() && of(Kind::Pre) && of(Kind::Post);
        let (pre, post) = match meet {
            true => (heard.pre.tied, heard.post.tied),
            false => (heard.pre.synapses, heard.post.synapses),
        };
        for a in arrivals {
            let rows = match a.kind {
                Kind::Pre => pre,
                Kind::Post => post,
                Kind::Gather => None,
            };
            runs.extend(rows.map(|rows| {
                let first = a.cell as usize * rows.each;
                (rows.kernel, first..first + rows.each)
            }));
        }
        if meet {
            for a in arrivals {
                self.flag(a, 1.0);
            }
        }
        meet
    }

    /// Notes that a cell's spike has arrived.
    fn flag(&mut self, a: &Arrival, value: f64) {
        let Some(hearer) = &self.built.events.hearers[a.projection] else { return };
        match a.kind {
            Kind::Pre => self.arrays[hearer.arrived_pre][a.cell as usize] = value,
            Kind::Post => self.arrays[hearer.arrived_post][a.cell as usize] = value,
            Kind::Gather => {}
        }
    }

    /// Adds up what the synapses of a presynaptic cell send.
    fn gather(&mut self, projection: ProjId, cell: u32) {
        let Some(heard) = &self.built.plans[self.plan].heard[projection] else { return };
        let Some(hearer) = &self.built.events.hearers[projection] else { return };
        let cell = cell as usize;
        for g in &heard.pre.gather {
            let into = &mut self.spikes.gathered[g.into];
            let mut add = |post: usize, value: f64| {
                into[post] += if g.negative { -value } else { value };
            };
            match hearer.reach {
                Reach::One => add(cell, self.arrays.value(g.from, cell).unwrap_or(0.0)),
                Reach::All { rows, columns } => {
                    for post in 0..rows {
                        add(post, self.arrays.value(g.from, post * columns + cell).unwrap_or(0.0));
                    }
                }
                Reach::Pattern(pattern) => {
                    let p = &self.built.module.patterns[pattern];
                    for e in p.row_start[cell]..p.row_start[cell + 1] {
                        let at = p.storage.as_ref().map_or(e, |s| s[e] as usize);
                        add(p.col_index[e] as usize, self.arrays.value(g.from, at).unwrap_or(0.0));
                    }
                }
            }
        }
    }
}
