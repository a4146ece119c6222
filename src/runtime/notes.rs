use super::machine::Machine;
use crate::hir::VarKind;
use crate::record::RunNote;

/// Notes the bounds that hold values when a run has ended.
pub(super) fn bounded(m: &Machine<'_>, notes: &mut Vec<RunNote>) {
    for projection in m.program.projections.iter() {
        for bounds in &projection.bounds {
            let var = &m.program.vars[bounds.var];
            if !matches!(var.kind, VarKind::State { equation: Some(_), .. }) {
                continue;
            }
            let (Ok(lo), Ok(hi)) = (m.eval(&bounds.lo), m.eval(&bounds.hi)) else { continue };
            let (Some(lo), Some(hi)) = (lo.as_scalar(), hi.as_scalar()) else { continue };
            let values = &m.arrays[m.built.layout.vars[bounds.var].slot];
            let fraction = |bound: f64| {
                values.iter().filter(|v| **v == bound).count() as f64 / values.len().max(1) as f64
            };
            let (low, high) = (fraction(lo), fraction(hi));
            if low > 0.0 || high > 0.0 {
                notes.push(RunNote::Bounded { var: var.name.clone(), low, high, span: bounds.span });
            }
        }
    }
}

/// Notes the variables whose equations `hold` switches off.
pub(super) fn held(m: &Machine<'_>, notes: &mut Vec<RunNote>) {
    for var in m.program.projections.iter().flat_map(|p| &p.held) {
        let (v, values) = (&m.program.vars[*var], &m.arrays[m.built.layout.vars[*var].slot]);
        let at = values.first().copied().filter(|first| values.iter().all(|v| v == first));
        notes.push(RunNote::Held { var: v.name.clone(), at, unit: v.unit.clone() });
    }
}
