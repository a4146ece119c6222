use crate::diag::{Code, Diagnostic};
use crate::report::writers::plain;
use std::io;
use std::path::{Path, PathBuf};

/// Why a folder of results cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It has no manifest, so it is not what `--out` writes, or not whole.
    #[error("`{}` has no manifest.json", .0.display())]
    NoManifest(PathBuf),
    /// A file of it is not what `--out` writes.
    #[error("`{}`: {what}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The operating system refused.
    #[error("cannot read `{}`: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl ReadError {
    pub(super) fn malformed(path: &Path, what: impl ToString) -> Self {
        Self::Malformed { path: path.to_path_buf(), what: what.to_string() }
    }

    /// The error as a message.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            ReadError::NoManifest(path) => {
                let headline = format!("the folder `{}` holds no results", path.display());
                Diagnostic::global(Code::E0911, headline)
                    .note("there is no `manifest.json` in it, which `--out` writes last")
                    .help(format!("write results with `plast run FILE --out {} --force`", path.display()))
            }
            ReadError::Malformed { path, what } => {
                Diagnostic::global(Code::E0911, format!("`{}` cannot be read back", path.display()))
                    .note(what.clone())
                    .help("write the results anew with `plast run FILE --out DIR --force`")
            }
            ReadError::Io { path, source } => {
                Diagnostic::global(Code::E0911, format!("`{}` cannot be read", path.display()))
                    .note(format!("the system says: {}", plain(source)))
                    .help("write the results anew with `plast run FILE --out DIR --force`")
            }
        }
    }
}
