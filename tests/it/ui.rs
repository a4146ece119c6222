//! Messages as a user reads them: every `tests/ui/STAGE/NAME.err.plast` has one fault, whose code its first line
//! names, and every `NAME.ok.plast` beside it has none; `NAME.many.plast` has several faults at once.

use crate::harness::{snapshot, snapshots};
use plast::diag::{CODES, Diagnostic, Format, render};
use plast::runtime::{Options, Silent};
use plast::sema::{LoadError, Loader, Overrides};
use plast::session;
use plast::source::SourceMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files beside the program.
struct Beside(PathBuf);

impl Loader for Beside {
    fn library(&self, name: &str) -> Option<&'static str> {
        session::library(name)
    }
    fn library_names(&self) -> Vec<&'static str> {
        session::RULES.iter().map(|r| r.0).collect()
    }
    fn source(&self, path: &str) -> Result<(String, String), LoadError> {
        let bytes = self.bytes(path)?;
        Ok((path.to_owned(), String::from_utf8_lossy(&bytes).into_owned()))
    }
    fn bytes(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        let missing = |_| LoadError { reason: "there is no such file".into(), nearest: None };
        std::fs::read(self.0.join(path)).map_err(missing)
    }
}

fn programs(ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|stage| std::fs::read_dir(stage.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|p| p.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// A machine with one gibibyte.
fn options() -> Options {
    Options { memory: Some(1 << 30), ..Options::default() }
}

/// What is found in a text that stands where `path` does. What stands in `runtime` is run as well.
fn found(path: &Path, text: &str) -> (Vec<Diagnostic>, SourceMap) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let files = Beside(path.parent().unwrap().to_owned());
    let running = path.parent().unwrap().ends_with("runtime");
    match session::check(&name, text, &files, &Overrides::default()) {
        Ok(checked) => {
            let mut found = checked.warnings.clone();
            if running && let Err(refused) = checked.run(&[0], &options(), &mut Silent) {
                found.extend(refused.diagnostics);
            }
            (found, checked.sources.clone())
        }
        Err(refused) => (refused.diagnostics, refused.sources),
    }
}

/// The codes found, and the messages as text.
fn messages(path: &Path) -> (BTreeSet<&'static str>, String, String) {
    let text = std::fs::read_to_string(path).unwrap();
    let (diagnostics, sources) = found(path, &text);
    let rendered = render(&diagnostics, &sources, Format::Text, false);
    (diagnostics.iter().map(|d| d.code.0).collect(), rendered, text)
}

#[test]
fn each_faulty_program_gives_its_one_code() {
    let mut wrong = String::new();
    for path in programs(".err.plast") {
        let (codes, rendered, text) = messages(&path);
        let expected = text.lines().next().unwrap_or("").trim_start_matches("//").trim().to_owned();
        if codes.iter().copied().collect::<Vec<_>>() != [expected.as_str()] {
            wrong += &format!("{}: {expected} expected\n{rendered}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn each_twin_is_clean() {
    let mut wrong = String::new();
    for path in programs(".ok.plast") {
        let (codes, rendered, _) = messages(&path);
        if !codes.is_empty() {
            wrong += &format!("{}\n{rendered}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Edits that show the way and leave a part of it to the writer.
const HALFWAY: &[&str] = &[
    // the other end lacks its unit as well
    "dim_between",
    // the `}` has a place that only the writer knows
    "parse_colon-for-a-block",
    // digits, or a product with a name
    "parse_part-of-a-number",
    // where the name is used, it is to be changed as well
    "parse_reserved-name",
    "parse_state-called-drive",
    // the values of the arguments
    "resolve_function-without-arguments",
    // once it is known, nothing in this program needs it
    "resolve_warning-unknown",
];

#[test]
fn each_edit_mends_its_fault() {
    let mut wrong = String::new();
    for path in programs(".err.plast").into_iter().chain(programs(".many.plast")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let (before, sources) = found(&path, &text);
        let own = sources.iter().next().map(|(id, _)| id);
        for d in &before {
            let Some(fix) = d.fix.as_ref().filter(|f| Some(f.span.source) == own) else { continue };
            let mut edited = text.clone();
            edited.replace_range(fix.span.range(), &fix.replacement);
            let (after, sources) = found(&path, &edited);
            let left = after.len() < before.len();
            if left == HALFWAY.contains(&name_of(&path).as_str()) {
                let said = render(&after, &sources, Format::Text, false);
                wrong += &format!("{}: {}\n{edited}\n{said}\n", name_of(&path), d.headline);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The name of a program's snapshot.
fn name_of(path: &Path) -> String {
    let stage = path.parent().unwrap().file_name().unwrap().to_string_lossy();
    let file = path.file_name().unwrap().to_string_lossy();
    format!("{stage}_{}", file.replace(".err.plast", "").replace(".plast", ""))
}

#[test]
fn messages_read_as_recorded() {
    let mut recorded = BTreeSet::new();
    for path in programs(".err.plast").into_iter().chain(programs(".many.plast")) {
        let (_, rendered, text) = messages(&path);
        let shown = format!("--- source\n{}\n--- errors\n{}", text.trim_end(), rendered.trim_end());
        snapshot("ui", &name_of(&path), &shown);
        recorded.insert(name_of(&path));
    }
    assert_eq!(snapshots("ui"), recorded, "each snapshot is of a program");
}

/// Faults of the command line and of the files it opens: `cli::messages` has them.
const ELSEWHERE: &[&str] = &["E0001", "E0703", "E0704", "E0705", "E0807"];

#[test]
fn every_code_has_a_program() {
    let told: BTreeSet<String> = programs(".err.plast")
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .map(|text| text.lines().next().unwrap_or("").trim_start_matches("//").trim().to_owned())
        .collect();
    let untold: Vec<&str> = CODES
        .iter()
        .map(|info| info.code)
        .filter(|code| !ELSEWHERE.contains(code) && !code.starts_with("E09"))
        .filter(|code| !told.contains(*code))
        .collect();
    assert!(untold.is_empty(), "no program in tests/ui gives {untold:?}");
}

#[test]
fn one_fault_gives_one_message() {
    let mut wrong = String::new();
    for path in programs(".err.plast") {
        let (_, rendered, _) = messages(&path);
        let count = rendered.lines().filter(|l| l.starts_with("error[") || l.starts_with("warning[")).count();
        // Each of two circles is a fault.
        if count != 1 && !path.ends_with("two-cycles.err.plast") {
            wrong += &format!("{}: {count}\n{rendered}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
