//! The real command in a pseudo-terminal.

use rexpect::error::Error;
use rexpect::session::{PtySession, spawn_command};
use std::process::Command;

fn start(arguments: &[&str], history: &str, color: bool) -> Result<PtySession, Error> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plast"));
    command.args(arguments).env("PLAST_HISTORY", history).env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
    if !color {
        command.env("NO_COLOR", "1");
    }
    spawn_command(command, Some(60_000))
}

const NETWORK: &str = "clock 1 ms\npopulation input\npopulation cell { state v = 0; 1 s * dv/dt = -v + drive; output y = v }\n\
                       synapses s: input -> cell { fixed; w = 1 }\nprotocol { present 1 on input for 100000000 s }\n";

#[test]
fn a_run_is_interrupted_and_nothing_is_lost() -> Result<(), Error> {
    let home = tempfile::tempdir().map_err(Error::from)?;
    let history = home.path().join("history");
    let file = home.path().join("long.plast");
    std::fs::write(&file, NETWORK).map_err(Error::from)?;
    let mut p = start(&["repl", &file.display().to_string()], &history.display().to_string(), false)?;
    p.exp_string("> ")?;
    p.send_line(":run 10 s")?;
    p.exp_string("t = 10 s")?;
    p.exp_string("> ")?;
    p.send_line(":run")?;
    // let it begin
    std::thread::sleep(std::time::Duration::from_millis(500));
    p.send_control('c')?;
    p.exp_string("interrupted")?;
    p.exp_string("> ")?;
    p.send_line("1 - v < 1e-4 and run_is_well(1)")?;
    p.exp_string("error[E0201]")?;
    p.exp_string("> ")?;
    p.send_line("v > 0.999")?;
    p.exp_string("true")?;
    p.exp_string("> ")?;
    p.send_line(":reset")?;
    p.exp_string("t = 0")?;
    p.exp_string("> ")?;
    p.send_line(":quit")?;
    p.exp_eof()?;
    let kept = std::fs::read_to_string(history).map_err(Error::from)?;
    assert!(kept.contains(":run 10 s") && kept.contains("v > 0.999"), "{kept}");
    Ok(())
}

#[test]
fn lines_go_on_until_they_are_complete() -> Result<(), Error> {
    let mut p = start(&[], "", false)?;
    p.exp_string(":help")?;
    p.exp_string("> ")?;
    p.send_line("let a = (1 +")?;
    p.send_line("2)*7")?;
    p.exp_string("> ")?;
    p.send_line("a + 1")?;
    p.exp_string("22")?;
    p.exp_string("> ")?;
    p.send_control('d')?;
    p.exp_eof()?;
    Ok(())
}

#[test]
fn a_history_that_cannot_be_kept_is_told_once() -> Result<(), Error> {
    let mut p = start(&["repl"], "/proc/nowhere/history", false)?;
    p.exp_string("warning: the history cannot be kept in /proc/nowhere/history")?;
    p.exp_string("> ")?;
    p.send_line("1 + 1")?;
    p.exp_string("2")?;
    p.exp_string("> ")?;
    p.send_line("20 + 20")?;
    let before = p.exp_string("40")?;
    assert!(!before.contains("warning"), "{before}");
    p.send_control('d')?;
    p.exp_eof()?;
    Ok(())
}

#[test]
fn colours_are_used_where_they_are_wanted() -> Result<(), Error> {
    let mut p = start(&["repl"], "", true)?;
    p.exp_string("\x1b[1;32m>\x1b[0m ")?;
    p.send_line("let a = 1")?;
    p.exp_string("\x1b[1;34mlet\x1b[0m")?;
    p.send_control('d')?;
    p.exp_eof()?;
    Ok(())
}
