use super::entry::Spelling;
use super::words::{Change, Role};
use crate::syntax::letters::{canonical, canonical_unit, letter};
use std::borrow::Cow;

/// A word in the spelling asked for.
pub(super) fn spelled<'a>(
    word: &'a str,
    role: Role,
    change: Option<Change>,
    spelling: Spelling,
) -> Cow<'a, str> {
    match (spelling, role) {
        (Spelling::Ascii, Role::Name) => canonical(word),
        (Spelling::Ascii, Role::Unit) => canonical_unit(word),
        (Spelling::Greek, Role::Name) => Cow::Owned(greek(&canonical(word), change)),
        _ => Cow::Borrowed(word),
    }
}

/// A name with Greek letters for those of its parts that spell one.
fn greek(name: &str, change: Option<Change>) -> String {
    let (sign, rest) = match change {
        Some(Change::Increment) => ("Δ", name.strip_prefix('d')),
        Some(Change::Derivative) => ("d", name.strip_prefix('d')),
        None => ("", None),
    };
    let mut out = String::from(if rest.is_some() { sign } else { "" });
    let mut part = String::new();
    for c in rest.unwrap_or(name).chars().map(Some).chain([None]) {
        match c {
            Some(c) if c.is_ascii_alphabetic() => part.push(c),
            other => {
                match letter(&part) {
                    Some(letter) => out.push(letter),
                    None => out.push_str(&part),
                }
                part.clear();
                out.extend(other);
            }
        }
    }
    // `Delta_t` must not become `Δ_t`, which is `d_t`
    if canonical(&out) == name { out } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_parts_become_greek() {
        for (name, expected) in [
            ("theta", "θ"),
            ("theta_d", "θ_d"),
            ("eta2", "η2"),
            ("tau_m", "τ_m"),
            ("beta_hebb", "β_hebb"),
            ("Omega", "Ω"),
            ("meta", "meta"),
            ("theta_zeta", "θ_ζ"),
            ("thetas", "thetas"),
            // they look like Latin letters
            ("omicron", "omicron"),
            ("Alpha", "Alpha"),
            ("Delta", "Δ"),
            ("Delta_t", "Delta_t"),
            ("a_Delta", "a_Δ"),
        ] {
            assert_eq!(greek(name, None), expected);
            assert_eq!(canonical(&greek(name, None)), name);
        }
    }

    #[test]
    fn changes_keep_their_sign() {
        assert_eq!(greek("dw", Some(Change::Increment)), "Δw");
        assert_eq!(greek("dtheta", Some(Change::Increment)), "Δθ");
        assert_eq!(greek("dtheta", Some(Change::Derivative)), "dθ");
        assert_eq!(greek("dw", None), "dw");
    }
}
