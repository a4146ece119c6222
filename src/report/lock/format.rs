use super::Item;
use crate::diag::{Code, Diagnostic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The version of this file format.
pub(super) const FORMAT: u32 = 1;

/// What an experiment's results are, to the last bit.
///
/// Made by [`make`](super::make()) from a finished run; written as JSON with sorted keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The version of the file format.
    pub lock: u32,
    /// The version of plast it was made with.
    pub plast: String,
    /// The version of the numerical contract it was made under.
    pub contract: u32,
    /// `f64` or `f32`.
    pub precision: String,
    /// The experiment's own file.
    pub source: LockedFile,
    /// Every file it uses, by name, with its SHA-256.
    pub uses: BTreeMap<String, String>,
    /// Every case, by name; the name is empty for a file without cases.
    pub cases: BTreeMap<String, LockedCase>,
}

/// A file by name and digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Its name without folders.
    pub name: String,
    /// Its SHA-256.
    pub sha256: String,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedCase {
    /// The root of its randomness.
    pub seed: u64,
    /// Its parameters as text.
    pub parameters: BTreeMap<String, String>,
    /// Its run.
    pub run: LockedRun,
    /// Its control, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<LockedRun>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRun {
    /// How many ticks it took.
    pub ticks: u64,
    /// Its probes by name.
    pub probes: BTreeMap<String, Item>,
    /// Its records by name.
    pub records: BTreeMap<String, Item>,
}

/// Why a lock cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LockError {
    /// It is not what `plast lock` writes.
    #[error("line {line}: {what}")]
    Malformed {
        /// Where reading failed.
        line: usize,
        /// What the reader says.
        what: String,
    },
    /// It was written by a later plast.
    #[error("format {0}")]
    Later(u32),
}

impl Lock {
    /// The text of the file.
    pub fn text(&self) -> String {
        // through a `Value`, whose keys are sorted
        let value = serde_json::to_value(self).unwrap_or_default();
        format!("{value:#}\n")
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        #[derive(Deserialize)]
        struct Head {
            lock: u32,
        }
        let malformed = |e: serde_json::Error| {
            let what = e.to_string();
            let what = what.split(" at line").next().unwrap_or(&what).to_string();
            LockError::Malformed { line: e.line(), what }
        };
        let head: Head = serde_json::from_str(text).map_err(malformed)?;
        if head.lock > FORMAT {
            return Err(LockError::Later(head.lock));
        }
        serde_json::from_str(text).map_err(malformed)
    }
}

impl LockError {
    /// The error as a message.
    pub fn diagnostic(&self, path: &Path) -> Diagnostic {
        let headline = format!("`{}` cannot be read as a lock", path.display());
        let d = Diagnostic::global(Code::E0906, headline);
        match self {
            LockError::Malformed { line, what } => d
                .note(format!("line {line}: {what}"))
                .help("make it anew with `plast lock`, or bring back the version that was checked in"),
            LockError::Later(format) => d
                .note(format!("it has format {format}; this plast reads up to {FORMAT}"))
                .help("use the plast that wrote it, or a later one"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_lock_is_refused() {
        assert!(matches!(Lock::parse("{"), Err(LockError::Malformed { line: 1, .. })));
        assert!(matches!(Lock::parse("{\"lock\": 1}"), Err(LockError::Malformed { .. })));
        assert_eq!(Lock::parse("{\"lock\": 7, \"new\": 1}"), Err(LockError::Later(7)));
        assert!(matches!(Lock::parse(""), Err(LockError::Malformed { .. })));
    }
}
