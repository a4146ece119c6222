use super::editor::Asks;
use crate::runtime::Observer;
use crate::session::interactive::Session;
use rustyline::config::{BellStyle, Builder, ColorMode, CompletionType};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Cmd, Editor, EventHandler, KeyCode, KeyEvent, Modifiers};
use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

/// What the prompt needs to know of the terminal and the world.
#[derive(Debug, Clone, Default)]
pub struct Terminal {
    /// Whether to use colours.
    pub color: bool,
    /// Where the history is kept.
    pub history: Option<PathBuf>,
    /// What is said first.
    pub greeting: String,
}

/// How many inputs the history keeps.
const KEPT: usize = 2000;

fn other(e: ReadlineError) -> io::Error {
    match e {
        ReadlineError::Io(e) => e,
        e => io::Error::other(e.to_string()),
    }
}

/// Talks with whoever sits at the terminal until they leave. `before_each` is called before an input is taken, `out`
/// with what is answered, `warn` with what is to be known besides.
///
/// # Errors
/// The terminal's.
pub fn talk(
    session: Session,
    terminal: &Terminal,
    observer: &mut dyn Observer,
    before_each: &dyn Fn(),
    out: &mut dyn FnMut(&str),
    warn: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let session = Rc::new(RefCell::new(session));
    let color = if terminal.color { ColorMode::Enabled } else { ColorMode::Disabled };
    let config = Builder::new()
        .completion_type(CompletionType::List)
        .bell_style(BellStyle::None)
        .color_mode(color)
        .history_ignore_space(true)
        .max_history_size(KEPT)
        .map_err(other)?
        .build();
    let mut editor: Editor<Asks, FileHistory> = Editor::with_config(config).map_err(other)?;
    editor.set_helper(Some(Asks::new(session.clone(), terminal.color)));
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), EventHandler::Simple(Cmd::Newline));
    let mut history = terminal.history.clone();
    if let Some(file) = &history {
        let folder = file.parent().map(std::fs::create_dir_all);
        let readable = !file.exists() || editor.load_history(file).is_ok();
        if !matches!(folder, Some(Ok(()))) || !readable {
            warn(&format!("warning: the history cannot be kept in {}", file.display()));
            history = None;
        }
    }
    if !terminal.greeting.is_empty() {
        out(&format!("{}\n", terminal.greeting));
    }
    let prompt = if terminal.color { ("> ", "\x1b[1;32m>\x1b[0m ") } else { ("> ", "> ") };
    loop {
        let input = match editor.readline(&prompt) {
            Ok(input) => input,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(()),
            Err(e) => return Err(other(e)),
        };
        if input.trim().is_empty() {
            continue;
        }
        let _ = editor.add_history_entry(input.as_str());
        if let Some(file) = &history
            && let Err(e) = editor.append_history(file)
        {
            warn(&format!("warning: the history cannot be kept in {}: {e}", file.display()));
            history = None;
        }
        before_each();
        let answer = session.borrow_mut().enter(&input, observer);
        if !answer.text.is_empty() {
            out(&format!("{}\n", answer.text));
        }
        if answer.quit {
            return Ok(());
        }
    }
}
