//! What only a plot follows over time: `plot mean(ff.w) vs t` makes samples of its own.
//!
//! A part of a plotted value that reads the running states and nothing that is only known afterwards is sampled while
//! the program runs; the plot reads the samples.

use super::at_end::each_part;
use super::axes::AxisTable;
use crate::diag::{Code, Diagnostic, Sink};
use crate::hir::{
    Axes, AxisId, Coordinates, Expr, ExprKind, Plot, Program, Record, RecordId, ReduceOp, Results, Split,
    Spread, VarId,
};
use crate::source::{Id, IndexVec};

/// Up to so many elements are drawn one by one, and therefore sampled one by one.
pub(crate) const ONE_BY_ONE: usize = 16;

/// More numbers than these are not sampled for a plot.
const MOST: usize = 1 << 14;

/// Makes the samples that plots against time need, in every program.
pub(super) fn follow(
    results: &mut Results,
    programs: &mut [Program],
    variables: &IndexVec<VarId, crate::hir::Var>,
    axes: &mut AxisTable,
    cases: &[AxisId],
    sink: &mut Sink,
) {
    let time = axes.time_axis("whole run".into());
    let declared = programs.first().map_or(0, |p| p.records.len());
    let mut following =
        Following { programs, variables, axes, cases, time, declared, made: Vec::new(), sink };
    for plot in &mut results.plots {
        following.plot(plot);
    }
}

struct Following<'f> {
    programs: &'f mut [Program],
    /// Of the program that results were read in.
    variables: &'f IndexVec<VarId, crate::hir::Var>,
    axes: &'f AxisTable,
    cases: &'f [AxisId],
    time: AxisId,
    /// How many records the file declares.
    declared: usize,
    made: Vec<(Expr, RecordId)>,
    sink: &'f mut Sink,
}

impl Following<'_> {
    fn plot(&mut self, plot: &mut Plot) {
        let split: Axes = match &plot.split {
            Some(Split::Axes(axes)) => axes.clone(),
            Some(Split::Value { value, .. }) => value.axes.clone(),
            None => Axes::new(),
        };
        let against: Axes = plot.versus.iter().flat_map(|v| v.value.axes.iter().copied()).collect();
        for plotted in &mut plot.values {
            let parts = || std::iter::once(&plotted.value).chain(&plotted.error);
            let sampled =
                |e: &Expr| e.axes.iter().any(|a| self.axes.get(*a).coordinates == Coordinates::Time);
            if parts().any(reads_run) && parts().any(sampled) {
                let parts: Vec<Expr> = parts().cloned().collect();
                self.two_clocks(&parts);
                return;
            }
            if let Some(error) = &mut plotted.error {
                self.expr(error, false);
            }
            if !reads_run(&plotted.value) {
                continue;
            }
            let free: Axes = plotted
                .value
                .axes
                .iter()
                .filter(|a| !split.contains(a) && !against.contains(a) && !self.cases.contains(a))
                .copied()
                .collect();
            let elements: usize = free.iter().map(|a| self.axes.size(*a)).product();
            if elements > ONE_BY_ONE && self.only_known_while_running(&plotted.value) {
                let of = |op, value: &Expr| reduced(op, value, &free);
                let spread = |value: &Expr| Spread {
                    least: of(ReduceOp::Min, value),
                    largest: of(ReduceOp::Max, value),
                    over: free.clone(),
                    elements,
                };
                let mut whole = spread(&plotted.value);
                plotted.value = of(ReduceOp::Mean, &plotted.value);
                for end in [&mut whole.least, &mut whole.largest] {
                    self.expr(end, false);
                }
                plotted.spread = Some(whole);
                if let Some(control) = &mut plotted.control {
                    let mut whole = spread(control);
                    *control = of(ReduceOp::Mean, control);
                    for end in [&mut whole.least, &mut whole.largest] {
                        self.expr(end, true);
                    }
                    plotted.control_spread = Some(whole);
                }
            }
            self.expr(&mut plotted.value, false);
            plotted.control.iter_mut().for_each(|c| {
                self.expr(c, true);
            });
        }
    }

    /// A record has samples of its own, at other times than what is followed.
    fn two_clocks(&mut self, parts: &[Expr]) {
        let (mut record, mut state) = (None, None);
        for part in parts {
            super::visit(part, &mut |e| match e.kind {
                ExprKind::Record { .. } => record = record.or(Some(e.span)),
                ExprKind::Var(_) => state = state.or(Some(e.span)),
                _ => {}
            });
        }
        let Some(whole) = parts.first().map(|p| p.span) else { return };
        let headline = "a record and a running state are not sampled at the same times";
        let label = "this has the times of its samples";
        let mut d = Diagnostic::new(Code::E0401, record.unwrap_or(whole), headline, label);
        if let Some(state) = state {
            d = d.label(state, "this is followed as the run passes");
        }
        self.sink.push(d.help("record the whole of it, with one `every`, and plot that record"));
    }

    /// Whether a value needs nothing but the run that it is followed in.
    fn only_known_while_running(&self, e: &Expr) -> bool {
        let mut only = true;
        super::visit(e, &mut |node| {
            only &= match &node.kind {
                ExprKind::Probe { .. } | ExprKind::Record { .. } => false,
                ExprKind::Coord(axis) => !self.cases.contains(axis),
                ExprKind::Reduce { over, .. } => !over.iter().any(|a| self.cases.contains(a)),
                ExprKind::Index { selections, .. } => {
                    !selections.iter().any(|s| s.axes.iter().any(|a| self.cases.contains(a)))
                }
                _ => true,
            };
        });
        only
    }

    /// Puts samples in the place of what is followed. Whether anything was.
    fn expr(&mut self, e: &mut Expr, control: bool) -> bool {
        if !reads_run(e) {
            return false;
        }
        if self.only_known_while_running(e) {
            return self.sample(e, control);
        }
        let mut changed = false;
        each_part(e, &mut |part| changed |= self.expr(part, control));
        if changed {
            let gone: &[AxisId] = if let ExprKind::Reduce { over, .. } = &e.kind { over } else { &[] };
            let front = self.cases.iter().copied().chain([self.time]).filter(|a| !gone.contains(a));
            let rest = std::mem::take(&mut e.axes);
            e.axes = front.collect();
            e.axes.extend(rest.into_iter().filter(|a| !self.cases.contains(a) && *a != self.time));
        }
        changed
    }

    fn sample(&mut self, e: &mut Expr, control: bool) -> bool {
        let own: Axes = e.axes.iter().filter(|a| !self.cases.contains(a)).copied().collect();
        let id = match self.made.iter().find(|m| m.0 == *e) {
            Some(known) => known.1,
            None => {
                let elements: usize = own.iter().map(|a| self.axes.size(*a)).product();
                if elements > MOST {
                    let headline = format!("a plot follows at most {MOST} values over time");
                    let d = Diagnostic::new(Code::E0408, e.span, headline, format!("these are {elements}"));
                    self.sink.push(d.help("reduce them, for instance with `mean(...)`"));
                    return false;
                }
                let Some(id) = self.record(e, &own) else { return false };
                self.made.push((e.clone(), id));
                id
            }
        };
        e.axes = self.cases.iter().copied().chain([self.time]).chain(own).collect();
        e.kind = ExprKind::Record { id, control };
        true
    }

    /// Lets every program sample an expression.
    fn record(&mut self, e: &Expr, own: &[AxisId]) -> Option<RecordId> {
        let mut id = None;
        for program in self.programs.iter_mut() {
            let mut value = e.clone();
            let mut missing = None;
            super::visit_mut(&mut value, &mut |node| {
                node.axes.retain(|a| !self.cases.contains(a));
                if let ExprKind::Var(var) = &mut node.kind {
                    let name = &self.variables[*var].name;
                    match program.vars.iter_enumerated().find(|(_, v)| v.name == *name) {
                        Some((own, _)) => *var = own,
                        None => missing = Some((name.clone(), node.span)),
                    }
                }
            });
            if let Some((name, span)) = missing {
                let headline = format!("`{name}` does not exist in every case");
                let d = Diagnostic::new(Code::E0208, span, headline, "followed by a plot");
                self.sink.push(d.help("plot what all cases have"));
                return None;
            }
            let about = crate::units::Unit::none();
            let n = self.declared + program.followed.len();
            program.followed.push(Record {
                counts: Default::default(),
                name: format!("followed {}", program.followed.len()),
                value,
                axes: std::iter::once(self.time).chain(own.iter().copied()).collect(),
                every: 1,
                during: Vec::new(),
                dim: about.dim,
                unit: about,
                implied: true,
                span: e.span,
            });
            id = Some(RecordId::from_index(n));
        }
        id
    }
}

/// Whether an expression reads states as the run passes.
fn reads_run(e: &Expr) -> bool {
    let mut found = false;
    super::visit(e, &mut |node| {
        found |= matches!(node.kind, ExprKind::Var(_) | ExprKind::RunTicks | ExprKind::PresentationTicks);
    });
    found
}

/// A value reduced along some of its axes.
fn reduced(op: ReduceOp, value: &Expr, over: &[AxisId]) -> Expr {
    Expr {
        axes: value.axes.iter().filter(|a| !over.contains(a)).copied().collect(),
        ty: value.ty,
        span: value.span,
        kind: ExprKind::Reduce { op, args: vec![value.clone()], over: over.to_vec(), filter: None },
    }
}
