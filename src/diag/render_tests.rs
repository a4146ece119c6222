#![allow(clippy::unwrap_used)]
use super::{Code, Diagnostic, Format, render};
use crate::source::{SourceId, SourceMap, Span};
use insta::assert_snapshot;
use proptest::prelude::*;

const RULE: &str = "rule bcm {\n    param η = 1e-3 /s\n    dθ/dt = y^2 - θ\n    dw = η*x*y*(y - θ) + w\n}\n";

fn file(text: &str) -> (SourceMap, SourceId) {
    let mut map = SourceMap::new();
    let id = map.add("settle.plast", text);
    (map, id)
}

/// The place of the `nth` occurrence (from 0) of `what`.
fn find(map: &SourceMap, id: SourceId, what: &str, nth: usize) -> Span {
    let start = map.get(id).text.match_indices(what).nth(nth).unwrap().0;
    Span::new(id, start, start + what.len())
}

fn text(diagnostics: &[Diagnostic], map: &SourceMap) -> String {
    render(diagnostics, map, Format::Text, false)
}

#[test]
fn a_fault_behind_greek_letters_is_underlined_where_it_is() {
    let (map, id) = file(RULE);
    let d = Diagnostic::new(
        Code::E0301,
        find(&map, id, "η*x*y*(y - θ)", 0),
        "cannot add a rate to a weight",
        "this is a rate: Time⁻¹",
    )
    .label(find(&map, id, "w", 1), "this is a weight: a plain number")
    .label(find(&map, id, "η = 1e-3 /s", 0), "`eta` is declared here")
    .note(" left: Time⁻¹ (e.g. Hz)\nright: a plain number")
    .fix("multiply by a time", find(&map, id, "η*x*y*(y - θ)", 0), "η*x*y*(y - θ)*tau")
    .help("or write a rate, `dw/dt = ...`");
    assert_snapshot!(text(std::slice::from_ref(&d), &map), @r"
    error[E0301]: cannot add a rate to a weight
       ╭─[ settle.plast:4:10 ]
       │
     2 │     param η = 1e-3 /s
       │           ─────┬─────
       │                ╰─────── `eta` is declared here
       │
     4 │     dw = η*x*y*(y - θ) + w
       │          ──────┬──────   ┬
       │                ╰─────────┼── this is a rate: Time⁻¹
       │                          │
       │                          ╰── this is a weight: a plain number
       │
       │ note:  left: Time⁻¹ (e.g. Hz)
       │       right: a plain number
       │ help: multiply by a time: write `η*x*y*(y - θ)*tau`
       │ help: or write a rate, `dw/dt = ...`
    ───╯

    error: 1 error in settle.plast
    ");
    assert_snapshot!(render(std::slice::from_ref(&d), &map, Format::Short, false), @r"settle.plast:4:10: error[E0301]: cannot add a rate to a weight");
    assert_snapshot!(render(&[d], &map, Format::Json, false), @r##"{"code":"E0301","name":"dimension-mismatch","severity":"error","headline":"cannot add a rate to a weight","file":"settle.plast","primary":{"file":"settle.plast","start":65,"end":80,"start_line":4,"start_col":10,"end_line":4,"end_col":23,"label":"this is a rate: Time⁻¹"},"secondary":[{"file":"settle.plast","start":83,"end":84,"start_line":4,"start_col":26,"end_line":4,"end_col":27,"label":"this is a weight: a plain number"},{"file":"settle.plast","start":21,"end":33,"start_line":2,"start_col":11,"end_line":2,"end_col":22,"label":"`eta` is declared here"}],"notes":[" left: Time⁻¹ (e.g. Hz)\nright: a plain number"],"helps":["multiply by a time","or write a rate, `dw/dt = ...`"],"fix":{"file":"settle.plast","start":65,"end":80,"start_line":4,"start_col":10,"end_line":4,"end_col":23,"replacement":"η*x*y*(y - θ)*tau"}}"##);
}

#[test]
fn a_span_over_several_lines_is_bracketed() {
    let (map, id) = file(RULE);
    let whole = Span::new(id, 0, map.get(id).text.len());
    let d = Diagnostic::new(Code::E0601, whole, "the variables form a cycle", "this rule")
        .label(find(&map, id, "y^2", 0), "`y` is read here");
    assert_snapshot!(text(&[d], &map), @r"
    error[E0601]: the variables form a cycle
       ╭─[ settle.plast:1:1 ]
       │
     1 │ ╭─▶ rule bcm {
       ┆ ┆
     3 │ │       dθ/dt = y^2 - θ
       │ │               ─┬─
       │ │                ╰─── `y` is read here
       ┆ ┆
     5 │ ├─▶ }
       │ │
       │ ╰─────── this rule
    ───╯

    error: 1 error in settle.plast
    ");
}

#[test]
fn a_missing_end_is_shown_behind_the_last_word() {
    let (map, id) = file("rule r {\n    dw = 1\n\n");
    let end = map.get(id).text.len();
    let d =
        Diagnostic::new(Code::E0101, Span::new(id, end, end), "a `}` might be missing", "the file ends here")
            .label(find(&map, id, "{", 0), "this is never closed")
            .fix("close the rule", Span::new(id, end, end), "}");
    assert_snapshot!(text(&[d], &map), @r"
    error[E0101]: a `}` might be missing
       ╭─[ settle.plast:2:11 ]
       │
     1 │ rule r {
       │        ┬
       │        ╰── this is never closed
     2 │     dw = 1
       │           │
       │           ╰─ the file ends here
       │
       │ help: close the rule: write `}`
    ───╯

    error: 1 error in settle.plast
    ");
}

#[test]
fn an_empty_span_points_between_two_letters() {
    let (map, id) = file("param tau ms");
    let d = Diagnostic::new(Code::E0101, Span::new(id, 9, 9), "`=` and a value are missing", "");
    assert_snapshot!(text(&[d], &map), @r"
    error[E0101]: `=` and a value are missing
       ╭─[ settle.plast:1:10 ]
       │
     1 │ param tau ms
       │          │
       │          ╰─ here
    ───╯

    error: 1 error in settle.plast
    ");
}

#[test]
fn an_empty_file_has_a_place_too() {
    let (map, id) = file("");
    let d = Diagnostic::new(Code::E0101, Span::new(id, 0, 0), "the file is empty", "nothing here");
    assert_snapshot!(text(&[d], &map), @r"
    error[E0101]: the file is empty
       ╭─[ settle.plast:1:1 ]
       │
     1 │
       │ │
       │ ╰─ nothing here
    ───╯

    error: 1 error in settle.plast
    ");
}

#[test]
fn other_files_follow_the_one_with_the_fault() {
    let (mut map, id) = file("use rules.bcm\nrule oja {}\n");
    let shipped = map.add("rules/bcm.plast", "rule bcm {\n}\n\nrule oja {\n}\n");
    let d = Diagnostic::new(
        Code::E0201,
        find(&map, id, "oja", 0),
        "`oja` is declared twice",
        "declared again here",
    )
    .label(Span::new(shipped, 19, 22), "declared first here");
    assert_snapshot!(text(&[d], &map), @r"
    error[E0201]: `oja` is declared twice
       ╭─[ settle.plast:2:6 ]
       │
     2 │ rule oja {}
       │      ─┬─
       │       ╰─── declared again here
       │
       ├─[ rules/bcm.plast:4:6 ]
       │
     4 │ rule oja {
       │      ─┬─
       │       ╰─── declared first here
    ───╯

    error: 1 error in settle.plast
    ");
}

#[test]
fn faults_outside_files_have_no_source() {
    let d = Diagnostic::global(Code::E0901, "there is no parameter `etaa`")
        .note("the parameters are `eta`,\n`tau`")
        .fix("", Span::new(SourceId(0), 0, 0), "--set eta=1");
    assert_snapshot!(text(std::slice::from_ref(&d), &SourceMap::new()), @r"
    error[E0901]: there is no parameter `etaa`
      note: the parameters are `eta`,
            `tau`
      help: write `--set eta=1`
    ");
    assert_snapshot!(render(&[d], &SourceMap::new(), Format::Short, false), @r"error[E0901]: there is no parameter `etaa`");
    assert_eq!(render(&[], &SourceMap::new(), Format::Text, false), "");
}

#[test]
fn warnings_say_so_and_are_counted() {
    let (map, id) = file(RULE);
    let warning =
        Diagnostic::new(Code::W0601, find(&map, id, "dw", 0), "`w` only ever grows", "added to here").fix(
            "say so",
            find(&map, id, " + w", 0),
            "",
        );
    let error = Diagnostic::new(Code::E0201, find(&map, id, "θ", 1), "there is no `theta`", "not declared");
    assert_snapshot!(text(&[warning.clone(), error.clone(), error], &map), @r"
    warning[W0601]: `w` only ever grows
       ╭─[ settle.plast:4:5 ]
       │
     4 │     dw = η*x*y*(y - θ) + w
       │     ─┬
       │      ╰── added to here
       │
       │ help: say so: remove `+ w`
    ───╯

    error[E0201]: there is no `theta`
       ╭─[ settle.plast:3:19 ]
       │
     3 │     dθ/dt = y^2 - θ
       │                   ┬
       │                   ╰── not declared
    ───╯

    error[E0201]: there is no `theta`
       ╭─[ settle.plast:3:19 ]
       │
     3 │     dθ/dt = y^2 - θ
       │                   ┬
       │                   ╰── not declared
    ───╯

    error: 2 errors and 1 warning in settle.plast
    ");
    assert!(text(&[warning], &map).ends_with("\nwarning: 1 warning in settle.plast\n"));
}

#[test]
fn a_flood_is_cut_but_no_error_is_lost_to_warnings() {
    let (map, id) = file(RULE);
    let at = Span::new(id, 0, 4);
    let mut all = vec![Diagnostic::new(Code::W0601, at, "slow", ""); 30];
    all.push(Diagnostic::new(Code::E0301, at, "wrong", ""));
    let short = render(&all, &map, Format::Short, false);
    assert_eq!(short.lines().count(), 21);
    assert!(short.contains("settle.plast:1:1: error[E0301]: wrong\nand 11 more\n"));
    assert_eq!(render(&all, &map, Format::Json, false).lines().count(), 31);
}

#[test]
fn colour_changes_nothing_but_colour() {
    let (map, id) = file(RULE);
    let d = Diagnostic::new(Code::E0301, find(&map, id, "η", 1), "wrong", "this").note("a\nb").help("c");
    let colored = render(std::slice::from_ref(&d), &map, Format::Text, true);
    let mut plain = String::new();
    let mut parts = colored.split('\u{1b}');
    plain += parts.next().unwrap();
    parts.for_each(|p| plain += p.split_once('m').unwrap().1);
    let trimmed: String = plain.lines().map(|l| l.trim_end().to_string() + "\n").collect();
    assert!(colored.contains('\u{1b}'));
    assert_eq!(trimmed, text(&[d], &map));
}

#[test]
fn lines_end_only_at_line_feeds() {
    let (map, id) = file("a\u{b}b\u{2028}c\u{85}d\nparam e");
    let d = Diagnostic::new(Code::E0101, find(&map, id, "e", 0), "wrong", "this");
    assert_snapshot!(text(&[d], &map), @r"
    error[E0101]: wrong
       ╭─[ settle.plast:2:7 ]
       │
     2 │ param e
       │       ┬
       │       ╰── this
    ───╯

    error: 1 error in settle.plast
    ");
}

proptest! {
    #[test]
    fn any_span_of_any_text_can_be_shown(
        content in "[a-zθµ😀\t\n\r \u{b}\u{2028}]{0,40}",
        spans in proptest::collection::vec((0usize..120, 0usize..120), 1..4),
    ) {
        let (map, id) = file(&content);
        let span = |(a, b): (usize, usize)| Span::new(id, a.min(b), a.max(b));
        let mut d = Diagnostic::new(Code::E0101, span(spans[0]), "h", "l").fix("x", span(spans[0]), "y");
        for s in &spans[1..] {
            d = d.label(span(*s), "other");
        }
        for format in [Format::Text, Format::Short, Format::Json] {
            let out = render(std::slice::from_ref(&d), &map, format, false);
            prop_assert!(out.contains("E0101") && out.contains("settle.plast"));
            prop_assert!(format == Format::Json || out.lines().all(|l| l == l.trim_end()));
        }
    }
}
