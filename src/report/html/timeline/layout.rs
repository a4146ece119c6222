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

/// A step beside the one that stands in its place in the other run, so that both are drawn alike.
type Pair<'t> = (&'t Step, Option<&'t Step>);

fn pairs<'t>(steps: &'t [Step], twins: &'t [Step]) -> Vec<Pair<'t>> {
    let alike = |a: &Step, b: &Step| std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind);
    let same = steps.len() == twins.len() && steps.iter().zip(twins).all(|(a, b)| alike(a, b));
    steps.iter().enumerate().map(|(i, s)| (s, if same { twins.get(i) } else { None })).collect()
}

fn body(step: &Step) -> &[Step] {
    match &step.kind {
        StepKind::Phase { body, .. } | StepKind::Loop { body, .. } => body,
        _ => &[],
    }
}

fn inside<'t>((step, twin): Pair<'t>) -> Vec<Pair<'t>> {
    pairs(body(step), twin.map_or(&[], body))
}

/// Puts steps side by side on one scale; what would be too narrow for its words gets the room that these need.
pub(super) fn place<'t>(steps: &'t [Step], twins: &'t [Step]) -> Vec<Placed<'t>> {
    let pairs = pairs(steps, twins);
    let total = |scale: f64| pairs.iter().map(|p| width(*p, scale)).sum::<f64>();
    // the largest scale, in pixels a second, at which everything has room
    let (mut low, mut high) = (0.0, 1e9);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        *(if total(middle) <= WIDTH { &mut low } else { &mut high }) = middle;
    }
    let mut x = 0.0;
    pairs.iter().map(|p| one(*p, &mut x, low, 0)).collect()
}

fn one<'t>(pair: Pair<'t>, x: &mut f64, scale: f64, depth: usize) -> Placed<'t> {
    let (step, _) = pair;
    let (start, width) = (*x, width(pair, scale));
    let inner = inner_scale(step, scale);
    let body = inside(pair).into_iter().map(|p| one(p, x, inner, depth + 1)).collect();
    *x = start + width;
    let seconds = step.length.typical();
    Placed { step, x: start, width, depth, scale: (seconds > 0.0).then(|| width / seconds), body }
}

/// The scale of what is drawn once and happens many times.
fn inner_scale(step: &Step, scale: f64) -> f64 {
    let inner: f64 = body(step).iter().map(|s| s.length.typical()).sum();
    if inner > 0.0 { scale * step.length.typical() / inner } else { 0.0 }
}

fn width(pair: Pair, scale: f64) -> f64 {
    let (step, twin) = pair;
    let least = least(step).max(twin.map_or(0.0, least));
    match &step.kind {
        StepKind::Phase { .. } | StepKind::Loop { .. } => {
            let scale = inner_scale(step, scale);
            inside(pair).into_iter().map(|p| width(p, scale)).sum::<f64>().max(least)
        }
        StepKind::Show { .. } => (step.length.typical() * scale).max(least),
        StepKind::Mark(..) => 0.0,
    }
}

/// The room that a step's own words need.
fn least(step: &Step) -> f64 {
    match &step.kind {
        StepKind::Phase { name, frozen, .. } => {
            let label = name.chars().count() + frozen.as_ref().map_or(0, |f| f.chars().count() + 3);
            // the name is bold
            1.12 * text_width(label) + 22.0
        }
        StepKind::Loop { words, rounds, .. } => {
            let label = words.chars().count() + rounds.as_ref().map_or(0, |r| r.chars().count() + 1);
            text_width(label.min(34)) + 30.0
        }
        StepKind::Show { .. } => {
            let longest = labels(step).iter().map(|l| l.chars().count()).max().unwrap_or(0);
            (text_width(longest) + 18.0).clamp(LEAST, MOST)
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
