use crate::source::Span;
use thiserror::Error;

/// Why an expression has no value, and where.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{fault}")]
pub struct EvalError {
    /// What is wrong.
    pub fault: Fault,
    /// The innermost expression that has no value.
    pub span: Option<Span>,
}

impl EvalError {
    /// A fault whose place the evaluator fills in.
    pub fn new(fault: Fault) -> Self {
        Self { fault, span: None }
    }

    /// Something that an [`Env`](super::Env) does not have.
    pub fn not_here(what: Missing) -> Self {
        Self::new(Fault::NotHere { what })
    }

    /// The same fault with a place, unless it has one.
    pub fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }
}

/// What can be wrong with an expression that the checker accepted.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Fault {
    /// An index that is not one of the places 0 to size - 1.
    #[error("there is no place {place} along {}: it has {size}", list(axes))]
    OutOfRange {
        /// The index.
        place: f64,
        /// How many places there are.
        size: usize,
        /// The axes that were indexed.
        axes: Vec<String>,
    },
    /// An array where one number is needed.
    #[error("a single number is needed, and this has one for each {}", list(axes))]
    NotScalar {
        /// The axes it has.
        axes: Vec<String>,
    },
    /// A single number that does not exist: a synapse that is not connected, a sample that was never taken.
    #[error("this value does not exist")]
    Absent,
    /// An array that does not fit into memory.
    #[error("this needs {bytes} bytes of memory")]
    TooLarge {
        /// How much it would take.
        bytes: u128,
    },
    /// Something that is not known where the expression is evaluated.
    #[error("{what} is not known here")]
    NotHere {
        /// What.
        what: Missing,
    },
    /// Two values that do not have the same elements along an axis, such as records with different samples.
    #[error("one side has {left} elements along `{axis}`, the other {right}")]
    SampleMismatch {
        /// The axis.
        axis: String,
        /// Elements of the left side.
        left: usize,
        /// Elements of the right side.
        right: usize,
    },
    /// A time, or a stretch of time, in which a record has no sample.
    #[error("no sample lies {}{}: {}", stretch(*from, *to), of_case(case), samples(*count, *first, *last))]
    NoSample {
        /// The start of the stretch in seconds, if it has one.
        from: Option<f64>,
        /// Its end; the same as `from` for a single time.
        to: Option<f64>,
        /// How many samples there are.
        count: usize,
        /// The time of the first.
        first: f64,
        /// The time of the last.
        last: f64,
        /// The case that lacks it where others have it, one name for each of its axes.
        case: Vec<String>,
    },
    /// Someone has asked to stop.
    #[error("interrupted")]
    Stopped,
    /// A constant that is made from itself.
    #[error("`{name}` is made from itself")]
    Recursion {
        /// Its name.
        name: String,
    },
}

/// What an [`Env`](super::Env) may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Missing {
    /// A parameter.
    #[error("the parameter")]
    Param,
    /// A stimulus or data.
    #[error("the constant")]
    Constant,
    /// A variable.
    #[error("the variable")]
    Variable,
    /// A loop's or pick's variable.
    #[error("the loop variable")]
    Local,
    /// The time.
    #[error("the time")]
    Time,
    /// A probe.
    #[error("the probe")]
    Probe,
    /// A record.
    #[error("the record")]
    Record,
    /// The value at the start of the run.
    #[error("the value at the start")]
    Start,
    /// How many elements an axis has, or their coordinates.
    #[error("the extent of the axis")]
    Extent,
}

fn list(axes: &[String]) -> String {
    axes.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(", ")
}

fn seconds(t: f64) -> String {
    format!("{} s", crate::units::format_number(t, 9))
}

fn stretch(from: Option<f64>, to: Option<f64>) -> String {
    match (from, to) {
        (Some(from), Some(to)) if from == to => format!("at {}", seconds(from)),
        (Some(from), Some(to)) => format!("in {} .. {}", seconds(from), seconds(to)),
        (Some(from), None) => format!("in {} ..", seconds(from)),
        (None, Some(to)) => format!("in .. {}", seconds(to)),
        (None, None) => "here".to_string(),
    }
}

fn of_case(case: &[String]) -> String {
    if case.is_empty() { String::new() } else { format!(" in the case [{}]", case.join(", ")) }
}

fn samples(count: usize, first: f64, last: f64) -> String {
    match count {
        0 => "there are none".to_string(),
        1 => format!("the only one was taken at {}", seconds(first)),
        _ => format!("the {count} there are run from {} to {}", seconds(first), seconds(last)),
    }
}
