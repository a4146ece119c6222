//! Reductions become kernels of their own, whose results other kernels load.

use super::context::{Context, Frame, Temp};
use super::expr::{join_axes, visit_outside_reductions};
use super::lower::{Lowered, Stop, Val};
use crate::contract::Ops;
use crate::contract::reduce::Kind;
use crate::eval::factors;
use crate::hir::{Axes, AxisId, Domain, Expr, ExprKind, ReduceOp};
use crate::ir::{Access, Index, KernelBuilder, Num, SlotId, SlotKind, Truth};

/// What a reduction runs over: `kept` axes in the order of the result, the frame, and how many elements count.
struct Job<'e> {
    frame: Frame,
    kept: Axes,
    filter: Option<&'e Expr>,
}

/// How many elements each result is made of.
enum Many {
    Number(f64),
    Array(Temp),
}

impl Context<'_> {
    /// The value of a reduction: its parts are computed beforehand, and put together here.
    pub fn reduction(
        &mut self,
        b: &KernelBuilder,
        outer: &Frame,
        op: ReduceOp,
        args: &[Expr],
        over: &[AxisId],
        filter: Option<&Expr>,
    ) -> Lowered<Val> {
        let [first, ..] = args else { return Err(Stop::Unsupported) };
        let job = self.job(args, over, filter)?;
        let zero = |b: &KernelBuilder| b.num(0.0);
        Ok(Val::Num(match op {
            ReduceOp::Sum => {
                let sum = self.sum(&job, first)?;
                self.get(b, outer, &sum)?
            }
            ReduceOp::Mean => {
                let (sum, n) = (self.sum(&job, first)?, self.many(&job)?);
                let sum = self.get(b, outer, &sum)?;
                let n = self.get_many(b, outer, &n)?;
                b.div(sum, n)
            }
            ReduceOp::Min | ReduceOp::Max | ReduceOp::Argmin | ReduceOp::Argmax => {
                let kind = match op {
                    ReduceOp::Min => Kind::Min,
                    ReduceOp::Max => Kind::Max,
                    ReduceOp::Argmin => Kind::ArgMin,
                    _ => Kind::ArgMax,
                };
                let part = self.part(&job, kind, |cx, b, frame| Ok((cx.number(b, frame, first)?, None)))?;
                self.get(b, outer, &part)?
            }
            ReduceOp::Norm => {
                let part = self.part(&job, Kind::Dot, |cx, b, frame| {
                    let v = cx.number(b, frame, first)?;
                    Ok((v, Some(v)))
                })?;
                let squares = self.get(b, outer, &part)?;
                b.sqrt(squares)
            }
            ReduceOp::Std | ReduceOp::Cv => {
                let (sum, n) = (self.plain_sum(&job, first)?, self.many(&job)?);
                let squares = self.moment(&job, (first, &sum), (first, &sum), &n)?;
                let squares = self.get(b, outer, &squares)?;
                let n_here = self.get_many(b, outer, &n)?;
                let std = b.sqrt(b.div(squares, n_here));
                if op == ReduceOp::Std {
                    std
                } else {
                    let sum = self.get(b, outer, &sum)?;
                    b.div(std, b.div(sum, n_here))
                }
            }
            ReduceOp::Correlation => {
                let second = args.get(1).unwrap_or(first);
                let n = self.many(&job)?;
                let (x, y) = (self.plain_sum(&job, first)?, self.plain_sum(&job, second)?);
                let xy = self.moment(&job, (first, &x), (second, &y), &n)?;
                let xx = self.moment(&job, (first, &x), (first, &x), &n)?;
                let yy = self.moment(&job, (second, &y), (second, &y), &n)?;
                let (xy, xx) = (self.get(b, outer, &xy)?, self.get(b, outer, &xx)?);
                let yy = self.get(b, outer, &yy)?;
                b.div(xy, b.sqrt(b.mul(xx, yy)))
            }
            ReduceOp::Count | ReduceOp::Any | ReduceOp::All => {
                let part = self.part(&job, Kind::Sum, |cx, b, frame| {
                    let v = cx.number(b, frame, first)?;
                    let wrong = b.eq(v, b.num(0.0));
                    let counted = if op == ReduceOp::All { wrong } else { b.not(wrong) };
                    Ok((b.indicator(counted), None))
                })?;
                let count = self.get(b, outer, &part)?;
                match op {
                    ReduceOp::Count => count,
                    ReduceOp::Any => return Ok(Val::Truth(b.not(b.eq(count, zero(b))))),
                    _ => return Ok(Val::Truth(b.eq(count, zero(b)))),
                }
            }
            ReduceOp::Median | ReduceOp::Period | ReduceOp::Monotone | ReduceOp::Histogram { .. } => {
                return Err(Stop::Unsupported);
            }
        }))
    }

    /// Computes an expression that is a bare sum, smallest or largest straight into its array. Whether it was one.
    pub fn reduce_into(&mut self, name: &str, e: &Expr, into: SlotId, axes: &[AxisId]) -> Lowered<bool> {
        let ExprKind::Reduce { op, args, over, filter } = &e.kind else { return Ok(false) };
        let (kind, [arg]) = (op, args.as_slice()) else { return Ok(false) };
        let kind = match kind {
            ReduceOp::Sum => Kind::Sum,
            ReduceOp::Min => Kind::Min,
            ReduceOp::Max => Kind::Max,
            _ => return Ok(false),
        };
        let job = match self.job(args, over, filter.as_deref()) {
            Err(Stop::Unsupported) => return Ok(false),
            job => job?,
        };
        if job.kept != axes {
            return Ok(false);
        }
        let pair = if kind == Kind::Sum { factors(arg) } else { None };
        let kind = if pair.is_some() { Kind::Dot } else { kind };
        let checked = self.checked;
        self.reduce(name, &job, kind, into, checked, |cx, b, frame| match pair {
            Some((x, y)) => Ok((cx.number(b, frame, x)?, Some(cx.number(b, frame, y)?))),
            None => Ok((cx.number(b, frame, arg)?, None)),
        })?;
        Ok(true)
    }

    fn job<'e>(&mut self, args: &[Expr], over: &[AxisId], filter: Option<&'e Expr>) -> Lowered<Job<'e>> {
        let mut axes = Axes::new();
        for part in args.iter().chain(filter) {
            axes = join_axes(&axes, &part.axes);
        }
        axes = join_axes(&axes, &over.to_vec());
        let (reduced, kept): (Axes, Axes) = axes.iter().copied().partition(|a| over.contains(a));
        let mut projection = None;
        let mut patterns = 0;
        for part in args.iter().chain(filter) {
            visit_outside_reductions(part, &mut |node| {
                if let ExprKind::Var(id) = node.kind
                    && self.layout.vars[id].pattern.is_some()
                    && let Domain::Synapses(p) = self.program.vars[id].domain
                    && projection != Some(p)
                {
                    projection = Some(p);
                    patterns += 1;
                }
            });
        }
        let Some(projection) = projection else {
            let axes = kept.iter().chain(&reduced).copied().collect();
            return Ok(Job {
                frame: Frame::Dense { axes, reduced: reduced.len(), unit: reduced.is_empty() },
                kept,
                filter,
            });
        };
        let (pattern, p) = (self.layout.patterns[projection], &self.program.projections[projection]);
        let (Some(pattern), 1) = (pattern, patterns) else { return Err(Stop::Unsupported) };
        let (rows, columns) = (p.axes[..p.post_axes].to_vec(), p.axes[p.post_axes..].to_vec());
        if kept == rows && reduced == columns {
            let frame = Frame::Sparse { projection, pattern, rows, columns, reduced: true };
            Ok(Job { frame, kept, filter })
        } else if kept == columns && reduced == rows {
            let pattern = self.transpose(pattern);
            let frame = Frame::Sparse { projection, pattern, rows: columns, columns: rows, reduced: true };
            Ok(Job { frame, kept, filter })
        } else {
            Err(Stop::Unsupported)
        }
    }

    fn get(&mut self, b: &KernelBuilder, outer: &Frame, temp: &Temp) -> Lowered<Num> {
        self.load(b, outer, temp.slot, &temp.axes)
    }

    fn get_many(&mut self, b: &KernelBuilder, outer: &Frame, n: &Many) -> Lowered<Num> {
        match n {
            Many::Number(n) => Ok(b.num(*n)),
            Many::Array(temp) => self.get(b, outer, temp),
        }
    }

    /// The sum, products by fused multiply-add.
    fn sum(&mut self, job: &Job<'_>, arg: &Expr) -> Lowered<Temp> {
        match factors(arg) {
            Some((x, y)) => self.part(job, Kind::Dot, |cx, b, frame| {
                Ok((cx.number(b, frame, x)?, Some(cx.number(b, frame, y)?)))
            }),
            None => self.plain_sum(job, arg),
        }
    }

    fn plain_sum(&mut self, job: &Job<'_>, arg: &Expr) -> Lowered<Temp> {
        self.part(job, Kind::Sum, |cx, b, frame| Ok((cx.number(b, frame, arg)?, None)))
    }

    /// The sum of products of two values' distances from their means.
    fn moment(&mut self, job: &Job<'_>, x: (&Expr, &Temp), y: (&Expr, &Temp), n: &Many) -> Lowered<Temp> {
        self.part(job, Kind::Dot, |cx, b, frame| {
            let mut distance = |(e, sum): (&Expr, &Temp)| -> Lowered<Num> {
                let v = cx.number(b, frame, e)?;
                let (sum, n) = (cx.get(b, frame, sum)?, cx.get_many(b, frame, n)?);
                Ok(b.sub(v, b.div(sum, n)))
            };
            Ok((distance(x)?, Some(distance(y)?)))
        })
    }

    fn many(&mut self, job: &Job<'_>) -> Lowered<Many> {
        if job.filter.is_some() {
            let part = self.part(job, Kind::Sum, |_, b, _| Ok((b.num(1.0), None)))?;
            return Ok(Many::Array(part));
        }
        Ok(match &job.frame {
            Frame::Dense { axes, reduced, .. } => {
                Many::Number(self.elements(&axes[axes.len() - reduced..]) as f64)
            }
            Frame::Sparse { pattern, rows, .. } => {
                let starts = self.module.patterns[*pattern].row_start.clone();
                let counts: Vec<f64> = starts.windows(2).map(|w| (w[1] - w[0]) as f64).collect();
                let name = self.fresh("row lengths");
                let slot = self.module.slot_with(name, SlotKind::Constant, counts);
                Many::Array(Temp { slot, axes: rows.clone() })
            }
        })
    }

    /// One reduction into an array of its own.
    fn part(
        &mut self,
        job: &Job<'_>,
        kind: Kind,
        body: impl FnOnce(&mut Self, &KernelBuilder, &Frame) -> Lowered<(Num, Option<Num>)>,
    ) -> Lowered<Temp> {
        let len = self.elements(&job.kept);
        let name = match kind {
            Kind::Sum | Kind::Dot => "sum",
            Kind::Min | Kind::ArgMin => "smallest",
            Kind::Max | Kind::ArgMax => "largest",
        };
        let slot = self.temporary(name, len);
        self.reduce(name, job, kind, slot, false, body)?;
        Ok(Temp { slot, axes: job.kept.clone() })
    }

    fn reduce(
        &mut self,
        name: &str,
        job: &Job<'_>,
        kind: Kind,
        into: SlotId,
        checked: bool,
        body: impl FnOnce(&mut Self, &KernelBuilder, &Frame) -> Lowered<(Num, Option<Num>)>,
    ) -> Lowered<()> {
        let name = self.fresh(name);
        let builder = KernelBuilder::new(name, self.domain(&job.frame));
        let mask: Option<Truth> = match job.filter {
            Some(filter) => {
                let holds = self.number(&builder, &job.frame, filter)?;
                Some(builder.not(builder.eq(holds, builder.num(0.0))))
            }
            None => None,
        };
        let (a, second) = body(self, &builder, &job.frame)?;
        let strides = match &job.frame {
            Frame::Dense { .. } => self.strides(&job.kept),
            Frame::Sparse { .. } => vec![1],
        };
        let to = Access { slot: into, base: 0, index: Index::Strides(strides) };
        builder.reduce_to(kind, a, second, mask, to, checked);
        self.run(builder.finish());
        Ok(())
    }
}
