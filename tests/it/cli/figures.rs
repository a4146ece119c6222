use super::{SMALL, home, run};
use std::fs;
use std::path::Path;

/// The small experiment with a plot of a record, one of what only it follows, and an image.
fn with_figures(folder: &Path) {
    let more = "plot rate vs t\nplot mean(target.y) vs t\nimage weights as [i]\n";
    fs::write(folder.join("plots.plast"), SMALL.to_string() + more).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn figures_are_pointed_to_where_they_are_not_drawn() {
    let home = home();
    with_figures(home.path());
    let ran = run(home.path(), &["run", "plots.plast"]);
    let hint = "3 figures: `--show` draws here, `--out DIR` writes SVG and PNG";
    assert_eq!(ran.err.lines().filter(|l| *l == hint).count(), 1, "{}", ran.err);
    assert_eq!(
        run(home.path(), &["run", "small.plast"]).err.lines().filter(|l| l.contains("figure")).count(),
        0
    );
    assert_eq!(run(home.path(), &["run", "plots.plast", "--quiet"]).err, "");
}

#[test]
fn figures_are_shown_below_the_summary() {
    let home = home();
    with_figures(home.path());
    let plain = run(home.path(), &["run", "plots.plast"]).out;
    let shown = run(home.path(), &["run", "plots.plast", "--show"]).out;
    let drawn = shown.strip_prefix(&plain).unwrap_or_else(|| panic!("{shown}"));
    for title in ["\nrate vs t\n", "\nmean(target.y) vs t\n", "\nweights\n"] {
        assert!(drawn.contains(title), "{drawn}");
    }
}

#[test]
fn figures_are_written_with_their_digests_and_stale_ones_go() {
    let home = home();
    with_figures(home.path());
    assert_eq!(run(home.path(), &["run", "plots.plast", "--out", "out"]).code, 0);
    let figures = home.path().join("out/figures");
    let all = ["1-rate-vs-t", "2-mean-target-y-vs-t", "3-weights"];
    let files: Vec<String> = all.iter().flat_map(|n| [format!("{n}.png"), format!("{n}.svg")]).collect();
    assert_eq!(names(&figures), files);
    let manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(home.path().join("out/manifest.json")).unwrap()).unwrap();
    for name in &files {
        let bytes = fs::read(figures.join(name)).unwrap();
        let digest = plast::report::writers::sha256(&bytes);
        assert_eq!(manifest["files"][format!("figures/{name}")]["sha256"], digest.as_str(), "{name}");
    }
    // another file's figures take their place, and what a user put beside them stays
    fs::write(figures.join("mine.svg"), "mine").unwrap();
    let text = SMALL.to_string() + "plot rate vs t split by ending\n";
    fs::write(home.path().join("plots.plast"), text).unwrap();
    assert_eq!(run(home.path(), &["run", "plots.plast", "--out", "out", "--force"]).code, 0);
    assert_eq!(names(&figures), ["1-rate-vs-t.png", "1-rate-vs-t.svg", "mine.svg"]);
}

#[test]
fn what_cannot_be_drawn_is_said_and_the_rest_is_drawn() {
    let home = home();
    let text = SMALL.to_string() + "plot out[ongoing]\nplot rate vs t\n";
    fs::write(home.path().join("plots.plast"), text).unwrap();
    let ran = run(home.path(), &["run", "plots.plast", "--out", "out"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("`out[ongoing]` is not drawn: this is a single number"), "{}", ran.err);
    assert_eq!(names(&home.path().join("out/figures")), ["2-rate-vs-t.png", "2-rate-vs-t.svg"]);
}
