use super::model::{About, Diff, How, Of, Setting, Setup, Spot};
use super::side::Kind;
use crate::report::document::number;
use crate::report::{CONTRACT_VERSION, VERSION};
use serde_json::{Map, Value, json};

/// The same facts as [`text`](super::text()), for programs. Of every pair the first is A's, the second B's.
pub fn json(diff: &Diff) -> Value {
    json!({
        "plast": VERSION,
        "contract": CONTRACT_VERSION,
        "a": about(&diff.sides[0]),
        "b": about(&diff.sides[1]),
        "differs": !diff.is_empty(),
        "expectations": diff.verdicts.iter().map(|v| json!({
            "text": v.text, "message": v.message, "verdicts": v.verdicts, "measured": v.measured,
        })).collect::<Vec<_>>(),
        "setup": diff.setup.iter().map(setup).collect::<Vec<_>>(),
        "parameters": diff.parameters.iter().map(setup).collect::<Vec<_>>(),
        "parts": diff.parts.iter().map(|p| json!({
            "name": p.name,
            "lines": p.lines.iter().map(|l| json!({ "in": if l.in_b { "b" } else { "a" }, "text": l.text }))
                .collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "cases_only": diff.cases,
        "results_only": diff.only,
        "probes": diff.probes.iter().map(of).collect::<Vec<_>>(),
        "records": diff.records.iter().map(of).collect::<Vec<_>>(),
        "same": diff.same,
        "below": diff.below,
        "numbers": diff.numbers,
        "not_compared": diff.uncompared,
        "notes": diff.notes,
    })
}

fn about(about: &About) -> Value {
    let kind = match about.kind {
        Kind::Run => "run",
        Kind::Folder => "folder",
        Kind::Lock => "lock",
    };
    json!({ "name": about.name, "kind": kind, "interrupted": about.interrupted })
}

fn setup(setup: &Setup) -> Value {
    let one = |v: &Option<Setting>| match v {
        None => Value::Null,
        Some(Setting::Text(text)) => json!(text),
        Some(Setting::Number(v, unit)) => json!({ "value": number(*v), "unit": unit.text }),
    };
    json!({ "name": setup.name, "case": setup.case, "values": [one(&setup.values[0]), one(&setup.values[1])] })
}

fn spot(spot: &Spot) -> Value {
    let maybe = |v: Option<f64>| v.map_or(Value::Null, number);
    let mut object = Map::new();
    if let Some(time) = spot.time {
        object.insert("t".to_string(), number(time));
    }
    object.insert("at".to_string(), json!(spot.place));
    object.insert("values".to_string(), json!(spot.values.map(maybe)));
    object.insert("difference".to_string(), maybe(spot.difference()));
    object.insert("relative".to_string(), maybe(spot.relative()));
    Value::Object(object)
}

fn of(of: &Of) -> Value {
    let maybe = |s: &Option<Spot>| s.as_ref().map_or(Value::Null, spot);
    let (kind, how) = match &of.how {
        How::Number(at) => ("number", spot(at)),
        How::Array { elements, differing, largest } => {
            ("array", json!({ "elements": elements, "differing": differing, "largest": spot(largest) }))
        }
        How::Series { compared, differing, alone, first, largest, end, courses } => {
            let course = |steps: &Vec<f64>| steps.iter().map(|v| number(*v)).collect::<Vec<_>>();
            let how = json!({
                "compared": compared, "differing": differing, "alone": alone, "first": maybe(first),
                "largest": maybe(largest), "end": maybe(end), "courses": [course(&courses[0]), course(&courses[1])],
            });
            ("series", how)
        }
        How::Kept { elements, between, first } => {
            let between = between.as_ref().map(|(from, to)| json!([spot(from), spot(to)]));
            ("kept", json!({ "elements": elements, "between": between, "first": maybe(first) }))
        }
        How::Shape(shapes) => ("shape", json!(shapes)),
        How::Times(times) => ("times", json!(times)),
        How::Unit(units) => ("unit", json!(units)),
        How::Reached(reached) => ("reached", json!(reached)),
        How::Unreadable(why) => ("unreadable", json!(why)),
    };
    json!({ "name": of.key, "axes": of.axes, "unit": of.unit.text, "kind": kind, "how": how })
}
