//! Lines of which a population, a rule or a projection has one, and that stand there twice.

use super::checker::Checker;
use crate::diag::{Code, Diagnostic};
use crate::syntax::ast::{Member, MemberKind};

/// What only one line may say.
#[derive(PartialEq)]
enum Said<'a> {
    Line(&'static str),
    Start(&'a str),
}

impl Checker<'_, '_> {
    /// Reports the second of two lines that say the same thing.
    pub fn no_line_twice(&mut self, members: &[Member]) {
        for (i, second) in members.iter().enumerate() {
            let Some(said) = said(&second.kind) else { continue };
            let first = members[..i].iter().find(|m| self::said(&m.kind).is_some_and(|s| s == said));
            let Some(first) = first else { continue };
            let (code, headline) = match said {
                Said::Line(line) => (Code::E0202, format!("two `{line}` lines")),
                Said::Start(name) => (Code::E0602, format!("`{name}` has two start values")),
            };
            let d = Diagnostic::new(code, second.span, headline, "the second");
            self.report(d.label(first.span, "the first"));
        }
    }
}

/// Other lines that stand once, such as `bounds` of one variable, are met where they are read.
fn said(kind: &MemberKind) -> Option<Said<'_>> {
    Some(match kind {
        MemberKind::Connect { .. } => Said::Line("connect"),
        MemberKind::Ties(_) => Said::Line("ties"),
        MemberKind::Cell(_) => Said::Line("cell"),
        MemberKind::Delay { .. } => Said::Line("delay"),
        MemberKind::Fixed => Said::Line("fixed"),
        MemberKind::Inhibitory => Said::Line("inhibitory"),
        MemberKind::Integrate(_) => Said::Line("integrate"),
        MemberKind::Start { name, .. } | MemberKind::Hold { name, .. } => Said::Start(&name.text),
        _ => return None,
    })
}
