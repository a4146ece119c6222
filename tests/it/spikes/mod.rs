//! Spikes: against a simulation of a few lines, against ticks, and between back ends.

mod far;
mod oracle;
mod poisson;

use crate::harness::Files;
use plast::backend::Choice;
use plast::runtime::{Options, Silent};
use plast::sema::Overrides;
use plast::session;

/// What a program's probes are at its end, by name.
pub struct Probes(Vec<(String, Vec<f64>)>);

impl Probes {
    pub fn get(&self, name: &str) -> &[f64] {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_slice()).unwrap()
    }
}

/// Runs a program tick by tick or as it likes, and reads its probes.
pub fn probes(text: &str, backend: Choice, ticks: bool) -> Probes {
    let checked = match session::check("spikes.plast", text, &Files::default(), &Overrides::default()) {
        Ok(checked) => checked,
        Err(refused) => {
            let headlines: Vec<_> = refused.diagnostics.iter().map(|d| &d.headline).collect();
            panic!("{text}\n{headlines:#?}")
        }
    };
    let options = Options { backend, ticks, threads: 1, ..Options::default() };
    let finished = match checked.run(&[0], &options, &mut Silent) {
        Ok(finished) => finished,
        Err(refused) => {
            let headlines: Vec<_> = refused.diagnostics.iter().map(|d| &d.headline).collect();
            panic!("{text}\n{headlines:#?}")
        }
    };
    let program = &checked.experiment.programs[0];
    let run = &finished.recording.cases[0].main;
    let read = program.probes.iter().zip(run.probes.iter());
    Probes(read.map(|(p, v)| (p.name.clone(), v.as_ref().unwrap().data.to_vec())).collect())
}

/// Whether the program goes from spike to spike.
pub fn jumps(text: &str) -> bool {
    let checked =
        session::check("spikes.plast", text, &Files::default(), &Overrides::default()).ok().unwrap();
    let (axes, program) = (&checked.experiment.axes, &checked.experiment.programs[0]);
    plast::ir::build::build(axes, program, false, None, false).unwrap().events.ticks.is_none()
}

/// A time constant that the protocol sets stays what it is between statements, so the decay is exact either way.
#[test]
fn a_trace_whose_time_constant_is_set_decays_exactly() {
    let text = "rule r {
    param tau = 20 ms
    trace pre r = 0
    tau * dr/dt = -r
    on pre { r += 1 }
    on post { w += r }
}
population a[i: 1] spiking
population b[j: 1] spiking
synapses s: a -> b { rule r; w = 0 }
protocol {
    spike a at 1 ms for 21 ms
    set s.tau = 5 ms
    rest 30 ms
    probe left = s.r
}";
    // 20 ms at 20 ms, 30 ms at 5 ms; a rounding or two in each of fifty ticks, or in both stretches
    let exact = (-1.0_f64 - 6.0).exp();
    let left = |text: &str, ticks| probes(text, Choice::Auto, ticks).get("left")[0] / exact - 1.0;
    assert!(jumps(text));
    assert!(left(text, false).abs() < 8.0 * f64::EPSILON, "{}", left(text, false));
    let clocked = format!("clock 1 ms\n{text}");
    assert!(left(&clocked, true).abs() < 100.0 * f64::EPSILON, "{}", left(&clocked, true));
}

/// Ticks may pass as one loop between two looks: what went on in closed form meanwhile is not what it was at the first.
#[test]
fn a_trace_goes_on_while_ticks_pass_as_one_loop() {
    let text = "clock 1 ms
rule r {
    param tau = 10 ms
    trace pre r = 0
    tau * dr/dt = -r
    on pre { r += 1 }
    on post { w += r }
}
population a[i: 1] spiking
population b[j: 1] spiking
population c { state v = 1; 10 ms * dv/dt = -v*v }
synapses s: a -> b { rule r; w = 0 }
protocol {
    spike a at 1 ms for 1 ms
    probe first = s.r
    rest 20 ms
    probe second = s.r
    set s.tau = 20 ms
    rest 20 ms
    probe third = s.r
}";
    let p = probes(text, Choice::Auto, false);
    // a rounding or two for each course
    let near = |name: &str, exact: f64| (p.get(name)[0] / exact - 1.0).abs() < 8.0 * f64::EPSILON;
    assert!(near("first", 1.0) && near("second", (-2.0_f64).exp()) && near("third", (-3.0_f64).exp()));
}

#[test]
fn what_does_not_decay_grows_with_time() {
    for (leak, exact) in [("0 /s", 3.0), ("2 /s", (-2.0_f64).exp() + 1.0 - (-2.0_f64).exp())] {
        let text = format!(
            "rule r {{
    param leak = 1 /s
    trace pre r = 0
    dr/dt = 2 /s - leak*r
    on pre {{ r = 1 }}
    on post {{ w += r }}
}}
population a[i: 1] spiking
population b[j: 1] spiking
synapses s: a -> b {{ rule r; w = 0 }}
protocol {{
    spike a at 1 ms for 1 ms
    set s.leak = {leak}
    rest 1 s
    probe left = s.r
}}"
        );
        let left = probes(&text, Choice::Auto, false).get("left")[0];
        assert!((left / exact - 1.0).abs() < 8.0 * f64::EPSILON, "{leak}: {left} {exact}");
    }
}
