//! The entry: a file, checked for every case.

use super::axes::AxisTable;
use super::cases::CaseSettings;
use super::checker::{CaseDimension, Checker, Draft, Setting, What};
use super::data::{self, DataCache};
use super::dims::{Solver, Term};
use super::items::Items;
use crate::contract::Precision;
use crate::diag::{Code, Diagnostic, Sink, list, nearest};
use crate::hir::{CaseAxis, Experiment, ParamInfo, Program, Results};
use crate::source::{SourceId, SourceMap, Span};
use crate::syntax::{self, ast, ast::ItemKind};
use std::collections::{HashMap, HashSet};

/// Where `use` and `load` find things; the checker itself opens no file.
pub trait Loader {
    /// The text of a shipped rule: `bcm` for `use rules.bcm`.
    fn library(&self, name: &str) -> Option<&'static str>;
    /// The shipped rules.
    fn library_names(&self) -> Vec<&'static str>;
    /// The name and text of a source file; paths start at the folder of the experiment.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn source(&self, path: &str) -> Result<(String, String), LoadError>;
    /// The bytes of a data file; paths start at the folder of the experiment.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn bytes(&self, path: &str) -> Result<Vec<u8>, LoadError>;
}

/// The folders of used files, in which their own paths start.
#[derive(Debug, Default)]
pub(super) struct Folders(HashMap<SourceId, String>);

impl Folders {
    /// What a path in a file means, seen from the folder of the experiment.
    pub fn path(&self, from: SourceId, path: &str) -> String {
        match self.0.get(&from) {
            Some(folder) if !path.starts_with('/') => format!("{folder}/{path}"),
            _ => path.to_owned(),
        }
    }

    fn add(&mut self, file: SourceId, path: &str) {
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.0.insert(file, folder.to_owned());
        }
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// In words: "there is no such file".
    pub reason: String,
    /// A file of a similar name that is there.
    pub nearest: Option<String>,
}

/// What the command line changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set name=value`: name and the text of the value.
    pub params: Vec<(String, String)>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--precision`.
    pub precision: Option<Precision>,
}

/// A checked file.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What it means.
    pub experiment: Experiment,
    /// The data files it reads: path as written, and bytes.
    pub data: Vec<(String, Vec<u8>)>,
}

/// Checks a file. Everything found goes to `sink`; without errors there is an experiment.
pub fn check(
    file: &ast::File,
    sources: &mut SourceMap,
    loader: &dyn Loader,
    overrides: &Overrides,
    sink: &mut Sink,
) -> Option<Checked> {
    let mut folders = Folders::default();
    let flags = read_flags(overrides, sources, sink);
    let used_files = read_uses(file, &flags, sources, loader, &mut folders, sink);
    let given =
        Given { used_files: &used_files, flags: &flags, sources, loader, folders: &folders, overrides };
    let mut used = HashSet::new();
    let checked = check_items(file, given, &mut used, sink);
    if let Some(with) = super::idle_cells::in_populations(file, &used) {
        let mut found = Sink::new();
        check_items(&with, given, &mut HashSet::new(), &mut found);
        super::idle_cells::report(file, &used, &found, sink);
    }
    checked
}

/// What a file is checked with.
#[derive(Clone, Copy)]
struct Given<'g> {
    used_files: &'g [ast::File],
    flags: &'g [(String, ast::Expr)],
    sources: &'g SourceMap,
    loader: &'g dyn Loader,
    folders: &'g Folders,
    overrides: &'g Overrides,
}

/// Checks the items of a file. The names of what is used go to `used`.
fn check_items(
    file: &ast::File,
    given: Given<'_>,
    used: &mut HashSet<String>,
    sink: &mut Sink,
) -> Option<Checked> {
    let Given { used_files, flags, sources: shared, loader, folders, overrides } = given;
    let items = Items::collect(file, used_files, sink);
    for (name, expr) in flags {
        check_flag(name, expr.span, &items, sink);
    }
    let mut axes = AxisTable::default();
    let mut cache = DataCache::new();
    let mut common: CaseSettings<'_> = HashMap::new();
    for (name, expr) in flags {
        common.insert(name.clone(), Setting::Flag(expr.clone()));
    }

    // The cases, read with the file's own parameter values.
    let none = Vec::new();
    let mut base = Checker {
        items: &items,
        sources: shared,
        loader,
        sink,
        axes: &mut axes,
        folders,
        data: &mut cache,
        used,
        settings: &common,
        case_axes: &none,
        solver: Solver::default(),
        program: Draft::default(),
        bad_rules: HashSet::new(),
        what: What::Program,
        kept: Vec::new(),
        recording: None,
        noise: false,
        differing: HashSet::new(),
        over_time: false,
        statics: Default::default(),
    };
    base.clock_and_seed(overrides);
    base.params();
    let blocks = base.case_blocks();
    let dimensions: Vec<CaseDimension> = blocks.iter().map(|b| b.dimension.clone()).collect();
    let mut settings: Vec<CaseSettings<'_>> = vec![common.clone()];
    for block in &blocks {
        settings = settings
            .iter()
            .flat_map(|s| {
                block.cases.iter().map(move |c| {
                    let mut s = s.clone();
                    s.extend(c.iter().map(|(k, v)| (k.clone(), v.clone())));
                    s
                })
            })
            .collect();
    }
    drop(blocks);
    refuse_idle_flags(overrides, &common, &settings, sink);

    let mut programs: Vec<Program> = Vec::new();
    let mut first: Option<(Draft, Solver)> = None;
    let mut bad_rules = HashSet::new();
    let mut allowed = HashSet::new();
    for (i, settings) in settings.iter().enumerate() {
        let mut checker = Checker {
            items: &items,
            sources: shared,
            loader,
            sink,
            axes: &mut axes,
            folders,
            data: &mut cache,
            used,
            settings,
            case_axes: &dimensions,
            solver: Solver::default(),
            program: Draft::default(),
            bad_rules: std::mem::take(&mut bad_rules),
            what: What::Program,
            kept: Vec::new(),
            recording: None,
            noise: false,
            differing: HashSet::new(),
            over_time: false,
            statics: Default::default(),
        };
        let program = checker.whole_program(overrides, i == 0, &mut allowed);
        bad_rules = std::mem::take(&mut checker.bad_rules);
        if i == 0 {
            first = Some((checker.program, checker.solver));
        }
        programs.push(program);
        if sink.has_errors() {
            break;
        }
    }
    same_shapes(&programs, sink);
    let (draft, solver) = first?;
    let mut results = Results::default();
    {
        let empty = HashMap::new();
        let mut checker = Checker {
            items: &items,
            sources: shared,
            loader,
            sink,
            axes: &mut axes,
            folders,
            data: &mut cache,
            used,
            settings: settings.first().unwrap_or(&empty),
            case_axes: &dimensions,
            solver,
            program: draft,
            bad_rules,
            what: What::Results,
            kept: Vec::new(),
            recording: None,
            noise: false,
            differing: HashSet::new(),
            over_time: false,
            statics: Default::default(),
        };
        checker.differing = differing(&programs);
        // What the protocol refused is not known here; then nothing is said of results.
        if !checker.sink.has_errors() {
            results = checker.results();
            let kept = std::mem::take(&mut checker.kept);
            checker.keep_at_end(&kept, &mut programs);
            if !checker.sink.has_errors() {
                checker.lint_unused();
                checker.lint_crossed_data(&results, &mut allowed);
            }
            checker.lint_allows(&allowed);
            let case_axes: Vec<_> = dimensions.iter().map(|d| d.axis).collect();
            let text = |span| checker.one_line(span);
            super::at_end::reduce_at_end(&mut results, &mut programs, &kept, checker.axes, &case_axes, &text);
            if !checker.sink.has_errors() {
                let variables = &checker.program.vars;
                let (axes, sink) = (&mut *checker.axes, &mut *checker.sink);
                super::followed::follow(&mut results, &mut programs, variables, axes, &case_axes, sink);
            }
            // Data that only results read; the same in every case.
            for program in &mut programs {
                for data in checker.program.consts.iter().skip(program.consts.len()) {
                    program.consts.push(data.clone());
                }
            }
        }
    }
    if sink.has_errors() {
        return None;
    }
    let cases = dimensions.into_iter().map(|d| CaseAxis { axis: d.axis, names: d.names }).collect();
    let params = param_infos(&items, &programs, shared, &settings);
    let experiment = Experiment {
        docs: file.docs.clone(),
        axes: axes.table().clone(),
        cases,
        control: super::protocol::has_control(&items),
        programs,
        params,
        results,
    };
    Some(Checked { experiment, data: data::files(&cache) })
}

fn read_uses(
    file: &ast::File,
    flags: &[(String, ast::Expr)],
    sources: &mut SourceMap,
    loader: &dyn Loader,
    folders: &mut Folders,
    sink: &mut Sink,
) -> Vec<ast::File> {
    let mut out: Vec<ast::File> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut queue: Vec<(SourceId, ast::UsePath, Span)> = uses(file);
    // `--set R=oja` finds the shipped rule also where the file does not use it
    for (_, e) in flags {
        let named = match &e.kind {
            ast::ExprKind::Name(name) => Some(name),
            ast::ExprKind::Call { callee, .. } => match &callee.kind {
                ast::ExprKind::Name(name) => Some(name),
                _ => None,
            },
            _ => None,
        };
        // a rule may stand in a file of another name, beside its kin
        let Some(name) = named else { continue };
        let head = format!("\nrule {} {{", name.text);
        let has = |file: &str| loader.library(file).is_some_and(|text| text.contains(&head));
        let of = if has(&name.text) { Some(name.text.as_str()) } else { None };
        let of = of.or_else(|| loader.library_names().into_iter().find(|n| has(n)));
        let Some(of) = of else { continue };
        if !file.items.iter().any(|i| super::items::name(i).is_some_and(|n| n.text == name.text)) {
            let rules = ast::Ident { text: "rules".into(), span: name.span };
            queue.push((
                file.source,
                ast::UsePath::Library(vec![rules, ast::Ident { text: of.into(), span: name.span }]),
                name.span,
            ));
        }
    }
    while let Some((from, path, span)) = queue.pop() {
        let mut place = None;
        let (name, text) = match &path {
            ast::UsePath::Library(parts) => {
                let words: Vec<&str> = parts.iter().map(|p| p.text.as_str()).collect();
                let found = match words.as_slice() {
                    ["rules", name] => {
                        loader.library(name).map(|t| (format!("rules/{name}.plast"), t.to_owned()))
                    }
                    _ => None,
                };
                match found {
                    Some(found) => found,
                    None => {
                        let all = loader.library_names();
                        let last = words.last().copied().unwrap_or("");
                        let mut d = Diagnostic::new(
                            Code::E0702,
                            span,
                            format!("the shipped library has no `{}`", words.join(".")),
                            "not in the library",
                        );
                        if let Some(near) = nearest(last, all.iter().copied()) {
                            let written = parts.first().zip(parts.last());
                            d = d.fix(
                                format!("a similar name is `rules.{near}`"),
                                written.map_or(span, |(first, last)| first.span.to(last.span)),
                                format!("rules.{near}"),
                            );
                        } else if let Some(names) = list(all.iter().copied()) {
                            d = d.note(format!("it has, behind `rules.`: {names}"));
                        } else {
                            d = d.note(format!("it has, behind `rules.`: {}", all.join(" ")));
                        }
                        sink.push(d);
                        continue;
                    }
                }
            }
            ast::UsePath::File(path) => match loader.source(&folders.path(from, &path.node)) {
                Ok(found) => {
                    place = Some(folders.path(from, &path.node));
                    found
                }
                Err(error) => {
                    let mut d = Diagnostic::new(
                        Code::E0702,
                        span,
                        format!("cannot use `{}`: {}", path.node, error.reason),
                        "this file",
                    );
                    if let Some(near) = error.nearest {
                        d = d.help(format!("there is `{near}`"));
                    }
                    sink.push(d);
                    continue;
                }
            },
        };
        if !seen.insert(name.clone()) {
            continue;
        }
        let id = sources.add(name, text);
        if let Some(place) = place {
            folders.add(id, &place);
        }
        let text = sources.get(id).text.clone();
        if let Some(parsed) = syntax::parse(id, &text, sink) {
            queue.extend(uses(&parsed));
            out.push(parsed);
        }
    }
    out
}

fn uses(file: &ast::File) -> Vec<(SourceId, ast::UsePath, Span)> {
    file.items
        .iter()
        .filter_map(|i| match &i.kind {
            ItemKind::Use(path) => Some((file.source, path.clone(), i.span)),
            _ => None,
        })
        .collect()
}

fn read_flags(overrides: &Overrides, sources: &mut SourceMap, sink: &mut Sink) -> Vec<(String, ast::Expr)> {
    let mut out = Vec::new();
    for (name, text) in &overrides.params {
        let id = sources.add(format!("--set {name}"), text.clone());
        if let Some(expr) = syntax::parse_expr(id, text, sink) {
            out.push((syntax::canonical(name).into_owned(), expr));
        }
    }
    out
}

fn check_flag(name: &str, span: Span, items: &Items<'_>, sink: &mut Sink) {
    if items.get(name).is_some_and(|i| matches!(i.kind, ItemKind::Param(_))) {
        return;
    }
    let params: Vec<&str> = items
        .names()
        .filter(|n| items.get(n).is_some_and(|i| matches!(i.kind, ItemKind::Param(_))))
        .collect();
    let mut d =
        Diagnostic::new(Code::E0901, span, format!("the file has no parameter `{name}`"), "this value");
    if let Some(near) = nearest(name, params.iter().copied()) {
        d = d.help(format!("a similar name is `{near}`"));
    }
    if let Some(all) = list(params.iter().copied()) {
        d = d.note(format!("parameters: {all}"));
    }
    sink.push(d);
}

/// A parameter that every case sets anew cannot be set from outside.
fn refuse_idle_flags(
    overrides: &Overrides,
    flags: &CaseSettings<'_>,
    cases: &[CaseSettings<'_>],
    sink: &mut Sink,
) {
    let idle =
        |name: &str| cases.iter().all(|c| matches!(c.get(name), Some(s) if !matches!(s, Setting::Flag(_))));
    let headline = |name: &str| format!("`{name}` is set by `cases` in every case");
    let help = "choose among the cases with `--case`, or change the values in the file";
    let mut names: Vec<&String> = flags.keys().collect();
    names.sort();
    for name in names {
        if let (Some(Setting::Flag(e)), true) = (flags.get(name), idle(name)) {
            sink.push(Diagnostic::new(Code::E0901, e.span, headline(name), "has no effect").help(help));
        }
    }
    if overrides.seed.is_some() && idle("seed") {
        sink.push(Diagnostic::global(Code::E0901, headline("seed")).help(help));
    }
}

/// Probes and records of all cases must have the same axes, or they could not stand side by side.
fn same_shapes(programs: &[Program], sink: &mut Sink) {
    let Some((first, rest)) = programs.split_first() else { return };
    for p in rest {
        let probes = first.probes.iter().zip(p.probes.iter()).filter(|(a, b)| a.axes != b.axes);
        let differing = probes.map(|(a, _)| (&a.name, a.span));
        let records = first.records.iter().zip(p.records.iter()).filter(|(a, b)| a.axes != b.axes);
        for (name, span) in differing.chain(records.map(|(a, _)| (&a.name, a.span))) {
            sink.push(
                Diagnostic::new(
                    Code::E0401,
                    span,
                    format!("`{name}` has other axes in other cases"),
                    "cannot stand side by side",
                )
                .help("reduce it, so that every case gives the same shape"),
            );
        }
    }
}

fn param_infos(
    items: &Items<'_>,
    programs: &[Program],
    sources: &SourceMap,
    settings: &[CaseSettings<'_>],
) -> Vec<ParamInfo> {
    let mut out = Vec::new();
    for item in &items.file.items {
        let ItemKind::Param(p) = &item.kind else { continue };
        let of = |program: &Program| program.params.iter().find(|q| q.name == p.name.text).cloned();
        let Some(first) = programs.first() else { continue };
        let one_line = |span: Span| sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let info = match of(first) {
            Some(param) => ParamInfo {
                name: p.name.text.clone(),
                docs: item.docs.clone(),
                values: programs.iter().map(|q| of(q).map_or(f64::NAN, |v| v.value)).collect(),
                rules: Vec::new(),
                dim: param.dim,
                unit: param.unit,
                range: param.range,
                span: p.name.span,
            },
            None => ParamInfo {
                name: p.name.text.clone(),
                docs: item.docs.clone(),
                values: Vec::new(),
                rules: settings
                    .iter()
                    .map(|s| match s.get(&p.name.text) {
                        Some(Setting::Written(e)) => one_line(e.span),
                        Some(Setting::Flag(e)) => one_line(e.span),
                        _ => one_line(p.value.span),
                    })
                    .collect(),
                dim: Term::plain().base(),
                unit: crate::units::Unit::none(),
                range: None,
                span: p.name.span,
            },
        };
        out.push(info);
    }
    out
}

/// Parameters of rules that differ between cases.
fn differing(programs: &[Program]) -> HashSet<String> {
    let Some((first, rest)) = programs.split_first() else { return HashSet::new() };
    let params = |p: &Program| -> HashMap<String, u64> {
        let of = p.projections.iter().filter_map(|p| Some((&p.name, p.rule.as_ref()?)));
        of.flat_map(|(name, rule)| {
            rule.params.iter().map(move |(param, v, _)| (format!("{name}.{param}"), v.to_bits()))
        })
        .collect()
    };
    let first = params(first);
    let mut differing = HashSet::new();
    for other in rest {
        let other = params(other);
        differing.extend(first.iter().filter(|(n, v)| other.get(*n) != Some(v)).map(|(n, _)| n.clone()));
    }
    differing
}
