use super::clock::time;
use super::layout::{GAP, Placed, WIDTH, depth, labels, place, text_width};
use super::model::{Mark, Step, StepKind, Track};
use super::words::described;
use maud::{Markup, html};

/// The drawing of a track.
pub(super) struct Drawing {
    pub svg: Markup,
    /// Whether some times are drawn at another scale than others.
    pub broken: bool,
}

const ROW: f64 = 27.0;
const BAR: f64 = 23.0;
const LINE: f64 = 16.0;
const MARK: f64 = 18.0;
const MARGIN: f64 = 26.0;
/// How far a scale must be from that of the longest step for the axis to be broken.
const BROKEN: f64 = 1.2;

/// Where rows lie.
struct Rows {
    /// The top of presentations.
    shows: f64,
    /// Their height.
    height: f64,
}

/// A label of something that takes no time.
struct Label<'t> {
    x: f64,
    mark: Mark,
    text: &'t str,
    anchor: Option<&'t str>,
    row: usize,
}

pub(super) fn draw(track: &Track, other: &[Step]) -> Drawing {
    let placed = place(&track.steps, other);
    let width = placed.iter().map(|p| p.x + p.width).fold(0.0, f64::max).max(WIDTH);
    let lines = tallest(&placed);
    let rows = Rows { shows: depth(&placed) as f64 * ROW, height: lines as f64 * LINE + 10.0 };
    let axis = rows.shows + rows.height + 8.0;
    let (ticks, gaps) = axis_marks(&placed);
    let marks = mark_labels(&placed);
    let marked = marks.iter().map(|m| m.row + 1).max().unwrap_or(0);
    let below = axis + 24.0;
    let height = below + marked as f64 * MARK + 4.0;
    let hatch = format!("hatch-{}", track.name);
    let svg = html! {
        svg class="timeline" viewBox=(format!("{} -2 {} {}", -MARGIN, n(width + 2.0 * MARGIN), n(height + 2.0)))
            width=(n(width + 2.0 * MARGIN)) height=(n(height + 2.0)) role="group" aria-label=(format!("the {}", track.name))
        {
            defs {
                pattern id=(hatch) width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    line class="hatch" x1="0" y1="0" x2="0" y2="7" {}
                }
            }
            @for p in &placed { (shape(p, &rows, &hatch)) }
            line class="axis" x1="0" y1=(n(axis)) x2=(n(width)) y2=(n(axis)) {}
            @for (x, text) in &ticks {
                line class="axis" x1=(n(*x)) y1=(n(axis)) x2=(n(*x)) y2=(n(axis + 5.0)) {}
                @if let Some(text) = text {
                    text class="tick" x=(n(*x)) y=(n(axis + 18.0)) text-anchor="middle" { (text) }
                }
            }
            @for x in &gaps {
                path class="gap" d=(format!("M{} {}l6 -10M{} {}l6 -10", n(x - 6.0), n(axis + 5.0), n(*x), n(axis + 5.0))) {}
            }
            @for m in &marks { (mark(m, below)) }
        }
    };
    Drawing { svg, broken: !gaps.is_empty() }
}

/// A number of a drawing, to a tenth.
fn n(v: f64) -> String {
    let text = format!("{v:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

fn tallest(placed: &[Placed]) -> usize {
    let lines = |p: &Placed| match &p.step.kind {
        StepKind::Show { .. } => labels(p.step).len(),
        StepKind::Mark(..) => 0,
        _ => tallest(&p.body),
    };
    placed.iter().map(lines).max().unwrap_or(0).max(2)
}

fn shape(p: &Placed, rows: &Rows, hatch: &str) -> Markup {
    let top = p.depth as f64 * ROW;
    let width = (p.width - GAP).max(1.0);
    let said = described(p.step);
    match &p.step.kind {
        StepKind::Phase { name, frozen, replaced, body: _ } => {
            let class = if *replaced { "phase replaced" } else { "phase" };
            let label = frozen.as_ref().map_or_else(|| name.clone(), |f| format!("{name} · {f}"));
            html! {
                (linked(p, html! {
                    g class=(class) tabindex=[p.step.anchor.is_none().then_some("0")] role="img" aria-label=(said) {
                        title { (said) }
                        rect x=(n(p.x)) y=(n(top)) width=(n(width)) height=(BAR) rx="4" {}
                        @if frozen.is_some() {
                            rect class="frozen" x=(n(p.x)) y=(n(top)) width=(n(width)) height=(BAR) rx="4" fill=(format!("url(#{hatch})")) {}
                        }
                        text x=(n(p.x + 8.0)) y=(n(top + 16.0)) { (fitted(&label, (width - 12.0) / 1.1)) }
                    }
                }))
                @for inner in &p.body { (shape(inner, rows, hatch)) }
            }
        }
        StepKind::Loop { words, rounds, .. } => {
            let label = rounds.as_ref().map_or_else(
                || words.clone(),
                |r| match words.starts_with("repeat") {
                    true => words.clone(),
                    false => format!("{words} {r}"),
                },
            );
            let y = top + 12.0;
            let text = fitted(&label, width - 24.0);
            let wide = text_width(text.chars().count()) + 8.0;
            let middle = p.x + width / 2.0;
            html! {
                (linked(p, html! {
                    g class="loop" tabindex=[p.step.anchor.is_none().then_some("0")] role="img" aria-label=(said) {
                        title { (said) }
                        path d=(format!(
                            "M{} {}v-8H{}M{} {}H{}v8",
                            n(p.x + 1.0), n(y + 8.0), n((middle - wide / 2.0).max(p.x + 1.0)),
                            n((middle + wide / 2.0).min(p.x + width - 1.0)), n(y), n(p.x + width - 1.0),
                        )) {}
                        text x=(n(middle)) y=(n(y + 4.0)) text-anchor="middle" { (text) }
                    }
                }))
                @for inner in &p.body { (shape(inner, rows, hatch)) }
            }
        }
        StepKind::Show { inputs, passes, .. } => {
            let class = match (passes, inputs.is_empty()) {
                (true, _) => "show passes",
                (_, true) => "show rest",
                _ => "show",
            };
            linked(
                p,
                html! {
                    g class=(class) tabindex=[p.step.anchor.is_none().then_some("0")] role="img" aria-label=(said) {
                        title { (said) }
                        rect x=(n(p.x)) y=(n(rows.shows)) width=(n(width)) height=(n(rows.height)) rx="4" {}
                        @for (i, line) in labels(p.step).iter().enumerate() {
                            text x=(n(p.x + 8.0)) y=(n(rows.shows + 17.0 + i as f64 * LINE)) { (fitted(line, width - 12.0)) }
                        }
                    }
                },
            )
        }
        StepKind::Mark(..) => html! {},
    }
}

/// A shape as a link to its line.
fn linked(p: &Placed, shape: Markup) -> Markup {
    html! {
        @match &p.step.anchor {
            Some(anchor) => a href=(format!("#{anchor}")) { (shape) },
            None => (shape),
        }
    }
}

/// A text cut to a width.
fn fitted(text: &str, width: f64) -> String {
    let room = (width / text_width(1)).floor().max(1.0) as usize;
    if text.chars().count() <= room {
        return text.to_string();
    }
    let cut: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// The times at the ends of the outermost steps, where they are known and have room; and where the scale changes.
fn axis_marks(placed: &[Placed]) -> (Vec<(f64, Option<String>)>, Vec<f64>) {
    let timed: Vec<&Placed> = placed.iter().filter(|p| p.width > 0.0).collect();
    let longest = timed.iter().max_by(|a, b| a.step.length.typical().total_cmp(&b.step.length.typical()));
    let reference = longest.and_then(|p| p.scale);
    let mut ticks: Vec<(f64, Option<String>)> = vec![(0.0, Some("0 s".to_string()))];
    let mut now = Some(0.0);
    let mut end = text_width(3) / 2.0;
    let mut gaps = Vec::new();
    for p in &timed {
        now = now.and_then(|t| Some(t + p.step.length.known()?));
        let x = p.x + p.width - GAP;
        let text = now.map_or_else(|| "?".to_string(), time);
        let half = text_width(text.chars().count()) / 2.0;
        let fits = x - half > end + 6.0;
        if fits {
            end = x + half;
        }
        ticks.push((x, fits.then_some(text)));
        let off = match (p.scale, reference) {
            (Some(own), Some(reference)) => own / reference > BROKEN || reference / own > BROKEN,
            _ => false,
        };
        if off {
            gaps.push(p.x + (p.width - GAP) / 2.0);
        }
    }
    (ticks, gaps)
}

/// Everything that takes no time, with a row for each label so that none covers another.
fn mark_labels<'t>(placed: &[Placed<'t>]) -> Vec<Label<'t>> {
    let mut found = Vec::new();
    gather(placed, &mut found);
    let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
    for label in &mut found {
        let wide = text_width(label.text.chars().count()) + 20.0;
        let (from, to) = extent(label, wide);
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|(a, b)| to < *a || from > *b);
        let row = rows.iter().position(free).unwrap_or_else(|| {
            rows.push(Vec::new());
            rows.len() - 1
        });
        rows[row].push((from, to));
        label.row = row;
    }
    found
}

/// Probes read what has just passed and stand at its end; the others say how it goes on.
fn extent(label: &Label, wide: f64) -> (f64, f64) {
    match label.mark {
        Mark::Probe if label.x > wide => (label.x - wide, label.x + 6.0),
        _ => (label.x - 6.0, label.x + wide),
    }
}

fn gather<'t>(placed: &[Placed<'t>], found: &mut Vec<Label<'t>>) {
    for p in placed {
        match &p.step.kind {
            StepKind::Mark(mark, text) => {
                let x = if *mark == Mark::Probe { (p.x - GAP).max(0.0) } else { p.x };
                found.push(Label { x, mark: *mark, text, anchor: p.step.anchor.as_deref(), row: 0 });
            }
            _ => gather(&p.body, found),
        }
    }
}

/// The sign and the name of what takes no time.
fn sign(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Probe => ("◆", "probe"),
        Mark::Teach => ("▲", "teach"),
        Mark::Set => ("■", "set"),
        Mark::Pick => ("●", "pick"),
    }
}

/// The signs that stand in some tracks.
pub(super) fn signs(tracks: &[Track]) -> Vec<(&'static str, &'static str)> {
    fn holds(steps: &[Step], mark: Mark) -> bool {
        steps.iter().any(|s| match &s.kind {
            StepKind::Mark(m, _) => *m == mark,
            StepKind::Phase { body, .. } | StepKind::Loop { body, .. } => holds(body, mark),
            StepKind::Show { .. } => false,
        })
    }
    let all = [Mark::Probe, Mark::Teach, Mark::Set, Mark::Pick];
    all.into_iter().filter(|m| tracks.iter().any(|t| holds(&t.steps, *m))).map(sign).collect()
}

fn mark(label: &Label, below: f64) -> Markup {
    let y = below + label.row as f64 * MARK + 10.0;
    let (sign, word) = sign(label.mark);
    let word = if label.mark == Mark::Probe { format!("{word} ") } else { String::new() };
    let said = format!("{word}{}", label.text);
    let wide = text_width(label.text.chars().count()) + 20.0;
    let ends_here = label.mark == Mark::Probe && label.x > wide;
    let (x, anchor) = if ends_here { (label.x - 9.0, "end") } else { (label.x + 9.0, "start") };
    let drawn = html! {
        g class="point" tabindex=[label.anchor.is_none().then_some("0")] role="img" aria-label=(said) {
            title { (said) }
            line x1=(n(label.x)) y1=(n(below - 3.0)) x2=(n(label.x)) y2=(n(y - 9.0)) {}
            text class="sign" x=(n(label.x)) y=(n(y)) text-anchor="middle" { (sign) }
            text x=(n(x)) y=(n(y)) text-anchor=(anchor) { (label.text) }
        }
    };
    html! {
        @match label.anchor {
            Some(anchor) => a href=(format!("#{anchor}")) { (drawn) },
            None => (drawn),
        }
    }
}
