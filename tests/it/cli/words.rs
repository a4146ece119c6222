//! What the command says of its own doings: locks replaced, blocks told apart, files it is given by half a name.

use super::{SMALL, home, run};
use std::fs;

#[test]
fn a_lock_says_what_it_replaces() {
    let home = home();
    let said = |force: &[&str]| run(home.path(), &[&["lock", "small.plast"], force].concat()).err;
    assert!(said(&[]).ends_with("wrote small.lock\n"));
    assert!(said(&[]).ends_with("wrote small.lock, in place of one with the same results\n"));
    fs::write(home.path().join("small.plast"), SMALL.replace("seed 3", "seed 4")).unwrap();
    let other = said(&[]);
    assert!(
        other.contains("wrote small.lock, in place of one with other results (4 differences)\n"),
        "{other}"
    );
    assert!(
        other.contains("    `out[ongoing]` is ") && other.contains("    `small.plast` changed"),
        "{other}"
    );
    fs::write(home.path().join("small.lock"), "{}").unwrap();
    assert!(said(&[]).ends_with("wrote small.lock, in place of one that cannot be read\n"));
}

#[test]
fn blocks_of_an_explanation_are_told_apart() {
    let home = home();
    let alone = SMALL.replace("cases ending { ongoing {}  silence { level = 0 } }", "");
    fs::write(home.path().join("two.plast"), alone.split("expect").next().unwrap()).unwrap();
    let headings = |files: &[&str]| {
        let said = run(home.path(), &[&["check", "--explain"], files].concat());
        let lines = said.out.lines().filter_map(|l| l.strip_prefix("== "));
        lines.map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(headings(&["two.plast"]), Vec::<String>::new());
    assert_eq!(headings(&["small.plast"]), ["all 2 cases"]);
    assert_eq!(headings(&["small.plast", "two.plast"]), ["small.plast: all 2 cases", "two.plast"]);
}

#[test]
fn a_file_given_by_half_its_name_is_named() {
    let home = home();
    let said = run(home.path(), &["small"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("tip: to run the file, write `plast run small.plast`"), "{}", said.err);
    assert!(!run(home.path(), &["other"]).err.contains("tip"));
}

#[test]
fn advice_can_be_typed_as_it_stands() {
    let home = home();
    let said = run(home.path(), &["new", "1 x"]);
    assert_eq!(said.err, "wrote 1 x.plast; try `plast run '1 x.plast'`\n");
    let said = run(home.path(), &["verify", "1 x.plast"]);
    assert!(said.err.contains("make it with `plast lock '1 x.plast'`"), "{}", said.err);
}

#[test]
fn the_last_line_names_the_file_that_is_checked() {
    let home = home();
    fs::write(home.path().join("lib.plast"), "let a = 1 ms + 1 mV\n").unwrap();
    let last = |text: &str| {
        fs::write(home.path().join("own.plast"), text).unwrap();
        run(home.path(), &["check", "own.plast"]).err.lines().last().unwrap().to_string()
    };
    assert_eq!(
        last("use \"lib.plast\"\nclock 1 ms\nexpect a > 0 ms\n"),
        "error: 1 error in ./lib.plast, which own.plast uses"
    );
    assert_eq!(
        last("use \"lib.plast\"\nclock 1 ms\nexpect a > 0 ms\nexpect nothing > 1\n"),
        "error: 2 errors in own.plast and what it uses"
    );
}

#[test]
fn a_long_record_differs_within_a_stretch() {
    let home = home();
    let long = SMALL
        .replace("for 10 s", "for 50.5 s; present 0.5*level on source for 50 s")
        .replace("target.y every 1 s", "target.y every 100 ms")
        .replace("expect out[ongoing] > 1\n", "");
    fs::write(home.path().join("small.plast"), &long).unwrap();
    assert_eq!(run(home.path(), &["lock", "small.plast"]).code, 0);
    fs::write(home.path().join("small.plast"), long.replace("0.5*level", "0.6*level")).unwrap();
    let said = run(home.path(), &["verify", "small.plast"]).out;
    let line = said.lines().find(|l| l.contains("rate[ongoing]")).unwrap();
    assert!(line.contains("` first differs somewhere from [t: 50"), "{said}");
    assert!(line.contains("] to [t: 51") && line.contains("; [t: ") && line.contains("] is "), "{said}");
}
