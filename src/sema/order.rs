//! The order of instantaneous variables, and the circles among them that are refused.

use super::checker::Checker;
use crate::diag::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind, Owner, Statement, StatementKind, VarId, VarKind};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

fn reads(e: &Expr, out: &mut BTreeSet<VarId>) {
    super::visit(e, &mut |e| {
        if let ExprKind::Var(v) = e.kind {
            out.insert(v);
        }
    });
}

/// What teaching makes each variable read, and where the first teaching stands.
type Taught = BTreeMap<VarId, (BTreeSet<VarId>, Span)>;

fn teachings(body: &[Statement], out: &mut Taught) {
    for s in body {
        match &s.kind {
            StatementKind::Teach { var, value, .. } => {
                reads(value, &mut out.entry(*var).or_insert_with(|| (BTreeSet::new(), s.span)).0);
            }
            StatementKind::Phase { body, .. }
            | StatementKind::Repeat { body, .. }
            | StatementKind::For { body, .. }
            | StatementKind::Together { body, .. } => teachings(body, out),
            _ => {}
        }
    }
}

impl Checker<'_, '_> {
    /// An order in which every instantaneous variable reads only earlier ones, ties in name order.
    pub fn instantaneous_order(&mut self) -> Vec<VarId> {
        let mut taught = Taught::new();
        teachings(&self.program.protocol, &mut taught);
        for c in &self.program.controls {
            teachings(c.body.as_deref().unwrap_or(&[]), &mut taught);
        }
        let mut needs: BTreeMap<VarId, BTreeSet<VarId>> = BTreeMap::new();
        for (id, var) in self.program.vars.iter_enumerated() {
            let VarKind::Instantaneous(e) = &var.kind else { continue };
            let mut read = taught.get(&id).map_or_else(BTreeSet::new, |t| t.0.clone());
            reads(e, &mut read);
            read.retain(|v| matches!(self.program.vars[*v].kind, VarKind::Instantaneous(_)));
            needs.insert(id, read);
        }
        let mut by_name: Vec<VarId> = needs.keys().copied().collect();
        by_name.sort_by(|a, b| self.program.vars[*a].name.cmp(&self.program.vars[*b].name));
        let mut order: Vec<VarId> = Vec::new();
        let mut placed: BTreeSet<VarId> = BTreeSet::new();
        while order.len() < by_name.len() {
            let ready = by_name
                .iter()
                .copied()
                .find(|v| !placed.contains(v) && needs[v].iter().all(|n| placed.contains(n)));
            match ready {
                Some(next) => {
                    placed.insert(next);
                    order.push(next);
                }
                // Counted as placed, so that the next circle is found too.
                None => {
                    let circle = self.report_circle(&needs, &placed, &taught);
                    if circle.is_empty() {
                        return order;
                    }
                    order.extend(&circle);
                    placed.extend(circle);
                }
            }
        }
        order
    }

    /// Reports a circle among the variables that are not yet placed; gives its members.
    fn report_circle(
        &mut self,
        needs: &BTreeMap<VarId, BTreeSet<VarId>>,
        placed: &BTreeSet<VarId>,
        taught: &Taught,
    ) -> Vec<VarId> {
        let open = |v: &VarId| !placed.contains(v);
        let Some(mut at) = needs.keys().copied().find(open) else { return Vec::new() };
        let mut walk: Vec<VarId> = Vec::new();
        while !walk.contains(&at) {
            walk.push(at);
            match needs[&at].iter().copied().find(open) {
                Some(next) => at = next,
                None => return Vec::new(),
            }
        }
        let from = walk.iter().position(|v| *v == at).unwrap_or(0);
        let mut circle: Vec<VarId> = walk[from..].to_vec();
        // It is told in the direction in which activity flows, from the first name on.
        circle.reverse();
        let first = (0..circle.len()).min_by_key(|i| &self.program.vars[circle[*i]].name).unwrap_or(0);
        circle.rotate_left(first);
        let names: Vec<String> = circle
            .iter()
            .chain(circle.first())
            .map(|v| format!("`{}`", self.program.vars[*v].name))
            .collect();
        let outputs: Vec<VarId> = circle
            .iter()
            .copied()
            .filter(|v| {
                matches!(self.program.vars[*v].owner, Owner::Population(_))
                    && !self.program.vars[*v].name.ends_with(".drive")
            })
            .collect();
        let shown = outputs.first().or(circle.first()).copied();
        let Some(shown) = shown else { return Vec::new() };
        let span = self.program.vars[shown].span;
        let mut d = Diagnostic::new(
            Code::E0601,
            span,
            format!("`{}` depends on itself within one instant", self.program.vars[shown].name),
            "computed from itself",
        )
        .note(format!("the circle: {}", names.join(" -> ")));
        for v in circle.iter().filter(|v| **v != shown && self.program.vars[**v].span != span) {
            let var = &self.program.vars[*v];
            if !var.name.ends_with(".drive") || matches!(var.owner, Owner::Projection(_)) {
                d = d.label(var.span, format!("through `{}`", var.name));
            }
        }
        let inside: BTreeSet<VarId> = circle.iter().copied().collect();
        let teaching = circle.iter().find_map(|v| {
            let (read, at) = taught.get(v)?;
            let mut own = BTreeSet::new();
            if let VarKind::Instantaneous(e) = &self.program.vars[*v].kind {
                reads(e, &mut own);
            }
            (own.is_disjoint(&inside) && !read.is_disjoint(&inside)).then_some(*at)
        });
        if let Some(at) = teaching {
            d = d.label(at, "through this teaching");
        }
        let projection = circle.iter().find_map(|v| match self.program.vars[*v].owner {
            Owner::Projection(p) => Some(self.program.projections[p].name.clone()),
            Owner::Population(_) => None,
        });
        let d = match projection {
            _ if teaching.is_some() => {
                d.help("teach by what does not depend on the output, such as a stimulus or a state")
            }
            Some(p) => d.help(format!("give the projection `{p}` a delay: `delay 1 tick`")).help(
                "or give a member of the circle a time constant: `state v = 0; 20 ms * dv/dt = -v + ...`",
            ),
            None => {
                d.help("give a member of the circle a time constant: `state v = 0; 20 ms * dv/dt = -v + ...`")
            }
        };
        self.report(d);
        circle
    }
}
