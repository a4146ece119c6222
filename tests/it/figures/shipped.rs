use super::ran;
use plast::report::figures::{Terminal, figures};
use std::fs;

/// Every figure of the shipped experiments is drawn, in all three ways, with a file name of its own.
#[test]
fn every_shipped_figure_is_drawn() {
    let mut count = 0;
    for path in glob("protocols") {
        let text = fs::read_to_string(&path).unwrap();
        if !text.lines().any(|l| l.starts_with("plot") || l.starts_with("image")) {
            continue;
        }
        let mut files = crate::harness::Files::default();
        for data in glob("protocols/data") {
            files.insert(&format!("data/{}", data.rsplit('/').next().unwrap()), fs::read(&data).unwrap());
        }
        let (checked, finished) = ran(&text, &files);
        let mut stems = Vec::new();
        for figure in figures(&finished.reading(&checked)) {
            let figure = figure.unwrap_or_else(|u| panic!("{path}: {u:?}"));
            assert!(figure.svg().len() < 400_000, "{path}: {}", figure.svg().len());
            assert!(figure.png().unwrap().len() > 1000);
            assert!(figure.terminal(&Terminal { width: 80, unicode: false, color: false }).is_ascii());
            assert!(!stems.contains(&figure.stem));
            stems.push(figure.stem);
            count += 1;
        }
    }
    assert!(count >= 22, "{count}");
}

/// The pictures of the README are what the command draws, to the last byte.
#[test]
fn pictures_of_the_readme_are_drawn_by_the_command_it_names() {
    let readme = fs::read_to_string("README.md").unwrap();
    for (name, stem) in [
        ("one_second", "1-response-before-vs-t"),
        ("phi", "1-phi-vs-rate"),
        ("orientation", "1-fields-taught"),
    ] {
        let path = format!("protocols/figures/{name}.svg");
        assert!(readme.contains(&format!("]({path})")));
        let (checked, finished) = ran(
            &fs::read_to_string(format!("protocols/{name}.plast")).unwrap(),
            &crate::harness::Files::default(),
        );
        let all: Vec<_> = figures(&finished.reading(&checked)).into_iter().flatten().collect();
        let figure = all.iter().find(|f| f.stem == stem).unwrap_or_else(|| panic!("{name}: no {stem}"));
        if std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always") {
            fs::write(&path, figure.svg()).unwrap();
        }
        assert!(
            figure.svg() == fs::read_to_string(&path).unwrap(),
            "{path} is stale: run the tests with INSTA_UPDATE=always"
        );
    }
}

fn glob(folder: &str) -> Vec<String> {
    let mut all: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path().to_string_lossy().into_owned())
        .filter(|p| p.ends_with(".plast") || p.ends_with(".csv"))
        .collect();
    all.sort();
    all
}
