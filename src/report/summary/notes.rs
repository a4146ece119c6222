use crate::record::RunNote;
use crate::report::Reading;
use crate::report::naming::seconds;
use crate::units::{format_number, format_value};

/// What a reader should know of the runs, once each, with the cases it is true of where not of all.
pub(in crate::report) fn note_texts(reading: &Reading) -> Vec<String> {
    let mut notes: Vec<Said> = Vec::new();
    let mut runs = 0;
    for (i, _, run, control) in reading.runs() {
        runs += 1;
        let mut said: Vec<_> = run.notes.iter().filter_map(said).collect();
        if run.interrupted {
            said.push(("interrupted: what was recorded until then is kept".to_string(), Vec::new()));
        }
        for (pattern, numbers) in said {
            let name = reading.key("", i, control);
            match notes.iter_mut().find(|s| s.pattern == pattern) {
                Some(s) => s.of.push((name, numbers)),
                None => notes.push(Said { pattern, of: vec![(name, numbers)] }),
            }
        }
    }
    notes.iter().flat_map(|s| s.lines(runs)).collect()
}

/// One thing to be said of several runs, with the numbers it is said with in each.
struct Said {
    /// The text, with `{}` for each number.
    pattern: String,
    /// The runs by name, and their numbers.
    of: Vec<(String, Vec<f64>)>,
}

impl Said {
    /// One line for each text it makes; where there are more than three, one with the ranges of all numbers.
    fn lines(&self, runs: usize) -> Vec<String> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for (name, numbers) in &self.of {
            let text = self.filled(numbers, numbers);
            match groups.iter_mut().find(|g| g.0 == text) {
                Some((_, names)) => names.push(name.clone()),
                None => groups.push((text, vec![name.clone()])),
            }
        }
        let named = |text: String, names: &[String]| match names.len() == runs {
            true => text,
            false => format!("{text}, in {}", name_list(names)),
        };
        if groups.len() <= 3 {
            return groups.into_iter().map(|(text, names)| named(text, &names)).collect();
        }
        let ends = |pick: fn(f64, f64) -> f64| -> Vec<f64> {
            let all = self.of.iter().map(|o| o.1.clone());
            let both = |a: Vec<f64>, b: Vec<f64>| a.iter().zip(&b).map(|(a, b)| pick(*a, *b)).collect();
            all.reduce(both).unwrap_or_default()
        };
        let names: Vec<String> = self.of.iter().map(|o| o.0.clone()).collect();
        vec![named(self.filled(&ends(f64::min), &ends(f64::max)), &names)]
    }

    /// The text with these numbers, or with the range from the one to the other.
    fn filled(&self, least: &[f64], most: &[f64]) -> String {
        let mut parts = self.pattern.split("{}");
        let mut text = parts.next().unwrap_or_default().to_string();
        for ((least, most), part) in least.iter().zip(most).zip(parts) {
            let shown = |n: f64| if n.fract() == 0.0 { format!("{n}") } else { format_number(n, 3) };
            text += &match (shown(*least), shown(*most)) {
                (least, most) if least == most => most,
                (least, most) => format!("{least} to {most}"),
            };
            text += part;
        }
        text
    }
}

fn name_list(names: &[String]) -> String {
    let plain = |name: &String| match name.as_str() {
        "" => "the run as written".to_string(),
        ".control" => "the control".to_string(),
        name => name.to_string(),
    };
    let shown: Vec<_> = names.iter().take(4).map(plain).collect();
    let more = names.len().saturating_sub(4);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// A note as a text with places for numbers, and the numbers.
fn said(note: &RunNote) -> Option<(String, Vec<f64>)> {
    Some(match note {
        RunNote::StartChanged { var, by, changed, of, .. } => match of {
            1 => (format!("`{by}` changed the start value of `{var}` before the first tick"), Vec::new()),
            _ => (
                format!("`{by}` changed {{}} of {of} start values of `{var}` before the first tick"),
                vec![*changed as f64],
            ),
        },
        RunNote::Bounded { var, low, high, .. } => {
            let (low, high) = (100.0 * low, 100.0 * high);
            match (low > 0.0, high > 0.0) {
                (true, true) => (
                    format!(
                        "`{var}` ended at its lower bound for {{}} % of its values, at its upper for {{}} %"
                    ),
                    vec![low, high],
                ),
                (true, false) => {
                    (format!("`{var}` ended at its lower bound for {{}} % of its values"), vec![low])
                }
                (false, true) => {
                    (format!("`{var}` ended at its upper bound for {{}} % of its values"), vec![high])
                }
                (false, false) => return None,
            }
        }
        RunNote::Held { var, at, unit } => {
            let at = at.map_or_else(|| "its start".to_string(), |at| format_value(at, unit, 6));
            (format!("`{var}` is held at {at}: its equation is ignored"), Vec::new())
        }
        RunNote::NotReached { times, .. } => match times {
            1 => ("a `present ... until` ran out of time once before its condition held".to_string(), vec![]),
            _ => (
                "a `present ... until` ran out of time {} times before its condition held".to_string(),
                vec![*times as f64],
            ),
        },
        RunNote::EndedBefore { at, asked } => (
            format!("the protocol ends at {}, before `--until {}`", seconds(*at), seconds(*asked)),
            Vec::new(),
        ),
        RunNote::EndedEarly { at } => (format!("ended early, at {}, as asked", seconds(*at)), Vec::new()),
    })
}
