//! `plast report`: where the page goes, what it holds, how the command ends.

use super::{SMALL, home, plast, ran, run};
use std::fs;
use std::path::Path;

#[test]
fn a_page_is_written_to_the_working_folder() {
    let home = home();
    fs::create_dir(home.path().join("files")).unwrap();
    fs::rename(home.path().join("small.plast"), home.path().join("files/small.plast")).unwrap();
    let first = run(home.path(), &["report", "files/small.plast"]);
    assert_eq!((first.code, first.out.as_str()), (0, "2 expectations hold\n"), "{}", first.err);
    assert_eq!(first.err, "wrote small.html\n");
    let page = fs::read_to_string(home.path().join("small.html")).unwrap();
    // a report replaces a report, with the same bytes whatever computes it
    let again = run(home.path(), &["report", "files/small.plast", "--threads", "1", "--backend", "vm"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(fs::read_to_string(home.path().join("small.html")).unwrap() == page, "other bytes");
    // to standard output, and beside a summary, it is the same page
    assert!(run(home.path(), &["report", "files/small.plast", "-o", "-"]).out == page);
    let both = run(home.path(), &["run", "files/small.plast", "--report", "other.html"]);
    assert_eq!(both.code, 0, "{}", both.err);
    assert!(both.out.contains("2 expectations hold"));
    assert!(fs::read_to_string(home.path().join("other.html")).unwrap() == page);
}

#[test]
fn nothing_but_a_report_is_replaced() {
    let home = home();
    fs::write(home.path().join("small.html"), "<p>mine</p>").unwrap();
    for arguments in [&["report", "small.plast"][..], &["run", "small.plast", "--report", "small.html"]] {
        let refused = run(home.path(), arguments);
        assert_eq!(refused.code, 1);
        assert!(refused.err.contains("E0910") && refused.err.contains("`small.html` already exists"));
        assert!(!refused.out.contains("hold"), "found out before anything runs");
    }
    assert_eq!(fs::read_to_string(home.path().join("small.html")).unwrap(), "<p>mine</p>");
    let folder = run(home.path(), &["report", "small.plast", "-o", "."]);
    assert_eq!(folder.code, 1);
    assert!(folder.err.contains("is a folder"), "{}", folder.err);
    let nowhere = run(home.path(), &["report", "small.plast", "-o", "none/page.html"]);
    assert_eq!(nowhere.code, 1);
    assert!(nowhere.err.contains("E0904"), "{}", nowhere.err);
}

#[test]
fn a_failed_expectation_is_told_and_ends_with_3() {
    let home = home();
    fs::write(home.path().join("small.plast"), SMALL.replace("> 1", "> 100")).unwrap();
    let failed = run(home.path(), &["report", "small.plast"]);
    assert_eq!(failed.code, 3);
    assert!(
        failed.out.contains("out[ongoing] > 100") && failed.out.ends_with("1 of 2 expectations failed\n")
    );
    let page = fs::read_to_string(home.path().join("small.html")).unwrap();
    assert!(page.contains("✗") && page.contains("href=\"#expect-2\""));
}

#[test]
fn the_page_says_how_it_was_made() {
    let home = home();
    let made = |arguments: &[&str]| {
        let all: Vec<&str> = ["report", "small.plast", "-o", "-"].iter().chain(arguments).copied().collect();
        run(home.path(), &all).out
    };
    let changed = made(&["--set", "level=2", "--seed", "8", "--case", "ongoing", "--until", "1000 ms"]);
    let command = "plast run small.plast --set level=2 --seed 8 --case ongoing --until &#39;1 s&#39;";
    let plain = changed.replace('\'', "&#39;");
    assert!(plain.contains(command), "{changed}");
    assert!(!made(&[]).contains("small.lock"));
    assert_eq!(run(home.path(), &["lock", "small.plast"]).code, 0);
    assert!(made(&[]).contains("The lock small.lock was compared with this run: the same to the last bit."));
    assert!(made(&["--seed", "8"]).contains("was not compared with it"));
    let lock = home.path().join("small.lock");
    let other = fs::read_to_string(&lock).unwrap().replace("\"sha256\": \"", "\"sha256\": \"0");
    fs::write(&lock, other).unwrap();
    assert!(made(&[]).contains("which differs from it"));
    fs::write(&lock, "no lock").unwrap();
    assert!(made(&[]).contains("which cannot be read"));
}

#[test]
fn shipped_experiments_have_reports_of_a_size_to_send() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = ran(plast(root).args(["report", "protocols/orientation.plast", "-o", "-"])).out;
    assert!(page.len() > 20_000 && page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("<math") && page.contains("class=\"timeline\""));
}
