use super::model::{Diff, How, Of, PartChange, Setup, Spot, VerdictChange};
use super::words::{self, plural, whereabouts};
use crate::report::spark::sparkline;
use crate::report::summary::{Role, Style};
use crate::report::table::Table;
use crate::units::Unit;

/// The most rows of a section that are shown.
const ROWS: usize = 24;
/// The most lines of a part of the file that are shown.
const LINES: usize = 16;
/// The most names that are listed.
const NAMES: usize = 8;

/// What differs, for a terminal: expectations first, then what was run, probes and records.
pub fn text(diff: &Diff, style: &Style) -> String {
    let mut parts = vec![vec![format!("A  {}", diff.sides[0].name), format!("B  {}", diff.sides[1].name)]];
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let title = style.paint(Role::Strong, title);
            parts.push(std::iter::once(title).chain(lines.iter().map(|l| indented(l))).collect());
        }
    };
    section("expectations", diff.verdicts.iter().flat_map(|v| verdict(v, style)).collect());
    section("set-up", setups(&diff.setup, style));
    section("parameters", setups(&diff.parameters, style));
    section("file", diff.parts.iter().flat_map(|p| part(p, style)).collect());
    section("cases", only(&diff.cases));
    section("probes", quantities(&diff.probes, style));
    section("records", quantities(&diff.records, style));
    section("only in one", only(&diff.only));
    section("not compared", diff.uncompared.clone());
    parts.push(diff.notes.iter().map(|n| format!("note: {n}")).collect());
    parts.push(ending(diff, style));
    let parts: Vec<_> = parts.into_iter().filter(|p| !p.is_empty()).map(|p| p.join("\n")).collect();
    parts.join("\n\n") + "\n"
}

fn indented(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("  {line}") }
}

fn arrow(style: &Style) -> &'static str {
    if style.unicode { "→" } else { "->" }
}

/// At most `most` lines, then how many more there are.
fn cut(mut lines: Vec<String>, most: usize) -> Vec<String> {
    let more = lines.len().saturating_sub(most);
    if more > 1 {
        lines.truncate(most);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn names(all: &[String]) -> String {
    let shown: Vec<_> = all.iter().take(NAMES).map(|n| format!("`{n}`")).collect();
    let more = all.len().saturating_sub(NAMES);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

fn only(sides: &[Vec<String>; 2]) -> Vec<String> {
    let line = |(all, side): (&Vec<String>, &str)| {
        (!all.is_empty()).then(|| format!("in {side} only: {}", names(all)))
    };
    sides.iter().zip(["A", "B"]).filter_map(line).collect()
}

fn verdict(v: &VerdictChange, style: &Style) -> Vec<String> {
    let sign = |verdict: &Option<String>| match verdict.as_deref() {
        Some("held") => style.good(style.tick()),
        Some("failed") => style.bad(style.cross()),
        Some(_) => style.skipped().to_string(),
        None => "-".to_string(),
    };
    let signs = format!("{} {} {}", sign(&v.verdicts[0]), arrow(style), sign(&v.verdicts[1]));
    let mut lines = match &v.message {
        Some(message) => vec![format!("{signs}  {message}"), format!("    {}", v.text)],
        None => vec![format!("{signs}  {}", v.text)],
    };
    for (side, measured) in ["A", "B"].iter().zip(&v.measured) {
        lines.extend(measured.iter().map(|m| style.paint(Role::Faint, &format!("    {side}  {m}"))));
    }
    for (verdict, side) in v.verdicts.iter().zip(["A", "B"]) {
        if verdict.is_none() {
            lines.push(style.paint(Role::Faint, &format!("    not in {side}")));
        }
    }
    lines
}

/// Rows of `name  A → B  difference  relative`.
fn setups(setups: &[Setup], style: &Style) -> Vec<String> {
    let mut table = Table::new(1);
    for setup in setups {
        let case = setup.case.as_ref().map(|c| format!("[{c}]")).unwrap_or_default();
        let [a, b] = words::settings(&setup.values);
        let mut row = vec![format!("{}{case}", setup.name), a, arrow(style).to_string(), b];
        row.extend(setup_change(setup));
        table.row(row);
    }
    cut(table.lines(), ROWS)
}

fn setup_change(setup: &Setup) -> [String; 2] {
    use super::model::Setting::Number;
    match &setup.values {
        [Some(Number(a, unit)), Some(Number(b, other))] if unit.dim == other.dim => {
            let b = if unit == other { *b } else { unit.from_si(other.to_si(*b)) };
            change(Some(*a), Some(b), unit)
        }
        _ => [String::new(), String::new()],
    }
}

fn change(a: Option<f64>, b: Option<f64>, unit: &Unit) -> [String; 2] {
    [words::difference(a, b, unit), words::relative(a, b)]
}

fn part(part: &PartChange, style: &Style) -> Vec<String> {
    let lines = part.lines.iter().map(|l| {
        let line = format!("    {} {}", if l.in_b { "+" } else { "-" }, l.text);
        if l.in_b { style.good(&line) } else { style.bad(&line) }
    });
    std::iter::once(part.name.clone()).chain(cut(lines.collect(), LINES)).collect()
}

/// Numbers in a table, everything else in a few lines each.
fn quantities(all: &[Of], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = &all[..all.len().min(ROWS)];
    while let Some(first) = rest.first() {
        let numbers = rest.iter().take_while(|of| matches!(of.how, How::Number(_))).count();
        let (now, others) = rest.split_at(numbers.max(1));
        rest = others;
        if numbers == 0 {
            lines.extend(large(first, style));
            continue;
        }
        let mut table = Table::new(1);
        for of in now {
            if let How::Number(spot) = &of.how {
                table.row(std::iter::once(of.key.clone()).chain(row(spot, of, style)).collect());
            }
        }
        lines.extend(table.lines());
    }
    if all.len() > ROWS {
        lines.push(format!("and {} more: {}", all.len() - ROWS, names_of(&all[ROWS..])));
    }
    lines
}

fn names_of(all: &[Of]) -> String {
    names(&all.iter().map(|of| of.key.clone()).collect::<Vec<_>>())
}

/// `A → B  difference  relative`
fn row(spot: &Spot, of: &Of, style: &Style) -> Vec<String> {
    let [a, b] = words::values(spot, &of.unit, of.truth);
    let mut row = vec![a, arrow(style).to_string(), b];
    if !of.truth {
        row.extend(change(spot.values[0], spot.values[1], &of.unit));
    }
    row
}

fn large(of: &Of, style: &Style) -> Vec<String> {
    let title = if of.axes.is_empty() { of.key.clone() } else { format!("{} {}", of.key, of.axes) };
    let pair = |[a, b]: &[String; 2]| format!("{a} {} {b}", arrow(style));
    let spots = |named: &[(&str, &Option<Spot>)]| {
        let mut table = Table::new(2);
        for (word, spot) in named {
            if let Some(spot) = spot {
                let at = [word.to_string(), whereabouts(spot)];
                table.row(at.into_iter().chain(row(spot, of, style)).collect());
            }
        }
        table.lines()
    };
    let mut lines = Vec::new();
    match &of.how {
        How::Number(_) => {}
        How::Array { elements, differing, largest } => {
            lines.push(format!("{title}  {differing} of {elements} differ"));
            lines.extend(spots(&[("most", &Some(largest.clone()))]).iter().map(|l| indented(l)));
        }
        How::Series { compared, differing, alone, first, largest, end, courses } => {
            lines.push(format!("{title}  {}", series(*compared, *differing, *alone)));
            lines.extend(drawn(courses, style));
            let end = end.clone().filter(|end| Some(end) != largest.as_ref());
            let named = if first == largest {
                [("first and most", first), ("", &None), ("last", &end)]
            } else {
                [("first", first), ("most", largest), ("last", &end)]
            };
            lines.extend(spots(&named).iter().map(|l| indented(l)));
            if end.is_none() && *differing > 0 && largest.is_some() && ends_alike(of) {
                lines.push("  last  both are the same".to_string());
            }
        }
        How::Kept { elements, between, first } => {
            lines.push(format!("{title}  some of {elements} numbers differ"));
            if let Some((from, to)) = between {
                lines.push(format!("  first from {} to {}", whereabouts(from), whereabouts(to)));
            }
            lines.extend(spots(&[("at", first)]).iter().map(|l| indented(l)));
        }
        How::Shape(shapes) => lines.push(format!("{title}  another shape: {}", pair(shapes))),
        How::Times(times) => lines.push(format!("{title}  sampled at other times: {}", pair(times))),
        How::Unit(units) => lines.push(format!("{title}  another unit: {}", pair(units))),
        How::Reached([in_a, _]) => {
            let side = if *in_a { "B" } else { "A" };
            lines.push(format!("{title}  never reached in {side}"));
        }
        How::Unreadable(why) => lines.push(format!("{title}  cannot be read back: {why}")),
    }
    lines
}

/// Whether the last samples of a series are the same.
fn ends_alike(of: &Of) -> bool {
    matches!(&of.how, How::Series { end: None, .. })
}

fn series(compared: usize, differing: usize, alone: [usize; 2]) -> String {
    let mut text = match differing {
        0 => format!("the same in the {} both have", plural(compared, "sample")),
        n => format!("{n} of {} differ", plural(compared, "sample")),
    };
    for (n, side) in alone.iter().zip(["A", "B"]).filter(|(n, _)| **n > 0) {
        text += &format!(", {n} in {side} only");
    }
    text
}

/// Both courses on one scale.
fn drawn([a, b]: &[Vec<f64>; 2], style: &Style) -> Vec<String> {
    let both: Vec<f64> = a.iter().chain(b).copied().collect();
    let line: Vec<char> = sparkline(&both, style.unicode).chars().collect();
    let (x, y) = line.split_at(a.len().min(line.len()));
    [("A", x), ("B", y)]
        .map(|(side, signs)| format!("  {side} {}", signs.iter().collect::<String>()).trim_end().to_string())
        .to_vec()
}

/// What is the same, and in a line what is not.
fn ending(diff: &Diff, style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    let results = diff.same.len() + diff.below.len() + diff.probes.len() + diff.records.len();
    if !diff.below.is_empty() {
        lines.push(format!("differences too small to be shown: {}", names(&diff.below)));
    }
    if diff.is_empty() {
        let bits = if diff.same.len() == results { "the same to the last bit" } else { "nothing differs" };
        let counts = format!("{}, {}", plural(results, "result"), plural(diff.numbers, "number"));
        lines.push(format!(
            "{} {}",
            style.good(style.tick()),
            style.paint(Role::Strong, &format!("{bits} ({counts})"))
        ));
        return lines;
    }
    if !diff.same.is_empty() {
        lines.push(format!("the same to the last bit: {}", names(&diff.same)));
    }
    let differ = diff.probes.len() + diff.records.len();
    lines.push(style.paint(Role::Strong, &format!("{differ} of {} differ", plural(results, "result"))));
    lines
}

/// One line for each probe, expectation and parameter that differs: `after  1.156 → 1.204  +4.15 %`.
pub fn changes(diff: &Diff, style: &Style) -> Vec<String> {
    let mut table = Table::new(1);
    for v in &diff.verdicts {
        let word = |v: &Option<String>| v.clone().unwrap_or_else(|| "none".to_string());
        let [a, b] = [word(&v.verdicts[0]), word(&v.verdicts[1])];
        table.row(vec![v.message.clone().unwrap_or_else(|| v.text.clone()), a, arrow(style).to_string(), b]);
    }
    for setup in diff.setup.iter().chain(&diff.parameters) {
        let case = setup.case.as_ref().map(|c| format!("[{c}]")).unwrap_or_default();
        let [a, b] = words::settings(&setup.values);
        table.row(vec![
            format!("{}{case}", setup.name),
            a,
            arrow(style).to_string(),
            b,
            setup_change(setup)[1].clone(),
        ]);
    }
    for of in diff.probes.iter().chain(&diff.records) {
        let spot = match &of.how {
            How::Number(spot) => Some(("", spot)),
            How::Array { largest, .. } => Some(("most at ", largest)),
            How::Series { largest: Some(largest), .. } => Some(("most at ", largest)),
            _ => None,
        };
        let Some((word, spot)) = spot else {
            table.row(vec![of.key.clone(), "differs".to_string()]);
            continue;
        };
        let at = whereabouts(spot);
        let name = if at.is_empty() { of.key.clone() } else { format!("{} {word}{at}", of.key) };
        let mut row = vec![name];
        row.extend(self::row(spot, of, style));
        // the relative difference is enough in a line
        if row.len() > 4 {
            row.remove(4);
        }
        table.row(row);
    }
    let mut lines = cut(table.lines(), ROWS);
    lines.extend(only(&diff.cases));
    lines.extend(only(&diff.only));
    lines
}
