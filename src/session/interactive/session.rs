use super::commands;
use super::document::{CheckedDocument, Document, Failure, TYPED};
use super::duration::duration_text;
use super::host::Host;
use super::letters;
use super::marks::Mark;
use super::past;
use crate::diag::{self, Code, Diagnostic};
use crate::hir::Program;
use crate::report::summary::Style;
use crate::runtime::{Live, Observer, Options};
use crate::source::SourceMap;
use crate::syntax::{self, Opening, ast};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// What a session says to one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The text, without a line end at its end; may be empty.
    pub text: String,
    /// Whether the input was refused.
    pub failed: bool,
    /// Whether the session is to end.
    pub quit: bool,
}

/// What an input leads to.
pub(super) type Done = Result<String, Failure>;

/// Whether all that is wrong is that a population waits for the synapses that drive it.
fn waits(failure: &Failure) -> bool {
    !failure.diagnostics.is_empty() && failure.diagnostics.iter().all(|d| d.code == Code::E0209)
}

/// An experiment that is being written and lived through.
pub struct Session {
    pub(super) host: Box<dyn Host>,
    pub(super) options: Options,
    pub(super) style: Style,
    pub(super) document: Document,
    pub(super) checked: Arc<CheckedDocument>,
    /// Which case is lived through.
    pub(super) which: usize,
    /// The run; none before anybody asks for it.
    pub(super) live: Option<Live>,
    /// Items that are well but for what is still to come.
    pub(super) waiting: Vec<String>,
    /// Why no file says what was done.
    pub(super) blurred: Vec<String>,
    /// What follows `frozen` in what is done by hand from now on.
    pub(super) frozen: Option<String>,
    pub(super) marks: Vec<Mark>,
    told: HashSet<(Code, String)>,
    /// How many ticks passed last, and how long that took.
    pub(super) passed: Option<(u64, Duration)>,
    /// The file that was loaded last.
    pub(super) file: Option<String>,
    pub(super) quit: bool,
    /// Whether an input inside of this one was refused.
    pub(super) refused: bool,
    /// The statements that were typed last.
    pub(super) typed: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("live", &self.live).finish_non_exhaustive()
    }
}

impl Session {
    /// An empty session. `style` says how answers are laid out, `options` how runs are computed and what stops them.
    ///
    /// # Errors
    /// A fault in plast: an empty experiment is always well.
    pub fn new(host: Box<dyn Host>, options: Options, style: Style) -> Result<Self, Failure> {
        let document = Document::new();
        let checked = Arc::new(document.check(host.loader())?);
        Ok(Self {
            host,
            options,
            style,
            document,
            checked,
            which: 0,
            live: None,
            waiting: Vec::new(),
            blurred: Vec::new(),
            frozen: None,
            marks: Vec::new(),
            told: HashSet::new(),
            passed: None,
            file: None,
            quit: false,
            refused: false,
            typed: String::new(),
        })
    }

    /// Takes one input.
    pub fn enter(&mut self, input: &str, observer: &mut dyn Observer) -> Answer {
        let input = input.trim();
        let done = match input.strip_prefix(':') {
            Some(command) => commands::obey(self, command, observer),
            None => self.understand(input, observer),
        };
        let (text, failed) = match done {
            Ok(text) => (text, std::mem::take(&mut self.refused)),
            Err(failure) => (self.say(&failure.diagnostics, &failure.sources), true),
        };
        let text = text.trim_end();
        let text = if self.style.unicode { text.to_string() } else { letters::plain(text) };
        Answer { text, failed, quit: self.quit }
    }

    /// Whether more is to come before the input can be taken.
    pub fn is_unfinished(input: &str) -> bool {
        let command = input.trim_start().starts_with(':');
        // an empty line ends it, whatever is missing
        !command && !input.ends_with("\n\n") && !input.ends_with("\n") && syntax::is_unfinished(input)
    }

    /// The text of the experiment as it is now.
    pub fn text(&self) -> String {
        let text = self.document.text();
        syntax::format(&text, &syntax::FormatOptions::default()).unwrap_or(text)
    }

    /// The time that has passed, in ticks.
    pub fn now(&self) -> u64 {
        self.live.as_ref().map_or(0, Live::now)
    }

    /// The name and the values of every state now, those of synapses that exist; empty before anybody has asked for
    /// the run.
    pub fn values(&self) -> Vec<(String, Vec<f64>)> {
        let Some(live) = &self.live else { return Vec::new() };
        let states = live.program().vars.iter_enumerated();
        let states = states.filter(|(_, v)| matches!(v.kind, crate::hir::VarKind::State { .. }));
        states.map(|(id, v)| (v.name.clone(), live.values(id))).collect()
    }

    /// Why no file can say what was done, if none can.
    pub fn blurred(&self) -> &[String] {
        &self.blurred
    }

    fn understand(&mut self, input: &str, observer: &mut dyn Observer) -> Done {
        if syntax::tokens(input).iter().all(|t| t.kind == syntax::TokenKind::Comment) {
            return Ok(String::new());
        }
        match syntax::opening(input) {
            Opening::Item => self.items(TYPED, input, observer),
            Opening::Statement => self.by_hand(input, observer),
            Opening::Assignment => self.assign(input, observer),
            Opening::Other => self.ask_for(input),
        }
    }

    pub(super) fn say(&self, diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
        diag::render(diagnostics, sources, diag::Format::Bare, self.style.color)
    }

    /// The program that is lived through.
    pub(super) fn program(&self) -> &Program {
        &self.checked.experiment.programs[self.which]
    }

    /// Messages about what was checked last.
    #[allow(clippy::boxed_local)] // what goes wrong in a run comes in a box
    pub(super) fn fault(&self, d: Box<Diagnostic>) -> Failure {
        Failure { diagnostics: vec![*d], sources: self.checked.sources.clone() }
    }

    /// The run, begun if it is not.
    ///
    /// # Errors
    /// Start values that are no numbers, too little memory.
    pub(super) fn run_of(&mut self) -> Result<&mut Live, Failure> {
        if self.live.is_none() {
            let live = Live::begin(&self.checked.experiment, self.which, &self.options);
            self.live = Some(live.map_err(|d| self.fault(d))?);
        }
        let missing = || Failure::global(Diagnostic::global(Code::E0001, "internal error: no run"));
        self.live.as_mut().ok_or_else(missing)
    }

    /// Whether anything has happened yet.
    pub(super) fn under_way(&self) -> bool {
        self.live.as_ref().is_some_and(|l| !l.is_start())
    }

    /// The present time as the language writes it.
    pub(super) fn time(&self) -> String {
        let now = self.live.as_ref().map_or(0, Live::now);
        self.time_of(now)
    }

    pub(super) fn time_of(&self, ticks: u64) -> String {
        let p = self.program();
        duration_text(ticks, p.tick, &p.tick_unit)
    }

    /// Takes items.
    pub(super) fn items(&mut self, name: &str, text: &str, observer: &mut dyn Observer) -> Done {
        let (document, changed) = self.document.with(name, text)?;
        if self.under_way() {
            if changed.iter().any(|c| c == "protocol") {
                let headline = format!("the protocol is under way: {} have passed", self.time());
                let d = Diagnostic::global(Code::E0921, headline)
                    .help("a single statement, such as `present ... for 1 s`, is put in and carried out here")
                    .help("`:reset` goes back to the start; then the protocol can be another");
                return Err(Failure::global(d));
            }
            if let Some(set) = self.as_settings(&document, &changed) {
                return self.by_hand(&set, observer);
            }
        }
        let Some(whole) = self.with_waiting(name, text) else {
            return match self.adopt(document) {
                Err(failure) if waits(&failure) => Ok(self.wait(text, &failure)),
                done => done,
            };
        };
        match self.adopt(whole) {
            Ok(said) => {
                self.waiting.clear();
                Ok(said)
            }
            Err(failure) if waits(&failure) => Ok(self.wait(text, &failure)),
            Err(failure) => self.adopt(document).map_err(|_| failure),
        }
    }

    /// The document with what waits and another text, if anything waits.
    fn with_waiting(&self, name: &str, text: &str) -> Option<Document> {
        let (first, rest) = self.waiting.split_first()?;
        let mut whole = self.document.with(name, first).ok()?.0;
        for waiting in rest.iter().map(String::as_str).chain([text]) {
            whole = whole.with(name, waiting).ok()?.0;
        }
        Some(whole)
    }

    /// Keeps items for when what they lack is there.
    fn wait(&mut self, text: &str, failure: &Failure) -> String {
        self.waiting.push(text.to_string());
        let told = &mut self.told;
        let new = failure.diagnostics.iter().filter(|d| told.insert((d.code, d.headline.clone())));
        let lacks = |d: &Diagnostic| format!("{} yet: it waits for synapses that end in it", d.headline);
        new.map(lacks).collect::<Vec<_>>().join("\n")
    }

    /// Parameters that are declared anew while time passes are set.
    fn as_settings(&self, document: &Document, changed: &[String]) -> Option<String> {
        let set = changed.iter().map(|name| {
            self.program().params.iter().find(|p| p.name == *name)?;
            let value = document.items().find_map(|i| match &i.kind {
                ast::ItemKind::Param(p) if p.name.text == *name => Some(p.value.span),
                _ => None,
            })?;
            Some(format!("set {name} = {}", document.sources().text(value)))
        });
        let all = set.collect::<Option<Vec<_>>>()?;
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Checks a document and goes on with it.
    pub(super) fn adopt(&mut self, document: Document) -> Done {
        let checked = Arc::new(document.check(self.host.loader())?);
        let which = self.which.min(checked.experiment.programs.len().saturating_sub(1));
        let mut said = Vec::new();
        match self.live.take_if(|l| !l.is_start()) {
            None => self.live = None,
            Some(live) => {
                let carried = live.carry(&checked.experiment, &self.options, &|s| s);
                let carried = match carried {
                    Ok(Some(carried)) => carried,
                    Ok(None) => {
                        self.live = Some(live);
                        let d = Diagnostic::global(Code::E0921, "what is going on could not go on with this")
                            .note("the protocol stands in a loop over something that would be another")
                            .help("`:run` to the end of it first, or `:reset` to the start");
                        return Err(Failure::global(d));
                    }
                    Err(d) => {
                        self.live = Some(live);
                        return Err(Failure { diagnostics: vec![*d], sources: checked.sources.clone() });
                    }
                };
                let now = self.time_of(live.now());
                let changes = past::changes(&self.checked.experiment, &checked.experiment, which);
                for change in &changes {
                    self.blurred.push(format!("at {now} {change}"));
                    said.push(format!("from {now} on {change}"));
                }
                self.live = Some(carried.live);
            }
        }
        (self.document, self.checked, self.which) = (document, checked, which);
        let new = self.new_warnings();
        let mut text = said.join("\n");
        if !new.is_empty() {
            text += &format!(
                "{}{}",
                if text.is_empty() { "" } else { "\n" },
                self.say(&new, &self.checked.sources)
            );
        }
        Ok(text)
    }

    /// Warnings that were not told yet. What is not used yet may be used in the next line.
    pub(super) fn new_warnings(&mut self) -> Vec<Diagnostic> {
        let checked = self.checked.clone();
        let worth = |d: &&Diagnostic| !matches!(d.code, Code::W0603 | Code::W0607 | Code::W0608);
        let told = &mut self.told;
        checked
            .warnings
            .iter()
            .filter(worth)
            .filter(|d| told.insert((d.code, d.headline.clone())))
            .cloned()
            .collect()
    }

    /// Forgets everything that was said and done.
    pub(super) fn clear(&mut self) -> Result<(), Failure> {
        let document = Document::new();
        self.checked = Arc::new(document.check(self.host.loader())?);
        self.document = document;
        (self.which, self.live, self.frozen, self.file) = (0, None, None, None);
        self.blurred.clear();
        self.waiting.clear();
        self.marks.clear();
        self.told.clear();
        Ok(())
    }
}
