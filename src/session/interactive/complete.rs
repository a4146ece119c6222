//! What may stand where the cursor is.

use super::ask::name_of;
use super::help::COMMANDS;
use super::session::Session;
use crate::builtins;
use crate::session::RULES;
use crate::syntax::{self, TokenKind, ast::ItemKind};
use crate::units::UNITS;

/// What a candidate is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A name that the experiment declares.
    Name,
    /// A variable of a population or a projection.
    Variable,
    /// An axis.
    Axis,
    /// A built-in function or constant.
    Function,
    /// A word of the language.
    Keyword,
    /// A unit.
    Unit,
    /// A rule.
    Rule,
    /// A command, with its colon.
    Command,
    /// A file.
    File,
    /// A mark.
    Mark,
    /// A case.
    Case,
}

/// Something that may stand where the cursor is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The text.
    pub text: String,
    /// What it is.
    pub kind: Kind,
}

/// What may stand where the cursor is, in place of the text from `start` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The byte at which the word begins that is completed.
    pub start: usize,
    /// The candidates, sorted, the experiment's own first.
    pub candidates: Vec<Candidate>,
}

impl Session {
    /// What may stand at byte `at` of a line.
    pub fn complete(&self, line: &str, at: usize) -> Completion {
        let before = line.get(..at).unwrap_or(line);
        let word_char = |c: char| c.is_alphanumeric() || c == '_' || c == '%' || c == 'µ';
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| word_char(*c))
            .last()
            .map_or(before.len(), |(i, _)| i);
        let (head, word) = before.split_at(start);
        let command = head.trim_start().strip_prefix(':');
        if let Some(rest) = command
            && rest.is_empty()
        {
            let colon = head.rfind(':').unwrap_or(0);
            let all = COMMANDS.iter().map(|c| (format!(":{}", c.name), Kind::Command));
            return finish(colon, &format!(":{word}"), all);
        }
        let command =
            before.trim_start().strip_prefix(':').and_then(|c| c.split_whitespace().next()).unwrap_or("");
        let info = super::help::find(command.trim_end_matches('!')).map(|c| c.name).unwrap_or("");
        match info {
            "load" | "save" => {
                let from = before.rfind(char::is_whitespace).map_or(before.len(), |i| i + 1);
                let files = self.host.files(&before[from..]).into_iter().map(|f| (f, Kind::File));
                return finish(from, &before[from..], files);
            }
            "mark" | "back" | "diff" => {
                return finish(start, word, self.marks.iter().map(|m| (m.name.clone(), Kind::Mark)));
            }
            "case" => {
                let names = self.checked.experiment.cases.iter().flat_map(|c| c.names.iter().cloned());
                return finish(start, word, names.map(|n| (n, Kind::Case)));
            }
            "help" => {
                return finish(start, word, COMMANDS.iter().map(|c| (c.name.to_string(), Kind::Command)));
            }
            _ => {}
        }
        self.in_text(head, word, start, !info.is_empty())
    }

    fn in_text(&self, head: &str, word: &str, start: usize, command: bool) -> Completion {
        let tokens = syntax::tokens(head);
        let last = tokens.last();
        let text = |i: usize| tokens.get(i).map_or("", |t| &head[t.range.clone()]);
        let previous = tokens.len().checked_sub(1).map_or("", text);
        let ends_in_blank = head.ends_with(char::is_whitespace);
        // `1 m`, `1 /s`, `[1, 2] m`, `y in m`
        let slash = previous == "/"
            && tokens.len() >= 2
            && matches!(tokens[tokens.len() - 2].kind, TokenKind::Number | TokenKind::Unit);
        let number = last.is_some_and(|t| t.kind == TokenKind::Number);
        let digits = word.chars().next().is_some_and(|c| c.is_ascii_digit());
        if (number && ends_in_blank)
            || slash
            || (last.is_some_and(|t| t.kind == TokenKind::Unit) && !ends_in_blank)
        {
            return finish(start, word, units(word));
        }
        if digits {
            return Completion { start, candidates: Vec::new() };
        }
        if previous == "." {
            let owner = tokens.len().checked_sub(2).map_or("", text);
            if owner == "rules" {
                return finish(start, word, RULES.iter().map(|r| (r.0.to_string(), Kind::Rule)));
            }
            return finish(start, word, self.members(owner));
        }
        let axes = || {
            let all = self.checked.experiment.axes.iter().map(|a| a.name.clone());
            all.filter(|a| !a.contains('.')).map(|a| (a, Kind::Axis))
        };
        let reduces = tokens.iter().rposition(|t| &head[t.range.clone()] == "over");
        let open = tokens.iter().rposition(|t| matches!(&head[t.range.clone()], ")" | "("));
        if reduces.is_some_and(|r| open.is_none_or(|o| r > o)) {
            let pops = self.program().populations.iter().map(|p| (p.name.clone(), Kind::Name));
            let sides = ["pre", "post"].map(|s| (s.to_string(), Kind::Axis));
            return finish(start, word, axes().chain(pops).chain(sides));
        }
        match previous {
            "use" => {
                let rules = RULES.iter().map(|r| (format!("rules.{}", r.0), Kind::Rule));
                return finish(start, word, rules);
            }
            "on" | "->" => {
                let pops = self.program().populations.iter().map(|p| (p.name.clone(), Kind::Name));
                return finish(start, word, pops);
            }
            "rule" if tokens.len() > 1 => return finish(start, word, self.rules()),
            "during" | "without" => {
                let phases = self.program().phases.iter().map(|p| (p.name.clone(), Kind::Name));
                return finish(start, word, phases);
            }
            _ => {}
        }
        let mut all: Vec<(String, Kind)> = Vec::new();
        for item in self.document.items() {
            let kind = if matches!(item.kind, ItemKind::Rule(_)) { Kind::Rule } else { Kind::Name };
            all.extend(name_of(item).map(|n| (n.text.clone(), kind)));
        }
        let program = self.program();
        all.extend(program.probes.iter().filter(|p| !p.implied).map(|p| (p.name.clone(), Kind::Name)));
        all.extend(program.vars.iter().flat_map(|v| {
            let own = v.name.rsplit('.').next().unwrap_or("").to_string();
            [(v.name.clone(), Kind::Variable), (own, Kind::Variable)]
        }));
        all.extend(axes());
        all.extend(builtins::names().map(|n| (n.to_string(), Kind::Function)));
        if !command {
            all.extend(syntax::keywords().into_iter().map(|k| (k.to_string(), Kind::Keyword)));
        }
        finish(start, word, all)
    }

    /// The members of a population or a projection.
    fn members(&self, owner: &str) -> Vec<(String, Kind)> {
        let program = self.program();
        let vars = program
            .vars
            .iter()
            .filter_map(|v| v.name.strip_prefix(owner)?.strip_prefix('.').map(str::to_string));
        let params = program
            .params
            .iter()
            .filter_map(|p| p.name.strip_prefix(owner)?.strip_prefix('.').map(str::to_string));
        let rule = program.projections.iter().find(|p| p.name == owner).and_then(|p| p.rule.as_ref());
        let rule = rule.into_iter().flat_map(|r| r.params.iter().map(|p| p.0.clone()));
        vars.chain(params).chain(rule).map(|n| (n, Kind::Variable)).collect()
    }

    /// The rules there are.
    fn rules(&self) -> Vec<(String, Kind)> {
        let own = self.document.items().filter(|i| matches!(i.kind, ItemKind::Rule(_)));
        let own = own.filter_map(|i| name_of(i).map(|n| n.text.clone()));
        own.chain(super::info::used_names(self)).map(|n| (n, Kind::Rule)).collect()
    }
}

/// Units that begin like this, with prefixes once there is something to go by.
fn units(word: &str) -> Vec<(String, Kind)> {
    let mut all: Vec<(String, Kind)> = UNITS.iter().map(|u| (u.symbol.to_string(), Kind::Unit)).collect();
    all.extend(["tick", "ticks"].map(|u| (u.to_string(), Kind::Unit)));
    if !word.is_empty() {
        for prefix in ["p", "n", "u", "µ", "m", "c", "k", "M", "G"] {
            for unit in UNITS {
                let whole = format!("{prefix}{}", unit.symbol);
                if whole.starts_with(word) && crate::units::lookup(&whole).is_some() {
                    all.push((whole, Kind::Unit));
                }
            }
        }
    }
    all
}

fn finish(start: usize, word: &str, all: impl IntoIterator<Item = (String, Kind)>) -> Completion {
    let fits = |(text, _): &(String, Kind)| text.starts_with(word) && text != word;
    let mut candidates: Vec<Candidate> =
        all.into_iter().filter(fits).map(|(text, kind)| Candidate { text, kind }).collect();
    candidates.sort_by(|a, b| (a.kind, &a.text).cmp(&(b.kind, &b.text)));
    let mut seen: Vec<String> = Vec::new();
    candidates.retain(|c| {
        let new = !seen.contains(&c.text);
        seen.push(c.text.clone());
        new
    });
    Completion { start, candidates }
}
