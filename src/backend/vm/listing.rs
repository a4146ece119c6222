//! Tapes as text.

use super::fuse::arity;
use super::tape::{
    Blocks, Body, Compiled, Dst, Instr, Opcode, Shape, Single, Small, SmallStore, Src, Tape, View,
};
use crate::ir::{Module, SlotId};
use crate::source::Id;

/// Lists a kernel: what is computed once, for each column, for each row, and for every element.
pub(super) fn listing(module: &Module, kernel: &Compiled) -> String {
    let printer = Printer { module, table: &kernel.table };
    match &kernel.body {
        Body::Small(k) => printer.small(k),
        Body::Blocks(k) => printer.blocks(k),
    }
}

struct Printer<'a> {
    module: &'a Module,
    table: &'a [f64],
}

impl Printer<'_> {
    fn slot(&self, slot: usize) -> String {
        self.module.slots.get(SlotId::from_index(slot)).map_or_else(String::new, |s| format!("{:?}", s.name))
    }

    fn small(&self, k: &Small) -> String {
        let mut text = format!("one by one: {} elements\n", k.groups.iter().sum::<usize>());
        k.code.iter().for_each(|i| text += &self.single(i));
        for SmallStore { slot, value, .. } in &k.stores {
            text += &format!("    {} = n{value}\n", self.slot(*slot));
        }
        for r in &k.reductions {
            let second = r.b.map_or_else(String::new, |b| format!(", n{b}"));
            text += &format!("    {} = {:?} n{}{second}\n", self.slot(r.slot), r.kind, r.a);
        }
        text
    }

    fn single(&self, instr: &Single) -> String {
        match instr {
            Single::Op { op, dst, args } => {
                let args: Vec<_> = args[..arity(*op).min(3)].iter().map(|a| format!("n{a}")).collect();
                format!("    n{dst} = {} {}\n", name(*op), args.join(", "))
            }
            Single::Load { dst, slot, .. } => format!("    n{dst} = {}\n", self.slot(*slot as usize)),
            Single::Gather { dst, slot, index, .. } => {
                format!("    n{dst} = {} at n{index}\n", self.slot(*slot as usize))
            }
            Single::Coord { dst, .. } => format!("    n{dst} = index\n"),
            Single::Random { dst, draw, .. } => format!("    n{dst} = random n{draw}\n"),
        }
    }

    fn blocks(&self, k: &Blocks) -> String {
        let mut text = match &k.shape {
            Shape::Dense { outer, inner, .. } => {
                let loops: Vec<_> = outer.iter().chain([inner]).map(usize::to_string).collect();
                format!("{} elements", loops.join(" x "))
            }
            Shape::Sparse(p) => format!("{} elements in {} rows", p.elements(), p.rows),
        };
        text += &format!(", blocks of {}\n", k.block);
        if !k.once.is_empty() {
            text += "  once\n";
            k.once.iter().for_each(|i| text += &self.single(i));
        }
        for (what, tape) in [("each column", &k.column), ("each row", &k.row), ("each element", &k.element)] {
            text += &self.tape(k, what, tape);
        }
        text
    }

    fn tape(&self, k: &Blocks, what: &str, tape: &Tape) -> String {
        if tape.code.is_empty() {
            return String::new();
        }
        let mut text = format!("  {what}, {} registers\n", tape.regs);
        for instr in &tape.code {
            text += &format!("    {}\n", self.instr(k, instr));
        }
        text
    }

    fn view(&self, k: &Blocks, view: u32) -> String {
        k.views.get(view as usize).map_or_else(String::new, |v: &View| self.slot(v.slot))
    }

    fn src(&self, k: &Blocks, src: Src) -> String {
        match src {
            Src::Reg(r) => format!("r{r}"),
            Src::Once(n) if k.once.iter().any(|i| single_target(i) == n) => format!("n{n}"),
            Src::Once(n) => format!("{:?}", self.table.get(n as usize).copied().unwrap_or(0.0)),
            Src::Row(r) => format!("row r{r}"),
            Src::Column(c) => format!("column {c}"),
            Src::Slot(v) => self.view(k, v),
        }
    }

    fn dst(&self, k: &Blocks, dst: Dst) -> String {
        match dst {
            Dst::Reg(r) => format!("r{r}"),
            Dst::Column(c) => format!("column {c}"),
            Dst::Slot(v) => self.view(k, v),
        }
    }

    fn instr(&self, k: &Blocks, instr: &Instr) -> String {
        match instr {
            Instr::Op { op, dst, args } => {
                let args: Vec<_> = args[..arity(*op)].iter().map(|a| self.src(k, *a)).collect();
                format!("{} = {} {}", self.dst(k, *dst), name(*op), args.join(", "))
            }
            Instr::Load { dst, view, how } => {
                format!("{} = load {} {how:?}", self.dst(k, *dst), self.view(k, *view))
            }
            Instr::LoadColumn { dst, column } => format!("{} = load column {column}", self.dst(k, *dst)),
            Instr::Gather { dst, slot, index, .. } => {
                format!("{} = {} at {}", self.dst(k, *dst), self.slot(*slot as usize), self.src(k, *index))
            }
            Instr::Coord { dst, dim, .. } => format!("{} = index of loop {dim}", self.dst(k, *dst)),
            Instr::Random { dst, draw, .. } => {
                format!("{} = random {}", self.dst(k, *dst), self.src(k, *draw))
            }
            Instr::Polynomial { dst, x, constants } => {
                let degree = constants.len() - 1;
                format!("{} = polynomial of degree {degree} in {}", self.dst(k, *dst), self.src(k, *x))
            }
            Instr::Reduce { reduction, a, b, mask } => {
                let r = k.reductions.get(*reduction as usize);
                let target = r.map_or_else(String::new, |r| format!("{} = {:?}", self.slot(r.slot), r.kind));
                let second = b.map_or_else(String::new, |b| format!(", {}", self.src(k, b)));
                let mask = mask.map_or_else(String::new, |m| format!(" where {}", self.src(k, m)));
                format!("{target} {}{second}{mask}", self.src(k, *a))
            }
            Instr::Scatter { view, value, how } => {
                format!("{} = {} {how:?}", self.view(k, *view), self.src(k, *value))
            }
        }
    }
}

fn single_target(instr: &Single) -> u32 {
    match instr {
        Single::Op { dst, .. }
        | Single::Load { dst, .. }
        | Single::Gather { dst, .. }
        | Single::Coord { dst, .. }
        | Single::Random { dst, .. } => *dst,
    }
}

fn name(op: Opcode) -> String {
    format!("{op:?}").to_lowercase()
}
