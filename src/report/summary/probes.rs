use super::Style;
use crate::hir::{Probe, ProbeId, Value, ValueAxis};
use crate::report::Reading;
use crate::report::naming::{DIGITS, Naming};
use crate::report::spark::{course_of, sparkline};
use crate::report::stack::stack;
use crate::report::table::{Table, width};
use crate::units::format_number;

/// The most rows a probe's table has before it is summed up in a line.
const ROWS: usize = 12;
/// The most lines with a course each.
const COURSES: usize = 8;

struct Shown<'a> {
    name: String,
    probe: &'a Probe,
    value: Value,
}

/// The probes: numbers in rows, small arrays as tables, larger ones in a line each.
pub(super) fn probe_lines(reading: &Reading, style: &Style) -> Vec<String> {
    let naming = Naming::new(reading.experiment);
    let (shown, missing) = collect(reading);
    let mut lines = Vec::new();
    let mut rest = &shown[..];
    while let Some(first) = rest.first() {
        // probes along the same axis share a head
        let alike = rest.iter().take_while(|s| same_axes(&s.value, &first.value)).count();
        let (group, others) = rest.split_at(if first.value.axes.len() <= 1 { alike } else { 1 });
        rest = others;
        if !lines.is_empty() && (first.value.axes.len() > 1 || group_has_head(first)) {
            lines.push(String::new());
        }
        match table(group, &naming).filter(|t| t.width() <= style.width) {
            Some(table) => lines.extend(table.lines()),
            None => group.iter().for_each(|s| lines.extend(large(s, &naming, style))),
        }
    }
    lines.extend(missing.iter().map(|name| format!("{name}  never reached")));
    lines
}

fn collect<'a>(reading: &Reading<'a>) -> (Vec<Shown<'a>>, Vec<String>) {
    let (mut shown, mut missing) = (Vec::new(), Vec::new());
    let Some(program) = reading.program() else { return (shown, missing) };
    for (id, probe) in program.probes.iter_enumerated().filter(|(_, p)| !p.implied) {
        let controls: &[bool] = if reading.experiment.control { &[false, true] } else { &[false] };
        for &control in controls {
            let name = format!("{}{}", probe.name, if control { ".control" } else { "" });
            match stacked(reading, id, control) {
                Some(value) => shown.push(Shown { name, probe, value }),
                None => missing.push(name),
            }
        }
    }
    (shown, missing)
}

/// A probe with all cases side by side; with only the case that ran where there is just one.
fn stacked(reading: &Reading, id: ProbeId, control: bool) -> Option<Value> {
    if let [only] = reading.which {
        return reading.probe(*only, control, id).cloned();
    }
    let programs = reading.experiment.programs.len();
    let values: Vec<_> = (0..programs).map(|i| reading.probe(i, control, id).cloned()).collect();
    stack(reading, &values)
}

fn same_axes(a: &Value, b: &Value) -> bool {
    a.axes.iter().map(|x| (x.id, x.len)).eq(b.axes.iter().map(|x| (x.id, x.len)))
}

fn group_has_head(shown: &Shown) -> bool {
    !shown.value.axes.is_empty()
}

fn number(shown: &Shown, i: usize) -> String {
    match shown.value.data.get(i) {
        Some(_) if !shown.value.is_present(i) => "-".to_string(),
        Some(&v) if shown.probe.truth => if v == 1.0 { "true" } else { "false" }.to_string(),
        Some(&v) => format_number(shown.probe.unit.from_si(v), DIGITS),
        None => String::new(),
    }
}

fn title(shown: &Shown) -> String {
    match shown.probe.unit.text.as_str() {
        "" => shown.name.clone(),
        unit => format!("{} ({unit})", shown.name),
    }
}

/// Numbers in rows, last axis along the columns; none where there are too many.
fn table(group: &[Shown], naming: &Naming) -> Option<Table> {
    let first = group.first()?;
    let Some((last, outer)) = first.value.axes.split_last() else {
        let mut table = Table::new(2);
        for s in group {
            let unit = s.probe.unit.suffix();
            table.row(vec![s.name.clone(), number(s, 0) + &unit]);
        }
        return Some(table);
    };
    let rows: usize = outer.iter().map(|a| a.len).product();
    if rows > ROWS || last.len > 32 {
        return None;
    }
    let mut table = Table::new(1 + outer.len());
    let blanks = || std::iter::repeat_n(String::new(), outer.len());
    let name = |s: &Shown| std::iter::once(title(s)).chain(blanks());
    let heads = (0..last.len).map(|i| naming.entry(last, i));
    if outer.is_empty() {
        table.row(std::iter::once(String::new()).chain(heads).collect());
        for s in group {
            table.row(name(s).chain((0..last.len).map(|i| number(s, i))).collect());
        }
    } else {
        table.row(name(first).chain(heads).collect());
        for row in 0..rows {
            table.row(row_cells(first, outer, row, last.len, naming));
        }
    }
    Some(table)
}

fn row_cells(s: &Shown, outer: &[ValueAxis], row: usize, n: usize, naming: &Naming) -> Vec<String> {
    let places = crate::report::elements::place(outer, row);
    let entries = outer.iter().zip(places).map(|(a, i)| naming.entry(a, i));
    let numbers = (0..n).map(|i| number(s, row * n + i));
    std::iter::once(String::new()).chain(entries).chain(numbers).collect()
}

/// A value too large for a table: a course per row along its last axis, or its extremes and mean.
fn large(s: &Shown, naming: &Naming, style: &Style) -> Vec<String> {
    let title = format!("{} {}", title(s), naming.shape(&s.value.axes));
    let Some((last, outer)) = s.value.axes.split_last() else { return vec![title] };
    let rows: usize = outer.iter().map(|a| a.len).product();
    let numbers = |row: usize| -> Vec<f64> {
        (row * last.len..(row + 1) * last.len)
            .map(|i| if s.value.is_present(i) { s.probe.unit.from_si(s.value.data[i]) } else { f64::NAN })
            .collect()
    };
    if rows > COURSES || s.probe.truth || last.len < 8 {
        return vec![format!("{title}  {}", extremes(s))];
    }
    let steps = style.width.saturating_sub(width(&title) + 34).clamp(8, 40);
    let mut table = Table::new(3);
    for row in 0..rows {
        let course = course_of(&numbers(row), steps);
        let name = match outer {
            [] => title.clone(),
            _ => naming.place(outer, row),
        };
        let range = format!("{} to {}", format_number(course.min, DIGITS), format_number(course.max, DIGITS));
        table.row(vec![name, sparkline(&course.steps, style.unicode), range]);
    }
    let lines = table.lines();
    if outer.is_empty() {
        lines
    } else {
        std::iter::once(title).chain(lines.iter().map(|l| format!("  {l}"))).collect()
    }
}

fn extremes(s: &Shown) -> String {
    let present: Vec<f64> =
        (0..s.value.data.len()).filter(|&i| s.value.is_present(i)).map(|i| s.value.data[i]).collect();
    if present.is_empty() {
        return "no values".to_string();
    }
    let mean = present.iter().sum::<f64>() / present.len() as f64;
    if s.probe.truth {
        return format!("{} % true", format_number(100.0 * mean, DIGITS));
    }
    let show = |v: f64| format_number(s.probe.unit.from_si(v), DIGITS);
    let min = present.iter().copied().fold(f64::INFINITY, f64::min);
    let max = present.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{} to {}, mean {}", show(min), show(max), show(mean))
}
