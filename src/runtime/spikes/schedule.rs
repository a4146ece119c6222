//! Spikes that statements set.

use super::coming::set;
use crate::diag::{Code, Diagnostic};
use crate::eval::{eval, eval_scalar};
use crate::hir::{AxisId, Expr, ExprKind, PopId, Selection, Selector, SpikeSchedule, Ty};
use crate::ir::build::fault::from_eval;
use crate::runtime::cursor::Playing;
use crate::runtime::machine::{Machine, Outcome};
use crate::source::Span;

/// Beyond this many repetitions a statement is refused: all its spikes are kept.
const MOST_SPIKES: f64 = 1e8;

impl Machine<'_> {
    pub(in crate::runtime) fn spikes_begin(&mut self, playing: &[Playing]) -> Outcome<()> {
        if !self.built.events.any() {
            return Ok(());
        }
        if self.spikes.begun.0 != self.now {
            self.spikes.begun = (self.now, Vec::new());
        }
        let now = self.now;
        let before = self.spikes.set.len();
        for p in playing.iter().filter(|p| !p.passes && p.start == now) {
            if self.spikes.begun.1.contains(&(p.leaf, p.element)) {
                continue;
            }
            self.spikes.begun.1.push((p.leaf, p.element));
            self.set_spikes(p)?;
        }
        if self.spikes.set.len() > before {
            // what has been is forgotten; the rest and each train are in order already
            self.spikes.set.drain(..self.spikes.at);
            self.spikes.at = 0;
            self.spikes.set.sort_by_key(|(at, who)| u128::from(*at) << 64 | u128::from(*who));
        }
        self.rates(false)?;
        if self.spikes.set.get(self.spikes.at).is_some_and(|s| s.0 <= self.now) {
            self.instant(false)?;
        }
        Ok(())
    }

    /// Sets the spikes of a statement.
    fn set_spikes(&mut self, p: &Playing) -> Outcome<()> {
        let Some(schedule) = self.built.timeline.leaves[p.leaf].spikes.take() else { return Ok(()) };
        let outcome = self.set_trains(p, &schedule);
        self.built.timeline.leaves[p.leaf].spikes = Some(schedule);
        outcome
    }

    fn set_trains(&mut self, p: &Playing, schedule: &SpikeSchedule) -> Outcome<()> {
        let mut offsets = vec![0.0_f64];
        for again in &schedule.again {
            let count = self.spike_scalar(&again.count)?;
            let every = self.spike_scalar(&again.every)?;
            let whole = count.round();
            if !((count - whole).abs() <= 1e-9 * whole.max(1.0) && (0.0..1e9).contains(&whole)) {
                let headline = format!("a count is a whole number, and this is {count}");
                return Err(Box::new(Diagnostic::new(Code::E0805, again.count.span, headline, "not whole")));
            }
            if !(every > 0.0 && every.is_finite()) {
                let headline = "spikes are repeated after a time that is more than zero, and finite";
                let d = Diagnostic::new(Code::E0611, again.every.span, headline, "here it is not");
                return Err(Box::new(d.help("a rate is more than zero, and so is an interval")));
            }
            if offsets.len() as f64 * whole > MOST_SPIKES {
                let headline = format!("a statement schedules at most {MOST_SPIKES} repetitions");
                let d = Diagnostic::new(Code::E0803, again.count.span, headline, "more than that");
                return Err(Box::new(d.help("repeat the statement: `repeat 1000 { ... }`")));
            }
            offsets =
                (0..whole as u64).flat_map(|k| offsets.iter().map(move |o| o + k as f64 * every)).collect();
        }
        let tick = self.program.tick;
        for train in &schedule.trains {
            let cells = self.cells_in(train.population, &train.slice, train.span)?;
            let times = eval(&train.at, &self.view(true)).map_err(|e| from_eval(&e, train.at.span))?;
            for offset in &offsets {
                for time in times.data.iter() {
                    let at = p.start as f64 + (time + offset) / tick;
                    if !(*time >= 0.0 && at < 9e15) {
                        let headline = match *time >= 0.0 {
                            true => "a spike is scheduled later than can be counted in ticks",
                            false => "a spike is scheduled before its statement begins",
                        };
                        let label = format!("this is {} s", crate::units::format_number(*time, 9));
                        return Err(Box::new(Diagnostic::new(Code::E0611, train.at.span, headline, label)));
                    }
                    let at = at.round() as u64;
                    if at > p.end {
                        return Err(self.too_late(train.span, p, at));
                    }
                    self.spikes.set.extend(cells.iter().map(|c| set(at, train.population, *c)));
                }
            }
        }
        Ok(())
    }

    #[cold]
    fn too_late(&self, span: Span, p: &Playing, at: u64) -> Box<Diagnostic> {
        let show = |ticks: u64| {
            crate::units::format_value(ticks as f64 * self.program.tick, &self.program.tick_unit, 9)
        };
        let headline = "a spike is scheduled after its statement has ended";
        let label = format!("at {}", show(at - p.start));
        let d = Diagnostic::new(Code::E0611, span, headline, label);
        let d = d.help(format!(
            "let the statement last longer: `for {}`, or repeat more slowly",
            show(at - p.start)
        ));
        Box::new(d.note(format!("the statement lasts {}", show(p.end - p.start))))
    }

    fn spike_scalar(&self, e: &Expr) -> Outcome<f64> {
        eval_scalar(e, &self.view(true)).map_err(|f| from_eval(&f, e.span))
    }

    /// The cell that a number along each axis picks.
    fn cell_at(&self, axes: &[AxisId], slice: &[Selection]) -> Outcome<Option<u32>> {
        let mut cell = 0;
        if slice.len() != axes.len() {
            return Ok(None);
        }
        for (axis, selection) in axes.iter().zip(slice) {
            let Selector::At(place) = &selection.selector else { return Ok(None) };
            let size = self.axes[*axis].size.unwrap_or(0);
            if selection.axes != [*axis] || !place.axes.is_empty() {
                return Ok(None);
            }
            let place = self.spike_scalar(place)?;
            // the general way says what is wrong with it
            if !(place >= 0.0 && place < size as f64 && place.fract() == 0.0) {
                return Ok(None);
            }
            cell = cell * size + place as usize;
        }
        Ok(Some(cell as u32))
    }

    fn cells_in(&self, population: PopId, slice: &[Selection], span: Span) -> Outcome<Vec<u32>> {
        let p = &self.program.populations[population];
        if slice.is_empty() {
            return Ok((0..p.cells as u32).collect());
        }
        if let Some(cell) = self.cell_at(&p.axes, slice)? {
            return Ok(vec![cell]);
        }
        let axes: Vec<AxisId> = p.axes.clone();
        let flat = Expr { kind: ExprKind::Flat(axes.clone()), axes: axes.clone(), ty: Ty::Number, span };
        let mut left = axes;
        for selection in slice {
            left.retain(|a| !selection.axes.contains(a));
            if let Selector::Slice { axis, .. } | Selector::Between { axis, .. } = selection.selector {
                left.push(axis);
            }
        }
        let kind = ExprKind::Index { base: Box::new(flat), selections: slice.to_vec() };
        let cells = Expr { kind, axes: left, ty: Ty::Number, span };
        let value = eval(&cells, &self.view(true)).map_err(|e| from_eval(&e, span))?;
        Ok(value.data.iter().map(|v| *v as u32).collect())
    }
}
