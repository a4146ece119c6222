use std::ffi::OsString;
use std::path::PathBuf;

/// Where the history of a session is kept: `PLAST_HISTORY`, else in the folder for data of the system. None where
/// `PLAST_HISTORY` is set to nothing, or no folder is known.
pub fn history_file(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(asked) = var("PLAST_HISTORY") {
        return (!asked.is_empty()).then(|| PathBuf::from(asked));
    }
    let folder = |name: &str| var(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = folder("XDG_DATA_HOME").filter(|p| p.is_absolute()).or_else(|| match cfg!(windows) {
        true => folder("APPDATA"),
        false => folder("HOME").map(|home| home.join(".local/share")),
    });
    data.map(|d| d.join("plast").join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_says_where() {
        let of = |set: &[(&str, &str)]| {
            history_file(|name| set.iter().find(|s| s.0 == name).map(|s| OsString::from(s.1)))
        };
        assert_eq!(of(&[("PLAST_HISTORY", "/a/b"), ("HOME", "/h")]), Some("/a/b".into()));
        assert_eq!(of(&[("PLAST_HISTORY", ""), ("HOME", "/h")]), None);
        assert_eq!(of(&[]), None);
        if !cfg!(windows) {
            assert_eq!(of(&[("HOME", "/h")]), Some("/h/.local/share/plast/history".into()));
            assert_eq!(of(&[("XDG_DATA_HOME", "/d"), ("HOME", "/h")]), Some("/d/plast/history".into()));
        }
    }
}
