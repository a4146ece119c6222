//! No text makes the reader panic, hang or point outside of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plast::diag::Sink;
use plast::source::SourceMap;
use plast::syntax;

fuzz_target!(|text: &str| {
    let mut map = SourceMap::new();
    let id = map.add("fuzz.plast", text);
    let text = &map.get(id).text;
    let mut sink = Sink::new();
    if let Some(file) = syntax::parse(id, text, &mut sink) {
        let _ = syntax::text(&file);
    }
    let _ = syntax::parse_expr(id, text, &mut sink);
    for found in sink.into_sorted() {
        assert_ne!(found.code.0, "E0001", "{}", found.headline);
        let fix = found.fix.iter().map(|f| f.span);
        for span in found.primary.iter().chain(&found.secondary).map(|l| l.span).chain(fix) {
            assert!(text.get(span.range()).is_some(), "{}", found.headline);
        }
    }
    for token in syntax::tokens(text) {
        assert!(text.get(token.range).is_some());
    }
});
