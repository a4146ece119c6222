//! Indices that fit no axis: numbers where a coordinate has a unit, `last` with something done to it.

use super::checker::Checker;
use super::index::Picked;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Axis, AxisId, Coordinates};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_, '_> {
    /// Reports an index without a name that no axis is left for.
    pub(super) fn fits_none<T>(
        &mut self,
        axes: &[AxisId],
        left: &[AxisId],
        entry: &ast::Entry,
        picked: &Picked,
        span: Span,
    ) -> Option<T> {
        if axes.is_empty() {
            let headline = "a single value cannot be indexed";
            self.report(Diagnostic::new(Code::E0408, span, headline, "has no axes"));
            return None;
        }
        let value = match picked {
            Picked::Value(t) if self.is_plain(t) => Some(self.constant(t)),
            Picked::Range { from, to } if from.iter().chain(to).all(|t| self.is_plain(t)) => Some(None),
            _ => None,
        };
        let whole = self.axes.describe(axes);
        let at = entry.span;
        let with_unit = left.iter().find_map(|a| match &self.axes.get(*a).coordinates {
            Coordinates::Values { values, unit, .. } => Some((*a, values.clone(), Some(unit.clone()))),
            Coordinates::Time => Some((*a, Vec::new().into(), None)),
            _ => None,
        });
        let d = match (value, with_unit) {
            (Some(_), Some((axis, _, None))) => {
                let headline = "a sample of a record is picked by its time";
                Diagnostic::new(Code::E0408, at, headline, "a number without a unit")
                    .note(format!("the axes: {whole}"))
                    .help(format!(
                        "write a time, such as `[{0}: 1 s]`, or `[{0}: first]`, `[{0}: last]`",
                        self.axes.name(axis)
                    ))
            }
            (Some(place), Some((axis, values, Some(unit)))) => {
                let show = |v: f64| crate::units::format_value(v, &unit, 6);
                let name = self.axes.name(axis).to_owned();
                let (first, last) = (values.first().copied(), values.last().copied());
                let headline = format!("`{name}` is indexed by its coordinates, which have a unit");
                let mut d = Diagnostic::new(Code::E0408, at, headline, "a number without a unit");
                if let (Some(first), Some(last)) = (first, last) {
                    d = d.note(format!("they run from {} to {}", show(first), show(last)));
                }
                let meant = place.map(|v| unit.to_si(v)).filter(|v| values.contains(v));
                let place = place.filter(|v| v.fract() == 0.0 && *v >= 0.0).map(|v| v as usize);
                match (meant, place.and_then(|i| values.get(i).copied())) {
                    (Some(v), _) => d.fix(format!("write `{}`", show(v)), at, show(v)),
                    (_, Some(v)) => {
                        d.help(format!("the one at place {} is `[{}]`", place.unwrap_or(0), show(v)))
                    }
                    _ => d,
                }
            }
            _ => {
                Diagnostic::new(Code::E0408, at, "no axis is left that this index fits", "along which axis?")
                    .note(format!("the axes: {whole}"))
            }
        };
        self.report(d);
        None
    }

    /// Reports `last - 1`: the words stand for a place, and are no numbers.
    pub(super) fn counted_from_an_end(
        &mut self,
        name: &ast::Ident,
        entry: &ast::Entry,
        axes: &[AxisId],
    ) -> Option<Picked> {
        let headline = format!("`{}` stands alone in an index: it is not a number", name.text);
        let d = Diagnostic::new(Code::E0408, entry.value.span, headline, "something is done with it here");
        let back = match &entry.value.kind {
            ast::ExprKind::Binary { op, right, .. } => match &right.kind {
                ast::ExprKind::Number(n) if n.unit.is_none() => {
                    n.text.parse::<usize>().ok().map(|n| (op.node, n))
                }
                _ => None,
            },
            _ => None,
        };
        let along = match (&entry.axis, axes) {
            (None, [one]) => Some(*one),
            (Some(axis), _) => axes.iter().copied().find(|a| self.axes.name(*a) == axis.name.text),
            _ => None,
        };
        let place = along.and_then(|a| {
            let Axis { size: Some(size), coordinates: Coordinates::Index, .. } = self.axes.get(a) else {
                return None;
            };
            match (name.text.as_str(), back?) {
                ("last", (ast::BinaryOp::Sub, n)) => size.checked_sub(n + 1),
                ("first", (ast::BinaryOp::Add, n)) => Some(n).filter(|n| n < size),
                _ => None,
            }
        });
        self.report(match place {
            Some(place) => d.fix(format!("write the place: `{place}`"), entry.value.span, place.to_string()),
            None => {
                d.help("write the place or the coordinate itself, or a piece of the axis, such as `[3..]`")
            }
        });
        None
    }
}
