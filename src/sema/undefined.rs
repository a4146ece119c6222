//! Names that mean nothing where they stand: what was probably meant.

use super::checker::{Checker, What};
use super::items;
use super::typed::{Binding, Place, Scope, Typed};
use crate::builtins;
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::AxisId;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// After so many faults nobody reads suggestions, and each is a comparison with every name there is.
const MOST_SUGGESTIONS: usize = 200;

impl Checker<'_, '_> {
    /// A name that a rule does not know.
    pub fn unknown_in_rule(&mut self, name: &ast::Ident, scope: &Scope) -> Typed {
        let Place::Rule(_, rule) = &scope.place else { return self.poison(name.span) };
        if self.items.has_undeclared_equation(&name.text) {
            return self.poison(name.span);
        }
        let written = self.sources.text(name.span).to_owned();
        if let Some(d) = self.loose_slash(name) {
            return self.refuse(d);
        }
        let mut d = match name.text.as_str() {
            "x" | "y" => {
                let side = if name.text == "x" { "presynaptic" } else { "postsynaptic" };
                Diagnostic::new(
                    Code::E0209,
                    name.span,
                    format!("the {side} population has no output, so there is no `{}`", name.text),
                    format!("needs the {side} output"),
                )
                .help("declare it in the population: `output y = ...`")
            }
            _ => Diagnostic::new(
                Code::E0201,
                name.span,
                format!("`{written}` is not known in this rule"),
                "a rule sees its own names and built-ins only",
            ),
        };
        let mut known: Vec<&str> = rule.vars.keys().chain(rule.params.keys()).map(String::as_str).collect();
        known.sort_unstable();
        if let Some(near) = nearest(&name.text, known.iter().copied()) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        } else if self.items.get(&name.text).is_some_and(|i| matches!(i.kind, ItemKind::Param(_))) {
            d = d.help(format!(
                "declare `param {0} = ...` in the rule and pass it: `rule ...({0} = {0})`",
                name.text
            ));
        }
        if let Some(list) = list(known.iter().copied()) {
            d = d.note(format!("known here: {list}"));
        }
        self.refuse(d)
    }

    /// A name that only axes have, and several of them.
    pub(super) fn which_axis(&mut self, name: &ast::Ident, axes: &[AxisId]) -> Typed {
        let written = self.sources.text(name.span).to_owned();
        let shapes: Vec<String> = axes.iter().map(|a| self.axes.describe(&[*a])).collect();
        let headline = format!("several axes are called `{written}`");
        let d = Diagnostic::new(Code::E0201, name.span, headline, "which of them?");
        let d = d.note(format!("they are {}", shapes.join(" and ")));
        let own = shapes[0].trim_matches(['[', ']']);
        self.refuse(d.help(format!("a `let` or stimulus of its own says which: `let NAME[{own}] = ...`")))
    }

    /// Reports a name nobody knows, with the nearest that is known.
    pub fn undefined(&mut self, name: &ast::Ident, scope: &Scope) -> Typed {
        if matches!(scope.place, Place::Population(_)) && self.items.has_undeclared_equation(&name.text) {
            return self.poison(name.span);
        }
        let written = self.sources.text(name.span).to_owned();
        if let Some(d) = self.loose_slash(name) {
            return self.refuse(d);
        }
        if self.sink.error_count() >= MOST_SUGGESTIONS {
            let headline = format!("`{written}` is not defined");
            return self.refuse(Diagnostic::new(Code::E0201, name.span, headline, "no such name here"));
        }
        let mut known: Vec<String> = scope.bindings.iter().map(|(n, _, _)| n.clone()).collect();
        if let Place::Population(p) = scope.place {
            known.extend(self.program.populations[p].vars.iter().map(|v| self.own_name(*v).to_owned()));
        }
        if let Place::Projection(p) = scope.place {
            known.extend(self.members_of(&self.program.projections[p].name.clone()));
        }
        known.extend(self.items.names().map(str::to_owned));
        if self.what == What::Results {
            known.extend(self.program.probes.iter().map(|p| p.name.clone()));
        }
        known.sort();
        if name.text == "t" && self.what == What::Results {
            let headline = "`t` is the time of a run, and results are read when all runs have ended";
            let d = Diagnostic::new(Code::E0405, name.span, headline, "which time?");
            return self.refuse(d.help(
                "a record is read at a time, `NAME[5 s]`, or over a stretch, `mean(NAME[1 s ..] over t)`",
            ));
        }
        let owners = self.owners_of(&name.text);
        let all = known.iter().map(String::as_str).chain(builtins::TABLE.iter().map(|b| b.name));
        let near = nearest(&name.text, all).map(str::to_owned);
        let mut d = Diagnostic::new(
            Code::E0201,
            name.span,
            format!("`{written}` is not defined"),
            "no such name here",
        );
        if matches!(written.as_str(), "True" | "TRUE" | "False" | "FALSE") {
            let ours = written.to_lowercase();
            d = d.fix(format!("here it is `{ours}`"), name.span, ours);
        } else if let [owner] = owners.as_slice() {
            let full = format!("{owner}.{}", name.text);
            d = d.fix(format!("`{owner}` has a variable of this name: `{full}`"), name.span, full);
        } else if let [a, b, ..] = owners.as_slice() {
            d = d.help(format!("several have a variable of this name: `{a}.{0}`, `{b}.{0}`", name.text));
        } else if matches!(name.text.as_str(), "pre" | "post") {
            d = d.help("the two cells of a synapse have an axis each: `pre.NAME`, `post.NAME`");
        } else if crate::units::lookup(&name.text).is_some() {
            d = d.help(format!("as a unit it follows a number: `1 {written}`"));
        } else if builtins::lookup(&name.text).is_some() {
            d = d.help(format!("`{written}` is a function: `{written}(...)`"));
        } else if let Some(near) = near {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near.clone());
            if let Some(item) = self.items.get(&near) {
                d = d.label(items::head(item), format!("`{near}` is declared here"));
            }
        } else if let Some(list) = list(known.iter().map(String::as_str)) {
            d = d.note(format!("known here: {list}"));
        }
        self.refuse(d)
    }

    /// The populations and projections that have a variable of this name.
    fn owners_of(&self, name: &str) -> Vec<String> {
        let populations = self.program.populations.iter().map(|p| &p.name);
        let all = populations.chain(self.program.projections.iter().map(|p| &p.name));
        all.filter(|owner| self.members_of(owner).iter().any(|m| m == name)).cloned().collect()
    }

    /// Reports a local name that hides another in the same expression or block.
    pub fn bind_checked(&mut self, scope: &mut Scope, name: &ast::Ident, binding: Binding) {
        match scope.find(&name.text).map(|(_, _, s)| *s) {
            Some(other) => self.hides(name, other),
            None => self.hides_an_item(name),
        }
        scope.bind(name, binding);
    }

    /// Reports a local name that is also a value of the file. (A population, rule or stimulus is never a plain name
    /// in an expression's place.)
    pub fn hides_an_item(&mut self, name: &ast::Ident) {
        if let Some(item) = self.items.get(&name.text)
            && matches!(item.kind, ItemKind::Param(_) | ItemKind::Let { .. })
        {
            self.hides(name, items::head(item));
        }
    }

    fn hides(&mut self, name: &ast::Ident, other: Span) {
        self.report(
            Diagnostic::new(
                Code::E0204,
                name.span,
                format!("`{}` hides another `{}`", name.text, name.text),
                "this one would be meant below",
            )
            .label(other, "the one it hides")
            .help("rename one of them"),
        );
    }
}
