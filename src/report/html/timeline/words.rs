use super::clock::time;
use super::model::{Mark, Step, StepKind, Track, total};
use maud::{Markup, html};

/// A track as a list, with the times of its outermost steps.
pub(super) fn list(track: &Track) -> Markup {
    html! {
        (steps(&track.steps, Some(0.0)))
        p class="aside" { "In all: " (total(&track.steps).text()) "." }
    }
}

fn steps(steps: &[Step], from: Option<f64>) -> Markup {
    let ends = steps.iter().scan(from, |at, step| {
        let start = *at;
        *at = start.and_then(|t| Some(t + step.length.known()?));
        Some((start, *at))
    });
    html! {
        ol class="steps" {
            @for (step, (start, end)) in steps.iter().zip(ends) {
                li {
                    @match &step.anchor {
                        Some(anchor) => a href=(format!("#{anchor}")) { (described(step)) },
                        None => (described(step)),
                    }
                    @if let (Some(start), Some(end), true) = (start, end, step.length.typical() > 0.0) {
                        " " span class="faint" { "from " (time(start)) " to " (time(end)) }
                    }
                    @match &step.kind {
                        StepKind::Phase { body, .. } => (self::steps(body, start)),
                        StepKind::Loop { body, .. } => (self::steps(body, None)),
                        _ => {}
                    }
                }
            }
        }
    }
}

/// A step in words.
pub(super) fn described(step: &Step) -> String {
    let length = step.length.text();
    match &step.kind {
        StepKind::Phase { name, frozen, replaced, .. } => {
            let frozen = frozen.as_ref().map_or_else(String::new, |f| format!(", {f}"));
            let replaced = if *replaced { ", replaced in the control" } else { "" };
            format!("phase {name}{frozen}{replaced}: {length}")
        }
        StepKind::Loop { words, rounds, .. } => {
            let rounds = rounds.as_ref().map_or_else(String::new, |r| format!(" ({r})"));
            format!("{words}{rounds}: {length}")
        }
        StepKind::Show { passes: true, .. } => format!("what went on before goes on: {length}"),
        StepKind::Show { inputs, until, .. } => {
            let what = match inputs.is_empty() {
                true => "rest".to_string(),
                false => {
                    let each: Vec<_> = inputs.iter().map(|(v, p)| format!("{v} on {p}")).collect();
                    format!("present {}", each.join(", "))
                }
            };
            let until = until.as_ref().map_or_else(String::new, |c| format!(" until {c}"));
            format!("{what}{until}: {length}")
        }
        StepKind::Mark(Mark::Probe, name) => format!("probe {name}"),
        StepKind::Mark(_, text) => text.clone(),
    }
}
