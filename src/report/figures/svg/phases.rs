use super::page::{Area, SMALL};
use super::text;
use super::writer::{Anchor, Ink, Stroke, Writer};
use crate::report::figures::model::{Chart, Shade};

/// A line of names of phases.
pub(super) const ROW: f64 = SMALL + 3.0;

/// The name of a phase and where it stands.
pub(super) struct Name<'c> {
    pub shade: &'c Shade,
    pub row: usize,
    /// From the left edge of the area.
    x: f64,
    text: String,
}

/// The names of phases in as few rows as they need; one without room is left out.
pub(super) fn names(c: &Chart, width: f64) -> Vec<Name<'_>> {
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

/// Shades a phase and names it.
pub(super) fn phase(w: &mut Writer, c: &Chart, shade: &Shade, area: Area) {
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
