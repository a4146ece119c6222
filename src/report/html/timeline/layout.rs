use super::model::{Step, StepKind};
use super::words::described;

/// The width of a drawing that has room for everything.
pub(super) const WIDTH: f64 = 960.0;
/// The width of a letter of a label.
const LETTER: f64 = 6.7;
/// The least and the most that a presentation's label asks for.
const LEAST: f64 = 64.0;
const MOST: f64 = 190.0;
/// Room between what stands side by side.
pub(super) const GAP: f64 = 3.0;

/// A step with its place.
#[derive(Debug)]
pub(super) struct Placed<'t> {
    pub step: &'t Step,
    pub x: f64,
    pub width: f64,
    /// How many phases and loops are around.
    pub depth: usize,
    /// How many pixels a second takes.
    pub scale: Option<f64>,
    pub body: Vec<Placed<'t>>,
}

/// Puts steps side by side: each gets the room that its words need, and what is left is shared by time.
pub(super) fn place(steps: &[Step]) -> Vec<Placed<'_>> {
    let least: f64 = steps.iter().map(least).sum();
    let time: f64 = steps.iter().map(weight).sum();
    let spare = (WIDTH - least).max(0.0);
    let per_second = if time > 0.0 { spare / time } else { 0.0 };
    let mut x = 0.0;
    steps.iter().map(|s| one(s, &mut x, per_second, 0)).collect()
}

fn one<'t>(step: &'t Step, x: &mut f64, per_second: f64, depth: usize) -> Placed<'t> {
    let start = *x;
    let body: Vec<Placed> = match &step.kind {
        StepKind::Phase { body, .. } | StepKind::Loop { body, .. } => {
            // a loop's time is shared by what it goes through
            let inner: f64 = body.iter().map(weight).sum();
            let per_second = if inner > 0.0 { per_second * weight(step) / inner } else { 0.0 };
            let slack = (least(step) - body.iter().map(least).sum::<f64>()).max(0.0);
            let body: Vec<Placed> = body.iter().map(|s| one(s, x, per_second, depth + 1)).collect();
            *x += slack;
            body
        }
        StepKind::Show { .. } => {
            *x += least(step) + weight(step) * per_second;
            Vec::new()
        }
        StepKind::Mark(..) => Vec::new(),
    };
    let width = *x - start;
    let seconds = step.length.typical();
    let scale = (seconds > 0.0).then(|| width / seconds);
    Placed { step, x: start, width, depth, scale, body }
}

/// The time by which spare room is shared.
fn weight(step: &Step) -> f64 {
    step.length.typical()
}

/// The room that a step's words need.
fn least(step: &Step) -> f64 {
    match &step.kind {
        StepKind::Phase { name, frozen, body, .. } => {
            let label = name.chars().count() + frozen.as_ref().map_or(0, |f| f.chars().count() + 3);
            body.iter().map(least).sum::<f64>().max(text_width(label) + 12.0)
        }
        StepKind::Loop { words, rounds, body } => {
            let label = words.chars().count() + rounds.as_ref().map_or(0, |r| r.chars().count() + 1);
            body.iter().map(least).sum::<f64>().max(text_width(label.min(34)) + 16.0)
        }
        StepKind::Show { .. } => {
            let longest = labels(step).iter().map(|l| l.chars().count()).max().unwrap_or(0);
            (text_width(longest) + 16.0).clamp(LEAST, MOST)
        }
        StepKind::Mark(..) => 0.0,
    }
}

pub(super) fn text_width(letters: usize) -> f64 {
    letters as f64 * LETTER
}

/// The lines of a presentation's box.
pub(super) fn labels(step: &Step) -> Vec<String> {
    let StepKind::Show { inputs, until, passes } = &step.kind else { return vec![described(step)] };
    let mut lines: Vec<String> = match (passes, inputs.is_empty()) {
        (true, _) => vec!["as before".to_string()],
        (_, true) => vec!["rest".to_string()],
        _ => inputs.iter().take(3).map(|(value, on)| format!("{value} → {on}")).collect(),
    };
    if inputs.len() > 3 && !passes {
        lines.push(format!("and {} more", inputs.len() - 3));
    }
    lines.push(match until {
        Some(condition) => format!("until {condition}"),
        None => step.length.text(),
    });
    lines
}

/// How deep phases and loops lie in each other.
pub(super) fn depth(placed: &[Placed]) -> usize {
    let inside = |p: &Placed| match p.step.kind {
        StepKind::Phase { .. } | StepKind::Loop { .. } => 1 + depth(&p.body),
        _ => 0,
    };
    placed.iter().map(inside).max().unwrap_or(0)
}
