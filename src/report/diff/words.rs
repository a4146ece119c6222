//! How numbers and pairs of numbers are written, in text as in lines of changes.

use super::model::{Setting, Spot};
use super::side::Judged;
use crate::report::naming::{DIGITS, seconds};
use crate::units::{Unit, format_number};
use serde_json::Value;

/// Two numbers of a unit with as many digits as it takes to tell them apart.
pub(super) fn pair(a: f64, b: f64, unit: &Unit) -> [String; 2] {
    let shown = |digits| [a, b].map(|v| format_number(v, digits));
    let told = |d: &usize| a.to_bits() == b.to_bits() || shown(*d)[0] != shown(*d)[1];
    let digits = (DIGITS..17).find(told).unwrap_or(17);
    // `-0` is written `0`
    let exact = |v: f64, text: String| if v == 0.0 && v.is_sign_negative() { "-0".to_string() } else { text };
    let [x, y] = shown(digits);
    [exact(a, x) + &unit.suffix(), exact(b, y) + &unit.suffix()]
}

/// The numbers of a spot; `-` for one that is missing.
pub(super) fn values(spot: &Spot, unit: &Unit, truth: bool) -> [String; 2] {
    if truth {
        let word = |v: f64| if v == 1.0 { "true" } else { "false" }.to_string();
        return spot.values.map(|v| v.map_or("-".to_string(), word));
    }
    match spot.values {
        [Some(a), Some(b)] => pair(a, b, unit),
        values => values.map(|v| v.map_or("-".to_string(), |v| format_number(v, DIGITS) + &unit.suffix())),
    }
}

/// A difference with its sign: `+0.048 Hz`; empty for none.
pub(super) fn difference(a: Option<f64>, b: Option<f64>, unit: &Unit) -> String {
    match (a, b) {
        (Some(a), Some(b)) => signed(b - a, 3) + &unit.suffix(),
        _ => String::new(),
    }
}

/// A relative difference in percent: `+4.15 %`; how many floating-point steps where they are few.
pub(super) fn relative(a: Option<f64>, b: Option<f64>) -> String {
    let (Some(a), Some(b)) = (a, b) else { return String::new() };
    match steps(a, b) {
        Some(1) => return "the last bit".to_string(),
        Some(n @ 2..=1000) => return format!("{n} floating-point steps"),
        _ => {}
    }
    super::model::relative(a, b).map_or(String::new(), |r| format!("{} %", signed(100.0 * r, 3)))
}

fn signed(value: f64, digits: usize) -> String {
    let text = format_number(value, digits);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// How many floating-point numbers lie between two of the same sign.
fn steps(a: f64, b: f64) -> Option<u64> {
    (a.is_sign_positive() == b.is_sign_positive()).then(|| a.to_bits().abs_diff(b.to_bits()))
}

/// When and where: `7 s [cell: 3]`.
pub(super) fn whereabouts(spot: &Spot) -> String {
    match (spot.time, spot.place.as_str()) {
        (None, place) => place.to_string(),
        (Some(time), "") => seconds(time),
        (Some(time), place) => format!("{} {place}", seconds(time)),
    }
}

/// Two values of a setting; `none` in the side that lacks it.
pub(super) fn settings(values: &[Option<Setting>; 2]) -> [String; 2] {
    if let [Some(Setting::Number(a, unit)), Some(Setting::Number(b, other))] = values
        && unit == other
    {
        return pair(*a, *b, unit);
    }
    let one = |v: &Option<Setting>| match v {
        None => "none".to_string(),
        Some(Setting::Text(text)) => text.clone(),
        Some(Setting::Number(v, unit)) => format_number(*v, DIGITS) + &unit.suffix(),
    };
    [one(&values[0]), one(&values[1])]
}

/// Reads an expectation as [`document::outcome`](crate::report::document::outcome) writes it.
pub(super) fn judged(value: &Value) -> Option<Judged> {
    let text = |key: &str| value[key].as_str().map(str::to_string);
    let measured = value["measured"].as_array().map(Vec::as_slice).unwrap_or(&[]);
    let measured = measured.iter().map(measured_text).chain(text("reason")).collect();
    Some(Judged { text: text("text")?, message: text("message"), verdict: text("verdict")?, measured })
}

/// The condition with its numbers in place: `0.89 > 0.9 at [k: 1, region: 0], 1 of 4 elements fails`.
fn measured_text(m: &Value) -> String {
    let text = m["unit"].as_str().unwrap_or_default();
    let suffix = Unit::spelled(text).map_or_else(|| format!(" {text}"), |u| u.suffix());
    let show = |v: &Value| match v {
        Value::Number(n) => format_number(n.as_f64().unwrap_or(f64::NAN), DIGITS) + &suffix,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut line = show(&m["value"]);
    if let Some(op) = m["op"].as_str() {
        line += &format!(" {op} {}", show(&m["against"]));
        if !m["tolerance"].is_null() {
            line += &format!(" +- {}", show(&m["tolerance"]));
        }
    } else if let Some([lo, hi]) = m["in"].as_array().map(Vec::as_slice) {
        line += &format!(" in [{}, {}]", show(lo), show(hi));
    }
    if let Some(place) = m["at"].as_str().filter(|p| !p.is_empty()) {
        line += &format!(" at {place}");
    }
    if let (Some(failing @ 1..), Some(elements @ 2..)) = (m["failing"].as_u64(), m["elements"].as_u64()) {
        line += &format!(", fails in {failing} of {elements} elements");
    }
    line
}

/// A count with its noun.
pub(super) fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_numbers_get_more_digits() {
        assert_eq!(pair(0.5, 0.25, &Unit::none()), ["0.5", "0.25"]);
        assert_eq!(pair(1.0, 1.0 + 1e-9, &Unit::none()), ["1", "1.000000001"]);
        assert_eq!(pair(0.0, -0.0, &Unit::none()), ["0", "-0"]);
        assert_eq!(relative(Some(1.0), Some(1.0_f64.next_up())), "the last bit");
        assert_eq!(relative(Some(-2.0), Some(-1.0)), "+50 %");
        assert_eq!(relative(Some(0.0), Some(1.0)), "");
        assert_eq!(difference(Some(2.0), Some(1.5), &Unit::none()), "-0.5");
    }
}
