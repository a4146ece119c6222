use crate::diag::{Code, Diagnostic};
use crate::eval::{StaticEnv, eval};
use crate::hir::{Connect, ProjId};
use crate::sema::checker::Checker;
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, MemberKind};
use std::collections::HashSet;

/// Conditions over more pairs than this are not tried out.
const MOST_PAIRS: usize = 1 << 20;

impl<'a> Checker<'a, '_> {
    /// A projection without a single synapse.
    pub(super) fn lint_joins_nothing(&mut self, id: ProjId, allowed: &mut HashSet<Span>) {
        let p = &self.program.projections[id];
        let none = match &p.connect {
            Connect::Random(p) => *p == 0.0,
            Connect::Where(e) if self.axes.count(&p.axes).is_some_and(|n| n <= MOST_PAIRS) => {
                let program = &self.program;
                let (params, consts) = (&program.params, &program.consts);
                let env = StaticEnv::of_parts(self.axes.table(), program.tick, program.seed, params, consts);
                eval(e, &env).is_ok_and(|v| v.data.iter().all(|holds| *holds == 0.0))
            }
            _ => false,
        };
        let Some(item) = self.items.get(&p.name).filter(|_| none) else { return };
        let at = connect_of(item).unwrap_or(p.span);
        let headline = format!("`{}` joins no two cells", p.name);
        let d = Diagnostic::new(Code::W0610, at, headline, "holds for no pair of cells");
        self.warn(&[item], d, allowed);
    }
}

fn connect_of(item: &ast::Item) -> Option<Span> {
    let ItemKind::Synapses(s) = &item.kind else { return None };
    s.members.iter().find(|m| matches!(m.kind, MemberKind::Connect { .. })).map(|m| m.span)
}
