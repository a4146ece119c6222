//! The tables of the manual that are made from the compiler's own: built-in words, units, codes. Run with
//! `PLAST_UPDATE_MANUAL=1` to write them anew.

use crate::harness::{Files, check, failure};
use plast::builtins::{Builtin, Expected, Kind, Special, TABLE};
use plast::diag::{CODES, Severity};
use plast::report::Verdict;
use plast::syntax::ast::{Item, ItemKind, MemberKind};
use plast::units::UNITS;
use std::fmt::Write as _;
use std::path::Path;

/// Compares what stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->` with what should.
fn holds(chapter: &str, name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec").join(chapter);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let at = text.find(&begin).unwrap() + begin.len();
    let until = text.find(&end).unwrap();
    if std::env::var_os("PLAST_UPDATE_MANUAL").is_some() {
        std::fs::write(&path, format!("{}\n{wanted}\n{}", &text[..at], &text[until..])).unwrap();
    } else {
        assert_eq!(text[at..until].trim(), wanted.trim(), "PLAST_UPDATE_MANUAL=1 writes the table anew");
    }
}

#[test]
fn every_example_of_a_word_holds() {
    for b in TABLE {
        let text = b.example.text;
        let expects = match b.example.expected {
            Expected::Number(v) => vec![format!("expect {text} == {v:e} +- 1e-12")],
            Expected::Truth(true) => vec![format!("expect {text}")],
            Expected::Truth(false) => vec![format!("expect not {text}")],
            Expected::Numbers(all) => {
                all.iter().enumerate().map(|(i, v)| format!("expect ({text})[{i}] == {v:e}")).collect()
            }
            // Draws belong to something with a name.
            Expected::Within(lo, hi) => {
                vec![format!("stimulus drawn = {text}\nexpect drawn in [{lo}, {hi}]")]
            }
            Expected::Shown => continue,
        };
        let source = format!("{}\n{}\n", b.example.setup, expects.join("\n"));
        let mut program = check(b.name, &source, &Files::default());
        let outcomes = program.run();
        assert!(program.diagnostics.is_empty() && !outcomes.is_empty(), "{source}{}", program.messages());
        if let Some(outcome) = outcomes.iter().find(|o| o.verdict != Verdict::Held) {
            panic!("{source}{}", failure(outcome));
        }
    }
}

/// What the manual says an example gives.
fn shown(b: &Builtin) -> String {
    let number = |v: f64| {
        let text = plast::units::format_number(v, 6);
        if v == std::f64::consts::E { "e".to_owned() } else { text }
    };
    let setup = if b.example.setup.is_empty() { String::new() } else { format!("`{}`: ", b.example.setup) };
    let text = format!("{setup}`{}`", b.example.text);
    match b.example.expected {
        Expected::Number(v) => format!("{text} is {}", number(v)),
        Expected::Truth(t) => format!("{text} is {t}"),
        Expected::Numbers(all) => {
            let all: Vec<String> = all.iter().map(|v| number(*v)).collect();
            format!("{text} is {}", all.join(", "))
        }
        Expected::Within(lo, hi) if lo == hi => format!("{text} is {}", number(lo)),
        Expected::Within(lo, hi) => format!("{text} lies between {} and {}", number(lo), number(hi)),
        Expected::Shown => text,
    }
}

#[test]
fn the_manual_lists_every_word() {
    let of = |title: &str, fits: &dyn Fn(Kind) -> bool| {
        let mut text = format!("## {title}\n\n| word | meaning | example |\n|---|---|---|\n");
        for b in TABLE.iter().filter(|b| fits(b.kind)) {
            let _ = writeln!(text, "| `{}` | {} | {} |", b.signature, b.doc, shown(b));
        }
        text
    };
    let sections = [
        of("Constants", &|k| matches!(k, Kind::Constant(_))),
        of("Functions of each element", &|k| matches!(k, Kind::Elementwise(_))),
        of("Reductions", &|k| {
            matches!(
                k,
                Kind::Reduce(_)
                    | Kind::Both(..)
                    | Kind::Special(Special::First | Special::Last | Special::Histogram)
            )
        }),
        of("Random numbers", &|k| matches!(k, Kind::Random(_) | Kind::Special(Special::Noise))),
        of("Words with a place of their own", &|k| {
            matches!(k, Kind::Special(Special::Load | Special::Shuffle | Special::Rate))
        }),
    ];
    let text = sections.join("\n");
    assert_eq!(text.lines().filter(|l| l.starts_with("| `")).count(), TABLE.len());
    holds("12-words.md", "words", &text);
}

#[test]
fn the_manual_lists_every_code() {
    let mut text = String::from("| code | name | |\n|---|---|---|\n");
    for c in CODES {
        let severity = if c.severity == Severity::Error { "error" } else { "warning" };
        let _ = writeln!(text, "| {} | `{}` | {severity} |", c.code, c.name);
    }
    holds("13-messages.md", "codes", &text);
}

#[test]
fn the_manual_lists_every_unit() {
    let mut text = String::from("| unit | also written | name | prefixes |\n|---|---|---|---|\n");
    for u in UNITS {
        let code = |words: &[&str]| words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" ");
        let prefixes: Vec<String> = u.prefixes.chars().map(|p| format!("`{p}`")).collect();
        let word = u.words.first().copied().unwrap_or("");
        let _ =
            writeln!(text, "| `{}` | {} | {word} | {} |", u.symbol, code(u.spellings), prefixes.join(" "));
    }
    text.push_str("| `tick` | `ticks` | the tick of the clock | |\n");
    holds("02-quantities-and-units.md", "units", &text);
}

/// `eta = 1e-3 /s` for each parameter of a rule.
fn parameters(item: &Item, source: &str) -> Vec<String> {
    let ItemKind::Rule(rule) = &item.kind else { return Vec::new() };
    let of = rule.members.iter().filter_map(|m| match &m.kind {
        MemberKind::Param(p) => Some((p.name.text.as_str(), p.value.span)),
        _ => None,
    });
    of.map(|(name, span)| format!("`{name} = {}`", &source[span.start as usize..span.end as usize])).collect()
}

#[test]
fn the_manual_lists_every_shipped_rule() {
    let mut text = String::from("| rule | parameters and what they are if not given | |\n|---|---|---|\n");
    for (name, source) in plast::session::RULES {
        let mut sink = plast::diag::Sink::new();
        let mut sources = plast::source::SourceMap::new();
        let id = sources.add(*name, *source);
        let file = plast::syntax::parse(id, source, &mut sink).unwrap();
        let first: Vec<&str> = file.docs.lines().map(str::trim).take_while(|l| !l.is_empty()).collect();
        let params: Vec<String> = file.items.iter().flat_map(|item| parameters(item, source)).collect();
        let _ = writeln!(text, "| `rules.{name}` | {} | {} |", params.join(", "), first.join(" "));
    }
    holds("04-names.md", "rules", &text);
}
