//! What is saved is a file whose run has the bits of the session.

use super::{Memory, demo, session};
use plast::runtime::{Live, Options, Silent, Until};
use plast::sema::{Loader, Overrides};
use plast::session;
use plast::session::interactive::{Host, Session};
use proptest::prelude::*;
use std::sync::Arc;

fn bits(values: &[(String, Vec<f64>)]) -> Vec<(String, Vec<u64>)> {
    values.iter().map(|(n, v)| (n.clone(), v.iter().map(|v| v.to_bits()).collect())).collect()
}

/// The states of a file after so many ticks of its first case.
fn run_of(text: &str, loader: &dyn Loader, ticks: u64) -> Vec<(String, Vec<f64>)> {
    let checked = session::check("saved.plast", text, loader, &Overrides::default());
    let checked = checked.unwrap_or_else(|e| panic!("{text}\n{:?}", e.diagnostics));
    let experiment = Arc::new(checked.experiment);
    let mut live = Live::begin(&experiment, 0, &Options::default()).unwrap_or_else(|d| panic!("{d:?}"));
    live.advance(Until { tick: Some(ticks), ..Until::default() }, &Options::default(), &mut Silent)
        .unwrap_or_else(|d| panic!("{d:?}"));
    assert_eq!(live.now(), ticks, "{text}");
    let states = live.program().vars.iter_enumerated();
    let states = states.filter(|(_, v)| matches!(v.kind, plast::hir::VarKind::State { .. }));
    states.map(|(id, v)| (v.name.clone(), live.values(id))).collect()
}

fn same(session: &Session) {
    let text = session.text();
    let saved = run_of(&text, Memory::default().loader(), session.now());
    assert_eq!(bits(&saved), bits(&session.values()), "{text}");
}

fn tell(session: &mut Session, input: &str) {
    let answer = session.enter(input, &mut Silent);
    assert!(!answer.failed, "{input}\n{}", answer.text);
}

/// Inputs that do something, in any order.
fn action() -> impl Strategy<Value = String> {
    prop_oneof![
        (1..400u32).prop_map(|n| format!(":step {n}")),
        (1..90u32).prop_map(|n| format!(":run {}.{} s", n / 10, n % 10)),
        (1..40u32).prop_map(|n| format!(":present {n}/10*stripes for {n} ticks")),
        (1..9u32).prop_map(|n| format!("rest {n} s")),
        (1..40u32).prop_map(|n| format!("eta = {n}e-4 /s")),
        (1..4u32).prop_map(|n| format!("set level = {n}")),
        Just("present uniform(0, 1) on input for 7 ticks".to_string()),
        Just("repeat 3 { pick k from 0..5; present k*stripes/5 on input for 4 ticks }".to_string()),
        Just("for k in shuffle(0..4) { present k*stripes on input for 3 ticks }".to_string()),
        (1..9u32).prop_map(|n| format!("ff.eta = {n}e-4 /s")),
        (1..9u32).prop_map(|n| format!("set ff.lambda = {n}e-4 /s")),
        Just(":freeze".to_string()),
        Just(":freeze w".to_string()),
        Just(":thaw".to_string()),
        Just(":mark a".to_string()),
        Just(":back a".to_string()),
        Just("mean(w)".to_string()),
        Just("y".to_string()),
        Just(":why w".to_string()),
        Just(":until mean(w) > 0.1001 within 3 s".to_string()),
        Just("let twice = 2*mean(ff.w)".to_string()),
        Just("fn half(a) = a/2".to_string()),
        Just(":run".to_string()),
        Just("1/".to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_saved_file_has_the_bits_of_the_session(actions in proptest::collection::vec(action(), 1..25)) {
        let mut session = demo();
        tell(&mut session, "cases ending { ongoing {} }");
        for a in &actions {
            session.enter(a, &mut Silent);
        }
        session.enter(":step 0", &mut Silent);
        prop_assert!(session.blurred().is_empty(), "{:?}", session.blurred());
        same(&session);
    }
}

#[test]
fn what_is_written_by_saving_is_the_text_of_the_session() {
    let host = Memory::default();
    host.written.borrow_mut().insert("demo.plast".into(), plast::session::interactive::DEMO.into());
    let mut session = session(host.clone());
    for input in [":load demo.plast", ":run 5 s", ":present 2*stripes for 1 s", ":run 3 s", ":save out"] {
        tell(&mut session, input);
    }
    let written = host.written.borrow().get("out.plast").cloned();
    assert_eq!(written.as_deref(), Some(session.text().as_str()));
    same(&session);
    // and it can be loaded, and gone on with
    let values = session.values();
    tell(&mut session, ":load out.plast");
    tell(&mut session, ":run 9 s");
    assert_eq!(session.values(), values);
}

#[test]
fn a_time_constant_that_is_set_keeps_the_bits() {
    let mut session = demo();
    for input in [":run 5 s", "ff.tau = 5 s", ":run 5 s", ":save out"] {
        tell(&mut session, input);
    }
    same(&session);
}

#[test]
fn a_time_constant_that_is_set_between_spikes_keeps_the_bits() {
    let host = Memory::default();
    let text = "rule r {
    param tau = 20 ms
    trace pre r = 0
    tau * dr/dt = -r
    on pre { r += 1 }
    on post { w += r }
}
population a[i: 2] spiking
population b[j: 1] { spikes poisson(40 Hz) }
synapses s: a -> b { rule r; w = 0 }
protocol { train 20 at 20 Hz on a }
";
    host.written.borrow_mut().insert("spikes.plast".into(), text.into());
    let mut session = session(host);
    for input in
        [":load spikes.plast", ":run 1 s", "s.tau = 5 ms", ":run 533 ms", "s.tau = 7 ms", "rest 3 ms"]
    {
        tell(&mut session, input);
    }
    tell(&mut session, ":save out");
    same(&session);
}

#[test]
fn what_is_done_amid_the_spikes_of_a_statement_is_not_saved() {
    let text =
        "rule r { trace pre r = 0; 20 ms * dr/dt = -r; param a = 1; on pre { r += 1 }; on post { w += a*r } }
population a[i: 2] spiking
population b[j: 1] { spikes poisson(40 Hz) }
synapses s: a -> b { rule r; w = 0 }
protocol { train 50 at 20 Hz on a }
";
    let host = Memory::default();
    host.written.borrow_mut().insert("spikes.plast".into(), text.into());
    let mut session = session(host);
    tell(&mut session, ":load spikes.plast");
    tell(&mut session, ":run 333 ms");
    let refused = session.enter("rest 10 ms", &mut Silent);
    assert!(refused.failed && refused.text.contains("cannot be cut in two"), "{}", refused.text);
    tell(&mut session, "s.a = 2");
    assert!(session.blurred().iter().any(|b| b.contains("amid spikes")), "{:?}", session.blurred());
    assert!(session.enter(":save out", &mut Silent).failed);
}

#[test]
fn a_record_that_comes_late_has_every_sample() {
    let (mut late, mut early) = (demo(), demo());
    for input in [":run 5 s", "record r = mean(ff.w) every 1 s", ":run 5 s"] {
        tell(&mut late, input);
    }
    for input in ["record r = mean(ff.w) every 1 s", ":run 10 s"] {
        tell(&mut early, input);
    }
    let (a, b) = (late.enter("r", &mut Silent), early.enter("r", &mut Silent));
    assert_eq!(a.text, b.text);
    assert!(a.text.contains("[t: 11]"), "{}", a.text);
    same(&late);
}

#[test]
fn what_no_file_can_say_is_not_saved() {
    let mut session = demo();
    for input in [
        ":run 5 s",
        "rule bcm { param eta = 1 /s; param lambda = 0 /s; param tau = 1 s; dw/dt = 0.1*eta*x*y - lambda*w }",
        ":run 5 s",
    ] {
        tell(&mut session, input);
    }
    let mixed = session.values();
    let refused = session.enter(":save out", &mut Silent);
    assert!(
        refused.failed && refused.text.contains("E0922") && refused.text.contains("at 5 s"),
        "{}",
        refused.text
    );
    tell(&mut session, ":replay");
    assert_ne!(session.values(), mixed);
    tell(&mut session, ":save out");
    same(&session);
}

#[test]
fn another_course_begins_when_the_rule_is_changed() {
    let text = |tau: u32| {
        format!(
            "rule r {{ trace pre r = 0; {tau} ms * dr/dt = -r; on pre {{ r += 1 }}; on post {{ w += r }} }}"
        )
    };
    let rest = "population a[i: 1] spiking
population b[j: 1] spiking
synapses s: a -> b { rule r; w = 0 }
protocol { spike a at 0 ms for 1 ms }
";
    let host = Memory::default();
    host.written.borrow_mut().insert("spikes.plast".into(), format!("{}\n{rest}", text(20)));
    let mut session = session(host);
    for input in [":load spikes.plast", ":run 1 ms", "rest 19 ms", &text(5), "rest 10 ms"] {
        tell(&mut session, input);
    }
    let values = session.values();
    let (_, r) = values.iter().find(|(name, _)| name == "s.r").unwrap();
    // 20 ms at 20 ms, then 10 ms at 5 ms; a rounding or two in each
    let exact = (-1.0_f64 - 2.0).exp();
    assert!((r[0] / exact - 1.0).abs() < 8.0 * f64::EPSILON, "{} {exact}", r[0]);
}

/// What is left of each gap is left from then on, in whichever way spikes are drawn.
#[test]
fn poisson_spikes_go_on_at_their_rate_when_it_begins_or_ends_to_vary() {
    let text = |rate: &str| {
        format!(
            "clock 1 ms
population c {{ state v = 1; 1 s * dv/dt = 0*v }}
population p[i: 200] {{ spikes poisson({rate}) }}
protocol {{ rest 10 s }}
"
        )
    };
    let population = |rate: &str| format!("population p[i: 200] {{ spikes poisson({rate}) }}");
    for (before, after) in [("20 Hz * c.v", "20 Hz"), ("20 Hz", "20 Hz * c.v"), ("20 Hz * c.v", "5 Hz")] {
        let host = Memory::default();
        host.written.borrow_mut().insert("spikes.plast".into(), text(before));
        let mut session = session(host);
        let spikes = |session: &Session| {
            let values = session.values();
            values.iter().find(|(name, _)| name == "p.spikes").unwrap().1.iter().sum::<f64>()
        };
        for input in [":load spikes.plast", ":run 2 s", &population(after)] {
            tell(&mut session, input);
        }
        let then = spikes(&session);
        tell(&mut session, ":run 1 s");
        let rate = if after.starts_with('5') { 5.0 } else { 20.0 };
        // 200 cells for a second: four standard deviations of a count of 200*rate
        let expected = 200.0 * rate;
        let come = spikes(&session) - then;
        assert!((come - expected).abs() < 4.0 * f64::sqrt(expected), "{before}, {after}: {come}");
    }
}
