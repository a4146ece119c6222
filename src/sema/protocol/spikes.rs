//! Spikes that the timeline schedules: `spike`, `pair`, `train`, `burst`, `theta_burst`.

use crate::diag::{Code, Diagnostic, nearest};
use crate::hir::{self, Again, ExprKind, Function, Length, SpikeSchedule, SpikeTrain, StatementKind, Ty};
use crate::sema::checker::Checker;
use crate::sema::dims::Term;
use crate::sema::typed::{Scope, Stage};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};

/// A theta burst: so many spikes at 100 Hz, every 200 ms, ten times (Larson, Wong & Lynch 1986).
const THETA: (f64, f64, f64, f64) = (4.0, 100.0, 0.2, 10.0);

impl<'a> Checker<'a, '_> {
    pub(super) fn spikes(
        &mut self,
        statement: &'a ast::StatementKind,
        scope: &mut Scope,
        span: Span,
    ) -> Option<StatementKind> {
        match statement {
            ast::StatementKind::Spike { trains, tail } => {
                let mut out = Vec::new();
                for (cells, at) in trains {
                    let at = self.spike_times(at, scope);
                    let train = self.train(cells, at?, scope);
                    out.push(train?);
                }
                self.repeated(out, tail, scope, span)
            }
            ast::StatementKind::Pair { pre, post, lag, tail } => {
                let lag = self.timeline_value(lag, &Term::time(1), "a lag", scope)?;
                if let ExprKind::Number(seconds) = lag.kind {
                    self.on_the_tick(seconds, lag.span);
                }
                // the first of the two comes at once
                let (late, early) = (relu(lag.clone()), relu(negative(lag)));
                let pre = self.train(pre, early, scope);
                let post = self.train(post, late, scope);
                self.repeated(vec![pre?, post?], tail, scope, span)
            }
            ast::StatementKind::Train { count, rate, groups, on } => {
                let times = (count, rate);
                let again = self.times(times, scope);
                let trains = self.trains(on, scope, span);
                let mut again = vec![again?];
                again.extend(self.groups(groups.as_deref(), scope)?);
                Some(scheduled(trains?, again, None, span))
            }
            ast::StatementKind::ThetaBurst { groups, on } => {
                let (pulses, rate, every, bursts) = THETA;
                let again =
                    |count: f64, every: f64| Again { count: number(count, span), every: number(every, span) };
                let trains = self.trains(on, scope, span);
                let mut again = vec![again(pulses, 1.0 / rate), again(bursts, every)];
                again.extend(self.groups(groups.as_deref(), scope)?);
                Some(scheduled(trains?, again, None, span))
            }
            _ => None,
        }
    }

    fn trains(&mut self, on: &'a [ast::Cells], scope: &mut Scope, span: Span) -> Option<Vec<SpikeTrain>> {
        let trains: Vec<_> = on.iter().map(|cells| self.train(cells, number(0.0, span), scope)).collect();
        trains.into_iter().collect()
    }

    fn repeated(
        &mut self,
        trains: Vec<SpikeTrain>,
        tail: &'a ast::Tail,
        scope: &mut Scope,
        span: Span,
    ) -> Option<StatementKind> {
        let mut again = Vec::new();
        if let Some((count, rate)) = &tail.times {
            again.push(self.times((count, rate), scope)?);
        }
        again.extend(self.groups(tail.groups.as_deref(), scope)?);
        let length = match &tail.length {
            Some(e) => Some(self.duration(e, scope, "a duration")?),
            None => None,
        };
        Some(scheduled(trains, again, length, span))
    }

    /// `60 times at 20 Hz`.
    fn times(&mut self, (count, rate): (&'a ast::Expr, &'a ast::Expr), scope: &mut Scope) -> Option<Again> {
        let count = self.timeline_value(count, &Term::plain(), "a count", scope);
        let rate = self.timeline_value(rate, &Term::time(-1), "a rate", scope)?;
        if let ExprKind::Number(rate_value) = rate.kind {
            self.on_the_tick(1.0 / rate_value, rate.span);
        }
        let every = hir::Expr {
            span: rate.span,
            axes: Vec::new(),
            ty: Ty::Number,
            kind: ExprKind::Binary(BinaryOp::Div, Box::new(number(1.0, rate.span)), Box::new(rate)),
        };
        Some(Again { count: count?, every })
    }

    /// `every 10 s, 15 times`.
    fn groups(&mut self, groups: Option<&'a ast::Groups>, scope: &mut Scope) -> Option<Option<Again>> {
        let Some(groups) = groups else { return Some(None) };
        let count = self.timeline_value(&groups.count, &Term::plain(), "a count", scope);
        let every = self.timeline_value(&groups.every, &Term::time(1), "an interval", scope);
        if let Some(hir::Expr { kind: ExprKind::Number(seconds), span, .. }) = &every {
            self.on_the_tick(*seconds, *span);
        }
        Some(Some(Again { count: count?, every: every? }))
    }

    /// Notes a time of spikes that is no whole number of ticks of the clock that the file gives.
    fn on_the_tick(&mut self, seconds: f64, span: Span) {
        let ticks = seconds / self.program.tick;
        let off = (ticks - ticks.round()).abs();
        if self.program.clocked && off > 1e-6 {
            self.program.off_tick.push((span, seconds, off));
        }
    }

    /// A number that is known when its statement is reached.
    fn timeline_value(
        &mut self,
        e: &'a ast::Expr,
        dim: &Term,
        what: &'static str,
        scope: &mut Scope,
    ) -> Option<hir::Expr> {
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, what);
        let t = self.infer_number(e, &mut inner);
        if t.poison || !self.want(&t, dim, what) || !self.fits_axes(&t, &[], what, e.span) {
            return None;
        }
        let constant = self.constant(&t);
        if let Some(v) = constant {
            let plain = *dim == Term::plain();
            let fault = match () {
                () if plain && (v < 0.0 || v.fract() != 0.0) => {
                    Some("a count is a whole number, not negative")
                }
                () if *dim == Term::time(-1) && v <= 0.0 => Some("a rate is more than zero"),
                () if what == "an interval" && v <= 0.0 => Some("an interval is more than zero"),
                () => None,
            };
            if let Some(headline) = fault {
                self.report(Diagnostic::new(Code::E0611, e.span, headline, "this is not"));
                return None;
            }
        }
        Some(match constant {
            Some(v) => number(v, e.span),
            None => t.expr,
        })
    }

    /// The times of spikes: one, or a list.
    fn spike_times(&mut self, e: &'a ast::Expr, scope: &mut Scope) -> Option<hir::Expr> {
        let mut inner = scope.clone();
        inner.limit = (Stage::Timeline, "the time of a spike");
        let t = match &e.kind {
            ast::ExprKind::List { items, unit: None } if !self.is_known(e) => {
                let axis = self.spike_axis(items.len());
                self.list_of_expressions(items, axis, e, &mut inner)?
            }
            ast::ExprKind::List { items, .. } => {
                let axis = self.spike_axis(items.len());
                let list = self.listed_array(e, "the times of spikes", &[axis])?;
                self.const_value(list, e.span)
            }
            _ => self.infer_number(e, &mut inner),
        };
        if t.poison || !self.want(&t, &Term::time(1), "the time of a spike") {
            return None;
        }
        let known = if t.stage == Stage::Constant { self.evaluate(&t.expr) } else { None };
        for seconds in known.iter().flat_map(|v| v.data.iter()) {
            self.on_the_tick(*seconds, e.span);
        }
        if known.is_some_and(|v| v.data.iter().any(|v| !(*v >= 0.0 && v.is_finite()))) {
            let headline = "a spike is scheduled before its statement begins";
            let d = Diagnostic::new(
                Code::E0611,
                e.span,
                headline,
                "a time counts from the start of the statement",
            );
            self.report(d.help("let the other spikes come later instead"));
            return None;
        }
        if t.expr.axes.len() > 1 {
            let shape = self.axes.describe(&t.expr.axes);
            let headline = "spikes come one after the other";
            self.report(Diagnostic::new(Code::E0611, e.span, headline, format!("this runs along {shape}")));
            return None;
        }
        Some(t.expr)
    }

    fn train(&mut self, cells: &'a ast::Cells, at: hir::Expr, scope: &mut Scope) -> Option<SpikeTrain> {
        let name = &cells.population;
        self.used.insert(name.text.clone());
        let Some(population) = self.population(&name.text) else {
            if self.program.broken_populations.contains(&name.text) {
                return None;
            }
            let names: Vec<String> = self.program.populations.iter().map(|p| p.name.clone()).collect();
            let headline = format!("there is no population `{}`", self.sources.text(name.span));
            let mut d = Diagnostic::new(Code::E0201, name.span, headline, "no such population");
            if let Some(near) = nearest(&name.text, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), name.span, near);
            } else if let Some(all) = crate::diag::list(names.iter().map(String::as_str)) {
                d = d.note(format!("populations: {all}"));
            }
            self.report(d);
            return None;
        };
        let p = self.program.populations[population].clone();
        if p.spiking.is_none() {
            let headline = format!("`{}` does not spike", p.name);
            let d = Diagnostic::new(Code::E0611, name.span, headline, "spikes are scheduled here");
            let d = d.label(p.span, "declared here");
            self.report(d.help(format!("declare it so: `population {} spiking`", p.name)));
            return None;
        }
        let mut slice = Vec::new();
        if !cells.slice.is_empty() {
            let mut inner = scope.clone();
            inner.limit = (Stage::Timeline, "a slice");
            let (selections, _) = self.selections(&p.axes, &cells.slice, name.span, &mut inner)?;
            slice = selections;
        }
        Some(SpikeTrain { population, slice, at, span: name.span })
    }
}

/// The statement; where nothing else is said it lasts as long as its repetitions, or to its last spike.
fn scheduled(
    trains: Vec<SpikeTrain>,
    again: Vec<Again>,
    length: Option<hir::Expr>,
    span: Span,
) -> StatementKind {
    let node = |kind| hir::Expr { kind, axes: Vec::new(), ty: Ty::Number, span };
    let length = match (length, again.last()) {
        (Some(length), _) => Length::For(length),
        (None, Some(a)) => Length::About(node(ExprKind::Binary(
            BinaryOp::Mul,
            Box::new(a.count.clone()),
            Box::new(a.every.clone()),
        ))),
        (None, None) => {
            let last = |at: &hir::Expr| match at.axes.as_slice() {
                [] => at.clone(),
                axes => node(ExprKind::Reduce {
                    op: hir::ReduceOp::Max,
                    args: vec![at.clone()],
                    over: axes.to_vec(),
                    filter: None,
                }),
            };
            let later = |a, b| node(ExprKind::Call(Function::Max, vec![a, b]));
            let all = trains.iter().map(|t| last(&t.at)).reduce(later);
            Length::About(all.unwrap_or_else(|| number(0.0, span)))
        }
    };
    StatementKind::Present {
        inputs: Vec::new(),
        length,
        spikes: Some(std::sync::Arc::new(SpikeSchedule { trains, again })),
    }
}

fn number(value: f64, span: Span) -> hir::Expr {
    hir::Expr { kind: ExprKind::Number(value), axes: Vec::new(), ty: Ty::Number, span }
}

fn relu(e: hir::Expr) -> hir::Expr {
    let (span, axes) = (e.span, e.axes.clone());
    hir::Expr { kind: ExprKind::Call(Function::Relu, vec![e]), axes, ty: Ty::Number, span }
}

fn negative(e: hir::Expr) -> hir::Expr {
    let (span, axes) = (e.span, e.axes.clone());
    let kind = ExprKind::Unary(ast::UnaryOp::Neg, Box::new(e));
    hir::Expr { kind, axes, ty: Ty::Number, span }
}
