use crate::hir::{Expr, ExprKind, Selector};

/// Calls `f` for an expression and everything below it, outer ones first.
pub fn visit<'e>(e: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    f(e);
    match &e.kind {
        ExprKind::Unary(_, a) | ExprKind::AtStart(a) => visit(a, f),
        ExprKind::Binary(_, a, b) => {
            visit(a, f);
            visit(b, f);
        }
        ExprKind::Call(_, args) => args.iter().for_each(|a| visit(a, f)),
        ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|x| visit(x, f)),
        ExprKind::Reduce { args, filter, .. } => {
            args.iter().for_each(|a| visit(a, f));
            filter.iter().for_each(|a| visit(a, f));
        }
        ExprKind::Index { base, selections } => {
            visit(base, f);
            for s in selections {
                if let Selector::At(i) = &s.selector {
                    visit(i, f);
                }
            }
        }
        _ => {}
    }
}

/// Like [`visit`], and `f` may change what it is given.
pub(crate) fn visit_mut(e: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    f(e);
    match &mut e.kind {
        ExprKind::Unary(_, a) | ExprKind::AtStart(a) => visit_mut(a, f),
        ExprKind::Binary(_, a, b) => {
            visit_mut(a, f);
            visit_mut(b, f);
        }
        ExprKind::Call(_, args) => args.iter_mut().for_each(|a| visit_mut(a, f)),
        ExprKind::If(a, b, c) => [a, b, c].into_iter().for_each(|x| visit_mut(x, f)),
        ExprKind::Reduce { args, filter, .. } => {
            args.iter_mut().for_each(|a| visit_mut(a, f));
            filter.iter_mut().for_each(|a| visit_mut(a, f));
        }
        ExprKind::Index { base, selections } => {
            visit_mut(base, f);
            for s in selections {
                if let Selector::At(i) = &mut s.selector {
                    visit_mut(i, f);
                }
            }
        }
        _ => {}
    }
}
