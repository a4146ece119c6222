use super::args::CheckArgs;
use super::exit::Exit;
use super::run::load;
use super::terminal::Terminal;
use crate::diag::Diagnostic;
use crate::ir::build;
use crate::report::case_names;
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

/// How each case is computed; said once where all are computed alike.
fn explanation(checked: &Checked) -> Result<String, Box<Diagnostic>> {
    let experiment = &checked.experiment;
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for (i, program) in experiment.programs.iter().enumerate() {
        let text = build::explain(&experiment.axes, program)?;
        let name = case_names(experiment, i).join(", ");
        match said.iter_mut().find(|(t, _)| *t == text) {
            Some((_, names)) => names.push(name),
            None => said.push((text, vec![name])),
        }
    }
    let alike = said.len() == 1;
    let part = |(text, names): (String, Vec<String>)| {
        if alike { text } else { format!("== {}\n\n{text}\n", names.join("; ")) }
    };
    Ok(said.into_iter().map(part).collect())
}
