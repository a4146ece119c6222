use super::folder::Written;
use crate::report::document::{self, number};
use crate::report::naming::exact_seconds;
use crate::report::{CONTRACT_VERSION, Reading, VERSION};
use serde_json::{Map, Value, json};

/// The manifest: everything that is needed to get the same results again, and what results there are.
pub(super) fn json(reading: &Reading, written: &[Written]) -> Value {
    let provenance = reading.provenance;
    let file = |f: &crate::report::SourceFile| json!({ "name": f.name, "sha256": f.sha256 });
    let mut files = provenance.files.iter();
    let source = files.next().map(file);
    let uses: Vec<_> = files.map(file).collect();
    let results: Map<_, _> = written
        .iter()
        .map(|w| (w.name.to_string(), json!({ "sha256": w.sha256, "bytes": w.bytes })))
        .collect();
    json!({
        "plast": VERSION,
        "contract": CONTRACT_VERSION,
        "precision": reading.precision().name(),
        "source": source,
        "uses": uses,
        "settings": provenance.settings,
        "until": provenance.until.map(number),
        "interrupted": reading.interrupted(),
        "control": reading.experiment.control,
        "docs": reading.experiment.docs,
        "cases": cases(reading),
        "quantities": quantities(reading),
        "files": results,
    })
}

fn cases(reading: &Reading) -> Value {
    let run = |ticks: u64, tick: f64, interrupted: bool| json!({ "ticks": ticks, "seconds": number(exact_seconds(ticks, tick)), "interrupted": interrupted });
    let one = |(i, program, case): (usize, &crate::hir::Program, &crate::record::CaseRun)| {
        let control = case.control.as_ref().map(|c| run(c.ticks, program.tick, c.interrupted));
        json!({
            "case": document::case(reading, i),
            "key": reading.case_name(i),
            "seed": program.seed,
            "tick": number(program.tick),
            "parameters": document::parameters(reading.experiment, i),
            "rules": document::rules(program),
            "run": run(case.main.ticks, program.tick, case.main.interrupted),
            "control": control,
        })
    };
    Value::Array(reading.cases().map(one).collect())
}

/// The unit and the axes of every probe and record, as the result files name them.
fn quantities(reading: &Reading) -> Value {
    let mut object = Map::new();
    let Some(program) = reading.program() else { return Value::Object(object) };
    let axes = |ids: &[crate::hir::AxisId]| -> Vec<_> {
        ids.iter().map(|id| reading.experiment.axes.get(*id).map_or("", |a| a.name.as_str())).collect()
    };
    for probe in program.probes.iter() {
        let about = json!({ "kind": "probe", "unit": probe.unit.text, "axes": axes(&probe.axes) });
        object.insert(probe.name.clone(), about);
    }
    for record in program.records.iter() {
        let every = number(exact_seconds(record.every, program.tick));
        let about =
            json!({ "kind": "record", "unit": record.unit.text, "axes": axes(&record.axes), "every": every });
        object.insert(record.name.clone(), about);
    }
    Value::Object(object)
}
