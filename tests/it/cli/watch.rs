//! `plast run --watch`: the real command, a file that is edited, and what it prints.

use super::{SMALL, home, run};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long what must come may take on a machine that does other work.
const PATIENCE: Duration = Duration::from_secs(60);

/// A command that watches, with what it has printed so far.
struct Watching {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

fn gathered(mut from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let own = text.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        let mut bytes = Vec::new();
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..n]);
            *own.lock().unwrap() = String::from_utf8_lossy(&bytes).into_owned();
        }
    });
    text
}

impl Watching {
    fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plast"));
        command.current_dir(home).args(["run", "--watch"]).args(arguments);
        command.env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PLAST_")) {
            command.env_remove(name);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (gathered(child.stdout.take().unwrap()), gathered(child.stderr.take().unwrap()));
        Self { child, out, err }
    }

    fn said(&self) -> (String, String) {
        (self.out.lock().unwrap().clone(), self.err.lock().unwrap().clone())
    }

    /// Waits until it is as it should be.
    fn until(&self, what: &str, holds: impl Fn(&str, &str) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let (out, err) = self.said();
            if holds(&out, &err) {
                return;
            }
            assert!(Instant::now() < end, "never came: {what}\n--- out\n{out}\n--- err\n{err}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until it waits for the `n`-th time.
    fn waits(&self, n: usize) {
        self.until(&format!("wait {n}"), |_, err| err.matches("Ctrl-C ends").count() >= n);
    }

    /// Presses Ctrl-C and gives the exit code.
    fn ends(mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not end");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_edit_runs_it_again_and_says_what_changed() {
    let home = home();
    let file = home.path().join("small.plast");
    let watching = Watching::start(home.path(), &["small.plast"]);
    watching.waits(1);
    assert!(watching.said().0.contains("2 expectations hold"));
    fs::write(&file, SMALL.replace("level = 1 in", "level = 2 in")).unwrap();
    watching.waits(2);
    let (out, _) = watching.said();
    assert!(out.contains("since the run before\n"), "{out}");
    let (_, since) = out.split_once("since the run before\n").unwrap();
    for name in ["level[ongoing] ", "out[ongoing] "] {
        let line = since.lines().find(|l| l.trim_start().starts_with(name)).unwrap_or_default();
        assert!(line.ends_with("+100 %"), "{name}\n{out}");
    }
    // a new expectation fails
    fs::write(&file, format!("{SMALL}expect out[ongoing] > 100\n")).unwrap();
    watching.waits(3);
    assert!(watching.said().0.contains("1 of 3 expectations failed"));
    assert_eq!(watching.ends(), Some(0));
}

#[test]
fn what_does_not_check_leaves_the_last_results_below() {
    let home = home();
    let file = home.path().join("small.plast");
    let watching = Watching::start(home.path(), &["small.plast"]);
    watching.waits(1);
    fs::write(&file, SMALL.replace("output y = drive", "output y = drvie")).unwrap();
    watching.waits(2);
    let (out, err) = watching.said();
    assert!(err.contains("E0201"), "{err}");
    let (_, below) = out.split_once("the last version that ran:").unwrap();
    assert!(below.contains("2 expectations hold"), "{out}");
    fs::write(&file, SMALL).unwrap();
    watching.waits(3);
    let (out, _) = watching.said();
    assert!(out.ends_with("since the run before: the same to the last bit\n"), "{out}");
    assert_eq!(watching.ends(), Some(0));
}

#[test]
fn files_that_are_used_and_loaded_count_too() {
    let home = home();
    let text = SMALL.replace("seed 3", "seed 3\nuse \"slow.plast\"\nlet data = load(\"data.csv\")").replace(
        "{ fixed; connect all; w = uniform(0.5, 1.5) }",
        "{ rule slow; connect all; w = sum(data.weight) }",
    );
    let rule = |eta: &str| format!("rule slow {{ param eta = {eta}\n dw/dt = eta*x*y }}\n");
    fs::write(home.path().join("used.plast"), text).unwrap();
    fs::write(home.path().join("slow.plast"), rule("0.001 /s")).unwrap();
    let watching = Watching::start(home.path(), &["used.plast"]);
    // the data are missing at first
    watching.waits(1);
    assert!(watching.said().1.contains("data.csv"));
    fs::write(home.path().join("data.csv"), "weight\n0.5\n0.25\n").unwrap();
    watching.until("a run", |out, _| out.contains("2 expectations hold"));
    watching.waits(2);
    // saved as many editors do: another file takes its place
    fs::write(home.path().join(".slow.swp"), rule("0.01 /s")).unwrap();
    fs::rename(home.path().join(".slow.swp"), home.path().join("slow.plast")).unwrap();
    watching.until("the faster rule", |out, _| out.contains("since the run before\n"));
    watching.waits(3);
    fs::write(home.path().join("data.csv"), "weight\n0.5\n0.5\n").unwrap();
    watching.waits(4);
    assert_eq!(watching.said().0.matches("since the run before\n").count(), 2);
    assert_eq!(watching.ends(), Some(0));
}

#[test]
fn an_edit_stops_a_run_that_still_goes_on() {
    let home = home();
    let file = home.path().join("long.plast");
    let long = SMALL.replace("for 10 s", "for 1e12 s").replace("every 1 s", "every 1e11 s");
    fs::write(&file, long).unwrap();
    let watching = Watching::start(home.path(), &["long.plast", "--verbose"]);
    // long enough to be in the run, most of the time; where it is not, the edit comes first and the test still holds
    std::thread::sleep(Duration::from_millis(300));
    fs::write(&file, SMALL).unwrap();
    watching.waits(1);
    let (out, _) = watching.said();
    assert!(out.contains("2 expectations hold") && !out.contains("interrupted"), "{out}");
    fs::write(&file, SMALL.replace("for 10 s", "for 1e12 s").replace("every 1 s", "every 1e11 s")).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(watching.ends(), Some(0));
}

#[test]
fn a_folder_of_results_is_written_again() {
    let home = home();
    let file = home.path().join("small.plast");
    let watching = Watching::start(home.path(), &["small.plast", "--out", "results"]);
    watching.waits(1);
    let series = || fs::read_to_string(home.path().join("results/series.csv")).unwrap();
    let before = series();
    fs::write(&file, SMALL.replace("level = 1 in", "level = 2 in")).unwrap();
    watching.waits(2);
    assert_ne!(series(), before);
    assert_eq!(watching.ends(), Some(0));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let home = home();
    let ran = run(home.path(), &["run", "--watch", "-"]);
    assert!(
        ran.code == 2 && ran.err.contains("E0913") && ran.err.contains("save the experiment"),
        "{}",
        ran.err
    );
    let ran = run(home.path(), &["run", "--watch", "small.plast", "--format", "json"]);
    assert!(
        ran.code == 2 && ran.err.contains("E0913") && ran.err.contains("without `--watch`"),
        "{}",
        ran.err
    );
}
