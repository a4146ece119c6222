//! The command line: one file per verb, and what they share.
//!
//! Here, and nowhere below, is it decided what is printed and where files go.

mod args;
mod bench;
mod check;
mod completions;
mod debug;
mod diff;
mod duration;
mod exit;
mod explain;
mod files;
mod fmt;
mod interrupt;
mod loader;
mod lock;
mod new;
mod panics;
mod progress;
mod quote;
mod repl;
mod report;
mod run;
mod terminal;
mod verify;
mod watch;
mod watcher;

pub use args::{Cli, command};
pub use exit::Exit;

use crate::backend::{Choice, Cpu};
use args::Verb;
use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use terminal::Terminal;

/// How much stack the pipeline gets, so that deep nesting is refused by a message and not by the system.
const STACK: usize = 256 << 20;

/// Runs the command with the arguments of the process.
pub fn main() -> ExitCode {
    let mut arguments = args::with_default_verb(std::env::args_os().collect());
    if arguments.len() == 1 && io::stdin().is_terminal() && io::stdout().is_terminal() {
        arguments.push("repl".into());
    }
    let matches = command().try_get_matches_from(arguments);
    let cli = match matches.and_then(|m| Cli::from_arg_matches(&m)) {
        Ok(cli) => cli,
        Err(e) => return usage(e),
    };
    if let Err(e) = Cpu::from_env() {
        eprintln!("error: PLAST_CPU asks for what cannot be used: {e}");
        return Exit::Usage.into();
    }
    if let Some(compute) = cli.verb.compute()
        && let Err(e) = Choice::from(compute.backend).available()
    {
        eprintln!("error: {e}");
        return Exit::Usage.into();
    }
    panics::install();
    let verb = move || {
        let mut terminal = Terminal::new(&cli.global);
        let exit = dispatch(&cli.verb, &mut terminal);
        terminal.finish(exit)
    };
    let thread = std::thread::Builder::new().name("plast".to_string()).stack_size(STACK).spawn(verb);
    match thread.map(|t| t.join()) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(_)) => Exit::Internal.into(),
        Err(e) => {
            eprintln!("error: the system gives no memory to start in: {e}");
            Exit::Errors.into()
        }
    }
}

fn dispatch(verb: &Verb, terminal: &mut Terminal) -> Exit {
    match verb {
        Verb::Run(args) => run::run(args, terminal),
        Verb::Bench(args) => bench::bench(args, terminal),
        Verb::Report(args) => report::report(args, terminal),
        Verb::Check(args) => check::check(args, terminal),
        Verb::Fmt(args) => fmt::fmt(args, terminal),
        Verb::Lock(args) => lock::lock(args, terminal),
        Verb::Verify(args) => verify::verify(args, terminal),
        Verb::Diff(args) => diff::diff(args, terminal),
        Verb::Explain(args) => explain::explain(args, terminal),
        Verb::New(args) => new::new(args, terminal),
        Verb::Repl(args) => repl::repl(args, terminal),
        Verb::Debug(args) => debug::debug(args, terminal),
        Verb::Completions(args) => completions::completions(args, terminal),
    }
}

/// Help goes to standard output, faults to standard error; a reader that went away is no fault.
fn usage(mut error: clap::Error) -> ExitCode {
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && let Some(file) = files::extended(Path::new(word))
    {
        let tip = format!("to run the file, write `plast run {}`", quote::quoted(&file));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    let _ = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Fine.into() }
}
