//! Letters: which ones make names, the Greek alphabet spelled out, and characters that look like ASCII ones.

use std::borrow::Cow;

const GREEK: &[(char, &str)] = &[
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ϵ', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('ϑ', "theta"),
    ('ι', "iota"),
    ('κ', "kappa"),
    ('ϰ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('\u{B5}', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('ο', "omicron"),
    ('π', "pi"),
    ('ϖ', "pi"),
    ('ρ', "rho"),
    ('ϱ', "rho"),
    ('σ', "sigma"),
    ('ς', "sigma"),
    ('τ', "tau"),
    ('υ', "upsilon"),
    ('φ', "phi"),
    ('ϕ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Α', "Alpha"),
    ('Β', "Beta"),
    ('Γ', "Gamma"),
    ('Δ', "Delta"),
    ('\u{2206}', "Delta"),
    ('Ε', "Epsilon"),
    ('Ζ', "Zeta"),
    ('Η', "Eta"),
    ('Θ', "Theta"),
    ('ϴ', "Theta"),
    ('Ι', "Iota"),
    ('Κ', "Kappa"),
    ('Λ', "Lambda"),
    ('Μ', "Mu"),
    ('Ν', "Nu"),
    ('Ξ', "Xi"),
    ('Ο', "Omicron"),
    ('Π', "Pi"),
    ('Ρ', "Rho"),
    ('Σ', "Sigma"),
    ('Τ', "Tau"),
    ('Υ', "Upsilon"),
    ('ϒ', "Upsilon"),
    ('Φ', "Phi"),
    ('Χ', "Chi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
    ('\u{2126}', "Omega"),
];

fn greek(c: char) -> Option<&'static str> {
    GREEK.iter().find(|(g, _)| *g == c).map(|(_, name)| *name)
}

/// The Greek letter with this name, if it does not look like a Latin one.
pub(super) fn letter(name: &str) -> Option<char> {
    GREEK
        .iter()
        .find(|(_, spelled)| *spelled == name)
        .map(|(letter, _)| *letter)
        .filter(|letter| !"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο".contains(*letter))
}

/// Whether a name may begin with `c`: an ASCII or Greek letter or `_`.
pub(super) fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && greek(c).is_some())
}

/// Whether a name may hold `c`.
pub(super) fn in_name(c: char) -> bool {
    c.is_ascii_digit() || starts_name(c)
}

/// The canonical spelling of a name: Greek letters spelled out (`θ` is `theta`), `Δw` is `dw`.
///
/// ```
/// assert_eq!(plast::syntax::canonical("τ_m"), "tau_m");
/// assert_eq!(plast::syntax::canonical("Δw"), "dw");
/// ```
pub fn canonical(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len() + 8);
    for (i, c) in name.char_indices() {
        let delta = matches!(c, 'Δ' | '\u{2206}');
        match greek(c) {
            Some(_) if delta && i == 0 && name.len() > c.len_utf8() => out.push('d'),
            Some(spelled) => out.push_str(spelled),
            None => out.push(lookalike_letter(c).unwrap_or(c)),
        }
    }
    Cow::Owned(out)
}

/// The canonical spelling of a unit's name: `µs` is `us`, `MΩ` is `MOhm`.
pub(super) fn canonical_unit(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'μ' | '\u{B5}' => out.push('u'),
            'Ω' | '\u{2126}' => out.push_str("Ohm"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// The Latin letter that a letter of another alphabet looks like.
pub(super) fn lookalike_letter(c: char) -> Option<char> {
    const FROM: &str = "аеорсухіѕјһԁԛԝкмтвАВЕКМНОРСТХІЅЈҮ";
    const TO: &str = "aeopcyxisjhdqwkmtbABEKMHOPCTXISJY";
    match c {
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' | '\u{FF10}'..='\u{FF19}' => {
            char::from_u32(c as u32 - 0xFEE0)
        }
        _ => FROM.chars().zip(TO.chars()).find(|(from, _)| *from == c).map(|(_, to)| to),
    }
}

/// What a character that is not part of the language is written as.
pub(super) fn lookalike_sign(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2212}' | '\u{2013}' | '\u{2014}' | '\u{2010}' | '\u{2011}' | '\u{FE63}' | '\u{FF0D}' => "-",
        '\u{D7}' | '\u{22C5}' | '\u{B7}' | '\u{2219}' | '\u{2217}' | '\u{2715}' | '\u{FF0A}' => "*",
        '\u{F7}' | '\u{2215}' | '\u{2044}' | '\u{FF0F}' => "/",
        '\u{FF0B}' => "+",
        '\u{B1}' => "+-",
        '\u{2264}' | '\u{2A7D}' => "<=",
        '\u{2265}' | '\u{2A7E}' => ">=",
        '\u{2260}' => "!=",
        '\u{2248}' | '\u{2261}' => "==",
        '\u{FF1D}' => "=",
        '\u{FF1C}' => "<",
        '\u{FF1E}' => ">",
        '\u{2192}' | '\u{27F6}' => "->",
        '\u{2026}' | '\u{2025}' => "..",
        '\u{FF08}' => "(",
        '\u{FF09}' => ")",
        '\u{FF3B}' => "[",
        '\u{FF3D}' => "]",
        '\u{FF5B}' => "{",
        '\u{FF5D}' => "}",
        '\u{FF0C}' | '\u{3001}' | '\u{201A}' => ",",
        '\u{FF1B}' | '\u{37E}' => ";",
        '\u{FF1A}' => ":",
        '\u{B0}' => "deg",
        '\u{B2}' => "^2",
        '\u{B3}' => "^3",
        '\u{2227}' | '\u{22C0}' => "and",
        '\u{2228}' | '\u{22C1}' => "or",
        '\u{AC}' => "not",
        '\u{2208}' => "in",
        '\u{221A}' => "sqrt",
        '\u{2211}' => "sum",
        '\u{2202}' => "d",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greek_letters_are_spelled_out() {
        assert_eq!(canonical("θ"), "theta");
        assert_eq!(canonical("η2"), "eta2");
        assert_eq!(canonical("Δw"), "dw");
        assert_eq!(canonical("Δθ"), "dtheta");
        assert_eq!(canonical("Δ"), "Delta");
        assert_eq!(canonical("aΔ"), "aDelta");
        assert_eq!(canonical("plain_1"), "plain_1");
    }

    #[test]
    fn every_letter_of_the_alphabet_is_known() {
        for c in ('α'..='ω').chain(('Α'..='Ω').filter(|c| c.is_alphabetic())) {
            assert!(greek(c).is_some(), "{c}");
        }
    }

    #[test]
    fn micro_and_ohm_are_units() {
        assert_eq!(canonical_unit("µs"), "us");
        assert_eq!(canonical_unit("μM"), "uM");
        assert_eq!(canonical_unit("MΩ"), "MOhm");
    }
}
