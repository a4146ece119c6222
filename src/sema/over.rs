//! Which axes the words behind `over` name.

use super::axes::AxisSide;
use super::checker::Checker;
use super::typed::{Binding, Place, Scope, Typed};
use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::AxisId;
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_, '_> {
    /// The axes a binder or loop names: an axis in scope, `pre`, `post`, or a population.
    pub(super) fn axes_named(&mut self, name: &ast::AxisName, scope: &Scope) -> Option<Vec<AxisId>> {
        let projection = match scope.place {
            Place::Rule(p, _) | Place::Projection(p) => Some(p),
            _ => None,
        };
        if let (None, Some(p)) = (&name.owner, projection) {
            match name.name.text.as_str() {
                "pre" => return Some(self.partners(p, AxisSide::Pre)),
                "post" => return Some(self.partners(p, AxisSide::Post)),
                _ => {}
            }
        }
        if name.owner.is_none() {
            if let Some((_, Binding::Coord(axis) | Binding::Binder(axis), _)) = scope.find(&name.name.text) {
                return Some(vec![*axis]);
            }
            if let Some(p) = self.population(&name.name.text) {
                self.used.insert(name.name.text.clone());
                return Some(self.program.populations[p].axes.clone());
            }
        }
        let full = match &name.owner {
            Some(o) => format!("{}.{}", o.text, name.name.text),
            None => name.name.text.clone(),
        };
        let mut known: Vec<AxisId> = match (&scope.place, projection) {
            (_, Some(p)) => self.program.projections[p].axes.clone(),
            (Place::Population(p), _) => self.program.populations[*p].axes.clone(),
            _ => Vec::new(),
        };
        if let Some(owner) = &name.owner
            && let Some(p) = self.population(&owner.text)
        {
            self.used.insert(owner.text.clone());
            known = self.program.populations[p].axes.clone();
            if let Some(a) = known.iter().find(|a| self.axes.name(**a) == name.name.text) {
                return Some(vec![*a]);
            }
        }
        if let Some(a) = known.iter().find(|a| self.axes.name(**a) == full) {
            return Some(vec![*a]);
        }
        // Outside any item's axes: the one axis of this name, if all that have the name agree.
        let all = self.axes.named(&full);
        if let [one] = all.as_slice() {
            return Some(vec![*one]);
        }
        let span = name.owner.as_ref().map_or(name.name.span, |o| o.span.to(name.name.span));
        let mut d =
            Diagnostic::new(Code::E0403, span, format!("there is no axis `{full}` here"), "not an axis");
        if all.len() > 1 {
            let sizes = all.iter().map(|a| self.axes.describe(&[*a])).collect::<Vec<_>>().join(", ");
            d = d
                .note(format!("several axes have this name: {sizes}"))
                .help("name the population as well: `POPULATION.axis`");
        } else if let Some(near) =
            nearest(&full, self.axes.table().iter().filter(|a| a.size.is_some()).map(|a| a.name.as_str()))
        {
            d = d.fix(format!("a similar name is `{near}`"), span, near);
        }
        self.report(d);
        None
    }

    /// What `over` names, among the axes of the reduced value.
    pub fn resolve_over(
        &mut self,
        names: &[ast::AxisName],
        value: &Typed,
        scope: &Scope,
    ) -> Option<Vec<AxisId>> {
        let have = value.expr.axes.clone();
        let mut over: Vec<AxisId> = Vec::new();
        for name in names {
            let found = self.over_one(name, &have, scope)?;
            if let Some(twice) = found.iter().find(|a| over.contains(a)) {
                let headline = format!("`{}` is named twice behind `over`", self.axes.name(*twice));
                let span = name.owner.as_ref().map_or(name.name.span, |o| o.span.to(name.name.span));
                self.report(Diagnostic::new(Code::E0202, span, headline, "the second time"));
                return None;
            }
            over.extend(found.into_iter().filter(|a| !over.contains(a)).collect::<Vec<_>>());
        }
        // In the value's own order, so that the result does not depend on how the list was written.
        Some(have.iter().copied().filter(|a| over.contains(a)).collect())
    }

    pub(super) fn over_one(
        &mut self,
        name: &ast::AxisName,
        have: &[AxisId],
        scope: &Scope,
    ) -> Option<Vec<AxisId>> {
        let text = &name.name.text;
        let span = name.owner.as_ref().map_or(name.name.span, |o| o.span.to(name.name.span));
        if let Some(owner) = &name.owner {
            let full = format!("{}.{text}", owner.text);
            if let Some(a) = have.iter().find(|a| self.axes.name(**a) == full) {
                return Some(vec![*a]);
            }
            let side = match owner.text.as_str() {
                "pre" | "post" => have.iter().find(|a| self.axes.name(**a) == text).copied(),
                other => self.population(other).and_then(|p| {
                    let axes = &self.program.populations[p].axes;
                    axes.iter().copied().find(|a| self.axes.name(*a) == text && have.contains(a))
                }),
            };
            return match side {
                Some(a) => Some(vec![a]),
                None => self.no_such_axis(&full, have, span),
            };
        }
        if let Some(a) = have.iter().find(|a| self.axes.name(**a) == text) {
            return Some(vec![*a]);
        }
        if let Some((_, Binding::Coord(axis) | Binding::Binder(axis), _)) = scope.find(text)
            && have.contains(axis)
        {
            return Some(vec![*axis]);
        }
        if text == "pre" || text == "post" {
            let side = if text == "pre" { AxisSide::Pre } else { AxisSide::Post };
            let projections: Vec<_> = match scope.place {
                Place::Rule(p, _) | Place::Projection(p) => vec![p],
                _ => self.program.projections.ids().collect(),
            };
            for p in projections {
                let all = &self.program.projections[p].axes;
                if all.iter().all(|a| have.contains(a))
                    || matches!(scope.place, Place::Rule(..) | Place::Projection(_))
                {
                    let axes = self.partners(p, side);
                    return Some(axes.into_iter().filter(|a| have.contains(a)).collect());
                }
            }
            return self.no_such_axis(text, have, span);
        }
        if let Some(p) = self.population(text) {
            self.used.insert(text.clone());
            let axes = self.program.populations[p].axes.clone();
            let mut found = Vec::new();
            for a in axes {
                let sided: Vec<AxisId> = have
                    .iter()
                    .copied()
                    .filter(|h| self.axes.origin(*h).is_some_and(|(_, of)| of == a))
                    .collect();
                match (have.contains(&a), sided.as_slice()) {
                    (true, _) => found.push(a),
                    (_, [one]) => found.push(*one),
                    (_, []) => return self.no_such_axis(text, have, span),
                    (_, many) => {
                        let names = self.axes.names(many);
                        self.report(
                            Diagnostic::new(
                                Code::E0403,
                                span,
                                format!("`{text}` is on both sides here"),
                                format!("this could be {names}"),
                            )
                            .help("say `over pre` or `over post`"),
                        );
                        return None;
                    }
                }
            }
            return Some(found);
        }
        let sided: Vec<AxisId> = have.iter().copied().filter(|a| self.axes.base_name(*a) == text).collect();
        if let [one] = sided.as_slice() {
            return Some(vec![*one]);
        }
        self.no_such_axis(text, have, span)
    }

    pub(super) fn no_such_axis(&mut self, name: &str, have: &[AxisId], span: Span) -> Option<Vec<AxisId>> {
        let names: Vec<String> = have.iter().map(|a| self.axes.name(*a).to_owned()).collect();
        let mut d = Diagnostic::new(
            Code::E0403,
            span,
            format!("the value has no axis `{name}`"),
            "nothing to run along",
        )
        .note(format!("its axes: {}", self.axes.describe(have)));
        let side = name.split_once('.').map(|(side, _)| side).filter(|s| matches!(*s, "pre" | "post"));
        let alone = side.filter(|s| names.is_empty() || names.iter().any(|n| n == s));
        if let Some(side) = alone {
            d = d.fix(format!("a rule knows one axis for each side: `over {side}`"), span, side);
        } else if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
            d = d.fix(format!("a similar name is `{near}`"), span, near);
        } else if let Some(side) = side {
            d = d.help(format!("all axes of that side: `over {side}`"));
        }
        self.report(d);
        None
    }
}
