use super::{codes, expr};
use crate::syntax::layout::{MAX_DEPTH, MAX_OPERATORS};

/// Runs on the smallest stack the reader promises to live with.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn nesting_is_limited_not_survived_by_luck() {
    on_small_stack(|| {
        let n = 10_000;
        let deep = [
            format!("let a = {}1{}", "(".repeat(n), ")".repeat(n)),
            format!("let a = {}1{}", "[".repeat(n), "]".repeat(n)),
            format!("let a = {}1{}", "f(".repeat(n), ")".repeat(n)),
            format!("let a = {}1{}", "b[".repeat(n), "]".repeat(n)),
            format!("protocol {{ {} {} }}", "repeat 2 {".repeat(n), "}".repeat(n)),
            format!("let a = {} 1", "if a then b else ".repeat(n)),
            format!("let a = {}1{}", "if ".repeat(n), " then 1 else 2".repeat(n)),
            format!("let a = {}1", "-".repeat(n)),
            format!("let a = {}1", "not ".repeat(n)),
            format!("let a = 1{}", "^2".repeat(n)),
            format!("let a = 1{}", " + 1".repeat(n)),
            format!("let a = b{}", "[0]".repeat(n)),
            format!("let a = b{}", "(0)".repeat(n)),
            format!("let a = b{}", ".c".repeat(n)),
            format!("let a = 1{}", " in [0, 1]".repeat(n)),
        ];
        for text in deep {
            assert_eq!(codes(&text), ["E0114"], "{}", &text[..40]);
        }
    });
}

#[test]
fn unclosed_depth_is_survived() {
    on_small_stack(|| {
        for open in ["(", "[", "{", "repeat 2 {", "if ", "f(", "(]", "}", ")"] {
            let found = codes(&format!("let a = {}", open.repeat(10_000)));
            assert!(!found.is_empty() && found.len() <= 45, "{open}: {}", found.len());
        }
    });
}

#[test]
fn what_the_limits_allow_is_read() {
    on_small_stack(|| {
        let n = MAX_DEPTH;
        assert_eq!(expr(&format!("{}1{}", "(".repeat(n), ")".repeat(n))), "1");
        assert!(codes(&format!("let a = {}1{}", "f(".repeat(n), ")".repeat(n))).is_empty());
        assert!(codes(&format!("let a = {} 1", "if a then b else ".repeat(n))).is_empty());
        assert!(
            codes(&format!("protocol {{ {} {} }}", "repeat 2 {".repeat(n - 1), "}".repeat(n - 1))).is_empty()
        );
        assert!(codes(&format!("let a = 1{}", " + 1".repeat(MAX_OPERATORS))).is_empty());
        assert!(codes(&format!("let a = 1{}", "^1".repeat(MAX_OPERATORS))).is_empty());
        assert!(codes(&format!("let a = {}1", "-".repeat(MAX_OPERATORS))).is_empty());
    });
}

#[test]
fn length_is_not_depth() {
    let statements = "probe a = b + c * (d - 1) / f(g)\n".repeat(3000);
    assert!(codes(&format!("protocol {{\n{statements}}}")).is_empty());
    let list = "1 + x, ".repeat(5000);
    assert!(codes(&format!("let a = [{list} 2]")).is_empty());
    assert!(codes(&"let a = if b then c else d\n".repeat(500)).is_empty());
}

#[test]
fn many_faults_are_told_in_bounded_time() {
    let found = codes(&format!("protocol {{\n{}}}", "prsent a on b for 1 s\n".repeat(2000)));
    assert!((20..=30).contains(&found.len()), "{}", found.len());
}
