//! What is done by hand while time passes: statements, put into the protocol where it stands and carried out.

use super::document::{Failure, TYPED};
use super::duration::duration_text;
use super::edit::{Cut, Edited};
use super::session::{Done, Session};
use crate::diag::{Code, Diagnostic, Sink};
use crate::runtime::{Live, Observer, Reached, Spot, Until};
use crate::source::Span;
use crate::syntax;
use crate::syntax::ast::{self, Length, StatementKind};
use std::sync::Arc;

impl Session {
    /// Puts statements where the protocol stands and carries them out.
    pub(super) fn by_hand(&mut self, text: &str, observer: &mut dyn Observer) -> Done {
        if let Some(waiting) = self.waiting.first() {
            let what = waiting.split(['{', '[']).next().unwrap_or("").trim();
            let d = Diagnostic::global(Code::E0921, format!("`{what}` still waits for what drives it"))
                .help("declare the synapses that end in it, or `:clear`");
            return Err(Failure::global(d));
        }
        let text = self
            .names()
            .statements(text.trim().trim_end_matches(';'), self.document.sources())
            .map_err(|(diagnostics, sources)| Failure { diagnostics, sources })?;
        let read = self.read_statements(&text)?;
        self.typed.clone_from(&text);
        let text = self.in_its_phase(text, &read)?;
        let has_phase =
            self.frozen.is_some() || read.iter().any(|s| matches!(s.kind, StatementKind::Phase { .. }));
        let options = self.options.clone();
        let (tick, clock) = (self.program().tick, self.program().tick_unit.clone());
        let live = self.run_of()?;
        let (going_on, spot) = (live.going_on(), live.spot());
        let sets = read.iter().all(|s| matches!(s.kind, StatementKind::Set { .. }));
        match spot {
            Spot::Loop(_) if sets => return self.set_amid(&read, "inside a loop, in one of its turns"),
            Spot::Loop(span) => return Err(self.in_a_loop(span)),
            Spot::Between { phase: Some(span), .. } if has_phase => return Err(self.in_a_phase(span)),
            Spot::Between { .. } => {}
        }
        let cut = going_on.iter().find(|(_, passed, ..)| *passed > 0).cloned();
        if let Some((span, ..)) = &cut
            && self.document.statement(*span).is_some_and(|s| {
                !matches!(s.kind, StatementKind::Present { .. } | StatementKind::Rest { .. })
            })
        {
            return if sets { self.set_amid(&read, "amid spikes") } else { Err(self.amid_spikes(*span)) };
        }
        let cut = cut.and_then(|(span, passed, left, varies)| {
            let parts = |ticks| duration_text(ticks, tick, &clock);
            let cut = cut_in_two(
                self.document.statement(span)?,
                self.document.sources(),
                &parts(passed),
                &parts(left),
            )?;
            Some((cut, varies))
        });
        let Some(live) = &mut self.live else { return Ok(String::new()) };
        let before = live.moment().map_err(|d| Failure::global(*d))?;
        let outcome = live.cut(&options);
        let prepared = match outcome {
            Ok(_) => self.put_in(cut.as_ref().map(|c| c.0.clone()), &text),
            Err(d) => Err(self.fault(d)),
        };
        let (edited, checked, live) = match prepared {
            Ok(prepared) => prepared,
            Err(failure) => {
                if let Some(live) = &mut self.live {
                    live.back(&before).map_err(|d| Failure::global(*d))?;
                }
                return Err(failure);
            }
        };
        let was = (
            std::mem::replace(&mut self.document, edited.document),
            std::mem::replace(&mut self.checked, checked),
            self.live.replace(live),
        );
        let reached = match edited.last {
            Some(behind) => self.pass(Until { behind: Some(behind), ..Until::default() }, observer),
            None => Ok(Reached::Goal),
        };
        let reached = match reached {
            Ok(reached) => reached,
            Err(failure) => {
                (self.document, self.checked, self.live) = was;
                if let Some(live) = &mut self.live {
                    live.back(&before).map_err(|d| Failure::global(*d))?;
                }
                return Err(failure);
            }
        };
        let mut said = Vec::new();
        if cut.is_some_and(|(_, varies)| varies) {
            said.push("what was going on goes on as a new presentation: its `t` begins at 0".to_string());
        }
        for s in &read {
            if let StatementKind::Probe { name, .. } = &s.kind
                && let Ok(looked) = self.look(&name.text)
            {
                said.push(format!("{} = {}", name.text, self.shown(&looked)));
            }
        }
        let timeless = read.iter().all(|s| {
            matches!(
                s.kind,
                StatementKind::Probe { .. } | StatementKind::Set { .. } | StatementKind::Teach { .. }
            )
        });
        if !timeless {
            let stopped = reached == Reached::Stopped;
            said.push(self.where_it_stands(if stopped { reached } else { Reached::Goal }));
        }
        let new = self.new_warnings();
        if !new.is_empty() {
            said.push(self.say(&new, &self.checked.sources));
        }
        Ok(said.join("\n"))
    }

    /// Edits the protocol, checks the whole and takes the run over.
    fn put_in(
        &mut self,
        cut: Option<Cut>,
        text: &str,
    ) -> Result<(Edited, Arc<super::document::CheckedDocument>, Live), Failure> {
        let Some(live) = &self.live else {
            return Err(Failure::global(Diagnostic::global(Code::E0001, "internal error: no run")));
        };
        let edited = self.document.insert(live.spot(), cut, text)?;
        let checked = Arc::new(edited.document.check(self.host.loader())?);
        let moved = |span: Span| edited.moved.as_ref().map_or(span, |m| m.span(span));
        let carried = live.carry(&checked.experiment, &self.options, &moved);
        let carried =
            carried.map_err(|d| Failure { diagnostics: vec![*d], sources: checked.sources.clone() })?;
        let Some(carried) = carried else {
            let d = Diagnostic::global(Code::E0921, "the protocol could not go on behind this")
                .help("`:run` to the end of the statement that is going on, then try again");
            return Err(Failure::global(d));
        };
        Ok((edited, checked, carried.live))
    }

    fn read_statements(&self, text: &str) -> Result<Vec<ast::Statement>, Failure> {
        let mut sources = self.document.sources().clone();
        let id = sources.add(TYPED, text);
        let mut sink = Sink::new();
        let read = syntax::parse_statements(id, text, &mut sink);
        let control = |s: &&ast::Statement| {
            matches!(s.kind, StatementKind::Control { .. } | StatementKind::ControlWithout { .. })
        };
        match read.filter(|_| !sink.has_errors()) {
            Some(read) => match read.iter().find(control) {
                Some(s) => {
                    let headline = "a control is a run of its own, and a session is one run";
                    let d = Diagnostic::new(Code::E0921, s.span, headline, "stands at the end of a protocol")
                        .help("type the whole `protocol { ... }`, or write it into the file");
                    Err(Failure { diagnostics: vec![d], sources })
                }
                None => Ok(read),
            },
            None => Err(Failure { diagnostics: sink.into_sorted(), sources }),
        }
    }

    /// While things are frozen, what takes time stands in a phase that says so.
    fn in_its_phase(&self, text: String, read: &[ast::Statement]) -> Result<String, Failure> {
        let Some(what) = &self.frozen else { return Ok(text) };
        let takes_time = |s: &ast::Statement| {
            !matches!(
                s.kind,
                StatementKind::Set { .. } | StatementKind::Probe { .. } | StatementKind::Teach { .. }
            )
        };
        if !read.iter().any(takes_time) {
            return Ok(text);
        }
        let taken = |name: &String| self.program().phases.iter().any(|p| p.name == *name);
        let name = (1..).map(|n| format!("frozen{n}")).find(|n| !taken(n)).unwrap_or_default();
        Ok(format!("phase {name} frozen{what} {{ {text} }}"))
    }

    /// Parameters that are set inside a loop, in this one turn, or amid the spikes of a statement: no file can say so, and
    /// the session notes it.
    fn set_amid(&mut self, read: &[ast::Statement], place: &str) -> Done {
        let mut said = Vec::new();
        for s in read {
            let StatementKind::Set { owner, name, value } = &s.kind else { continue };
            let full = owner.as_ref().map_or(name.text.clone(), |o| format!("{}.{}", o.text, name.text));
            let text = self.span_text(value.span, read);
            let looked = self.look(&text)?;
            let fail = |d: Diagnostic| Failure {
                diagnostics: vec![d],
                sources: looked.question.checked.sources.clone(),
            };
            let span = looked.question.expr.span;
            let Some(set) = looked.value.as_scalar() else {
                let d = Diagnostic::new(Code::E0401, span, "a parameter takes one number", "not one number");
                return Err(fail(d));
            };
            let document = self.document.settable(&format!("set {full} = {text}"));
            self.adopt(document)?;
            let Some(id) =
                self.program().params.iter_enumerated().find(|(_, p)| p.name == full).map(|(id, _)| id)
            else {
                continue;
            };
            let param = &self.program().params[id];
            if let Some((lo, hi)) = param.range
                && !(lo..=hi).contains(&set)
            {
                let show = |v| crate::units::format_value(v, &param.unit, 6);
                let headline = format!("`{full}` = {} is outside its range", show(set));
                let d = Diagnostic::new(Code::E0902, span, headline, "this value");
                return Err(fail(d.note(format!("the range is {} to {}", show(lo), show(hi)))));
            }
            let now = self.time();
            self.run_of()?.set_param(id, set).map_err(|d| Failure::global(*d))?;
            self.blurred.push(format!("at {now} `{full}` was set {place}"));
            let stands = place.split(',').next().unwrap_or(place);
            said.push(format!("from {now} on; a file could not say so, as this stands {stands}"));
        }
        said.dedup();
        Ok(said.join("\n"))
    }

    /// The text of a part of statements that were read last.
    fn span_text(&self, span: Span, _: &[ast::Statement]) -> String {
        self.typed.get(span.range()).unwrap_or("").to_string()
    }

    fn amid_spikes(&self, span: Span) -> Failure {
        let d =
            Diagnostic::new(Code::E0921, span, "the spikes of a statement are going on", "not all have come")
                .note("a statement with spikes cannot be cut in two")
                .help("`:run` to the end of it, and do it there");
        self.fault(Box::new(d))
    }

    fn in_a_loop(&self, span: Span) -> Failure {
        let d = Diagnostic::new(Code::E0921, span, "the protocol stands inside a loop", "this is going on")
            .note("what is put in here would be done in every turn of it")
            .help("`:until ...` or `:run` to the end of it, and do it there")
            .help("or write it into the loop, and `:reset`");
        self.fault(Box::new(d))
    }

    fn in_a_phase(&self, span: Span) -> Failure {
        let d = Diagnostic::new(Code::E0921, span, "the protocol stands inside a phase", "this is going on")
            .note("a phase, frozen or not, cannot stand in another")
            .help("`:run` to the end of it, and do it there");
        self.fault(Box::new(d))
    }

    /// `eta = 2e-3 /s`: the default of a parameter before anything has happened, else a `set`.
    pub(super) fn assign(&mut self, input: &str, observer: &mut dyn Observer) -> Done {
        let Some((name, value)) = input.split_once('=') else { return Ok(String::new()) };
        let (name, value) = (syntax::canonical(name.trim()).into_owned(), value.trim());
        if name.contains('.') || self.under_way() {
            let known = self.document.items().any(|i| super::ask::name_of(i).is_some_and(|n| n.text == name));
            let param = self.program().params.iter().any(|p| p.name == name);
            if !known || param || name.contains('.') {
                return self.by_hand(&format!("set {name} = {value}"), observer);
            }
        }
        let item = self.document.items().find(|i| super::ask::name_of(i).is_some_and(|n| n.text == name));
        let kind = item.map(|i| &i.kind);
        match kind {
            Some(ast::ItemKind::Param(p)) => {
                let sources = self.document.sources();
                let docs: String =
                    item.map_or("", |i| i.docs.as_str()).lines().map(|l| format!("/// {l}\n")).collect();
                let range = match &p.range {
                    Some((lo, hi)) => format!(" in [{}, {}]", sources.text(lo.span), sources.text(hi.span)),
                    None => String::new(),
                };
                self.items(TYPED, &format!("{docs}param {name} = {value}{range}"), observer)
            }
            Some(_) => {
                let word = match kind {
                    Some(ast::ItemKind::Let { .. }) => "let",
                    Some(ast::ItemKind::Stimulus { .. }) => "stimulus",
                    _ => {
                        let d = Diagnostic::global(Code::E0921, format!("`{name}` is no parameter"))
                            .help("only parameters take a value; declare another item to replace this one");
                        return Err(Failure::global(d));
                    }
                };
                self.items(TYPED, &format!("{word} {name} = {value}"), observer)
            }
            None => {
                let d = Diagnostic::global(Code::E0921, format!("there is no parameter `{name}`"));
                let params = self.program().params.iter().map(|p| p.name.as_str());
                let d = match crate::diag::nearest(&name, params) {
                    Some(near) => d.help(format!("a similar name is `{near}`")),
                    None => d.help(format!(
                        "`let {name} = {value}` names a value, `param {name} = {value}` a parameter"
                    )),
                };
                Err(Failure::global(d))
            }
        }
    }
}

/// A presentation as two, the first of which has passed.
fn cut_in_two(
    s: &ast::Statement,
    sources: &crate::source::SourceMap,
    passed: &str,
    left: &str,
) -> Option<Cut> {
    let text = &sources.get(s.span.source).text;
    let (StatementKind::Present { length, .. } | StatementKind::Rest { length }) = &s.kind else {
        return None;
    };
    let rest = matches!(s.kind, StatementKind::Rest { .. });
    let until = |at: u32| text.get(s.span.start as usize..at as usize);
    let open = |t: &str| t.trim_end_matches(['(', ' ', '\n', '\t']).to_string();
    match length {
        Length::For(e) => {
            let head = open(until(e.span.start)?);
            Some(Cut { span: s.span, first: format!("{head} {passed}"), rest: format!("{head} {left}") })
        }
        Length::Until { condition, within } => {
            let within = within.as_ref()?;
            let head = open(until(condition.span.start)?);
            let head = head.strip_suffix("until")?.trim_end();
            let first = if rest { format!("{head} {passed}") } else { format!("{head} for {passed}") };
            let upto = open(until(within.span.start)?);
            Some(Cut { span: s.span, first, rest: format!("{upto} {left}") })
        }
    }
}
