//! The command, as a user calls it.

mod basics;
mod diff;
mod figures;
mod fmt;
mod messages;
mod readme;
mod report;
mod results;
mod timing;
mod watch;
mod words;

use assert_cmd::Command;
use std::fs;
use std::path::Path;

/// An experiment that runs in a moment and passes.
pub const SMALL: &str = "\
//! Small.
clock 100 ms
seed 3
param level = 1 in [0, 2]
cases ending { ongoing {}  silence { level = 0 } }
population source[i: 3]
population target { output y = drive }
synapses ff: source -> target { fixed; connect all; w = uniform(0.5, 1.5) }
protocol {
    phase show {
        present level on source for 10 s
        probe out = target.y
        probe weights = ff.w
    }
}
record rate = target.y every 1 s
record seen = source.y every 1 s
expect out[silence] == 0 +- 1e-12 \"nothing in, nothing out\"
expect out[ongoing] > 1
";

/// The command in a folder, with nothing inherited that changes what it prints.
pub fn plast(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plast"));
    command.current_dir(folder).env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1").env_remove("TERM");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PLAST_")) {
        command.env_remove(name);
    }
    command
}

/// What a command printed and how it ended.
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: i32,
}

/// Runs the command in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Ran {
    ran(plast(folder).args(arguments))
}

pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

/// A folder with `small.plast` in it.
pub fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("small.plast"), SMALL).unwrap();
    home
}
