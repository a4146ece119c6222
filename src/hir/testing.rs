//! Programs made by hand, for tests of what comes after the checker.

use super::*;
use crate::source::{IndexVec, SourceId, Span};
use crate::syntax::ast::{BinaryOp, UnaryOp};
use crate::units::{Dim, Unit};
use std::ops;
use std::sync::Arc;

pub(crate) fn span() -> Span {
    Span::new(SourceId(0), 0, 0)
}

fn node(kind: ExprKind, axes: Axes, ty: Ty) -> Expr {
    Expr { kind, axes, ty, span: span() }
}

fn joined(parts: &[&Expr]) -> Axes {
    let mut axes = Axes::new();
    for part in parts {
        axes.extend(part.axes.iter().filter(|a| !axes.contains(a)).copied().collect::<Vec<_>>());
    }
    axes
}

pub(crate) fn n(value: f64) -> Expr {
    node(ExprKind::Number(value), vec![], Ty::Number)
}

pub(crate) fn coord(axis: AxisId) -> Expr {
    node(ExprKind::Coord(axis), vec![axis], Ty::Number)
}

pub(crate) fn call(function: Function, args: Vec<Expr>) -> Expr {
    let axes = joined(&args.iter().collect::<Vec<_>>());
    node(ExprKind::Call(function, args), axes, Ty::Number)
}

pub(crate) fn compare(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    let axes = joined(&[&a, &b]);
    node(ExprKind::Binary(op, Box::new(a), Box::new(b)), axes, Ty::Bool)
}

pub(crate) fn pow(a: Expr, n: f64) -> Expr {
    let axes = a.axes.clone();
    node(ExprKind::Binary(BinaryOp::Pow, Box::new(a), Box::new(self::n(n))), axes, Ty::Number)
}

pub(crate) fn choose(c: Expr, a: Expr, b: Expr) -> Expr {
    let axes = joined(&[&c, &a, &b]);
    node(ExprKind::If(Box::new(c), Box::new(a), Box::new(b)), axes, Ty::Number)
}

pub(crate) fn reduce(op: ReduceOp, arg: Expr, over: &[AxisId]) -> Expr {
    let axes = arg.axes.iter().filter(|a| !over.contains(a)).copied().collect();
    node(ExprKind::Reduce { op, args: vec![arg], over: over.to_vec(), filter: None }, axes, Ty::Number)
}

pub(crate) fn index(base: Expr, axis: AxisId, at: Expr) -> Expr {
    let axes = base.axes.iter().filter(|a| **a != axis).copied().collect();
    let selections = vec![Selection { axes: vec![axis], selector: Selector::At(Box::new(at)) }];
    node(ExprKind::Index { base: Box::new(base), selections }, axes, Ty::Number)
}

pub(crate) fn local(id: LocalId) -> Expr {
    node(ExprKind::Local(id), vec![], Ty::Number)
}

pub(crate) fn ticks() -> Expr {
    node(ExprKind::PresentationTicks, vec![], Ty::Number)
}

pub(crate) fn at_start(e: Expr) -> Expr {
    let axes = e.axes.clone();
    node(ExprKind::AtStart(Box::new(e)), axes, Ty::Number)
}

macro_rules! arithmetic {
    ($($trait:ident $method:ident $op:ident),*) => {$(
        impl ops::$trait<Expr> for Expr {
            type Output = Expr;
            fn $method(self, b: Expr) -> Expr {
                let axes = joined(&[&self, &b]);
                node(ExprKind::Binary(BinaryOp::$op, Box::new(self), Box::new(b)), axes, Ty::Number)
            }
        }
    )*};
}
arithmetic!(Add add Add, Sub sub Sub, Mul mul Mul, Div div Div);

impl ops::Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        let axes = self.axes.clone();
        node(ExprKind::Unary(UnaryOp::Neg, Box::new(self)), axes, Ty::Number)
    }
}

/// A program in the making.
pub(crate) struct Net {
    pub axes: IndexVec<AxisId, Axis>,
    pub program: Program,
    statements: u32,
}

impl Net {
    pub fn new(tick: f64) -> Self {
        let program = Program {
            clocked: true,
            tick_unit: crate::units::Unit::none(),
            tick,
            seed: 7,
            precision: crate::contract::Precision::Double,
            params: IndexVec::new(),
            consts: IndexVec::new(),
            populations: IndexVec::new(),
            projections: IndexVec::new(),
            vars: IndexVec::new(),
            instantaneous: vec![],
            locals: IndexVec::new(),
            phases: IndexVec::new(),
            protocol: vec![],
            controls: vec![],
            probes: IndexVec::new(),
            records: IndexVec::new(),
            followed: Vec::new(),
        };
        Self { axes: IndexVec::new(), program, statements: 0 }
    }

    pub fn axis(&mut self, name: &str, size: usize) -> AxisId {
        self.axes.push(Axis { name: name.into(), size: Some(size), coordinates: Coordinates::Index })
    }

    fn size(&self, axes: &[AxisId]) -> usize {
        axes.iter().map(|a| self.axes[*a].size.unwrap_or(1)).product()
    }

    pub fn population(&mut self, name: &str, axes: &[AxisId]) -> PopId {
        let cells = self.size(axes);
        self.program.populations.push(Population {
            name: name.into(),
            axes: axes.to_vec(),
            cells,
            spiking: None,
            output: None,
            vars: vec![],
            span: span(),
        })
    }

    fn var(&mut self, name: String, owner: Owner, domain: Domain, axes: Axes, kind: VarKind) -> VarId {
        let id = self.program.vars.push(Var {
            name,
            owner,
            domain,
            axes,
            kind,
            learned: matches!(owner, Owner::Projection(_)),
            dim: Dim::NONE,
            unit: Unit::none(),
            span: span(),
        });
        match owner {
            Owner::Population(p) => self.program.populations[p].vars.push(id),
            Owner::Projection(p) => self.program.projections[p].vars.push(id),
        }
        id
    }

    fn cell_var(&mut self, pop: PopId, name: &str, kind: VarKind) -> VarId {
        let p = &self.program.populations[pop];
        let (name, axes) = (format!("{}.{name}", p.name), p.axes.clone());
        self.var(name, Owner::Population(pop), Domain::Cells(pop), axes, kind)
    }

    /// A population driven by the timeline, and its variable.
    pub fn input(&mut self, name: &str, axes: &[AxisId]) -> (PopId, VarId) {
        let pop = self.population(name, axes);
        let var = self.cell_var(pop, "y", VarKind::Input);
        self.program.populations[pop].output = Some(var);
        (pop, var)
    }

    pub fn state(&mut self, pop: PopId, name: &str, start: Expr, equation: Option<Equation>) -> VarId {
        self.cell_var(pop, name, VarKind::State { start, equation })
    }

    /// An instantaneous variable; `y` is the population's output.
    pub fn follows(&mut self, pop: PopId, name: &str, value: Expr) -> VarId {
        let var = self.cell_var(pop, name, VarKind::Instantaneous(value));
        if name == "y" {
            self.program.populations[pop].output = Some(var);
        }
        self.program.instantaneous.push(var);
        var
    }

    /// A projection of fixed weights with its drive; recurrent ones get axes of their own on the presynaptic side.
    pub fn synapses(&mut self, name: &str, pre: PopId, post: PopId, connect: Connect, w: f64) -> ProjId {
        let post_axes = self.program.populations[post].axes.clone();
        let pre_axes: Axes = match connect {
            Connect::OneToOne => vec![],
            _ => self.program.populations[pre].axes.clone(),
        };
        let pre_axes: Axes = pre_axes
            .into_iter()
            .map(|a| if post_axes.contains(&a) { self.axes.push(self.axes[a].clone()) } else { a })
            .collect();
        let axes: Axes = post_axes.iter().chain(&pre_axes).copied().collect();
        let x = self.program.populations[pre].output;
        let id = self.program.projections.push(Projection {
            name: name.into(),
            stream: name.into(),
            pre,
            post,
            axes: axes.clone(),
            post_axes: post_axes.len(),
            connect,
            except_self: false,
            inhibitory: false,
            w: VarId(0),
            x,
            drive: None,
            handlers: vec![],
            ties: Default::default(),
            spike_delay: Default::default(),
            vars: vec![],
            held: vec![],
            normalise: vec![],
            bounds: vec![],
            rule: None,
            span: span(),
        });
        let owner = Owner::Projection(id);
        let kind = VarKind::State { start: n(w), equation: None };
        let w = self.var(format!("{name}.w"), owner, Domain::Synapses(id), axes.clone(), kind);
        self.program.projections[id].w = w;
        let product = self.see(w) * self.x(id);
        let drive = if pre_axes.is_empty() { product } else { reduce(ReduceOp::Sum, product, &pre_axes) };
        let kind = VarKind::Instantaneous(drive);
        let drive = self.var(format!("{name}.drive"), owner, Domain::Post(id), post_axes, kind);
        self.program.projections[id].drive = Some(drive);
        self.program.instantaneous.push(drive);
        id
    }

    /// A rule's variable.
    pub fn rule_var(
        &mut self,
        proj: ProjId,
        name: &str,
        domain: fn(ProjId) -> Domain,
        start: f64,
        equation: Option<Equation>,
    ) -> VarId {
        let p = &self.program.projections[proj];
        let axes = match domain(proj) {
            Domain::Post(_) => p.axes[..p.post_axes].to_vec(),
            Domain::Pre(_) => p.axes[p.post_axes..].to_vec(),
            _ => p.axes.clone(),
        };
        let name = format!("{}.{name}", p.name);
        self.var(
            name,
            Owner::Projection(proj),
            domain(proj),
            axes,
            VarKind::State { start: n(start), equation },
        )
    }

    pub fn learn(&mut self, proj: ProjId, equation: Equation) {
        let w = self.program.projections[proj].w;
        self.change(w, equation);
    }

    pub fn change(&mut self, var: VarId, new: Equation) {
        if let VarKind::State { equation, .. } = &mut self.program.vars[var].kind {
            *equation = Some(new);
        }
    }

    pub fn start(&mut self, var: VarId, new: Expr) {
        if let VarKind::State { start, .. } = &mut self.program.vars[var].kind {
            *start = new;
        }
    }

    /// A variable as read on its own axes.
    pub fn see(&self, var: VarId) -> Expr {
        node(ExprKind::Var(var), self.program.vars[var].axes.clone(), Ty::Number)
    }

    pub fn w(&self, proj: ProjId) -> Expr {
        self.see(self.program.projections[proj].w)
    }

    pub fn drive(&self, proj: ProjId) -> Expr {
        self.see(self.program.projections[proj].drive.unwrap_or(VarId(0)))
    }

    /// The presynaptic output, on the projection's axes.
    pub fn x(&self, proj: ProjId) -> Expr {
        let p = &self.program.projections[proj];
        let axes = match p.connect {
            Connect::OneToOne => p.axes.clone(),
            _ => p.axes[p.post_axes..].to_vec(),
        };
        node(ExprKind::Var(p.x.unwrap_or(VarId(0))), axes, Ty::Number)
    }

    /// The postsynaptic output.
    pub fn y(&self, proj: ProjId) -> Expr {
        let post = self.program.projections[proj].post;
        self.see(self.program.populations[post].output.unwrap_or(VarId(0)))
    }

    pub fn delay(&mut self, proj: ProjId, ticks: u32) {
        let p = &self.program.projections[proj];
        let (of, pre, name) = (p.x.unwrap_or(VarId(0)), p.pre, format!("{}.x", p.name));
        let axes = self.program.populations[pre].axes.clone();
        let kind = VarKind::Delayed { of, ticks };
        let x = self.var(name, Owner::Projection(proj), Domain::Pre(proj), axes, kind);
        let (drive, w) =
            (self.program.projections[proj].drive.unwrap_or(VarId(0)), self.program.projections[proj].w);
        self.program.projections[proj].x = Some(x);
        let pre_axes =
            self.program.projections[proj].axes[self.program.projections[proj].post_axes..].to_vec();
        let product = self.see(w) * self.x(proj);
        self.program.vars[drive].kind = VarKind::Instantaneous(reduce(ReduceOp::Sum, product, &pre_axes));
    }

    pub fn param(&mut self, name: &str, value: f64, settable: bool) -> ParamId {
        let unit = Unit::none();
        self.program.params.push(Param {
            name: name.into(),
            value,
            dim: Dim::NONE,
            unit,
            settable,
            range: None,
        })
    }

    pub fn get(&self, id: ParamId) -> Expr {
        node(ExprKind::Param(id), vec![], Ty::Number)
    }

    pub fn constant(&mut self, name: &str, axes: &[AxisId], value: Expr) -> Expr {
        let (dim, unit, kind) = (Dim::NONE, Unit::none(), ConstKind::Expr(value));
        let id = self.program.consts.push(Const { name: name.into(), axes: axes.to_vec(), kind, dim, unit });
        node(ExprKind::Const(id), axes.to_vec(), Ty::Number)
    }

    pub fn local(&mut self, name: &str, values: &[f64]) -> LocalId {
        let axis = self.axis(name, values.len());
        self.program.locals.push(Local { name: name.into(), axis, values: Arc::from(values) })
    }

    pub fn phase(&mut self, name: &str, frozen: &[VarId], rests: bool) -> PhaseId {
        self.program.phases.push(Phase { name: name.into(), frozen: frozen.to_vec(), rests, span: span() })
    }

    pub fn probe(&mut self, name: &str, loop_axes: &[AxisId], value: &Expr) -> ProbeId {
        let axes = loop_axes.iter().chain(&value.axes).copied().collect();
        let (dim, unit) = (Dim::NONE, Unit::none());
        let (loop_axes, truth) = (loop_axes.len(), value.ty == Ty::Bool);
        self.program.probes.push(Probe {
            name: name.into(),
            axes,
            loop_axes,
            dim,
            unit,
            truth,
            implied: false,
            span: span(),
        })
    }

    pub fn record(&mut self, name: &str, value: Expr, every: u64, during: &[PhaseId]) -> RecordId {
        let time = self.axes.push(Axis { name: "t".into(), size: None, coordinates: Coordinates::Time });
        let axes = std::iter::once(time).chain(value.axes.iter().copied()).collect();
        self.program.records.push(Record {
            name: name.into(),
            value,
            axes,
            every,
            counts: Default::default(),
            during: during.to_vec(),
            dim: Dim::NONE,
            unit: Unit::none(),
            implied: false,
            span: span(),
        })
    }

    pub fn statement(&mut self, kind: StatementKind) -> Statement {
        self.statements += 1;
        Statement { id: StatementId(self.statements - 1), kind, span: span() }
    }

    pub fn show(&self, var: VarId, value: Expr) -> Input {
        let Owner::Population(population) = self.program.vars[var].owner else { unreachable!() };
        let mut varies = false;
        crate::ir::timeline::visit_expr(&value, &mut |e| varies |= e.kind == ExprKind::PresentationTicks);
        Input { value, population, var, slice: vec![], varies }
    }

    pub fn present(&mut self, inputs: Vec<Input>, seconds: f64) -> Statement {
        self.statement(StatementKind::Present { inputs, length: Length::For(n(seconds)), spikes: None })
    }

    pub fn rest(&mut self, seconds: f64) -> Statement {
        self.present(vec![], seconds)
    }

    pub fn read(&mut self, id: ProbeId, locals: &[LocalId], value: Expr) -> Statement {
        self.statement(StatementKind::Probe { id, locals: locals.to_vec(), value })
    }

    pub fn experiment(self) -> Experiment {
        let control = !self.program.controls.is_empty();
        Experiment {
            docs: String::new(),
            axes: self.axes,
            cases: vec![],
            programs: vec![self.program],
            control,
            params: vec![],
            results: Results::default(),
        }
    }
}

/// `dv/dt = value`
pub(crate) fn rate(value: Expr) -> Equation {
    Equation {
        form: Form::Rate { factor: None },
        value,
        schedule: Schedule::Tick,
        integrator: None,
        span: span(),
    }
}

/// `tau * dv/dt = value`
pub(crate) fn slow(tau: f64, value: Expr) -> Equation {
    Equation { form: Form::Rate { factor: Some(n(tau)) }, ..rate(value) }
}

/// `dv = value`
pub(crate) fn increment(value: Expr) -> Equation {
    Equation { form: Form::Increment, ..rate(value) }
}

pub(crate) fn by(integrator: Integrator, equation: Equation) -> Equation {
    Equation { integrator: Some(integrator), ..equation }
}
