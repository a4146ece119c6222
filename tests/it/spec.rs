//! The manual as a test: every block of plast in `tests/spec` is checked and run, and its comments are held against
//! what came out. `tests/spec/README.md` says how blocks and claims are written.

use crate::harness::{self, Files, check, failure};
use crate::markdown::{Block, blocks};
use plast::diag::Severity;
use plast::hir::Condition;
use plast::report::Verdict;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a comment claims of its line (counted from 1 in the completed program).
#[derive(Debug, Clone, PartialEq)]
struct Claim {
    line: usize,
    kind: ClaimKind,
}

#[derive(Debug, Clone, PartialEq)]
enum ClaimKind {
    /// `// error: [E0301] "text"`, `// warning: [W0601]`
    Says { severity: Severity, code: String, text: Option<String> },
    /// `// = 0.0117`, `// == 0.0117`
    Value { text: String, exact: bool },
    /// `// type: mV/ms [region: 2]`
    Type { unit: String, axes: String },
}

/// A block made into a whole program.
struct Program {
    text: String,
    /// Lines that stand before the block's own.
    before: usize,
    /// The block's own lines.
    lines: usize,
    claims: Vec<Claim>,
    /// The claim each appended `expect` stands for, by its line.
    expects: Vec<(usize, Claim)>,
}

/// What `in=network` completes, one item a line; the words before the mark say which item of a block takes its place.
const NETWORK: &[(&str, &str)] = &[
    ("clock", "clock 100 ms"),
    ("stimulus pattern", "stimulus pattern[k: 2, i: 4] = if mod(i, 2) == k then 1 else 0"),
    ("population input", "population input[i: 4]"),
    ("population cortex", "population cortex[region: 2, cell: 3] { output y = relu(drive) }"),
    ("rule follow", "rule follow { param eta = 0.1 /s; dw/dt = eta*x*(y - w) }"),
    ("synapses ff", "synapses ff: input -> cortex { rule follow; connect all; w = 0.1 }"),
    ("protocol", "protocol { present pattern[0] on input for 1 s }"),
];

fn complete(block: &Block) -> Program {
    let mut text = block.text.clone();
    let mut before = 0;
    let kind = block.option("in");
    match kind {
        Some("words") => {
            text = block.text.lines().enumerate().map(|(i, line)| word(i, line)).collect();
        }
        Some("rule") => {
            text = format!(
                "rule example {{\n{text}}}\nsynapses ff: input -> cortex {{ rule example; connect all; w = 0.1 }}\n"
            );
            before = 1;
        }
        Some("network") | None => {}
        Some(other) => panic!("line {}: `in={other}` is not known", block.line),
    }
    let lines = block.text.lines().count();
    let claims: Vec<Claim> = text.lines().enumerate().filter_map(|(i, line)| claim(i + 1, line)).collect();
    if kind.is_some() {
        for (start, item) in NETWORK.iter().filter(|_| kind != Some("words")) {
            if !declares(&text, start) {
                text.push_str(item);
                text.push('\n');
            }
        }
        if kind == Some("words") {
            text.push_str("clock 100 ms\nprotocol { rest 1 tick }\n");
        }
    }
    let mut expects = Vec::new();
    for c in &claims {
        let line = text.lines().nth(c.line - 1).unwrap_or("").to_owned();
        for expect in expectations(&line, &c.kind) {
            expects.push((text.lines().count() + 1, c.clone()));
            let _ = writeln!(text, "{expect}");
        }
    }
    Program { text, before, lines, claims, expects }
}

/// A line of `in=words` as an item.
fn word(i: usize, line: &str) -> String {
    let code = line.split("//").next().unwrap_or("").trim();
    if code.is_empty() { format!("{line}\n") } else { format!("let line_{i} = {line}\n") }
}

/// Whether an item that begins with `start` stands in a text.
fn declares(text: &str, start: &str) -> bool {
    text.lines()
        .filter_map(|line| line.strip_prefix(start))
        .any(|rest| rest.chars().next().is_none_or(|c| !(c.is_alphanumeric() || c == '_')))
}

fn claim(line: usize, text: &str) -> Option<Claim> {
    let comment = text.split_once("//")?.1.trim();
    let says = |severity, rest: &str| {
        let rest = rest.trim();
        let code = rest
            .strip_prefix('[')
            .and_then(|r| r.split_once(']'))
            .unwrap_or_else(|| panic!("no code: {text}"));
        let text = code.1.trim();
        ClaimKind::Says {
            severity,
            code: code.0.to_owned(),
            text: (!text.is_empty()).then(|| text.trim_matches('"').to_owned()),
        }
    };
    let kind = if let Some(rest) = comment.strip_prefix("error:") {
        says(Severity::Error, rest)
    } else if let Some(rest) = comment.strip_prefix("warning:") {
        says(Severity::Warning, rest)
    } else if let Some(rest) = comment.strip_prefix("type:") {
        let rest = rest.trim();
        let (unit, axes) = rest.split_at(rest.find('[').unwrap_or(rest.len()));
        ClaimKind::Type { unit: unit.trim().to_owned(), axes: axes.to_owned() }
    } else if let Some(rest) = comment.strip_prefix("== ") {
        ClaimKind::Value { text: rest.trim().to_owned(), exact: true }
    } else if let Some(rest) = comment.strip_prefix("= ") {
        ClaimKind::Value { text: rest.trim().to_owned(), exact: false }
    } else {
        return None;
    };
    Some(Claim { line, kind })
}

/// The name that the `let` or the last `probe` of a line declares.
fn declared(line: &str) -> &str {
    let code = line.split("//").next().unwrap_or("");
    let at = ["let ", "probe each ", "probe "]
        .iter()
        .find_map(|word| Some((code.rfind(word)? + word.len(), word)));
    let Some((at, _)) = at else { panic!("a claim of a line that names nothing: {line}") };
    let name = code[at..].trim_start();
    name.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("")
}

/// The items that test a claim of a value or a type.
fn expectations(line: &str, kind: &ClaimKind) -> Vec<String> {
    let compare = |left: &str, value: &str, exact: bool| match value {
        "true" => format!("expect {left}"),
        "false" => format!("expect not {left}"),
        _ if exact || value.starts_with("0 ") || value == "0" => format!("expect {left} == {value}"),
        _ => format!("expect {left} == {value} +- 0.0005 %"),
    };
    match kind {
        ClaimKind::Says { .. } => Vec::new(),
        ClaimKind::Type { unit, .. } => {
            vec![format!(
                "expect {} == {}",
                declared(line),
                if unit == "1" { unit.clone() } else { format!("1 {unit}") }
            )]
        }
        ClaimKind::Value { text, exact } => match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
            None => vec![compare(declared(line), text, *exact)],
            Some((items, unit)) => items
                .split(',')
                .enumerate()
                .map(|(i, item)| {
                    compare(&format!("{}[{i}]", declared(line)), &format!("{}{unit}", item.trim()), *exact)
                })
                .collect(),
        },
    }
}

/// Checks and runs a block; what is wrong with it is appended to `failures`.
fn test_block(chapter: &str, block: &Block, files: &Files, failures: &mut String) {
    let program = complete(block);
    let mut checked = check(chapter, &program.text, files);
    let mut wrong = Vec::new();
    check_types(&program, &checked, &mut wrong);
    let outcomes = if block.has("norun") { Vec::new() } else { checked.run() };
    compare_messages(&program, &checked, block.option("in").is_some(), &mut wrong);
    for outcome in outcomes.iter().filter(|o| o.verdict != Verdict::Held) {
        let line = checked.sources.line_col(outcome.span).line;
        match program.expects.iter().find(|e| e.0 == line) {
            Some((_, claim)) if matches!(claim.kind, ClaimKind::Type { .. }) => {}
            _ => wrong.push(failure(outcome)),
        }
    }
    if !wrong.is_empty() {
        let _ = writeln!(
            failures,
            "{} (line {} of {chapter})\n    {}",
            block.heading,
            block.line,
            wrong.join("\n    ")
        );
    }
}

/// Holds the axes of values against claims of types; their dimension was compared with the unit by the checker.
fn check_types(program: &Program, checked: &harness::Program, wrong: &mut Vec<String>) {
    let Some(experiment) = checked.experiment() else { return };
    for (line, claim) in &program.expects {
        let ClaimKind::Type { axes, .. } = &claim.kind else { continue };
        let stands = |e: &&plast::hir::Expect| checked.sources.line_col(e.span).line == *line;
        let Some(expect) = experiment.results.expects.iter().find(stands) else { continue };
        let Condition::Compare { left, .. } = &expect.condition else { continue };
        let parts: Vec<String> = left
            .axes
            .iter()
            .map(|a| &experiment.axes[*a])
            .map(|a| format!("{}: {}", a.name, a.size.map_or("?".into(), |n| n.to_string())))
            .collect();
        let found = if parts.is_empty() { String::new() } else { format!("[{}]", parts.join(", ")) };
        if found != *axes {
            wrong.push(format!("line {} of the block: its axes are {found}", claim.line - program.before));
        }
    }
}

/// Holds what the compiler said against the claims, both ways.
fn compare_messages(program: &Program, checked: &harness::Program, completed: bool, wrong: &mut Vec<String>) {
    let mut claims: Vec<&Claim> =
        program.claims.iter().filter(|c| matches!(c.kind, ClaimKind::Says { .. })).collect();
    for d in &checked.diagnostics {
        let line = checked.line(d);
        let claimed = claims.iter().position(|c| {
            let ClaimKind::Says { code, text, .. } = &c.kind else { return false };
            c.line == line
                && *code == d.code.0
                && text.as_ref().is_none_or(|t| d.headline.contains(t.as_str()))
        });
        match claimed {
            Some(i) => {
                claims.remove(i);
            }
            None if completed && d.severity() == Severity::Warning => {}
            None => {
                let place = if line <= program.before + program.lines {
                    format!("line {} of the block", line.saturating_sub(program.before))
                } else {
                    format!("`{}`", program.text.lines().nth(line.saturating_sub(1)).unwrap_or(""))
                };
                wrong.push(format!("{place}: [{}] {}", d.code.0, d.headline));
            }
        }
    }
    for c in claims {
        wrong.push(format!("line {} of the block: nothing says {:?}", c.line - program.before, c.kind));
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec")
}

fn chapter(name: &str) {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut files = Files::default();
    let mut failures = String::new();
    for block in blocks(&text) {
        if let Some(file) = block.option("file") {
            files.insert(file, block.text.as_bytes());
        }
        if block.language() == "plast" {
            test_block(name, &block, &files, &mut failures);
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

macro_rules! chapters {
    ($($name:ident $file:literal;)*) => {
        $(#[test] fn $name() { chapter($file); })*
        const CHAPTERS: &[&str] = &[$($file),*];
    };
}

chapters! {
    tour "01-tour.md";
    quantities_and_units "02-quantities-and-units.md";
    axes "03-axes.md";
    names "04-names.md";
    stimuli_and_data "05-stimuli-and-data.md";
    populations "06-populations.md";
    rules "07-rules.md";
    synapses "08-synapses.md";
    protocols "09-protocols.md";
    time "10-time.md";
    results "11-results.md";
    words "12-words.md";
    messages "13-messages.md";
    contract "14-contract.md";
    command_line "15-command-line.md";
    outside "16-outside.md";
    grammar "17-grammar.md";
    exploring "18-repl.md";
    spikes "19-spikes.md";
}

#[test]
fn every_chapter_is_tested() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .expect("the manual")
        .filter_map(|f| f.ok()?.file_name().into_string().ok())
        .filter(|f| f.ends_with(".md") && f != "README.md")
        .collect();
    files.sort();
    assert_eq!(files, CHAPTERS);
}
