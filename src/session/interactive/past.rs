//! Whether a changed experiment would have had the same past.

use crate::hir::{ConstKind, Equation, Experiment, Program, VarId, VarKind};
use crate::ir::build::canonical::{Advance, advance};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What of a past would be another under a changed experiment, in words that follow "from 10 s on". Nothing where the
/// run of a file with the change has the states that the session has.
pub(super) fn changes(old: &Experiment, new: &Experiment, which: usize) -> Vec<String> {
    let (Some(before), Some(after)) = (old.programs.get(which), new.programs.get(which)) else {
        return vec!["the cases are others".into()];
    };
    let (before, after) = (parts(old, before), parts(new, after));
    let mut said = Vec::new();
    for (name, part) in &after {
        match before.get(name) {
            Some(was) if was == part => {}
            Some(_) if name.starts_with('`') => said.push(format!("{name} is determined otherwise")),
            Some(_) => said.push(format!("{name} is another")),
            None if name.starts_with("param ") => {}
            None => said.push(format!("there is {name}")),
        }
    }
    for name in before.keys().filter(|n| !after.contains_key(*n) && !n.starts_with("param ")) {
        said.push(format!("{name} is gone"));
    }
    said
}

fn stepped(program: &Program, id: VarId, equation: &Equation) -> &'static str {
    match advance(program, id, equation).0 {
        Advance::Euler { .. } => "euler",
        Advance::Increment { .. } => "increments",
        Advance::Exponential { .. } => "exponential steps",
        Advance::Synapse(_) => "euler, as a weight",
        Advance::Stages { .. } => "stages",
    }
}

/// Everything that decides states, by what a reader calls it.
fn parts(experiment: &Experiment, program: &Program) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    let text = |debug: String| plain(&debug, experiment, program);
    parts.insert("the clock".to_string(), format!("{}", program.tick.to_bits()));
    parts.insert("the seed".to_string(), program.seed.to_string());
    parts.insert("the precision".to_string(), format!("{:?}", program.precision));
    for p in program.params.iter() {
        parts.insert(format!("param `{}`", p.name), p.value.to_bits().to_string());
    }
    let mut consts: BTreeMap<String, String> = BTreeMap::new();
    for c in program.consts.iter() {
        let kind = match &c.kind {
            ConstKind::Data(value) => {
                let mut hasher = DefaultHasher::new();
                value.data.iter().for_each(|v| v.to_bits().hash(&mut hasher));
                format!("{:?} {}", value.shape(), hasher.finish())
            }
            ConstKind::Expr(e) => text(format!("{e:?}")),
        };
        consts.insert(c.name.clone(), kind);
    }
    for (id, var) in program.vars.iter_enumerated() {
        let what = match &var.kind {
            VarKind::State { start, equation } => {
                let stepped = equation.as_ref().map_or("", |e| stepped(program, id, e));
                let kind = text(format!("{start:?} {equation:?}"));
                let read: Vec<&String> =
                    consts.iter().filter(|(name, _)| kind.contains(name.as_str())).map(|(_, k)| k).collect();
                format!("{kind} {stepped} {read:?}")
            }
            kind => text(format!("{kind:?}")),
        };
        parts.insert(format!("`{}`", var.name), what);
    }
    for p in program.projections.iter() {
        let connect = text(format!(
            "{:?} {:?} {} {:?} {:?} {:?}",
            p.connect, p.except_self, p.inhibitory, p.held, p.normalise, p.bounds
        ));
        parts.insert(format!("what holds for `{}`", p.name), format!("{} {connect}", p.stream));
    }
    parts
}

/// A printed tree with names for numbers and without places in a text.
fn plain(debug: &str, experiment: &Experiment, program: &Program) -> String {
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    let number = |text: &str| text.split(')').next().and_then(|n| n.parse::<u32>().ok());
    while let Some(at) = rest.find(|c: char| c.is_ascii_uppercase() || c == 's') {
        out += &rest[..at];
        rest = &rest[at..];
        if let Some(span) = rest.strip_prefix("span: Span {") {
            rest = span.split_once('}').map_or("", |(_, after)| after);
            continue;
        }
        let named = [("VarId(", 0), ("ConstId(", 1), ("ParamId(", 2), ("AxisId(", 3)].into_iter().find_map(
            |(word, kind)| {
                let id = number(rest.strip_prefix(word)?)?;
                let name = match kind {
                    0 => program.vars.get(crate::hir::VarId(id)).map(|v| v.name.clone()),
                    1 => program.consts.get(crate::hir::ConstId(id)).map(|c| c.name.clone()),
                    2 => program.params.get(crate::hir::ParamId(id)).map(|p| p.name.clone()),
                    _ => experiment
                        .axes
                        .get(crate::hir::AxisId(id))
                        .map(|a| format!("{} {:?}", a.name, a.size)),
                };
                Some((name?, rest.find(')').map_or(rest.len(), |n| n + 1)))
            },
        );
        match named {
            Some((name, len)) => {
                out += &name;
                rest = &rest[len..];
            }
            None => {
                let next = rest.chars().next().map_or(1, char::len_utf8);
                out += &rest[..next];
                rest = &rest[next..];
            }
        }
    }
    out + rest
}
