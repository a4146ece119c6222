//! Where expectations lie in a plot: a value that is expected of what is drawn is marked at its place.

use super::build::Context;
use super::model::Mark;
use crate::hir::{
    AxisId, Comparison, Condition, Expr, ExprKind, Plot, Plotted, ProbeId, Program, ReduceOp, Selector,
    Statement, StatementKind, Tolerance, ValueAxis,
};
use crate::report::{Outcome, Verdict};
use crate::source::Span;

/// Where a panel stands, and what its curves are split along.
pub(super) struct Place<'p> {
    pub axes: &'p [ValueAxis],
    pub places: &'p [usize],
    pub curves: &'p [ValueAxis],
    /// How many seconds one unit of its horizontal axis is, if that is time.
    pub time: Option<f64>,
    /// The axis along which its points lie, if it is one.
    pub along: Option<AxisId>,
    /// Where a place along it lies.
    pub onto: &'p dyn Fn(usize) -> Option<f64>,
    /// The ends of its horizontal axis.
    pub ends: (f64, f64),
}

/// What is expected of the values of a plot, in one of its panels.
pub(super) fn marks(cx: &Context, plot: &Plot, values: &[usize], place: &Place) -> Vec<Mark> {
    let Some(program) = cx.reading.program() else { return Vec::new() };
    let mut all: Vec<Mark> = Vec::new();
    for (text, value) in &plot.marks {
        let onto = |v: f64| match (place.time, &plot.versus) {
            (Some(unit), _) => v / unit,
            (None, Some(versus)) => versus.unit.from_si(v),
            (None, None) => v,
        };
        for (color, (x, _)) in ends(cx, &Read::default(), End::At(value), End::At(value), place) {
            let (x, y) = ((onto(x), onto(x)), (f64::NEG_INFINITY, f64::INFINITY));
            if on_axis(x, place) {
                all.push(Mark { text: text.clone(), x, y, held: None, color });
            }
        }
    }
    for expect in &cx.reading.experiment.results.expects {
        let outcome = cx.outcomes.iter().find(|o| o.span == expect.span);
        let held = outcome.and_then(verdict);
        let text = expect.message.clone().unwrap_or_else(|| expect.text.clone());
        // the axis has the unit of the first
        let unit = values.first().and_then(|i| plot.values.get(*i)).map(|v| &v.unit);
        for plotted in values.iter().filter_map(|i| plot.values.get(*i)) {
            for one in single(&expect.condition) {
                let Some((left, lo, hi)) = one else { continue };
                let Some(at) = meets(left, plotted, program) else { continue };
                // a mean of what is drawn side by side is no mark for any of it
                if place.time.is_none() && at.means.iter().any(|a| place.along == Some(*a)) {
                    continue;
                }
                for (color, y) in ends(cx, &at, lo, hi, place) {
                    let Some(x) = when(cx, &at, place) else { continue };
                    let shown = |v: f64| unit.map_or(v, |unit| unit.from_si(v));
                    let mark = Mark { text: text.clone(), x, y: (shown(y.0), shown(y.1)), held, color };
                    if on_axis(x, place) && !all.contains(&mark) {
                        all.push(mark);
                    }
                }
            }
        }
    }
    all
}

/// Whether something of a stretch lies on the horizontal axis, or so close to an end that it can stand there.
fn on_axis((from, to): (f64, f64), place: &Place) -> bool {
    let (lo, hi) = place.ends;
    let slack = 1e-2 * (hi - lo);
    to >= lo - slack && from <= hi + slack
}

fn verdict(o: &Outcome) -> Option<bool> {
    match o.verdict {
        Verdict::Held => Some(true),
        Verdict::Failed => Some(false),
        Verdict::Skipped => None,
    }
}

/// An end of what is expected: a value and how far from it, by which rule.
#[derive(Clone, Copy)]
enum End<'e> {
    Open,
    At(&'e Expr),
    Around(&'e Expr, f64, Option<&'e Tolerance>),
}

/// What each part of a condition expects of its left side.
fn single(condition: &Condition) -> Vec<Option<(&Expr, End<'_>, End<'_>)>> {
    match condition {
        Condition::All(parts) => parts.iter().flat_map(single).collect(),
        Condition::Between { value, lo, hi, .. } => vec![Some((value, End::At(lo), End::At(hi)))],
        Condition::Compare { left, op, right, tolerance, .. } => {
            let tolerance = tolerance.as_ref();
            vec![match op {
                Comparison::Eq => {
                    Some((left, End::Around(right, -1.0, tolerance), End::Around(right, 1.0, tolerance)))
                }
                Comparison::Lt | Comparison::Le => Some((left, End::Open, End::At(right))),
                Comparison::Gt | Comparison::Ge => Some((left, End::At(right), End::Open)),
                Comparison::Ne => None,
            }]
        }
        Condition::Truth(_) => Vec::new(),
    }
}

/// How the left side of an expectation reads what is drawn.
#[derive(Default)]
struct Read {
    /// The probe through which it does.
    probe: Option<ProbeId>,
    /// The stretch of a record, in seconds.
    stretch: Option<(Option<f64>, Option<f64>)>,
    /// The record whose samples it reads.
    record: Option<crate::hir::RecordId>,
    /// The first or the last of something.
    end: Option<bool>,
    /// Whether what is drawn is the mean of what the file says.
    reduced: bool,
    /// Places along axes.
    cases: Vec<(AxisId, usize)>,
    /// Along which axes it takes a mean.
    means: Vec<AxisId>,
}

/// Whether the left side of an expectation is what is drawn, or some of it, or its least, mean or largest.
fn meets(left: &Expr, drawn: &Plotted, program: &Program) -> Option<Read> {
    let mut read = Read { reduced: drawn.spread.is_some(), ..Read::default() };
    same(left, &drawn.value, program, &mut read).then_some(read)
}

/// Whether what was captured is what is sampled, or a mean or an extreme of it.
fn alike(captured: &Expr, sampled: &Expr, read: &Read) -> bool {
    let drawn = if read.reduced { core(sampled) } else { bare(sampled) };
    bare(captured) == bare(sampled) || core(captured) == drawn
}

fn same(left: &Expr, drawn: &Expr, program: &Program, read: &mut Read) -> bool {
    match (&left.kind, &drawn.kind) {
        (_, ExprKind::Index { base, selections })
            if selections.iter().all(|s| matches!(s.selector, Selector::Between { .. }))
                && bare(left) != bare(drawn) =>
        {
            same(left, base, program, read)
        }
        (ExprKind::Index { base, selections }, _) if !matches!(drawn.kind, ExprKind::Index { .. }) => {
            for s in selections {
                match (&s.selector, s.axes.as_slice()) {
                    (Selector::At(at), [axis]) => {
                        if let ExprKind::Number(n) = at.kind {
                            read.cases.push((*axis, n as usize));
                        }
                    }
                    (Selector::Between { from, to, .. }, _) => read.stretch = Some((*from, *to)),
                    (Selector::AtTime(t), _) => read.stretch = Some((Some(*t), Some(*t))),
                    (Selector::First | Selector::Last, _) => {
                        read.end = Some(matches!(s.selector, Selector::Last));
                    }
                    _ => {}
                }
            }
            same(base, drawn, program, read)
        }
        // an extreme or a mean of what is drawn lies on the same scale
        (
            ExprKind::Reduce {
                op: op @ (ReduceOp::Mean | ReduceOp::Min | ReduceOp::Max | ReduceOp::Median),
                args,
                over,
                ..
            },
            _,
        ) if bare(left) != bare(drawn) => {
            if matches!(op, ReduceOp::Mean | ReduceOp::Median) {
                read.means.extend(over);
            }
            args.first().is_some_and(|inner| same(inner, drawn, program, read))
        }
        (ExprKind::Probe { id, control: false }, ExprKind::Probe { id: other, control: false })
            if id == other =>
        {
            true
        }
        (ExprKind::Probe { id, control: false }, ExprKind::Record { id: record, control: false }) => {
            let value = probed(&program.protocol, *id);
            let sampled = program.sampled(*record).map(|r| &r.value);
            let same = value.zip(sampled).is_some_and(|(a, b)| alike(a, b, read));
            if same {
                read.probe = Some(*id);
            }
            same
        }
        (ExprKind::Record { id, control: false }, ExprKind::Record { id: other, control: false }) => {
            let value = |id| program.sampled(id).map(|r| &r.value);
            read.record = Some(*id);
            id == other || value(*id).zip(value(*other)).is_some_and(|(a, b)| alike(a, b, read))
        }
        (ExprKind::Binary(op, a, b), ExprKind::Binary(other, c, d)) => {
            op == other && same(a, c, program, read) && same(b, d, program, read)
        }
        (ExprKind::Unary(op, a), ExprKind::Unary(other, b)) => op == other && same(a, b, program, read),
        _ => bare(left) == bare(drawn),
    }
}

/// The expression that a probe captures.
fn probed(statements: &[Statement], id: ProbeId) -> Option<&Expr> {
    statements.iter().find_map(|s| match &s.kind {
        StatementKind::Probe { id: own, value, .. } if *own == id => Some(value),
        StatementKind::Phase { body, .. }
        | StatementKind::Repeat { body, .. }
        | StatementKind::For { body, .. }
        | StatementKind::Together { body, .. } => probed(body, id),
        _ => None,
    })
}

/// An expression without the means and extremes around it, wherever it was written.
fn core(e: &Expr) -> Expr {
    match &e.kind {
        ExprKind::Reduce {
            op: ReduceOp::Mean | ReduceOp::Min | ReduceOp::Max, args, filter: None, ..
        } => args.first().map_or_else(|| bare(e), core),
        _ => bare(e),
    }
}

/// An expression as it would be if written elsewhere.
fn bare(e: &Expr) -> Expr {
    let mut e = e.clone();
    let nowhere = Span::new(crate::source::SourceId(0), 0, 0);
    crate::sema::visit_mut(&mut e, &mut |node| {
        node.span = nowhere;
        node.axes.clear();
    });
    e
}

/// Both ends of what is expected, SI, with the colour of the curve they belong to.
fn ends(
    cx: &Context,
    read: &Read,
    lo: End<'_>,
    hi: End<'_>,
    place: &Place,
) -> Vec<(Option<(usize, usize)>, (f64, f64))> {
    let here =
        |axis: AxisId| place.axes.iter().zip(place.places).find(|(a, _)| a.id == axis).map(|(_, p)| *p);
    if read.cases.iter().any(|(axis, at)| here(*axis).is_some_and(|p| p != *at)) {
        return Vec::new();
    }
    let curves: usize = place.curves.iter().map(|a| a.len).product();
    let mut out: Vec<(Option<(usize, usize)>, (f64, f64))> = Vec::new();
    for curve in 0..curves {
        let along = crate::report::elements::place(place.curves, curve);
        let on = |axis: AxisId| place.curves.iter().zip(&along).find(|(a, _)| a.id == axis).map(|(_, p)| *p);
        if read.cases.iter().any(|(axis, at)| on(*axis).is_some_and(|p| p != *at)) {
            continue;
        }
        let at =
            |axis: AxisId| here(axis).or(on(axis)).or(read.cases.iter().find(|c| c.0 == axis).map(|c| c.1));
        let (Some(lo), Some(hi)) = (end(cx, lo, &at, f64::NEG_INFINITY), end(cx, hi, &at, f64::INFINITY))
        else {
            continue;
        };
        out.push((Some((curve, curves)).filter(|_| curves > 1), (lo, hi)));
    }
    // one line for all where all are expected to be alike
    if out.len() > 1 && out.windows(2).all(|p| p[0].1 == p[1].1) {
        out.truncate(1);
        out[0].0 = None;
    }
    out
}

/// One end, at these places along the axes of cases; none if it differs along others.
fn end(cx: &Context, end: End<'_>, at: &dyn Fn(AxisId) -> Option<usize>, open: f64) -> Option<f64> {
    let number = |e: &Expr| {
        let value = cx.eval(e).ok()?;
        let mut flat = 0;
        for axis in &value.axes {
            let place = at(axis.id).or((axis.len == 1).then_some(0))?;
            flat = flat * axis.len + place;
        }
        value.data.get(flat).copied().filter(|v| v.is_finite() && value.is_present(flat))
    };
    match end {
        End::Open => Some(open),
        End::At(e) => number(e),
        End::Around(e, sign, tolerance) => {
            let middle = number(e)?;
            Some(match tolerance {
                None => middle,
                Some(Tolerance::Absolute(t)) => middle + sign * number(t)?,
                Some(Tolerance::Relative(t)) => middle + sign * number(t)? * middle.abs(),
            })
        }
    }
}

/// Where on the horizontal axis.
fn when(cx: &Context, read: &Read, place: &Place) -> Option<(f64, f64)> {
    let all = (f64::NEG_INFINITY, f64::INFINITY);
    let at =
        read.cases.iter().find(|(axis, _)| place.along == Some(*axis)).and_then(|(_, i)| (place.onto)(*i));
    if let Some(at) = at {
        return Some((at, at));
    }
    let Some(unit) = place.time else { return Some(all) };
    let ran = cx.program(place.axes, place.places);
    let run = ran.and_then(|(i, program)| Some((cx.reading.run(i, false)?, program.tick)));
    if let (Some(last), Some(id)) = (read.end, read.record) {
        let times = run.and_then(|(run, _)| Some(run.records.get(id)?.times()));
        let at = times.and_then(|t| t.get(if last { t.len().checked_sub(1)? } else { 0 }));
        return at.map(|at| (at / unit, at / unit));
    }
    if let Some(id) = read.probe {
        let (run, tick) = run?;
        let (first, last) = (*run.probed.get(id)?)?;
        // of one reading among several it is not known when it was
        let whole = first == last || read.cases.is_empty() && read.end.is_none();
        return whole.then_some((first as f64 * tick / unit, last as f64 * tick / unit));
    }
    Some(match read.stretch {
        Some((from, to)) => (from.map_or(all.0, |t| t / unit), to.map_or(all.1, |t| t / unit)),
        None => all,
    })
}
