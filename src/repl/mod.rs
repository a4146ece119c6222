//! The prompt: a thin front of [`session::interactive`](crate::session::interactive), on rustyline.
//!
//! [`talk`] reads from a terminal, with history, completion and colours; [`script`] reads lines from anywhere else.
//! What is answered goes to whoever asked for it: this room prints nothing itself but what the line editor draws.

mod editor;
mod history;
mod paint;
mod script;
mod talk;

pub use history::history_file;
pub use script::script;
pub use talk::{Terminal, talk};
