//! Cells that no population of a file takes: they are looked into as if one took them.
//!
//! What a cell expects of its population - names that it does not declare itself, and incoming projections - is not known
//! then, and nothing is said of it.

use crate::diag::{Code, Severity, Sink};
use crate::syntax::ast::{self, ItemKind, Member, MemberKind};
use std::collections::HashSet;

/// The cells of a file that no population takes, each with its item.
fn idle<'f>(
    file: &'f ast::File,
    used: &'f HashSet<String>,
) -> impl Iterator<Item = (&'f ast::Item, &'f ast::Cell)> {
    file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Cell(cell) if !used.contains(&cell.name.text) => Some((item, cell)),
        _ => None,
    })
}

/// The file with a population for each cell that none takes; `None` if there is no such cell.
pub(super) fn in_populations(file: &ast::File, used: &HashSet<String>) -> Option<ast::File> {
    let populations: Vec<ast::Item> = idle(file, used)
        .map(|(item, cell)| {
            let name = ast::Ident { text: format!("population of {}", cell.name.text), span: cell.name.span };
            let takes = ast::Expr { kind: ast::ExprKind::Name(cell.name.clone()), span: cell.name.span };
            let line = Member {
                kind: MemberKind::Cell(takes),
                docs: String::new(),
                allows: Vec::new(),
                span: cell.name.span,
            };
            let population = ast::Population { name, axes: Vec::new(), spiking: None, members: vec![line] };
            ast::Item {
                kind: ItemKind::Population(population),
                docs: String::new(),
                stream: None,
                allows: Vec::new(),
                span: item.span,
            }
        })
        .collect();
    if populations.is_empty() {
        return None;
    }
    let mut with = file.clone();
    with.items.extend(populations);
    Some(with)
}

/// Reports what was found in the cells themselves.
pub(super) fn report(file: &ast::File, used: &HashSet<String>, found: &Sink, sink: &mut Sink) {
    let cells: Vec<_> = idle(file, used).map(|(item, _)| item.span).collect();
    for d in found.diagnostics() {
        let inside = d.primary.as_ref().is_some_and(|p| cells.iter().any(|cell| cell.contains(p.span)));
        // a name may be one of the population's; projections come with it
        let of_population = matches!(d.code, Code::E0201 | Code::E0209);
        if inside && !of_population && d.severity() == Severity::Error {
            sink.push(d.clone());
        }
    }
}
