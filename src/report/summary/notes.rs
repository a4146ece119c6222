use crate::record::RunNote;
use crate::report::Reading;
use crate::report::naming::seconds;
use crate::units::{format_number, format_value};

/// What a reader should know of the runs, once each, with the cases it is true of where not of all.
pub(super) fn note_texts(reading: &Reading) -> Vec<String> {
    let mut notes: Vec<(String, Vec<String>)> = Vec::new();
    let mut runs = 0;
    for (i, _, run, control) in reading.runs() {
        runs += 1;
        let mut texts: Vec<_> = run.notes.iter().filter_map(note_text).collect();
        if run.interrupted {
            texts.push("interrupted: what was recorded until then is kept".to_string());
        }
        for text in texts {
            let name = reading.key("", i, control);
            match notes.iter_mut().find(|(t, _)| *t == text) {
                Some((_, names)) => names.push(name),
                None => notes.push((text, vec![name])),
            }
        }
    }
    let show = |(text, names): (String, Vec<String>)| {
        if names.len() == runs { text } else { format!("{text}, in {}", name_list(&names)) }
    };
    notes.into_iter().map(show).collect()
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

fn note_text(note: &RunNote) -> Option<String> {
    Some(match note {
        RunNote::StartChanged { var, by, changed, of, .. } => {
            let values = match of {
                1 => "the start value".to_string(),
                _ => format!("{changed} of {of} start values"),
            };
            format!("`{by}` changed {values} of `{var}` before the first tick")
        }
        RunNote::Bounded { var, low, high, .. } => {
            let part = |v: f64| format!("{} %", format_number(100.0 * v, 3));
            match (*low > 0.0, *high > 0.0) {
                (true, true) => {
                    format!(
                        "`{var}` ended at its lower bound for {}, at its upper for {}",
                        part(*low),
                        part(*high)
                    )
                }
                (true, false) => format!("`{var}` ended at its lower bound for {} of its values", part(*low)),
                (false, true) => {
                    format!("`{var}` ended at its upper bound for {} of its values", part(*high))
                }
                (false, false) => return None,
            }
        }
        RunNote::Held { var, at, unit } => {
            let at = at.map_or_else(|| "its start".to_string(), |at| format_value(at, unit, 6));
            format!("`{var}` is held at {at}: its equation is ignored")
        }
        RunNote::NotReached { times, .. } => {
            let times = if *times == 1 { "once".to_string() } else { format!("{times} times") };
            format!("a `present ... until` ran out of time {times} before its condition held")
        }
        RunNote::EndedEarly { at } => format!("ended early, at {}, as asked", seconds(*at)),
    })
}
