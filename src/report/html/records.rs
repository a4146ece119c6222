use super::context::Context;
use crate::hir::Record;
use crate::record::Series;
use crate::report::naming::{DIGITS, Naming, seconds};
use crate::report::spark::{Course, course};
use crate::units::format_number;
use maud::{Markup, html};
use std::fmt::Write;

/// The most runs of one record that are shown.
const RUNS: usize = 24;
/// How many steps a course is drawn with.
const STEPS: usize = 80;
/// The size of a course.
const WIDTH: f64 = 160.0;
const HEIGHT: f64 = 28.0;

/// The records: a row for each and for each run, with its course at a glance.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let reading = context.page.reading;
    let program = reading.program()?;
    let records: Vec<_> = program.records.iter_enumerated().filter(|(_, r)| !r.implied).collect();
    if records.is_empty() {
        return None;
    }
    let naming = Naming::new(reading.experiment);
    Some(html! {
        div class="scroll" tabindex="0" role="group" aria-label="records" {
            table class="records" {
                thead {
                    tr {
                        th scope="col" { "record" }
                        th scope="col" { "course" }
                        @for head in ["least", "largest", "last", "from", "to", "samples"] {
                            th scope="col" class="value" { (head) }
                        }
                    }
                }
                tbody {
                    @for (id, record) in records {
                        @let runs: Vec<_> = reading.runs().collect();
                        @for (i, _, run, control) in runs.iter().take(RUNS) {
                            @if let Some(series) = run.records.get(id) {
                                (row(context, record, series, &reading.key(&record.name, *i, *control), *control, &naming))
                            }
                        }
                        @if runs.len() > RUNS {
                            tr { th scope="row" { code { (record.name) } } td colspan="7" { (runs.len() - RUNS) " more runs" } }
                        }
                    }
                }
            }
        }
    })
}

fn row(
    context: &Context,
    record: &Record,
    series: &Series,
    name: &str,
    control: bool,
    naming: &Naming,
) -> Markup {
    let own = record.axes.get(1..).unwrap_or(&[]);
    let shape: Vec<_> =
        own.iter().zip(series.shape()).map(|(id, n)| format!("{}: {n}", naming.axis(*id))).collect();
    let show = |v: f64| format_number(record.unit.from_si(v), DIGITS) + &record.unit.suffix();
    let times = series.times();
    let end = series.samples().saturating_sub(1);
    let course = match series.samples() * series.width() {
        0 => None,
        _ => course(series, STEPS).ok(),
    };
    html! {
        tr class=[control.then_some("control")] {
            th scope="row" {
                @match context.anchor(record.span) {
                    Some(anchor) => a href=(format!("#{anchor}")) { code { (name) } },
                    None => code { (name) },
                }
                @if !shape.is_empty() { " " span class="faint" { "[" (shape.join(", ")) "]" } }
            }
            @match course {
                None => { td { "no samples" } td colspan="6" {} },
                Some(course) => {
                    td { (drawn(&course, name)) }
                    td class="value" { (show(course.min)) }
                    td class="value" { (show(course.max)) }
                    td class="value" { (show(course.last)) }
                    td class="value" { (times.get(0).map_or_else(String::new, seconds)) }
                    td class="value" { (times.get(end).map_or_else(String::new, seconds)) }
                    td class="value" { (series.samples()) }
                }
            }
        }
    }
}

/// The means of a course's steps as a line.
fn drawn(course: &Course, name: &str) -> Markup {
    let known = || course.steps.iter().copied().filter(|v| v.is_finite());
    let (lo, hi) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
    let n = course.steps.len().max(2) as f64;
    let mut path = String::new();
    let mut pen = false;
    for (i, v) in course.steps.iter().enumerate() {
        if !v.is_finite() {
            pen = false;
            continue;
        }
        let x = 1.0 + (WIDTH - 2.0) * i as f64 / (n - 1.0);
        let part = if hi > lo { (v - lo) / (hi - lo) } else { 0.5 };
        let y = HEIGHT - 2.0 - (HEIGHT - 4.0) * part;
        let _ = write!(path, "{}{x:.1} {y:.1}", if pen { "L" } else { "M" });
        pen = true;
    }
    html! {
        svg class="course" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) width=(WIDTH) height=(HEIGHT) role="img"
            aria-label=(format!("the course of {name}"))
        {
            path d=(path) {}
        }
    }
}
