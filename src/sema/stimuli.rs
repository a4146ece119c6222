//! Arrays that are known before the run: stimuli, and `let`s with axes; values with more axes than their place.

use super::checker::Checker;
use super::data;
use super::time;
use super::typed::{Binding, Place, RandomScope, Scope, Stage, Typed};
use super::values::{Runs, Values};
use crate::diag::{Code, Diagnostic};
use crate::hir::{AxisId, Const, ConstId, ConstKind, Element, Expr, ExprKind, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// Beyond this many elements a stimulus is refused.
const LARGEST_STIMULUS: usize = 10_000_000_000;

/// What became of a stimulus.
#[derive(Debug, Clone)]
pub(super) struct Stimulus {
    pub axes: Vec<AxisId>,
    /// Its array; none for one that changes with `t`.
    pub constant: Option<ConstId>,
}

impl Checker<'_, '_> {
    /// Reads all stimuli and data, so that every case numbers them alike.
    pub fn stimuli(&mut self) {
        for item in &self.items.file.items {
            match &item.kind {
                _ if self.array_of(item).is_some() => {
                    self.stimulus(item);
                }
                ItemKind::Let { .. } => {
                    if let Some(e) = data::loads(item)
                        && let Some(load) = self.load(e)
                    {
                        self.loaded_array(&load, e.span);
                    }
                }
                _ => {}
            }
        }
    }

    /// The parts of an item that is an array: a stimulus, or a `let` with axes that is known before the run.
    pub fn array_of<'i>(
        &self,
        item: &'i ast::Item,
    ) -> Option<(&'i ast::Ident, &'i [ast::Axis], &'i ast::Expr)> {
        match &item.kind {
            ItemKind::Stimulus { name, axes, value } => Some((name, axes, value)),
            ItemKind::Let { name, axes, value }
                if !axes.is_empty() && self.is_static_let(&name.text, value) =>
            {
                Some((name, axes, value))
            }
            _ => None,
        }
    }

    /// Whether a `let` reads nothing that a run brings about; found out once, as it may be long.
    fn is_static_let(&self, name: &str, value: &ast::Expr) -> bool {
        if let Some(known) = self.statics.borrow().get(name) {
            return *known;
        }
        let found = self.is_static(value, &mut vec![name]);
        self.statics.borrow_mut().insert(name.to_owned(), found);
        found
    }

    /// Whether an expression reads nothing but numbers, parameters and stimuli.
    pub fn is_known(&self, e: &ast::Expr) -> bool {
        let mut local = false;
        super::walk::expr(e, &mut |node| {
            if let ast::ExprKind::Name(n) = &node.kind {
                local |= self.items.get(&n.text).is_none() && crate::builtins::lookup(&n.text).is_none();
            }
        });
        !local && self.is_static(e, &mut Vec::new())
    }

    /// Whether an expression reads nothing that a run brings about; `within` are the definitions around it.
    fn is_static<'i>(&self, e: &'i ast::Expr, within: &mut Vec<&'i str>) -> bool
    where
        Self: 'i,
    {
        let mut names: Vec<&'i str> = Vec::new();
        let mut free = true;
        super::walk::expr(e, &mut |node| match &node.kind {
            ast::ExprKind::Name(n) => names.push(&n.text),
            ast::ExprKind::Derivative { .. } | ast::ExprKind::AtStart { .. } => free = false,
            _ => {}
        });
        free && names.into_iter().all(|n| {
            if n == "t" || super::protocol::declares_probe(self.items, n) {
                return false;
            }
            let Some(item) = self.items.get(n).filter(|_| !within.contains(&n)) else { return true };
            within.push(n);
            match &item.kind {
                ItemKind::Let { value, .. } | ItemKind::Stimulus { value, .. } => {
                    self.is_static(value, within)
                }
                ItemKind::Fn { body, .. } => self.is_static(body, within),
                ItemKind::Param(p) => !super::protocol::sets(self.items, None, &p.name.text),
                _ => false,
            }
        })
    }

    /// An array written as a list, or as a list of lists for several axes.
    pub fn listed_array(&mut self, list: &ast::Expr, name: &str, axes: &[AxisId]) -> Option<ConstId> {
        let mut out = Values { values: Vec::new(), dim: self.solver.fresh(None), unit: None, counts: false };
        self.listed(list, axes, &mut out)?;
        let value = crate::hir::Value {
            axes: axes
                .iter()
                .map(|a| crate::hir::ValueAxis { id: *a, len: self.axes.size(*a), coordinates: None })
                .collect(),
            data: out.values.into(),
            present: None,
        };
        let dim = self.solver.settle(&out.dim);
        let unit = out.unit.unwrap_or_else(|| self.show_unit(dim));
        let kind = ConstKind::Data(std::sync::Arc::new(value));
        let constant = Const { name: name.to_owned(), axes: axes.to_vec(), kind, dim, unit };
        Some(self.add_const(constant, out.dim))
    }

    fn listed(&mut self, list: &ast::Expr, axes: &[AxisId], out: &mut Values) -> Option<()> {
        let ast::ExprKind::List { items, unit } = &list.kind else {
            let d = Diagnostic::new(
                Code::E0401,
                list.span,
                format!("a list along {} is expected here", self.axes.names(axes)),
                "a single value",
            );
            self.report(d.help("several axes are written as a list of lists, the first axis outermost"));
            return None;
        };
        let [axis, inner @ ..] = axes else {
            self.report(Diagnostic::new(Code::E0401, list.span, "a list without an axis", "no axis is left"));
            return None;
        };
        if let Some(row) = items.iter().find(|i| matches!(i.kind, ast::ExprKind::List { .. }))
            && inner.is_empty()
        {
            let headline = "a list of lists runs along two axes";
            let only = format!("only {} is left for it", self.axes.names(&[*axis]));
            let d = Diagnostic::new(Code::E0401, list.span, headline, only).label(row.span, "a list inside");
            self.report(d);
            return None;
        }
        self.one_for_each(items.len(), *axis, list.span)?;
        if inner.is_empty() {
            let row = self.values_of(list, Runs::List)?;
            let t = Typed::number(0.0, list.span);
            self.want(&Typed { dim: row.dim, ..t }, &out.dim.clone(), "the list");
            out.values.extend(row.values);
            out.unit = out.unit.take().or(row.unit);
            return Some(());
        }
        if unit.is_some() {
            let d = Diagnostic::new(
                Code::E0408,
                list.span,
                "a unit belongs to the inner lists",
                "a list of lists",
            );
            self.report(d.help("write it behind each of them: `[[1, 2] Hz, [3, 4] Hz]`"));
            return None;
        }
        items.iter().try_for_each(|row| self.listed(row, inner, out))
    }

    /// A stimulus, read once; `None` if it was refused.
    pub fn stimulus(&mut self, item: &ast::Item) -> Option<Stimulus> {
        let (name, axes, value) = self.array_of(item)?;
        if let Some(found) = self.program.stimuli.get(&name.text) {
            let found = found.clone();
            let reading = &self.program.reading_stimuli;
            if found.is_none() && reading.contains(&name.text) {
                let mut names: Vec<String> =
                    reading.iter().skip_while(|n| **n != name.text).cloned().collect();
                names.push(name.text.clone());
                self.circle(&names, name.span);
            }
            return found;
        }
        // While it is read it counts as refused, so that a circle ends.
        self.program.stimuli.insert(name.text.clone(), None);
        self.program.reading_stimuli.push(name.text.clone());
        let stimulus = self.read_stimulus(item, name, axes, value);
        self.program.reading_stimuli.pop();
        self.program.stimuli.insert(name.text.clone(), stimulus.clone());
        stimulus
    }

    fn read_stimulus(
        &mut self,
        item: &ast::Item,
        name: &ast::Ident,
        axes: &[ast::Axis],
        value: &ast::Expr,
    ) -> Option<Stimulus> {
        let axes = self.declared_axes(axes)?;
        if self.axes.count(&axes).is_none_or(|n| n > LARGEST_STIMULUS) {
            let n: f64 = axes.iter().map(|a| self.axes.size(*a) as f64).product();
            let gib = crate::units::format_number(n * 8.0 / f64::from(1 << 30), 3);
            self.report(Diagnostic::new(
                Code::E0409,
                name.span,
                format!("{} has {} elements", called(item, name), crate::units::format_number(n, 6)),
                format!("it would take {gib} GiB"),
            ));
            return None;
        }
        let constant = if data::is_load(value) {
            let load = self.load(value)?;
            Some(self.loaded_stimulus(&load, &name.text, &axes)?)
        } else if let ast::ExprKind::List { .. } = &value.kind {
            Some(self.listed_array(value, &name.text, &axes)?)
        } else {
            let t = self.stimulus_body(item, &axes)?;
            if time::reads_time(&t.expr) {
                None
            } else {
                let dim = t.dim.clone();
                let unit = t.unit.clone().unwrap_or_else(|| {
                    let d = self.solver.settle(&dim);
                    self.show_unit(d)
                });
                let constant = Const {
                    name: name.text.clone(),
                    axes: axes.clone(),
                    kind: ConstKind::Expr(t.expr),
                    dim: self.solver.settle(&dim),
                    unit,
                };
                Some(self.add_const(constant, dim))
            }
        };
        Some(Stimulus { axes, constant })
    }

    /// Whether a stimulus changes with `t`.
    pub fn stimulus_varies(&mut self, item: &ast::Item) -> bool {
        self.stimulus(item).is_some_and(|s| s.constant.is_none())
    }

    fn stimulus_body(&mut self, item: &ast::Item, axes: &[AxisId]) -> Option<Typed> {
        let (name, declared, value) = self.array_of(item)?;
        let what = if matches!(item.kind, ItemKind::Let { .. }) { "a `let` with axes" } else { "a stimulus" };
        let mut scope = Scope::new(Place::Stimulus, Stage::Timeline, what);
        let path = item.stream.as_ref().map_or(name.text.as_str(), |s| s.node.as_str());
        scope.random = Some(RandomScope {
            path: path.into(),
            axes: axes.to_vec(),
            element: Element::Flat,
            per_tick: false,
            next: 0,
        });
        for (declared, axis) in declared.iter().zip(axes) {
            self.bind_checked(&mut scope, &declared.name, Binding::Coord(*axis));
        }
        let t = self.infer_number(value, &mut scope);
        if t.poison {
            return None;
        }
        let extra: Vec<AxisId> = t.expr.axes.iter().copied().filter(|a| !axes.contains(a)).collect();
        if !extra.is_empty() {
            self.missing_reduction(&t.expr, &extra, &called(item, name), axes, name.span);
            return None;
        }
        Some(t)
    }

    /// A stimulus as a value.
    pub fn stimulus_value(&mut self, item: &ast::Item, span: Span) -> Typed {
        let Some(s) = self.stimulus(item) else { return self.poison(span) };
        match s.constant {
            Some(id) => self.const_value(id, span),
            None => match self.stimulus_body(item, &s.axes) {
                Some(mut t) => {
                    t.expr.span = span;
                    t
                }
                None => self.poison(span),
            },
        }
    }

    /// The axis that `extra` may be meant to run along: the one of that size that the value lacks.
    fn matching_axis(&self, value: &Expr, extra: &[AxisId], have: &[AxisId]) -> Option<String> {
        let [extra] = extra else { return None };
        let mut free = have.iter().filter(|a| !value.axes.contains(a));
        let (axis, none) = (free.next()?, free.next());
        let same = self.axes.get(*axis).size == self.axes.get(*extra).size;
        (none.is_none() && same).then(|| self.axes.name(*axis).to_string())
    }

    /// Reports a value with more axes than its place has, naming the missing reduction.
    pub fn missing_reduction(
        &mut self,
        value: &Expr,
        extra: &[AxisId],
        target: &str,
        have: &[AxisId],
        at: Span,
    ) {
        let names = self.axes.names(extra);
        let over = extra.iter().map(|a| self.axes.name(*a)).collect::<Vec<_>>().join(", ");
        let (headline, own) = match have {
            [] => (format!("{target} is a single value"), "this is one".to_owned()),
            _ => (format!("{target} has no axis {names}"), format!("this is {}", self.axes.describe(have))),
        };
        let runs = self.axes.describe(&value.axes);
        let runs =
            if runs.starts_with('[') { format!("this runs along {runs}") } else { format!("this is {runs}") };
        let mut d = Diagnostic::new(Code::E0402, value.span, headline, runs);
        if at != value.span {
            d = d.label(at, own);
        }
        let part = reducible(value, extra);
        let text = self.sources.text(part.span);
        let word = match &part.kind {
            _ if part.ty == Ty::Bool => "all",
            ExprKind::Binary(ast::BinaryOp::Mul, a, b) if runs_along(a, extra) && runs_along(b, extra) => {
                "sum"
            }
            _ => "mean",
        };
        let one_by_one = self.matching_axis(part, extra, have).filter(|_| is_plain_name(text));
        if let Some(axis) = one_by_one {
            d = d.fix(format!("one for each: `{text}[{axis}]`"), part.span, format!("{text}[{axis}]"));
            return self.report(d);
        }
        let or = if word == "all" { ", or with `any`" } else { "" };
        if text.len() < 60 && !text.is_empty() && !text.contains('\n') {
            let fixed = format!("{word}({text} over {over})");
            d = d.fix(format!("reduce it: `{fixed}`{or}"), part.span, fixed);
        } else {
            d = d.help(format!("reduce it with `{word}(... over {over})`{or}"));
        }
        self.report(d);
    }
}

/// What an array is called in messages.
fn called(item: &ast::Item, name: &ast::Ident) -> String {
    match item.kind {
        ItemKind::Let { .. } => format!("`{}`", name.text),
        _ => format!("the stimulus `{}`", name.text),
    }
}

/// `name` or `owner.name`.
fn is_plain_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

fn runs_along(e: &Expr, axes: &[AxisId]) -> bool {
    e.axes.iter().any(|a| axes.contains(a))
}

/// The smallest part of a sum, or argument of a function, that brings in the axes to be reduced.
fn reducible<'e>(e: &'e Expr, extra: &[AxisId]) -> &'e Expr {
    let parts: Vec<&Expr> = match &e.kind {
        ExprKind::Unary(_, a) => vec![a.as_ref()],
        ExprKind::Binary(ast::BinaryOp::Add | ast::BinaryOp::Sub, a, b) => vec![a.as_ref(), b.as_ref()],
        ExprKind::Call(_, args) => args.iter().collect(),
        _ => return e,
    };
    let mut bringing = parts.into_iter().filter(|p| runs_along(p, extra));
    match (bringing.next(), bringing.next()) {
        (Some(one), None) if e.ty != Ty::Bool => reducible(one, extra),
        _ => e,
    }
}
