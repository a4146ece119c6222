use crate::hir::{Axis, AxisId, Probe, ProbeId, Program, Value, ValueAxis};
use crate::source::IndexVec;
use std::sync::Arc;

/// Values captured by probes, each element where its loops stood.
#[derive(Clone, Default)]
pub(super) struct Probes {
    probes: IndexVec<ProbeId, Captured>,
}

#[derive(Clone, Default)]
struct Captured {
    data: Vec<f64>,
    present: Vec<bool>,
    /// How many elements one capture has.
    width: usize,
    /// How many captures there have been, for those that count them.
    count: usize,
    reached: bool,
    /// The ticks of the first and the last capture.
    when: Option<(u64, u64)>,
}

impl Probes {
    pub fn new(axes: &IndexVec<AxisId, Axis>, program: &Program) -> Self {
        let size = |of: &[AxisId]| of.iter().map(|a| axes[*a].size.unwrap_or(0)).product::<usize>();
        let probe = |p: &Probe| {
            let (loops, own) = p.axes.split_at(p.loop_axes.min(p.axes.len()));
            let width = size(own);
            let len = size(loops) * width;
            Captured { data: vec![0.0; len], present: vec![false; len], width, ..Captured::default() }
        };
        Self { probes: program.probes.iter().map(probe).collect() }
    }

    /// When each probe was read first and last, in ticks.
    pub fn when(&self) -> IndexVec<ProbeId, Option<(u64, u64)>> {
        self.probes.iter().map(|p| p.when).collect()
    }

    /// Takes over what other probes have captured, where both are the same; `pairs` are the old ones and the new.
    pub fn take_over(&mut self, from: &Self, pairs: impl Iterator<Item = (ProbeId, ProbeId)>) {
        for (old, new) in pairs {
            let (old, new) = (&from.probes[old], &mut self.probes[new]);
            if old.width == new.width && old.data.len() >= new.data.len() {
                new.clone_from(old);
            }
        }
    }

    /// Keeps a value read at tick `now`: at this place along the loop axes, or as the next one.
    pub fn put(&mut self, id: ProbeId, place: Option<usize>, value: &Value, now: u64) {
        let p = &mut self.probes[id];
        p.when = Some((p.when.map_or(now, |w| w.0), now));
        let at = place.unwrap_or(p.count) * p.width;
        p.count += 1;
        p.reached = true;
        if p.data.len() < at + p.width {
            p.data.resize(at + p.width, 0.0);
            p.present.resize(at + p.width, false);
        }
        p.data[at..at + p.width].copy_from_slice(&value.data);
        for i in 0..p.width {
            p.present[at + i] = value.is_present(i);
        }
    }

    /// The values on the probes' own axes.
    pub fn finish(
        self,
        axes: &IndexVec<AxisId, Axis>,
        program: &Program,
    ) -> IndexVec<ProbeId, Option<Value>> {
        let mut values = IndexVec::new();
        for (probe, captured) in program.probes.iter().zip(self.probes.iter()) {
            if !captured.reached {
                values.push(None);
                continue;
            }
            let rows = captured.data.len() / captured.width.max(1);
            let known: usize = probe.axes.iter().filter_map(|a| axes[*a].size).product();
            let free = captured.data.len().checked_div(known.max(1)).unwrap_or(rows);
            let axis =
                |id: &AxisId| ValueAxis { id: *id, len: axes[*id].size.unwrap_or(free), coordinates: None };
            let all = captured.present.iter().all(|p| *p);
            values.push(Some(Value {
                axes: probe.axes.iter().map(axis).collect(),
                data: Arc::from(captured.data.as_slice()),
                present: (!all).then(|| Arc::from(captured.present.as_slice())),
            }));
        }
        values
    }
}
