//! Which words are units: the one place where the reader asks.

use crate::units;

/// Whether `word` (canonical: `us`, not `µs`) is a unit that may follow a number.
pub(super) fn is_unit(word: &str) -> bool {
    matches!(word, "tick" | "ticks") || units::lookup(word).is_some()
}

/// The unit a word that is none most likely stands for.
pub(super) fn nearest_unit(word: &str) -> Option<String> {
    match word.to_lowercase().as_str() {
        "tick" => Some("tick".to_string()),
        "ticks" => Some("ticks".to_string()),
        _ => units::suggest(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_take_prefixes() {
        for unit in ["s", "ms", "us", "Hz", "kHz", "mV", "nS", "%", "tick", "ticks", "min", "MOhm", "uM"] {
            assert!(is_unit(unit), "{unit}");
        }
        for word in ["tau", "w", "x", "y", "theta", "msec", "hz", "Ms_", ""] {
            assert!(!is_unit(word), "{word}");
        }
    }

    #[test]
    fn slips_have_a_nearest_unit() {
        assert_eq!(nearest_unit("hz").as_deref(), Some("Hz"));
        assert_eq!(nearest_unit("msec").as_deref(), Some("ms"));
        assert_eq!(nearest_unit("Seconds").as_deref(), Some("s"));
        assert_eq!(nearest_unit("Ticks").as_deref(), Some("ticks"));
        assert_eq!(nearest_unit("x"), None);
    }
}
