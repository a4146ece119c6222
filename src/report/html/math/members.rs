use super::expr::{at, derivative, expr, interval, level_of};
use super::names::name;
use super::node::Math::{self, *};
use crate::syntax::ast::{
    AssignOp, Axis, Change, Connect, Equation, Expr, ExprKind, Form, Ident, Normalise, State,
};

fn equals(left: Math, right: Math) -> Math {
    Row(vec![left, Sign("="), right])
}

/// The value of a variable when a run starts.
fn at_zero(variable: &Ident) -> Math {
    Row(vec![name(&variable.text), Number("0".to_string()).in_parentheses()])
}

/// `tau * dtheta/dt = ...`, `dw = ...`, `v = ...`
pub(in crate::report::html) fn equation(e: &Equation) -> Math {
    let variable = name(&e.name.text);
    let left = match e.form {
        Form::Rate => {
            let rate = derivative(variable);
            match &e.factor {
                // an operand of a product
                Some(factor) => Row(vec![at(factor, 7), Thin, rate]),
                None => rate,
            }
        }
        Form::Increment => Row(vec![Word("Δ".to_string()), variable]),
        Form::Instantaneous => variable,
    };
    equals(left, expr(&e.value))
}

/// A variable's value at the start.
pub(in crate::report::html) fn start(variable: &Ident, value: &Expr) -> Math {
    equals(at_zero(variable), expr(value))
}

/// A declared variable with its start, if it has one.
pub(in crate::report::html) fn state(s: &State) -> Option<Math> {
    s.value.as_ref().map(|value| start(&s.name, value))
}

/// A variable that `hold` keeps at a value.
pub(in crate::report::html) fn held(variable: &Ident, value: &Expr) -> Math {
    Row(vec![name(&variable.text), Sign("≡"), expr(value)])
}

/// `output y = ...`
pub(in crate::report::html) fn output(variable: &Ident, value: &Expr) -> Math {
    equals(name(&variable.text), expr(value))
}

/// What an event does: `w ← w + ...`.
pub(in crate::report::html) fn change(c: &Change) -> Math {
    let variable = || match &c.owner {
        Some(owner) => name(&c.name.text).sub(Word(owner.text.clone())),
        None => name(&c.name.text),
    };
    let mut row = vec![variable(), Sign("←")];
    match c.op {
        AssignOp::Set => row.push(expr(&c.value)),
        AssignOp::Add => row.extend([variable(), Sign("+"), at(&c.value, 6)]),
        AssignOp::Sub => row.extend([variable(), Sign("−"), at(&c.value, 7)]),
        AssignOp::Mul => row.extend([variable(), Thin, at(&c.value, 7)]),
        AssignOp::Div => row.extend([variable(), Sign("/"), at(&c.value, 8)]),
    }
    Row(row)
}

/// `lo <= w <= hi`
pub(in crate::report::html) fn bounds(variable: &Ident, lo: &Expr, hi: &Expr) -> Math {
    let infinite = |e: &Expr, negative: bool| match &e.kind {
        ExprKind::Name(id) => !negative && id.text == "inf",
        ExprKind::Unary { operand, .. } => {
            negative && matches!(&operand.kind, ExprKind::Name(id) if id.text == "inf")
        }
        _ => false,
    };
    let variable = name(&variable.text);
    match (infinite(lo, true), infinite(hi, false)) {
        (true, true) => Row(vec![variable, Sign("∈"), interval(lo, hi)]),
        (true, false) => Row(vec![variable, Sign("≤"), at(hi, 5)]),
        (false, true) => Row(vec![variable, Sign("≥"), at(lo, 5)]),
        (false, false) => Row(vec![at(lo, 5), Sign("≤"), variable, Sign("≤"), at(hi, 5)]),
    }
}

/// `sum(w over pre) = 1`
pub(in crate::report::html) fn normalise(n: &Normalise) -> Math {
    equals(at(&n.quantity, 5), at(&n.target, 5))
}

/// Which pairs are joined, where that is a formula.
pub(in crate::report::html) fn connect(how: &Connect) -> Option<Math> {
    match how {
        Connect::All | Connect::OneToOne => None,
        Connect::Random(p) => Some(equals(Letter("p".to_string()), expr(p))),
        Connect::Where(condition) => Some(expr(condition)),
    }
}

/// `drive = sum of w x over what projects here`; inhibition subtracts.
pub(in crate::report::html) fn drive(terms: &[(&str, &str, bool)]) -> Math {
    let mut row = Vec::new();
    for (projection, pre, inhibitory) in terms {
        match (inhibitory, row.is_empty()) {
            (true, true) => row.push(Bare("−")),
            (true, false) => row.push(Sign("−")),
            (false, true) => {}
            (false, false) => row.push(Sign("+")),
        }
        let sub = |letter: &str, of: &str| Letter(letter.to_string()).sub(Word(of.to_string()));
        let sum = Under(Box::new(Sign("∑")), Box::new(name(pre)));
        row.extend([sum, Thin, sub("w", projection), Thin, sub("x", projection)]);
    }
    equals(Word("drive".to_string()), Row(row))
}

/// `f(k) = ...`, or `a = ...` for a name without parameters.
pub(in crate::report::html) fn definition(of: &Ident, params: &[Ident], value: &Expr) -> Math {
    let left = match params {
        [] => name(&of.text),
        _ => Row(vec![name(&of.text), Math::list(params.iter().map(|p| name(&p.text))).in_parentheses()]),
    };
    equals(left, expr(value))
}

/// An array: its value with the axes as indices, and how far these run.
pub(in crate::report::html) fn stimulus(of: &Ident, axes: &[Axis], value: &Expr) -> Math {
    if axes.is_empty() {
        return definition(of, &[], value);
    }
    let indices = Math::list(axes.iter().map(|a| name(&a.name.text)));
    let mut row = vec![equals(name(&of.text).sub(indices), expr(value))];
    for a in axes {
        row.extend([Text(", ".to_string()), extent(a)]);
    }
    Row(row)
}

/// `k = 0 ... n - 1`
fn extent(a: &Axis) -> Math {
    let zero = || Number("0".to_string());
    let values = match &a.extent.kind {
        ExprKind::Range(_) | ExprKind::List { .. } => {
            let sign = if matches!(a.extent.kind, ExprKind::List { .. }) { "∈" } else { "=" };
            return Row(vec![name(&a.name.text), Sign(sign), expr(&a.extent)]);
        }
        ExprKind::Number(n) if n.unit.is_none() => match n.text.parse::<u64>() {
            Ok(size) => Row(vec![zero(), Sign("…"), Number(size.saturating_sub(1).to_string())]),
            Err(_) => Row(vec![zero(), Sign("…"), expr(&a.extent), Sign("−"), Number("1".to_string())]),
        },
        _ => Row(vec![
            zero(),
            Sign("…"),
            if level_of(&a.extent) < 6 { expr(&a.extent).in_parentheses() } else { expr(&a.extent) },
            Sign("−"),
            Number("1".to_string()),
        ]),
    };
    Row(vec![name(&a.name.text), Sign("="), values])
}
