use super::demo;
use plast::session::interactive::Kind;
use std::time::{Duration, Instant};

fn offered(line: &str) -> Vec<(String, Kind)> {
    let found = demo().complete(line, line.len());
    found.candidates.into_iter().map(|c| (c.text, c.kind)).collect()
}

fn texts(line: &str) -> Vec<String> {
    offered(line).into_iter().map(|c| c.0).collect()
}

#[test]
fn what_fits_the_place_is_offered() {
    assert_eq!(texts(":ru"), [":run"]);
    assert_eq!(texts("strip"), ["stripes"]);
    assert_eq!(texts("mean(ff.t"), ["tau", "theta"]);
    assert_eq!(texts("mean(ff.w over ce"), ["cell"]);
    assert_eq!(texts("present stripes on in"), ["input"]);
    assert_eq!(texts("use rules.oj"), ["oja"]);
    assert!(texts("synapses g: input -> cortex { rule b").contains(&"bcm".to_string()));
    assert!(
        texts(":run 10 m").contains(&"ms".to_string()) && texts(":run 10 m").contains(&"min".to_string())
    );
    assert!(texts("param a = 3 k").contains(&"kHz".to_string()));
    assert!(texts("param a = 3 /").contains(&"s".to_string()));
    assert!(texts(":case sil").contains(&"silence".to_string()));
    assert!(texts("thet").contains(&"theta".to_string()));
    assert!(texts("popul").contains(&"population".to_string()));
    assert!(texts("sig").contains(&"sigmoid".to_string()));
    assert!(texts("1").is_empty());
    assert!(offered("strip").iter().all(|c| c.1 == Kind::Name));
}

#[test]
fn completion_answers_anywhere_in_any_text() {
    let session = demo();
    let line = "present 2*stripes on input for 1 s; µθ \"a\" :x ff.w over ";
    for at in 0..line.len() + 2 {
        session.complete(line, at);
    }
}

/// The bar is 10 ms with optimisation; a debug build on a busy machine gets more.
#[test]
fn completion_is_quick_in_a_long_file() {
    let mut session = demo();
    let many: String = (0..1000).map(|i| format!("param p{i} = {i} ms\n")).collect();
    let answer = session.enter(&many, &mut plast::runtime::Silent);
    assert!(!answer.failed, "{}", answer.text);
    let start = Instant::now();
    for _ in 0..10 {
        session.complete("mean(p99", 8);
    }
    assert!(start.elapsed() / 10 < Duration::from_millis(100), "{:?}", start.elapsed() / 10);
}
