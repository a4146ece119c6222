use super::args::{Change, Compute, Format, RunArgs};
use super::exit::Exit;
use super::files::{self, Input};
use super::progress::Progress;
use super::terminal::Terminal;
use super::watch::watch;
use super::{interrupt, panics, report};
use crate::report::figures::{Figure, figures};
use crate::report::writers::Folder;
use crate::report::{Outcome, Reading, Verdict, outcomes_until, summary};
use crate::runtime::Options;
use crate::sema::Overrides;
use crate::session::{self, Checked, Finished};
use std::path::Path;

/// `plast run FILE`
pub(super) fn run(args: &RunArgs, terminal: &mut Terminal) -> Exit {
    if args.watch {
        return watch(args, terminal);
    }
    let Some(checked) = load(&args.file, &args.change, terminal) else { return Exit::Errors };
    let which = match checked.select(&args.cases) {
        Ok(which) => which,
        Err(d) => {
            terminal.report_global(*d);
            return Exit::Errors;
        }
    };
    // a folder that cannot be written is found out before anything is computed
    let folder = match args.out.as_deref().map(|out| Folder::prepare(out, args.force)).transpose() {
        Ok(folder) => folder,
        Err(e) => {
            terminal.report_global(e.diagnostic());
            return Exit::Errors;
        }
    };
    let page = match args.report.as_deref().map(report::Target::prepare).transpose() {
        Ok(page) => page,
        Err(d) => {
            terminal.report_global(*d);
            return Exit::Errors;
        }
    };
    let follow = args.show || folder.is_some() || page.is_some();
    let options = Options { until: args.until, follow, ..options(&args.compute) };
    let Some(finished) = compute(&checked, &which, &options, terminal) else { return Exit::Errors };
    panics::stage("reporting");
    let outcomes = outcomes_until(&finished.reading(&checked), &interrupt::stopped);
    let ran = Ran { checked, finished, outcomes };
    let drawn = show(args, &ran, terminal);
    if let Some(folder) = folder
        && let Err(exit) = write(folder, &ran, &drawn, terminal)
    {
        return exit;
    }
    if let Some(page) = page
        && !page.write(&report::text(&args.file, &args.cases, &ran), terminal)
    {
        return Exit::Errors;
    }
    ran.ended()
}

/// An experiment that was run and judged.
pub(super) struct Ran {
    pub checked: Checked,
    pub finished: Finished,
    pub outcomes: Vec<Outcome>,
}

impl Ran {
    pub fn reading(&self) -> Reading<'_> {
        self.finished.reading(&self.checked)
    }

    /// How the command ends once the results were shown.
    pub fn ended(&self) -> Exit {
        if self.reading().interrupted() || interrupt::stopped() {
            return Exit::Interrupted;
        }
        let failed = self.outcomes.iter().any(|o| o.verdict == Verdict::Failed);
        if failed { Exit::Failed } else { Exit::Fine }
    }
}

/// Prints the results as asked for. Gives the figures, if they are asked for.
pub(super) fn show(args: &RunArgs, ran: &Ran, terminal: &Terminal) -> Vec<Figure> {
    let (reading, outcomes) = (ran.reading(), &ran.outcomes);
    match args.format {
        Format::Json => terminal.out(&format!("{:#}\n", summary::json(&reading, outcomes))),
        Format::Text if terminal.quiet => {
            let style = terminal.style();
            let failed = outcomes.iter().filter(|o| o.verdict == Verdict::Failed);
            let lines: Vec<_> = failed.flat_map(|o| summary::outcome_lines(o, &style)).collect();
            terminal.out(&lines.iter().map(|l| format!("{l}\n")).collect::<String>());
        }
        Format::Text => {
            terminal.out(&summary::text(&reading, outcomes, &terminal.style()));
            terminal.note(&summary::timing(&reading));
        }
    }
    let timing = || ran.finished.timing(&ran.checked);
    match args.timing {
        Some(Format::Json) => terminal.out(&format!("{}\n", timing().json())),
        Some(Format::Text) => terminal.out(&format!("\n{}", timing().text())),
        None => {}
    }
    let wanted = args.show || args.out.is_some();
    let drawn = draw(&reading, wanted, &ran.checked, terminal);
    if args.show {
        let shown: Vec<_> = drawn.iter().map(|f| f.terminal(&terminal.characters())).collect();
        terminal.out(&shown.iter().map(|text| format!("\n{text}")).collect::<String>());
    }
    drawn
}

/// Writes the results and the figures into their folder; says what was written.
pub(super) fn write(folder: Folder, ran: &Ran, drawn: &[Figure], terminal: &Terminal) -> Result<(), Exit> {
    panics::stage("writing results");
    match folder.finish(&ran.reading(), &ran.outcomes, drawn) {
        Ok(finished) => {
            for path in finished.written {
                terminal.note(&format!("wrote {}", path.display()));
            }
            for (name, reason) in finished.undrawn {
                terminal.note(&format!("`{name}` is not written: {reason}"));
            }
            Ok(())
        }
        Err(e) => {
            terminal.report_global(e.diagnostic());
            Err(Exit::Errors)
        }
    }
}

/// The figures, if they are asked for; says which cannot be drawn, and how to see them where they are not asked for.
fn draw(reading: &Reading, wanted: bool, checked: &Checked, terminal: &Terminal) -> Vec<Figure> {
    let results = &checked.experiment.results;
    let count = results.plots.len() + results.images.len();
    if !wanted {
        if count > 0 {
            let figures = plural(count, "figure");
            terminal.note(&format!("{figures}: `--show` draws here, `--out DIR` writes SVG and PNG"));
        }
        return Vec::new();
    }
    panics::stage("drawing figures");
    let mut drawn = Vec::new();
    for figure in figures(reading) {
        match figure {
            Ok(figure) => drawn.push(figure),
            Err(undrawn) => terminal.note(&format!("`{}` is not drawn: {}", undrawn.title, undrawn.reason)),
        }
    }
    drawn
}

/// Reads and checks a file; says what is wrong with it.
pub(super) fn load(path: &Path, change: &Change, terminal: &Terminal) -> Option<Checked> {
    panics::stage("reading the file");
    match files::read(path) {
        Ok(input) => check_input(&input, change, terminal),
        Err(d) => {
            terminal.report_global(*d);
            None
        }
    }
}

/// What is set from outside.
pub(super) fn overrides(change: &Change) -> Overrides {
    let precision = change.precision.map(Into::into);
    Overrides { params: change.settings.clone(), seed: change.seed, precision }
}

/// Checks a text; says what is wrong with it, warnings too.
pub(super) fn check_input(input: &Input, change: &Change, terminal: &Terminal) -> Option<Checked> {
    panics::stage("checking the file");
    match session::check(&input.name, &input.text, &input.loader, &overrides(change)) {
        Ok(checked) => {
            if !terminal.quiet {
                terminal.report(&checked.warnings, &checked.sources);
            }
            if terminal.verbose {
                terminal.note(&contents(&checked));
            }
            Some(checked)
        }
        Err(refused) => {
            terminal.report(&refused.diagnostics, &refused.sources);
            None
        }
    }
}

/// What a file is made of and which files it depends on, for `--verbose`.
fn contents(checked: &Checked) -> String {
    let mut lines = Vec::new();
    if let Some(program) = checked.experiment.programs.first() {
        for p in program.populations.iter() {
            lines.push(format!("population {}: {}", p.name, plural(p.cells, "cell")));
        }
        for p in program.projections.iter() {
            let (pre, post) = (&program.populations[p.pre].name, &program.populations[p.post].name);
            let rule = p.rule.as_ref().map_or("fixed".to_string(), |r| format!("rule {}", r.name));
            lines.push(format!("synapses {}: {pre} -> {post}, {rule}", p.name));
        }
    }
    lines.push(plural(checked.experiment.programs.len(), "case"));
    lines.extend(checked.files.iter().map(|f| format!("file {} sha256 {}", f.name, f.sha256)));
    lines.join("\n")
}

/// A count with its noun.
pub(super) fn plural(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Runs a checked file with progress; says what went wrong.
pub(super) fn compute(
    checked: &Checked,
    which: &[usize],
    options: &Options,
    terminal: &Terminal,
) -> Option<Finished> {
    panics::stage("running");
    let mut progress = Progress::new(terminal);
    let result = checked.run(which, options, &mut progress);
    progress.finish();
    match result {
        Ok(finished) => Some(finished),
        Err(refused) => {
            terminal.report(&refused.diagnostics, &refused.sources);
            None
        }
    }
}

/// How to compute, as asked for; Ctrl-C stops it.
pub(super) fn options(compute: &Compute) -> Options {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    Options {
        threads: compute.threads.map_or_else(processors, usize::from),
        stop: Some(interrupt::flag()),
        backend: compute.backend.into(),
        ticks: compute.ticks,
        ..Options::default()
    }
}

/// Runs every case of a file as it is written.
pub(super) fn run_as_written(
    path: &Path,
    compute_args: &Compute,
    terminal: &Terminal,
) -> Result<(Checked, Finished), Exit> {
    let checked = load(path, &Change::default(), terminal).ok_or(Exit::Errors)?;
    let which: Vec<usize> = (0..checked.experiment.programs.len()).collect();
    let finished = compute(&checked, &which, &options(compute_args), terminal).ok_or(Exit::Errors)?;
    let interrupted = finished.reading(&checked).interrupted() || interrupt::stopped();
    if interrupted { Err(Exit::Interrupted) } else { Ok((checked, finished)) }
}

/// How many of the expectations fail.
pub(super) fn failures(reading: &Reading) -> usize {
    outcomes_until(reading, &interrupt::stopped).iter().filter(|o| o.verdict == Verdict::Failed).count()
}
