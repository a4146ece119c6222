//! Which words are units. The one place where the grammar asks; what a unit *means* is not its business.

/// Whether `word` (canonical: `us`, not `µs`) is a unit that may follow a number.
pub(super) fn is_unit(word: &str) -> bool {
    const PLAIN: &[&str] =
        &["min", "h", "d", "day", "days", "%", "tick", "ticks", "deg", "rad", "degC", "atm", "ppm"];
    const PREFIXED: &[&str] = &[
        "s", "Hz", "V", "A", "S", "Ohm", "F", "m", "g", "mol", "M", "K", "C", "J", "W", "N", "Pa", "H", "T",
        "Wb", "L", "l",
    ];
    const PREFIXES: &[&str] = &["f", "p", "n", "u", "m", "c", "k", "M", "G", "T"];
    PLAIN.contains(&word)
        || PREFIXED.contains(&word)
        || PREFIXES.iter().any(|p| word.strip_prefix(p).is_some_and(|rest| PREFIXED.contains(&rest)))
}

/// The unit a word that is none most likely stands for.
pub(super) fn nearest_unit(word: &str) -> Option<String> {
    const SPELLED: &[(&str, &str)] = &[
        ("sec", "s"),
        ("secs", "s"),
        ("second", "s"),
        ("seconds", "s"),
        ("msec", "ms"),
        ("msecs", "ms"),
        ("millisecond", "ms"),
        ("milliseconds", "ms"),
        ("usec", "us"),
        ("microsecond", "us"),
        ("microseconds", "us"),
        ("mins", "min"),
        ("minute", "min"),
        ("minutes", "min"),
        ("hr", "h"),
        ("hrs", "h"),
        ("hour", "h"),
        ("hours", "h"),
        ("hertz", "Hz"),
        ("volt", "V"),
        ("volts", "V"),
        ("millivolt", "mV"),
        ("millivolts", "mV"),
        ("ampere", "A"),
        ("amp", "A"),
        ("amps", "A"),
        ("siemens", "S"),
        ("farad", "F"),
        ("molar", "M"),
        ("percent", "%"),
        ("pct", "%"),
    ];
    // Common ones first: `mv` is more likely `mV` than `MV`.
    const COMMON: &[&str] = &[
        "ms", "s", "us", "min", "h", "Hz", "kHz", "mV", "V", "pA", "nA", "nS", "mS", "uS", "MOhm", "Ohm",
        "pF", "nF", "um", "mM", "uM", "nM", "tick", "ticks",
    ];
    let lower = word.to_lowercase();
    if let Some((_, unit)) = SPELLED.iter().find(|(spelled, _)| *spelled == lower) {
        return Some((*unit).to_string());
    }
    COMMON.iter().find(|unit| unit.to_lowercase() == lower).map(|unit| (*unit).to_string())
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
        assert_eq!(nearest_unit("MV").as_deref(), Some("mV"));
        assert_eq!(nearest_unit("Seconds").as_deref(), Some("s"));
        assert_eq!(nearest_unit("x"), None);
    }
}
