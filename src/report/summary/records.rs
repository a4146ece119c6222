use super::Style;
use crate::hir::Record;
use crate::record::Series;
use crate::report::Reading;
use crate::report::naming::{DIGITS, Naming, seconds};
use crate::report::spark::{course, sparkline};
use crate::report::table::Table;
use crate::units::format_number;

/// The most runs of one record that are shown.
const RUNS: usize = 12;

/// The records: a line for each and for each case, with its course, its range and how long it is.
pub(super) fn record_lines(reading: &Reading, style: &Style) -> Vec<String> {
    let Some(program) = reading.program() else { return Vec::new() };
    let naming = Naming::new(reading.experiment);
    let mut table = Table::new(4);
    for (id, record) in program.records.iter_enumerated() {
        let runs: Vec<_> = reading.runs().collect();
        for (i, _, run, control) in runs.iter().take(RUNS) {
            let name = match reading.which {
                [_] if !control => record.name.clone(),
                [_] => format!("{}.control", record.name),
                _ => reading.key(&record.name, *i, *control),
            };
            if let Some(series) = run.records.get(id) {
                table.row(row(name, record, series, &naming, style));
            }
        }
        if runs.len() > RUNS {
            table.row(vec![format!("{}: {} more runs", record.name, runs.len() - RUNS)]);
        }
    }
    table.lines()
}

fn row(name: String, record: &Record, series: &Series, naming: &Naming, style: &Style) -> Vec<String> {
    let own = record.axes.get(1..).unwrap_or(&[]);
    let shape: Vec<_> =
        own.iter().zip(series.shape()).map(|(id, n)| format!("{}: {n}", naming.axis(*id))).collect();
    let shape = if shape.is_empty() { String::new() } else { format!(" [{}]", shape.join(", ")) };
    let name = format!("{name}{shape}");
    if series.samples() == 0 || series.width() == 0 {
        return vec![name, String::new(), "no samples".to_string()];
    }
    let steps = if style.width >= 90 { 32 } else { 16 };
    let course = match course(series, steps) {
        Ok(course) => course,
        Err(e) => return vec![name, String::new(), format!("cannot be read back: {e}")],
    };
    let show = |v: f64| format_number(record.unit.from_si(v), DIGITS);
    let range = if course.min == course.max {
        format!("{}{}", show(course.min), record.unit.suffix())
    } else {
        format!("{} to {}{}", show(course.min), show(course.max), record.unit.suffix())
    };
    vec![name, sparkline(&course.steps, style.unicode), range, span(series)]
}

fn span(series: &Series) -> String {
    let n = series.samples();
    let times = series.times();
    let (from, to) = (times.get(0).unwrap_or(0.0), times.get(n - 1).unwrap_or(0.0));
    let samples = if n == 1 { "1 sample".to_string() } else { format!("{n} samples") };
    if from == 0.0 {
        format!("{}, {samples}", seconds(to))
    } else {
        format!("{} to {}, {samples}", format_number(from, DIGITS), seconds(to))
    }
}
