use super::blocks::Blocks;
use super::net;
use super::words::Words;
use crate::diag::{Code, Diagnostic, Sink};
use crate::source::{SourceId, Span};
use crate::syntax::parse;
use crate::syntax::tree::Tree;

/// How names are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spelling {
    /// As the writer spelled them.
    #[default]
    AsWritten,
    /// With Greek letters: `theta_d` becomes `θ_d`, an increment `dw = ...` becomes `Δw = ...`.
    Greek,
    /// With ASCII letters: `θ_d` becomes `theta_d`, and the unit `µs` becomes `us`.
    Ascii,
}

/// What a writer may choose; everything else has one style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FormatOptions {
    /// How names are spelled.
    pub spelling: Spelling,
}

/// Writes a file's text in the one style. Formatting twice changes nothing more, and the tree stays the same.
///
/// Line ends become LF, a byte order mark goes, and a text that is not empty ends with one line end.
///
/// # Errors
///
/// What [`parse`](super::super::parse) finds, with spans of [`SourceId`] 0 in the text with LF line ends (as a
/// [`SourceMap`](crate::source::SourceMap) of this one file keeps it): a text that cannot be read is not formatted.
/// An internal error if formatting would change more than blanks, so that no text is ever lost.
///
/// ```
/// use plast::syntax::{FormatOptions, format};
/// let text = format("param eta = (1e-3 /s // fast", &FormatOptions::default());
/// assert!(text.is_err()); // a bracket is open
/// let text = format("param eta=1e-3 /s // fast\nparam lambda = 2*1e-4  /s", &FormatOptions::default());
/// assert_eq!(text.unwrap(), "param eta    = 1e-3 /s    // fast\nparam lambda = 2 * 1e-4 /s\n");
/// ```
pub fn format(text: &str, options: &FormatOptions) -> Result<String, Vec<Diagnostic>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let source = SourceId(0);
    let mut sink = Sink::new();
    let file = parse(source, &text, &mut sink).filter(|_| !sink.has_errors());
    let Some(file) = file else { return Err(sink.into_sorted()) };
    let tree = Tree::file(&file);
    let words = Words::new(&text, &tree, options.spelling);
    let formatted = Blocks::new(&words).text();
    match net::difference(&text, &tree, &file.docs, &formatted) {
        None => Ok(formatted),
        Some(at) => Err(vec![
            Diagnostic::new(
                Code::E0001,
                Span::new(source, at.start, at.end),
                "internal error: formatting would change what the file says",
                "here",
            )
            .note("the file is left as it is"),
        ]),
    }
}
