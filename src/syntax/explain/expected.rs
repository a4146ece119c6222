//! What the grammar expected, where nothing better is known.

use super::{Case, Place};
use crate::diag::{Code, Diagnostic};
use crate::syntax::grammar::words;
use crate::syntax::keywords;
use crate::syntax::lex::Kind;

impl Case<'_> {
    /// What was expected instead.
    pub(super) fn expected(&self) -> Diagnostic {
        let mut list: Vec<String> = Vec::new();
        for rule in &self.failure.expected {
            let text = words(*rule);
            if !text.is_empty() && !list.contains(&text) {
                list.push(text);
            }
        }
        let has = |list: &[String], what: &str| list.iter().any(|l| l == what);
        let second = self.prev() == Some(self.segment.first) && self.place == Place::Member;
        if second && !keywords::is_keyword(self.str(self.segment.first)) && has(&list, "`=`") {
            list = vec!["`=`".to_string()];
        } else if second && list.len() > 1 {
            // A keyword could also be a name; that is not what was meant.
            list.retain(|l| !matches!(l.as_str(), "`=`" | "an operator" | "`.`" | "`(`" | "`[`"));
        }
        if has(&list, "an operator") && list.len() > 1 {
            // Where an operator may stand, a clause or an end usually may too: the operator is the least of it.
            list.retain(|l| {
                !matches!(
                    l.as_str(),
                    "`in`" | "`and`" | "`or`" | "`.`" | "`(`" | "`[`" | "a unit" | "an operator"
                )
            });
            list.push("an operator".to_string());
        }
        if has(&list, "an expression") {
            list.retain(|l| {
                !matches!(l.as_str(), "a name" | "a number" | "a string" | "a derivative" | "`if`" | "`not`")
            });
        }
        if list.len() > 2 {
            list.retain(|l| !matches!(l.as_str(), "`stream`" | "`allow`"));
        }
        list.sort_by_key(|l| (l.starts_with("an "), l.starts_with("the ")));
        list.truncate(6);
        let found = match self.this() {
            None if self.failure.next >= self.lexed.tokens.len() => "the end of the file".to_string(),
            None => "the end of the statement".to_string(),
            Some(this) => match self.kind(this) {
                Some(Kind::Number) => format!("the number `{}`", self.str(this)),
                Some(Kind::Str) => "a string".to_string(),
                Some(Kind::Name) if keywords::is_keyword(self.str(this)) => {
                    format!("the keyword `{}`", self.str(this))
                }
                _ => format!("`{}`", self.str(this)),
            },
        };
        let label = match (self.this(), self.prev()) {
            (None, Some(prev)) => format!("something is missing after `{}`", shorten(self.str(prev))),
            _ => "not expected here".to_string(),
        };
        let headline = match list.as_slice() {
            [] => format!("{found} is not expected here"),
            _ => format!("expected {}, found {found}", either(&list)),
        };
        let d = Diagnostic::new(Code::E0101, self.span(), headline, label);
        let keywords: Vec<&str> =
            list.iter().filter_map(|l| l.strip_prefix('`')?.strip_suffix('`')).collect();
        match self
            .this()
            .filter(|t| !keywords::is_keyword(self.str(*t)))
            .and_then(|t| keywords::nearest(self.str(t), keywords))
        {
            Some(keyword) => d.fix(format!("write `{keyword}`"), self.span(), keyword),
            None => d,
        }
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 20 { text.to_string() } else { text.chars().take(19).chain(['…']).collect() }
}

fn either(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
