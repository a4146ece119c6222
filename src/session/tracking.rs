use crate::report::{SourceFile, writers::sha256};
use crate::sema::{LoadError, Loader};
use std::cell::RefCell;

/// A loader that notes what was read, for manifests and locks.
pub(super) struct Tracking<'a> {
    inner: &'a dyn Loader,
    files: RefCell<Vec<SourceFile>>,
}

impl<'a> Tracking<'a> {
    pub fn new(inner: &'a dyn Loader) -> Self {
        Self { inner, files: RefCell::default() }
    }

    /// What was read, each file once, in the order first read.
    pub fn into_files(self) -> Vec<SourceFile> {
        self.files.into_inner()
    }

    fn note(&self, name: &str, bytes: &[u8]) {
        let mut files = self.files.borrow_mut();
        if files.iter().all(|f| f.name != name) {
            files.push(SourceFile { name: name.to_string(), sha256: sha256(bytes) });
        }
    }
}

impl Loader for Tracking<'_> {
    fn library(&self, name: &str) -> Option<&'static str> {
        let text = self.inner.library(name)?;
        self.note(&format!("rules/{name}.plast"), text.as_bytes());
        Some(text)
    }

    fn library_names(&self) -> Vec<&'static str> {
        self.inner.library_names()
    }

    fn source(&self, path: &str) -> Result<(String, String), LoadError> {
        let (name, text) = self.inner.source(path)?;
        self.note(path, with_lf(&text).as_bytes());
        Ok((name, text))
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        let bytes = self.inner.bytes(path)?;
        self.note(path, &bytes);
        Ok(bytes)
    }
}

/// The text with line ends as LF, as a [`SourceMap`](crate::source::SourceMap) holds it.
pub(super) fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
