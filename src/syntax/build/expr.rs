//! Expressions. The grammar gives a flat list of operands and operators; precedence is decided here.

use std::sync::LazyLock;

use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::{Builder, Node, Rule};
use crate::diag::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::*;
use crate::syntax::letters;

static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    let left = |rule| Op::infix(rule, Assoc::Left);
    PrattParser::new()
        .op(left(Rule::or))
        .op(left(Rule::and))
        .op(Op::prefix(Rule::not))
        .op(left(Rule::eq)
            | left(Rule::ne)
            | left(Rule::lt)
            | left(Rule::le)
            | left(Rule::gt)
            | left(Rule::ge)
            | Op::postfix(Rule::in_range)
            | Op::postfix(Rule::in_unit))
        .op(left(Rule::plus_minus))
        .op(left(Rule::add) | left(Rule::sub))
        .op(left(Rule::mul) | left(Rule::div))
        .op(Op::prefix(Rule::neg))
        .op(Op::infix(Rule::pow, Assoc::Right))
});

/// An expression on its way into a larger one.
pub(super) struct Part {
    pub expr: Expr,
    /// Where it stands with its parentheses.
    outer: Span,
    /// Whether it stands without parentheses.
    pub bare: bool,
}

impl Part {
    fn new(kind: ExprKind, span: Span) -> Self {
        Self { expr: Expr { kind, span }, outer: span, bare: true }
    }

    fn boxed(self) -> Box<Expr> {
        Box::new(self.expr)
    }
}

impl Builder<'_> {
    /// An `expr`.
    pub(in crate::syntax) fn expr(&self, node: Node) -> Option<Expr> {
        Some(self.part(node)?.expr)
    }

    /// An `expr` or a `factor`.
    pub(super) fn part(&self, node: Node) -> Option<Part> {
        let span = self.span(&node);
        let mut inner = node.into_inner().peekable();
        if inner.peek()?.as_rule() == Rule::if_then_else {
            let mut kids = self.kids(inner.next()?);
            let mut branch = || Some(Box::new(self.expr(kids.next()?)?));
            let (condition, then, otherwise) = (branch()?, branch()?, branch()?);
            return Some(Part::new(ExprKind::If { condition, then, otherwise }, span));
        }
        PRECEDENCE
            .map_primary(|p| self.term(p))
            .map_prefix(|op, operand| self.prefix(&op, operand?))
            .map_postfix(|value, op| self.in_clause(value?, op))
            .map_infix(|left, op, right| self.infix(left?, &op, right?))
            .parse(inner)
    }

    fn prefix(&self, op: &Node, operand: Part) -> Option<Part> {
        let span = self.span(op).to(operand.outer);
        let op = if op.as_rule() == Rule::neg { UnaryOp::Neg } else { UnaryOp::Not };
        Some(Part::new(ExprKind::Unary { op, operand: operand.boxed() }, span))
    }

    fn in_clause(&self, value: Part, op: Node) -> Option<Part> {
        let span = value.outer.to(self.span(&op));
        let unit = op.as_rule() == Rule::in_unit;
        let mut kids = self.kids(op);
        let kind = if unit {
            ExprKind::In { value: value.boxed(), unit: self.unit(kids.next()?)? }
        } else {
            let (lo, hi) = (Box::new(self.expr(kids.next()?)?), Box::new(self.expr(kids.next()?)?));
            ExprKind::Between { value: value.boxed(), lo, hi }
        };
        Some(Part::new(kind, span))
    }

    fn infix(&self, left: Part, op: &Node, right: Part) -> Option<Part> {
        let span = left.outer.to(right.outer);
        let binary = match op.as_rule() {
            Rule::add => BinaryOp::Add,
            Rule::sub => BinaryOp::Sub,
            Rule::mul => BinaryOp::Mul,
            Rule::div => BinaryOp::Div,
            Rule::pow => BinaryOp::Pow,
            Rule::eq => BinaryOp::Eq,
            Rule::ne => BinaryOp::Ne,
            Rule::lt => BinaryOp::Lt,
            Rule::le => BinaryOp::Le,
            Rule::gt => BinaryOp::Gt,
            Rule::ge => BinaryOp::Ge,
            Rule::and => BinaryOp::And,
            Rule::or => BinaryOp::Or,
            Rule::plus_minus => {
                let kind = ExprKind::PlusMinus { value: left.boxed(), tolerance: right.boxed() };
                return Some(Part::new(kind, span));
            }
            _ => return None,
        };
        let op = Spanned::new(binary, self.span(op));
        if is_comparison(binary) {
            self.check_chain(&left, op.span);
        }
        Some(Part::new(ExprKind::Binary { op, left: left.boxed(), right: right.boxed() }, span))
    }

    /// `a < b < c` is not what it says.
    fn check_chain(&self, left: &Part, op: Span) {
        if let ExprKind::Binary { op: first, right: middle, .. } = &left.expr.kind
            && left.bare
            && is_comparison(first.node)
        {
            let (before, middle) = (self.written(left.expr.span), self.written(middle.span));
            self.fault(
                Diagnostic::new(Code::E0118, op, "comparisons cannot be chained", "the second comparison")
                    .label(first.span, "the first one")
                    .fix(
                        format!("compare twice: `{before} and {middle} {} ...`", self.written(op)),
                        op,
                        format!("and {middle} {}", self.written(op)),
                    ),
            );
        }
    }

    /// A `term`: an operand with its calls, indices and fields.
    fn term(&self, node: Node) -> Option<Part> {
        let mut inner = node.into_inner();
        let first = inner.next()?;
        let span = self.span(&first);
        let mut part = match first.as_rule() {
            Rule::number => Part::new(self.number(first)?, span),
            Rule::string => Part::new(ExprKind::String(self.string(&first).node), span),
            Rule::bool => Part::new(ExprKind::Bool(first.as_str() == "true"), span),
            Rule::name => Part::new(ExprKind::Name(self.name(&first)), span),
            Rule::list => Part::new(self.list(first)?, span),
            Rule::derivative => {
                let name = self.derivative(first)?;
                Part::new(ExprKind::Derivative { base: None, name }, span)
            }
            Rule::paren => {
                let inner = self.part(self.kids(first).next()?)?;
                Part { expr: inner.expr, outer: span, bare: false }
            }
            _ => return None,
        };
        for postfix in inner {
            let span = part.outer.to(self.span(&postfix));
            self.check_base(&part, &postfix);
            let base = Box::new(part.expr);
            let kind = match postfix.as_rule() {
                Rule::field => ExprKind::Field { base, name: self.name(&self.kids(postfix).next()?) },
                Rule::field_derivative => {
                    let name = self.derivative(self.kids(postfix).next()?)?;
                    ExprKind::Derivative { base: Some(base), name }
                }
                Rule::index => ExprKind::Index { base, entries: self.entries(postfix)? },
                Rule::call => self.call(base, postfix)?,
                _ => return None,
            };
            part = Part::new(kind, span);
        }
        Some(part)
    }

    /// `2 (x)` is no call and `3[0]` no index.
    fn check_base(&self, base: &Part, postfix: &Node) {
        use ExprKind::*;
        let called = postfix.as_rule() == Rule::call;
        let fits = match base.expr.kind {
            Name(_) | Field { .. } => base.bare || !called,
            Number(_) | String(_) | Bool(_) => false,
            _ => !called,
        };
        if fits {
            return;
        }
        let before = self.written(base.outer);
        let before = if before.len() > 20 { "..." } else { before };
        let after = self.span(postfix);
        if !called {
            let headline = format!("`{before}` has no parts");
            return self.fault(
                Diagnostic::new(Code::E0101, after, headline, "asks for a part of it")
                    .label(base.outer, "a plain value"),
            );
        }
        let headline = format!("`{before}` cannot be called like a function");
        let gap = Span { start: base.outer.end, end: after.start, ..after };
        self.fault(
            Diagnostic::new(Code::E0101, after, headline, "an operator might be missing before this")
                .label(base.outer, "not the name of a function")
                .fix(format!("for a product, write `{before} * (...)`"), gap, " * "),
        );
    }

    /// The name without its `d` in `dw/dt`.
    pub(super) fn derivative(&self, node: Node) -> Option<Ident> {
        Some(self.without_d(self.span(&node.into_inner().next()?)))
    }

    fn number(&self, node: Node) -> Option<ExprKind> {
        let mut kids = self.kids(node);
        let text = kids.next()?.as_str().replace('_', "");
        let unit = match kids.next() {
            Some(unit) => Some(self.unit(unit)?),
            None => None,
        };
        Some(ExprKind::Number(Number { text, unit }))
    }

    pub(super) fn unit(&self, node: Node) -> Option<Unit> {
        let span = self.span(&node);
        let mut factors = Vec::new();
        let mut sign = 1;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::per => sign = -1,
                Rule::unit_dot => sign = 1,
                _ => {
                    let mut inner = part.into_inner();
                    let name = self.span(&inner.next()?);
                    let text = letters::canonical_unit(self.written(name)).into_owned();
                    let power = match inner.next() {
                        None => 1,
                        // At most two digits: more are read as a power of the quantity.
                        Some(power) => power.as_str().trim_start_matches('^').parse().unwrap_or(1),
                    };
                    factors.push(UnitFactor { name: Ident { text, span: name }, power: sign * power });
                }
            }
        }
        Some(Unit { factors, span })
    }

    fn list(&self, node: Node) -> Option<ExprKind> {
        let mut kids = self.kids(node);
        let mut items = Vec::new();
        for item in self.kids(kids.next()?).rest() {
            let inner = item.into_inner().next()?;
            if inner.as_rule() == Rule::column {
                let span = self.span(&inner);
                let mut column = self.kids(inner);
                let name = self.name(&column.next()?);
                let value = Box::new(Expr { span: name.span, kind: ExprKind::Name(name) });
                items.push(Expr { kind: ExprKind::In { value, unit: self.unit(column.next()?)? }, span });
            } else {
                items.push(self.ranged(inner)?);
            }
        }
        let unit = match kids.next() {
            Some(unit) => Some(self.unit(unit)?),
            None => None,
        };
        Some(ExprKind::List { items, unit })
    }

    /// A `ranged` or a `range`: an expression, or two around `..`.
    pub(super) fn ranged(&self, node: Node) -> Option<Expr> {
        let span = self.span(&node);
        let (mut start, mut end, mut by, mut dots) = (None, None, None, false);
        let mut kids = self.kids(node);
        let mut pending: Vec<_> = kids.rest().collect();
        if pending.first().is_some_and(|p| p.as_rule() == Rule::range_from) {
            pending = self.kids(pending.pop()?).rest().collect();
        }
        for part in pending {
            match part.as_rule() {
                Rule::dots => dots = true,
                Rule::step => by = Some(Box::new(self.expr(self.kids(part).next()?)?)),
                _ if dots => end = Some(Box::new(self.expr(part)?)),
                _ => start = Some(self.expr(part)?),
            }
        }
        match start {
            Some(only) if !dots => Some(only),
            start => {
                Some(Expr { kind: ExprKind::Range(Range { start: start.map(Box::new), end, by }), span })
            }
        }
    }

    pub(super) fn entries(&self, node: Node) -> Option<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in self.kids(node).rest() {
            let span = self.span(&entry);
            let mut kids = self.kids(entry);
            let axis = match kids.next_if(Rule::axis_name) {
                Some(axis) => Some(self.axis_name(axis)?),
                None => None,
            };
            entries.push(Entry { axis, value: self.ranged(kids.next()?)?, span });
        }
        Some(entries)
    }

    pub(super) fn axis_name(&self, node: Node) -> Option<AxisName> {
        let mut kids = self.kids(node);
        let first = self.name(&kids.next()?);
        Some(match kids.next() {
            Some(name) => AxisName { owner: Some(first), name: self.name(&name) },
            None => AxisName { owner: None, name: first },
        })
    }

    /// `axis_list` or the axes of `over`.
    pub(super) fn axis_names(&self, node: Node) -> Option<Vec<AxisName>> {
        let mut names = Vec::new();
        for kid in self.kids(node).rest() {
            if kid.as_rule() == Rule::axis_list {
                names.extend(self.axis_names(kid)?);
            } else {
                names.push(self.axis_name(kid)?);
            }
        }
        Some(names)
    }

    fn call(&self, callee: Box<Expr>, node: Node) -> Option<ExprKind> {
        let (mut args, mut over, mut binder, mut reduces) = (Vec::new(), Vec::new(), None, false);
        for kid in self.kids(node).rest() {
            match kid.as_rule() {
                Rule::over => {
                    over = self.axis_names(kid)?;
                    reduces = true;
                }
                Rule::binder => {
                    binder = Some(self.binder(kid)?);
                    reduces = true;
                }
                _ => args.push(self.argument(kid)?),
            }
        }
        if !reduces {
            return Some(ExprKind::Call { callee, args });
        }
        let function = match callee.kind {
            ExprKind::Name(function) => function,
            _ => {
                let headline = "only a named function such as `sum` runs `over` axes";
                self.fault(Diagnostic::new(Code::E0101, callee.span, headline, "not the name of a function"));
                self.ident_at(callee.span)
            }
        };
        let mut values = Vec::new();
        for arg in args {
            if let Some(name) = arg.name {
                let headline = format!("`{}` takes no named argument where it runs over axes", function.text);
                self.fault(
                    Diagnostic::new(Code::E0101, name.span, headline, "a named argument")
                        .help(format!("write the value without `{} =`", name.text)),
                );
            }
            values.push(arg.value);
        }
        Some(ExprKind::Reduce(Reduce { function, args: values, over, binder }))
    }

    fn argument(&self, node: Node) -> Option<Arg> {
        let inner = node.into_inner().next()?;
        if inner.as_rule() != Rule::named {
            return Some(Arg { name: None, value: self.ranged(inner)? });
        }
        let mut kids = self.kids(inner);
        let name = self.name(&kids.next()?);
        Some(Arg { name: Some(name), value: self.ranged(kids.next()?)? })
    }

    fn binder(&self, node: Node) -> Option<Binder> {
        let mut kids = self.kids(node);
        let name = self.declared(&kids.next()?, "a loop variable");
        let along = kids.next()?;
        let over = if along.as_rule() == Rule::range {
            BinderRange::Range(Box::new(self.ranged(along)?))
        } else {
            BinderRange::Axis(self.axis_name(along)?)
        };
        let condition = match kids.next() {
            Some(condition) => Some(Box::new(self.expr(self.kids(condition).next()?)?)),
            None => None,
        };
        Some(Binder { name, over, condition })
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::*;
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge)
}
