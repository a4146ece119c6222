use super::args::VerifyArgs;
use super::exit::Exit;
use super::lock::{lock_path, unreadable_record};
use super::panics;
use super::quote::quoted;
use super::run::{plural, run_as_written};
use super::terminal::Terminal;
use super::{files, interrupt};
use crate::diag::{Code, Diagnostic};
use crate::report::lock::{self, Comparison, Lock};
use std::io;
use std::path::Path;

/// How many differences of a file are shown.
const SHOWN: usize = 5;

/// `plast verify FILE...`
pub(super) fn verify(args: &VerifyArgs, terminal: &mut Terminal) -> Exit {
    let mut exit = Exit::Fine;
    for path in &args.files {
        exit = exit.and(verify_one(path, args, terminal));
        if interrupt::stopped() {
            return Exit::Interrupted;
        }
    }
    exit
}

fn verify_one(path: &Path, args: &VerifyArgs, terminal: &Terminal) -> Exit {
    let lock = match read_lock(path) {
        Ok(lock) => lock,
        Err(d) => {
            terminal.report_global(*d);
            return Exit::Errors;
        }
    };
    let (checked, finished) = match run_as_written(path, &args.compute, terminal) {
        Ok(ran) => ran,
        Err(exit) => return exit,
    };
    panics::stage("comparing with the lock");
    match lock::compare(&lock, &finished.reading(&checked)) {
        Ok(comparison) => {
            terminal.out(&text(path, &comparison, terminal));
            if comparison.differences.is_empty() { Exit::Fine } else { Exit::Failed }
        }
        Err(e) => {
            terminal.report_global(unreadable_record(&e));
            Exit::Errors
        }
    }
}

fn read_lock(path: &Path) -> Result<Lock, Box<Diagnostic>> {
    let lock_path = lock_path(path)?;
    let bytes = std::fs::read(&lock_path).map_err(|e| {
        let name = lock_path.display();
        Box::new(match e.kind() {
            // a missing experiment is told as such, not as a missing lock
            io::ErrorKind::NotFound if !path.exists() => files::unreadable(path, &e),
            io::ErrorKind::NotFound => Diagnostic::global(
                Code::E0905,
                format!("`{}` has no lock: there is no `{name}`", path.display()),
            )
            .help(format!("make it with `plast lock {}`", quoted(path))),
            _ => files::unreadable(&lock_path, &e),
        })
    })?;
    let text = files::utf8(&lock_path.display().to_string(), bytes)?;
    Lock::parse(&text).map_err(|e| Box::new(e.diagnostic(&lock_path)))
}

/// One line for a file that is the same; the first differences of one that is not, with what else changed.
fn text(path: &Path, comparison: &Comparison, terminal: &Terminal) -> String {
    let style = terminal.style();
    let name = path.display();
    let differences = &comparison.differences;
    let mut lines = Vec::new();
    if differences.is_empty() {
        let results = plural(comparison.results, "result");
        let numbers = plural(comparison.numbers, "number");
        let tick = style.good(style.tick());
        lines.push(format!("{tick} {name}: the same to the last bit ({results}, {numbers})"));
    } else {
        lines.push(format!(
            "{} {name}: {}",
            style.bad(style.cross()),
            plural(differences.len(), "difference")
        ));
        lines.extend(differences.iter().take(SHOWN).map(|d| format!("    {d}")));
        if differences.len() > SHOWN {
            lines.push(format!("    and {} more", differences.len() - SHOWN));
        }
    }
    lines.extend(comparison.notes.iter().map(|n| format!("    note: {n}")));
    lines.join("\n") + "\n"
}
