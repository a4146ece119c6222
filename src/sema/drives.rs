//! What synapses deliver: delayed outputs, the drive of a projection and of a population.

use super::axes::AxisSide;
use super::checker::Checker;
use super::dims::Term;
use super::populations::NewVar;
use super::typed::{Stage, Typed};
use crate::diag::{Code, Diagnostic};
use crate::hir::{self, Connect, Domain, ExprKind, Owner, PopId, ProjId, ReduceOp, VarKind};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ItemKind, MemberKind};

/// The longest delay, in ticks.
const LONGEST_DELAY: u64 = 1 << 24;

impl Checker<'_, '_> {
    /// `x`: the presynaptic output, delayed if the projection says so.
    pub(super) fn declare_x(&mut self, id: ProjId, s: &ast::Synapses) {
        let pre = self.program.projections[id].pre;
        let Some(output) = self.program.populations[pre].output else {
            // what only spikes is heard by `on pre`
            if self.program.populations[pre].spiking.is_some() {
                return;
            }
            let at = self.program.populations[pre].span;
            self.report(
                Diagnostic::new(
                    Code::E0209,
                    s.pre.span,
                    format!("`{}` has no output for synapses to see", s.pre.text),
                    "the presynaptic population",
                )
                .label(at, "no `output` here")
                .help("declare it: `output y = ...`"),
            );
            // A stand-in, so that the rest can still be checked.
            let label = format!("{}.x", s.name.text);
            let axes = self.program.populations[pre].axes.clone();
            let owner = Owner::Projection(id);
            let domain = Domain::Cells(pre);
            let x = self.add_var(NewVar {
                name: label.clone(),
                owner,
                domain,
                axes,
                kind: VarKind::Input,
                learned: false,
                span: s.pre.span,
                unknown: &label,
            });
            self.program.projections[id].x = Some(x);
            return;
        };
        self.program.projections[id].x = Some(output);
        let delay = s.members.iter().find_map(|m| match &m.kind {
            MemberKind::Delay { time, .. } => Some(time),
            _ => None,
        });
        let Some(e) = delay else { return };
        let Some(seconds) = self.constant_of(e, &Term::time(1), "a delay") else { return };
        let Some(ticks) = self.whole_ticks(seconds, e.span, "the delay") else { return };
        if ticks > LONGEST_DELAY {
            self.report(
                Diagnostic::new(
                    Code::E0501,
                    e.span,
                    format!("a delay is at most {LONGEST_DELAY} ticks"),
                    format!("this is {ticks} ticks"),
                )
                .note("the output of all these ticks is kept"),
            );
            return;
        }
        if ticks == 0 {
            self.report(
                Diagnostic::new(
                    Code::E0501,
                    e.span,
                    "a delay is at least one tick",
                    format!("this is {ticks} ticks"),
                )
                .help("leave the line out for no delay"),
            );
            return;
        }
        let axes = self.program.populations[pre].axes.clone();
        let label = format!("{}.x", s.name.text);
        let x = self.add_var(NewVar {
            name: label.clone(),
            owner: Owner::Projection(id),
            domain: Domain::Cells(pre),
            axes,
            kind: VarKind::Delayed { of: output, ticks: ticks as u32 },
            learned: false,
            span: e.span,
            unknown: &label,
        });
        let (a, b) =
            (self.program.var_terms[x.0 as usize].clone(), self.program.var_terms[output.0 as usize].clone());
        self.solver.unify(&a, &b);
        self.program.projections[id].x = Some(x);
    }

    pub(super) fn drive_of_projection(&mut self, id: ProjId, span: Span) {
        let p = self.program.projections[id].clone();
        let (Some(px), Some(pdrive)) = (p.x, p.drive) else { return };
        let w = self.variable(p.w, p.axes.clone(), span);
        let pre_side = self.side_axes(id, AxisSide::Pre);
        let x = self.variable(px, pre_side.clone(), span);
        let dim = w.dim.mul(&x.dim);
        let product = self.combine(BinaryOp::Mul, w, x, dim.clone(), span);
        let value = if matches!(p.connect, Connect::OneToOne) {
            product.expr
        } else {
            hir::Expr {
                kind: ExprKind::Reduce {
                    op: ReduceOp::Sum,
                    args: vec![product.expr],
                    over: pre_side,
                    filter: None,
                },
                axes: self.side_axes(id, AxisSide::Post),
                ty: hir::Ty::Number,
                span,
            }
        };
        self.program.vars[pdrive].kind = VarKind::Instantaneous(value);
        let term = self.program.var_terms[pdrive.0 as usize].clone();
        self.solver.unify(&term, &dim);
    }

    /// `drive`: the sum over incoming projections, in name order, inhibitory ones subtracted.
    pub(super) fn declare_drive(&mut self, id: PopId) {
        let incoming: Vec<ProjId> = self
            .program
            .projections
            .iter_enumerated()
            .filter(|(_, p)| p.post == id && p.drive.is_some())
            .map(|(i, _)| i)
            .collect();
        let (axes, span, name) = {
            let p = &self.program.populations[id];
            (p.axes.clone(), p.span, p.name.clone())
        };
        // Drives that are only read one by one may differ in dimension.
        if incoming.is_empty() || (incoming.len() > 1 && !self.reads_drive(&name)) {
            return;
        }
        let mut total: Option<Typed> = None;
        for p in incoming {
            let (drive, inhibitory, at) = {
                let p = &self.program.projections[p];
                (p.drive, p.inhibitory, p.span)
            };
            let Some(drive) = drive else { continue };
            let term = self.variable(drive, axes.clone(), at);
            total = Some(match total {
                None if inhibitory => {
                    let dim = term.dim.clone();
                    let kind = ExprKind::Unary(ast::UnaryOp::Neg, Box::new(term.expr));
                    Typed::new(kind, axes.clone(), at, dim, Stage::Tick)
                }
                None => term,
                Some(sum) => {
                    self.same_dimension(&sum, &term, "add a drive of {b} to one of {a}");
                    let dim = sum.dim.clone();
                    self.combine(if inhibitory { BinaryOp::Sub } else { BinaryOp::Add }, sum, term, dim, span)
                }
            });
        }
        let Some(total) = total else { return };
        let label = format!("{name}.drive");
        let var = self.add_var(NewVar {
            name: label.clone(),
            owner: Owner::Population(id),
            domain: Domain::Cells(id),
            axes,
            kind: VarKind::Instantaneous(total.expr),
            learned: false,
            span,
            unknown: &label,
        });
        let term = self.program.var_terms[var.0 as usize].clone();
        self.solver.unify(&term, &total.dim);
    }

    /// Whether anything reads the summed drive of a population: its own equations, a rule, a result.
    fn reads_drive(&self, population: &str) -> bool {
        self.items.everything().any(|item| {
            let own = matches!(&item.kind, ItemKind::Population(p) if p.name.text == population);
            let mut reads = false;
            super::walk::item_exprs(item, &mut |e| match &e.kind {
                ast::ExprKind::Name(n) => reads |= own && n.text == "drive",
                ast::ExprKind::Field { base, name } if name.text == "drive" => {
                    reads |= matches!(&base.kind, ast::ExprKind::Name(n)
                        if n.text == population || matches!(n.text.as_str(), "pre" | "post"));
                }
                _ => {}
            });
            reads
        })
    }

    /// Where a population's output is summed with another's, which gives both one dimension: in words.
    pub fn joined_drives(&self, population: PopId) -> Option<String> {
        let projections = &self.program.projections;
        projections.iter().filter(|p| p.pre == population).find_map(|p| {
            let other = projections.iter().find(|o| o.post == p.post && o.name != p.name)?;
            let post = &self.program.populations[p.post];
            self.reads_drive(&post.name).then(|| {
                format!(
                    "`{}` and `{}` add up to the drive of `{}`, so both have one dimension;\n\
                     read by name, `{}.drive` and `{}.drive` may differ",
                    p.name, other.name, post.name, p.name, other.name
                )
            })
        })
    }
}
