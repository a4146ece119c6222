use super::machine::Machine;
use crate::hir::{Expr, Value, VarKind};
use crate::ir::build::expr::{equals, variable};
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
            let at = |bound: &Value, e: &Expr| match bound.as_scalar() {
                Some(bound) => {
                    let slot = m.built.layout.vars[bounds.var].slot;
                    let bound = m.arrays.rounded(slot, bound);
                    m.arrays.count(slot, |v| v == bound) as f64 / m.arrays.len_of(slot).max(1) as f64
                }
                None => share(m, equals(variable(m.program, bounds.var, e.span), e.clone())),
            };
            let (low, high) = (at(&lo, &bounds.lo), at(&hi, &bounds.hi));
            if low > 0.0 || high > 0.0 {
                notes.push(RunNote::Bounded { var: var.name.clone(), low, high, span: bounds.span });
            }
        }
    }
}

/// For which share of its elements a condition holds.
fn share(m: &Machine<'_>, condition: Expr) -> f64 {
    let Ok(holds) = m.eval(&condition) else { return 0.0 };
    let exist: Vec<usize> = (0..holds.data.len()).filter(|i| holds.is_present(*i)).collect();
    exist.iter().filter(|i| holds.data[**i] != 0.0).count() as f64 / exist.len().max(1) as f64
}

/// Notes the variables whose equations `hold` switches off.
pub(super) fn held(m: &Machine<'_>, notes: &mut Vec<RunNote>) {
    for var in m.program.projections.iter().flat_map(|p| &p.held) {
        let (v, slot) = (&m.program.vars[*var], m.built.layout.vars[*var].slot);
        let at = m.arrays.value(slot, 0).filter(|first| m.arrays.count(slot, |v| v != *first) == 0);
        notes.push(RunNote::Held { var: v.name.clone(), at, unit: v.unit.clone() });
    }
}
