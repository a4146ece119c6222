use super::{codes, tree};

fn member(text: &str) -> String {
    let whole = tree(&format!("rule r {{ post theta\n{text} }}"));
    whole.lines().skip(2).map(str::trim).collect::<Vec<_>>().join("; ")
}

fn statement(text: &str) -> String {
    tree(&format!("protocol {{ {text} }}")).lines().skip(1).map(str::trim).collect::<Vec<_>>().join("; ")
}

#[test]
fn equations_have_three_forms() {
    assert_eq!(member("dw/dt = x"), "rate (of w) x");
    assert_eq!(member("tau*dtheta/dt = y"), "rate (of theta tau) y");
    assert_eq!(member("20 ms * dv/dt = y"), "rate (of v [20 ms]) y");
    assert_eq!(member("2*(a + b)/3 * dv/dt = y"), "rate (of v (/ (* 2 (+ a b)) 3)) y");
    assert_eq!(member("1 * dw/dt = y * dw/dt"), "rate (of w 1) (* y (d/dt w))");
    assert_eq!(member("dw = x"), "increment (of w) x");
    assert_eq!(member("Δw = x"), "increment (of w) x");
    assert_eq!(member("dθ = x"), "increment (of theta) x");
    assert_eq!(member("decay = x"), "value (of decay) x");
    assert_eq!(
        member("syn dummy; ddummy = 1; dummy = 2"),
        "state dummy syn; increment (of dummy) 1; value (of dummy) 2"
    );
    assert_eq!(
        member("syn ummy; syn dummy; dummy = 2"),
        "state ummy syn; state dummy syn; value (of dummy) 2"
    );
}

#[test]
fn members() {
    assert_eq!(member("state v = -65 mV"), "state v (- [65 mV])");
    assert_eq!(member("trace pre r = 0"), "state r pre trace 0");
    assert_eq!(member("trace s = 0; pre m"), "state s trace 0; state m pre");
    assert_eq!(member("param a = 1 in [0, 2]"), "param a 1 (in 0 2)");
    assert_eq!(member("param a = b in Hz"), "param a (in b Hz)");
    assert_eq!(member("output y = relu(drive) in Hz"), "output y (in (call relu drive) Hz)");
    assert_eq!(
        member("update every 1 s; update per presentation"),
        "update-every [1 s]; update-per-presentation"
    );
    assert_eq!(
        member("normalise sum(w over pre) = 1 every 1 s subtractive"),
        "normalise (reduce sum w (over pre)) 1 (every [1 s]) subtractive"
    );
    assert_eq!(member("bounds w in [0, 3*mean(w) at start]"), "bounds w 0 (at-start (* 3 (call mean w)))");
    assert_eq!(member("integrate rk4; fixed; inhibitory"), "integrate rk4; fixed; inhibitory");
    assert_eq!(
        member("connect all except self; connect one_to_one"),
        "connect-all except-self; connect-one-to-one"
    );
    assert_eq!(member("connect random(0.1) except self"), "connect-random 0.1 except-self");
    assert_eq!(member("connect where pre.row == post.row"), "connect-where (== (. pre row) (. post row))");
    assert_eq!(
        member("delay 10 ms; start theta = 0.5; hold theta = 1"),
        "delay [10 ms]; start theta 0.5; hold theta 1"
    );
    assert_eq!(member("rule bcm(eta = 1); rule R"), "rule (call bcm (= eta 1)); rule R");
    assert_eq!(
        member("dw = a allow stale-accumulator \"why\""),
        "increment (of w) a (allow stale-accumulator \"why\")"
    );
}

#[test]
fn keywords_are_names_where_nothing_else_can_stand() {
    assert_eq!(
        member("start = 1; rule = 2; fixed = 3; trace = 4; delay = start"),
        "value (of start) 1; value (of rule) 2; value (of fixed) 3; value (of trace) 4; value (of delay) start"
    );
    assert_eq!(
        statement("phase rest frozen { present phase on record for 1 s }"),
        "phase rest frozen; present (on phase record) (for [1 s])"
    );
    assert_eq!(tree("let every = plot + split"), "let every (+ plot split)\n");
    assert_eq!(statement("probe each = 1; probe each each = 2"), "probe each 1; probe each each 2");
}

#[test]
fn statements() {
    assert_eq!(statement("phase a frozen(w, theta) {}"), "phase a (frozen w theta)");
    assert_eq!(
        statement("present 2*a on p, b[k] on q[cell: 3] until mean(c.y) > 1 within 10 s"),
        "present (on (* 2 a) p) (on (index b k) q (: cell 3)) (until (> (call mean (. c y)) 1) (within [10 s]))"
    );
    assert_eq!(statement("rest 500 s; rest until a > b"), "rest (for [500 s]); rest (until (> a b))");
    assert_eq!(statement("repeat 2 { rest 1 s } rest 2 s"), "repeat 2; rest (for [1 s]); rest (for [2 s])");
    assert_eq!(
        statement(
            "for k in 0..2 {} for k of a {} for k in shuffle(0..60) stream \"s\" {} for k of shuffle(a) {}"
        ),
        "for k (in (.. 0 2)); for k (of a); for k (shuffle (in (.. 0 60))) (stream \"s\"); for k (shuffle (of a))"
    );
    assert_eq!(statement("together for p of region {}"), "together p (of region)");
    assert_eq!(
        statement("pick k of a; pick k from 0..10 weighted by p stream \"old\""),
        "pick k (of a); pick k (in (.. 0 10)) (weighted-by p) (stream \"old\")"
    );
    assert_eq!(
        statement("teach c.y *= 1; teach c.y = 2; teach c.y += 3"),
        "teach c y mul 1; teach c y set 2; teach c y add 3"
    );
    assert_eq!(statement("set ff.eta = 0.1 /s; set level = 2"), "set ff eta [0.1 /s]; set level 2");
    assert_eq!(statement("probe a[k, i] = 1"), "probe a ([] k i) 1");
    assert_eq!(
        statement("control without a, b; control c { rest 1 s }"),
        "control-without a b; control c; rest (for [1 s])"
    );
}

#[test]
fn items() {
    assert_eq!(tree("precision f64\nintegrate rk4"), "precision f64\nintegrate rk4\n");
    assert_eq!(tree("use rules.bcm\nuse \"my.plast\""), "use rules bcm\nuse \"my.plast\"\n");
    assert_eq!(
        tree("cases seed in 0..20\ncases f in [1, 5] Hz"),
        "cases seed (in 0 20)\n".replace("(in 0 20)", "(.. 0 20)") + "cases f (list 1 5 Hz)\n"
    );
    assert_eq!(
        tree("stimulus s[f: [1, 5] Hz, r: 0 .. 2 by 0.1] stream \"o\" = f"),
        "stimulus s (axes (: f (list 1 5 Hz)) (: r (.. 0 2 (by 0.1)))) f (stream \"o\")\n"
    );
    assert_eq!(
        tree("record r = a during p, q every 10 ticks"),
        "record r a (every [10 ticks]) (during p q)\n"
    );
    assert_eq!(
        tree("plot a, b +- c split by d vs x mark m, 2*m with control"),
        "plot a (+- b c) (vs x) (split-by d) (mark m (* 2 m)) with-control\n"
    );
    assert_eq!(
        tree("rule a allow b-c \"d\" { }\nrule e { } allow f"),
        "rule a (allow b-c \"d\")\nrule e (allow f)\n"
    );
    assert_eq!(tree("population p\n{\n state v = 0\n}"), "population p\n  state v 0\n");
}

#[test]
fn comments_and_docs_are_kept() {
    let (file, faults, map) = super::read(
        "//! file\n//! docs\n\n/// one\n// not\n/// two\nlet a = 1 // tail\nrule r {\n    /// eta\n    param e = 1\n}\n//// line\nlet b = 2\n",
    );
    assert!(faults.is_empty());
    assert_eq!(file.docs, "file\ndocs");
    assert_eq!(file.items[0].docs, "one\ntwo");
    assert_eq!(file.items[2].docs, "");
    assert_eq!(file.comments.len(), 8);
    assert!(file.comments.iter().all(|c| map.text(c.span) == c.text));
    assert!(super::super::text(&file).contains("/// eta\n  param e 1"));
}

#[test]
fn spans_are_exact() {
    let (file, faults, map) = super::read(
        "let a = ( b + c ) * d   // x\nsynapses s: p -> q { w = 1  ; fixed }   \nrecord r = a every 1 s  \n",
    );
    assert!(faults.is_empty());
    let texts: Vec<_> = file.items.iter().map(|i| map.text(i.span)).collect();
    assert_eq!(
        texts,
        ["let a = ( b + c ) * d", "synapses s: p -> q { w = 1  ; fixed }", "record r = a every 1 s"]
    );
    let super::super::ast::ItemKind::Let { value, .. } = &file.items[0].kind else { panic!() };
    assert_eq!(map.text(value.span), "( b + c ) * d");
    let super::super::ast::ExprKind::Binary { left, .. } = &value.kind else { panic!() };
    assert_eq!(map.text(left.span), "b + c");
}

#[test]
fn statements_need_separators() {
    assert_eq!(codes("protocol { rest 1 s rest 2 s }"), ["E0109"]);
    assert_eq!(codes("let a = b let c = d"), ["E0109"]);
    assert_eq!(codes("protocol { phase a {} phase b {} rest 1 s; ; }"), [] as [&str; 0]);
}
