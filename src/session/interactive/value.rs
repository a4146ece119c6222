//! Values as a reader wants to see them: short ones whole, long ones by their ends and their statistics.

use crate::hir::{Axis, AxisId, Coordinates, Value, ValueAxis};
use crate::report::summary::Style;
use crate::source::IndexVec;
use crate::units::{Unit, format_number, format_value};

/// A value with all that is needed to show it.
#[derive(Debug, Clone)]
pub(super) struct Shown<'v> {
    pub value: &'v Value,
    pub unit: &'v Unit,
    pub truth: bool,
    pub axes: &'v IndexVec<AxisId, Axis>,
}

/// So many rows and columns of a table are shown; of longer ones, the first and the last.
const ROWS: usize = 12;
/// Digits of numbers in tables.
const DIGITS: usize = 4;

impl Shown<'_> {
    /// The text of it, one line or several.
    pub fn text(&self, style: &Style) -> String {
        let v = self.value;
        if let Some(number) = v.as_scalar() {
            return if v.is_present(0) { self.number(number, 6) } else { "nothing yet".into() };
        }
        if v.data.is_empty() {
            return format!("{} has no elements", self.shape());
        }
        let mut text = self.head();
        match v.axes.as_slice() {
            [axis] => text += &self.row(axis, style),
            [rest @ .., columns] => text += &self.table(rest, columns, style),
            [] => {}
        }
        text
    }

    fn number(&self, v: f64, digits: usize) -> String {
        if self.truth { (v != 0.0).to_string() } else { format_value(v, self.unit, digits) }
    }

    fn short(&self, i: usize) -> String {
        if !self.value.is_present(i) {
            return ".".into();
        }
        let v = self.value.data[i];
        if self.truth { (v != 0.0).to_string() } else { format_number(self.unit.from_si(v), DIGITS) }
    }

    /// `[cell: 10, col: 10]`
    pub fn shape(&self) -> String {
        let axis = |a: &ValueAxis| format!("{}: {}", self.axes[a.id].name, a.len);
        let axes: Vec<String> = self.value.axes.iter().map(axis).collect();
        format!("[{}]", axes.join(", "))
    }

    fn head(&self) -> String {
        let v = self.value;
        let exist: Vec<usize> = (0..v.data.len()).filter(|i| v.is_present(*i)).collect();
        let absent = v.data.len() - exist.len();
        let some = match absent {
            0 => String::new(),
            _ => format!(", {} of {} there", exist.len(), v.data.len()),
        };
        if self.truth {
            let holds = exist.iter().filter(|i| v.data[**i] != 0.0).count();
            return format!("{}{some}  true for {holds} of {}", self.shape(), exist.len());
        }
        if exist.is_empty() {
            return format!("{}{some}", self.shape());
        }
        let numbers = || exist.iter().map(|i| v.data[*i]);
        let n = exist.len() as f64;
        let mean = numbers().sum::<f64>() / n;
        let extreme = |better: fn(f64, f64) -> bool| {
            let first = exist[0];
            exist
                .iter()
                .copied()
                .fold(first, |best, i| if better(v.data[i], v.data[best]) { i } else { best })
        };
        let (least, most) = (extreme(|a, b| a < b), extreme(|a, b| a > b));
        if v.data[least] == v.data[most] {
            return format!("{}{some}  all {}", self.shape(), self.number(mean_of_equal(v.data[least]), 6));
        }
        let at = |i: usize| format!("{} at {}", self.number(v.data[i], 6), self.place(i));
        format!(
            "{}{some}  mean {}, least {}, most {}",
            self.shape(),
            self.number(mean, 6),
            at(least),
            at(most)
        )
    }

    /// `cell 3, col 7`
    pub fn place(&self, flat: usize) -> String {
        let mut rest = flat;
        let mut parts = Vec::new();
        for axis in self.value.axes.iter().rev() {
            parts.push(self.label(axis, rest % axis.len.max(1)));
            rest /= axis.len.max(1);
        }
        parts.reverse();
        parts.join(", ")
    }

    /// `cell 3`, `rate 10 Hz`, `silence`, `t 5 s`
    fn label(&self, axis: &ValueAxis, place: usize) -> String {
        let own = &self.axes[axis.id];
        match &own.coordinates {
            Coordinates::Labels(labels) => labels.get(place).cloned().unwrap_or_default(),
            _ => format!("{} {}", own.name, self.coordinate(axis, place)),
        }
    }

    /// What stands above a column: the coordinate without the name of the axis.
    fn coordinate(&self, axis: &ValueAxis, place: usize) -> String {
        let seconds = Unit::named("s").unwrap_or_else(Unit::none);
        match (&axis.coordinates, &self.axes[axis.id].coordinates) {
            (Some(own), Coordinates::Values { unit, .. }) if place < own.len() => {
                format_value(own[place], unit, 4)
            }
            (Some(own), Coordinates::Time) if place < own.len() => format_value(own[place], &seconds, 6),
            (Some(own), _) if place < own.len() => format_number(own[place], 4),
            (_, Coordinates::Values { values, unit, .. }) if place < values.len() => {
                format_value(values[place], unit, 4)
            }
            (_, Coordinates::Labels(labels)) if place < labels.len() => labels[place].clone(),
            _ => place.to_string(),
        }
    }

    /// The places along an axis that are shown; a gap is none.
    fn places(len: usize, most: usize) -> Vec<Option<usize>> {
        if len <= most {
            return (0..len).map(Some).collect();
        }
        let first = most.saturating_sub(2).max(1);
        (0..first).map(Some).chain([None, Some(len - 1)]).collect()
    }

    fn row(&self, axis: &ValueAxis, style: &Style) -> String {
        let cells: Vec<String> = (0..axis.len.min(ROWS)).map(|i| self.short(i)).collect();
        let widest = cells.iter().map(String::len).max().unwrap_or(1).max(4);
        let fits = (style.width.saturating_sub(16) / (widest + 2)).clamp(3, 2 * ROWS);
        self.grid(&[("".into(), 0)], axis, fits, style)
    }

    fn table(&self, rest: &[ValueAxis], columns: &ValueAxis, style: &Style) -> String {
        let rows: usize = rest.iter().map(|a| a.len).product();
        let label = |row: usize| {
            let mut left = row;
            let mut parts = Vec::new();
            for axis in rest.iter().rev() {
                parts.push(self.label(axis, left % axis.len.max(1)));
                left /= axis.len.max(1);
            }
            parts.reverse();
            parts.join(", ")
        };
        let shown = Self::places(rows, ROWS);
        let labels: Vec<(String, usize)> =
            shown.iter().map(|row| row.map_or(("...".into(), usize::MAX), |r| (label(r), r))).collect();
        let margin = labels.iter().map(|l| l.0.chars().count()).max().unwrap_or(0);
        let fits = (style.width.saturating_sub(margin + 8) / 9).clamp(3, 2 * ROWS);
        self.grid(&labels, columns, fits, style)
    }

    /// Rows of numbers under the places of the last axis.
    fn grid(&self, rows: &[(String, usize)], columns: &ValueAxis, fits: usize, style: &Style) -> String {
        let places = Self::places(columns.len, fits);
        let gap = if style.unicode { "…" } else { "..." };
        let mut lines: Vec<Vec<String>> = Vec::new();
        let mut head = vec![self.axes[columns.id].name.clone()];
        head.extend(places.iter().map(|p| p.map_or(gap.to_string(), |p| self.coordinate(columns, p))));
        lines.push(head);
        for (label, row) in rows {
            let mut line = vec![if *row == usize::MAX { gap.to_string() } else { label.clone() }];
            if *row != usize::MAX {
                line.extend(
                    places.iter().map(|p| p.map_or(String::new(), |p| self.short(row * columns.len + p))),
                );
            }
            lines.push(line);
        }
        let width =
            |c: usize| lines.iter().filter_map(|l| l.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..=places.len()).map(width).collect();
        let unit = if self.truth { String::new() } else { self.unit.suffix() };
        let mut text = String::new();
        for (i, line) in lines.iter().enumerate() {
            let mut out = String::from("\n ");
            for (c, cell) in line.iter().enumerate() {
                let pad = " ".repeat(widths[c].saturating_sub(cell.chars().count()));
                out += &if c == 0 { format!(" {cell}{pad}") } else { format!("  {pad}{cell}") };
            }
            if i == 1 && !unit.is_empty() {
                out += &format!("  {}", unit.trim_start());
            }
            text += out.trim_end();
        }
        text
    }
}

/// All elements are this one, so that is their mean whatever rounding says.
fn mean_of_equal(v: f64) -> f64 {
    v
}
