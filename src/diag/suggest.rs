/// The candidate probably meant by a name that does not exist: the same up to case, else the nearest with at most a
/// third of its letters wrong.
///
/// Of equally near ones the first wins, so candidates of the kind that is wanted go first.
/// ```
/// use plast::diag::nearest;
/// assert_eq!(nearest("thteta", ["eta", "theta"]), Some("theta"));
/// assert_eq!(nearest("Theta", ["eta", "theta"]), Some("theta"));
/// assert_eq!(nearest("weight", ["eta", "theta"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = |s: &str| s.chars().count();
    let allowed = (length(name) / 3).max(1);
    let lower = name.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().filter(|c| *c != name) {
        let distance =
            if candidate.to_lowercase() == lower { 0 } else { strsim::damerau_levenshtein(name, candidate) };
        // two names of one letter have nothing in common
        let alike = distance == 0 || distance < length(name).max(length(candidate));
        if distance <= allowed && alike && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The valid names for a note, `` `a`, `b`, `c` ``, if there are at most eight.
pub fn list<'a>(candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for candidate in candidates {
        if !names.contains(&candidate) {
            names.push(candidate);
        }
        if names.len() > 8 {
            return None;
        }
    }
    let quoted: Vec<_> = names.iter().map(|n| format!("`{n}`")).collect();
    (!quoted.is_empty()).then(|| quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_up_to_case_wins() {
        assert_eq!(nearest("TAU", ["tab", "tau"]), Some("tau"));
    }

    #[test]
    fn the_nearest_wins_and_the_first_of_equals() {
        assert_eq!(nearest("lamda", ["lambda2", "lambda"]), Some("lambda"));
        assert_eq!(nearest("tua", ["tau", "tub"]), Some("tau"));
        assert_eq!(nearest("tax", ["tau", "tab"]), Some("tau"));
    }

    #[test]
    fn what_is_far_or_the_same_is_not_suggested() {
        assert_eq!(nearest("a", ["b", "c"]), None);
        assert_eq!(nearest("eta", ["eta"]), None);
        assert_eq!(nearest("x", []), None);
        assert_eq!(nearest("learning", ["leaning", "burning"]), Some("leaning"));
    }

    #[test]
    fn lists_are_short_or_none() {
        assert_eq!(list(["x", "y", "x"]).as_deref(), Some("`x`, `y`"));
        assert_eq!(list([]), None);
        assert_eq!(list(["a", "b", "c", "d", "e", "f", "g", "h", "i"]), None);
    }
}
