use super::Style;
use super::style::Role;
use crate::hir::Comparison;
use crate::report::document::sign;
use crate::report::naming::DIGITS;
use crate::report::{Comparand, Measured, Outcome, Verdict};
use crate::units::{Unit, format_number, format_value};

/// The lines of one expectation: its message, its text, what was measured.
pub fn outcome_lines(outcome: &Outcome, style: &Style) -> Vec<String> {
    let (sign, role) = match outcome.verdict {
        Verdict::Held => (style.tick(), Role::Good),
        Verdict::Failed => (style.cross(), Role::Bad),
        Verdict::Skipped => (style.skipped(), Role::Faint),
    };
    let sign = style.paint(role, sign);
    if let (Verdict::Skipped, Some(reason)) = (outcome.verdict, &outcome.reason) {
        let name = outcome.message.as_ref().unwrap_or(&outcome.text);
        return vec![format!("{sign} {name} {}", style.paint(role, &format!("(skipped: {reason})")))];
    }
    let mut lines = Vec::new();
    match &outcome.message {
        Some(message) => {
            lines.push(format!("{sign} {message}"));
            lines.push(format!("    {}", outcome.text));
        }
        None => lines.push(format!("{sign} {}", outcome.text)),
    }
    for measured in &outcome.measured {
        let text = measured_text(measured);
        let role = if measured.failing > 0 { Role::Bad } else { Role::Faint };
        lines.push(format!("    {}", style.paint(role, &text)));
    }
    if let Some(reason) = &outcome.reason {
        lines.push(format!("    {}", style.paint(role, reason)));
    }
    lines
}

/// The condition with its numbers in place: `0.8944 > 0.9 fails at [k: 1, region: 0], 1 of 4 elements`.
pub fn measured_text(m: &Measured) -> String {
    let mut text = match m.against {
        Comparand::Truth => if m.value == 1.0 { "true" } else { "false" }.to_string(),
        Comparand::Range { lo, hi } => {
            let digits = digits_apart(m.value, &[lo, hi], &m.unit);
            let ends = [lo, hi].map(|v| format_value(v, &m.unit, digits)).join(", ");
            format!("{} in [{ends}]", format_value(m.value, &m.unit, digits))
        }
        Comparand::Side { op, right, tolerance } => side_text(m, op, right, tolerance),
    };
    if m.failing > 0 {
        text += " fails";
    }
    if !m.place.is_empty() {
        text += &format!(" at {}", m.place);
    }
    match (m.elements, m.failing) {
        (1, _) => {}
        (n, 0) if matches!(m.against, Comparand::Truth) => text = format!("true for all {n} elements"),
        (n, 0) => text += &format!(", the closest of {n} elements"),
        (n, failing) => text += &format!(", {failing} of {n} elements"),
    }
    text
}

fn side_text(m: &Measured, op: Comparison, right: f64, tolerance: Option<f64>) -> String {
    let sign = sign(op);
    let digits = match tolerance {
        Some(_) => DIGITS,
        None => digits_apart(m.value, &[right], &m.unit),
    };
    let mut text =
        format!("{} {sign} {}", format_value(m.value, &m.unit, digits), format_value(right, &m.unit, digits));
    if let Some(tolerance) = tolerance {
        let apart = format_value((m.value - right).abs(), &m.unit, 3);
        text += &format!(" +- {} ({apart} apart)", format_value(tolerance, &m.unit, DIGITS));
    }
    text
}

/// As many digits as it takes to tell a value from what it is compared with, where they differ.
pub(in crate::report) fn digits_apart(value: f64, others: &[f64], unit: &Unit) -> usize {
    let shown = |v: f64, digits| format_number(unit.from_si(v), digits);
    let told =
        |digits: &usize| others.iter().all(|o| *o == value || shown(*o, *digits) != shown(value, *digits));
    (DIGITS..17).find(told).unwrap_or(17)
}

/// One line on all expectations together: `3 expectations hold`, `1 of 3 expectations failed`.
pub fn verdict_line(outcomes: &[Outcome]) -> String {
    let count = |v| outcomes.iter().filter(|o| o.verdict == v).count();
    let (failed, skipped, all) = (count(Verdict::Failed), count(Verdict::Skipped), outcomes.len());
    let noun = |n: usize| if n == 1 { "expectation" } else { "expectations" };
    let mut line = match (all, failed) {
        (0, _) => return "nothing is expected of this experiment".to_string(),
        (_, 0) if skipped == all => format!("{all} {} skipped", noun(all)),
        (_, 0) => {
            let held = all - skipped;
            format!("{held} {} {}", noun(held), if held == 1 { "holds" } else { "hold" })
        }
        (1, _) => "the expectation failed".to_string(),
        _ => format!("{failed} of {all} {} failed", noun(all)),
    };
    if skipped > 0 && skipped < all {
        line += &format!(", {skipped} skipped");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(value: f64, against: Comparand) -> Measured {
        Measured { value, against, place: String::new(), elements: 1, failing: 0, unit: Unit::none() }
    }

    #[test]
    fn the_condition_is_shown_with_its_numbers() {
        let side = |op, right, tolerance| Comparand::Side { op, right, tolerance };
        let m = measured(1.16, Comparand::Range { lo: 1.15, hi: 1.17 });
        assert_eq!(measured_text(&m), "1.16 in [1.15, 1.17]");
        let m = measured(1.5, side(Comparison::Eq, 1.0, Some(0.25)));
        assert_eq!(measured_text(&Measured { failing: 1, ..m }), "1.5 == 1 +- 0.25 (0.5 apart) fails");
        let m = Measured {
            place: "[k: 1]".to_string(),
            elements: 4,
            failing: 2,
            ..measured(0.8944, side(Comparison::Gt, 0.9, None))
        };
        assert_eq!(measured_text(&m), "0.8944 > 0.9 fails at [k: 1], 2 of 4 elements");
        let m = measured(0.01, side(Comparison::Lt, 0.02, None));
        let m = Measured { unit: Unit::named("ms").unwrap_or_else(Unit::none), ..m };
        assert_eq!(measured_text(&m), "10 ms < 20 ms");
    }

    #[test]
    fn close_numbers_get_more_digits() {
        let against = Comparand::Side { op: Comparison::Gt, right: 0.9, tolerance: None };
        assert_eq!(measured_text(&measured(0.9000000012, against)), "0.900000001 > 0.9");
        assert_eq!(measured_text(&measured(0.9, against)), "0.9 > 0.9");
    }

    #[test]
    fn counts_are_words() {
        use crate::source::{SourceId, Span};
        let outcome = |verdict| Outcome {
            text: String::new(),
            message: None,
            verdict,
            measured: Vec::new(),
            reason: None,
            span: Span::new(SourceId(0), 0, 0),
        };
        let line =
            |verdicts: &[Verdict]| verdict_line(&verdicts.iter().map(|&v| outcome(v)).collect::<Vec<_>>());
        assert_eq!(line(&[]), "nothing is expected of this experiment");
        assert_eq!(line(&[Verdict::Held]), "1 expectation holds");
        assert_eq!(line(&[Verdict::Held, Verdict::Held, Verdict::Skipped]), "2 expectations hold, 1 skipped");
        assert_eq!(line(&[Verdict::Failed, Verdict::Held]), "1 of 2 expectations failed");
        assert_eq!(line(&[Verdict::Failed]), "the expectation failed");
        assert_eq!(line(&[Verdict::Skipped]), "1 expectation skipped");
    }
}
