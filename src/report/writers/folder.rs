use super::{WriteError, arrays, manifest, probes, series, sha256_of};
use crate::report::figures::Figure;
use crate::report::{Outcome, Reading, document};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The names of everything a folder may hold.
const FILES: [&str; 5] = ["manifest.json", "series.csv", "arrays.npz", "probes.json", "expectations.json"];

/// Where figures lie in it.
const FIGURES: &str = "figures";

/// The figures that the manifest of a folder names.
fn figures_of(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap_or_default();
    let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
    let files = manifest["files"].as_object().into_iter().flat_map(|files| files.keys());
    let plain = |name: &&String| {
        let inside = name.strip_prefix(FIGURES).and_then(|n| n.strip_prefix('/'));
        inside.is_some_and(|n| !n.contains(['/', '\\']) && !n.starts_with('.'))
    };
    files.filter(plain).cloned().collect()
}

/// A folder of results in the making, invisible until it is whole.
///
/// Made before the run, so that a folder that cannot be written is found out before anything is computed. Until the
/// results are there, nothing is on the disk.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    parent: PathBuf,
}

/// The folder while it is being written.
struct Making<'f> {
    target: &'f Path,
    /// Gone with everything in it if the folder is never finished.
    temporary: TempDir,
    /// Inside of it; has the permissions any new folder gets.
    inside: PathBuf,
}

/// What was written to a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The files.
    pub written: Vec<PathBuf>,
    /// Pictures that could not be made, with the reason.
    pub undrawn: Vec<(String, String)>,
}

/// A file that was written, with its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub name: String,
    pub sha256: String,
    pub bytes: u64,
}

impl Folder {
    /// Prepares to write `target`. One that exists is refused unless `force` says that results in it may be replaced.
    pub fn prepare(target: &Path, force: bool) -> Result<Self, WriteError> {
        match fs::symlink_metadata(target) {
            Ok(_) if !target.is_dir() => return Err(WriteError::NotAFolder(target.to_path_buf())),
            Ok(_) if !force => return Err(WriteError::Exists(target.to_path_buf())),
            _ => {}
        }
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(WriteError::io(target))?;
        let folder = Self { target: target.to_path_buf(), parent };
        folder.begin()?;
        Ok(folder)
    }

    fn begin(&self) -> Result<Making<'_>, WriteError> {
        let attempt = || {
            let temporary = tempfile::Builder::new().prefix(".plast-").tempdir_in(&self.parent)?;
            let inside = temporary.path().join("results");
            fs::create_dir(&inside)?;
            Ok(Making { target: &self.target, temporary, inside })
        };
        attempt().map_err(WriteError::io(&self.target))
    }

    /// Writes everything and puts the folder in its place. Gives the paths of the files written.
    pub fn finish(
        self,
        reading: &Reading,
        outcomes: &[Outcome],
        figures: &[Figure],
    ) -> Result<Finished, WriteError> {
        let mut undrawn = Vec::new();
        let making = self.begin()?;
        let mut written = Vec::new();
        if series::any(reading) {
            written.push(making.file("series.csv", |file| series::write(reading, file))?);
        }
        if arrays::any(reading) {
            written.push(making.file("arrays.npz", |file| arrays::write(reading, file))?);
        }
        written.push(making.json("probes.json", &probes::json(reading))?);
        let expectations: Vec<_> = outcomes.iter().map(document::outcome).collect();
        written.push(making.json("expectations.json", &json!({ "expectations": expectations }))?);
        if !figures.is_empty() {
            fs::create_dir(making.inside.join(FIGURES)).map_err(WriteError::io(making.target))?;
        }
        for figure in figures {
            let name = |ending: &str| format!("{FIGURES}/{}.{ending}", figure.stem);
            written.push(making.file(&name("svg"), |file| file.write_all(figure.svg().as_bytes()))?);
            match figure.png() {
                Ok(png) => written.push(making.file(&name("png"), |file| file.write_all(&png))?),
                Err(reason) => undrawn.push((name("png"), reason)),
            }
        }
        let manifest = manifest::json(reading, &written);
        written.push(making.json("manifest.json", &manifest)?);
        Ok(Finished { written: making.place(&written)?, undrawn })
    }
}

impl Making<'_> {
    fn json(&self, name: &str, value: &Value) -> Result<Written, WriteError> {
        self.file(name, |file| {
            serde_json::to_writer_pretty(&mut *file, value)?;
            file.write_all(b"\n")
        })
    }

    fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<Written, WriteError> {
        let path = self.inside.join(name);
        let attempt = || {
            let mut file = File::create(&path)?;
            write(&mut file)?;
            file.sync_all()?;
            let (sha256, bytes) = sha256_of(&mut File::open(&path)?)?;
            Ok(Written { name: name.to_string(), sha256, bytes })
        };
        attempt().map_err(WriteError::io(&self.target.join(name)))
    }

    fn place(self, written: &[Written]) -> Result<Vec<PathBuf>, WriteError> {
        if !self.target.is_dir() {
            fs::rename(&self.inside, self.target).map_err(WriteError::io(self.target))?;
        } else {
            let before = figures_of(self.target);
            if self.inside.join(FIGURES).is_dir() {
                fs::create_dir_all(self.target.join(FIGURES)).map_err(WriteError::io(self.target))?;
            }
            // the manifest goes last, so that a folder with a manifest is whole
            for file in written {
                let to = self.target.join(&file.name);
                fs::rename(self.inside.join(&file.name), &to).map_err(WriteError::io(&to))?;
            }
            let known = FILES.iter().map(|name| name.to_string()).chain(before);
            for name in known.filter(|name| written.iter().all(|w| w.name != *name)) {
                let stale = self.target.join(name);
                if stale.is_file() {
                    fs::remove_file(&stale).map_err(WriteError::io(&stale))?;
                }
            }
        }
        drop(self.temporary);
        Ok(written.iter().map(|w| self.target.join(&w.name)).collect())
    }
}

/// Writes one file whole or not at all: to a temporary name beside it, then renamed.
pub fn write_whole(path: &Path, text: &str) -> Result<(), WriteError> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let attempt = || {
        let folder = tempfile::Builder::new().prefix(".plast-").tempdir_in(parent)?;
        // made inside a folder of its own, it gets the permissions any new file gets
        let temporary = folder.path().join("file");
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    attempt().map_err(WriteError::io(path))
}

/// Replaces the text of a file that exists, whole or not at all. It keeps its permissions; of a link, what it points to is
/// replaced. A file that must not be written is left as it is.
pub fn rewrite_whole(path: &Path, text: &str) -> Result<(), WriteError> {
    let attempt = || {
        let real = fs::canonicalize(path)?;
        // opened as if it were written in place, so that the system can refuse
        let permissions = fs::OpenOptions::new().append(true).open(&real)?.metadata()?.permissions();
        let parent = real.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".plast-").tempfile_in(parent)?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(permissions)?;
        file.as_file().sync_all()?;
        file.persist(&real).map_err(|e| e.error)?;
        Ok(())
    };
    attempt().map_err(WriteError::io(path))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::report::fixture;
    use ndarray::{ArrayD, IxDyn};
    use ndarray_npy::NpzReader;

    fn write(target: &Path, force: bool) -> Result<Vec<PathBuf>, WriteError> {
        let folder = Folder::prepare(target, force)?;
        fixture::with_reading(true, |r| folder.finish(r, &[], &[])).map(|finished| finished.written)
    }

    fn read(path: PathBuf) -> Value {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn writes_everything_with_its_digest() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("deep/out");
        let paths = write(&target, false).unwrap();
        assert_eq!(paths.len(), 5);
        let manifest = read(target.join("manifest.json"));
        for name in &FILES[1..] {
            let bytes = fs::read(target.join(name)).unwrap();
            assert_eq!(manifest["files"][name]["sha256"], super::super::sha256(&bytes));
        }
        assert_eq!(manifest["cases"][1]["case"]["ending"], "silence");
        assert_eq!(manifest["cases"][0]["parameters"]["level"]["value"], 10.0);
        assert_eq!(manifest["cases"][0]["parameters"]["level"]["si"], 0.01);
        let only: Vec<_> = fs::read_dir(home.path().join("deep")).unwrap().collect();
        assert_eq!(only.len(), 1, "nothing temporary is left");
    }

    #[test]
    fn series_stand_beside_each_other() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("out");
        write(&target, false).unwrap();
        let text = fs::read_to_string(target.join("series.csv")).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let head = "t [s],rate[ongoing] [Hz],rate[ongoing].control [Hz],rate[silence] [Hz],rate[silence].control [Hz]";
        assert_eq!(lines[0], head);
        assert_eq!(lines[4], "3,3,1.5,6,3");
        assert_eq!(lines.len(), 52);
    }

    #[test]
    fn arrays_can_be_loaded() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("out");
        write(&target, false).unwrap();
        let mut npz = NpzReader::new(File::open(target.join("arrays.npz")).unwrap()).unwrap();
        let fields: ArrayD<f64> = npz.by_name("fields[silence]").unwrap();
        assert_eq!(fields.shape(), [2, 3]);
        assert_eq!(fields[IxDyn(&[1, 2])], 10.0);
        let trace: ArrayD<f64> = npz.by_name("trace[silence].control").unwrap();
        assert_eq!(trace.shape(), [51, 3]);
        assert_eq!(trace[IxDyn(&[50, 1])], -50.0);
        let times: ArrayD<f64> = npz.by_name("trace[silence].control.t").unwrap();
        assert_eq!(times[IxDyn(&[50])], 50.0);
        let right: ArrayD<bool> = npz.by_name("right[ongoing]").unwrap();
        assert!(right[IxDyn(&[0])] && !right[IxDyn(&[1])]);
    }

    #[test]
    fn the_same_results_are_the_same_bytes() {
        let home = tempfile::tempdir().unwrap();
        let (a, b) = (home.path().join("a"), home.path().join("b"));
        write(&a, false).unwrap();
        write(&b, false).unwrap();
        for name in FILES {
            assert_eq!(fs::read(a.join(name)).unwrap(), fs::read(b.join(name)).unwrap(), "{name}");
        }
    }

    #[test]
    fn a_folder_that_exists_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("out");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("mine.txt"), "mine").unwrap();
        fs::write(target.join("manifest.json"), "old").unwrap();
        assert!(matches!(write(&target, false), Err(WriteError::Exists(_))));
        assert_eq!(fs::read_to_string(target.join("manifest.json")).unwrap(), "old");
        write(&target, true).unwrap();
        assert_eq!(fs::read_to_string(target.join("mine.txt")).unwrap(), "mine");
        assert_eq!(read(target.join("manifest.json"))["plast"], crate::report::VERSION);
        assert!(matches!(write(&target.join("mine.txt"), true), Err(WriteError::NotAFolder(_))));
    }

    #[test]
    fn a_run_that_never_ends_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        drop(Folder::prepare(&home.path().join("out"), false).unwrap());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn one_file_is_replaced_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.lock");
        write_whole(&path, "one").unwrap();
        write_whole(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        assert!(matches!(write_whole(&home.path().join("no/such/a.lock"), "x"), Err(WriteError::Io { .. })));
    }
}
