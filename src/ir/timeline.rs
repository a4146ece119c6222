//! The timeline as it is run: `together` taken apart into tracks, `teach` and `frozen` resolved to what is in force
//! where, the control's changes in place.

use crate::define_id;
use crate::hir::{
    Again, AssignOp, AxisId, Expr, ExprKind, Input, Length, Local, LocalId, LoopValues, ParamId, PhaseId,
    ProbeId, Program, Selection, Selector, SpikeSchedule, SpikeTrain, Statement, StatementId, StatementKind,
    VarId,
};
use crate::source::{IndexVec, Span};
use std::sync::Arc;

define_id! {
    /// A presentation or a rest of a [`Timeline`].
    LeafId
}
define_id! {
    /// A `teach` statement of a [`Timeline`], once per track that holds it.
    TeachId
}

/// The timeline of one run, the main one or the control.
///
/// Made by [`Timeline::new`]. Inside `together` every track has its own copies of statements and loop variables, the
/// track's own variable replaced by its value, so no two tracks share anything.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// Presentations and rests.
    pub leaves: IndexVec<LeafId, Leaf>,
    /// Teaching.
    pub teaches: IndexVec<TeachId, Teach>,
    /// Loop and pick variables: the program's, then those of tracks.
    pub locals: IndexVec<LocalId, Local>,
    /// For each teaching a variable that is 1 while it is in force; read only where [`Teach::in_track`].
    pub flags: IndexVec<TeachId, LocalId>,
}

/// A statement of a [`Timeline`].
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The statement it was made of.
    pub id: StatementId,
    /// What it does.
    pub kind: StepKind,
    /// Where it stands.
    pub span: Span,
}

/// What a [`Step`] does.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// A phase.
    Phase { id: PhaseId, body: Vec<Step> },
    /// Time passes under inputs.
    Play(LeafId),
    /// Time passes as it would in the main run, with whatever was going on before: what a control leaves of a
    /// presentation in a phase that it removes.
    Pass(LeafId),
    /// A counted loop.
    Repeat { count: Expr, body: Vec<Step> },
    /// A loop over values.
    For { values: LoopValues, body: Vec<Step> },
    /// Tracks that run at the same time.
    Together { tracks: Vec<Vec<Step>> },
    /// A random choice.
    Pick { local: LocalId, path: Arc<str>, weights: Option<Expr> },
    /// A parameter changes.
    Set { param: ParamId, value: Expr },
    /// A value is captured.
    Probe { id: ProbeId, locals: Vec<Place>, value: Expr },
}

/// The place of a probe along one of its loop axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The place of a loop's present value.
    Local(LocalId),
    /// The place of a track.
    Fixed(usize),
}

/// A presentation, or a rest where it has no inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The statement.
    pub id: StatementId,
    /// What is presented.
    pub inputs: Vec<Input>,
    /// Which spikes are scheduled.
    pub spikes: Option<SpikeSchedule>,
    /// How long.
    pub length: Length,
    /// The teaching in force, outermost first.
    pub teaches: Vec<TeachId>,
    /// All teaching that may be in force while it runs: also that of other tracks.
    pub around: Vec<TeachId>,
    /// The innermost phase around it.
    pub phase: Option<PhaseId>,
    /// Where it stands.
    pub span: Span,
}

/// Teaching in force for some presentations.
#[derive(Debug, Clone, PartialEq)]
pub struct Teach {
    /// Which output.
    pub var: VarId,
    /// How the value acts on it.
    pub op: AssignOp,
    /// With what.
    pub value: Expr,
    /// Whether it stands in a track, and so may be in force while other tracks run without it.
    pub in_track: bool,
    /// Where it stands.
    pub span: Span,
}

impl Timeline {
    /// The timeline of a program: its own, or with what the control changes.
    pub fn new(program: &Program, control: bool) -> Self {
        let mut lowering = Lowering {
            program,
            control,
            leaves: IndexVec::new(),
            teaches: IndexVec::new(),
            locals: program.locals.clone(),
            bindings: Vec::new(),
            active: Vec::new(),
            phase: None,
            removed: false,
            depth: 0,
        };
        let steps = lowering.block(&program.protocol);
        let Lowering { leaves, teaches, mut locals, .. } = lowering;
        let flag = || Local { name: "taught".into(), axis: AxisId(0), values: Arc::from([0.0, 1.0]) };
        let flags = teaches.iter().map(|_| locals.push(flag())).collect();
        Self { steps, leaves, teaches, locals, flags }
    }
}

/// What a name of a loop means inside a track.
#[derive(Clone, Copy)]
enum Meaning {
    /// A value and its place.
    Fixed(f64, usize),
    /// The track's own copy.
    Renamed(LocalId),
}

struct Lowering<'p> {
    program: &'p Program,
    control: bool,
    leaves: IndexVec<LeafId, Leaf>,
    teaches: IndexVec<TeachId, Teach>,
    locals: IndexVec<LocalId, Local>,
    /// Of the tracks around; later ones win.
    bindings: Vec<(LocalId, Meaning)>,
    active: Vec<TeachId>,
    phase: Option<PhaseId>,
    removed: bool,
    /// How many `together` are around.
    depth: u32,
}

impl Lowering<'_> {
    fn block(&mut self, statements: &[Statement]) -> Vec<Step> {
        let (teaches, bindings) = (self.active.len(), self.bindings.len());
        let steps = statements.iter().filter_map(|s| self.statement(s)).collect();
        self.active.truncate(teaches);
        self.bindings.truncate(bindings);
        steps
    }

    fn statement(&mut self, s: &Statement) -> Option<Step> {
        let kind = match &s.kind {
            StatementKind::Phase { id, body } => self.phase(*id, body),
            StatementKind::Present { inputs, length, spikes } => {
                let leaf = self.leaf(s, inputs, length, spikes.as_deref());
                if self.removed { StepKind::Pass(leaf) } else { StepKind::Play(leaf) }
            }
            StatementKind::Repeat { count, body } => {
                StepKind::Repeat { count: self.expr(count), body: self.block(body) }
            }
            StatementKind::For { values, body } => {
                let bindings = self.bindings.len();
                let values =
                    LoopValues { local: self.declare(values.local), shuffle: values.shuffle.clone() };
                let body = self.block(body);
                self.bindings.truncate(bindings);
                StepKind::For { values, body }
            }
            StatementKind::Together { values, body } => {
                StepKind::Together { tracks: self.tracks(values, body) }
            }
            StatementKind::Pick { local, path, weights } => {
                let weights = weights.as_ref().map(|w| self.expr(w));
                StepKind::Pick { local: self.declare(*local), path: path.clone(), weights }
            }
            StatementKind::Teach { var, op, value } => {
                if !self.removed {
                    let teach = Teach {
                        var: *var,
                        op: *op,
                        value: self.expr(value),
                        in_track: self.depth > 0,
                        span: s.span,
                    };
                    let id = self.teaches.push(teach);
                    self.active.push(id);
                }
                return None;
            }
            StatementKind::Set { .. } if self.removed => return None,
            StatementKind::Set { param, value } => StepKind::Set { param: *param, value: self.expr(value) },
            StatementKind::Probe { id, locals, value } => {
                let locals = locals.iter().map(|l| self.place(*l)).collect();
                StepKind::Probe { id: *id, locals, value: self.expr(value) }
            }
        };
        Some(Step { id: s.id, kind, span: s.span })
    }

    fn phase(&mut self, id: PhaseId, body: &[Statement]) -> StepKind {
        let control = self.control.then(|| self.program.controls.iter().find(|c| c.phase == id)).flatten();
        let (phase, removed) = (self.phase.replace(id), self.removed);
        let body = match control {
            Some(control) => match &control.body {
                Some(replacement) => self.block(replacement),
                None => {
                    self.removed = true;
                    self.block(body)
                }
            },
            None => self.block(body),
        };
        (self.phase, self.removed) = (phase, removed);
        StepKind::Phase { id, body }
    }

    fn tracks(&mut self, values: &LoopValues, body: &[Statement]) -> Vec<Vec<Step>> {
        let track_values = self.locals[values.local].values.clone();
        let (first_leaf, first_teach) = (self.leaves.len(), self.teaches.len());
        self.depth += 1;
        let tracks = track_values.iter().enumerate().map(|(place, &value)| {
            self.bindings.push((values.local, Meaning::Fixed(value, place)));
            let steps = self.block(body);
            self.bindings.pop();
            steps
        });
        let tracks = tracks.collect();
        self.depth -= 1;
        if self.depth == 0 {
            let inside: Vec<TeachId> = self.teaches.ids().skip(first_teach).collect();
            for leaf in self.leaves.iter_mut().skip(first_leaf) {
                leaf.around = self.active.iter().chain(&inside).copied().collect();
            }
        }
        tracks
    }

    /// The variable a loop or pick declares here: inside a track, a copy of its own.
    fn declare(&mut self, local: LocalId) -> LocalId {
        if self.bindings.is_empty() {
            return local;
        }
        let copy = self.locals.push(self.program.locals[local].clone());
        self.bindings.push((local, Meaning::Renamed(copy)));
        copy
    }

    fn meaning(&self, local: LocalId) -> Meaning {
        self.bindings.iter().rev().find(|b| b.0 == local).map_or(Meaning::Renamed(local), |b| b.1)
    }

    fn place(&self, local: LocalId) -> Place {
        match self.meaning(local) {
            Meaning::Fixed(_, place) => Place::Fixed(place),
            Meaning::Renamed(local) => Place::Local(local),
        }
    }

    fn leaf(
        &mut self,
        s: &Statement,
        inputs: &[Input],
        length: &Length,
        spikes: Option<&SpikeSchedule>,
    ) -> LeafId {
        let inputs = inputs.iter().map(|i| self.input(i)).collect();
        let length = match length {
            Length::For(time) => Length::For(self.expr(time)),
            Length::About(time) => Length::About(self.expr(time)),
            Length::Until { condition, within } => {
                Length::Until { condition: self.expr(condition), within: self.expr(within) }
            }
        };
        let spikes = spikes.map(|s| self.schedule(s));
        let (teaches, around) = (self.active.clone(), self.active.clone());
        let phase = self.phase;
        self.leaves.push(Leaf { id: s.id, inputs, spikes, length, teaches, around, phase, span: s.span })
    }

    fn schedule(&self, s: &SpikeSchedule) -> SpikeSchedule {
        let train = |t: &SpikeTrain| SpikeTrain {
            slice: t.slice.iter().map(|s| self.selection(s)).collect(),
            at: self.expr(&t.at),
            ..t.clone()
        };
        let again = |a: &Again| Again { count: self.expr(&a.count), every: self.expr(&a.every) };
        SpikeSchedule {
            trains: s.trains.iter().map(train).collect(),
            again: s.again.iter().map(again).collect(),
        }
    }

    fn input(&self, input: &Input) -> Input {
        let slice = input.slice.iter().map(|s| self.selection(s)).collect();
        Input { value: self.expr(&input.value), slice, ..input.clone() }
    }

    fn selection(&self, s: &Selection) -> Selection {
        let selector = match &s.selector {
            Selector::At(e) => Selector::At(Box::new(self.expr(e))),
            other => other.clone(),
        };
        Selection { axes: s.axes.clone(), selector }
    }

    fn expr(&self, e: &Expr) -> Expr {
        if self.bindings.is_empty() {
            return e.clone();
        }
        map_expr(e, &|node| match node.kind {
            ExprKind::Local(l) => Some(match self.meaning(l) {
                Meaning::Fixed(value, _) => ExprKind::Number(value),
                Meaning::Renamed(l) => ExprKind::Local(l),
            }),
            ExprKind::Position(l) => Some(match self.meaning(l) {
                Meaning::Fixed(_, place) => ExprKind::Number(place as f64),
                Meaning::Renamed(l) => ExprKind::Position(l),
            }),
            _ => None,
        })
    }
}

/// A copy of an expression with some of its nodes replaced, axes and places kept.
pub(crate) fn map_expr(e: &Expr, replace: &dyn Fn(&Expr) -> Option<ExprKind>) -> Expr {
    let kind = replace(e).unwrap_or_else(|| {
        let go = |e: &Expr| map_expr(e, replace);
        let boxed = |e: &Expr| Box::new(map_expr(e, replace));
        match &e.kind {
            ExprKind::Unary(op, a) => ExprKind::Unary(*op, boxed(a)),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, boxed(a), boxed(b)),
            ExprKind::Call(f, args) => ExprKind::Call(*f, args.iter().map(go).collect()),
            ExprKind::If(c, a, b) => ExprKind::If(boxed(c), boxed(a), boxed(b)),
            ExprKind::Reduce { op, args, over, filter } => ExprKind::Reduce {
                op: *op,
                args: args.iter().map(go).collect(),
                over: over.clone(),
                filter: filter.as_deref().map(boxed),
            },
            ExprKind::Index { base, selections } => ExprKind::Index {
                base: boxed(base),
                selections: selections
                    .iter()
                    .map(|s| Selection {
                        axes: s.axes.clone(),
                        selector: match &s.selector {
                            Selector::At(e) => Selector::At(boxed(e)),
                            other => other.clone(),
                        },
                    })
                    .collect(),
            },
            ExprKind::AtStart(a) => ExprKind::AtStart(boxed(a)),
            leaf => leaf.clone(),
        }
    });
    Expr { kind, axes: e.axes.clone(), ty: e.ty, span: e.span }
}

/// Calls `f` on an expression and everything in it, outside in.
pub(crate) fn visit_expr<'e>(e: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    f(e);
    match &e.kind {
        ExprKind::Unary(_, a) | ExprKind::AtStart(a) => visit_expr(a, f),
        ExprKind::Binary(_, a, b) => {
            visit_expr(a, f);
            visit_expr(b, f);
        }
        ExprKind::Call(_, args) => args.iter().for_each(|a| visit_expr(a, f)),
        ExprKind::If(c, a, b) => {
            visit_expr(c, f);
            visit_expr(a, f);
            visit_expr(b, f);
        }
        ExprKind::Reduce { args, filter, .. } => {
            args.iter().for_each(|a| visit_expr(a, f));
            if let Some(filter) = filter {
                visit_expr(filter, f);
            }
        }
        ExprKind::Index { base, selections } => {
            visit_expr(base, f);
            for s in selections {
                if let Selector::At(at) = &s.selector {
                    visit_expr(at, f);
                }
            }
        }
        _ => {}
    }
}
