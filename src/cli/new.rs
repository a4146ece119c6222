use super::args::NewArgs;
use super::exit::Exit;
use super::quote::quoted;
use super::terminal::Terminal;
use crate::diag::{Code, Diagnostic};
use crate::report::writers::write_whole;
use std::path::{Path, PathBuf};

/// The experiment to start from; `NAME` is replaced.
const SCAFFOLD: &str = include_str!("new.plast");

/// `plast new NAME`
pub(super) fn new(args: &NewArgs, terminal: &mut Terminal) -> Exit {
    let path = target(&args.name);
    if path.symlink_metadata().is_ok() {
        let d = Diagnostic::global(Code::E0910, format!("`{}` already exists", path.display()))
            .help("choose another name");
        terminal.report_global(d);
        return Exit::Errors;
    }
    let name = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    match write_whole(&path, &SCAFFOLD.replace("NAME", &name)) {
        Ok(()) => {
            terminal.note(&format!("wrote {}; try `plast run {}`", path.display(), quoted(&path)));
            Exit::Fine
        }
        Err(e) => {
            terminal.report_global(e.diagnostic());
            Exit::Errors
        }
    }
}

fn target(name: &Path) -> PathBuf {
    if name.extension().is_some_and(|e| e == "plast") {
        return name.to_path_buf();
    }
    let mut path = name.as_os_str().to_os_string();
    path.push(".plast");
    path.into()
}
