//! Tests of the reader: what it reads, what it refuses and in which words, and that nothing makes it fall over.

mod expressions;
mod faults;
mod limits;
mod members;
mod programs;
mod properties;

use super::ast::File;
use crate::diag::{Diagnostic, Sink};
use crate::source::{SourceMap, Span};

fn read(text: &str) -> (File, Vec<Diagnostic>, SourceMap) {
    let mut map = SourceMap::new();
    let id = map.add("test.plast", text);
    let mut sink = Sink::new();
    let file = super::parse(id, &map.get(id).text, &mut sink).unwrap();
    (file, sink.into_sorted(), map)
}

/// The tree of a text without faults.
fn tree(text: &str) -> String {
    let (file, faults, _) = read(text);
    assert!(faults.is_empty(), "{text}\n{faults:#?}");
    super::text(&file)
}

/// The tree of the expression `text`.
fn expr(text: &str) -> String {
    tree(&format!("let a = {text}")).trim_end().strip_prefix("let a ").unwrap().to_string()
}

/// The faults of a text: code, the text under the primary label, headline.
fn faults(text: &str) -> Vec<String> {
    let (_, faults, map) = read(text);
    let under = |span: Span| map.text(span).to_string();
    faults
        .iter()
        .map(|d| {
            format!(
                "{} `{}` {}",
                d.code.0,
                d.primary.as_ref().map_or(String::new(), |l| under(l.span)),
                d.headline
            )
        })
        .collect()
}

/// The codes of the faults of a text.
fn codes(text: &str) -> Vec<&'static str> {
    read(text).1.iter().map(|d| d.code.0).collect()
}

/// The text with the fixes of all its faults applied, the last first.
fn mended(text: &str) -> String {
    let (_, faults, map) = read(text);
    let mut text = map.iter().next().unwrap().1.text.clone();
    for fix in faults.iter().rev().filter_map(|d| d.fix.as_ref()) {
        text.replace_range(fix.span.range(), &fix.replacement);
    }
    text
}
