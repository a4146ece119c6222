//! A run that is divided, looked at, marked, taken back and taken over has the bits of one that is not.

use crate::harness::Files;
use plast::hir::Experiment;
use plast::record::{Recording, Run};
use plast::runtime::{self, Live, Options, Reached, Silent, Until};
use plast::sema::Overrides;
use plast::session;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let entries = std::fs::read_dir(folder).expect("the programs");
    let mut all: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    all.retain(|p| p.extension().is_some_and(|e| e == "plast"));
    all.sort();
    all
}

fn experiment(path: &Path) -> Arc<Experiment> {
    let text = std::fs::read_to_string(path).expect("a program");
    let mut files = Files::default();
    for entry in std::fs::read_dir(path.parent().expect("a folder")).expect("the folder").flatten() {
        if entry.path().extension().is_some_and(|e| e == "csv") {
            files.insert(&entry.file_name().to_string_lossy(), std::fs::read(entry.path()).expect("data"));
        }
    }
    let checked = session::check(&path.display().to_string(), &text, &files, &Overrides::default());
    Arc::new(checked.unwrap_or_else(|e| panic!("{}: {:?}", path.display(), e.diagnostics)).experiment)
}

fn begin(experiment: &Arc<Experiment>) -> Live {
    Live::begin(experiment, 0, &Options::default()).unwrap_or_else(|d| panic!("{d:?}"))
}

fn go(live: &mut Live, tick: u64) -> Reached {
    let until = Until { tick: Some(tick), ..Until::default() };
    live.advance(until, &Options::default(), &mut Silent).unwrap_or_else(|d| panic!("{d:?}"))
}

/// Every state, bit for bit.
fn states(live: &mut Live) -> Vec<(String, Vec<u64>)> {
    let program = live.program().clone();
    let states =
        program.vars.iter_enumerated().filter(|(_, v)| matches!(v.kind, plast::hir::VarKind::State { .. }));
    let bits = |id| live.values(id).iter().map(|v| v.to_bits()).collect();
    states.map(|(id, v)| (v.name.clone(), bits(id))).collect()
}

fn taken(run: &Run) -> Vec<Vec<u64>> {
    let bits = |data: &[f64]| data.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let probes = run.probes.iter().map(|p| p.as_ref().map_or(Vec::new(), |p| bits(&p.data)));
    let records = run.records.iter().map(|r| {
        let mut all: Vec<u64> = r.times().ticks().collect();
        all.extend(bits(&r.read(0, r.samples()).expect("samples")));
        all
    });
    probes.chain(records).collect()
}

fn recording(live: &mut Live) -> Recording {
    live.recording().unwrap_or_else(|d| panic!("{d:?}"))
}

/// Numbers that look like chance.
fn chance(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    *seed >> 33
}

#[test]
fn a_divided_run_has_the_bits_of_a_whole_one() {
    let mut seed = 4;
    for path in programs() {
        let experiment = experiment(&path);
        let mut whole = begin(&experiment);
        let far = 300 + chance(&mut seed) % 400;
        go(&mut whole, far);
        let mut parts = begin(&experiment);
        while parts.now() < far && !parts.is_over() {
            let to = (parts.now() + 1 + chance(&mut seed) % 90).min(far);
            match chance(&mut seed) % 4 {
                // looked at
                0 => drop(recording(&mut parts)),
                // taken back
                1 => {
                    let moment = parts.moment().expect("a moment");
                    go(&mut parts, to + 7);
                    parts.back(&moment).expect("to come back");
                }
                // taken over
                2 => {
                    let carried = parts.carry(&experiment, &Options::default(), &|s| s).expect("a program");
                    let carried = carried.unwrap_or_else(|| panic!("{}: the same program", path.display()));
                    assert!(carried.anew.is_empty() && carried.gone.is_empty(), "{:?}", carried);
                    parts = carried.live;
                }
                _ => {}
            }
            go(&mut parts, to);
        }
        assert_eq!(parts.now(), whole.now(), "{}", path.display());
        assert_eq!(states(&mut parts), states(&mut whole), "{}", path.display());
        let (a, b) = (recording(&mut parts), recording(&mut whole));
        assert_eq!(taken(&a.cases[0].main), taken(&b.cases[0].main), "{}", path.display());
    }
}

#[test]
fn a_run_that_is_watched_leaves_what_a_run_leaves() {
    let mut seed = 5;
    for name in
        ["exclusive-or", "blocking", "anti-hebbian-decorrelation", "delayed-reward", "short-term-depression"]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/programs/{name}.plast"));
        let experiment = experiment(&path);
        let whole = runtime::run(&experiment, &[0], &Options::default(), &mut Silent).expect("a run");
        let mut live = begin(&experiment);
        let ticks = whole.cases[0].main.ticks;
        loop {
            let to = live.now() + 1 + chance(&mut seed) % (ticks / 10);
            if go(&mut live, to) == Reached::End {
                break;
            }
        }
        assert_eq!(live.now(), ticks);
        assert_eq!(taken(&recording(&mut live).cases[0].main), taken(&whole.cases[0].main), "{name}");
    }
}
