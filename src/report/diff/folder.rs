use super::error::ReadError;
use super::model::Setting;
use super::names::AxisNames;
use super::numbers::{Numbers, Times};
use super::side::{Case, Head, Kind, Quantity, RuleOf, Run, Side};
use super::words::judged;
use crate::report::writers::sha256_of;
use crate::units::Unit;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Reads back what `--out` wrote. Large arrays stay in their file until they are compared.
pub fn folder(path: &Path) -> Result<Side<'static>, ReadError> {
    let manifest_path = path.join("manifest.json");
    if !manifest_path.is_file() {
        return Err(ReadError::NoManifest(path.to_path_buf()));
    }
    let manifest = document(&manifest_path)?;
    let probes = document(&path.join("probes.json"))?;
    let expectations = document(&path.join("expectations.json"))?;
    let malformed = |what: &str| ReadError::malformed(&manifest_path, format!("there is no `{what}` in it"));
    let written = |name: &str| manifest["files"].get(name).is_some();
    let files = Files {
        path: path.to_path_buf(),
        table: written("series.csv").then(|| Columns::read(&path.join("series.csv"))).transpose()?,
        probes,
        quantities: manifest["quantities"].clone(),
    };
    let cases = manifest["cases"].as_array().ok_or_else(|| malformed("cases"))?;
    let cases = cases.iter().map(|c| case(c, &files).ok_or_else(|| malformed("cases"))?);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let source = std::iter::once(&manifest["source"]);
    let used = source.chain(manifest["uses"].as_array().into_iter().flatten());
    let outcomes = expectations["expectations"].as_array().into_iter().flatten();
    Ok(Side {
        name: path.display().to_string(),
        kind: Kind::Folder,
        head: Head {
            plast: text(&manifest["plast"]),
            contract: manifest["contract"].as_u64().ok_or_else(|| malformed("contract"))?,
            precision: text(&manifest["precision"]),
            files: used.map(|f| (text(&f["name"]), text(&f["sha256"]))).collect(),
            until: manifest["until"].as_f64(),
            interrupted: manifest["interrupted"].as_bool().unwrap_or(false),
        },
        parts: None,
        outcomes: Some(outcomes.filter_map(judged).collect()),
        cases: cases.collect::<Result<_, _>>()?,
        notes: changed(path, &manifest["files"])?,
    })
}

fn document(path: &Path) -> Result<Value, ReadError> {
    let text = std::fs::read_to_string(path).map_err(|source| io_error(path, source))?;
    serde_json::from_str(&text).map_err(|e| ReadError::malformed(path, e))
}

fn io_error(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io { path: path.to_path_buf(), source }
}

/// The files that are no longer as they were written.
fn changed(path: &Path, files: &Value) -> Result<Vec<String>, ReadError> {
    let mut notes = Vec::new();
    for (name, about) in files.as_object().into_iter().flatten() {
        let file = path.join(name);
        let digest = File::open(&file).and_then(|mut f| sha256_of(&mut f));
        let (sha256, _) = digest.map_err(|source| io_error(&file, source))?;
        if about["sha256"] != sha256 {
            notes.push(format!("`{}` was changed after it was written", file.display()));
        }
    }
    Ok(notes)
}

/// What the numbers are read from.
struct Files {
    path: PathBuf,
    table: Option<Columns>,
    probes: Value,
    quantities: Value,
}

fn case(value: &Value, files: &Files) -> Option<Result<Case<'static>, ReadError>> {
    let key = value["key"].as_str()?;
    let tick = value["tick"].as_f64()?;
    let run = |about: &Value, control: bool| -> Option<Result<Run<'static>, ReadError>> {
        let at = At { files, case: &value["case"], key, tick, control };
        Some(at.run(about["ticks"].as_u64()?))
    };
    let control = if value["control"].is_null() { None } else { Some(run(&value["control"], true)?) };
    let parameters = value["parameters"].as_object()?.iter();
    let rules = value["rules"].as_object()?.iter().map(|(projection, rule)| RuleOf {
        projection: projection.clone(),
        rule: rule["rule"].as_str().unwrap_or_default().to_string(),
        parameters: settings(rule["parameters"].as_object().into_iter().flatten()),
    });
    let (main, control) = match (run(&value["run"], false)?, control.transpose()) {
        (Ok(main), Ok(control)) => (main, control),
        (Err(e), _) | (_, Err(e)) => return Some(Err(e)),
    };
    Some(Ok(Case {
        key: key.to_string(),
        seed: value["seed"].as_u64()?,
        tick: Some(tick),
        parameters: settings(parameters),
        rules: Some(rules.collect()),
        main,
        control,
    }))
}

fn settings<'v>(all: impl Iterator<Item = (&'v String, &'v Value)>) -> Vec<(String, Setting)> {
    let one = |value: &Value| match value {
        Value::String(rule) => Setting::Text(rule.clone()),
        _ => Setting::Number(number(&value["value"]), unit(&value["unit"])),
    };
    all.map(|(name, value)| (name.clone(), one(value))).collect()
}

/// A unit by its spelling; what is none has no dimension and keeps its name.
fn unit(value: &Value) -> Unit {
    let text = value.as_str().unwrap_or_default();
    Unit::spelled(text).unwrap_or_else(|| {
        let mut unit = Unit::none();
        unit.text = text.to_string();
        unit
    })
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(n) => n.as_f64().unwrap_or(f64::NAN),
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::String(text) => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

/// The run whose results are read.
struct At<'f> {
    files: &'f Files,
    case: &'f Value,
    key: &'f str,
    tick: f64,
    control: bool,
}

impl At<'_> {
    fn run(&self, ticks: u64) -> Result<Run<'static>, ReadError> {
        let mut run = Run { ticks, probes: Vec::new(), records: Vec::new() };
        for (name, about) in self.files.quantities.as_object().into_iter().flatten() {
            let axes: Vec<&str> =
                about["axes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            match about["kind"].as_str() {
                Some("record") => run.records.push(self.record(name, about, &axes)?),
                _ => run.probes.push(self.probe(name, about)),
            }
        }
        Ok(run)
    }

    /// What a quantity is called in the files: `rate[silence].control`.
    fn name(&self, name: &str) -> String {
        let case = if self.key.is_empty() { String::new() } else { format!("[{}]", self.key) };
        format!("{name}{case}{}", if self.control { ".control" } else { "" })
    }

    fn arrays(&self) -> PathBuf {
        self.files.path.join("arrays.npz")
    }

    fn probe(&self, name: &str, about: &Value) -> Quantity<'static> {
        let runs = self.files.probes[name]["runs"].as_array().into_iter().flatten();
        let mut runs = runs.filter(|r| r["case"] == *self.case && r["control"] == self.control);
        let found = runs.next().filter(|r| r["reached"] != false);
        let axes: Vec<AxisNames> = found
            .map(|r| r["axes"].as_array().into_iter().flatten().filter_map(AxisNames::read).collect())
            .unwrap_or_default();
        let mut truth = false;
        let numbers = match found {
            None => Numbers::Unreached,
            Some(run) => match (run.get("value"), run["array"].as_str()) {
                (None, Some(array)) => Numbers::Stored { path: self.arrays(), name: array.to_string() },
                (value, _) => {
                    let mut all = Vec::new();
                    flatten(value.unwrap_or(&Value::Null), &mut all, &mut truth);
                    Numbers::Written(all)
                }
            },
        };
        Quantity {
            name: name.to_string(),
            unit: Some(unit(&about["unit"])),
            truth,
            shape: axes.iter().map(|a| a.len).collect(),
            axes: found.map(|_| axes),
            times: None,
            numbers,
        }
    }

    fn record(&self, name: &str, about: &Value, axes: &[&str]) -> Result<Quantity<'static>, ReadError> {
        let key = self.name(name);
        let unit = unit(&about["unit"]);
        let (times, numbers, own) = if axes.len() <= 1 {
            let path = self.files.path.join("series.csv");
            let head = if unit.text.is_empty() { key } else { format!("{key} [{}]", unit.text) };
            let column = self.files.table.as_ref().and_then(|t| t.column(&head));
            let (times, numbers) = column
                .ok_or_else(|| ReadError::malformed(&path, format!("there is no column `{head}` in it")))?;
            (times, Numbers::Written(numbers), Vec::new())
        } else {
            let path = self.arrays();
            let malformed = |e: io::Error| ReadError::malformed(&path, format!("`{key}`: {e}"));
            let stored = |name: String| Numbers::Stored { path: path.clone(), name };
            let times = stored(format!("{key}.t"));
            let times = times.open(&Unit::none()).and_then(|t| t.read(0, usize::MAX >> 1, 1));
            let shape = array_shape(&path, &key).map_err(malformed)?;
            let own = shape.get(1..).unwrap_or(&[]).to_vec();
            (times.map_err(malformed)?, stored(key), own)
        };
        let names = axes.iter().skip(1).zip(&own).map(|(name, len)| AxisNames::plain(name, *len)).collect();
        let ticks: Vec<u64> = times.iter().map(|t| (t / self.tick).round() as u64).collect();
        Ok(Quantity {
            name: name.to_string(),
            unit: Some(unit),
            truth: false,
            axes: Some(names),
            shape: std::iter::once(ticks.len()).chain(own).collect(),
            times: Some(Times::Listed(ticks)),
            numbers,
        })
    }
}

fn flatten(value: &Value, into: &mut Vec<f64>, truth: &mut bool) {
    match value {
        Value::Array(all) => all.iter().for_each(|v| flatten(v, into, truth)),
        other => {
            *truth |= other.is_boolean();
            into.push(number(other));
        }
    }
}

/// The columns of `series.csv`.
struct Columns {
    heads: Vec<String>,
    times: Vec<f64>,
    /// Column by column, NaN for an empty cell.
    numbers: Vec<Vec<Option<f64>>>,
}

impl Columns {
    fn read(path: &Path) -> Result<Self, ReadError> {
        let broken = |e: csv::Error| ReadError::malformed(path, e);
        let mut reader = csv::Reader::from_path(path).map_err(broken)?;
        let heads: Vec<String> = reader.headers().map_err(broken)?.iter().skip(1).map(String::from).collect();
        let mut columns = Self { times: Vec::new(), numbers: vec![Vec::new(); heads.len()], heads };
        for (row, record) in reader.records().enumerate() {
            let record = record.map_err(broken)?;
            let cell = |text: &str| {
                let line = row + 2;
                text.parse::<f64>()
                    .map_err(|_| ReadError::malformed(path, format!("line {line}: `{text}` is not a number")))
            };
            columns.times.push(cell(record.get(0).unwrap_or_default())?);
            for (numbers, text) in columns.numbers.iter_mut().zip(record.iter().skip(1)) {
                numbers.push(if text.is_empty() { None } else { Some(cell(text)?) });
            }
        }
        Ok(columns)
    }

    /// The times and the numbers below a head.
    fn column(&self, head: &str) -> Option<(Vec<f64>, Vec<f64>)> {
        let at = self.heads.iter().position(|h| h == head)?;
        let both = self.times.iter().zip(&self.numbers[at]);
        Some(both.filter_map(|(t, v)| Some((*t, (*v)?))).unzip())
    }
}

/// The shape of an array in `arrays.npz`, without reading its numbers.
fn array_shape(path: &Path, name: &str) -> io::Result<Vec<usize>> {
    let mut zip = zip::ZipArchive::new(File::open(path)?)?;
    let mut head = Vec::new();
    zip.by_name(&format!("{name}.npy"))?.take(1024).read_to_end(&mut head)?;
    let text = String::from_utf8_lossy(&head);
    let shape = text.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')'));
    let (shape, _) = shape.ok_or_else(|| io::Error::other("its header has no shape"))?;
    Ok(shape.split(',').filter_map(|n| n.trim().parse().ok()).collect())
}
