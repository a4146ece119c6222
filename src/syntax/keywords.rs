//! The one list of keywords, where each of them stands, and which words are never free for names.

/// Words that begin an item.
pub(super) const ITEMS: &[&str] = &[
    "clock",
    "seed",
    "precision",
    "integrate",
    "use",
    "let",
    "fn",
    "param",
    "cases",
    "stimulus",
    "population",
    "rule",
    "synapses",
    "protocol",
    "record",
    "expect",
    "plot",
    "image",
    "cell",
];

/// Words that begin a member of a population, a rule or a projection.
pub(super) const MEMBERS: &[&str] = &[
    "param",
    "state",
    "trace",
    "pre",
    "post",
    "syn",
    "output",
    "update",
    "normalise",
    "bounds",
    "integrate",
    "rule",
    "fixed",
    "inhibitory",
    "connect",
    "delay",
    "start",
    "hold",
    "spike",
    "spikes",
    "on",
    "ties",
    "values",
    "needs",
    "cell",
];

/// Words that begin a statement of a protocol.
pub(super) const STATEMENTS: &[&str] = &[
    "phase",
    "present",
    "rest",
    "repeat",
    "for",
    "together",
    "pick",
    "teach",
    "set",
    "probe",
    "control",
    "spike",
    "pair",
    "train",
    "burst",
    "theta_burst",
];

/// Words inside items, members and statements.
const CLAUSES: &[&str] = &[
    "spiking",
    "every",
    "during",
    "vs",
    "split",
    "mark",
    "by",
    "with",
    "as",
    "stream",
    "allow",
    "per",
    "presentation",
    "multiplicative",
    "subtractive",
    "at",
    "all",
    "one_to_one",
    "random",
    "where",
    "except",
    "self",
    "frozen",
    "on",
    "until",
    "within",
    "weighted",
    "of",
    "from",
    "shuffle",
    "each",
    "without",
    "when",
    "refractory",
    "poisson",
    "lag",
    "times",
    "dendritic",
    "axonal",
];

/// Words that are never names, not even inside an expression.
pub(super) const HARD: &[&str] =
    &["if", "then", "else", "and", "or", "not", "in", "over", "for", "true", "false"];

/// Words that mean something fixed and cannot be declared.
pub(super) const RESERVED: &[(&str, &str)] = &[
    ("pre", "the presynaptic cell"),
    ("post", "the postsynaptic cell"),
    ("syn", "the synapse"),
    ("x", "the presynaptic output"),
    ("y", "the postsynaptic output"),
    ("w", "the weight"),
    ("t", "the time"),
    ("drive", "the summed input"),
    ("tick", "the tick of the clock"),
];

/// Words that may follow a number without being its unit; the grammar's `after_number` is the same list.
pub(super) const AFTER_NUMBER: &[&str] = &[
    "then",
    "else",
    "and",
    "or",
    "in",
    "if",
    "not",
    "on",
    "for",
    "until",
    "within",
    "every",
    "during",
    "by",
    "vs",
    "split",
    "mark",
    "with",
    "as",
    "at",
    "over",
    "weighted",
    "from",
    "of",
    "stream",
    "allow",
    "multiplicative",
    "subtractive",
    "except",
    "times",
    "refractory",
    "dendritic",
    "axonal",
];

/// Every keyword, sorted.
pub(super) fn all() -> Vec<&'static str> {
    let mut words: Vec<_> = [ITEMS, MEMBERS, STATEMENTS, CLAUSES, HARD].concat();
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether `word` is a keyword somewhere.
pub(super) fn is_keyword(word: &str) -> bool {
    [ITEMS, MEMBERS, STATEMENTS, CLAUSES, HARD].iter().any(|list| list.contains(&word))
}

/// What a reserved word means.
pub(super) fn reserved(word: &str) -> Option<&'static str> {
    RESERVED.iter().find(|(reserved, _)| *reserved == word).map(|(_, meaning)| *meaning)
}

/// The word of `words` that `word` most likely stands for.
pub(super) fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    let lower = word.to_lowercase();
    words
        .into_iter()
        .map(|candidate| {
            let same = candidate.to_lowercase() == lower;
            (if same { 0 } else { strsim::damerau_levenshtein(word, candidate) }, candidate)
        })
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_near() {
        assert_eq!(nearest("popultion", ITEMS.iter().copied()), Some("population"));
        assert_eq!(nearest("Phase", STATEMENTS.iter().copied()), Some("phase"));
        assert_eq!(nearest("normalize", MEMBERS.iter().copied()), Some("normalise"));
        assert_eq!(nearest("zzz", ITEMS.iter().copied()), None);
    }

    #[test]
    fn every_keyword_is_listed_once() {
        let words = all();
        assert!(words.windows(2).all(|w| w[0] < w[1]));
        assert!(words.iter().all(|w| is_keyword(w)));
    }
}
