//! Members of populations, rules and projections.

use super::{Builder, Node, Rule};
use crate::source::{Span, Spanned};
use crate::syntax::ast::*;

impl Builder<'_> {
    /// The members between a pair of braces.
    pub(super) fn members(&self, node: Node) -> Option<Vec<Member>> {
        let mut members = Vec::new();
        for member in self.kids(node).rest() {
            members.push(self.member(member)?);
        }
        let declared: Vec<String> = members.iter().filter_map(declares).collect();
        for member in &mut members {
            if let MemberKind::Equation(equation) = &mut member.kind {
                self.tell_increment(equation, &declared);
            }
        }
        Some(members)
    }

    /// `dw = ...` is an increment of `w`, unless a variable is called `dw`.
    fn tell_increment(&self, equation: &mut Equation, declared: &[String]) {
        let known = |name: &str| declared.iter().any(|d| d == name);
        if equation.form != Form::Instantaneous
            || !equation.name.text.starts_with('d')
            || known(&equation.name.text)
        {
            return;
        }
        let name = self.without_d(equation.name.span);
        if name.text == "w" || known(&name.text) {
            (equation.name, equation.form) = (name, Form::Increment);
        }
    }

    fn member(&self, node: Node) -> Option<Member> {
        let span = self.span(&node);
        let mut kids = self.kids(node);
        let kind = self.member_kind(kids.next()?)?;
        Some(Member { kind, docs: self.docs(span.start), allows: kids.allows, span })
    }

    fn member_kind(&self, node: Node) -> Option<MemberKind> {
        let rule = node.as_rule();
        if rule == Rule::param {
            return Some(MemberKind::Param(self.param(node)?));
        }
        let mut kids = self.kids(node);
        Some(match rule {
            Rule::state => {
                let trace = kids.next_if(Rule::trace).map(|n| self.span(&n));
                let side = kids.next_if(Rule::side).map(|n| self.side(&n));
                let name = self.declared(&kids.next()?, "a variable");
                let value = kids.next();
                let value = if let Some(value) = value { Some(self.expr(value)?) } else { None };
                MemberKind::State(State { trace, side, name, value })
            }
            Rule::equation => MemberKind::Equation(self.equation(kids.next()?, kids.next()?)?),
            Rule::output => {
                MemberKind::Output { name: self.name(&kids.next()?), value: self.expr(kids.next()?)? }
            }
            Rule::update => MemberKind::Update(match kids.next()? {
                every if every.as_rule() == Rule::every => {
                    Update::Every(self.expr(self.kids(every).next()?)?)
                }
                _ => Update::PerPresentation,
            }),
            Rule::normalise => {
                let (quantity, target) = (self.expr(kids.next()?)?, self.expr(kids.next()?)?);
                let every = match kids.next_if(Rule::every) {
                    Some(every) => Some(self.expr(self.kids(every).next()?)?),
                    None => None,
                };
                MemberKind::Normalise(Normalise { quantity, target, every, mode: self.name(&kids.next()?) })
            }
            Rule::bounds => {
                let name = self.name(&kids.next()?);
                MemberKind::Bounds { name, lo: self.bound(kids.next()?)?, hi: self.bound(kids.next()?)? }
            }
            Rule::integrator => MemberKind::Integrate(self.name(&kids.next()?)),
            Rule::rule_use => MemberKind::Rule { rule: self.expr(kids.next()?)? },
            Rule::fixed => MemberKind::Fixed,
            Rule::inhibitory => MemberKind::Inhibitory,
            Rule::connect => {
                let how = kids.next()?;
                let rule = how.as_rule();
                let mut inner = self.kids(how);
                let how = match rule {
                    Rule::all => Connect::All,
                    Rule::one_to_one => Connect::OneToOne,
                    Rule::random => Connect::Random(self.expr(inner.next()?)?),
                    _ => Connect::Where(self.expr(inner.next()?)?),
                };
                MemberKind::Connect { how, except_self: kids.next().map(|n| self.span(&n)) }
            }
            Rule::delay => {
                let time = self.expr(kids.next()?)?;
                MemberKind::Delay { time, place: kids.next().map(|n| self.name(&n)) }
            }
            Rule::spike_when => {
                let condition = self.expr(kids.next()?)?;
                let reset = match kids.next_if(Rule::handler) {
                    Some(handler) => self.changes(handler)?,
                    None => Vec::new(),
                };
                let refractory = match kids.next() {
                    Some(refractory) => Some(self.expr(self.kids(refractory).next()?)?),
                    None => None,
                };
                MemberKind::SpikeWhen { condition, reset, refractory }
            }
            Rule::spikes => {
                let source = kids.next()?;
                let rule = source.as_rule();
                let mut inner = self.kids(source);
                let first = self.expr(inner.next()?)?;
                MemberKind::Spikes(match rule {
                    Rule::poisson => SpikeSource::Poisson(first),
                    _ => {
                        let cells = match inner.next() {
                            Some(cells) => Some(self.expr(cells)?),
                            None => None,
                        };
                        SpikeSource::At { times: first, cells }
                    }
                })
            }
            Rule::on_event => {
                let event = self.side(&kids.next()?);
                MemberKind::On { event, changes: self.changes(kids.next()?)? }
            }
            Rule::ties => MemberKind::Ties(self.name(&kids.next()?)),
            Rule::values => {
                let name = self.declared(&kids.next()?, "a set of values");
                let source = kids.next_if(Rule::string).map(|n| self.string(&n));
                let mut settings = Vec::new();
                for setting in kids.rest() {
                    let mut pair = self.kids(setting);
                    settings.push((self.name(&pair.next()?), self.expr(pair.next()?)?));
                }
                MemberKind::Values { name, source, settings }
            }
            Rule::needs => {
                let mut needs = Vec::new();
                for needed in kids.rest() {
                    let mut parts = self.kids(needed);
                    needs.push((self.side(&parts.next()?), self.name(&parts.next()?)));
                }
                MemberKind::Needs(needs)
            }
            Rule::cell_use => MemberKind::Cell(self.expr(kids.next()?)?),
            Rule::start => {
                MemberKind::Start { name: self.name(&kids.next()?), value: self.expr(kids.next()?)? }
            }
            Rule::hold => {
                MemberKind::Hold { name: self.name(&kids.next()?), value: self.expr(kids.next()?)? }
            }
            _ => return None,
        })
    }

    /// What an event does, line by line.
    fn changes(&self, node: Node) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        for line in self.kids(node).rest() {
            let span = self.span(&line);
            let mut kids = self.kids(line);
            let first = self.name(&kids.next()?);
            let (owner, name) = match kids.next_if(Rule::name) {
                Some(name) => (Some(first), self.name(&name)),
                None => (None, first),
            };
            let op = assign_op(&kids.next()?);
            changes.push(Change { owner, name, op, value: self.expr(kids.next()?)?, span });
        }
        Some(changes)
    }

    fn side(&self, node: &Node) -> Spanned<Side> {
        let span = self.span(node);
        let side = match self.written(span) {
            "pre" => Side::Pre,
            "post" => Side::Post,
            _ => Side::Syn,
        };
        Spanned::new(side, span)
    }

    /// `param NAME = EXPR in [LO, HI]`; the grammar reads the range as a question about the value.
    pub(super) fn param(&self, node: Node) -> Option<Param> {
        let mut kids = self.kids(node);
        let name = self.declared(&kids.next()?, "a parameter");
        let value = self.part(kids.next()?)?;
        Some(match value.expr.kind {
            ExprKind::Between { value: default, lo, hi } if value.bare => {
                Param { name, value: *default, range: Some((*lo, *hi)) }
            }
            kind => Param { name, value: Expr { kind, span: value.expr.span }, range: None },
        })
    }

    fn bound(&self, node: Node) -> Option<Expr> {
        let span = self.span(&node);
        let mut kids = self.kids(node);
        let value = self.expr(kids.next()?)?;
        Some(match kids.next() {
            Some(_) => Expr { kind: ExprKind::AtStart { value: Box::new(value) }, span },
            None => value,
        })
    }

    fn equation(&self, left: Node, right: Node) -> Option<Equation> {
        let lhs = self.span(&left);
        let value = self.expr(right)?;
        let inner = self.kids(left).next()?;
        if inner.as_rule() == Rule::name {
            let name = self.name(&inner);
            self.check_left_side(&name);
            return Some(Equation { name, form: Form::Instantaneous, factor: None, value, lhs });
        }
        let mut kids = self.kids(inner);
        let factor = match kids.next_if(Rule::factor) {
            Some(factor) => Some(self.part(factor)?.expr),
            None => None,
        };
        kids.next_if(Rule::mul);
        Some(Equation { name: self.derivative(kids.next()?)?, form: Form::Rate, factor, value, lhs })
    }

    /// A fixed name may only be given a value where it is `w`, the weight at the start.
    fn check_left_side(&self, name: &Ident) {
        use crate::diag::{Code, Diagnostic};
        let Some(meaning) = crate::syntax::keywords::reserved(&name.text).filter(|_| name.text != "w") else {
            return;
        };
        let headline = format!("`{}` is reserved and cannot be given a value", name.text);
        let d = Diagnostic::new(Code::E0203, name.span, headline, format!("always {meaning}"));
        self.fault(match name.text.as_str() {
            "y" => {
                let at = Span { end: name.span.start, ..name.span };
                d.fix("an output is declared with `output y = ...`", at, "output ")
            }
            _ => d.help("another name"),
        });
    }
}

/// How a value acts on what it is assigned to.
pub(super) fn assign_op(node: &Node) -> AssignOp {
    match node.as_str().trim() {
        "+=" => AssignOp::Add,
        "-=" => AssignOp::Sub,
        "*=" => AssignOp::Mul,
        "/=" => AssignOp::Div,
        _ => AssignOp::Set,
    }
}

/// The variable a member declares.
fn declares(member: &Member) -> Option<String> {
    match &member.kind {
        MemberKind::State(state) => Some(state.name.text.clone()),
        MemberKind::Param(param) => Some(param.name.text.clone()),
        _ => None,
    }
}
