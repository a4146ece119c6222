//! What an index picks along its axis: a place, a label, a coordinate, a stretch.

use super::checker::Checker;
use super::dims::Term;
use super::index::Picked;
use super::typed::{Stage, Typed};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{self, Axis, AxisId, Coordinates, ExprKind, Selector};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_, '_> {
    /// What an entry picks along its axes; `None` where it picks every element as it stands.
    pub(super) fn selector(
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
                if let Some(bad) = bad_ends(from, to, size, abstract_side) {
                    self.report(bad.diagnostic(&name, size, span));
                    return None;
                }
                let first = from.map_or(0, |v| v as usize);
                let end = to.map_or(size, |v| v as usize);
                (first, if abstract_side { end.max(first + 1) } else { end }, None)
            }
            Coordinates::Values { values, dim, unit } => {
                if let (Some(f), Some(t)) = (from, to)
                    && f >= t
                {
                    let show = |v: f64| crate::units::format_value(v, unit, 6);
                    self.report(BadEnds::Empty(show(f), show(t), f > t).diagnostic(&name, size, span));
                    return None;
                }
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
                if place.is_some_and(|p| p < 0.0) {
                    help = Some("the last element is `[last]`".to_owned());
                }
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

    pub(super) fn no_label(&mut self, name: &ast::Ident, labels: &[String]) -> Option<Picked> {
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
        // two rules with arguments that would be called alike have no name to be picked by
        if labels.iter().any(|l| l.contains('(')) {
            d = d.help("give them names of their own: `cases row { first { R = RULE(...) } second { R = RULE(...) } }`");
        }
        self.report(d);
        None
    }

    pub(super) fn is_plain(&self, t: &Typed) -> bool {
        let dim = self.solver.resolve(&t.dim);
        dim.known().is_none() || dim.is_plain()
    }
}

/// What is wrong with the ends of a slice along an axis of places.
enum BadEnds {
    /// An end that is no whole number.
    Broken(String),
    /// An end below zero, with what was probably meant.
    FromTheEnd(Option<String>),
    /// An end beyond the axis, with the last end that there is.
    Beyond(String),
    /// Nothing lies between the ends; whether they are crossed.
    Empty(String, String, bool),
}

impl BadEnds {
    fn diagnostic(self, axis: &str, size: usize, span: Span) -> Diagnostic {
        let new = |headline: String, label: &str| Diagnostic::new(Code::E0404, span, headline, label);
        let places = format!("the places of `{axis}` are 0 to {}", size.saturating_sub(1));
        let ends = "`a..b` takes the places from a to b - 1";
        match self {
            BadEnds::Broken(end) => {
                new(format!("a slice ends at whole places, and {end} is none"), "not whole").note(places)
            }
            BadEnds::FromTheEnd(meant) => {
                let d =
                    new("places are not counted from the end".to_owned(), "an end below zero").note(places);
                match meant {
                    Some(meant) => d.fix(format!("write `{meant}`"), span, meant),
                    None => d,
                }
            }
            BadEnds::Beyond(end) => new(format!("the axis `{axis}` ends before {end}"), "outside the axis")
                .note(places)
                .note(ends)
                .help("without its second end a slice runs to the end of the axis"),
            BadEnds::Empty(from, to, true) => {
                new(format!("the slice begins at {from} and ends before that, at {to}"), "crossed ends")
                    .help("the smaller end comes first")
            }
            BadEnds::Empty(from, to, false) => {
                new(format!("nothing lies between {from} and {to}"), "an empty slice").note(ends)
            }
        }
    }
}

fn bad_ends(from: Option<f64>, to: Option<f64>, size: usize, open: bool) -> Option<BadEnds> {
    let show = |v: f64| crate::units::format_number(v, 9);
    let ends = || from.into_iter().chain(to);
    if let Some(end) = ends().find(|v| v.fract() != 0.0) {
        return Some(BadEnds::Broken(show(end)));
    }
    if ends().any(|v| v < 0.0) {
        let place = |v: f64| if v < 0.0 { size as f64 + v } else { v };
        let (first, last) = (from.map(place), to.map(place));
        let text = |end: Option<f64>| end.map_or(String::new(), show);
        let fits = first.unwrap_or(0.0) < last.unwrap_or(size as f64) && first.unwrap_or(0.0) >= 0.0;
        return Some(BadEnds::FromTheEnd(
            (fits && !open).then(|| format!("{}..{}", text(first), text(last))),
        ));
    }
    if let (Some(f), Some(t)) = (from, to)
        && f >= t
    {
        return Some(BadEnds::Empty(show(f), show(t), f > t));
    }
    if open {
        return None;
    }
    let beyond = from.filter(|f| *f >= size as f64).or(to.filter(|t| *t > size as f64))?;
    Some(BadEnds::Beyond(show(beyond)))
}

fn at_place(place: usize, span: Span) -> Selector {
    let kind = ExprKind::Number(place as f64);
    Selector::At(Box::new(hir::Expr { kind, axes: Vec::new(), ty: hir::Ty::Number, span }))
}
