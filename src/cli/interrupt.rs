use super::exit::Exit;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Whether any time has passed in a run, so that there may be results to keep.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// Another flag that Ctrl-C sets: of a run that something else may stop too.
static ALSO: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);

/// How long a run that has not begun may take to notice.
const PATIENCE: Duration = Duration::from_millis(80);

/// The flag that Ctrl-C (or a request to terminate) sets. A second Ctrl-C ends the process at once, and so does the
/// first where nothing has been computed yet: nothing is on the disk then.
pub(super) fn flag() -> Arc<AtomicBool> {
    let install = || {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = flag.clone();
        // without a handler Ctrl-C ends the process, which is the best that is left
        let _ = ctrlc::set_handler(move || {
            let again = seen.swap(true, Ordering::SeqCst);
            if let Some(also) = &*ALSO.lock().unwrap_or_else(PoisonError::into_inner) {
                also.store(true, Ordering::SeqCst);
            }
            if !again && !BEGUN.load(Ordering::SeqCst) {
                std::thread::sleep(PATIENCE);
            }
            if again || !BEGUN.load(Ordering::SeqCst) {
                std::process::exit(i32::from(Exit::Interrupted.number()));
            }
        });
        flag
    };
    STOP.get_or_init(install).clone()
}

/// Ctrl-C sets this flag too, in place of one named before.
pub(super) fn also(also: Arc<AtomicBool>) {
    *ALSO.lock().unwrap_or_else(PoisonError::into_inner) = Some(also);
}

/// How often Ctrl-C was pressed since the last input of a session.
static PRESSED: AtomicU32 = AtomicU32::new(0);
/// A session that does not even hear the first is ended by so many.
const ENOUGH: u32 = 3;

/// The flag that Ctrl-C sets in a session: what is going on ends, the session goes on.
pub(super) fn in_session() -> Arc<AtomicBool> {
    let install = || {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = flag.clone();
        let _ = ctrlc::set_handler(move || {
            seen.store(true, Ordering::SeqCst);
            if PRESSED.fetch_add(1, Ordering::SeqCst) + 1 >= ENOUGH {
                std::process::exit(i32::from(Exit::Interrupted.number()));
            }
        });
        flag
    };
    STOP.get_or_init(install).clone()
}

/// What was pressed before concerns the next input no more.
pub(super) fn forget() {
    PRESSED.store(0, Ordering::SeqCst);
    if let Some(flag) = STOP.get() {
        flag.store(false, Ordering::SeqCst);
    }
}

/// From now on there may be results to keep.
pub(super) fn begun() {
    BEGUN.store(true, Ordering::SeqCst);
}

/// Whether Ctrl-C was pressed.
pub(super) fn stopped() -> bool {
    STOP.get().is_some_and(|flag| flag.load(Ordering::SeqCst))
}
