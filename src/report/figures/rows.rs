use super::along::{Along, Groups, SIGNS, coordinates, roles};
use super::build::Context;
use super::folding::{Beside, Folded, Point, fold};
use super::model::{Curve, Scale};
use super::streamed::{Streamed, streamed};
use crate::hir::{AxisId, Expr, Plot, Plotted, Spread, Value};
use crate::report::elements::{LengthMismatch, place};
use crate::sema::followed::ONE_BY_ONE;

/// One value of the plot, its control apart, taken apart.
pub(super) struct Row {
    pub value: usize,
    pub control: bool,
    pub folded: Folded,
    /// The least and the largest of what `folded` is the mean of, where they were sampled apart.
    pub spread: Option<(Folded, Folded)>,
    /// Along which axes that was, and how many elements there were.
    pub reduced: Option<(Vec<AxisId>, usize)>,
    /// Coordinates along the horizontal axis, SI; empty for a value without that axis.
    pub x: Vec<f64>,
    pub errors: bool,
}

impl Row {
    pub fn new(
        cx: &Context,
        plotted: &Plotted,
        along: &Along,
        groups: &Groups,
        control: bool,
    ) -> Result<Option<Self>, String> {
        let (expr, spread): (&Expr, Option<&Spread>) = match control {
            false => (&plotted.value, plotted.spread.as_ref()),
            true => match &plotted.control {
                Some(control) => (control, plotted.control_spread.as_ref()),
                None => return Ok(None),
            },
        };
        let kept = |id| along.is(cx, id) || groups.axes.contains(&id);
        let plain = along.time && spread.is_none() && plotted.error.is_none() && groups.by_value.is_none();
        if let Some(streamed) = plain.then(|| streamed(cx, expr, ONE_BY_ONE, &kept)).transpose()?.flatten() {
            return Self::of_streamed(cx, &streamed, along, groups, control).map(Some);
        }
        let value = cx.eval(expr)?;
        let error = plotted.error.as_ref().filter(|_| !control).map(|e| cx.eval(e)).transpose()?;
        let role = roles(cx, along, groups, &value);
        let by_value = groups
            .by_value
            .as_ref()
            .filter(|g| g.0.axes.iter().any(|a| value.axes.iter().any(|v| v.id == a.id)));
        let beside = Beside {
            x: along.value.as_ref(),
            error: error.as_ref(),
            group: by_value.map(|(v, names)| (v, names.len() + 1)),
        };
        let differ = |m| differ(cx, &m);
        let folded = fold(&value, beside, &role).map_err(differ)?;
        let mut reduced = None;
        let spread = match spread {
            Some(s) => {
                let end = |e: &Expr| fold(&cx.eval(e)?, Beside::default(), &role).map_err(differ);
                reduced = Some((s.over.clone(), s.elements));
                Some((end(&s.least)?, end(&s.largest)?))
            }
            None => None,
        };
        let x = match along.value {
            Some(_) => Vec::new(),
            None => {
                value.axes.iter().find(|a| along.is(cx, a.id)).map_or_else(Vec::new, |a| coordinates(cx, a))
            }
        };
        Ok(Some(Self { value: 0, control, folded, spread, reduced, x, errors: error.is_some() }))
    }

    /// A row of a record that was reduced while it was read.
    fn of_streamed(
        cx: &Context,
        streamed: &Streamed,
        along: &Along,
        groups: &Groups,
        control: bool,
    ) -> Result<Self, String> {
        let role = roles(cx, along, groups, &streamed.mean);
        let folded = |v: &Value| fold(v, Beside::default(), &role).map_err(|m| differ(cx, &m));
        let time = streamed.mean.axes.iter().find(|a| along.is(cx, a.id));
        Ok(Self {
            value: 0,
            control,
            folded: folded(&streamed.mean)?,
            spread: Some((folded(&streamed.least)?, folded(&streamed.largest)?)),
            reduced: Some((streamed.over.clone(), streamed.elements)),
            x: time.map_or_else(Vec::new, |a| coordinates(cx, a)),
            errors: false,
        })
    }

    /// Everything the row says about the extent of the horizontal axis.
    pub fn extent(&self) -> Vec<f64> {
        let valued = self.folded.points.iter().filter(|p| p.n > 0).map(|p| p.x);
        if self.x.is_empty() {
            valued.collect()
        } else {
            let ends = self
                .x
                .iter()
                .copied()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |e, x| (e.0.min(x), e.1.max(x)));
            vec![ends.0, ends.1]
        }
    }

    #[allow(clippy::too_many_arguments)] // they are the parts of a plot
    pub fn curves(
        &self,
        cx: &Context,
        plot: &Plot,
        along: &Along,
        groups: &Groups,
        panel: usize,
        x_scale: &Scale,
        shown: &dyn Fn(f64) -> f64,
    ) -> Vec<Curve> {
        let plotted = &plot.values[self.value];
        let first = plot.values.iter().find(|v| v.dim == plotted.dim).unwrap_or(plotted);
        let unit = |v: f64| first.unit.from_si(v);
        let names = groups.by_value.as_ref().map(|g| &g.1);
        let measured = plot.values.iter().any(|v| v.error.is_some());
        let (count, several) = (self.folded.curve_count(), plot.values.len() > 1);
        let mut out = Vec::new();
        for curve in 0..count {
            for group in 0..names.map_or(1, Vec::len).min(self.folded.groups) {
                let points = self.folded.row(panel, curve, group);
                if !points.iter().any(|p| p.n > 0) {
                    continue;
                }
                let mut name = Vec::new();
                if several {
                    name.push(plotted.text.split(" +- ").next().unwrap_or(&plotted.text).to_string());
                }
                name.extend(cx.entries(&self.folded.curves, &place(&self.folded.curves, curve)));
                name.extend(names.filter(|_| self.folded.groups > 1).and_then(|n| n.get(group)).cloned());
                if name.is_empty() && plotted.control.is_some() && !self.control {
                    name.push(plotted.text.clone());
                }
                if self.control {
                    name.push("control".to_string());
                }
                let split = count * names.map_or(1, Vec::len);
                let color = if split > 1 {
                    (curve * names.map_or(1, Vec::len) + group, split)
                } else {
                    (self.value, plot.values.len())
                };
                let spread = self
                    .spread
                    .as_ref()
                    .map(|(l, h)| (l.row(panel, curve, group), h.row(panel, curve, group)));
                let mut made = self.curve(points, spread, along, x_scale, shown, &unit, measured);
                made.name = name.join(", ");
                made.color = color;
                out.push(made);
            }
        }
        out
    }

    #[allow(clippy::too_many_arguments)] // they are the parts of a plot
    fn curve(
        &self,
        points: &[Point],
        spread: Option<(&[Point], &[Point])>,
        along: &Along,
        x_scale: &Scale,
        shown: &dyn Fn(f64) -> f64,
        unit: &dyn Fn(f64) -> f64,
        measured: bool,
    ) -> Curve {
        let known = |p: &Point| p.n > 0;
        let at = |i: usize, p: &Point| match (&along.names, &along.value) {
            (Some(_), _) => i as f64,
            (None, Some(_)) => shown(p.x),
            (None, None) => self.x.get(i).copied().map_or(f64::NAN, shown),
        };
        let value = |p: &Point, v: f64| if known(p) { unit(v) } else { f64::NAN };
        let mut order: Vec<usize> = (0..points.len()).collect();
        // cases are sampled at times of their own
        if along.value.is_some() || along.time {
            order.retain(|i| known(&points[*i]));
        }
        if along.time {
            whole(points, &mut order);
        } else if along.names.is_none() && !along.through_time {
            order.sort_by(|a, b| at(*a, &points[*a]).total_cmp(&at(*b, &points[*b])));
        }
        let each = |f: &dyn Fn(usize) -> f64| order.iter().map(|i| f(*i)).collect::<Vec<f64>>();
        let mut x = each(&|i| at(i, &points[i]));
        let mut y = each(&|i| value(&points[i], points[i].mean));
        let mut range = match spread {
            Some((least, largest)) => Some((
                each(&|i| least.get(i).map_or(f64::NAN, |p| value(p, p.least))),
                each(&|i| largest.get(i).map_or(f64::NAN, |p| value(p, p.largest))),
            )),
            None if self.folded.fold_count() > 1 => Some((
                each(&|i| value(&points[i], points[i].least)),
                each(&|i| value(&points[i], points[i].largest)),
            )),
            None => None,
        };
        let error =
            self.errors.then(|| each(&|i| value(&points[i], points[i].error) - value(&points[i], 0.0)));
        let flat = self.x.is_empty() && !y.is_empty();
        if flat && along.value.is_none() && along.names.is_none() {
            // the same all along
            (x, y) = (vec![x_scale.lo, x_scale.hi], vec![y[0], y[0]]);
            range = range.map(|(l, h)| (vec![l[0], l[0]], vec![h[0], h[0]]));
        }
        let mut error = error;
        if x.len() > SIGNS && along.names.is_none() && along.value.is_none() {
            // too many for whiskers
            let band = |error: Vec<f64>| {
                let end = |sign: f64| y.iter().zip(&error).map(|(y, e)| y + sign * e).collect();
                (end(-1.0), end(1.0))
            };
            range = error.take().map(band).or(range);
        }
        let shape = along.shape(&x, self.errors, measured);
        Curve { name: String::new(), color: (0, 1), control: self.control, shape, x, y, range, error }
    }

    /// Over what means were taken.
    pub fn note(&self, cx: &Context, along: &Along) -> Option<String> {
        let (mut axes, mut n) = self.reduced.clone().unwrap_or((Vec::new(), 1));
        axes.extend(self.folded.folded.iter().map(|a| a.id));
        n *= self.folded.fold_count();
        let (what, range) = if along.names.is_some() { ("bars", "whiskers") } else { ("lines", "bands") };
        let names: Vec<&str> = axes.iter().map(|a| cx.naming.axis(*a)).collect();
        (n > 1).then(|| {
            format!("{what}: mean over {} ({n}); {range}: from the least to the largest", names.join(", "))
        })
    }
}

/// Leaves of the points of a mean those of which some elements have a sample and others, that go on, have none: a mean of
/// others at each time would swing to and fro.
fn whole(points: &[Point], order: &mut Vec<usize>) {
    let mut kept = Vec::with_capacity(order.len());
    let mut rest = order.as_slice();
    while let Some(most) = rest.iter().map(|i| points[*i].n).max() {
        let last = rest.iter().rposition(|i| points[*i].n == most).unwrap_or(rest.len() - 1);
        kept.extend(rest[..=last].iter().copied().filter(|i| points[*i].n == most));
        rest = &rest[last + 1..];
    }
    *order = kept;
}

fn differ(cx: &Context, m: &LengthMismatch) -> String {
    let name = cx.naming.axis(m.axis.id);
    format!("its parts disagree about the length of `{name}`: {} and {}", m.axis.len, m.other)
}
