use super::duration::duration;
use crate::backend::Choice;
use crate::contract;
use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Which flags can be set in the environment: those that say how something is done, not what of a file is changed.
const ENVIRONMENT: &str = "\
Set in the environment too, as PLAST_SEED and so on: --seed, --precision, --until, --out, --show, --format, --timing, --reps, --threads, \
--backend, --ticks, --color, --error-format, --quiet, --verbose. Not so --set, --case, --watch, --above, --force, --explain, --report, --output, --check, --diff, --greek, --ascii: they belong to one file.";

/// plast: a language for synaptic plasticity experiments.
///
/// A .plast file is the Methods section of an experiment, and it runs. `plast FILE` means `plast run FILE`.
#[derive(Debug, Parser)]
#[command(name = "plast", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = ENVIRONMENT)]
pub struct Cli {
    /// Flags of every verb.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Flags of every verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Whether to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        env = "PLAST_COLOR",
        hide_env = true
    )]
    pub color: Color,
    /// How to write messages
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        env = "PLAST_ERROR_FORMAT",
        hide_env = true
    )]
    pub error_format: ErrorFormat,
    /// Say nothing but what is wrong
    #[arg(long, short, global = true, env = "PLAST_QUIET", hide_env = true, value_parser = clap::builder::FalseyValueParser::new(), action = ArgAction::SetTrue)]
    pub quiet: bool,
    /// Say more
    #[arg(long, short, global = true, env = "PLAST_VERBOSE", hide_env = true, value_parser = clap::builder::FalseyValueParser::new(), action = ArgAction::SetTrue, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to write messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// With the source drawn below
    Text,
    /// One line each
    Short,
    /// One JSON object per line
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run an experiment and judge its expectations
    Run(RunArgs),
    /// Run an experiment several times and say how long it takes
    Bench(BenchArgs),
    /// Run an experiment and write a page that holds everything: results, equations, timeline
    Report(ReportArgs),
    /// Look for errors without running anything
    Check(CheckArgs),
    /// Write files in the one style
    Fmt(FmtArgs),
    /// Write the results, to the last bit, to NAME.lock beside NAME.plast
    Lock(LockArgs),
    /// Run again and compare with the lock, bit for bit
    Verify(VerifyArgs),
    /// Say what differs between two runs, and by how much
    Diff(DiffArgs),
    /// Explain an error code
    Explain(ExplainArgs),
    /// Write a small experiment to start from
    New(NewArgs),
    /// Explore an experiment line by line
    Repl(ReplArgs),
    /// Print what the stages make of a file
    Debug(DebugArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

impl Verb {
    /// How it computes experiments, if it does.
    pub fn compute(&self) -> Option<&Compute> {
        match self {
            Self::Run(a) => Some(&a.compute),
            Self::Bench(a) => Some(&a.compute),
            Self::Report(a) => Some(&a.compute),
            Self::Lock(a) => Some(&a.compute),
            Self::Verify(a) => Some(&a.compute),
            Self::Diff(a) => Some(&a.compute),
            Self::Repl(a) => Some(&a.compute),
            Self::Check(_) | Self::Fmt(_) | Self::Explain(_) => None,
            Self::New(_) | Self::Debug(_) | Self::Completions(_) => None,
        }
    }
}

impl From<Backend> for Choice {
    fn from(named: Backend) -> Self {
        match named {
            Backend::Auto => Self::Auto,
            Backend::Vm => Self::Vm,
            Backend::Native => Self::Native,
        }
    }
}

/// How experiments are computed; none of it changes a bit of a result.
#[derive(Debug, Clone, Args)]
pub struct Compute {
    /// How many threads to use [default: as many as there are processors]
    #[arg(long, value_name = "N", env = "PLAST_THREADS", hide_env = true, value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// What executes the kernels
    #[arg(
        long,
        value_enum,
        value_name = "NAME",
        default_value = "auto",
        env = "PLAST_BACKEND",
        hide_env = true
    )]
    pub backend: Backend,
    /// Go tick by tick also where time could go from spike to spike
    #[arg(long, env = "PLAST_TICKS", hide_env = true)]
    pub ticks: bool,
}

/// What executes the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// The fastest there is
    Auto,
    /// The virtual machine, which runs everywhere
    Vm,
    /// Machine code, for processors with AVX2 and FMA or AVX-512
    Native,
}

/// How exactly numbers are kept for each synapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Precision {
    /// 64 bits
    F64,
    /// 32 bits
    F32,
}

impl From<Precision> for contract::Precision {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F64 => Self::Double,
            Precision::F32 => Self::Single,
        }
    }
}

/// Flags that change what is run.
#[derive(Debug, Clone, Default, Args)]
pub struct Change {
    /// Use this seed in place of the file's; `random` draws one, which the summary shows
    #[arg(long, value_name = "N", env = "PLAST_SEED", hide_env = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// Keep weights, and what rules keep beside them, as f32 (half the memory) or f64, whatever the file says
    #[arg(long, value_name = "F", env = "PLAST_PRECISION", hide_env = true)]
    pub precision: Option<Precision>,
    /// Set a parameter, such as 'eta=2e-3 /s'; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub settings: Vec<(String, String)>,
}

/// `plast run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The experiment; `-` reads standard input
    pub file: PathBuf,
    /// What is changed.
    #[command(flatten)]
    pub change: Change,
    /// Run this case only, such as 'silence' or, of two blocks, 'silence, 10 Hz'; may be repeated
    #[arg(long = "case", value_name = "NAME")]
    pub cases: Vec<String>,
    /// End after this much simulated time, such as '10 s'
    #[arg(long, value_name = "DURATION", env = "PLAST_UNTIL", hide_env = true, value_parser = duration)]
    pub until: Option<f64>,
    /// Write the results to this folder
    #[arg(long, value_name = "DIR", env = "PLAST_OUT", hide_env = true)]
    pub out: Option<PathBuf>,
    /// Replace the results in a folder that exists
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Draw the figures in the terminal, below the summary
    #[arg(long, env = "PLAST_SHOW", hide_env = true, value_parser = clap::builder::FalseyValueParser::new(), action = ArgAction::SetTrue)]
    pub show: bool,
    /// Run again whenever the file, or one it uses or loads, is saved, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// Also write the report, one HTML page, to this file
    #[arg(long, value_name = "FILE", conflicts_with = "watch")]
    pub report: Option<PathBuf>,
    /// How to write the summary
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        env = "PLAST_FORMAT",
        hide_env = true
    )]
    pub format: Format,
    /// After the summary, also write how long each stage took
    #[arg(long, value_enum, value_name = "FORMAT", env = "PLAST_TIMING", hide_env = true)]
    pub timing: Option<Format>,
    /// How it is computed.
    #[command(flatten)]
    pub compute: Compute,
}

/// `plast report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The experiment; `-` reads standard input
    pub file: PathBuf,
    /// Where the page goes; `-` is standard output [default: NAME.html in the working folder, for NAME.plast]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What is changed.
    #[command(flatten)]
    pub change: Change,
    /// Run this case only, such as 'silence' or, of two blocks, 'silence, 10 Hz'; may be repeated
    #[arg(long = "case", value_name = "NAME")]
    pub cases: Vec<String>,
    /// End after this much simulated time, such as '10 s'
    #[arg(long, value_name = "DURATION", env = "PLAST_UNTIL", hide_env = true, value_parser = duration)]
    pub until: Option<f64>,
    /// How it is computed.
    #[command(flatten)]
    pub compute: Compute,
}

/// `plast bench`
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// The experiment; `-` reads standard input
    pub file: PathBuf,
    /// How often to run it
    #[arg(long, value_name = "N", env = "PLAST_REPS", hide_env = true, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    pub reps: u32,
    /// What is changed.
    #[command(flatten)]
    pub change: Change,
    /// Run this case only; may be repeated
    #[arg(long = "case", value_name = "NAME")]
    pub cases: Vec<String>,
    /// How to write how long it takes
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        env = "PLAST_TIMING",
        hide_env = true
    )]
    pub timing: Format,
    /// How it is computed.
    #[command(flatten)]
    pub compute: Compute,
}

/// How to write a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// `plast check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The files; `-` reads standard input
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Also tell how it will be computed: integrators, kernels, what is hoisted
    #[arg(long)]
    pub explain: bool,
    /// What is changed.
    #[command(flatten)]
    pub change: Change,
}

/// `plast fmt`
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// The files, or folders with all `.plast` files below them; `-`, or none behind a pipe, reads standard input and
    /// writes to standard output
    pub files: Vec<PathBuf>,
    /// Write nothing; name the files that are not in the style, and end with 3 if there are any
    #[arg(long)]
    pub check: bool,
    /// Write nothing; show what would change, and end with 3 if anything would
    #[arg(long)]
    pub diff: bool,
    /// Spell names with Greek letters where they can be: `theta` as `θ`
    #[arg(long, conflicts_with = "ascii")]
    pub greek: bool,
    /// Spell names and units with ASCII letters: `θ` as `theta`, `µs` as `us`
    #[arg(long)]
    pub ascii: bool,
}

/// `plast lock`
#[derive(Debug, Args)]
pub struct LockArgs {
    /// The experiments
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Lock the results even if an expectation fails
    #[arg(long)]
    pub force: bool,
    /// How it is computed.
    #[command(flatten)]
    pub compute: Compute,
}

/// `plast verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The experiments
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// How it is computed.
    #[command(flatten)]
    pub compute: Compute,
}

/// `plast diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// An experiment, which is run as it stands, a folder that `--out` wrote, or a lock
    pub a: PathBuf,
    /// What it is compared with; without it, A with `--set`, `--seed` or `--precision`, which change B only
    pub b: Option<PathBuf>,
    /// What is changed in B.
    #[command(flatten)]
    pub change: Change,
    /// Compare this case only; may be repeated
    #[arg(long = "case", value_name = "NAME")]
    pub cases: Vec<String>,
    /// End both runs after this much simulated time, such as '10 s'
    #[arg(long, value_name = "DURATION", env = "PLAST_UNTIL", hide_env = true, value_parser = duration)]
    pub until: Option<f64>,
    /// Pass over probes and records that differ by at most this part of their largest number, such as 1e-6
    #[arg(long, value_name = "PART", default_value_t = 0.0, hide_default_value = true, value_parser = part)]
    pub above: f64,
    /// How to write what differs
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        env = "PLAST_FORMAT",
        hide_env = true
    )]
    pub format: Format,
    /// How it is computed.
    #[command(flatten)]
    pub compute: Compute,
}

/// `plast explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code such as E0301, or its name; without one, all codes are listed
    pub code: Option<String>,
}

/// `plast new`
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The name of the experiment; NAME.plast is written
    pub name: PathBuf,
}

/// `plast repl`
#[derive(Debug, Args)]
pub struct ReplArgs {
    /// The file to begin with
    pub file: Option<PathBuf>,
    /// How it is computed.
    #[command(flatten)]
    pub compute: Compute,
}

/// `plast debug`
#[derive(Debug, Args)]
pub struct DebugArgs {
    /// The stage whose output is printed
    pub stage: Stage,
    /// The file; `-` reads standard input
    pub file: PathBuf,
}

/// A stage of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The words of the text
    Tokens,
    /// The tree of the file
    Ast,
    /// The checked program
    Hir,
    /// The kernels
    Ir,
    /// The kernels as the virtual machine runs them
    Tape,
    /// The machine code of kernels, and of many ticks as one loop
    Asm,
}

/// `plast completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// The command with everything it understands.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Puts `run` in front of the arguments where a file stands in place of a verb.
pub(super) fn with_default_verb(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_verb = |text: &str| text == "help" || command().get_subcommands().any(|c| c.get_name() == text);
    let is_file = |text: &str| {
        text == "-" || text.ends_with(".plast") || (!text.starts_with('-') && Path::new(text).is_file())
    };
    for (i, argument) in arguments.iter().enumerate().skip(1) {
        let text = argument.to_string_lossy();
        // a first word that is neither is a verb misspelt; later ones may be values of flags
        let misspelt = i == 1 && !text.starts_with('-') && !is_file(&text);
        if is_verb(&text) || misspelt {
            break;
        }
        if is_file(&text) {
            arguments.insert(1, "run".into());
            break;
        }
    }
    arguments
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_string(), value.trim().to_string()))
        }
        _ => Err("a setting is written NAME=VALUE, such as 'eta=2e-3 /s'".to_string()),
    }
}

/// A part of something: a number from 0 on.
fn part(text: &str) -> Result<f64, String> {
    let part = text.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0);
    part.ok_or_else(|| "a part is a number from 0 on, such as 1e-6".to_string())
}

/// A seed; a random one stays short enough to be typed again.
fn seed(text: &str) -> Result<u64, String> {
    if text == "random" {
        return Ok(rand::random_range(0..1_000_000_000));
    }
    text.parse().map_err(|_| "a seed is a whole number from 0 to 2^64 - 1, or `random`".to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn defaulted(arguments: &[&str]) -> Vec<String> {
        let arguments = arguments.iter().map(|a| OsString::from(*a)).collect();
        with_default_verb(arguments).into_iter().map(|a| a.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_arguments_are_consistent() {
        command().debug_assert();
    }

    /// The flags of all verbs, and whether each has a variable of the environment.
    fn flags() -> std::collections::BTreeMap<String, bool> {
        let mut root = command();
        root.build();
        let verbs = root.get_subcommands().filter(|c| c.get_name() != "help");
        let flags = verbs.flat_map(|c| c.get_arguments()).filter_map(|a| {
            let long = a.get_long().filter(|l| !matches!(*l, "help" | "version"))?;
            let variable = format!("PLAST_{}", long.replace('-', "_").to_uppercase());
            assert!(a.get_env().is_none_or(|e| *e == *variable), "--{long} is not {variable}");
            Some((format!("--{long}"), a.get_env().is_some()))
        });
        flags.collect()
    }

    #[test]
    fn the_help_tells_which_flags_the_environment_sets() {
        let (set, not) = ENVIRONMENT.split_once("Not so").unwrap();
        let names = |text: &str| -> std::collections::BTreeSet<String> {
            let words = text.split([' ', ',', '.', ':']);
            words.filter(|w| w.starts_with("--")).map(str::to_string).collect()
        };
        let of = |env| flags().into_iter().filter(|f| f.1 == env).map(|f| f.0).collect();
        assert_eq!(names(set), of(true));
        assert_eq!(names(not), of(false));
        let manual = include_str!("../../tests/spec/15-command-line.md");
        let sentence = manual.split("\n\n").find(|p| p.contains("PLAST_")).unwrap();
        let (set, not) = sentence.split_once("no variable").unwrap();
        let code = |text: &str| names(&text.replace('`', " "));
        assert_eq!(code(set), of(true));
        assert_eq!(code(not), of(false));
    }

    #[test]
    fn a_file_alone_is_run() {
        assert_eq!(defaulted(&["plast", "a.plast"]), ["plast", "run", "a.plast"]);
        assert_eq!(defaulted(&["plast", "-"]), ["plast", "run", "-"]);
        assert_eq!(defaulted(&["plast", "--seed", "3", "a.plast"])[1], "run");
        assert_eq!(defaulted(&["plast", "check", "a.plast"])[1], "check");
        assert_eq!(defaulted(&["plast", "rnu"]), ["plast", "rnu"]);
        assert_eq!(defaulted(&["plast", "rnu", "a.plast"]), ["plast", "rnu", "a.plast"]);
        assert_eq!(defaulted(&["plast", "--help"]), ["plast", "--help"]);
    }

    #[test]
    fn a_seed_is_a_number_or_random() {
        assert_eq!(seed("18446744073709551615"), Ok(u64::MAX));
        assert!(seed("-1").is_err() && seed("1.5").is_err() && seed("").is_err());
        assert!(seed("random").is_ok_and(|s| s < 1_000_000_000));
        let drawn: std::collections::BTreeSet<u64> = (0..8).filter_map(|_| seed("random").ok()).collect();
        assert!(drawn.len() > 1);
    }

    #[test]
    fn settings_are_split_at_the_first_equals_sign() {
        assert_eq!(setting("R=oja(eta = 1 /s)"), Ok(("R".to_string(), "oja(eta = 1 /s)".to_string())));
        assert!(setting("eta").is_err() && setting("=1").is_err() && setting("eta=").is_err());
    }
}
