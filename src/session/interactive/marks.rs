//! Moments to come back to, and what differs between two of them.

use super::document::{CheckedDocument, Document, Failure};
use super::session::{Done, Session};
use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::VarKind;
use crate::runtime::{Live, Moment};
use crate::units::{Unit, format_value};
use std::sync::Arc;

/// A moment of a session.
pub(super) struct Mark {
    pub name: String,
    document: Document,
    checked: Arc<CheckedDocument>,
    which: usize,
    moment: Moment,
    blurred: Vec<String>,
    frozen: Option<String>,
    states: Vec<State>,
}

/// The values of a state, or of a parameter, at a moment.
struct State {
    name: String,
    unit: Unit,
    values: Vec<f64>,
}

impl Session {
    fn states(&mut self) -> Result<Vec<State>, Failure> {
        let live = self.run_of()?;
        let program = live.program();
        let mut states: Vec<State> = program
            .params
            .iter_enumerated()
            .map(|(id, p)| State {
                name: p.name.clone(),
                unit: p.unit.clone(),
                values: live.param(id).into_iter().collect(),
            })
            .collect();
        states.extend(
            program
                .vars
                .iter_enumerated()
                .filter(|(_, v)| matches!(v.kind, VarKind::State { .. }))
                .map(|(id, v)| State { name: v.name.clone(), unit: v.unit.clone(), values: live.values(id) }),
        );
        Ok(states)
    }

    /// `:mark a`
    pub(super) fn mark(&mut self, name: &str) -> Done {
        if name.is_empty() {
            let shown = |m: &Mark| format!("{}  t = {}", m.name, self.time_of(m.moment.now()));
            let all: Vec<String> = self.marks.iter().map(shown).collect();
            return Ok(if all.is_empty() {
                "nothing is marked: `:mark a` marks this moment".into()
            } else {
                all.join("\n")
            });
        }
        if name.contains(char::is_whitespace) {
            let d = Diagnostic::global(Code::E0923, format!("`{name}` is no name for a mark"));
            return Err(Failure::global(d.help("a name is one word, such as `:mark before`")));
        }
        let states = self.states()?;
        let moment = self.run_of()?.moment().map_err(|d| Failure::global(*d))?;
        let mark = Mark {
            name: name.to_string(),
            document: self.document.clone(),
            checked: self.checked.clone(),
            which: self.which,
            moment,
            blurred: self.blurred.clone(),
            frozen: self.frozen.clone(),
            states,
        };
        self.marks.retain(|m| m.name != name);
        self.marks.push(mark);
        Ok(format!("`{name}` is t = {}", self.time()))
    }

    fn marked(&self, name: &str) -> Result<usize, Failure> {
        if name.is_empty() {
            let d = Diagnostic::global(Code::E0923, "`:back` needs the name of a mark");
            return Err(Failure::global(d.help("`:mark a` marks a moment, `:back a` goes back to it")));
        }
        self.marks.iter().position(|m| m.name == name).ok_or_else(|| {
            let d = Diagnostic::global(Code::E0923, format!("nothing is marked `{name}`"));
            let names: Vec<&str> = self.marks.iter().map(|m| m.name.as_str()).collect();
            Failure::global(
                match (nearest(name, names.iter().copied()), crate::diag::list(names.iter().copied())) {
                    (Some(near), _) => d.help(format!("a similar mark is `{near}`")),
                    (None, Some(all)) => d.note(format!("marks: {all}")),
                    (None, None) => d.help(format!("`:mark {name}` marks the present moment")),
                },
            )
        })
    }

    /// `:back a`
    pub(super) fn back(&mut self, name: &str) -> Done {
        let mark = &self.marks[self.marked(name)?];
        let fail = |d: Box<Diagnostic>| Failure::global(*d);
        let same = self.live.as_ref().is_some_and(|l| Arc::ptr_eq(l.experiment(), &mark.checked.experiment));
        let mut live = match self.live.take_if(|_| same) {
            Some(live) => live,
            None => Live::begin(&mark.checked.experiment, mark.which, &self.options).map_err(fail)?,
        };
        live.back(&mark.moment).map_err(fail)?;
        self.live = Some(live);
        (self.document, self.checked, self.which) = (mark.document.clone(), mark.checked.clone(), mark.which);
        (self.blurred, self.frozen) = (mark.blurred.clone(), mark.frozen.clone());
        Ok(format!("t = {}", self.time()))
    }

    /// `:diff a`, `:diff a b`
    pub(super) fn diff(&mut self, names: &str) -> Done {
        let names: Vec<&str> = names.split_whitespace().collect();
        let now = self.states()?;
        let (first, second) = match names.as_slice() {
            [a] => (self.marked(a)?, None),
            [a, b] => (self.marked(a)?, Some(self.marked(b)?)),
            _ => {
                let d = Diagnostic::global(
                    Code::E0923,
                    "`:diff` compares one mark with the present, or two marks",
                );
                return Err(Failure::global(
                    d.help("`:diff a b` says what differs between the marks `a` and `b`"),
                ));
            }
        };
        let (a, b) = (&self.marks[first], second.map(|i| &self.marks[i]));
        let (before, after) = (&a.states, b.map_or(&now, |m| &m.states));
        let (time, names) = match b {
            Some(b) => (self.time_of(b.moment.now()), (a.name.clone(), b.name.clone())),
            None => (self.time(), (a.name.clone(), "now".to_string())),
        };
        let mut rows = vec![vec![String::new(), names.0, names.1, String::new()]];
        let at = self.time_of(a.moment.now());
        if at != time {
            rows.push(vec!["t".into(), at, time, String::new()]);
        }
        for was in before {
            let Some(is) = after.iter().find(|s| s.name == was.name) else {
                rows.push(vec![was.name.clone(), summary(was), "gone".into(), String::new()]);
                continue;
            };
            let differ =
                was.values.iter().zip(&is.values).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            if was.values.len() == is.values.len() && differ == 0 {
                continue;
            }
            let most = was.values.iter().zip(&is.values).map(|(a, b)| (b - a).abs()).fold(0.0, f64::max);
            let what = if was.values.len() > 1 {
                format!(
                    "{differ} of {} differ, by at most {}",
                    was.values.len(),
                    format_value(most, &is.unit, 4)
                )
            } else {
                String::new()
            };
            rows.push(vec![was.name.clone(), summary(was), summary(is), what]);
        }
        for is in after.iter().filter(|s| before.iter().all(|b| b.name != s.name)) {
            rows.push(vec![is.name.clone(), "not there".into(), summary(is), String::new()]);
        }
        if rows.len() == 1 {
            return Ok("nothing differs, to the last bit".into());
        }
        Ok(super::info::columns(&rows))
    }
}

/// The value of one element, or the mean of several.
fn summary(state: &State) -> String {
    match state.values.as_slice() {
        [] => "nothing".into(),
        [one] => format_value(*one, &state.unit, 6),
        all => format!("mean {}", format_value(all.iter().sum::<f64>() / all.len() as f64, &state.unit, 6)),
    }
}
