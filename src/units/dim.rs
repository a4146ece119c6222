/// A small rational number in lowest terms, denominator positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ratio {
    /// Numerator.
    pub num: i16,
    /// Denominator, at least 1.
    pub den: i16,
}

/// A dimension: exponents of length (m), mass (kg), time (s), current (A), temperature (K), amount (mol).
///
/// Canonical: equal dimensions are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dim {
    /// Exponents in the order named above.
    pub exponents: [Ratio; 6],
}
