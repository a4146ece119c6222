//! Whatever is written, the checker answers with messages and not with a crash.
//!
//! The shipped experiments are damaged at random: pieces are cut out, doubled, swapped for pieces of others.

use plast::sema::{LoadError, Loader, Overrides};
use plast::session::{self, RULES, library};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

struct Shipped;

impl Loader for Shipped {
    fn library(&self, name: &str) -> Option<&'static str> {
        library(name)
    }
    fn library_names(&self) -> Vec<&'static str> {
        RULES.iter().map(|(name, _)| *name).collect()
    }
    fn source(&self, _: &str) -> Result<(String, String), LoadError> {
        Err(LoadError { reason: "there is no such file".to_string(), nearest: None })
    }
    fn bytes(&self, _: &str) -> Result<Vec<u8>, LoadError> {
        Ok(b"1,2,3\n4,5,6\n".to_vec())
    }
}

/// The shipped experiments and rules.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let mut paths: Vec<_> = [root.clone(), root.join("rules")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()))
        .filter(|p| p.extension().is_some_and(|e| e == "plast"))
        .collect();
    paths.sort();
    paths.into_iter().map(|p| fs::read_to_string(p).unwrap()).collect()
});

/// Words that are not in many files, and some that no file should have.
const WORDS: &[&str] = &[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "=",
    "==",
    ";",
    "\n",
    "-",
    "^",
    "..",
    "0",
    "1e308",
    "-1",
    "0.5 ms",
    "1 /s",
    "mV",
    "w",
    "x",
    "y",
    "t",
    "tick",
    "pre",
    "post",
    "syn",
    "over",
    "cell",
    "sum",
    "mean(w)",
    "at start",
    "in",
    "every",
    "repeat",
    "for k in 0..2",
    "cases",
    "control",
    "teach",
    "pick",
    "until",
    "within",
    "stream \"s\"",
    "allow",
    "θ",
    "Δw",
    "μ",
    "\u{0}",
    "\"",
    "//",
    "///",
    "nan",
    "inf",
    "9999999999999999999999",
];

/// One damage: where, how much, and what stands there afterwards.
#[derive(Debug, Clone)]
enum Damage {
    Cut,
    Double,
    Word(usize),
    Piece(usize, usize),
}

fn damage() -> impl Strategy<Value = (usize, usize, Damage)> {
    let kind = prop_oneof![
        Just(Damage::Cut),
        Just(Damage::Double),
        any::<usize>().prop_map(Damage::Word),
        (any::<usize>(), any::<usize>()).prop_map(|(file, at)| Damage::Piece(file, at)),
    ];
    (any::<usize>(), 0usize..60, kind)
}

/// A piece of a text, on character boundaries.
fn piece(text: &str, at: usize, length: usize) -> std::ops::Range<usize> {
    let mut start = at % (text.len() + 1);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (start + length).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

fn damaged(text: &str, damages: &[(usize, usize, Damage)]) -> String {
    let mut text = text.to_string();
    for (at, length, kind) in damages {
        let place = piece(&text, *at, *length);
        let new = match kind {
            Damage::Cut => String::new(),
            Damage::Double => text[place.clone()].repeat(2),
            Damage::Word(i) => format!(" {} ", WORDS[i % WORDS.len()]),
            Damage::Piece(file, at) => {
                let other = &TEXTS[file % TEXTS.len()];
                other[piece(other, *at, *length)].to_string()
            }
        };
        text.replace_range(place, &new);
    }
    text
}

fn answers(text: &str) {
    match session::check("damaged.plast", text, &Shipped, &Overrides::default()) {
        Ok(_) => {}
        Err(refused) => {
            assert!(!refused.diagnostics.is_empty());
            let drawn =
                plast::diag::render(&refused.diagnostics, &refused.sources, Default::default(), false);
            assert!(!drawn.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_experiments_are_answered(
        file in any::<usize>(),
        damages in proptest::collection::vec(damage(), 1..6),
    ) {
        answers(&damaged(&TEXTS[file % TEXTS.len()], &damages));
    }

    #[test]
    fn words_in_any_order_are_answered(words in proptest::collection::vec(0..WORDS.len(), 0..40)) {
        let text: Vec<_> = words.iter().map(|&i| WORDS[i]).collect();
        answers(&text.join(" "));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        answers(&text);
    }
}
