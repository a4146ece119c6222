use super::args::{Change, DebugArgs, Stage};
use super::exit::Exit;
use super::files;
use super::panics;
use super::run::check_input;
use super::terminal::Terminal;
use crate::diag::Sink;
use crate::source::SourceMap;
use crate::syntax;

/// `plast debug STAGE FILE`
pub(super) fn debug(args: &DebugArgs, terminal: &mut Terminal) -> Exit {
    panics::stage("reading the file");
    let input = match files::read(&args.file) {
        Ok(input) => input,
        Err(d) => {
            terminal.report_global(*d);
            return Exit::Errors;
        }
    };
    let mut sources = SourceMap::new();
    let id = sources.add(&input.name, input.text.clone());
    match args.stage {
        Stage::Tokens => terminal.out(&tokens(&sources.get(id).text)),
        Stage::Ast => {
            let mut sink = Sink::new();
            let file = syntax::parse(id, &sources.get(id).text, &mut sink);
            if let Some(file) = &file {
                terminal.out(&format!("{file:#?}\n"));
            }
            let failed = sink.has_errors();
            terminal.report(&sink.into_sorted(), &sources);
            if failed {
                return Exit::Errors;
            }
        }
        Stage::Hir | Stage::Ir | Stage::Tape => {
            let unchanged = Change { seed: None, settings: Vec::new() };
            let Some(checked) = check_input(&input, &unchanged, terminal) else { return Exit::Errors };
            terminal.out(&format!("{:#?}\n", checked.experiment));
        }
    }
    Exit::Fine
}

fn tokens(_: &str) -> String {
    String::new()
}
