//! The science: every shipped protocol and every program in `tests/science` holds what it expects, and every expectation
//! of a protocol is shown able to fail, alone, by a mutation of its file.

use crate::harness::{Files, check, failure, snapshot, snapshots};
use plast::report::Verdict;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The tables that stand beside the protocols.
fn data() -> Files {
    let mut files = Files::default();
    for entry in std::fs::read_dir(root().join("protocols/data")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files.insert(&format!("data/{name}"), std::fs::read(&path).unwrap());
    }
    files
}

/// The `.plast` files of a folder.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let paths = entries.map(|e| e.unwrap().path());
    let programs = paths.filter(|p: &PathBuf| p.extension().is_some_and(|e| e == "plast"));
    programs.map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Checks without a word and holds everything it expects. What a protocol shows is as recorded.
fn holds(folder: &str, name: &str) {
    let mut program = check(name, &text(&root().join(folder).join(name)), &data());
    assert!(program.diagnostics.is_empty(), "\n{name}\n{}", program.messages());
    let outcomes = program.run();
    assert!(!outcomes.is_empty(), "{name} expects nothing");
    let failed: Vec<String> = outcomes.iter().filter(|o| o.verdict != Verdict::Held).map(failure).collect();
    assert!(failed.is_empty(), "\n{name}\n{}", failed.join("\n"));
    if folder == "protocols" {
        snapshot("protocols", name.trim_end_matches(".plast"), &program.summary(&outcomes));
    }
}

/// A block of `mutations.txt`.
#[derive(Default)]
struct Mutation {
    file: String,
    expect: usize,
    also: Vec<usize>,
    edits: Vec<(String, String)>,
    why: String,
}

/// The table, block by block.
fn mutations() -> Vec<Mutation> {
    let table = text(&root().join("tests/science/mutations.txt"));
    let lines: Vec<&str> = table.lines().filter(|l| !l.starts_with('#')).collect();
    let blocks = lines.split(|l| l.trim().is_empty()).filter(|b| !b.is_empty());
    blocks.map(mutation).collect()
}

fn mutation(lines: &[&str]) -> Mutation {
    let mut block = Mutation::default();
    for line in lines {
        let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("mutations.txt: `{line}`"));
        let value = value.to_owned();
        match key {
            "file" => block.file = value,
            "expect" => block.expect = value.parse().unwrap(),
            "also" => block.also = value.split(',').map(|n| n.trim().parse().unwrap()).collect(),
            "replace" => block.edits.push((value, String::new())),
            "with" => block.edits.last_mut().unwrap().1 = value,
            "why" => block.why = value,
            _ => panic!("mutations.txt: `{key}`"),
        }
    }
    block
}

/// Each mutation of a protocol fails exactly the expectations it names, and each expectation has one.
fn bites(name: &str) {
    let original = text(&root().join("protocols").join(name));
    let mut covered = BTreeSet::new();
    let mut count = 0;
    for block in mutations().iter().filter(|m| m.file == name) {
        let mut changed = original.clone();
        for (from, to) in &block.edits {
            assert_eq!(changed.matches(from).count(), 1, "{name}: `{from}` must stand once");
            changed = changed.replacen(from, to, 1);
        }
        let mut program = check(name, &changed, &data());
        assert!(program.experiment().is_some(), "\n{name}, {}\n{}", block.why, program.messages());
        let outcomes = program.run();
        count = outcomes.len();
        let failed = outcomes.iter().zip(1..).filter(|(o, _)| o.verdict != Verdict::Held).map(|(_, n)| n);
        let failed: BTreeSet<usize> = failed.collect();
        let wanted: BTreeSet<usize> = block.also.iter().copied().chain([block.expect]).collect();
        assert_eq!(failed, wanted, "{name}: {}", block.why);
        covered.insert(block.expect);
    }
    assert_eq!(covered, (1..=count).collect(), "{name}: expectations with a mutation");
    assert!(count > 0, "{name} has no mutation");
}

macro_rules! programs {
    ($folder:literal, $list:ident, $module:ident: $($name:ident)*) => {
        mod $module {
            $(#[test] fn $name() { super::holds($folder, concat!(stringify!($name), ".plast")); })*
        }
        const $list: &[&str] = &[$(stringify!($name)),*];
    };
}

programs! { "protocols", PROTOCOLS, protocols:
    abs_rule balanced_inhibition bistable calcium_control calcium_frequency calcium_noise calcium_pairing
    calcium_persistence calcium_window clopath_clamp clopath_pairing competition covariance digits feedback
    frequency_series hopf hz law_cooper metaplasticity miller_mackay moving_grating no_competition oja
    one_second orientation pair_rule_cannot pairing_frequency pairing_window pathway phi poisson_drift reward
    sanger scaling scaling_spikes selectivity settle short_term spring stdp_fixed_points tagging tetanus
    triplet_rows triplets two_layers zenke_homeostasis zenke_stability zenke_threshold
}

programs! { "protocols/bench", BENCH, bench:
    dense_bcm
}

programs! { "tests/science", SCIENCE, numbers:
    bcm_decay bcm_decay_hopf clip_alive escape euler_clip founding frequency_curve hebb_growth hopf_amplitude low_rates
    oja_mean_field oja_scalar relaxation retention ringing saddle sign_of_a_second stale_buffer theta_exponent
    theta_speed two_patterns
}

macro_rules! mutated {
    ($($name:ident)*) => {
        mod mutated {
            $(#[test] fn $name() { super::bites(concat!(stringify!($name), ".plast")); })*
        }
        const MUTATED: &[&str] = &[$(stringify!($name)),*];
    };
}

mutated! {
    abs_rule balanced_inhibition bistable calcium_control calcium_frequency calcium_noise calcium_pairing
    calcium_persistence calcium_window clopath_clamp clopath_pairing competition covariance digits feedback
    frequency_series hopf hz law_cooper metaplasticity miller_mackay moving_grating no_competition oja
    one_second orientation pair_rule_cannot pairing_frequency pairing_window pathway phi poisson_drift reward
    sanger scaling scaling_spikes selectivity settle short_term spring stdp_fixed_points tagging tetanus
    triplet_rows triplets two_layers zenke_homeostasis zenke_stability zenke_threshold
}

#[test]
fn every_file_is_listed() {
    let listed = |list: &[&str]| list.iter().map(|n| format!("{n}.plast")).collect::<BTreeSet<String>>();
    assert_eq!(names("protocols"), listed(PROTOCOLS));
    assert_eq!(names("protocols"), listed(MUTATED));
    assert_eq!(snapshots("protocols"), PROTOCOLS.iter().map(|n| (*n).to_owned()).collect());
    assert_eq!(names("protocols/bench"), listed(BENCH));
    assert_eq!(names("tests/science"), listed(SCIENCE));
}
