use super::{SMALL, home, plast, ran, run};
use std::fs;

#[test]
fn every_verb_has_its_help() {
    let home = home();
    let verbs = ["run", "bench", "check", "fmt", "lock", "verify", "explain", "new", "debug", "completions"];
    let mut text = run(home.path(), &["--help"]).out;
    for verb in verbs {
        let help = run(home.path(), &[verb, "-h"]);
        assert_eq!(help.code, 0);
        text += &format!("\n======== plast {verb} -h\n{}", help.out);
    }
    insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("help", text);
    });
}

#[test]
fn misuse_ends_with_2() {
    let home = home();
    for arguments in [
        &["rnu"][..],
        &[],
        &["run"],
        &["run", "small.plast", "--until", "10"],
        &["run", "small.plast", "--set", "eta"],
        &["run", "small.plast", "--threads", "0"],
        &["run", "small.plast", "--force"],
        &["run", "small.plast", "--timing", "yes"],
        &["bench", "small.plast", "--reps", "0"],
        &["run", "small.plast", "--quiet", "--verbose"],
        &["debug", "nothing", "small.plast"],
    ] {
        let ran = run(home.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?}\n{}", ran.err);
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn a_wrong_input_ends_with_1_and_names_it() {
    let home = home();
    fs::write(home.path().join("latin.plast"), b"clock 1 \xb5s\n").unwrap();
    fs::write(home.path().join("bad.plast"), "clock 1 ms\nlet a = 1 ms + 1 mV\nlet b = zwei\n").unwrap();
    for (arguments, words) in [
        (
            &["run", "smal.plast"][..],
            &["E0703", "smal.plast", "a file with a similar name is `small.plast`"][..],
        ),
        (&["smal"], &[][..]),
        (&["run", "."], &["E0705", "is a folder", "small.plast"]),
        (&["check", "latin.plast"], &["E0704", "byte 8, on line 1, is 0xb5"]),
        (&["run", "small.plast", "--case", "silense"], &["E0907", "`silence`"]),
        (&["run", "small.plast", "--set", "level=3"], &["level"]),
        (&["run", "small.plast", "--set", "levle=1"], &["`level`"]),
        (&["run", "small.plast", "--set", "level=1 s"], &["level"]),
        (&["verify", "small.plast"], &["E0905", "plast lock small.plast"]),
        (&["explain", "E9999"], &["E0908"]),
        (&["run", "bad.plast"], &["E0301", "E0201", "2 errors"]),
    ] {
        let ran = run(home.path(), arguments);
        let expected = if words.is_empty() { 2 } else { 1 };
        assert_eq!(ran.code, expected, "{arguments:?}\n{}", ran.err);
        for word in words {
            assert!(ran.err.contains(word), "{arguments:?} lacks {word}:\n{}", ran.err);
        }
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn messages_come_in_three_formats() {
    let home = home();
    fs::write(home.path().join("bad.plast"), "clock 1 ms\nlet a = 1 ms + 1 mV\n").unwrap();
    let short = run(home.path(), &["check", "bad.plast", "--error-format", "short"]);
    assert!(short.err.starts_with("bad.plast:2:"), "{}", short.err);
    let json = run(home.path(), &["--error-format=json", "check", "bad.plast"]);
    let first: serde_json::Value = serde_json::from_str(json.err.lines().next().unwrap()).unwrap();
    assert_eq!(first["code"], "E0301");
    let by_environment =
        ran(plast(home.path()).args(["check", "bad.plast"]).env("PLAST_ERROR_FORMAT", "short"));
    assert_eq!(by_environment.err, short.err);
}

#[test]
fn colours_only_where_they_are_wanted() {
    let home = home();
    fs::write(home.path().join("bad.plast"), "clock 1 ms\nlet a = zwei\n").unwrap();
    assert!(!run(home.path(), &["check", "bad.plast"]).err.contains('\x1b'));
    assert!(run(home.path(), &["check", "bad.plast", "--color", "always"]).err.contains('\x1b'));
}

#[test]
fn standard_input_is_a_file_too() {
    let home = home();
    let ran = ran(plast(home.path()).args(["check", "-"]).write_stdin(SMALL));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let bad = super::ran(plast(home.path()).args(["check", "-"]).write_stdin("clock 1 ms\nlet a = zwei\n"));
    assert_eq!(bad.code, 1);
    assert!(bad.err.contains("<stdin>:2:9"), "{}", bad.err);
    assert_eq!(super::ran(plast(home.path()).args(["lock", "-"]).write_stdin(SMALL)).code, 1);
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let home = home();
    let ran = run(home.path(), &["check", "small.plast", "--quiet"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

#[test]
fn verbose_says_what_a_file_is_made_of() {
    let home = home();
    let ran = run(home.path(), &["check", "small.plast", "--verbose"]);
    assert_eq!(ran.code, 0);
    for line in [
        "population source: 3 cells",
        "synapses ff: source -> target, fixed",
        "2 cases",
        "file small.plast sha256 ",
    ] {
        assert!(ran.err.contains(line), "{line}: {}", ran.err);
    }
}

#[test]
fn a_quiet_run_says_what_fails_and_nothing_else() {
    let home = home();
    let fine = run(home.path(), &["run", "small.plast", "-q"]);
    assert_eq!((fine.code, fine.out.as_str(), fine.err.as_str()), (0, "", ""));
    let failed = run(home.path(), &["run", "small.plast", "-q", "--set", "level=0.1"]);
    assert_eq!(failed.code, 3);
    assert!(
        failed.out.starts_with("✗ out[ongoing] > 1") && failed.out.lines().count() == 2,
        "{}",
        failed.out
    );
}

#[test]
fn a_new_experiment_is_clean_and_never_replaces_one() {
    let home = home();
    assert_eq!(run(home.path(), &["new", "first"]).code, 0);
    let text = fs::read_to_string(home.path().join("first.plast")).unwrap();
    assert!(text.starts_with("//! first:"));
    let check = run(home.path(), &["check", "first.plast"]);
    assert_eq!((check.code, check.out.as_str()), (0, ""), "{}", check.err);
    assert!(!check.err.contains("warning"), "{}", check.err);
    let again = run(home.path(), &["new", "first.plast"]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("E0910"));
}

#[test]
fn codes_are_explained_by_number_and_by_name() {
    let home = home();
    let page = run(home.path(), &["explain", "E0903"]);
    assert_eq!(page.code, 0);
    assert!(page.out.starts_with("# E0903 folder-exists"));
    assert_eq!(run(home.path(), &["explain", "folder-exists"]).out, page.out);
    assert!(run(home.path(), &["explain"]).out.contains("E0301  dimension-mismatch"));
}

#[test]
fn stages_can_be_printed() {
    let home = home();
    let tokens = run(home.path(), &["debug", "tokens", "small.plast"]);
    assert!(tokens.out.contains("keyword   clock"), "{}", tokens.out);
    for stage in ["ast", "hir"] {
        let ran = run(home.path(), &["debug", stage, "small.plast"]);
        assert_eq!(ran.code, 0, "{stage}: {}", ran.err);
        assert!(ran.out.contains("target"), "{stage}");
        assert_eq!(run(home.path(), &["debug", stage, "small.plast"]).out, ran.out);
    }
}

#[test]
fn every_shell_gets_completions() {
    let home = home();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(home.path(), &["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("verify"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    use std::process::{Command, Stdio};
    let home = home();
    let mut child = Command::new(env!("CARGO_BIN_EXE_plast"))
        .args(["debug", "hir", "small.plast"])
        .current_dir(home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn deep_nesting_is_refused_not_crashed_on() {
    let home = home();
    let deep = format!("clock 1 ms\nlet a = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000));
    fs::write(home.path().join("deep.plast"), deep).unwrap();
    let ran = run(home.path(), &["check", "deep.plast"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(!ran.err.contains("internal error"));
}

#[test]
fn files_are_found_from_the_file_that_names_them() {
    let home = home();
    fs::create_dir_all(home.path().join("lab/shared/data")).unwrap();
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    write("lab/shared/data/gains.csv", "gain\n1\n2\n3\n");
    write("lab/shared/gains.plast", "let gains = load(\"data/gains.csv\")\nfn total() = sum(gains.gain)\n");
    write("lab/small.plast", "use \"shared/gains.plast\"\nexpect total() == 6\n");
    for (from, file) in [(".", "lab/small.plast"), ("lab", "small.plast"), ("lab/shared", "../small.plast")] {
        let said = run(&home.path().join(from), &["run", file]);
        assert_eq!(said.code, 0, "{from}: {}{}", said.out, said.err);
        assert!(said.out.contains("1 expectation holds"), "{}", said.out);
    }
}

#[test]
fn a_parameter_is_set_by_any_of_its_spellings() {
    let home = home();
    let text = SMALL.replace("param level = 1 in [0, 2]", "param θ = 1 in [0, 2]");
    let text = text
        .replace("level = 0", "")
        .replace("level on", "θ on")
        .replace("expect out[silence] == 0 +- 1e-12", "expect out > 0");
    fs::write(home.path().join("greek.plast"), text).unwrap();
    for name in ["theta=2", "θ=2"] {
        let said = run(home.path(), &["run", "greek.plast", "--set", name, "--format", "json"]);
        assert_eq!(said.code, 0, "{}", said.err);
        let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(json["cases"][0]["parameters"]["theta"]["si"], 2.0, "{name}");
    }
}

#[test]
fn a_case_of_each_block_can_be_picked() {
    let home = home();
    let text = SMALL
        .replace("cases ending", "param gain = 1\ncases gain in [1, 2, 3]\ncases ending")
        .replace("= drive", "= gain*drive");
    fs::write(home.path().join("two.plast"), text).unwrap();
    let said = run(home.path(), &["run", "two.plast", "--case", "silence, 2", "--case", "3, ongoing"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("2 cases: 2, silence; 3, ongoing · 2 of 6"), "{}", said.out);
}

#[test]
fn every_back_end_writes_the_same_results() {
    let home = home();
    let results = |backend: &str, cpu: &str| {
        let arguments = ["run", "small.plast", "--format", "json", "--backend", backend];
        ran(plast(home.path()).args(arguments).env("PLAST_CPU", cpu))
    };
    let expected = results("vm", "sse2");
    assert_eq!(expected.code, 0, "{}", expected.err);
    for (backend, cpu) in [("auto", ""), ("auto", "sse2"), ("vm", "")] {
        assert_eq!(results(backend, cpu).out, expected.out, "{backend} {cpu}");
    }
    let refused = results("native", "sse2");
    assert_eq!(refused.code, 2);
    assert_eq!(
        refused.err,
        "error: there is no machine code for this processor: that takes AVX2 and FMA, or AVX-512\n"
    );
}

#[test]
fn machine_code_is_shown() {
    let home = home();
    let shown = run(home.path(), &["debug", "asm", "small.plast"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    // one entry for each kernel, then the loops of each plan
    let heads: Vec<&str> = shown.out.lines().filter(|l| l.starts_with(';')).collect();
    assert!(heads.iter().any(|h| h.starts_with("; plan 0, ")), "{heads:#?}");
    if plast::backend::Choice::Native.available().is_ok() {
        assert!(heads.contains(&"; changes and observes"), "{heads:#?}");
        assert!(shown.out.lines().any(|l| l.ends_with("ret")), "{}", shown.out);
    }
}
