use super::args::{BenchArgs, Format};
use super::exit::Exit;
use super::progress::Progress;
use super::run::{load, options};
use super::terminal::Terminal;
use super::{interrupt, panics};

/// `plast bench FILE`
pub(super) fn bench(args: &BenchArgs, terminal: &mut Terminal) -> Exit {
    let Some(checked) = load(&args.file, &args.change, terminal) else { return Exit::Errors };
    let which = match checked.select(&args.cases) {
        Ok(which) => which,
        Err(d) => {
            terminal.report_global(*d);
            return Exit::Errors;
        }
    };
    panics::stage("running");
    let mut progress = Progress::new(terminal);
    let result = checked.bench(&which, &options(&args.compute), args.reps, &mut progress);
    progress.finish();
    match result {
        Ok(Some(_)) if interrupt::stopped() => Exit::Interrupted,
        Ok(Some(bench)) => {
            match args.timing {
                Format::Text => terminal.out(&bench.text()),
                Format::Json => terminal.out(&format!("{:#}\n", bench.json())),
            }
            Exit::Fine
        }
        Ok(None) => Exit::Interrupted,
        Err(refused) => {
            terminal.report(&refused.diagnostics, &refused.sources);
            Exit::Errors
        }
    }
}
