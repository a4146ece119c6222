use super::context::Context;
use super::math::{inline, name};
use super::prose::words;
use crate::hir::ParamInfo;
use crate::report::naming::DIGITS;
use crate::units::{dim_name, format_value};
use maud::{Markup, html};

/// The most cases that get a column each.
const COLUMNS: usize = 8;

/// The parameters of the file with their values in each case.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let reading = context.page.reading;
    let params = &reading.experiment.params;
    if params.is_empty() {
        return None;
    }
    let cases: Vec<usize> = reading.which.to_vec();
    let columns = cases.len() <= COLUMNS;
    let ranges = params.iter().any(|p| p.range.is_some());
    Some(html! {
        div class="scroll" tabindex="0" role="group" aria-label="parameters" {
            table class="parameters" {
                thead {
                    tr {
                        th scope="col" { "symbol" }
                        th scope="col" { "name" }
                        @if columns && cases.len() > 1 {
                            @for &case in &cases { th scope="col" class="value" { (reading.case_name(case)) } }
                        } @else {
                            th scope="col" class="value" { "value" }
                        }
                        @if ranges { th scope="col" { "range" } }
                        th scope="col" { "meaning" }
                    }
                }
                tbody { @for param in params { (row(context, param, &cases, columns, ranges)) } }
            }
        }
    })
}

fn row(context: &Context, param: &ParamInfo, cases: &[usize], columns: bool, ranges: bool) -> Markup {
    let values: Vec<String> = cases.iter().map(|&i| value(param, i)).collect();
    let same = values.windows(2).all(|w| w[0] == w[1]);
    let docs = context.items().find(|(_, item)| item.span.contains(param.span));
    let docs = docs.map_or("", |(_, item)| item.docs.as_str());
    let span = context.items().find(|(_, i)| i.span.contains(param.span)).map_or(param.span, |(_, i)| i.span);
    let meaning = context.meaning(&param.name, if param.docs.is_empty() { docs } else { &param.docs }, span);
    let set =
        context.page.reading.provenance.settings.iter().any(|s| s.split('=').next() == Some(&param.name));
    html! {
        tr id=(format!("param-{}", param.name)) {
            td class="symbol" { (inline(&name(&param.name), &param.name)) }
            th scope="row" {
                @match context.anchor(param.span) {
                    Some(anchor) => a href=(format!("#{anchor}")) { code { (param.name) } },
                    None => code { (param.name) },
                }
                @if set { " " span class="tag" { "set from outside" } }
            }
            @if same || !columns {
                td class="value" colspan=[(columns && cases.len() > 1).then_some(cases.len())] {
                    (if same { values.first().cloned().unwrap_or_default() } else { spread(param, cases, &values) })
                }
            } @else {
                @for v in &values { td class="value varies" { (v) } }
            }
            @if ranges {
                td { @if let Some((lo, hi)) = param.range { (format!("{} to {}", show(param, lo), show(param, hi))) } }
            }
            td { @if let Some(m) = meaning { (words(&m.text)) } @else { span class="faint" { (kind(param)) } } }
        }
    }
}

fn show(param: &ParamInfo, si: f64) -> String {
    format_value(si, &param.unit, DIGITS)
}

fn value(param: &ParamInfo, program: usize) -> String {
    match param.rules.get(program) {
        Some(rule) => rule.clone(),
        None => param.values.get(program).map_or_else(String::new, |v| show(param, *v)),
    }
}

/// The values of many cases in one cell.
fn spread(param: &ParamInfo, cases: &[usize], values: &[String]) -> String {
    if param.rules.is_empty() {
        let all = cases.iter().filter_map(|&i| param.values.get(i).copied());
        let (lo, hi) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
        return format!("{} to {}", show(param, lo), show(param, hi));
    }
    let mut distinct: Vec<&str> = Vec::new();
    for value in values {
        if !distinct.contains(&value.as_str()) {
            distinct.push(value);
        }
    }
    distinct.join("; ")
}

fn kind(param: &ParamInfo) -> String {
    match param.rules.is_empty() {
        true => dim_name(param.dim),
        false => "a rule".to_string(),
    }
}
