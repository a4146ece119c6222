//! `:commands`: from a line to what is done.

use super::document::Failure;
use super::help;
use super::session::{Done, Session};
use crate::backend::{Choice, Engine};
use crate::diag::{Code, Diagnostic};
use crate::hir::VarKind;
use crate::ir::{self, build};
use crate::report::{Provenance, Reading, outcomes, summary};
use crate::runtime::{Live, Observer};
use crate::session::select_cases;
use crate::syntax::{self, TokenKind};
use std::time::Instant;

/// Does what a command says; it comes without its colon.
pub(super) fn obey(session: &mut Session, command: &str, observer: &mut dyn Observer) -> Done {
    let command = command.trim();
    let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let (name, forced) = name.strip_suffix('!').map_or((name, false), |n| (n, true));
    let rest = rest.trim();
    if name.is_empty() {
        return Ok(help::overview());
    }
    let found = help::find(name).map_err(|d| Failure::global(*d))?;
    match found.name {
        "run" => session.run(rest, observer),
        "step" => session.step(rest, observer),
        "until" => session.until(rest, observer),
        "present" => session.present(rest, observer),
        "freeze" => session.freeze(rest),
        "thaw" => session.thaw(),
        "mark" => session.mark(rest),
        "back" => session.back(rest),
        "diff" => session.diff(rest),
        "reset" => session.reset(),
        "replay" => session.replay(observer),
        "plot" => session.plot(rest, observer),
        "image" => session.image(rest, observer),
        "why" => session.why(rest),
        "type" => session.type_of(rest),
        "info" => session.info(rest),
        "units" => session.units(rest),
        "results" => session.results(),
        "list" => Ok(session.text()),
        "case" => session.case(rest),
        "save" => session.save(rest, forced),
        "load" => session.load(rest),
        "clear" => session.clear().map(|()| String::new()),
        "time" => session.timed(rest, observer),
        "ir" => session.ir(),
        "asm" => session.asm(),
        "help" => match rest.trim_start_matches(':') {
            "" => Ok(help::overview()),
            name => help::find(name).map(help::about).map_err(|d| Failure::global(*d)),
        },
        _ => {
            session.quit = true;
            Ok(String::new())
        }
    }
}

impl Session {
    /// `:present A on P for 1 s`; without `on`, on the only population that takes anything.
    fn present(&mut self, text: &str, observer: &mut dyn Observer) -> Done {
        if text.is_empty() {
            let d = Diagnostic::global(Code::E0921, "`:present` needs what is presented");
            return Err(Failure::global(d.help("write `:present 1 on input for 1 s`")));
        }
        let tokens = syntax::tokens(text);
        let word = |w: &str| {
            let mut depth = 0;
            tokens.iter().find(|t| {
                let own = &text[t.range.clone()];
                match own {
                    "(" | "[" => depth += 1,
                    ")" | "]" => depth -= 1,
                    _ => {}
                }
                depth == 0
                    && own == w
                    && matches!(t.kind, TokenKind::Keyword | TokenKind::Name | TokenKind::Unit)
            })
        };
        if word("on").is_some() {
            return self.by_hand(&format!("present {text}"), observer);
        }
        let program = self.program();
        let takes = |p: &&crate::hir::Population| {
            p.output.is_some_and(|v| matches!(program.vars[v].kind, VarKind::Input))
        };
        let takers: Vec<String> = program.populations.iter().filter(takes).map(|p| p.name.clone()).collect();
        let Some(end) = word("for").or(word("until")) else {
            let d = Diagnostic::global(Code::E0921, "`:present` needs a time");
            return Err(Failure::global(d.help(format!("say how long: `:present {text} for 1 s`"))));
        };
        match takers.as_slice() {
            [one] => {
                let (what, how_long) = text.split_at(end.range.start);
                self.by_hand(&format!("present {} on {one} {how_long}", what.trim_end()), observer)
            }
            [] => {
                let d = Diagnostic::global(
                    Code::E0921,
                    "there is no population on which something can be presented",
                );
                Err(Failure::global(
                    d.help("one without equations takes what is presented: `population input[i: 10]`"),
                ))
            }
            several => {
                let all: Vec<String> = several.iter().map(|p| format!("`{p}`")).collect();
                let d = Diagnostic::global(Code::E0921, format!("on which population: {}?", all.join(", ")));
                Err(Failure::global(d.help(format!("write `:present ... on {} for ...`", several[0]))))
            }
        }
    }

    fn freeze(&mut self, names: &str) -> Done {
        let clause = if names.is_empty() { String::new() } else { format!("({names})") };
        for name in names.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            if let Some((_, own)) = name.rsplit_once('.') {
                let d = Diagnostic::global(Code::E0921, format!("`{name}` cannot be held still alone"));
                let d = d.note("a phase holds variables of all rules that are called so");
                return Err(Failure::global(d.help(format!("write `:freeze {own}`"))));
            }
            if super::names::owners(&self.checked.experiment, self.which, name).is_empty() {
                self.variable(name)?;
            }
        }
        self.frozen = Some(clause);
        let what = if names.is_empty() { "weights and what learns with them" } else { names };
        Ok(format!("what is done by hand from now on holds {what} still; `:thaw` ends that"))
    }

    fn thaw(&mut self) -> Done {
        self.frozen = None;
        Ok(String::new())
    }

    fn results(&mut self) -> Done {
        let (experiment, which) = (self.checked.experiment.clone(), self.which);
        self.make_whole(&mut crate::runtime::Silent)?;
        let live = self.run_of()?;
        let recording = super::ask::past_of(live, &experiment, which).map_err(|d| self.fault(d))?;
        let provenance = Provenance::default();
        let which = [which];
        let reading = Reading {
            experiment: &experiment,
            recording: &recording,
            which: &which,
            provenance: &provenance,
        };
        let text = summary::text(&reading, &outcomes(&reading), &self.style);
        // its first line names a file that there is none of
        let body = text.split_once('\n').map_or("", |(_, rest)| rest).trim_matches('\n');
        Ok(format!("t = {}\n{body}", self.time()))
    }

    fn case(&mut self, name: &str) -> Done {
        let experiment = self.checked.experiment.clone();
        let called = |which: usize| crate::report::case_names(&experiment, which).join(", ");
        if experiment.cases.is_empty() {
            let d = Diagnostic::global(Code::E0907, "the experiment has no `cases`");
            return if name.is_empty() {
                Ok("the experiment has no `cases`".into())
            } else {
                Err(Failure::global(d))
            };
        }
        if name.is_empty() {
            let all: Vec<String> = (0..experiment.programs.len())
                .map(|i| format!("{} {}", if i == self.which { "*" } else { " " }, called(i)))
                .collect();
            return Ok(all.join("\n"));
        }
        let picked = select_cases(&experiment, &[name.to_string()]).map_err(|d| Failure::global(*d))?;
        let Some(which) = picked.first().copied() else { return Ok(String::new()) };
        self.document = self.document.as_written();
        self.checked = std::sync::Arc::new(self.document.check(self.host.loader())?);
        (self.which, self.live) = (which, None);
        self.blurred.clear();
        Ok(format!("case {}, t = 0", called(which)))
    }

    fn save(&mut self, path: &str, replace: bool) -> Done {
        if path.is_empty() {
            let d = Diagnostic::global(Code::E0922, "`:save` needs the name of a file");
            return Err(Failure::global(d.help("write `:save experiment.plast`")));
        }
        if !self.blurred.is_empty() {
            let mut d = Diagnostic::global(Code::E0922, "no file can say what was done in this session");
            for why in &self.blurred {
                d = d.note(why.clone());
            }
            let d = d
                .note("in a file a rule, a network and a parameter's default hold from the start")
                .help("`:replay` runs the text as it is now from the start; then it can be saved")
                .help("`:back` goes to a mark from before");
            return Err(Failure::global(d));
        }
        let path = if path.ends_with(".plast") { path.to_string() } else { format!("{path}.plast") };
        let text = self.text();
        self.host.write(&path, &text, replace).map_err(|d| Failure::global(*d))?;
        let over = self.live.as_ref().is_none_or(Live::is_over);
        let now = self.live.as_ref().map_or(0, Live::now);
        let mut said = format!("wrote {path}");
        if now > 0 && !over {
            said += &format!("; `plast run {path} --until '{}'` ends where the session is", self.time());
        }
        let folder = |name: &str| std::path::Path::new(name).parent().map(std::path::Path::to_path_buf);
        if let Some(own) = self.file.as_ref().filter(|own| folder(own) != folder(&path))
            && (text.contains("load(") || text.contains("use \""))
        {
            said += &format!("; what it loads and uses stands beside {own}: it runs only from that folder");
        }
        if self.checked.experiment.programs.len() > 1 {
            let name = crate::report::case_names(&self.checked.experiment, self.which).join(", ");
            said += &format!("; this is its case `{name}`");
        }
        Ok(said)
    }

    /// `:load FILE`
    pub(super) fn load(&mut self, path: &str) -> Done {
        if path.is_empty() {
            let d = Diagnostic::global(Code::E0921, "`:load` needs the name of a file");
            return Err(Failure::global(d.help("write `:load experiment.plast`")));
        }
        let (name, text) = self.host.open(path).map_err(|d| Failure::global(*d))?;
        self.read_file(&name, &text)
    }

    /// Forgets everything and takes the text of a file; what was there stays if the file is not well.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn read_file(&mut self, name: &str, text: &str) -> Done {
        let (document, _) = super::document::Document::new().with(name, text)?;
        let checked = document.check(self.host.loader())?;
        self.clear()?;
        (self.document, self.checked) = (document, std::sync::Arc::new(checked));
        self.file = Some(name.to_string());
        let warnings = self.new_warnings();
        let said = self.say(&warnings, &self.checked.sources);
        let experiment = &self.checked.experiment;
        let cases = match experiment.programs.len() {
            1 => String::new(),
            n => format!(", case `{}` of {n}", crate::report::case_names(experiment, 0).join(", ")),
        };
        Ok(format!("{said}{name}{cases}"))
    }

    fn timed(&mut self, input: &str, observer: &mut dyn Observer) -> Done {
        let shown = |d: std::time::Duration| {
            let s = d.as_secs_f64();
            if s >= 1.0 {
                format!("{s:.2} s")
            } else if s >= 1e-3 {
                format!("{:.2} ms", s * 1e3)
            } else {
                format!("{:.1} us", s * 1e6)
            }
        };
        if input.is_empty() {
            let Some((ticks, took)) = self.passed else { return Ok("no time has passed yet".into()) };
            let synapses = self.live.as_ref().map_or(0, Live::synapses);
            let each = took.as_secs_f64() * 1e9 / (ticks.max(1) as f64);
            let mut said = format!("{} took {}: {each:.0} ns a tick", self.time_of(ticks), shown(took));
            if synapses > 0 {
                said += &format!(", {:.2} ns for each of {synapses} synapses", each / synapses as f64);
            }
            return Ok(said);
        }
        let start = Instant::now();
        let answer = self.enter(input, observer);
        self.refused = answer.failed;
        let took = format!("took {}", shown(start.elapsed()));
        if answer.text.is_empty() { Ok(took) } else { Ok(format!("{}\n{took}", answer.text)) }
    }

    fn built(&self) -> Result<build::Built, Failure> {
        build::build(&self.checked.experiment.axes, self.program(), false, None, false)
            .map_err(|d| self.fault(d))
    }

    fn ir(&mut self) -> Done {
        Ok(ir::outline(&self.built()?.module))
    }

    fn asm(&mut self) -> Done {
        let built = self.built()?;
        let engine = match Engine::new(&built.module, Choice::Native) {
            Ok(engine) => engine,
            Err(e) => {
                return Ok(format!("no machine code here: {e}; the virtual machine computes the same bits"));
            }
        };
        let mut text = String::new();
        for (id, kernel) in built.module.kernels.iter_enumerated() {
            let code = engine.listing(id).unwrap_or_else(|| "    run by the virtual machine\n".into());
            text += &format!("; {}\n{code}\n", kernel.name);
        }
        Ok(text)
    }
}
