use super::{codes, faults, mended, read};
use crate::syntax::grammar::{Rule, words};

/// A text, its one fault, and the text after its fix (empty: it has no fix).
fn fault(text: &str, expected: &str, fixed: &str) {
    assert_eq!(faults(text), [expected], "{text}");
    let (_, found, _) = read(text);
    match &found[0].fix {
        Some(_) => {
            let mended = mended(text);
            assert_eq!(mended, fixed, "{text}");
            assert!(codes(&mended).is_empty(), "{text} -> {mended} -> {:?}", faults(&mended));
        }
        None => assert_eq!(fixed, "", "{text} has no fix"),
    }
}

#[test]
fn definitions_and_comparisons() {
    fault("expect a = 3", "E0104 `=` a condition compares with `==`; `=` defines", "expect a == 3");
    fault(
        "let b = if a = 1 then 2 else 3",
        "E0104 `=` a condition compares with `==`; `=` defines",
        "let b = if a == 1 then 2 else 3",
    );
    fault("let a == 3", "E0104 `==` a definition takes `=`; `==` compares", "let a = 3");
    fault("expect 1 < a < 3", "E0118 `<` comparisons cannot be chained", "expect 1 < a and a < 3");
    assert_eq!(codes("protocol { rest until a = b within 3 s }"), ["E0104"]);
    assert_eq!(codes("expect (a < b) == c"), [] as [&str; 0]);
}

#[test]
fn numbers_and_units() {
    fault("clock 10 msec", "E0107 `msec` `msec` is not a unit", "clock 10 ms");
    fault("let a = 5 hz", "E0107 `hz` `hz` is not a unit", "let a = 5 Hz");
    fault("let a = b in mv", "E0107 `mv` `mv` is not a unit", "let a = b in mV");
    fault("let a = b in foo", "E0107 `foo` `foo` is not a unit", "");
    fault("let a = 2 b", "E0105 `b` `b` stands directly after the number `2`", "let a = 2 * b");
    fault("let a = 2 sin(b)", "E0105 `sin` `sin` stands directly after the number `2`", "let a = 2 * sin(b)");
    fault("let a = 2b", "E0105 `b` `b` stands directly after the number `2`", "let a = 2 * b");
    fault("let a = 0,5", "E0106 `0,5` a decimal number has a point, not a comma", "let a = 0.5");
    fault("let a = .5 s", "E0120 `.5` a number begins with a digit", "let a = 0.5 s");
    fault("let a = 5. + b", "E0120 `5.` a decimal point requires a digit after it", "let a = 5.0 + b");
    fault("let a = tau ms", "E0116 `ms` the unit `ms` requires a number before it", "let a = tau * 1 ms");
    fault(
        "rule r { tau ms * dw/dt = 1 }",
        "E0116 `ms` the unit `ms` requires a number before it",
        "rule r { tau * 1 ms * dw/dt = 1 }",
    );
}

#[test]
fn operators_of_other_languages() {
    fault("let a = b ** 2", "E0111 `**` a power is written `^`, not `**`", "let a = b ^ 2");
    fault("let a = b<>c", "E0111 `<>` inequality is written `!=`, not `<>`", "let a = b!=c");
    fault("let a = b&&c", "E0111 `&&` a logical and is written `and`, not `&&`", "let a = b and c");
    fault("let a = b || c", "E0111 `||` a logical or is written `or`, not `||`", "let a = b  or  c");
    fault("let a = !b", "E0111 `!` a negation is written `not`, not `!`", "let a = not b");
    fault("let a = b | c", "E0111 `|` a logical or is written `or`, not `|`", "let a = b  or  c");
    fault(
        "let a = |b - c|",
        "E0111 `|b - c|` the size of a value is written `abs(...)`",
        "let a = abs(b - c)",
    );
    assert_eq!(codes("let a = 2*|b| + |c|"), ["E0111", "E0111"]);
    fault("let a := 3", "E0111 `:=` a definition is written `=`, not `:=`", "let a = 3");
    fault("let a = b % c", "E0111 `%` a remainder is written `mod`, not `%`", "");
    fault("let a = b =< c", "E0111 `=<` a comparison is written `<=`, not `=<`", "let a = b <= c");
}

#[test]
fn characters_that_look_alike() {
    fault(
        "let t\u{430}u = 3",
        "E0108 `\u{430}` `\u{430}` (U+0430) in `t\u{430}u` only looks like the letter `a`",
        "let tau = 3",
    );
    fault("let a = b − c", "E0108 `−` `−` is written `-`", "let a = b - c");
    fault("let a = 1e−3", "E0108 `−` `−` is written `-`", "let a = 1e-3");
    fault("let a = b × c", "E0108 `×` `×` is written `*`", "let a = b * c");
    fault("let a = b ≤ c", "E0108 `≤` `≤` is written `<=`", "let a = b <= c");
    fault("let a = b ± c", "E0108 `±` `±` is written `+-`", "let a = b +- c");
    assert_eq!(codes("let a = 90° let b = a in °"), ["E0109"]);
    fault("let a = ° + 1", "E0116 `°` the unit `°` requires a number before it", "");
    fault("let a = 37 °C", "E0107 `°C` `°C` is not a unit", "");
    fault("let a = b in °C", "E0107 `°C` `°C` is not a unit", "");
    fault("let a = b²", "E0108 `²` `²` is written `^2`", "let a = b^2");
    fault("expect a “why”", "E0108 `“why”` a string stands between `\"` and `\"`", "expect a \"why\"");
    fault("use 'a.plast'", "E0108 `'a.plast'` a string stands between `\"` and `\"`", "use \"a.plast\"");
    fault("let a = b ? c", "E0108 `?` the character `?` is not part of the language", "");
    fault("let größe = 3", "E0108 `ö` `ö` cannot stand in a name", "");
    assert_eq!(codes("let a\u{a0}= 3\u{feff}"), [] as [&str; 0]);
    assert_eq!(codes("let a = 3\u{a0}mV"), [] as [&str; 0]);
    assert_eq!(codes("let a = 3\u{a0}let b = 4"), ["E0109"]);
}

#[test]
fn comments_of_other_languages() {
    fault("let a = 3 # why", "E0117 `#` a comment begins with `//`, not `#`", "let a = 3 // why");
    fault("% matlab\nlet a = 3", "E0117 `%` a comment begins with `//`, not `%`", "// matlab\nlet a = 3");
    fault("/* a\n b */\nlet a = 3", "E0117 `/*` a comment begins with `//`, not `/*`", "");
}

#[test]
fn brackets() {
    fault("let a = (1 + 2\nlet b = 3", "E0102 `(` `(` is never closed", "let a = (1 + 2)\nlet b = 3");
    fault("let a = f(1, [2, 3)", "E0102 `[` `[` is never closed", "let a = f(1, [2, 3])");
    fault("let a = [1, 2)", "E0103 `)` `)` does not close `[`", "let a = [1, 2]");
    fault("let a = 1)", "E0103 `)` `)` closes nothing", "let a = 1");
    fault(
        "rule r {\n    dw = 1\n}\n}\nlet a = 3",
        "E0103 `}` `}` closes nothing",
        "rule r {\n    dw = 1\n}\n\nlet a = 3",
    );
    fault(
        "rule r {\n    dw = 1\n\nlet a = 3 // b\n",
        "E0102 `{` `{` is never closed",
        "rule r {\n    dw = 1\n}\n\nlet a = 3 // b\n",
    );
    fault(
        "protocol {\n    phase a {\n        rest 1 s\n    phase b {\n        rest 2 s\n    }\n}\n",
        "E0102 `{` `{` is never closed",
        "protocol {\n    phase a {\n        rest 1 s\n    }\n    phase b {\n        rest 2 s\n    }\n}\n",
    );
    fault(
        "protocol {\n    phase a {\n        repeat 2 {\n            rest 1 s\n    }\n}\n",
        "E0102 `{` `{` is never closed",
        "protocol {\n    phase a {\n        repeat 2 {\n            rest 1 s\n        }\n    }\n}\n",
    );
    fault("let a = \"b\n", "E0119 `\"b` a string does not end on its line", "let a = \"b\"\n");
}

#[test]
fn the_opener_and_the_likely_end_are_labelled() {
    let (_, found, map) = read("rule r {\n    dw = 1\nlet a = 3\n");
    assert_eq!(map.line_col(found[0].primary.as_ref().unwrap().span).line, 1);
    let likely = &found[0].secondary[0];
    assert_eq!(map.line_col(likely.span).line, 2);
    assert_eq!(likely.text, "a `}` might be missing here");
}

#[test]
fn statements_side_by_side() {
    fault(
        "let a = 3 let b = 4",
        "E0109 `let` a `;` or a new line is required before `let`",
        "let a = 3; let b = 4",
    );
    fault(
        "rule r { dw = c post theta = 2 }",
        "E0109 `post` a `;` or a new line is required before `post`",
        "rule r { dw = c; post theta = 2 }",
    );
    fault(
        "synapses s: a -> b { w = 1 fixed }",
        "E0109 `fixed` a `;` or a new line is required before `fixed`",
        "synapses s: a -> b { w = 1; fixed }",
    );
    fault(
        "synapses s: a -> b { w = c fixed }",
        "E0109 `fixed` a `;` or a new line is required before `fixed`",
        "synapses s: a -> b { w = c; fixed }",
    );
    fault("let a = 2 (b)", "E0101 `(b)` `2` cannot be called like a function", "let a = 2 * (b)");
    fault(
        "let a = (b + c)(d)",
        "E0101 `(d)` `(b + c)` cannot be called like a function",
        "let a = (b + c) * (d)",
    );
    fault("let a = 2[0]", "E0101 `[0]` `2` has no parts", "");
    fault("let a = f(b = 1 c = 2)", "E0109 `c` a `,` is required before `c`", "let a = f(b = 1, c = 2)");
    fault(
        "let a = f(b c)",
        "E0101 `c` a `,` or an operator is missing between `b` and `c`",
        "let a = f(b, c)",
    );
    fault("let a = b c", "E0101 `c` an operator is missing between `b` and `c`", "let a = b * c");
    fault(
        "rule r { tau dw/dt = 1 }",
        "E0101 `dw` an operator is missing between `tau` and `dw`",
        "rule r { tau * dw/dt = 1 }",
    );
}

#[test]
fn reserved_words() {
    fault("let if = 3", "E0112 `if` `if` is a keyword and cannot be a name", "let if_ = 3");
    fault("let x = 3", "E0203 `x` `x` is reserved and cannot name a value", "let x0 = 3");
    fault(
        "stimulus s[y: 3] = 1",
        "E0203 `y` `y` is reserved and cannot name an axis",
        "stimulus s[y0: 3] = 1",
    );
    fault(
        "population p { y = 3 }",
        "E0203 `y` `y` is reserved and cannot be given a value",
        "population p { output y = 3 }",
    );
    fault(
        "rule r { state w = 3 }",
        "E0203 `w` `w` is reserved and cannot name a variable",
        "rule r { state w0 = 3 }",
    );
}

#[test]
fn unknown_words() {
    fault("popultion p { }", "E0113 `popultion` no item begins with `popultion`", "population p { }");
    fault("popultion m { }", "E0113 `popultion` no item begins with `popultion`", "population m { }");
    fault("function f(a) = a", "E0113 `function` no item begins with `function`", "fn f(a) = a");
    fault("a = 3", "E0113 `a` no item begins with `a =`", "let a = 3");
    fault(
        "present a on b for 1 s",
        "E0113 `present` `present` stands in a protocol, not at the top of a file",
        "",
    );
    fault("rule r { stat v = 0 }", "E0113 `stat` no member begins with `stat`", "rule r { state v = 0 }");
    fault(
        "rule r { normalize sum(w over pre) = 1 multiplicative }",
        "E0113 `normalize` no member begins with `normalize`",
        "rule r { normalise sum(w over pre) = 1 multiplicative }",
    );
    fault(
        "protocol { level = 3 }",
        "E0113 `level` no statement begins with `level =`",
        "protocol { set level = 3 }",
    );
    fault("protocol { wait 3 s }", "E0113 `wait` no statement begins with `wait`", "protocol { rest 3 s }");
    fault(
        "protocol { param a = 3 }",
        "E0113 `param` `param` stands at the top of a file, not in a protocol",
        "",
    );
}

#[test]
fn choices() {
    fault("let a = if b then c", "E0115 `` an `if` requires an `else`", "");
    fault("let a = if b c else d", "E0115 `c` an `if` requires a `then`", "");
    fault("let a = if b: c else d", "E0115 `:` an `if` requires a `then`", "");
    fault(
        "let a = if b then c elif d then e else f",
        "E0115 `elif` `elif` is written `else if`",
        "let a = if b then c else if d then e else f",
    );
    fault(
        "let a = 2 * if b then c else d",
        "E0115 `if` an `if` inside a larger expression stands in parentheses",
        "",
    );
}

#[test]
fn clauses() {
    fault(
        "record r = a",
        "E0121 `r` the record `r` does not say how often it is taken",
        "record r = a every 1 s",
    );
    fault(
        "record r = a every 1 s every 2 s",
        "E0121 `every 2 s` `every` is written twice",
        "record r = a every 1 s ",
    );
    fault("plot a vs t vs s", "E0121 `vs s` `vs` is written twice", "plot a vs t ");
    fault(
        "rule r { normalise sum(w over pre) = 1 }",
        "E0121 `` `normalise` requires `multiplicative` or `subtractive`",
        "rule r { normalise sum(w over pre) = 1 multiplicative }",
    );
    fault("expect a in [1, 2, 3]", "E0101 `,` a range has two ends", "");
}

#[test]
fn what_was_expected() {
    fault("synapses f input -> b { }", "E0101 `input` expected `:`, found `input`", "");
    fault("synapses f: a - b { }", "E0101 `-` expected `->`, found `-`", "synapses f: a -> b { }");
    fault("fn g(a) a + 1", "E0101 `a` expected `=`, found `a`", "");
    fault("let a = 1 +", "E0101 `` expected an expression, found the end of the file", "");
    fault("let a =\nlet b = 3", "E0101 `` expected an expression, found the end of the statement", "");
    fault("let", "E0101 `` expected a name, found the end of the file", "");
    fault("rule r { delay }", "E0101 `` expected an expression, found the end of the statement", "");
    fault("rule r { theta }", "E0101 `` expected `=`, found the end of the statement", "");
    fault(
        "rule r { connect foo }",
        "E0101 `foo` expected `all`, `one_to_one`, `random` or `where`, found `foo`",
        "",
    );
    fault(
        "protocol { phase a frozn { } }",
        "E0101 `frozn` expected `{` or `frozen`, found `frozn`",
        "protocol { phase a frozen { } }",
    );
    fault("protocol { present a to p for 1 s }", "E0101 `to` expected `on` or an operator, found `to`", "");
    fault("protocol { for k on a { } }", "E0101 `on` expected `in` or `of`, found the keyword `on`", "");
}

#[test]
fn independent_faults_are_all_told() {
    let text = "clock 10 msec\nrule r {\n    stat v = 0\n    dv/dt = (v\n    dw = if a then b\n    bounds w in 3\n}\n\
                protocol {\n    phse a { rset 3 s; rest 1 s }\n    present a on p\n}\npopultion q { otput y = 1 }\nlet z = 3\n";
    assert_eq!(
        codes(text),
        ["E0107", "E0113", "E0102", "E0115", "E0101", "E0113", "E0113", "E0101", "E0113", "E0113"]
    );
    let (file, ..) = read(text);
    assert_eq!(file.items.len(), 4, "{}", crate::syntax::text(&file));
}

#[test]
fn words_of_the_spiking_language_are_free_for_names() {
    assert_eq!(codes("rule r { post train = 1; train = 2 }"), [] as [&str; 0]);
    assert_eq!(codes("protocol { phase pair { rest 1 s }\n phase train { rest 1 s } }"), [] as [&str; 0]);
    assert_eq!(codes("let spike = 1\nlet lag = spike + 2"), [] as [&str; 0]);
}

#[test]
fn every_rule_has_words() {
    for rule in Rule::all_rules() {
        assert_ne!(words(*rule), "a word", "{rule:?} has no words");
        assert!(!words(*rule).contains('_') || words(*rule).contains('`'), "{rule:?}");
    }
}

#[test]
fn no_headline_names_a_rule_of_the_grammar() {
    for text in [
        "let",
        "rule",
        "rule r",
        "synapses a",
        "protocol { pick }",
        "image",
        "use",
        "record a",
        "cases b",
        "fn",
        "stimulus s[",
    ] {
        for fault in faults(text) {
            for rule in Rule::all_rules() {
                let name = format!("{rule:?}");
                assert!(!name.contains('_') || !fault.contains(&name), "{text}: {fault}");
            }
        }
    }
}

#[test]
fn the_pages_of_the_codes_show_what_they_say() {
    for info in crate::diag::CODES.iter().filter(|c| c.code.starts_with("E01")) {
        let block = |heading: &str| {
            let part =
                info.page.split(heading).nth(1).unwrap_or_else(|| panic!("{} lacks {heading}", info.code));
            part.split("```plast\n").nth(1).unwrap().split("```").next().unwrap().to_string()
        };
        assert!(info.page.starts_with(&format!("# {} {}\n", info.code, info.name)), "{}", info.code);
        assert_eq!(codes(&block("## Errs")), [info.code]);
        assert_eq!(codes(&block("## Mended")), [] as [&str; 0], "{}", info.code);
    }
}
