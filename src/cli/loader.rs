use super::files::{folder_of, similar, utf8};
use crate::report::writers::{plain, sha256};
use crate::sema::{LoadError, Loader};
use crate::session::{RULES, library};
use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

/// Brings files from the disk: names are relative to the folder of the experiment.
#[derive(Debug)]
pub(super) struct FileLoader {
    folder: PathBuf,
    /// Every file that was asked for, with the digest of what was in it; none of one that could not be read.
    asked: RefCell<Vec<(PathBuf, Option<String>)>>,
}

impl FileLoader {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, asked: RefCell::default() }
    }

    /// What was asked for so far, also what is not there, with the digest of what was read.
    pub fn asked(&self) -> Vec<(PathBuf, Option<String>)> {
        self.asked.borrow().clone()
    }

    fn read(&self, path: &str) -> Result<(PathBuf, Vec<u8>), LoadError> {
        let full = self.folder.join(path);
        let read = std::fs::read(&full);
        self.asked.borrow_mut().push((full.clone(), read.as_ref().ok().map(|bytes| sha256(bytes))));
        match read {
            Ok(bytes) => Ok((full, bytes)),
            Err(e) => Err(self.error(path, &full, &e)),
        }
    }

    fn error(&self, path: &str, full: &Path, error: &io::Error) -> LoadError {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_string(),
            _ if full.is_dir() => "it is a folder".to_string(),
            _ => format!("the system says: {}", plain(error)),
        };
        let nearest = similar(full).map(|near| {
            let name = near.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let beside = folder_of(Path::new(path));
            if beside == Path::new(".") { name } else { format!("{}/{name}", beside.display()) }
        });
        LoadError { reason, nearest: nearest.filter(|_| error.kind() == io::ErrorKind::NotFound) }
    }
}

impl Loader for FileLoader {
    fn library(&self, name: &str) -> Option<&'static str> {
        library(name)
    }

    fn library_names(&self) -> Vec<&'static str> {
        RULES.iter().map(|(name, _)| *name).collect()
    }

    fn source(&self, path: &str) -> Result<(String, String), LoadError> {
        let (full, bytes) = self.read(path)?;
        let name = full.display().to_string();
        match utf8(&name, bytes) {
            Ok(text) => Ok((name, text)),
            Err(d) => Err(LoadError {
                reason: format!("it is not text in UTF-8: {}", d.notes.join("; ")),
                nearest: None,
            }),
        }
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        Ok(self.read(path)?.1)
    }
}
