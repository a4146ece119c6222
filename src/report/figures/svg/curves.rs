use super::page::Area;
use super::writer::{Ink, Stroke, Writer};
use crate::report::figures::decimate::decimated;
use crate::report::figures::model::{Chart, Curve, Shape};
use crate::report::figures::palette::{self, Rgb};

/// How a curve is drawn: the control in dashes.
pub(super) fn stroke(c: &Curve) -> Stroke {
    let color = palette::curve(c.color);
    match c.control {
        false => Stroke { ink: Ink::Color(color, 1.0), width: 1.8, dashes: &[] },
        true => Stroke { ink: Ink::Color(color, 0.9), width: 1.4, dashes: &[5.0, 3.5] },
    }
}

/// Draws a curve; `bars` is its place among those that are bars, and how many these are.
pub(super) fn draw(w: &mut Writer, c: &Chart, curve: &Curve, area: Area, bars: (usize, usize)) {
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
        _ if c.curves.len() > 1 && curve.x.is_sorted() => {
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
