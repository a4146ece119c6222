use crate::hir::PhaseId;
use crate::record::PhaseStretch;

/// When phases went on.
#[derive(Clone, Default)]
pub(super) struct Phases {
    open: Vec<(PhaseId, u64)>,
    stretches: Vec<PhaseStretch>,
}

/// Later stretches of a run that has more than these are not kept: no figure could show them.
const MOST: usize = 1 << 12;

impl Phases {
    pub fn enter(&mut self, phase: PhaseId, now: u64) {
        self.open.push((phase, now));
    }

    /// The same with phases numbered otherwise; those that are not known any more are left out.
    pub fn renumbered(&self, phase: &dyn Fn(PhaseId) -> Option<PhaseId>) -> Self {
        let open = self.open.iter().filter_map(|(id, from)| Some((phase(*id)?, *from))).collect();
        let stretch = |s: &PhaseStretch| Some(PhaseStretch { phase: phase(s.phase)?, ..*s });
        Self { open, stretches: self.stretches.iter().filter_map(stretch).collect() }
    }

    pub fn leave(&mut self, phase: PhaseId, now: u64) {
        let Some(at) = self.open.iter().rposition(|o| o.0 == phase) else { return };
        let (_, from) = self.open.remove(at);
        self.went_on(PhaseStretch { phase, from, to: now });
    }

    fn went_on(&mut self, stretch: PhaseStretch) {
        let full = self.stretches.len() >= MOST;
        match self.stretches.last_mut() {
            Some(last) if last.phase == stretch.phase && last.to == stretch.from => last.to = stretch.to,
            _ if stretch.from == stretch.to || full => {}
            _ => self.stretches.push(stretch),
        }
    }

    /// All stretches in the order they began; those still open end now.
    pub fn finish(mut self, now: u64) -> Vec<PhaseStretch> {
        for (phase, from) in std::mem::take(&mut self.open) {
            self.went_on(PhaseStretch { phase, from, to: now });
        }
        self.stretches.sort_by_key(|s| s.from);
        self.stretches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: PhaseId = PhaseId(0);
    const B: PhaseId = PhaseId(1);

    #[test]
    fn a_phase_repeated_without_a_pause_is_one_stretch() {
        let mut phases = Phases::default();
        for n in 0..4 {
            phases.enter(A, 10 * n);
            phases.leave(A, 10 * n + 10);
        }
        phases.enter(B, 50);
        phases.enter(A, 55);
        let of = |phase, from, to| PhaseStretch { phase, from, to };
        assert_eq!(phases.finish(60), [of(A, 0, 40), of(B, 50, 60), of(A, 55, 60)]);
    }

    #[test]
    fn a_phase_without_time_is_none() {
        let mut phases = Phases::default();
        phases.enter(A, 5);
        phases.leave(A, 5);
        assert_eq!(phases.finish(9), []);
    }
}
