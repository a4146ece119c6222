use super::args::{Change, DebugArgs, Stage};
use super::exit::Exit;
use super::files;
use super::panics;
use super::run::check_input;
use super::terminal::Terminal;
use crate::backend::{Choice, Engine, vm};
use crate::diag::{Diagnostic, Sink};
use crate::ir::{self, build};
use crate::report::case_names;
use crate::session::Checked;
use crate::source::{SourceId, SourceMap, Span};
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
        Stage::Tokens => terminal.out(&tokens(id, &sources)),
        Stage::Ast => {
            let mut sink = Sink::new();
            let file = syntax::parse(id, &sources.get(id).text, &mut sink);
            if let Some(file) = &file {
                terminal.out(&syntax::text(file));
            }
            let failed = sink.has_errors();
            terminal.report(&sink.into_sorted(), &sources);
            if failed {
                return Exit::Errors;
            }
        }
        Stage::Hir | Stage::Ir | Stage::Tape | Stage::Asm => {
            let unchanged = Change::default();
            let Some(checked) = check_input(&input, &unchanged, terminal) else { return Exit::Errors };
            match stage_text(args.stage, &checked) {
                Ok(text) => terminal.out(&text),
                Err(d) => {
                    terminal.report(&[*d], &checked.sources);
                    return Exit::Errors;
                }
            }
        }
    }
    Exit::Fine
}

/// What a stage behind the checker makes of each case.
fn stage_text(stage: Stage, checked: &Checked) -> Result<String, Box<Diagnostic>> {
    let experiment = &checked.experiment;
    if stage == Stage::Hir {
        return Ok(format!("{experiment:#?}\n"));
    }
    let mut text = String::new();
    for (i, program) in experiment.programs.iter().enumerate() {
        if experiment.programs.len() > 1 {
            text += &format!("; case {}\n", case_names(experiment, i).join(", "));
        }
        let built = build::build(&experiment.axes, program, false, None, false)?;
        text += &match stage {
            Stage::Ir => ir::outline(&built.module),
            Stage::Asm => machine_code(&built),
            _ => tape(&built.module),
        };
    }
    Ok(text)
}

/// Every kernel as the interpreter runs it.
fn tape(module: &ir::Module) -> String {
    match vm::compile(module) {
        Ok(program) => {
            let listing =
                |(id, kernel): (_, &ir::Kernel)| format!("; {}\n{}\n", kernel.name, program.listing(id));
            module.kernels.iter_enumerated().map(listing).collect()
        }
        // the verifier has accepted what the build made, else nothing could be run
        Err(e) => format!("; {e}\n"),
    }
}

/// Every kernel as machine code, and the loops of many ticks.
fn machine_code(built: &build::Built) -> String {
    let engine = match Engine::new(&built.module, Choice::Native) {
        Ok(engine) => engine,
        Err(e) => return format!("; {e}\n"),
    };
    let mut text = String::new();
    for (id, kernel) in built.module.kernels.iter_enumerated() {
        let code = engine.listing(id).unwrap_or_else(|| "    run by the virtual machine\n".into());
        text += &format!("; {}\n{code}\n", kernel.name);
    }
    for i in 0..built.plans.len() {
        let stretch = built.stretch(i, &[]);
        text += &format!("; plan {i}, {}\n", built.order_text(&stretch));
        let parts = stretch.ok().and_then(|s| engine.stretch(&built.module, s)).map(|made| made.listing());
        for (name, code) in parts.into_iter().flatten() {
            text += &format!("; {name}\n{code}\n");
        }
    }
    text
}

/// A line for each word: where it stands, what it is, its text.
fn tokens(id: SourceId, sources: &SourceMap) -> String {
    let text = &sources.get(id).text;
    let line = |token: syntax::Token| {
        let at = sources.line_col(Span::new(id, token.range.start, token.range.end));
        let kind = format!("{:?}", token.kind).to_lowercase();
        format!("{:>4}:{:<3} {kind:<9} {}\n", at.line, at.col, &text[token.range])
    };
    syntax::tokens(text).into_iter().map(line).collect()
}
