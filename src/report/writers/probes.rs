use crate::report::{Reading, document};
use serde_json::{Map, Value, json};

/// The most elements of a probe that are written out; more stand in `arrays.npz` only.
const ELEMENTS: usize = 1000;

/// Every probe of every run, numbers in the probe's unit.
pub(super) fn json(reading: &Reading) -> Value {
    let mut object = Map::new();
    let Some(program) = reading.program() else { return Value::Object(object) };
    for (id, probe) in program.probes.iter_enumerated() {
        let mut runs = Vec::new();
        for (i, _, run, control) in reading.runs() {
            let value = run.probes.get(id).and_then(Option::as_ref);
            let mut entry = Map::new();
            entry.insert("case".to_string(), document::case(reading, i));
            entry.insert("control".to_string(), json!(control));
            match value {
                None => {
                    entry.insert("reached".to_string(), json!(false));
                }
                Some(value) => {
                    entry.insert("axes".to_string(), document::axes(reading.experiment, &value.axes));
                    if value.data.len() <= ELEMENTS {
                        let numbers = document::nested(value, &probe.unit, probe.truth);
                        entry.insert("value".to_string(), numbers);
                    }
                    if !value.axes.is_empty() {
                        entry.insert("array".to_string(), json!(reading.key(&probe.name, i, control)));
                    }
                }
            }
            runs.push(Value::Object(entry));
        }
        object.insert(probe.name.clone(), json!({ "unit": probe.unit.text, "runs": runs }));
    }
    Value::Object(object)
}
