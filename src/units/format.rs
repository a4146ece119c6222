use super::Unit;

/// Writes a number for a message, table or snapshot: at least the whole part, at most `digits` significant digits.
///
/// Trailing zeros are dropped, below 1e-4 and from 1e7 on it is scientific, `-0` is `0`.
/// ```
/// use plast::units::format_number;
/// assert_eq!(format_number(0.25, 6), "0.25");
/// assert_eq!(format_number(1.0 / 3.0, 3), "0.333");
/// assert_eq!(format_number(15e-6, 6), "1.5e-5");
/// ```
pub fn format_number(value: f64, digits: usize) -> String {
    if let Some(text) = special(value) {
        return text;
    }
    // 17 digits say all there is to say
    let digits = digits.clamp(1, 17);
    // at least the 7 digits that a plain whole part can have, so that 9999999 stays plain
    let (_, exponent) = split(&format!("{:.*e}", digits.max(7) - 1, value));
    if is_plain(exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        let text = format!("{value:.decimals$}");
        trim(&text).to_string()
    } else {
        let (mantissa, exponent) = split(&format!("{:.*e}", digits - 1, value));
        format!("{}e{exponent}", trim(&mantissa))
    }
}

/// Writes a number so that reading it gives the same number, in the fewest digits.
pub fn format_exact(value: f64) -> String {
    if !value.is_finite() {
        return special(value).unwrap_or_default();
    }
    let (mantissa, exponent) = split(&format!("{value:e}"));
    if value == 0.0 || is_plain(exponent) { value.to_string() } else { format!("{mantissa}e{exponent}") }
}

/// Writes a value of SI units in `unit`, the unit behind it as the language writes it: `10 ms`, `25 /s`, `5 %`.
pub fn format_value(value: f64, unit: &Unit, digits: usize) -> String {
    format_number(unit.from_si(value), digits) + &unit.suffix()
}

fn special(value: f64) -> Option<String> {
    let text = match value {
        v if v.is_nan() => "nan",
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        0.0 => "0",
        _ => return None,
    };
    Some(text.to_string())
}

fn split(scientific: &str) -> (String, i32) {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (mantissa.to_string(), exponent.parse().unwrap_or(0))
}

fn is_plain(exponent: i32) -> bool {
    (-4..7).contains(&exponent)
}

fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-2.50, "-2.5"),
            (100.0, "100"),
            (0.1 + 0.2, "0.3"),
            (1e-4, "0.0001"),
            (9.99e-5, "9.99e-5"),
            (1e7, "1e7"),
            (9999999.0, "9999999"),
            (9999999.6, "1e7"),
            (123456.789, "123457"),
            (0.999999999, "1"),
            (-1e-300, "-1e-300"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (6.02214076e23, "6.02214e23"),
        ];
        for (value, text) in cases {
            assert_eq!(format_number(value, 6), text);
        }
        assert_eq!(format_number(123456.0, 2), "123456");
        assert_eq!(format_number(0.0123, 0), "0.01");
    }

    #[test]
    fn values_are_shown_in_their_unit() {
        assert_eq!(format_value(0.01, &Unit::named("ms").unwrap(), 6), "10 ms");
        assert_eq!(format_value(0.05, &Unit::named("%").unwrap(), 6), "5 %");
        assert_eq!(format_value(1800.0, &Unit::named("min").unwrap(), 6), "30 min");
        assert_eq!(format_value(-0.065, &Unit::named("mV").unwrap(), 6), "-65 mV");
        assert_eq!(
            format_value(25.0, &Unit::new(&[(super::super::lookup("s").unwrap(), -1)]).unwrap(), 3),
            "25 /s"
        );
        assert_eq!(format_value(2.5, &Unit::none(), 6), "2.5");
    }

    proptest! {
        #[test]
        fn exact_text_reads_back(value in any::<f64>()) {
            let text = format_exact(value);
            if value.is_nan() {
                prop_assert_eq!(text, "nan");
            } else {
                prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
            }
        }
    }
}
