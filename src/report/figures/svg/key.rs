use super::curves::{sign, stroke};
use super::marks::FAILED;
use super::page::{MARGIN, SMALL, WIDTH};
use super::text;
use super::writer::{Anchor, Ink, Writer};
use crate::report::figures::model::{Content, Figure, Shape};
use crate::report::figures::palette;

/// More names than these are not listed beside each other.
const NAMES: usize = 24;

/// What curves are called, in lines below the title; gives where they end.
pub(super) fn curves(w: &mut Writer, figure: &Figure, top: f64) -> f64 {
    let key = figure.key();
    if key.is_empty() {
        return top;
    }
    let (mut x, mut y) = (MARGIN, top);
    for (i, curve) in key.iter().enumerate() {
        if i == NAMES {
            let text = format!("and {} more", key.len() - NAMES);
            w.text((x, y + SMALL), SMALL, Anchor::Start, Ink::Text(0.7), &text);
            break;
        }
        let name = text::fitted(&curve.name, SMALL, WIDTH - 2.0 * MARGIN - 40.0);
        let width = 30.0 + text::width(&name, SMALL) + 16.0;
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + SMALL + 7.0);
        }
        let color = palette::curve(curve.color);
        let middle = y + 0.62 * SMALL;
        match curve.shape {
            Shape::Bars | Shape::Steps => {
                let opacity = if curve.control { 0.3 } else { 0.75 };
                w.rect((x, middle - 5.0, 22.0, 9.0), Ink::Color(color, opacity), None);
            }
            shape => {
                if shape != Shape::Points {
                    w.line((x, middle), (x + 24.0, middle), stroke(curve));
                }
                if shape == Shape::Points || key.len() > 1 || shape == Shape::LineAndPoints {
                    sign(w, (x + 12.0, middle), curve);
                }
            }
        }
        w.text((x + 30.0, y + SMALL), SMALL, Anchor::Start, Ink::Text(1.0), &name);
        x += width;
    }
    y + SMALL + 6.0
}

/// What marks say, without repetition: those of expectations have numbers in this order.
pub(super) fn numbers(figure: &Figure) -> Vec<(String, Option<bool>)> {
    let mut all: Vec<(String, Option<bool>)> = Vec::new();
    for panel in &figure.panels {
        let Content::Chart(chart) = &panel.content else { continue };
        for mark in &chart.marks {
            let one = (mark.text.clone(), mark.held);
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

/// What the marks in the panels say, by their numbers; gives where it ends.
pub(super) fn expectations(w: &mut Writer, figure: &Figure, top: f64) -> f64 {
    let mut y = top;
    for (i, (said, held)) in numbers(figure).iter().enumerate() {
        let word = match held {
            Some(true) => "holds",
            Some(false) => "fails",
            None => "marked",
        };
        let ink = if *held == Some(false) { Ink::Color(FAILED, 1.0) } else { Ink::Text(0.7) };
        for line in text::wrapped(&format!("{} {word}: {said}", i + 1), SMALL, WIDTH - 2.0 * MARGIN) {
            w.text((MARGIN, y + SMALL), SMALL, Anchor::Start, ink, &line);
            y += SMALL + 4.0;
        }
    }
    y
}
