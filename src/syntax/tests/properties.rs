use proptest::prelude::*;

use super::read;
use crate::source::Span;
use crate::syntax::ast::File;
use crate::syntax::tree::Tree;
use crate::syntax::{FormatOptions, TokenKind, format, tokens};

/// Every node lies within its parent and in the source, and begins and ends with something.
pub(super) fn check_spans(file: &File, text: &str) -> Result<(), String> {
    fn walk(tree: &Tree, outer: Span, text: &str) -> Result<(), String> {
        let span = tree.span.unwrap_or(outer);
        if tree.span.is_some() {
            let Some(under) = text.get(span.range()) else {
                return Err(format!("{span:?} is not in the text"));
            };
            if span.start < outer.start || span.end > outer.end {
                return Err(format!("`{under}` {span:?} is not in {outer:?}"));
            }
            if under.trim() != under || (under.is_empty() && span != outer && span.end != outer.end) {
                return Err(format!("`{under}` {span:?} has blanks around it"));
            }
        }
        tree.kids.iter().try_for_each(|kid| walk(kid, span, text))
    }
    let whole = Span::new(file.source, 0, text.len());
    file.items.iter().try_for_each(|i| match i.span.end as usize <= text.len() {
        true => Ok(()),
        false => Err(format!("{:?}", i.span)),
    })?;
    Tree::file(file).kids.iter().try_for_each(|item| walk(item, whole, text))
}

/// Pieces of programs in any order: far nearer the grammar than random characters.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "let a = ",
        "rule r {",
        "population p[cell: 20] {",
        "synapses f: a -> b {",
        "protocol {",
        "phase a {",
        "}",
        "}\n",
        "(",
        ")",
        "[",
        "]",
        "{",
        "1",
        "10 ms",
        "25 /s",
        "5 %",
        "x",
        "theta",
        "θ",
        "Δw",
        "dw/dt",
        " = ",
        " == ",
        " + ",
        " - ",
        "*",
        "/",
        "^",
        " in ",
        "Hz",
        "if ",
        " then ",
        " else ",
        "not ",
        " and ",
        " or ",
        ",",
        ";",
        "\n",
        "\n",
        "..",
        " by ",
        ".",
        "over cell",
        "for k in ",
        "of ",
        "\"s\"",
        "\"",
        "// c\n",
        "/// d\n",
        "#",
        "present ",
        " on ",
        " for 1 s",
        "until ",
        "rest ",
        "repeat 3 {",
        "pick k of p",
        "teach a.y *= ",
        "probe q = ",
        "probe each ",
        "control without a",
        "record r = ",
        " every tick",
        "during a",
        "expect ",
        "plot ",
        " vs t",
        "split by ",
        "mark ",
        "with control",
        "image ",
        "as [row]",
        "param e = ",
        "state v = ",
        "post m",
        "trace ",
        "bounds w in [0, 1]",
        "at start",
        "connect all",
        "normalise sum(w over pre) = 1 multiplicative",
        "**",
        "&&",
        "≤",
        "−",
        "а",
        "0,5",
        "spike when ",
        "on pre {",
        "stream ",
        "allow x ",
        "use rules.bcm",
        "cases c in ",
        "cases c {",
        "clock 1 ms",
        "\u{a0}",
        "\t",
        "µ",
        "·",
        "s",
        "tick",
        "1e",
        "1.",
        ".5",
        "$",
        "'",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn survives(text: &str) -> Result<(), TestCaseError> {
    let (file, faults, map) = read(text);
    let text = map.iter().next().map(|(_, s)| s.text.clone()).unwrap_or_default();
    prop_assert!(check_spans(&file, &text).is_ok(), "{:?} in {text:?}", check_spans(&file, &text));
    for d in &faults {
        prop_assert!(d.code.0 != "E0001", "{d:?} in {text:?}");
        let labels = d.primary.iter().chain(&d.secondary).map(|l| l.span).chain(d.fix.iter().map(|f| f.span));
        for span in labels {
            prop_assert!(text.get(span.range()).is_some(), "{d:?} in {text:?}");
        }
    }
    // what can be read can be formatted, and is in the style then
    if let Some(once) = format(&text, &FormatOptions::default()).ok().filter(|_| faults.is_empty()) {
        prop_assert_eq!(format(&once, &FormatOptions::default()), Ok(once.clone()), "{:?}", text);
    } else {
        prop_assert!(!faults.is_empty(), "not formatted: {:?}", text);
    }
    let mut end = 0;
    for token in tokens(&text) {
        prop_assert!(
            token.range.start >= end && text.get(token.range.clone()).is_some(),
            "{token:?} in {text:?}"
        );
        end = token.range.end;
    }
    prop_assert!(
        tokens(&text).iter().all(|t| t.kind != TokenKind::Keyword || text[t.range.clone()].is_ascii())
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in ".{0,120}") {
        survives(&text)?;
    }

    #[test]
    fn any_bytes_are_survived(text in "[ -~\n]{0,200}") {
        survives(&text)?;
    }

    #[test]
    fn any_soup_is_survived(text in soup()) {
        survives(&text)?;
    }
}

/// A program with a few pieces cut out, doubled or replaced.
fn damaged() -> impl Strategy<Value = String> {
    let program = prop::sample::select(super::programs::PROGRAMS.iter().map(|p| p.1).collect::<Vec<_>>());
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, soup()), 1..4);
    (program, edits).prop_map(|(program, edits)| {
        let mut text = program.to_string();
        for (at, cut, soup) in edits {
            let boundary =
                |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            let start = boundary(at.index(text.len() + 1));
            let end = boundary(start + cut).max(start);
            let insert: String = soup.chars().take(if cut % 2 == 0 { 0 } else { cut }).collect();
            text.replace_range(start..end, &insert);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_damage_is_survived(text in damaged()) {
        survives(&text)?;
    }
}
