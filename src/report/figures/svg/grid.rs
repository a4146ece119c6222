use super::page::{LABEL, MARGIN, SMALL, WIDTH, frame};
use super::text;
use super::writer::{Anchor, Ink, Stroke, Writer};
use crate::report::figures::model::{Content, Figure, Grid};
use crate::report::figures::palette;

/// The room that a panel of an image takes at most.
const LARGEST: f64 = 300.0;

/// Beyond this many cells a grid is a picture inside the drawing.
const CELLS: usize = 1600;

/// A picture has no more points than these to each side.
const POINTS: usize = 1024;

/// All panels of an image with their common scale; gives where they end.
pub(super) fn grids(w: &mut Writer, figure: &Figure, top: f64) -> f64 {
    let grids: Vec<(&str, &Grid)> = figure
        .panels
        .iter()
        .filter_map(|p| match &p.content {
            Content::Grid(g) => Some((p.title.as_str(), g)),
            Content::Chart(_) => None,
        })
        .collect();
    let Some((_, first)) = grids.first() else { return top };
    // room for names of rows and for the scale on the right
    let left = first
        .row_names
        .as_ref()
        .map_or(0.0, |n| n.iter().map(|n| text::width(&short(n), SMALL)).fold(0.0, f64::max))
        + LABEL
        + 8.0;
    let numbers = first.scale.ticks.iter().map(|t| text::width(&t.text, SMALL)).fold(0.0, f64::max);
    let bar = 14.0 + 8.0 + numbers + LABEL + 14.0;
    let room = WIDTH - 2.0 * MARGIN - bar;
    let columns = match (figure.columns, grids.len()) {
        (n @ 2..=8, _) => n,
        (_, n @ 1..=4) => n,
        (_, n) => n.min(5),
    };
    let gap = 12.0;
    let share = (room - left - gap * (columns - 1) as f64) / columns as f64;
    let cell = (share.min(LARGEST) / first.columns as f64).min(LARGEST / first.rows.max(1) as f64);
    // far from square, cells are stretched so that they can be seen
    let (cw, ch) = (
        cell.max(share.min(LARGEST) / first.columns as f64 * 0.999).min(cell * 12.0),
        cell.max(14.0 / first.rows as f64),
    );
    let (wide, high) = (cw * first.columns as f64, ch * first.rows as f64);
    let titled = grids.iter().any(|(title, _)| !title.is_empty());
    let head = if titled { LABEL + 6.0 } else { 4.0 };
    let foot = SMALL + LABEL + 12.0;
    let mut y = top;
    let mut right: f64 = 0.0;
    for (k, row) in grids.chunks(columns).enumerate() {
        for (i, (title, grid)) in row.iter().enumerate() {
            let index = k * columns + i;
            let x = MARGIN + left + i as f64 * (wide + gap);
            let title = text::fitted(title, LABEL, wide + gap - 4.0);
            w.text((x, y + LABEL), LABEL, Anchor::Start, Ink::Text(1.0), &title);
            w.open(&format!(
                "g class=\"plast-panel\" data-area=\"{x:.2} {:.2} {wide:.2} {high:.2}\"",
                y + head
            ));
            cells(w, grid, (x, y + head), (cw, ch));
            w.close("g");
            names(w, grid, (x, y + head), (cw, ch), i == 0, columns + index >= grids.len());
            right = right.max(x + wide);
        }
        let last = (k + 1) * columns >= grids.len();
        y += head + high + if last || first.column_names.is_some() { foot } else { 8.0 };
    }
    scale(w, first, (right + 18.0, top + head), high.max(120.0).min(y - top - head));
    y.max(top + head + 120.0)
}

fn cells(w: &mut Writer, g: &Grid, (x, y): (f64, f64), (cw, ch): (f64, f64)) {
    let (wide, high) = (cw * g.columns as f64, ch * g.rows as f64);
    if g.values.len() > CELLS
        && let Some(png) = picture(g)
    {
        w.picture((x, y, wide, high), &png);
    } else {
        for (i, v) in g.values.iter().enumerate() {
            let (row, column) = (i / g.columns, i % g.columns);
            // a hair wider, so that no light shines through between cells
            let place = (x + column as f64 * cw, y + row as f64 * ch, cw + 0.3, ch + 0.3);
            match v.is_finite() {
                true => w.rect(place, Ink::Color(palette::shade(g.scale.place(*v), g.signed), 1.0), None),
                false => w.line(
                    (place.0 + 1.0, place.1 + ch - 1.0),
                    (place.0 + cw - 1.0, place.1 + 1.0),
                    Stroke::thin(Ink::Text(0.3)),
                ),
            }
        }
    }
    w.rect((x, y, wide, high), Ink::None, Some(frame()));
}

/// The grid as a PNG of one point for each cell, or for each block of cells where there are many: their mean.
fn picture(g: &Grid) -> Option<Vec<u8>> {
    let (by_row, by_column) = (g.rows.div_ceil(POINTS), g.columns.div_ceil(POINTS));
    let (rows, columns) = (g.rows.div_ceil(by_row), g.columns.div_ceil(by_column));
    let mut data = Vec::with_capacity(rows * columns * 4);
    for r in 0..rows {
        for c in 0..columns {
            let mean = g.mean(r * by_row..(r + 1) * by_row, c * by_column..(c + 1) * by_column);
            let known = mean.is_finite();
            let (r, g, b) = palette::shade(g.scale.place(if known { mean } else { 0.0 }), g.signed);
            data.extend([r, g, b, if known { 255 } else { 0 }]);
        }
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, columns as u32, rows as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&data).ok()?;
    drop(writer);
    Some(out)
}

/// Names of rows and columns, of places where they have names: those of the axes only once on the left and below.
fn names(w: &mut Writer, g: &Grid, (x, y): (f64, f64), (cw, ch): (f64, f64), leftmost: bool, lowest: bool) {
    let (wide, high) = (cw * g.columns as f64, ch * g.rows as f64);
    let mut below = y + high + 4.0;
    let every =
        |n: usize, step: f64, room: f64| (room * n as f64 / (step * n as f64)).ceil().max(1.0) as usize;
    if let Some(names) = &g.column_names {
        let names: Vec<String> = names.iter().map(|n| short(n)).collect();
        let widest = names.iter().map(|n| text::width(n, SMALL)).fold(0.0, f64::max) + 6.0;
        for (i, name) in names.iter().enumerate().step_by(every(names.len(), cw, widest)) {
            let middle = x + (i as f64 + 0.5) * cw;
            w.text((middle, below + SMALL), SMALL, Anchor::Middle, Ink::Text(0.85), name);
        }
        below += SMALL + 3.0;
    }
    if lowest {
        let name = text::fitted(&g.column, LABEL, wide + 20.0);
        w.text((x + wide / 2.0, below + LABEL), LABEL, Anchor::Middle, Ink::Text(1.0), &name);
    }
    if !leftmost {
        return;
    }
    let mut beside = x - 5.0;
    if let Some(names) = &g.row_names {
        let names: Vec<String> = names.iter().map(|n| short(n)).collect();
        for (i, name) in names.iter().enumerate().step_by(every(names.len(), ch, SMALL + 2.0)) {
            let middle = y + (i as f64 + 0.5) * ch;
            w.text((beside, middle + 0.35 * SMALL), SMALL, Anchor::End, Ink::Text(0.85), name);
        }
        beside -= names.iter().map(|n| text::width(n, SMALL)).fold(0.0, f64::max) + 3.0;
    }
    w.turned(
        (beside, y + high / 2.0),
        LABEL,
        Anchor::Middle,
        Ink::Text(1.0),
        &text::fitted(&g.row, LABEL, high + 20.0),
        -90.0,
    );
}

/// A name of a row or a column in the room that these have.
fn short(name: &str) -> String {
    text::fitted(name, SMALL, 110.0)
}

/// The colour bar.
fn scale(w: &mut Writer, g: &Grid, (x, y): (f64, f64), high: f64) {
    const STEPS: usize = 64;
    let step = high / STEPS as f64;
    for i in 0..STEPS {
        let color = palette::shade(1.0 - (i as f64 + 0.5) / STEPS as f64, g.signed);
        w.rect((x, y + i as f64 * step, 14.0, step + 0.3), Ink::Color(color, 1.0), None);
    }
    w.rect((x, y, 14.0, high), Ink::None, Some(frame()));
    let mut widest: f64 = 0.0;
    for tick in &g.scale.ticks {
        let place = y + (1.0 - g.scale.place(tick.at)) * high;
        w.line((x + 14.0, place), (x + 18.0, place), Stroke::thin(Ink::Text(0.35)));
        w.text((x + 21.0, place + 0.35 * SMALL), SMALL, Anchor::Start, Ink::Text(0.85), &tick.text);
        widest = widest.max(text::width(&tick.text, SMALL));
    }
    let middle = (x + 21.0 + widest + LABEL + 2.0, y + high / 2.0);
    let said = if g.scale.unit.is_empty() { String::new() } else { g.scale.unit.clone() };
    w.turned(middle, LABEL, Anchor::Middle, Ink::Text(1.0), &said, -90.0);
}
