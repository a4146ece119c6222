use super::{Dim, UnitDef};

/// A unit as written, resolved: `mV/ms`, `1/s`, `%`.
///
/// Made by [`Unit::new`] from its factors; the conversion divides by an exact power of ten where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Its normal spelling, `1/s` for `/s`; empty for a plain number.
    pub text: String,
    /// Its dimension.
    pub dim: Dim,
    pow10: i32,
    multiply: f64,
    divide: f64,
}

impl Unit {
    /// The unit of a plain number.
    pub fn none() -> Unit {
        Unit { text: String::new(), dim: Dim::NONE, pow10: 0, multiply: 1.0, divide: 1.0 }
    }

    /// The product of powers of units, in the order written; `None` if the dimension does not fit.
    pub fn new(factors: &[(UnitDef, i32)]) -> Option<Unit> {
        let mut unit = Unit::none();
        for (def, power) in factors {
            unit.dim = unit.dim.mul(def.dim.powi(*power)?)?;
        }
        (unit.pow10, unit.multiply, unit.divide) = scale(factors);
        unit.text = spell(factors);
        Some(unit)
    }

    /// The unit of that symbol.
    pub fn named(symbol: &str) -> Option<Unit> {
        Unit::new(&[(super::lookup(symbol)?, 1)])
    }

    /// The unit of that normal spelling, as [`text`](Unit::text) gives it; `None` for any other text.
    /// ```
    /// use plast::units::Unit;
    /// assert_eq!(Unit::spelled("mV/ms").map(|u| u.factor()), Some(1.0));
    /// assert_eq!(Unit::spelled("1/s").map(|u| u.suffix()), Some(" /s".to_string()));
    /// assert!(Unit::spelled("per s").is_none());
    /// ```
    pub fn spelled(text: &str) -> Option<Unit> {
        let power = |part: &str, sign: i32| {
            let (symbol, power) = part.split_once('^').unwrap_or((part, "1"));
            Some((super::lookup(symbol)?, sign * power.parse::<u8>().map(i32::from).ok()?))
        };
        let mut parts = text.split('/');
        let over = parts.next().filter(|t| !t.is_empty() && *t != "1");
        let over = over.into_iter().flat_map(|t| t.split('*')).map(|p| power(p, 1));
        let factors: Vec<_> = over.chain(parts.map(|p| power(p, -1))).collect::<Option<_>>()?;
        Unit::new(&factors).filter(|u| u.text == text)
    }

    /// How many SI units one of it is.
    pub fn factor(&self) -> f64 {
        self.to_si(1.0)
    }

    /// A number of this unit, in SI units.
    pub fn to_si(&self, value: f64) -> f64 {
        shift(value, self.pow10) * self.multiply / self.divide
    }

    /// A value in SI units, in this unit.
    pub fn from_si(&self, value: f64) -> f64 {
        shift(value * self.divide / self.multiply, -self.pow10)
    }

    /// What follows a number written in it, the blank included: ` ms`, ` /s`, or nothing.
    pub fn suffix(&self) -> String {
        match self.text.strip_prefix('1').filter(|t| t.starts_with('/')).unwrap_or(&self.text) {
            "" => String::new(),
            text => format!(" {text}"),
        }
    }
}

/// Reads a number as written with its unit into SI units.
///
/// The powers of ten go into the literal's exponent before it is read, so decimals come out correctly rounded:
/// `1e-3 ms` is exactly `1e-6`. Gives NaN if `text` is not a number.
/// ```
/// let ms = plast::units::lookup("ms").expect("a unit");
/// assert_eq!(plast::units::read_number("1e-3", &[(ms, 1)]), 1e-6);
/// ```
pub fn read_number(text: &str, factors: &[(UnitDef, i32)]) -> f64 {
    let (pow10, multiply, divide) = scale(factors);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let value = match exponent.parse::<i64>() {
        Ok(exponent) => format!("{mantissa}e{}", exponent.saturating_add(i64::from(pow10))).parse(),
        // an exponent beyond 64 bits: 0 or infinity, whatever the unit
        Err(_) => text.parse(),
    };
    value.unwrap_or(f64::NAN) * multiply / divide
}

/// Power of ten, factor above and factor below the line.
fn scale(factors: &[(UnitDef, i32)]) -> (i32, f64, f64) {
    let mut scale = (0i32, 1.0, 1.0);
    for (def, power) in factors {
        scale.0 = scale.0.saturating_add(def.pow10.saturating_mul(*power));
        let factor = def.factor.powi(power.saturating_abs());
        *(if *power < 0 { &mut scale.2 } else { &mut scale.1 }) *= factor;
    }
    scale
}

fn spell(factors: &[(UnitDef, i32)]) -> String {
    let power = |p: u32| if p == 1 { String::new() } else { format!("^{p}") };
    let over: Vec<_> = factors
        .iter()
        .filter(|f| f.1 > 0)
        .map(|(d, p)| d.symbol.clone() + &power(p.unsigned_abs()))
        .collect();
    let mut text = over.join("*");
    for (def, p) in factors.iter().filter(|f| f.1 < 0) {
        if text.is_empty() {
            text.push('1');
        }
        text = text + "/" + &def.symbol + &power(p.unsigned_abs());
    }
    text
}

/// Ten to the `pow10` times `value`; powers up to 22 are exact, so that there is one rounding.
fn shift(value: f64, pow10: i32) -> f64 {
    let power =
        |p: i32| if p <= 22 { 10f64.powi(p) } else { format!("1e{p}").parse().unwrap_or(f64::INFINITY) };
    if pow10 < 0 { value / power(pow10.saturating_neg()) } else { value * power(pow10) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::lookup;
    use super::*;
    use proptest::prelude::*;

    fn factors(parts: &[(&str, i32)]) -> Vec<(UnitDef, i32)> {
        parts.iter().map(|(n, p)| (lookup(n).unwrap(), *p)).collect()
    }

    #[test]
    fn the_normal_spelling_is_read_back() {
        for parts in
            [&[][..], &[("mV", 1), ("ms", -1)], &[("s", -1)], &[("s", 2), ("Hz", -3)], &[("uM", 1), ("s", 1)]]
        {
            let unit = Unit::new(&factors(parts)).unwrap();
            assert_eq!(Unit::spelled(&unit.text), Some(unit));
        }
        assert!(["ms ", "1", "*s", "s^", "s^-1", "s//s"].iter().all(|t| Unit::spelled(t).is_none()));
    }

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(read_number("1e-3", &factors(&[("ms", 1)])), 1e-6);
        assert_eq!(read_number("0.1", &factors(&[("ms", 1)])), 1e-4);
        assert_eq!(read_number("16.8", &factors(&[("ms", 1)])), 16.8e-3);
        assert_eq!(read_number("5", &factors(&[("%", 1)])), 0.05);
        assert_eq!(read_number("0.5", &factors(&[("mV", 1), ("ms", -1)])), 0.5);
        assert_eq!(read_number("10", &factors(&[("min", 1)])), 600.0);
        assert_eq!(read_number("5", &factors(&[("min", -1)])), 5.0 / 60.0);
        assert_eq!(read_number("2", &factors(&[("kHz", 1)])), 2000.0);
        assert_eq!(read_number("3", &[(UnitDef::sized("tick", Dim::TIME, 1e-3), 1)]), 0.003);
        assert_eq!(read_number("7", &[]), 7.0);
    }

    #[test]
    fn odd_literals_do_not_panic() {
        assert_eq!(read_number("1e99999999999999999999", &factors(&[("ms", 1)])), f64::INFINITY);
        assert_eq!(read_number("1e-99999999999999999999", &factors(&[("ms", 1)])), 0.0);
        assert_eq!(read_number(".5", &factors(&[("s", 1)])), 0.5);
        assert!(read_number("abc", &[]).is_nan());
        assert_eq!(read_number("1", &factors(&[("ms", i32::MAX)])), 0.0);
    }

    #[test]
    fn units_are_spelled_normally() {
        let text = |parts: &[(&str, i32)]| Unit::new(&factors(parts)).unwrap().text;
        assert_eq!(text(&[("s", -1)]), "1/s");
        assert_eq!(text(&[("mV", 1), ("ms", -1)]), "mV/ms");
        assert_eq!(text(&[("us", -2)]), "1/µs^2");
        assert_eq!(text(&[("A", 1), ("s", 1)]), "A*s");
        assert_eq!(Unit::new(&factors(&[("s", -1)])).unwrap().suffix(), " /s");
        assert_eq!(Unit::named("%").unwrap().suffix(), " %");
        assert_eq!(Unit::none().suffix(), "");
    }

    #[test]
    fn dimension_overflow_is_none() {
        assert_eq!(Unit::new(&factors(&[("s", 40_000)])), None);
    }

    proptest! {
        #[test]
        fn conversion_round_trips(value in -1e6f64..1e6, which in 0usize..6) {
            let unit = Unit::new(&factors(
                [&[("ms", 1)][..], &[("min", -1)], &[("mV", 1), ("h", -1)], &[("pA", 1)], &[("GOhm", 1)], &[("%", 1)]][which],
            )).unwrap();
            let back = unit.from_si(unit.to_si(value));
            prop_assert!((back - value).abs() <= 4.0 * f64::EPSILON * value.abs());
        }

        #[test]
        fn milliseconds_read_as_their_decimal(digits in 0u64..1_000_000_000_000) {
            let text = format!("{}.{:06}", digits / 1_000_000, digits % 1_000_000);
            let expected: f64 = format!("{text}e-3").parse().unwrap();
            prop_assert_eq!(read_number(&text, &factors(&[("ms", 1)])), expected);
        }
    }
}
