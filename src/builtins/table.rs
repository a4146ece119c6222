use super::Expected::{Number, Numbers, Shown, Truth, Within};
use super::{Arity, Builtin, DimRule, Example, Expected, Kind, Special};
use crate::hir::{Distribution, Function as F, ReduceOp as R};

/// The word called `name`.
pub fn lookup(name: &str) -> Option<&'static Builtin> {
    TABLE.iter().find(|b| b.name == name)
}

/// Every word, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|b| b.name)
}

/// Every word of the language that is not a keyword, grouped as the manual groups them.
#[rustfmt::skip]
pub const TABLE: &[Builtin] = &[
    // constants
    constant("pi", "The circle's circumference over its diameter.", std::f64::consts::PI, "cos(pi)", -1.0),
    constant("e", "The base of natural logarithms.", std::f64::consts::E, "log(e)", 1.0),
    constant("inf", "Infinity: the bound that never binds.", f64::INFINITY, "min(2, inf)", 2.0),
    // functions of each element
    function("abs", "abs(v)", "The distance from zero.", F::Abs, 1, DimRule::Same, "abs(-3)", 3.0),
    function("sign", "sign(v)", "-1, 0 or 1: on which side of zero.", F::Sign, 1, DimRule::AnyToPlain, "sign(-3)", -1.0),
    function("sqrt", "sqrt(v)", "The square root.", F::Sqrt, 1, DimRule::Sqrt, "sqrt(16)", 4.0),
    function("exp", "exp(v)", "e to the power v.", F::Exp, 1, DimRule::Plain, "exp(1)", std::f64::consts::E),
    function("expm1", "expm1(v)", "exp(v) - 1, exact also for small v.", F::Expm1, 1, DimRule::Plain, "expm1(1e-20)", 1e-20),
    function("log", "log(v)", "The natural logarithm.", F::Log, 1, DimRule::Plain, "log(e^2)", 2.0),
    function("log10", "log10(v)", "The logarithm to base 10.", F::Log10, 1, DimRule::Plain, "log10(1000)", 3.0),
    function("log2", "log2(v)", "The logarithm to base 2.", F::Log2, 1, DimRule::Plain, "log2(8)", 3.0),
    function("sin", "sin(v)", "The sine of an angle in radians.", F::Sin, 1, DimRule::Plain, "sin(pi/2)", 1.0),
    function("cos", "cos(v)", "The cosine of an angle in radians.", F::Cos, 1, DimRule::Plain, "cos(0)", 1.0),
    function("tan", "tan(v)", "The tangent of an angle in radians.", F::Tan, 1, DimRule::Plain, "tan(pi/4)", 1.0),
    function("arcsin", "arcsin(v)", "The angle in radians whose sine is v.", F::Arcsin, 1, DimRule::Plain, "arcsin(1)", std::f64::consts::FRAC_PI_2),
    function("arccos", "arccos(v)", "The angle in radians whose cosine is v.", F::Arccos, 1, DimRule::Plain, "arccos(-1)", std::f64::consts::PI),
    function("arctan", "arctan(v)", "The angle in radians whose tangent is v.", F::Arctan, 1, DimRule::Plain, "4*arctan(1)", std::f64::consts::PI),
    function("sinh", "sinh(v)", "The hyperbolic sine.", F::Sinh, 1, DimRule::Plain, "sinh(0)", 0.0),
    function("cosh", "cosh(v)", "The hyperbolic cosine.", F::Cosh, 1, DimRule::Plain, "cosh(0)", 1.0),
    function("tanh", "tanh(v)", "The hyperbolic tangent: v near zero, -1 and 1 far out.", F::Tanh, 1, DimRule::Plain, "tanh(100)", 1.0),
    function("sigmoid", "sigmoid(v)", "1/(1 + exp(-v)): from 0 far below zero to 1 far above.", F::Sigmoid, 1, DimRule::Plain, "sigmoid(0)", 0.5),
    function("relu", "relu(v)", "max(0, v): v where it is positive, else 0.", F::Relu, 1, DimRule::Same, "relu(-2) + relu(3)", 3.0),
    function("floor", "floor(v)", "The largest whole number that is not above v.", F::Floor, 1, DimRule::Plain, "floor(-1.5)", -2.0),
    function("ceil", "ceil(v)", "The smallest whole number that is not below v.", F::Ceil, 1, DimRule::Plain, "ceil(-1.5)", -1.0),
    function("round", "round(v)", "The nearest whole number; halfway, the one farther from zero.", F::Round, 1, DimRule::Plain, "round(2.5)", 3.0),
    function("mod", "mod(a, b)", "a - b*floor(a/b): what is left of a after whole steps of b; it has the sign of b.", F::Mod, 2, DimRule::Same, "mod(-1, 4)", 3.0),
    function("clip", "clip(v, lo, hi)", "min(hi, max(lo, v)): v held between lo and hi.", F::Clip, 3, DimRule::Same, "clip(7, 0, 5)", 5.0),
    // reductions
    either("min", "min(a, b), min(v over axes)", "The smaller of two values, or the smallest along axes.", F::Min, R::Min, "stimulus s[k: 4] = k + 1", "min(s) + min(5, 3)", 4.0),
    either("max", "max(a, b), max(v over axes)", "The larger of two values, or the largest along axes.", F::Max, R::Max, "stimulus s[k: 4] = k + 1", "max(s) + max(5, 3)", 9.0),
    reduction("sum", "sum(v over axes)", "The sum along the named axes, or along all.", R::Sum, 1, DimRule::Same, SQUARES, "sum(s)", Number(14.0)),
    reduction("mean", "mean(v over axes)", "The mean along the named axes, or along all; synapses that do not exist do not count.", R::Mean, 1, DimRule::Same, SQUARES, "mean(s)", Number(3.5)),
    reduction("std", "std(v over axes)", "The population standard deviation, sqrt(mean((v - mean(v))^2)).", R::Std, 1, DimRule::Same, "stimulus s[k: 2] = 4*k", "std(s)", Number(2.0)),
    reduction("cv", "cv(v over axes)", "The coefficient of variation, std(v)/mean(v).", R::Cv, 1, DimRule::AnyToPlain, "stimulus s[k: 2] = 4*k", "cv(s)", Number(1.0)),
    reduction("median", "median(v over axes)", "The middle value; of an even number, the mean of the two in the middle.", R::Median, 1, DimRule::Same, SQUARES, "median(s)", Number(2.5)),
    reduction("norm", "norm(v over axes)", "The Euclidean length, sqrt(sum(v^2)).", R::Norm, 1, DimRule::Same, "stimulus s[k: 2] = 3 + k", "norm(s)", Number(5.0)),
    reduction("argmax", "argmax(v over axes)", "The place, from 0, of the first of the largest values.", R::Argmax, 1, DimRule::AnyToPlain, SQUARES, "argmax(s)", Number(3.0)),
    reduction("argmin", "argmin(v over axes)", "The place, from 0, of the first of the smallest values.", R::Argmin, 1, DimRule::AnyToPlain, SQUARES, "argmin(s)", Number(0.0)),
    reduction("correlation", "correlation(a, b over axes)", "Pearson's correlation of two values along axes.", R::Correlation, 2, DimRule::AnyToPlain, SQUARES, "correlation(s, 3 - 2*s)", Number(-1.0)),
    reduction("count", "count(condition over axes)", "How many elements fulfil the condition.", R::Count, 1, DimRule::TruthToPlain, SQUARES, "count(s > 0)", Number(3.0)),
    reduction("any", "any(condition over axes)", "Whether at least one element fulfils the condition.", R::Any, 1, DimRule::Truth, SQUARES, "any(s > 8)", Truth(true)),
    reduction("all", "all(condition over axes)", "Whether every element fulfils the condition.", R::All, 1, DimRule::Truth, SQUARES, "all(s > 0)", Truth(false)),
    reduction("period", "period(v over t)", "The mean interval between downward crossings of the mean, each interpolated between two samples.", R::Period, 1, DimRule::Coordinate, "stimulus s[k: 40] = sin(2*pi*k/8)", "period(s)", Number(8.0)),
    reduction("monotone", "monotone(v over t)", "Whether it never turns: never falls, or never rises.", R::Monotone, 1, DimRule::AnyToTruth, SQUARES, "monotone(s)", Truth(true)),
    // words of their own
    special("first", "first(v)", "The first element along the outermost axis.", Special::First, (1, 1), DimRule::Same, SQUARES, "first(s)", Number(0.0)),
    special("last", "last(v)", "The last element along the outermost axis.", Special::Last, (1, 1), DimRule::Same, SQUARES, "last(s)", Number(9.0)),
    special("histogram", "histogram(v, bins)", "How many values fall into each of equal bins from the least to the largest.", Special::Histogram, (2, 2), DimRule::AnyToPlain, SQUARES, "histogram(s, 3)", Numbers(&[2.0, 1.0, 1.0])),
    special("shuffle", "shuffle(values)", "The values of a loop in a seeded random order.", Special::Shuffle, (1, 1), DimRule::Own, "", "for k in shuffle(0..60) { rest 1 s }", Shown),
    special("load", "load(\"file\", columns = [name unit, ...])", "The numbers of a file beside this one: an array from .npy or .png, a table from .csv. Columns get their names and units here or from a header row.", Special::Load, (1, 2), DimRule::Own, "", "load(\"data/rates.csv\", columns = [rate Hz, change])", Shown),
    special("rate", "rate(population)", "The spikes of each cell since the sample before, per second; in records only.", Special::Rate, (1, 1), DimRule::Own, "", "record r = mean(rate(cortex)) every 1 s", Shown),
    special("xi", "xi", "White noise in `dv/dt = ...`, with the unit 1/sqrt(s).", Special::Noise, (0, 0), DimRule::Own, "", "10 ms * dv/dt = -v + sqrt(10 ms)*xi", Shown),
    // random draws
    random("uniform", "uniform(lo, hi)", "A random number from lo up to hi, drawn anew for each element.", Distribution::Uniform, "uniform(0.5, 1.5)", Within(0.5, 1.5)),
    random("normal", "normal(mean, sd)", "A normally distributed random number, drawn anew for each element.", Distribution::Normal, "normal(3, 0)", Within(3.0, 3.0)),
];

const SQUARES: &str = "stimulus s[k: 4] = k^2";

const fn constant(
    name: &'static str,
    doc: &'static str,
    value: f64,
    text: &'static str,
    result: f64,
) -> Builtin {
    Builtin {
        name,
        signature: name,
        doc,
        example: Example { setup: "", text, expected: Number(result) },
        kind: Kind::Constant(value),
        arity: Arity { min: 0, max: 0 },
        dims: DimRule::Plain,
    }
}

#[allow(clippy::too_many_arguments)] // A row of the table, not an interface.
const fn function(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    function: F,
    args: usize,
    dims: DimRule,
    text: &'static str,
    result: f64,
) -> Builtin {
    Builtin {
        name,
        signature,
        doc,
        example: Example { setup: "", text, expected: Number(result) },
        kind: Kind::Elementwise(function),
        arity: Arity { min: args, max: args },
        dims,
    }
}

#[allow(clippy::too_many_arguments)] // A row of the table, not an interface.
const fn either(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    function: F,
    op: R,
    setup: &'static str,
    text: &'static str,
    result: f64,
) -> Builtin {
    Builtin {
        name,
        signature,
        doc,
        example: Example { setup, text, expected: Number(result) },
        kind: Kind::Both(function, op),
        arity: Arity { min: 1, max: 2 },
        dims: DimRule::Same,
    }
}

#[allow(clippy::too_many_arguments)] // A row of the table, not an interface.
const fn reduction(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    op: R,
    args: usize,
    dims: DimRule,
    setup: &'static str,
    text: &'static str,
    expected: Expected,
) -> Builtin {
    Builtin {
        name,
        signature,
        doc,
        example: Example { setup, text, expected },
        kind: Kind::Reduce(op),
        arity: Arity { min: args, max: args },
        dims,
    }
}

#[allow(clippy::too_many_arguments)] // A row of the table, not an interface.
const fn special(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    special: Special,
    (min, max): (usize, usize),
    dims: DimRule,
    setup: &'static str,
    text: &'static str,
    expected: Expected,
) -> Builtin {
    Builtin {
        name,
        signature,
        doc,
        example: Example { setup, text, expected },
        kind: Kind::Special(special),
        arity: Arity { min, max },
        dims,
    }
}

const fn random(
    name: &'static str,
    signature: &'static str,
    doc: &'static str,
    distribution: Distribution,
    text: &'static str,
    expected: Expected,
) -> Builtin {
    Builtin {
        name,
        signature,
        doc,
        example: Example { setup: "", text, expected },
        kind: Kind::Random(distribution),
        arity: Arity { min: 2, max: 2 },
        dims: DimRule::Same,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_word_stands_once() {
        let mut seen = HashSet::new();
        for name in names() {
            assert!(seen.insert(name), "`{name}` stands twice");
        }
    }

    #[test]
    fn signatures_start_with_their_word() {
        for b in TABLE {
            assert!(b.signature.starts_with(b.name), "{}", b.signature);
            assert!(b.doc.ends_with('.'), "{}", b.name);
            assert!(b.example.text.contains(b.name), "{}: the example does not use it", b.name);
            assert!(b.arity.min <= b.arity.max);
            assert_eq!(b.arity.max == 0, !b.signature.contains('('));
        }
    }

    #[test]
    fn min_has_two_forms() {
        let min = lookup("min").unwrap();
        assert_eq!(min.function(), Some(F::Min));
        assert_eq!(min.reduction(), Some(R::Min));
        assert!(min.arity.admits(1) && min.arity.admits(2) && !min.arity.admits(3));
        assert_eq!(lookup("minimum"), None);
    }

    #[test]
    fn every_reduction_is_in_the_table_or_has_its_own_word() {
        let ops = [
            R::Sum,
            R::Mean,
            R::Std,
            R::Cv,
            R::Min,
            R::Max,
            R::Norm,
            R::Argmax,
            R::Argmin,
            R::Correlation,
            R::Count,
            R::Any,
            R::All,
            R::Median,
            R::Period,
            R::Monotone,
        ];
        for op in ops {
            assert!(TABLE.iter().any(|b| b.reduction() == Some(op)), "{op:?}");
        }
    }
}
