use crate::diag::{CODES, Code, Diagnostic, Severity, nearest};
use crate::sema::checker::Checker;
use crate::source::Span;
use std::collections::HashSet;

impl Checker<'_, '_> {
    /// An `allow` that silences nothing, or names no warning.
    pub(in crate::sema) fn lint_allows(&mut self, allowed: &HashSet<Span>) {
        let warnings: Vec<&str> =
            CODES.iter().filter(|c| c.severity == Severity::Warning).map(|c| c.name).collect();
        let unused_name = Code::W0603.info().name;
        for item in &self.items.file.items {
            for allow in &item.allows {
                if !warnings.contains(&allow.name.text.as_str()) {
                    let mut d = Diagnostic::new(
                        Code::E0201,
                        allow.name.span,
                        format!("there is no warning `{}`", allow.name.text),
                        "not a warning's name",
                    );
                    if let Some(near) = nearest(&allow.name.text, warnings.iter().copied()) {
                        d = d.fix(format!("a similar name is `{near}`"), allow.name.span, near);
                    } else {
                        d = d.note(format!("warnings: {}", warnings.join(" ")));
                    }
                    self.report(d);
                    continue;
                }
                let silences_unused = allow.name.text == unused_name
                    && crate::sema::items::name(item).is_some_and(|n| !self.used.contains(&n.text));
                if !allowed.contains(&allow.span) && !silences_unused {
                    self.report(
                        Diagnostic::new(
                            Code::W0606,
                            allow.span,
                            format!("nothing here needs `allow {}`", allow.name.text),
                            "silences nothing",
                        )
                        .fix("remove it", allow.span, ""),
                    );
                }
            }
        }
    }
}
