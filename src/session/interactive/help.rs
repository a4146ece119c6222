//! What can be commanded, and how: one table for `:help`, completion and suggestions.

use super::info::columns;
use crate::diag::{Code, Diagnostic, nearest};

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandInfo {
    /// Its name, without the colon.
    pub name: &'static str,
    /// Shorter names.
    pub aliases: &'static [&'static str],
    /// What follows it.
    pub usage: &'static str,
    /// What it does, in one line.
    pub line: &'static str,
    /// More about it.
    pub more: &'static str,
    /// Inputs that work one after the other, on the experiment of `:help`.
    pub examples: &'static [&'static str],
}

const fn command(
    name: &'static str,
    aliases: &'static [&'static str],
    usage: &'static str,
    line: &'static str,
    more: &'static str,
    examples: &'static [&'static str],
) -> CommandInfo {
    CommandInfo { name, aliases, usage, line, more, examples }
}

/// Every command, in the order of the help.
#[rustfmt::skip]
pub const COMMANDS: &[CommandInfo] = &[
    command("run", &["r"], "[TIME]", "runs the protocol: to its end, or for some time",
        "Beyond the end of the protocol time passes with nothing presented.",
        &[":run 10 s", ":run"]),
    command("step", &["s"], "[N]", "lets one tick pass, or N", "", &[":step", ":step 5"]),
    command("until", &["u"], "CONDITION [within TIME]", "runs until something holds",
        "The condition is looked at after every tick. Beyond the end of the protocol say how long it may take.",
        &[":until mean(w) > 0.11 within 100 s"]),
    command("present", &["p"], "VALUE [on POPULATION] for TIME", "presents something now",
        "The statement is written into the protocol where it stands, and is carried out. A presentation that is going on \
         is cut in two. Other statements - `rest`, `set`, `repeat`, `probe` - are typed as they are. Where there is one \
         population without equations, `on` may be left out.",
        &[":present 2*stripes for 1 s", "present stripes on input for 1 s", "probe seen = mean(w)"]),
    command("freeze", &[], "[NAMES]", "what is done by hand from now on changes no weights",
        "With names, such as `:freeze w, theta`, only these are held. What the file's protocol says is not changed.",
        &[":freeze", ":present stripes for 1 s", ":thaw"]),
    command("thaw", &[], "", "ends what `:freeze` began", "", &[":freeze w", ":thaw"]),
    command("mark", &["m"], "[NAME]", "gives this moment a name to come back to",
        "A moment is everything: states, random numbers, the place in the protocol, what was typed. Without a name, \
         it lists the marks.",
        &[":mark a", ":mark"]),
    command("back", &["b"], "NAME", "goes back to a marked moment", "",
        &[":mark a", ":run 5 s", ":back a"]),
    command("diff", &["d"], "NAME [NAME]", "says what differs between two marks, or a mark and now", "",
        &[":mark a", ":run 5 s", ":diff a"]),
    command("reset", &[], "", "goes back to the start; what was done by hand is taken out", "",
        &[":run 5 s", ":reset"]),
    command("replay", &[], "", "runs from the start, as the text is now, to the present time",
        "After something was changed in mid-run that no file can say, the session is again one that a file can say.",
        &[":run 5 s", ":replay"]),
    command("plot", &[], "[VALUE [vs X] [split by Y]]", "draws a value: over time, along its axis, or against another",
        "A number is drawn over the time that has passed: the session is run once more to follow it. `:plot histogram(w, 20)` \
         counts. Without a value, every plot and image of the text is drawn.",
        &[":run 5 s", ":plot mean(w)", ":plot theta", ":plot histogram(w, 5)"]),
    command("image", &[], "VALUE [as [ROW, COLUMN]]", "draws a value along two axes", "", &[":image w", ":image ff.w as [cell, col]"]),
    command("why", &["w"], "VARIABLE", "says which terms push a variable now, and how much",
        "Each additive term of its equation, its mean over all elements and its largest one.",
        &[":run 1 s", ":why w"]),
    command("type", &["t"], "EXPRESSION", "says what kind of value an expression is", "", &[":type mean(w)", ":type 2*eta"]),
    command("info", &["i"], "[NAME]", "says what is known of a name; without one, what there is",
        "Of a rule its equations, its parameters and who uses it; of a variable how it is stepped; of a function an example.",
        &[":info", ":info bcm", ":info w", ":info relu", ":info eta"]),
    command("units", &[], "[UNIT or EXPRESSION]", "lists units, or says what one is", "", &[":units", ":units mV"]),
    command("results", &[], "", "shows probes, records and expectations as they are now", "", &[":run", ":results"]),
    command("list", &["l"], "", "shows the text of the experiment as it is now", "", &[":list"]),
    command("case", &[], "[NAME]", "says which case this is, or takes another, from the start", "", &[":case", ":case silence"]),
    command("save", &[], "FILE", "writes the text as it is now to a file, whose run gives these bits",
        "`:save! FILE` replaces a file that exists. What no file can say - a rule exchanged in mid-run - is refused; \
         `:replay` then runs the text as it is now from the start.",
        &[]),
    command("load", &[], "FILE", "forgets everything and reads a file", "", &[]),
    command("clear", &[], "", "forgets everything", "", &[":clear"]),
    command("time", &[], "[INPUT]", "says how long the last run took, or an input takes", "", &[":time :run 5 s", ":time"]),
    command("ir", &[], "", "shows the kernels that compute a tick", "", &[":ir"]),
    command("asm", &[], "", "shows them as machine code, where there is any", "", &[":asm"]),
    command("help", &["h", "?"], "[COMMAND]", "says what can be typed", "", &[":help", ":help run"]),
    command("quit", &["q", "exit"], "", "ends the session; Ctrl-D does, too", "", &[":quit"]),
];

/// The experiment on which the examples of the help work.
pub const DEMO: &str = "\
clock 100 ms
use rules.bcm
stimulus stripes[col: 10] = (1 + sin(2*pi*2*col/10)) / 2
population input[col: 10]
population cortex[cell: 4] { output y = relu(drive) }
param eta = 1e-3 /s
param level = 1
cases ending { ongoing {}  silence { level = 0 } }
synapses ff: input -> cortex {
    rule bcm(eta = eta, lambda = 1e-4 /s, tau = 10 s)
    w = uniform(0.5, 1.5) * 0.1
    bounds w in [0, 1]
}
protocol { present level*stripes on input for 60 s }
expect mean(ff.w) > 0
";

/// The command of this name.
///
/// # Errors
/// That there is none, with the nearest.
pub(super) fn find(name: &str) -> Result<&'static CommandInfo, Box<Diagnostic>> {
    let lower = name.to_lowercase();
    let named = |c: &&CommandInfo| c.name == lower || c.aliases.contains(&lower.as_str());
    COMMANDS.iter().find(named).ok_or_else(|| {
        let d = Diagnostic::global(Code::E0920, format!("there is no command `:{name}`"));
        Box::new(match nearest(name, COMMANDS.iter().map(|c| c.name)) {
            Some(near) => d.help(format!("a similar command is `:{near}`")),
            None => d.help("`:help` lists the commands"),
        })
    })
}

/// `:help`
pub(super) fn overview() -> String {
    let rows: Vec<Vec<String>> = COMMANDS
        .iter()
        .map(|c| vec![format!(":{} {}", c.name, c.usage).trim_end().to_string(), c.line.to_string()])
        .collect();
    format!(
        "Type items of a file (`param eta = 1e-3 /s`), statements of a protocol (`present 1 on input for 1 s`),\n\
         expressions (`mean(ff.w)`), and commands:\n\n{}\n\n\
         `:help run` says more of a command; `plast explain E0301` explains a message.",
        columns(&rows)
    )
}

/// `:help COMMAND`
pub(super) fn about(c: &CommandInfo) -> String {
    let mut lines = vec![format!(":{} {}", c.name, c.usage).trim_end().to_string(), format!("  {}", c.line)];
    if !c.more.is_empty() {
        lines.push(format!("  {}", c.more));
    }
    if !c.aliases.is_empty() {
        let all: Vec<String> = c.aliases.iter().map(|a| format!(":{a}")).collect();
        lines.push(format!("  shorter: {}", all.join(" ")));
    }
    if !c.examples.is_empty() {
        lines.push("  for example:".into());
        lines.extend(c.examples.iter().map(|e| format!("    {e}")));
    }
    lines.join("\n")
}
