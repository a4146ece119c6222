use crate::backend::Arrays;
use crate::hir::{Program, VarId, VarKind};
use crate::ir::SlotId;
use crate::ir::build::Built;
use crate::ir::build::expr::variables;

/// Outputs of the last ticks, for what reads them later.
#[derive(Clone)]
pub(super) struct Rings {
    rings: Vec<Ring>,
}

#[derive(Clone)]
struct Ring {
    to: SlotId,
    of: SlotId,
    arriving: SlotId,
    len: usize,
    ticks: u64,
    /// One frame per tick; that of tick n stands at n mod ticks.
    frames: Vec<f64>,
    /// Whether it has a past.
    filled: bool,
}

impl Rings {
    /// Nothing has come out yet.
    pub fn new(built: &Built) -> Self {
        let ring = |delay: &crate::ir::build::Delay| {
            let (to, of) = (built.layout.vars[delay.var].slot, built.layout.vars[delay.of].slot);
            let len = built.module.slots[of].len;
            let ticks = u64::from(delay.ticks.max(1));
            let arriving = delay.arriving;
            Ring { to, of, arriving, len, ticks, frames: vec![0.0; len * ticks as usize], filled: false }
        };
        Self { rings: built.delays.iter().map(ring).collect() }
    }

    /// Whether nothing is read later.
    pub fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }

    /// The outputs that the `i`-th delay keeps, in the order of their ticks modulo its length.
    pub fn frames(&mut self, i: usize) -> Option<&mut [f64]> {
        self.rings.get_mut(i).map(|r| r.frames.as_mut_slice())
    }

    /// Brings what is read in tick `now` to where a loop takes it from.
    pub fn bring(&self, now: u64, arrays: &mut Arrays) {
        for ring in &self.rings {
            let at = (now % ring.ticks) as usize * ring.len;
            arrays[ring.arriving].copy_from_slice(&ring.frames[at..at + ring.len]);
        }
    }

    /// Takes the present outputs for those of all earlier ticks. An output has one past: what another delay has
    /// taken for it before.
    pub fn fill(&mut self, which: &[usize], arrays: &mut Arrays) {
        for i in which {
            let of = self.rings[*i].of;
            let known = self.rings.iter().find(|r| r.filled && r.of == of);
            let now = known.map_or_else(|| arrays[of].to_vec(), |r| r.frames[..r.len].to_vec());
            let ring = &mut self.rings[*i];
            ring.filled = true;
            ring.frames.chunks_mut(ring.len.max(1)).for_each(|f| f.copy_from_slice(&now));
            arrays[ring.to].copy_from_slice(&now);
        }
    }

    /// Keeps the outputs of tick `now`.
    pub fn push(&mut self, now: u64, arrays: &Arrays) {
        for ring in &mut self.rings {
            let at = (now % ring.ticks) as usize * ring.len;
            ring.frames[at..at + ring.len].copy_from_slice(&arrays[ring.of]);
        }
    }

    /// Brings up the outputs that are read in tick `now`.
    pub fn pop(&mut self, now: u64, arrays: &mut Arrays) {
        for ring in &mut self.rings {
            let at = (now % ring.ticks) as usize * ring.len;
            arrays[ring.to].copy_from_slice(&ring.frames[at..at + ring.len]);
        }
    }
}

/// In which groups delayed outputs are filled in before t = 0: each after those it depends on; outputs that depend
/// on each other's past together.
pub(super) fn order(program: &Program, built: &Built) -> Vec<Vec<usize>> {
    let delays = &built.delays;
    let direct: Vec<Vec<usize>> = delays
        .iter()
        .map(|d| {
            let read = reached(program, d.of);
            (0..delays.len()).filter(|i| read.contains(&delays[*i].var)).collect()
        })
        .collect();
    let closure: Vec<Vec<usize>> = (0..delays.len())
        .map(|i| {
            let (mut found, mut open) = (Vec::new(), direct[i].clone());
            while let Some(j) = open.pop() {
                if !found.contains(&j) {
                    found.push(j);
                    open.extend(&direct[j]);
                }
            }
            found
        })
        .collect();
    let mut done = vec![false; delays.len()];
    let mut groups = Vec::new();
    while let Some(next) = (0..delays.len()).filter(|i| !done[*i]).find(|i| {
        // everything it depends on is done, or depends on it in turn
        closure[*i].iter().all(|j| done[*j] || j == i || closure[*j].contains(i))
    }) {
        let group: Vec<usize> = (0..delays.len())
            .filter(|j| *j == next || (closure[next].contains(j) && closure[*j].contains(&next)))
            .collect();
        group.iter().for_each(|j| done[*j] = true);
        groups.push(group);
    }
    groups
}

/// Everything a variable depends on within one tick, itself included.
fn reached(program: &Program, var: VarId) -> Vec<VarId> {
    let (mut found, mut open) = (Vec::new(), vec![var]);
    while let Some(v) = open.pop() {
        if found.contains(&v) {
            continue;
        }
        found.push(v);
        if let VarKind::Instantaneous(value) = &program.vars[v].kind {
            variables(value, &mut open);
        }
    }
    found
}
