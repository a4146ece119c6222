use super::args::CheckArgs;
use super::exit::Exit;
use super::run::load;
use super::terminal::Terminal;
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

fn explanation(_: &Checked) -> Result<String, Box<crate::diag::Diagnostic>> {
    Ok(String::new())
}
