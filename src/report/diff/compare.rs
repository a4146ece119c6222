use super::between::Both;
use super::model::{About, Diff, Of};
use super::names::shape;
use super::setup::{self, union};
use super::side::{Case, Kind, Quantity, Run, Side};
use crate::report::VERSION;

/// How two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Asked {
    /// Probes and records whose largest difference is at most this part of their largest number are not shown.
    pub above: f64,
}

/// Puts two sides beside each other: cases, probes, records and parameters by name.
pub fn compare(a: &Side, b: &Side, asked: &Asked) -> Diff {
    let about =
        |side: &Side| About { name: side.name.clone(), kind: side.kind, interrupted: side.head.interrupted };
    let mut diff = Diff {
        sides: [about(a), about(b)],
        verdicts: setup::verdicts(a, b),
        setup: setup::of_run(a, b),
        parameters: Vec::new(),
        parts: setup::parts(a, b),
        cases: [Vec::new(), Vec::new()],
        probes: Vec::new(),
        records: Vec::new(),
        only: [Vec::new(), Vec::new()],
        same: Vec::new(),
        below: Vec::new(),
        numbers: 0,
        uncompared: unknown(a, b),
        notes: notes(a, b),
    };
    let cases = matched(a, b, &mut diff);
    let [ran, parameters] = setup::of_cases(&cases);
    diff.setup.extend(ran);
    diff.parameters = parameters;
    diff.probes = all(&cases, |run| &run.probes, asked, &mut diff);
    diff.records = all(&cases, |run| &run.records, asked, &mut diff);
    diff
}

/// The cases of one name; where each side has a single case they are compared whatever they are called.
fn matched<'s>(a: &'s Side, b: &'s Side, diff: &mut Diff) -> Vec<(&'s Case<'s>, &'s Case<'s>)> {
    if let ([x], [y]) = (a.cases.as_slice(), b.cases.as_slice()) {
        if x.key != y.key {
            let called =
                |c: &Case| if c.key.is_empty() { "no case".to_string() } else { format!("`{}`", c.key) };
            diff.notes.push(format!(
                "the only run of each is compared: {} of A, {} of B",
                called(x),
                called(y)
            ));
        }
        return vec![(x, y)];
    }
    let find = |side: &'s Side, key: &str| side.cases.iter().find(|c| c.key == key);
    let only = |side: &Side, other: &Side| -> Vec<String> {
        let lone = side.cases.iter().filter(|c| other.cases.iter().all(|o| o.key != c.key));
        lone.map(|c| c.key.clone()).collect()
    };
    diff.cases = [only(a, b), only(b, a)];
    a.cases.iter().filter_map(|x| Some((x, find(b, &x.key)?))).collect()
}

/// Compares the quantities of all cases and controls, by name, then by case. Gives those that differ.
fn all<'s>(
    cases: &[(&'s Case<'s>, &'s Case<'s>)],
    of: impl for<'r> Fn(&'r Run<'s>) -> &'r [Quantity<'s>],
    asked: &Asked,
    diff: &mut Diff,
) -> Vec<Of> {
    let mut runs = Vec::new();
    for (a, b) in cases {
        let ticks = [a.tick, b.tick];
        // the only cases of both may be called otherwise
        let case = if a.key == b.key && !a.key.is_empty() { format!("[{}]", a.key) } else { String::new() };
        runs.push((&a.main, &b.main, ticks, case.clone()));
        if let (Some(x), Some(y)) = (&a.control, &b.control) {
            runs.push((x, y, ticks, format!("{case}.control")));
        }
    }
    let names: Vec<String> = {
        let both = |run: &Run<'s>| of(run).iter().map(|q| q.name.clone()).collect::<Vec<_>>();
        let (x, y): (Vec<_>, Vec<_>) =
            (runs.iter().flat_map(|r| both(r.0)).collect(), runs.iter().flat_map(|r| both(r.1)).collect());
        let names = union(x.iter().map(String::as_str), y.iter().map(String::as_str));
        names.into_iter().map(String::from).collect()
    };
    let mut found = Vec::new();
    for name in &names {
        for (a, b, ticks, case) in &runs {
            let key = format!("{name}{case}");
            let find = |run: &'s Run<'s>| of(run).iter().position(|q| q.name == *name);
            match (find(a), find(b)) {
                (Some(x), Some(y)) => {
                    let both = Both::new(&of(a)[x], &of(b)[y], *ticks);
                    found.extend(one(key, &both, of(a)[x].truth || of(b)[y].truth, asked, diff));
                }
                (Some(_), None) => diff.only[0].push(key),
                (None, Some(_)) => diff.only[1].push(key),
                (None, None) => {}
            }
        }
    }
    found
}

fn one(key: String, both: &Both, truth: bool, asked: &Asked, diff: &mut Diff) -> Option<Of> {
    let found = both.found();
    diff.numbers += found.numbers;
    let partly = found.reason.is_some();
    if let Some(reason) = found.reason {
        diff.uncompared.push(format!("of `{key}` {reason}"));
    }
    let Some(how) = found.how else {
        if !partly {
            diff.same.push(key);
        }
        return None;
    };
    if found.size <= asked.above {
        diff.below.push(key);
        return None;
    }
    Some(Of { key, axes: shape(&both.axes), unit: both.unit.clone(), truth, how })
}

/// What a side does not know.
fn unknown(a: &Side, b: &Side) -> Vec<String> {
    let mut lines = Vec::new();
    let lacks = |kind: Kind| a.kind == kind || b.kind == kind;
    if lacks(Kind::Lock) {
        lines.push("expectations, tick and rules: a lock keeps none of them".to_string());
    }
    if (lacks(Kind::Lock) || lacks(Kind::Folder)) && !same_text(a, b) {
        let what = match (lacks(Kind::Lock), lacks(Kind::Folder)) {
            (true, true) => "locks and folders of results keep",
            (true, false) => "a lock keeps",
            _ => "a folder of results keeps",
        };
        lines.push(format!("the text of protocol, rules and populations: {what} its digest only"));
    }
    lines
}

/// Whether the experiments' own files are the same by their digests.
fn same_text(a: &Side, b: &Side) -> bool {
    let own = |side: &Side| side.head.files.first().map(|f| f.1.clone());
    own(a) == own(b)
}

/// What may explain differences and is none itself.
fn notes(a: &Side, b: &Side) -> Vec<String> {
    let mut notes: Vec<String> = a.notes.iter().chain(&b.notes).cloned().collect();
    let (x, y) = (&a.head, &b.head);
    if x.plast != y.plast {
        notes.push(format!("A was computed by plast {}, B by {} (this is {VERSION})", x.plast, y.plast));
    }
    let texts = a.parts.is_some() && b.parts.is_some();
    if !texts && !same_text(a, b) {
        notes.push("the files of A and B are not the same text".to_string());
    }
    let used = |side: &Side| side.head.files.iter().skip(1).cloned().collect::<Vec<_>>();
    let (x, y) = (used(a), used(b));
    for name in union(x.iter().map(|f| f.0.as_str()), y.iter().map(|f| f.0.as_str())) {
        let digest = |all: &[(String, String)]| all.iter().find(|f| f.0 == name).map(|f| f.1.clone());
        match (digest(&x), digest(&y)) {
            (Some(old), Some(new)) if old != new => {
                notes.push(format!("`{name}`, which both use, is not the same"));
            }
            (Some(_), None) => notes.push(format!("`{name}` is used by A only")),
            (None, Some(_)) => notes.push(format!("`{name}` is used by B only")),
            _ => {}
        }
    }
    let ends = [a, b].map(|s| s.head.interrupted);
    for (interrupted, name) in ends.into_iter().zip(["A", "B"]) {
        if interrupted {
            notes.push(format!("the run of {name} was interrupted before its end"));
        }
    }
    notes
}
