#![allow(clippy::unwrap_used)]

use super::{Math, block, bounds, definition, equation, expr, name, normalise, state, stimulus};
use crate::diag::Sink;
use crate::source::SourceId;
use crate::syntax::ast::{Expr, ItemKind, MemberKind};
use crate::syntax::{expr_text, parse, parse_expr};
use proptest::prelude::*;

fn parsed(text: &str) -> Expr {
    let mut sink = Sink::new();
    let e = parse_expr(SourceId(0), text, &mut sink);
    e.filter(|_| !sink.has_errors()).unwrap_or_else(|| panic!("`{text}`: {:?}", sink.diagnostics()))
}

/// Mathematics on one line: `{a / b}` is a fraction, `_` and `^` are places, `~` is a thin space.
fn line(math: &Math) -> String {
    match math {
        Math::Row(pieces) => pieces.iter().map(line).collect(),
        Math::Letter(t) | Math::Number(t) => t.clone(),
        Math::Word(t) => format!("'{t}'"),
        Math::Text(t) => format!("\"{t}\""),
        Math::Sign(s) => format!(" {s} "),
        Math::Bare(s) => s.to_string(),
        Math::Thin => "~".to_string(),
        Math::Fraction(a, b) => format!("{{{} / {}}}", line(a), line(b)),
        Math::Sub(a, b) => format!("{}_{{{}}}", line(a), line(b)),
        Math::Sup(a, b) => format!("{}^{{{}}}", line(a), line(b)),
        Math::Under(a, b) => format!("{}[{}]", line(a), line(b)),
        Math::Root(a) => format!("√{{{}}}", line(a)),
        Math::Fenced(open, a, close) => format!("{open}{}{close}", line(a)),
        Math::Cases(cases) => {
            let each: Vec<_> = cases.iter().map(|(v, c)| format!("{} & {}", line(v), line(c))).collect();
            format!("{{{}", each.join("; "))
        }
    }
}

fn shown(text: &str) -> String {
    line(&expr(&parsed(text)))
}

#[test]
fn names_are_letters_with_what_stands_below() {
    let of = |text| line(&name(text));
    assert_eq!(of("theta"), "θ");
    assert_eq!(of("Delta"), "Δ");
    assert_eq!(of("y0"), "y_{0}");
    assert_eq!(of("tau_plus"), "τ_{+}");
    assert_eq!(of("A2_minus"), "A_{2,−}");
    assert_eq!(of("v_th"), "v_{'th'}");
    assert_eq!(of("eta_w"), "η_{w}");
    assert_eq!(of("drive"), "'drive'");
    assert_eq!(of("of_cells"), "'of_cells'");
    assert_eq!(of("_a"), "'_a'");
    assert_eq!(of("layer2"), "'layer2'");
}

#[test]
fn every_kind_of_expression_has_a_form() {
    let all = [
        "1e-3 /s",
        "2.5e6 mV/ms",
        "10 us",
        "3 MOhm",
        "5 %",
        "\"data.csv\"",
        "true",
        "inf",
        "cortex.y",
        "late.control",
        "dw/dt",
        "ff.dw/dt",
        "-a + b",
        "not a and b or c",
        "a - (b - c)",
        "(a + b)*c",
        "a*(b + c)",
        "a/b/c",
        "a/(b/c)",
        "a*b/c",
        "(a/b)^2",
        "(-a)^2",
        "-a^2",
        "a^b^c",
        "(a^b)^c",
        "a*-b",
        "2*pi*2*k/10",
        "a*2",
        "eta*x*y*(y - theta)",
        "eta*drive",
        "a == b +- 2 %",
        "a in [lo, 1]",
        "y in Hz",
        "if a < b then 1 else if c >= d then 2 else 3",
        "(if a then b else c) + 1",
        "abs(x)",
        "sqrt(a + b)",
        "exp(-lambda*t)",
        "exp(sum(x))",
        "log(x) + log10(x) + log2(x)",
        "floor(x)*ceil(y)",
        "relu(x - theta)",
        "max(0, v - 0.1)",
        "uniform(0.5, 1.5)*normal(0, 1)",
        "f(k, tau = 10 s)",
        "rules.bcm(eta = 1 /s)",
        "sum(w*x)",
        "sum(w*x over pre)",
        "sum(w*x over pre)*2",
        "sum(w*x over pre) - 1",
        "1 - sum(a + b over row, col)",
        "mean(sum(ff.w*v over input))",
        "mean(y over cell)^2",
        "norm(w over pre)",
        "std(y over cell)",
        "correlation(a, b over post.cell)",
        "sum(v for k in cell if k <= cell)",
        "sum(v for k in 0..10)",
        "fields[taught, region: 0]",
        "rate[2700 s ..]",
        "(a + b)[0]",
        "[1, 5, 10] Hz",
        "a != b",
        "a <= b",
    ];
    let lines: Vec<String> = all.iter().map(|text| format!("{text}  =>  {}", shown(text))).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn equations_are_set_as_a_paper_prints_them() {
    let text = "rule r {\n param tau = 10 s\n post theta = 1\n (1 + a)*tau * dtheta/dt = y^2 - theta\n dw = eta*x\n m = w\n \
                bounds w in [0, 3*mean(w) at start]\n bounds w in [-inf, 2*a]\n \
                normalise sum(w over pre) = 1 every 1 s subtractive\n}\n\
                stimulus s[k: 2, r: 0 .. 2 by 0.5] = k*r\n\
                fn f(a, b) = a/b";
    let file = parse(SourceId(0), text, &mut Sink::new()).unwrap();
    let mut lines = Vec::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Rule(rule) => {
                for m in &rule.members {
                    lines.push(match &m.kind {
                        MemberKind::Equation(e) => line(&equation(e)),
                        MemberKind::Bounds { name, lo, hi } => line(&bounds(name, lo, hi)),
                        MemberKind::Normalise(n) => line(&normalise(n)),
                        MemberKind::State(s) => line(&state(s).unwrap()),
                        _ => continue,
                    });
                }
            }
            ItemKind::Stimulus { name, axes, value } => lines.push(line(&stimulus(name, axes, value))),
            ItemKind::Fn { name, params, body } => lines.push(line(&definition(name, params, body))),
            _ => {}
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn text_cannot_become_markup() {
    let e = parsed("\"</math><script>\" + 1");
    let html = block(&expr(&e), "\"><script>").into_string();
    assert!(!html.contains("<script>") && html.contains("&lt;/math&gt;"), "{html}");
}

/// What is set, as a program again: everything that sets one thing above another keeps together.
fn program(math: &Math) -> String {
    match math {
        Math::Row(pieces) => pieces.iter().map(program).collect(),
        Math::Letter(t) | Math::Number(t) | Math::Word(t) => t.clone(),
        Math::Thin | Math::Sign("×" | "·") => "*".to_string(),
        Math::Sign(s) | Math::Bare(s) => match *s {
            "−" => "-".to_string(),
            "=" => " == ".to_string(),
            "≠" => " != ".to_string(),
            "≤" => " <= ".to_string(),
            "≥" => " >= ".to_string(),
            "∧" => " and ".to_string(),
            "∨" => " or ".to_string(),
            "¬" => " not ".to_string(),
            s => format!(" {s} "),
        },
        Math::Fraction(a, b) => format!("(({})/({}))", program(a), program(b)),
        Math::Sup(a, b) => format!("({}^({}))", program(a), program(b)),
        Math::Fenced("|", a, _) => format!("abs({})", program(a)),
        Math::Fenced(_, a, _) => format!("({})", program(a)),
        Math::Root(a) => format!("sqrt({})", program(a)),
        other => panic!("{other:?} is not of this test"),
    }
}

fn operand() -> impl Strategy<Value = String> {
    let leaf = prop_oneof!["[xywab]", "[1-9]", "[1-9]\\.5"];
    leaf.prop_recursive(5, 40, 2, |inner| {
        let op = prop_oneof![Just("+"), Just("-"), Just("*"), Just("/"), Just("^"), Just("*"), Just("/")];
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            (inner.clone(), prop_oneof![Just("+"), Just("-"), Just("*"), Just("/")], inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("abs({a})")),
            inner.prop_map(|a| format!("sqrt({a})")),
        ]
    })
}

fn condition() -> impl Strategy<Value = String> {
    let op = prop_oneof![Just("<"), Just(">="), Just("=="), Just("!=")];
    let compare = (operand(), op, operand()).prop_map(|(a, op, b)| format!("{a} {op} {b}"));
    compare.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop_oneof![Just("and"), Just("or")], inner.clone())
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn well_formed(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for (at, _) in html.match_indices('<') {
        let tag = &html[at + 1..at + html[at..].find('>').unwrap()];
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{html}"),
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{html}");
}

proptest! {
    #[test]
    fn what_is_set_reads_as_what_was_written(text in prop_oneof![operand(), condition()]) {
        let e = parsed(&text);
        let math = expr(&e);
        let again = parsed(&program(&math));
        prop_assert_eq!(expr_text(&again), expr_text(&e), "{} is set as {}", text, line(&math));
        well_formed(&block(&math, &text).into_string());
    }
}
