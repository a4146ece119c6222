use super::reads;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Domain, Equation, Expr, ExprKind, Owner, ProjId, VarId, VarKind};
use crate::sema::checker::Checker;
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, UnaryOp};
use std::collections::HashSet;

/// With which sign a variable is added to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

impl Sign {
    fn other(self) -> Self {
        if self == Sign::Plus { Sign::Minus } else { Sign::Plus }
    }
}

impl Checker<'_, '_> {
    /// The founding bug: a variable that is added to and never reset or decayed, and is itself added to another.
    pub(super) fn lint_stale_accumulator(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let p = self.program.projections[id].clone();
        let mut candidates = p.vars.clone();
        for population in [p.pre, p.post] {
            let population = &self.program.populations[population];
            candidates.extend(population.vars.iter().filter(|v| population.output != Some(**v)));
        }
        candidates.dedup();
        for b in candidates {
            let Some(own) = self.equation(b).filter(|e| b != p.w && !self.falls_back(e, b)) else { continue };
            let held = p.bounds.iter().any(|x| x.var == b) || p.normalise.iter().any(|n| n.var == b);
            // One value for many synapses that counts against them is a controller: a threshold, a set point.
            let per_synapse = matches!(self.program.vars[b].domain, Domain::Synapses(_));
            let counts = |sign: Sign| per_synapse || sign == Sign::Plus;
            let fed = p.vars.iter().copied().filter(|v| *v != b && !held).find_map(|v| {
                let e = self.equation(v)?;
                self.added(&e.value, b, &mut vec![v]).filter(|s| counts(*s)).map(|_| (v, e.span))
            });
            let Some((target, at)) = fed else { continue };
            let (buffer_name, target_name) = (self.own_name(b).to_owned(), self.own_name(target).to_owned());
            let mut d = Diagnostic::new(
                Code::W0601,
                own.span,
                format!("`{buffer_name}` is added to and never reset or decayed"),
                "accumulates for ever",
            )
            .label(at, format!("and is added to `{target_name}` again at every step"))
            .label(self.program.vars[b].span, "starts here, once");
            if reads(&own.value, target) {
                d = d.note(format!(
                    "as it answers to `{target_name}` itself, the two swing like a spring: with a decay lambda, a period of\n2 pi / arccos(1 - lambda*tick/2) ticks, which no first-order equation can have"
                ));
            }
            d = d
                .help(format!("for the change of this step alone, put the expression into the equation of `{target_name}`"))
                .help(format!("for a trace that fades, give it a decay: `tau * d{buffer_name}/dt = -{buffer_name} + ...`"));
            let items = self.items_of(id);
            self.warn(&items, d, allowed);
        }
    }

    fn equation(&self, var: VarId) -> Option<Equation> {
        match &self.program.vars[var].kind {
            VarKind::State { equation, .. } => equation.clone(),
            _ => None,
        }
    }

    /// Whether some term of a variable's equation pulls it back to where it came from.
    fn falls_back(&self, equation: &Equation, b: VarId) -> bool {
        let mut terms = Vec::new();
        split(&equation.value, false, &mut terms);
        terms
            .iter()
            .any(|(term, negative)| reads(term, b) && (*negative || self.may_fall(term, &mut vec![b])))
    }

    /// Whether a variable is added by this expression, directly or through other variables of the rule and the cells
    /// that are not their outputs.
    fn added(&self, e: &Expr, b: VarId, through: &mut Vec<VarId>) -> Option<Sign> {
        let mut go = |e: &Expr| self.added(e, b, through);
        match &e.kind {
            ExprKind::Var(v) if *v == b => Some(Sign::Plus),
            ExprKind::Var(v) => {
                let var = &self.program.vars[*v];
                let output = match var.owner {
                    Owner::Population(p) => {
                        self.program.populations[p].output == Some(*v) || self.own_name(*v) == "drive"
                    }
                    Owner::Projection(p) => {
                        let p = &self.program.projections[p];
                        p.x == Some(*v) || p.drive == Some(*v)
                    }
                };
                if output || through.contains(v) {
                    return None;
                }
                through.push(*v);
                match &var.kind {
                    VarKind::Instantaneous(e) => self.added(e, b, through),
                    VarKind::State { equation: Some(e), .. } => self.added(&e.value, b, through),
                    _ => None,
                }
            }
            ExprKind::Unary(UnaryOp::Neg, a) => go(a).map(Sign::other),
            ExprKind::Binary(BinaryOp::Add | BinaryOp::Mul, x, y) => go(x).or_else(|| go(y)),
            ExprKind::Binary(BinaryOp::Sub, x, y) => go(x).or_else(|| go(y).map(Sign::other)),
            ExprKind::Binary(BinaryOp::Div, x, _) => go(x),
            ExprKind::Call(_, args) => args.iter().find_map(go),
            ExprKind::If(_, x, y) => go(x).or_else(|| go(y)),
            ExprKind::Reduce { args, .. } => args.iter().find_map(go),
            ExprKind::Index { base, .. } => go(base),
            _ => None,
        }
    }
}

/// The terms of a sum, each with whether it is subtracted.
fn split<'e>(e: &'e Expr, negative: bool, terms: &mut Vec<(&'e Expr, bool)>) {
    match &e.kind {
        ExprKind::Binary(BinaryOp::Add, a, b) => {
            split(a, negative, terms);
            split(b, negative, terms);
        }
        ExprKind::Binary(BinaryOp::Sub, a, b) => {
            split(a, negative, terms);
            split(b, !negative, terms);
        }
        ExprKind::Unary(UnaryOp::Neg, a) => split(a, !negative, terms),
        ExprKind::Binary(BinaryOp::Div, a, _)
            if matches!(a.kind, ExprKind::Binary(BinaryOp::Add | BinaryOp::Sub, ..)) =>
        {
            split(a, negative, terms);
        }
        _ => terms.push((e, negative)),
    }
}
