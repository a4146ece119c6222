use super::paint;
use crate::session::interactive::{Kind, Session};
use rustyline::completion::{Candidate, Completer};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper, Result};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What the line editor asks while a line is typed.
pub(super) struct Asks {
    pub session: Rc<RefCell<Session>>,
    pub color: bool,
    /// The kinds of the candidates that were offered last, for their colours.
    kinds: RefCell<HashMap<String, Kind>>,
}

impl Asks {
    pub fn new(session: Rc<RefCell<Session>>, color: bool) -> Self {
        Self { session, color, kinds: RefCell::default() }
    }
}

/// A candidate as the editor wants it.
pub(super) struct Offered(String);

impl Candidate for Offered {
    fn display(&self) -> &str {
        &self.0
    }
    fn replacement(&self) -> &str {
        &self.0
    }
}

impl Completer for Asks {
    type Candidate = Offered;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> Result<(usize, Vec<Offered>)> {
        let found = self.session.borrow().complete(line, pos);
        *self.kinds.borrow_mut() = found.candidates.iter().map(|c| (c.text.clone(), c.kind)).collect();
        Ok((found.start, found.candidates.into_iter().map(|c| Offered(c.text)).collect()))
    }
}

impl Highlighter for Asks {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.color { Cow::Owned(paint::line(line)) } else { Cow::Borrowed(line) }
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: rustyline::CompletionType) -> Cow<'c, str> {
        match self.kinds.borrow().get(candidate) {
            Some(kind) if self.color => Cow::Owned(paint::candidate(*kind, candidate)),
            _ => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

impl Validator for Asks {
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> Result<ValidationResult> {
        Ok(match Session::is_unfinished(ctx.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

impl Hinter for Asks {
    type Hint = String;
}

impl Helper for Asks {}
