use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::Experiment;
use crate::syntax::canonical;

/// The programs that `--case NAME` picks; all of them if no name is given. A name is that of a case, or of one case of
/// each of several `cases` blocks, as results show them: `silence, 10 Hz`, with the name of the block where one likes
/// or where several blocks have a case of that name, `f: 10 Hz`, and a seed as its number. Several names pick what any
/// of them does.
pub fn select_cases(experiment: &Experiment, wanted: &[String]) -> Result<Vec<usize>, Box<Diagnostic>> {
    let all = 0..experiment.programs.len();
    if wanted.is_empty() {
        return Ok(all.collect());
    }
    let asked = wanted.iter().map(|name| picked(experiment, name)).collect::<Result<Vec<_>, _>>()?;
    let fits = |program: &usize| {
        let mut rest = *program;
        let mut own: Vec<usize> = Vec::new();
        for axis in experiment.cases.iter().rev() {
            own.insert(0, rest % axis.names.len().max(1));
            rest /= axis.names.len().max(1);
        }
        asked.iter().any(|cases| cases.iter().all(|c| own[c.block] == c.place))
    };
    Ok(all.filter(fits).collect())
}

/// A case of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Case {
    block: usize,
    place: usize,
}

/// The cases that one `--case` names together, each of a block of its own.
fn picked(experiment: &Experiment, name: &str) -> Result<Vec<Case>, Box<Diagnostic>> {
    let whole = called(experiment, name);
    let parts = match whole.as_slice() {
        [] => parts(name.trim().trim_matches(['[', ']'])),
        _ => vec![name.trim()],
    };
    if parts.is_empty() {
        let d = Diagnostic::global(Code::E0907, "`--case` names no case");
        return Err(Box::new(known_cases(d, experiment)));
    }
    let mut choices: Vec<Vec<Case>> = Vec::new();
    for part in &parts {
        let cases = called(experiment, part);
        if cases.is_empty() {
            return Err(Box::new(no_such_case(part, experiment)));
        }
        choices.push(cases);
    }
    // as results show them, the cases stand in the order of their blocks
    let mut found = two_ways(&choices, true);
    if found.is_empty() {
        found = two_ways(&choices, false);
    }
    match found.len() {
        0 => Err(Box::new(one_block(experiment, &parts, &choices))),
        1 => Ok(found.swap_remove(0)),
        _ => Err(Box::new(ambiguous(experiment, &parts, &choices))),
    }
}

/// The parts between commas that stand in no parentheses, the empty ones left out.
fn parts(name: &str) -> Vec<&str> {
    let mut depth = 0;
    let at_comma = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    name.split(at_comma).map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Steps of the search for one block for each part: far more than names that anybody writes take.
const MOST_STEPS: usize = 100_000;

/// One case for each part, no two of one block, in the first two ways there are.
fn two_ways(choices: &[Vec<Case>], in_order: bool) -> Vec<Vec<Case>> {
    let (mut found, mut steps) = (Vec::new(), 0);
    let mut open: Vec<Vec<Case>> = vec![Vec::new()];
    while let Some(way) = open.pop() {
        steps += 1;
        if found.len() == 2 || steps > MOST_STEPS {
            break;
        }
        let Some(cases) = choices.get(way.len()) else {
            found.push(way);
            continue;
        };
        let free = |case: &&Case| match in_order {
            true => way.last().is_none_or(|last| last.block < case.block),
            false => way.iter().all(|other| other.block != case.block),
        };
        open.extend(cases.iter().filter(free).map(|case| way.iter().copied().chain([*case]).collect()));
    }
    found
}

/// The cases that a part of a name may mean: one of each block that has a case of that name.
fn called(experiment: &Experiment, name: &str) -> Vec<Case> {
    let found = labelled(experiment, None, name);
    match name.split_once(':') {
        Some((block, label)) if found.is_empty() => labelled(experiment, Some(block.trim()), label),
        _ => found,
    }
}

fn labelled(experiment: &Experiment, block: Option<&str>, label: &str) -> Vec<Case> {
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let wanted = plain(label);
    let is = |own: &&String| {
        let own = plain(own);
        own == wanted || own == canonical(&wanted) || own == format!("seed{wanted}")
    };
    let blocks =
        (0..experiment.cases.len()).filter(|i| block.is_none_or(|b| name_of(experiment, *i) == canonical(b)));
    let find = |block: usize| {
        let names = &experiment.cases[block].names;
        names.iter().position(|own| is(&own)).map(|place| Case { block, place })
    };
    blocks.filter_map(find).collect()
}

/// What a `cases` block is called.
fn name_of(experiment: &Experiment, block: usize) -> &str {
    experiment.axes.get(experiment.cases[block].axis).map_or("", |a| a.name.as_str())
}

fn no_such_case(name: &str, experiment: &Experiment) -> Diagnostic {
    let known = names(experiment);
    let d = Diagnostic::global(Code::E0907, format!("there is no case `{name}`"));
    let d = match nearest(name, known.iter().copied()) {
        Some(near) => d.help(format!("a case with a similar name is `{near}`")),
        None => d,
    };
    known_cases(d, experiment)
}

fn names(experiment: &Experiment) -> Vec<&str> {
    let mut known: Vec<&str> = Vec::new();
    for name in experiment.cases.iter().flat_map(|c| c.names.iter().map(String::as_str)) {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    known
}

/// Says which cases there are.
fn known_cases(d: Diagnostic, experiment: &Experiment) -> Diagnostic {
    let known = names(experiment);
    if known.is_empty() {
        return d.note("the file has no `cases`, it runs once").help("leave `--case` out");
    }
    let shown: Vec<_> = known.iter().take(20).map(|n| format!("`{n}`")).collect();
    let more = known.len().saturating_sub(20);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    d.note(format!("the cases are {}{more}", shown.join(", ")))
}

/// More parts than blocks that have them.
fn one_block(experiment: &Experiment, parts: &[&str], choices: &[Vec<Case>]) -> Diagnostic {
    let alone = |i: usize| (choices[i].len() == 1).then(|| choices[i][0].block);
    let pair = (0..parts.len())
        .find_map(|j| (0..j).find(|i| alone(*i).is_some() && alone(*i) == alone(j)).map(|i| (i, j)));
    let Some((i, j)) = pair else {
        let all: Vec<String> = parts.iter().map(|p| format!("`{p}`")).collect();
        return Diagnostic::global(Code::E0907, format!("no case is {} at once", all.join(", ")))
            .note("each part names a case of another `cases` block");
    };
    let (first, second) = (parts[i], parts[j]);
    if choices[i] == choices[j] {
        return Diagnostic::global(Code::E0907, format!("`--case` names `{second}` twice"))
            .help("name it once");
    }
    Diagnostic::global(Code::E0907, format!("`{first}` and `{second}` are never one case"))
        .note(format!("both are cases of the block `{}`", name_of(experiment, choices[j][0].block)))
        .help(format!("to run both, write `--case '{first}' --case '{second}'`"))
}

/// A name that cases of several blocks have.
fn ambiguous(experiment: &Experiment, parts: &[&str], choices: &[Vec<Case>]) -> Diagnostic {
    let several = choices.iter().position(|cases| cases.len() > 1).unwrap_or(0);
    let part = parts[several];
    let blocks: Vec<&str> = choices[several].iter().map(|c| name_of(experiment, c.block)).collect();
    let quoted: Vec<String> = blocks.iter().map(|b| format!("`{b}`")).collect();
    let ways: Vec<String> = blocks.iter().map(|b| format!("`--case '{b}: {part}'`")).collect();
    Diagnostic::global(Code::E0907, format!("several `cases` blocks have a case `{part}`"))
        .note(format!("they are {}", quoted.join(" and ")))
        .help(format!("say of which: {}", ways.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sema::Overrides;
    use crate::session::check;
    use crate::session::checked::tests::Nothing;

    /// An experiment with these `cases` blocks.
    fn experiment(blocks: &str) -> Experiment {
        let text = format!(
            "param a = 1\nparam b = 1\nparam f = 1 Hz\n{blocks}\npopulation input\n\
             population cell {{ output y = drive }}\nsynapses s: input -> cell {{ fixed; w = 1 }}\n\
             protocol {{ present a*b*f*1 s on input for 1 s }}\n"
        );
        let checked = check("cases.plast", &text, &Nothing, &Overrides::default());
        checked.unwrap_or_else(|e| panic!("{:?}", e.diagnostics)).experiment
    }

    fn picked(blocks: &str, wanted: &[&str]) -> Vec<usize> {
        let wanted: Vec<_> = wanted.iter().map(|w| w.to_string()).collect();
        select_cases(&experiment(blocks), &wanted).unwrap_or_else(|d| panic!("{d:?}"))
    }

    fn refused(blocks: &str, wanted: &str) -> Diagnostic {
        match select_cases(&experiment(blocks), &[wanted.to_string()]) {
            Ok(picked) => panic!("`{wanted}` picks {picked:?}"),
            Err(d) => *d,
        }
    }

    const TWO: &str = "cases ending { ongoing {} silence { a = 0 } }\ncases f in [1, 10, 50] Hz";
    const ALIKE: &str = "cases low { l {} h { a = 2 } }\ncases up { l {} h { b = 2 } }";

    #[test]
    fn names_pick_cases_along_their_block() {
        assert_eq!(picked(TWO, &[]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(picked(TWO, &["silence"]), [3, 4, 5]);
        assert_eq!(picked(TWO, &["10 Hz"]), [1, 4]);
        assert_eq!(picked(TWO, &["10 Hz", "50 Hz"]), [1, 2, 4, 5]);
        assert_eq!(picked(TWO, &["10 Hz, ongoing", "silence, 50 Hz"]), [1, 5]);
        assert_eq!(picked("", &[]), [0]);
    }

    #[test]
    fn cases_are_named_as_results_show_them() {
        assert_eq!(picked(TWO, &["silence, 10 Hz"]), [4]);
        assert_eq!(picked(TWO, &["[silence, f: 10 Hz]"]), [4]);
        assert_eq!(picked("cases seed in [0, 3]\ncases f in [1, 2] Hz", &["3"]), [2, 3]);
        assert_eq!(picked("cases seed in [0, 3]\ncases f in [1, 2] Hz", &["seed: 3", "1 Hz"]), [0, 2, 3]);
    }

    #[test]
    fn blanks_are_nothing() {
        assert_eq!(picked(TWO, &["10Hz"]), [1, 4]);
        assert_eq!(picked(TWO, &[" silence ,f:10Hz"]), [4]);
        assert_eq!(picked("cases seed in [0, 3]", &["seed3"]), [1]);
    }

    #[test]
    fn a_name_of_several_blocks_says_which() {
        assert_eq!(picked(ALIKE, &["l, h"]), [1]);
        assert_eq!(picked(ALIKE, &["h, l"]), [2]);
        assert_eq!(picked(ALIKE, &["h, h"]), [3]);
        assert_eq!(picked(ALIKE, &["up: h"]), [1, 3]);
        assert_eq!(picked(ALIKE, &["up: l, low: h"]), [2]);
        assert_eq!(picked(ALIKE, &["h, low: l"]), [1]);
        let d = refused(ALIKE, "h");
        assert_eq!(d.headline, "several `cases` blocks have a case `h`");
        assert_eq!(d.helps, ["say of which: `--case 'low: h'` or `--case 'up: h'`"]);
    }

    #[test]
    fn two_cases_of_one_block_are_refused() {
        let d = refused(TWO, "10 Hz, 50 Hz");
        assert_eq!(d.headline, "`10 Hz` and `50 Hz` are never one case");
        assert_eq!(d.helps, ["to run both, write `--case '10 Hz' --case '50 Hz'`"]);
        assert_eq!(d.notes, ["both are cases of the block `f`"]);
        assert_eq!(refused(TWO, "silence, silence").headline, "`--case` names `silence` twice");
        assert_eq!(refused(ALIKE, "l, h, l").headline, "no case is `l`, `h`, `l` at once");
        assert!(refused(ALIKE, "low: l, low: h").headline.ends_with("are never one case"));
    }

    #[test]
    fn no_name_at_all_is_refused() {
        for nothing in ["", " ", ",", "[]", " , "] {
            assert_eq!(refused(TWO, nothing).headline, "`--case` names no case");
        }
    }

    #[test]
    fn an_unknown_case_is_refused_with_those_there_are() {
        let d = refused("cases ending { ongoing {} silence { a = 0 } }", "silense");
        assert_eq!(d.headline, "there is no case `silense`");
        assert_eq!(d.helps, ["a case with a similar name is `silence`"]);
        assert_eq!(d.notes, ["the cases are `ongoing`, `silence`"]);
        assert_eq!(refused(TWO, "f: silence").headline, "there is no case `f: silence`");
        assert!(refused("", "silense").notes[0].contains("no `cases`"));
    }
}
