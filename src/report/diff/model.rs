use super::side::Kind;
use crate::units::Unit;

/// What differs between two runs. Of every pair the first is A's, the second B's.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    /// The two sides.
    pub sides: [About; 2],
    /// Expectations with another verdict, or in one side only.
    pub verdicts: Vec<VerdictChange>,
    /// What was run otherwise: contract, precision, tick, seed, rules, how long.
    pub setup: Vec<Setup>,
    /// Parameters with other values, or in one side only.
    pub parameters: Vec<Setup>,
    /// Parts of the file with another text.
    pub parts: Vec<PartChange>,
    /// Cases in one side only.
    pub cases: [Vec<String>; 2],
    /// Probes with other values.
    pub probes: Vec<Of>,
    /// Records with other values.
    pub records: Vec<Of>,
    /// Probes and records in one side only.
    pub only: [Vec<String>; 2],
    /// Probes and records that are the same to the last bit.
    pub same: Vec<String>,
    /// Those whose differences are too small to be shown.
    pub below: Vec<String>,
    /// How many numbers were compared.
    pub numbers: usize,
    /// What cannot be compared, and why.
    pub uncompared: Vec<String>,
    /// What is good to know and no difference: versions of plast, digests of files.
    pub notes: Vec<String>,
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
            && self.setup.is_empty()
            && self.parameters.is_empty()
            && self.parts.is_empty()
            && self.probes.is_empty()
            && self.records.is_empty()
            && self.cases.iter().chain(&self.only).all(Vec::is_empty)
    }
}

/// One of the two sides.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// A path, with what was set from outside.
    pub name: String,
    /// Where it comes from.
    pub kind: Kind,
    /// Whether its run was stopped before its end.
    pub interrupted: bool,
}

/// An expectation whose verdict changed.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictChange {
    /// Its text.
    pub text: String,
    /// Its message.
    pub message: Option<String>,
    /// `held`, `failed` or `skipped`; none in a side that lacks it.
    pub verdicts: [Option<String>; 2],
    /// What was measured.
    pub measured: [Vec<String>; 2],
}

/// A value of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// A number in the unit it was written in.
    Number(f64, Unit),
    /// Anything else: a rule.
    Text(String),
}

/// A setting that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// What it is: `seed`, `lambda`, `ff.rule`.
    pub name: String,
    /// The case it differs in; none where it is the same in all cases.
    pub case: Option<String>,
    /// Its values; none in a side that lacks it.
    pub values: [Option<Setting>; 2],
}

/// A part of the file with another text.
#[derive(Debug, Clone, PartialEq)]
pub struct PartChange {
    /// What it is: `protocol`, `rule bcm`.
    pub name: String,
    /// The lines that differ, in order.
    pub lines: Vec<Line>,
}

/// A line that is in one side only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether it is B's.
    pub in_b: bool,
    /// Its text.
    pub text: String,
}

/// A probe or a record that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Of {
    /// `rate`, `rate[silence]`, `rate[silence].control`.
    pub key: String,
    /// Its own axes: `[cell: 20]`; empty for a number.
    pub axes: String,
    /// The unit of all its numbers here.
    pub unit: Unit,
    /// Whether it is a truth value.
    pub truth: bool,
    /// How it differs.
    pub how: How,
}

/// How a probe or a record differs.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// A single number.
    Number(Spot),
    /// Some elements of an array.
    Array {
        /// How many elements there are.
        elements: usize,
        /// How many of them differ.
        differing: usize,
        /// The largest difference.
        largest: Spot,
    },
    /// A series parts.
    Series {
        /// How many samples both have.
        compared: usize,
        /// At how many of them it differs.
        differing: usize,
        /// How many samples have none of the same time in the other side.
        alone: [usize; 2],
        /// The first difference.
        first: Option<Spot>,
        /// The largest difference.
        largest: Option<Spot>,
        /// The largest difference in the last sample both have.
        end: Option<Spot>,
        /// The courses, in as many steps each.
        courses: [Vec<f64>; 2],
    },
    /// Among the few numbers that a lock keeps of many, or by its digests.
    Kept {
        /// How many elements there are.
        elements: usize,
        /// The places between which the first difference lies, both included.
        between: Option<(Spot, Spot)>,
        /// The first number kept that differs.
        first: Option<Spot>,
    },
    /// Other axes, or other lengths of axes.
    Shape([String; 2]),
    /// Sampled at other times, which cannot be matched.
    Times([String; 2]),
    /// Another unit of another dimension.
    Unit([String; 2]),
    /// Reached in one side only.
    Reached([bool; 2]),
    /// It cannot be read back.
    Unreadable(String),
}

/// Two numbers at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// When, in seconds, for a record; none where a lock does not say.
    pub time: Option<f64>,
    /// Where: `[cell: 3]`; empty for a scalar.
    pub place: String,
    /// The numbers; none where one is missing.
    pub values: [Option<f64>; 2],
}

impl Spot {
    /// B less A, if both are there.
    pub fn difference(&self) -> Option<f64> {
        Some(self.values[1]? - self.values[0]?)
    }

    /// The difference as part of A's number; none where that is zero.
    pub fn relative(&self) -> Option<f64> {
        relative(self.values[0]?, self.values[1]?)
    }
}

/// How much `b` is more than `a`, as part of `a`.
pub(super) fn relative(a: f64, b: f64) -> Option<f64> {
    (a != 0.0).then(|| (b - a) / a.abs()).filter(|r| r.is_finite())
}
