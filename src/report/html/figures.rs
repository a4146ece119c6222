use super::context::Context;
use super::prose::words;
use crate::report::figures::{
    Chart, Content, Curve, Figure, Grid, Panel, Scale, Shape, Undrawn, decimated, figures,
};
use crate::units::format_number;
use maud::{Markup, PreEscaped, html};
use std::fmt::Write;

/// The most numbers of all figures together that a page carries for looking closer.
const NUMBERS: usize = 60_000;
/// The most and the least steps that a curve is kept in; in each there are four points at most.
const MOST: usize = 1500;
const LEAST: usize = 720;

/// The figures, each with the numbers that zooming and reading off need.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let all = figures(context.page.reading);
    if all.is_empty() {
        return None;
    }
    let drawn = all.iter().filter_map(|f| f.as_ref().ok());
    let curves: usize = drawn.flat_map(|f| &f.panels).map(|p| curves(p).len()).sum();
    let columns = (NUMBERS / (8 * curves.max(1))).clamp(LEAST, MOST);
    Some(html! {
        @for (i, made) in all.iter().enumerate() {
            @match made {
                Ok(drawn) => (figure(context, i + 1, drawn, columns)),
                Err(undrawn) => (missing(context, undrawn)),
            }
        }
    })
}

fn curves(panel: &Panel) -> &[Curve] {
    match &panel.content {
        Content::Chart(c) => &c.curves,
        Content::Grid(_) => &[],
    }
}

fn heading(context: &Context, title: &str, span: crate::source::Span) -> Markup {
    html! {
        h3 {
            @match context.anchor(span) {
                Some(anchor) => a href=(format!("#{anchor}")) { code { (title) } },
                None => code { (title) },
            }
        }
    }
}

fn figure(context: &Context, number: usize, figure: &Figure, columns: usize) -> Markup {
    html! {
        figure class="figure" id=(format!("figure-{number}")) {
            figcaption { (heading(context, &figure.title, figure.span)) }
            div class="scroll plot" tabindex="0" role="group" aria-label=(figure.title) {
                (PreEscaped(figure.svg_inline()))
            }
            script type="application/json" { (PreEscaped(data(figure, columns))) }
        }
    }
}

fn missing(context: &Context, undrawn: &Undrawn) -> Markup {
    html! {
        (heading(context, &undrawn.title, undrawn.span))
        p class="aside" { "Not drawn: " (words(&undrawn.reason)) "." }
    }
}

/// The numbers of a figure as JSON that can stand in a page.
fn data(figure: &Figure, columns: usize) -> String {
    let key = figure.key();
    let mut out = "{\"keys\":[".to_string();
    list(&mut out, &key, |out, c| {
        let _ = write!(out, "{{\"name\":{},\"control\":{}}}", text(&c.name), c.control);
    });
    out.push_str("],\"panels\":[");
    list(&mut out, &figure.panels, |out, panel| match &panel.content {
        Content::Chart(chart) => self::chart(out, panel, chart, &key, columns),
        Content::Grid(grid) => self::grid(out, panel, grid),
    });
    out.push_str("]}");
    out
}

fn chart(out: &mut String, panel: &Panel, c: &Chart, key: &[&Curve], columns: usize) {
    let _ = write!(out, "{{\"title\":{},\"x\":{},\"y\":{},", text(&panel.title), scale(&c.x), scale(&c.y));
    out.push_str("\"phases\":[");
    list(out, &c.phases, |out, p| {
        let _ = write!(out, "[{},{},{}]", text(&p.name), number(p.from, 10), number(p.to, 10));
    });
    out.push_str("],\"curves\":[");
    list(out, &c.curves, |out, curve| {
        let place = key.iter().position(|k| k.name == curve.name && k.control == curve.control);
        let place = place.map_or("null".to_string(), |p| p.to_string());
        let line = matches!(curve.shape, Shape::Line | Shape::LineAndPoints);
        let _ = write!(out, "{{\"key\":{place},\"line\":{line},\"x\":[");
        let points: Vec<(f64, f64)> = match curve.shape {
            // a histogram's numbers stand between their edges
            Shape::Steps => {
                curve.x.windows(2).map(|e| (e[0] + e[1]) / 2.0).zip(curve.y.iter().copied()).collect()
            }
            Shape::Bars => curve.x.iter().copied().zip(curve.y.iter().copied()).collect(),
            _ => pieces(curve, c, columns),
        };
        list(out, &points, |out, p| out.push_str(&number(p.0, 10)));
        out.push_str("],\"y\":[");
        list(out, &points, |out, p| out.push_str(&number(p.1, 6)));
        out.push_str("]}");
    });
    out.push_str("]}");
}

/// The points of a curve, with one that has no value where it is broken.
fn pieces(curve: &Curve, c: &Chart, columns: usize) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    for piece in decimated(&curve.x, &curve.y, c.x.lo, c.x.hi, columns) {
        if let (Some(last), Some(next)) = (points.last().copied(), piece.first()) {
            let (last, next): ((f64, f64), &(f64, f64)) = (last, next);
            points.push(((last.0 + next.0) / 2.0, f64::NAN));
        }
        points.extend(piece);
    }
    points
}

fn grid(out: &mut String, panel: &Panel, g: &Grid) {
    let _ = write!(
        out,
        "{{\"title\":{},\"row\":{},\"column\":{},\"rows\":{},\"columns\":{},\"y\":{},",
        text(&panel.title),
        text(&g.row),
        text(&g.column),
        g.rows,
        g.columns,
        scale(&g.scale)
    );
    let _ = write!(
        out,
        "\"rowNames\":{},\"columnNames\":{},\"values\":[",
        names(&g.row_names),
        names(&g.column_names)
    );
    // of a large picture only what is seen is told
    if g.values.len() <= NUMBERS / 4 {
        list(out, &g.values, |out, v| out.push_str(&number(*v, 5)));
    }
    out.push_str("]}");
}

fn names(names: &Option<Vec<String>>) -> String {
    let Some(names) = names else { return "null".to_string() };
    format!("[{}]", names.iter().map(|n| text(n)).collect::<Vec<_>>().join(","))
}

fn scale(s: &Scale) -> String {
    let named: Vec<String> = s.ticks.iter().map(|t| text(&t.text)).collect();
    let names = if s.names { format!("[{}]", named.join(",")) } else { "null".to_string() };
    format!(
        "{{\"label\":{},\"unit\":{},\"lo\":{},\"hi\":{},\"names\":{names}}}",
        text(&s.label),
        text(&s.unit),
        number(s.lo, 12),
        number(s.hi, 12)
    )
}

fn list<'t, T>(out: &mut String, items: &'t [T], mut one: impl FnMut(&mut String, &'t T)) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        one(out, item);
    }
}

fn number(v: f64, digits: usize) -> String {
    if v.is_finite() { format_number(v, digits) } else { "null".to_string() }
}

/// A text as JSON that cannot end the element it stands in.
fn text(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
