use super::page::{Area, LABEL, SMALL, frame};
use super::text;
use super::writer::{Anchor, Ink, Stroke, Writer, short};
use crate::report::figures::decimate::decimated;
use crate::report::figures::model::{Chart, Content, Curve, Mark, Panel, Scale, Shade, Shape, Tick};
use crate::report::figures::palette::{self, Rgb};

/// What failed is drawn in.
pub(super) const FAILED: Rgb = (0xb0, 0x30, 0x10);

/// How far the side is shaded on which values are expected.
const FRINGE: f64 = 7.0;

/// A line of names of phases.
const ROW: f64 = SMALL + 3.0;

/// Room on the left for the numbers and the name of the vertical axis.
pub(super) fn left(panel: &Panel, _columns: usize) -> f64 {
    let Content::Chart(c) = &panel.content else { return 0.0 };
    let numbers = c.y.ticks.iter().map(|t| text::width(&t.text, SMALL)).fold(0.0, f64::max);
    numbers + 10.0 + if c.y.caption().is_empty() { 0.0 } else { LABEL + 6.0 }
}

/// Room above for the title and the names of phases.
pub(super) fn head(panel: &Panel, width: f64) -> f64 {
    let Content::Chart(c) = &panel.content else { return 0.0 };
    let title = if panel.title.is_empty() { 0.0 } else { LABEL + 7.0 };
    let rows = names(c, width).iter().map(|n| n.row + 1).max().unwrap_or(0);
    title + rows as f64 * ROW + 3.0
}

/// Room below for the numbers and the name of the horizontal axis.
pub(super) fn foot(panel: &Panel) -> f64 {
    let Content::Chart(c) = &panel.content else { return 0.0 };
    SMALL + 8.0 + if c.x.caption().is_empty() { 0.0 } else { LABEL + 6.0 }
}

/// Draws a chart into an area, `first` of its row; `id` is its own on the page.
pub(super) fn chart(
    w: &mut Writer,
    c: &Chart,
    area: Area,
    first: bool,
    id: &str,
    marks: &[(String, Option<bool>)],
) {
    let at = |x: f64, y: f64| (area.x + c.x.place(x) * area.w, area.y + (1.0 - c.y.place(y)) * area.h);
    w.open(&format!(
        "g class=\"plast-panel\" data-panel=\"{}\" data-area=\"{} {} {} {}\"",
        id.rsplit('-').next().unwrap_or(""),
        short(area.x),
        short(area.y),
        short(area.w),
        short(area.h)
    ));
    w.open("g class=\"plast-phases\"");
    for shade in &c.phases {
        phase(w, c, shade, area);
    }
    w.close("g");
    for tick in &c.y.ticks {
        let (_, y) = at(c.x.lo, tick.at);
        let faint = if tick.at == 0.0 && c.y.lo < 0.0 { 0.5 } else { 0.13 };
        w.line((area.x, y), (area.x + area.w, y), Stroke::thin(Ink::Text(faint)));
        if first {
            w.text((area.x - 6.0, y + 0.35 * SMALL), SMALL, Anchor::End, Ink::Text(0.85), &tick.text);
        }
    }
    w.open("g class=\"plast-x\"");
    for tick in readable(&c.x, area.w) {
        let (x, _) = at(tick.at, c.y.lo);
        let bottom = area.y + area.h;
        if !c.x.names {
            w.line((x, bottom), (x, bottom + 4.0), Stroke::thin(Ink::Text(0.35)));
        }
        let room = if c.x.names { area.w / c.x.ticks.len().max(1) as f64 - 2.0 } else { f64::INFINITY };
        let said = text::fitted(&tick.text, SMALL, room);
        let half = text::width(&said, SMALL) / 2.0;
        // beside the edges, so that panels in a row keep their numbers apart
        let (x, anchor) = match (x - half < area.x - 6.0, x + half > area.x + area.w + 6.0) {
            (false, true) => (area.x + area.w + 6.0, Anchor::End),
            (true, false) => (area.x - 6.0, Anchor::Start),
            _ => (x, Anchor::Middle),
        };
        w.text((x, bottom + 6.0 + SMALL), SMALL, anchor, Ink::Text(0.85), &said);
    }
    w.close("g");
    w.open(&format!("clipPath id=\"clip-{id}\""));
    w.rect((area.x, area.y - 1.0, area.w, area.h + 2.0), Ink::Text(1.0), None);
    w.close("clipPath");
    w.open(&format!("g clip-path=\"url(#clip-{id})\" class=\"plast-curves\""));
    let bars: Vec<&Curve> = c.curves.iter().filter(|c| c.shape == Shape::Bars).collect();
    // what covers most lies below
    let mut order: Vec<&Curve> = c.curves.iter().collect();
    order.sort_by(|a, b| travelled(c, b).total_cmp(&travelled(c, a)));
    for curve in order {
        let index = bars.iter().position(|b| std::ptr::eq(*b, curve)).unwrap_or(0);
        let place = c.curves.iter().position(|c| std::ptr::eq(c, curve)).unwrap_or(0);
        w.open(&format!("g data-curve=\"{place}\""));
        draw(w, c, curve, area, (index, bars.len().max(1)));
        w.close("g");
    }
    for mark in &c.marks {
        expected(w, c, mark, area);
    }
    w.close("g");
    w.rect((area.x, area.y, area.w, area.h), Ink::None, Some(frame()));
    w.open("g class=\"plast-numbers\"");
    numbers(w, c, area, marks);
    w.close("g");
    let middle = area.x + area.w / 2.0;
    let caption = text::fitted(&c.x.caption(), LABEL, area.w);
    w.text((middle, area.y + area.h + SMALL + LABEL + 10.0), LABEL, Anchor::Middle, Ink::Text(1.0), &caption);
    if first {
        let place = (area.x - left_of(c), area.y + area.h / 2.0);
        let caption = text::fitted(&c.y.caption(), LABEL, area.h);
        w.turned(place, LABEL, Anchor::Middle, Ink::Text(1.0), &caption, -90.0);
    }
    w.close("g");
}

/// How far up and down a curve goes, in heights of the chart, in steps of one.
fn travelled(c: &Chart, curve: &Curve) -> f64 {
    let ways = curve.y.windows(2).map(|p| (p[1] - p[0]).abs()).filter(|d| d.is_finite());
    (ways.sum::<f64>() / (c.y.hi - c.y.lo)).floor()
}

fn left_of(c: &Chart) -> f64 {
    c.y.ticks.iter().map(|t| text::width(&t.text, SMALL)).fold(0.0, f64::max) + 14.0
}

/// The ticks whose numbers have room beside each other.
fn readable(scale: &Scale, width: f64) -> Vec<&Tick> {
    let widest = scale.ticks.iter().map(|t| text::width(&t.text, SMALL)).fold(0.0, f64::max) + 10.0;
    if scale.names && scale.ticks.len() <= 12 {
        return scale.ticks.iter().collect();
    }
    let fit = (width / widest).floor().max(1.0);
    let every = (scale.ticks.len() as f64 / fit).ceil().max(1.0) as usize;
    scale.ticks.iter().step_by(every).collect()
}

/// The name of a phase and where it stands.
struct Name<'c> {
    shade: &'c Shade,
    row: usize,
    /// From the left edge of the area.
    x: f64,
    text: String,
}

/// The names of phases in as few rows as they need; one without room is left out.
fn names(c: &Chart, width: f64) -> Vec<Name<'_>> {
    const ROWS: usize = 3;
    let mut ends = [f64::NEG_INFINITY; ROWS];
    let mut out: Vec<Name> = Vec::new();
    for shade in &c.phases {
        let (from, to) = (c.x.place(shade.from) * width, c.x.place(shade.to) * width);
        let long = text::width(&shade.name, SMALL);
        // over its stretch, and beside its beginning where that is too short
        let x = if long <= to - from { (from + to - long) / 2.0 } else { from.min(width - long).max(0.0) };
        let same = out.iter().any(|n| n.shade.name == shade.name);
        let Some(row) = (0..ROWS).find(|r| ends[*r] + 5.0 <= x) else { continue };
        if same && long > to - from {
            continue;
        }
        ends[row] = x + long;
        out.push(Name { shade, row, x, text: shade.name.clone() });
    }
    out
}

fn phase(w: &mut Writer, c: &Chart, shade: &Shade, area: Area) {
    let (from, to) = (area.x + c.x.place(shade.from) * area.w, area.x + c.x.place(shade.to) * area.w);
    let odd = c.phases.iter().position(|p| std::ptr::eq(p, shade)).unwrap_or(0) % 2 == 1;
    let ink = if odd { 0.075 } else { 0.03 };
    // as narrow as it may be, it can be seen
    let width = (to - from).max(1.2);
    w.rect((from, area.y, width, area.h), Ink::Text(if to - from < 3.0 { 0.3 } else { ink }), None);
    if shade.frozen {
        let y = area.y + 2.0;
        w.line((from, y), (from + width, y), Stroke { ink: Ink::Text(0.6), width: 2.0, dashes: &[3.0, 3.0] });
    }
    for name in names(c, area.w).iter().filter(|n| std::ptr::eq(n.shade, shade)) {
        let y = area.y - 4.0 - name.row as f64 * ROW;
        w.text((area.x + name.x, y), SMALL, Anchor::Start, Ink::Text(0.75), &name.text);
        if name.row > 0 {
            w.line((from, area.y), (from, y + 2.0), Stroke::thin(Ink::Text(0.3)));
        }
    }
}

/// How a curve is drawn: the control in dashes.
pub(super) fn stroke(c: &Curve) -> Stroke {
    let color = palette::curve(c.color);
    match c.control {
        false => Stroke { ink: Ink::Color(color, 1.0), width: 1.8, dashes: &[] },
        true => Stroke { ink: Ink::Color(color, 0.9), width: 1.4, dashes: &[5.0, 3.5] },
    }
}

fn draw(w: &mut Writer, c: &Chart, curve: &Curve, area: Area, bars: (usize, usize)) {
    let at = |(x, y): (f64, f64)| (area.x + c.x.place(x) * area.w, area.y + (1.0 - c.y.place(y)) * area.h);
    let color = palette::curve(curve.color);
    match curve.shape {
        Shape::Bars => return bar(w, c, curve, area, bars),
        Shape::Steps => return steps(w, c, curve, area),
        _ => {}
    }
    let columns = area.w.ceil() as usize;
    let thinned = |y: &[f64]| decimated(&curve.x, y, c.x.lo, c.x.hi, columns);
    if let Some((least, largest)) = &curve.range {
        for (low, high) in thinned(least).iter().zip(thinned(largest)) {
            let back = high.iter().rev();
            let around: Vec<_> = low.iter().chain(back).map(|p| at(*p)).collect();
            w.path(&[around], true, Ink::Color(color, if curve.control { 0.1 } else { 0.22 }), None, "");
        }
    }
    if let Some(error) = &curve.error {
        let points =
            curve.x.iter().zip(&curve.y).zip(error).filter(|((_, y), e)| y.is_finite() && e.is_finite());
        for ((x, y), e) in points {
            whisker(w, at((*x, y - e)), at((*x, y + e)), color);
        }
    }
    let pieces: Vec<Vec<_>> = thinned(&curve.y).iter().map(|p| p.iter().map(|p| at(*p)).collect()).collect();
    if curve.shape != Shape::Points {
        w.path(&pieces, false, Ink::None, Some(stroke(curve)), "plast-curve");
    }
    let all: Vec<(f64, f64)> = pieces.into_iter().flatten().collect();
    match curve.shape {
        Shape::Points | Shape::LineAndPoints => all.iter().for_each(|p| sign(w, *p, curve)),
        // a few signs tell curves apart where colours do not
        _ if c.curves.len() > 1 && !all.is_empty() => {
            let shift = (curve.color.0 % 5) as f64 / 5.0;
            for k in 0..4 {
                let x = area.x + area.w * (k as f64 + 0.3 + 0.5 * shift) / 4.0;
                let after = all.partition_point(|p| p.0 < x);
                if let Some(p) = all.get(after) {
                    sign(w, *p, curve);
                }
            }
        }
        _ => {}
    }
}

fn whisker(w: &mut Writer, (x, low): (f64, f64), (_, high): (f64, f64), color: Rgb) {
    let stroke = Stroke { ink: Ink::Color(color, 1.0), width: 1.2, dashes: &[] };
    w.line((x, low), (x, high), stroke);
    w.line((x - 3.0, low), (x + 3.0, low), stroke);
    w.line((x - 3.0, high), (x + 3.0, high), stroke);
}

/// The sign of a curve: another one for each colour, hollow for the control.
pub(super) fn sign(w: &mut Writer, (x, y): (f64, f64), curve: &Curve) {
    let r = 3.4;
    let around =
        |points: &[(f64, f64)]| points.iter().map(|(dx, dy)| (x + r * dx, y + r * dy)).collect::<Vec<_>>();
    let circle: Vec<(f64, f64)> =
        (0..12).map(|k| f64::from(k) * std::f64::consts::TAU / 12.0).map(|a| (a.cos(), a.sin())).collect();
    let shape = match curve.color.0 % 5 {
        0 => around(&circle),
        1 => around(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => around(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)]),
        3 => around(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        _ => around(&[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)]),
    };
    let color = palette::curve(curve.color);
    let hollow = curve.control;
    let edge = Stroke { ink: Ink::Color(color, 1.0), width: 1.2, dashes: &[] };
    w.path(
        &[shape],
        true,
        if hollow { Ink::None } else { Ink::Color(color, 1.0) },
        hollow.then_some(edge),
        "plast-sign",
    );
}

fn bar(w: &mut Writer, c: &Chart, curve: &Curve, area: Area, (index, of): (usize, usize)) {
    let step = area.w / (c.x.hi - c.x.lo);
    let width = 0.8 * step / of as f64;
    let zero = area.y + (1.0 - c.y.place(0.0)) * area.h;
    let color = palette::curve(curve.color);
    for (i, (x, y)) in curve.x.iter().zip(&curve.y).enumerate().filter(|(_, (_, y))| y.is_finite()) {
        let left = area.x + c.x.place(*x) * area.w - 0.4 * step + index as f64 * width;
        let top = area.y + (1.0 - c.y.place(*y)) * area.h;
        let (from, to) = (top.min(zero), top.max(zero));
        let gap = if of > 1 { 1.0 } else { 0.0 };
        let opacity = if curve.control { 0.3 } else { 0.75 };
        w.rect((left + gap, from, width - 2.0 * gap, to - from), Ink::Color(color, opacity), None);
        let ends = match (&curve.range, &curve.error) {
            (_, Some(error)) => Some((y - error[i], y + error[i])),
            (Some((least, largest)), None) => Some((least[i], largest[i])),
            (None, None) => None,
        };
        if let Some((low, high)) = ends.filter(|(l, h)| l.is_finite() && h.is_finite()) {
            let at = |v: f64| (left + width / 2.0, area.y + (1.0 - c.y.place(v)) * area.h);
            whisker(w, at(low), at(high), color);
        }
    }
}

fn steps(w: &mut Writer, c: &Chart, curve: &Curve, area: Area) {
    let at = |x: f64, y: f64| (area.x + c.x.place(x) * area.w, area.y + (1.0 - c.y.place(y)) * area.h);
    let mut points = vec![at(curve.x[0], 0.0)];
    for (edges, y) in curve.x.windows(2).zip(&curve.y) {
        points.extend([at(edges[0], *y), at(edges[1], *y)]);
    }
    points.push(at(curve.x[curve.x.len() - 1], 0.0));
    let color = palette::curve(curve.color);
    w.path(
        std::slice::from_ref(&points),
        true,
        Ink::Color(color, if curve.control { 0.06 } else { 0.22 }),
        None,
        "",
    );
    w.path(&[points], false, Ink::None, Some(stroke(curve)), "plast-curve");
}

/// Where a mark lies, in pixels: from the left, from the top, to the right, to the bottom.
fn extent(c: &Chart, mark: &Mark, area: Area) -> (f64, f64, f64, f64) {
    let x = |v: f64| area.x + c.x.place(v).clamp(-0.01, 1.01) * area.w;
    let y = |v: f64| area.y + (1.0 - c.y.place(v)).clamp(-0.01, 1.01) * area.h;
    (x(mark.x.0), y(mark.y.1), x(mark.x.1), y(mark.y.0))
}

fn ink(mark: &Mark, opacity: f64) -> Ink {
    match (mark.held, mark.color) {
        (Some(false), _) => Ink::Color(FAILED, opacity),
        (_, Some(color)) => Ink::Color(palette::curve(color), opacity),
        (_, None) => Ink::Text(0.75 * opacity),
    }
}

/// What is expected: a band where it is a range, a line where that is thin, upright where it is one moment.
fn expected(w: &mut Writer, c: &Chart, mark: &Mark, area: Area) {
    let (left, top, right, bottom) = extent(c, mark, area);
    let stroke = Stroke { ink: ink(mark, 1.0), width: 1.3, dashes: &[2.0, 3.0] };
    let upright = mark.y == (f64::NEG_INFINITY, f64::INFINITY);
    if upright {
        let middle = (left + right) / 2.0;
        return w.line((middle, area.y), (middle, area.y + area.h), stroke);
    }
    if right - left < 6.0 {
        let x = (left + right) / 2.0;
        let whole = Stroke { dashes: &[], width: 1.6, ..stroke };
        w.line((x, top), (x, bottom), whole);
        for (y, end) in [(top, mark.y.1), (bottom, mark.y.0)] {
            if end.is_finite() {
                w.line((x - 6.0, y), (x + 6.0, y), whole);
            }
        }
        return;
    }
    match (mark.y.0.is_finite(), mark.y.1.is_finite()) {
        (true, true) if bottom - top > 3.0 => {
            w.rect((left, top, right - left, bottom - top), ink(mark, 0.09), None);
        }
        // a fringe on the side where values are expected
        (false, true) => w.rect((left, top, right - left, FRINGE), ink(mark, 0.12), None),
        (true, false) => w.rect((left, bottom - FRINGE, right - left, FRINGE), ink(mark, 0.12), None),
        _ => {}
    }
    for (y, end) in [(top, mark.y.1), (bottom, mark.y.0)] {
        if end.is_finite() {
            w.line((left, y), (right, y), stroke);
        }
    }
}

/// The numbers of marks beside them, where they do not run into each other.
fn numbers(w: &mut Writer, c: &Chart, area: Area, all: &[(String, Option<bool>)]) {
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for mark in &c.marks {
        let known = all.iter().position(|(text, held)| *text == mark.text && *held == mark.held);
        let Some(number) = known else { continue };
        let (left, top, right, bottom) = extent(c, mark, area);
        let y = match (mark.y.0.is_finite(), mark.y.1.is_finite()) {
            (true, false) => bottom,
            (false, false) => area.y + SMALL + 3.0,
            _ => top,
        };
        if y < area.y - 2.0 || y > area.y + area.h + 2.0 {
            continue;
        }
        let said = (number + 1).to_string();
        let wide = text::width(&said, SMALL) + 4.0;
        let right = if right.is_finite() { right } else { left };
        let mut x = right.min(area.x + area.w - wide) + 2.0;
        let y = (y - 3.0).max(area.y + SMALL);
        while taken.iter().any(|t| (t.0 - x).abs() < wide && (t.1 - y).abs() < SMALL) && x > area.x + wide {
            x -= wide;
        }
        taken.push((x, y));
        w.text((x, y), SMALL, Anchor::Start, ink(mark, 1.0), &said);
    }
}
