use super::args::{Format, RunArgs};
use super::exit::Exit;
use super::progress::Progress;
use super::run::{Ran, options, overrides, plural, show, write};
use super::terminal::Terminal;
use super::watcher::{Watcher, digest};
use super::{files, interrupt, panics};
use crate::diag::{Code, Diagnostic};
use crate::report::diff::{self, Asked, Side};
use crate::report::outcomes_until;
use crate::report::writers::Folder;
use crate::runtime::Options;
use crate::session;
use crate::source::SourceMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What came of one version of the file.
enum Came {
    /// Results, and the folder they go to.
    Results(Box<Ran>, Option<Folder>),
    /// It does not check or does not run.
    Trouble(Vec<Diagnostic>, SourceMap),
    /// It was stopped by a change or by Ctrl-C.
    Stopped,
}

/// `plast run --watch FILE`: runs again whenever a file it depends on is saved, until Ctrl-C.
pub(super) fn watch(args: &RunArgs, terminal: &mut Terminal) -> Exit {
    if let Err(d) = sensible(args) {
        terminal.report_global(*d);
        return Exit::Usage;
    }
    // from now on Ctrl-C is noticed here
    interrupt::flag();
    interrupt::begun();
    let mut watcher = match Watcher::start() {
        Ok(watcher) => watcher,
        Err(e) => {
            let d = Diagnostic::global(Code::E0913, "files cannot be watched");
            terminal.report_global(d.note(format!("the system says: {e}")));
            return Exit::Errors;
        }
    };
    let mut last: Option<Ran> = None;
    let mut first = true;
    loop {
        let stop = watcher.begin();
        let (came, watched) = attempt(args, first, &stop, &mut watcher, terminal);
        if interrupt::stopped() {
            return Exit::Fine;
        }
        if !matches!(came, Came::Stopped) && !first {
            terminal.afresh();
        }
        match came {
            Came::Results(ran, folder) => {
                if !terminal.quiet {
                    terminal.report(&ran.checked.warnings, &ran.checked.sources);
                }
                let drawn = show(args, &ran, terminal);
                if let Some(folder) = folder {
                    // what went wrong is said; the next version may be written again
                    let _ = write(folder, &ran, &drawn, terminal);
                }
                if let Some(last) = &last {
                    terminal.out(&since(last, &ran, terminal));
                }
                last = Some(*ran);
            }
            Came::Trouble(diagnostics, sources) => {
                terminal.report(&diagnostics, &sources);
                if let Some(last) = &last {
                    terminal.out("\nthe last version that ran:\n\n");
                    show(args, last, terminal);
                }
            }
            Came::Stopped => continue,
        }
        first = false;
        let others =
            if watched > 1 { format!(" and {}", plural(watched - 1, "file")) } else { String::new() };
        terminal.note(&format!("watching {}{others}; Ctrl-C ends", args.file.display()));
        if !watcher.wait() {
            return Exit::Fine;
        }
    }
}

fn sensible(args: &RunArgs) -> Result<(), Box<Diagnostic>> {
    if args.file.as_os_str() == "-" {
        let d = Diagnostic::global(Code::E0913, "standard input cannot be watched")
            .note("it is read once and cannot be saved again")
            .help("save the experiment to a file, and name that");
        return Err(Box::new(d));
    }
    if args.format == Format::Json {
        let d = Diagnostic::global(Code::E0913, "`--watch` draws on a terminal and writes no JSON")
            .note("a program that reads it could not tell where one run ends and the next begins")
            .help("leave `--format json` out, or run once without `--watch`");
        return Err(Box::new(d));
    }
    Ok(())
}

/// Reads, checks, runs and judges the file as it is now. Says how many files it depends on.
fn attempt(
    args: &RunArgs,
    first: bool,
    stop: &Arc<AtomicBool>,
    watcher: &mut Watcher,
    terminal: &Terminal,
) -> (Came, usize) {
    let trouble = |d: Diagnostic| Came::Trouble(vec![d], SourceMap::new());
    panics::stage("reading the file");
    let own = (args.file.clone(), digest(&args.file));
    let input = match files::read(&args.file) {
        Ok(input) => input,
        Err(d) => {
            watcher.follow(vec![own]);
            return (trouble(*d), 1);
        }
    };
    panics::stage("checking the file");
    let checked = session::check(&input.name, &input.text, &input.loader, &overrides(&args.change));
    let mut depends = input.loader.asked();
    depends.sort();
    depends.dedup_by(|a, b| a.0 == b.0);
    depends.push(own);
    let watched = depends.len();
    watcher.follow(depends);
    let checked = match checked {
        Ok(checked) => checked,
        Err(refused) => return (Came::Trouble(refused.diagnostics, refused.sources), watched),
    };
    let which = match checked.select(&args.cases) {
        Ok(which) => which,
        Err(d) => return (trouble(*d), watched),
    };
    // the results of the version before are one's own
    let force = args.force || !first;
    let folder = match args.out.as_deref().map(|out| Folder::prepare(out, force)).transpose() {
        Ok(folder) => folder,
        Err(e) => return (trouble(e.diagnostic()), watched),
    };
    panics::stage("running");
    let follow = args.show || folder.is_some();
    let options = Options { until: args.until, stop: Some(stop.clone()), follow, ..options(&args.compute) };
    let mut progress = Progress::new(terminal);
    let finished = checked.run(&which, &options, &mut progress);
    progress.finish();
    let stopped = || stop.load(Ordering::SeqCst);
    match finished {
        _ if stopped() => (Came::Stopped, watched),
        Err(refused) => (Came::Trouble(refused.diagnostics, refused.sources), watched),
        Ok(finished) => {
            panics::stage("reporting");
            let outcomes = outcomes_until(&finished.reading(&checked), &stopped);
            let ran = Ran { checked, finished, outcomes };
            (if stopped() { Came::Stopped } else { Came::Results(Box::new(ran), folder) }, watched)
        }
    }
}

fn side(ran: &Ran) -> Side<'_> {
    diff::reading(&ran.reading(), String::new(), &ran.outcomes, Some(ran.checked.parts()))
}

/// What changed since the run before, a line for each result.
fn since(last: &Ran, ran: &Ran, terminal: &Terminal) -> String {
    let diff = diff::compare(&side(last), &side(ran), &Asked::default());
    let lines = diff::changes(&diff, &terminal.style());
    match lines.as_slice() {
        [] => "\nsince the run before: the same to the last bit\n".to_string(),
        lines => {
            let lines: String = lines.iter().map(|l| format!("  {l}\n")).collect();
            format!("\nsince the run before\n{lines}")
        }
    }
}
