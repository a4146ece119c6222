use super::context::Context;
use crate::hir::{Probe, ProbeId, Value};
use crate::report::Reading;
use crate::report::elements::place;
use crate::report::naming::{DIGITS, Naming};
use crate::units::format_number;
use maud::{Markup, html};

/// The most numbers of one run that are written out, and of one row.
const NUMBERS: usize = 48;
const COLUMNS: usize = 16;
/// The most rows of one probe.
const ROWS: usize = 48;

/// A run: its case, whether it is the control, and what it is called.
struct Of {
    program: usize,
    control: bool,
    name: String,
}

/// The probes: numbers with a column for each case, small arrays as tables, large ones summed up.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let reading = context.page.reading;
    let program = reading.program()?;
    let probes: Vec<(ProbeId, &Probe)> =
        program.probes.iter_enumerated().filter(|(_, p)| !p.implied).collect();
    if probes.is_empty() {
        return None;
    }
    let (numbers, arrays): (Vec<_>, Vec<_>) = probes.into_iter().partition(|(_, p)| p.axes.is_empty());
    Some(html! {
        @if !numbers.is_empty() { (scalars(context, &numbers)) }
        @for (id, probe) in arrays { (array(context, id, probe)) }
    })
}

fn controls(reading: &Reading) -> &'static [bool] {
    if reading.experiment.control { &[false, true] } else { &[false] }
}

fn scalars(context: &Context, probes: &[(ProbeId, &Probe)]) -> Markup {
    let reading = context.page.reading;
    let cases = reading.which;
    html! {
        div class="scroll" tabindex="0" role="group" aria-label="probes" {
            table class="probes" {
                thead {
                    tr {
                        th scope="col" { "probe" }
                        @if cases.len() == 1 { th scope="col" class="value" { "value" } }
                        @else { @for &case in cases { th scope="col" class="value" { (reading.case_name(case)) } } }
                    }
                }
                tbody {
                    @for (id, probe) in probes {
                        @for &control in controls(reading) {
                            tr class=[control.then_some("control")] {
                                th scope="row" { (linked(context, probe, control)) }
                                @for &case in cases {
                                    td class="value" { (scalar(reading.probe(case, control, *id), probe)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn linked(context: &Context, probe: &Probe, control: bool) -> Markup {
    let name = format!("{}{}", probe.name, if control { ".control" } else { "" });
    html! {
        @match context.anchor(probe.span).filter(|_| !control) {
            Some(anchor) => a href=(format!("#{anchor}")) { code { (name) } },
            None => code { (name) },
        }
    }
}

fn scalar(value: Option<&Value>, probe: &Probe) -> String {
    match value {
        Some(v) => element(v, 0, probe) + &if probe.truth { String::new() } else { probe.unit.suffix() },
        None => "never reached".to_string(),
    }
}

fn element(value: &Value, i: usize, probe: &Probe) -> String {
    match value.data.get(i) {
        Some(_) if !value.is_present(i) => "–".to_string(),
        Some(&v) if probe.truth => if v == 1.0 { "true" } else { "false" }.to_string(),
        Some(&v) => format_number(probe.unit.from_si(v), DIGITS),
        None => String::new(),
    }
}

fn array(context: &Context, id: ProbeId, probe: &Probe) -> Markup {
    let reading = context.page.reading;
    let naming = Naming::new(reading.experiment);
    let runs: Vec<Of> = reading
        .which
        .iter()
        .flat_map(|&program| controls(reading).iter().map(move |&control| (program, control)))
        .map(|(program, control)| {
            let case = reading.case_name(program);
            let name = match (case.is_empty(), control) {
                (true, true) => "control".to_string(),
                (true, false) => String::new(),
                (false, true) => format!("{case}, control"),
                (false, false) => case,
            };
            Of { program, control, name }
        })
        .collect();
    let values: Vec<(&Of, Option<&Value>)> =
        runs.iter().map(|r| (r, reading.probe(r.program, r.control, id))).collect();
    let first = values.iter().find_map(|(_, v)| *v);
    let shape = first.map_or_else(String::new, |v| naming.shape(&v.axes));
    let unit = match probe.unit.text.as_str() {
        "" => String::new(),
        text => format!(" ({text})"),
    };
    html! {
        h3 { (linked(context, probe, false)) " " span class="faint" { (shape) (unit) } }
        @match first {
            None => p { "never reached" },
            Some(first) => @match first.axes.split_last() {
                Some((last, outer))
                    if last.len <= COLUMNS
                        && first.data.len() <= NUMBERS
                        && outer.iter().map(|a| a.len).product::<usize>() * values.len() <= ROWS =>
                {
                    (elements(&values, outer.len(), &naming, probe))
                }
                _ => (extremes(&values, probe)),
            },
        }
    }
}

/// Every number: the last axis along the columns, runs and the other axes along the rows.
fn elements(values: &[(&Of, Option<&Value>)], outer: usize, naming: &Naming, probe: &Probe) -> Markup {
    let named = values.iter().any(|(run, _)| !run.name.is_empty());
    let first = values.iter().find_map(|(_, v)| *v);
    let axes = first.map_or(&[][..], |v| &v.axes);
    let Some((last, before)) = axes.split_last() else { return html! {} };
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(probe.name) {
            table class="probes" {
                thead {
                    tr {
                        @if named { th scope="col" { "run" } }
                        @for axis in before { th scope="col" { (naming.axis(axis.id)) } }
                        @for i in 0..last.len { th scope="col" class="value" { (naming.entry(last, i)) } }
                    }
                }
                tbody {
                    @for (run, value) in values {
                        @match value {
                            None => tr { th scope="row" { (run.name) } td colspan=(outer + last.len) { "never reached" } },
                            Some(value) => {
                                @for row in 0..value.data.len() / last.len.max(1) {
                                    tr class=[run.control.then_some("control")] {
                                        @if named { th scope="row" { (run.name) } }
                                        @for (axis, at) in before.iter().zip(place(before, row)) {
                                            th scope="row" { (naming.coordinate(axis, at)) }
                                        }
                                        @for i in 0..last.len {
                                            td class="value" { (element(value, row * last.len + i, probe)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a large array comes to: how many numbers, least, mean, largest.
fn extremes(values: &[(&Of, Option<&Value>)], probe: &Probe) -> Markup {
    let named = values.iter().any(|(run, _)| !run.name.is_empty());
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(probe.name) {
            table class="probes" {
                thead {
                    tr {
                        @if named { th scope="col" { "run" } }
                        @for head in ["numbers", "least", "mean", "largest"] { th scope="col" class="value" { (head) } }
                    }
                }
                tbody {
                    @for (run, value) in values {
                        tr class=[run.control.then_some("control")] {
                            @if named { th scope="row" { (run.name) } }
                            @for cell in summary(*value, probe) { td class="value" { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

fn summary(value: Option<&Value>, probe: &Probe) -> [String; 4] {
    let none = || "–".to_string();
    let Some(value) = value else { return ["0".to_string(), none(), none(), none()] };
    let present: Vec<f64> =
        (0..value.data.len()).filter(|&i| value.is_present(i)).map(|i| value.data[i]).collect();
    let count = present.len().to_string();
    if present.is_empty() {
        return [count, none(), none(), none()];
    }
    let show = |v: f64| format_number(if probe.truth { v } else { probe.unit.from_si(v) }, DIGITS);
    let least = present.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = present.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [count, show(least), show(present.iter().sum::<f64>() / present.len() as f64), show(largest)]
}
