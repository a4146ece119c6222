//! How many bits numbers have.

/// How exactly numbers are kept; what is computed with numbers of single precision is rounded to it.
///
/// In a program of single precision these are the numbers kept for each synapse: weights and what a rule keeps beside
/// them. All others, and all time, are in double precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// f64.
    #[default]
    Double,
    /// f32.
    Single,
}

impl Precision {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Double, Self::Single];

    /// What a file calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Double => "f64",
            Self::Single => "f32",
        }
    }

    /// How many bytes a number takes.
    pub fn bytes(self) -> usize {
        match self {
            Self::Double => 8,
            Self::Single => 4,
        }
    }
}
