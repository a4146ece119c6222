//! The jobs of the loops written by hand. How fast they run is `tests/bench/compare.sh`'s business, and that they compute
//! what the loops do `.ci/run`'s, as both need a release build; here they are programs without a fault.

use crate::harness::{Files, check};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn names(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    let wanted = paths.iter().filter(|p| p.extension().is_some_and(|e| e == ending));
    wanted.map(|p| p.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn every_loop_has_its_program() {
    assert_eq!(names("tests/bench/loops", "c"), names("tests/bench/programs", "plast"));
}

#[test]
fn every_program_is_clean_and_expects_two_numbers() {
    for name in names("tests/bench/programs", "plast") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/bench/programs/{name}.plast"));
        let program = check(&name, &std::fs::read_to_string(path).unwrap(), &Files::default());
        assert!(program.diagnostics.is_empty(), "\n{name}\n{}", program.messages());
        assert_eq!(program.experiment().unwrap().results.expects.len(), 2, "{name}");
    }
}
