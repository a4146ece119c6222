//! From a run of one experiment to a run of a changed one, at the same moment.

use super::Options;
use super::courses::Courses;
use super::cursor::Playing;
use super::live::{Live, cannot_keep, fresh};
use super::machine::{Machine, Outcome, Parts};
use super::position::{Between, Matching};
use crate::hir::{Axis, AxisId, Experiment, PhaseId, Program, VarId, VarKind};
use crate::source::{Id, IndexVec, Span};
use std::sync::Arc;

/// A run that was taken over by a changed experiment.
#[derive(Debug)]
pub struct Carried {
    /// The run as it goes on.
    pub live: Live,
    /// The states that begin anew, because they were not there before or had other elements.
    pub anew: Vec<String>,
    /// The states that are there no more.
    pub gone: Vec<String>,
}

impl Live {
    /// The same moment in a run of a changed experiment: states of the same name and the same elements keep their
    /// values, others begin. `moved` says where a statement stands now, given where it stood. None where the protocol
    /// cannot go on from here, as what is gone through is not there or is another loop.
    ///
    /// # Errors
    /// What may be wrong with start values, and too little memory.
    pub fn carry(
        &self,
        experiment: &Arc<Experiment>,
        options: &Options,
        moved: &dyn Fn(Span) -> Span,
    ) -> Outcome<Option<Carried>> {
        let Some(old) = &self.parts else { return Ok(None) };
        let (mut live, parts) = fresh(experiment, self.which(), options)?;
        let (before, after) = (self.program(), &experiment.programs[live.which()]);
        let matching = Matching::new(&self.timeline, &live.timeline, moved);
        let phase = |id: PhaseId| {
            let name = &before.phases[id].name;
            after.phases.iter_enumerated().find(|(_, p)| p.name == *name).map(|(id, _)| id)
        };
        let between = Between {
            old: &self.timeline,
            new: &live.timeline,
            matching: &matching,
            phase: &phase,
            implied: &|id| before.probes[id].implied,
            moved,
        };
        let Some(position) = between.position(&self.position) else { return Ok(None) };
        live.position = position;
        let mut machine = Machine::assemble(&experiment.axes, after, parts);
        let mut notes = Vec::new();
        machine.begin_run(&mut notes)?;

        let standing = &old.standing;
        machine.now = standing.now;
        for (id, param) in after.params.iter_enumerated() {
            let same =
                before.params.iter_enumerated().find(|(_, p)| p.name == param.name && p.dim == param.dim);
            if let Some((was, _)) = same.filter(|(was, _)| before.params[*was].value == param.value) {
                machine.next_params[id] = standing.next_params[was];
            }
        }
        for (was, is) in &matching.locals {
            machine.locals[*is] = standing.locals[*was];
        }
        let mut playing = Vec::new();
        self.position.playing(&mut playing);
        let shown = if playing.is_empty() { &self.last } else { &playing };
        let shown: Option<Vec<Playing>> = shown.iter().map(|p| matching.playing(p)).collect();
        let shown = shown.unwrap_or_default();
        live.last.clone_from(&shown);
        machine.spikes.carry(&standing.spikes, before, after, standing.now);
        machine.present(&shown)?;
        if playing.is_empty() {
            machine.shown.clear();
        }
        let axes = &self.experiment().axes;
        let (anew, gone) = states(old, (axes, before), &mut machine, after);
        let slot = machine.built.presentation_ticks;
        machine.arrays[slot][0] = standing.arrays[old.built.presentation_ticks][0];
        let slot = machine.built.run_ticks;
        machine.arrays[slot][0] = standing.now as f64;
        machine.observed = false;
        live.parts = Some(machine.dismantle());

        live.taken.phase = self.taken.phase.iter().filter_map(|p| phase(*p)).collect();
        live.taken.phases = self.taken.phases.renumbered(&phase);
        let probes = after.probes.iter_enumerated().filter_map(|(is, p)| {
            let was = before.probes.iter_enumerated().find(|(_, q)| q.name == p.name)?.0;
            Some((was, is))
        });
        live.taken.probes.take_over(&self.taken.probes, probes);
        let records = after.records.iter_enumerated().filter_map(|(is, r)| {
            let same = |q: &crate::hir::Record| {
                q.name == r.name
                    && q.value == r.value
                    && q.every == r.every
                    && q.during.iter().map(|p| phase(*p)).eq(r.during.iter().map(|p| Some(*p)))
            };
            Some((before.records.iter_enumerated().find(|(_, q)| same(q))?.0, is))
        });
        let records: Vec<_> = records.collect();
        live.taken.records.take_over(&self.taken.records, &records).map_err(|e| cannot_keep(&e))?;
        Ok(Some(Carried { live, anew, gone }))
    }
}

/// Copies the states of one run to another; which begin anew, and which are gone.
fn states(
    old: &Parts,
    (before_axes, before): (&IndexVec<AxisId, Axis>, &Program),
    machine: &mut Machine<'_>,
    after: &Program,
) -> (Vec<String>, Vec<String>) {
    let (mut anew, mut kept) = (Vec::new(), Vec::new());
    let standing = &old.standing;
    let were = old.courses(before_axes, before);
    let are = Courses::new(&machine.built, &machine.view(true));
    for (id, var) in after.vars.iter_enumerated() {
        let state = matches!(var.kind, VarKind::State { .. });
        let was = before.vars.iter_enumerated().find(|(_, v)| v.name == var.name).map(|(id, _)| id);
        let was = was.filter(|was| alike(old, *was, machine, id));
        let Some(was) = was else {
            if state {
                anew.push(var.name.clone());
            }
            continue;
        };
        kept.push(was);
        let (from, to) = (old.built.layout.vars[was].slot, machine.built.layout.vars[id].slot);
        match var.kind {
            VarKind::Instantaneous(_) => {}
            VarKind::Input => {
                machine.arrays.write(to, &old.standing.arrays.values(from));
                let (from, to) = (old.built.input_slot(was), machine.built.input_slot(id));
                machine.arrays.write(to, &old.standing.arrays.values(from));
            }
            VarKind::State { .. } | VarKind::Delayed { .. } => {
                machine.arrays.write(to, &old.standing.arrays.values(from));
                // what goes on in closed form is what it was at its last event
                if let (Some(from), Some(to)) = (&old.built.layout.lazy[was], &machine.built.layout.lazy[id])
                {
                    let arrays = &old.standing.arrays;
                    let (mut stored, mut since) = (arrays.values(from.stored), arrays.values(from.since));
                    if were.of(was) != are.of(id) {
                        // another course begins now
                        let now = standing.now as f64;
                        for (value, last) in stored.to_mut().iter_mut().zip(since.to_mut()) {
                            *value = were.after(was, *value, now - *last);
                            *last = now;
                        }
                    }
                    machine.arrays.write(to.stored, &stored);
                    machine.arrays.write(to.since, &since);
                }
            }
        }
    }
    let mut rings = old.standing.rings.clone();
    for i in 0..machine.built.delays.len() {
        let delay = machine.built.delays[i];
        let name = &after.vars[delay.var].name;
        let same = |d: &crate::ir::build::Delay| d.ticks == delay.ticks && before.vars[d.var].name == *name;
        let Some(was) = old.built.delays.iter().position(same) else { continue };
        if let (Some(from), Some(to)) = (rings.frames(was), machine.rings.frames(i))
            && from.len() == to.len()
        {
            to.copy_from_slice(from);
        }
    }
    let is_state = |v: &crate::hir::Var| matches!(v.kind, VarKind::State { .. });
    let lost = before.vars.iter_enumerated().filter(|(id, v)| is_state(v) && !kept.contains(id));
    let gone = lost.map(|(_, v)| v.name.clone()).filter(|n| !anew.contains(n)).collect();
    (anew, gone)
}

/// Whether two variables have the same elements.
fn alike(old: &Parts, was: VarId, machine: &Machine<'_>, is: VarId) -> bool {
    // one that was kept as it was at its last event has no other present value
    if old.built.layout.lazy[was].is_some() != machine.built.layout.lazy[is].is_some() {
        return false;
    }
    let (from, to) = (old.built.layout.vars[was], machine.built.layout.vars[is]);
    let pattern = |p: Option<crate::ir::PatternId>, module: &crate::ir::Module| {
        p.map(|p| (module.patterns[p].row_start.clone(), module.patterns[p].col_index.clone()))
    };
    old.standing.arrays.len_of(from.slot) == machine.arrays.len_of(to.slot)
        && pattern(from.pattern, &old.built.module) == pattern(to.pattern, &machine.built.module)
        && was.index() < old.built.layout.vars.len()
}
