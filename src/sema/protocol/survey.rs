//! What a protocol declares, for those who must know it before the protocol is checked.

use crate::sema::items::Items;
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
    let mut found = false;
    all_statements(items, &mut |s| {
        if let ast::StatementKind::Set { owner: o, name: n, .. } = &s.kind {
            found |= n.text == name && o.as_ref().map(|o| o.text.as_str()) == owner;
        }
    });
    found
}
