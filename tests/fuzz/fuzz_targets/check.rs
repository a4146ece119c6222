//! No text makes the checker panic, hang or point outside of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plast::diag::{Format, render};
use plast::sema::{LoadError, Loader, Overrides};
use plast::session;

/// The shipped rules, and no files.
struct Nothing;

impl Loader for Nothing {
    fn library(&self, name: &str) -> Option<&'static str> {
        session::library(name)
    }
    fn library_names(&self) -> Vec<&'static str> {
        session::RULES.iter().map(|r| r.0).collect()
    }
    fn source(&self, _: &str) -> Result<(String, String), LoadError> {
        Err(LoadError { reason: "there is no such file".into(), nearest: None })
    }
    fn bytes(&self, _: &str) -> Result<Vec<u8>, LoadError> {
        Err(LoadError { reason: "there is no such file".into(), nearest: None })
    }
}

fuzz_target!(|text: &str| {
    let Err(refused) = session::check("fuzz.plast", text, &Nothing, &Overrides::default()) else { return };
    assert!(!refused.diagnostics.is_empty());
    for found in &refused.diagnostics {
        assert_ne!(found.code.0, "E0001", "{}", found.headline);
        let fix = found.fix.iter().map(|f| f.span);
        for span in found.primary.iter().chain(&found.secondary).map(|l| l.span).chain(fix) {
            assert!(refused.sources.get(span.source).text.get(span.range()).is_some(), "{}", found.headline);
        }
    }
    render(&refused.diagnostics, &refused.sources, Format::Text, false);
});
