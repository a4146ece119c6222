use super::{CODES, CodeInfo};

/// The entry of a code by its code (`E0301`, in any case, zeros left out or not), its number alone (`301`: the error,
/// where there is also a warning) or its name (`dimension-mismatch`); its page is Markdown.
pub fn explain(code_or_name: &str) -> Option<&'static CodeInfo> {
    let wanted = code_or_name.trim();
    let is = |c: &&CodeInfo| c.code.eq_ignore_ascii_case(wanted) || c.name.eq_ignore_ascii_case(wanted);
    CODES.iter().find(is).or_else(|| {
        let digits = wanted.trim_start_matches(['E', 'e', 'W', 'w']);
        let letters = &wanted[..wanted.len() - digits.len()];
        let plain = letters.len() <= 1 && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
        let number: u16 = digits.parse().ok().filter(|_| plain)?;
        let letters = if letters.is_empty() { "EW" } else { letters };
        let written = |letter: char| format!("{}{number:04}", letter.to_ascii_uppercase());
        letters.chars().find_map(|l| CODES.iter().find(|c| c.code == written(l)))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::diag::Severity;

    #[test]
    fn codes_and_names_both_work() {
        assert_eq!(explain("E0301").unwrap().name, "dimension-mismatch");
        assert_eq!(explain("dimension-mismatch").unwrap().code, "E0301");
        assert_eq!(explain("e0301"), explain("E0301"));
        for short in ["301", "0301", "e301", "E301", " 301 "] {
            assert_eq!(explain(short).map(|c| c.code), Some("E0301"), "{short}");
        }
        assert_eq!(explain("w601").map(|c| c.code), Some("W0601"));
        for none in ["E9999", "EW301", "00301", "+301", "E", "301x"] {
            assert_eq!(explain(none), None, "{none}");
        }
        assert_eq!(explain(""), None);
    }

    #[test]
    fn every_code_has_its_page() {
        for info in CODES {
            let heading = info.page.lines().next().unwrap_or_default();
            assert!(heading.starts_with(&format!("# {}", info.code)), "the page of {}: {heading}", info.code);
        }
    }

    #[test]
    fn codes_are_unique_and_tell_their_severity() {
        for (n, info) in CODES.iter().enumerate() {
            let twin = |c: &CodeInfo| c.code == info.code || c.name == info.name;
            assert!(!CODES[n + 1..].iter().any(twin), "{} is there twice", info.code);
            let letter = if info.severity == Severity::Error { 'E' } else { 'W' };
            assert!(info.code.starts_with(letter) && info.code.len() == 5);
            assert!(
                info.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                info.name
            );
        }
    }
}
