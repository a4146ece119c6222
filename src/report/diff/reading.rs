use super::model::Setting;
use super::names::AxisNames;
use super::numbers::{Numbers, Times};
use super::side::{Case, Head, Kind, Part, Quantity, RuleOf, Run, Side};
use super::words::judged;
use crate::hir::{Experiment, Program, ValueAxis};
use crate::record;
use crate::report::{CONTRACT_VERSION, Outcome, Reading, VERSION, document};

/// What is known of an experiment that was run. `name` is what output calls it, `parts` what its file consists of.
pub fn reading<'a>(
    reading: &Reading<'a>,
    name: String,
    outcomes: &[Outcome],
    parts: Option<Vec<Part>>,
) -> Side<'a> {
    let files = reading.provenance.files.iter();
    Side {
        name,
        kind: Kind::Run,
        head: Head {
            plast: VERSION.to_string(),
            contract: u64::from(CONTRACT_VERSION),
            precision: reading.precision().name().to_string(),
            files: files.map(|f| (f.name.clone(), f.sha256.clone())).collect(),
            until: reading.provenance.until,
            interrupted: reading.interrupted(),
        },
        parts,
        outcomes: Some(outcomes.iter().filter_map(|o| judged(&document::outcome(o))).collect()),
        cases: reading
            .cases()
            .map(|(i, program, case)| Case {
                key: reading.case_name(i),
                seed: program.seed,
                tick: Some(program.tick),
                parameters: parameters(reading.experiment, i),
                rules: Some(rules(program)),
                main: run(reading.experiment, program, &case.main),
                control: case.control.as_ref().map(|c| run(reading.experiment, program, c)),
            })
            .collect(),
        notes: Vec::new(),
    }
}

fn parameters(experiment: &Experiment, program: usize) -> Vec<(String, Setting)> {
    let one = |p: &crate::hir::ParamInfo| {
        let rule = p.rules.get(program).map(|rule| Setting::Text(rule.clone()));
        let number = || p.values.get(program).map(|v| Setting::Number(p.unit.from_si(*v), p.unit.clone()));
        Some((p.name.clone(), rule.or_else(number)?))
    };
    experiment.params.iter().filter_map(one).collect()
}

fn rules(program: &Program) -> Vec<RuleOf> {
    let one = |p: &crate::hir::Projection| {
        let rule = p.rule.as_ref()?;
        let parameters = rule.params.iter();
        Some(RuleOf {
            projection: p.name.clone(),
            rule: rule.name.clone(),
            parameters: parameters
                .map(|(name, si, unit)| (name.clone(), Setting::Number(unit.from_si(*si), unit.clone())))
                .collect(),
        })
    };
    program.projections.iter().filter_map(one).collect()
}

fn run<'a>(experiment: &Experiment, program: &Program, run: &'a record::Run) -> Run<'a> {
    let axes = |axes: &[ValueAxis]| {
        let written = document::axes(experiment, axes);
        written.as_array().map(|all| all.iter().filter_map(AxisNames::read).collect())
    };
    let probes = program.probes.iter().zip(run.probes.iter()).map(|(probe, value)| Quantity {
        name: probe.name.clone(),
        unit: Some(probe.unit.clone()),
        truth: probe.truth,
        axes: value.as_ref().and_then(|v| axes(&v.axes)),
        shape: value.as_ref().map(|v| v.shape()).unwrap_or_default(),
        times: None,
        numbers: value.as_ref().map_or(Numbers::Unreached, Numbers::Probe),
    });
    let records = program.records.iter().zip(run.records.iter()).map(|(record, series)| {
        let own = record.axes.iter().skip(1).zip(series.shape());
        let own: Vec<_> = own.map(|(&id, &len)| ValueAxis { id, len, coordinates: None }).collect();
        Quantity {
            name: record.name.clone(),
            unit: Some(record.unit.clone()),
            truth: false,
            axes: axes(&own),
            shape: std::iter::once(series.samples()).chain(series.shape().iter().copied()).collect(),
            times: Some(Times::Series(series.times())),
            numbers: Numbers::Series(series),
        }
    });
    Run { ticks: run.ticks, probes: probes.collect(), records: records.collect() }
}
