use super::args::{Change, DiffArgs, Format};
use super::exit::Exit;
use super::run::{compute, load, options};
use super::terminal::Terminal;
use super::{files, interrupt, panics};
use crate::diag::{Code, Diagnostic};
use crate::report::diff::{self, Asked, Side};
use crate::report::lock::Lock;
use crate::report::outcomes_until;
use crate::runtime::Options;
use crate::session::{Checked, Finished};
use std::borrow::Cow;
use std::path::Path;

/// What stands on one side, once it was run or read.
enum Source {
    Ran(Box<(Checked, Finished, String)>),
    Folder(Side<'static>),
    Lock(Box<Lock>, String),
}

/// `plast diff A [B]`
pub(super) fn diff(args: &DiffArgs, terminal: &mut Terminal) -> Exit {
    let (a, b) = (&args.a, args.b.as_ref().unwrap_or(&args.a));
    if let Err(d) = sensible(args) {
        terminal.report_global(*d);
        return Exit::Usage;
    }
    let (as_written, quiet) = (Change::default(), terminal.quiet);
    let first = source(a, &as_written, args, terminal);
    // what is to be said of one file is said once
    terminal.quiet |= args.b.is_none();
    let second = first.and_then(|first| Ok((first, source(b, &args.change, args, terminal)?)));
    terminal.quiet = quiet;
    let (first, second) = match second {
        Ok(both) => both,
        Err(exit) => return exit,
    };
    panics::stage("comparing");
    let diff = diff::compare(&side(&first), &side(&second), &Asked { above: args.above });
    if interrupt::stopped() {
        return Exit::Interrupted;
    }
    match args.format {
        Format::Json => terminal.out(&format!("{:#}\n", diff::json(&diff))),
        Format::Text if terminal.quiet && diff.is_empty() => {}
        Format::Text => terminal.out(&diff::text(&diff, &terminal.style())),
    }
    if diff.is_empty() { Exit::Fine } else { Exit::Failed }
}

/// Whether what was asked for can be done at all.
fn sensible(args: &DiffArgs) -> Result<(), Box<Diagnostic>> {
    let refused = |headline: String| Diagnostic::global(Code::E0912, headline);
    let change = &args.change;
    let changed = !change.settings.is_empty() || change.seed.is_some() || change.precision.is_some();
    let is_results = |path: &Path| path.is_dir() || is_lock(path);
    let b = match &args.b {
        None if !changed => {
            let name = args.a.display();
            let d = refused(format!("there is nothing to compare `{name}` with"))
                .help(format!("name a second file, folder of results or lock: `plast diff {name} OTHER`"))
                .help("or say what is to be different in the second run, such as `--set 'eta=2e-3 /s'` or `--seed 8`");
            return Err(Box::new(d));
        }
        None => &args.a,
        Some(b) => b,
    };
    if args.a.as_os_str() == "-" && b.as_os_str() == "-" {
        let d = refused("standard input can be read once only".to_string())
            .help("save the experiment to a file, and name that");
        return Err(Box::new(d));
    }
    if changed && is_results(b) {
        let d = refused(format!(
            "`{}` holds results that are there already: nothing can be set in it",
            b.display()
        ))
        .note("`--set`, `--seed` and `--precision` change B, which then is an experiment that is run")
        .help("exchange A and B, or leave the settings out");
        return Err(Box::new(d));
    }
    let cut = !args.cases.is_empty() || args.until.is_some();
    if cut && is_results(&args.a) && is_results(b) {
        let d = refused("`--case` and `--until` say what is run, and nothing is".to_string())
            .help("leave them out");
        return Err(Box::new(d));
    }
    Ok(())
}

fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "lock")
}

fn source(path: &Path, change: &Change, args: &DiffArgs, terminal: &Terminal) -> Result<Source, Exit> {
    let refused = |d: Diagnostic| {
        terminal.report_global(d);
        Exit::Errors
    };
    if path.is_dir() {
        return Ok(Source::Folder(diff::folder(path).map_err(|e| refused(e.diagnostic()))?));
    }
    if is_lock(path) {
        return Ok(Source::Lock(
            Box::new(read_lock(path).map_err(|d| refused(*d))?),
            path.display().to_string(),
        ));
    }
    let checked = load(path, change, terminal).ok_or(Exit::Errors)?;
    let which = checked.select(&args.cases).map_err(|d| refused(*d))?;
    let options = Options { until: args.until, ..options(&args.compute) };
    let finished = compute(&checked, &which, &options, terminal).ok_or(Exit::Errors)?;
    if finished.reading(&checked).interrupted() && interrupt::stopped() {
        return Err(Exit::Interrupted);
    }
    Ok(Source::Ran(Box::new((checked, finished, called(path, change)))))
}

fn read_lock(path: &Path) -> Result<Lock, Box<Diagnostic>> {
    let bytes = std::fs::read(path).map_err(|e| Box::new(files::unreadable(path, &e)))?;
    let text = files::utf8(&path.display().to_string(), bytes)?;
    Lock::parse(&text).map_err(|e| Box::new(e.diagnostic(path)))
}

/// A file with what was changed: `settle.plast with lambda=5e-5 /s, seed 8`.
fn called(path: &Path, change: &Change) -> String {
    let set = change.settings.iter().map(|(name, value)| format!("{name}={value}"));
    let seed = change.seed.map(|seed| format!("seed {seed}"));
    let precision =
        change.precision.map(|p| format!("precision {}", crate::contract::Precision::from(p).name()));
    let changes: Vec<_> = set.chain(seed).chain(precision).collect();
    let name = path.display();
    if changes.is_empty() { name.to_string() } else { format!("{name} with {}", changes.join(", ")) }
}

fn side(source: &Source) -> Cow<'_, Side<'_>> {
    match source {
        Source::Ran(ran) => {
            let (checked, finished, name) = &**ran;
            let reading = finished.reading(checked);
            let outcomes = outcomes_until(&reading, &interrupt::stopped);
            Cow::Owned(diff::reading(&reading, name.clone(), &outcomes, Some(checked.parts())))
        }
        Source::Folder(side) => Cow::Borrowed(side),
        Source::Lock(lock, name) => Cow::Owned(diff::locked(lock, name.clone())),
    }
}
