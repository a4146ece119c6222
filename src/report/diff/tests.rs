#![allow(clippy::unwrap_used)]

use super::*;
use crate::hir::{ProbeId, RecordId, Value};
use crate::record::{Recording, Series};
use crate::report::lock::make;
use crate::report::summary::Style;
use crate::report::writers::Folder;
use crate::report::{Reading, fixture, outcomes};
use crate::source::Id;
use proptest::prelude::*;
use serde_json::json;

/// A reading of the fixture, two cases with a control each, with other results.
fn with<T>(change: impl FnOnce(&mut Recording), f: impl FnOnce(&Reading) -> T) -> T {
    let (experiment, mut recording) = (fixture::experiment(true), fixture::recording(true));
    change(&mut recording);
    let provenance = fixture::provenance();
    f(&Reading { experiment: &experiment, recording: &recording, which: &[0, 1], provenance: &provenance })
}

fn side<'a>(r: &Reading<'a>, name: &str) -> Side<'a> {
    reading(r, name.to_string(), &outcomes(r), None)
}

fn compared(a: impl FnOnce(&mut Recording), b: impl FnOnce(&mut Recording), asked: Asked) -> Diff {
    with(a, |a| with(b, |b| compare(&side(a, "a"), &side(b, "b"), &asked)))
}

fn nothing(_: &mut Recording) {}

fn rate(values: &[f64], every: u64) -> Series {
    let mut series = Series::new(Vec::new(), 0.1);
    for (i, v) in values.iter().enumerate() {
        series.push(every * i as u64, &[*v]).unwrap();
    }
    series
}

const RESPONSE: usize = 0;
const LATE: usize = 1;
const RATE: usize = 0;

fn set_probe(recording: &mut Recording, case: usize, probe: usize, value: Option<f64>) {
    recording.cases[case].main.probes[ProbeId::from_index(probe)] = value.map(Value::scalar);
}

fn set_rate(recording: &mut Recording, case: usize, series: Series) {
    recording.cases[case].main.records[RecordId::from_index(RATE)] = series;
}

/// The same difference seen from the other side.
fn flipped(diff: &Diff) -> Diff {
    fn turn<T: Clone>([a, b]: &[T; 2]) -> [T; 2] {
        [b.clone(), a.clone()]
    }
    let spot = |s: &Spot| Spot { values: turn(&s.values), ..s.clone() };
    let maybe = |s: &Option<Spot>| s.as_ref().map(spot);
    let of = |of: &Of| {
        let how = match &of.how {
            How::Number(s) => How::Number(spot(s)),
            How::Array { elements, differing, largest } => {
                How::Array { elements: *elements, differing: *differing, largest: spot(largest) }
            }
            How::Series { compared, differing, alone, first, largest, end, courses } => How::Series {
                compared: *compared,
                differing: *differing,
                alone: turn(alone),
                first: maybe(first),
                largest: maybe(largest),
                end: maybe(end),
                courses: turn(courses),
            },
            How::Shape(pair) => How::Shape(turn(pair)),
            How::Reached(pair) => How::Reached(turn(pair)),
            other => other.clone(),
        };
        Of { how, ..of.clone() }
    };
    let verdict = |v: &VerdictChange| VerdictChange {
        verdicts: turn(&v.verdicts),
        measured: turn(&v.measured),
        ..v.clone()
    };
    Diff {
        sides: turn(&diff.sides),
        verdicts: diff.verdicts.iter().map(verdict).collect(),
        cases: turn(&diff.cases),
        only: turn(&diff.only),
        probes: diff.probes.iter().map(of).collect(),
        records: diff.records.iter().map(of).collect(),
        ..diff.clone()
    }
}

#[test]
fn a_number_differs_with_its_case_and_unit() {
    let diff = compared(nothing, |r| set_probe(r, 1, LATE, Some(1.0)), Asked::default());
    let [of] = diff.probes.as_slice() else { panic!("{diff:?}") };
    assert_eq!((of.key.as_str(), of.unit.text.as_str()), ("late[silence]", "Hz"));
    let How::Number(spot) = &of.how else { panic!("{of:?}") };
    assert_eq!(spot.values, [Some(2.0 / 3.0), Some(1.0)]);
    assert_eq!(diff.same.len(), 4 * 7 - 1);
}

#[test]
fn a_verdict_that_changed_comes_first() {
    let (experiment, provenance) = (fixture::experiment(false), fixture::provenance());
    let recordings = [1.1, 9.0].map(|response| {
        let mut recording = fixture::recording(false);
        set_probe(&mut recording, 0, RESPONSE, Some(response));
        recording
    });
    let [a, b] = [0, 1].map(|i| Reading {
        experiment: &experiment,
        recording: &recordings[i],
        which: &[0],
        provenance: &provenance,
    });
    let diff = compare(&side(&a, "a"), &side(&b, "b"), &Asked::default());
    insta::assert_snapshot!(text(&diff, &Style { unicode: false, ..Style::default() }));
}

#[test]
fn a_series_that_parts_is_drawn_with_where_it_does() {
    let mut values: Vec<f64> = (0..=50).map(f64::from).collect();
    values[7..40].iter_mut().for_each(|v| *v += 2.0);
    values[30] = 60.0;
    let diff = compared(nothing, |r| set_rate(r, 0, rate(&values, 10)), Asked::default());
    insta::assert_snapshot!(text(&diff, &Style::default()));
}

#[test]
fn samples_of_other_times_are_counted_apart() {
    let values: Vec<f64> = (0..30).map(|i| f64::from(i) * 2.0).collect();
    // every 2 s in place of every second, up to 58 s in place of 50 s
    let diff = compared(nothing, |r| set_rate(r, 0, rate(&values, 20)), Asked::default());
    let [of] = diff.records.as_slice() else { panic!("{diff:?}") };
    let How::Series { compared, differing, alone, .. } = &of.how else { panic!("{of:?}") };
    assert_eq!((*compared, *differing, *alone), (26, 0, [25, 4]));
}

#[test]
fn small_differences_can_be_passed_over() {
    let near = |r: &mut Recording| {
        let values: Vec<f64> = (0..=50).map(|i| f64::from(i) * (1.0 + 1e-9)).collect();
        set_rate(r, 0, rate(&values, 10));
    };
    assert_eq!(compared(nothing, near, Asked { above: 1e-10 }).records.len(), 1);
    let diff = compared(nothing, near, Asked { above: 1e-8 });
    assert!(diff.is_empty());
    assert_eq!(diff.below, ["rate[ongoing]"]);
}

#[test]
fn a_folder_and_a_lock_are_read_back_to_the_last_bit() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    with(nothing, |r| {
        Folder::prepare(&out, false).unwrap().finish(r, &outcomes(r), &[]).unwrap();
        let (ran, lock) = (side(r, "a"), make(r).unwrap());
        let (back, lock) = (folder(&out).unwrap(), locked(&lock, "lock".to_string()));
        for (a, b) in [(&ran, &back), (&back, &ran), (&ran, &lock), (&lock, &back), (&lock, &lock)] {
            let diff = compare(a, b, &Asked::default());
            assert!(diff.is_empty(), "{diff:?}");
            assert_eq!(diff.same.len(), 4 * 7, "{diff:?}");
        }
    });
}

#[test]
fn what_is_no_folder_of_results_is_refused() {
    let home = tempfile::tempdir().unwrap();
    assert!(matches!(folder(home.path()), Err(ReadError::NoManifest(_))));
    let out = home.path().join("out");
    with(nothing, |r| Folder::prepare(&out, false).unwrap().finish(r, &[], &[]).unwrap());
    let whole = std::fs::read_to_string(out.join("series.csv")).unwrap();
    std::fs::write(out.join("series.csv"), whole.replace("rate[silence] ", "rat[silence] ")).unwrap();
    assert!(
        matches!(folder(&out), Err(ReadError::Malformed { what, .. }) if what.contains("`rate[silence] [Hz]`"))
    );
    std::fs::write(out.join("series.csv"), whole.replace("3,3,1.5,6,3", "3,3,1.25,6,3")).unwrap();
    let side = folder(&out).unwrap();
    assert!(side.notes[0].ends_with("series.csv` was changed after it was written"), "{:?}", side.notes);
    std::fs::write(out.join("probes.json"), "{").unwrap();
    assert!(matches!(folder(&out), Err(ReadError::Malformed { path, .. }) if path.ends_with("probes.json")));
}

#[test]
fn a_large_array_of_a_lock_says_between_which_places() {
    let values: Vec<f64> = (0..1000).map(f64::from).collect();
    let lock = with(|r| set_rate(r, 0, rate(&values, 1)), |r| make(r).unwrap());
    let mut other = values.clone();
    other[123] += 1e-6;
    let diff = with(
        |r| set_rate(r, 0, rate(&other, 1)),
        |r| compare(&locked(&lock, "lock".to_string()), &side(r, "b"), &Asked::default()),
    );
    let [of] = diff.records.as_slice() else { panic!("{diff:?}") };
    let How::Kept { between: Some((from, to)), first: None, .. } = &of.how else { panic!("{of:?}") };
    assert!(from.time <= Some(12.3) && Some(12.3) <= to.time, "{of:?}");
}

#[test]
fn numbers_in_other_units_of_a_kind_are_compared() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    with(nothing, |r| Folder::prepare(&out, false).unwrap().finish(r, &[], &[]).unwrap());
    let edit = |file: &str, from: &str, to: &str| {
        let text = std::fs::read_to_string(out.join(file)).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(out.join(file), text.replace(from, to)).unwrap();
    };
    // the numbers stay: they are then a thousand times more
    edit("manifest.json", "\"unit\": \"Hz\"", "\"unit\": \"kHz\"");
    edit("series.csv", "[Hz]", "[kHz]");
    with(nothing, |r| {
        let diff = compare(&side(r, "a"), &folder(&out).unwrap(), &Asked::default());
        let How::Series { largest: Some(most), .. } = &diff.records[0].how else { panic!("{diff:?}") };
        assert_eq!(most.values, [Some(50.0), Some(50_000.0)]);
        assert!(diff.uncompared.iter().any(|l| l.contains("`rate[ongoing]` the last bits")), "{diff:?}");
    });
    edit("manifest.json", "\"kHz\"", "\"mV\"");
    edit("series.csv", "[kHz]", "[mV]");
    with(nothing, |r| {
        let diff = compare(&side(r, "a"), &folder(&out).unwrap(), &Asked::default());
        assert!(matches!(&diff.records[0].how, How::Unit(units) if *units == ["Hz", "mV"]), "{diff:?}");
    });
}

#[test]
fn the_same_facts_come_as_data() {
    let diff = compared(nothing, |r| set_probe(r, 1, LATE, None), Asked::default());
    let data = json(&diff);
    assert_eq!(data["differs"], true);
    assert_eq!(data["probes"][0]["name"], "late[silence]");
    assert_eq!(
        (&data["probes"][0]["kind"], &data["probes"][0]["how"]),
        (&json!("reached"), &json!([true, false]))
    );
    assert_eq!(json(&compared(nothing, nothing, Asked::default()))["differs"], false);
}

/// Results made up: a response, perhaps a late one, and a course of some length.
fn results() -> impl Strategy<Value = (f64, Option<f64>, Vec<f64>, u64)> {
    let number = prop_oneof![Just(0.0), Just(-0.0), -3.0..3.0];
    (-3.0..3.0, prop::option::of(number.clone()), prop::collection::vec(number, 0..40), 1u64..4)
}

fn fill(recording: &mut Recording, (response, late, course, every): &(f64, Option<f64>, Vec<f64>, u64)) {
    set_probe(recording, 0, RESPONSE, Some(*response));
    set_probe(recording, 0, LATE, *late);
    set_rate(recording, 0, rate(course, *every));
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(made in results()) {
        let diff = compared(|r| fill(r, &made), |r| fill(r, &made), Asked::default());
        prop_assert!(diff.is_empty(), "{diff:?}");
        prop_assert_eq!(diff.same.len(), 4 * 7);
    }

    #[test]
    fn from_the_other_side_signs_flip(a in results(), b in results()) {
        let there = compared(|r| fill(r, &a), |r| fill(r, &b), Asked::default());
        let mut back = compared(|r| fill(r, &b), |r| fill(r, &a), Asked::default());
        back.sides.reverse();
        let there = flipped(&there);
        prop_assert_eq!(&there.probes, &back.probes);
        // courses without a sample are NaN, which equals nothing
        prop_assert_eq!(format!("{:?}", there.records), format!("{:?}", back.records));
        prop_assert_eq!((&there.verdicts, &there.same), (&back.verdicts, &back.same));
    }
}
