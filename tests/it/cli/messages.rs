//! What the command says of faults that no program text has: of its arguments, of files and folders.

use super::{SMALL, home, plast, ran, run};
use crate::harness::snapshot;
use plast::diag::CODES;
use std::fs;

#[test]
fn faults_of_arguments_and_files_read_as_recorded() {
    let home = home();
    fs::create_dir(home.path().join("results")).unwrap();
    fs::write(home.path().join("latin.plast"), b"clock 1 \xb5s\n").unwrap();
    fs::write(home.path().join("fails.plast"), SMALL.replace("> 1\n", "> 100\n")).unwrap();
    fs::write(home.path().join("broken.plast"), SMALL).unwrap();
    fs::write(home.path().join("broken.lock"), "{}").unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    fs::write(home.path().join("ruled.plast"), RULED).unwrap();
    let seeds = SMALL.replace("seed 3", "").replace("cases ending", "cases seed in 0..2\ncases ending");
    fs::write(home.path().join("seeds.plast"), seeds).unwrap();
    fs::write(home.path().join("alike.plast"), ALIKE).unwrap();
    let mut text = String::new();
    for arguments in [
        &["run", "smal.plast"][..],
        &["check", "latin.plast"],
        &["run", "."],
        &["run", "small.plast", "--set", "levle=1"],
        &["run", "small.plast", "--set", "level=3"],
        &["run", "small.plast", "--set", "level=1 s"],
        &["run", "small.plast", "--set", "level=1 +"],
        &["run", "small.plast", "--out", "results"],
        &["run", "small.plast", "--out", "file"],
        &["run", "small.plast", "--out", "file/results"],
        &["verify", "small.plast"],
        &["verify", "broken.plast"],
        &["run", "small.plast", "--case", "silense"],
        &["run", "small.plast", "--case", ""],
        &["run", "small.plast", "--case", "ongoing, silence"],
        &["run", "alike.plast", "--case", "high"],
        &["diff", "small.plast"],
        &["diff", "small.plast", "broken.lock", "--seed", "4"],
        &["diff", "small.plast", "results"],
        &["run", "--watch", "small.plast", "--format", "json"],
        &["explain", "E9999"],
        &["explain", "dimension-mismach"],
        &["lock", "fails.plast"],
        &["new", "small"],
        &["run", "small.plast", "--until", "10"],
        &["run", "small.plast", "--until", "150 ms"],
        &["run", "seeds.plast", "--seed", "4"],
        &["run", "ruled.plast", "--set", "R=oja(eta = 1)"],
        &["run", "ruled.plast", "--set", "R=nope(eta = 1 /s)"],
        &["run", "small.plast", "--seed", "one"],
        &["rnu", "small.plast"],
    ] {
        let said = run(home.path(), arguments);
        assert_ne!(said.code, 0, "{arguments:?}");
        text += &format!("$ plast {}\n{}{}[exit {}]\n\n", arguments.join(" "), said.out, said.err, said.code);
    }
    snapshot("", "faults", &text);
    let untold: Vec<&str> = CODES
        .iter()
        .map(|info| info.code)
        .filter(|code| code.starts_with("E09") || matches!(*code, "E0703" | "E0704" | "E0705"))
        // what a session says stands in its transcripts
        .filter(|code| !code.starts_with("E092"))
        .filter(|code| !text.contains(code))
        .collect();
    assert!(untold.is_empty(), "no command here gives {untold:?}");
}

const RULED: &str = "\
use rules.oja
param R = oja(eta = 0.1 /s)
population input
population cell { output y = drive }
synapses s: input -> cell { rule R; w = 0.5 }
protocol { present 1 on input for 1 s; probe end = s.w }
expect end > 0
";

const ALIKE: &str = "\
param rate = 1
param gain = 1
cases tone { low {} high { rate = 2 } }
cases volume { low {} high { gain = 2 } }
population input
population cell { output y = drive }
synapses s: input -> cell { fixed; w = 1 }
protocol { present rate*gain on input for 1 s; probe end = cell.y }
expect end > 0
";

#[test]
fn output_that_is_lost_is_a_fault() {
    let home = home();
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let program = env!("CARGO_BIN_EXE_plast");
    let output = std::process::Command::new(program)
        .args(["run", "small.plast"])
        .current_dir(home.path())
        .stdout(full)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("E0904"), "{said}");
}

#[test]
fn samples_that_cannot_be_kept_end_the_run() {
    let home = home();
    // more than is kept in memory
    let long = SMALL.replace("for 10 s", "for 1000000 s").replace("every 1 s", "every tick");
    fs::write(home.path().join("long.plast"), long).unwrap();
    let said = ran(plast(home.path()).args(["run", "long.plast"]).env("TMPDIR", home.path().join("nowhere")));
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("E0807") && said.err.contains("TMPDIR"), "{}", said.err);
}
