//! Sessions: transcripts, the examples of the help, and that a saved file has the bits of the session.

mod bits;
mod completion;
#[cfg(unix)]
mod terminal;

use crate::harness::Files;
use crate::markdown::blocks;
use plast::diag::{Code, Diagnostic};
use plast::report::summary::Style;
use plast::runtime::{Options, Silent};
use plast::sema::Loader;
use plast::session::interactive::{COMMANDS, DEMO, Host, Session};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Files that are written stay in memory.
#[derive(Default, Clone)]
pub struct Memory {
    files: Files,
    pub written: Rc<RefCell<HashMap<String, String>>>,
}

impl Host for Memory {
    fn loader(&self) -> &dyn Loader {
        &self.files
    }
    fn open(&mut self, path: &str) -> Result<(String, String), Box<Diagnostic>> {
        if let Some(text) = self.written.borrow().get(path) {
            return Ok((path.to_string(), text.clone()));
        }
        let missing = |_| Box::new(Diagnostic::global(Code::E0703, format!("there is no file `{path}`")));
        self.files.source(path).map_err(missing)
    }
    fn write(&mut self, path: &str, text: &str, replace: bool) -> Result<(), Box<Diagnostic>> {
        let mut written = self.written.borrow_mut();
        if written.contains_key(path) && !replace {
            return Err(Box::new(Diagnostic::global(Code::E0910, format!("`{path}` exists"))));
        }
        written.insert(path.to_string(), text.to_string());
        Ok(())
    }
    fn files(&self, prefix: &str) -> Vec<String> {
        let mut all: Vec<String> =
            self.written.borrow().keys().filter(|k| k.starts_with(prefix)).cloned().collect();
        all.sort();
        all
    }
}

pub fn session(host: Memory) -> Session {
    let session = Session::new(Box::new(host), Options::default(), Style::default());
    session.unwrap_or_else(|f| panic!("{:?}", f.diagnostics))
}

/// A session with the experiment of the help.
pub fn demo() -> Session {
    let host = Memory::default();
    host.written.borrow_mut().insert("demo.plast".into(), DEMO.into());
    let mut session = session(host);
    let answer = session.enter(":load demo.plast", &mut Silent);
    assert!(!answer.failed, "{}", answer.text);
    session
}

/// An input and what was answered.
struct Turn {
    input: String,
    answer: String,
}

fn turns(text: &str) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut in_input = false;
    for line in text.lines() {
        if let Some(input) = line.strip_prefix("> ") {
            turns.push(Turn { input: input.to_string(), answer: String::new() });
            in_input = true;
        } else if let Some(turn) = turns.last_mut() {
            match line.strip_prefix(". ").or((line == ".").then_some("")) {
                Some(more) if in_input => turn.input += &format!("\n{more}"),
                _ => {
                    in_input = false;
                    turn.answer += &format!("{line}\n");
                }
            }
        }
    }
    turns
}

/// Goes through a transcript; gives it as it comes out now, and what differs.
fn replay(session: &mut Session, text: &str) -> (String, String) {
    let (mut now, mut wrong) = (String::new(), String::new());
    for turn in turns(text) {
        let answer = session.enter(&turn.input, &mut Silent);
        let (is, was) = (answer.text.trim_end().to_string(), turn.answer.trim_end().to_string());
        let _ = writeln!(now, "> {}", turn.input.replace('\n', "\n. "));
        if !is.is_empty() {
            let _ = writeln!(now, "{is}");
        }
        if is != was {
            let _ = writeln!(wrong, "> {}\nexpected:\n{was}\nanswered:\n{is}\n", turn.input);
        }
    }
    (now, wrong)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/repl")
}

/// `UPDATE_TRANSCRIPTS=1` writes them anew; read the difference.
#[test]
fn transcripts() {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder()).expect("the transcripts").filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    let mut failures = String::new();
    for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "txt")) {
        let text = std::fs::read_to_string(path).expect("a transcript");
        let host = Memory::default();
        host.written.borrow_mut().insert("demo.plast".into(), DEMO.into());
        let (now, wrong) = replay(&mut session(host), &text);
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            let head: String =
                text.lines().take_while(|l| l.starts_with('#')).map(|l| format!("{l}\n")).collect();
            std::fs::write(path, head + &now).expect("to write");
        } else if !wrong.is_empty() {
            let _ = writeln!(failures, "{}\n{wrong}", path.display());
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn every_message_of_a_session_stands_in_a_transcript() {
    let paths = std::fs::read_dir(folder()).expect("the transcripts").filter_map(|e| Some(e.ok()?.path()));
    let text: String = paths.map(|p| std::fs::read_to_string(p).expect("a transcript")).collect();
    let own = plast::diag::CODES.iter().map(|c| c.code).filter(|c| c.starts_with("E092"));
    let untold: Vec<&str> = own.filter(|c| !text.contains(c)).collect();
    assert!(untold.is_empty(), "no transcript has {untold:?}");
}

/// The `repl` blocks of a Markdown file; `go_on` goes on with the session of the block before.
fn manual(path: &str) -> usize {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&whole).expect("a text");
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let mut shift = 0_isize;
    let host = Memory::default();
    host.written.borrow_mut().insert("demo.plast".into(), DEMO.into());
    let mut current = session(host.clone());
    let (mut failures, mut count) = (String::new(), 0);
    for block in blocks(&text) {
        if let Some(file) = block.option("file") {
            host.written.borrow_mut().insert(file.to_string(), block.text.clone());
        }
        if block.language() != "repl" {
            continue;
        }
        count += 1;
        if !block.has("go_on") {
            current = session(host.clone());
        }
        let (now, wrong) = replay(&mut current, &block.text);
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            let first = (block.line as isize - 1 + shift) as usize;
            let (before, after) = (block.text.lines().count(), now.lines().count());
            lines.splice(first..first + before, now.lines().map(str::to_string));
            shift += after as isize - before as isize;
        } else if !wrong.is_empty() {
            let _ = writeln!(failures, "line {} of {path}\n{wrong}", block.line);
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        std::fs::write(whole, lines.join("\n") + "\n").expect("to write");
    }
    count
}

#[test]
fn the_manual_and_the_readme_say_what_is_answered() {
    assert!(manual("tests/spec/18-repl.md") > 3);
    assert!(manual("README.md") > 0);
}

#[test]
fn the_examples_of_the_help_work() {
    for command in COMMANDS {
        let mut session = demo();
        for example in command.examples {
            let answer = session.enter(example, &mut Silent);
            assert!(!answer.failed, ":{} {example}\n{}", command.name, answer.text);
        }
        let about = session.enter(&format!(":help {}", command.name), &mut Silent);
        assert!(!about.failed && about.text.contains(command.line));
    }
}

const LOOPS: &str = "clock 100 ms\npopulation input\nparam k = 1 /s\npopulation cell { state v = 0; dv/dt = k*drive; output y = v }\n\
                     synapses s: input -> cell { fixed; w = 1 }\nprotocol { repeat 10 { present 1 on input for 1 s } }\n";

#[test]
fn a_parameter_can_be_set_inside_a_loop() {
    let host = Memory::default();
    host.written.borrow_mut().insert("loops.plast".into(), LOOPS.into());
    let mut session = session(host);
    let tell = |session: &mut Session, input: &str| session.enter(input, &mut Silent);
    for (input, answer) in [(":load loops.plast", "loops.plast"), (":run 2.5 s", "t = 2.5 s"), ("v", "2.5")] {
        assert_eq!(tell(&mut session, input).text, answer);
    }
    let refused = tell(&mut session, "present 0 on input for 1 s");
    assert!(refused.failed && refused.text.contains("inside a loop"), "{}", refused.text);
    let set = tell(&mut session, "k = 3 /s");
    assert!(!set.failed, "{}", set.text);
    assert_eq!(tell(&mut session, ":run").text, "t = 10 s, the protocol is over");
    assert_eq!(tell(&mut session, "v").text, "25");
    assert!(tell(&mut session, ":save out").text.contains("inside a loop"));
    assert_eq!(session.text(), LOOPS);
}

/// Every answer in ASCII where the terminal shows no more.
#[test]
fn a_plain_terminal_gets_plain_signs() {
    let style = Style { unicode: false, ..Style::default() };
    let host = Memory::default();
    host.written.borrow_mut().insert("demo.plast".into(), DEMO.into());
    let mut session = Session::new(Box::new(host), Options::default(), style)
        .unwrap_or_else(|f| panic!("{:?}", f.diagnostics));
    for input in [
        ":load demo.plast",
        ":type eta",
        "mean(ff.q)",
        ":run 1 s",
        "w",
        ":why w",
        ":units",
        ":results",
        ":help",
    ] {
        let answer = session.enter(input, &mut Silent);
        assert!(answer.text.is_ascii(), "{input}\n{}", answer.text);
        assert!(!answer.text.contains('\x1b'), "{input}");
    }
}

/// Words of sessions in any order, and letters in any order.
fn anything() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            ":run", ":back", ":mark", ":diff", ":until", ":why", ":info", ":type", ":units", ":case",
            ":step", ":present", ":freeze", ":time", ":save", ":plot", ":image", ":help", ":", "a", "w",
            "ff.w", "ff", "1", "10 s", "(", ")", "[", "{", "}", "=", "+", "present", "rest", "set", "probe",
            "repeat", "on", "for", "until", "input", "eta", "param", "let", "rule bcm", "stripes", "cell",
            "over", "mean", "\n", ";", "//", "\"", "θ", ">", "protocol", "record", "every", "phase p",
        ])
        .prop_map(str::to_string),
        ".{0,3}",
    ];
    proptest::collection::vec(word, 0..9).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn nothing_that_is_typed_makes_a_session_panic(inputs in proptest::collection::vec(anything(), 1..8)) {
        let mut session = demo();
        for input in &inputs {
            Session::is_unfinished(input);
            session.complete(input, input.len());
            session.complete(input, input.len() / 2);
            let answer = session.enter(input, &mut Silent);
            prop_assert!(!answer.failed || !answer.text.is_empty(), "{input}");
            prop_assert!(!answer.text.contains("E0001"), "{input}: {}", answer.text);
        }
    }
}

#[test]
fn a_refused_input_leaves_the_session_as_it_was() {
    let refused = [
        "mean(ff.w",
        "1 + 1 ms",
        "nothing",
        "param eta = 1 mV",
        "present 1 on nowhere for 1 s",
        "present 1/0 on input for 1 s",
        "rule bcm {",
        "synapses gg: input -> nowhere { w = 1 }",
        "set nothing = 1",
        "eta = 1 mV",
        ":run 10",
        ":run 1.55 s",
        ":until 1",
        ":until w > 1",
        ":rnu",
        ":back nowhere",
        ":why nothing",
        ":info nothing",
        ":load nothing.plast",
        ":save",
        "record r = w every 0 s",
        "clock 1 mV",
        ":case nothing",
        ":plot w",
        ":plot nothing",
        ":image theta",
        ":image",
        ":freeze nothing",
        "let a = b\nlet b = a",
        "rule bcm { param eta = 1 /s; dw/dt = eta*x*q }",
        "protocol { rest 1 s }",
        "control without a",
        "§",
        "\u{0}",
    ];
    let mut session = demo();
    session.enter(":run 7 s", &mut Silent);
    let before = (session.text(), session.now(), session.values());
    for input in refused {
        let answer = session.enter(input, &mut Silent);
        assert!(answer.failed, "{input}: {}", answer.text);
        assert!(!answer.text.is_empty(), "{input}");
        assert!(before == (session.text(), session.now(), session.values()), "{input} changed the session");
    }
    // and it goes on as one that never heard of them
    session.enter(":run", &mut Silent);
    let mut other = demo();
    other.enter(":run", &mut Silent);
    assert_eq!(session.values(), other.values());
}
