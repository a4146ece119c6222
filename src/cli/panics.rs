use crate::report::VERSION;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::sync::Mutex;

static STAGE: Mutex<&str> = Mutex::new("reading the arguments");

/// Notes what is being done, for the message should it turn out to be a fault of plast.
pub(super) fn stage(name: &'static str) {
    if let Ok(mut stage) = STAGE.lock() {
        *stage = name;
    }
}

/// From here on a panic is told as what it is: a fault of plast, with what is needed to report it.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let _ = std::io::stderr().lock().write_all(message(info).as_bytes());
    }));
}

fn message(info: &PanicHookInfo) -> String {
    let what = info
        .payload()
        .downcast_ref::<&str>()
        .map(|s| s.to_string())
        .or_else(|| info.payload().downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_string());
    let place = info.location().map_or(String::new(), |l| format!(" ({}:{})", l.file(), l.line()));
    let stage = STAGE.lock().map_or("", |s| *s);
    format!(
        "error[E0001]: internal error (this is a bug in plast)\n  \
         while {stage}: {what}{place}\n  \
         plast {VERSION} on {}-{}\n  \
         to report it, add the experiment and the output of `plast debug ir FILE`\n",
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}
