use super::machine::Machine;
use crate::backend::NonFinite;
use crate::diag::{Code, Diagnostic};
use crate::eval::{Env, eval};
use crate::hir::{AxisId, Expr, ExprKind, NormaliseFunction, Value, VarId, VarKind};
use crate::ir::SlotId;
use crate::ir::build::fault::{from_eval, not_finite as not_finite_text};
use crate::ir::build::{place_text, places};
use crate::ir::timeline::visit_expr;
use crate::source::Span;
use crate::units::format_value;

/// A number became infinite or none: which variable, where, when, and what it was made of.
pub(super) fn not_finite(m: &Machine<'_>, found: NonFinite) -> Box<Diagnostic> {
    let time = time_text(m, m.now + u64::from(m.stepping));
    let number = m.arrays.value(found.slot, found.index).unwrap_or(f64::NAN);
    let what = not_finite_text(number);
    let Some(var) = variable(m, found.slot, &m.built.module.kernels[found.kernel].name) else {
        let name = m.built.module.slots[found.slot].name.split(" #").next().unwrap_or_default();
        let headline = format!("an intermediate result ({name}) {what} at t = {time}");
        return Box::new(Diagnostic::global(Code::E0801, headline));
    };
    let v = &m.program.vars[var];
    if v.kind == VarKind::Input {
        return presented(m, var, m.shown_on(var).unwrap_or(v.span), found.index);
    }
    if number.is_nan() && m.built.module.kernels[found.kernel].name.contains(" normalised") {
        return normalised_by_nothing(m, var, &time);
    }
    let (value, span) = match &v.kind {
        VarKind::State { equation: Some(e), .. } => (Some(&e.value), e.span),
        VarKind::Instantaneous(e) => (Some(e), e.span),
        _ => (None, v.span),
    };
    // a place that does not exist reads as not a number: the evaluator knows
    if let Some(Err(e)) = value.map(|e| eval(e, &m.view(false))) {
        return from_eval(&e, span);
    }
    let index = index(m, var, found.index);
    let label = label(m, what, &v.axes, &index);
    let mut d = Diagnostic::new(Code::E0801, span, format!("`{}` {what} at t = {time}", v.name), label);
    for note in value.map(|e| operands(m, Some(var), e, &v.axes, &index)).unwrap_or_default() {
        d = d.note(note);
    }
    Box::new(match remedy(m, var) {
        Some(help) => d.help(help),
        None => d,
    })
}

/// A normalisation that scales a sum of zero. (Its factor is infinite, and zero times that is no number.)
fn normalised_by_nothing(m: &Machine<'_>, var: VarId, time: &str) -> Box<Diagnostic> {
    let v = &m.program.vars[var];
    let normalise = m.program.projections.iter().flat_map(|p| &p.normalise).find(|n| n.var == var);
    let (span, what) = normalise.map_or((v.span, "sum"), |n| {
        let what = match n.function {
            NormaliseFunction::Sum => "sum",
            NormaliseFunction::Mean => "mean",
            NormaliseFunction::Norm => "norm",
        };
        (n.span, what)
    });
    let headline = format!("`{}` cannot be scaled at t = {time}: its {what} is 0", v.name);
    let d = Diagnostic::new(Code::E0801, span, headline, "divides by zero");
    Box::new(
        d.help("start the weights above zero, keep them there with `bounds`, or normalise by subtraction"),
    )
}

/// A captured value, of a probe or a record, that is not finite somewhere; `None` if all that exist are.
pub(super) fn captured(
    m: &Machine<'_>,
    name: &str,
    value: &Expr,
    axes: &[AxisId],
    data: &[f64],
    present: Option<&[bool]>,
) -> Option<Box<Diagnostic>> {
    let exists = |i: &usize| present.is_none_or(|p| p.get(*i).copied().unwrap_or(true));
    let at = (0..data.len()).find(|i| !data[*i].is_finite() && exists(i))?;
    let what = not_finite_text(data[at]);
    let index = places(m.axes, axes, at);
    let label = label(m, what, axes, &index);
    let time = time_text(m, m.now);
    let mut d = Diagnostic::new(Code::E0801, value.span, format!("`{name}` {what} at t = {time}"), label);
    for note in operands(m, None, value, axes, &index) {
        d = d.note(note);
    }
    Some(Box::new(
        d.help("what may fail to exist is captured as a condition, or kept finite: `1/max(v, 1e-6)`"),
    ))
}

/// What is presented is not finite somewhere.
#[cold]
pub(super) fn presented(m: &Machine<'_>, var: VarId, span: Span, element: usize) -> Box<Diagnostic> {
    let v = &m.program.vars[var];
    let slot = m.built.layout.vars[var].slot;
    let what = not_finite_text(m.arrays.value(slot, element).unwrap_or(f64::NAN));
    let population = v.name.split('.').next().unwrap_or_default();
    let headline = format!("what is presented on `{population}` {what} at t = {}", time_text(m, m.now));
    let index = places(m.axes, &v.axes, element);
    Box::new(Diagnostic::new(Code::E0801, span, headline, label(m, what, &v.axes, &index)))
}

/// Two inputs reach one cell at once.
#[cold]
pub(super) fn two_inputs(
    m: &Machine<'_>,
    var: VarId,
    element: usize,
    first: Span,
    second: Span,
) -> Box<Diagnostic> {
    let v = &m.program.vars[var];
    let population = v.name.split('.').next().unwrap_or_default();
    let index = places(m.axes, &v.axes, element);
    let cell =
        if v.axes.is_empty() { "its only cell".to_string() } else { label(m, "the cell", &v.axes, &index) };
    let headline = format!("`{population}` is given two inputs at once at t = {}", time_text(m, m.now));
    let d = if first == second {
        Diagnostic::new(Code::E0504, second, headline, format!("two tracks present this on {cell}"))
    } else {
        Diagnostic::new(Code::E0504, second, headline, format!("the second on {cell}"))
            .label(first, "the first")
    };
    let help = match v.axes.as_slice() {
        [] => "let the tracks follow one another: `for` in place of `together`".to_string(),
        _ => format!("give each track cells of its own, such as `present ... on {population}[k]`"),
    };
    Box::new(d.note("the tracks of `together` run at the same time").help(help))
}

/// A value that is kept from the start, and is not a number there.
#[cold]
pub(super) fn start_not_a_number(span: Span) -> Box<Diagnostic> {
    let d =
        Diagnostic::new(Code::E0801, span, "this is not a number at the start of the run", "kept `at start`");
    Box::new(d.note("nothing is presented yet: all inputs are zero"))
}

fn remedy(m: &Machine<'_>, var: VarId) -> Option<String> {
    match &m.program.vars[var].kind {
        VarKind::State { .. } => Some("a smaller `clock`, a decay, or `bounds` keep it finite".into()),
        // no run is shorter than a tick
        _ if m.now == 0 => None,
        _ => Some(format!("`--until {}` stops the run just before", time_text(m, m.now))),
    }
}

/// A time as a person writes it.
fn time_text(m: &Machine<'_>, ticks: u64) -> String {
    let t = ticks as f64 * m.program.tick;
    // a time is a whole number of ticks: digits beyond that are rounding
    let rounded: f64 = format!("{t:.12e}").parse().unwrap_or(t);
    format!("{rounded} s")
}

/// Whose array this is: the variable's own, or one that the kernel named after it computes for it.
fn variable(m: &Machine<'_>, slot: SlotId, kernel: &str) -> Option<VarId> {
    let own = m.program.vars.ids().find(|v| m.built.layout.vars[*v].slot == slot);
    own.or_else(|| {
        let named = |text: &str| m.program.vars.ids().find(|v| text == m.program.vars[*v].name);
        let first = |text: &str| text.split(' ').next().unwrap_or_default().to_string();
        named(&first(&m.built.module.slots[slot].name)).or_else(|| named(&first(kernel)))
    })
}

/// The place of an element along each of the variable's axes.
fn index(m: &Machine<'_>, var: VarId, element: usize) -> Vec<usize> {
    let mut flat = element;
    if let Some(pattern) = m.built.layout.vars[var].pattern {
        flat = m.built.module.patterns[pattern].flat(element);
    }
    places(m.axes, &m.program.vars[var].axes, flat)
}

/// What is wrong, and where along the axes: `is infinite at c 0, i 3`.
fn label(m: &Machine<'_>, what: &str, axes: &[AxisId], index: &[usize]) -> String {
    let place = place_text(m.axes, axes, index);
    if place.is_empty() { what.to_string() } else { format!("{what} at {place}") }
}

/// What an equation read there, one line each.
fn operands(
    m: &Machine<'_>,
    own: Option<VarId>,
    value: &Expr,
    axes: &[AxisId],
    index: &[usize],
) -> Vec<String> {
    let mut read: Vec<(VarId, &[AxisId])> = Vec::new();
    visit_expr(value, &mut |node| {
        if let ExprKind::Var(var) = node.kind
            && Some(var) != own
            && !read.iter().any(|r| r.0 == var)
        {
            read.push((var, &node.axes));
        }
    });
    let view = m.view(false);
    let mut lines = Vec::new();
    for (var, names) in read {
        let (name, unit) = (&m.program.vars[var].name, &m.program.vars[var].unit);
        let Ok(mut value) = view.var(var) else { continue };
        // under the names the axes have where it is read
        value.axes.iter_mut().zip(names).for_each(|(axis, id)| axis.id = *id);
        let numbers = there(&value, axes, index);
        let Some(largest) = numbers.iter().copied().reduce(|a, b| if b.abs() <= a.abs() { a } else { b })
        else {
            continue;
        };
        lines.push(match numbers.len() {
            1 => format!("`{name}` is {} there", format_value(largest, unit, 6)),
            _ => format!(
                "of the {} values of `{name}` it reads, {} is the largest",
                numbers.len(),
                format_value(largest, unit, 6)
            ),
        });
    }
    lines
}

/// The elements of a value that belong to this place: one, or one for each element of its other axes.
fn there(value: &Value, axes: &[AxisId], index: &[usize]) -> Vec<f64> {
    let mut places = vec![0];
    for axis in &value.axes {
        let along: Vec<usize> = match axes.iter().position(|a| *a == axis.id) {
            Some(i) => vec![index[i]],
            None => (0..axis.len).collect(),
        };
        places = places.iter().flat_map(|p| along.iter().map(move |i| p * axis.len + i)).collect();
    }
    places.into_iter().filter(|p| value.is_present(*p)).filter_map(|p| value.data.get(p).copied()).collect()
}
