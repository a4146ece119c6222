use crate::diag::{Code, Diagnostic};
use std::io;
use std::path::{Path, PathBuf};

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder is already there.
    #[error("`{}` already exists", .0.display())]
    Exists(PathBuf),
    /// There is a file in the folder's place.
    #[error("`{}` is a file", .0.display())]
    NotAFolder(PathBuf),
    /// The operating system refused.
    #[error("cannot write `{}`: {source}", .path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl WriteError {
    /// Joins an error of the operating system with what was to be written.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }

    /// The error as a message.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            WriteError::Exists(path) => {
                Diagnostic::global(Code::E0903, format!("the folder `{}` already exists", path.display()))
                    .note("results are not written over other results unasked")
                    .help("name another folder, or add `--force` to replace the results in it")
            }
            WriteError::NotAFolder(path) => {
                Diagnostic::global(Code::E0903, format!("`{}` is a file, not a folder", path.display()))
                    .help("name another folder")
            }
            WriteError::Io { path, source } => {
                let d = Diagnostic::global(Code::E0904, format!("cannot write `{}`", path.display()))
                    .note(format!("the system says: {}", plain(source)))
                    .note("nothing was left half-written");
                match source.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        d.help("free some space, or write to another disk")
                    }
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        d.help("write to a folder that may be written to")
                    }
                    _ => d,
                }
            }
        }
    }
}

/// What the operating system says, without its number: `No space left on device`.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_string()
}
