//! The items of a file and of the files it uses, by name.

use super::walk;
use crate::diag::{Code, Diagnostic, Sink};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::units::{Dim, Unit, UnitDef};
use std::collections::HashMap;

/// Words that no item may be called: they mean something in every expression.
pub(super) const RESERVED: &[&str] = &["pre", "post", "syn", "x", "y", "w", "t", "drive", "tick"];

/// All items that can be referred to.
#[derive(Debug)]
pub(super) struct Items<'a> {
    pub file: &'a ast::File,
    by_name: HashMap<&'a str, &'a ast::Item>,
    units: Vec<Unit>,
}

/// An item's name, if it has one.
pub(super) fn name(item: &ast::Item) -> Option<&ast::Ident> {
    Some(match &item.kind {
        ItemKind::Let { name, .. } | ItemKind::Fn { name, .. } | ItemKind::Stimulus { name, .. } => name,
        ItemKind::Param(p) => &p.name,
        ItemKind::Population(p) => &p.name,
        ItemKind::Cell(c) => &c.name,
        ItemKind::Rule(r) => &r.name,
        ItemKind::Synapses(s) => &s.name,
        ItemKind::Record(r) => &r.name,
        _ => return None,
    })
}

/// What kind of thing an item is, in words.
pub(super) fn kind(item: &ast::Item) -> &'static str {
    match &item.kind {
        ItemKind::Let { .. } => "a `let`",
        ItemKind::Fn { .. } => "a function",
        ItemKind::Stimulus { .. } => "a stimulus",
        ItemKind::Param(_) => "a parameter",
        ItemKind::Population(_) => "a population",
        ItemKind::Cell(_) => "a cell",
        ItemKind::Rule(_) => "a learning rule",
        ItemKind::Synapses(_) => "a projection",
        ItemKind::Record(_) => "a record",
        _ => "an item",
    }
}

/// Reports a function's parameter of a name that another has.
fn parameters_once(item: &ast::Item, sink: &mut Sink) {
    let ItemKind::Fn { params, .. } = &item.kind else { return };
    for (i, second) in params.iter().enumerate() {
        if let Some(first) = params[..i].iter().find(|p| p.text == second.text) {
            let headline = format!("`{}` is declared twice", second.text);
            let d = Diagnostic::new(Code::E0202, second.span, headline, "the second parameter of this name");
            sink.push(d.label(first.span, "the first"));
        }
    }
}

impl<'a> Items<'a> {
    /// Collects the items of a file and what its `use` lines bring in (rules, functions and `let`s).
    pub fn collect(file: &'a ast::File, used: &'a [ast::File], sink: &mut Sink) -> Self {
        let mut items = Items { file, by_name: HashMap::new(), units: Vec::new() };
        for item in &file.items {
            items.add(item, sink);
            parameters_once(item, sink);
        }
        let imported = used.iter().flat_map(|f| &f.items);
        for item in imported.filter(|i| {
            matches!(
                i.kind,
                ItemKind::Rule(_) | ItemKind::Cell(_) | ItemKind::Fn { .. } | ItemKind::Let { .. }
            )
        }) {
            items.add(item, sink);
        }
        for (what, found) in [
            ("clock", items.all(|k| matches!(k, ItemKind::Clock(_)))),
            ("seed", items.all(|k| matches!(k, ItemKind::Seed(_)))),
            ("protocol", items.all(|k| matches!(k, ItemKind::Protocol(_)))),
            ("integrate", items.all(|k| matches!(k, ItemKind::Integrate(_)))),
            ("precision", items.all(|k| matches!(k, ItemKind::Precision(_)))),
        ] {
            if let [first, second, ..] = found.as_slice() {
                sink.push(
                    Diagnostic::new(
                        Code::E0202,
                        head(second),
                        format!("two `{what}` items"),
                        "this is the second",
                    )
                    .label(head(first), "the first is here")
                    .help("a file has one; keep the one that is meant"),
                );
            }
        }
        items.collect_units();
        items
    }

    fn add(&mut self, item: &'a ast::Item, sink: &mut Sink) {
        let Some(name) = name(item) else { return };
        // The parser has said so.
        if RESERVED.contains(&name.text.as_str()) {
            return;
        }
        if let Some(first) = self.by_name.get(name.text.as_str()) {
            let at = self::name(first).map_or(first.span, |n| n.span);
            if at == name.span {
                return;
            }
            let twice = |span, label: String| {
                Diagnostic::new(Code::E0202, span, format!("`{}` is declared twice", name.text), label)
            };
            // What a `use` brings in is not at fault.
            sink.push(if name.span.source == at.source {
                twice(name.span, format!("{} of this name", kind(item)))
                    .label(at, format!("already {} here", kind(first)))
                    .help("rename one of them")
            } else {
                twice(at, format!("{} of this name", kind(first)))
                    .label(name.span, format!("`use` brings in {}", kind(item)))
                    .help("rename it")
            });
            return;
        }
        self.by_name.insert(&name.text, item);
    }

    fn collect_units(&mut self) {
        let mut found: Vec<Unit> = Vec::new();
        let mut add = |unit: &ast::Unit| {
            if let Some(defs) = resolve(unit, None)
                && let Some(unit) = Unit::new(&defs)
                && unit.dim != Dim::NONE
                && !found.iter().any(|u| u.dim == unit.dim)
            {
                found.push(unit);
            }
        };
        for item in &self.file.items {
            walk::item_exprs(item, &mut |e| match &e.kind {
                ast::ExprKind::Number(n) => n.unit.iter().for_each(&mut add),
                ast::ExprKind::In { unit, .. } => add(unit),
                ast::ExprKind::List { unit, .. } => unit.iter().for_each(&mut add),
                _ => {}
            });
        }
        self.units = found;
    }

    /// The unit the file first writes for a dimension, else a usual one.
    pub fn unit_for(&self, dim: Dim) -> Unit {
        let written = self.units.iter().find(|u| u.dim == dim).cloned();
        written.or_else(|| crate::units::display_unit(dim)).unwrap_or_else(Unit::none)
    }

    /// Whether some rule or population has an equation for a variable of this name that it does not declare: then its
    /// other uses are not faults of their own.
    pub fn has_undeclared_equation(&self, name: &str) -> bool {
        self.file.items.iter().any(|item| {
            let members = match &item.kind {
                ItemKind::Population(p) => &p.members,
                ItemKind::Rule(r) => &r.members,
                _ => return false,
            };
            let named = |m: &ast::Member, declares: bool| match &m.kind {
                ast::MemberKind::State(s) => declares && s.name.text == name,
                ast::MemberKind::Equation(e) => {
                    !declares && e.form != ast::Form::Instantaneous && e.name.text == name
                }
                _ => false,
            };
            members.iter().any(|m| named(m, false)) && !members.iter().any(|m| named(m, true))
        })
    }

    /// Whether a projection is written that ends in this population.
    pub fn ends_in(&self, population: &str) -> bool {
        self.file.items.iter().any(|i| matches!(&i.kind, ItemKind::Synapses(s) if s.post.text == population))
    }

    /// The item of this name.
    pub fn get(&self, name: &str) -> Option<&'a ast::Item> {
        self.by_name.get(name).copied()
    }

    /// All items of the file and of the files it uses, in no particular order.
    pub fn everything(&self) -> impl Iterator<Item = &'a ast::Item> {
        self.file.items.iter().chain(self.by_name.values().copied())
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.by_name.keys().copied()
    }

    /// The file's own items of a kind, in source order.
    pub fn all(&self, which: impl Fn(&ItemKind) -> bool) -> Vec<&'a ast::Item> {
        self.file.items.iter().filter(|i| which(&i.kind)).collect()
    }
}

/// The first line of an item, where a label reads best.
pub(super) fn head(item: &ast::Item) -> Span {
    name(item).map_or(item.span, |n| n.span)
}

/// A unit's factors, if all of its names are units. `tick` is one where the clock is known.
pub(super) fn resolve(unit: &ast::Unit, tick: Option<f64>) -> Option<Vec<(UnitDef, i32)>> {
    unit.factors
        .iter()
        .map(|f| {
            let def = match f.name.text.as_str() {
                "tick" | "ticks" => UnitDef::sized("tick", Dim::TIME, tick?),
                name => crate::units::lookup(name)?,
            };
            Some((def, f.power))
        })
        .collect()
}
