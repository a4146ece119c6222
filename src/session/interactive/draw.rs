//! Figures at the prompt: what was asked for is put behind the text as a `plot` or an `image`, and drawn in characters.

use super::ask::past_of;
use super::document::{CheckedDocument, Failure, TYPED, check};
use super::session::{Done, Session};
use crate::diag::{Code, Diagnostic, Sink};
use crate::hir::{AxisId, Coordinates, Experiment, ExprKind, ReduceOp};
use crate::record::Recording;
use crate::report::figures::{self, figures};
use crate::report::{Provenance, Reading};
use crate::runtime::{Live, Observer, Reached, Until};
use crate::syntax;
use crate::syntax::ast::ItemKind;
use std::sync::Arc;

impl Session {
    /// `:plot mean(w)`, `:plot y vs t split by cell`, `:plot`
    pub(super) fn plot(&mut self, text: &str, observer: &mut dyn Observer) -> Done {
        if text.is_empty() {
            return self.draw(None, observer);
        }
        let mut item = format!("plot {text}");
        if !["vs", "split"].iter().any(|w| has_word(text, w)) && !text.contains("+-") && !has_word(text, ",")
        {
            let question = self.question(text)?;
            let axes = &question.checked.experiment.axes;
            let own: Vec<AxisId> =
                question.expr.axes.iter().copied().filter(|a| !is_case(&question.checked, *a)).collect();
            let counted =
                matches!(question.expr.kind, ExprKind::Reduce { op: ReduceOp::Histogram { .. }, .. });
            let timed = own.iter().any(|a| axes[*a].coordinates == Coordinates::Time);
            item += &match own.as_slice() {
                _ if counted => String::new(),
                _ if timed => " vs t".into(),
                [] => " vs t".into(),
                [one] => format!(" vs {}", axes[*one].name),
                several => {
                    let names: Vec<String> = several.iter().map(|a| axes[*a].name.clone()).collect();
                    return Err(unplottable(&question.checked, question.expr.span, text, &names));
                }
            };
        }
        self.draw(Some(&item), observer)
    }

    /// `:image w`, `:image w as [cell, col]`
    pub(super) fn image(&mut self, text: &str, observer: &mut dyn Observer) -> Done {
        if text.is_empty() {
            let d = Diagnostic::global(Code::E0924, "`:image` needs what is drawn");
            return Err(Failure::global(d.help("write `:image w`, or `:image w as [cell, col]`")));
        }
        if has_word(text, "as") {
            return self.draw(Some(&format!("image {text}")), observer);
        }
        let question = self.question(text)?;
        let axes = &question.checked.experiment.axes;
        let own: Vec<String> = question
            .expr
            .axes
            .iter()
            .filter(|a| !is_case(&question.checked, **a))
            .map(|a| axes[*a].name.clone())
            .collect();
        match own.as_slice() {
            [.., row, column] => self.draw(Some(&format!("image {text} as [{row}, {column}]")), observer),
            less => {
                let along = match less {
                    [] => "this is a single value".to_string(),
                    more => format!("this lies along {}", more.join(", ")),
                };
                let d = Diagnostic::new(
                    Code::E0924,
                    question.expr.span,
                    "an image draws a value along two axes",
                    along,
                );
                Err(Failure {
                    diagnostics: vec![d.help(format!("draw it with `:plot {text}`"))],
                    sources: question.checked.sources,
                })
            }
        }
    }

    /// Draws a figure, or all of the text.
    fn draw(&mut self, item: Option<&str>, observer: &mut dyn Observer) -> Done {
        let checked = match item {
            Some(item) => self.with_figure(item)?,
            None => self.document.check(self.host.loader())?,
        };
        let results = &checked.experiment.results;
        if results.plots.is_empty() && results.images.is_empty() {
            return Ok("the text has no plots and no images: `:plot mean(w)` draws one".into());
        }
        let fail = |d: Box<Diagnostic>| Failure { diagnostics: vec![*d], sources: checked.sources.clone() };
        let which = self.which;
        // what plots follow becomes records
        let mut experiment = Experiment::clone(&checked.experiment);
        let mut followed = false;
        for program in &mut experiment.programs {
            for record in std::mem::take(&mut program.followed) {
                program.records.push(record);
                followed = true;
            }
        }
        let experiment = Arc::new(experiment);
        let options = self.options.clone();
        self.make_whole(observer)?;
        let live = self.run_of()?;
        let now = live.now();
        let recording: Recording = if followed && now > 0 {
            if !self.blurred.is_empty() {
                let d = Diagnostic::global(Code::E0924, "what has passed cannot be followed any more")
                    .note("the session would be run once more for it, and something was changed in mid-run")
                    .help("`:replay` runs the text as it is now from the start; then it can be drawn");
                return Err(Failure::global(d));
            }
            let mut again = Live::begin(&experiment, which, &options).map_err(fail)?;
            let until = Until { tick: Some(now), ..Until::default() };
            if again.advance(until, &options, observer).map_err(fail)? == Reached::Stopped {
                return Ok("interrupted; nothing is lost".into());
            }
            again.recording().map_err(fail)?
        } else {
            let mut carried = live.carry(&experiment, &options, &|s| s).map_err(fail)?;
            let live = carried.as_mut().map_or(live, |c| &mut c.live);
            past_of(live, &experiment, which).map_err(fail)?
        };
        let recording = self.read_now(recording, &experiment)?;
        let provenance = Provenance::default();
        let which = [which];
        let reading = Reading {
            experiment: &experiment,
            recording: &recording,
            which: &which,
            provenance: &provenance,
        };
        let terminal = figures::Terminal {
            width: self.style.width,
            unicode: self.style.unicode,
            color: self.style.color,
        };
        let mut drawn = Vec::new();
        for figure in figures(&reading) {
            match figure {
                Ok(figure) => drawn.push(figure.terminal(&terminal).trim_end().to_string()),
                Err(undrawn) => {
                    let headline = format!("`{}` is not drawn: {}", undrawn.title, undrawn.reason);
                    let d = Diagnostic::new(Code::E0924, undrawn.span, headline, "this");
                    if item.is_some() {
                        return Err(fail(Box::new(d)));
                    }
                    drawn.push(d.headline);
                }
            }
        }
        Ok(drawn.join("\n\n"))
    }

    /// A recording in which what is read at the end is read now.
    fn read_now(
        &mut self,
        mut recording: Recording,
        experiment: &Arc<Experiment>,
    ) -> Result<Recording, Failure> {
        let (which, options) = (self.which, self.options.clone());
        let implied: Vec<_> = experiment.programs[which]
            .probes
            .iter_enumerated()
            .filter(|(_, p)| p.implied)
            .map(|(id, _)| id)
            .collect();
        if implied.is_empty() {
            return Ok(recording);
        }
        let live = self.run_of()?;
        let fail = |d: Box<Diagnostic>| Failure::global(*d);
        let mut carried = live.carry(experiment, &options, &|s| s).map_err(fail)?;
        let live = carried.as_mut().map_or(live, |c| &mut c.live);
        let now = past_of(live, experiment, which).map_err(fail)?;
        if let (Some(into), Some(from)) = (recording.cases.first_mut(), now.cases.first()) {
            for id in implied {
                if let (true, Some(value)) = (into.main.probes.get(id).is_some(), from.main.probes.get(id)) {
                    into.main.probes[id].clone_from(value);
                }
            }
        }
        Ok(recording)
    }

    /// The document with one figure in place of its own.
    fn with_figure(&self, item: &str) -> Result<CheckedDocument, Failure> {
        let whole = self
            .names()
            .figure(item, self.document.sources())
            .map_err(|(diagnostics, sources)| Failure { diagnostics, sources })?;
        let mut sources = self.document.sources().clone();
        let id = sources.add(TYPED, whole.clone());
        let mut sink = Sink::new();
        let Some(own) = syntax::parse(id, &whole, &mut sink).filter(|_| !sink.has_errors()) else {
            return Err(Failure { diagnostics: sink.into_sorted(), sources });
        };
        let mut file = self.document.file();
        file.items.retain(|i| !matches!(i.kind, ItemKind::Plot(_) | ItemKind::Image { .. }));
        file.items.extend(own.items);
        check(&file, sources, self.host.loader())
    }
}

fn is_case(checked: &CheckedDocument, axis: AxisId) -> bool {
    checked.experiment.cases.iter().any(|c| c.axis == axis)
}

/// Whether a word stands in a text, outside of brackets.
fn has_word(text: &str, word: &str) -> bool {
    let mut depth = 0;
    syntax::tokens(text).iter().any(|t| {
        let own = &text[t.range.clone()];
        match own {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            _ => {}
        }
        depth == 0 && own == word
    })
}

/// A value along several axes has no plot; what of it has.
fn unplottable(checked: &CheckedDocument, span: crate::source::Span, text: &str, axes: &[String]) -> Failure {
    let headline = format!("a value along {} has no plot of its own", axes.join(" and "));
    let (first, last) = (axes.first().cloned().unwrap_or_default(), axes.last().cloned().unwrap_or_default());
    let d = Diagnostic::new(Code::E0924, span, headline, format!("this lies along [{}]", axes.join(", ")))
        .help(format!("as an image: `:image {text}`"))
        .help(format!("its mean over time: `:plot mean({text})`; one curve for each {first}: `:plot {text} vs {last} split by {first}`"))
        .help(format!("how often which values: `:plot histogram({text}, 20)`"));
    Failure { diagnostics: vec![d], sources: checked.sources.clone() }
}
