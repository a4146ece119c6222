//! What a protocol declares, for those who must know it before the protocol is checked.

use crate::sema::items::Items;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

fn all_statements<'a>(items: &Items<'a>, f: &mut dyn FnMut(&'a ast::Statement)) {
    for item in &items.file.items {
        if let ItemKind::Protocol(block) = &item.kind {
            crate::sema::walk::statements(block, f);
        }
    }
}

/// Whether the protocol declares a probe of this name.
pub(in crate::sema) fn declares_probe(items: &Items<'_>, name: &str) -> bool {
    let mut found = false;
    all_statements(items, &mut |s| {
        found |= matches!(&s.kind, ast::StatementKind::Probe { name: n, .. } if n.text == name);
    });
    found
}

/// Whether there is a control run.
pub(in crate::sema) fn has_control(items: &Items<'_>) -> bool {
    let mut found = false;
    all_statements(items, &mut |s| {
        found |=
            matches!(s.kind, ast::StatementKind::Control { .. } | ast::StatementKind::ControlWithout { .. });
    });
    found
}

/// Whether a `set` statement changes this parameter.
pub(in crate::sema) fn sets(items: &Items<'_>, owner: Option<&str>, name: &str) -> bool {
    set_at(items, owner, name).is_some()
}

/// Where the first `set` statement changes this parameter.
pub(in crate::sema) fn set_at(items: &Items<'_>, owner: Option<&str>, name: &str) -> Option<Span> {
    let mut found = None;
    all_statements(items, &mut |s| {
        if let ast::StatementKind::Set { owner: o, name: n, .. } = &s.kind
            && n.text == name
            && o.as_ref().map(|o| o.text.as_str()) == owner
        {
            found.get_or_insert(s.span);
        }
    });
    found
}

/// Whether the control run comes past a probe of this name: it stands in no phase that a control replaces, or in a
/// replacement. (What a control removes, it still reads.)
pub(in crate::sema) fn control_reads(items: &Items<'_>, name: &str) -> bool {
    fn within(block: &ast::Block, replaced: &[&str], name: &str) -> bool {
        block.statements.iter().any(|s| match &s.kind {
            ast::StatementKind::Probe { name: n, .. } => n.text == name,
            ast::StatementKind::Phase { name: phase, body, .. } => {
                !replaced.contains(&phase.text.as_str()) && within(body, replaced, name)
            }
            ast::StatementKind::Repeat { body, .. }
            | ast::StatementKind::For { body, .. }
            | ast::StatementKind::Together { body, .. }
            | ast::StatementKind::Control { body, .. } => within(body, replaced, name),
            _ => false,
        })
    }
    let mut replaced = Vec::new();
    all_statements(items, &mut |s| {
        if let ast::StatementKind::Control { phase, .. } = &s.kind {
            replaced.push(phase.text.as_str());
        }
    });
    items.file.items.iter().any(|item| match &item.kind {
        ItemKind::Protocol(block) => within(block, &replaced, name),
        _ => false,
    })
}
