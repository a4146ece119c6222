//! The pieces that manifests, result files and the JSON summary are made of.

use super::naming::Naming;
use super::{Comparand, Measured, Outcome, Reading, Verdict};
use crate::hir::{Comparison, Coordinates, Experiment, Program, Value as Array, ValueAxis};
use crate::units::Unit;
use serde_json::{Map, Value, json};

/// A number; what JSON cannot write (`NaN`, infinity) is a string.
pub(in crate::report) fn number(value: f64) -> Value {
    match serde_json::Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None => Value::String(crate::units::format_exact(value)),
    }
}

/// A quantity in the unit it was written in and in SI units.
pub(super) fn quantity(si: f64, unit: &Unit) -> Value {
    json!({ "value": number(unit.from_si(si)), "unit": unit.text, "si": number(si) })
}

/// The parameters of one case by name: numbers with unit, rules as text.
pub(super) fn parameters(experiment: &Experiment, program: usize) -> Value {
    let one = |info: &crate::hir::ParamInfo| {
        let rule = info.rules.get(program).map(|rule| Value::String(rule.clone()));
        let value = rule.or_else(|| info.values.get(program).map(|v| quantity(*v, &info.unit)));
        (info.name.clone(), value.unwrap_or(Value::Null))
    };
    Value::Object(experiment.params.iter().map(one).collect())
}

/// The rule of each plastic projection with its parameters as used.
pub(super) fn rules(program: &Program) -> Value {
    let rule = |p: &crate::hir::Projection| {
        let rule = p.rule.as_ref()?;
        let params: Map<_, _> =
            rule.params.iter().map(|(name, si, unit)| (name.clone(), quantity(*si, unit))).collect();
        Some((p.name.clone(), json!({ "rule": rule.name, "parameters": params })))
    };
    Value::Object(program.projections.iter().filter_map(rule).collect())
}

/// The axes of a value, outermost first.
pub(in crate::report) fn axes(experiment: &Experiment, axes: &[ValueAxis]) -> Value {
    let one = |axis: &ValueAxis| {
        let naming = Naming::new(experiment);
        let mut object = Map::new();
        object.insert("name".to_string(), json!(naming.axis(axis.id)));
        object.insert("size".to_string(), json!(axis.len));
        let known = experiment.axes.get(axis.id).map(|a| &a.coordinates);
        let unit = match known {
            Some(Coordinates::Values { unit, .. }) => Some(unit.clone()),
            Some(Coordinates::Time) => Unit::named("s"),
            _ => None,
        };
        let values = axis.coordinates.as_deref().or(match known {
            Some(Coordinates::Values { values, .. }) => Some(&**values),
            _ => None,
        });
        if let Some(Coordinates::Labels(labels)) = known {
            object.insert("labels".to_string(), json!(labels.to_vec()));
        } else if let Some(values) = values {
            let unit = unit.unwrap_or_else(Unit::none);
            let shown: Vec<_> = values.iter().map(|v| number(unit.from_si(*v))).collect();
            object.insert("coordinates".to_string(), Value::Array(shown));
            object.insert("unit".to_string(), json!(unit.text));
        }
        Value::Object(object)
    };
    Value::Array(axes.iter().map(one).collect())
}

/// The numbers of a value in its unit as nested lists, `null` where an element is missing.
pub(super) fn nested(value: &Array, unit: &Unit, truth: bool) -> Value {
    let leaf = |i: usize| match value.data.get(i) {
        Some(v) if value.is_present(i) && truth => Value::Bool(*v == 1.0),
        Some(v) if value.is_present(i) => number(unit.from_si(*v)),
        _ => Value::Null,
    };
    nest(&value.shape(), 0, &leaf)
}

fn nest(shape: &[usize], at: usize, leaf: &dyn Fn(usize) -> Value) -> Value {
    let Some((&n, inner)) = shape.split_first() else { return leaf(at) };
    let step: usize = inner.iter().product();
    Value::Array((0..n).map(|i| nest(inner, at + i * step, leaf)).collect())
}

/// An expectation with what was measured, numbers in their unit.
pub(in crate::report) fn outcome(outcome: &Outcome) -> Value {
    let verdict = match outcome.verdict {
        Verdict::Held => "held",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
    };
    json!({
        "text": outcome.text,
        "message": outcome.message,
        "verdict": verdict,
        "reason": outcome.reason,
        "measured": outcome.measured.iter().map(measured).collect::<Vec<_>>(),
    })
}

fn measured(m: &Measured) -> Value {
    let show = |v: f64| number(m.unit.from_si(v));
    let mut object = Map::new();
    match m.against {
        Comparand::Truth => {
            object.insert("value".to_string(), json!(m.value == 1.0));
        }
        Comparand::Range { lo, hi } => {
            object.insert("value".to_string(), show(m.value));
            object.insert("in".to_string(), json!([show(lo), show(hi)]));
        }
        Comparand::Side { op, right, tolerance } => {
            object.insert("value".to_string(), show(m.value));
            object.insert("op".to_string(), json!(sign(op)));
            object.insert("against".to_string(), show(right));
            if let Some(tolerance) = tolerance {
                object.insert("tolerance".to_string(), show(tolerance));
            }
        }
    }
    object.insert("unit".to_string(), json!(m.unit.text));
    object.insert("at".to_string(), json!(m.place));
    object.insert("elements".to_string(), json!(m.elements));
    object.insert("failing".to_string(), json!(m.failing));
    Value::Object(object)
}

/// A comparison as the language writes it.
pub(super) fn sign(op: Comparison) -> &'static str {
    match op {
        Comparison::Eq => "==",
        Comparison::Ne => "!=",
        Comparison::Lt => "<",
        Comparison::Le => "<=",
        Comparison::Gt => ">",
        Comparison::Ge => ">=",
    }
}

/// The case of a program along each `cases` block, by the block's name.
pub(super) fn case(reading: &Reading, program: usize) -> Value {
    let naming = Naming::new(reading.experiment);
    let names = reading.case_names(program);
    let blocks = reading.experiment.cases.iter().map(|c| naming.axis(c.axis).to_string());
    Value::Object(blocks.zip(names.into_iter().map(|n| json!(n))).collect())
}
