//! The state of checking one file: its items, the axes of everything, and the program of the present case.

use super::axes::AxisTable;
use super::dims::{Solver, Term};
use super::items::Items;
use super::stimuli::Stimulus;
use super::typed::{RuleParam, Scope, Typed};
use super::{Loader, data::DataCache};
use crate::contract::Precision;
use crate::diag::{Code, Diagnostic, Sink};
use crate::hir::{
    self, AxisId, Const, ConstId, Expr, Local, LocalId, Param, ParamId, Phase, PhaseId, PopId, Population,
    Probe, ProbeId, ProjId, Projection, Record, RecordId, Var, VarId,
};
use crate::source::{IndexVec, SourceMap, Span};
use crate::syntax::ast;
use crate::units::{Dim, Unit};
use std::collections::{HashMap, HashSet};

/// One pass over a file for one case.
pub(super) struct Checker<'a, 'm> {
    pub items: &'a Items<'a>,
    pub sources: &'a SourceMap,
    pub loader: &'a dyn Loader,
    pub sink: &'m mut Sink,
    pub axes: &'m mut AxisTable,
    pub folders: &'a super::check::Folders,
    pub data: &'m mut DataCache,
    /// Names of items something refers to.
    pub used: &'m mut HashSet<String>,
    /// The parameter values of this case: expression (of the file) or text already read (from a flag).
    pub settings: &'a HashMap<String, Setting<'a>>,
    pub case_axes: &'a [CaseDimension],
    pub solver: Solver,
    pub program: Draft,
    /// Names of the rules whose definition was refused; their uses stay silent.
    pub bad_rules: HashSet<String>,
    pub what: What,
    /// States that results read at the end of the run, each with the probe that keeps it.
    pub kept: Vec<(String, ProbeId)>,
    /// While results are read: parameters of rules, `ff.eta`, that are not the same in all cases.
    pub differing: HashSet<String>,
    /// Whether a rate equation is being read, where white noise has a meaning.
    pub noise: bool,
    /// While a record is read: what it needs to know of the sample before.
    pub recording: Option<hir::Counts>,
    /// Whether a plot against time is being read: there a state is its whole course.
    pub over_time: bool,
    /// Whether each `let` is known before the run, where that was asked.
    pub statics: std::cell::RefCell<HashMap<String, bool>>,
}

/// Which of the two kinds of pass this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Program,
    Results,
}

/// A parameter's value in a case.
#[derive(Debug, Clone)]
pub(super) enum Setting<'a> {
    /// As written in a `cases` block.
    Written(&'a ast::Expr),
    /// As written in a flag.
    Flag(ast::Expr),
    /// One of a list: SI value, dimension as a span's expression, unit.
    Value { value: f64, dim: Dim, unit: Unit, span: Span },
}

/// A `cases` block with the parameters it changes.
#[derive(Debug, Clone)]
pub(super) struct CaseDimension {
    pub axis: AxisId,
    pub names: Vec<String>,
    /// Parameters (and perhaps `seed`) that differ along it.
    pub varies: HashSet<String>,
}

/// A program under construction: the parts of [`hir::Program`] with their dimensions still unknown.
#[derive(Debug, Clone, std::default::Default)]
pub(super) struct Draft {
    pub tick: f64,
    pub tick_unit: Option<Unit>,
    pub clocked: bool,
    pub seed: u64,
    pub precision: Precision,
    pub params: IndexVec<ParamId, Param>,
    pub param_terms: Vec<Term>,
    pub consts: IndexVec<ConstId, Const>,
    pub const_terms: Vec<Term>,
    pub populations: IndexVec<PopId, Population>,
    pub projections: IndexVec<ProjId, Projection>,
    /// The parameters of each projection's rule.
    pub rule_params: Vec<HashMap<String, RuleParam>>,
    pub vars: IndexVec<VarId, Var>,
    pub var_terms: Vec<Term>,
    pub var_units: Vec<Option<Unit>>,
    pub locals: IndexVec<LocalId, Local>,
    pub local_terms: Vec<Term>,
    pub phases: IndexVec<PhaseId, Phase>,
    pub probes: IndexVec<ProbeId, Probe>,
    pub probe_terms: Vec<(Term, Option<Unit>)>,
    pub records: IndexVec<RecordId, Record>,
    pub record_terms: Vec<(Term, Option<Unit>)>,
    pub statements: u32,
    pub protocol: Vec<hir::Statement>,
    pub controls: Vec<hir::Control>,
    pub const_ids: HashMap<String, ConstId>,
    pub param_ready: Vec<bool>,
    pub stimuli: HashMap<String, Option<Stimulus>>,
    pub broken_populations: Vec<String>,
    pub defaults: Vec<Default>,
    /// Warnings of published sets of values that were changed.
    pub mixed: Vec<(ProjId, Diagnostic)>,
    /// Times of scheduled spikes that are no whole ticks, and by how much of a tick they are off.
    pub off_tick: Vec<(Span, f64, f64)>,
    /// Where each projection names its rule.
    pub rule_spans: Vec<(ProjId, Span)>,
    /// Parameters of rules in the order they were declared.
    pub rule_param_order: Vec<(ProjId, String)>,
    /// How often each pick or shuffle path has been used, to tell them apart.
    pub paths: HashMap<String, u32>,
    /// Whether populations and projections are declared; before that nothing can be said of their variables.
    pub network: bool,
    /// Values whose dimension is required once the network and its inputs have said theirs: if the two differ, the
    /// fault is in the value.
    pub pending: Vec<(Typed, Term, String)>,
    /// Parameters that are being read, outermost first.
    pub reading_params: Vec<ParamId>,
    /// Stimuli that are being read, outermost first.
    pub reading_stimuli: Vec<String>,
    /// Circles of definitions that were reported: the names in each, sorted.
    pub circles: Vec<Vec<String>>,
    /// How many definitions were put in where they are used.
    pub expansions: u32,
}

/// A default of a rule that a use did not replace.
#[derive(Debug, Clone)]
pub(super) struct Default {
    pub projection: ProjId,
    pub name: String,
    pub term: Term,
    pub dim: Term,
    pub unit: Option<Unit>,
    /// The state whose start it is; none for a parameter.
    pub var: Option<VarId>,
}

/// The unit that a bare number lacks.
pub(super) struct MissingUnit {
    unit: String,
    /// The number with it.
    with: String,
    /// The number with one a thousand times as large or small, which may be meant as well.
    other: Option<String>,
}

impl MissingUnit {
    /// Says so; where only one unit is likely, that is an edit at the end of the number.
    pub fn help(self, d: Diagnostic, at: Span, what: &str) -> Diagnostic {
        match self.other {
            Some(other) => d.help(format!("{what}, such as `{}` or `{other}`", self.with)),
            None => d.fix(format!("{what}, such as `{}`", self.with), at, self.unit),
        }
    }
}

impl Checker<'_, '_> {
    /// Reports.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
    }

    /// Stands for a refused expression.
    pub fn poison(&mut self, span: Span) -> Typed {
        let dim = self.solver.fresh(None);
        Typed { dim, poison: true, ..Typed::number(0.0, span) }
    }

    /// Reports and stands for the refused expression.
    pub fn refuse(&mut self, diagnostic: Diagnostic) -> Typed {
        let span = diagnostic.primary.as_ref().map(|l| l.span);
        self.report(diagnostic);
        let nowhere = Span { source: crate::source::SourceId(0), start: 0, end: 0 };
        self.poison(span.unwrap_or(nowhere))
    }

    /// A dimension in words, as far as it is known.
    pub fn describe(&self, term: &Term) -> String {
        let term = self.solver.resolve(term);
        if let Some(dim) = term.known() {
            return crate::units::display_dim(dim);
        }
        let unknowns: Vec<String> = term
            .unknowns()
            .iter()
            .map(|(u, p)| {
                let name = self.solver.name(*u).unwrap_or("?");
                match (p.num, p.den) {
                    (1, 1) => format!("[{name}]"),
                    (n, 1) => format!("[{name}]^{n}"),
                    (n, d) => format!("[{name}]^({n}/{d})"),
                }
            })
            .collect();
        let unknowns = unknowns.join(" × ");
        if term.base() == Term::plain().base() {
            format!("the dimension of {unknowns}")
        } else {
            format!("{unknowns} × {}", crate::units::dim_name(term.base()))
        }
    }

    /// The unit in which values of a dimension are shown: the first the file writes for it, else a usual one.
    pub fn show_unit(&self, dim: Dim) -> Unit {
        self.items.unit_for(dim)
    }

    /// A constant's number, if the expression is one: no axes, known before the run.
    pub fn constant(&mut self, typed: &Typed) -> Option<f64> {
        if typed.poison || typed.stage != super::typed::Stage::Constant || !typed.expr.axes.is_empty() {
            return None;
        }
        self.evaluate(&typed.expr)?.as_scalar()
    }

    /// Evaluates a constant expression; what goes wrong is reported.
    pub fn evaluate(&mut self, expr: &Expr) -> Option<hir::Value> {
        if let hir::ExprKind::Number(v) = expr.kind {
            return Some(hir::Value::scalar(v));
        }
        let env = crate::eval::StaticEnv::of_parts(
            self.axes.table(),
            self.program.tick,
            self.program.seed,
            &self.program.params,
            &self.program.consts,
        );
        match crate::eval::eval(expr, &env) {
            Ok(value) => Some(value),
            Err(error) => {
                let d = super::say_eval_error(&error, expr.span);
                self.report(d);
                None
            }
        }
    }

    /// Infers a constant scalar of the given dimension, for a clock, a size, a duration.
    pub fn constant_of(&mut self, expr: &ast::Expr, dim: &Term, what: &'static str) -> Option<f64> {
        let mut scope = Scope::new(super::typed::Place::Constant, super::typed::Stage::Constant, what);
        let typed = self.infer(expr, &mut scope);
        if typed.poison {
            return None;
        }
        if !self.want(&typed, dim, what) {
            return None;
        }
        if !typed.expr.axes.is_empty() {
            let shape = self.axes.describe(&typed.expr.axes);
            self.report(
                Diagnostic::new(
                    Code::E0401,
                    expr.span,
                    format!("{what} is a single value"),
                    format!("this is {shape}"),
                )
                .help("pick one element with `[...]`, or reduce it with `mean`, `sum`, `max` or `min`"),
            );
            return None;
        }
        self.constant(&typed)
    }

    /// Requires a dimension; `false` if it was reported that the value has another.
    pub fn want(&mut self, typed: &Typed, dim: &Term, what: &str) -> bool {
        self.want_because(typed, dim, what, None)
    }

    /// Requires a dimension that something elsewhere decided, which `why` tells.
    pub fn want_because(&mut self, typed: &Typed, dim: &Term, what: &str, why: Option<String>) -> bool {
        if typed.poison || self.solver.unify(&typed.dim, dim) {
            return true;
        }
        let (want, have) = (self.describe(dim), self.describe(&typed.dim));
        let mut d = Diagnostic::new(
            Code::E0302,
            typed.expr.span,
            format!("{what} has the wrong dimension"),
            format!("this is {have}"),
        )
        .note(format!("expected: {want}\n   found: {have}"));
        if let Some(why) = why {
            d = d.note(why);
        } else if let Some(missing) = self.unit_for_literal(dim, typed) {
            d = missing.help(d, typed.expr.span.after(), "give it the unit that is meant");
        } else if let Some(help) = self.factor_help(dim, &typed.dim) {
            d = d.help(help);
        }
        self.report(d);
        false
    }

    /// Requires a dimension when the units of the network and of what is presented are known.
    pub fn want_later(&mut self, typed: &Typed, dim: &Term, what: String) {
        if !typed.poison {
            self.program.pending.push((typed.clone(), dim.clone(), what));
        }
    }

    /// Requires what was put off.
    pub fn want_now(&mut self) {
        for (typed, dim, what) in std::mem::take(&mut self.program.pending) {
            self.want(&typed, &dim, &what);
        }
    }

    /// For a number without a unit where a dimension is required: the unit to append, and the number with it.
    pub fn unit_for_literal(&self, want: &Term, have: &Typed) -> Option<MissingUnit> {
        if !self.solver.resolve(&have.dim).is_plain() {
            return None;
        }
        // what it became does not matter, such as the parameter of a rule
        let text = self.sources.text(have.expr.span);
        let digits = text.trim_start_matches('-');
        let literal = digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.split(['e', 'E']).all(|part| {
                part.trim_start_matches(['+', '-'])
                    .chars()
                    .all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'))
            });
        let unit = self.show_unit(self.solver.resolve(want).known()?).suffix();
        let other = crate::units::mistaken_for(unit.trim_start());
        let other = other.map(|other| format!("{text} {other}"));
        (literal && !unit.is_empty()).then(|| MissingUnit { with: format!("{text}{unit}"), unit, other })
    }

    /// Reports a circle of definitions, once from whichever end it is entered; `names` begin and end with the same.
    pub fn circle(&mut self, names: &[String], span: Span) {
        let Some((name, rest)) = names.split_last() else { return };
        let mut members = rest.to_vec();
        members.sort();
        if self.program.circles.contains(&members) {
            return;
        }
        self.program.circles.push(members);
        let d = Diagnostic::new(
            Code::E0210,
            span,
            format!("`{name}` is defined by itself"),
            format!("`{}`", names.join("` -> `")),
        );
        self.report(match rest {
            [_] => d.help(format!("a definition says what `{name}` is without `{name}`")),
            _ => d.help("one of them needs a definition that leaves the others out"),
        });
    }

    /// One factor that would turn `have` into `want`, in words.
    pub fn factor_help(&self, want: &Term, have: &Term) -> Option<String> {
        let (want, have) = (self.solver.resolve(want).known()?, self.solver.resolve(have).known()?);
        let plain = Term::plain().base();
        if have == plain {
            let unit = self.show_unit(want).suffix();
            let unit = unit.trim_start();
            return (!unit.is_empty()).then(|| format!("multiply by a unit, such as `1 {unit}`"));
        }
        crate::units::difference(want, have).advice()
    }

    /// A duration in whole ticks; anything else is reported with the nearest that are.
    pub fn whole_ticks(&mut self, seconds: f64, span: Span, what: &str) -> Option<u64> {
        let exact = seconds / self.program.tick;
        let nearest = exact.round();
        if (0.0..9e15).contains(&nearest) && (exact - nearest).abs() <= 1e-9 * nearest.max(1.0) {
            return Some(nearest as u64);
        }
        let unit = self.show_unit(Term::time(1).base());
        if !(0.0..9e15).contains(&exact) {
            let fault = if exact < 0.0 { "negative" } else { "too long to be counted in ticks" };
            let shown = crate::units::format_value(seconds, &unit, 9);
            self.report(Diagnostic::new(
                Code::E0501,
                span,
                format!("{what} is {fault}"),
                format!("this is {shown}"),
            ));
            return None;
        }
        let show = |n: f64| crate::units::format_value(n * self.program.tick, &unit, 9);
        let tick_unit = self.program.tick_unit.clone().unwrap_or_else(|| unit.clone());
        let mut d = Diagnostic::new(
            Code::E0501,
            span,
            format!("{what} is not a whole number of ticks"),
            format!("this is {} ticks", crate::units::format_number(exact, 9)),
        )
        .note(format!(
            "the clock ticks every {}",
            crate::units::format_value(self.program.tick, &tick_unit, 9)
        ));
        let (lo, hi) = (exact.floor(), exact.ceil());
        d = d.help(if lo < 1.0 {
            format!("the shortest that is: {}", show(hi))
        } else {
            format!("the nearest that are: {} and {}", show(lo), show(hi))
        });
        self.report(d);
        None
    }

    /// A duration of at least one tick, in whole ticks.
    pub fn interval(&mut self, seconds: f64, span: Span, what: &str) -> Option<u64> {
        let ticks = self.whole_ticks(seconds, span, what)?;
        if ticks == 0 {
            self.report(Diagnostic::new(
                Code::E0501,
                span,
                format!("{what} is at least one tick"),
                "this is zero",
            ));
            return None;
        }
        Some(ticks)
    }
}
