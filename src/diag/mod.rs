//! Messages as data: a [`Diagnostic`] carries facts and spans; [`render()`] turns it into text.

mod codes;
mod diagnostic;
mod draw;
mod explain;
mod json;
mod render;
mod suggest;

#[cfg(test)]
mod render_tests;

pub use codes::{CODES, Code, CodeInfo};
pub use diagnostic::{Diagnostic, Fix, Label, Severity, Sink};
pub use explain::explain;
pub use render::{Format, render};
pub use suggest::{list, nearest};
