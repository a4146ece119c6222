use super::Math::{self, *};
use crate::units::lookup;

const GREEK: &[(&str, &str)] = &[
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("delta", "δ"),
    ("epsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("iota", "ι"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("xi", "ξ"),
    ("pi", "π"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("tau", "τ"),
    ("upsilon", "υ"),
    ("phi", "φ"),
    ("chi", "χ"),
    ("psi", "ψ"),
    ("omega", "ω"),
    ("Gamma", "Γ"),
    ("Delta", "Δ"),
    ("Theta", "Θ"),
    ("Lambda", "Λ"),
    ("Xi", "Ξ"),
    ("Pi", "Π"),
    ("Sigma", "Σ"),
    ("Phi", "Φ"),
    ("Psi", "Ψ"),
    ("Omega", "Ω"),
];

/// A name: `theta` is its letter, `y0` and `tau_plus` have subscripts, words of several letters stand upright as they
/// are.
pub(in crate::report::html) fn name(text: &str) -> Math {
    let mut parts = text.split('_').filter(|p| !p.is_empty());
    let Some(head) = parts.next() else { return Word(text.to_string()) };
    let (word, digits) = split_digits(head);
    let subscripts: Vec<Math> =
        (!digits.is_empty()).then(|| Number(digits.to_string())).into_iter().chain(parts.map(part)).collect();
    let short = greek(word).is_some() || word.chars().count() == 1;
    if word.is_empty() || text.starts_with('_') || (!short && text.contains('_')) {
        return Word(text.to_string());
    }
    let base = match greek(word) {
        Some(letter) => Letter(letter.to_string()),
        None if word.chars().count() == 1 => Letter(word.to_string()),
        None if !digits.is_empty() && !short => return Word(text.to_string()),
        None => Word(word.to_string()),
    };
    match subscripts.len() {
        0 => base,
        _ => base.sub(commas(subscripts)),
    }
}

fn commas(pieces: Vec<Math>) -> Math {
    if pieces.len() == 1 {
        return pieces.into_iter().next().unwrap_or(Row(Vec::new()));
    }
    let mut row = Vec::new();
    for piece in pieces {
        if !row.is_empty() {
            row.push(Bare(","));
        }
        row.push(piece);
    }
    Row(row)
}

/// What stands below a name.
fn part(text: &str) -> Math {
    match text {
        "plus" => Bare("+"),
        "minus" => Bare("−"),
        _ if text.chars().all(|c| c.is_ascii_digit()) => Number(text.to_string()),
        _ => match greek(text) {
            Some(letter) => Letter(letter.to_string()),
            None if text.chars().count() == 1 => Letter(text.to_string()),
            None => Word(text.to_string()),
        },
    }
}

fn greek(word: &str) -> Option<&'static str> {
    GREEK.iter().find(|(spelled, _)| *spelled == word).map(|(_, letter)| *letter)
}

fn split_digits(word: &str) -> (&str, &str) {
    word.split_at(word.trim_end_matches(|c: char| c.is_ascii_digit()).len())
}

/// The symbol of a unit as it is printed: `us` is `µs`, `MOhm` is `MΩ`.
pub(super) fn unit_symbol(text: &str) -> String {
    let text = text.replace("Ohm", "Ω");
    match text.strip_prefix('u') {
        Some(rest) if !rest.is_empty() && lookup(&text.replace('Ω', "Ohm")).is_some() => format!("µ{rest}"),
        _ => text,
    }
}
