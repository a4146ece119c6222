//! Where each variable lives: which array, and whether it holds every pair of cells or only those that are joined.

use super::fault::{BuildResult, bad_start, from_eval, too_large};
use crate::contract::philox;
use crate::diag::Diagnostic;
use crate::eval::{EvalError, StaticEnv, eval, eval_on, eval_rows};
use crate::hir::{
    Axis, AxisId, Connect, Coordinates, Domain, Expr, Program, ProjId, Projection, Var, VarId, VarKind,
};
use crate::ir::{Init, Module, Pattern, PatternId, Precision, SlotId, SlotKind};
use crate::source::IndexVec;

/// Where a variable lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// Its array.
    pub slot: SlotId,
    /// Which pairs of cells the array holds; `None` for an array along all of its axes, row-major.
    pub pattern: Option<PatternId>,
}

/// Where everything lives.
#[derive(Debug, Default)]
pub struct Layout {
    /// The variables.
    pub vars: IndexVec<VarId, Storage>,
    /// The joined pairs of a projection that does not join all.
    pub patterns: IndexVec<ProjId, Option<PatternId>>,
    /// Which variables are kept as they were at their last event, and how they go on from there.
    pub lazy: IndexVec<VarId, Option<Lazy>>,
}

/// A variable that changes between events in closed form: it is kept as it was at its last event.
#[derive(Debug, Clone, PartialEq)]
pub struct Lazy {
    /// What it was then.
    pub stored: SlotId,
    /// The tick of that event.
    pub since: SlotId,
    /// How it goes on; `None` for one that stays.
    pub course: Option<super::closed::Course>,
}

/// How many elements an array along these axes has.
pub fn elements(axes: &IndexVec<AxisId, Axis>, of: &[AxisId]) -> usize {
    of.iter().map(|a| size(axes, *a)).fold(1, usize::saturating_mul)
}

/// How many elements an axis has.
pub fn size(axes: &IndexVec<AxisId, Axis>, axis: AxisId) -> usize {
    axes[axis].size.unwrap_or(1)
}

/// The distance between neighbours along each axis of a row-major array.
pub fn strides(axes: &IndexVec<AxisId, Axis>, of: &[AxisId]) -> Vec<usize> {
    let mut strides = vec![1; of.len()];
    for i in (1..of.len()).rev() {
        strides[i - 1] = strides[i] * size(axes, of[i]);
    }
    strides
}

/// Checks that the arrays of a program fit, then makes them, start values in place.
pub fn lay_out(
    axes: &IndexVec<AxisId, Axis>,
    program: &Program,
    statics: &StaticEnv<'_>,
    memory: Option<u64>,
    module: &mut Module,
) -> BuildResult<Layout> {
    check_size(axes, program, memory)?;
    let mut layout = Layout::default();
    for projection in program.projections.iter() {
        let pattern = pattern(axes, program, projection, statics)?.map(|p| module.patterns.push(p));
        layout.patterns.push(pattern);
    }
    for var in program.vars.iter() {
        let pattern = match var.domain {
            Domain::Synapses(p) => layout.patterns[p],
            _ => None,
        };
        let len = match pattern {
            Some(pattern) => module.patterns[pattern].elements(),
            None => elements(axes, &var.axes),
        };
        let slot = match &var.kind {
            VarKind::State { start, .. } => {
                let pattern = pattern.map(|p| &module.patterns[p]);
                let init = starts(axes, program, var, start, pattern, statics)?;
                let slot = module.slot(var.name.as_str(), SlotKind::State, len, 0.0);
                module.slots[slot].init = init;
                slot
            }
            VarKind::Input => module.slot(var.name.as_str(), SlotKind::Input, len, 0.0),
            VarKind::Delayed { .. } => module.slot(var.name.as_str(), SlotKind::Input, len, 0.0),
            VarKind::Instantaneous(_) => module.slot(var.name.as_str(), SlotKind::Temporary, len, 0.0),
        };
        module.slots[slot].precision = precision(program, var);
        layout.vars.push(Storage { slot, pattern });
    }
    layout.lazy = program.vars.iter().map(|_| None).collect();
    Ok(layout)
}

/// How exactly a variable's numbers are kept.
fn precision(program: &Program, var: &Var) -> Precision {
    match var.domain {
        Domain::Synapses(_) => program.precision,
        _ => Precision::Double,
    }
}

fn is_weight(program: &Program, var: &Var) -> bool {
    matches!(var.domain, Domain::Synapses(p) if program.vars[program.projections[p].w].name == var.name)
}

/// The place of an element along each of these axes.
pub(crate) fn places(axes: &IndexVec<AxisId, Axis>, of: &[AxisId], flat: usize) -> Vec<usize> {
    let along = of.iter().zip(strides(axes, of));
    along.map(|(a, stride)| flat / stride.max(1) % size(axes, *a).max(1)).collect()
}

/// Where an element is along these axes: `cell 0, rate 5 Hz`; nothing without axes.
pub(crate) fn place_text(axes: &IndexVec<AxisId, Axis>, of: &[AxisId], places: &[usize]) -> String {
    let one = |(a, place): (&AxisId, &usize)| {
        let at = match &axes[*a].coordinates {
            Coordinates::Values { values, unit, .. } => {
                values.get(*place).map(|v| crate::units::format_value(*v, unit, 6))
            }
            Coordinates::Labels(labels) => labels.get(*place).cloned(),
            Coordinates::Index | Coordinates::Time => None,
        };
        format!("{} {}", axes[*a].name, at.unwrap_or_else(|| place.to_string()))
    };
    of.iter().zip(places).map(one).collect::<Vec<_>>().join(", ")
}

/// What a variable starts with: one number, or one for each element, of a pattern for the pairs that it joins.
fn starts(
    axes: &IndexVec<AxisId, Axis>,
    program: &Program,
    var: &Var,
    start: &Expr,
    pattern: Option<&Pattern>,
    statics: &StaticEnv<'_>,
) -> BuildResult<Init> {
    let moves = matches!(&var.kind, VarKind::State { equation: Some(_), .. });
    let single = precision(program, var) == Precision::Single;
    let kept = |v: f64| if single { f64::from(v as f32) } else { v };
    let bad = |v: &f64| v.is_nan() || (kept(*v).is_infinite() && (moves || is_weight(program, var)));
    let refuse = |flat: usize, v: f64| {
        let place = place_text(axes, &var.axes, &places(axes, &var.axes, flat));
        let d = bad_start(&var.name, start.span, kept(v), &place);
        if v.is_finite() {
            return Box::new(
                d.note("with `precision f32` numbers end at 3.4e38").help("use `precision f64`"),
            );
        }
        d
    };
    if start.axes.is_empty() {
        // one number stays one, however many elements have it
        let value = eval(start, statics).map_err(|e| from_eval(&e, start.span))?;
        let value = value.data.first().copied().unwrap_or(f64::NAN);
        return if bad(&value) { Err(refuse(0, value)) } else { Ok(Init::Fill(value)) };
    }
    let len = pattern.map_or_else(|| elements(axes, &var.axes), Pattern::elements);
    let mut doubles = Vec::with_capacity(if single { 0 } else { len });
    let mut singles = Vec::with_capacity(if single { len } else { 0 });
    let mut keep = |flat: usize, v: f64| -> Result<(), Stopped> {
        if bad(&v) {
            return Err(Stopped::Refused(refuse(flat, v)));
        }
        if single {
            singles.push(v as f32)
        } else {
            doubles.push(v)
        }
        Ok(())
    };
    let found = match pattern {
        None => eval_rows(start, &var.axes, statics, &mut |first, values: &[f64]| {
            values.iter().enumerate().try_for_each(|(i, v)| keep(first + i, *v))
        }),
        Some(p) => {
            let mut pairs = p.pairs(0..p.elements()).peekable();
            eval_rows(start, &var.axes, statics, &mut |first, values: &[f64]| {
                while let Some(pair) = pairs.next_if(|pair| *pair < first + values.len()) {
                    keep(pair, values[pair - first])?;
                }
                Ok(())
            })
        }
    };
    match found {
        Ok(()) if single => Ok(Init::singles(singles)),
        Ok(()) => Ok(Init::values(doubles)),
        Err(Stopped::Refused(d)) => Err(d),
        Err(Stopped::Eval(e)) => Err(from_eval(&e, start.span)),
    }
}

/// Why start values were not computed.
enum Stopped {
    Eval(EvalError),
    Refused(Box<Diagnostic>),
}

impl From<EvalError> for Stopped {
    fn from(error: EvalError) -> Self {
        Self::Eval(error)
    }
}

/// Refuses a program whose largest arrays cannot fit, before any of them is made.
fn check_size(axes: &IndexVec<AxisId, Axis>, program: &Program, memory: Option<u64>) -> BuildResult<()> {
    let Some(memory) = memory else { return Ok(()) };
    let numbers = |of: &[AxisId]| {
        of.iter().map(|a| size(axes, *a) as u128).fold(1_u128, |all, n| all.saturating_mul(n))
    };
    let mut total = 0_u128;
    for var in program.vars.iter() {
        let density = match var.domain {
            Domain::Synapses(p) => match program.projections[p].connect {
                Connect::Random(p) => p.clamp(0.0, 1.0),
                _ => 1.0,
            },
            _ => 1.0,
        };
        let one = (numbers(&var.axes) as f64 * density) as u128;
        let one = one.saturating_mul(precision(program, var).bytes() as u128);
        total = total.saturating_add(match &var.kind {
            VarKind::State { equation: Some(_), .. } => one.saturating_mul(2),
            VarKind::Delayed { ticks, .. } => one.saturating_mul(u128::from(*ticks) + 2),
            _ => one,
        });
        if total > u128::from(memory) {
            let help = "make a population smaller, or join fewer pairs with `connect random(p)`";
            return Err(too_large(&var.name, var.span, total, memory, help));
        }
    }
    for probe in program.probes.iter() {
        let one = numbers(&probe.axes).saturating_mul(8);
        total = total.saturating_add(one.saturating_add(one / 8));
        if total > u128::from(memory) {
            let help = "probe less often, or `record` it: records stream to a file";
            return Err(too_large(&probe.name, probe.span, total, memory, help));
        }
    }
    Ok(())
}

/// The pairs that a projection joins; `None` where it joins all.
fn pattern(
    axes: &IndexVec<AxisId, Axis>,
    program: &Program,
    projection: &Projection,
    statics: &StaticEnv<'_>,
) -> BuildResult<Option<Pattern>> {
    let rows = program.populations[projection.post].cells;
    let cols = program.populations[projection.pre].cells;
    let itself = |row: usize, col: usize| projection.except_self && row == col;
    let joined: Vec<Vec<u32>> = match &projection.connect {
        Connect::OneToOne => return Ok(None),
        Connect::All if !projection.except_self => return Ok(None),
        Connect::All => {
            (0..rows).map(|r| (0..cols).filter(|c| !itself(r, *c)).map(|c| c as u32).collect()).collect()
        }
        Connect::Random(p) => {
            let key = philox::key(program.seed, &format!("{}/connect", projection.stream));
            let row = |r: usize| {
                let drawn = move |c: &usize| philox::uniform(key, (r as u64) << 32 | *c as u64, 0) < *p;
                (0..cols).filter(drawn).filter(|c| !itself(r, *c)).map(|c| c as u32).collect()
            };
            (0..rows).map(row).collect()
        }
        Connect::Where(condition) => {
            let holds =
                eval_on(condition, &projection.axes, statics).map_err(|e| from_eval(&e, condition.span))?;
            debug_assert_eq!(holds.data.len(), elements(axes, &projection.axes));
            let row = |r: usize| {
                let holds = &holds.data[r * cols..(r + 1) * cols];
                (0..cols).filter(|c| holds[*c] != 0.0 && !itself(r, *c)).map(|c| c as u32).collect()
            };
            (0..rows).map(row).collect()
        }
    };
    Ok(Some(Pattern::from_rows(projection.name.as_str(), cols, &joined)))
}
