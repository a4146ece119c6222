use super::Terminal;
use super::paint;
use crate::report::figures::model::{Content, Figure, Grid};
use crate::report::figures::palette;

/// From little to much where there are no colours.
const BLOCKS: [char; 5] = [' ', '░', '▒', '▓', '█'];
const ASCII: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];

/// Rows of a panel at most, in characters.
const ROWS: usize = 24;

/// All panels of an image, beside each other as far as there is room, and their scale.
pub(super) fn lines(figure: &Figure, terminal: &Terminal) -> Vec<String> {
    let panels: Vec<(&str, Vec<String>, usize)> = figure
        .panels
        .iter()
        .filter_map(|p| match &p.content {
            Content::Grid(g) => {
                let (lines, width) = panel(g, terminal);
                Some((p.title.as_str(), lines, width))
            }
            Content::Chart(_) => None,
        })
        .collect();
    let mut out = Vec::new();
    let mut rest = panels.as_slice();
    while !rest.is_empty() {
        let mut used = 2;
        let fit = rest
            .iter()
            .take_while(|(title, _, width)| {
                used += width.max(&title.chars().count()) + 2;
                used <= terminal.width + 2
            })
            .count()
            .max(1);
        let (row, after) = rest.split_at(fit);
        rest = after;
        let width = |(title, _, width): &(&str, Vec<String>, usize)| {
            (*width).max(title.chars().count().min(terminal.width - 2))
        };
        if row.iter().any(|(title, ..)| !title.is_empty()) {
            let titles: Vec<_> = row
                .iter()
                .map(|p| format!("{:<1$}", paint::cut(&paint::plain(p.0, terminal), width(p)), width(p)))
                .collect();
            out.push(format!("  {}", titles.join("  ")));
        }
        let height = row.iter().map(|p| p.1.len()).max().unwrap_or(0);
        for i in 0..height {
            let parts: Vec<_> = row
                .iter()
                .map(|p| match p.1.get(i) {
                    Some(line) => line.clone() + &" ".repeat(width(p) - p.2),
                    None => " ".repeat(width(p)),
                })
                .collect();
            out.push(format!("  {}", parts.join("  ")));
        }
    }
    if let Some(Content::Grid(g)) = figure.panels.first().map(|p| &p.content) {
        out.push(scale(g, terminal));
    }
    out
}

/// One panel with a frame, and how wide it is.
fn panel(g: &Grid, terminal: &Terminal) -> (Vec<String>, usize) {
    // two lines of cells in one line of characters where there are colours, two characters a cell where there is room
    let most = terminal.width.saturating_sub(6).max(4);
    let halves = terminal.color && terminal.unicode;
    let wide = if g.columns * 2 <= most.min(64) && !halves { 2 } else { 1 };
    let by_column = g.columns.div_ceil(most / wide).max(1);
    let by_row = g.rows.div_ceil(if halves { 2 * ROWS } else { ROWS }).max(1);
    let (rows, columns) = (g.rows.div_ceil(by_row), g.columns.div_ceil(by_column));
    let block = |r: usize, c: usize| g.mean(r * by_row..(r + 1) * by_row, c * by_column..(c + 1) * by_column);
    let (h, v, corners) =
        if terminal.unicode { ('─', '│', ['┌', '┐', '└', '┘']) } else { ('-', '|', ['+'; 4]) };
    let edge: String = std::iter::repeat_n(h, columns * wide).collect();
    let mut lines = vec![format!("{}{edge}{}", corners[0], corners[1])];
    let step = if halves { 2 } else { 1 };
    for r in (0..rows).step_by(step) {
        let mut line = String::new();
        for c in 0..columns {
            let value = block(r, c);
            line.push_str(&match halves {
                true => {
                    let below = if r + 1 < rows { block(r + 1, c) } else { f64::NAN };
                    half(g, value, below, terminal)
                }
                false => std::iter::repeat_n(shade(g, value, terminal), wide).collect(),
            });
        }
        lines.push(format!("{v}{line}{v}"));
    }
    lines.push(format!("{}{edge}{}", corners[2], corners[3]));
    (lines, columns * wide + 2)
}

fn half(g: &Grid, above: f64, below: f64, terminal: &Terminal) -> String {
    let color = |v: f64| palette::shade(g.scale.place(v), g.signed);
    match (above.is_finite(), below.is_finite()) {
        (true, true) => paint::two_colored("▀", color(above), color(below)),
        (true, false) => paint::colored("▀", color(above), terminal),
        (false, true) => paint::colored("▄", color(below), terminal),
        (false, false) => " ".to_string(),
    }
}

fn shade(g: &Grid, value: f64, terminal: &Terminal) -> char {
    if !value.is_finite() {
        return if terminal.unicode { '╱' } else { '/' };
    }
    let signs: &[char] = if terminal.unicode { &BLOCKS } else { &ASCII };
    let place = g.scale.place(value).clamp(0.0, 1.0);
    signs[((place * signs.len() as f64) as usize).min(signs.len() - 1)]
}

/// What the colours or signs mean.
fn scale(g: &Grid, terminal: &Terminal) -> String {
    let ends = |v: f64| paint::plain(&crate::units::format_number(v, 3), terminal);
    let unit = if g.scale.unit.is_empty() {
        String::new()
    } else {
        format!(" {}", paint::plain(&g.scale.unit, terminal))
    };
    let steps = (terminal.width / 3).min(20);
    let bar: String = (0..steps)
        .map(|i| {
            let value = g.scale.lo + (g.scale.hi - g.scale.lo) * (i as f64 + 0.5) / steps as f64;
            match terminal.color {
                true => {
                    let sign = if terminal.unicode { "█" } else { "#" };
                    paint::colored(sign, palette::shade(g.scale.place(value), g.signed), terminal)
                }
                false => shade(g, value, terminal).to_string(),
            }
        })
        .collect();
    let (row, column) = (paint::plain(&g.row, terminal), paint::plain(&g.column, terminal));
    let axes = if row.is_empty() { column } else { format!("rows {row}, columns {column}") };
    let (lo, hi) = (ends(g.scale.lo), ends(g.scale.hi));
    let room =
        terminal.width.saturating_sub(lo.len() + hi.chars().count() + unit.chars().count() + steps + 7);
    format!("  {lo} {bar} {hi}{unit}   {}", paint::cut(&axes, room))
}
