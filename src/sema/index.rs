//! Indexing: which axis each entry means, and what it picks along it.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::typed::{Place, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{self, Axis, AxisId, Coordinates, ExprKind, Selection, Selector};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// An index entry, read but not yet given an axis.
enum Picked {
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
                        let what = self.axes.describe(axes);
                        let d = if axes.is_empty() {
                            Diagnostic::new(
                                Code::E0408,
                                span,
                                "a single value cannot be indexed",
                                "has no axes",
                            )
                        } else {
                            Diagnostic::new(
                                Code::E0408,
                                entry.span,
                                "no axis is left that this index fits",
                                "along which axis?",
                            )
                            .note(format!("the axes: {what}"))
                        };
                        self.report(d);
                        return None;
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
            let mut end = |e: &Option<Box<ast::Expr>>| match e {
                None => Some(None),
                Some(e) => {
                    let t = self.infer_number(e, scope);
                    (!t.poison).then_some(Some(t))
                }
            };
            return Some(Picked::Range { from: end(&range.start)?, to: end(&range.end)? });
        }
        let t = self.infer_number(&entry.value, scope);
        (!t.poison).then_some(Picked::Value(t))
    }

    fn no_label(&mut self, name: &ast::Ident, labels: &[String]) -> Option<Picked> {
        let mut d = Diagnostic::new(
            Code::E0201,
            name.span,
            format!("there is no case `{}`", name.text),
            "not one of the cases",
        );
        if let Some(near) = nearest(&name.text, labels.iter().map(String::as_str)) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        }
        if let Some(all) = list(labels.iter().map(String::as_str)) {
            d = d.note(format!("the cases: {all}"));
        }
        self.report(d);
        None
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
            (Coordinates::Values { dim, .. }, Picked::Value(t)) => {
                self.solver.resolve(&t.dim).known().is_none_or(|d| d == *dim)
            }
            (Coordinates::Values { dim, .. }, Picked::Range { from, to }) => {
                from.iter().chain(to).all(|t| self.solver.resolve(&t.dim).known().is_none_or(|d| d == *dim))
            }
        }
    }

    fn is_plain(&self, t: &Typed) -> bool {
        let dim = self.solver.resolve(&t.dim);
        dim.known().is_none() || dim.is_plain()
    }

    /// What an entry picks along its axes; `None` where it picks every element as it stands.
    fn selector(
        &mut self,
        group: &[AxisId],
        picked: Picked,
        span: Span,
    ) -> Option<(Option<Selector>, Stage)> {
        let size = self.axes.count(group)?;
        let coordinates = match group {
            [one] => self.axes.get(*one).coordinates.clone(),
            _ => Coordinates::Index,
        };
        match picked {
            Picked::First => Some((Some(Selector::First), Stage::Constant)),
            Picked::Last => Some((Some(Selector::Last), Stage::Constant)),
            Picked::Label(label) => {
                let Coordinates::Labels(labels) = &coordinates else { return None };
                let at = labels.iter().position(|l| *l == label)?;
                Some((Some(at_place(at, span)), Stage::Constant))
            }
            Picked::Value(t) => self.place(group, &coordinates, size, t, span),
            Picked::Range { from, to } => {
                let stage = from.iter().chain(&to).map(|t| t.stage).max().unwrap_or(Stage::Constant);
                let mut end = |t: Option<Typed>| match t {
                    None => Some(None),
                    Some(t) => match self.constant(&t) {
                        Some(v) => Some(Some(v)),
                        None => {
                            self.report(Diagnostic::new(
                                Code::E0405,
                                t.expr.span,
                                "the end of a slice is needed before the run",
                                t.stage.known(),
                            ));
                            None
                        }
                    },
                };
                let (from, to) = (end(from)?, end(to)?);
                Some((Some(self.slice(group, &coordinates, size, from, to, span)?), stage))
            }
        }
    }

    fn slice(
        &mut self,
        group: &[AxisId],
        coordinates: &Coordinates,
        size: usize,
        from: Option<f64>,
        to: Option<f64>,
        span: Span,
    ) -> Option<Selector> {
        let [axis] = group else {
            self.report(Diagnostic::new(
                Code::E0408,
                span,
                "a slice runs along one axis",
                "several axes here",
            ));
            return None;
        };
        let name = self.axes.name(*axis).to_owned();
        let (first, last, values) = match coordinates {
            Coordinates::Time => {
                let axis = self.axes.time_axis(format!("{}[{from:?}..{to:?}]", axis.0));
                return Some(Selector::Between { from, to, axis });
            }
            Coordinates::Labels(_) => {
                self.report(Diagnostic::new(
                    Code::E0408,
                    span,
                    "cases are picked by name",
                    "a range of cases",
                ));
                return None;
            }
            Coordinates::Index => {
                let abstract_side = self.axes.is_side(*axis);
                let whole = |v: f64| v.fract() == 0.0 && v >= 0.0 && (v <= size as f64 || abstract_side);
                if !from.is_none_or(whole) || !to.is_none_or(whole) {
                    return self.out_of_range(*axis, None, span);
                }
                let first = from.map_or(0, |v| v as usize);
                let end = to.map_or(size, |v| v as usize);
                (first, if abstract_side { end.max(first + 1) } else { end }, None)
            }
            Coordinates::Values { values, dim, unit } => {
                let inside = |v: f64| from.is_none_or(|f| v >= f) && to.is_none_or(|t| v < t);
                let first = values.iter().position(|v| inside(*v)).unwrap_or(size);
                let last = values.iter().rposition(|v| inside(*v)).map_or(first, |i| i + 1);
                (first, last, Some((values.clone(), *dim, unit.clone())))
            }
        };
        if first >= last {
            return self.out_of_range(*axis, None, span);
        }
        let coordinates = match values {
            None => Coordinates::Index,
            Some((v, dim, unit)) => Coordinates::Values { values: v[first..last].into(), dim, unit },
        };
        let axis = self.axes.slice(Axis { name, size: Some(last - first), coordinates });
        Some(Selector::Slice { from: first, to: last, axis })
    }

    fn place(
        &mut self,
        group: &[AxisId],
        coordinates: &Coordinates,
        size: usize,
        t: Typed,
        span: Span,
    ) -> Option<(Option<Selector>, Stage)> {
        let stage = t.stage;
        match coordinates {
            Coordinates::Index => {
                if !self.want(&t, &Term::plain(), "an index") {
                    return None;
                }
                if let Some(v) = self.constant(&t) {
                    let axis = *group.first()?;
                    if v.fract() != 0.0 || v < 0.0 || (v >= size as f64 && !self.axes.is_side(axis)) {
                        return self.out_of_range(axis, Some(v), span);
                    }
                    return Some((Some(at_place(v as usize, span)), stage));
                }
                Some((Some(Selector::At(Box::new(t.expr))), stage))
            }
            Coordinates::Values { values, dim, .. } => {
                if !self.want(&t, &Term::from(*dim), "a coordinate") {
                    return None;
                }
                match &t.expr.kind {
                    ExprKind::Local(l) if group == [self.program.locals[*l].axis] => {
                        let at = hir::Expr { kind: ExprKind::Position(*l), ..t.expr };
                        return Some((Some(Selector::At(Box::new(at))), stage));
                    }
                    ExprKind::Coord(a) if group == [*a] => return Some((None, stage)),
                    _ => {}
                }
                let Some(v) = self.constant(&t) else {
                    self.report(
                        Diagnostic::new(
                            Code::E0408,
                            span,
                            "an axis with coordinates is indexed by one of them",
                            "not a constant, nor a loop over this axis",
                        )
                        .help("run the loop over the axis itself: `for NAME of ...`"),
                    );
                    return None;
                };
                let near = |c: &f64| (c - v).abs() <= 1e-9 * c.abs().max(v.abs());
                match values.iter().position(near) {
                    Some(at) => Some((Some(at_place(at, span)), Stage::Constant)),
                    None => self.out_of_range(*group.first()?, Some(v), span),
                }
            }
            Coordinates::Time => {
                if !self.want(&t, &Term::time(1), "the time of a sample") {
                    return None;
                }
                let Some(time) = self.constant(&t) else {
                    self.report(Diagnostic::new(
                        Code::E0405,
                        t.expr.span,
                        "the time of a sample is needed before the run",
                        t.stage.known(),
                    ));
                    return None;
                };
                Some((Some(Selector::AtTime(time)), Stage::Constant))
            }
            Coordinates::Labels(labels) => {
                let mut d = Diagnostic::new(Code::E0408, span, "a case is picked by its name", "a number");
                if let Some(all) = list(labels.iter().map(String::as_str)) {
                    d = d.note(format!("the cases: {all}"));
                }
                self.report(d);
                None
            }
        }
    }

    /// Reports an index (or, without a place, a slice) that is not on the axis.
    fn out_of_range<T>(&mut self, axis: AxisId, place: Option<f64>, span: Span) -> Option<T> {
        let name = self.axes.name(axis).to_owned();
        let mut label = "outside the axis";
        let mut help = None;
        let (shown, note) = match &self.axes.get(axis).coordinates {
            Coordinates::Values { values, unit, .. } => {
                let show = |v: f64| crate::units::format_value(v, unit, 6);
                if let Some(place) = place {
                    let distance = |v: &f64| (v - place).abs();
                    let near = values.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)));
                    help = near.map(|v| format!("the nearest is {}", show(v)));
                    label = "not one of its coordinates";
                }
                let note = match values.as_ref() {
                    [first, .., last] => {
                        format!(
                            "its {} coordinates run from {} to {}",
                            values.len(),
                            show(*first),
                            show(*last)
                        )
                    }
                    [only] => format!("its one coordinate is {}", show(*only)),
                    [] => "it has no coordinates".into(),
                };
                (place.map(show), note)
            }
            _ => {
                let note = format!("its places are 0 to {}", self.axes.size(axis).saturating_sub(1));
                (place.map(|v| crate::units::format_number(v, 9)), note)
            }
        };
        let headline = match shown {
            Some(shown) => format!("the axis `{name}` has no element {shown}"),
            None => format!("the axis `{name}` has no such elements"),
        };
        let mut d = Diagnostic::new(Code::E0404, span, headline, label).note(note);
        if let Some(help) = help {
            d = d.help(help);
        }
        self.report(d);
        None
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

fn at_place(place: usize, span: Span) -> Selector {
    let kind = ExprKind::Number(place as f64);
    Selector::At(Box::new(hir::Expr { kind, axes: Vec::new(), ty: hir::Ty::Number, span }))
}
