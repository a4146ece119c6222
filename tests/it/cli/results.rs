use super::{SMALL, home, plast, ran, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn an_experiment_runs_and_is_judged() {
    let home = home();
    let ran = run(home.path(), &["small.plast"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("summary", ran.out);
    });
    assert!(ran.err.starts_with("ran in "), "{}", ran.err);
}

#[test]
fn a_failing_expectation_ends_with_3() {
    let home = home();
    let ran = run(home.path(), &["run", "small.plast", "--set", "level=0.1"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.out.contains("✗ out[ongoing] > 1") && ran.out.contains("1 of 2 expectations failed"),
        "{}",
        ran.out
    );
}

#[test]
fn one_case_can_be_run_alone() {
    let home = home();
    let ran = run(home.path(), &["run", "small.plast", "--case", "silence"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("case silence") && ran.out.contains("1 expectation holds, 1 skipped"),
        "{}",
        ran.out
    );
}

#[test]
fn a_case_without_the_sample_is_not_passed_over() {
    let home = home();
    let text = "\
clock 100 ms
param level = 1
cases level in [1, 2]
cases seed in [0, 3]
population source
population target[c: 2] { output y = drive }
synapses ff: source -> target { fixed; w = 1 }
protocol { present level on source for 1 s; rest level*1 s }
record rate = target.y every 500 ms
expect rate[2.5 s] == 0
expect rate[2.5 s ..] == 0
expect rate[level: 2, 2.5 s] == 0
expect rate[.. 2.5 s, c: 1] < 3
expect (if level > 1 then rate[2.5 s] else 0) == 0
";
    fs::write(home.path().join("long.plast"), text).unwrap();
    let ran = run(home.path(), &["run", "long.plast"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    for line in [
        "no sample lies at 2.5 s in the case [level: 1, seed: 0]: the 5 there are run from 0 s to 2 s",
        "no sample lies in 2.5 s .. in the case [level: 1, seed: 0]: the 5 there are run from 0 s to 2 s",
        "✓ rate[level: 2, 2.5 s] == 0",
        "✓ rate[.. 2.5 s, c: 1] < 3",
        "✓ (if level > 1 then rate[2.5 s] else 0) == 0",
        "2 of 5 expectations failed",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    let alone = run(home.path(), &["run", "long.plast", "--case", "2"]);
    assert!(alone.out.contains("5 expectations hold"), "{}", alone.out);
}

#[test]
fn a_run_that_ends_before_it_is_asked_to_says_so() {
    let home = home();
    let ran = run(home.path(), &["run", "small.plast", "--until", "20 s"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("note: the protocol ends at 10 s, before `--until 20 s`"), "{}", ran.out);
    let whole = run(home.path(), &["run", "small.plast", "--until", "10 s"]);
    assert!(!whole.out.contains("note:"), "{}", whole.out);
}

#[test]
fn notes_that_read_alike_are_one() {
    let home = home();
    // 49 % and a little less
    let text = "\
clock 100 ms
param level = 1
cases level in [0.51, 0.51006]
population input[i: 20000]
population cell { output y = 1 + 0*drive }
rule r { dw/dt = 100 /s * x*y; bounds w in [0, 1] }
synapses s: input -> cell { rule r; w = 0 }
stimulus up[i: 20000] = i/20000
protocol { present (if up < level then 1 else 0) on input for 1 s }
";
    fs::write(home.path().join("alike.plast"), text).unwrap();
    let ran = run(home.path(), &["run", "alike.plast"]);
    let line = "note: `s.w` ended at its lower bound for 49 % of its values, at its upper for 51 %\n";
    assert!(ran.out.contains(line), "{}", ran.out);
    assert_eq!(ran.out.matches("note:").count(), 1, "{}", ran.out);
    let five = text.replace("0.51006]", "0.51006, 0.51011, 0.51016, 0.51021]");
    fs::write(home.path().join("alike.plast"), five).unwrap();
    let ran = run(home.path(), &["run", "alike.plast"]);
    assert!(ran.out.contains(line), "{}", ran.out);
}

#[test]
fn the_summary_comes_as_json_too() {
    let home = home();
    let ran = run(home.path(), &["run", "small.plast", "--format", "json", "--quiet"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let summary: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(summary["failed"], 0);
    assert_eq!(summary["cases"][1]["case"]["ending"], "silence");
    assert_eq!(summary["cases"][1]["run"]["probes"]["out"]["value"], 0.0);
    assert_eq!(summary["cases"][0]["run"]["records"]["rate"]["samples"], 11);
}

#[test]
fn results_go_to_a_folder() {
    let home = home();
    let out = home.path().join("results");
    assert_eq!(run(home.path(), &["run", "small.plast", "--out", "results"]).code, 0);
    let manifest = json(&out.join("manifest.json"));
    assert_eq!(manifest["interrupted"], false);
    assert_eq!(manifest["cases"][0]["seed"], 3);
    assert_eq!(manifest["files"].as_object().unwrap().len(), 4);
    let series = fs::read_to_string(out.join("series.csv")).unwrap();
    assert!(series.starts_with("t [s],rate[ongoing],rate[silence]\n0,"), "{series}");
    let probes = json(&out.join("probes.json"));
    assert_eq!(probes["weights"]["runs"][0]["value"].as_array().unwrap().len(), 3);
    assert_eq!(json(&out.join("expectations.json"))["expectations"][0]["verdict"], "held");

    let again = run(home.path(), &["run", "small.plast", "--out", "results"]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("E0903") && again.err.contains("--force"), "{}", again.err);
    assert_eq!(again.out, "", "nothing is run for a folder that is refused");
    assert_eq!(run(home.path(), &["run", "small.plast", "--out", "results", "--force"]).code, 0);
    fs::write(home.path().join("file"), "").unwrap();
    let below_a_file = run(home.path(), &["run", "small.plast", "--out", "file/results"]);
    assert_eq!(below_a_file.code, 1);
    assert!(below_a_file.err.contains("E0904"), "{}", below_a_file.err);
}

#[test]
fn numpy_would_open_the_arrays() {
    let home = home();
    assert_eq!(run(home.path(), &["run", "small.plast", "--out", "results"]).code, 0);
    let file = fs::File::open(home.path().join("results/arrays.npz")).unwrap();
    let mut npz = ndarray_npy::NpzReader::new(file).unwrap();
    let seen: ndarray::Array2<f64> = npz.by_name("seen[ongoing]").unwrap();
    assert_eq!(seen.shape(), [11, 3]);
    let weights: ndarray::Array1<f64> = npz.by_name("weights[silence]").unwrap();
    assert!(weights.iter().all(|w| (0.5..1.5).contains(w)));
}

#[test]
fn a_lock_holds_every_bit() {
    let home = home();
    let locked = run(home.path(), &["lock", "small.plast"]);
    assert_eq!(locked.code, 0, "{}", locked.err);
    let first = fs::read_to_string(home.path().join("small.lock")).unwrap();
    let verified = run(home.path(), &["verify", "small.plast"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    assert!(verified.out.contains("the same to the last bit"), "{}", verified.out);
    for threads in ["1", "2"] {
        assert_eq!(run(home.path(), &["lock", "small.plast", "--threads", threads]).code, 0);
        assert_eq!(fs::read_to_string(home.path().join("small.lock")).unwrap(), first);
    }

    fs::write(home.path().join("small.plast"), SMALL.replace("seed 3", "seed 4")).unwrap();
    let changed = run(home.path(), &["verify", "small.plast"]);
    assert_eq!(changed.code, 3, "{}", changed.err);
    assert!(changed.out.contains("`out[ongoing]` is ") && changed.out.contains(" apart"), "{}", changed.out);
    assert!(changed.out.contains("`small.plast` changed since it was locked"), "{}", changed.out);

    fs::write(home.path().join("small.lock"), "{}").unwrap();
    let broken = run(home.path(), &["verify", "small.plast"]);
    assert_eq!(broken.code, 1);
    assert!(broken.err.contains("E0906"), "{}", broken.err);
}

#[test]
fn what_fails_is_not_locked_unasked() {
    let home = home();
    fs::write(home.path().join("small.plast"), SMALL.replace("> 1\n", "> 100\n")).unwrap();
    let refused = run(home.path(), &["lock", "small.plast"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(refused.err.contains("E0909"));
    assert!(!home.path().join("small.lock").exists());
    assert_eq!(run(home.path(), &["lock", "small.plast", "--force"]).code, 0);
    assert_eq!(run(home.path(), &["verify", "small.plast"]).code, 0);
}

#[test]
fn an_equation_that_is_switched_off_is_reported() {
    let home = home();
    let held = "\
clock 100 ms
population source
population target { output y = drive }
rule bcm { post theta = 1; 1 s * dtheta/dt = y^2 - theta; dw/dt = 0.1 /s * x*y*(y - theta) - 0.01 /s * w }
synapses ff: source -> target { rule bcm; hold theta = 2; w = 0.5 }
protocol { present 1 on source for 1 s; probe at_end = ff.theta }
expect at_end == 2
";
    fs::write(home.path().join("held.plast"), held).unwrap();
    let ran = run(home.path(), &["held.plast"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("note: `ff.theta` is held at 2: its equation is ignored"), "{}", ran.out);
    let explained = run(home.path(), &["check", "--explain", "held.plast"]).out;
    assert!(explained.contains("ff.theta  held: its equation is ignored"), "{explained}");
}

#[test]
fn of_a_case_that_did_not_run_nothing_holds_and_nothing_fails() {
    let home = home();
    let text = "\
clock 1 ms
param level = 1
cases which { a { level = 1 } b { level = 2 } }
population p[n: 2] { state v = 0; 10 ms * dv/dt = level - v }
protocol { rest 100 ms; probe v_end = p.v }
expect all(v_end[b] > 0 over n)
expect any(v_end[b] < 0 over n)
expect all(v_end > 0 over n)
expect count(v_end[b] > 9 over n) == 0
expect count(v_end[a] > 9 over n) == 0
";
    fs::write(home.path().join("cases.plast"), text).unwrap();
    let ran = run(home.path(), &["run", "cases.plast", "--case", "a"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let marks: String =
        ran.out.lines().filter_map(|l| l.chars().next()).filter(|c| "✓✗○".contains(*c)).collect();
    assert_eq!(marks, "○○✓○✓", "{}", ran.out);
}

#[test]
fn a_run_can_be_cut_short() {
    let home = home();
    let ran = run(home.path(), &["run", "small.plast", "--until", "2 s", "--out", "results"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("2 expectations skipped"), "{}", ran.out);
    assert_eq!(json(&home.path().join("results/manifest.json"))["until"], 2.0);
}

#[test]
fn the_scaffold_passes() {
    let home = home();
    assert_eq!(run(home.path(), &["new", "first"]).code, 0);
    let ran = run(home.path(), &["first.plast"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("1 expectation holds"), "{}", ran.out);
}

#[test]
fn a_plain_terminal_gets_plain_signs() {
    let home = home();
    let ran = ran(plast(home.path()).args(["run", "small.plast"]).env("LC_ALL", "C"));
    assert_eq!(ran.code, 0);
    assert!(ran.out.is_ascii(), "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_recorded() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let home = home();
    fs::write(home.path().join("small.plast"), SMALL.replace("for 10 s", "for 100000000 s")).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_plast"))
        .args(["run", "small.plast", "--out", "results"])
        .current_dir(home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // long enough to have begun; what it has recorded by then is written after the key was pressed
    std::thread::sleep(Duration::from_millis(500));
    let pressed = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(pressed.elapsed() < Duration::from_secs(5));
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    let manifest = json(&home.path().join("results/manifest.json"));
    assert_eq!(manifest["interrupted"], true);
    let series = fs::read_to_string(home.path().join("results/series.csv")).unwrap();
    assert!(series.lines().count() > 10);
}
