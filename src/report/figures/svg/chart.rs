use super::curves::draw;
use super::marks::{expected, numbers};
use super::page::{Area, LABEL, SMALL, frame};
use super::phases::{ROW, names, phase};
use super::text;
use super::writer::{Anchor, Ink, Stroke, Writer, short};
use crate::report::figures::model::{Chart, Content, Curve, Panel, Scale, Shape, Tick};

/// Room on the left for the numbers and the name of the vertical axis.
pub(super) fn left(panel: &Panel) -> f64 {
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
        let (x, anchor) = match (x - half < area.x - 6.0, x + half > area.x + area.w + 2.0) {
            (false, true) => (area.x + area.w + 2.0, Anchor::End),
            (true, false) => (area.x - 6.0, Anchor::Start),
            _ => (x, Anchor::Middle),
        };
        w.text((x, bottom + 6.0 + SMALL), SMALL, anchor, Ink::Text(0.85), &said);
    }
    w.close("g");
    w.open(&format!("clipPath id=\"clip-{id}\""));
    // a sign at an end is whole
    w.rect((area.x - 4.0, area.y - 4.0, area.w + 8.0, area.h + 8.0), Ink::Text(1.0), None);
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
