//! In which order rows and ticks are taken: what keeps the rows of a network together is found, its near miss is not
//! taken for it, and whatever the order, back end and number of threads, the results are the same to the last bit.

use crate::harness::Files;
use plast::backend::Choice;
use plast::contract::Precision;
use plast::report::lock;
use plast::runtime::{Options, Silent};
use plast::sema::Overrides;
use plast::session::{self, Checked};

/// A layer that learns, with places for what the tests vary.
struct Network {
    cell: &'static str,
    rule: &'static str,
    synapses: &'static str,
    more: &'static str,
    present: &'static str,
}

const PLAIN: Network = Network {
    cell: "output y = relu(drive)",
    rule: "post theta = 0.1; dtheta/dt = (y^2 - theta)/(100 ms); dw = eta*x*y*(y - theta) - 1e-4*w",
    synapses: "bounds w in [0, 3]",
    more: "",
    present: "present pattern[0] on input for 60 ms",
};

impl Network {
    fn text(&self) -> String {
        let Self { cell, rule, synapses, more, present } = self;
        let rule = rule.replace("; ", "\n    ");
        let (cell, synapses) = (cell.replace("; ", "\n    "), synapses.replace("; ", "\n    "));
        format!(
            "clock 1 ms
integrate euler
seed 3
param N = 37
param M = 61
stimulus pattern[k: 2, i: M] = if k == 0 then i/M else 1 - i/M
population input[i: M]
population cell[j: N] {{
    {cell}
}}
rule learning {{
    param eta = 1e-3
    {rule}
}}
synapses ff: input -> cell {{
    rule learning
    w = uniform(0, 2/M)
    {synapses}
}}
{more}
protocol {{
    phase learn {{
        {present}
        present pattern[1] on input for 60 ms
        probe middle = cell.y
        present pattern[0] on input for 45 ms
    }}
}}
record weights = ff.w every 20 ms
record rates = cell.y every 35 ms
expect max(ff.w) < 1e6
"
        )
    }

    fn checked(&self, precision: Precision) -> Checked {
        let text = self.text();
        match session::check("network.plast", &text, &Files::default(), &kept_in(precision)) {
            Ok(checked) => checked,
            Err(refused) => {
                let headlines: Vec<_> = refused.diagnostics.iter().map(|d| &d.headline).collect();
                panic!("{text}\n{headlines:#?}")
            }
        }
    }

    /// What `check --explain` says of the order while something is presented.
    fn orders(&self) -> Vec<String> {
        let checked = self.checked(Precision::Double);
        let experiment = &checked.experiment;
        let text = plast::ir::build::explain(&experiment.axes, &experiment.programs[0]).unwrap();
        text.lines()
            .filter_map(|l| l.trim().strip_prefix("order"))
            .map(|l| l.trim_matches([':', ',', ' ']).into())
            .collect()
    }

    /// All results, as a lock keeps them.
    fn results(&self, precision: Precision, backend: Choice, threads: usize) -> String {
        let checked = self.checked(precision);
        let options = Options { backend, threads, ..Options::default() };
        let finished =
            checked.run(&[0], &options, &mut Silent).unwrap_or_else(|d| panic!("{:?}", d.diagnostics));
        lock::make(&finished.reading(&checked)).unwrap().text()
    }

    fn is(&self, order: &str) {
        let orders = self.orders();
        assert!(orders.iter().all(|o| o.contains(order)) && !orders.is_empty(), "{orders:#?}");
        for precision in Precision::ALL {
            let expected = self.results(precision, Choice::Vm, 1);
            assert!(expected.contains("weights") && expected.contains(precision.name()), "{expected}");
            for (backend, threads) in [(Choice::Auto, 1), (Choice::Auto, 3), (Choice::Vm, 2)] {
                let found = self.results(precision, backend, threads);
                assert_eq!(found, expected, "{precision:?}, {backend:?}, {threads} threads");
            }
        }
    }
}

/// What the command line changes, to keep weights so.
fn kept_in(precision: Precision) -> Overrides {
    Overrides { precision: Some(precision), ..Overrides::default() }
}

const BY_ROW: &str = "row by row: 37 rows";

#[test]
fn cells_that_see_only_their_own_synapses_go_row_by_row() {
    PLAIN.is(BY_ROW);
    // a cell that relaxes towards its drive, and a threshold that both read
    Network { cell: "state r = 0.1; dr/dt = (drive - r)/(5 ms); output y = r", ..PLAIN }.is(BY_ROW);
    Network { synapses: "connect random(0.3); bounds w in [0, 3]", ..PLAIN }.is(BY_ROW);
    Network { cell: "output y = relu(drive) + 0.1*normal(0, 1)", ..PLAIN }.is(BY_ROW);
    // a rule whose weights go through a function, and one with a trace for each synapse
    Network { rule: "dw = eta*x*y*exp(-w) - 1e-3*w^1.5", ..PLAIN }.is(BY_ROW);
    // long functions of factors, in which values are used over and over
    Network { rule: "dw = eta*x^0.3*w*y - 1e-3*tanh(tanh(y))*w", ..PLAIN }.is(BY_ROW);
    Network { rule: "syn e = 0; de/dt = (x*y - e)/(20 ms); dw = eta*e*(1 - w)", ..PLAIN }.is(BY_ROW);
}

#[test]
fn a_presynaptic_trace_is_shared_by_all_rows() {
    Network { rule: "pre xbar = 0; dxbar/dt = (x - xbar)/(20 ms); dw = eta*xbar*y - 1e-4*w", ..PLAIN }
        .is(BY_ROW);
}

#[test]
fn inputs_that_change_are_computed_for_every_few_rows() {
    Network { present: "present pattern[0]*(1 + sin(2*pi*t/(13 ms))) on input for 60 ms", ..PLAIN }
        .is(BY_ROW);
}

#[test]
fn lateral_inhibition_keeps_rows_together() {
    let cell = "state r = 0.1; dr/dt = (relu(drive) - r)/(5 ms); output y = r";
    let more = "synapses lateral: cell -> cell { fixed; inhibitory; connect all except self; w = 0.3/N }";
    Network { cell, more, ..PLAIN }.is("reads cell.y of other rows");
    // the near miss: the same inhibition from cells that do not learn, and not from each other
    let more = "population other[j: N] { output y = 0.2*j/N }
synapses lateral: other -> cell { fixed; inhibitory; connect all; w = 0.3/N }";
    Network { cell, more, ..PLAIN }.is(BY_ROW);
}

#[test]
fn normalisation_across_cells_keeps_rows_together() {
    Network { synapses: "normalise sum(w over post) = 1 multiplicative", ..PLAIN }.is("of other rows");
    // the near miss: over each cell's own synapses
    Network { synapses: "normalise sum(w over pre) = 1 multiplicative", ..PLAIN }.is(BY_ROW);
    Network { synapses: "normalise sum(w over pre) = 1 subtractive; bounds w in [0, 3]", ..PLAIN }.is(BY_ROW);
}

#[test]
fn a_mean_over_cells_keeps_rows_together() {
    Network { cell: "m = mean(drive over j); output y = relu(drive - m)", ..PLAIN }.is("of other rows");
    let winner = "winner = argmax(drive over j); output y = if j == winner then drive else 0";
    Network { cell: winner, ..PLAIN }.is("of other rows");
}

#[test]
fn teaching_that_reads_other_cells_keeps_rows_together() {
    let cell = "state r = 0.1; dr/dt = (relu(drive) - r)/(5 ms); output y = r";
    let taught = |present| Network { cell, present, ..PLAIN };
    let others = "teach cell.y *= 1/(1 + sum(cell.r over j))\n        present pattern[0] on input for 60 ms";
    let by_others = taught(others);
    for precision in Precision::ALL {
        let results = |backend, threads| by_others.results(precision, backend, threads);
        assert_eq!(results(Choice::Auto, 3), results(Choice::Vm, 1));
    }
    let orders = by_others.orders();
    assert!(orders.iter().any(|o| o.contains("of other rows")), "{orders:#?}");
    // the near miss: a teacher for each cell
    let own = taught("teach cell.y *= 1 + j/N\n        present pattern[0] on input for 60 ms");
    let orders = own.orders();
    assert!(orders.iter().all(|o| o.contains(BY_ROW)), "{orders:#?}");
    own.is(BY_ROW);
}

#[test]
fn recurrence_keeps_rows_together() {
    let cell = "state r = 0.1; dr/dt = (relu(drive) - r)/(5 ms); output y = r";
    let more = "synapses around: cell -> cell { rule learning; w = 0.1/N; bounds w in [0, 1] }";
    Network { cell, more, ..PLAIN }.is("of other rows");
    // the near miss: one synapse of each cell onto itself
    let more = "synapses self: cell -> cell { fixed; connect one_to_one; w = 0.1 }";
    Network { cell, more, ..PLAIN }.is(BY_ROW);
}

#[test]
fn two_layers_keep_rows_together() {
    let more = "population top[l: 5] { output y = relu(drive) }
synapses up: cell -> top { rule learning; w = 0.1/N; bounds w in [0, 1] }
expect max(top.y) >= 0";
    Network { more, ..PLAIN }.is("of other rows");
}

#[test]
fn outputs_that_are_read_later_go_tick_by_tick() {
    let cell = "output y = relu(drive)";
    let more = "synapses around: cell -> cell { fixed; w = 0.1/N; delay 3 ms }";
    Network { cell, more, ..PLAIN }.is("an output is read later");
}

/// Runs a program with every back end and several threads; the results must be the same to the last bit.
fn agrees(text: &str) {
    Precision::ALL.into_iter().for_each(|precision| agrees_in(text, precision));
}

fn agrees_in(text: &str, precision: Precision) {
    let checked = match session::check("program.plast", text, &Files::default(), &kept_in(precision)) {
        Ok(checked) => checked,
        Err(refused) => panic!("{:?}", refused.diagnostics),
    };
    let results = |backend, threads| {
        let options = Options { backend, threads, ..Options::default() };
        let finished =
            checked.run(&[0], &options, &mut Silent).unwrap_or_else(|d| panic!("{:?}", d.diagnostics));
        lock::make(&finished.reading(&checked)).unwrap().text()
    };
    let expected = results(Choice::Vm, 1);
    for threads in [1, 2] {
        assert_eq!(results(Choice::Auto, threads), expected, "{threads} threads");
    }
}

#[test]
fn cells_along_two_axes_are_all_computed() {
    agrees(
        "clock 1 ms
integrate euler
seed 3
population input[i: 4]
stimulus st[a: 3, i: 4] = a + i
population cell[a: 3, b: 5] { output y = 0.5 }
population other[a: 3, b: 5] { state v = 0; s = sum(ff.w*st over i); dv/dt = (s - v)/(10 ms); output y = v }
rule learning { param eta = 1e-2; syn q = 0.1; dq = 0.01*(w - q); dw = eta*q - 1e-3*w }
synapses ff: input -> cell { rule learning; w = uniform(0, 0.5); bounds w in [0, 5] }
protocol {
    present 1 on input for 60 ms
    probe e = other.y
    probe e2 = ff.w
}
record ry = other.y every 22 ms
expect max(e) > 0
",
    );
}

#[test]
fn what_arrives_later_is_not_seen_by_bounds_and_normalisation() {
    for settle in ["bounds w in [0, x + 0.1]", "normalise sum(w over post) = 1 + x multiplicative"] {
        agrees(&format!(
            "clock 1 ms
integrate euler
seed 3
population input[i: 9]
stimulus pat[i: 9] = 0.3 + i/9
population cell[j: 6] {{ output y = drive }}
rule learning {{ param eta = 1e-2; dw = eta*x*y - 1e-3*w; {settle} }}
synapses ff: input -> cell {{ rule learning; delay 3 ms; w = uniform(0, 0.5) }}
protocol {{
    present pat*(1 + sin(2*pi*t/(13 ms))) on input for 60 ms
    probe e = cell.y
    present 0.2*pat on input for 31 ms
    probe e2 = ff.w
}}
record ry = cell.y every 22 ms
expect max(e) > 0
"
        ));
    }
}

#[test]
fn tracks_that_change_with_time_have_clocks_of_their_own() {
    agrees(
        "clock 1 ms
integrate euler
population track[r: 2]
population in1[i: 2]
population in2[i: 2]
population cell[j: 4] { state v = 0; dv/dt = (drive - v)/(20 ms); output y = v }
synapses a: in1 -> cell { fixed; w = 0.1 }
synapses b: in2 -> cell { fixed; w = 0.2 }
protocol {
    for k in 0..3 {
        together for r of track {
            rest r*(50 ms + k*10 ms)
            present t/(10 ms) on in1 for 50 ms
            present 3*t/(10 ms) on in2 for 50 ms
        }
        probe end[k] = cell.y
    }
}
record v = cell.v every 75 ms
expect max(end) > 0
",
    );
}

#[test]
fn one_cell_has_one_row() {
    let mut one = PLAIN.text().replace("N = 37", "N = 1");
    one.push('\n');
    let checked = session::check("one.plast", &one, &Files::default(), &Overrides::default());
    let Ok(checked) = checked else { panic!("{one}") };
    let text = plast::ir::build::explain(&checked.experiment.axes, &checked.experiment.programs[0]).unwrap();
    assert!(text.contains("order: tick by tick: there is one row"), "{text}");
    let results = |backend| {
        let options = Options { backend, ..Options::default() };
        let finished =
            checked.run(&[0], &options, &mut Silent).unwrap_or_else(|d| panic!("{:?}", d.diagnostics));
        lock::make(&finished.reading(&checked)).unwrap().text()
    };
    assert_eq!(results(Choice::Auto), results(Choice::Vm));
}

#[test]
fn a_fault_within_many_ticks_is_found_in_its_tick() {
    let network = Network { rule: "dw = 10*w*w*x*y", synapses: "", ..PLAIN };
    Precision::ALL.into_iter().for_each(|precision| fault_is_found(&network.checked(precision)));
}

fn fault_is_found(checked: &Checked) {
    let fault = |backend| {
        let options = Options { backend, ..Options::default() };
        checked
            .run(&[0], &options, &mut Silent)
            .err()
            .map(|d| (d.diagnostics[0].headline.clone(), format!("{:?}", d.diagnostics)))
    };
    let (headline, whole) = fault(Choice::Auto).expect("it runs away");
    assert!(headline.contains(" at t = "), "{headline}");
    assert_eq!(Some((headline, whole)), fault(Choice::Vm));
}
