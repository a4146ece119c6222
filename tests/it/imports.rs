//! Data walks one way through the rooms of the house, and so do imports.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order data walks through them; each may import those before it.
const ROOMS: &[&str] = &[
    "source", "units", "diag", "syntax", "contract", "hir", "builtins", "eval", "sema", "ir", "backend",
    "record", "runtime", "report", "session", "repl", "cli",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every source file below a room, with the room's place in the order.
fn sources() -> Vec<(usize, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for entry in fs::read_dir(&src).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let room = path.file_name().unwrap().to_string_lossy().into_owned();
        let place = ROOMS.iter().position(|r| *r == room);
        let place = place.unwrap_or_else(|| panic!("the room `{room}` has no place in the order"));
        let mut found = Vec::new();
        files(&path, &mut found);
        // tests may call what comes later to make what they need
        let is_test = |f: &PathBuf| {
            let name = f.file_stem().unwrap().to_string_lossy().into_owned();
            name.ends_with("tests") || name == "testing" || f.components().any(|c| c.as_os_str() == "tests")
        };
        for file in found.into_iter().filter(|f| !is_test(f)) {
            let text = fs::read_to_string(&file).unwrap();
            all.push((place, file, text));
        }
    }
    all
}

/// The lines that are code, numbered from 1.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, l)| (i + 1, l)).filter(|(_, l)| !l.trim_start().starts_with("//"))
}

/// The rooms a line of code names.
fn named(line: &str) -> impl Iterator<Item = usize> + '_ {
    line.match_indices("crate::").filter_map(|(at, prefix)| {
        let rest = &line[at + prefix.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        ROOMS.iter().position(|r| *r == &rest[..end])
    })
}

#[test]
fn imports_point_backwards() {
    let mut upward = Vec::new();
    for (room, file, text) in sources() {
        for (number, line) in code(&text) {
            for other in named(line).filter(|&other| other > room) {
                upward.push(format!("{}:{number}: {} imports {}", file.display(), ROOMS[room], ROOMS[other]));
            }
        }
    }
    assert!(upward.is_empty(), "imports that point upward:\n{}", upward.join("\n"));
}

#[test]
fn units_contract_and_backend_know_no_syntax() {
    for (room, file, text) in sources() {
        if !["units", "contract", "backend"].contains(&ROOMS[room]) {
            continue;
        }
        for (number, line) in code(&text) {
            assert!(!line.contains("crate::syntax"), "{}:{number} names syntax", file.display());
        }
    }
}

#[test]
fn only_the_command_line_touches_the_terminal() {
    for (room, file, text) in sources() {
        if ROOMS[room] == "cli" {
            continue;
        }
        for (number, line) in code(&text) {
            for word in ["println!", "print!(", "io::stdout", "io::stderr", "process::exit"] {
                assert!(!line.contains(word), "{}:{number} has `{word}`", file.display());
            }
        }
    }
}
