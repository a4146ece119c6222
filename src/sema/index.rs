//! Indexing: which axis each entry means, and what it picks along it.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::typed::{Place, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::{self, AxisId, Coordinates, ExprKind, Selection, Selector};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// An index entry, read but not yet given an axis.
pub(super) enum Picked {
    First,
    Last,
    Label(String),
    Value(Typed),
    Range { from: Option<Typed>, to: Option<Typed> },
}

impl Checker<'_, '_> {
    /// `base[entries]`.
    pub fn infer_index(
        &mut self,
        base: &ast::Expr,
        entries: &[ast::Entry],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        // A stimulus that changes with time is put in where it is used; only what is picked of it is computed.
        let varies = if let ast::ExprKind::Name(name) = &base.kind
            && scope.find(&name.text).is_none()
            && !matches!(scope.place, Place::Rule(..))
            && let Some(item) = self.items.get(&name.text)
        {
            matches!(item.kind, ItemKind::Stimulus { .. }) && self.stimulus_varies(item)
        } else {
            false
        };
        let value = self.infer(base, scope);
        if value.poison {
            return value;
        }
        let mut picked = self.index_value(value, entries, span, scope);
        if let (true, ExprKind::Index { base, selections }) = (varies, &picked.expr.kind) {
            picked.expr = hir::Expr { span, ..sunk(base, selections) };
        }
        picked
    }

    /// Indexes an inferred value.
    pub fn index_value(
        &mut self,
        value: Typed,
        entries: &[ast::Entry],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let Some(selections) = self.selections(&value.expr.axes, entries, span, scope) else {
            return self.poison(span);
        };
        let (selections, stage) = selections;
        let mut result = self.select(value, selections, span);
        result.stage = result.stage.max(stage);
        result
    }

    /// What entries pick along the given axes, and when that is known.
    pub fn selections(
        &mut self,
        axes: &[AxisId],
        entries: &[ast::Entry],
        span: Span,
        scope: &mut Scope,
    ) -> Option<(Vec<Selection>, Stage)> {
        let groups = self.index_groups(axes, scope);
        let mut taken = vec![false; groups.len()];
        let mut selections = Vec::new();
        let mut stage = Stage::Constant;
        for entry in entries {
            let picked = self.read_entry(entry, axes, scope)?;
            let group = match &entry.axis {
                Some(name) => self.named_group(name, &groups, axes)?,
                None => match (0..groups.len()).find(|&g| !taken[g] && self.fits(&groups[g], &picked)) {
                    Some(g) => g,
                    None => {
                        let left: Vec<AxisId> = (0..groups.len())
                            .filter(|g| !taken[*g])
                            .flat_map(|g| groups[g].clone())
                            .collect();
                        return self.fits_none(axes, &left, entry, &picked, span);
                    }
                },
            };
            if taken[group] {
                let names = self.axes.names(&groups[group]);
                self.report(Diagnostic::new(
                    Code::E0408,
                    entry.span,
                    format!("{names} is indexed twice"),
                    "the second index",
                ));
                return None;
            }
            taken[group] = true;
            let group_axes = groups[group].clone();
            let (selector, when) = self.selector(&group_axes, picked, entry.span)?;
            stage = stage.max(when);
            if let Some(selector) = selector {
                selections.push(Selection { axes: group_axes, selector });
            }
        }
        Some((selections, stage))
    }

    /// Inside a rule the cells of each side count as one axis; elsewhere every axis is its own.
    fn index_groups(&self, axes: &[AxisId], scope: &Scope) -> Vec<Vec<AxisId>> {
        let Place::Rule(projection, _) = scope.place else { return axes.iter().map(|a| vec![*a]).collect() };
        let mut groups: Vec<Vec<AxisId>> = Vec::new();
        let (post, pre) =
            (self.side_axes(projection, AxisSide::Post), self.side_axes(projection, AxisSide::Pre));
        for side in [post, pre] {
            if !side.is_empty() && side.iter().all(|a| axes.contains(a)) && !groups.contains(&side) {
                groups.push(side);
            }
        }
        let grouped: Vec<AxisId> = groups.iter().flatten().copied().collect();
        groups.extend(axes.iter().filter(|a| !grouped.contains(a)).map(|a| vec![*a]));
        groups
    }

    fn read_entry(&mut self, entry: &ast::Entry, axes: &[AxisId], scope: &mut Scope) -> Option<Picked> {
        if let ast::ExprKind::Name(name) = &entry.value.kind
            && scope.find(&name.text).is_none()
        {
            match name.text.as_str() {
                "first" => return Some(Picked::First),
                "last" => return Some(Picked::Last),
                text => {
                    let is_label = |a: &AxisId| match &self.axes.get(*a).coordinates {
                        Coordinates::Labels(labels) => labels.iter().any(|l| l == text),
                        _ => false,
                    };
                    if axes.iter().any(is_label) {
                        self.used.insert(text.to_owned());
                        return Some(Picked::Label(text.to_owned()));
                    }
                    let labels: Vec<String> = axes
                        .iter()
                        .filter_map(|a| match &self.axes.get(*a).coordinates {
                            Coordinates::Labels(l) => Some(l.to_vec()),
                            _ => None,
                        })
                        .flatten()
                        .collect();
                    if !labels.is_empty()
                        && self.items.get(text).is_none()
                        && self.param_named(text).is_none()
                    {
                        return self.no_label(name, &labels);
                    }
                }
            }
        }
        if let ast::ExprKind::Range(range) = &entry.value.kind {
            if let Some(by) = &range.by {
                let headline = "a piece of an axis has no step";
                let d = Diagnostic::new(Code::E0408, by.span, headline, "every place is taken");
                self.report(d.help(
                    "pick places by a value along another axis: `values[2*n]` in `let NAME[n: 5] = ...`",
                ));
                return None;
            }
            let mut end = |e: &Option<Box<ast::Expr>>| match e {
                None => Some(None),
                Some(e) => {
                    let t = self.infer_number(e, scope);
                    (!t.poison).then_some(Some(t))
                }
            };
            return Some(Picked::Range { from: end(&range.start)?, to: end(&range.end)? });
        }
        if let ast::ExprKind::Binary { left, .. } = &entry.value.kind
            && let ast::ExprKind::Name(name) = &left.kind
            && matches!(name.text.as_str(), "first" | "last")
            && scope.find(&name.text).is_none()
        {
            return self.counted_from_an_end(name, entry, axes);
        }
        let t = self.infer_number(&entry.value, scope);
        (!t.poison).then_some(Picked::Value(t))
    }

    fn named_group(
        &mut self,
        name: &ast::AxisName,
        groups: &[Vec<AxisId>],
        axes: &[AxisId],
    ) -> Option<usize> {
        let full = match &name.owner {
            Some(o) => format!("{}.{}", o.text, name.name.text),
            None => name.name.text.clone(),
        };
        let exact = groups.iter().position(|g| matches!(g.as_slice(), [a] if self.axes.name(*a) == full));
        let exact = exact.or_else(|| {
            let mut by_base = groups
                .iter()
                .enumerate()
                .filter(|(_, g)| matches!(g.as_slice(), [a] if self.axes.base_name(*a) == full || self.axes.base_name(*a) == name.name.text));
            match (by_base.next(), by_base.next()) {
                (Some((i, _)), None) => Some(i),
                _ => None,
            }
        });
        if exact.is_none() {
            let names: Vec<String> = axes.iter().map(|a| self.axes.name(*a).to_owned()).collect();
            let mut d = Diagnostic::new(
                Code::E0403,
                name.name.span,
                format!("the value has no axis `{full}`"),
                "no such axis",
            )
            .note(format!("its axes: {}", self.axes.describe(axes)));
            if let Some(near) = nearest(&full, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), name.name.span, near);
            }
            self.report(d);
        }
        exact
    }

    fn fits(&mut self, group: &[AxisId], picked: &Picked) -> bool {
        let [axis] = group else { return matches!(picked, Picked::Value(_) | Picked::First | Picked::Last) };
        let coordinates = self.axes.get(*axis).coordinates.clone();
        match (&coordinates, picked) {
            (Coordinates::Labels(labels), Picked::Label(l)) => labels.contains(l),
            (Coordinates::Labels(_), _) | (_, Picked::Label(_)) => false,
            (_, Picked::First | Picked::Last) => true,
            (Coordinates::Time, Picked::Value(t)) => self.solver.resolve(&t.dim) == Term::time(1),
            (Coordinates::Time, Picked::Range { from, to }) => {
                from.iter().chain(to).all(|t| self.solver.resolve(&t.dim) == Term::time(1))
            }
            (Coordinates::Index, Picked::Value(t)) => {
                self.solver.resolve(&t.dim).known().is_none_or(|_| self.is_plain(t))
            }
            (Coordinates::Index, Picked::Range { from, to }) => {
                from.iter().chain(to).all(|t| self.is_plain(t))
            }
            (Coordinates::Values { dim, .. }, Picked::Value(t)) => self.fits_coordinate(t, *dim),
            (Coordinates::Values { dim, .. }, Picked::Range { from, to }) => {
                from.iter().chain(to).all(|t| self.fits_coordinate(t, *dim))
            }
        }
    }

    /// A bare `0`, which has any dimension elsewhere, is a place and not a coordinate with a unit.
    fn fits_coordinate(&self, t: &Typed, dim: crate::units::Dim) -> bool {
        match self.solver.resolve(&t.dim).known() {
            Some(known) => known == dim,
            None => !matches!(t.expr.kind, ExprKind::Number(_)) || dim == crate::units::Dim::NONE,
        }
    }

    /// Applies selections to a value.
    pub fn select(&mut self, value: Typed, selections: Vec<Selection>, span: Span) -> Typed {
        if selections.is_empty() {
            return value;
        }
        let axes = selected_axes(&value.expr.axes, &selections);
        let expr = hir::Expr {
            ty: value.expr.ty,
            kind: ExprKind::Index { base: Box::new(value.expr), selections },
            axes,
            span,
        };
        Typed { expr, ..value }
    }
}

/// The axes left of `axes`, then those that indices bring with them.
fn selected_axes(axes: &[AxisId], selections: &[Selection]) -> Vec<AxisId> {
    let mut left = Vec::new();
    for a in axes {
        let hit = selections.iter().find(|s| s.axes.contains(a));
        match hit.map(|s| &s.selector) {
            None => left.push(*a),
            Some(Selector::Slice { axis, .. } | Selector::Between { axis, .. }) => left.push(*axis),
            Some(_) => {}
        }
    }
    for s in selections {
        if let Selector::At(index) = &s.selector {
            left.extend(index.axes.iter().filter(|a| !left.contains(a)).copied().collect::<Vec<_>>());
        }
    }
    left
}

/// An indexed expression with the index moved to the values it is computed from, so that what is not picked is not
/// computed.
fn sunk(e: &hir::Expr, selections: &[Selection]) -> hir::Expr {
    let boxed = |e: &hir::Expr| Box::new(sunk(e, selections));
    let joined = |parts: &[&hir::Expr]| {
        let mut axes = Vec::new();
        parts.iter().flat_map(|p| &p.axes).for_each(|a| {
            if !axes.contains(a) {
                axes.push(*a);
            }
        });
        axes
    };
    let (kind, axes) = match &e.kind {
        ExprKind::Unary(op, a) => {
            let a = boxed(a);
            let axes = a.axes.clone();
            (ExprKind::Unary(*op, a), axes)
        }
        ExprKind::Binary(op, a, b) => {
            let (a, b) = (boxed(a), boxed(b));
            let axes = joined(&[&a, &b]);
            (ExprKind::Binary(*op, a, b), axes)
        }
        ExprKind::If(c, a, b) => {
            let (c, a, b) = (boxed(c), boxed(a), boxed(b));
            let axes = joined(&[&c, &a, &b]);
            (ExprKind::If(c, a, b), axes)
        }
        ExprKind::Call(function, args) => {
            let args: Vec<hir::Expr> = args.iter().map(|a| sunk(a, selections)).collect();
            let axes = joined(&args.iter().collect::<Vec<_>>());
            (ExprKind::Call(*function, args), axes)
        }
        _ => {
            let mine: Vec<Selection> =
                selections.iter().filter(|s| s.axes.iter().any(|a| e.axes.contains(a))).cloned().collect();
            if mine.is_empty() {
                return e.clone();
            }
            let axes = selected_axes(&e.axes, &mine);
            (ExprKind::Index { base: Box::new(e.clone()), selections: mine }, axes)
        }
    };
    hir::Expr { kind, axes, ty: e.ty, span: e.span }
}
