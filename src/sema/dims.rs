//! Dimensions with unknowns, and the solver that finds them.
//!
//! A [`Term`] is a product of base dimensions and powers of unknowns. Requiring two terms to be equal binds one
//! unknown (Gaussian elimination over rational exponents), so the order of requirements does not matter.

use crate::units::{Dim, Ratio};

const ZERO: Ratio = Ratio { num: 0, den: 1 };

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs().max(1) } else { gcd(b, a % b) }
}

/// A rational in lowest terms; exponents beyond `i16` are clamped (no physical quantity has them).
pub(super) fn ratio(num: i64, den: i64) -> Ratio {
    let sign = if den < 0 { -1 } else { 1 };
    let g = gcd(num, den);
    let clamp = |v: i64| v.clamp(-i64::from(i16::MAX), i64::from(i16::MAX)) as i16;
    Ratio { num: clamp(sign * num / g), den: clamp((sign * den / g).max(1)) }
}

fn add(a: Ratio, b: Ratio) -> Ratio {
    let (an, ad, bn, bd) = (i64::from(a.num), i64::from(a.den), i64::from(b.num), i64::from(b.den));
    ratio(an * bd + bn * ad, ad * bd)
}

fn mul(a: Ratio, b: Ratio) -> Ratio {
    ratio(i64::from(a.num) * i64::from(b.num), i64::from(a.den) * i64::from(b.den))
}

/// An unknown dimension.
pub(super) type Unknown = u32;

/// A dimension that may contain unknowns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    base: [Ratio; 6],
    unknowns: Vec<(Unknown, Ratio)>,
}

impl From<Dim> for Term {
    fn from(dim: Dim) -> Self {
        Term { base: dim.exponents, unknowns: Vec::new() }
    }
}

impl Term {
    /// A plain number.
    pub fn plain() -> Self {
        Term { base: [ZERO; 6], unknowns: Vec::new() }
    }

    /// Time to the given power.
    pub fn time(power: i64) -> Self {
        let mut t = Term::plain();
        t.base[2] = ratio(power, 1);
        t
    }

    pub fn mul(&self, other: &Term) -> Term {
        let mut t = self.clone();
        for (a, b) in t.base.iter_mut().zip(&other.base) {
            *a = add(*a, *b);
        }
        for &(u, p) in &other.unknowns {
            match t.unknowns.iter_mut().find(|(v, _)| *v == u) {
                Some((_, q)) => *q = add(*q, p),
                None => t.unknowns.push((u, p)),
            }
        }
        t.unknowns.retain(|(_, p)| p.num != 0);
        t.unknowns.sort_unstable_by_key(|(u, _)| *u);
        t
    }

    pub fn pow(&self, power: Ratio) -> Term {
        let mut t = self.clone();
        t.base.iter_mut().for_each(|e| *e = mul(*e, power));
        t.unknowns.iter_mut().for_each(|(_, p)| *p = mul(*p, power));
        t.unknowns.retain(|(_, p)| p.num != 0);
        t
    }

    pub fn div(&self, other: &Term) -> Term {
        self.mul(&other.pow(ratio(-1, 1)))
    }

    /// Whether it is a plain number for certain.
    pub fn is_plain(&self) -> bool {
        self.unknowns.is_empty() && self.base.iter().all(|e| e.num == 0)
    }

    /// The dimension, if nothing is unknown.
    pub fn known(&self) -> Option<Dim> {
        self.unknowns.is_empty().then_some(Dim { exponents: self.base })
    }

    /// The known part.
    pub fn base(&self) -> Dim {
        Dim { exponents: self.base }
    }

    /// Unknowns with their powers.
    pub fn unknowns(&self) -> &[(Unknown, Ratio)] {
        &self.unknowns
    }
}

/// Finds unknown dimensions.
#[derive(Debug, Clone, Default)]
pub(super) struct Solver {
    bindings: Vec<Option<Term>>,
    names: Vec<Option<String>>,
}

impl Solver {
    /// A new unknown. `name` is what messages call it: `[w]`.
    pub fn fresh(&mut self, name: Option<&str>) -> Term {
        self.bindings.push(None);
        self.names.push(name.map(str::to_owned));
        Term { base: [ZERO; 6], unknowns: vec![(self.bindings.len() as u32 - 1, ratio(1, 1))] }
    }

    /// What an unknown is called.
    pub fn name(&self, unknown: Unknown) -> Option<&str> {
        self.names[unknown as usize].as_deref()
    }

    /// The term with everything found so far put in.
    pub fn resolve(&self, term: &Term) -> Term {
        let mut out = Term { base: term.base, unknowns: Vec::new() };
        for &(u, p) in &term.unknowns {
            let part = match &self.bindings[u as usize] {
                Some(bound) => self.resolve(bound).pow(p),
                None => Term { base: [ZERO; 6], unknowns: vec![(u, p)] },
            };
            out = out.mul(&part);
        }
        out
    }

    /// Requires `a` and `b` to be equal; `false` if they cannot be.
    pub fn unify(&mut self, a: &Term, b: &Term) -> bool {
        let quotient = self.resolve(&a.div(b));
        // The newest unknown is bound, so that names of populations survive those of literals.
        let Some(&(u, p)) = quotient.unknowns.last() else { return quotient.is_plain() };
        let one = Term { base: [ZERO; 6], unknowns: vec![(u, p)] };
        let rest = quotient.div(&one).pow(ratio(-i64::from(p.den), i64::from(p.num)));
        self.bindings[u as usize] = Some(rest);
        true
    }

    /// The dimension, unknowns that nothing determines taken as plain numbers.
    pub fn settle(&self, term: &Term) -> Dim {
        self.resolve(term).base()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_solves_for_its_parameters() {
        // dw/dt = eta*x*y*y in Hz: [eta] = [w] s^-1 / Hz^3 = s^2
        let mut s = Solver::default();
        let (eta, hz) = (s.fresh(Some("eta")), Term::time(-1));
        let rhs = eta.mul(&hz).mul(&hz).mul(&hz);
        assert!(s.unify(&rhs, &Term::plain().div(&Term::time(1))));
        assert_eq!(s.settle(&eta), Term::time(2).base());
    }

    #[test]
    fn roots_are_solved_and_conflicts_found() {
        let mut s = Solver::default();
        let a = s.fresh(None);
        assert!(s.unify(&a.mul(&a), &Term::time(1)));
        assert_eq!(s.settle(&a), Term::time(1).pow(ratio(1, 2)).base());
        assert!(!s.unify(&a, &Term::time(1)));
    }

    #[test]
    fn a_chain_of_unknowns_resolves() {
        let mut s = Solver::default();
        let (a, b, c) = (s.fresh(None), s.fresh(None), s.fresh(None));
        assert!(s.unify(&a, &b) && s.unify(&b, &c) && s.unify(&c, &Term::time(-1)));
        assert_eq!(s.settle(&a), Term::time(-1).base());
        assert!(!s.unify(&a, &Term::plain()));
    }
}
