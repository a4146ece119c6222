//! Walks over the tree as written: every expression of an item, every statement of a protocol.

use crate::syntax::ast::*;

/// Calls `f` for every expression below (and including) `expr`, outer ones first.
pub(crate) fn expr<'a>(e: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    f(e);
    match &e.kind {
        ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Bool(_) | ExprKind::Name(_) => {}
        ExprKind::Field { base, .. } => expr(base, f),
        ExprKind::Derivative { base, .. } => base.iter().for_each(|b| expr(b, f)),
        ExprKind::Unary { operand, .. } => expr(operand, f),
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|x| expr(x, f)),
        ExprKind::PlusMinus { value, tolerance } => [value, tolerance].into_iter().for_each(|x| expr(x, f)),
        ExprKind::Between { value, lo, hi } => [value, lo, hi].into_iter().for_each(|x| expr(x, f)),
        ExprKind::In { value, .. } | ExprKind::AtStart { value } => expr(value, f),
        ExprKind::If { condition, then, otherwise } => {
            [condition, then, otherwise].into_iter().for_each(|x| expr(x, f));
        }
        ExprKind::Call { callee, args } => {
            expr(callee, f);
            args.iter().for_each(|a| expr(&a.value, f));
        }
        ExprKind::Reduce(r) => {
            r.args.iter().for_each(|a| expr(a, f));
            if let Some(b) = &r.binder {
                if let BinderRange::Range(x) = &b.over {
                    expr(x, f);
                }
                b.condition.iter().for_each(|x| expr(x, f));
            }
        }
        ExprKind::Index { base, entries } => {
            expr(base, f);
            entries.iter().for_each(|x| expr(&x.value, f));
        }
        ExprKind::Range(r) => [&r.start, &r.end, &r.by].into_iter().flatten().for_each(|x| expr(x, f)),
        ExprKind::List { items, .. } => items.iter().for_each(|x| expr(x, f)),
    }
}

/// Calls `f` for every statement of a block, outer ones first.
pub(crate) fn statements<'a>(block: &'a Block, f: &mut dyn FnMut(&'a Statement)) {
    for s in &block.statements {
        f(s);
        match &s.kind {
            StatementKind::Phase { body, .. }
            | StatementKind::Repeat { body, .. }
            | StatementKind::For { body, .. }
            | StatementKind::Together { body, .. }
            | StatementKind::Control { body, .. } => statements(body, f),
            _ => {}
        }
    }
}

fn loop_exprs<'a>(l: &'a Loop, f: &mut dyn FnMut(&'a Expr)) {
    match l {
        Loop::Of(_) => {}
        Loop::In(e) => expr(e, f),
        Loop::Shuffle(inner) => loop_exprs(inner, f),
    }
}

fn length_exprs<'a>(length: &'a Length, f: &mut dyn FnMut(&'a Expr)) {
    match length {
        Length::For(e) => expr(e, f),
        Length::Until { condition, within } => {
            expr(condition, f);
            within.iter().for_each(|e| expr(e, f));
        }
    }
}

fn cells_exprs<'a>(cells: &'a Cells, f: &mut dyn FnMut(&'a Expr)) {
    cells.slice.iter().for_each(|x| expr(&x.value, f));
}

fn groups_exprs<'a>(groups: &'a Groups, f: &mut dyn FnMut(&'a Expr)) {
    expr(&groups.every, f);
    expr(&groups.count, f);
}

fn tail_exprs<'a>(tail: &'a Tail, f: &mut dyn FnMut(&'a Expr)) {
    if let Some((count, rate)) = &tail.times {
        expr(count, f);
        expr(rate, f);
    }
    tail.groups.iter().for_each(|g| groups_exprs(g, f));
    tail.length.iter().for_each(|e| expr(e, f));
}

/// The expressions that stand in a statement itself, not in its block.
pub(crate) fn statement_exprs<'a>(s: &'a Statement, f: &mut dyn FnMut(&'a Expr)) {
    match &s.kind {
        StatementKind::Present { inputs, length } => {
            for i in inputs {
                expr(&i.value, f);
                i.slice.iter().for_each(|x| expr(&x.value, f));
            }
            length_exprs(length, f);
        }
        StatementKind::Rest { length } => length_exprs(length, f),
        StatementKind::Spike { trains, tail } => {
            for (cells, at) in trains {
                cells_exprs(cells, f);
                expr(at, f);
            }
            tail_exprs(tail, f);
        }
        StatementKind::Pair { pre, post, lag, tail } => {
            cells_exprs(pre, f);
            cells_exprs(post, f);
            expr(lag, f);
            tail_exprs(tail, f);
        }
        StatementKind::Train { count, rate, groups, on } => {
            expr(count, f);
            expr(rate, f);
            groups.iter().for_each(|g| groups_exprs(g, f));
            on.iter().for_each(|c| cells_exprs(c, f));
        }
        StatementKind::ThetaBurst { groups, on } => {
            groups.iter().for_each(|g| groups_exprs(g, f));
            on.iter().for_each(|c| cells_exprs(c, f));
        }
        StatementKind::Repeat { count, .. } => expr(count, f),
        StatementKind::For { over, .. } | StatementKind::Together { over, .. } => loop_exprs(over, f),
        StatementKind::Pick { over, weights, .. } => {
            loop_exprs(over, f);
            weights.iter().for_each(|e| expr(e, f));
        }
        StatementKind::Teach { value, .. }
        | StatementKind::Set { value, .. }
        | StatementKind::Probe { value, .. } => expr(value, f),
        StatementKind::Phase { .. }
        | StatementKind::ControlWithout { .. }
        | StatementKind::Control { .. } => {}
    }
}

fn member_exprs<'a>(m: &'a Member, f: &mut dyn FnMut(&'a Expr)) {
    match &m.kind {
        MemberKind::Param(p) => param_exprs(p, f),
        MemberKind::State(s) => s.value.iter().for_each(|e| expr(e, f)),
        MemberKind::Equation(e) => {
            e.factor.iter().for_each(|x| expr(x, f));
            expr(&e.value, f);
        }
        MemberKind::Output { value, .. }
        | MemberKind::Start { value, .. }
        | MemberKind::Hold { value, .. } => {
            expr(value, f);
        }
        MemberKind::Update(Update::Every(e))
        | MemberKind::Delay { time: e, .. }
        | MemberKind::Rule { rule: e }
        | MemberKind::Spikes(SpikeSource::Poisson(e))
        | MemberKind::Cell(e) => expr(e, f),
        MemberKind::SpikeWhen { condition, reset, refractory } => {
            expr(condition, f);
            reset.iter().for_each(|c| expr(&c.value, f));
            refractory.iter().for_each(|e| expr(e, f));
        }
        MemberKind::Spikes(SpikeSource::At { times, cells }) => {
            expr(times, f);
            cells.iter().for_each(|e| expr(e, f));
        }
        MemberKind::On { changes, .. } => changes.iter().for_each(|c| expr(&c.value, f)),
        MemberKind::Values { settings, .. } => settings.iter().for_each(|(_, e)| expr(e, f)),
        MemberKind::Normalise(n) => {
            expr(&n.quantity, f);
            expr(&n.target, f);
            n.every.iter().for_each(|e| expr(e, f));
        }
        MemberKind::Bounds { lo, hi, .. } => [lo, hi].into_iter().for_each(|x| expr(x, f)),
        MemberKind::Connect { how: Connect::Random(e) | Connect::Where(e), .. } => expr(e, f),
        MemberKind::Connect { .. }
        | MemberKind::Update(Update::PerPresentation)
        | MemberKind::Integrate(_)
        | MemberKind::Ties(_)
        | MemberKind::Needs(_)
        | MemberKind::Fixed
        | MemberKind::Inhibitory => {}
    }
}

fn param_exprs<'a>(p: &'a Param, f: &mut dyn FnMut(&'a Expr)) {
    expr(&p.value, f);
    if let Some((lo, hi)) = &p.range {
        expr(lo, f);
        expr(hi, f);
    }
}

/// Every expression of an item.
pub(crate) fn item_exprs<'a>(item: &'a Item, f: &mut dyn FnMut(&'a Expr)) {
    match &item.kind {
        ItemKind::Clock(e) | ItemKind::Seed(e) => expr(e, f),
        ItemKind::Precision(_) | ItemKind::Integrate(_) | ItemKind::Use(_) => {}
        ItemKind::Fn { body: value, .. } => expr(value, f),
        ItemKind::Param(p) => param_exprs(p, f),
        ItemKind::Cases(Cases::Named { cases, .. }) => {
            cases.iter().flat_map(|c| &c.settings).for_each(|(_, e)| expr(e, f));
        }
        ItemKind::Cases(Cases::Values { values, .. }) => expr(values, f),
        ItemKind::Let { axes, value, .. } | ItemKind::Stimulus { axes, value, .. } => {
            axes.iter().for_each(|a| expr(&a.extent, f));
            expr(value, f);
        }
        ItemKind::Population(p) => {
            p.axes.iter().for_each(|a| expr(&a.extent, f));
            p.members.iter().for_each(|m| member_exprs(m, f));
        }
        ItemKind::Cell(c) => c.members.iter().for_each(|m| member_exprs(m, f)),
        ItemKind::Rule(r) => r.members.iter().for_each(|m| member_exprs(m, f)),
        ItemKind::Synapses(s) => s.members.iter().for_each(|m| member_exprs(m, f)),
        ItemKind::Protocol(b) => statements(b, &mut |s| statement_exprs(s, f)),
        ItemKind::Record(r) => {
            expr(&r.value, f);
            expr(&r.every, f);
        }
        ItemKind::Expect { condition, .. } => expr(condition, f),
        ItemKind::Plot(p) => {
            p.values.iter().chain(&p.versus).chain(&p.split).chain(&p.marks).for_each(|e| expr(e, f))
        }
        ItemKind::Image { value, .. } => expr(value, f),
    }
}
