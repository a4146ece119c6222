use super::exit::Exit;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The flag that Ctrl-C (or a request to terminate) sets. A second Ctrl-C ends the process at once.
pub(super) fn flag() -> Arc<AtomicBool> {
    let install = || {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = flag.clone();
        // without a handler Ctrl-C ends the process, which is the best that is left
        let _ = ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(Exit::Interrupted.number()));
            }
        });
        flag
    };
    STOP.get_or_init(install).clone()
}

/// Whether Ctrl-C was pressed.
pub(super) fn stopped() -> bool {
    STOP.get().is_some_and(|flag| flag.load(Ordering::SeqCst))
}
