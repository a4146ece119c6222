//! Who spikes, and what a spike does to its cell.

use super::model::*;
use crate::hir::{AssignOp, Change, PopId, SpikeSource};
use crate::ir::build::closed::{self};
use crate::ir::build::context::Context;
use crate::ir::build::fault::{self, BuildResult};
use crate::ir::build::lower::Stop;
use crate::ir::build::plan::work;
use crate::ir::{KernelBuilder, SlotKind};
use crate::source::IndexVec;

impl Context<'_> {
    /// The populations with spikes.
    pub fn emitters(&mut self) -> BuildResult<IndexVec<PopId, Option<Emitter>>> {
        let program = self.program;
        let mut all = IndexVec::new();
        for (_, p) in program.populations.iter_enumerated() {
            let Some(spiking) = &p.spiking else {
                all.push(None);
                continue;
            };
            let at = std::mem::replace(&mut self.at_event, true);
            let made = self.emitter(p, spiking);
            self.at_event = at;
            all.push(Some(made?));
        }
        Ok(all)
    }

    fn emitter(&mut self, p: &crate::hir::Population, spiking: &crate::hir::Spiking) -> BuildResult<Emitter> {
        let refractory = (spiking.refractory > 0)
            .then(|| self.module.slot(format!("{} refractory until", p.name), SlotKind::State, p.cells, 0.0));
        if let Some(slot) = refractory {
            let set = spiking.reset.iter().filter(|c| c.op == AssignOp::Set);
            self.refractory.extend(set.map(|c| (c.var, slot)));
        }
        let (mut crossing, mut rate) = (None, None);
        match &spiking.source {
            SpikeSource::When(condition) => {
                let slot = self.temporary(&format!("{} spikes", p.name), p.cells);
                self.take_tasks();
                self.checked = false;
                self.compute(&format!("{} spikes", p.name), condition, slot, &p.axes)?;
                self.checked = true;
                crossing = Some((work(self.take_tasks()), slot));
            }
            SpikeSource::Poisson(e) => {
                let slot = self.temporary(&format!("{} rate", p.name), p.cells);
                self.take_tasks();
                self.compute(&format!("{} rate", p.name), e, slot, &p.axes)?;
                rate = Some((work(self.take_tasks()), slot, !closed::known(self.program, e)));
            }
            SpikeSource::Timeline | SpikeSource::At { .. } => {}
        }
        let reset = if spiking.reset.is_empty() {
            None
        } else {
            let frame = Self::cells_frame(&p.axes);
            let name = self.fresh(&format!("{} reset", p.name));
            let b = KernelBuilder::by_row(name, self.row_domain(&frame));
            let changes: Vec<&Change> = spiking.reset.iter().collect();
            let made = self.change(&b, &frame, &p.axes, &changes, None);
            made.map_err(|stop| match stop {
                Stop::Fault(fault) => fault,
                Stop::Unsupported => fault::beyond_kernels(&p.name, spiking.span),
            })?;
            Some(self.finish_rows(b, 1))
        };
        let tasks = self.take_tasks();
        self.event_tasks.extend(tasks);
        Ok(Emitter { count: self.layout.vars[spiking.count].slot, crossing, refractory, rate, reset })
    }
}
