use super::writer::{Anchor, Ink, Stroke, Writer, short};
use super::{chart, grid, key, text};
use crate::report::figures::model::{Content, Figure, Panel};
use crate::report::xml::escaped;

/// How wide a figure is, in pixels.
pub(super) const WIDTH: f64 = 720.0;

/// Room around everything.
pub(super) const MARGIN: f64 = 14.0;

/// Font sizes, in pixels.
pub(super) const TITLE: f64 = 14.0;
pub(super) const LABEL: f64 = 12.0;
pub(super) const SMALL: f64 = 11.0;

/// Room between panels.
const GAP: f64 = 16.0;

/// A part of the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

/// The whole figure.
pub(super) fn svg(figure: &Figure, page: bool) -> String {
    let mut w = Writer::default();
    let mut y = MARGIN;
    for line in text::wrapped(&figure.title, TITLE, WIDTH - 2.0 * MARGIN).into_iter().take(3) {
        w.text((MARGIN, y + TITLE), TITLE, Anchor::Start, Ink::Text(1.0), &line);
        y += TITLE + 5.0;
    }
    y = key::curves(&mut w, figure, y + 4.0);
    y = panels(&mut w, figure, y + 4.0);
    y = key::expectations(&mut w, figure, y + 2.0);
    for note in &figure.notes {
        for line in text::wrapped(note, SMALL, WIDTH - 2.0 * MARGIN) {
            w.text((MARGIN, y + SMALL), SMALL, Anchor::Start, Ink::Text(0.7), &line);
            y += SMALL + 4.0;
        }
    }
    let (width, height) = (short(WIDTH), short((y + MARGIN - 4.0).ceil()));
    let size = if page {
        format!(" width=\"{width}\" height=\"{height}\" color=\"#1b1b1b\"")
    } else {
        String::new()
    };
    let back = if page {
        format!("<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n")
    } else {
        String::new()
    };
    // inside a page the kind of the element is known
    let kind = if page { " xmlns=\"http://www.w3.org/2000/svg\"" } else { "" };
    let (title, about) = (escaped(&figure.title), escaped(&about(figure)));
    format!(
        "<svg{kind} viewBox=\"0 0 {width} {height}\"{size} class=\"plast-figure\" role=\"img\" \
         font-family=\"'Liberation Sans', Arial, Helvetica, sans-serif\">\n<title>{title}</title>\n<desc>{about}</desc>\n{back}{}</svg>\n",
        w.out
    )
}

/// The figure in words, for those who do not see it.
fn about(figure: &Figure) -> String {
    let panels = figure.panels.len();
    let mut parts = vec![match panels {
        1 => "One panel".to_string(),
        n => format!("{n} panels"),
    }];
    if let Some(panel) = figure.panels.first() {
        parts.push(match &panel.content {
            Content::Chart(c) => {
                let ends = |s: &crate::report::figures::model::Scale| match (s.ticks.first(), s.ticks.last())
                {
                    (Some(a), Some(b)) => format!("{} from {} to {}", s.caption(), a.text, b.text),
                    _ => s.caption(),
                };
                format!("{}, against {}", ends(&c.y), ends(&c.x))
            }
            Content::Grid(g) => format!("{} rows and {} columns of {}", g.rows, g.columns, g.scale.caption()),
        });
    }
    let names: Vec<&str> = figure.key().iter().map(|c| c.name.as_str()).collect();
    if !names.is_empty() {
        parts.push(format!("curves: {}", names.join("; ")));
    }
    parts.join(". ")
}

/// All panels in rows; gives where they end.
fn panels(w: &mut Writer, figure: &Figure, top: f64) -> f64 {
    let charts = figure.panels.iter().all(|p| matches!(p.content, Content::Chart(_)));
    if !charts {
        return grid::grids(w, figure, top);
    }
    let columns = match (figure.columns, figure.panels.len()) {
        (n @ 2..=3, _) => n,
        (_, 1) => 1,
        (_, 2 | 4) => 2,
        _ => 3,
    };
    // numbers stand at the first panel of a row, and at each where these differ
    let scale = |p: &Panel| match &p.content {
        Content::Chart(c) => Some(c.y.clone()),
        Content::Grid(_) => None,
    };
    let alike = figure.panels.windows(2).all(|p| scale(&p[0]) == scale(&p[1]));
    // what panels in one row share: room for the numbers of the vertical axis
    let left = figure.panels.iter().map(chart::left).fold(0.0, f64::max);
    let room = WIDTH - 2.0 * MARGIN;
    let mut y = top;
    for row in figure.panels.chunks(columns) {
        let head = row.iter().map(|p| chart::head(p, room / columns as f64)).fold(0.0, f64::max);
        let foot = row.iter().map(chart::foot).fold(0.0, f64::max);
        let lefts = if alike { 1 } else { columns };
        let inner = (room - left * lefts as f64 - GAP * (columns - 1) as f64) / columns as f64;
        let step = inner + GAP + if alike { 0.0 } else { left };
        let height = match columns {
            1 => 260.0,
            2 => 210.0,
            _ => 170.0,
        };
        for (i, panel) in row.iter().enumerate() {
            let area = Area { x: MARGIN + left + i as f64 * step, y: y + head, w: inner, h: height };
            title(w, panel, area, head);
            let index = figure.panels.iter().position(|p| std::ptr::eq(p, panel)).unwrap_or(0);
            if let Content::Chart(c) = &panel.content {
                chart::chart(
                    w,
                    c,
                    area,
                    i == 0 || !alike,
                    &format!("{}-{index}", figure.stem),
                    &key::numbers(figure),
                );
            }
        }
        y += head + height + foot + 6.0;
    }
    y
}

fn title(w: &mut Writer, panel: &Panel, area: Area, head: f64) {
    if !panel.title.is_empty() {
        let text = text::fitted(&panel.title, LABEL, area.w);
        w.text((area.x, area.y - head + LABEL), LABEL, Anchor::Start, Ink::Text(1.0), &text);
    }
}

/// The line around something that is looked into.
pub(super) fn frame() -> Stroke {
    Stroke::thin(Ink::Text(0.35))
}
