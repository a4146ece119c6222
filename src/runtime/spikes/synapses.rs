//! What arrives at synapses acts: run by run of kernels.

use super::coming::{Arrival, Kind};
use crate::hir::{PopId, ProjId};
use crate::ir::KernelId;
use crate::ir::build::Reach;
use crate::runtime::machine::{Machine, Outcome};
use std::ops::Range;

impl Machine<'_> {
    /// What arrives acts, from the states before it.
    pub(super) fn arrive(
        &mut self,
        arrivals: &[Arrival],
        emitted: &[(PopId, u32)],
        gathers: &mut bool,
    ) -> Outcome<()> {
        let plan = self.plan;
        let mut runs = std::mem::take(&mut self.spikes.runs);
        runs.clear();
        // what cells gather
        for a in arrivals.iter().filter(|a| a.kind == Kind::Gather) {
            let Some(heard) = &self.built.plans[plan].heard[a.projection] else { continue };
            runs.extend(heard.pre.gather.iter().filter_map(|g| Some(g.compute?.of(a.cell))));
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
            runs.extend(side.cell.map(|rows| rows.of(a.cell)));
        }
        for (population, cell) in emitted {
            let emitter = self.built.events.emitters[*population].as_ref();
            runs.extend(emitter.and_then(|e| e.reset).map(|rows| rows.of(*cell)));
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
    pub(super) fn gathered(&mut self) {
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
            runs.extend(rows.map(|rows| rows.of(a.cell)));
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
