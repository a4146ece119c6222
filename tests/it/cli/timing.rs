//! What is said about how long a run takes: its form, never the speed itself.

use super::{home, run};
use serde_json::Value;

const FIELDS: &[&str] = &[
    "check_s",
    "compile_s",
    "ns_per_synapse_per_tick",
    "parse_s",
    "peak_bytes",
    "run_s",
    "stretches",
    "synapse_updates",
    "ticks",
];

/// Two cases of 100 ticks, three synapses.
fn has_the_form(timing: &Value) {
    let fields: Vec<&String> = timing.as_object().unwrap().keys().collect();
    assert_eq!(fields, FIELDS);
    for name in ["parse_s", "check_s", "compile_s", "run_s", "ns_per_synapse_per_tick"] {
        assert!(timing[name].as_f64().unwrap() > 0.0, "{name}: {timing}");
    }
    assert_eq!(timing["ticks"], 200);
    assert_eq!(timing["synapse_updates"], 600);
    let per = timing["run_s"].as_f64().unwrap() * 1e9 / 600.0;
    assert!((timing["ns_per_synapse_per_tick"].as_f64().unwrap() / per - 1.0).abs() < 1e-12);
    if cfg!(target_os = "linux") {
        assert!(timing["peak_bytes"].as_u64().unwrap() > 1 << 20);
    }
    let stretches = timing["stretches"].as_array().unwrap();
    // ticks that a record looks at pass one by one, those between in the order the back end has for them
    let ticks: u64 = stretches.iter().map(|s| s["ticks"].as_u64().unwrap()).sum();
    assert_eq!(ticks, 200, "{timing}");
    for stretch in stretches {
        assert_eq!((&stretch["at"], &stretch["times"]), (&"small.plast:11".into(), &2.into()));
        assert!(["step", "loop", "rows"].contains(&stretch["order"].as_str().unwrap()), "{timing}");
        assert!(stretch["threads"].is_u64());
    }
}

#[test]
fn a_run_ends_with_one_line_on_its_timing() {
    let home = home();
    let plain = run(home.path(), &["run", "small.plast"]);
    for format in [&["run", "small.plast"][..], &["run", "small.plast", "-q"]] {
        let ran = run(home.path(), &[format, &["--timing", "json"]].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        let line = ran.out.lines().last().unwrap();
        has_the_form(&serde_json::from_str(line).unwrap());
        let before = ran.out.strip_suffix(&format!("{line}\n")).unwrap();
        assert_eq!(before, if format.len() == 2 { plain.out.as_str() } else { "" });
    }
    let text = run(home.path(), &["run", "small.plast", "--timing", "text"]).out;
    let names = ["parse", "check", "compile", "run", "a tick", "a synapse in a tick"];
    let said = text.strip_prefix(&plain.out).unwrap();
    for (line, name) in said.trim().lines().zip(names) {
        assert!(line.starts_with(name), "{said}");
    }
}

#[test]
fn a_case_that_does_not_run_is_not_counted() {
    let home = home();
    let ran = run(home.path(), &["run", "small.plast", "-q", "--case", "silence", "--timing", "json"]);
    let timing: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&timing["ticks"], &timing["synapse_updates"]), (&100.into(), &300.into()));
}

#[test]
fn a_benchmark_holds_each_repetition_and_their_spread() {
    let home = home();
    let ran = run(home.path(), &["bench", "small.plast", "--reps", "3", "--timing", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let bench: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(bench["file"], "small.plast");
    let reps = bench["reps"].as_array().unwrap();
    assert_eq!(reps.len(), 3);
    reps.iter().for_each(has_the_form);
    for name in ["compile_s", "run_s", "ns_per_synapse_per_tick"] {
        let mut all: Vec<f64> = reps.iter().map(|r| r[name].as_f64().unwrap()).collect();
        all.sort_by(f64::total_cmp);
        let said = ["min", "median", "max"].map(|s| bench[name][s].as_f64().unwrap());
        assert_eq!(said, [all[0], all[1], all[2]], "{name}");
    }
}

#[test]
fn a_benchmark_judges_nothing() {
    let home = home();
    let ran = run(home.path(), &["bench", "small.plast", "--reps", "2", "--set", "level=0.1"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("small.plast: 200 ticks, 2 times"), "{}", ran.out);
    let words: Vec<&str> = lines[2].split_whitespace().collect();
    assert_eq!(words, ["min", "median", "max"]);
    assert!(lines[3].starts_with("compile ") && lines[4].starts_with("run "), "{}", ran.out);
    let wrong = run(home.path(), &["bench", "small.plast", "--case", "silense"]);
    assert!(wrong.code == 1 && wrong.err.contains("E0907"), "{}", wrong.err);
}

/// A layer of so many bytes of weights, and what of them a run may take at most.
#[cfg(target_os = "linux")]
#[test]
fn a_run_takes_little_more_memory_than_its_state() {
    const WEIGHTS: u64 = 2000 * 2000 * 8;
    let text = |integrator: &str, connect: &str, precision: &str| {
        format!(
            "precision {precision}
stimulus pattern[i: 2000] = i/2000
population input[i: 2000]
population cell[c: 2000] {{ output y = relu(drive) }}
rule bcm {{
    param eta = 1e-3 /s
    param decay = 1 /s
    post theta = 0.1
    1 s * dtheta/dt = y^2 - theta
    dw/dt = eta*x*y*(y - theta) - decay*w
    integrate {integrator}
    bounds w in [0, 1]
}}
synapses ff: input -> cell {{ rule bcm; connect {connect}; w = uniform(0, 1/1000) }}
protocol {{
    present pattern on input for 3 ticks
    probe average = mean(ff.w)
}}
expect average > 0
expect sum(ff.w[c: 7]*pattern) > 0
"
        )
    };
    // beside the state heun keeps one array as large, rk4 three; a synapse of a pattern has an index of twelve bytes
    let cases = [
        ("euler", "all", "f64", WEIGHTS),
        ("heun", "all", "f64", 2 * WEIGHTS),
        ("rk4", "all", "f64", 4 * WEIGHTS),
        ("euler", "all", "f32", WEIGHTS / 2),
        ("euler", "random(0.5)", "f64", WEIGHTS / 2 + 2000 * 2000 / 2 * 12),
    ];
    let home = home();
    for (integrator, connect, precision, state) in cases {
        std::fs::write(home.path().join("large.plast"), text(integrator, connect, precision)).unwrap();
        let ran = run(home.path(), &["run", "large.plast", "-q", "--timing", "json", "--threads", "1"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let timing: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
        let (peak, most) = (timing["peak_bytes"].as_u64().unwrap(), state * 6 / 5 + (50 << 20));
        assert!(peak <= most, "{integrator}, {connect}, {precision}: {peak} bytes, at most {most}");
    }
}
