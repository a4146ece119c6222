use crate::report::naming::DIGITS;
use crate::units::{Unit, format_number};
use serde_json::Value;

/// An axis as results name it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AxisNames {
    pub name: String,
    pub len: usize,
    pub entries: Entries,
}

/// How the elements along an axis are called.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entries {
    /// By number.
    Index,
    Labels(Vec<String>),
    /// By coordinates, each with what follows it.
    Values(Vec<f64>, String),
}

impl AxisNames {
    /// An axis of which only the name is known.
    pub fn plain(name: &str, len: usize) -> Self {
        Self { name: name.to_string(), len, entries: Entries::Index }
    }

    /// Reads what [`document::axes`](crate::report::document::axes) writes.
    pub fn read(value: &Value) -> Option<Self> {
        let name = value["name"].as_str()?;
        let len = usize::try_from(value["size"].as_u64()?).ok()?;
        let entries = if let Some(labels) = value["labels"].as_array() {
            Entries::Labels(labels.iter().filter_map(|l| l.as_str().map(str::to_string)).collect())
        } else if let Some(values) = value["coordinates"].as_array() {
            let text = value["unit"].as_str().unwrap_or_default();
            let suffix = Unit::spelled(text).map_or_else(|| format!(" {text}"), |u| u.suffix());
            Entries::Values(values.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect(), suffix)
        } else {
            Entries::Index
        };
        Some(Self { name: name.to_string(), len, entries })
    }

    /// One element: `k: 1`, `taught`, `t: 57.6 s`.
    fn entry(&self, i: usize) -> String {
        match &self.entries {
            Entries::Labels(labels) if i < labels.len() => labels[i].clone(),
            Entries::Values(values, suffix) if i < values.len() => {
                format!("{}: {}{suffix}", self.name, format_number(values[i], DIGITS))
            }
            _ => format!("{}: {i}", self.name),
        }
    }
}

/// Where an element stands: `[k: 1, region: 0]`; empty for a scalar.
pub(super) fn place(axes: &[AxisNames], element: usize) -> String {
    let mut rest = element;
    let mut entries: Vec<String> = axes
        .iter()
        .rev()
        .map(|axis| {
            let n = axis.len.max(1);
            let entry = axis.entry(rest % n);
            rest /= n;
            entry
        })
        .collect();
    entries.reverse();
    if entries.is_empty() { String::new() } else { format!("[{}]", entries.join(", ")) }
}

/// The shape: `[row: 10, col: 10]`; empty for a scalar.
pub(super) fn shape(axes: &[AxisNames]) -> String {
    let entries: Vec<_> = axes.iter().map(|a| format!("{}: {}", a.name, a.len)).collect();
    if entries.is_empty() { String::new() } else { format!("[{}]", entries.join(", ")) }
}

/// The axes of two sides that are the same: names from the one that knows them.
pub(super) fn joined(a: Option<&[AxisNames]>, b: Option<&[AxisNames]>, own: &[usize]) -> Vec<AxisNames> {
    let unnamed =
        || own.iter().enumerate().map(|(i, n)| AxisNames::plain(&format!("axis {i}"), *n)).collect();
    match (a, b) {
        (Some(a), Some(b)) => a
            .iter()
            .zip(b)
            .map(|(a, b)| if a.entries == Entries::Index { b.clone() } else { a.clone() })
            .collect(),
        (Some(known), None) | (None, Some(known)) => known.to_vec(),
        (None, None) => unnamed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_are_called_as_the_summary_calls_them() {
        let axes: Vec<_> = [
            json!({"name": "k", "size": 2}),
            json!({"name": "side", "size": 2, "labels": ["left", "right"]}),
            json!({"name": "t", "size": 3, "coordinates": [0.0, 0.5, 1.0], "unit": "s"}),
        ]
        .iter()
        .filter_map(AxisNames::read)
        .collect();
        assert_eq!(place(&axes, 11), "[k: 1, right, t: 1 s]");
        assert_eq!(place(&axes, 1), "[k: 0, left, t: 0.5 s]");
        assert_eq!(shape(&axes), "[k: 2, side: 2, t: 3]");
        assert_eq!(place(&[], 0), "");
    }
}
