use super::context::Context;
use crate::report::document::sign;
use crate::report::naming::DIGITS;
use crate::report::summary::{digits_apart, verdict_line};
use crate::report::{Comparand, Measured, Outcome, Verdict};
use crate::units::format_value;
use maud::{Markup, html};

/// A verdict as a sign, a word and the name of a style.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Held => ("✓", "holds", "held"),
        Verdict::Failed => ("✗", "fails", "failed"),
        Verdict::Skipped => ("○", "skipped", "skipped"),
    }
}

/// The expectations with what was measured.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let outcomes = context.page.outcomes;
    if outcomes.is_empty() {
        return None;
    }
    let failed = outcomes.iter().filter(|o| o.verdict == Verdict::Failed).count();
    Some(html! {
        p class="lead" { (verdict_line(outcomes)) "." }
        p class="filter" {
            label {
                input type="checkbox" id="only-failing" disabled[failed == 0];
                " Show only what fails (" (failed) ")"
            }
        }
        ol class="expectations" {
            @for (i, outcome) in outcomes.iter().enumerate() { (one(context, i, outcome)) }
        }
    })
}

fn one(context: &Context, i: usize, outcome: &Outcome) -> Markup {
    let (sign, word, class) = verdict(outcome.verdict);
    html! {
        li id=(format!("expect-{}", i + 1)) class=(format!("expectation {class}")) {
            div class="verdict" { span class="sign" aria-hidden="true" { (sign) } " " (word) }
            div class="said" {
                @if let Some(message) = &outcome.message { p class="message" { (message) } }
                p class="condition" { code { (outcome.text) } }
                @for measured in &outcome.measured { (measurement(measured)) }
                @if let Some(reason) = &outcome.reason { p class="reason" { (reason) } }
                @if let Some(anchor) = context.anchor(outcome.span) {
                    p class="where" { a href=(format!("#{anchor}")) { "line " (context.line(outcome.span)) } }
                }
            }
        }
    }
}

/// What was measured against what was expected, and where.
fn measurement(m: &Measured) -> Markup {
    let digits = match m.against {
        Comparand::Truth | Comparand::Side { tolerance: Some(_), .. } => DIGITS,
        Comparand::Side { right, .. } => digits_apart(m.value, &[right], &m.unit),
        Comparand::Range { lo, hi } => digits_apart(m.value, &[lo, hi], &m.unit),
    };
    let show = |v: f64| format_value(v, &m.unit, digits);
    let mut details = Vec::new();
    let (value, against) = match m.against {
        Comparand::Truth => ((if m.value == 1.0 { "true" } else { "false" }).to_string(), "true".to_string()),
        Comparand::Range { lo, hi } => (show(m.value), format!("in [{}, {}]", show(lo), show(hi))),
        Comparand::Side { op, right, tolerance: None } => {
            (show(m.value), format!("{} {}", sign(op), show(right)))
        }
        Comparand::Side { right, tolerance: Some(tolerance), .. } => {
            details.push(format!("{} apart", format_value((m.value - right).abs(), &m.unit, 3)));
            (show(m.value), format!("{} ± {}", show(right), show(tolerance)))
        }
    };
    if !m.place.is_empty() {
        details.push(format!("at {}", m.place));
    }
    match (m.elements, m.failing) {
        (1, _) => {}
        (n, 0) => details.push(format!("the closest of {n} elements")),
        (n, failing) => details.push(format!("{failing} of {n} elements fail")),
    }
    html! {
        div class=(if m.failing > 0 { "measured missed" } else { "measured" }) {
            dl {
                div { dt { "measured" } dd { (value) } }
                div { dt { "expected" } dd { (against) } }
            }
            @if !details.is_empty() { p class="detail" { (details.join(", ")) } }
        }
    }
}
