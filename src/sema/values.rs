//! Lists and ranges of values, and axes as declared.

use super::checker::Checker;
use super::dims::Term;
use super::items;
use super::typed::{Place, Scope, Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{Axis, AxisId, Coordinates};
use crate::source::Span;
use crate::syntax::ast;
use crate::units::Unit;

/// Several values in order.
pub(super) struct Values {
    pub values: Vec<f64>,
    pub dim: Term,
    pub unit: Option<Unit>,
    /// Whether they are 0, 1, 2 ...
    pub counts: bool,
}

/// What runs over several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runs {
    /// A `for` or `together` block, or a pick.
    Loop,
    /// A `cases` block.
    Cases,
    /// The weights of a pick.
    Weights,
    /// An axis.
    Axis,
    /// A second index inside a reduction.
    Index,
    /// A list of numbers.
    List,
}

impl Runs {
    fn words(self) -> &'static str {
        match self {
            Runs::Loop => "what a loop runs over",
            Runs::Cases => "what `cases` runs over",
            Runs::Weights => "weights",
            Runs::Axis => "the size of an axis",
            Runs::Index => "the range of a second index",
            Runs::List => "a list",
        }
    }
}

/// Beyond this many cells along one axis a program is refused before memory is asked for.
const LARGEST_AXIS: f64 = 1e9;

/// Beyond this many values a range is refused: each of them is kept.
const LARGEST_RANGE: f64 = 1e7;

impl Checker<'_, '_> {
    /// `0..10`, `0 .. 2 by 0.02`, `[1, 5, 10] Hz` as numbers.
    pub fn values_of(&mut self, e: &ast::Expr, runs: Runs) -> Option<Values> {
        let what = runs.words();
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
                let d =
                    Diagnostic::new(Code::E0408, e.span, format!("{what} is a range or a list"), "one value");
                let along = match &e.kind {
                    ast::ExprKind::Name(n)
                        if self.items.get(&n.text).is_some_and(|i| self.array_of(i).is_some()) =>
                    {
                        Some(&n.text)
                    }
                    ast::ExprKind::Name(n) if self.population(&n.text).is_some() => Some(&n.text),
                    _ => None,
                };
                self.report(match along {
                    Some(name) if runs == Runs::Loop => {
                        d.help(format!("`for NAME of {name}` runs along its axis"))
                    }
                    _ => d.help("such as `0..10`, `0 .. 2 by 0.1`, or `[1, 5, 10] Hz`"),
                });
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
    pub fn axis_extent(&mut self, name: &str, extent: &ast::Expr, runs: Runs) -> Option<AxisId> {
        let axis = match &extent.kind {
            ast::ExprKind::Range(_) | ast::ExprKind::List { .. } => {
                let v = self.values_of(extent, runs)?;
                self.values_axis(name, v)
            }
            _ => {
                let size = self.constant_of(extent, &Term::plain(), runs.words())?;
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
            match self.axis_extent(&a.name.text, &a.extent, Runs::Axis) {
                Some(axis) => out.push(axis),
                None => whole = false,
            }
        }
        whole.then_some(out)
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
}
