//! Experiments written from the manual alone: each is checked and run, and what it expects holds.

use crate::harness::{Files, check, failure};
use plast::report::Verdict;
use std::path::Path;

fn program(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut checked = check(name, &text, &Files::default());
    let outcomes = if checked.diagnostics.is_empty() { checked.run() } else { Vec::new() };
    assert!(checked.diagnostics.is_empty(), "\n{name}\n{}", checked.messages());
    let failed: Vec<String> = outcomes.iter().filter(|o| o.verdict != Verdict::Held).map(failure).collect();
    assert!(failed.is_empty(), "\n{name}\n{}", failed.join("\n"));
    assert!(!outcomes.is_empty(), "{name} expects nothing");
}

macro_rules! programs {
    ($($name:ident $file:literal;)*) => {
        $(#[test] fn $name() { program($file); })*
        const PROGRAMS: &[&str] = &[$($file),*];
    };
}

programs! {
    blocking "blocking.plast";
    cerebellar_timing "cerebellar-timing.plast";
    delayed_reward "delayed-reward.plast";
    hebb_runaway "hebb-runaway.plast";
    hopfield "hopfield.plast";
    inhibitory_balance "inhibitory-balance.plast";
    learning_rate_schedule "learning-rate-schedule.plast";
    ocular_dominance "ocular-dominance.plast";
    oja_component "oja-component.plast";
    place_field_shift "place-field-shift.plast";
    retinotopy "retinotopy.plast";
    sanger_components "sanger-components.plast";
    sequence_order "sequence-order.plast";
    short_term_depression "short-term-depression.plast";
    sleep_downscaling "sleep-downscaling.plast";
    soft_bounds "soft-bounds.plast";
    subtractive_competition "subtractive-competition.plast";
    synaptic_scaling "synaptic-scaling.plast";
    tag_and_capture "tag-and-capture.plast";
    two_thresholds "two-thresholds.plast";
    winner_take_all "winner-take-all.plast";
}

#[test]
fn every_program_is_tested() {
    let mut files: Vec<String> =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs"))
            .expect("the programs")
            .filter_map(|f| f.ok()?.file_name().into_string().ok())
            .collect();
    files.sort();
    assert_eq!(files, PROGRAMS);
}
