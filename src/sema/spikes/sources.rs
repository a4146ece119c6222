//! Where the spikes of a population come from, and what they do to their cell.

use crate::diag::{Code, Diagnostic};
use crate::hir::{self, Change, Domain, Event, Owner, PopId, SpikeSource, Spiking, VarKind};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::populations::NewVar;
use crate::sema::typed::{Place, Scope, Stage};
use crate::source::Span;
use crate::syntax::ast::{self, MemberKind};
use std::sync::Arc;

impl<'a> Checker<'a, '_> {
    /// Whether a population is one of spikes.
    pub(in crate::sema) fn is_spiking(&self, p: &'a ast::Population) -> bool {
        p.spiking.is_some()
            || p.members.iter().any(|m| matches!(m.kind, MemberKind::Cell(_)))
            || self.population_members(p).iter().any(|m| is_spikes(&m.kind))
    }

    /// Makes a population one of spikes, if it is; what its lines say comes later.
    pub(in crate::sema) fn declare_spikes(&mut self, id: PopId, item: &'a ast::Item, p: &'a ast::Population) {
        if !self.is_spiking(p) {
            return;
        }
        let axes = self.program.populations[id].axes.clone();
        let span = p.spiking.unwrap_or(p.name.span);
        let start = self.unknown_start(span);
        let label = format!("{}.spikes", p.name.text);
        let count = self.add_var(NewVar {
            name: label.clone(),
            owner: Owner::Population(id),
            domain: Domain::Cells(id),
            axes,
            kind: VarKind::State { start, equation: None },
            learned: false,
            span,
            unknown: &label,
        });
        let term = self.program.var_terms[count.0 as usize].clone();
        self.solver.unify(&term, &Term::plain());
        let stream = item.stream.as_ref().map_or(p.name.text.clone(), |s| s.node.clone());
        self.program.populations[id].spiking = Some(Spiking {
            source: SpikeSource::Timeline,
            reset: Vec::new(),
            refractory: 0,
            count,
            stream,
            span,
        });
    }

    /// Reads where a population's spikes come from and what they do to their cell.
    pub(in crate::sema) fn population_spikes(&mut self, id: PopId, p: &'a ast::Population) {
        let mut said: Option<Span> = None;
        let stream =
            self.program.populations[id].spiking.as_ref().map_or(String::new(), |s| s.stream.clone());
        for m in self.population_members(p) {
            if !is_spikes(&m.kind) {
                continue;
            }
            if let Some(first) = said.replace(m.span) {
                let headline = "the spikes of a population come from one place";
                let d = Diagnostic::new(Code::E0602, m.span, headline, "the second line that says so");
                self.report(d.label(first, "the first"));
                continue;
            }
            match &m.kind {
                MemberKind::SpikeWhen { condition, reset, refractory } => {
                    let mut scope = self.population_scope(
                        id,
                        Place::Population(id),
                        Stage::Tick,
                        "the condition of a spike",
                    );
                    self.bind_cell_params(p, &mut scope);
                    let t = self.infer_truth(condition, &mut scope);
                    let axes = self.program.populations[id].axes.clone();
                    self.fits_axes(&t, &axes, "the condition of a spike", condition.span);
                    scope.random = Some(self.cell_random(id, &format!("{stream}/spike"), true));
                    let changes = self.reset(id, reset, &mut scope);
                    let ticks = refractory.as_ref().and_then(|e| self.refractory(e, &scope));
                    if let Some(s) = &mut self.program.populations[id].spiking {
                        s.source = SpikeSource::When(t.expr);
                        s.reset = changes;
                        s.refractory = ticks.unwrap_or(0);
                        s.span = m.span;
                    }
                }
                MemberKind::Spikes(ast::SpikeSource::Poisson(rate)) => {
                    let mut scope = self.population_scope(
                        id,
                        Place::Population(id),
                        Stage::Tick,
                        "the rate of a Poisson process",
                    );
                    self.bind_cell_params(p, &mut scope);
                    let t = self.infer_number(rate, &mut scope);
                    self.want(&t, &Term::time(-1), "the rate of a Poisson process");
                    let axes = self.program.populations[id].axes.clone();
                    self.fits_axes(&t, &axes, "the rate of a Poisson process", rate.span);
                    if let Some(v) = self.constant(&t)
                        && (v < 0.0 || !v.is_finite())
                    {
                        let headline = "a rate is not negative, and finite";
                        self.report(Diagnostic::new(Code::E0611, rate.span, headline, "this is not"));
                    }
                    if let Some(s) = &mut self.program.populations[id].spiking {
                        s.source = SpikeSource::Poisson(t.expr);
                        s.span = m.span;
                    }
                }
                MemberKind::Spikes(ast::SpikeSource::At { times, cells }) => {
                    self.spikes_at(id, times, cells.as_ref(), m.span);
                }
                _ => {}
            }
        }
    }

    /// The axis of a list of so many times of spikes, or cells.
    pub(in crate::sema) fn spike_axis(&mut self, n: usize) -> hir::AxisId {
        let (name, coordinates) = ("spike".into(), hir::Coordinates::Index);
        self.axes.intern(hir::Axis { name, size: Some(n), coordinates })
    }

    pub(super) fn refractory(&mut self, e: &'a ast::Expr, scope: &Scope) -> Option<u64> {
        let mut own = scope.clone();
        own.place = Place::Constant;
        own.limit = (Stage::Constant, "a refractory period");
        let t = self.infer_number(e, &mut own);
        if !self.want(&t, &Term::time(1), "a refractory period") {
            return None;
        }
        let seconds = self.constant(&t)?;
        self.whole_ticks(seconds, e.span, "the refractory period")
    }

    pub(super) fn spikes_at(
        &mut self,
        id: PopId,
        times: &'a ast::Expr,
        cells: Option<&'a ast::Expr>,
        span: Span,
    ) {
        let list = |c: &mut Self, e: &'a ast::Expr, dim: &Term, what: &'static str| {
            let mut scope = Scope::new(Place::Constant, Stage::Constant, what);
            let t = match &e.kind {
                ast::ExprKind::List { items, .. } => {
                    let axis = c.spike_axis(items.len());
                    let list = c.listed_array(e, what, &[axis])?;
                    c.const_value(list, e.span)
                }
                _ => c.infer_number(e, &mut scope),
            };
            if t.poison || !c.want(&t, dim, what) {
                return None;
            }
            c.evaluate(&t.expr).map(Arc::new)
        };
        let times_value = list(self, times, &Term::time(1), "the times of spikes");
        let cells_value = cells.map(|e| list(self, e, &Term::plain(), "the cells of spikes"));
        let Some(times_value) = times_value else { return };
        if let Some(Some(cells_value)) = &cells_value {
            let n = self.program.populations[id].cells as f64;
            if cells_value.data.len() != times_value.data.len() {
                let headline = "each time of a spike has its cell";
                let label = format!("{} times and {} cells", times_value.data.len(), cells_value.data.len());
                self.report(Diagnostic::new(Code::E0611, span, headline, label));
                return;
            }
            if let Some(bad) = cells_value.data.iter().find(|v| !(v.fract() == 0.0 && **v >= 0.0 && **v < n))
            {
                let headline = format!(
                    "`{}` has no cell {}",
                    self.program.populations[id].name,
                    crate::units::format_number(*bad, 9)
                );
                let at = cells.map_or(span, |e| e.span);
                let d = Diagnostic::new(Code::E0611, at, headline, "one of these cells");
                self.report(d.note(format!("its cells are numbered from 0 to {}", n - 1.0)));
                return;
            }
        }
        if let Some(bad) = times_value.data.iter().find(|v| !(**v >= 0.0 && v.is_finite())) {
            let headline = "a spike comes at a time of the run";
            let label = format!("one of these is {} s", crate::units::format_number(*bad, 9));
            self.report(Diagnostic::new(Code::E0611, times.span, headline, label));
            return;
        }
        if let Some(s) = &mut self.program.populations[id].spiking {
            s.source = SpikeSource::At { times: times_value, cells: cells_value.flatten() };
            s.span = span;
        }
    }

    pub(super) fn reset(&mut self, id: PopId, changes: &'a [ast::Change], scope: &mut Scope) -> Vec<Change> {
        let mut out: Vec<Change> = Vec::new();
        let axes = self.program.populations[id].axes.clone();
        for c in changes {
            let what = format!("`{}`", c.name.text);
            let t = self.infer_number(&c.value, scope);
            if let Some(owner) = &c.owner {
                let headline = "a spike of a cell resets its own variables";
                let d = Diagnostic::new(Code::E0610, owner.span, headline, "another's");
                self.report(
                    d.help("what spikes do at synapses stands in a projection or rule: `on pre { ... }`"),
                );
                continue;
            }
            let Some(var) = self.changed_state(self.member_of_population(id, &c.name.text), &c.name) else {
                continue;
            };
            if !self.fits_axes(&t, &axes, &what, c.name.span) || t.poison {
                continue;
            }
            self.unify_change(var, c, &t, &what);
            self.once(&out, var, c);
            out.push(Change { var, of: Some(Event::Post), op: c.op, value: t.expr, span: c.span });
        }
        out
    }
}

/// Whether a line says where spikes come from.
pub(super) fn is_spikes(m: &MemberKind) -> bool {
    matches!(m, MemberKind::SpikeWhen { .. } | MemberKind::Spikes(_))
}
