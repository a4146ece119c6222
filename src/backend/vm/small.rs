//! Kernels over a few elements: one by one, from tables of places worked out beforehand.

use super::tape::{Compiled, Opcode, Single, Small, SmallReduction, SmallStore};
use crate::backend::reference::{Place, address, counter, rows};
use crate::ir::{
    Access, BinaryOp, CompareOp, Effect, Element, IntOp, Kernel, LogicOp, Module, Op, Reg, ShiftOp, Ty,
    UnaryOp,
};
use crate::source::{Id, IndexVec};

/// The operation and its operands, of those that are computed from their operands alone; `ty` is the type of its value.
pub(super) fn opcode(op: &Op, ty: Ty) -> Option<(Opcode, [Reg; 3])> {
    let single = ty == Ty::Single;
    let none = Reg(0);
    Some(match *op {
        Op::Unary(op, a) => {
            let code = match op {
                UnaryOp::Neg => Opcode::Neg,
                UnaryOp::Abs => Opcode::Abs,
                UnaryOp::Sqrt if single => Opcode::SqrtSingle,
                UnaryOp::Sqrt => Opcode::Sqrt,
                UnaryOp::RoundEven => Opcode::Round,
            };
            (code, [a, none, none])
        }
        Op::Binary(op, a, b) => {
            let code = match op {
                BinaryOp::Add if single => Opcode::AddSingle,
                BinaryOp::Sub if single => Opcode::SubSingle,
                BinaryOp::Mul if single => Opcode::MulSingle,
                BinaryOp::Div if single => Opcode::DivSingle,
                BinaryOp::Add => Opcode::Add,
                BinaryOp::Sub => Opcode::Sub,
                BinaryOp::Mul => Opcode::Mul,
                BinaryOp::Div => Opcode::Div,
                BinaryOp::Min => Opcode::Min,
                BinaryOp::Max => Opcode::Max,
            };
            (code, [a, b, none])
        }
        Op::Fma(a, b, c) if single => (Opcode::FmaSingle, [a, b, c]),
        Op::Fma(a, b, c) => (Opcode::Fma, [a, b, c]),
        Op::Compare(op, a, b) => {
            let code = match op {
                CompareOp::Lt => Opcode::Lt,
                CompareOp::Le => Opcode::Le,
                CompareOp::Eq => Opcode::Eq,
            };
            (code, [a, b, none])
        }
        Op::Logic(op, a, b) => {
            let code = match op {
                LogicOp::And => Opcode::And,
                LogicOp::Or => Opcode::Or,
            };
            (code, [a, b, none])
        }
        Op::Not(a) => (Opcode::Not, [a, none, none]),
        Op::Select(a, b, c) => (Opcode::Select, [a, b, c]),
        Op::Int2(op, a, b) => {
            let code = match op {
                IntOp::Add => Opcode::IAdd,
                IntOp::Sub => Opcode::ISub,
                IntOp::And => Opcode::And,
                IntOp::Or => Opcode::Or,
                IntOp::Xor => Opcode::Xor,
            };
            (code, [a, b, none])
        }
        Op::Shift(op, a, by) => {
            let code = match op {
                ShiftOp::Left => Opcode::Shl(by),
                ShiftOp::Right => Opcode::Shr(by),
            };
            (code, [a, none, none])
        }
        Op::Narrow(a) => (Opcode::Narrow, [a, none, none]),
        Op::Num(_)
        | Op::Single(_)
        | Op::Int(_)
        | Op::Truth(_)
        | Op::Load(_)
        | Op::Gather { .. }
        | Op::Coord(_)
        | Op::Random { .. }
        | Op::Widen(_)
        | Op::ToBits(_)
        | Op::FromBits(_) => return None,
    })
}

/// The bits of a constant.
pub(super) fn constant(op: &Op) -> Option<f64> {
    match *op {
        Op::Num(v) => Some(v),
        Op::Single(v) => Some(v.into()),
        Op::Int(v) => Some(f64::from_bits(v as u64)),
        Op::Truth(v) => Some(f64::from_bits(if v { !0 } else { 0 })),
        _ => None,
    }
}

/// Assembles single instructions: the table of numbers, and which entries of the address table they need.
#[derive(Default)]
pub(super) struct Singles {
    /// The numbers; constants are filled in.
    pub table: Vec<f64>,
    pub code: Vec<Single>,
    /// What the entries of the address table are for.
    pub wanted: Vec<Wanted>,
}

/// What an entry of the address table is.
pub(super) enum Wanted {
    /// The place of an access.
    Place(Access),
    /// The index of a loop.
    Coord(usize),
    /// The counter of a draw.
    Counter(Element),
}

impl Singles {
    fn want(&mut self, wanted: Wanted) -> u32 {
        self.wanted.push(wanted);
        (self.wanted.len() - 1) as u32
    }

    /// Appends an operation; `at` says where the values of earlier ones are. Returns where its value is.
    pub fn push(&mut self, op: &Op, ty: Ty, at: impl Fn(Reg) -> u32) -> u32 {
        if let Op::ToBits(a) | Op::FromBits(a) | Op::Widen(a) = op {
            return at(*a);
        }
        let dst = self.table.len() as u32;
        self.table.push(constant(op).unwrap_or(0.0));
        if constant(op).is_some() {
            return dst;
        }
        let of_single = ty == Ty::Single;
        let single = match op {
            Op::Load(access) => {
                let column = self.want(Wanted::Place(access.clone()));
                Single::Load { dst, slot: access.slot.0, column, single: of_single }
            }
            Op::Gather { slot, base, len, index } => {
                let index = at(*index);
                Single::Gather { dst, slot: slot.0, base: *base, len: *len, index, single: of_single }
            }
            Op::Coord(dim) => Single::Coord { dst, column: self.want(Wanted::Coord(*dim)) },
            Op::Random { key, element, draw, word } => {
                let column = self.want(Wanted::Counter(element.clone()));
                Single::Random { dst, key: *key, word: *word, draw: at(*draw), column }
            }
            op => {
                let (op, args) = opcode(op, ty).unwrap_or((Opcode::Copy, [Reg(0); 3]));
                Single::Op { op, dst, args: args.map(at) }
            }
        };
        self.code.push(single);
        dst
    }

    /// The row of the address table for one element.
    pub fn addresses(&self, place: &Place) -> Vec<u64> {
        let row = self.wanted.iter().map(|w| match w {
            Wanted::Place(a) => address(a, place) as u64,
            Wanted::Coord(dim) => place.index[*dim] as u64,
            Wanted::Counter(e) => counter(e, &place.index),
        });
        row.collect()
    }
}

/// Makes the tables of a kernel over a few elements.
pub(super) fn lower(module: &Module, kernel: &Kernel) -> Compiled {
    let mut singles = Singles::default();
    let mut at = IndexVec::<Reg, u32>::new();
    let types = kernel.types(module);
    for (reg, op) in kernel.ops.iter_enumerated() {
        let found = singles.push(op, types[reg], |r| at.get(r).copied().unwrap_or(0));
        at.push(found);
    }
    let groups = rows(module, &kernel.domain);
    let result = |to: &Access, index: &[usize]| address(to, &Place { index: index.to_vec(), element: 0 });
    let mut stores = Vec::new();
    let mut reductions = Vec::new();
    for effect in &kernel.effects {
        match effect {
            Effect::Store { value, to, checked } => {
                let column = singles.want(Wanted::Place(to.clone())) as usize;
                let single = types[*value] == Ty::Single;
                let (slot, value) = (to.slot.index(), at[*value]);
                stores.push(SmallStore { slot, value, column, checked: *checked, single });
            }
            Effect::Reduce { kind, a, b, mask, to, checked } => reductions.push(SmallReduction {
                kind: *kind,
                a: at[*a],
                b: b.map(|b| at[b]),
                mask: mask.map(|m| at[m]),
                slot: to.slot.index(),
                to: groups.iter().map(|(index, _)| result(to, index)).collect(),
                checked: *checked,
                single: types[*a] == Ty::Single,
            }),
        }
    }
    let elements = groups.iter().flat_map(|(_, elements)| elements);
    let addresses = elements.flat_map(|place| singles.addresses(place)).collect();
    let groups = groups.iter().map(|(_, elements)| elements.len()).collect();
    let body =
        Small { code: singles.code, width: singles.wanted.len(), addresses, stores, reductions, groups };
    Compiled { table: singles.table, body: super::tape::Body::Small(body) }
}
