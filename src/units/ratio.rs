use std::fmt;

/// A small rational number in lowest terms, denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ratio {
    /// Numerator.
    pub num: i16,
    /// Denominator, at least 1.
    pub den: i16,
}

/// The arithmetic answers `None` where a result would not fit.
#[allow(clippy::should_implement_trait)]
impl Ratio {
    /// 0.
    pub const ZERO: Ratio = Ratio::int(0);
    /// 1.
    pub const ONE: Ratio = Ratio::int(1);
    /// 1/2.
    pub const HALF: Ratio = Ratio { num: 1, den: 2 };

    /// A whole number.
    pub const fn int(n: i16) -> Self {
        Ratio { num: n, den: 1 }
    }

    /// `num / den` in lowest terms; `None` if `den` is 0 or the result does not fit.
    pub fn new(num: i64, den: i64) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs());
        let n = i16::try_from(num.unsigned_abs() / divisor).ok()?;
        let d = i16::try_from(den.unsigned_abs() / divisor).ok()?;
        Some(Ratio { num: if (num < 0) == (den < 0) { n } else { -n }, den: d })
    }

    /// The ratio a floating point number stands for (`0.5`, `1/3`), if it has a denominator of at most 12.
    pub fn from_f64(value: f64) -> Option<Self> {
        (1..=12).find_map(|den| {
            let num = value * den as f64;
            let close = (num - num.round()).abs() <= 1e-12 * num.abs().max(1.0);
            (close && num.abs() <= i16::MAX as f64).then(|| Ratio::new(num.round() as i64, den))?
        })
    }

    /// The number.
    pub fn to_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.num == 0
    }

    /// The whole number it is, if it is one.
    pub fn whole(self) -> Option<i16> {
        (self.den == 1).then_some(self.num)
    }

    /// The sum.
    pub fn add(self, other: Self) -> Option<Self> {
        let (a, b) = (self.wide(), other.wide());
        Ratio::new(a.0 * b.1 + b.0 * a.1, a.1 * b.1)
    }

    /// The difference.
    pub fn sub(self, other: Self) -> Option<Self> {
        self.add(other.neg()?)
    }

    /// The product.
    pub fn mul(self, other: Self) -> Option<Self> {
        let (a, b) = (self.wide(), other.wide());
        Ratio::new(a.0 * b.0, a.1 * b.1)
    }

    /// The quotient; `None` if `other` is 0.
    pub fn div(self, other: Self) -> Option<Self> {
        let (a, b) = (self.wide(), other.wide());
        Ratio::new(a.0 * b.1, a.1 * b.0)
    }

    /// The negative.
    pub fn neg(self) -> Option<Self> {
        Ratio::new(-self.wide().0, self.wide().1)
    }

    fn wide(self) -> (i64, i64) {
        (i64::from(self.num), i64::from(self.den))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.den {
            1 => write!(f, "{}", self.num),
            den => write!(f, "{}/{den}", self.num),
        }
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_kept_in_lowest_terms() {
        assert_eq!(Ratio::new(-2, -4), Some(Ratio::HALF));
        assert_eq!(Ratio::new(3, -6).unwrap().to_string(), "-1/2");
        assert_eq!(Ratio::new(0, -7), Some(Ratio::ZERO));
        assert_eq!(Ratio::new(1, 0), None);
    }

    #[test]
    fn overflow_is_none() {
        assert_eq!(Ratio::int(i16::MAX).add(Ratio::ONE), None);
        assert_eq!(Ratio::int(300).mul(Ratio::int(300)), None);
        assert_eq!(Ratio::new(i64::MIN, -1), None);
        assert_eq!(Ratio::int(i16::MIN).neg(), None);
    }

    #[test]
    fn recognises_fractions() {
        assert_eq!(Ratio::from_f64(1.0 / 3.0), Ratio::new(1, 3));
        assert_eq!(Ratio::from_f64(-1.5), Ratio::new(-3, 2));
        assert_eq!(Ratio::from_f64(2.0), Some(Ratio::int(2)));
        assert_eq!(Ratio::from_f64(std::f64::consts::PI), None);
        assert_eq!(Ratio::from_f64(f64::NAN), None);
        assert_eq!(Ratio::from_f64(1e300), None);
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_a_field(a in -50i64..50, b in 1i64..12, c in -50i64..50, d in 1i64..12) {
            let (p, q) = (Ratio::new(a, b).unwrap(), Ratio::new(c, d).unwrap());
            prop_assert_eq!(p.add(q), q.add(p));
            prop_assert_eq!(p.add(q).unwrap().sub(q), Some(p));
            if !q.is_zero() {
                prop_assert_eq!(p.mul(q).unwrap().div(q), Some(p));
            }
        }
    }
}
