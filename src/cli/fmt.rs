use super::args::FmtArgs;
use super::exit::Exit;
use super::run::plural;
use super::terminal::Terminal;
use super::{files, panics};
use crate::diag::{Code, Diagnostic};
use crate::report::writers::rewrite_whole;
use crate::source::SourceMap;
use crate::syntax::{FormatOptions, Spelling, format};
use similar::TextDiff;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// `plast fmt FILE...`
pub(super) fn fmt(args: &FmtArgs, terminal: &mut Terminal) -> Exit {
    let mut exit = Exit::Fine;
    let mut given = args.files.clone();
    if given.is_empty() {
        if io::stdin().is_terminal() {
            terminal.report_global(nothing_given());
            return Exit::Usage;
        }
        given.push(PathBuf::from("-"));
    }
    let mut paths: Vec<PathBuf> = Vec::new();
    for path in given {
        match below(&path) {
            Ok(found) => paths.extend(found),
            Err(d) => {
                terminal.report_global(*d);
                exit = exit.and(Exit::Errors);
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    let (mut read, mut changed) = (0, 0);
    for path in &paths {
        match fmt_one(path, args, terminal) {
            Ok(change) => (read, changed) = (read + 1, changed + usize::from(change)),
            Err(end) => exit = exit.and(end),
        }
    }
    if (args.check || args.diff) && changed > 0 {
        exit = exit.and(Exit::Failed);
    }
    if read > 0 && (paths.len() > 1 || args.check) {
        terminal.note(&summary(changed, read, args));
    }
    exit
}

/// Formats a file; whether that changes it.
fn fmt_one(path: &Path, args: &FmtArgs, terminal: &Terminal) -> Result<bool, Exit> {
    panics::stage("reading the file");
    let input = files::read(path).map_err(|d| {
        terminal.report_global(*d);
        Exit::Errors
    })?;
    panics::stage("formatting the file");
    let spelling = match (args.greek, args.ascii) {
        (true, _) => Spelling::Greek,
        (_, true) => Spelling::Ascii,
        _ => Spelling::AsWritten,
    };
    let formatted = format(&input.text, &FormatOptions { spelling }).map_err(|diagnostics| {
        let internal = diagnostics.iter().any(|d| d.code == Code::E0001);
        let mut sources = SourceMap::new();
        sources.add(&input.name, input.text.clone());
        terminal.report(&diagnostics, &sources);
        if internal { Exit::Internal } else { Exit::Errors }
    })?;
    let changed = formatted != input.text;
    let piped = path.as_os_str() == "-";
    if args.check && changed {
        terminal.out(&format!("{}\n", input.name));
    }
    if args.diff && changed {
        terminal.out(&difference(&input.name, &input.text, &formatted, terminal.style().color));
    }
    match args.check || args.diff {
        true => {}
        false if piped => terminal.out(&formatted),
        false if changed => {
            rewrite_whole(path, &formatted).map_err(|e| {
                terminal.report_global(e.diagnostic());
                Exit::Errors
            })?;
            terminal.note(&format!("formatted {}", path.display()));
        }
        false => {}
    }
    Ok(changed)
}

fn summary(changed: usize, all: usize, args: &FmtArgs) -> String {
    let looked = args.check || args.diff;
    let rest = match all - changed {
        0 => String::new(),
        1 => ", 1 file already is".to_string(),
        n => format!(", {n} files already are"),
    };
    match changed {
        0 => format!("nothing to change in {}", plural(all, "file")),
        1 if looked => format!("1 file is not in the style{rest}"),
        n if looked => format!("{n} files are not in the style{rest}"),
        n => format!(
            "{} now in the style{rest}",
            if n == 1 { "1 file is".into() } else { format!("{n} files are") }
        ),
    }
}

/// The file, or every `.plast` file below the folder, in the order of their names.
fn below(path: &Path) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let mut found = Vec::new();
    let walk = walkdir::WalkDir::new(path).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|e| e.depth() == 0 || !hidden(e.file_name())) {
        let entry = entry.map_err(|e| {
            let at = e.path().unwrap_or(path).to_path_buf();
            Box::new(files::unreadable(&at, &io::Error::from(e)))
        })?;
        if entry.path().extension().is_some_and(|e| e == "plast") && entry.path().is_file() {
            found.push(entry.into_path());
        }
    }
    match found.is_empty() {
        true => Err(Box::new(
            Diagnostic::global(Code::E0703, format!("there is no `.plast` file below `{}`", path.display()))
                .help("name a folder with experiments, or the files themselves"),
        )),
        false => Ok(found),
    }
}

/// A unified diff, as `patch` reads it.
fn difference(name: &str, before: &str, after: &str, color: bool) -> String {
    let diff = TextDiff::from_lines(before, after);
    let text = diff.unified_diff().context_radius(3).header(name, name).to_string();
    if !color {
        return text;
    }
    let painted = text.split_inclusive('\n').map(|line| {
        let style = console::Style::new().force_styling(true);
        let style = match line.as_bytes().first() {
            Some(b'+') => style.green(),
            Some(b'-') => style.red(),
            Some(b'@') => style.cyan(),
            _ => return line.to_string(),
        };
        let end = if line.ends_with('\n') { "\n" } else { "" };
        format!("{}{end}", style.apply_to(line.trim_end_matches('\n')))
    });
    painted.collect()
}

fn nothing_given() -> Diagnostic {
    Diagnostic::global(Code::E0703, "no file to format").help(
        "name files or folders, as in `plast fmt .`, or pipe a text in, as in `plast fmt < settle.plast`",
    )
}
