use super::model::Setting;
use super::numbers::{Numbers, Times};
use super::side::{Case, Head, Kind, Quantity, Run, Side};
use crate::report::lock::{Item, Lock, LockedRun};
use crate::units::Unit;
use std::collections::BTreeMap;

/// What a lock keeps of a run. `name` is what output calls it.
pub fn locked(lock: &Lock, name: String) -> Side<'static> {
    let own = (lock.source.name.clone(), lock.source.sha256.clone());
    let uses = lock.uses.iter().map(|(name, sha256)| (name.clone(), sha256.clone()));
    Side {
        name,
        kind: Kind::Lock,
        head: Head {
            plast: lock.plast.clone(),
            contract: u64::from(lock.contract),
            precision: lock.precision.clone(),
            files: std::iter::once(own).chain(uses).collect(),
            until: None,
            interrupted: false,
        },
        parts: None,
        outcomes: None,
        cases: lock
            .cases
            .iter()
            .map(|(key, case)| Case {
                key: key.clone(),
                seed: case.seed,
                tick: None,
                parameters: case.parameters.iter().map(|(n, text)| (n.clone(), setting(text))).collect(),
                rules: None,
                main: run(&case.run),
                control: case.control.as_ref().map(run),
            })
            .collect(),
        notes: Vec::new(),
    }
}

/// A parameter as a lock writes it: `10 ms`, `1e-4 /s`, `0.5`, or a rule.
fn setting(text: &str) -> Setting {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let unit = if unit.starts_with('/') { format!("1{unit}") } else { unit.to_string() };
    match (number.parse(), Unit::spelled(&unit)) {
        (Ok(number), Some(unit)) => Setting::Number(number, unit),
        _ => Setting::Text(text.to_string()),
    }
}

fn run(run: &LockedRun) -> Run<'static> {
    let all =
        |items: &BTreeMap<String, Item>| items.iter().map(|(name, item)| quantity(name, item)).collect();
    Run { ticks: run.ticks, probes: all(&run.probes), records: all(&run.records) }
}

fn quantity(name: &str, item: &Item) -> Quantity<'static> {
    let shape: Vec<usize> = item.shape.split(" x ").filter_map(|n| n.parse().ok()).collect();
    let numbers = match item.every {
        1 => Numbers::Si(item.kept().into_iter().map(|v| v.unwrap_or(f64::NAN)).collect()),
        _ => Numbers::Kept(item.clone()),
    };
    let ends = item.ticks.as_deref().and_then(|t| t.split_once(" to "));
    let ends = ends.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let times = ends.map(|(first, last)| Times::Ends(first, last, shape.first().copied().unwrap_or(0)));
    Quantity { name: name.to_string(), unit: None, truth: false, axes: None, shape, times, numbers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_locks_write_them() {
        let hz = Unit::named("Hz").unwrap_or_else(Unit::none);
        assert_eq!(setting("2.5 Hz"), Setting::Number(2.5, hz));
        assert!(matches!(setting("1e-4 /s"), Setting::Number(v, unit) if v == 1e-4 && unit.text == "1/s"));
        assert_eq!(setting("-3"), Setting::Number(-3.0, Unit::none()));
        assert_eq!(setting("bcm(eta = 1 /s)"), Setting::Text("bcm(eta = 1 /s)".to_string()));
    }
}
