use crate::eval::{Env, EvalError, StaticEnv, eval_scalar};
use crate::hir::{
    Axis, AxisId, ConstId, Experiment, Expr, ExprKind, LocalId, Param, ParamId, Program, Statement,
    StatementKind, Value,
};
use crate::hir::{Length, Local};
use crate::report::naming::seconds;
use crate::source::IndexVec;
use crate::units::format_number;
use std::cell::RefCell;

/// How long something lasts, in seconds, as far as that is known before it runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub least: f64,
    /// Infinite where there is no end to it.
    pub most: f64,
}

impl Span {
    pub const NONE: Span = Span { least: 0.0, most: 0.0 };
    pub const UNKNOWN: Span = Span { least: 0.0, most: f64::INFINITY };

    pub fn exactly(seconds: f64) -> Self {
        Self { least: seconds, most: seconds }
    }

    /// One after the other.
    pub fn then(self, other: Span) -> Self {
        Self { least: self.least + other.least, most: self.most + other.most }
    }

    /// So many times.
    pub fn times(self, n: Span) -> Self {
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        Self { least: product(self.least, n.least), most: product(self.most, n.most) }
    }

    /// One or the other.
    pub fn or(self, other: Span) -> Self {
        Self { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    pub fn known(self) -> Option<f64> {
        (self.least == self.most).then_some(self.least)
    }

    /// A length to draw it with.
    pub fn typical(self) -> f64 {
        if self.most.is_finite() { (self.least + self.most) / 2.0 } else { self.least }
    }

    pub fn text(self) -> String {
        match self.known() {
            Some(s) => time(s),
            None if self.most.is_infinite() && self.least == 0.0 => "as long as it takes".to_string(),
            None if self.most.is_infinite() => format!("at least {}", time(self.least)),
            None if self.least == 0.0 => format!("at most {}", time(self.most)),
            None => format!("{} to {}", time(self.least), time(self.most)),
        }
    }
}

/// A time in the unit that suits it.
pub(super) fn time(s: f64) -> String {
    if s != 0.0 && s < 1.0 { format!("{} ms", format_number(s * 1e3, 6)) } else { seconds(s) }
}

/// What is known of times and counts before a program runs, with the loops' variables around.
pub(super) struct Clock<'a> {
    program: &'a Program,
    statics: StaticEnv<'a>,
    locals: RefCell<Vec<(LocalId, f64, usize)>>,
}

/// The most values of a loop that are gone through one by one.
const VALUES: usize = 256;

impl<'a> Clock<'a> {
    pub fn new(experiment: &'a Experiment, program: &'a Program) -> Self {
        Self { program, statics: StaticEnv::new(&experiment.axes, program), locals: RefCell::default() }
    }

    pub fn program(&self) -> &'a Program {
        self.program
    }

    /// A number that nothing before it in a run can change.
    pub fn number(&self, e: &Expr) -> Option<f64> {
        let mut fixed = true;
        crate::sema::visit(e, &mut |node| {
            if let ExprKind::Param(id) = node.kind {
                fixed &= self.program.params.get(id).is_some_and(|p: &Param| !p.settable);
            }
        });
        if fixed { eval_scalar(e, self).ok().filter(|v| v.is_finite()) } else { None }
    }

    /// How long a presentation lasts.
    pub fn length(&self, length: &Length) -> Span {
        match length {
            Length::For(e) | Length::About(e) => self.number(e).map_or(Span::UNKNOWN, Span::exactly),
            Length::Until { within, .. } => {
                Span { least: 0.0, most: self.number(within).unwrap_or(f64::INFINITY) }
            }
        }
    }

    /// Makes something for each value of a loop where times inside depend on it, else once. Gives none where there are
    /// too many values.
    pub fn each<T>(&self, id: LocalId, body: &[Statement], mut make: impl FnMut() -> T) -> Option<Vec<T>> {
        let local: &Local = self.program.locals.get(id)?;
        let values = &local.values;
        let depends = times_depend_on(body, id);
        if depends && values.len() > VALUES {
            return None;
        }
        let n = if depends { values.len() } else { values.len().min(1) };
        let mut made = Vec::new();
        for (place, value) in values.iter().enumerate().take(n) {
            self.locals.borrow_mut().push((id, *value, place));
            made.push(make());
            self.locals.borrow_mut().pop();
        }
        Some(made)
    }
}

/// Whether a time or a count in these statements reads a loop's variable.
pub(super) fn times_depend_on(body: &[Statement], id: LocalId) -> bool {
    let reads = |e: &Expr| {
        let mut found = false;
        crate::sema::visit(e, &mut |node| {
            found |= matches!(node.kind, ExprKind::Local(l) | ExprKind::Position(l) if l == id);
        });
        found
    };
    body.iter().any(|s| match &s.kind {
        StatementKind::Present { length: Length::For(e) | Length::About(e), .. } => reads(e),
        StatementKind::Present { length: Length::Until { within, .. }, .. } => reads(within),
        StatementKind::Repeat { count, body } => reads(count) || times_depend_on(body, id),
        StatementKind::Phase { body, .. }
        | StatementKind::For { body, .. }
        | StatementKind::Together { body, .. } => times_depend_on(body, id),
        _ => false,
    })
}

impl Env for Clock<'_> {
    fn axes(&self) -> &IndexVec<AxisId, Axis> {
        self.statics.axes()
    }
    fn tick(&self) -> f64 {
        self.statics.tick()
    }
    fn seed(&self) -> u64 {
        self.statics.seed()
    }
    fn param(&self, id: ParamId) -> Result<Value, EvalError> {
        self.statics.param(id)
    }
    fn constant(&self, id: ConstId) -> Result<Value, EvalError> {
        self.statics.constant(id)
    }
    fn local(&self, id: LocalId) -> Option<(f64, usize)> {
        self.locals.borrow().iter().rev().find(|l| l.0 == id).map(|l| (l.1, l.2))
    }
}
