use super::elements::Elements;
use super::naming::Naming;
use super::outcome::{Comparand, Measured, Verdict};
use crate::hir::{Comparison, Condition, Expr, Tolerance, Value};
use crate::units::Unit;

/// Gives the value of an expression of the results, or why there is none.
pub(super) type Evaluate<'a> = dyn Fn(&Expr) -> Result<Value, String> + 'a;

/// A verdict with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub verdict: Verdict,
    pub measured: Vec<Measured>,
    pub reason: Option<String>,
}

impl Judged {
    pub fn skipped(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, measured: Vec::new(), reason: Some(reason.into()) }
    }

    fn failed(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, measured: Vec::new(), reason: Some(reason.into()) }
    }
}

/// How conditions are judged.
pub(super) struct Judge<'a> {
    pub evaluate: &'a Evaluate<'a>,
    pub naming: &'a Naming<'a>,
    /// Some cases did not run, so that what reads them is skipped, not failed.
    pub partial: bool,
    /// Whether to stop: what is not judged by then is skipped.
    pub stop: &'a dyn Fn() -> bool,
}

/// How many elements are judged between two looks at whether to stop.
const LOOKS: usize = 1 << 14;

/// Why what was not judged in time is skipped.
pub(super) const INTERRUPTED: &str = "interrupted before it was judged";

impl Judge<'_> {
    /// Judges a condition at every element.
    pub fn judge(&self, condition: &Condition) -> Judged {
        match condition {
            Condition::All(parts) => all(parts.iter().map(|c| self.judge(c))),
            Condition::Compare { left, op, right, tolerance, unit, .. } => {
                let (tolerance, relative) = match tolerance {
                    Some(Tolerance::Absolute(t)) => (Some(t), false),
                    Some(Tolerance::Relative(t)) => (Some(t), true),
                    None => (None, false),
                };
                let sides: Vec<&Expr> = [Some(left), Some(right), tolerance].into_iter().flatten().collect();
                let against = |v: &[f64]| {
                    let tolerance = v.get(2).map(|t| if relative { t * v[1].abs() } else { *t });
                    Comparand::Side { op: *op, right: v[1], tolerance }
                };
                self.measure(&sides, &against, unit)
            }
            Condition::Between { value, lo, hi, unit, .. } => {
                let against = |v: &[f64]| Comparand::Range { lo: v[1], hi: v[2] };
                self.measure(&[value, lo, hi], &against, unit)
            }
            Condition::Truth(value) => self.measure(&[value], &|_| Comparand::Truth, &Unit::none()),
        }
    }

    fn measure(&self, sides: &[&Expr], against: &dyn Fn(&[f64]) -> Comparand, unit: &Unit) -> Judged {
        // with cases left out, what cannot be computed is most likely theirs
        let unknown = |reason: String| match self.partial {
            true => Judged::skipped(reason),
            false => Judged::failed(reason),
        };
        let mut values = Vec::new();
        for side in sides {
            match (self.evaluate)(side) {
                Ok(value) => values.push(value),
                Err(_) if (self.stop)() => return Judged::skipped(INTERRUPTED),
                Err(reason) => return unknown(reason),
            }
        }
        let elements = match Elements::new(values.iter().collect()) {
            Ok(elements) => elements,
            Err(e) => {
                let axis = self.naming.axis(e.axis.id);
                let reason =
                    format!("one side has {} values along `{axis}`, another {}", e.axis.len, e.other);
                return Judged::failed(reason);
            }
        };
        let mut worst: Option<(f64, usize, f64, Comparand)> = None;
        let (mut count, mut failing) = (0, 0);
        let mut reader = elements.reader();
        for i in 0..elements.len() {
            if i % LOOKS == 0 && (self.stop)() {
                return Judged::skipped(INTERRUPTED);
            }
            let Some(v) = reader.read() else { continue };
            let comparand = against(v);
            let excess = excess(v[0], comparand);
            count += 1;
            failing += usize::from(!holds(v[0], comparand));
            if worst.is_none_or(|(w, ..)| excess > w) {
                worst = Some((excess, i, v[0], comparand));
            }
        }
        let Some((_, element, value, against)) = worst else {
            return match self.partial {
                true => Judged::skipped("the case it reads did not run"),
                false => Judged::failed("there is no value to compare"),
            };
        };
        let place = self.naming.place(elements.axes(), element);
        let measured = Measured { value, against, place, elements: count, failing, unit: unit.clone() };
        let verdict = if failing == 0 { Verdict::Held } else { Verdict::Failed };
        Judged { verdict, measured: vec![measured], reason: None }
    }
}

fn all(parts: impl Iterator<Item = Judged>) -> Judged {
    let mut whole = Judged { verdict: Verdict::Held, measured: Vec::new(), reason: None };
    for part in parts {
        whole.measured.extend(part.measured);
        whole.reason = whole.reason.or(part.reason);
        whole.verdict = match (whole.verdict, part.verdict) {
            (Verdict::Failed, _) | (_, Verdict::Failed) => Verdict::Failed,
            (Verdict::Skipped, _) | (_, Verdict::Skipped) => Verdict::Skipped,
            _ => Verdict::Held,
        };
    }
    whole
}

/// Whether a value stands where it should; anything with NaN does not.
pub(super) fn holds(value: f64, against: Comparand) -> bool {
    match against {
        Comparand::Truth => value == 1.0,
        Comparand::Range { lo, hi } => lo <= value && value <= hi,
        Comparand::Side { op, right, tolerance: Some(tolerance) } => {
            let near = value == right || (value - right).abs() <= tolerance;
            match op {
                Comparison::Ne => !near && !value.is_nan() && !right.is_nan(),
                _ => near,
            }
        }
        Comparand::Side { op, right, tolerance: None } => match op {
            Comparison::Eq => value == right,
            Comparison::Ne => value != right && !value.is_nan() && !right.is_nan(),
            Comparison::Lt => value < right,
            Comparison::Le => value <= right,
            Comparison::Gt => value > right,
            Comparison::Ge => value >= right,
        },
    }
}

/// How far a value is beyond what is allowed: the larger the worse, and every failing value above every holding one.
fn excess(value: f64, against: Comparand) -> f64 {
    let distance = match against {
        Comparand::Truth => return if value == 1.0 { -1.0 } else { 1.0 },
        Comparand::Range { lo, hi } => (lo - value).max(value - hi),
        Comparand::Side { op, right, tolerance } => {
            let apart = (value - right).abs();
            match op {
                Comparison::Eq => apart - tolerance.unwrap_or(0.0),
                Comparison::Ne => tolerance.unwrap_or(0.0) - apart,
                Comparison::Lt | Comparison::Le => value - right,
                Comparison::Gt | Comparison::Ge => right - value,
            }
        }
    };
    match (holds(value, against), distance.is_nan()) {
        (true, true) => f64::NEG_INFINITY,
        (true, false) => distance.min(0.0),
        (false, true) => f64::INFINITY,
        // rounding may put a failing value exactly on the edge
        (false, false) => distance.max(f64::MIN_POSITIVE),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hir::{Axis, AxisId, Coordinates, Experiment, ExprKind, ProbeId, Results, Ty, ValueAxis};
    use crate::source::{Id, IndexVec, SourceId, Span};
    use crate::units::Dim;

    fn experiment() -> Experiment {
        let axis = |name: &str, size| Axis {
            name: name.to_string(),
            size: Some(size),
            coordinates: Coordinates::Index,
        };
        Experiment {
            docs: String::new(),
            axes: IndexVec::from_iter([axis("k", 2), axis("region", 2)]),
            cases: Vec::new(),
            programs: Vec::new(),
            control: false,
            params: Vec::new(),
            results: Results::default(),
        }
    }

    fn expr(kind: ExprKind) -> Expr {
        Expr { kind, axes: Vec::new(), ty: Ty::Number, span: Span::new(SourceId(0), 0, 0) }
    }

    fn probe(i: usize) -> Expr {
        expr(ExprKind::Probe { id: ProbeId::from_index(i), control: false })
    }

    fn number(v: f64) -> Expr {
        expr(ExprKind::Number(v))
    }

    fn compare(left: Expr, op: Comparison, right: Expr, tolerance: Option<Tolerance>) -> Condition {
        Condition::Compare { left, op, right, tolerance, dim: Dim::NONE, unit: Unit::none() }
    }

    fn verdict(condition: &Condition, values: &[Value], partial: bool) -> Judged {
        let experiment = experiment();
        let naming = Naming::new(&experiment);
        let evaluate = |e: &Expr| match &e.kind {
            ExprKind::Number(v) => Ok(Value::scalar(*v)),
            ExprKind::Probe { id, .. } => values.get(id.index()).cloned().ok_or("no such probe".to_string()),
            _ => Err("unexpected".to_string()),
        };
        Judge { evaluate: &evaluate, naming: &naming, partial, stop: &|| false }.judge(condition)
    }

    #[test]
    fn what_is_not_judged_in_time_is_skipped() {
        let experiment = experiment();
        let naming = Naming::new(&experiment);
        let many = Value {
            axes: vec![ValueAxis { id: AxisId(0), len: 3 * LOOKS, coordinates: None }],
            data: vec![1.0; 3 * LOOKS].into(),
            present: None,
        };
        let asked = std::cell::Cell::new(0);
        let stop = || {
            asked.set(asked.get() + 1);
            asked.get() > 2
        };
        let evaluate = |_: &Expr| Ok(many.clone());
        let judge = Judge { evaluate: &evaluate, naming: &naming, partial: false, stop: &stop };
        let judged = judge.judge(&compare(probe(0), Comparison::Ge, probe(0), None));
        assert_eq!((judged.verdict, judged.reason.as_deref()), (Verdict::Skipped, Some(INTERRUPTED)));
        assert_eq!(asked.get(), 3, "it looks once in a while, not at the end only");
    }

    fn grid(data: &[f64]) -> Value {
        let axes = (0..2).map(|i| ValueAxis { id: AxisId(i), len: 2, coordinates: None }).collect();
        Value { axes, data: data.into(), present: None }
    }

    #[test]
    fn names_the_element_that_fails_most() {
        let condition = compare(probe(0), Comparison::Gt, number(0.9), None);
        let judged = verdict(&condition, &[grid(&[1.0, 0.95, 0.8944, 0.899])], false);
        assert_eq!(judged.verdict, Verdict::Failed);
        let m = &judged.measured[0];
        assert_eq!((m.value, m.place.as_str(), m.elements, m.failing), (0.8944, "[k: 1, region: 0]", 4, 2));
    }

    #[test]
    fn names_the_closest_element_when_all_hold() {
        let condition = compare(probe(0), Comparison::Lt, number(2.0), None);
        let judged = verdict(&condition, &[grid(&[1.0, 0.95, 1.5, 0.0])], false);
        assert_eq!(judged.verdict, Verdict::Held);
        assert_eq!((judged.measured[0].value, judged.measured[0].failing), (1.5, 0));
    }

    #[test]
    fn nan_never_holds() {
        for op in [Comparison::Eq, Comparison::Ne, Comparison::Lt, Comparison::Ge] {
            let judged = verdict(&compare(number(f64::NAN), op, number(1.0), None), &[], false);
            assert_eq!(judged.verdict, Verdict::Failed, "{op:?}");
        }
        let judged = verdict(
            &compare(probe(0), Comparison::Lt, number(2.0), None),
            &[grid(&[9.0, 1.0, f64::NAN, 1.0])],
            false,
        );
        assert!(judged.measured[0].value.is_nan(), "NaN is the worst element");
        assert_eq!(judged.measured[0].failing, 2);
    }

    #[test]
    fn tolerances_are_absolute_or_relative() {
        let near = |tolerance| {
            verdict(&compare(number(102.0), Comparison::Eq, number(100.0), Some(tolerance)), &[], false)
        };
        assert_eq!(near(Tolerance::Absolute(number(1.0))).verdict, Verdict::Failed);
        assert_eq!(near(Tolerance::Absolute(number(2.0))).verdict, Verdict::Held);
        let relative = near(Tolerance::Relative(number(0.05)));
        assert_eq!(relative.verdict, Verdict::Held);
        let against = relative.measured[0].against;
        assert_eq!(against, Comparand::Side { op: Comparison::Eq, right: 100.0, tolerance: Some(5.0) });
    }

    #[test]
    fn both_ends_of_a_range_count() {
        let between = |v| Condition::Between {
            value: number(v),
            lo: number(1.0),
            hi: number(2.0),
            dim: Dim::NONE,
            unit: Unit::none(),
        };
        for (v, expected) in [(1.0, Verdict::Held), (2.0, Verdict::Held), (2.1, Verdict::Failed)] {
            assert_eq!(verdict(&between(v), &[], false).verdict, expected);
        }
    }

    #[test]
    fn reasons_stand_in_for_values() {
        let condition = compare(probe(3), Comparison::Lt, number(2.0), None);
        let judged = verdict(&condition, &[], false);
        assert_eq!((judged.verdict, judged.reason.as_deref()), (Verdict::Failed, Some("no such probe")));
        assert_eq!(verdict(&condition, &[], true).verdict, Verdict::Skipped);
    }

    #[test]
    fn parts_are_judged_on_their_own() {
        let condition = Condition::All(vec![
            compare(number(1.0), Comparison::Lt, number(2.0), None),
            compare(number(3.0), Comparison::Lt, number(2.0), None),
        ]);
        let judged = verdict(&condition, &[], false);
        assert_eq!(judged.verdict, Verdict::Failed);
        assert_eq!(judged.measured.iter().map(|m| m.failing).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn missing_elements_are_not_compared() {
        let mut value = grid(&[1.0, 1.0, 9.0, 9.0]);
        value.present = Some([true, true, false, false].into());
        let condition = compare(probe(0), Comparison::Lt, number(2.0), None);
        let judged = verdict(&condition, &[value.clone()], false);
        assert_eq!((judged.verdict, judged.measured[0].elements), (Verdict::Held, 2));
        value.present = Some([false; 4].into());
        assert_eq!(verdict(&condition, &[value.clone()], true).verdict, Verdict::Skipped);
        assert_eq!(verdict(&condition, &[value], false).verdict, Verdict::Failed);
    }
}
