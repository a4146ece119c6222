//! Variables of populations and projections by name, and the axes they are seen with.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::items;
use super::typed::{Stage, Typed};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{self, AxisId, Domain, ExprKind, PopId, ProjId, VarId};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

impl Checker<'_, '_> {
    /// A population's variable by its own name.
    pub fn member_of_population(&self, population: PopId, name: &str) -> Option<VarId> {
        let p = &self.program.populations[population];
        p.vars.iter().copied().find(|v| self.own_name(*v) == name)
    }

    /// A projection's variable by its own name.
    pub fn member_of_projection(&self, projection: ProjId, name: &str) -> Option<VarId> {
        let p = &self.program.projections[projection];
        p.vars.iter().copied().find(|v| self.own_name(*v) == name)
    }

    pub(super) fn own_name(&self, var: VarId) -> &str {
        let name = &self.program.vars[var].name;
        name.rsplit_once('.').map_or(name, |(_, n)| n)
    }

    /// The population of this name.
    pub fn population(&self, name: &str) -> Option<PopId> {
        self.program.populations.iter_enumerated().find(|(_, p)| p.name == name).map(|(id, _)| id)
    }

    /// The projection of this name.
    pub fn projection(&self, name: &str) -> Option<ProjId> {
        self.program.projections.iter_enumerated().find(|(_, p)| p.name == name).map(|(id, _)| id)
    }

    /// The axes of one side of a projection, as its expressions call them.
    pub fn side_axes(&self, projection: ProjId, side: AxisSide) -> Vec<AxisId> {
        let p = &self.program.projections[projection];
        match (side, &p.connect) {
            (_, hir::Connect::OneToOne) => p.axes.clone(),
            (AxisSide::Post, _) => p.axes[..p.post_axes].to_vec(),
            (AxisSide::Pre, _) => p.axes[p.post_axes..].to_vec(),
        }
    }

    /// The axes along which one cell's partners lie: those of that side; none where each cell has only one partner.
    pub fn partners(&self, projection: ProjId, side: AxisSide) -> Vec<AxisId> {
        match self.program.projections[projection].connect {
            hir::Connect::OneToOne => Vec::new(),
            _ => self.side_axes(projection, side),
        }
    }

    /// What a projection's expressions call the storage axes of a variable.
    pub fn axes_in_projection(&self, projection: ProjId, var: VarId) -> Vec<AxisId> {
        let p = &self.program.projections[projection];
        match self.program.vars[var].domain {
            Domain::Synapses(_) => p.axes.clone(),
            Domain::Pre(_) => self.side_axes(projection, AxisSide::Pre),
            Domain::Post(_) => self.side_axes(projection, AxisSide::Post),
            // In a recurrent projection the rule knows which side it means; see `x` and `y`.
            Domain::Cells(pop) if pop == p.post && Some(var) != p.x => {
                self.side_axes(projection, AxisSide::Post)
            }
            Domain::Cells(_) => self.side_axes(projection, AxisSide::Pre),
        }
    }

    /// What others call them: a variable of one side runs along the axes of that population, a variable of synapses
    /// along both, told apart where they have one name.
    pub(super) fn axes_outside(&self, projection: ProjId, var: VarId) -> Vec<AxisId> {
        let p = &self.program.projections[projection];
        match self.program.vars[var].domain {
            Domain::Pre(_) => self.program.populations[p.pre].axes.clone(),
            Domain::Post(_) => self.program.populations[p.post].axes.clone(),
            _ => self.axes_in_projection(projection, var),
        }
    }

    /// A name inside a population's equation.
    pub fn population_name(&mut self, population: PopId, name: &ast::Ident) -> Option<Typed> {
        if name.text == "drive" && self.member_of_population(population, "drive").is_none() {
            let p = &self.program.populations[population];
            // A projection that was refused would drive it.
            if self.items.ends_in(&p.name) {
                return Some(self.poison(name.span));
            }
            let d = Diagnostic::new(
                Code::E0209,
                name.span,
                format!("nothing drives `{}`", p.name),
                "`drive` is the sum over incoming projections",
            )
            .label(p.span, "no `synapses ... -> ` ends here")
            .help(format!("declare a projection, such as `synapses ff: input -> {} {{ ... }}`", p.name));
            return Some(self.refuse(d));
        }
        let id = self.member_of_population(population, &name.text)?;
        let axes = self.program.vars[id].axes.clone();
        Some(self.variable(id, axes, name.span))
    }

    /// A name inside a projection's own lines: `w`, a rule variable, an axis.
    pub fn projection_name(&mut self, projection: ProjId, name: &str, span: Span) -> Option<Typed> {
        if let Some(id) = self.member_of_projection(projection, name) {
            let axes = self.axes_in_projection(projection, id);
            return Some(self.variable(id, axes, span));
        }
        let side = match name {
            "pre" => AxisSide::Pre,
            "post" => AxisSide::Post,
            _ => return None,
        };
        let axes = self.side_axes(projection, side);
        Some(Typed::new(ExprKind::Flat(axes.clone()), axes, span, Term::plain(), Stage::Constant))
    }

    pub(super) fn members_of(&self, name: &str) -> Vec<String> {
        let vars = match (self.population(name), self.projection(name)) {
            (Some(p), _) => &self.program.populations[p].vars,
            (_, Some(p)) => &self.program.projections[p].vars,
            _ => return Vec::new(),
        };
        vars.iter()
            .map(|v| self.own_name(*v).to_owned())
            .filter(|n| n != "x" && n != "y")
            .chain(
                vars.iter()
                    .filter(|v| matches!(self.program.vars[**v].owner, hir::Owner::Population(_)))
                    .map(|v| self.own_name(*v).to_owned())
                    .filter(|n| n == "y"),
            )
            .collect()
    }

    /// Whether a projection learns by a rule that was refused: what it lacks was not said to be wrong of it.
    pub fn learns_by_a_bad_rule(&self, projection: &str) -> bool {
        let Some(ItemKind::Synapses(s)) = self.items.get(projection).map(|i| &i.kind) else { return false };
        s.members.iter().any(|m| match &m.kind {
            ast::MemberKind::Rule { rule } => self
                .rule_value(rule)
                .is_some_and(|(item, _)| items::name(item).is_some_and(|n| self.bad_rules.contains(&n.text))),
            _ => false,
        })
    }

    /// Whether the rule was refused and has a line `w = ...`, which was said to be out of place.
    pub fn writes_weight_in_a_bad_rule(&self, s: &ast::Synapses) -> bool {
        self.learns_by_a_bad_rule(&s.name.text)
            && s.members.iter().any(|m| {
                let ast::MemberKind::Rule { rule } = &m.kind else { return false };
                let Some((item, _)) = self.rule_value(rule) else { return false };
                let ItemKind::Rule(rule) = &item.kind else { return false };
                rule.members.iter().any(|m| {
                    matches!(&m.kind, ast::MemberKind::Equation(e)
                    if e.name.text == "w" && e.form == ast::Form::Instantaneous)
                })
            })
    }

    pub(super) fn no_member(&mut self, owner: &ast::Ident, name: &ast::Ident) -> Typed {
        if self.learns_by_a_bad_rule(&owner.text) {
            return self.poison(name.span);
        }
        let members = self.members_of(&owner.text);
        let mut d = Diagnostic::new(
            Code::E0208,
            name.span,
            format!("`{}` has no variable `{}`", owner.text, self.sources.text(name.span)),
            "no such variable",
        );
        if let Some(near) = nearest(&name.text, members.iter().map(String::as_str)) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        }
        if let Some(list) = list(members.iter().map(String::as_str)) {
            d = d.note(format!("`{}` has: {list}", owner.text));
        }
        if let Some(item) = self.items.get(&owner.text) {
            d = d.label(items::head(item), format!("`{}` is declared here", owner.text));
        }
        self.refuse(d)
    }
}
