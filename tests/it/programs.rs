//! Experiments written from the manual alone: each is checked and run, and what it expects holds.

use crate::harness::{Files, check, failure};
use plast::report::Verdict;
use std::path::Path;

fn program(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    let text = read(name);
    let mut files = Files::default();
    files.insert(DATA, read(DATA));
    let mut checked = check(name, &text, &files);
    let outcomes = if checked.diagnostics.is_empty() { checked.run() } else { Vec::new() };
    assert!(checked.diagnostics.is_empty(), "\n{name}\n{}", checked.messages());
    let failed: Vec<String> = outcomes.iter().filter(|o| o.verdict != Verdict::Held).map(failure).collect();
    assert!(failed.is_empty(), "\n{name}\n{}", failed.join("\n"));
    assert!(!outcomes.is_empty(), "{name} expects nothing");
}

/// What `calcium-control.plast` loads.
const DATA: &str = "frequency-response.csv";

macro_rules! programs {
    ($($name:ident $file:literal;)*) => {
        $(#[test] fn $name() { program($file); })*
        const PROGRAMS: &[&str] = &[$($file),*];
    };
}

programs! {
    anti_hebbian_decorrelation "anti-hebbian-decorrelation.plast";
    binary_synapses "binary-synapses.plast";
    blocking "blocking.plast";
    bump_and_integrator "bump-and-integrator.plast";
    calcium_control "calcium-control.plast";
    cerebellar_timing "cerebellar-timing.plast";
    competitive_clusters "competitive-clusters.plast";
    credit_over_delays "credit-over-delays.plast";
    dark_rearing "dark-rearing.plast";
    delayed_reward "delayed-reward.plast";
    dose_response "dose-response.plast";
    exclusive_or "exclusive-or.plast";
    facilitation_and_depression "facilitation-and-depression.plast";
    heavy_tails "heavy-tails.plast";
    hebb_runaway "hebb-runaway.plast";
    heterosynaptic_depression "heterosynaptic-depression.plast";
    hopfield "hopfield.plast";
    inhibitory_balance "inhibitory-balance.plast";
    intrinsic_plasticity "intrinsic-plasticity.plast";
    invariance_by_traces "invariance-by-traces.plast";
    latent_inhibition "latent-inhibition.plast";
    learning_rate_schedule "learning-rate-schedule.plast";
    monocular_deprivation "monocular-deprivation.plast";
    motor_adaptation "motor-adaptation.plast";
    ocular_dominance "ocular-dominance.plast";
    oja_component "oja-component.plast";
    overshadowing "overshadowing.plast";
    place_field_backwards "place-field-backwards.plast";
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
    two_armed_bandit "two-armed-bandit.plast";
    two_thresholds "two-thresholds.plast";
    winner_take_all "winner-take-all.plast";
}

#[test]
fn every_program_is_tested() {
    let mut files: Vec<String> =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs"))
            .expect("the programs")
            .filter_map(|f| f.ok()?.file_name().into_string().ok())
            .filter(|f| f != DATA)
            .collect();
    files.sort();
    assert_eq!(files, PROGRAMS);
}
