use crate::hir::{Distribution, Function, ReduceOp};

/// A word of the language: what it means, what it takes, and an example that runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Builtin {
    /// The word.
    pub name: &'static str,
    /// How it is written: `clip(v, lo, hi)`.
    pub signature: &'static str,
    /// What it means, one or two sentences.
    pub doc: &'static str,
    /// An example that the tests run.
    pub example: Example,
    /// What it stands for.
    pub kind: Kind,
    /// How many arguments it takes.
    pub arity: Arity,
    /// What it asks of its arguments' dimensions, and the dimension of its result.
    pub dims: DimRule,
}

impl Builtin {
    /// Its element-wise form, if it has one.
    pub fn function(&self) -> Option<Function> {
        match self.kind {
            Kind::Elementwise(function) | Kind::Both(function, _) => Some(function),
            _ => None,
        }
    }

    /// Its reducing form, if it has one. `histogram` has none here: its bins are an argument.
    pub fn reduction(&self) -> Option<ReduceOp> {
        match self.kind {
            Kind::Reduce(op) | Kind::Both(_, op) => Some(op),
            _ => None,
        }
    }

    /// Whether it stands without parentheses.
    pub fn is_constant(&self) -> bool {
        matches!(self.kind, Kind::Constant(_))
    }
}

/// What a word stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A function of each element.
    Elementwise(Function),
    /// A reduction along axes.
    Reduce(ReduceOp),
    /// A function of two arguments, or a reduction of one: `min`, `max`.
    Both(Function, ReduceOp),
    /// A random draw of each element, then scaled: `uniform(lo, hi)` is `lo + (hi - lo)*u`,
    /// `normal(mean, sd)` is `mean + sd*z`.
    Random(Distribution),
    /// A plain number.
    Constant(f64),
    /// A word with a place in the grammar of its own.
    Special(Special),
}

/// Words that are neither functions of numbers nor reductions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Special {
    /// `load("file.csv")`: an array or a table, read when the file is checked.
    Load,
    /// `for k in shuffle(0..60)`: the same values in a seeded random order.
    Shuffle,
    /// `first(v)`: the first element along the outermost axis.
    First,
    /// `last(v)`: the last element along the outermost axis.
    Last,
    /// `histogram(v, bins)`: [`ReduceOp::Histogram`] with a constant number of bins.
    Histogram,
    /// `rate(population)`: spikes between two samples of a record.
    Rate,
    /// `xi`: white noise in a rate equation.
    Noise,
}

/// How many arguments a word takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Arity {
    /// At least.
    pub min: usize,
    /// At most.
    pub max: usize,
}

impl Arity {
    /// Whether so many arguments fit.
    pub fn admits(self, count: usize) -> bool {
        (self.min..=self.max).contains(&count)
    }
}

/// What a word asks of its arguments' dimensions, and the dimension of its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DimRule {
    /// Plain numbers to a plain number.
    Plain,
    /// All arguments have one dimension, and so has the result.
    Same,
    /// The result squared has the argument's dimension.
    Sqrt,
    /// Arguments of any dimensions, each its own, to a plain number.
    AnyToPlain,
    /// One argument of any dimension to a truth value.
    AnyToTruth,
    /// Truth values to a truth value.
    Truth,
    /// Truth values to a plain number.
    TruthToPlain,
    /// One argument of any dimension; the result has the dimension of the reduced axis's coordinates.
    Coordinate,
    /// Said by what is loaded or listed.
    Own,
}

/// An example of a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Example {
    /// Items that the expression needs, as a file would have them; mostly none.
    pub setup: &'static str,
    /// The expression, or a statement where [`Expected::Shown`].
    pub text: &'static str,
    /// What it gives.
    pub expected: Expected,
}

/// What an example gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Expected {
    /// A plain number, to the last digits.
    Number(f64),
    /// A truth value.
    Truth(bool),
    /// Several numbers along one axis.
    Numbers(&'static [f64]),
    /// A random number in this range, ends included.
    Within(f64, f64),
    /// Not an expression that stands alone: a statement, or one that needs a file.
    Shown,
}
