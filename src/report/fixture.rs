//! A small experiment with results, for the tests of this room.

#![allow(clippy::unwrap_used)]

use super::{Provenance, Reading, SourceFile};
use crate::hir::{
    Axis, AxisId, CaseAxis, Comparison, Condition, Coordinates, Expect, Experiment, Expr, ExprKind,
    ParamInfo, Probe, ProbeId, Program, Record, Results, Tolerance, Ty, Value, ValueAxis,
};
use crate::record::{CaseRun, Cost, Recording, Run, RunNote, Series};
use crate::source::{Id, IndexVec, SourceId, Span};
use crate::units::{Dim, Unit};

pub fn span() -> Span {
    Span::new(SourceId(0), 0, 0)
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, axes: Vec::new(), ty: Ty::Number, span: span() }
}

const CASE: AxisId = AxisId(0);
const TIME: AxisId = AxisId(1);
const REGION: AxisId = AxisId(2);
const CELL: AxisId = AxisId(3);
const RATE: AxisId = AxisId(4);

fn hz() -> Unit {
    Unit::named("Hz").unwrap()
}

fn program(tick: f64) -> Program {
    let probe = |name: &str, axes: &[AxisId], unit: Unit, truth| Probe {
        name: name.to_string(),
        axes: axes.to_vec(),
        loop_axes: 0,
        dim: unit.dim,
        unit,
        truth,
        implied: false,
        span: span(),
    };
    let record = |name: &str, axes: &[AxisId], unit: Unit| Record {
        name: name.to_string(),
        value: expr(ExprKind::Number(0.0)),
        axes: std::iter::once(TIME).chain(axes.iter().copied()).collect(),
        every: 10,
        counts: Default::default(),
        during: Vec::new(),
        dim: unit.dim,
        unit,
        implied: false,
        span: span(),
    };
    Program {
        precision: crate::contract::Precision::Double,
        clocked: true,
        tick_unit: crate::units::Unit::none(),
        tick,
        seed: 7,
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
        probes: IndexVec::from_iter([
            probe("response", &[], Unit::none(), false),
            probe("late", &[], hz(), false),
            probe("fields", &[REGION, CELL], Unit::none(), false),
            probe("right", &[CELL], Unit::none(), true),
            probe("phi", &[RATE], Unit::none(), false),
        ]),
        records: IndexVec::from_iter([record("rate", &[], hz()), record("trace", &[CELL], Unit::none())]),
        followed: Vec::new(),
    }
}

/// Two cases with a control each, or a single one without.
pub fn experiment(cases: bool) -> Experiment {
    let names: Vec<String> = vec!["ongoing".to_string(), "silence".to_string()];
    let axis = |name: &str, size, coordinates| Axis { name: name.to_string(), size, coordinates };
    let rates: Vec<f64> = (0..101).map(|i| f64::from(i) * 0.02).collect();
    let response = expr(ExprKind::Probe { id: ProbeId::from_index(0), control: false });
    let condition = Condition::Compare {
        left: response,
        op: Comparison::Eq,
        right: expr(ExprKind::Number(1.0)),
        tolerance: Some(Tolerance::Absolute(expr(ExprKind::Number(0.5)))),
        dim: Dim::NONE,
        unit: Unit::none(),
    };
    Experiment {
        docs: "A test.".to_string(),
        axes: IndexVec::from_iter([
            axis("ending", None, Coordinates::Labels(names.clone().into())),
            axis("t", None, Coordinates::Time),
            axis("region", Some(2), Coordinates::Index),
            axis("cell", Some(3), Coordinates::Index),
            axis("rate", Some(101), Coordinates::Values { values: rates.into(), dim: hz().dim, unit: hz() }),
        ]),
        cases: if cases { vec![CaseAxis { axis: CASE, names }] } else { Vec::new() },
        programs: vec![program(0.1); if cases { 2 } else { 1 }],
        control: cases,
        params: vec![ParamInfo {
            name: "level".to_string(),
            docs: String::new(),
            values: if cases { vec![0.01, 0.0] } else { vec![0.01] },
            rules: Vec::new(),
            dim: Dim::TIME,
            unit: Unit::named("ms").unwrap(),
            range: None,
            span: span(),
        }],
        results: Results {
            expects: vec![Expect {
                condition,
                message: Some("settles".to_string()),
                text: "response == 1 +- 0.5".to_string(),
                span: span(),
            }],
            ..Results::default()
        },
    }
}

fn value(axes: &[(AxisId, usize)], data: Vec<f64>) -> Value {
    let axes = axes.iter().map(|&(id, len)| ValueAxis { id, len, coordinates: None }).collect();
    Value { axes, data: data.into(), present: None }
}

/// What one run leaves behind; everything in it depends on `k`.
pub fn run(k: f64) -> Run {
    let mut rate = Series::new(Vec::new(), 0.1);
    let mut trace = Series::new(vec![3], 0.1);
    for i in 0..=50 {
        let v = k * f64::from(i);
        rate.push(10 * i as u64, &[v]).unwrap();
        trace.push(10 * i as u64, &[v, -v, 0.1]).unwrap();
    }
    Run {
        probes: IndexVec::from_iter([
            Some(Value::scalar(k + 0.1)),
            Some(Value::scalar(k / 3.0)),
            Some(value(&[(REGION, 2), (CELL, 3)], (0..6).map(|i| k * f64::from(i)).collect())),
            Some(value(&[(CELL, 3)], vec![1.0, 0.0, 1.0])),
            Some(value(&[(RATE, 101)], (0..101).map(|i| k * f64::from(i * (i - 60))).collect())),
        ]),
        records: IndexVec::from_iter([rate, trace]),
        phases: Vec::new(),
        probed: IndexVec::new(),
        ticks: 500,
        jumped: false,
        interrupted: false,
        notes: vec![RunNote::Bounded { var: "ff.w".to_string(), low: 0.125, high: 0.0, span: span() }],
        cost: Cost::default(),
    }
}

/// Results of [`experiment`].
pub fn recording(cases: bool) -> Recording {
    let case = |k: f64| CaseRun { main: run(k), control: cases.then(|| run(k / 2.0)) };
    Recording { cases: if cases { vec![case(1.0), case(2.0)] } else { vec![case(1.0)] } }
}

pub fn provenance() -> Provenance {
    Provenance {
        files: vec![SourceFile { name: "settle.plast".to_string(), sha256: "00ff".to_string() }],
        ..Provenance::default()
    }
}

/// Calls `f` with a reading of everything.
pub fn with_reading<T>(cases: bool, f: impl FnOnce(&Reading) -> T) -> T {
    let (experiment, recording, provenance) = (experiment(cases), recording(cases), provenance());
    let which: Vec<usize> = (0..recording.cases.len()).collect();
    f(&Reading { experiment: &experiment, recording: &recording, which: &which, provenance: &provenance })
}
