//! The meaning of kernels, one element after the other: slow, plain, and what back ends are tested against.

use super::arrays::View;
use super::{Arrays, NonFinite};
use crate::contract::Ops;
use crate::contract::ops::Scalar;
use crate::contract::philox;
use crate::contract::reduce::{Kind, Partials, Singles};
use crate::ir::{
    Access, BinaryOp, CompareOp, Domain, Effect, Element, Index, IntOp, KernelId, LogicOp, Module, Op,
    Precision, Reg, ShiftOp, SlotId, UnaryOp,
};
use crate::source::IndexVec;

/// The value of a register.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A number.
    Num(f64),
    /// A number of single precision.
    Single(f32),
    /// A 64-bit pattern.
    Bits(i64),
    /// A truth value.
    Truth(bool),
}

impl Value {
    fn num(self) -> f64 {
        match self {
            Value::Num(v) => v,
            Value::Single(v) => v.into(),
            Value::Bits(_) | Value::Truth(_) => f64::NAN,
        }
    }
    fn single(self) -> f32 {
        if let Value::Single(v) = self { v } else { f32::NAN }
    }
    fn bits(self) -> i64 {
        if let Value::Bits(v) = self { v } else { 0 }
    }
    fn truth(self) -> bool {
        self == Value::Truth(true)
    }
}

/// One element of a domain: its indices and, of a pattern, its place.
pub(super) struct Place {
    pub index: Vec<usize>,
    pub element: usize,
}

/// Runs one kernel of a module that is in order.
pub fn run(module: &Module, id: KernelId, arrays: &mut Arrays) -> Result<(), NonFinite> {
    let kernel = &module.kernels[id];
    let rows = rows(module, &kernel.domain);
    let mut fault = None;
    for (index, places) in rows {
        let start = |e: &Effect| match e {
            Effect::Reduce { kind, .. } => (Partials::new(*kind), None),
            Effect::Store { .. } => (Partials::new(Kind::Sum), None),
        };
        let mut partials: Vec<(Partials, Option<Singles>)> = kernel.effects.iter().map(start).collect();
        for (j, place) in places.iter().enumerate() {
            let values = evaluate(&kernel.ops, place, arrays);
            for (effect, partial) in kernel.effects.iter().zip(&mut partials) {
                match effect {
                    Effect::Store { value, to, checked } => {
                        let at = address(to, place);
                        let value = values[*value].num();
                        arrays.set(to.slot, at, value);
                        note(&mut fault, id, to, at, value, *checked);
                    }
                    Effect::Reduce { mask: Some(m), .. } if !values[*m].truth() => {}
                    Effect::Reduce { a, b, .. } => match (values[*a], b.map(|b| values[b])) {
                        (Value::Single(a), None) => partial.1.get_or_insert_default().add(j, a),
                        (Value::Single(a), Some(b)) => {
                            partial.1.get_or_insert_default().multiply_add(j, a, b.single());
                        }
                        (a, b) => partial.0.take(j, a.num(), b.map_or(1.0, Value::num)),
                    },
                }
            }
        }
        for (effect, partial) in kernel.effects.iter().zip(partials) {
            if let Effect::Reduce { to, checked, .. } = effect {
                let place = Place { index: index.clone(), element: 0 };
                let at = address(to, &place);
                let value = partial.1.map_or_else(|| partial.0.finish(), |s| s.finish());
                arrays.set(to.slot, at, value);
                note(&mut fault, id, to, at, value, *checked);
            }
        }
    }
    fault.map_or(Ok(()), Err)
}

fn note(
    fault: &mut Option<NonFinite>,
    kernel: KernelId,
    to: &Access,
    index: usize,
    value: f64,
    checked: bool,
) {
    if checked && !value.is_finite() && fault.is_none() {
        *fault = Some(NonFinite { kernel, slot: to.slot, index });
    }
}

/// The outer indices, each with the elements reductions run over (all of them where nothing is reduced).
pub(super) fn rows(module: &Module, domain: &Domain) -> Vec<(Vec<usize>, Vec<Place>)> {
    match domain {
        Domain::Dense { dims, reduced } => {
            let (outer, inner) = dims.split_at(dims.len() - reduced);
            let place = |index: Vec<usize>| Place { index, element: 0 };
            indices(outer)
                .into_iter()
                .map(|o| {
                    let places =
                        indices(inner).into_iter().map(|i| place(o.iter().chain(&i).copied().collect()));
                    (o.clone(), places.collect())
                })
                .collect()
        }
        Domain::Sparse { pattern, .. } => {
            let p = &module.patterns[*pattern];
            let row = |r: usize| {
                let elements = p.row_start[r]..p.row_start[r + 1];
                let place = |e: usize| Place {
                    index: vec![r, p.col_index[e] as usize],
                    element: p.storage.as_ref().map_or(e, |s| s[e] as usize),
                };
                (vec![r], elements.map(place).collect())
            };
            (0..p.rows).map(row).collect()
        }
    }
}

/// All combinations of indices, the last fastest.
fn indices(dims: &[usize]) -> Vec<Vec<usize>> {
    dims.iter().fold(vec![Vec::new()], |found, dim| {
        let extend = |index: &Vec<usize>| {
            let index = index.clone();
            (0..*dim).map(move |i| index.iter().copied().chain([i]).collect())
        };
        found.iter().flat_map(extend).collect()
    })
}

pub(super) fn address(access: &Access, place: &Place) -> usize {
    access.base
        + match &access.index {
            Index::Element => place.element,
            Index::Strides(s) => s.iter().zip(&place.index).map(|(s, i)| s * i).sum(),
        }
}

pub(super) fn counter(element: &Element, index: &[usize]) -> u64 {
    let steps = element.strides.iter().zip(index);
    steps.fold(element.base, |sum, (s, i)| sum.wrapping_add(s.wrapping_mul(*i as u64)))
}

fn evaluate(ops: &IndexVec<Reg, Op>, place: &Place, arrays: &Arrays) -> IndexVec<Reg, Value> {
    let mut values = IndexVec::<Reg, Value>::new();
    for op in ops.iter() {
        let value = match op {
            Op::Load(access) => at(arrays, access.slot, address(access, place)),
            Op::Gather { slot, base, len, index } => {
                let i = values[*index].num();
                let inside = i >= 0.0 && i < *len as f64;
                match (inside, arrays.precision(*slot)) {
                    (true, _) => at(arrays, *slot, base + i as usize),
                    (false, Precision::Double) => Value::Num(f64::NAN),
                    (false, Precision::Single) => Value::Single(f32::NAN),
                }
            }
            Op::Coord(dim) => Value::Num(place.index[*dim] as f64),
            Op::Random { key, element, draw, word } => {
                let draw = values[*draw].num() as u64;
                let words = philox::words(*key, counter(element, &place.index), draw);
                Value::Num(philox::unit(words[usize::from(*word)]))
            }
            op => apply(op, |r| values[r]),
        };
        values.push(value);
    }
    values
}

/// A number of an array.
fn at(arrays: &Arrays, slot: SlotId, index: usize) -> Value {
    match arrays.view(slot) {
        View::Double(values) => Value::Num(values[index]),
        View::Single(values) => Value::Single(values[index]),
    }
}

/// The value of an operation on numbers of single precision.
fn single(op: &Op, value: impl Fn(Reg) -> Value) -> Value {
    let s = |r: Reg| value(r).single();
    match *op {
        Op::Unary(op, a) => Value::Single(match op {
            UnaryOp::Neg => -s(a),
            UnaryOp::Abs => s(a).abs(),
            UnaryOp::Sqrt => s(a).sqrt(),
            UnaryOp::RoundEven => s(a).round_ties_even(),
        }),
        Op::Binary(op, a, b) => Value::Single(match op {
            BinaryOp::Add => s(a) + s(b),
            BinaryOp::Sub => s(a) - s(b),
            BinaryOp::Mul => s(a) * s(b),
            BinaryOp::Div => s(a) / s(b),
            BinaryOp::Min if s(a) < s(b) => s(a),
            BinaryOp::Max if s(a) > s(b) => s(a),
            BinaryOp::Min | BinaryOp::Max => s(b),
        }),
        Op::Fma(a, b, c) => Value::Single(s(a).mul_add(s(b), s(c))),
        Op::Compare(op, a, b) => Value::Truth(match op {
            CompareOp::Lt => s(a) < s(b),
            CompareOp::Le => s(a) <= s(b),
            CompareOp::Eq => s(a) == s(b),
        }),
        Op::Select(c, a, b) => Value::Single(if value(c).truth() { s(a) } else { s(b) }),
        _ => Value::Single(f32::NAN),
    }
}

/// The value of an operation that neither reads an array nor depends on the place; NaN of one that does.
pub fn apply(op: &Op, value: impl Fn(Reg) -> Value) -> Value {
    let o = Scalar;
    let num = |r: Reg| value(r).num();
    let bits = |r: Reg| value(r).bits();
    let truth = |r: Reg| value(r).truth();
    let is_single = |r: Reg| matches!(value(r), Value::Single(_));
    match *op {
        Op::Unary(_, a)
        | Op::Binary(_, a, _)
        | Op::Fma(a, ..)
        | Op::Compare(_, a, _)
        | Op::Select(_, a, _)
            if is_single(a) =>
        {
            single(op, value)
        }
        Op::Single(v) => Value::Single(v),
        Op::Narrow(a) => Value::Single(num(a) as f32),
        Op::Widen(a) => Value::Num(num(a)),
        Op::Num(v) => Value::Num(v),
        Op::Int(v) => Value::Bits(v),
        Op::Truth(v) => Value::Truth(v),
        Op::Unary(op, a) => Value::Num(match op {
            UnaryOp::Neg => o.neg(num(a)),
            UnaryOp::Abs => o.abs(num(a)),
            UnaryOp::Sqrt => o.sqrt(num(a)),
            UnaryOp::RoundEven => o.round_even(num(a)),
        }),
        Op::Binary(op, a, b) => Value::Num(match op {
            BinaryOp::Add => o.add(num(a), num(b)),
            BinaryOp::Sub => o.sub(num(a), num(b)),
            BinaryOp::Mul => o.mul(num(a), num(b)),
            BinaryOp::Div => o.div(num(a), num(b)),
            BinaryOp::Min => o.min(num(a), num(b)),
            BinaryOp::Max => o.max(num(a), num(b)),
        }),
        Op::Fma(a, b, c) => Value::Num(o.fma(num(a), num(b), num(c))),
        Op::Compare(op, a, b) => Value::Truth(match op {
            CompareOp::Lt => o.lt(num(a), num(b)),
            CompareOp::Le => o.le(num(a), num(b)),
            CompareOp::Eq => o.eq(num(a), num(b)),
        }),
        Op::Logic(op, a, b) => Value::Truth(match op {
            LogicOp::And => truth(a) && truth(b),
            LogicOp::Or => truth(a) || truth(b),
        }),
        Op::Not(a) => Value::Truth(!truth(a)),
        Op::Select(c, a, b) => Value::Num(o.select(truth(c), num(a), num(b))),
        Op::ToBits(a) => Value::Bits(o.bits(num(a))),
        Op::FromBits(a) => Value::Num(o.from_bits(bits(a))),
        Op::Int2(op, a, b) => Value::Bits(match op {
            IntOp::Add => o.iadd(bits(a), bits(b)),
            IntOp::Sub => o.isub(bits(a), bits(b)),
            IntOp::And => o.iand(bits(a), bits(b)),
            IntOp::Or => o.ior(bits(a), bits(b)),
            IntOp::Xor => o.ixor(bits(a), bits(b)),
        }),
        Op::Shift(op, a, by) => Value::Bits(match op {
            ShiftOp::Left => o.shl(bits(a), by),
            ShiftOp::Right => o.shr(bits(a), by),
        }),
        Op::Load(_) | Op::Gather { .. } | Op::Coord(_) | Op::Random { .. } => Value::Num(f64::NAN),
    }
}
