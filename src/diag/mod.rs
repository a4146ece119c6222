//! Messages as data: a [`Diagnostic`] carries facts and spans; [`render`](crate::diag::render) turns it into text.

mod codes;
mod diagnostic;

pub use codes::{CODES, Code, CodeInfo};
pub use diagnostic::{Diagnostic, Fix, Label, Severity, Sink};
