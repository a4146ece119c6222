//! Axes as declared, lists of values, parameters and stimuli.

use super::checker::{Checker, Setting};
use super::data;
use super::dims::Term;
use super::items;
use super::time;
use super::typed::{Binding, Place, RandomScope, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{
    Axis, AxisId, Const, ConstId, ConstKind, Coordinates, Element, Expr, ExprKind, ParamId, Ty,
};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::units::Unit;

/// Beyond this many cells along one axis a program is refused before memory is asked for.
const LARGEST_AXIS: f64 = 1e9;
/// Beyond this many values a range is refused: each of them is kept.
const LARGEST_RANGE: f64 = 1e7;
/// Beyond this many elements a stimulus is refused.
const LARGEST_STIMULUS: usize = 10_000_000_000;

/// What became of a stimulus.
#[derive(Debug, Clone)]
pub(super) struct Stimulus {
    pub axes: Vec<AxisId>,
    /// Its array; none for one that changes with `t`.
    pub constant: Option<ConstId>,
}

/// Several values in order.
pub(super) struct Values {
    pub values: Vec<f64>,
    pub dim: Term,
    pub unit: Option<Unit>,
    /// Whether they are 0, 1, 2 ...
    pub counts: bool,
}

impl Checker<'_, '_> {
    /// `0..10`, `0 .. 2 by 0.02`, `[1, 5, 10] Hz` as numbers.
    pub fn values_of(&mut self, e: &ast::Expr, what: &'static str) -> Option<Values> {
        let mut scope = Scope::new(Place::Constant, Stage::Constant, what);
        match &e.kind {
            ast::ExprKind::List { items, unit } => {
                let mut out =
                    Values { values: Vec::new(), dim: self.solver.fresh(None), unit: None, counts: false };
                let scale = match unit {
                    Some(u) => Some(self.unit(u)?),
                    None => None,
                };
                for item in items {
                    let t = self.infer_number(item, &mut scope);
                    if t.poison {
                        return None;
                    }
                    let dim = match &scale {
                        Some(u) => t.dim.mul(&Term::from(u.dim)),
                        None => t.dim.clone(),
                    };
                    let t = Typed { dim, ..t };
                    self.want(&t, &out.dim.clone(), "an element of the list");
                    let text = match &item.kind {
                        ast::ExprKind::Number(n) if n.unit.is_none() => Some(&n.text),
                        _ => None,
                    };
                    // `[0.1] ms` reads as exactly as `0.1 ms`.
                    let value = match (unit, text) {
                        (Some(u), Some(text)) => {
                            crate::units::read_number(text, &items::resolve(u, Some(self.program.tick))?)
                        }
                        _ => {
                            let v = self.constant(&t)?;
                            scale.as_ref().map_or(v, |u| u.to_si(v))
                        }
                    };
                    out.values.push(value);
                    out.unit = out.unit.or(t.unit);
                }
                out.unit = scale.or(out.unit);
                if out.values.is_empty() {
                    self.report(Diagnostic::new(Code::E0409, e.span, "the list is empty", "no values"));
                    return None;
                }
                Some(out)
            }
            ast::ExprKind::Range(r) => {
                let (Some(start), Some(end)) = (&r.start, &r.end) else {
                    self.report(Diagnostic::new(
                        Code::E0408,
                        e.span,
                        format!("{what} needs both ends"),
                        "an open range",
                    ));
                    return None;
                };
                let (a, b) = (self.infer_number(start, &mut scope), self.infer_number(end, &mut scope));
                if a.poison || b.poison || !self.same_dimension(&a, &b, "make a range from {a} to {b}") {
                    return None;
                }
                let (dim, unit) = (a.dim.clone(), b.unit.clone().or(a.unit.clone()));
                let (lo, hi) = (self.constant(&a)?, self.constant(&b)?);
                match &r.by {
                    Some(by) => {
                        let step = self.infer_number(by, &mut scope);
                        if step.poison || !self.same_dimension(&a, &step, "step a range of {a} by {b}") {
                            return None;
                        }
                        let by = self.constant(&step)?;
                        let count = (hi - lo) / by;
                        if count > LARGEST_RANGE && by != 0.0 {
                            return self.long_range(count + 1.0, e.span);
                        }
                        if !(0.0..=LARGEST_RANGE).contains(&count) {
                            let label =
                                if by == 0.0 { "a step of zero" } else { "the steps lead away from the end" };
                            self.report(Diagnostic::new(
                                Code::E0409,
                                e.span,
                                "the range never arrives at its end",
                                label,
                            ));
                            return None;
                        }
                        let n = if (count - count.round()).abs() < 1e-9 * count.max(1.0) {
                            count.round()
                        } else {
                            count.floor()
                        };
                        let values = (0..=n as usize).map(|i| lo + i as f64 * by).collect();
                        Some(Values { values, dim, unit, counts: false })
                    }
                    None => {
                        if !self.want(&a, &Term::plain(), "a range without `by`") {
                            return None;
                        }
                        if hi - lo > LARGEST_RANGE {
                            return self.long_range(hi - lo, e.span);
                        }
                        if lo.fract() != 0.0 || hi.fract() != 0.0 {
                            self.report(
                                Diagnostic::new(
                                    Code::E0409,
                                    e.span,
                                    "a range without `by` counts whole numbers",
                                    "not whole",
                                )
                                .help("give the step: `0 .. 2 by 0.02`"),
                            );
                            return None;
                        }
                        if hi <= lo {
                            self.report(
                                Diagnostic::new(Code::E0409, e.span, "the range is empty", "no values")
                                    .note("`0..n` runs from 0 to n - 1"),
                            );
                            return None;
                        }
                        let values = (lo as i64..hi as i64).map(|i| i as f64).collect();
                        Some(Values { values, dim, unit, counts: lo == 0.0 })
                    }
                }
            }
            _ => {
                self.report(
                    Diagnostic::new(Code::E0408, e.span, format!("{what} is a range or a list"), "one value")
                        .help("such as `0..10`, `0 .. 2 by 0.1`, or `[1, 5, 10] Hz`"),
                );
                None
            }
        }
    }

    fn long_range<T>(&mut self, count: f64, span: Span) -> Option<T> {
        let (count, most) =
            (crate::units::format_number(count, 6), crate::units::format_number(LARGEST_RANGE, 6));
        let d = Diagnostic::new(
            Code::E0409,
            span,
            format!("the range has {count} values"),
            format!("at most {most}"),
        );
        self.report(
            d.help("an axis takes its size alone, such as `cell: 1000`; a block is repeated by `repeat`"),
        );
        None
    }

    /// An axis from its declaration.
    pub fn axis_extent(&mut self, name: &str, extent: &ast::Expr, what: &'static str) -> Option<AxisId> {
        let axis = match &extent.kind {
            ast::ExprKind::Range(_) | ast::ExprKind::List { .. } => {
                let v = self.values_of(extent, what)?;
                self.values_axis(name, v)
            }
            _ => {
                let size = self.constant_of(extent, &Term::plain(), what)?;
                if size.fract() != 0.0 || !(1.0..=LARGEST_AXIS).contains(&size) {
                    let (headline, label) = if size.is_finite() && size > LARGEST_AXIS {
                        let gib = size * 8.0 / f64::from(1 << 30);
                        (
                            format!(
                                "an axis of {} elements is too long",
                                crate::units::format_number(size, 6)
                            ),
                            format!(
                                "one variable alone would take {} GiB",
                                crate::units::format_number(gib, 3)
                            ),
                        )
                    } else {
                        let label = match size.is_finite() {
                            true => format!("this is {}", crate::units::format_number(size, 6)),
                            false => "this is not".into(),
                        };
                        ("the size of an axis is a whole number from 1".into(), label)
                    };
                    self.report(Diagnostic::new(Code::E0409, extent.span, headline, label));
                    return None;
                }
                Axis { name: name.to_owned(), size: Some(size as usize), coordinates: Coordinates::Index }
            }
        };
        Some(self.axes.intern(axis))
    }

    /// An axis whose coordinates are these values.
    pub fn values_axis(&mut self, name: &str, v: Values) -> Axis {
        let size = Some(v.values.len());
        let coordinates = if v.counts {
            Coordinates::Index
        } else {
            let dim = self.solver.settle(&v.dim);
            let unit = v.unit.unwrap_or_else(|| self.show_unit(dim));
            Coordinates::Values { values: v.values.into(), dim, unit }
        };
        Axis { name: name.to_owned(), size, coordinates }
    }

    /// The axes of a declaration.
    pub fn declared_axes(&mut self, axes: &[ast::Axis]) -> Option<Vec<AxisId>> {
        let mut out: Vec<AxisId> = Vec::new();
        let mut whole = true;
        for (i, a) in axes.iter().enumerate() {
            if let Some(first) = axes[..i].iter().find(|b| b.name.text == a.name.text) {
                self.report(
                    Diagnostic::new(
                        Code::E0202,
                        a.name.span,
                        format!("two axes are called `{}`", a.name.text),
                        "the second",
                    )
                    .label(first.name.span, "the first"),
                );
                whole = false;
                continue;
            }
            match self.axis_extent(&a.name.text, &a.extent, "the size of an axis") {
                Some(axis) => out.push(axis),
                None => whole = false,
            }
        }
        whole.then_some(out)
    }

    /// Makes a place for every parameter, then reads their values; each may use the others, in any order.
    pub fn params(&mut self) {
        let list: Vec<&ast::Item> = self.items.all(|k| matches!(k, ItemKind::Param(_)));
        for item in &list {
            let ItemKind::Param(p) = &item.kind else { continue };
            if self.rule_value(&p.value).is_some() {
                continue;
            }
            self.program.params.push(crate::hir::Param {
                name: p.name.text.clone(),
                value: f64::NAN,
                dim: Term::plain().base(),
                unit: Unit::none(),
                settable: super::protocol::sets(self.items, None, &p.name.text),
                range: None,
            });
            let term = self.solver.fresh(Some(&p.name.text));
            self.program.param_terms.push(term);
            self.program.param_ready.push(false);
        }
        for id in self.program.params.ids() {
            self.ensure_param(id);
        }
    }

    /// Reads a parameter's value, once.
    pub fn ensure_param(&mut self, id: ParamId) {
        let at = id.0 as usize;
        if std::mem::replace(&mut self.program.param_ready[at], true) {
            return;
        }
        let name = self.program.params[id].name.clone();
        let Some(item) = self.items.get(&name) else { return };
        let ItemKind::Param(p) = &item.kind else { return };
        self.program.reading_params.push(id);
        self.read_param(id, &name, p);
        self.program.reading_params.pop();
    }

    fn read_param(&mut self, id: ParamId, name: &str, p: &ast::Param) {
        let at = id.0 as usize;
        if self.follows_what_is_set(p) {
            return;
        }
        let written = self.constant_param(&p.value);
        // The default fixes the dimension; a case or a flag must have the same.
        if let Some((_, t)) = &written {
            let dim = t.dim.clone();
            self.solver.unify(&self.program.param_terms[at].clone(), &dim);
        }
        let dim = self.program.param_terms[at].clone();
        let mut unit = written.as_ref().and_then(|(_, t)| t.unit.clone());
        let mut value = written.map(|(v, _)| v);
        let mut span = p.value.span;
        match self.settings.get(name).cloned() {
            None => {}
            Some(Setting::Value { value: v, dim: d, span: s, unit: u }) => {
                let t = Typed { dim: Term::from(d), ..Typed::number(v, s) };
                self.want(&t, &dim, &format!("the parameter `{name}`"));
                (value, span) = (Some(v), s);
                unit = unit.or(Some(u));
            }
            Some(Setting::Written(e)) => {
                (value, span) = (self.set_param(e, &dim, name), e.span);
            }
            Some(Setting::Flag(e)) => {
                (value, span) = (self.set_param(&e, &dim, name), e.span);
            }
        }
        let settled = self.solver.settle(&dim);
        let unit = unit.unwrap_or_else(|| self.show_unit(settled));
        if let Some((lo, hi)) = &p.range {
            let lo = self.constant_of(lo, &dim, "the lower end of a range");
            let hi = self.constant_of(hi, &dim, "the upper end of a range");
            if let (Some(lo), Some(hi)) = (lo, hi) {
                self.program.params[id].range = Some((lo, hi));
                if let Some(v) = value {
                    self.in_range(name, v, (lo, hi), &unit, span);
                }
            }
        }
        let param = &mut self.program.params[id];
        param.value = value.unwrap_or(0.0);
        param.dim = settled;
        param.unit = unit;
    }

    fn set_param(&mut self, e: &ast::Expr, dim: &Term, name: &str) -> Option<f64> {
        let (v, t) = self.constant_param(e)?;
        self.want(&t, dim, &format!("the parameter `{name}`"));
        Some(v)
    }

    /// Reports a parameter computed from one that the protocol changes: it is a constant, and could not follow.
    fn follows_what_is_set(&mut self, p: &ast::Param) -> bool {
        let mut found = None;
        super::walk::expr(&p.value, &mut |e| {
            if let ast::ExprKind::Name(n) = &e.kind
                && self.items.get(&n.text).is_some_and(|i| matches!(i.kind, ItemKind::Param(_)))
                && let Some(set) = super::protocol::set_at(self.items, None, &n.text)
            {
                found.get_or_insert((n, set));
            }
        });
        let Some((n, set)) = found else { return false };
        let headline = format!("`{}` is computed from `{}`, which the protocol changes", p.name.text, n.text);
        let d = Diagnostic::new(Code::E0405, n.span, headline, "a parameter is needed before the run");
        let text = self.sources.text(p.value.span);
        let help = format!("write `let {} = {text}`: it follows `{}` through the run", p.name.text, n.text);
        self.report(d.label(set, "changed here").help(help));
        true
    }

    fn constant_param(&mut self, e: &ast::Expr) -> Option<(f64, Typed)> {
        let mut scope = Scope::new(Place::Constant, Stage::Constant, "a parameter");
        let t = self.infer_number(e, &mut scope);
        if !t.poison && !t.expr.axes.is_empty() {
            let shape = self.axes.describe(&t.expr.axes);
            self.report(Diagnostic::new(
                Code::E0401,
                e.span,
                "a parameter is a single value",
                format!("this is {shape}"),
            ));
            return None;
        }
        Some((self.constant(&t)?, t))
    }

    /// Reports a value outside its range.
    pub fn in_range(&mut self, name: &str, value: f64, (lo, hi): (f64, f64), unit: &Unit, span: Span) {
        if value < lo || value > hi {
            let show = |v| crate::units::format_value(v, unit, 9);
            self.report(
                Diagnostic::new(
                    Code::E0902,
                    span,
                    format!("`{name}` = {} is outside its range", show(value)),
                    "this value",
                )
                .note(format!("the range is {} to {}", show(lo), show(hi))),
            );
        }
    }

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
                if !axes.is_empty() && self.is_static(value, &mut vec![&name.text]) =>
            {
                Some((name, axes, value))
            }
            _ => None,
        }
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

    /// Requires a list to have as many elements as an axis.
    pub fn one_for_each(&mut self, found: usize, axis: AxisId, span: Span) -> Option<()> {
        let size = self.axes.size(axis);
        if found == size {
            return Some(());
        }
        let name = self.axes.name(axis).to_owned();
        let values = if found == 1 { "1 value".to_owned() } else { format!("{found} values") };
        let headline = format!("{values} for the {size} elements of `{name}`");
        self.report(Diagnostic::new(Code::E0401, span, headline, "one for each element"));
        None
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
        self.one_for_each(items.len(), *axis, list.span)?;
        if inner.is_empty() {
            let row = self.values_of(list, "a list")?;
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
                format!("the stimulus `{}` has {} elements", name.text, crate::units::format_number(n, 6)),
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
        let mut scope = Scope::new(Place::Stimulus, Stage::Timeline, "a stimulus");
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
            self.missing_reduction(
                &t.expr,
                &extra,
                &format!("the stimulus `{}`", name.text),
                axes,
                name.span,
            );
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
