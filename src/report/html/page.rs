use super::context::Context;
use super::prose::prose;
use super::{
    equations, expectations, figures, parameters, probes, records, reproduce, source, timeline, warnings,
};
use crate::contract::Precision;
use crate::diag::Diagnostic;
use crate::report::summary::header_parts;
use crate::report::{Outcome, Reading, VERSION, Verdict};
use crate::source::SourceMap;
use crate::syntax::ast;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const FIGURES: &str = include_str!("figures.js");

/// Everything a report is made from.
///
/// Made by `session`, which has it all; read by [`page`].
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The experiment beside what its runs left behind.
    pub reading: &'a Reading<'a>,
    /// Its judged expectations.
    pub outcomes: &'a [Outcome],
    /// The texts of all files.
    pub sources: &'a SourceMap,
    /// The tree of the experiment's own file.
    pub file: &'a ast::File,
    /// What `plast check` warns of.
    pub warnings: &'a [Diagnostic],
    /// How the run was asked for.
    pub asked: &'a Asked,
}

/// How a run was asked for, beyond what its [`Provenance`](crate::report::Provenance) says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// Another seed than the file's.
    pub seed: Option<u64>,
    /// Another precision than the file's.
    pub precision: Option<Precision>,
    /// The cases that were picked; empty for all.
    pub cases: Vec<String>,
    /// What became of the lock beside the file, if there is one.
    pub lock: Option<LockState>,
}

/// What became of the lock beside a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LockState {
    /// Every bit of the results is the same.
    Same { name: String },
    /// Something differs; the first of it in words, and how much more there is.
    Differs { name: String, first: String, more: usize },
    /// The run is not the one that the lock is of.
    NotCompared { name: String },
    /// It is no lock, or of another version.
    Unreadable { name: String },
}

/// A section of the page.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

/// The page as text.
pub fn page(page: &Page) -> String {
    let context = Context::new(page);
    let made = [
        ("expectations", "Expectations", expectations::section(&context)),
        ("figures", "Figures", figures::section(&context)),
        ("timeline", "Timeline", timeline::section(&context)),
        ("model", "Equations", equations::section(&context)),
        ("parameters", "Parameters", parameters::section(&context)),
        ("probes", "Probes", probes::section(&context)),
        ("records", "Records", records::section(&context)),
        ("warnings", "Warnings and notes", warnings::section(&context)),
        ("source", "The file", source::section(&context)),
        ("reproduce", "How to reproduce it", Some(reproduce::section(&context))),
    ];
    let sections: Vec<Section> =
        made.into_iter().filter_map(|(id, title, body)| Some(Section { id, title, body: body? })).collect();
    let title = page.reading.provenance.files.first().map_or("experiment", |f| f.name.as_str());
    let shown = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(format!("plast {VERSION}"));
                title { (title) " · plast report" }
                // an empty picture, so that no browser asks for one
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#main" { "Skip to the results" }
                (head(&context, title))
                div class="columns" {
                    (contents(&sections, page.outcomes))
                    main id="main" tabindex="-1" { @for s in &sections { (section(s)) } }
                }
                footer { p { "Made by plast " (VERSION) " from " code { (title) } "." } }
                script { (PreEscaped(SCRIPT)) }
                script { (PreEscaped(FIGURES)) }
            }
        }
    };
    shown.into_string()
}

fn head(context: &Context, title: &str) -> Markup {
    let reading = context.page.reading;
    let parts = header_parts(reading);
    html! {
        header {
            div class="tools script" {
                button type="button" id="theme" aria-label="colours: as the system says" { "Theme: auto" }
            }
            h1 {
                code {
                    @for (i, part) in title.split('/').enumerate() {
                        // a long path is broken between its folders
                        @if i > 0 { "/" wbr; }
                        (part)
                    }
                }
            }
            (badge(context.page.outcomes))
            @if !parts.is_empty() { ul class="inline facts-line" { @for part in &parts { li { (part) } } } }
            @if !reading.experiment.docs.is_empty() { div class="docs" { (prose(&reading.experiment.docs)) } }
        }
    }
}

/// What all expectations come to.
fn badge(outcomes: &[Outcome]) -> Markup {
    let failed = outcomes.iter().filter(|o| o.verdict == Verdict::Failed).count();
    let held = outcomes.iter().any(|o| o.verdict == Verdict::Held);
    let (class, sign) = match (failed, held) {
        (0, true) => ("held", "✓"),
        (0, false) => ("skipped", "○"),
        _ => ("failed", "✗"),
    };
    html! {
        p class=(format!("badge {class}")) {
            span class="sign" aria-hidden="true" { (sign) } " "
            (crate::report::summary::verdict_line(outcomes))
        }
    }
}

fn contents(sections: &[Section], outcomes: &[Outcome]) -> Markup {
    let failed = outcomes.iter().filter(|o| o.verdict == Verdict::Failed).count();
    html! {
        nav aria-label="Sections" {
            ul {
                @for s in sections {
                    li {
                        a href=(format!("#{}", s.id)) { (s.title) }
                        @if s.id == "expectations" && failed > 0 { " " span class="count failed" { "✗ " (failed) } }
                    }
                }
            }
        }
    }
}

fn section(s: &Section) -> Markup {
    let heading = format!("{}-heading", s.id);
    html! {
        section id=(s.id) aria-labelledby=(heading) {
            h2 id=(heading) { (s.title) }
            div class="content" id=(format!("{}-content", s.id)) { (s.body) }
        }
    }
}
