use super::args::{Color, ErrorFormat, Global};
use super::exit::Exit;
use crate::diag::{self, Code, Diagnostic};
use crate::report::figures;
use crate::report::summary::Style;
use crate::report::writers::plain;
use crate::source::SourceMap;
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

/// Where output goes: results to standard output, everything about them to standard error.
///
/// A reader that goes away (`plast run ... | head`) is no fault: what is left to say is dropped.
#[derive(Debug)]
pub(super) struct Terminal {
    /// Say only what was asked for.
    pub quiet: bool,
    /// Say more.
    pub verbose: bool,
    color: Color,
    format: diag::Format,
    /// Why standard output could not be written.
    lost: RefCell<Option<io::Error>>,
}

impl Terminal {
    pub fn new(global: &Global) -> Self {
        let format = match global.error_format {
            ErrorFormat::Text => diag::Format::Text,
            ErrorFormat::Short => diag::Format::Short,
            ErrorFormat::Json => diag::Format::Json,
        };
        Self {
            quiet: global.quiet,
            verbose: global.verbose,
            color: global.color,
            format,
            lost: RefCell::default(),
        }
    }

    /// Writes what was asked for.
    pub fn out(&self, text: &str) {
        let written = io::stdout().lock().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
        if let Err(e) = written
            && e.kind() != io::ErrorKind::BrokenPipe
        {
            self.lost.borrow_mut().get_or_insert(e);
        }
    }

    /// How the command ends, given how its verb ended: output that could not be written is an error.
    pub fn finish(&self, exit: Exit) -> Exit {
        let Some(e) = self.lost.borrow_mut().take() else { return exit };
        let d = Diagnostic::global(Code::E0904, "cannot write to standard output");
        self.report_global(d.note(format!("the system says: {}", plain(&e))));
        exit.and(Exit::Errors)
    }

    /// Makes room for something new: clears the screen, or leaves a line where there is none.
    pub fn afresh(&self) {
        if io::stdout().is_terminal() {
            // what cannot be cleared scrolls away
            let _ = console::Term::stdout().clear_screen();
        } else {
            self.out("\n");
        }
    }

    /// Writes what is good to know, unless asked to be quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Writes messages in the format asked for.
    pub fn report(&self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        let text = diag::render(diagnostics, sources, self.format, self.colored(&io::stderr()));
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Writes one message on something outside any file.
    pub fn report_global(&self, diagnostic: Diagnostic) {
        self.report(&[diagnostic], &SourceMap::new());
    }

    /// Whether progress may be drawn.
    pub fn draws_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// How a summary on standard output is laid out.
    pub fn style(&self) -> Style {
        let width = match console::Term::stdout().size_checked() {
            Some((_, columns)) if io::stdout().is_terminal() => usize::from(columns).clamp(40, 140),
            _ => Style::default().width,
        };
        Style { width, unicode: unicode(), color: self.colored(&io::stdout()) }
    }

    /// What figures on standard output may be made of.
    pub fn characters(&self) -> figures::Terminal {
        let style = self.style();
        figures::Terminal { width: style.width, unicode: style.unicode, color: style.color }
    }

    fn colored(&self, stream: &dyn IsTerminalStream) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
                !refused && !dumb && stream.terminal()
            }
        }
    }
}

/// [`IsTerminal`], which cannot be used behind a reference to a trait.
trait IsTerminalStream {
    fn terminal(&self) -> bool;
}

impl<T: IsTerminal> IsTerminalStream for T {
    fn terminal(&self) -> bool {
        self.is_terminal()
    }
}

/// Whether signs beyond ASCII can be shown: everywhere but in the plain C locale.
fn unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os).find(|v| !v.is_empty());
    set.is_none_or(|locale| locale != "C" && locale != "POSIX")
}
