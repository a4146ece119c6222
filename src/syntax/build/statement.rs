//! Statements of a protocol.

use super::member::assign_op;
use super::{Builder, Kids, Node, Rule};
use crate::syntax::ast::*;

impl Builder<'_> {
    /// A `block`: statements with their braces.
    pub(super) fn block(&self, node: Node) -> Option<Block> {
        let span = self.span(&node);
        let statements = self.kids(node).rest().map(|s| self.statement(s)).collect::<Option<Vec<_>>>()?;
        Some(Block { statements, span })
    }

    /// A `compound` or a `simple`.
    pub(in crate::syntax) fn statement(&self, node: Node) -> Option<Statement> {
        let span = self.span(&node);
        let inner = self.kids(node).next()?;
        let rule = inner.as_rule();
        let mut kids = self.kids(inner);
        let stream = kids.stream.take();
        Some(Statement { kind: self.statement_kind(rule, kids)?, stream, span })
    }

    fn statement_kind(&self, rule: Rule, mut kids: Kids) -> Option<StatementKind> {
        Some(match rule {
            Rule::phase => {
                let name = self.declared(&kids.next()?, "a phase");
                let frozen = kids.next_if(Rule::frozen).map(|n| self.frozen(n));
                StatementKind::Phase { name, frozen, body: self.block(kids.next()?)? }
            }
            Rule::repeat => {
                StatementKind::Repeat { count: self.expr(kids.next()?)?, body: self.block(kids.next()?)? }
            }
            Rule::for_loop | Rule::together => {
                let name = self.declared(&kids.next()?, "a loop variable");
                let over = self.loop_over(kids.next()?)?;
                let body = self.block(kids.next()?)?;
                match rule {
                    Rule::for_loop => StatementKind::For { name, over, body },
                    _ => StatementKind::Together { name, over, body },
                }
            }
            Rule::control => {
                StatementKind::Control { phase: self.name(&kids.next()?), body: self.block(kids.next()?)? }
            }
            _ => return self.step(rule, kids),
        })
    }

    /// A statement without a block. Apart, so that blocks nest in small frames of the stack.
    #[inline(never)]
    fn step(&self, rule: Rule, mut kids: Kids) -> Option<StatementKind> {
        Some(match rule {
            Rule::present => {
                let mut inputs = Vec::new();
                while let Some(input) = kids.next_if(Rule::input) {
                    inputs.push(self.input(input)?);
                }
                StatementKind::Present { inputs, length: self.length(kids.next()?)? }
            }
            Rule::rest => StatementKind::Rest { length: self.length(kids.next()?)? },
            Rule::pick => {
                let name = self.declared(&kids.next()?, "a choice");
                let over = self.loop_over(kids.next()?)?;
                let weights = match kids.next() {
                    Some(weighted) => Some(self.expr(self.kids(weighted).next()?)?),
                    None => None,
                };
                StatementKind::Pick { name, over, weights }
            }
            Rule::spike => {
                let mut trains = Vec::new();
                while let Some(spiked) = kids.next_if(Rule::spiked) {
                    let mut parts = self.kids(spiked);
                    trains.push((self.cells(parts.next()?)?, self.expr(parts.next()?)?));
                }
                StatementKind::Spike { trains, tail: self.tail(kids)? }
            }
            Rule::pair => StatementKind::Pair {
                pre: self.cells(kids.next()?)?,
                post: self.cells(kids.next()?)?,
                lag: self.expr(kids.next()?)?,
                tail: self.tail(kids)?,
            },
            Rule::train | Rule::burst => StatementKind::Train {
                count: self.expr(kids.next()?)?,
                rate: self.expr(kids.next()?)?,
                groups: self.groups(&mut kids)?,
                on: self.all_cells(kids.next()?)?,
            },
            Rule::theta_burst => StatementKind::ThetaBurst {
                groups: self.groups(&mut kids)?,
                on: self.all_cells(kids.next()?)?,
            },
            Rule::teach => StatementKind::Teach {
                population: self.name(&kids.next()?),
                output: self.name(&kids.next()?),
                op: assign_op(&kids.next()?),
                value: self.expr(kids.next()?)?,
            },
            Rule::set => {
                let first = self.name(&kids.next()?);
                let (owner, name) = match kids.next_if(Rule::name) {
                    Some(name) => (Some(first), self.name(&name)),
                    None => (None, first),
                };
                StatementKind::Set { owner, name, value: self.expr(kids.next()?)? }
            }
            Rule::probe => {
                let each = kids.next_if(Rule::each).map(|n| self.span(&n));
                let name = self.declared(&kids.next()?, "a probe");
                let indices = kids.next_if(Rule::indices).map(|n| self.names(n)).unwrap_or_default();
                StatementKind::Probe { each, name, indices, value: self.expr(kids.next()?)? }
            }
            Rule::control_without => {
                StatementKind::ControlWithout { phases: kids.rest().map(|n| self.name(&n)).collect() }
            }
            _ => return None,
        })
    }

    pub(super) fn names(&self, node: Node) -> Vec<Ident> {
        self.kids(node).rest().map(|n| self.name(&n)).collect()
    }

    fn cells(&self, node: Node) -> Option<Cells> {
        let mut kids = self.kids(node);
        let population = self.name(&kids.next()?);
        let slice = match kids.next() {
            Some(index) => self.entries(index)?,
            None => Vec::new(),
        };
        Some(Cells { population, slice })
    }

    fn all_cells(&self, node: Node) -> Option<Vec<Cells>> {
        self.kids(node).rest().map(|n| self.cells(n)).collect()
    }

    /// `every 10 s, 15 times`, if it stands there.
    fn groups(&self, kids: &mut Kids) -> Option<Option<Box<Groups>>> {
        let Some(groups) = kids.next_if(Rule::groups) else { return Some(None) };
        let mut parts = self.kids(groups);
        Some(Some(Box::new(Groups { every: self.expr(parts.next()?)?, count: self.expr(parts.next()?)? })))
    }

    /// How often scheduled spikes are repeated, and how long the statement lasts.
    fn tail(&self, mut kids: Kids) -> Option<Box<Tail>> {
        let times = match kids.next_if(Rule::times) {
            Some(times) => {
                let mut parts = self.kids(times);
                Some((self.expr(parts.next()?)?, self.expr(parts.next()?)?))
            }
            None => None,
        };
        let groups = self.groups(&mut kids)?;
        let length = match kids.next() {
            Some(lasting) => Some(self.expr(self.kids(lasting).next()?)?),
            None => None,
        };
        Some(Box::new(Tail { times, groups, length }))
    }

    fn frozen(&self, node: Node) -> Frozen {
        let span = self.span(&node);
        Frozen { names: self.names(node), span }
    }

    fn input(&self, node: Node) -> Option<Input> {
        let mut kids = self.kids(node);
        let value = self.expr(kids.next()?)?;
        let population = self.name(&kids.next()?);
        let slice = match kids.next() {
            Some(index) => self.entries(index)?,
            None => Vec::new(),
        };
        Some(Input { value, population, slice })
    }

    /// `lasting`, `until`, or the bare duration behind `rest`.
    fn length(&self, node: Node) -> Option<Length> {
        Some(match node.as_rule() {
            Rule::lasting => Length::For(self.expr(self.kids(node).next()?)?),
            Rule::until => {
                let mut kids = self.kids(node);
                let condition = self.expr(kids.next()?)?;
                let within = match kids.next() {
                    Some(within) => Some(self.expr(self.kids(within).next()?)?),
                    None => None,
                };
                Length::Until { condition, within }
            }
            _ => Length::For(self.expr(node)?),
        })
    }

    fn loop_over(&self, node: Node) -> Option<Loop> {
        let inner = self.kids(node).next()?;
        Some(match inner.as_rule() {
            Rule::name => Loop::Of(self.name(&inner)),
            Rule::shuffled_name => Loop::Shuffle(Box::new(Loop::Of(self.name(&self.kids(inner).next()?)))),
            Rule::shuffled => Loop::Shuffle(Box::new(Loop::In(self.ranged(self.kids(inner).next()?)?))),
            _ => Loop::In(self.ranged(inner)?),
        })
    }
}
