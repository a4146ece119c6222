//! Items of a file.

use super::{Builder, Kids, Node, Rule};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, *};

impl Builder<'_> {
    /// An `item`.
    pub(in crate::syntax) fn item(&self, node: Node) -> Option<Item> {
        let span = self.span(&node);
        let inner = node.into_inner().next()?;
        let rule = inner.as_rule();
        let mut kids = self.kids(inner);
        let (stream, allows) = (kids.stream.take(), std::mem::take(&mut kids.allows));
        let kind = self.item_kind(rule, kids, span)?;
        Some(Item { kind, docs: self.docs(span.start), stream, allows, span })
    }

    fn item_kind(&self, rule: Rule, mut kids: Kids, span: Span) -> Option<ItemKind> {
        Some(match rule {
            Rule::clock => ItemKind::Clock(self.expr(kids.next()?)?),
            Rule::seed => ItemKind::Seed(self.expr(kids.next()?)?),
            Rule::precision => ItemKind::Precision(self.name(&kids.next()?)),
            Rule::integrate => ItemKind::Integrate(self.name(&kids.next()?)),
            Rule::use_item => ItemKind::Use(match kids.next()? {
                path if path.as_rule() == Rule::string => UsePath::File(self.string(&path)),
                path => UsePath::Library(self.kids(path).rest().map(|n| self.name(&n)).collect()),
            }),
            Rule::let_item => ItemKind::Let {
                name: self.declared(&kids.next()?, "a value"),
                axes: self.axes(&mut kids)?,
                value: self.expr(kids.next()?)?,
            },
            Rule::fn_item => ItemKind::Fn {
                name: self.declared(&kids.next()?, "a function"),
                params: self
                    .kids(kids.next()?)
                    .rest()
                    .map(|n| self.declared(&n, "a function's parameter"))
                    .collect(),
                body: self.expr(kids.next()?)?,
            },
            Rule::param_item => ItemKind::Param(self.param(kids.next()?)?),
            Rule::cases => ItemKind::Cases(self.cases(kids)?),
            Rule::stimulus => ItemKind::Stimulus {
                name: self.declared(&kids.next()?, "a stimulus"),
                axes: self.axes(&mut kids)?,
                value: self.expr(kids.next()?)?,
            },
            Rule::population => {
                let name = self.declared(&kids.next()?, "a population");
                let axes = self.axes(&mut kids)?;
                let spiking = kids.next_if(Rule::spiking).map(|n| self.span(&n));
                let members = match kids.next() {
                    Some(members) => self.members(members)?,
                    None => Vec::new(),
                };
                ItemKind::Population(Population { name, axes, spiking, members })
            }
            Rule::cell_item => ItemKind::Cell(ast::Cell {
                name: self.declared(&kids.next()?, "a cell"),
                members: self.members(kids.next()?)?,
            }),
            Rule::rule_item => ItemKind::Rule(ast::Rule {
                name: self.declared(&kids.next()?, "a rule"),
                members: self.members(kids.next()?)?,
            }),
            Rule::synapses => ItemKind::Synapses(Synapses {
                name: self.declared(&kids.next()?, "a projection"),
                pre: self.name(&kids.next()?),
                post: self.name(&kids.next()?),
                members: self.members(kids.next()?)?,
            }),
            Rule::protocol => ItemKind::Protocol(self.block(kids.next()?)?),
            Rule::record => ItemKind::Record(self.record(kids, span)?),
            Rule::expect => {
                let condition = self.expr(kids.next()?)?;
                ItemKind::Expect { condition, message: kids.next().map(|n| self.string(&n)) }
            }
            Rule::plot => ItemKind::Plot(self.plot(kids)?),
            Rule::image => {
                ItemKind::Image { value: self.expr(kids.next()?)?, axes: self.axis_names(kids.next()?)? }
            }
            _ => return None,
        })
    }

    fn axes(&self, kids: &mut Kids) -> Option<Vec<Axis>> {
        let mut axes = Vec::new();
        if let Some(list) = kids.next_if(Rule::axes) {
            for axis in self.kids(list).rest() {
                let mut parts = self.kids(axis);
                let name = self.declared(&parts.next()?, "an axis");
                axes.push(Axis { name, extent: self.ranged(parts.next()?)? });
            }
        }
        Some(axes)
    }

    fn cases(&self, mut kids: Kids) -> Option<Cases> {
        let name = self.name(&kids.next()?);
        if let Some(values) = kids.next_if(Rule::ranged) {
            return Some(Cases::Values { name, values: self.ranged(values)? });
        }
        let mut cases = Vec::new();
        for case in kids.rest() {
            let span = self.span(&case);
            let mut parts = self.kids(case);
            let name = self.declared(&parts.next()?, "a case");
            let mut settings = Vec::new();
            for setting in parts.rest() {
                let mut pair = self.kids(setting);
                settings.push((self.name(&pair.next()?), self.expr(pair.next()?)?));
            }
            cases.push(Case { name, settings, span });
        }
        Some(Cases::Named { name, cases })
    }

    /// Says that a clause stands twice.
    fn twice(&self, first: Option<Span>, again: Span, clause: &str) {
        if let Some(first) = first {
            let headline = format!("`{clause}` is written twice");
            let d =
                Diagnostic::new(Code::E0121, again, headline, "the second one").label(first, "the first one");
            self.fault(d.fix("remove one of them", again, ""));
        }
    }

    fn record(&self, mut kids: Kids, span: Span) -> Option<Record> {
        let name = self.declared(&kids.next()?, "a record");
        let value = self.expr(kids.next()?)?;
        let (mut every, mut during, mut every_at, mut during_at) = (None, Vec::new(), None, None);
        for clause in kids.rest() {
            let at = self.span(&clause);
            if clause.as_rule() == Rule::every {
                self.twice(every_at, at, "every");
                every_at = Some(at);
                every = Some(self.expr(self.kids(clause).next()?)?);
            } else {
                self.twice(during_at, at, "during");
                during_at = Some(at);
                during = self.names(clause);
            }
        }
        let every = every.unwrap_or_else(|| {
            let headline = format!("the record `{}` does not say how often it is taken", name.text);
            let d = Diagnostic::new(Code::E0121, name.span, headline, "`every` might be missing");
            self.fault(d.fix("add `every 1 s`, or `every tick`", value.span.after(), " every 1 s"));
            let end = span.after();
            Expr { kind: ExprKind::Name(Ident { text: "tick".to_string(), span: end }), span: end }
        });
        Some(Record { name, value, every, during })
    }

    fn plot(&self, mut kids: Kids) -> Option<Plot> {
        let mut plot =
            Plot { values: Vec::new(), versus: None, split: None, marks: Vec::new(), control: None };
        while let Some(value) = kids.next_if(Rule::expr) {
            plot.values.push(self.expr(value)?);
        }
        let (mut versus_at, mut split_at, mut marks_at) = (None, None, None);
        for clause in kids.rest() {
            let at = self.span(&clause);
            match clause.as_rule() {
                Rule::versus => {
                    self.twice(versus_at, at, "vs");
                    versus_at = Some(at);
                    plot.versus = Some(self.expr(self.kids(clause).next()?)?);
                }
                Rule::split => {
                    self.twice(split_at, at, "split by");
                    split_at = Some(at);
                    plot.split = Some(self.expr(self.kids(clause).next()?)?);
                }
                Rule::marked => {
                    self.twice(marks_at, at, "mark");
                    marks_at = Some(at);
                    for value in self.kids(clause).rest() {
                        plot.marks.push(self.expr(value)?);
                    }
                }
                _ => {
                    self.twice(plot.control, at, "with control");
                    plot.control = Some(at);
                }
            }
        }
        Some(plot)
    }
}
