use std::path::Path;

/// A path as it is typed in a shell, for commands that are advised: in quotes where it holds more than plain signs.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@' | '%' | ',' | ':');
    match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_take_apart_is_quoted() {
        let of = |text: &str| quoted(Path::new(text));
        assert_eq!(of("a/b-1.plast"), "a/b-1.plast");
        assert_eq!(of("θ.plast"), "θ.plast");
        assert_eq!(of("1 x.plast"), "'1 x.plast'");
        assert_eq!(of("it's.plast"), r"'it'\''s.plast'");
        assert_eq!(of("$x"), "'$x'");
    }
}
