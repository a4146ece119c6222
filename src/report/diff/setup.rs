//! What was run: settings, rules, the text of the file, expectations.

use super::between::duration;
use super::model::{Line, PartChange, Setting, Setup, VerdictChange};
use super::side::{Case, Judged, Part, Side};
use super::words::plural;
use crate::units::Unit;
use similar::{ChangeTag, TextDiff};

/// A setting of one case: its name and its values.
type Row = (String, [Option<Setting>; 2]);

/// What differs for the whole run: the contract, the precision, where it was asked to end.
pub(super) fn of_run(a: &Side, b: &Side) -> Vec<Setup> {
    let (x, y) = (&a.head, &b.head);
    let text = |v: &dyn std::fmt::Display| Some(Setting::Text(v.to_string()));
    let end = |until: Option<f64>| until.map(|s| Setting::Number(s, second()));
    let rows = [
        ("contract", [text(&x.contract), text(&y.contract)]),
        ("precision", [text(&x.precision), text(&y.precision)]),
        ("--until", [end(x.until), end(y.until)]),
    ];
    let rows = rows.into_iter().filter(|(_, values)| differ(values));
    rows.map(|(name, values)| Setup { name: name.to_string(), case: None, values }).collect()
}

fn second() -> Unit {
    Unit::named("s").unwrap_or_else(Unit::none)
}

/// Settings of cases that differ: how they were run first, then their parameters.
pub(super) fn of_cases(cases: &[(&Case, &Case)]) -> [Vec<Setup>; 2] {
    let rows = |f: &dyn Fn(&Case, &Case) -> Vec<Row>| {
        let all: Vec<_> = cases.iter().map(|(a, b)| (a.key.as_str(), f(a, b))).collect();
        merged(&all)
    };
    [rows(&ran), rows(&parameters)]
}

/// One row for what differs alike in all cases, one for each case else.
fn merged(cases: &[(&str, Vec<Row>)]) -> Vec<Setup> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in cases.iter().flat_map(|(_, rows)| rows) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut setups = Vec::new();
    for name in names {
        let values = |rows: &[Row]| rows.iter().find(|r| r.0 == name).map(|r| r.1.clone());
        let own: Vec<_> = cases.iter().map(|(key, rows)| (*key, values(rows))).collect();
        let alike = own.iter().all(|(_, v)| *v == own[0].1);
        let shown = own.into_iter().filter_map(|(key, v)| Some((key, v?)));
        for (key, values) in shown.take(if alike { 1 } else { usize::MAX }) {
            let case = (!alike).then(|| key.to_string());
            setups.push(Setup { name: name.to_string(), case, values });
        }
    }
    setups
}

fn ran(a: &Case, b: &Case) -> Vec<Row> {
    let mut rows = Vec::new();
    let seed = |case: &Case| Some(Setting::Text(case.seed.to_string()));
    rows.push(("seed".to_string(), [seed(a), seed(b)]));
    if let (Some(x), Some(y)) = (a.tick, b.tick) {
        rows.push(("tick".to_string(), [tick(x), tick(y)]));
    }
    let length = |case: &Case, ticks: u64| {
        let known = a.tick.is_some() && b.tick.is_some();
        let text = case.tick.filter(|_| known).map(|tick| duration(ticks, tick));
        Some(Setting::Text(text.unwrap_or_else(|| plural(ticks as usize, "tick"))))
    };
    rows.push(("simulated time".to_string(), [length(a, a.main.ticks), length(b, b.main.ticks)]));
    let control = |case: &Case| case.control.as_ref().and_then(|c| length(case, c.ticks));
    rows.push(("simulated time.control".to_string(), [control(a), control(b)]));
    rows.extend(rules(a, b));
    rows.retain(|(_, values)| differ(values));
    rows
}

/// A tick in the unit a physiologist would use.
fn tick(seconds: f64) -> Option<Setting> {
    let unit = Unit::named(if seconds < 1.0 { "ms" } else { "s" }).unwrap_or_else(Unit::none);
    Some(Setting::Number(unit.from_si(seconds), unit))
}

fn rules(a: &Case, b: &Case) -> Vec<Row> {
    let (Some(x), Some(y)) = (&a.rules, &b.rules) else { return Vec::new() };
    let mut rows = Vec::new();
    let follows = parameters(a, b);
    let names = union(x.iter().map(|r| r.projection.as_str()), y.iter().map(|r| r.projection.as_str()));
    for name in names {
        let rule = [x, y].map(|all| all.iter().find(|r| r.projection == name));
        rows.push((format!("{name}.rule"), rule.map(|r| r.map(|r| Setting::Text(r.rule.clone())))));
        let own = rule.map(|r| r.map(|r| r.parameters.as_slice()).unwrap_or_default());
        for (parameter, values) in beside(own[0], own[1]) {
            // what only passes a parameter of the file on is told once
            if !differ(&values) || follows.iter().any(|(_, other)| *other == values) {
                continue;
            }
            rows.push((format!("{name}.{parameter}"), values));
        }
    }
    rows
}

fn parameters(a: &Case, b: &Case) -> Vec<Row> {
    beside(&a.parameters, &b.parameters).filter(|(_, values)| differ(values)).collect()
}

/// Settings of both sides by name.
fn beside(a: &[(String, Setting)], b: &[(String, Setting)]) -> impl Iterator<Item = Row> {
    let names = union(a.iter().map(|p| p.0.as_str()), b.iter().map(|p| p.0.as_str()));
    let get = |all: &[(String, Setting)], name: &str| all.iter().find(|p| p.0 == name).map(|p| p.1.clone());
    let rows: Vec<Row> = names.iter().map(|n| (n.to_string(), [get(a, n), get(b, n)])).collect();
    rows.into_iter()
}

/// The names of one side, then those only the other has.
pub(super) fn union<'n>(a: impl Iterator<Item = &'n str>, b: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = Vec::new();
    for name in a.chain(b) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn differ(values: &[Option<Setting>; 2]) -> bool {
    match values {
        [Some(Setting::Number(a, unit)), Some(Setting::Number(b, other))] if unit != other => {
            unit.dim != other.dim || unit.to_si(*a) != other.to_si(*b)
        }
        [a, b] => a != b,
    }
}

/// The parts of the files that differ; none where one is not known.
pub(super) fn parts(a: &Side, b: &Side) -> Vec<PartChange> {
    let (Some(a), Some(b)) = (&a.parts, &b.parts) else { return Vec::new() };
    let names = union(a.iter().map(|p| p.name.as_str()), b.iter().map(|p| p.name.as_str()));
    let lines = |all: &[Part], name: &str| -> Vec<String> {
        all.iter().filter(|p| p.name == name).flat_map(|p| p.lines.iter().cloned()).collect()
    };
    let changes = names.into_iter().map(|name| {
        let (old, new) = (lines(a, name), lines(b, name));
        let (old, new): (Vec<&str>, Vec<&str>) =
            (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
        let diff = TextDiff::from_slices(&old, &new);
        let lines = diff.iter_all_changes().filter_map(|change| {
            let in_b = match change.tag() {
                ChangeTag::Equal => return None,
                ChangeTag::Delete => false,
                ChangeTag::Insert => true,
            };
            Some(Line { in_b, text: change.value().to_string() })
        });
        PartChange { name: name.to_string(), lines: lines.collect() }
    });
    // a record that one side lacks is listed as a result
    let lone = |c: &PartChange| c.lines.iter().all(|l| l.in_b) || c.lines.iter().all(|l| !l.in_b);
    let told = |c: &PartChange| c.lines.is_empty() || c.name.starts_with("record ") && lone(c);
    changes.filter(|c| !told(c)).collect()
}

/// Expectations with another verdict, and those that one side lacks. Of several with one text each meets its like.
pub(super) fn verdicts(a: &Side, b: &Side) -> Vec<VerdictChange> {
    let (Some(a), Some(b)) = (&a.outcomes, &b.outcomes) else { return Vec::new() };
    let mut rest: Vec<Option<&Judged>> = b.iter().map(Some).collect();
    let mut changes = Vec::new();
    for old in a {
        let same =
            |o: &Option<&Judged>| o.is_some_and(|o| without_blanks(&o.text) == without_blanks(&old.text));
        let new = rest.iter_mut().find(|o| same(o)).and_then(Option::take);
        if new.is_none_or(|new| new.verdict != old.verdict) {
            changes.push(change([Some(old), new]));
        }
    }
    changes.extend(rest.into_iter().flatten().map(|new| change([None, Some(new)])));
    changes
}

/// What an expectation says, however its blanks are set.
fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn change(sides: [Option<&Judged>; 2]) -> VerdictChange {
    let any = sides[1].or(sides[0]);
    VerdictChange {
        text: any.map(|o| o.text.clone()).unwrap_or_default(),
        message: any.and_then(|o| o.message.clone()),
        verdicts: sides.map(|o| o.map(|o| o.verdict.clone())),
        measured: sides.map(|o| o.map(|o| o.measured.clone()).unwrap_or_default()),
    }
}
