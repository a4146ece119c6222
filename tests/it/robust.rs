//! Whatever is done to a program, checking it ends with an experiment or with messages that can be shown.

use crate::harness::Files;
use plast::diag::{Format, render};
use plast::sema::Overrides;
use plast::session;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::path::Path;

/// What is said of a text, drawn; an internal error or a span outside of the text fails the test.
fn said(text: &str, files: &Files) -> String {
    let (diagnostics, sources) = match session::check("mutant.plast", text, files, &Overrides::default()) {
        Ok(checked) => (checked.warnings.clone(), checked.sources.clone()),
        Err(refused) => {
            assert!(!refused.diagnostics.is_empty(), "refused without a word:\n{text}");
            (refused.diagnostics, refused.sources)
        }
    };
    for d in &diagnostics {
        assert_ne!(d.code.0, "E0001", "{}\n{text}", d.headline);
        let fix = d.fix.iter().map(|f| f.span);
        for span in d.primary.iter().chain(&d.secondary).map(|l| l.span).chain(fix) {
            let inside = sources.get(span.source).text.get(span.range()).is_some();
            assert!(inside, "{}: {span:?}\n{text}", d.headline);
        }
    }
    render(&diagnostics, &sources, Format::Json, false);
    render(&diagnostics, &sources, Format::Text, false)
}

/// Does the work on a stack as large as the command's.
fn with_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(work).unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// The shipped experiments and those of the tests, and the data they load.
fn programs() -> (Vec<String>, Files) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    let mut paths: Vec<_> = ["protocols", "protocols/rules", "tests/data/programs", "tests/programs"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "plast"))
        .collect();
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(path).unwrap();
        // The digits are many; what is done with them is checked elsewhere.
        if !text.contains("load(") {
            texts.push(text);
        }
    }
    (texts, Files::default())
}

/// A text in words, numbers, blanks and single signs.
fn pieces(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '_' | '.') => 1,
        '\n' => 2,
        c if c.is_whitespace() => 3,
        _ => 4,
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut last = 0;
    for (at, c) in text.char_indices() {
        if at > start && (kind(c) != last || last == 4) {
            out.push(&text[start..at]);
            start = at;
        }
        last = kind(c);
    }
    out.push(&text[start..]);
    out
}

/// One change: of a line or a word, and which.
#[derive(Debug, Clone, Copy)]
struct Change {
    lines: bool,
    kind: u8,
    at: usize,
    other: usize,
}

fn change(text: &str, c: Change) -> String {
    let mut parts: Vec<&str> = if c.lines { text.split_inclusive('\n').collect() } else { pieces(text) };
    if parts.is_empty() {
        return text.to_owned();
    }
    let (at, other) = (c.at % parts.len(), c.other % parts.len());
    match c.kind {
        0 => {
            parts.remove(at);
        }
        1 => parts.insert(at, parts[at]),
        2 => parts.swap(at, other),
        3 => parts[at] = parts[other],
        _ => parts.insert(at, parts[other]),
    }
    parts.concat()
}

#[test]
fn changed_programs_are_checked_to_the_end() {
    let (texts, files) = programs();
    with_stack(move || {
        let one = (any::<bool>(), 0u8..5, any::<usize>(), any::<usize>())
            .prop_map(|(lines, kind, at, other)| Change { lines, kind, at, other });
        let mutant = (0..texts.len(), prop::collection::vec(one, 1..6));
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let run = TestRunner::new(config).run(&mutant, |(which, changes)| {
            let text = changes.iter().fold(texts[which].clone(), |text, c| change(&text, *c));
            said(&text, &files);
            Ok(())
        });
        if let Err(error) = run {
            panic!("{error}");
        }
    });
}

#[test]
fn extremes_are_answered() {
    with_stack(|| {
        let files = Files::default();
        let many = |n: usize, f: &dyn Fn(usize) -> String| (0..n).map(f).collect::<String>();
        let cases: &[(String, &str)] = &[
            (String::new(), ""),
            ("\u{feff}".into(), ""),
            ("// nothing\n//! at all\n/// here".into(), ""),
            (format!("expect {}1{} > 0", "(".repeat(190), ")".repeat(190)), ""),
            (format!("expect {}1{} > 0", "(".repeat(5000), ")".repeat(5000)), "E0114"),
            (format!("expect {}1 > 0", "-".repeat(900)), ""),
            (format!("expect {}1 > 0", "-".repeat(100_000)), "E0114"),
            (format!("expect 1{} > 0", " + 1".repeat(900)), ""),
            (format!("expect 1{} > 0", " + 1".repeat(100_000)), "E0114"),
            (format!("protocol {}{}", "{ repeat 2 ".repeat(3000), "}".repeat(3000)), "E0114"),
            (
                format!(
                    "let a0 = 1\n{}expect a150 > 0",
                    many(150, &|i| format!("let a{} = a{i} + 1\n", i + 1))
                ),
                "",
            ),
            (
                format!(
                    "let a0 = 1\n{}expect a900 > 0",
                    many(900, &|i| format!("let a{} = a{i} + 1\n", i + 1))
                ),
                "E0114",
            ),
            (
                format!(
                    "let a0 = 1\n{}expect a40 > 0",
                    many(40, &|i| format!("let a{} = a{i}*a{i}*a{i}\n", i + 1))
                ),
                "E0114",
            ),
            (
                format!(
                    "fn f0(k) = k\n{}expect f30(1) > 0",
                    many(30, &|i| format!("fn f{}(k) = f{i}(k) + f{i}(k)\n", i + 1))
                ),
                "E0114",
            ),
            ("expect 1e400 > 0".into(), "E0120"),
            ("expect 1e-400 == 0".into(), ""),
            ("clock 0 s\nexpect 1 > 0".into(), "E0502"),
            ("clock -1 ms\nexpect 1 > 0".into(), "E0502"),
            ("clock 1e-320 s\nprotocol { rest 1 s }".into(), "E0501"),
            ("population p\nprotocol { present 1 on p for -3 ticks }".into(), "E0501"),
            ("population p[cell: 1e12]\nprotocol { present 1 on p for 1 s }".into(), "7451 GiB"),
            ("population p[cell: 0]\nprotocol { present 1 on p for 1 s }".into(), "E0409"),
            ("population p[cell: 1e300]\nprotocol { present 1 on p for 1 s }".into(), "E0409"),
            ("population p[a: 1e9, b: 1e9, c: 1e9]\nprotocol { present 1 on p for 1 s }".into(), "E0409"),
            ("stimulus s[a: 1e9, b: 1e9, c: 1e9] = a\nexpect s[0, 0, 0] == 0".into(), "E0409"),
            ("protocol { repeat 1e18 { repeat 1e18 { rest 1 s } } }".into(), ""),
            ("protocol { for k in 0..1e15 { rest 1 s } }".into(), "E0409"),
            ("protocol { for k in -5..1e300 { rest 1 s } }".into(), "E0409"),
            ("cases seed in 0..1_000_000\nexpect 1 > 0".into(), "E0409"),
            ("param a = 1\ncases a in 0..9000\nexpect min(a) == 0".into(), ""),
            ("expect 2^1e9 > 0 and 2^(-1e9) == 0".into(), ""),
            ("expect (2 s)^30000 > 0 s".into(), "E0301"),
            ("expect max(histogram([1, 2], 1e12)) > 0".into(), "E0408"),
        ];
        for (text, expected) in cases {
            let said = said(text, &files);
            let start: String = text.chars().take(60).collect();
            match *expected {
                "" => assert!(!said.contains("error["), "{start}\n{said}"),
                expected => assert!(said.contains(expected), "{expected} expected: {start}\n{said}"),
            }
        }
    });
}
