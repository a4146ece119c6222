//! Large arrays: what is computed of them a few rows at a time is what it is of all of it, to the last bit, and a run takes
//! little more memory than they do.

use crate::harness::Files;
use plast::backend::Choice;
use plast::contract::{Precision, philox, reduce};
use plast::hir::Value;
use plast::runtime::{Options, Silent};
use plast::sema::Overrides;
use plast::session;

/// More synapses than are computed at a time, by a few rows and a rest.
const ROWS: usize = 307;
const COLUMNS: usize = 541;

/// Runs a layer of that size, and gives the probes by name.
fn probes(connect: &str, probes: &str, precision: Precision) -> Vec<(String, Value)> {
    let probes: String = probes.lines().map(|l| format!("    probe {}\n", l.trim())).collect();
    let text = format!(
        "seed 11
stimulus pattern[i: {COLUMNS}] = i/{COLUMNS}
population input[i: {COLUMNS}]
population cell[c: {ROWS}] {{ output y = drive }}
synapses ff: input -> cell {{ fixed; connect {connect}; w = uniform(-1, 1)*(1 + c) }}
protocol {{
    rest 1 tick
{probes}}}
"
    );
    let overrides = Overrides { precision: Some(precision), ..Overrides::default() };
    let checked = session::check("large.plast", &text, &Files::default(), &overrides)
        .unwrap_or_else(|d| panic!("{text}\n{:#?}", d.diagnostics));
    let finished = checked
        .run(&[0], &Options::default(), &mut Silent)
        .unwrap_or_else(|d| panic!("{:#?}", d.diagnostics));
    let reading = finished.reading(&checked);
    let program = &checked.experiment.programs[0];
    let named = program.probes.iter_enumerated();
    named.map(|(id, p)| (p.name.clone(), reading.probe(0, false, id).unwrap().clone())).collect()
}

fn value<'v>(probes: &'v [(String, Value)], name: &str) -> &'v Value {
    &probes.iter().find(|p| p.0 == name).unwrap().1
}

/// The weights as they start, all pairs: what the contract says of draws, in the order it says.
fn weights(precision: Precision) -> Vec<f64> {
    let key = philox::key(11, "ff.w");
    let at = |c: usize, i: usize| {
        let u = philox::uniform(key, (c as u64) << 32 | i as u64, 0);
        let w = (-1.0 + 2.0 * u) * (1.0 + c as f64);
        if precision == Precision::Single { f64::from(w as f32) } else { w }
    };
    (0..ROWS * COLUMNS).map(|e| at(e / COLUMNS, e % COLUMNS)).collect()
}

const PROBES: &str = "all = ff.w
total = sum(ff.w)
average = mean(ff.w)
spread = std(ff.w)
least = min(ff.w)
most = max(ff.w)
length = norm(ff.w)
weighed = sum(ff.w*pattern)
rows = sum(ff.w over i)
columns = mean(ff.w over c)
one = ff.w[c: 40]
column = ff.w[i: 3]
of_one = sum(ff.w[c: 40]*pattern)
some = mean(abs(ff.w[c: 2..9]) over i)";

/// What the probes must be of these weights, `None` where two cells are not joined.
fn check(found: &[(String, Value)], weights: &[Option<f64>]) {
    let is = |name: &str, i: usize, expected: f64| {
        let value = value(found, name);
        assert_eq!(value.data[i].to_bits(), expected.to_bits(), "{name} {i}: {} {expected}", value.data[i]);
    };
    let numbers = || weights.iter().copied();
    let n = numbers().flatten().count() as f64;
    let sum = |values: &mut dyn Iterator<Item = Option<f64>>| reduce::reduce(reduce::Kind::Sum, values);
    let dot = |values: &mut dyn Iterator<Item = Option<(f64, f64)>>| {
        let mut p = reduce::Partials::new(reduce::Kind::Dot);
        for (j, pair) in values.enumerate() {
            if let Some((a, b)) = pair {
                p.take(j, a, b);
            }
        }
        p.finish()
    };
    let pattern = |e: usize| (e % COLUMNS) as f64 / COLUMNS as f64;
    let total = sum(&mut numbers());
    is("total", 0, total);
    is("average", 0, total / n);
    let squares = dot(&mut numbers().map(|w| w.map(|w| (w - total / n, w - total / n))));
    is("spread", 0, (squares / n).sqrt());
    is("least", 0, reduce::reduce(reduce::Kind::Min, numbers()));
    is("most", 0, reduce::reduce(reduce::Kind::Max, numbers()));
    is("length", 0, dot(&mut numbers().map(|w| w.map(|w| (w, w)))).sqrt());
    is("weighed", 0, dot(&mut numbers().enumerate().map(|(e, w)| w.map(|w| (w, pattern(e))))));
    for c in 0..ROWS {
        is("rows", c, sum(&mut weights[c * COLUMNS..(c + 1) * COLUMNS].iter().copied()));
    }
    for i in 0..COLUMNS {
        let column = || (0..ROWS).map(|c| weights[c * COLUMNS + i]);
        is("columns", i, sum(&mut column()) / column().flatten().count() as f64);
    }
    let row = &weights[40 * COLUMNS..41 * COLUMNS];
    is("of_one", 0, dot(&mut row.iter().enumerate().map(|(e, w)| w.map(|w| (w, pattern(e))))));
    for (name, values) in [
        ("all", weights.to_vec()),
        ("one", row.to_vec()),
        ("column", (0..ROWS).map(|c| weights[c * COLUMNS + 3]).collect()),
    ] {
        let value = value(found, name);
        assert_eq!(value.data.len(), values.len(), "{name}");
        for (i, w) in values.iter().enumerate() {
            assert_eq!(value.is_present(i), w.is_some(), "{name} {i}");
            if let Some(w) = w {
                is(name, i, *w);
            }
        }
    }
    for c in 2..9 {
        let row = || weights[c * COLUMNS..(c + 1) * COLUMNS].iter().map(|w| w.map(f64::abs));
        is("some", c - 2, sum(&mut row()) / row().flatten().count() as f64);
    }
}

#[test]
fn reductions_and_places_of_many_synapses_are_those_of_all_of_them() {
    for precision in Precision::ALL {
        let weights: Vec<Option<f64>> = weights(precision).into_iter().map(Some).collect();
        check(&probes("all", PROBES, precision), &weights);
    }
}

#[test]
fn synapses_that_do_not_exist_are_left_out() {
    let key = philox::key(11, "ff/connect");
    for precision in Precision::ALL {
        let joined =
            |e: usize| philox::uniform(key, ((e / COLUMNS) as u64) << 32 | (e % COLUMNS) as u64, 0) < 0.4;
        let weights: Vec<Option<f64>> =
            weights(precision).into_iter().enumerate().map(|(e, w)| joined(e).then_some(w)).collect();
        check(&probes("random(0.4)", PROBES, precision), &weights);
    }
}

#[test]
fn results_that_reduce_large_states_keep_what_they_reduce_to() {
    let text = |also: &str| {
        format!(
            "param k = 1
cases k in [1, 2]
population input[i: {COLUMNS}]
population cell[c: {ROWS}] {{ output y = drive }}
rule grow {{ param rate = 1; dw = 0.25*rate*x }}
synapses ff: input -> cell {{ rule grow(rate = k); w = uniform(-1, 1) }}
protocol {{
    present 1 on input for 3 ticks
    probe average = mean(ff.w)
    probe row     = ff.w[c: 5]
}}
expect mean(ff.w) == average
expect abs(mean(ff.w) - 0.75*k) < 0.01
expect mean(ff.w[c: 5]) == mean(row)
expect mean(ff.w over k) > -1
{also}"
        )
    };
    let whole = |also: &str| {
        let checked = session::check("large.plast", &text(also), &Files::default(), &Overrides::default())
            .unwrap_or_else(|d| panic!("{:#?}", d.diagnostics));
        let finished = checked
            .run(&[0, 1], &Options::default(), &mut Silent)
            .unwrap_or_else(|d| panic!("{:#?}", d.diagnostics));
        let reading = finished.reading(&checked);
        for outcome in plast::report::outcomes(&reading) {
            assert_eq!(outcome.verdict, plast::report::Verdict::Held, "{outcome:#?}");
        }
        let probes = &checked.experiment.programs[0].probes;
        probes.ids().filter_map(|id| reading.probe(1, false, id)).map(|v| v.data.len()).max()
    };
    // a mean over cases, or one element, reads all of it
    assert_eq!(whole(""), Some(ROWS * COLUMNS));
    let alone = text("").replace("expect mean(ff.w over k) > -1\n", "");
    let checked = session::check("large.plast", &alone, &Files::default(), &Overrides::default()).unwrap();
    let largest = |p: &plast::hir::Program| {
        let size = |a: &plast::hir::AxisId| checked.experiment.axes[*a].size.unwrap_or(1);
        p.probes.iter().map(|p| p.axes.iter().map(size).product::<usize>()).max()
    };
    assert_eq!(checked.experiment.programs.iter().map(largest).max(), Some(Some(COLUMNS)));
}

#[test]
fn threads_that_share_each_tick_change_no_bit() {
    let text = "clock 1 ms
integrate euler
stimulus pattern[i: 400] = i/400
population input[i: 400]
population cell[c: 300] { output y = relu(drive - 0.3*mean(drive)) }
rule bcm {
    param eta = 1e-3
    post theta = 0.1
    dtheta/dt = (y^2 - theta)/(100 ms)
    dw = eta*x*y*(y - theta) - 1e-4*w
    bounds w in [0, 1]
    normalise sum(w over post) = 2 multiplicative
}
synapses ff: input -> cell { rule bcm; w = uniform(0, 1/200) }
protocol {
    present pattern on input for 50 ticks
    present 1 - pattern on input for 40 ticks
    probe weights = ff.w
    probe rates   = cell.y
    probe slides  = ff.theta
}
";
    for precision in Precision::ALL {
        let overrides = Overrides { precision: Some(precision), ..Overrides::default() };
        let checked = session::check("large.plast", text, &Files::default(), &overrides)
            .unwrap_or_else(|d| panic!("{:#?}", d.diagnostics));
        let results = |backend, threads| {
            let options = Options { backend, threads, ..Options::default() };
            let finished =
                checked.run(&[0], &options, &mut Silent).unwrap_or_else(|d| panic!("{:#?}", d.diagnostics));
            let reading = finished.reading(&checked);
            let cost = finished.reading(&checked).recording.cases[0].main.cost.clone();
            (plast::report::lock::make(&reading).unwrap().text(), cost)
        };
        let (expected, _) = results(Choice::Vm, 1);
        for threads in [1, 2, 3] {
            let (found, cost) = results(Choice::Auto, threads);
            assert_eq!(found, expected, "{precision:?}, {threads} threads");
            // the virtual machine has one thread for a case
            let shared = if Choice::Native.available().is_ok() { threads as u64 } else { 1 };
            assert!(cost.stretches.iter().any(|s| s.threads == shared), "{cost:?}");
        }
    }
}

/// What a probe of a file without a protocol of its own finds.
fn found(text: &str, precision: Precision) -> Result<f64, String> {
    let overrides = Overrides { precision: Some(precision), ..Overrides::default() };
    let checked = session::check("large.plast", text, &Files::default(), &overrides)
        .unwrap_or_else(|d| panic!("{text}\n{:#?}", d.diagnostics));
    let finished = checked
        .run(&[0], &Options::default(), &mut Silent)
        .map_err(|d| format!("{} {:?}", d.diagnostics[0].headline, d.diagnostics[0].notes))?;
    let reading = finished.reading(&checked);
    let failed =
        plast::report::outcomes(&reading).iter().any(|o| o.verdict == plast::report::Verdict::Failed);
    assert!(!failed, "{text}");
    let id = checked.experiment.programs[0].probes.ids().next().unwrap();
    Ok(reading.probe(0, false, id).unwrap().data[0])
}

#[test]
fn a_draw_onto_one_cell_is_that_of_its_synapse() {
    let key = philox::key(3, "s.w");
    for (input, element, place) in
        [("i: 100000", "i: 70000", 70000), ("k: 700, i: 200", "k: 350, i: 7", 70007)]
    {
        let text = format!(
            "seed 3
population input[{input}]
population cell {{ output y = drive }}
synapses s: input -> cell {{ fixed; w = uniform(0, 1) }}
protocol {{ rest 1 tick; probe a = s.w[{element}] }}"
        );
        assert_eq!(found(&text, Precision::Double), Ok(philox::uniform(key, place, 0)), "{input}");
    }
}

#[test]
fn synapses_drawn_onto_one_cell_are_those_that_are_joined() {
    // the presynaptic axis is the first of these synapses, so that a part of them ends within a row
    let (joins, draws) = (philox::key(3, "s/connect"), philox::key(3, "s.w"));
    let joined = |i: &u64| philox::uniform(joins, *i, 0) < 0.5;
    let start = |i: u64| philox::uniform(draws, i, 0);
    let named = |text: &str| {
        format!(
            "seed 3
population input[i: 150000]
population cell {{ output y = drive }}
synapses s: input -> cell {{ fixed; connect random(0.5); w = uniform(0, 1) }}
protocol {{ rest 1 tick; probe a = {text} }}"
        )
    };
    let all: Vec<u64> = (0..150_000).filter(joined).collect();
    for at in [all[1], all[all.len() / 2], all[all.len() - 1]] {
        let element = found(&named(&format!("s.w[i: {at}]")), Precision::Double);
        assert_eq!(element, Ok(start(at)), "{at}");
    }
    let greatest = all.iter().map(|i| start(*i)).fold(0.0, f64::max);
    assert_eq!(found(&named("max(s.w)"), Precision::Double), Ok(greatest));
    let few = all.iter().filter(|i| (99_000..99_999).contains(*i)).count();
    let counted = found(&named("sum(s.w[i: 99000..99999]*0 + 1)"), Precision::Double);
    assert_eq!(counted, Ok(few as f64));
}

#[test]
fn a_reduction_that_overflows_is_judged_like_any_other() {
    for (cells, inputs) in [(ROWS, COLUMNS), (5, 41)] {
        let text = format!(
            "population input[i: {inputs}]
population cell[c: {cells}] {{ output y = drive }}
synapses g: input -> cell {{ fixed; w = 1e308 - 1e300*c }}
protocol {{ present 0 on input for 3 ticks; probe first = g.w[c: 0, i: 0] }}
expect sum(g.w) > 0
expect max(g.w*inf) > 0"
        );
        assert_eq!(found(&text, Precision::Double), Ok(1e308), "{cells}");
    }
}

#[test]
fn starts_beyond_single_precision_are_refused_as_starts() {
    for start in ["1e39", "1e39*(1 + i)"] {
        let text = format!(
            "population input[i: 3]
population cell {{ output y = drive }}
synapses s: input -> cell {{ fixed; w = {start} }}
protocol {{ present 0 on input for 3 ticks; probe first = s.w[i: 0] }}"
        );
        assert_eq!(found(&text, Precision::Double), Ok(1e39));
        let refused = found(&text, Precision::Single).unwrap_err();
        assert!(
            refused.contains("the start of `s.w` is infinite") && refused.contains("3.4e38"),
            "{refused}"
        );
    }
}
