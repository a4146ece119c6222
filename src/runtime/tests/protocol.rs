use super::*;
use crate::hir::{
    AssignOp, Connect, Control, Length, LoopValues, Schedule, Selection, Selector, Statement,
    StatementKind as S,
};
use crate::record::RunNote;
use crate::syntax::ast::BinaryOp;

/// An input without axes, and a state that integrates it: v counts input times ticks.
fn counter() -> (Net, VarId, VarId) {
    let mut net = Net::new(1.0);
    let (_, x) = net.input("input", &[]);
    let cell = net.population("cell", &[]);
    let v = net.state(cell, "v", n(0.0), None);
    let x_now = net.see(x);
    net.change(v, increment(x_now));
    (net, x, v)
}

fn show(net: &mut Net, x: VarId, value: f64, seconds: f64) -> Statement {
    let input = net.show(x, n(value));
    net.present(vec![input], seconds)
}

#[test]
fn populations_not_presented_are_zero() {
    let (mut net, x, v) = counter();
    let (a, b) = (show(&mut net, x, 2.0, 3.0), net.rest(5.0));
    let c = show(&mut net, x, 1.0, 2.0);
    net.program.protocol = vec![a, b, c];
    let v = net.see(v);
    let end = at_end(&mut net, v);
    let got = go(net);
    assert_eq!(probe(&got, end).as_scalar(), Some(8.0));
    assert_eq!(got.cases[0].main.ticks, 10);
}

#[test]
fn a_probe_reads_under_the_statement_that_has_just_ended() {
    let (mut net, x, v) = counter();
    let (see_v, see_x) = (net.see(v), net.see(x));
    let cell = crate::hir::PopId(1);
    let y = net.follows(cell, "y", see_v + n(10.0) * see_x);
    let value = net.see(y);
    let (before, mid) = (net.probe("before", &[], &value), net.probe("mid", &[], &value));
    let statements = vec![
        net.read(before, &[], value.clone()),
        show(&mut net, x, 2.0, 3.0),
        net.read(mid, &[], value),
        net.rest(1.0),
    ];
    net.program.protocol = statements;
    let got = go(net);
    assert_eq!(probe(&got, before).as_scalar(), Some(0.0));
    // the states after three ticks of 2, with the input that was just shown
    assert_eq!(probe(&got, mid).as_scalar(), Some(26.0));
}

#[test]
fn teaching_changes_what_everybody_reads_until_its_block_ends() {
    let (mut net, x, v) = counter();
    let cell = crate::hir::PopId(1);
    let see_x = net.see(x);
    let y = net.follows(cell, "y", see_x);
    let see_y = net.see(y);
    net.change(v, increment(see_y.clone()));
    let taught = vec![
        show(&mut net, x, 1.0, 1.0),
        net.statement(S::Teach { var: y, op: AssignOp::Mul, value: n(10.0) }),
        show(&mut net, x, 1.0, 1.0),
        net.statement(S::Teach { var: y, op: AssignOp::Add, value: n(5.0) }),
        show(&mut net, x, 1.0, 1.0),
    ];
    let block = net.statement(S::Repeat { count: n(2.0), body: taught });
    let after = show(&mut net, x, 1.0, 1.0);
    let record = net.record("y", see_y, 1, &[]);
    net.program.protocol = vec![block, after];
    let v = net.see(v);
    let end = at_end(&mut net, v);
    let got = go(net);
    assert_eq!(series(&got, record), [1.0, 10.0, 15.0, 1.0, 10.0, 15.0, 1.0, 1.0]);
    assert_eq!(probe(&got, end).as_scalar(), Some(53.0));
}

#[test]
fn an_input_can_be_taught() {
    let (mut net, x, v) = counter();
    let teach = net.statement(S::Teach { var: x, op: AssignOp::Mul, value: n(3.0) });
    let a = show(&mut net, x, 2.0, 2.0);
    net.program.protocol = vec![teach, a];
    let v = net.see(v);
    let end = at_end(&mut net, v);
    assert_eq!(probe(&go(net), end).as_scalar(), Some(12.0));
}

#[test]
fn a_frozen_variable_stays_and_others_go_on() {
    let (mut net, x, v) = counter();
    let cell = crate::hir::PopId(1);
    let trace = net.state(cell, "trace", n(0.0), Some(increment(n(1.0))));
    let frozen = net.phase("test", &[v], true);
    let learn = show(&mut net, x, 1.0, 2.0);
    let body = vec![show(&mut net, x, 1.0, 3.0)];
    let test = net.statement(S::Phase { id: frozen, body });
    net.program.protocol = vec![learn, test];
    let (v, trace) = (net.see(v), net.see(trace));
    let (v, trace) = (at_end(&mut net, v), at_end(&mut net, trace));
    let got = go(net);
    assert_eq!(probe(&got, v).as_scalar(), Some(2.0));
    assert_eq!(probe(&got, trace).as_scalar(), Some(5.0));
}

#[test]
fn until_ends_a_presentation_after_the_tick_in_which_it_holds() {
    let (mut net, x, v) = counter();
    let condition = compare(BinaryOp::Ge, net.see(v), n(5.0));
    let input = net.show(x, n(2.0));
    let never = compare(BinaryOp::Lt, net.see(v), n(0.0));
    let until = Length::Until { condition, within: n(100.0) };
    let first = net.statement(S::Present { inputs: vec![input], length: until, spikes: None });
    let second = net.statement(S::Present {
        inputs: vec![],
        length: Length::Until { condition: never, within: n(7.0) },
        spikes: None,
    });
    net.program.protocol = vec![first, second];
    let v = net.see(v);
    let end = at_end(&mut net, v);
    let got = go(net);
    assert_eq!(probe(&got, end).as_scalar(), Some(6.0));
    assert_eq!(got.cases[0].main.ticks, 10);
    assert!(matches!(got.cases[0].main.notes[..], [RunNote::NotReached { times: 1, .. }]));
}

#[test]
fn a_control_passes_the_time_of_a_removed_phase_under_what_went_on() {
    let (mut net, x, v) = counter();
    let (base, strong) = (net.phase("base", &[], false), net.phase("strong", &[], false));
    let body = vec![show(&mut net, x, 1.0, 4.0)];
    let first = net.statement(S::Phase { id: base, body });
    let value = net.see(v);
    let after = net.probe("after", &[], &value);
    let body = vec![show(&mut net, x, 100.0, 2.0), net.read(after, &[], value.clone())];
    let second = net.statement(S::Phase { id: strong, body });
    let rest = net.rest(1.0);
    net.program.protocol = vec![first, second, rest];
    net.program.controls = vec![Control { phase: strong, body: None }];
    let record = net.record("v", value, 1, &[strong]);
    let got = go(net);
    let control = got.cases[0].control.as_ref().unwrap();
    assert_eq!(probe(&got, after).as_scalar(), Some(204.0));
    assert_eq!(control.probes[after].as_ref().unwrap().as_scalar(), Some(6.0));
    assert_eq!(control.ticks, got.cases[0].main.ticks);
    assert_eq!(series(&got, record), [4.0, 104.0]);
    assert_eq!(control.records[record].read(0, 9).unwrap(), [4.0, 5.0]);
}

#[test]
fn a_control_may_put_something_else_in_a_phases_place() {
    let (mut net, x, v) = counter();
    let strong = net.phase("strong", &[], false);
    let body = vec![show(&mut net, x, 100.0, 2.0)];
    let phase = net.statement(S::Phase { id: strong, body });
    let instead = vec![show(&mut net, x, 3.0, 2.0)];
    net.program.protocol = vec![phase];
    net.program.controls = vec![Control { phase: strong, body: Some(instead) }];
    let v = net.see(v);
    let end = at_end(&mut net, v);
    let got = go(net);
    assert_eq!(got.cases[0].control.as_ref().unwrap().probes[end].as_ref().unwrap().as_scalar(), Some(6.0));
}

#[test]
fn tracks_drive_their_own_slices() {
    let mut net = Net::new(1.0);
    let i = net.axis("i", 3);
    let (_, x) = net.input("input", &[i]);
    let cell = net.population("cell", &[i]);
    let v = net.state(cell, "v", n(0.0), None);
    let see_x = net.see(x);
    net.change(v, increment(see_x));
    let p = net.local("p", &[0.0, 1.0, 2.0]);
    let at = crate::hir::Expr { kind: crate::hir::ExprKind::Position(p), ..n(0.0) };
    let slice = vec![Selection { axes: vec![i], selector: Selector::At(Box::new(at)) }];
    let mut input = net.show(x, local(p) + n(1.0));
    input.slice = slice;
    let length = Length::For(local(p) + n(1.0));
    let present = net.statement(S::Present { inputs: vec![input], length, spikes: None });
    let together =
        net.statement(S::Together { values: LoopValues { local: p, shuffle: None }, body: vec![present] });
    let rest = net.rest(2.0);
    net.program.protocol = vec![together, rest];
    let v = net.see(v);
    let end = at_end(&mut net, v);
    let got = go(net);
    assert_eq!(probe(&got, end).data.as_ref(), [1.0, 4.0, 9.0]);
    assert_eq!(got.cases[0].main.ticks, 5);
}

#[test]
fn records_sample_their_grid_and_the_end_of_the_run() {
    let (mut net, x, v) = counter();
    let (a, b) = (net.phase("a", &[], false), net.phase("b", &[], false));
    let see = net.see(v);
    let whole = net.record("whole", see.clone(), 3, &[]);
    let during = net.record("during", see.clone(), 2, &[b]);
    let double = net.record("double", see * n(2.0), 4, &[a, b]);
    let body = vec![show(&mut net, x, 1.0, 5.0)];
    let first = net.statement(S::Phase { id: a, body });
    let body = vec![show(&mut net, x, 1.0, 4.0)];
    let second = net.statement(S::Phase { id: b, body });
    let body = vec![first, second];
    let repeat = net.statement(S::Repeat { count: n(2.0), body });
    net.program.protocol = vec![repeat];
    let got = go(net);
    assert_eq!(times(&got, whole), [0, 3, 6, 9, 12, 15, 18]);
    assert_eq!(times(&got, during), [5, 7, 14, 16]);
    assert_eq!(times(&got, double), [0, 4, 5, 9, 13, 14]);
    assert_eq!(series(&got, during), [5.0, 7.0, 14.0, 16.0]);
    assert_eq!(series(&got, double), [0.0, 8.0, 10.0, 18.0, 26.0, 28.0]);
}

#[test]
fn updates_per_presentation_act_at_its_end_and_not_after_a_rest() {
    let (mut net, x, v) = counter();
    let see_x = net.see(x);
    let mut equation = increment(see_x);
    equation.schedule = Schedule::Presentation;
    net.change(v, equation);
    let see = net.see(v);
    let record = net.record("v", see, 1, &[]);
    let statements =
        vec![show(&mut net, x, 2.0, 2.0), net.rest(2.0), show(&mut net, x, 3.0, 1.0), net.rest(1.0)];
    net.program.protocol = statements;
    assert_eq!(series(&go(net), record), [0.0, 0.0, 2.0, 2.0, 2.0, 5.0, 5.0]);
}

#[test]
fn set_acts_from_the_next_tick_on() {
    let (mut net, x, v) = counter();
    let gain = net.param("gain", 1.0, true);
    let value = net.get(gain) * net.see(x);
    net.change(v, increment(value));
    let see = net.get(gain);
    let probe_id = net.probe("gain", &[], &see);
    let statements = vec![
        show(&mut net, x, 1.0, 2.0),
        net.statement(S::Set { param: gain, value: n(5.0) }),
        net.read(probe_id, &[], see),
        show(&mut net, x, 1.0, 2.0),
    ];
    net.program.protocol = statements;
    let v = net.see(v);
    let end = at_end(&mut net, v);
    let got = go(net);
    assert_eq!(probe(&got, probe_id).as_scalar(), Some(1.0));
    assert_eq!(probe(&got, end).as_scalar(), Some(12.0));
}

#[test]
fn probes_in_loops_stand_along_the_loops_axes() {
    let (mut net, x, v) = counter();
    let k = net.local("k", &[1.0, 2.0, 3.0]);
    let axis = net.program.locals[k].axis;
    let value = net.see(v);
    let id = net.probe("after", &[axis], &value);
    let input = net.show(x, local(k));
    let body = vec![net.present(vec![input], 1.0), net.read(id, &[k], value)];
    let shuffled = net.statement(S::For { values: LoopValues { local: k, shuffle: Some("k".into()) }, body });
    net.program.protocol = vec![shuffled];
    let got = probe(&go(net), id);
    assert_eq!(got.shape(), [3]);
    // whatever the order, each value raises the count by itself
    let mut order: Vec<usize> = vec![0, 1, 2];
    order.sort_by(|a, b| got.data[*a].total_cmp(&got.data[*b]));
    let mut sum = 0.0;
    for i in order {
        sum += (i + 1) as f64;
        assert_eq!(got.data[i], sum);
    }
}

#[test]
fn a_probe_never_reached_has_no_value_and_half_reached_elements_are_absent() {
    let (mut net, _, v) = counter();
    let k = net.local("k", &[1.0, 2.0, 3.0]);
    let axis = net.program.locals[k].axis;
    let value = net.see(v);
    let (id, never) = (net.probe("some", &[axis], &value), net.probe("never", &[], &value));
    let read = net.read(never, &[], value.clone());
    let empty = net.statement(S::Repeat { count: n(0.0), body: vec![read] });
    let pick = net.statement(S::Pick { local: k, path: "pick".into(), weights: None });
    let read = net.read(id, &[k], value);
    let rest = net.rest(1.0);
    net.program.protocol = vec![empty, pick, rest, read];
    let got = go(net);
    assert!(got.cases[0].main.probes[never].is_none());
    assert_eq!(probe(&got, id).present.unwrap().iter().filter(|p| **p).count(), 1);
}

#[test]
fn draws_of_a_control_are_those_of_the_main_run() {
    let (mut net, x, v) = counter();
    let (a, b) = (net.phase("a", &[], false), net.phase("b", &[], false));
    let k = net.local("k", &[1.0, 10.0, 100.0, 1000.0]);
    let mut body = |path: &str| {
        let pick = net.statement(S::Pick { local: k, path: path.into(), weights: None });
        let input = net.show(x, local(k));
        let present = net.present(vec![input], 1.0);
        net.statement(S::Repeat { count: n(8.0), body: vec![pick, present] })
    };
    let (first, second) = (body("a/pick k"), body("b/pick k"));
    let first = net.statement(S::Phase { id: a, body: vec![first] });
    let second = net.statement(S::Phase { id: b, body: vec![second] });
    net.program.protocol = vec![first, second];
    net.program.controls = vec![Control { phase: a, body: None }];
    let see = net.see(v);
    let record = net.record("v", see, 1, &[b]);
    let got = go(net);
    let main = series(&got, record);
    let control = got.cases[0].control.as_ref().unwrap().records[record].read(0, 99).unwrap();
    let steps = |v: &[f64]| v.windows(2).map(|w| w[1] - w[0]).collect::<Vec<_>>();
    assert_eq!(steps(&main), steps(&control));
    assert_eq!(control[0], 0.0);
}

#[test]
fn a_count_that_is_not_whole_is_refused() {
    let (mut net, ..) = counter();
    let rest = net.rest(1.0);
    let repeat = net.statement(S::Repeat { count: n(2.5), body: vec![rest] });
    net.program.protocol = vec![repeat];
    assert_eq!(go_err(net).code.0, "E0805");
}

#[test]
fn a_place_that_does_not_exist_is_refused_when_it_is_read() {
    let mut net = Net::new(1.0);
    let i = net.axis("i", 3);
    let (_, x) = net.input("input", &[i]);
    let cell = net.population("cell", &[]);
    let v = net.state(cell, "v", n(0.0), None);
    let (see_x, see_v) = (net.see(x), net.see(v));
    net.change(v, increment(n(1.0) + index(see_x, i, see_v)));
    let rest = net.rest(9.0);
    net.program.protocol = vec![rest];
    let d = go_err(net);
    assert_eq!((d.code.0, d.headline.as_str()), ("E0802", "place 3 along `i` does not exist"));
}

#[test]
fn stopping_from_outside_keeps_what_was_recorded() {
    struct Stopper(Arc<AtomicBool>);
    impl Observer for Stopper {
        fn case_started(&mut self, _: usize, _: usize, _: bool, total: Option<u64>) {
            assert_eq!(total, Some(1_000_000_000));
        }
        fn progress(&mut self, phase: &str, tick: u64, _: Option<u64>) {
            assert_eq!(phase, "long");
            assert!(tick > 0);
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let (mut net, _, v) = counter();
    let long = net.phase("long", &[], false);
    let body = vec![net.rest(1e9)];
    let phase = net.statement(S::Phase { id: long, body });
    net.program.protocol = vec![phase];
    let see = net.see(v);
    let record = net.record("v", see, 1000, &[]);
    let stop = Arc::new(AtomicBool::new(false));
    let options = Options { stop: Some(stop.clone()), ..Options::default() };
    let experiment = net.experiment();
    let got = run(&experiment, &[0], &options, &mut Stopper(stop)).unwrap();
    assert!(got.cases[0].main.interrupted);
    assert!(got.cases[0].main.records[record].samples() > 1);
    let options = Options { until: Some(12.0), ..Options::default() };
    let got = run(&experiment, &[0], &options, &mut Silent).unwrap();
    assert_eq!(got.cases[0].main.ticks, 12);
    assert!(!got.cases[0].main.interrupted);
}

#[test]
fn a_pick_by_weight_takes_what_has_weight() {
    let (mut net, x, v) = counter();
    let k = net.local("k", &[1.0, 10.0, 100.0]);
    let axis = net.program.locals[k].axis;
    let weights = choose(compare(BinaryOp::Eq, coord(axis), n(1.0)), n(2.0), n(0.0));
    let pick = net.statement(S::Pick { local: k, path: "pick".into(), weights: Some(weights) });
    let input = net.show(x, local(k));
    let body = vec![pick, net.present(vec![input], 1.0)];
    let repeat = net.statement(S::Repeat { count: n(5.0), body });
    net.program.protocol = vec![repeat];
    let v = net.see(v);
    let end = at_end(&mut net, v);
    assert_eq!(probe(&go(net), end).as_scalar(), Some(50.0));
}

#[test]
fn one_to_one_weights_meet_their_own_input() {
    let mut net = Net::new(1.0);
    let i = net.axis("i", 3);
    let (input, x) = net.input("input", &[i]);
    let cell = net.population("cell", &[i]);
    let ff = net.synapses("ff", input, cell, Connect::OneToOne, 2.0);
    let drive = net.drive(ff);
    net.follows(cell, "y", drive);
    let dw = net.x(ff) * net.y(ff);
    net.learn(ff, increment(dw));
    let shown = net.show(x, coord(i));
    let present = net.present(vec![shown], 1.0);
    net.program.protocol = vec![present];
    let w = net.w(ff);
    let end = at_end(&mut net, w);
    assert_eq!(probe(&go(net), end).data.as_ref(), [2.0, 4.0, 10.0]);
}
