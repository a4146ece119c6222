use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::{CaseAxis, Experiment};
use crate::syntax::canonical;

/// The programs that `--case NAME` picks; all of them if no name is given. A name is that of a case, or of one case of
/// each of several `cases` blocks, as results show them: `silence, 10 Hz`, with the name of the block where one likes,
/// `f: 10 Hz`, and a seed as its number. Several names pick what any of them does.
pub fn select_cases(experiment: &Experiment, wanted: &[String]) -> Result<Vec<usize>, Box<Diagnostic>> {
    let all = 0..experiment.programs.len();
    if wanted.is_empty() {
        return Ok(all.collect());
    }
    let asked = wanted.iter().map(|name| labels(experiment, name)).collect::<Result<Vec<_>, _>>()?;
    let fits = |program: &usize| {
        let mut rest = *program;
        let mut own: Vec<&str> = Vec::new();
        for axis in experiment.cases.iter().rev() {
            own.insert(0, &axis.names[rest % axis.names.len().max(1)]);
            rest /= axis.names.len().max(1);
        }
        asked.iter().any(|labels| labels.iter().all(|(block, label)| own[*block] == *label))
    };
    Ok(all.filter(fits).collect())
}

/// The cases that one `--case` names together: which block, and its name there.
fn labels<'e>(experiment: &'e Experiment, name: &str) -> Result<Vec<(usize, &'e str)>, Box<Diagnostic>> {
    if let Some(one) = label(experiment, name) {
        return Ok(vec![one]);
    }
    let parts = name.trim_matches(['[', ']']).split(',');
    parts
        .map(|part| label(experiment, part).ok_or_else(|| Box::new(no_such_case(part.trim(), experiment))))
        .collect()
}

/// The case that is meant, if there is one.
fn label<'e>(experiment: &'e Experiment, name: &str) -> Option<(usize, &'e str)> {
    let name = name.trim();
    let find = |block: Option<&str>, wanted: &str| {
        let named = |axis: &CaseAxis| experiment.axes.get(axis.axis).map(|a| a.name.as_str());
        let blocks = experiment.cases.iter().enumerate();
        let mut blocks =
            blocks.filter(|(_, axis)| block.is_none() || named(axis).is_none() || named(axis) == block);
        blocks.find_map(|(i, axis)| {
            let is =
                |k: &&String| **k == wanted || **k == canonical(wanted) || **k == format!("seed {wanted}");
            axis.names.iter().find(is).map(|k| (i, k.as_str()))
        })
    };
    find(None, name).or_else(|| {
        let (block, label) = name.split_once(':')?;
        find(Some(block.trim()), label.trim())
    })
}

fn no_such_case(name: &str, experiment: &Experiment) -> Diagnostic {
    let known: Vec<&str> = experiment.cases.iter().flat_map(|c| c.names.iter().map(String::as_str)).collect();
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
    use crate::hir::{AxisId, Program, Results};
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
        assert_eq!(picked(two, &["10 Hz", "50 Hz"]), [1, 2, 4, 5]);
        assert_eq!(picked(two, &["10 Hz, ongoing", "silence, 50 Hz"]), [1, 5]);
        assert_eq!(picked(&[], &[]), [0]);
    }

    #[test]
    fn cases_are_named_as_results_show_them() {
        let two: &[&[&str]] = &[&["ongoing", "silence"], &["1 Hz", "10 Hz", "50 Hz"]];
        assert_eq!(picked(two, &["silence, 10 Hz"]), [4]);
        assert_eq!(picked(two, &["[silence, f: 10 Hz]"]), [4]);
        let seeds: &[&[&str]] = &[&["seed 0", "seed 3"], &["R = oja, fast", "R = hebb"]];
        assert_eq!(picked(seeds, &["3"]), [2, 3]);
        assert_eq!(picked(seeds, &["seed: 3", "R = oja, fast"]), [0, 2, 3]);
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
