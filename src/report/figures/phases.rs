use super::model::Shade;
use crate::report::Reading;

/// When the phases of a case went on, in multiples of `unit` seconds, between `lo` and `hi` of these.
pub(super) fn shades(reading: &Reading, program: usize, unit: f64, (lo, hi): (f64, f64)) -> Vec<Shade> {
    let (Some(run), Some(of)) = (reading.run(program, false), reading.experiment.programs.get(program))
    else {
        return Vec::new();
    };
    let scale = of.tick / unit;
    let shade = |s: &crate::record::PhaseStretch| {
        let phase = of.phases.get(s.phase)?;
        let (from, to) = ((s.from as f64 * scale).max(lo), (s.to as f64 * scale).min(hi));
        let frozen = phase.rests || !phase.frozen.is_empty();
        (from < to).then(|| Shade { name: phase.name.clone(), from, to, frozen })
    };
    run.phases.iter().filter_map(shade).collect()
}
