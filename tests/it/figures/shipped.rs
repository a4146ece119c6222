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

fn glob(folder: &str) -> Vec<String> {
    let mut all: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path().to_string_lossy().into_owned())
        .filter(|p| p.ends_with(".plast") || p.ends_with(".csv"))
        .collect();
    all.sort();
    all
}
