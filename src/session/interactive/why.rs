//! Which terms of an equation push a variable now, and how much.

use super::document::Failure;
use super::info::columns;
use super::names::owners;
use super::session::{Done, Session};
use super::value::Shown;
use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::{AssignOp, Change, Equation, Event, Expr, ExprKind, Form, Ty, Value, VarId, VarKind};
use crate::syntax::ast::{BinaryOp, UnaryOp};
use crate::units::{Dim, Unit, display_unit};

/// An additive term of a right-hand side: whether it is subtracted, and what.
struct Term<'e> {
    negative: bool,
    expr: &'e Expr,
}

/// The additive terms of an expression, in source order: those that `written` says were written as such. What a draw or a
/// function is made of is no term of its own.
fn terms<'e>(e: &'e Expr, negative: bool, written: &dyn Fn(&Expr) -> bool, out: &mut Vec<Term<'e>>) {
    match &e.kind {
        ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) if written(e) => {
            terms(a, negative, written, out);
            terms(b, negative != (*op == BinaryOp::Sub), written, out);
        }
        ExprKind::Unary(UnaryOp::Neg, a) if written(e) => terms(a, !negative, written, out),
        _ => out.push(Term { negative, expr: e }),
    }
}

/// Whether a text is a sum, a difference or a negation, and no call.
fn is_sum(text: &str) -> bool {
    use crate::syntax::ast;
    let mut sink = crate::diag::Sink::new();
    let mut sources = crate::source::SourceMap::new();
    let id = sources.add("term", text);
    let Some(expr) = crate::syntax::parse_expr(id, text, &mut sink) else { return false };
    match expr.kind {
        ast::ExprKind::Binary { op, .. } => matches!(op.node, BinaryOp::Add | BinaryOp::Sub),
        ast::ExprKind::Unary { .. } => true,
        _ => false,
    }
}

fn node(kind: ExprKind, like: &Expr) -> Expr {
    Expr { kind, axes: like.axes.clone(), ty: Ty::Number, span: like.span }
}

/// The expression at every element of a variable that exists: `0*v + e`.
fn along(var: &Expr, e: &Expr) -> Expr {
    let zero = Expr { kind: ExprKind::Number(0.0), axes: Vec::new(), ty: Ty::Number, span: e.span };
    let nothing = node(ExprKind::Binary(BinaryOp::Mul, Box::new(zero), Box::new(var.clone())), var);
    node(ExprKind::Binary(BinaryOp::Add, Box::new(nothing), Box::new(e.clone())), var)
}

impl Session {
    /// The variable of this name, whole or as it is called within its owner.
    pub(super) fn variable(&self, name: &str) -> Result<VarId, Failure> {
        let program = self.program();
        let name = crate::syntax::canonical(name).into_owned();
        let found =
            |name: &str| program.vars.iter_enumerated().find(|(_, v)| v.name == name).map(|(id, _)| id);
        if let Some(id) = found(&name) {
            return Ok(id);
        }
        match owners(&self.checked.experiment, self.which, &name).as_slice() {
            [one] => {
                found(one).ok_or_else(|| Failure::global(Diagnostic::global(Code::E0201, "no such variable")))
            }
            [] => {
                let d = Diagnostic::global(Code::E0201, format!("there is no variable `{name}`"));
                let all: Vec<&str> = program.vars.iter().map(|v| v.name.as_str()).collect();
                Err(Failure::global(
                    match (nearest(&name, all.iter().copied()), crate::diag::list(all.iter().copied())) {
                        (Some(near), _) => d.help(format!("a similar name is `{near}`")),
                        (None, Some(all)) => d.note(format!("variables: {all}")),
                        (None, None) => d,
                    },
                ))
            }
            several => {
                let all: Vec<String> = several.iter().map(|o| format!("`{o}`")).collect();
                let d = Diagnostic::global(Code::E0201, format!("`{name}` may be any of {}", all.join(", ")));
                Err(Failure::global(d.help(format!("say whose it is, such as `{}`", several[0]))))
            }
        }
    }

    /// `:why w`
    pub(super) fn why(&mut self, name: &str) -> Done {
        if name.is_empty() {
            let d = Diagnostic::global(Code::E0921, "`:why` needs the name of a variable");
            return Err(Failure::global(d.help("`:why w` says which terms push the weights now")));
        }
        let id = self.variable(name)?;
        let checked = self.checked.clone();
        let var = self.program().vars[id].clone();
        let text = |e: &Expr| checked.sources.text(e.span).split_whitespace().collect::<Vec<_>>().join(" ");
        let (value, factor, left, rate): (Expr, Option<Expr>, String, bool) = match &var.kind {
            VarKind::State { equation: Some(Equation { value, form, span, .. }), .. } => {
                let whole = checked.sources.text(*span).split_whitespace().collect::<Vec<_>>().join(" ");
                let left = whole.split('=').next().unwrap_or("").trim().to_string();
                match form {
                    Form::Rate { factor } => (value.clone(), factor.clone(), left, true),
                    Form::Increment => (value.clone(), None, left, false),
                }
            }
            VarKind::Instantaneous(value) => {
                (value.clone(), None, var.name.rsplit('.').next().unwrap_or("").to_string(), false)
            }
            VarKind::State { equation: None, .. } if self.spikes_of(id).is_some() => {
                return self.why_at_spikes(id);
            }
            VarKind::State { equation: None, .. } => {
                return Ok(format!("nothing pushes `{}`: it has no equation and stays as it is", var.name));
            }
            VarKind::Input => return Ok(format!("`{}` is what the protocol presents", var.name)),
            VarKind::Delayed { of, ticks } => {
                let of = &self.program().vars[*of].name;
                return Ok(format!("`{}` is `{of}` {} ago", var.name, self.time_of(u64::from(*ticks))));
            }
        };
        let own = Expr { kind: ExprKind::Var(id), axes: var.axes.clone(), ty: Ty::Number, span: value.span };
        let mut parts = Vec::new();
        let (own_span, made) = (value.span, matches!(var.kind, VarKind::Instantaneous(_)));
        let inside = |e: &Expr| {
            e.span.source == own_span.source
                && own_span.range().start <= e.span.range().start
                && e.span.range().end <= own_span.range().end
        };
        // what drives a cell is a sum that nobody wrote
        let drive = made && var.name.ends_with("drive");
        terms(&value, false, &|e| drive || inside(e) && is_sum(&text(e)), &mut parts);
        let dim = if rate { var.dim.div(Dim::TIME).unwrap_or(var.dim) } else { var.dim };
        let unit = if rate && var.dim == Dim::NONE {
            Unit::new(&[(
                crate::units::lookup("s")
                    .unwrap_or_else(|| crate::units::UnitDef::sized("s", Dim::TIME, 1.0)),
                -1,
            )])
        } else if rate {
            display_unit(dim)
        } else {
            Some(var.unit.clone())
        };
        let unit = unit.unwrap_or_else(Unit::none);
        let experiment = checked.experiment.clone();
        let over = |e: Expr| match &factor {
            Some(f) => node(ExprKind::Binary(BinaryOp::Div, Box::new(e.clone()), Box::new(f.clone())), &e),
            None => e,
        };
        let mut rows = vec![vec![String::new(), "mean".to_string(), "largest".to_string()]];
        let live = self.run_of()?;
        let sources = &checked.sources;
        let fail = |d: Box<Diagnostic>| Failure { diagnostics: vec![*d], sources: sources.clone() };
        let count = parts.len();
        for term in &parts {
            let sign = |e: Expr| match term.negative {
                true => node(ExprKind::Unary(UnaryOp::Neg, Box::new(e.clone())), &e),
                false => e,
            };
            let e = along(&own, &over(sign(term.expr.clone())));
            let values = live.eval(&e, &experiment).map_err(fail)?;
            let sign = if term.negative { "- " } else { "+ " };
            let label = if count == 1 { text(term.expr) } else { format!("{sign}{}", text(term.expr)) };
            rows.push(row(label, &values, &unit, &experiment.axes));
        }
        if count > 1 {
            let values = live.eval(&along(&own, &over(value.clone())), &experiment).map_err(fail)?;
            rows.push(row("all".into(), &values, &unit, &experiment.axes));
        }
        let name = &var.name;
        let many = live.values(id).len();
        if rows.len() > 1 && many == 1 {
            rows.iter_mut().for_each(|r| r.truncate(2));
            rows[0][1] = "now".into();
        }
        let whole = match drive {
            false => text(&value),
            true => {
                let signed = parts.iter().enumerate().map(|(i, term)| match (i, term.negative) {
                    (0, false) => text(term.expr),
                    (0, true) => format!("-{}", text(term.expr)),
                    (_, negative) => format!("{} {}", if negative { '-' } else { '+' }, text(term.expr)),
                });
                signed.collect::<Vec<_>>().join(" ")
            }
        };
        let head = match (rate, &factor) {
            (true, Some(f)) => format!("{left} = {whole}   (each term over {})", text(f)),
            _ => format!("{left} = {whole}"),
        };
        let mut said = format!("{name}: {head}\n{}", columns(&rows));
        let held = self.program().projections.iter().any(|p| p.held.contains(&id));
        if held {
            said += "\nit is held: its equation does not act";
        }
        let phase = self.live.as_ref().and_then(|l| l.phase().map(str::to_string));
        let phase = self.program().phases.iter().find(|p| Some(&p.name) == phase.as_ref());
        if let Some(phase) = phase.filter(|p| p.frozen.contains(&id)) {
            said += &format!("\nit is frozen in `{}`: nothing of this acts now", phase.name);
        }
        Ok(said)
    }
}

impl Session {
    /// What spikes do to a variable: at which, and the changes.
    fn spikes_of(&self, id: VarId) -> Option<Vec<(&'static str, Change)>> {
        let program = self.program();
        let mut found = Vec::new();
        for handler in program.projections.iter().flat_map(|p| &p.handlers) {
            let at = match handler.event {
                Event::Pre => "at a presynaptic spike",
                Event::Post => "at a postsynaptic spike",
            };
            found.extend(handler.changes.iter().filter(|c| c.var == id).map(|c| (at, c.clone())));
        }
        for spiking in program.populations.iter().filter_map(|p| p.spiking.as_ref()) {
            let own = spiking.reset.iter().filter(|c| c.var == id);
            found.extend(own.map(|c| ("at a spike of the cell", c.clone())));
        }
        (!found.is_empty()).then_some(found)
    }

    /// What spikes would do to a variable now.
    fn why_at_spikes(&mut self, id: VarId) -> Done {
        let checked = self.checked.clone();
        let (experiment, sources) = (checked.experiment.clone(), &checked.sources);
        let var = self.program().vars[id].clone();
        let changes = self.spikes_of(id).unwrap_or_default();
        let own =
            |e: &Expr| Expr { kind: ExprKind::Var(id), axes: var.axes.clone(), ty: Ty::Number, span: e.span };
        let live = self.run_of()?;
        let fail = |d: Box<Diagnostic>| Failure { diagnostics: vec![*d], sources: sources.clone() };
        let mut rows = vec![vec![String::new(), String::new(), "mean".to_string(), "largest".to_string()]];
        for (at, change) in &changes {
            let text = sources.text(change.span).split_whitespace().collect::<Vec<_>>().join(" ");
            let values = live.eval(&along(&own(&change.value), &change.value), &experiment).map_err(fail)?;
            let factor = matches!(change.op, AssignOp::Mul | AssignOp::Div);
            let unit = if factor { Unit::none() } else { var.unit.clone() };
            let mut line = vec![at.to_string()];
            line.extend(row(text, &values, &unit, &experiment.axes));
            rows.push(line);
        }
        if live.values(id).len() == 1 {
            rows.iter_mut().for_each(|r| r.truncate(3));
            rows[0][2] = "now".into();
        }
        Ok(format!(
            "{} changes at spikes only; what stands behind the sign is now\n{}",
            var.name,
            columns(&rows)
        ))
    }
}

/// A term's mean, and its largest element with its place.
fn row(
    label: String,
    value: &Value,
    unit: &Unit,
    axes: &crate::source::IndexVec<crate::hir::AxisId, crate::hir::Axis>,
) -> Vec<String> {
    let exist: Vec<usize> = (0..value.data.len()).filter(|i| value.is_present(*i)).collect();
    let Some(first) = exist.first() else { return vec![label, "nothing".into(), String::new()] };
    let mean = exist.iter().map(|i| value.data[*i]).sum::<f64>() / exist.len() as f64;
    let largest = exist
        .iter()
        .fold(*first, |best, i| if value.data[*i].abs() > value.data[best].abs() { *i } else { best });
    let show = |v: f64| crate::units::format_value(v, unit, 4);
    let shown = Shown { value, unit, truth: false, axes };
    let place = shown.place(largest);
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    vec![label, show(mean), format!("{}{at}", show(value.data[largest]))]
}
