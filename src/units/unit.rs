use super::Dim;

/// A unit as the user wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Its text: `1/s`, `mV/ms`; empty for a plain number.
    pub text: String,
    /// Its dimension.
    pub dim: Dim,
    /// How many SI units it is.
    pub factor: f64,
}
