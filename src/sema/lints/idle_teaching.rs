use crate::diag::{Code, Diagnostic};
use crate::sema::checker::Checker;
use crate::sema::walk;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, StatementKind};
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// Teaching that ends where it begins: no time passes behind it in its block.
    pub(super) fn lint_idle_teaching(&mut self, allowed: &mut HashSet<Span>) {
        for item in &self.items.file.items {
            let ItemKind::Protocol(block) = &item.kind else { continue };
            let mut idle = Vec::new();
            find(block, &mut idle);
            walk::statements(block, &mut |s| {
                if let Some(block) = inside(s) {
                    find(block, &mut idle);
                }
            });
            for span in idle {
                let d = Diagnostic::new(
                    Code::W0607,
                    span,
                    "this teaches nothing: its block ends before any time passes",
                    "in force from here to the end of the block",
                )
                .help("put it before the presentation that it is for");
                self.warn(&[item], d, allowed);
            }
        }
    }
}

/// The block a statement holds.
fn inside(s: &ast::Statement) -> Option<&ast::Block> {
    match &s.kind {
        StatementKind::Phase { body, .. }
        | StatementKind::Repeat { body, .. }
        | StatementKind::For { body, .. }
        | StatementKind::Together { body, .. }
        | StatementKind::Control { body, .. } => Some(body),
        _ => None,
    }
}

fn find(block: &ast::Block, idle: &mut Vec<Span>) {
    let lasts = |s: &ast::Statement| {
        inside(s).is_some() || matches!(s.kind, StatementKind::Present { .. } | StatementKind::Rest { .. })
    };
    let last = block.statements.iter().rposition(lasts);
    let behind = &block.statements[last.map_or(0, |at| at + 1)..];
    idle.extend(behind.iter().filter(|s| matches!(s.kind, StatementKind::Teach { .. })).map(|s| s.span));
}
