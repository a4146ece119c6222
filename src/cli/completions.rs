use super::args::{CompletionsArgs, command};
use super::exit::Exit;
use super::terminal::Terminal;

/// `plast completions SHELL`
pub(super) fn completions(args: &CompletionsArgs, terminal: &mut Terminal) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "plast", &mut script);
    terminal.out(&String::from_utf8_lossy(&script));
    Exit::Fine
}
