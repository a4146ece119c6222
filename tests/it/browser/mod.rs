//! The report in a real browser: opened from a file, clicked, typed at, on a phone, in the dark, on paper.

mod chromium;

use crate::cli::plast;
use chromium::Browser;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Cases, a control, an expectation that fails, a rule from the library, a warning, phases of very different length.
const EXPERIMENT: &str = "\
//! A page with something of everything.

use rules.bcm

clock 100 ms
seed  7

param eta = 1e-2 /s       // how fast it learns
param level = 1 in [0, 2]
param idle = 3

cases ending { ongoing {}  silence { level = 0 } }

stimulus stripes[i: 10] = (1 + sin(2*pi*i/5))/2
population input[i: 10]
population cortex[cell: 4] { output y = relu(drive) }
synapses ff: input -> cortex {
    rule bcm(eta = eta, lambda = 1e-4 /s, tau = 10 s)
    w = uniform(0.5, 1.5) * 0.1
    bounds w in [0, 1]
}

protocol {
    phase settle   { present stripes on input for 200 s; probe before = mean(cortex.y) }
    phase stronger { present 2*stripes on input for 1 s; probe after = mean(cortex.y) }
    phase later frozen {
        repeat 3 { present level*stripes on input for 10 s }
        probe late = cortex.y
    }
    control without stronger
}

record rate = mean(cortex.y) every 1 s

expect before > 0.5             \"it responds\"
expect after < 0                \"it never does\"
expect mean(late) >= 0          \"rates are rates\"

plot rate vs t with control
image ff.w as [cell, i]
";

/// The browser; none, with the reason told, where this machine has none and nobody insists.
fn browser() -> Option<Browser> {
    match chromium::find() {
        Some(program) => Some(Browser::start(&program)),
        None if std::env::var_os("CI").is_some() => panic!("no chromium: apt-get install chromium"),
        None => {
            eprintln!("skipped: no chromium on the path; PLAST_CHROMIUM can name one");
            None
        }
    }
}

fn report(home: &Path) -> String {
    fs::write(home.join("page.plast"), EXPERIMENT).unwrap();
    let output = plast(home).args(["report", "page.plast"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    format!("file://{}", home.join("page.html").display())
}

fn no_faults(browser: &Browser) {
    let faults = browser.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_report_works_in_a_browser() {
    let Some(mut browser) = browser() else { return };
    let home = TempDir::new().unwrap();
    let url = report(home.path());
    let b = &mut browser;
    b.open(&url);
    no_faults(b);
    folds(b);
    themes(b);
    looks_closer(b);
    filters(b);
    copies(b);
    leads_to_lines_and_back(b);
    goes_by_keyboard(b, &url);
    fits_a_phone(b, &url);
    prints(b);
    no_faults(b);
    reads_without_scripts(b, &url);
    no_faults(b);
}

/// By the mouse and by the keyboard, and back.
fn folds(b: &mut Browser) {
    let open = "document.querySelector('#parameters .content').checkVisibility()";
    assert!(b.truth(open));
    b.click("#parameters h2 > button");
    assert!(!b.truth(open));
    assert_eq!(
        b.text("document.querySelector('#parameters h2 > button').getAttribute('aria-expanded')"),
        "false"
    );
    b.key("Enter");
    assert!(b.truth(open), "the keyboard unfolds what the mouse has folded");
    let about = "document.querySelector('#model details').open";
    assert!(!b.truth(about));
    b.click("#model details > summary");
    assert!(b.truth(about));
}

fn ground(b: &mut Browser) -> String {
    b.text("getComputedStyle(document.body).backgroundColor")
}

/// The system's wish counts until the button says otherwise.
fn themes(b: &mut Browser) {
    let light = ground(b);
    assert_eq!(light, "rgb(255, 255, 255)");
    b.media("", &[("prefers-color-scheme", "dark")]);
    let dark = ground(b);
    assert_ne!(dark, light);
    b.click("#theme");
    assert_eq!(ground(b), light, "light is asked for");
    b.click("#theme");
    b.media("", &[("prefers-color-scheme", "light")]);
    assert_eq!(ground(b), dark, "dark is asked for");
    b.click("#theme");
    assert_eq!(ground(b), light, "as the system says again");
}

fn filters(b: &mut Browser) {
    let seen = "[...document.querySelectorAll('.expectation')].filter(e => e.checkVisibility()).map(e => e.id).join()";
    assert_eq!(b.text(seen), "expect-1,expect-2,expect-3");
    b.click("#only-failing");
    assert_eq!(b.text(seen), "expect-2");
    b.click("#only-failing");
    assert_eq!(b.text(seen), "expect-1,expect-2,expect-3");
    // a verdict is a word and a sign, not only a colour
    assert_eq!(b.text("document.querySelector('#expect-2 .verdict').textContent"), "✗ fails");
}

fn copies(b: &mut Browser) {
    let grant = serde_json::json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    b.call("Browser.grantPermissions", grant);
    b.click("button[data-copy]");
    b.js("new Promise(r => setTimeout(r, 100))");
    assert_eq!(b.text("document.querySelector('.copied').textContent"), "Copied");
    assert_eq!(b.text("navigator.clipboard.readText()"), "plast run page.plast");
}

fn leads_to_lines_and_back(b: &mut Browser) {
    b.click("#expect-2 .where a");
    let line = b.text("document.querySelector(':target').textContent");
    assert!(line.contains("expect after < 0"), "{line}");
    b.click(":target .mark");
    assert_eq!(b.text("document.querySelector(':target').id"), "expect-2");
    // a link into a folded section unfolds it
    b.click("#source h2 > button");
    assert!(!b.truth("document.querySelector('#source .content').checkVisibility()"));
    b.click("#expect-1 .where a");
    assert!(b.truth("document.querySelector('#source .content').checkVisibility()"));
}

/// The first stop leaps over the head; every stop can be seen.
fn goes_by_keyboard(b: &mut Browser, url: &str) {
    b.open(url);
    b.key("Tab");
    assert_eq!(b.text("document.activeElement.className"), "skip");
    let top = b.number("document.activeElement.getBoundingClientRect().top");
    assert!(top >= 0.0, "the link comes into sight");
    b.key("Tab");
    assert_eq!(b.text("document.activeElement.id"), "theme");
    assert_ne!(b.text("getComputedStyle(document.activeElement).outlineStyle"), "none");
    b.key("Tab");
    assert_eq!(b.text("document.activeElement.getAttribute('href')"), "#expectations");
    b.open(url);
    b.key("Tab");
    b.key("Enter");
    assert_eq!(b.text("document.activeElement.id"), "main");
    // each shape of the timeline is a stop that says what it is
    let shapes = "[...document.querySelectorAll('svg.timeline a, svg.timeline [tabindex]')]";
    assert!(b.number(&format!("{shapes}.length")) >= 8.0);
    assert!(b.truth(&format!(
        "{shapes}.every(e => e.querySelector('[aria-label]') || e.hasAttribute('aria-label'))"
    )));
}

/// Nothing is wider than the window; what is wide scrolls in a box of its own.
fn fits_a_phone(b: &mut Browser, url: &str) {
    b.size(360, 740);
    b.open(url);
    b.js("document.querySelectorAll('details').forEach(d => { d.open = true; })");
    b.settle();
    assert_eq!(b.number("document.documentElement.scrollWidth"), 360.0, "the page scrolls sideways");
    let timeline = "document.querySelector('.timeline-box')";
    assert!(b.truth(&format!("{timeline}.scrollWidth > {timeline}.clientWidth")));
    assert_eq!(b.number(&format!("{timeline}.tabIndex")), 0.0, "the keyboard reaches what scrolls");
    b.size(1200, 900);
}

/// On paper everything is unfolded, and nothing can be clicked.
fn prints(b: &mut Browser) {
    b.click("#probes h2 > button");
    b.media("print", &[]);
    assert!(b.truth("document.querySelector('#probes .content').checkVisibility()"));
    assert!(!b.truth("document.querySelector('#theme').checkVisibility()"));
    assert!(!b.truth("document.querySelector('nav').checkVisibility()"));
    b.media("", &[]);
    let pdf = b.pdf();
    assert!(pdf.starts_with("JVBERi0") && pdf.len() > 20_000, "{} characters", pdf.len());
}

fn reads_without_scripts(b: &mut Browser, url: &str) {
    b.allow_scripts(false);
    b.open(url);
    assert!(
        !b.truth("document.querySelector('#theme').checkVisibility()"),
        "a button that does nothing is not shown"
    );
    assert!(b.truth("[...document.querySelectorAll('main .content')].every(c => c.checkVisibility())"));
    b.allow_scripts(true);
}

/// The part of the horizontal axis that a figure shows.
fn view(b: &mut Browser) -> (f64, f64) {
    let text = b.text("document.querySelector('#figure-1 .plot').getAttribute('data-view') || '0 1'");
    let (from, to) = text.split_once(' ').unwrap();
    (from.parse().unwrap(), to.parse().unwrap())
}

/// Pointing reads off, dragging and keys and buttons and the wheel zoom, names switch curves.
fn looks_closer(b: &mut Browser) {
    let readout = "document.querySelector('#figure-1 .readout').textContent";
    let at = b.middle("#figure-1 .plast-panel .plast-curves");
    b.mouse("mouseMoved", at, serde_json::json!({}));
    let said = b.text(readout);
    assert!(said.starts_with("ongoing: t ") && said.contains(" s (settle) · rate 1."), "{said}");
    // one sample on
    b.js("document.querySelector('#figure-1 .plot').focus()");
    b.key("ArrowRight");
    assert_ne!(b.text(readout), said);
    let ticks = "document.querySelector('#figure-1 .plast-x').textContent";
    let drawn = b.text(ticks);
    b.key("+");
    let (from, to) = view(b);
    assert!((to - from - 0.5).abs() < 1e-6, "{from} to {to}");
    assert_ne!(b.text(ticks), drawn, "the axis shows what is seen");
    b.key("0");
    assert_eq!(view(b), (0.0, 1.0));
    assert_eq!(b.text(ticks), drawn);
    b.click("#figure-1 .zoom-in");
    assert!(view(b).1 - view(b).0 < 0.51);
    b.click("#figure-1 .zoom-reset");
    assert_eq!(view(b), (0.0, 1.0));
    assert!(b.truth("document.querySelector('#figure-1 .zoom-reset').disabled"));
    // a stretch chosen with the mouse
    let (x, y) = b.middle("#figure-1 .plast-panel .plast-curves");
    let left = serde_json::json!({ "button": "left", "buttons": 1, "clickCount": 1 });
    b.mouse("mousePressed", (x, y), left.clone());
    b.mouse("mouseMoved", (x + 50.0, y), serde_json::json!({ "buttons": 1 }));
    b.mouse("mouseReleased", (x + 50.0, y), left);
    b.settle();
    let (from, to) = view(b);
    assert!(from > 0.3 && to < 0.8 && to - from > 0.05, "{from} to {to}");
    // the wheel moves the page unless the figure was chosen
    b.js("document.querySelector('#figure-1 .plot').focus()");
    b.mouse("mouseWheel", (x, y), serde_json::json!({ "deltaX": 0, "deltaY": 120 }));
    b.settle();
    assert!(view(b).1 - view(b).0 > to - from);
    b.js("document.activeElement.blur()");
    let before = view(b);
    b.mouse("mouseWheel", (x, y), serde_json::json!({ "deltaX": 0, "deltaY": 120 }));
    b.settle();
    assert_eq!(view(b), before);
    // a curve goes and comes back
    let first = "[...document.querySelectorAll('#figure-1 g[data-curve]')].filter(g => g.style.display === 'none').length";
    b.click("#figure-1 .curve-key");
    assert!(b.number(first) >= 1.0);
    assert_eq!(
        b.text("document.querySelector('#figure-1 .curve-key').getAttribute('aria-pressed')"),
        "false"
    );
    b.click("#figure-1 .curve-key");
    assert_eq!(b.number(first), 0.0);
    // a picture is read cell by cell
    let at = b.middle("#figure-2 .plast-panel");
    b.mouse("mouseMoved", at, serde_json::json!({}));
    let said = b.text("document.querySelector('#figure-2 .readout').textContent");
    assert!(said.contains("cell ") && said.contains("i "), "{said}");
}
