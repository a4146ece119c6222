use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::Experiment;
use crate::syntax::canonical;

/// The programs that `--case NAME` picks: those whose case bears one of the names, for each `cases` block of which
/// a name is given. All of them if no name is given. Names may be given together as results show them,
/// `silence, 10 Hz`, with the name of their block, `f: 10 Hz`, and a seed as its number.
pub fn select_cases(experiment: &Experiment, wanted: &[String]) -> Result<Vec<usize>, Box<Diagnostic>> {
    let known: Vec<&str> = experiment.cases.iter().flat_map(|c| c.names.iter().map(String::as_str)).collect();
    let mut names: Vec<&str> = Vec::new();
    for name in wanted {
        if let Some(found) = case_name(name, &known) {
            names.push(found);
            continue;
        }
        for part in name.trim_matches(['[', ']']).split(',') {
            match case_name(part, &known) {
                Some(found) => names.push(found),
                None => return Err(Box::new(no_such_case(part.trim(), &known))),
            }
        }
    }
    let lengths: Vec<usize> = experiment.cases.iter().map(|c| c.names.len().max(1)).collect();
    let fits = |program: &usize| {
        let mut rest = *program;
        experiment.cases.iter().zip(&lengths).rev().all(|(axis, n)| {
            let name = axis.names.get(rest % n);
            rest /= n;
            let asked: Vec<_> = names.iter().filter(|w| axis.names.iter().any(|n| n == *w)).collect();
            asked.is_empty() || name.is_some_and(|name| asked.contains(&&name.as_str()))
        })
    };
    Ok((0..experiment.programs.len()).filter(fits).collect())
}

/// The case that is meant, if there is one.
fn case_name<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let name = name.trim();
    let is = |wanted: &str| known.iter().copied().find(|k| *k == wanted || *k == canonical(wanted));
    let behind = name.split_once(':').map(|(_, label)| label.trim());
    is(name).or_else(|| behind.and_then(is)).or_else(|| is(&format!("seed {}", behind.unwrap_or(name))))
}

fn no_such_case(name: &str, known: &[&str]) -> Diagnostic {
    let d = Diagnostic::global(Code::E0907, format!("there is no case `{name}`"));
    if known.is_empty() {
        return d.note("the file has no `cases`, it runs once").help("leave `--case` out");
    }
    let d = match nearest(name, known.iter().copied()) {
        Some(near) => d.help(format!("a case with a similar name is `{near}`")),
        None => d,
    };
    let shown: Vec<_> = known.iter().take(20).map(|n| format!("`{n}`")).collect();
    let more = known.len().saturating_sub(20);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    d.note(format!("the cases are {}{more}", shown.join(", ")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hir::{AxisId, CaseAxis, Program, Results};
    use crate::source::IndexVec;

    fn experiment(blocks: &[&[&str]]) -> Experiment {
        let program = Program {
            tick_unit: crate::units::Unit::none(),
            tick: 1.0,
            seed: 0,
            params: IndexVec::new(),
            consts: IndexVec::new(),
            populations: IndexVec::new(),
            projections: IndexVec::new(),
            vars: IndexVec::new(),
            instantaneous: Vec::new(),
            locals: IndexVec::new(),
            phases: IndexVec::new(),
            protocol: Vec::new(),
            controls: Vec::new(),
            probes: IndexVec::new(),
            records: IndexVec::new(),
        };
        let axis = |(i, names): (usize, &&[&str])| CaseAxis {
            axis: AxisId(i as u32),
            names: names.iter().map(|n| n.to_string()).collect(),
        };
        Experiment {
            docs: String::new(),
            axes: IndexVec::new(),
            cases: blocks.iter().enumerate().map(axis).collect(),
            programs: vec![program; blocks.iter().map(|b| b.len()).product()],
            control: false,
            params: Vec::new(),
            results: Results::default(),
        }
    }

    fn picked(blocks: &[&[&str]], wanted: &[&str]) -> Vec<usize> {
        let wanted: Vec<_> = wanted.iter().map(|w| w.to_string()).collect();
        select_cases(&experiment(blocks), &wanted).unwrap()
    }

    #[test]
    fn names_pick_cases_along_their_block() {
        let two: &[&[&str]] = &[&["ongoing", "silence"], &["1 Hz", "10 Hz", "50 Hz"]];
        assert_eq!(picked(two, &[]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(picked(two, &["silence"]), [3, 4, 5]);
        assert_eq!(picked(two, &["10 Hz"]), [1, 4]);
        assert_eq!(picked(two, &["10 Hz", "50 Hz", "ongoing"]), [1, 2]);
        assert_eq!(picked(&[], &[]), [0]);
    }

    #[test]
    fn cases_are_named_as_results_show_them() {
        let two: &[&[&str]] = &[&["ongoing", "silence"], &["1 Hz", "10 Hz", "50 Hz"]];
        assert_eq!(picked(two, &["silence, 10 Hz"]), [4]);
        assert_eq!(picked(two, &["[silence, f: 10 Hz]"]), [4]);
        let seeds: &[&[&str]] = &[&["seed 0", "seed 3"], &["R = oja, fast", "R = hebb"]];
        assert_eq!(picked(seeds, &["3"]), [2, 3]);
        assert_eq!(picked(seeds, &["seed: 3", "R = oja, fast"]), [2]);
    }

    #[test]
    fn an_unknown_case_is_refused_with_those_there_are() {
        let wanted = ["silense".to_string()];
        let d = select_cases(&experiment(&[&["ongoing", "silence"]]), &wanted).unwrap_err();
        assert_eq!(d.headline, "there is no case `silense`");
        assert_eq!(d.helps, ["a case with a similar name is `silence`"]);
        assert_eq!(d.notes, ["the cases are `ongoing`, `silence`"]);
        assert!(select_cases(&experiment(&[]), &wanted).unwrap_err().notes[0].contains("no `cases`"));
    }
}
