//! The form in which an equation is computed: version 1 of this part of the numerical contract.
//!
//! Between the checked program and its kernels every right-hand side takes one form, and that form is what the
//! program means, to the last bit. Nothing later re-associates. Let `f` be the right-hand side as written, `tick`
//! the clock, and `h` be `tick` or, for `tau * dv/dt = f`, `tick/tau`. Products and sums are taken as written, left
//! to right, unless said otherwise; `fma(a, b, c)` is `a*b + c` rounded once.
//!
//! * **Instantaneous**: `v = f`.
//! * **Euler, variables of cells** (also those that a rule keeps per pre- or postsynaptic cell): `v' = fma(h, f, v)`.
//! * **Increment, variables of cells**: `v' = v + f`.
//! * **Exponential**: where `f` is `B + L*v`, found by taking sums, differences, signs, products and quotients apart
//!   (so `(E - v)/tau` has `B = E/tau` and `L = -1/tau`), with `z = L*tick/tau`, `P = h*(expm1(z)/z)`, `P = h` where
//!   `z` is 0: `v' = fma(exp(z), v, P*B)`, or `v' = exp(z)*v` where there is no `B`.
//! * **Euler and increment, variables of synapses**: the additive terms of `f` are taken apart, and each term into
//!   its factors. A factor is *constant* if it has no axis, *row* if it has postsynaptic axes only, *column* if
//!   presynaptic ones only, *synapse* if both or if it reads a variable of the synapse. Within its kind it keeps its
//!   place in the source; a factor that divides, divides (where it comes first, it divides 1); nothing is expanded.
//!   - `A` is the product of the constant, then the row factors, then `h` (an increment has no `h`); with a minus
//!     sign it is negated. Where `tau` itself varies along columns or synapses, `h` joins those factors instead.
//!   - `Q` is the product of the column, then the synapse factors.
//!   - Terms in which the variable itself is a factor, once, beside constant and row factors only, are *linear*.
//!     Their coefficients are added in source order; `L` is the sum times `h`.
//!   - The result starts as `fma(L, w, w)`, or `w` without linear terms. Each other term in source order makes it
//!     `fma(A, Q, result)`, `result + A` or `result + Q`.
//! * **Heun and Runge-Kutta**: `k = f` (`f/tau`) at each stage, then `fma(tick, k1, v)` and
//!   `fma(tick/2, k1 + k2, v)`; or `fma(tick/2, k1, v)`, `fma(tick/2, k2, v)`, `fma(tick, k3, v)` and
//!   `fma(tick/6, fma(2, k3, fma(2, k2, k1)) + k4, v)`.
//! * **A sum of products** adds by fma: `sum(a*b)` takes `fma(a, b, partial)`, where `b` is the last factor.
//! * **Normalisation**: `w' = w * (target/quantity)`; subtractive, `w' = w - (quantity - target)/n` for a sum of n and
//!   `w' = w - (quantity - target)` for a mean. **Bounds**: `w' = min(hi, max(lo, w))`.

use super::expr::{add, call, div, if_, is_steady, mul, neg, number, reads};
use crate::hir::{
    Domain, Equation, Expr, ExprKind, Form, Function, Integrator, Owner, Program, Projection, Ty, Var, VarId,
};
use crate::syntax::ast::{BinaryOp, UnaryOp};

/// How a variable gets from one tick to the next.
#[derive(Debug, Clone, PartialEq)]
pub enum Advance {
    /// `v' = fma(h, value, v)`
    Euler {
        /// The tick, over the equation's factor.
        h: Expr,
        /// The right-hand side as written.
        value: Expr,
    },
    /// `v' = v + value`
    Increment {
        /// The right-hand side as written.
        value: Expr,
    },
    /// `v' = fma(decay, v, gain*rest)`
    Exponential {
        /// `exp(z)`
        decay: Expr,
        /// `P`
        gain: Expr,
        /// `B`
        rest: Option<Expr>,
    },
    /// `w' = fma(A, Q, ... fma(L, w, w))`
    Synapse(SynapseForm),
    /// By stages, together with others.
    Stages {
        /// How many.
        integrator: Integrator,
        /// The right-hand side over the equation's factor.
        slope: Expr,
    },
}

/// The right-hand side of a synapse's variable.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SynapseForm {
    /// `L`
    pub linear: Option<Expr>,
    /// The other terms in source order.
    pub terms: Vec<Term>,
}

/// An additive term.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// `A`: what does not change along a row.
    pub row: Option<Expr>,
    /// `Q`: what does.
    pub rest: Option<Expr>,
}

/// Why an equation is stepped the way it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is an increment.
    Increment,
    /// The program says so.
    Asked,
    /// Its own coefficient is constant.
    ConstantCoefficient,
    /// Its own coefficient changes, or its right-hand side is not linear in the variable.
    ChangingCoefficient,
    /// It does not read itself.
    ReadsNotItself,
    /// It is a weight's.
    Weight,
    /// It has noise, which is taken at the start of the tick (Ito).
    Noise,
    /// Exponential was asked for, but the right-hand side is not linear in the variable.
    NotLinear,
}

/// The form of a state's equation, and why.
pub fn advance(program: &Program, id: VarId, equation: &Equation) -> (Advance, Reason) {
    let var = &program.vars[id];
    let projection = synapses_of(program, var);
    let factor = match &equation.form {
        Form::Increment => {
            let advance = match projection {
                Some(p) => Advance::Synapse(synapse(program, id, p, None, &equation.value)),
                None => Advance::Increment { value: equation.value.clone() },
            };
            return (advance, Reason::Increment);
        }
        Form::Rate { factor } => factor.as_ref(),
    };
    let noisy = is_noisy(program, &equation.value);
    let tick = number(program.tick, equation.span);
    let h = factor.map_or_else(|| tick.clone(), |f| div(tick.clone(), f.clone()));
    let euler = |reason| {
        let advance = match projection {
            Some(p) => Advance::Synapse(synapse(program, id, p, Some(&h), &equation.value)),
            None => Advance::Euler { h: h.clone(), value: equation.value.clone() },
        };
        (advance, reason)
    };
    let weight = matches!(var.owner, Owner::Projection(p) if program.projections[p].w == id);
    match equation.integrator {
        Some(Integrator::Euler) => euler(Reason::Asked),
        Some(integrator @ (Integrator::Heun | Integrator::Rk4)) => {
            let slope =
                factor.map_or_else(|| equation.value.clone(), |f| div(equation.value.clone(), f.clone()));
            (Advance::Stages { integrator, slope }, Reason::Asked)
        }
        Some(Integrator::Exponential) => match affine(&equation.value, id) {
            Some((rest, Some(own))) => (exponential(&tick, &h, factor, rest, own), Reason::Asked),
            Some((_, None)) => euler(Reason::ReadsNotItself),
            None => euler(Reason::NotLinear),
        },
        None if weight => euler(Reason::Weight),
        None if noisy => euler(Reason::Noise),
        None => match affine(&equation.value, id) {
            Some((_, None)) => euler(Reason::ReadsNotItself),
            Some((rest, Some(own)))
                if is_steady(program, &own) && factor.is_none_or(|f| is_steady(program, f)) =>
            {
                (exponential(&tick, &h, factor, rest, own), Reason::ConstantCoefficient)
            }
            _ => euler(Reason::ChangingCoefficient),
        },
    }
}

/// Whether an expression has white noise, `xi`: a number drawn in every tick, over the root of the tick.
fn is_noisy(program: &Program, e: &Expr) -> bool {
    let scale = 1.0 / program.tick.sqrt();
    let mut noisy = false;
    crate::ir::timeline::visit_expr(e, &mut |node| {
        if let ExprKind::Binary(BinaryOp::Mul, a, b) = &node.kind {
            let drawn = matches!(b.kind, ExprKind::Random { per_tick: true, .. });
            noisy |= drawn && matches!(a.kind, ExprKind::Number(v) if v == scale);
        }
    });
    noisy
}

/// The projection over whose synapses a variable is.
fn synapses_of<'p>(program: &'p Program, var: &Var) -> Option<&'p Projection> {
    match var.domain {
        Domain::Synapses(p) => Some(&program.projections[p]),
        _ => None,
    }
}

fn exponential(tick: &Expr, h: &Expr, factor: Option<&Expr>, rest: Option<Expr>, own: Expr) -> Advance {
    let z = mul(own, tick.clone());
    let z = factor.map_or_else(|| z.clone(), |f| div(z.clone(), f.clone()));
    let zero = super::expr::equals(z.clone(), number(0.0, z.span));
    let ratio = div(call(Function::Expm1, z.clone()), z.clone());
    let ratio = if_(zero, number(1.0, z.span), ratio);
    Advance::Exponential { decay: call(Function::Exp, z), gain: mul(h.clone(), ratio), rest }
}

/// `value` as `rest + own*v`, if it is of that form.
pub(super) fn affine(value: &Expr, v: VarId) -> Option<(Option<Expr>, Option<Expr>)> {
    if !reads(value, v) {
        return Some((Some(value.clone()), None));
    }
    let both = |a: Option<Expr>,
                b: Option<Expr>,
                join: &dyn Fn(Expr, Expr) -> Expr,
                alone: &dyn Fn(Expr) -> Expr| {
        match (a, b) {
            (Some(a), Some(b)) => Some(join(a, b)),
            (a, None) => a,
            (None, Some(b)) => Some(alone(b)),
        }
    };
    match &value.kind {
        ExprKind::Var(id) if *id == v => Some((None, Some(number(1.0, value.span)))),
        ExprKind::Unary(UnaryOp::Neg, a) => {
            let (rest, own) = affine(a, v)?;
            Some((rest.map(neg), own.map(neg)))
        }
        ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
            let ((ra, oa), (rb, ob)) = (affine(a, v)?, affine(b, v)?);
            let (join, alone): (&dyn Fn(Expr, Expr) -> Expr, &dyn Fn(Expr) -> Expr) = match op {
                BinaryOp::Add => (&add, &|b| b),
                _ => (&super::expr::sub, &neg),
            };
            Some((both(ra, rb, join, alone), both(oa, ob, join, alone)))
        }
        ExprKind::Binary(BinaryOp::Mul, a, b) if !reads(b, v) => {
            let (rest, own) = affine(a, v)?;
            Some((rest.map(|r| mul(r, (**b).clone())), own.map(|o| mul(o, (**b).clone()))))
        }
        ExprKind::Binary(BinaryOp::Mul, a, b) if !reads(a, v) => {
            let (rest, own) = affine(b, v)?;
            Some((rest.map(|r| mul((**a).clone(), r)), own.map(|o| mul((**a).clone(), o))))
        }
        ExprKind::Binary(BinaryOp::Div, a, b) if !reads(b, v) => {
            let (rest, own) = affine(a, v)?;
            Some((rest.map(|r| div(r, (**b).clone())), own.map(|o| div(o, (**b).clone()))))
        }
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Constant,
    Row,
    Column,
    Synapse,
}

fn level(program: &Program, projection: &Projection, e: &Expr) -> Level {
    let mut synapse = false;
    super::expr::visit_outside_reductions(e, &mut |node| {
        if let ExprKind::Var(id) = node.kind {
            synapse |= matches!(program.vars[id].domain, Domain::Synapses(_));
        }
    });
    let (rows, columns) = projection.axes.split_at(projection.post_axes.min(projection.axes.len()));
    let row = e.axes.iter().any(|a| rows.contains(a));
    let column = e.axes.iter().any(|a| columns.contains(a));
    match (synapse || (row && column), row, column) {
        (true, ..) => Level::Synapse,
        (_, true, _) => Level::Row,
        (_, _, true) => Level::Column,
        _ => Level::Constant,
    }
}

/// A factor, and whether it divides.
type Factor = (Expr, bool);

fn synapse(
    program: &Program,
    id: VarId,
    projection: &Projection,
    h: Option<&Expr>,
    value: &Expr,
) -> SynapseForm {
    let mut terms = Vec::new();
    split_sum(value, false, &mut terms);
    let h_level = h.map(|h| level(program, projection, h));
    let h_in_row = h_level.is_none_or(|l| l <= Level::Row);
    let mut own: Option<Expr> = None;
    let mut form = SynapseForm::default();
    for (term, negative) in terms {
        let mut factors = Vec::new();
        let negative = negative ^ split_product(term, false, &mut factors);
        let own_at = factors.iter().position(|(f, inverse)| !inverse && f.kind == ExprKind::Var(id));
        let alone = |at: usize| {
            let mut others = factors.iter().enumerate().filter(|(i, _)| *i != at);
            others.all(|(_, (f, _))| level(program, projection, f) <= Level::Row)
        };
        if let (Some(at), true) = (own_at.filter(|at| alone(*at)), h_in_row) {
            let own_span = factors.remove(at).0.span;
            let row = by_level(program, projection, &factors, &[Level::Constant, Level::Row]);
            let coefficient = signed(product(row).unwrap_or_else(|| number(1.0, own_span)), negative);
            own = Some(match own {
                Some(sum) => add(sum, coefficient),
                None => coefficient,
            });
            continue;
        }
        let mut row = by_level(program, projection, &factors, &[Level::Constant, Level::Row]);
        let mut rest = by_level(program, projection, &factors, &[Level::Column, Level::Synapse]);
        match (h, h_level) {
            (Some(h), Some(Level::Column)) => {
                let columns =
                    rest.iter().take_while(|(f, _)| level(program, projection, f) == Level::Column).count();
                rest.insert(columns, (h.clone(), false));
            }
            (Some(h), Some(Level::Synapse)) => rest.push((h.clone(), false)),
            (Some(h), _) => row.push((h.clone(), false)),
            (None, _) => {}
        }
        let (row, rest) = (product(row), product(rest));
        form.terms.push(match row {
            Some(row) => Term { row: Some(signed(row, negative)), rest },
            None => Term { row: None, rest: rest.map(|r| signed(r, negative)) },
        });
    }
    form.linear = own.map(|own| h.map_or_else(|| own.clone(), |h| mul(own.clone(), h.clone())));
    form
}

fn split_sum<'e>(e: &'e Expr, negative: bool, terms: &mut Vec<(&'e Expr, bool)>) {
    match &e.kind {
        ExprKind::Binary(BinaryOp::Add, a, b) => {
            split_sum(a, negative, terms);
            split_sum(b, negative, terms);
        }
        ExprKind::Binary(BinaryOp::Sub, a, b) => {
            split_sum(a, negative, terms);
            split_sum(b, !negative, terms);
        }
        ExprKind::Unary(UnaryOp::Neg, a) => split_sum(a, !negative, terms),
        _ => terms.push((e, negative)),
    }
}

/// The factors of a product in source order; whether it has a minus sign.
fn split_product(e: &Expr, inverse: bool, factors: &mut Vec<Factor>) -> bool {
    match &e.kind {
        ExprKind::Binary(BinaryOp::Mul, a, b) => {
            split_product(a, inverse, factors) ^ split_product(b, inverse, factors)
        }
        ExprKind::Binary(BinaryOp::Div, a, b) => {
            split_product(a, inverse, factors) ^ split_product(b, !inverse, factors)
        }
        ExprKind::Unary(UnaryOp::Neg, a) if e.ty == Ty::Number => !split_product(a, inverse, factors),
        _ => {
            factors.push((e.clone(), inverse));
            false
        }
    }
}

fn by_level(program: &Program, projection: &Projection, factors: &[Factor], levels: &[Level]) -> Vec<Factor> {
    let of = |l: Level| factors.iter().filter(move |(f, _)| level(program, projection, f) == l).cloned();
    levels.iter().flat_map(|l| of(*l)).collect()
}

fn product(factors: Vec<Factor>) -> Option<Expr> {
    factors.into_iter().fold(None, |product, (factor, inverse)| {
        Some(match (product, inverse) {
            (None, false) => factor,
            (None, true) => div(number(1.0, factor.span), factor),
            (Some(p), false) => mul(p, factor),
            (Some(p), true) => div(p, factor),
        })
    })
}

fn signed(e: Expr, negative: bool) -> Expr {
    if negative { neg(e) } else { e }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::hir::testing::*;
    use crate::hir::{Connect, ProjId, VarKind};

    fn text(net: &Net, e: &Expr) -> String {
        match &e.kind {
            ExprKind::Number(v) => format!("{v}"),
            ExprKind::Var(v) => net.program.vars[*v].name.rsplit('.').next().unwrap().to_string(),
            ExprKind::Param(p) => net.program.params[*p].name.clone(),
            ExprKind::Unary(_, a) => format!("-{}", text(net, a)),
            ExprKind::Binary(op, a, b) => {
                let op = match op {
                    BinaryOp::Add => '+',
                    BinaryOp::Sub => '-',
                    BinaryOp::Mul => '*',
                    BinaryOp::Div => '/',
                    _ => '^',
                };
                format!("({} {op} {})", text(net, a), text(net, b))
            }
            _ => "?".into(),
        }
    }

    fn bcm() -> (Net, ProjId, VarId) {
        let mut net = Net::new(0.1);
        let (a, b) = (net.axis("i", 3), net.axis("j", 2));
        let (input, _) = net.input("input", &[a]);
        let cortex = net.population("cortex", &[b]);
        let ff = net.synapses("ff", input, cortex, Connect::All, 0.5);
        let drive = net.drive(ff);
        net.follows(cortex, "y", drive);
        let theta = net.rule_var(ff, "theta", Domain::Post, 1.0, None);
        (net, ff, theta)
    }

    fn form(net: &Net, ff: ProjId, e: &Equation) -> SynapseForm {
        match advance(&net.program, net.program.projections[ff].w, e).0 {
            Advance::Synapse(form) => form,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_weight_has_a_row_factor_times_a_column_factor_after_its_decay() {
        let (mut net, ff, theta) = bcm();
        let (eta, lambda) = (net.param("eta", 1e-3, false), net.param("lambda", 1e-4, false));
        let grow = net.get(eta) * net.x(ff) * net.y(ff) * (net.y(ff) - net.see(theta));
        let value = grow - net.get(lambda) * net.w(ff);
        let form = form(&net, ff, &rate(value));
        assert_eq!(text(&net, form.linear.as_ref().unwrap()), "(-lambda * 0.1)");
        assert_eq!(form.terms.len(), 1);
        assert_eq!(text(&net, form.terms[0].row.as_ref().unwrap()), "(((eta * y) * (y - theta)) * 0.1)");
        assert_eq!(text(&net, form.terms[0].rest.as_ref().unwrap()), "y");
    }

    #[test]
    fn a_quotient_keeps_dividing_and_an_increment_has_no_tick() {
        let (mut net, ff, theta) = bcm();
        let k = net.param("k", 2.0, false);
        let value = -(net.x(ff) * net.w(ff) / net.see(theta) * net.get(k)) + net.x(ff) / net.get(k);
        let form = form(&net, ff, &increment(value));
        assert!(form.linear.is_none());
        assert_eq!(text(&net, form.terms[0].row.as_ref().unwrap()), "-(k / theta)");
        assert_eq!(text(&net, form.terms[0].rest.as_ref().unwrap()), "(y * w)");
        assert_eq!(text(&net, form.terms[1].row.as_ref().unwrap()), "(1 / k)");
    }

    #[test]
    fn exponential_is_the_default_where_the_own_coefficient_is_constant() {
        let (mut net, ff, theta) = bcm();
        let tau = net.param("tau", 10.0, false);
        let value = (net.y(ff) - net.see(theta)) / net.get(tau);
        let (advance, reason) = advance(&net.program, theta, &rate(value));
        assert_eq!(reason, Reason::ConstantCoefficient);
        let Advance::Exponential { decay, rest, .. } = advance else { panic!() };
        let ExprKind::Call(Function::Exp, z) = &decay.kind else { panic!() };
        assert_eq!(text(&net, &z[0]), "((-1 / tau) * 0.1)");
        assert_eq!(text(&net, &rest.unwrap()), "(y / tau)");
    }

    #[test]
    fn euler_is_the_default_elsewhere() {
        let (mut net, ff, theta) = bcm();
        let gain = net.param("gain", 1.0, true);
        let w = net.program.projections[ff].w;
        let reason = |e: Expr, v| advance(&net.program, v, &rate(e)).1;
        assert_eq!(reason(-net.see(theta) * net.y(ff), theta), Reason::ChangingCoefficient);
        // a parameter that is set changes between statements, and not in a tick
        assert_eq!(reason(-net.see(theta) * net.get(gain), theta), Reason::ConstantCoefficient);
        assert_eq!(reason(-net.see(theta) * net.see(theta), theta), Reason::ChangingCoefficient);
        assert_eq!(reason(net.y(ff), theta), Reason::ReadsNotItself);
        assert_eq!(reason(-net.w(ff), w), Reason::Weight);
        assert!(matches!(net.program.vars[theta].kind, VarKind::State { .. }));
    }
}
