use super::passes::hoist::{Level, levels};
use super::{
    Access, BinaryOp, CompareOp, Domain, Effect, Index, Init, IntOp, Kernel, KernelId, LogicOp, Module, Op,
    Pattern, Plan, Precision, Reg, ShiftOp, Slot, SlotId, SlotKind, UnaryOp,
};
use crate::contract::reduce::Kind;
use std::fmt::{self, Write};

/// Prints a module; [`parse`](super::parse) reads it back.
///
/// What does not vary with every element says so in a comment: `once`, `row` or `column`.
pub fn text(module: &Module) -> String {
    print(module, usize::MAX)
}

/// Prints a module for people: of long arrays and patterns only the beginning.
pub fn outline(module: &Module) -> String {
    print(module, 8)
}

fn print(module: &Module, limit: usize) -> String {
    let mut out = String::new();
    // writing to a string does not fail
    let _ = Printer { module, out: &mut out, limit }.module();
    out
}

impl UnaryOp {
    pub(super) const ALL: [(Self, &'static str); 4] =
        [(Self::Neg, "neg"), (Self::Abs, "abs"), (Self::Sqrt, "sqrt"), (Self::RoundEven, "round")];
}

impl BinaryOp {
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Add, "add"),
        (Self::Sub, "sub"),
        (Self::Mul, "mul"),
        (Self::Div, "div"),
        (Self::Min, "min"),
        (Self::Max, "max"),
    ];
}

impl CompareOp {
    pub(super) const ALL: [(Self, &'static str); 3] = [(Self::Lt, "lt"), (Self::Le, "le"), (Self::Eq, "eq")];
}

impl LogicOp {
    pub(super) const ALL: [(Self, &'static str); 2] = [(Self::And, "and"), (Self::Or, "or")];
}

impl IntOp {
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::Add, "iadd"),
        (Self::Sub, "isub"),
        (Self::And, "iand"),
        (Self::Or, "ior"),
        (Self::Xor, "ixor"),
    ];
}

impl ShiftOp {
    pub(super) const ALL: [(Self, &'static str); 2] = [(Self::Left, "shl"), (Self::Right, "shr")];
}

impl SlotKind {
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::Constant, "constant"),
        (Self::Parameter, "parameter"),
        (Self::Input, "input"),
        (Self::State, "state"),
        (Self::Temporary, "temporary"),
    ];
}

pub(super) const KINDS: [(Kind, &str); 6] = [
    (Kind::Sum, "sum"),
    (Kind::Dot, "dot"),
    (Kind::Min, "least"),
    (Kind::Max, "largest"),
    (Kind::ArgMin, "argmin"),
    (Kind::ArgMax, "argmax"),
];

pub(super) fn word<T: PartialEq>(table: &[(T, &'static str)], item: &T) -> &'static str {
    table.iter().find(|(t, _)| t == item).map_or("?", |(_, w)| w)
}

struct Printer<'a> {
    module: &'a Module,
    out: &'a mut String,
    /// How many numbers of an array, and rows of a pattern, are printed.
    limit: usize,
}

impl Printer<'_> {
    fn module(&mut self) -> fmt::Result {
        for slot in self.module.slots.iter() {
            self.slot(slot)?;
        }
        for pattern in self.module.patterns.iter() {
            self.pattern(pattern)?;
        }
        for kernel in self.module.kernels.iter() {
            self.out.push('\n');
            self.kernel(kernel)?;
        }
        for plan in &self.module.plans {
            self.out.push('\n');
            self.plan(plan)?;
        }
        Ok(())
    }

    fn slot(&mut self, slot: &Slot) -> fmt::Result {
        let precision = if slot.precision == Precision::Single { "f32 " } else { "" };
        let kind = word(&SlotKind::ALL, &slot.kind);
        write!(self.out, "{kind} {:?} {precision}[{}] = ", slot.name, slot.len)?;
        match &slot.init {
            Init::Fill(v) => writeln!(self.out, "{v:?}"),
            Init::Values(v) => {
                self.out.push('{');
                self.list(v.iter().take(self.limit), |p, v| write!(p.out, "{v:?}"))?;
                self.more(v.len())?;
                self.out.push_str("}\n");
                Ok(())
            }
            Init::Singles(v) => {
                self.out.push('{');
                self.list(v.iter().take(self.limit), |p, v| write!(p.out, "{v:?}"))?;
                self.more(v.len())?;
                self.out.push_str("}\n");
                Ok(())
            }
        }
    }

    fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut print: impl FnMut(&mut Self, T) -> fmt::Result,
    ) -> fmt::Result {
        for (i, item) in items.enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            print(self, item)?;
        }
        Ok(())
    }

    /// Says how many of `len` are not printed.
    fn more(&mut self, len: usize) -> fmt::Result {
        match len.checked_sub(self.limit) {
            None | Some(0) => Ok(()),
            Some(left) => write!(self.out, " ... {left} more"),
        }
    }

    fn pattern(&mut self, p: &Pattern) -> fmt::Result {
        write!(self.out, "pattern {:?} {} x {} {{", p.name, p.rows, p.cols)?;
        for (i, bounds) in p.row_start.windows(2).enumerate().take(self.limit) {
            if i > 0 {
                self.out.push_str(" |");
            }
            for c in &p.col_index[bounds[0]..bounds[1]] {
                write!(self.out, " {c}")?;
            }
        }
        self.more(p.rows)?;
        self.out.push_str(" }");
        if let Some(storage) = &p.storage {
            self.out.push_str(" stored {");
            for s in storage.iter().take(self.limit) {
                write!(self.out, " {s}")?;
            }
            self.more(storage.len())?;
            self.out.push_str(" }");
        }
        self.out.push('\n');
        Ok(())
    }

    fn kernel(&mut self, kernel: &Kernel) -> fmt::Result {
        write!(self.out, "kernel {:?} ", kernel.name)?;
        match &kernel.domain {
            Domain::Dense { dims, reduced } => {
                self.out.push_str("dense ");
                for (i, d) in dims.iter().enumerate() {
                    write!(self.out, "{}{d} ", if i > 0 { "x " } else { "" })?;
                }
                if *reduced > 0 {
                    write!(self.out, "reduce {reduced} ")?;
                }
            }
            Domain::Sparse { pattern, reduced } => {
                let name = self.module.patterns.get(*pattern).map_or("?", |p| &p.name);
                write!(self.out, "sparse {name:?} ")?;
                if *reduced {
                    self.out.push_str("reduce 1 ");
                }
            }
        }
        if kernel.by_row {
            self.out.push_str("by_row ");
        }
        self.out.push_str("{\n");
        let levels = levels(kernel);
        for (reg, op) in kernel.ops.iter_enumerated() {
            let line = self.out.len();
            write!(self.out, "    %{} = ", reg.0)?;
            self.op(op)?;
            let constant = matches!(op, Op::Num(_) | Op::Single(_) | Op::Int(_) | Op::Truth(_));
            let note = match levels[reg] {
                _ if constant || kernel.domain.rank() < 2 => None,
                Level::Once => Some("once"),
                Level::Row => Some("row"),
                Level::Column => Some("column"),
                Level::Element => None,
            };
            if let Some(note) = note {
                let width = self.out[line..].chars().count();
                write!(self.out, "{:pad$}; {note}", "", pad = 48_usize.saturating_sub(width).max(1))?;
            }
            self.out.push('\n');
        }
        for effect in &kernel.effects {
            self.effect(effect)?;
        }
        self.out.push_str("}\n");
        Ok(())
    }

    fn op(&mut self, op: &Op) -> fmt::Result {
        let r = |a: &Reg| format!("%{}", a.0);
        match op {
            Op::Num(v) => write!(self.out, "num {v:?}"),
            Op::Single(v) => write!(self.out, "single {v:?}"),
            Op::Int(v) => write!(self.out, "int {v}"),
            Op::Truth(v) => write!(self.out, "{v}"),
            Op::Load(a) => {
                self.out.push_str("load ");
                self.access(a)
            }
            Op::Gather { slot, base, len, index } => {
                self.out.push_str("gather ");
                self.slot_name(*slot)?;
                write!(self.out, " {base} + {len} at {}", r(index))
            }
            Op::Coord(dim) => write!(self.out, "coord {dim}"),
            Op::Random { key, element, draw, word } => {
                write!(
                    self.out,
                    "random {key:#018x} word {word} draw {} element {} + ",
                    r(draw),
                    element.base
                )?;
                self.out.push('[');
                self.list(element.strides.iter(), |p, s| write!(p.out, "{s}"))?;
                self.out.push(']');
                Ok(())
            }
            Op::Unary(op, a) => write!(self.out, "{} {}", word(&UnaryOp::ALL, op), r(a)),
            Op::Binary(op, a, b) => write!(self.out, "{} {}, {}", word(&BinaryOp::ALL, op), r(a), r(b)),
            Op::Fma(a, b, c) => write!(self.out, "fma {}, {}, {}", r(a), r(b), r(c)),
            Op::Compare(op, a, b) => write!(self.out, "{} {}, {}", word(&CompareOp::ALL, op), r(a), r(b)),
            Op::Logic(op, a, b) => write!(self.out, "{} {}, {}", word(&LogicOp::ALL, op), r(a), r(b)),
            Op::Not(a) => write!(self.out, "not {}", r(a)),
            Op::Select(c, a, b) => write!(self.out, "select {}, {}, {}", r(c), r(a), r(b)),
            Op::Narrow(a) => write!(self.out, "narrow {}", r(a)),
            Op::Widen(a) => write!(self.out, "widen {}", r(a)),
            Op::ToBits(a) => write!(self.out, "bits {}", r(a)),
            Op::FromBits(a) => write!(self.out, "float {}", r(a)),
            Op::Int2(op, a, b) => write!(self.out, "{} {}, {}", word(&IntOp::ALL, op), r(a), r(b)),
            Op::Shift(op, a, by) => write!(self.out, "{} {}, {by}", word(&ShiftOp::ALL, op), r(a)),
        }
    }

    fn effect(&mut self, effect: &Effect) -> fmt::Result {
        let checked = match effect {
            Effect::Store { value, to, checked } => {
                write!(self.out, "    store %{} -> ", value.0)?;
                self.access(to)?;
                checked
            }
            Effect::Reduce { kind, a, b, mask, to, checked } => {
                write!(self.out, "    {} %{}", word(&KINDS, kind), a.0)?;
                if let Some(b) = b {
                    write!(self.out, ", %{}", b.0)?;
                }
                if let Some(m) = mask {
                    write!(self.out, " where %{}", m.0)?;
                }
                self.out.push_str(" -> ");
                self.access(to)?;
                checked
            }
        };
        self.out.push_str(if *checked { "\n" } else { " unchecked\n" });
        Ok(())
    }

    fn slot_name(&mut self, slot: SlotId) -> fmt::Result {
        let name = self.module.slots.get(slot).map_or("?", |s| &s.name);
        write!(self.out, "{name:?}")
    }

    fn access(&mut self, access: &Access) -> fmt::Result {
        self.slot_name(access.slot)?;
        self.out.push(' ');
        if access.base > 0 {
            write!(self.out, "{} + ", access.base)?;
        }
        match &access.index {
            Index::Element => self.out.push_str("element"),
            Index::Strides(strides) => {
                self.out.push('[');
                self.list(strides.iter(), |p, s| write!(p.out, "{s}"))?;
                self.out.push(']');
            }
        }
        Ok(())
    }

    fn plan(&mut self, plan: &Plan) -> fmt::Result {
        writeln!(self.out, "plan {:?} {{", plan.name)?;
        let lists = [
            ("inputs", &plan.inputs),
            ("observe", &plan.observe),
            ("update", &plan.update),
            ("settle", &plan.settle),
        ];
        for (name, kernels) in lists {
            if !kernels.is_empty() {
                write!(self.out, "    {name}: ")?;
                self.list(kernels.iter(), |p, k| p.kernel_name(*k))?;
                self.out.push('\n');
            }
        }
        for c in &plan.commits {
            self.out.push_str(if c.swap { "    swap " } else { "    copy " });
            self.slot_name(c.from)?;
            self.out.push_str(" -> ");
            self.slot_name(c.to)?;
            self.out.push('\n');
        }
        self.out.push_str("}\n");
        Ok(())
    }

    fn kernel_name(&mut self, kernel: KernelId) -> fmt::Result {
        let name = self.module.kernels.get(kernel).map_or("?", |k| &k.name);
        write!(self.out, "{name:?}")
    }
}
