use super::*;
use crate::contract::scalar;
use crate::hir::{
    Bounds, Connect, Domain, Integrator, Normalise, NormaliseFunction, NormaliseMode, ProjId, ReduceOp,
    Schedule,
};

/// A cell without axes with one state.
fn one(tick: f64, start: f64) -> (Net, VarId, Expr) {
    let mut net = Net::new(tick);
    let cell = net.population("cell", &[]);
    let v = net.state(cell, "v", n(start), None);
    let see = net.see(v);
    (net, v, see)
}

#[test]
fn euler_steps_by_one_fused_operation() {
    let (mut net, v, see) = one(0.1, 0.3);
    net.change(v, by(Integrator::Euler, slow(2.0, see.clone() * see)));
    let got = trajectory(net, v, 3);
    let mut x = 0.3_f64;
    let mut expected = vec![x];
    for _ in 0..3 {
        x = (0.1_f64 / 2.0).mul_add(x * x, x);
        expected.push(x);
    }
    assert_eq!(got, expected);
}

#[test]
fn exponential_is_exact_for_a_leaky_cell() {
    let (mut net, v, see) = one(0.1, 0.3);
    net.change(v, slow(2.0, -see + n(5.0)));
    let got = trajectory(net, v, 50);
    let z: f64 = -0.1 / 2.0;
    let (decay, gain) = (scalar::exp(z), (0.1 / 2.0) * (scalar::expm1(z) / z));
    let mut x = 0.3_f64;
    for (i, g) in got.iter().enumerate() {
        assert_eq!(*g, x);
        let exact = 5.0 + (0.3 - 5.0) * (-(i as f64) * 0.1 / 2.0).exp();
        assert!((g - exact).abs() < 1e-13);
        x = decay.mul_add(x, gain * 5.0);
    }
}

#[test]
fn an_increment_is_added_as_it_is() {
    let (mut net, v, see) = one(0.1, 1.0);
    net.change(v, increment(see * n(0.5)));
    assert_eq!(trajectory(net, v, 2), [1.0, 1.5, 2.25]);
}

/// The error at t = 1 of dv/dt = -v^2, v(0) = 1, whose solution is 1/(1 + t), through an instantaneous variable.
fn error(integrator: Integrator, ticks: u64) -> f64 {
    let mut net = Net::new(1.0 / ticks as f64);
    let cell = net.population("cell", &[]);
    let v = net.state(cell, "v", n(1.0), None);
    let v_now = net.see(v);
    let y = net.follows(cell, "y", v_now.clone() * v_now);
    let slope = -net.see(y);
    net.change(v, by(integrator, rate(slope)));
    (trajectory(net, v, ticks)[ticks as usize] - 0.5).abs()
}

#[test]
fn integrators_have_their_orders() {
    for (integrator, order) in [(Integrator::Euler, 1.0), (Integrator::Heun, 2.0), (Integrator::Rk4, 4.0)] {
        let measured = (error(integrator, 32) / error(integrator, 64)).log2();
        assert!((measured - order).abs() < 0.15, "{integrator:?}: {measured}");
    }
}

#[test]
fn a_coupled_group_is_stepped_together() {
    // an oscillator: rk4 keeps its energy to fourth order only if both states move in every stage
    let mut net = Net::new(0.05);
    let cell = net.population("cell", &[]);
    let a = net.state(cell, "a", n(1.0), None);
    let b = net.state(cell, "b", n(0.0), None);
    let (see_a, see_b) = (net.see(a), net.see(b));
    net.change(a, by(Integrator::Rk4, rate(see_b)));
    net.change(b, by(Integrator::Rk4, rate(-see_a)));
    let got = trajectory(net, a, 200);
    assert!((got[200] - 10.0_f64.cos()).abs() < 1e-6, "{}", got[200]);
}

#[test]
fn all_changes_see_the_state_at_the_start_of_the_tick() {
    for swapped in [false, true] {
        let mut net = Net::new(1.0);
        let cell = net.population("cell", &[]);
        let names = if swapped { ["b", "a"] } else { ["a", "b"] };
        let first = net.state(cell, names[0], n(if swapped { 10.0 } else { 1.0 }), None);
        let second = net.state(cell, names[1], n(if swapped { 1.0 } else { 10.0 }), None);
        let (a, b) = if swapped { (second, first) } else { (first, second) };
        let (see_a, see_b) = (net.see(a), net.see(b));
        net.change(a, increment(see_b.clone()));
        net.change(b, increment(-see_a));
        assert_eq!(trajectory(net, a, 2), [1.0, 11.0, 20.0]);
    }
}

/// Three inputs onto two cells, all weights 0.5, under a rule.
fn layer(tick: f64, connect: Connect) -> (Net, VarId, ProjId) {
    let mut net = Net::new(tick);
    let (i, j) = (net.axis("i", 3), net.axis("j", 2));
    let (input, x) = net.input("input", &[i]);
    let cortex = net.population("cortex", &[j]);
    let ff = net.synapses("ff", input, cortex, connect, 0.5);
    let drive = net.drive(ff);
    net.follows(cortex, "y", drive);
    (net, x, ff)
}

fn axis_of(net: &Net, name: &str) -> AxisId {
    net.axes.iter_enumerated().find(|(_, a)| a.name == name).unwrap().0
}

#[test]
fn a_bcm_tick_is_as_computed_by_hand() {
    let (mut net, x, ff) = layer(0.1, Connect::All);
    let theta = net.rule_var(ff, "theta", Domain::Post, 1.0, None);
    let y = net.y(ff);
    let see = net.see(theta);
    net.change(theta, slow(10.0, pow(y.clone(), 2.0) - see.clone()));
    let dw = n(0.02) * net.x(ff) * y.clone() * (y - see) - n(0.001) * net.w(ff);
    net.learn(ff, rate(dw));
    let i = axis_of(&net, "i");
    let input = net.show(x, coord(i) + n(1.0));
    let present = net.present(vec![input], 0.2);
    net.program.protocol = vec![present];
    let (w_see, theta_see) = (net.w(ff), net.see(theta));
    let (w_end, theta_end) = (at_end(&mut net, w_see), at_end(&mut net, theta_see));
    let got = go(net);

    let (mut w, mut theta) = ([[0.5_f64; 3]; 2], [1.0_f64; 2]);
    let xs = [1.0, 2.0, 3.0];
    let z: f64 = -0.1 / 10.0;
    let (decay, gain) = (scalar::exp(z), (0.1 / 10.0) * (scalar::expm1(z) / z));
    for _ in 0..2 {
        for j in 0..2 {
            // partial sums 0, 1 and 2, then (p0 + p2) + p1
            let p: Vec<f64> = (0..3).map(|i| w[j][i].mul_add(xs[i], 0.0)).collect();
            let y = (p[0] + p[2]) + p[1];
            let a = 0.02 * y * (y - theta[j]) * 0.1;
            let l = -0.001 * 0.1;
            for i in 0..3 {
                w[j][i] = f64::mul_add(a, xs[i], f64::mul_add(l, w[j][i], w[j][i]));
            }
            theta[j] = decay.mul_add(theta[j], gain * (y * y));
        }
    }
    assert_eq!(probe(&got, w_end).data.as_ref(), w.concat());
    assert_eq!(probe(&got, theta_end).data.as_ref(), theta);
}

#[test]
fn a_sparse_projection_that_joins_all_equals_a_dense_one() {
    let final_weights = |connect: fn() -> Connect| {
        let (mut net, x, ff) = layer(0.1, connect());
        let theta = net.rule_var(ff, "theta", Domain::Post, 1.0, None);
        let trace = net.rule_var(ff, "s", Domain::Synapses, 0.0, None);
        let (y, see, s) = (net.y(ff), net.see(theta), net.see(trace));
        net.change(theta, slow(10.0, pow(y.clone(), 2.0) - see.clone()));
        net.change(trace, slow(0.5, net.x(ff) * y.clone() - s.clone()));
        let i = axis_of(&net, "i");
        let mean = reduce(ReduceOp::Mean, net.w(ff), &[i]);
        let j = axis_of(&net, "j");
        let column = reduce(ReduceOp::Sum, net.w(ff) * y.clone(), &[j]);
        let dw = n(0.002) * net.x(ff) * y.clone() * (y - see) * s
            - n(0.001) * net.w(ff) * mean
            - n(0.001) * column;
        net.learn(ff, rate(dw));
        let input = net.show(x, coord(i) + n(1.0));
        let present = net.present(vec![input], 2.0);
        net.program.protocol = vec![present];
        let w = net.w(ff);
        let end = at_end(&mut net, w);
        probe(&go(net), end)
    };
    let dense = final_weights(|| Connect::All);
    let sparse = final_weights(|| Connect::Where(compare(crate::syntax::ast::BinaryOp::Lt, n(0.0), n(1.0))));
    assert_eq!(dense.data, sparse.data);
    assert!(dense.data.iter().all(|w| w.is_finite() && *w != 0.5));
}

#[test]
fn absent_pairs_have_no_weight_and_no_part_in_the_drive() {
    let i_lt_j = |net: &Net| {
        let (i, j) = (axis_of(net, "i"), axis_of(net, "j"));
        compare(crate::syntax::ast::BinaryOp::Le, coord(i), coord(j))
    };
    let (mut net, x, ff) = layer(0.1, Connect::All);
    net.program.projections[ff].connect = Connect::Where(i_lt_j(&net));
    let input = net.show(x, n(1.0));
    let present = net.present(vec![input], 0.1);
    net.program.protocol = vec![present];
    let (w, y) = (net.w(ff), net.y(ff));
    let (w, y) = (at_end(&mut net, w), at_end(&mut net, y));
    let got = go(net);
    assert_eq!(probe(&got, y).data.as_ref(), [0.5, 1.0]);
    let w = probe(&got, w);
    assert_eq!(w.present.as_deref(), Some(&[true, false, false, true, true, false][..]));
}

#[test]
fn random_connections_are_a_function_of_the_seed() {
    let joined = |seed| {
        let (mut net, _, ff) = layer(0.1, Connect::Random(0.5));
        net.program.seed = seed;
        let rest = net.rest(0.1);
        net.program.protocol = vec![rest];
        let w = net.w(ff);
        let w = at_end(&mut net, w);
        probe(&go(net), w).present
    };
    assert_eq!(joined(1), joined(1));
    assert!((2..10).any(|s| joined(s) != joined(1)));
    let key = crate::contract::philox::key(1, "ff/connect");
    let drawn: Vec<bool> =
        (0..6_u64).map(|e| crate::contract::philox::uniform(key, (e / 3) << 32 | (e % 3), 0) < 0.5).collect();
    assert_eq!(joined(1).unwrap().as_ref(), drawn);
}

fn normalised(function: NormaliseFunction, mode: NormaliseMode, target: f64) -> Vec<f64> {
    let (mut net, _, ff) = layer(1.0, Connect::All);
    let (i, w) = (axis_of(&net, "i"), net.program.projections[ff].w);
    net.start(w, coord(i) + n(1.0));
    net.program.projections[ff].normalise = vec![Normalise {
        var: w,
        function,
        over: vec![i],
        target: n(target),
        every: None,
        mode,
        span: span(),
    }];
    let rest = net.rest(1.0);
    net.program.protocol = vec![rest];
    let w = net.w(ff);
    let w = at_end(&mut net, w);
    let got = go(net);
    assert!(matches!(
        &got.cases[0].main.notes[0],
        RunNote::StartChanged { by: "normalise", changed: 6, of: 6, .. }
    ));
    probe(&got, w).data[..3].to_vec()
}

use crate::record::RunNote;

#[test]
fn normalisation_holds_its_quantity() {
    use NormaliseFunction as F;
    use NormaliseMode as M;
    let s = 12.0 / 6.0;
    assert_eq!(normalised(F::Sum, M::Multiplicative, 12.0), [s, 2.0 * s, 3.0 * s]);
    assert_eq!(normalised(F::Sum, M::Subtractive, 12.0), [3.0, 4.0, 5.0]);
    assert_eq!(normalised(F::Mean, M::Subtractive, 1.0), [0.0, 1.0, 2.0]);
    let norm = 14.0_f64.sqrt();
    assert_eq!(
        normalised(F::Norm, M::Multiplicative, 1.0),
        [1.0 / norm, 2.0 * (1.0 / norm), 3.0 * (1.0 / norm)]
    );
}

#[test]
fn normalisation_counts_the_pairs_that_exist() {
    let (mut net, _, ff) = layer(1.0, Connect::All);
    let (i, j, w) = (axis_of(&net, "i"), axis_of(&net, "j"), net.program.projections[ff].w);
    net.program.projections[ff].connect =
        Connect::Where(compare(crate::syntax::ast::BinaryOp::Le, coord(i), coord(j)));
    net.program.projections[ff].normalise = vec![Normalise {
        var: w,
        function: NormaliseFunction::Sum,
        over: vec![i],
        target: n(3.0),
        every: None,
        mode: NormaliseMode::Subtractive,
        span: span(),
    }];
    let rest = net.rest(1.0);
    net.program.protocol = vec![rest];
    let w = net.w(ff);
    let w = at_end(&mut net, w);
    let got = probe(&go(net), w);
    assert_eq!(got.data.as_ref(), [3.0, 0.0, 0.0, 1.5, 1.5, 0.0]);
}

#[test]
fn bounds_hold_and_are_noted() {
    let (mut net, x, ff) = layer(1.0, Connect::All);
    let (i, j, w) = (axis_of(&net, "i"), axis_of(&net, "j"), net.program.projections[ff].w);
    net.learn(ff, increment(net.x(ff)));
    let hi = at_start(n(3.0) * reduce(ReduceOp::Mean, net.w(ff), &[j, i]));
    net.program.projections[ff].bounds = vec![Bounds { var: w, lo: n(0.0), hi, span: span() }];
    let input = net.show(x, coord(i) * n(0.4));
    let present = net.present(vec![input], 2.0);
    net.program.protocol = vec![present];
    let w = net.w(ff);
    let w = at_end(&mut net, w);
    let got = go(net);
    assert_eq!(probe(&got, w).data[..3], [0.5, 1.3, 1.5]);
    let notes = &got.cases[0].main.notes;
    assert!(
        matches!(notes[..], [RunNote::Bounded { low, high, .. }] if low == 0.0 && high == 1.0 / 3.0),
        "{notes:?}"
    );
}

#[test]
fn increments_act_when_their_schedule_says() {
    let (mut net, v, _) = one(1.0, 0.0);
    let mut equation = increment(n(1.0));
    equation.schedule = Schedule::Every(3);
    net.change(v, equation);
    // in the ticks that start at 3 and 6, so their results are seen at 4 and 7
    assert_eq!(trajectory(net, v, 8), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0]);
}

#[test]
fn a_delay_brings_the_output_of_so_many_ticks_ago() {
    let (mut net, x, ff) = layer(1.0, Connect::All);
    net.delay(ff, 2);
    let input = net.show(x, ticks() + n(1.0));
    let present = net.present(vec![input], 5.0);
    net.program.protocol = vec![present];
    let y = net.y(ff);
    let id = net.record("y", y, 1, &[]);
    let got = series(&go(net), id);
    // before t = 0 inputs are zero; y = 3 * 0.5 * x
    let first: Vec<f64> = got.chunks(2).map(|c| c[0]).collect();
    assert_eq!(first, [0.0, 0.0, 1.5, 3.0, 4.5, 6.0]);
}

#[test]
fn before_the_start_a_delayed_output_is_that_at_the_start() {
    let mut net = Net::new(1.0);
    let source = net.population("source", &[]);
    net.follows(source, "y", n(2.0));
    let middle = net.population("middle", &[]);
    let first = net.synapses("first", source, middle, Connect::All, 3.0);
    net.delay(first, 4);
    let drive = net.drive(first);
    net.follows(middle, "y", drive);
    let last = net.population("last", &[]);
    let second = net.synapses("second", middle, last, Connect::All, 5.0);
    net.delay(second, 2);
    let drive = net.drive(second);
    let y = net.follows(last, "y", drive);
    assert_eq!(trajectory(net, y, 2), [30.0, 30.0, 30.0]);
}

#[test]
fn infinity_stops_the_run_and_is_named() {
    let (mut net, v, see) = one(1.0, 2.0);
    net.change(v, increment(see.clone() * see));
    let rest = net.rest(100.0);
    net.program.protocol = vec![rest];
    let d = go_err(net);
    assert_eq!(d.code.0, "E0801");
    assert!(d.headline.starts_with("`cell.v` is infinite at t = "), "{}", d.headline);
}

#[test]
fn too_large_a_network_is_refused_before_it_is_made() {
    let mut net = Net::new(1.0);
    let (i, j) = (net.axis("i", 1 << 20), net.axis("j", 1 << 20));
    let (input, _) = net.input("input", &[i]);
    let cortex = net.population("cortex", &[j]);
    net.synapses("ff", input, cortex, Connect::All, 0.5);
    let experiment = net.experiment();
    let options = Options { memory: Some(1 << 30), ..Options::default() };
    let d = run(&experiment, &[0], &options, &mut Silent).unwrap_err();
    assert_eq!(d.code.0, "E0803");
    assert_eq!(d.headline, "the run needs at least 8.8 TB of memory");
}
