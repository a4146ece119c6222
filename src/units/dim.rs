use super::Ratio;

/// A dimension: exponents of length (m), mass (kg), time (s), current (A), temperature (K), amount (mol).
///
/// Canonical: equal dimensions are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dim {
    /// Exponents in the order named above.
    pub exponents: [Ratio; 6],
}

impl Dim {
    /// A plain number.
    pub const NONE: Dim = Dim::of([0, 0, 0, 0, 0, 0]);
    /// Metre.
    pub const LENGTH: Dim = Dim::of([1, 0, 0, 0, 0, 0]);
    /// Kilogram.
    pub const MASS: Dim = Dim::of([0, 1, 0, 0, 0, 0]);
    /// Second.
    pub const TIME: Dim = Dim::of([0, 0, 1, 0, 0, 0]);
    /// Ampere.
    pub const CURRENT: Dim = Dim::of([0, 0, 0, 1, 0, 0]);
    /// Kelvin.
    pub const TEMPERATURE: Dim = Dim::of([0, 0, 0, 0, 1, 0]);
    /// Mole.
    pub const AMOUNT: Dim = Dim::of([0, 0, 0, 0, 0, 1]);
    /// Hertz, the same as one per second.
    pub const FREQUENCY: Dim = Dim::of([0, 0, -1, 0, 0, 0]);
    /// Volt.
    pub const VOLTAGE: Dim = Dim::of([2, 1, -3, -1, 0, 0]);
    /// Siemens.
    pub const CONDUCTANCE: Dim = Dim::of([-2, -1, 3, 2, 0, 0]);
    /// Ohm.
    pub const RESISTANCE: Dim = Dim::of([2, 1, -3, -2, 0, 0]);
    /// Farad.
    pub const CAPACITANCE: Dim = Dim::of([-2, -1, 4, 2, 0, 0]);
    /// Coulomb.
    pub const CHARGE: Dim = Dim::of([0, 0, 1, 1, 0, 0]);
    /// Mole per cubic metre.
    pub const CONCENTRATION: Dim = Dim::of([-3, 0, 0, 0, 0, 1]);
    /// Newton.
    pub const FORCE: Dim = Dim::of([1, 1, -2, 0, 0, 0]);
    /// Joule.
    pub const ENERGY: Dim = Dim::of([2, 1, -2, 0, 0, 0]);
    /// Watt.
    pub const POWER: Dim = Dim::of([2, 1, -3, 0, 0, 0]);
    /// Pascal.
    pub const PRESSURE: Dim = Dim::of([-1, 1, -2, 0, 0, 0]);
    /// Cubic metre.
    pub const VOLUME: Dim = Dim::of([3, 0, 0, 0, 0, 0]);

    const fn of(e: [i16; 6]) -> Dim {
        let [a, b, c, d, f, g] = e;
        Dim {
            exponents: [
                Ratio::int(a),
                Ratio::int(b),
                Ratio::int(c),
                Ratio::int(d),
                Ratio::int(f),
                Ratio::int(g),
            ],
        }
    }

    /// Whether it is that of a plain number.
    pub fn is_none(self) -> bool {
        self == Dim::NONE
    }
}

/// The arithmetic answers `None` where an exponent would not fit.
#[allow(clippy::should_implement_trait)]
impl Dim {
    /// The dimension of a product.
    pub fn mul(self, other: Dim) -> Option<Dim> {
        self.combine(other, Ratio::add)
    }

    /// The dimension of a quotient.
    pub fn div(self, other: Dim) -> Option<Dim> {
        self.combine(other, Ratio::sub)
    }

    /// The dimension of a power.
    pub fn pow(self, exponent: Ratio) -> Option<Dim> {
        let mut result = Dim::NONE;
        for (r, e) in result.exponents.iter_mut().zip(self.exponents) {
            *r = e.mul(exponent)?;
        }
        Some(result)
    }

    /// The dimension of an integer power.
    pub fn powi(self, exponent: i32) -> Option<Dim> {
        self.pow(Ratio::new(i64::from(exponent), 1)?)
    }

    /// The dimension of an `n`-th root; `None` for the zeroth.
    pub fn root(self, n: i16) -> Option<Dim> {
        self.pow(Ratio::new(1, i64::from(n))?)
    }

    /// The dimension of a square root.
    pub fn sqrt(self) -> Option<Dim> {
        self.root(2)
    }

    /// The dimension of one over it.
    pub fn inverse(self) -> Option<Dim> {
        self.pow(Ratio::int(-1))
    }

    fn combine(self, other: Dim, f: fn(Ratio, Ratio) -> Option<Ratio>) -> Option<Dim> {
        let mut result = self;
        for (r, o) in result.exponents.iter_mut().zip(other.exponents) {
            *r = f(*r, o)?;
        }
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn any_dim() -> impl Strategy<Value = Dim> {
        proptest::array::uniform6((-8i64..8, 1i64..5))
            .prop_map(|e| Dim { exponents: e.map(|(n, d)| Ratio::new(n, d).unwrap()) })
    }

    #[test]
    fn derived_dimensions_agree() {
        assert_eq!(Dim::VOLTAGE.mul(Dim::CONDUCTANCE), Some(Dim::CURRENT));
        assert_eq!(Dim::RESISTANCE.mul(Dim::CAPACITANCE), Some(Dim::TIME));
        assert_eq!(Dim::CURRENT.mul(Dim::TIME), Some(Dim::CHARGE));
        assert_eq!(Dim::VOLTAGE.mul(Dim::CHARGE), Some(Dim::ENERGY));
        assert_eq!(Dim::ENERGY.div(Dim::TIME), Some(Dim::POWER));
        assert_eq!(Dim::PRESSURE.mul(Dim::VOLUME), Some(Dim::ENERGY));
        assert_eq!(Dim::CONCENTRATION.mul(Dim::VOLUME), Some(Dim::AMOUNT));
    }

    #[test]
    fn overflow_is_none() {
        assert_eq!(Dim::TIME.powi(40_000), None);
        assert_eq!(Dim::TIME.powi(30_000).unwrap().powi(2), None);
        assert_eq!(Dim::TIME.root(0), None);
    }

    proptest! {
        #[test]
        fn dimensions_are_an_abelian_group(a in any_dim(), b in any_dim(), c in any_dim()) {
            prop_assert_eq!(a.mul(b), b.mul(a));
            prop_assert_eq!(a.mul(b).unwrap().mul(c), a.mul(b.mul(c).unwrap()));
            prop_assert_eq!(a.mul(Dim::NONE), Some(a));
            prop_assert_eq!(a.mul(a.inverse().unwrap()), Some(Dim::NONE));
            prop_assert_eq!(a.div(b).unwrap().mul(b), Some(a));
        }

        #[test]
        fn powers_undo_roots(a in any_dim(), n in 1i16..5) {
            prop_assert_eq!(a.root(n).unwrap().powi(i32::from(n)), Some(a));
            prop_assert_eq!(a.powi(2), a.mul(a));
        }
    }
}
