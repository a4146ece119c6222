use super::page::{Area, SMALL};
use super::text;
use super::writer::{Anchor, Ink, Stroke, Writer};
use crate::report::figures::model::{Chart, Mark};
use crate::report::figures::palette::{self, Rgb};

/// What failed is drawn in.
pub(super) const FAILED: Rgb = (0xb0, 0x30, 0x10);

/// How far the side is shaded on which values are expected.
const FRINGE: f64 = 7.0;

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
pub(super) fn expected(w: &mut Writer, c: &Chart, mark: &Mark, area: Area) {
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
pub(super) fn numbers(w: &mut Writer, c: &Chart, area: Area, all: &[(String, Option<bool>)]) {
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
