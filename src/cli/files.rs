use super::loader::FileLoader;
use crate::diag::{Code, Diagnostic, nearest};
use crate::report::writers::plain;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A text with what it is called and where its neighbours are.
#[derive(Debug)]
pub(super) struct Input {
    pub name: String,
    pub text: String,
    pub loader: FileLoader,
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Input, Box<Diagnostic>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|e| Box::new(cannot_read("standard input", &e)))?;
        let text = utf8("<stdin>", bytes)?;
        return Ok(Input { name: "<stdin>".to_string(), text, loader: FileLoader::new(PathBuf::from(".")) });
    }
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| Box::new(unreadable(path, &e)))?;
    let text = utf8(&name, bytes)?;
    Ok(Input { name, text, loader: FileLoader::new(folder_of(path)) })
}

/// The folder a file is in.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Text from bytes, or a message that names the first byte that is none.
pub(super) fn utf8(name: &str, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let bytes = e.as_bytes();
        let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
        let d = Diagnostic::global(Code::E0704, format!("`{name}` is not text in UTF-8"))
            .note(format!("byte {at}, on line {line}, is 0x{:02x}", bytes[at]));
        Box::new(if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            d.help("it looks like UTF-16: save it as UTF-8")
        } else {
            d.help("save it as UTF-8")
        })
    })
}

/// Why a file cannot be read, with the nearest name where there is no such file.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let name = path.display().to_string();
    match error.kind() {
        io::ErrorKind::NotFound => {
            let d = Diagnostic::global(Code::E0703, format!("there is no file `{name}`"));
            match similar(path) {
                Some(near) => d.help(format!("a file with a similar name is `{}`", near.display())),
                None => d,
            }
        }
        _ if path.is_dir() => {
            let d = Diagnostic::global(Code::E0705, format!("`{name}` is a folder, not a file"));
            match std::fs::read_dir(path).ok().and_then(|mut all| all.find_map(plast_file)) {
                Some(file) => d.help(format!("a file in it is `{}`", file.display())),
                None => d,
            }
        }
        _ => cannot_read(&format!("`{name}`"), error),
    }
}

fn plast_file(entry: io::Result<std::fs::DirEntry>) -> Option<PathBuf> {
    let path = entry.ok()?.path();
    (path.extension()? == "plast").then_some(path)
}

fn cannot_read(what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::global(Code::E0705, format!("{what} cannot be read"))
        .note(format!("the system says: {}", plain(error)))
}

/// The file whose name this is without its `.plast`, if there is one.
pub(super) fn extended(path: &Path) -> Option<PathBuf> {
    let mut extended = path.as_os_str().to_os_string();
    extended.push(".plast");
    Some(PathBuf::from(extended)).filter(|p| p.is_file())
}

/// A file that exists and is probably meant: the name with `.plast`, or the nearest in the same folder.
pub(super) fn similar(path: &Path) -> Option<PathBuf> {
    if let Some(extended) = extended(path) {
        return Some(extended);
    }
    let name = path.file_name()?.to_string_lossy().into_owned();
    let mut names: Vec<String> = std::fs::read_dir(folder_of(path))
        .ok()?
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| !n.starts_with('.'))
        .collect();
    names.sort();
    let near = nearest(&name, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_missing_file_names_its_neighbour() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("settle.plast"), "").unwrap();
        let d = read(&home.path().join("setle.plast")).unwrap_err();
        assert_eq!(d.code, Code::E0703);
        assert!(d.helps[0].ends_with("/settle.plast`"), "{d:?}");
        assert!(read(&home.path().join("settle")).unwrap_err().helps[0].contains("settle.plast"));
        assert!(read(&home.path().join("other.plast")).unwrap_err().helps.is_empty());
        let d = read(home.path()).unwrap_err();
        assert_eq!(d.code, Code::E0705);
        assert!(d.headline.contains("is a folder") && d.helps[0].contains("settle.plast"));
    }

    #[test]
    fn what_is_not_utf8_is_named_by_its_byte() {
        let d = utf8("a.plast", b"clock\n1 \xb5s".to_vec()).unwrap_err();
        assert_eq!(d.code, Code::E0704);
        assert_eq!(d.notes, ["byte 8, on line 2, is 0xb5"]);
        assert!(utf8("a", vec![0xff, 0xfe, 0, 0]).unwrap_err().helps[0].contains("UTF-16"));
        assert_eq!(utf8("a", "θ".into()).unwrap(), "θ");
    }
}
