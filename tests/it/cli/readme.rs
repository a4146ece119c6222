//! The README is exactly true: what it lists is what is there, what it shows is what is printed.

use super::{home, plast, ran, run};
use crate::markdown::blocks;
use std::fs;
use std::path::Path;

/// The block of the README that begins like this.
fn shown(beginning: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("README.md")).unwrap();
    let block = blocks(&text).into_iter().find(|b| b.text.starts_with(beginning));
    block.unwrap_or_else(|| panic!("the README has no listing that begins with `{beginning}`")).text
}

#[test]
fn the_experiment_and_what_it_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = "protocols/one_second.plast";
    assert_eq!(shown("//! One second"), fs::read_to_string(root.join(file)).unwrap());
    let printed = ran(plast(root).args(["run", file]));
    assert_eq!(printed.out, shown(&format!("{file} ·")));
}

#[test]
fn the_message() {
    let home = home();
    let message = shown("error[E0301]");
    let line = message.lines().find_map(|l| l.strip_prefix(" 2 │ ")).unwrap();
    fs::write(home.path().join("faulty.plast"), format!("population input\n{line}\n")).unwrap();
    assert_eq!(run(home.path(), &["check", "faulty.plast"]).err, message);
}
