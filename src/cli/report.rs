use super::args::ReportArgs;
use super::exit::Exit;
use super::files::folder_of;
use super::lock::lock_path;
use super::run::{Ran, compute, load, options};
use super::terminal::Terminal;
use super::{interrupt, panics};
use crate::diag::{Code, Diagnostic};
use crate::report::html::LockState;
use crate::report::lock::{self, Lock};
use crate::report::writers::{WriteError, write_whole};
use crate::report::{Verdict, outcomes_until, summary};
use crate::runtime::Options;
use crate::session::{Checked, Finished};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// What every report has in its head: a file with it may be replaced by another report.
const OURS: &str = "<meta name=\"generator\" content=\"plast";

/// `plast report FILE`
pub(super) fn report(args: &ReportArgs, terminal: &mut Terminal) -> Exit {
    let Some(checked) = load(&args.file, &args.change, terminal) else { return Exit::Errors };
    let path = args.output.clone().unwrap_or_else(|| default_path(&args.file));
    let prepared = checked.select(&args.cases).and_then(|which| Ok((which, Target::prepare(&path)?)));
    let (which, target) = match prepared {
        Ok(prepared) => prepared,
        Err(d) => {
            terminal.report_global(*d);
            return Exit::Errors;
        }
    };
    let options = Options { until: args.until, follow: true, ..options(&args.compute) };
    let Some(finished) = compute(&checked, &which, &options, terminal) else { return Exit::Errors };
    panics::stage("reporting");
    let outcomes = outcomes_until(&finished.reading(&checked), &interrupt::stopped);
    let ran = Ran { checked, finished, outcomes };
    if !target.write(&text(&args.file, &args.cases, &ran), terminal) {
        return Exit::Errors;
    }
    if !target.is_standard_output() {
        let style = terminal.style();
        let failed = ran.outcomes.iter().filter(|o| o.verdict == Verdict::Failed);
        let mut lines: Vec<String> = failed.flat_map(|o| summary::outcome_lines(o, &style)).collect();
        if !terminal.quiet {
            lines.push(summary::verdict_line(&ran.outcomes));
        }
        terminal.out(&lines.iter().map(|l| format!("{l}\n")).collect::<String>());
    }
    ran.ended()
}

/// `settle.html` in the working folder for `protocols/settle.plast`.
fn default_path(file: &Path) -> PathBuf {
    let name = file.file_name().filter(|n| *n != "-").unwrap_or(OsStr::new("report"));
    Path::new(name).with_extension("html")
}

/// The page of a run that has ended.
pub(super) fn text(file: &Path, cases: &[String], ran: &Ran) -> String {
    panics::stage("writing the report");
    let lock = lock_state(file, cases, &ran.checked, &ran.finished);
    ran.finished.report(&ran.checked, &ran.outcomes, cases, lock)
}

/// What the lock beside the file, if there is one, says of these results.
fn lock_state(file: &Path, cases: &[String], checked: &Checked, finished: &Finished) -> Option<LockState> {
    let path = lock_path(file).ok()?;
    let bytes = std::fs::read(&path).ok()?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    let changed = &checked.overrides;
    let as_written = changed.params.is_empty()
        && changed.seed.is_none()
        && changed.precision.is_none()
        && cases.is_empty()
        && finished.provenance.until.is_none()
        && !finished.reading(checked).interrupted();
    if !as_written {
        return Some(LockState::NotCompared { name });
    }
    let lock = String::from_utf8(bytes).ok().and_then(|text| Lock::parse(&text).ok());
    let compared = lock.and_then(|lock| lock::compare(&lock, &finished.reading(checked)).ok());
    Some(match compared {
        None => LockState::Unreadable { name },
        Some(compared) => match compared.differences.split_first() {
            None => LockState::Same { name },
            Some((first, more)) => LockState::Differs { name, first: first.clone(), more: more.len() },
        },
    })
}

/// Where a report goes.
#[derive(Debug)]
pub(super) struct Target {
    /// None for standard output.
    path: Option<PathBuf>,
}

impl Target {
    /// Finds out, before anything is computed, whether a page can be written there: over nothing or another report.
    pub fn prepare(path: &Path) -> Result<Self, Box<Diagnostic>> {
        if path.as_os_str() == "-" {
            return Ok(Self { path: None });
        }
        if path.is_dir() {
            let d = Diagnostic::global(Code::E0910, format!("`{}` is a folder, not a file", path.display()))
                .help(format!("name a file in it, such as `{}`", path.join("report.html").display()));
            return Err(Box::new(d));
        }
        match std::fs::read(path) {
            Ok(bytes) if !is_report(&bytes) => {
                let d = Diagnostic::global(Code::E0910, format!("`{}` already exists", path.display()))
                    .note("it is no report of plast, and only a report is replaced by another one")
                    .help("name another file with `--output`, or remove that one");
                return Err(Box::new(d));
            }
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(Box::new(WriteError::io(path)(e).diagnostic())),
        }
        match tempfile::NamedTempFile::new_in(folder_of(path)) {
            Ok(_) => Ok(Self { path: Some(path.to_path_buf()) }),
            Err(e) => Err(Box::new(WriteError::io(path)(e).diagnostic())),
        }
    }

    fn is_standard_output(&self) -> bool {
        self.path.is_none()
    }

    /// Writes the page whole or not at all; says what went wrong.
    pub fn write(&self, text: &str, terminal: &Terminal) -> bool {
        let Some(path) = &self.path else {
            terminal.out(text);
            return true;
        };
        match write_whole(path, text) {
            Ok(()) => {
                terminal.note(&format!("wrote {}", path.display()));
                true
            }
            Err(e) => {
                terminal.report_global(e.diagnostic());
                false
            }
        }
    }
}

fn is_report(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]);
    bytes.is_empty() || head.contains(OURS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_named_after_the_file() {
        assert_eq!(default_path(Path::new("protocols/settle.plast")), Path::new("settle.html"));
        assert_eq!(default_path(Path::new("-")), Path::new("report.html"));
    }
}
