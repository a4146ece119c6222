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
        // whether a file with spikes needs a clock is known when its kernels are made
        let unclocked = checked.experiment.programs.iter().filter(|p| !p.clocked);
        let mut spiking = unclocked.filter(|p| p.populations.iter().any(|p| p.spiking.is_some()));
        let axes = &checked.experiment.axes;
        let fault = spiking.find_map(|p| build::build(axes, p, false, None, false).err());
        if let Some(fault) = fault {
            terminal.report(&[*fault], &checked.sources);
            exit = exit.and(Exit::Errors);
            continue;
        }
        if args.explain {
            match explanation(&checked) {
                Ok(blocks) => {
                    let file = (args.files.len() > 1).then(|| path.display().to_string());
                    terminal.out(&blocks.iter().map(|b| b.text(file.as_deref())).collect::<String>());
                }
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

/// How the cases of a file that are computed alike are computed.
struct Explained {
    how: String,
    /// What they are called; nothing where the file has no cases.
    cases: String,
}

impl Explained {
    /// Under a heading where there is more than one block to tell apart.
    fn text(&self, file: Option<&str>) -> String {
        let of: Vec<&str> = file.into_iter().chain([self.cases.as_str()]).filter(|s| !s.is_empty()).collect();
        match of.is_empty() {
            true => self.how.clone(),
            false => format!("== {}\n\n{}\n", of.join(": "), self.how),
        }
    }
}

/// How each case is computed; said once for all that are computed alike.
fn explanation(checked: &Checked) -> Result<Vec<Explained>, Box<Diagnostic>> {
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
    let all = experiment.programs.len();
    let block = |(how, names): (String, Vec<String>)| {
        let cases = if all > 1 && names.len() == all { format!("all {all} cases") } else { names.join("; ") };
        Explained { how, cases }
    };
    Ok(said.into_iter().map(block).collect())
}
