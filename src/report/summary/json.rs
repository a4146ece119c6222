use crate::hir::{Probe, Record, Value as Array};
use crate::record::{Run, Series};
use crate::report::document::{self, number};
use crate::report::naming::exact_seconds;
use crate::report::spark::course;
use crate::report::{CONTRACT_VERSION, Outcome, Reading, VERSION, Verdict};
use serde_json::{Map, Value, json};

/// The most elements of a probe that are written out.
const ELEMENTS: usize = 1000;
/// How many steps of a record's course are written out.
const STEPS: usize = 32;

/// The summary for programs: the same facts as [`text`](super::text()).
pub fn json(reading: &Reading, outcomes: &[Outcome]) -> Value {
    let cases: Vec<_> = reading
        .cases()
        .map(|(i, program, case)| {
            let control = case.control.as_ref().map(|c| run(reading, i, c));
            json!({
                "case": document::case(reading, i),
                "seed": program.seed,
                "tick": number(program.tick),
                "parameters": document::parameters(reading.experiment, i),
                "run": run(reading, i, &case.main),
                "control": control,
            })
        })
        .collect();
    json!({
        "file": reading.provenance.files.first().map(|f| &f.name),
        "plast": VERSION,
        "contract": CONTRACT_VERSION,
        "interrupted": reading.interrupted(),
        "cases": cases,
        "notes": super::notes::note_texts(reading),
        "expectations": outcomes.iter().map(document::outcome).collect::<Vec<_>>(),
        "failed": outcomes.iter().filter(|o| o.verdict == Verdict::Failed).count(),
    })
}

fn run(reading: &Reading, program: usize, run: &Run) -> Value {
    let Some(program) = reading.experiment.programs.get(program) else { return Value::Null };
    let probes: Map<_, _> = program
        .probes
        .iter_enumerated()
        .map(|(id, p)| {
            let value = run.probes.get(id).and_then(Option::as_ref);
            (p.name.clone(), value.map_or(Value::Null, |v| probe(reading, p, v)))
        })
        .collect();
    let records: Map<_, _> = program
        .records
        .iter_enumerated()
        .filter_map(|(id, r)| Some((r.name.clone(), record(r, run.records.get(id)?))))
        .collect();
    json!({
        "ticks": run.ticks,
        "seconds": number(exact_seconds(run.ticks, program.tick)),
        "interrupted": run.interrupted,
        "probes": probes,
        "records": records,
    })
}

fn probe(reading: &Reading, probe: &Probe, value: &Array) -> Value {
    let mut object = Map::new();
    object.insert("unit".to_string(), json!(probe.unit.text));
    object.insert("axes".to_string(), document::axes(reading.experiment, &value.axes));
    if value.data.len() <= ELEMENTS {
        object.insert("value".to_string(), document::nested(value, &probe.unit, probe.truth));
    } else {
        let present = || (0..value.data.len()).filter(|&i| value.is_present(i)).map(|i| value.data[i]);
        let show = |v: f64| number(probe.unit.from_si(v));
        object.insert("min".to_string(), show(present().fold(f64::INFINITY, f64::min)));
        object.insert("max".to_string(), show(present().fold(f64::NEG_INFINITY, f64::max)));
        object.insert("mean".to_string(), show(present().sum::<f64>() / present().count() as f64));
    }
    Value::Object(object)
}

fn record(record: &Record, series: &Series) -> Value {
    let show = |v: f64| number(record.unit.from_si(v));
    let times = series.times();
    let last = series.samples().saturating_sub(1);
    let mut object = Map::new();
    object.insert("unit".to_string(), json!(record.unit.text));
    object.insert("shape".to_string(), json!(series.shape()));
    object.insert("samples".to_string(), json!(series.samples()));
    object.insert("from".to_string(), times.get(0).map_or(Value::Null, number));
    object.insert("to".to_string(), times.get(last).map_or(Value::Null, number));
    match course(series, STEPS) {
        Ok(c) if series.samples() > 0 => {
            object.insert("min".to_string(), show(c.min));
            object.insert("max".to_string(), show(c.max));
            object.insert("last".to_string(), show(c.last));
            object.insert("course".to_string(), Value::Array(c.steps.into_iter().map(show).collect()));
        }
        Ok(_) => {}
        Err(e) => {
            object.insert("error".to_string(), json!(e.to_string()));
        }
    }
    Value::Object(object)
}
