use super::args::CheckArgs;
use super::exit::Exit;
use super::run::load;
use super::terminal::Terminal;
use crate::hir::Experiment;
use crate::ir::build;
use crate::session::Checked;

/// `plast check FILE...`
pub(super) fn check(args: &CheckArgs, terminal: &mut Terminal) -> Exit {
    let mut exit = Exit::Fine;
    for path in &args.files {
        let Some(checked) = load(path, &args.change, terminal) else {
            exit = exit.and(Exit::Errors);
            continue;
        };
        if args.explain {
            match explanation(&checked) {
                Ok(text) => terminal.out(&text),
                Err(d) => {
                    terminal.report(&[*d], &checked.sources);
                    exit = exit.and(Exit::Errors);
                }
            }
        } else if checked.warnings.is_empty() {
            terminal.note(&format!("{}: no errors", path.display()));
        }
    }
    exit
}

/// How each case is computed; cases that are computed alike are explained once.
fn explanation(checked: &Checked) -> Result<String, Box<crate::diag::Diagnostic>> {
    let experiment = &checked.experiment;
    let mut parts: Vec<(Vec<String>, String)> = Vec::new();
    for (i, program) in experiment.programs.iter().enumerate() {
        let text = build::explain(&experiment.axes, program)?;
        let name = case_name(experiment, i);
        match parts.iter_mut().find(|(_, other)| *other == text) {
            Some((names, _)) => names.push(name),
            None => parts.push((vec![name], text)),
        }
    }
    let several = parts.len() > 1;
    let part = |(names, text): (Vec<String>, String)| match several {
        true => format!("{}\n{text}", names.join(", ")),
        false => text,
    };
    Ok(parts.into_iter().map(part).collect::<Vec<_>>().join("\n"))
}

/// The names of a program's cases.
fn case_name(experiment: &Experiment, mut index: usize) -> String {
    let mut names = Vec::new();
    for axis in experiment.cases.iter().rev() {
        let len = axis.names.len().max(1);
        names.extend(axis.names.get(index % len).cloned());
        index /= len;
    }
    names.reverse();
    names.join(", ")
}
