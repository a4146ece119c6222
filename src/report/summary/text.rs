use super::style::Role;
use super::{Style, notes, outcome_lines, probes, records, verdict_line};
use crate::contract::Precision;
use crate::report::naming::{DIGITS, seconds};
use crate::report::{Outcome, Reading, Verdict};
use crate::units::format_number;

/// The summary for a terminal: what was run, probes, records, notes, expectations.
pub fn text(reading: &Reading, outcomes: &[Outcome], style: &Style) -> String {
    let mut parts = vec![vec![style.paint(Role::Strong, &header(reading, style))]];
    parts.push(indent(probes::probe_lines(reading, style)));
    parts.push(indent(records::record_lines(reading, style)));
    parts.push(notes::note_texts(reading).iter().map(|n| format!("note: {n}")).collect());
    parts.push(outcomes.iter().flat_map(|o| outcome_lines(o, style)).collect());
    let failed = outcomes.iter().any(|o| o.verdict == Verdict::Failed);
    let role = if failed { Role::Bad } else { Role::Strong };
    parts.push(vec![style.paint(role, &verdict_line(outcomes))]);
    let parts: Vec<_> = parts.into_iter().filter(|p| !p.is_empty()).map(|p| p.join("\n")).collect();
    parts.join("\n\n") + "\n"
}

fn indent(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|l| if l.is_empty() { l } else { format!("  {l}") }).collect()
}

fn header(reading: &Reading, style: &Style) -> String {
    let name = reading.provenance.files.first().map_or("<stdin>", |f| f.name.as_str());
    let parts: Vec<String> = std::iter::once(name.to_string()).chain(header_parts(reading)).collect();
    parts.join(style.dot())
}

/// What was run, in a few words each: cases, control, time, tick, seed.
pub(in crate::report) fn header_parts(reading: &Reading) -> Vec<String> {
    let mut parts = Vec::new();
    let cases = reading.which.len();
    let all = reading.experiment.programs.len();
    if all > 1 {
        let names: Vec<_> = reading.which.iter().map(|&i| reading.case_name(i)).collect();
        let names = names.join(if reading.experiment.cases.len() > 1 { "; " } else { ", " });
        let short = names.chars().count() <= 40;
        parts.push(match (cases, short) {
            (1, _) => format!("case {names}"),
            (_, true) => format!("{cases} cases: {names}"),
            (_, false) => format!("{cases} cases"),
        });
        if cases < all {
            parts.push(format!("{cases} of {all}"));
        }
    }
    if reading.experiment.control {
        parts.push("with control".to_string());
    }
    parts.push(simulated(reading));
    if let Some(program) = reading.program() {
        let jumped = reading.runs().any(|(_, _, run, _)| run.jumped);
        if jumped {
            parts.push("from spike to spike".to_string());
        }
        if program.clocked || !jumped {
            parts.push(format!("tick {}", duration(program.tick)));
        }
        let seeds: Vec<_> = reading.cases().map(|(_, p, _)| p.seed).collect();
        if seeds.iter().all(|s| *s == program.seed) {
            parts.push(format!("seed {}", program.seed));
        }
        if program.precision == Precision::Single {
            parts.push("precision f32".to_string());
        }
    }
    parts
}

fn simulated(reading: &Reading) -> String {
    let times: Vec<_> = reading.runs().map(|(_, p, run, _)| run.ticks as f64 * p.tick).collect();
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    if times.is_empty() || least == most {
        seconds(most)
    } else {
        format!("{} to {}", format_number(least, DIGITS), seconds(most))
    }
}

/// A short time in the unit a physiologist would use.
fn duration(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{} ms", format_number(seconds * 1e3, DIGITS))
    } else {
        super::super::naming::seconds(seconds)
    }
}

/// How long it took, and how fast that is.
pub fn timing(reading: &Reading) -> String {
    let elapsed = reading.provenance.elapsed.as_secs_f64();
    let simulated: f64 = reading.runs().map(|(_, p, run, _)| run.ticks as f64 * p.tick).sum();
    let wall = match elapsed {
        s if s < 1e-3 => "less than 1 ms".to_string(),
        s if s < 1.0 => format!("{} ms", format_number(s * 1e3, 3)),
        s if s < 120.0 => format!("{} s", format_number(s, 3)),
        s => format!("{} min {} s", (s / 60.0) as u64, (s % 60.0).round()),
    };
    if elapsed < 1e-3 || simulated == 0.0 {
        return format!("ran in {wall}");
    }
    format!("ran in {wall}, {} times real time", format_number(simulated / elapsed, 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture, outcomes};

    #[test]
    fn shows_one_case() {
        let text = fixture::with_reading(false, |r| text(r, &outcomes(r), &Style::default()));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn shows_cases_side_by_side() {
        let text = fixture::with_reading(true, |r| text(r, &[], &Style::default()));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn fits_a_narrow_plain_terminal() {
        let style = Style { width: 60, unicode: false, color: false };
        let text = fixture::with_reading(true, |r| text(r, &[], &style));
        assert!(text.is_ascii());
        insta::assert_snapshot!(text);
    }
}
