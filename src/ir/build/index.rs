//! Indexing becomes loads at other places, or gathers where the place is only known in the kernel.

use super::context::{Context, Frame, Temp};
use super::expr::is_constant;
use super::layout::size;
use super::lower::{Lowered, Stop, Val};
use crate::contract::{Ops, functions};
use crate::hir::{AxisId, Expr, ExprKind, Selection, Selector, Ty};
use crate::ir::{KernelBuilder, Num};

impl Context<'_> {
    /// An element of `base`, where the selections say.
    pub fn index(
        &mut self,
        b: &KernelBuilder,
        frame: &Frame,
        whole: &Expr,
        base: &Expr,
        selections: &[Selection],
    ) -> Lowered<Val> {
        if self.reads_pattern(base) {
            let temp = self.eval_task(whole, &whole.axes);
            let number = self.load(b, frame, temp.slot, &temp.axes)?;
            return Ok(self.as_written(b, whole, number));
        }
        let array = self.array_of(base)?;
        let strides = self.strides(&array.axes);
        let stride_of = |axis: AxisId| array.axes.iter().position(|a| *a == axis).map(|i| strides[i]);
        // what is left of the array's axes, under the names they have in the frame
        let mut left: Vec<(AxisId, usize)> =
            array.axes.iter().copied().zip(strides.iter().copied()).collect();
        let mut offset = 0;
        let mut moving: Option<Num> = None;
        let mut valid = None;
        for selection in selections {
            let group: Vec<(usize, usize)> =
                selection.axes.iter().filter_map(|a| Some((size(self.axes, *a), stride_of(*a)?))).collect();
            let Some((_, step)) = group.last().copied() else { continue };
            let places: usize = group.iter().map(|(n, _)| n).product();
            let even = group.windows(2).all(|w| w[0].1 == w[1].1 * w[1].0);
            if !even {
                return Err(Stop::Unsupported);
            }
            left.retain(|(a, _)| !selection.axes.contains(a));
            let fixed = match &selection.selector {
                Selector::First => Some(0.0),
                Selector::Last => Some(places as f64 - 1.0),
                Selector::At(at) if at.axes.is_empty() && is_constant(self.program, at) => {
                    Some(self.constant_scalar(at)?)
                }
                Selector::At(_) => None,
                Selector::Slice { from, axis, .. } => {
                    offset += from * step;
                    left.push((*axis, step));
                    continue;
                }
                Selector::Between { .. } | Selector::AtTime(_) => return Err(Stop::Unsupported),
            };
            match (fixed, &selection.selector) {
                (Some(place), _) if place >= 0.0 && place < places as f64 && place.fract() == 0.0 => {
                    offset += place as usize * step;
                }
                (None, Selector::At(at)) => {
                    let place = self.number(b, frame, at)?;
                    let inside = b.and(b.le(b.num(0.0), place), b.lt(place, b.num(places as f64)));
                    let inside = b.and(inside, b.eq(functions::floor(b, place), place));
                    valid = Some(valid.map_or(inside, |v| b.and(v, inside)));
                    let far = b.mul(place, b.num(step as f64));
                    moving = Some(moving.map_or(far, |m| b.add(m, far)));
                }
                // a place that does not exist: the evaluator says so when its turn comes
                _ => return Err(Stop::Unsupported),
            }
        }
        let (names, steps): (Vec<AxisId>, Vec<usize>) = left.into_iter().unzip();
        let steps = self.frame_strides(frame, &names, &steps).ok_or(Stop::Unsupported)?;
        let number = match (moving, valid) {
            (Some(moving), Some(valid)) => {
                let mut place = b.add(moving, b.num(offset as f64));
                for (d, step) in steps.iter().enumerate().filter(|(_, s)| **s > 0) {
                    place = b.add(place, b.mul(b.coord(d), b.num(*step as f64)));
                }
                let place = b.select(valid, place, b.num(-1.0));
                b.gather(array.slot, 0, self.elements(&array.axes), place)
            }
            _ => b.load(array.slot, offset, &steps),
        };
        Ok(self.as_written(b, whole, number))
    }

    fn as_written(&self, b: &KernelBuilder, e: &Expr, number: Num) -> Val {
        match e.ty {
            Ty::Number => Val::Num(number),
            Ty::Bool => Val::Truth(b.not(b.eq(number, b.num(0.0)))),
        }
    }

    /// The whole array of an expression.
    fn array_of(&mut self, e: &Expr) -> Lowered<Temp> {
        let axes = e.axes.clone();
        if is_constant(self.program, e) {
            let slot = self.constant(e, &axes)?;
            return Ok(Temp { slot, axes });
        }
        match &e.kind {
            ExprKind::Var(id) if self.stage_of(*id).is_none() => {
                Ok(Temp { slot: self.layout.vars[*id].slot, axes })
            }
            _ => self.materialize("indexed", e),
        }
    }
}
