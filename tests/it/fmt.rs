//! What formatting may never change, over every program that is shipped, tested or shown in the manual, as it is and with
//! its blanks, line ends and comments thrown about.

use crate::harness::{Files, snapshot};
use crate::markdown::blocks;
use plast::diag::Sink;
use plast::ir::{self, build};
use plast::sema::Overrides;
use plast::session;
use plast::source::SourceId;
use plast::syntax::{self, FormatOptions, Spelling, TokenKind, format, tokens};
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A text that can be read, and where it is from.
struct Sample {
    name: String,
    text: String,
}

/// Every text without syntax errors below `protocols` and `tests`.
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["protocols", "tests"] {
        files(&root.join(folder), &mut paths);
    }
    let mut found = Vec::new();
    for path in paths {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.strip_prefix(root).unwrap().display().to_string();
        match path.extension().and_then(|e| e.to_str()) {
            Some("plast") => found.push(Sample { name, text }),
            Some("md") => {
                for block in blocks(&text).into_iter().filter(|b| b.language() == "plast") {
                    found.push(Sample { name: format!("{name}:{}", block.line), text: block.text });
                }
            }
            _ => {}
        }
    }
    found.retain_mut(|s| {
        s.text = s.text.replace("\r\n", "\n");
        tree(&s.text).is_some()
    });
    assert!(found.len() > 400, "{}", found.len());
    found
});

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The tree of a text without syntax errors.
fn tree(text: &str) -> Option<String> {
    let mut sink = Sink::new();
    let file = syntax::parse(SourceId(0), text, &mut sink)?;
    (!sink.has_errors()).then(|| syntax::text(&file))
}

fn formatted(text: &str) -> String {
    format(text, &FormatOptions::default()).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}"))
}

/// Words, signs and comments in order; not the separators, which line ends can stand for.
fn words(text: &str) -> Vec<&str> {
    let separator = |t: &syntax::Token| t.kind == TokenKind::Operator && &text[t.range.clone()] == ";";
    tokens(text).into_iter().filter(|t| !separator(t)).map(|t| text[t.range].trim_end()).collect()
}

/// What must hold of every text that can be read.
fn holds(text: &str) -> String {
    let once = formatted(text);
    assert_eq!(tree(&once), tree(text), "the tree changed\n{text}");
    assert_eq!(words(&once), words(text), "a word or a comment moved\n{text}");
    assert_eq!(formatted(&once), once, "formatting twice\n{text}");
    for line in once.lines() {
        assert_eq!(line.trim_end(), line, "blanks at the end of a line\n{once}");
    }
    assert!(!once.contains("\n\n\n") && !once.starts_with('\n') && !once.ends_with("\n\n"), "{once}");
    assert!(once.is_empty() || once.ends_with('\n'));
    once
}

#[test]
fn what_is_said_stays_as_it_is() {
    for sample in SAMPLES.iter() {
        holds(&sample.text);
    }
}

#[test]
fn shipped_programs_are_in_the_style() {
    for sample in SAMPLES.iter() {
        let shipped = ["protocols/", "tests/programs/", "tests/bench/programs/", "tests/science/"];
        if shipped.iter().any(|folder| sample.name.starts_with(folder)) && sample.name.ends_with(".plast") {
            assert_eq!(formatted(&sample.text), sample.text, "`plast fmt {}` mends it", sample.name);
        }
    }
}

/// The kernels of a program that checks clean, of every case.
fn kernels(name: &str, text: &str) -> Option<String> {
    let files = data();
    let checked = session::check(name, text, &files, &Overrides::default()).ok()?;
    let experiment = &checked.experiment;
    let built =
        experiment.programs.iter().map(|p| build::build(&experiment.axes, p, false, None, false).ok());
    built.map(|b| b.map(|b| ir::outline(&b.module))).collect()
}

/// The data files that shipped programs load.
fn data() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::default();
    for entry in fs::read_dir(root.join("protocols/data")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("data/{}", path.file_name().unwrap().to_str().unwrap());
        files.insert(&name, fs::read(&path).unwrap());
    }
    let curve = root.join("tests/programs/frequency-response.csv");
    files.insert("frequency-response.csv", fs::read(curve).unwrap());
    files
}

#[test]
fn the_kernels_are_the_same() {
    let mut compared = 0;
    for sample in SAMPLES.iter().filter(|s| !s.name.contains("/bench/")) {
        let Some(before) = kernels(&sample.name, &sample.text) else { continue };
        for spelling in [Spelling::AsWritten, Spelling::Greek, Spelling::Ascii] {
            let after = format(&sample.text, &FormatOptions { spelling }).unwrap();
            assert_eq!(kernels(&sample.name, &after).as_ref(), Some(&before), "{}\n{after}", sample.name);
        }
        compared += 1;
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn names_are_spelled_as_asked() {
    let spelled = |text: &str, spelling| format(text, &FormatOptions { spelling }).unwrap();
    for sample in SAMPLES.iter() {
        let greek = spelled(&sample.text, Spelling::Greek);
        let ascii = spelled(&greek, Spelling::Ascii);
        assert_eq!(tree(&greek), tree(&sample.text), "{}", sample.name);
        assert_eq!(ascii, spelled(&sample.text, Spelling::Ascii), "{}", sample.name);
        assert_eq!(greek, spelled(&ascii, Spelling::Greek), "{}", sample.name);
    }
    let rule =
        "rule r {\n    post theta = 1\n    10 s * dtheta/dt = y - theta\n    dw = eta*x*(y - theta)\n}\n";
    let greek = "rule r {\n    post θ = 1\n    10 s * dθ/dt = y - θ\n    Δw = η*x*(y - θ)\n}\n";
    assert_eq!(spelled(rule, Spelling::Greek), greek);
    assert_eq!(spelled(greek, Spelling::Ascii), rule);
    assert_eq!(spelled("clock 10 µs\n", Spelling::Ascii), "clock 10 us\n");
}

#[test]
fn the_gallery_of_the_style() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fmt");
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        snapshot("fmt", &name, &holds(&text));
    }
}

#[test]
fn line_ends_and_marks_of_other_systems_are_mended() {
    let text = "clock 1 ms // a\n\nlet a=1";
    let expected = "clock 1 ms    // a\n\nlet a = 1\n";
    for other in
        [text.to_string(), text.replace('\n', "\r\n"), text.replace('\n', "\r"), format!("\u{feff}{text}")]
    {
        assert_eq!(formatted(&other), expected, "{other:?}");
    }
    assert_eq!(formatted("let a\u{a0}=\u{2003}1\u{200b}\n\n\n"), "let a = 1\n");
    assert_eq!((formatted(""), formatted(" \n\n ")), (String::new(), String::new()));
    assert_eq!(formatted("\n\n// only a comment  \n\n"), "// only a comment\n");
}

#[test]
fn what_cannot_be_read_is_not_formatted() {
    let faults = format("clock 1 ms\nlet a = (1\nlet b = 2\n", &FormatOptions::default()).unwrap_err();
    assert!(faults.iter().any(|d| d.code.0 == "E0102"), "{faults:?}");
}

#[test]
fn a_long_file_takes_milliseconds() {
    let one = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols/orientation.plast"))
        .unwrap();
    let text = one.repeat(1 + 1000 / one.lines().count());
    let start = std::time::Instant::now();
    holds(&text);
    // holds() formats twice and reads four times more, unoptimised and beside other tests
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

/// What may be put between two words.
#[derive(Debug, Clone)]
enum Mess {
    Blanks(usize),
    Line(usize),
    Comment(bool),
    Nothing,
}

fn mess() -> impl Strategy<Value = Vec<Mess>> {
    let one = prop_oneof![
        6 => Just(Mess::Blanks(1)),
        2 => (2usize..5).prop_map(Mess::Blanks),
        2 => Just(Mess::Nothing),
        2 => (0usize..9).prop_map(Mess::Line),
        1 => any::<bool>().prop_map(Mess::Comment),
    ];
    prop::collection::vec(one, 1..80)
}

/// The text with other blanks between its words, where that does not change the tree: tried piece by piece.
fn messed(text: &str, mess: &[Mess], every: usize) -> String {
    let before = tree(text);
    let mut out = text.to_string();
    let ranges: Vec<_> = tokens(text).into_iter().map(|t| t.range).collect();
    // the last gap first, so that the places of the others stay
    let gaps: Vec<(usize, usize)> = ranges.windows(2).map(|w| (w[0].end, w[1].start)).collect();
    for (n, &(start, end)) in gaps.iter().enumerate().rev().filter(|(n, _)| n % every == 0) {
        let gap = match &mess[n % mess.len()] {
            Mess::Blanks(blanks) => " ".repeat(*blanks),
            Mess::Line(indent) => format!("\n{:indent$}", ""),
            Mess::Comment(own) => format!("{}// note {n}\n  ", if *own { "\n " } else { " " }),
            Mess::Nothing => String::new(),
        };
        // a comment ends with its line
        let gap =
            if text[..start].rsplit('\n').next().unwrap().contains("//") { format!("\n{gap}") } else { gap };
        let tried = format!("{}{gap}{}", &out[..start], &out[end..]);
        if tree(&tried) == before {
            out = tried;
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mess_is_tidied_and_says_the_same(at in any::<prop::sample::Index>(), mess in mess(), every in 1usize..5) {
        let sample = at.get(&SAMPLES[..]);
        let text = messed(&sample.text, &mess, every);
        let once = holds(&text);
        prop_assert_eq!(tree(&once), tree(&sample.text));
    }

    #[test]
    fn blanks_within_lines_do_not_matter(at in any::<prop::sample::Index>(), mess in mess()) {
        let sample = at.get(&SAMPLES[..]);
        let blanks: Vec<Mess> = mess.into_iter().filter(|m| matches!(m, Mess::Blanks(_) | Mess::Nothing)).collect();
        prop_assume!(!blanks.is_empty());
        let before = tree(&sample.text);
        let mut text = sample.text.clone();
        let found = tokens(&sample.text);
        for (n, pair) in found.windows(2).enumerate().rev() {
            let (start, end) = (pair[0].range.end, pair[1].range.start);
            // line ends and the columns of comments are the writer's
            if sample.text[start..end].contains('\n') || sample.text[start..].lines().next().unwrap().contains("//") {
                continue;
            }
            let Mess::Blanks(blanks) = blanks[n % blanks.len()] else { continue };
            let tried = format!("{}{:blanks$}{}", &text[..start], "", &text[end..]);
            if tree(&tried) == before {
                text = tried;
            }
        }
        prop_assert_eq!(formatted(&text), formatted(&sample.text));
    }
}
