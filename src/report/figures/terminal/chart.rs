use super::Terminal;
use super::canvas::Canvas;
use super::paint;
use crate::report::figures::decimate::decimated;
use crate::report::figures::model::{Chart, Curve, Figure, Shape};
use crate::report::figures::palette;

/// Rows of a chart.
const ROWS: usize = 12;

/// Signs of curves where there are no dots.
const SIGNS: [char; 7] = ['*', 'o', '+', 'x', '#', '@', '%'];

/// A chart with its axes.
pub(super) fn lines(c: &Chart, terminal: &Terminal) -> Vec<String> {
    let ticks = y_ticks(c);
    let left = ticks.iter().map(|(_, t)| t.chars().count()).max().unwrap_or(0) + 1;
    let columns = terminal.width.saturating_sub(left + 3).clamp(10, 100);
    let mut canvas = Canvas::new(columns, ROWS, terminal.unicode);
    marks(&mut canvas, c);
    for curve in &c.curves {
        draw(&mut canvas, c, curve);
    }
    if terminal.unicode && c.curves.len() > 1 {
        c.curves.iter().for_each(|curve| signs(&mut canvas, c, curve));
    }
    let (corner, bar, dash) = if terminal.unicode { ('└', '│', '─') } else { ('+', '|', '-') };
    let mut out = Vec::new();
    let caption = paint::plain(&c.y.caption(), terminal);
    out.push(paint::cut(&format!("{:>left$} {caption}", ""), terminal.width));
    for (row, line) in canvas.lines(terminal).into_iter().enumerate() {
        let tick = ticks.iter().find(|t| t.0 == row).map_or("", |t| t.1.as_str());
        out.push(format!("{:>left$} {bar}{line}", paint::plain(tick, terminal)));
    }
    let axis: String = std::iter::repeat_n(dash, columns).collect();
    out.push(format!("{:>left$} {corner}{axis}", ""));
    out.push(format!("{:>left$}  {}", "", x_numbers(c, columns, terminal)));
    let phases = phases(c, columns, terminal);
    if !phases.trim().is_empty() {
        out.push(paint::faint(&format!("{:>left$}  {phases}", ""), terminal));
    }
    out
}

/// The rows that have a number, with it.
fn y_ticks(c: &Chart) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    for tick in &c.y.ticks {
        let row = ((1.0 - c.y.place(tick.at)) * (ROWS - 1) as f64).round() as usize;
        if !out.iter().any(|t| t.0.abs_diff(row) < 2) {
            out.push((row.min(ROWS - 1), tick.text.clone()));
        }
    }
    out
}

/// Numbers below the horizontal axis, its name at the end.
fn x_numbers(c: &Chart, columns: usize, terminal: &Terminal) -> String {
    let mut line = vec![' '; columns + 2];
    let name = paint::plain(&c.x.caption(), terminal);
    let name: Vec<char> = paint::cut(&name, columns / 3).chars().collect();
    let mut free = 0;
    let end = columns.saturating_sub(name.len() + 1);
    for tick in &c.x.ticks {
        let text: Vec<char> = paint::plain(&tick.text, terminal).chars().collect();
        let middle = (c.x.place(tick.at) * (columns - 1) as f64).round() as usize;
        let from = middle.saturating_sub(text.len() / 2);
        if from < free || from + text.len() > end {
            continue;
        }
        for (i, ch) in text.iter().enumerate() {
            line[from + i] = *ch;
        }
        free = from + text.len() + 2;
    }
    for (i, ch) in name.iter().enumerate() {
        line[columns - name.len() + i] = *ch;
    }
    line.into_iter().collect::<String>().trim_end().to_string()
}

/// The names of phases where they begin.
fn phases(c: &Chart, columns: usize, terminal: &Terminal) -> String {
    let mut line = vec![' '; columns];
    let mut free = 0;
    let mut before = "";
    for shade in &c.phases {
        let from = (c.x.place(shade.from) * columns as f64) as usize;
        let begin = if terminal.unicode { '▏' } else { '|' };
        let text: Vec<char> = std::iter::once(begin).chain(shade.name.chars()).collect();
        if shade.name == before || from < free || from + text.len() > columns {
            continue;
        }
        before = &shade.name;
        for (i, ch) in text.iter().enumerate() {
            line[from + i] = *ch;
        }
        free = from + text.len() + 1;
    }
    line.into_iter().collect::<String>().trim_end().to_string()
}

fn sign(curve: &Curve) -> char {
    if curve.control { '.' } else { SIGNS[curve.color.0 % SIGNS.len()] }
}

/// The sign of a curve among dots, as in the drawing: another one for each colour, hollow for the control.
fn mark(curve: &Curve) -> char {
    const FULL: [char; 5] = ['●', '■', '▲', '◆', '▼'];
    const HOLLOW: [char; 5] = ['○', '□', '△', '◇', '▽'];
    if curve.control { HOLLOW[curve.color.0 % 5] } else { FULL[curve.color.0 % 5] }
}

/// A few signs on each curve, so that curves are told apart where colours are not.
fn signs(canvas: &mut Canvas, c: &Chart, curve: &Curve) {
    let (width, height) = canvas.size();
    let shift = (curve.color.0 % 5) as f64 / 5.0 + if curve.control { 0.1 } else { 0.0 };
    for k in 0..4 {
        let x = c.x.lo + (c.x.hi - c.x.lo) * (f64::from(k) + 0.2 + 0.6 * shift) / 4.0;
        let after = curve.x.partition_point(|at| *at < x);
        if let (Some(at), Some(v)) = (curve.x.get(after), curve.y.get(after))
            && v.is_finite()
        {
            let to = |place: f64, n: usize| (place * (n - 1) as f64).round().clamp(-1e6, 1e6) as i64;
            let place = (to(c.x.place(*at), width), to(1.0 - c.y.place(*v), height));
            canvas.sign(place.0, place.1, mark(curve), Some(palette::curve(curve.color)));
        }
    }
}

fn draw(canvas: &mut Canvas, c: &Chart, curve: &Curve) {
    let (width, height) = canvas.size();
    let at = |(x, y): (f64, f64)| {
        let to = |place: f64, n: usize| (place * (n - 1) as f64).round().clamp(-1e6, 1e6) as i64;
        (to(c.x.place(x), width), to(1.0 - c.y.place(y), height))
    };
    let (sign, color) = (sign(curve), Some(palette::curve(curve.color)));
    if curve.shape == Shape::Steps {
        for (edges, y) in curve.x.windows(2).zip(&curve.y) {
            let (left, right) = (at((edges[0], *y)), at((edges[1], *y)));
            canvas.line(left, right, sign, color);
            canvas.line(left, at((edges[0], 0.0)), sign, color);
            canvas.line(right, at((edges[1], 0.0)), sign, color);
        }
        return;
    }
    if let Some((least, largest)) = &curve.range {
        for edge in [least, largest] {
            let pieces = decimated(&curve.x, edge, c.x.lo, c.x.hi, width);
            for p in pieces.iter().flatten().step_by(3) {
                let (x, y) = at(*p);
                canvas.dot(x, y, '.', color);
            }
        }
    }
    if let Some(error) = &curve.error {
        for ((x, y), e) in curve.x.iter().zip(&curve.y).zip(error).filter(|(_, e)| e.is_finite()) {
            canvas.line(at((*x, y - e)), at((*x, y + e)), '|', color);
        }
    }
    let pieces = decimated(&curve.x, &curve.y, c.x.lo, c.x.hi, width);
    for piece in &pieces {
        match curve.shape {
            Shape::Points => piece.iter().for_each(|p| {
                let (x, y) = at(*p);
                canvas.sign(x, y, if canvas.unicode() { mark(curve) } else { sign }, color);
            }),
            _ => {
                if let [only] = piece.as_slice() {
                    let (x, y) = at(*only);
                    canvas.dot(x, y, sign, color);
                }
                for (i, pair) in piece.windows(2).enumerate() {
                    // the control in dashes
                    if !curve.control || i % 2 == 0 || piece.len() < 12 {
                        canvas.line(at(pair[0]), at(pair[1]), sign, color);
                    }
                }
            }
        }
    }
}

/// What is expected, as rows of single dots.
fn marks(canvas: &mut Canvas, c: &Chart) {
    let (width, height) = canvas.size();
    for mark in &c.marks {
        let x = |v: f64| (c.x.place(v).clamp(0.0, 1.0) * (width - 1) as f64).round() as i64;
        if mark.y == (f64::NEG_INFINITY, f64::INFINITY) {
            let color = mark.color.map(palette::curve);
            (0..height).step_by(2).for_each(|y| canvas.dot(x(mark.x.0), y as i64, ':', color));
            continue;
        }
        for end in [mark.y.0, mark.y.1].into_iter().filter(|y| y.is_finite()) {
            let place = 1.0 - c.y.place(end);
            if !(0.0..=1.0).contains(&place) {
                continue;
            }
            let y = (place * (height - 1) as f64).round() as i64;
            let (from, to) = (x(mark.x.0), x(mark.x.1));
            let (from, to) = if to - from < 6 { (from - 3, from + 3) } else { (from, to) };
            for x in (from..=to).step_by(if to - from > 8 { 4 } else { 1 }) {
                canvas.dot(x, y, ':', None);
            }
        }
    }
}

/// The names of the curves, as many beside each other as there is room for.
pub(super) fn key(figure: &Figure, terminal: &Terminal) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for curve in figure.key() {
        let name = paint::cut(&paint::plain(&curve.name, terminal), terminal.width.saturating_sub(6));
        let sample = match (terminal.unicode, curve.shape) {
            (false, _) => sign(curve).to_string(),
            (true, Shape::Points | Shape::Steps | Shape::Bars) => mark(curve).to_string(),
            (true, _) => format!("{0}{1}{0}", if curve.control { '╌' } else { '─' }, mark(curve)),
        };
        let width = sample.chars().count() + name.chars().count() + 3;
        let entry = format!("  {} {name}", paint::colored(&sample, palette::curve(curve.color), terminal));
        match lines.last_mut() {
            Some((line, used)) if *used + width <= terminal.width => {
                line.push_str(&entry);
                *used += width;
            }
            _ => lines.push((entry, width)),
        }
    }
    lines.into_iter().map(|l| l.0).collect()
}
