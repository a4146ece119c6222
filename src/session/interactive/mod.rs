//! A session in which an experiment is written line by line, and lived through step by step.
//!
//! [`Session::enter`] takes one input - items, a statement, an expression, a `:command` - and gives an [`Answer`]. It
//! knows no terminal and opens no file: a [`Host`] does that for it. A failed input leaves the session as it was.
//!
//! The session keeps the text of an experiment, checks the whole of it whenever it changes, and a [`Live`] run of it.
//! What is done by hand while time passes is written into the protocol where it was done, so that the text is at any
//! moment a file whose run gives the same bits; where no file could say so, [`Session`] notes why, and `:save` tells.
//!
//! [`Live`]: crate::runtime::Live

mod ask;
mod by_hand;
mod commands;
mod complete;
mod document;
mod draw;
mod duration;
mod edit;
mod help;
mod host;
mod info;
mod letters;
mod marks;
mod names;
mod past;
mod run;
mod session;
mod value;
mod why;

pub use complete::{Candidate, Completion, Kind};
pub use document::Failure;
pub use help::{COMMANDS, CommandInfo, DEMO};
pub use host::Host;
pub use session::{Answer, Session};
