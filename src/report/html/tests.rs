#![allow(clippy::unwrap_used)]

use super::{Asked, Page, page};
use crate::diag::Sink;
use crate::report::{fixture, outcomes};
use crate::source::SourceMap;
use crate::syntax::parse;

/// The pairs of colours that stand on each other: text that must be read.
const PAIRS: &[(&str, &str)] = &[
    ("text", "ground"),
    ("text", "panel"),
    ("text", "phase"),
    ("text", "show"),
    ("faint", "ground"),
    ("faint", "panel"),
    ("faint", "phase"),
    ("link", "ground"),
    ("link", "panel"),
    ("good", "ground"),
    ("good", "phase"),
    ("good", "panel"),
    ("bad", "ground"),
    ("bad", "panel"),
    ("bad", "phase"),
    ("mute", "ground"),
    ("mute", "phase"),
    ("mute", "panel"),
    ("keyword", "ground"),
    ("keyword", "phase"),
    ("number", "ground"),
    ("number", "phase"),
    ("unit", "ground"),
    ("unit", "phase"),
    ("string", "ground"),
    ("string", "phase"),
    ("mark", "ground"),
    ("focus", "ground"),
];

/// The light and the dark colour of a name, as the style sheet has them.
fn colour(name: &str) -> [[f64; 3]; 2] {
    let style = include_str!("style.css");
    let found = style.split(&format!("--{name}: light-dark(#")).nth(1).unwrap_or_else(|| panic!("{name}"));
    let hex =
        |text: &str| [0, 2, 4].map(|i| f64::from(u8::from_str_radix(&text[i..i + 2], 16).unwrap()) / 255.0);
    let dark = found.split_once('#').unwrap().1;
    [hex(found), hex(dark)]
}

/// Relative luminance, as WCAG 2 defines it.
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[test]
fn text_stands_out_in_both_themes() {
    let mut low = Vec::new();
    for (above, below) in PAIRS {
        for (theme, i) in [("light", 0), ("dark", 1)] {
            let (a, b) = (luminance(colour(above)[i]), luminance(colour(below)[i]));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            if contrast < 4.5 {
                low.push(format!("{above} on {below}, {theme}: {contrast:.2}"));
            }
        }
    }
    assert!(low.is_empty(), "{}", low.join("\n"));
}

#[test]
fn every_colour_is_of_the_palette() {
    let style = include_str!("style.css");
    let rules = style.split_once("--sans").unwrap().1;
    let plain = rules.lines().find(|l| l.contains(": #") || l.contains("rgb(") || l.contains("hsl("));
    assert_eq!(plain, None, "a colour that has no name");
    for name in rules.split("var(--").skip(1).map(|r| r.split(')').next().unwrap()) {
        assert!(style.contains(&format!("--{name}:")), "{name}");
    }
}

/// The page of the made-up results, with a file of this text.
fn made(text: &str, docs: &str) -> String {
    let mut sources = SourceMap::new();
    let id = sources.add("settle.plast", text);
    let file = parse(id, text, &mut Sink::new()).unwrap();
    let mut experiment = fixture::experiment(true);
    experiment.docs = docs.to_string();
    fixture::with_reading(true, |r| {
        let reading = crate::report::Reading { experiment: &experiment, ..*r };
        let outcomes = outcomes(&reading);
        let asked = Asked::default();
        page(&Page {
            reading: &reading,
            outcomes: &outcomes,
            sources: &sources,
            file: &file,
            warnings: &[],
            asked: &asked,
        })
    })
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert_eq!(made("clock 1 ms\n", "A."), made("clock 1 ms\n", "A."));
}

#[test]
fn text_of_the_file_cannot_become_markup() {
    let text = "//! <script>alert(1)</script>\nlet a = 1 // \"><img src=x onerror=alert(1)>\n";
    let shown = made(text, "<script>alert(1)</script>");
    assert!(!shown.contains("<script>alert") && !shown.contains("<img"), "{shown}");
    assert!(shown.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn nothing_comes_from_the_network() {
    // the names of XML's kinds of elements are addresses that nobody goes to
    let shown = made("clock 1 ms\n", "A.").replace("http://www.w3.org/2000/svg", "");
    for word in ["http://", "https://", "@import", "url(//", "src="] {
        assert!(!shown.contains(word), "{word}");
    }
}
