use super::{codes, expr, tree};
use crate::diag::Sink;
use crate::source::SourceId;
use crate::syntax::{expr_text, parse_expr};

#[test]
fn precedence_is_the_usual() {
    assert_eq!(expr("1 + 2*3"), "(+ 1 (* 2 3))");
    assert_eq!(expr("a - b - c"), "(- (- a b) c)");
    assert_eq!(expr("a / b * c"), "(* (/ a b) c)");
    assert_eq!(expr("-x^2"), "(- (^ x 2))");
    assert_eq!(expr("2^-b"), "(^ 2 (- b))");
    assert_eq!(expr("2^3^4"), "(^ 2 (^ 3 4))");
    assert_eq!(expr("-a*b"), "(* (- a) b)");
    assert_eq!(expr("a - -b"), "(- a (- b))");
    assert_eq!(expr("not a == b and c or d"), "(or (and (not (== a b)) c) d)");
    assert_eq!(expr("a == b +- 2 % and c"), "(and (== a (+- b [2 %])) c)");
    assert_eq!(expr("a +- b + c"), "(+- a (+ b c))");
    assert_eq!(expr("a + b in [0, 1] and c"), "(and (between (+ a b) 0 1) c)");
    assert_eq!(expr("a*b in Hz"), "(in (* a b) Hz)");
    assert_eq!(
        expr("a <= b or a >= c or a != d or a > e"),
        "(or (or (or (<= a b) (>= a c)) (!= a d)) (> a e))"
    );
    assert_eq!(expr("eta*x*y*(y-theta) - lambda*w"), "(- (* (* (* eta x) y) (- y theta)) (* lambda w))");
}

#[test]
fn choices_nest_to_the_right() {
    assert_eq!(expr("if a then b else if c then d else e + 1"), "(if a b (if c d (+ e 1)))");
    assert_eq!(expr("(if a then b else c) * 1 Hz"), "(* (if a b c) [1 Hz])");
    assert_eq!(expr("f(if a then b else c)"), "(call f (if a b c))");
}

#[test]
fn units_follow_numbers() {
    assert_eq!(expr("10 ms"), "[10 ms]");
    assert_eq!(expr("25 /s"), "[25 /s]");
    assert_eq!(expr("0.5 mV/ms"), "[0.5 mV/ms]");
    assert_eq!(expr("5 % + 5%"), "(+ [5 %] [5 %])");
    assert_eq!(expr("1e-9 s^3*x"), "(* [1e-9 s^3] x)");
    assert_eq!(expr("1 s^-2"), "[1 /s^2]");
    assert_eq!(expr("1 mV·ms/s"), "[1 mV·ms/s]");
    assert_eq!(expr("5 µs + 2 MΩ"), "(+ [5 us] [2 MOhm])");
    assert_eq!(expr("1_000.5e+3 Hz"), "[1000.5e+3 Hz]");
    assert_eq!(expr("10 ticks + tick"), "(+ [10 ticks] tick)");
    assert_eq!(expr("[1, 5] Hz"), "(list 1 5 Hz)");
    assert_eq!(expr("y in Hz"), "(in y Hz)");
    assert_eq!(expr("y in mV/ms"), "(in y mV/ms)");
    assert_eq!(expr("y in /s"), "(in y /s)");
    assert_eq!(expr("y in %"), "(in y %)");
}

#[test]
fn a_slash_before_a_name_divides() {
    assert_eq!(expr("10 /tau"), "(/ 10 tau)");
    assert_eq!(expr("1/20"), "(/ 1 20)");
    assert_eq!(expr("20 mV/tau"), "(/ [20 mV] tau)");
    assert_eq!(expr("10 s / tau"), "(/ [10 s] tau)");
    assert_eq!(expr("10 / s"), "(/ 10 s)");
    assert_eq!(expr("a[0] /s"), "(/ (index a 0) s)");
    assert_eq!(expr("a /s"), "(/ a s)");
    assert_eq!(expr("10 min - min(a, b)"), "(- [10 min] (call min a b))");
}

#[test]
fn calls_reductions_and_indices() {
    assert_eq!(expr("f()"), "(call f)");
    assert_eq!(expr("rules.bcm(tau = 10 s)"), "(call (. rules bcm) (= tau [10 s]))");
    assert_eq!(expr("max(a, b)"), "(call max a b)");
    assert_eq!(expr("mean(ff.w over cell)"), "(reduce mean (. ff w) (over cell))");
    assert_eq!(expr("norm(v over [row, col])"), "(reduce norm v (over row col))");
    assert_eq!(expr("sum(w over pre.cell, post)"), "(reduce sum w (over (. pre cell) post))");
    assert_eq!(expr("correlation(a, b over cell)"), "(reduce correlation a b (over cell))");
    assert_eq!(expr("sum(v for k in cell if k <= cell)"), "(reduce sum v (for k cell (<= k cell)))");
    assert_eq!(expr("sum(v[k] for k in 0..10)"), "(reduce sum (index v k) (for k (.. 0 10)))");
    assert_eq!(expr("sum(v for k in post.cell)"), "(reduce sum v (for k (. post cell)))");
    assert_eq!(expr("r[taught, k: 0, post.cell: 1]"), "(index r taught (: k 0) (: (. post cell) 1))");
    assert_eq!(
        expr("r[2700 s ..] + r[.. 5 s] + r[1 .. 5 by 2]"),
        "(+ (+ (index r (.. [2700 s] _)) (index r (.. _ [5 s]))) (index r (.. 1 5 (by 2))))"
    );
    assert_eq!(expr("f(a)[0].b"), "(. (index (call f a) 0) b)");
    assert_eq!(
        expr("load(\"f.csv\", columns = [rate Hz, lag ms, change, sem])"),
        "(call load \"f.csv\" (= columns (list (in rate Hz) (in lag ms) change sem)))"
    );
    assert_eq!(expr("true and false"), "(and true false)");
}

#[test]
fn derivatives() {
    assert_eq!(expr("dw/dt"), "(d/dt w)");
    assert_eq!(expr("ff.dw/dt + dtheta/dt"), "(+ (d/dt ff w) (d/dt theta))");
    assert_eq!(expr("Δw/dt"), "(d/dt w)");
    assert_eq!(expr("a/dt"), "(/ a dt)");
    assert_eq!(expr("dw/dtau"), "(/ dw dtau)");
}

#[test]
fn greek_letters_are_letters() {
    assert_eq!(expr("η*θ + λ_2"), "(+ (* eta theta) lambda_2)");
    assert_eq!(tree("param τ = 10 s"), "param tau [10 s]\n");
}

#[test]
fn lines_go_on_where_they_visibly_do() {
    assert_eq!(expr("1 +\n 2"), "(+ 1 2)");
    assert_eq!(expr("1\n  + 2\n  - 3"), "(- (+ 1 2) 3)");
    assert_eq!(expr("(1\n\n 2)".replace("\n\n", "\n+").as_str()), "(+ 1 2)");
    assert_eq!(expr("f(\n  a,   // one\n  b\n)"), "(call f a b)");
    assert_eq!(expr("if a\n then b\n else c"), "(if a b c)");
    assert_eq!(expr("\n  a\n  and b"), "(and a b)");
    assert_eq!(tree("let a = 1\nlet b = 2; let c = 3"), "let a 1\nlet b 2\nlet c 3\n");
    assert_eq!(tree("plot a\n  vs t\n  with control"), "plot a (vs t) with-control\n");
    assert_eq!(tree("expect a\n  \"why\""), "expect a \"why\"\n");
}

#[test]
fn calls_and_indices_stand_on_the_line_of_their_base() {
    assert_eq!(codes("let a = b\n(c)"), ["E0101"]);
    assert_eq!(codes("let a = (b\n(c))"), ["E0101"]);
    assert_eq!(expr("b (c) [0]"), "(index (call b c) 0)");
}

#[test]
fn strings_know_two_escapes() {
    assert_eq!(
        tree(r#"expect a "say \"x\" // and \\ c:\data""#),
        "expect a \"say \\\"x\\\" // and \\\\ c:\\\\data\"\n"
    );
}

#[test]
fn an_expression_alone() {
    let parse = |text: &str| {
        let mut sink = Sink::new();
        let expr = parse_expr(SourceId(0), text, &mut sink);
        (expr.map(|e| expr_text(&e)), sink.diagnostics().iter().map(|d| d.code.0).collect::<Vec<_>>())
    };
    assert_eq!(parse(" 1e-3 /s "), (Some("[1e-3 /s]".into()), vec![]));
    assert_eq!(parse("oja(eta = 0.01 /s)"), (Some("(call oja (= eta [0.01 /s]))".into()), vec![]));
    assert_eq!(parse("[1, 5] Hz"), (Some("(list 1 5 Hz)".into()), vec![]));
    assert_eq!(parse(";1e3/10 /\nb\n"), (Some("(/ (/ 1e3 10) b)".into()), vec![]));
    assert_eq!(parse(""), (None, vec!["E0101"]));
    assert_eq!(parse("1 +"), (None, vec!["E0101"]));
    assert_eq!(parse("1; 2"), (None, vec!["E0101"]));
    assert_eq!(parse("(1"), (None, vec!["E0102"]));
    assert_eq!(parse("5 hz"), (None, vec!["E0107"]));
    assert_eq!(parse("a b"), (None, vec!["E0101"]));
}
