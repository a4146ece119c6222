use super::model::Setting;
use super::names::AxisNames;
use super::numbers::{Numbers, Times};
use crate::units::Unit;

/// What is known of one run.
///
/// Made by [`reading`](super::reading()), [`folder`](super::folder()) or [`locked`](super::locked()).
#[derive(Debug, Clone)]
pub struct Side<'a> {
    /// What output calls it: a path, with what was set from outside.
    pub name: String,
    /// Where it comes from.
    pub kind: Kind,
    pub(super) head: Head,
    /// The parts of its file; not known of a folder or a lock.
    pub(super) parts: Option<Vec<Part>>,
    /// Its expectations; not known of a lock.
    pub(super) outcomes: Option<Vec<Judged>>,
    pub(super) cases: Vec<Case<'a>>,
    /// What is wrong with it without making it useless.
    pub(super) notes: Vec<String>,
}

/// Where a side comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An experiment that was run.
    Run,
    /// A folder that `--out` wrote.
    Folder,
    /// A lock.
    Lock,
}

/// What produced the results.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Head {
    pub plast: String,
    pub contract: u64,
    pub precision: String,
    /// The experiment's own file, then what it uses: name and SHA-256.
    pub files: Vec<(String, String)>,
    /// Where the run was asked to end, in seconds.
    pub until: Option<f64>,
    pub interrupted: bool,
}

/// A part of an experiment's file that results do not show by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is: `protocol`, `rule bcm`.
    pub name: String,
    /// Its text without comments, line by line.
    pub lines: Vec<String>,
}

/// An expectation as it was judged.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub text: String,
    pub message: Option<String>,
    pub verdict: String,
    /// The conditions with their numbers in place.
    pub measured: Vec<String>,
}

/// One case.
#[derive(Debug, Clone)]
pub(super) struct Case<'a> {
    /// Its name along each `cases` block, `silence, 10 Hz`; empty for a file without.
    pub key: String,
    pub seed: u64,
    /// In seconds; not known of a lock.
    pub tick: Option<f64>,
    pub parameters: Vec<(String, Setting)>,
    /// The rule of each projection; not known of a lock.
    pub rules: Option<Vec<RuleOf>>,
    pub main: Run<'a>,
    pub control: Option<Run<'a>>,
}

/// The rule of a projection with its parameters as used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RuleOf {
    pub projection: String,
    pub rule: String,
    pub parameters: Vec<(String, Setting)>,
}

/// One run.
#[derive(Debug, Clone)]
pub(super) struct Run<'a> {
    pub ticks: u64,
    pub probes: Vec<Quantity<'a>>,
    pub records: Vec<Quantity<'a>>,
}

/// A probe or a record of a run.
#[derive(Debug, Clone)]
pub(super) struct Quantity<'a> {
    pub name: String,
    /// None where a lock does not say.
    pub unit: Option<Unit>,
    pub truth: bool,
    /// Its own axes; of a record without the time. None where a lock does not name them.
    pub axes: Option<Vec<AxisNames>>,
    /// Its length along every axis, of a record the number of samples first.
    pub shape: Vec<usize>,
    /// When a record was sampled.
    pub times: Option<Times<'a>>,
    pub numbers: Numbers<'a>,
}

impl Quantity<'_> {
    /// How many numbers it has.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// How many numbers a sample of it has.
    pub fn width(&self) -> usize {
        self.shape.get(1..).unwrap_or(&[]).iter().product()
    }
}
