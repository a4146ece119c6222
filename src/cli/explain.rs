use super::args::ExplainArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::diag::{self, CODES, Code, Diagnostic, nearest};

/// `plast explain CODE`
pub(super) fn explain(args: &ExplainArgs, terminal: &mut Terminal) -> Exit {
    let Some(wanted) = &args.code else {
        let lines: Vec<_> = CODES.iter().map(|c| format!("{}  {}\n", c.code, c.name)).collect();
        terminal.out(&lines.concat());
        return Exit::Fine;
    };
    match diag::explain(wanted) {
        Some(info) => {
            terminal.out(&format!("{}\n", info.page.trim_end()));
            Exit::Fine
        }
        None => {
            let d = Diagnostic::global(Code::E0908, format!("there is no code `{wanted}`"));
            let names = CODES.iter().flat_map(|c| [c.code, c.name]);
            let d = match nearest(wanted, names) {
                Some(near) => d.help(format!("a similar one is `{near}`")),
                None => d,
            };
            terminal.report_global(d.note("`plast explain` without a code lists all of them"));
            Exit::Errors
        }
    }
}
