use super::{home, plast, ran, run};
use std::fs;

const UNTIDY: &str = "clock   1 ms\nparam eta=1  // a\nparam lambda = 2 // b\n";
const TIDY: &str = "clock 1 ms\nparam eta    = 1    // a\nparam lambda = 2    // b\n";

#[test]
fn files_are_written_only_when_they_change() {
    let home = home();
    let path = home.path().join("a.plast");
    fs::write(&path, UNTIDY).unwrap();
    let first = run(home.path(), &["fmt", "a.plast"]);
    assert_eq!((first.code, first.out.as_str(), first.err.as_str()), (0, "", "formatted a.plast\n"));
    assert_eq!(fs::read_to_string(&path).unwrap(), TIDY);
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    let again = run(home.path(), &["fmt", "a.plast"]);
    assert_eq!((again.code, again.out.as_str(), again.err.as_str()), (0, "", ""));
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), written);
    let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "no temporary file is left");
}

#[test]
fn check_names_what_would_change_and_ends_with_3() {
    let home = home();
    fs::write(home.path().join("a.plast"), UNTIDY).unwrap();
    fs::write(home.path().join("b.plast"), TIDY).unwrap();
    let ran = run(home.path(), &["fmt", "--check", "a.plast", "b.plast"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, "a.plast\n"));
    assert_eq!(ran.err, "1 file is not in the style, 1 file already is\n");
    assert_eq!(fs::read_to_string(home.path().join("a.plast")).unwrap(), UNTIDY);
    let fine = run(home.path(), &["fmt", "--check", "b.plast"]);
    assert_eq!((fine.code, fine.out.as_str(), fine.err.as_str()), (0, "", "nothing to change in 1 file\n"));
}

#[test]
fn a_diff_shows_what_would_change() {
    let home = home();
    fs::write(home.path().join("a.plast"), UNTIDY).unwrap();
    let ran = run(home.path(), &["fmt", "--diff", "a.plast"]);
    assert_eq!(ran.code, 3);
    let expected = "--- a.plast\n+++ a.plast\n@@ -1,3 +1,3 @@\n-clock   1 ms\n-param eta=1  // a\n-param lambda = 2 // b\n\
                    +clock 1 ms\n+param eta    = 1    // a\n+param lambda = 2    // b\n";
    assert_eq!(ran.out, expected);
    assert_eq!(fs::read_to_string(home.path().join("a.plast")).unwrap(), UNTIDY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let home = home();
    for arguments in [&["fmt", "-"][..], &["fmt"]] {
        let done = ran(plast(home.path()).args(arguments).write_stdin(UNTIDY));
        assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, TIDY, ""));
    }
    let checked = ran(plast(home.path()).args(["fmt", "--check", "-"]).write_stdin(UNTIDY));
    assert_eq!((checked.code, checked.out.as_str()), (3, "<stdin>\n"));
    let wrong = ran(plast(home.path()).args(["fmt", "-"]).write_stdin("let a = (1\n"));
    assert_eq!((wrong.code, wrong.out.as_str()), (1, ""));
    assert!(wrong.err.contains("E0102"), "{}", wrong.err);
}

#[test]
fn a_file_with_errors_is_left_and_the_others_are_formatted() {
    let home = home();
    let wrong = "clock   1 ms\nlet a = (1\n";
    fs::create_dir_all(home.path().join("deep/.hidden")).unwrap();
    for (name, text) in [("deep/a.plast", wrong), ("deep/b.plast", UNTIDY), ("deep/.hidden/c.plast", UNTIDY)]
    {
        fs::write(home.path().join(name), text).unwrap();
    }
    let done = run(home.path(), &["fmt", "deep", "none.plast"]);
    assert_eq!(done.code, 1);
    let checked = run(home.path(), &["check", "deep/a.plast"]);
    assert!(done.err.contains(checked.err.trim()), "{}\n{}", done.err, checked.err);
    assert!(done.err.contains("E0703") && done.err.contains("formatted deep/b.plast"), "{}", done.err);
    let read = |name: &str| fs::read_to_string(home.path().join(name)).unwrap();
    assert_eq!((read("deep/a.plast").as_str(), read("deep/b.plast").as_str()), (wrong, TIDY));
    assert_eq!(read("deep/.hidden/c.plast"), UNTIDY);
    fs::create_dir(home.path().join("empty")).unwrap();
    let empty = run(home.path(), &["fmt", "empty"]);
    assert!(empty.code == 1 && empty.err.contains("no `.plast` file below `empty`"), "{}", empty.err);
}

#[test]
fn names_are_spelled_as_asked() {
    let home = home();
    let text = "param eta = 1\n";
    for (flag, text, expected) in
        [("--greek", text, "param η = 1\n"), ("--ascii", "param η = 1\n", "param eta = 1\n")]
    {
        let done = ran(plast(home.path()).args(["fmt", flag, "-"]).write_stdin(text));
        assert_eq!((done.code, done.out.as_str()), (0, expected));
    }
    assert_eq!(run(home.path(), &["fmt", "--greek", "--ascii", "-"]).code, 2);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = home();
    let path = home.path().join("a.plast");
    fs::write(&path, UNTIDY).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("a.plast", home.path().join("link.plast")).unwrap();
    assert_eq!(run(home.path(), &["fmt", "link.plast"]).code, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), TIDY);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(home.path().join("link.plast")).unwrap().is_symlink());
}
