//! What is known of a name, a unit, a type.

use super::ask::name_of;
use super::document::Failure;
use super::names::owners;
use super::session::{Done, Session};
use super::value::Shown;
use crate::builtins::{self, Expected};
use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::VarKind;
use crate::ir::build::canonical::{Reason, advance};
use crate::session::{RULES, library};
use crate::source::SourceId;
use crate::syntax;
use crate::syntax::ast::{self, ItemKind, MemberKind, UsePath};
use crate::units::{UNITS, Unit, dim_name, display_dim, format_value, lookup};
use std::collections::BTreeMap;

/// Rows of cells as text, columns aligned; the first to the left, the others too.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut out = String::from("  ");
        for (cell, width) in row.iter().zip(&widths) {
            let pad = " ".repeat(width - cell.chars().count() + 2);
            out += &format!("{cell}{pad}");
        }
        out.trim_end().to_string()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The names that used files bring in.
pub(super) fn used_names(session: &Session) -> Vec<String> {
    let mut names = Vec::new();
    for item in session.document.items() {
        if let ItemKind::Use(UsePath::Library(parts)) = &item.kind {
            names.extend(parts.last().map(|p| p.text.clone()));
        }
    }
    names
}

impl Session {
    /// `:type EXPR`
    pub(super) fn type_of(&mut self, text: &str) -> Done {
        if text.is_empty() {
            let d = Diagnostic::global(Code::E0921, "`:type` needs an expression");
            return Err(Failure::global(d.help("`:type mean(w)` says what kind of value it is")));
        }
        let q = self.question(text)?;
        let kind = if q.truth { "true or false".to_string() } else { display_dim(q.dim) };
        let axes = &q.checked.experiment.axes;
        let is_case = |id: &crate::hir::AxisId| q.checked.experiment.cases.iter().any(|c| c.axis == *id);
        let along: Vec<String> = q
            .expr
            .axes
            .iter()
            .filter(|a| !is_case(a))
            .map(|a| match axes[*a].size {
                Some(n) => format!("{}: {n}", axes[*a].name),
                None => axes[*a].name.clone(),
            })
            .collect();
        Ok(if along.is_empty() { kind } else { format!("{kind}, along [{}]", along.join(", ")) })
    }

    /// `:units`, `:units mV`
    pub(super) fn units(&mut self, text: &str) -> Done {
        if text.is_empty() {
            let mut by: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for unit in UNITS {
                by.entry(dim_name(unit.dim)).or_default().push(unit.symbol);
            }
            let rows: Vec<Vec<String>> =
                by.into_iter().map(|(dim, units)| vec![dim, units.join(" ")]).collect();
            let text = columns(&rows);
            return Ok(format!(
                "{text}\nprefixes go before most of them: {PREFIXES}\n`:units mV` says what one is"
            ));
        }
        // a unit, else an expression that is to be shown in every unit of its kind
        if let Some(unit) = Unit::named(text) {
            let own = format_value(
                unit.to_si(1.0),
                &crate::units::display_unit(unit.dim).unwrap_or_else(Unit::none),
                9,
            );
            return Ok(format!("1{} = {own}, {}", unit.suffix(), dim_name(unit.dim)));
        }
        let looked = self.look(text)?;
        let q = &looked.question;
        let mut said = vec![format!("{}, shown in `{}`", display_dim(q.dim), q.unit.suffix().trim())];
        if let Some(v) = looked.value.as_scalar() {
            for unit in UNITS.iter().filter(|u| u.dim == q.dim) {
                if let Some(unit) = Unit::named(unit.symbol) {
                    said.push(format!("  {}", format_value(v, &unit, 6)));
                }
            }
        }
        Ok(said.join("\n"))
    }

    /// `:info NAME`
    pub(super) fn info(&mut self, name: &str) -> Done {
        let name = syntax::canonical(name).into_owned();
        if name.is_empty() {
            return Ok(self.overview());
        }
        if let Some(said) = self.info_of_item(&name) {
            return Ok(said);
        }
        if let Some(b) = builtins::lookup(&name) {
            let result = match b.example.expected {
                Expected::Number(v) => format!(" is {}", crate::units::format_number(v, 6)),
                Expected::Truth(v) => format!(" is {v}"),
                _ => String::new(),
            };
            return Ok(format!("{}\n  {}\n  {}{result}", b.signature, b.doc, b.example.text));
        }
        if let Ok(id) = self.variable(&name) {
            return self.info_of_variable(id);
        }
        if let Some(text) = library(&name) {
            return Ok(format!("a shipped rule; `use rules.{name}` brings it in\n{}", text.trim_end()));
        }
        if lookup(&name).is_some() {
            return self.units(&name);
        }
        if syntax::keywords().contains(&name.as_str()) {
            return Ok(format!("`{name}` is a word of the language: see the manual, chapter `Names`"));
        }
        let several = owners(&self.checked.experiment, self.which, &name);
        if !several.is_empty() {
            return self.variable(&name).map(|_| String::new());
        }
        if let Some(said) = self.info_of_statement(&name) {
            return Ok(said);
        }
        let mut all = self.item_names();
        all.extend(self.program().probes.iter().filter(|p| !p.implied).map(|p| p.name.clone()));
        all.extend(self.program().phases.iter().map(|p| p.name.clone()));
        all.extend(self.program().vars.iter().map(|v| v.name.clone()));
        all.extend(builtins::names().map(str::to_string));
        all.extend(RULES.iter().map(|r| r.0.to_string()));
        let d = Diagnostic::global(Code::E0201, format!("nothing is called `{name}`"));
        Err(Failure::global(match nearest(&name, all.iter().map(String::as_str)) {
            Some(near) => d.help(format!("a similar name is `{near}`")),
            None => d.help("`:info` without a name says what there is"),
        }))
    }

    fn overview(&self) -> String {
        let program = self.program();
        let axes = |ids: &[crate::hir::AxisId]| {
            let one = |a: &crate::hir::AxisId| {
                let axis = &self.checked.experiment.axes[*a];
                format!("{}: {}", axis.name, axis.size.map_or("?".into(), |n| n.to_string()))
            };
            if ids.is_empty() {
                String::new()
            } else {
                format!("[{}]", ids.iter().map(one).collect::<Vec<_>>().join(", "))
            }
        };
        let mut lines =
            vec![format!("clock {}, seed {}, t = {}", self.time_of(1), program.seed, self.time())];
        for p in program.populations.iter() {
            lines.push(format!("population {}{}", p.name, axes(&p.axes)));
        }
        for p in program.projections.iter() {
            let (pre, post) = (&program.populations[p.pre].name, &program.populations[p.post].name);
            let rule = p.rule.as_ref().map_or("fixed".to_string(), |r| format!("rule {}", r.name));
            lines.push(format!("synapses {}: {pre} -> {post}, {rule}", p.name));
        }
        for p in program.params.iter() {
            lines.push(format!("param {} = {}", p.name, format_value(p.value, &p.unit, 6)));
        }
        if program.populations.iter().next().is_none() {
            lines.push("nothing is declared yet: `population input[i: 10]` declares ten cells".into());
        }
        lines.join("\n")
    }

    /// A probe or a phase of the protocol, by its line.
    fn info_of_statement(&self, name: &str) -> Option<String> {
        let program = self.program();
        let probe = program.probes.iter().find(|p| p.name == name && !p.implied).map(|p| ("a probe", p.span));
        let phase = program.phases.iter().find(|p| p.name == name).map(|p| ("a phase", p.span));
        let (what, span) = probe.or(phase)?;
        let text = &self.checked.sources.get(span.source).text;
        let at = span.range().start.min(text.len());
        let from = text[..at].rfind('\n').map_or(0, |i| i + 1);
        let to = text[at..].find('\n').map_or(text.len(), |i| at + i);
        Some(format!("{what} of the protocol: {}", text[from..to].trim()))
    }

    fn info_of_item(&self, name: &str) -> Option<String> {
        let own = self.document.items().find(|i| name_of(i).is_some_and(|n| n.text == name));
        let (text, item, from) = match own {
            Some(item) => {
                let text = self.document.text_of(name).unwrap_or("").to_string();
                (text, item.clone(), None)
            }
            None => {
                let brought = self.brought(name)?;
                (brought.1, brought.0, Some(brought.2))
            }
        };
        let mut lines = vec![text];
        if let Some(from) = from {
            lines.push(format!("from {from}"));
        }
        let used = self.uses_of(name);
        if let ItemKind::Rule(_) = item.kind {
            let users =
                self.program().projections.iter().filter(|p| p.rule.as_ref().is_some_and(|r| r.name == name));
            for p in users {
                let rule = p.rule.as_ref()?;
                let params: Vec<String> =
                    rule.params.iter().map(|(n, v, u)| format!("{n} = {}", format_value(*v, u, 6))).collect();
                let with =
                    if params.is_empty() { String::new() } else { format!(" with {}", params.join(", ")) };
                lines.push(format!("used by synapses `{}`{with}", p.name));
            }
        } else if let ItemKind::Param(_) = item.kind
            && let Some((id, p)) = self.program().params.iter_enumerated().find(|(_, p)| p.name == name)
        {
            let now = self.live.as_ref().and_then(|l| l.param(id)).unwrap_or(p.value);
            lines.push(format!("now {}, {}", format_value(now, &p.unit, 6), display_dim(p.dim)));
        }
        if !used.is_empty() {
            lines.push(format!("used in {}", used.join(", ")));
        }
        Some(lines.join("\n"))
    }

    /// An item of a file that is used: the item, its text, and the file's name.
    fn brought(&self, name: &str) -> Option<(ast::Item, String, String)> {
        for (_, source) in self.checked.sources.iter().skip(self.document.sources().iter().count()) {
            let file = syntax::parse(SourceId(0), &source.text, &mut crate::diag::Sink::new())?;
            for item in file.items {
                if name_of(&item).is_some_and(|n| n.text == name) {
                    let docs: String = item.docs.lines().map(|l| format!("/// {l}\n")).collect();
                    let text = format!("{docs}{}", source.text.get(item.span.range()).unwrap_or(""));
                    return Some((item, text, source.name.clone()));
                }
            }
        }
        None
    }

    /// The items that name an item.
    fn uses_of(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for item in self.document.items() {
            let own = name_of(item).map(|n| n.text.clone());
            if own.as_deref() == Some(name) {
                continue;
            }
            let mut uses = false;
            crate::sema::walk::item_exprs(item, &mut |e| {
                uses |= matches!(&e.kind, ast::ExprKind::Name(n) if n.text == name);
            });
            if let ItemKind::Synapses(s) = &item.kind {
                uses |= s.pre.text == name || s.post.text == name;
                uses |= s
                    .members
                    .iter()
                    .any(|m| matches!(&m.kind, MemberKind::Rule { rule } if mentions(rule, name)));
            }
            if let ItemKind::Protocol(b) = &item.kind {
                crate::sema::walk::statements(b, &mut |s| {
                    if let ast::StatementKind::Present { inputs, .. } = &s.kind {
                        uses |= inputs.iter().any(|i| i.population.text == name);
                    }
                });
            }
            if uses {
                let what = match &item.kind {
                    ItemKind::Protocol(_) => "the protocol".to_string(),
                    ItemKind::Expect { .. } => "an expectation".to_string(),
                    ItemKind::Plot(_) => "a plot".to_string(),
                    ItemKind::Image { .. } => "an image".to_string(),
                    ItemKind::Cases(_) => "the cases".to_string(),
                    _ => format!("`{}`", own.unwrap_or_default()),
                };
                if !found.contains(&what) {
                    found.push(what);
                }
            }
        }
        found
    }

    fn info_of_variable(&mut self, id: crate::hir::VarId) -> Done {
        let checked = self.checked.clone();
        let var = self.program().vars[id].clone();
        let one_line = |span| checked.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut lines = vec![format!("{}: {}", var.name, display_dim(var.dim))];
        match &var.kind {
            VarKind::State { start, equation } => {
                lines.push(format!("  starts at {}", one_line(start.span)));
                match equation {
                    Some(e) => {
                        let how = match advance(self.program(), id, e).1 {
                            Reason::Increment => "an increment",
                            Reason::Asked => "as `integrate` says",
                            Reason::ConstantCoefficient => "exponential: its own coefficient is constant",
                            Reason::ChangingCoefficient => "euler: its own coefficient changes",
                            Reason::ReadsNotItself => "euler: it does not read itself",
                            Reason::Weight => "euler, as weights are",
                            Reason::Noise => "euler: it has white noise",
                            Reason::NotLinear => "euler: it is not linear in itself",
                        };
                        lines.push(format!("  {}", one_line(e.span)));
                        lines.push(format!("  stepped {how}"));
                    }
                    None => lines.push("  without an equation: it stays".into()),
                }
            }
            VarKind::Instantaneous(value) => lines.push(format!("  = {}", one_line(value.span))),
            VarKind::Input => lines.push("  what the protocol presents".into()),
            VarKind::Delayed { of, ticks } => {
                let of = &self.program().vars[*of].name;
                lines.push(format!("  `{of}`, {} ago", self.time_of(u64::from(*ticks))));
            }
        }
        let experiment = checked.experiment.clone();
        let live = self.run_of()?;
        if live.computes(id) {
            let own = crate::hir::Expr {
                kind: crate::hir::ExprKind::Var(id),
                axes: var.axes.clone(),
                ty: crate::hir::Ty::Number,
                span: var.span,
            };
            let value = live.eval(&own, &experiment).map_err(|d| Failure::global(*d))?;
            let shown = Shown { value: &value, unit: &var.unit, truth: false, axes: &experiment.axes };
            lines.push(format!("  now {}", shown.text(&self.style).lines().next().unwrap_or("")));
        }
        Ok(lines.join("\n"))
    }
}

fn mentions(e: &ast::Expr, name: &str) -> bool {
    let mut found = false;
    crate::sema::walk::expr(e, &mut |e| found |= matches!(&e.kind, ast::ExprKind::Name(n) if n.text == name));
    found
}

/// The prefixes of units.
const PREFIXES: &str = "p n u m k M G";
