//! What can still be wrong with a checked program, as diagnostics.

use super::{Open, WhyTicks};
use crate::diag::{Code, Diagnostic};
use crate::eval::{EvalError, Fault};
use crate::hir::{Length, Program};
use crate::ir::timeline::Timeline;
use crate::source::Span;

/// A result of building.
pub type BuildResult<T> = Result<T, Box<Diagnostic>>;

/// A fault of an expression whose value is needed; `around` is the place if the fault has none.
pub(crate) fn from_eval(error: &EvalError, around: Span) -> Box<Diagnostic> {
    let span = error.span.unwrap_or(around);
    Box::new(match &error.fault {
        Fault::OutOfRange { place, size, axes } => {
            let axes = list(axes);
            let headline = format!("place {place} along {axes} does not exist");
            let valid = match size {
                0 => format!("{axes} has no places"),
                _ => format!("{axes} has places 0 to {}", size - 1),
            };
            Diagnostic::new(Code::E0802, span, headline, format!("this is {place}")).note(valid)
        }
        Fault::TooLarge { bytes } => {
            let headline = format!("this value needs {} of memory", bytes_text(*bytes));
            Diagnostic::new(Code::E0803, span, headline, "too large").help("make one of its axes smaller")
        }
        Fault::Absent => Diagnostic::new(
            Code::E0804,
            span,
            "this value does not exist",
            "an unconnected synapse, or a sample that was never taken",
        ),
        Fault::Recursion { .. }
        | Fault::Stopped
        | Fault::NotHere { .. }
        | Fault::NotScalar { .. }
        | Fault::NoSample { .. }
        | Fault::SampleMismatch { .. } => internal(span, &error.fault.to_string()),
    })
}

/// A fault of plast, not of the program.
pub(crate) fn internal(span: Span, what: &str) -> Diagnostic {
    let headline = format!("internal error (this is a bug in plast): {what}");
    Diagnostic::new(Code::E0001, span, headline, "while this was being run")
}

/// An array that does not fit.
pub(crate) fn too_large(name: &str, span: Span, bytes: u128, memory: u64, help: &str) -> Box<Diagnostic> {
    let headline = format!("the run needs at least {} of memory", bytes_text(bytes));
    Box::new(
        Diagnostic::new(Code::E0803, span, headline, format!("`{name}` no longer fits"))
            .note(format!("there are {}", bytes_text(u128::from(memory))))
            .help(help),
    )
}

/// A variable that starts from no number.
pub(crate) fn bad_start(name: &str, span: Span, value: f64, place: &str) -> Box<Diagnostic> {
    let what = not_finite(value);
    let label = if place.is_empty() { what.to_string() } else { format!("{what} at {place}") };
    Box::new(Diagnostic::new(Code::E0801, span, format!("the start of `{name}` {what}"), label))
}

/// Where and why time goes tick by tick, in words.
pub(crate) fn why_ticks(program: &Program, timeline: &Timeline, why: WhyTicks) -> (Option<Span>, String) {
    let var = |v: crate::hir::VarId| &program.vars[v];
    match why {
        WhyTicks::Continuous(v, open) => {
            let name = &var(v).name;
            let what = match open {
                Open::Form => format!("`{name}` changes between spikes, and not by a decay with constants"),
                Open::Read => format!("`{name}` is read while it changes, not only at spikes"),
                Open::Restrained => format!("bounds or a normalisation hold `{name}` while it changes"),
                Open::Frozen => format!("a phase freezes `{name}` while it would change"),
                Open::Gathers => format!("synapses add to `{name}` while it changes"),
                Open::Held => format!("`{name}` is held while its cell is refractory"),
            };
            (Some(var(v).span), what)
        }
        WhyTicks::Restrained(v) => {
            (Some(var(v).span), format!("bounds or a normalisation of `{}` follow the states", var(v).name))
        }
        WhyTicks::Delayed(v) => (Some(var(v).span), format!("`{}` changes with time", var(v).name)),
        WhyTicks::Threshold(p) | WhyTicks::Rate(p) => {
            let population = &program.populations[p];
            let span = population.spiking.as_ref().map_or(population.span, |s| s.span);
            let what = match why {
                WhyTicks::Threshold(_) => format!("states of `{}` decide when it spikes", population.name),
                _ => format!("the rate of `{}` changes with time", population.name),
            };
            (Some(span), what)
        }
        WhyTicks::Until => {
            let until = timeline.leaves.iter().find(|l| matches!(l.length, Length::Until { .. }));
            (until.map(|l| l.span), "`until` is asked after every tick".into())
        }
        WhyTicks::Asked => (None, "`--ticks` asks for ticks".into()),
        WhyTicks::NoSpikes => (None, "nothing spikes".into()),
    }
}

/// Spikes and something that goes on between them, without a clock.
pub(crate) fn needs_a_clock(program: &Program, timeline: &Timeline, why: WhyTicks) -> Box<Diagnostic> {
    let (span, what) = why_ticks(program, timeline, why);
    let headline = "this file needs a clock";
    let d = match span {
        Some(span) => Diagnostic::new(Code::E0613, span, headline, what),
        None => Diagnostic::global(Code::E0613, headline).note(what),
    };
    Box::new(
        d.note(
            "only where nothing but spikes and decays happens, time goes from spike to spike without ticks",
        )
        .help("say how long a tick is, such as `clock 0.1 ms`"),
    )
}

/// Something at events that kernels cannot compute.
pub(crate) fn beyond_kernels(name: &str, span: Span) -> Box<Diagnostic> {
    let headline = format!("what spikes do at `{name}` cannot be computed cell by cell");
    Box::new(
        Diagnostic::new(Code::E0610, span, headline, "reads more than the synapse and its two cells")
            .help("keep what it needs of others in a variable of the cell, with an equation of its own"),
    )
}

/// In which way a number is not finite.
pub(crate) fn not_finite(value: f64) -> &'static str {
    if value.is_nan() { "is not a number" } else { "is infinite" }
}

/// More intervals than there are plans for.
pub(crate) fn too_many_intervals(most: usize, apart: bool, span: Span) -> Box<Diagnostic> {
    let headline = format!("more than {most} different intervals");
    let d = Diagnostic::new(Code::E0803, span, headline, "one more");
    let d = d.note("`update every` and `normalise ... every` of all projections count together");
    let d = match apart {
        true => d.note(
            "the two count apart, also those of one length, where what is normalised changes in every tick:\n\
             an update acts at the start of a tick, such a normalisation at the end",
        ),
        false => d,
    };
    Box::new(d.help("let some of them share an interval"))
}

/// A number of bytes as a person says it.
pub(crate) fn bytes_text(bytes: u128) -> String {
    let (mut value, mut unit) = (bytes as f64, "bytes");
    for larger in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1000.0, larger);
    }
    if unit == "bytes" { format!("{bytes} bytes") } else { format!("{value:.1} {unit}") }
}

fn list(axes: &[String]) -> String {
    axes.iter().map(|a| format!("`{a}`")).collect::<Vec<_>>().join(", ")
}
