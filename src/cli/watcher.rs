//! Notices that one of some files was saved.

use super::interrupt;
use crate::report::writers::sha256;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// How long it is quiet before what an editor does counts as done.
const QUIET: Duration = Duration::from_millis(60);
/// How often that is waited for.
const MOST_QUIET: usize = 8;
/// How often files are looked at where the system tells of changes; some file systems do not.
const LOOK: Duration = Duration::from_secs(1);
/// How often where it never does.
const LOOK_ALONE: Duration = Duration::from_millis(300);
/// How often Ctrl-C is looked for.
const BREATH: Duration = Duration::from_millis(50);

/// Watches files, and stops a run when one of them changes.
///
/// Folders are watched, not files: editors that save by renaming put another file in the place of the old one. What
/// counts is what is in a file: one that is saved as it was is not changed.
pub(super) struct Watcher {
    shared: Arc<Shared>,
    system: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
}

struct Shared {
    state: Mutex<State>,
    woken: Condvar,
}

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, Known>,
    changed: bool,
    stop: Arc<AtomicBool>,
}

/// What is known of a file.
struct Known {
    /// The digest of what is in it; none if it cannot be read.
    digest: Option<String>,
    /// When it was changed and how long it is, as last looked at.
    stamp: Option<(SystemTime, u64)>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks whether a file changed; at what is in it only where `closely` or where its time says so.
    fn look(&self, closely: bool) {
        let mut state = self.state();
        let mut changed = false;
        for (path, known) in &mut state.files {
            let stamp = stamp(path);
            if !closely && stamp.is_some() && stamp == known.stamp {
                continue;
            }
            known.stamp = stamp;
            let digest = digest(path);
            changed |= digest != known.digest;
        }
        if changed {
            state.changed = true;
            state.files.clear();
            state.stop.store(true, Ordering::SeqCst);
            self.woken.notify_all();
        }
    }
}

/// The digest of what is in a file now; none if it cannot be read.
pub(super) fn digest(path: &Path) -> Option<String> {
    std::fs::read(path).ok().map(|bytes| sha256(&bytes))
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

impl Watcher {
    /// Starts to watch; nothing yet.
    pub fn start() -> std::io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), woken: Condvar::new() });
        let (tell, told) = channel();
        let tell = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|e| !e.kind.is_access()) {
                let _ = tell.send(());
            }
        };
        let system = notify::recommended_watcher(tell).ok();
        let every = if system.is_some() { LOOK } else { LOOK_ALONE };
        let own = shared.clone();
        std::thread::Builder::new().name("watch".to_string()).spawn(move || look_on(&own, &told, every))?;
        Ok(Self { shared, system, folders: BTreeSet::new() })
    }

    /// A run begins: the flag that stops it, at a change or at Ctrl-C.
    pub fn begin(&self) -> Arc<AtomicBool> {
        let mut state = self.shared.state();
        // what was read before is no longer what counts
        state.files.clear();
        state.changed = false;
        state.stop = Arc::new(AtomicBool::new(interrupt::stopped()));
        interrupt::also(state.stop.clone());
        state.stop.clone()
    }

    /// From now on a change of these files counts: each with the digest of what was read of it.
    pub fn follow(&mut self, files: Vec<(PathBuf, Option<String>)>) {
        for folder in files.iter().map(|(path, _)| super::files::folder_of(path)) {
            if let Some(system) = &mut self.system
                && !self.folders.contains(&folder)
                // a folder that cannot be watched is looked at now and then, as all are
                && system.watch(&folder, RecursiveMode::NonRecursive).is_ok()
            {
                self.folders.insert(folder);
            }
        }
        let known = files.into_iter().map(|(path, digest)| (path, Known { digest, stamp: None }));
        self.shared.state().files = known.collect();
        // what was saved between reading and now
        self.shared.look(true);
    }

    /// Waits for a change; false at Ctrl-C.
    pub fn wait(&self) -> bool {
        let mut state = self.shared.state();
        while !state.changed {
            if interrupt::stopped() {
                return false;
            }
            let woken = self.shared.woken.wait_timeout(state, BREATH);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        !interrupt::stopped()
    }
}

/// Looks at the files when the system tells of something, once it is quiet, and now and then.
fn look_on(shared: &Shared, told: &Receiver<()>, every: Duration) {
    let mut alone = false;
    loop {
        if alone {
            std::thread::sleep(LOOK_ALONE);
            shared.look(false);
            continue;
        }
        match told.recv_timeout(every) {
            Ok(()) => {
                // a burst counts once; one that does not end must not hide what it is about
                let mut left = MOST_QUIET;
                while left > 0 && told.recv_timeout(QUIET).is_ok() {
                    std::thread::sleep(QUIET);
                    told.try_iter().for_each(drop);
                    left -= 1;
                }
                shared.look(true);
            }
            Err(RecvTimeoutError::Timeout) => shared.look(false),
            Err(RecvTimeoutError::Disconnected) => alone = true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A watcher of a file that holds `one`.
    fn watching(path: &Path) -> (Watcher, Arc<AtomicBool>) {
        std::fs::write(path, "one").unwrap();
        let mut watcher = Watcher::start().unwrap();
        let stop = watcher.begin();
        watcher.follow(vec![(path.to_path_buf(), digest(path))]);
        (watcher, stop)
    }

    #[test]
    fn a_file_that_is_written_or_renamed_over_is_changed() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.plast");
        let (mut watcher, stop) = watching(&path);
        std::fs::write(&path, "two").unwrap();
        assert!(watcher.wait() && stop.load(Ordering::SeqCst));
        let stop = watcher.begin();
        watcher.follow(vec![(path.clone(), digest(&path))]);
        std::fs::write(home.path().join("a.tmp"), "three").unwrap();
        std::fs::rename(home.path().join("a.tmp"), &path).unwrap();
        assert!(watcher.wait() && stop.load(Ordering::SeqCst));
    }

    #[test]
    fn a_file_that_appears_is_changed() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.plast");
        let (mut watcher, _) = watching(&path);
        let missing = home.path().join("data.csv");
        watcher.begin();
        watcher.follow(vec![(path, Some(sha256(b"one"))), (missing.clone(), None)]);
        std::fs::write(&missing, "x").unwrap();
        assert!(watcher.wait());
    }

    #[test]
    fn what_was_saved_between_reading_and_watching_counts() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.plast");
        std::fs::write(&path, "two").unwrap();
        let mut watcher = Watcher::start().unwrap();
        watcher.begin();
        watcher.follow(vec![(path, Some(sha256(b"one")))]);
        assert!(watcher.wait());
    }

    #[test]
    fn without_the_system_files_are_looked_at() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.plast");
        let (mut watcher, _) = watching(&path);
        watcher.system = None;
        std::fs::write(&path, "longer").unwrap();
        assert!(watcher.wait());
    }
}
