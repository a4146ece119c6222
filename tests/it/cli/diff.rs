//! `plast diff`: what differs between two runs.

use super::{SMALL, home, plast, ran, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// One weight that grows and decays, by a rule that is a parameter.
const DECAY: &str = "\
use rules.hebb_decay
use rules.oja

clock 100 ms
seed 3

param lambda = 0.2 /s
param R      = hebb_decay(eta = 0.1 /s, lambda = lambda)

population source[i: 3]
population target { output y = drive }
synapses ff: source -> target { rule R; connect all; w = uniform(0.5, 1.5) }
protocol {
    phase learn { present 0.5 on source for 10 s }
    phase test frozen {
        present 1 on source for 1 s
        probe after = target.y
        probe weights = ff.w
    }
}
record rate = target.y every 1 s
expect after < 1 \"the weights decay\"
";

fn decay(home: &Path) {
    fs::write(home.join("decay.plast"), DECAY).unwrap();
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "../../snapshots/diff", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

/// What `plast diff` prints; it must end with a code.
fn diff(home: &Path, arguments: &[&str], code: i32) -> String {
    let all: Vec<&str> = std::iter::once("diff").chain(arguments.iter().copied()).collect();
    let ran = run(home, &all);
    assert_eq!(ran.code, code, "{arguments:?}\n{}{}", ran.out, ran.err);
    assert_eq!(ran.err, "", "{arguments:?}");
    ran.out
}

#[test]
fn a_halved_decay_shows_in_all_it_changes() {
    let home = home();
    decay(home.path());
    snapshot("halved decay", &diff(home.path(), &["decay.plast", "--set", "lambda=0.1 /s"], 3));
}

#[test]
fn rules_are_exchanged_by_name() {
    let home = home();
    decay(home.path());
    snapshot("exchanged rule", &diff(home.path(), &["decay.plast", "--set", "R=oja(eta = 0.1 /s)"], 3));
}

#[test]
fn another_seed_changes_what_is_drawn() {
    let home = home();
    snapshot("another seed", &diff(home.path(), &["small.plast", "--seed", "8", "--case", "ongoing"], 3));
}

#[test]
fn cases_meet_by_name_and_texts_line_by_line() {
    let home = home();
    let other = SMALL
        .replace("silence { level = 0 }", "silence { level = 0.0 }  loud { level = 2 }")
        .replace("for 10 s", "for 8 s // shorter")
        .replace("record seen", "record heard");
    fs::write(home.path().join("other.plast"), other).unwrap();
    snapshot("changed cases", &diff(home.path(), &["small.plast", "other.plast"], 3));
}

#[test]
fn another_tick_compares_at_common_times() {
    let home = home();
    fs::write(
        home.path().join("fine.plast"),
        SMALL
            .replace("clock 100 ms", "clock 30 ms")
            .replace("every 1 s", "every 300 ms")
            .replace("10 s", "9 s"),
    )
    .unwrap();
    let out = diff(home.path(), &["small.plast", "fine.plast", "--case", "ongoing"], 3);
    assert!(out.contains("tick            100 ms  →  30 ms  -70 ms  -70 %"), "{out}");
    // every 1 s up to 10 s and every 0.3 s up to 9 s meet at 0, 3, 6 and 9 s
    assert!(
        out.contains("rate[ongoing]  the same in the 4 samples both have, 7 in A only, 27 in B only"),
        "{out}"
    );
}

#[test]
fn results_in_a_folder_are_the_same_to_the_last_bit() {
    let home = home();
    decay(home.path());
    assert_eq!(run(home.path(), &["run", "decay.plast", "--out", "before", "-q"]).code, 0);
    assert_eq!(
        diff(home.path(), &["before", "decay.plast"], 0),
        "A  before\nB  decay.plast\n\n✓ the same to the last bit (3 results, 16 numbers)\n"
    );
    assert!(diff(home.path(), &["before", "before"], 0).contains("the same to the last bit"));
    let changed = diff(home.path(), &["before", "decay.plast", "--set", "lambda=0.1 /s"], 3);
    assert!(changed.contains("lambda  0.2 /s  →  0.1 /s  -0.1 /s  -50 %"), "{changed}");
    fs::write(home.path().join("decay.plast"), DECAY.replace("0.5 on", "0.6 on")).unwrap();
    let changed = diff(home.path(), &["before", "decay.plast"], 3);
    for said in ["keeps its digest only", "note: the files of A and B are not the same text"] {
        assert!(changed.contains(said), "{said}\n{changed}");
    }
}

#[test]
fn a_lock_says_what_it_does_not_keep() {
    let home = home();
    decay(home.path());
    assert_eq!(run(home.path(), &["lock", "decay.plast", "--force"]).code, 0);
    snapshot("lock", &diff(home.path(), &["decay.lock", "decay.plast", "--set", "lambda=0.1 /s"], 3));
    assert!(
        diff(home.path(), &["decay.plast", "decay.lock"], 0).contains("the same to the last bit (3 results")
    );
}

#[test]
fn two_texts_that_mean_the_same_do_not_differ() {
    let home = home();
    let same = SMALL.replace("//! Small.", "//! Small!\n// and said otherwise").replace("seed 3", "seed  3");
    fs::write(home.path().join("same.plast"), same).unwrap();
    assert!(diff(home.path(), &["small.plast", "same.plast"], 0).contains("the same to the last bit"));
}

#[test]
fn it_comes_as_json_too() {
    let home = home();
    decay(home.path());
    let out = diff(home.path(), &["decay.plast", "--set", "lambda=0.1 /s", "--format", "json"], 3);
    let data: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(data["differs"], true);
    assert_eq!(data["parameters"][0]["name"], "lambda");
    assert_eq!(data["parameters"][0]["values"][1]["value"], 0.1);
    assert_eq!(data["probes"][0]["name"], "after");
    assert_eq!(data["records"][0]["how"]["first"]["t"], 1.0);
    assert_eq!(data["records"][0]["how"]["courses"][0].as_array().map(Vec::len), Some(12));
    let same = diff(home.path(), &["decay.plast", "decay.plast", "--format", "json"], 0);
    assert_eq!(serde_json::from_str::<Value>(&same).unwrap()["differs"], false);
}

#[test]
fn differences_too_small_to_matter_are_passed_over() {
    let home = home();
    decay(home.path());
    let set = ["decay.plast", "--set", "lambda=0.2000000001 /s", "--above", "1e-6"];
    let out = diff(home.path(), &set, 3);
    assert!(out.contains("differences too small to be shown: `after`, `weights`, `rate`"), "{out}");
    assert!(out.contains("lambda  0.2 /s  →  0.2000000001 /s"), "{out}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let home = home();
    run(home.path(), &["lock", "small.plast"]);
    fs::create_dir(home.path().join("empty")).unwrap();
    for (arguments, code, words) in [
        (&["small.plast"][..], 2, &["E0912", "--set"][..]),
        (&["-", "-"], 2, &["E0912", "standard input"]),
        (&["small.plast", "small.lock", "--seed", "4"], 2, &["E0912", "exchange A and B"]),
        (&["small.lock", "small.lock", "--case", "silence"], 2, &["E0912"]),
        (&["small.plast", "empty"], 1, &["E0911", "manifest.json"]),
        (&["small.plast", "smal.lock"], 1, &["E0703"]),
        (&["small.plast", "--seed", "4", "--above=-1"], 2, &["a part is a number from 0 on"]),
    ] {
        let all: Vec<&str> = std::iter::once("diff").chain(arguments.iter().copied()).collect();
        let ran = run(home.path(), &all);
        assert_eq!(ran.code, code, "{arguments:?}\n{}", ran.err);
        for word in words {
            assert!(ran.err.contains(word), "{arguments:?} lacks {word}:\n{}", ran.err);
        }
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn one_side_may_come_from_standard_input() {
    let home = home();
    let out = ran(plast(home.path()).args(["diff", "-", "small.plast"]).write_stdin(SMALL));
    assert_eq!(out.code, 0, "{}{}", out.out, out.err);
}
