use super::args::ReplArgs;
use super::exit::Exit;
use super::files::{self, folder_of};
use super::interrupt;
use super::loader::FileLoader;
use super::panics;
use super::progress::Progress;
use super::run::options;
use super::terminal::Terminal;
use crate::diag::{Code, Diagnostic};
use crate::repl::{self, history_file, script, talk};
use crate::report::VERSION;
use crate::report::writers::plain;
use crate::runtime::Options;
use crate::sema::Loader;
use crate::session::interactive::{Host, Session};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// The files of a session: paths start at the folder of the file that was opened last.
struct Disk {
    loader: FileLoader,
}

impl Host for Disk {
    fn loader(&self) -> &dyn Loader {
        &self.loader
    }

    fn open(&mut self, path: &str) -> Result<(String, String), Box<Diagnostic>> {
        let input = files::read(Path::new(path))?;
        self.loader = input.loader;
        Ok((input.name, input.text))
    }

    fn write(&mut self, path: &str, text: &str, replace: bool) -> Result<(), Box<Diagnostic>> {
        let path = Path::new(path);
        if path.exists() && !replace {
            let d = Diagnostic::global(Code::E0910, format!("`{}` exists", path.display()));
            return Err(Box::new(d.help(format!("`:save! {}` replaces it", path.display()))));
        }
        std::fs::write(path, text).map_err(|e| {
            let d = Diagnostic::global(Code::E0904, format!("cannot write `{}`", path.display()));
            Box::new(d.note(format!("the system says: {}", plain(&e))))
        })
    }

    fn files(&self, prefix: &str) -> Vec<String> {
        let (folder, start) = prefix.rsplit_once('/').map_or(("", prefix), |(f, s)| (f, s));
        let at = match (folder, prefix.starts_with('/')) {
            ("", true) => PathBuf::from("/"),
            ("", false) => PathBuf::from("."),
            (folder, _) => PathBuf::from(folder),
        };
        let lead = &prefix[..prefix.len() - start.len()];
        let Ok(entries) = std::fs::read_dir(at) else { return Vec::new() };
        let mut found: Vec<String> = entries
            .filter_map(|e| {
                let e = e.ok()?;
                let name = e.file_name().into_string().ok()?;
                let folder = e.path().is_dir();
                let fits = name.starts_with(start) && (!name.starts_with('.') || start.starts_with('.'));
                (fits && (folder || name.ends_with(".plast")))
                    .then(|| format!("{lead}{name}{}", if folder { "/" } else { "" }))
            })
            .collect();
        found.sort();
        found
    }
}

/// `plast repl [FILE]`
pub(super) fn repl(args: &ReplArgs, terminal: &mut Terminal) -> Exit {
    panics::stage("the session");
    let stop = interrupt::in_session();
    let options = Options { stop: Some(stop), ..options(&args.compute) };
    let host = Disk { loader: FileLoader::new(folder_of(Path::new(""))) };
    let session = Session::new(Box::new(host), options, terminal.style());
    let mut session = match session {
        Ok(session) => session,
        Err(failure) => {
            terminal.report(&failure.diagnostics, &failure.sources);
            return Exit::Errors;
        }
    };
    let mut progress = Progress::new(terminal);
    let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut greeting = format!("plast {VERSION}: `:help` says what can be typed, Ctrl-D ends");
    if let Some(file) = &args.file {
        let answer = session.enter(&format!(":load {}", file.display()), &mut progress);
        if answer.failed {
            terminal.note(&answer.text);
            return Exit::Errors;
        }
        greeting = format!("{greeting}\n{}", answer.text);
    }
    let mut out = |text: &str| terminal.out(text);
    if !interactive {
        let read = script(&mut session, &mut io::stdin().lock(), &mut progress, &interrupt::forget, &mut out);
        return match read {
            Ok(true) => Exit::Fine,
            Ok(false) => Exit::Errors,
            Err(e) => unreadable(terminal, &e),
        };
    }
    let setup = repl::Terminal {
        color: terminal.style().color,
        history: history_file(|name| std::env::var_os(name)),
        greeting: if terminal.quiet { String::new() } else { greeting },
    };
    let mut warn = |text: &str| terminal.note(text);
    match talk(session, &setup, &mut progress, &interrupt::forget, &mut out, &mut warn) {
        Ok(()) => Exit::Fine,
        Err(e) => unreadable(terminal, &e),
    }
}

fn unreadable(terminal: &Terminal, e: &io::Error) -> Exit {
    let d = Diagnostic::global(Code::E0705, "what is typed cannot be read");
    terminal.report_global(d.note(format!("the system says: {}", plain(e))));
    Exit::Errors
}
