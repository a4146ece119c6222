//! `cases`: which parameters each case sets.

use super::checker::{CaseDimension, Checker, Setting};
use super::values::Runs;
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{Axis, Coordinates};
use crate::syntax::ast::{self, Cases, ItemKind};
use crate::units::{Unit, format_value};
use std::collections::{HashMap, HashSet};

/// One way a `cases` block can go.
pub(super) type CaseSettings<'a> = HashMap<String, Setting<'a>>;

/// A `cases` block, read.
pub(super) struct CaseBlock<'a> {
    pub dimension: CaseDimension,
    pub cases: Vec<CaseSettings<'a>>,
}

impl<'a> Checker<'a, '_> {
    /// Reads all `cases` blocks, with the file's own parameter values.
    pub fn case_blocks(&mut self) -> Vec<CaseBlock<'a>> {
        let blocks: Vec<&'a ast::Item> = self.items.all(|k| matches!(k, ItemKind::Cases(_)));
        let mut out: Vec<CaseBlock<'a>> = Vec::new();
        let mut names = Vec::new();
        for item in blocks {
            let ItemKind::Cases(cases) = &item.kind else { continue };
            let (name, block) = match cases {
                Cases::Named { name, cases } => (name, self.named_cases(name, cases)),
                Cases::Values { name, values } => (name, self.value_cases(name, values)),
            };
            let Some(block) = block else { continue };
            if let Some((twice, first)) = out.iter().zip(&names).find_map(|(b, name)| {
                let twice = b.dimension.varies.intersection(&block.dimension.varies).next()?;
                Some((twice, *name))
            }) {
                self.report(
                    Diagnostic::new(
                        Code::E0202,
                        name.span,
                        format!("two `cases` blocks set `{twice}`"),
                        "the second of them",
                    )
                    .label(first, "the first")
                    .help("several `cases` blocks multiply; each sets its own parameters"),
                );
                continue;
            }
            out.push(block);
            names.push(name.span);
        }
        let count: f64 = out.iter().map(|b| b.cases.len() as f64).product();
        if count > 10_000.0 {
            let span =
                self.items.file.items.iter().find(|i| matches!(i.kind, ItemKind::Cases(_))).map(|i| i.span);
            if let Some(span) = span {
                let count = crate::units::format_number(count, 9);
                self.report(
                    Diagnostic::new(
                        Code::E0409,
                        span,
                        format!("the file has {count} cases"),
                        "at most 10000",
                    )
                    .note("several `cases` blocks multiply"),
                );
            }
            out.clear();
        }
        out
    }

    fn named_cases(&mut self, name: &'a ast::Ident, cases: &'a [ast::Case]) -> Option<CaseBlock<'a>> {
        let mut names: Vec<String> = Vec::new();
        let mut settings = Vec::new();
        let mut varies = HashSet::new();
        for case in cases {
            if names.contains(&case.name.text) {
                let first = cases.iter().find(|c| c.name.text == case.name.text);
                self.report(
                    Diagnostic::new(
                        Code::E0202,
                        case.name.span,
                        format!("two cases are called `{}`", case.name.text),
                        "the second",
                    )
                    .label(first.map_or(case.name.span, |f| f.name.span), "the first"),
                );
                continue;
            }
            names.push(case.name.text.clone());
            let mut set: CaseSettings<'a> = HashMap::new();
            for (param, value) in &case.settings {
                if !self.is_param(param) {
                    continue;
                }
                if set.contains_key(&param.text) {
                    let first = case.settings.iter().find(|(p, _)| p.text == param.text);
                    let headline = format!("the case `{}` sets `{}` twice", case.name.text, param.text);
                    let d = Diagnostic::new(Code::E0202, param.span, headline, "the second time");
                    self.report(d.label(first.map_or(param.span, |(p, _)| p.span), "the first time"));
                    continue;
                }
                varies.insert(param.text.clone());
                set.insert(param.text.clone(), Setting::Written(value));
            }
            settings.push(set);
        }
        if names.is_empty() {
            self.report(Diagnostic::new(Code::E0409, name.span, "there are no cases in this block", "empty"));
            return None;
        }
        let axis = self.axes.intern(Axis {
            name: name.text.clone(),
            size: Some(names.len()),
            coordinates: Coordinates::Labels(names.clone().into()),
        });
        Some(CaseBlock { dimension: CaseDimension { axis, names, varies }, cases: settings })
    }

    /// Whether a case can change what this names; if not, it is reported.
    fn is_param(&mut self, name: &ast::Ident) -> bool {
        let is_param = |n: &str| self.items.get(n).is_some_and(|i| matches!(i.kind, ItemKind::Param(_)));
        if is_param(&name.text) || name.text == "seed" {
            return true;
        }
        let mut params: Vec<&str> = self.items.names().filter(|n| is_param(n)).collect();
        params.sort_unstable();
        let mut d = Diagnostic::new(
            Code::E0201,
            name.span,
            format!("there is no parameter `{}`", self.sources.text(name.span)),
            "a case changes parameters of the file",
        );
        if let Some(near) = nearest(&name.text, params.iter().copied()) {
            d = d.fix(format!("a similar name is `{near}`"), name.span, near);
        } else if let Some(all) = list(params.iter().copied()) {
            d = d.note(format!("parameters: {all}"));
        } else {
            d = d.help(format!("declare it: `param {} = ...`", name.text));
        }
        self.report(d);
        false
    }

    fn value_cases(&mut self, name: &'a ast::Ident, values: &'a ast::Expr) -> Option<CaseBlock<'a>> {
        let varies = HashSet::from([name.text.clone()]);
        if let ast::ExprKind::List { items, .. } = &values.kind
            && items.iter().any(|e| self.rule_value(e).is_some())
        {
            let mut names = Vec::new();
            let mut cases = Vec::new();
            for (i, e) in items.iter().enumerate() {
                match self.rule_value(e) {
                    Some(_) => {
                        let sources = self.sources;
                        let plain =
                            |e: &ast::Expr| sources.text(e.span).split_whitespace().collect::<String>();
                        if let Some(first) = items[..i].iter().find(|f| plain(f) == plain(e)) {
                            let headline = format!("two cases are `{}`", sources.text(e.span));
                            let d = Diagnostic::new(Code::E0202, e.span, headline, "the second");
                            self.report(d.label(first.span, "the first"));
                            continue;
                        }
                        let text = self.sources.text(e.span).split_whitespace().collect::<Vec<_>>().join(" ");
                        names.push(text);
                        cases.push(HashMap::from([(name.text.clone(), Setting::Written(e))]));
                    }
                    None => {
                        self.report(Diagnostic::new(
                            Code::E0604,
                            e.span,
                            "one of these cases is not a learning rule",
                            "the others are",
                        ));
                        return None;
                    }
                }
            }
            // A bare rule is picked by its name.
            let label = |n: &String, e: &ast::Expr| match &e.kind {
                // one with a published set of values is called after the set
                ast::ExprKind::Call { args, .. } => match args.as_slice() {
                    [ast::Arg { name: None, value: ast::Expr { kind: ast::ExprKind::Name(set), .. } }] => {
                        set.text.clone()
                    }
                    _ => n.split('(').next().unwrap_or(n).trim().to_owned(),
                },
                _ => n.clone(),
            };
            let mut labels: Vec<String> = names.iter().zip(items).map(|(n, e)| label(n, e)).collect();
            // what two are called names neither
            let ambiguous = |l: &String| labels.iter().filter(|other| *other == l).count() > 1;
            labels =
                labels.iter().zip(&names).map(|(l, n)| if ambiguous(l) { n } else { l }.clone()).collect();
            let axis = self.axes.intern(Axis {
                name: name.text.clone(),
                size: Some(names.len()),
                coordinates: Coordinates::Labels(labels.into()),
            });
            return Some(CaseBlock { dimension: CaseDimension { axis, names, varies }, cases });
        }
        // A rule needs no parameter of its own: the cases declare it.
        if !self.is_param(name) {
            return None;
        }
        let v = self.values_of(values, Runs::Cases)?;
        if v.values.len() > 10_000 {
            let headline = format!("the file has {} cases", v.values.len());
            self.report(Diagnostic::new(Code::E0409, values.span, headline, "at most 10000"));
            return None;
        }
        let dim = self.solver.settle(&v.dim);
        let unit = v.unit.clone().unwrap_or_else(|| self.show_unit(dim));
        if name.text == "seed" && v.values.iter().any(|s| s.fract() != 0.0 || *s < 0.0) {
            self.report(Diagnostic::new(
                Code::E0409,
                values.span,
                "a seed is a whole number from 0",
                "not all of these are",
            ));
            return None;
        }
        if let Some(twice) =
            v.values.iter().enumerate().find_map(|(i, x)| v.values[..i].contains(x).then_some(*x))
        {
            let headline = format!("two cases are {}", format_value(twice, &unit, 9));
            self.report(Diagnostic::new(Code::E0202, values.span, headline, "each value once"));
            return None;
        }
        let names = match name.text.as_str() {
            "seed" => v.values.iter().map(|x| format!("seed {x}")).collect(),
            _ => told_apart(&v.values, &unit),
        };
        let cases = v
            .values
            .iter()
            .map(|x| {
                let setting = Setting::Value { value: *x, dim, unit: unit.clone(), span: values.span };
                HashMap::from([(name.text.clone(), setting)])
            })
            .collect();
        let axis = self.values_axis(&name.text, v);
        let axis = self.axes.intern(axis);
        Some(CaseBlock { dimension: CaseDimension { axis, names, varies }, cases })
    }
}

/// Values as results show them, with as many digits as it takes to tell each from the others.
fn told_apart(values: &[f64], unit: &Unit) -> Vec<String> {
    let alone = |x: f64, digits: usize| {
        let own = format_value(x, unit, digits);
        values.iter().all(|y| *y == x || format_value(*y, unit, digits) != own)
    };
    let digits = |x: f64| (6..17).find(|d| alone(x, *d)).unwrap_or(17);
    values.iter().map(|x| format_value(*x, unit, digits(*x))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_so_that_they_differ() {
        let none = Unit::none();
        assert_eq!(told_apart(&[1.000_000_1, 1.000_000_2, 2.0], &none), ["1.0000001", "1.0000002", "2"]);
        let close = told_apart(&[0.1, 0.1_f64.next_up()], &none);
        assert_ne!(close[0], close[1]);
        assert_eq!(told_apart(&[1.0 / 3.0, 0.5], &none), ["0.333333", "0.5"]);
    }
}
