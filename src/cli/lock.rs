use super::args::LockArgs;
use super::exit::Exit;
use super::quote::quoted;
use super::run::{failures, plural, run_as_written};
use super::terminal::Terminal;
use super::{interrupt, panics};
use crate::diag::{Code, Diagnostic};
use crate::report::Reading;
use crate::report::lock::{self, Lock};
use crate::report::writers::{plain, write_whole};
use std::path::{Path, PathBuf};

/// How many differences from the lock that is replaced are shown.
const SHOWN: usize = 5;

/// `plast lock FILE...`
pub(super) fn lock(args: &LockArgs, terminal: &mut Terminal) -> Exit {
    let mut exit = Exit::Fine;
    for path in &args.files {
        exit = exit.and(lock_one(path, args, terminal));
        if exit == Exit::Interrupted {
            break;
        }
    }
    exit
}

fn lock_one(path: &Path, args: &LockArgs, terminal: &Terminal) -> Exit {
    let lock_path = match lock_path(path) {
        Ok(path) => path,
        Err(d) => {
            terminal.report_global(*d);
            return Exit::Errors;
        }
    };
    let (checked, finished) = match run_as_written(path, &args.compute, terminal) {
        Ok(ran) => ran,
        Err(Exit::Interrupted) => {
            terminal.note("interrupted: nothing was locked");
            return Exit::Interrupted;
        }
        Err(exit) => return exit,
    };
    let reading = finished.reading(&checked);
    let failed = failures(&reading);
    // what was not judged any more is not known to hold
    if interrupt::stopped() {
        terminal.note("interrupted: nothing was locked");
        return Exit::Interrupted;
    }
    if failed > 0 && !args.force {
        let what = if failed == 1 {
            "an expectation fails".to_string()
        } else {
            format!("{failed} expectations fail")
        };
        let headline = format!("`{}` was not locked: {what}", path.display());
        let d = Diagnostic::global(Code::E0909, headline)
            .note(format!("`plast run {}` shows what was measured", quoted(path)))
            .help("mend the experiment or what it expects, or lock it as it is with `--force`");
        terminal.report_global(d);
        return Exit::Failed;
    }
    panics::stage("locking");
    let locked = match lock::make(&reading) {
        Ok(locked) => locked,
        Err(e) => {
            terminal.report_global(unreadable_record(&e));
            return Exit::Errors;
        }
    };
    let before = replaced(&lock_path, &reading);
    match write_whole(&lock_path, &locked.text()) {
        Ok(()) => {
            terminal.note(&format!("wrote {}{before}", lock_path.display()));
            Exit::Fine
        }
        Err(e) => {
            terminal.report_global(e.diagnostic());
            Exit::Errors
        }
    }
}

/// What the new lock says that the one it replaces did not; nothing where there was none.
fn replaced(lock_path: &Path, reading: &Reading) -> String {
    let Ok(bytes) = std::fs::read(lock_path) else { return String::new() };
    let old = String::from_utf8(bytes).ok().and_then(|text| Lock::parse(&text).ok());
    let compared = old.and_then(|old| lock::compare(&old, reading).ok());
    let Some(compared) = compared else { return ", in place of one that cannot be read".to_string() };
    let mut text = match compared.differences.len() {
        0 => ", in place of one with the same results".to_string(),
        n => format!(", in place of one with other results ({})", plural(n, "difference")),
    };
    for line in compared.differences.iter().take(SHOWN).chain(&compared.notes) {
        text += &format!("\n    {line}");
    }
    if let more @ 1.. = compared.differences.len().saturating_sub(SHOWN) {
        text += &format!("\n    and {more} more differences");
    }
    text
}

/// `settle.lock` beside `settle.plast`.
pub(super) fn lock_path(path: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    if path.as_os_str() == "-" {
        let d = Diagnostic::global(Code::E0905, "standard input has no lock")
            .note("a lock stands beside its file: `settle.lock` beside `settle.plast`")
            .help("save the experiment to a file");
        return Err(Box::new(d));
    }
    Ok(path.with_extension("lock"))
}

/// A record that was streamed to a temporary file cannot be read back.
pub(super) fn unreadable_record(error: &std::io::Error) -> Diagnostic {
    Diagnostic::global(Code::E0705, "a record cannot be read back from its temporary file")
        .note(format!("the system says: {}", plain(error)))
}
