use super::*;
use crate::hir::{
    AssignOp, Connect, Domain, Integrator, Length, LoopValues, Normalise, NormaliseFunction, NormaliseMode,
    ReduceOp, Schedule, StatementKind as S,
};
use crate::syntax::ast::BinaryOp;

/// Two recurrent cells with states, joined as asked, under a rule with a state per synapse stepped by `integrator`.
fn recurrent(connect: Connect, except_self: bool, integrator: Integrator) -> (Net, crate::hir::ProjId) {
    let mut net = Net::new(0.1);
    let i = net.axis("i", 20);
    let cells = net.population("cells", &[i]);
    let v = net.state(cells, "v", coord(i) * n(0.1) - n(0.7), None);
    let see = net.see(v);
    net.follows(cells, "y", call(crate::hir::Function::Tanh, vec![see]));
    let rec = net.synapses("rec", cells, cells, connect, 0.05);
    net.program.projections[rec].except_self = except_self;
    let trace = net.rule_var(rec, "s", Domain::Synapses, 0.0, None);
    let (x, y, s, w) = (net.x(rec), net.y(rec), net.see(trace), net.w(rec));
    net.change(trace, by(integrator, slow(0.5, x.clone() * y.clone() - s.clone())));
    net.learn(rec, rate(n(0.3) * s * x * y - n(0.1) * w));
    let (drive, see) = (net.drive(rec), net.see(v));
    net.change(v, by(integrator, slow(1.0, -see + drive)));
    (net, rec)
}

fn everything() -> Connect {
    Connect::Where(compare(BinaryOp::Lt, n(0.0), n(1.0)))
}

fn end_weights(mut net: Net, rec: crate::hir::ProjId) -> Value {
    let rest = net.rest(3.0);
    net.program.protocol = vec![rest];
    let w = net.w(rec);
    let end = at_end(&mut net, w);
    probe(&go(net), end)
}

#[test]
fn stages_over_synapses_are_the_same_dense_and_sparse() {
    for integrator in [Integrator::Heun, Integrator::Rk4, Integrator::Exponential, Integrator::Euler] {
        let (net, rec) = recurrent(Connect::All, false, integrator);
        let dense = end_weights(net, rec);
        let (net, rec) = recurrent(everything(), false, integrator);
        let sparse = end_weights(net, rec);
        assert_eq!(dense.data, sparse.data, "{integrator:?}");
    }
}

#[test]
fn cells_are_not_joined_with_themselves_where_the_projection_says_so() {
    let (net, rec) = recurrent(Connect::All, true, Integrator::Euler);
    let w = end_weights(net, rec);
    let present = w.present.unwrap();
    assert!((0..400).all(|e| present[e] == (e / 20 != e % 20)));
}

#[test]
fn weights_are_held_while_stages_look_ahead() {
    // v follows w; w jumps once per tick: within the tick the stages of v see the old weight
    let mut net = Net::new(0.1);
    let (pre, post) = (net.population("pre", &[]), net.population("post", &[]));
    net.follows(pre, "y", n(1.0));
    let v = net.state(post, "v", n(0.0), None);
    let see = net.see(v);
    net.follows(post, "y", see);
    let ff = net.synapses("ff", pre, post, Connect::All, 1.0);
    let w = net.w(ff);
    net.learn(ff, increment(w));
    let drive = net.drive(ff);
    net.change(v, by(Integrator::Rk4, rate(drive)));
    let got = trajectory(net, v, 3);
    let expected = [0.0, 0.1, 0.1 + 0.2, 0.1 + 0.2 + 0.4];
    assert!(got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14), "{got:?}");
}

#[test]
fn teaching_acts_in_every_stage() {
    // dv/dt = y with y = v taught to be 2v: rk4 of dv/dt = 2v
    let mut net = Net::new(0.1);
    let cell = net.population("cell", &[]);
    let v = net.state(cell, "v", n(1.0), None);
    let see = net.see(v);
    let y = net.follows(cell, "y", see.clone());
    let slope = net.see(y);
    net.change(v, by(Integrator::Rk4, rate(slope)));
    let teach = net.statement(S::Teach { var: y, op: AssignOp::Mul, value: n(2.0) });
    let rest = net.rest(1.0);
    net.program.protocol = vec![teach, rest];
    let end = at_end(&mut net, see);
    let v = probe(&go(net), end).as_scalar().unwrap();
    assert!((v - 2.0_f64.exp()).abs() < 1e-3, "{v}");
}

#[test]
fn teaching_in_a_track_lasts_as_long_as_the_track_plays() {
    let mut net = Net::new(1.0);
    let cell = net.population("cell", &[]);
    let y = net.follows(cell, "y", n(1.0));
    let p = net.local("p", &[1.0, 2.0]);
    let body = vec![
        net.statement(S::Teach { var: y, op: AssignOp::Mul, value: local(p) * n(10.0) }),
        net.statement(S::Present { inputs: vec![], length: Length::For(local(p)), spikes: None }),
    ];
    let together = net.statement(S::Together { values: LoopValues { local: p, shuffle: None }, body });
    let rest = net.rest(1.0);
    net.program.protocol = vec![together, rest];
    let see = net.see(y);
    let record = net.record("y", see, 1, &[]);
    assert_eq!(series(&go(net), record), [200.0, 20.0, 1.0, 1.0]);
}

#[test]
fn normalisation_every_so_often_acts_when_its_time_is_reached() {
    let mut net = Net::new(1.0);
    let (i, j) = (net.axis("i", 2), net.axis("j", 1));
    let (input, x) = net.input("input", &[i]);
    let cell = net.population("cell", &[j]);
    let ff = net.synapses("ff", input, cell, Connect::All, 0.5);
    let w = net.program.projections[ff].w;
    net.learn(ff, increment(net.x(ff)));
    net.program.projections[ff].normalise = vec![Normalise {
        var: w,
        function: NormaliseFunction::Sum,
        over: vec![i],
        target: n(1.0),
        every: Some(2),
        mode: NormaliseMode::Multiplicative,
        span: span(),
    }];
    let input = net.show(x, n(0.5));
    let present = net.present(vec![input], 4.0);
    net.program.protocol = vec![present];
    let total = reduce(ReduceOp::Sum, net.w(ff), &[i]);
    let record = net.record("total", total, 1, &[]);
    assert_eq!(series(&go(net), record), [1.0, 2.0, 1.0, 2.0, 1.0]);
}

#[test]
fn what_is_updated_now_and_then_is_normalised_with_its_updates() {
    let mut net = Net::new(1.0);
    let (i, j) = (net.axis("i", 2), net.axis("j", 1));
    let (input, x) = net.input("input", &[i]);
    let cell = net.population("cell", &[j]);
    let ff = net.synapses("ff", input, cell, Connect::All, 0.5);
    let w = net.program.projections[ff].w;
    let mut equation = increment(net.x(ff));
    equation.schedule = Schedule::Every(2);
    net.learn(ff, equation);
    net.program.projections[ff].normalise = vec![Normalise {
        var: w,
        function: NormaliseFunction::Sum,
        over: vec![i],
        target: n(1.0),
        every: Some(4),
        mode: NormaliseMode::Multiplicative,
        span: span(),
    }];
    let input = net.show(x, n(0.5));
    let present = net.present(vec![input], 6.0);
    net.program.protocol = vec![present];
    let total = reduce(ReduceOp::Sum, net.w(ff), &[i]);
    let record = net.record("total", total, 1, &[]);
    // updates in the ticks that start at 2 and 4, normalised after the second
    assert_eq!(series(&go(net), record), [1.0, 1.0, 1.0, 2.0, 2.0, 1.0, 1.0]);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let experiment = || {
        let (mut net, rec) = recurrent(Connect::Random(0.3), false, Integrator::Euler);
        let rest = net.rest(2.0);
        net.program.protocol = vec![rest];
        let w = net.w(rec);
        at_end(&mut net, w);
        let mut experiment = net.experiment();
        let first = experiment.programs[0].clone();
        experiment.programs = (0..5).map(|seed| crate::hir::Program { seed, ..first.clone() }).collect();
        experiment
    };
    let ends = |threads| {
        let options = Options { threads, ..Options::default() };
        let recording = run(&experiment(), &[0, 1, 2, 3, 4], &options, &mut Silent).unwrap();
        recording.cases.iter().map(|c| c.main.probes[ProbeId(0)].clone().unwrap()).collect::<Vec<_>>()
    };
    let one = ends(1);
    assert_eq!(one.len(), 5);
    assert_ne!(one[0], one[1]);
    assert_eq!(one, ends(4));
}

#[test]
fn the_first_failing_case_is_reported() {
    let mut net = Net::new(1.0);
    let cell = net.population("cell", &[]);
    let grow = net.param("grow", 0.0, false);
    let v = net.state(cell, "v", n(1.0), None);
    let see = net.see(v);
    net.change(v, increment(net.get(grow) * see.clone() * see));
    let rest = net.rest(100.0);
    net.program.protocol = vec![rest];
    let mut experiment = net.experiment();
    let first = experiment.programs[0].clone();
    experiment.programs = [0.0, 1.0, 1e3]
        .map(|value| {
            let mut program = first.clone();
            program.params[grow].value = value;
            program
        })
        .to_vec();
    let fault = |threads| {
        let options = Options { threads, ..Options::default() };
        run(&experiment, &[0, 1, 2], &options, &mut Silent).unwrap_err().headline
    };
    assert_eq!(fault(1), "`cell.v` is infinite at t = 11 s");
    assert_eq!(fault(1), fault(3));
}

#[test]
fn at_start_means_tick_zero_in_a_probe() {
    let mut net = Net::new(1.0);
    let cell = net.population("cell", &[]);
    let v = net.state(cell, "v", n(3.0), Some(increment(n(1.0))));
    let rest = net.rest(4.0);
    net.program.protocol = vec![rest];
    let change = net.see(v) - at_start(net.see(v));
    let end = at_end(&mut net, change);
    assert_eq!(probe(&go(net), end).as_scalar(), Some(4.0));
}

#[test]
fn infinite_weights_are_named_with_their_place() {
    let mut net = Net::new(1.0);
    let (i, j) = (net.axis("i", 3), net.axis("j", 2));
    let (input, x) = net.input("input", &[i]);
    let cell = net.population("cell", &[j]);
    let ff = net.synapses("ff", input, cell, Connect::All, 1.0);
    net.learn(ff, increment(net.x(ff) * net.w(ff) * net.w(ff)));
    let input = net.show(x, choose(compare(BinaryOp::Eq, coord(i), n(2.0)), n(1.0), n(0.0)));
    let present = net.present(vec![input], 100.0);
    net.program.protocol = vec![present];
    let d = go_err(net);
    assert_eq!(d.headline, "`ff.w` is infinite at t = 11 s");
    assert_eq!(d.primary.unwrap().text, "is infinite at j 0, i 2");
}
