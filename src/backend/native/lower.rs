//! From kernels to nests: which loop is which, which value belongs to which section, operations in terms of vectors.

use super::asm::{Compare, Op1, Op2};
use super::lir::{Base, Effect, Inst, Kept, Length, Nest, Part, Place, Reduction, Section, V, Walk};
use super::loops::{Loops, one_step, sums};
use super::narrow::Values;
use super::random;
use super::whole::{integer, number, times};
use crate::contract::reduce::Kind;
use crate::ir::{
    Access, BinaryOp, CompareOp, Domain, Effect as IrEffect, Element, Index, IntOp, Kernel, LogicOp, Module,
    Op, Precision, Reg, ShiftOp, SlotId, Ty, UnaryOp,
};
use crate::source::IndexVec;
use std::collections::HashMap;
use std::sync::Arc;

/// The sign of a number.
const SIGN: u64 = 1 << 63;

/// What a value depends on, as a set: rows, elements along a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Level {
    row: bool,
    inner: bool,
}

/// Where a value is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Room {
    Once,
    Columns,
    Rows,
    Along,
}

/// The nest of one kernel, of whose rows so many are computed in one pass, if not all.
pub(super) fn nest(module: &Module, kernel: &Kernel, pass: Option<usize>) -> Nest {
    let loops = Loops::new(module, kernel);
    let mut lowering = Lowering {
        kernel,
        module,
        types: kernel.types(module),
        single: false,
        levels: IndexVec::new(),
        heavy: IndexVec::new(),
        nest: Nest { name: kernel.name.clone(), rows: loops.rows, ..Nest::default() },
        length: Length::Fixed(loops.inner.iter().product()),
        worth: if pass.unwrap_or(loops.rows) >= 8 { 1 } else { 3 },
        loops,
        sections: Default::default(),
        values: HashMap::new(),
        known: HashMap::new(),
        kept: HashMap::new(),
        reductions: Vec::new(),
        watched: HashMap::new(),
    };
    if let Domain::Sparse { pattern, .. } = kernel.domain {
        let starts = lowering.base(Base::Starts(pattern));
        let columns = lowering.base(Base::Columns(pattern));
        let storage = module.patterns[pattern].storage.is_some();
        let storage = storage.then(|| lowering.base(Base::Storage(pattern)));
        lowering.length = Length::Pattern { pattern, starts, columns, storage };
    }
    lowering.levels();
    let live = live(kernel);
    let values = Values {
        module,
        kernel,
        loops: &lowering.loops,
        types: &lowering.types,
        along: &|r| lowering.room(r) == Room::Along && !lowering.is_rounded_column(r),
    };
    let single = values.can_be_single(&live);
    lowering.single = single;
    lowering.section(Room::Along).single = single;
    // in their order, so that operands are there when they are asked for: chains may be long
    for reg in live {
        let room = lowering.room(reg);
        lowering.computed(room, reg);
    }
    for effect in &kernel.effects {
        lowering.effect(effect);
    }
    lowering.finish()
}

/// The values that effects need, in order.
fn live(kernel: &Kernel) -> Vec<Reg> {
    let mut needed: IndexVec<Reg, bool> = kernel.ops.iter().map(|_| false).collect();
    for used in kernel.effects.iter().flat_map(IrEffect::uses) {
        needed[used] = true;
    }
    let all: Vec<Reg> = kernel.ops.ids().collect();
    for reg in all.iter().rev() {
        if needed[*reg] {
            kernel.ops[*reg].uses().for_each(|used| needed[used] = true);
        }
    }
    all.into_iter().filter(|r| needed[*r]).collect()
}

struct Lowering<'k> {
    kernel: &'k Kernel,
    module: &'k Module,
    types: IndexVec<Reg, Ty>,
    /// Whether the section along rows is one of single precision.
    single: bool,
    loops: Loops,
    length: Length,
    levels: IndexVec<Reg, Level>,
    /// How much work a value of columns must be to be worth a buffer.
    worth: u32,
    /// How much work each value of columns is.
    heavy: IndexVec<Reg, u32>,
    nest: Nest,
    sections: [Section; 4],
    /// The values of the kernel that are there already.
    values: HashMap<(Room, Reg), V>,
    /// What is computed in which room, and as what.
    known: HashMap<(Room, Inst), V>,
    /// The values that are kept for later rooms.
    kept: HashMap<(Room, V, bool), Kept>,
    reductions: Vec<Reduction>,
    /// In each room the value that is zero unless a number is not finite.
    watched: HashMap<Room, V>,
}

impl Lowering<'_> {
    fn base(&mut self, base: Base) -> u16 {
        let at = self.nest.bases.iter().position(|b| *b == base).unwrap_or_else(|| {
            self.nest.bases.push(base);
            self.nest.bases.len() - 1
        });
        at as u16
    }

    fn walk(&mut self, inner: bool, steps: &[u64]) -> Walk {
        let dims = if inner { self.loops.inner.clone() } else { self.loops.outer.clone() };
        match one_step(&dims, steps) {
            Some(0) => Walk::Step(0),
            Some(s) if inner && self.loops.sparse => Walk::Columns(s as usize),
            Some(s) => Walk::Step(s as usize),
            None => Walk::Table(self.base(Base::Table(sums(&dims, steps).into()))),
        }
    }

    fn place(&mut self, access: &Access) -> Place {
        let base = self.base(Base::Slot(access.slot));
        let (row, inner) = match &access.index {
            Index::Element => {
                let stored = matches!(self.length, Length::Pattern { storage: Some(_), .. });
                match stored {
                    true => (Walk::Step(0), Walk::Stored),
                    false => (Walk::Element, Walk::Step(1)),
                }
            }
            Index::Strides(strides) => {
                let mut steps: Vec<u64> = strides.iter().map(|s| *s as u64).collect();
                steps.resize(self.loops.outer.len() + self.loops.inner.len(), 0);
                let (outer, inner) = steps.split_at(self.loops.outer.len());
                let (outer, inner) = (outer.to_vec(), inner.to_vec());
                (self.walk(false, &outer), self.walk(true, &inner))
            }
        };
        let single = self.module.precision(access.slot) == Precision::Single;
        Place { base, offset: access.base, single, row, inner }
    }

    fn levels(&mut self) {
        let ops = &self.kernel.ops;
        let varies = |d: usize| {
            let outer = self.loops.outer.len();
            let (row, dim) = if d < outer {
                (true, self.loops.outer[d])
            } else {
                (false, self.loops.inner.get(d - outer).copied().unwrap_or(1))
            };
            let counts = dim != 1 || self.loops.sparse;
            Level { row: row && counts, inner: !row && counts }
        };
        let of = |steps: &mut dyn Iterator<Item = bool>| {
            let mut level = Level { row: false, inner: false };
            for (d, used) in steps.enumerate() {
                if used {
                    level = join(level, varies(d));
                }
            }
            level
        };
        for op in ops.iter() {
            let own = match op {
                Op::Load(Access { index: Index::Element, .. }) => Level { row: true, inner: true },
                Op::Load(Access { index: Index::Strides(s), .. }) => of(&mut s.iter().map(|s| *s != 0)),
                Op::Coord(d) => varies(*d),
                Op::Random { element, .. } => of(&mut element.strides.iter().map(|s| *s != 0)),
                _ => Level { row: false, inner: false },
            };
            let mut level = op.uses().fold(own, |l, used| join(l, self.levels[used]));
            // of a few rows, few columns may be wanted
            level.row |= self.kernel.by_row && level.inner;
            self.levels.push(level);
            let cost = match op {
                Op::Num(_) | Op::Single(_) | Op::Int(_) | Op::Truth(_) | Op::Load(_) => 0,
                Op::Binary(BinaryOp::Div, ..) | Op::Unary(UnaryOp::Sqrt, _) => 4,
                Op::Random { .. } | Op::Gather { .. } => 20,
                _ => 1,
            };
            let columns = |r: Reg| level == self.levels[r] && !level.row && level.inner;
            // what is used twice counts twice, so this grows fast
            let below = op.uses().filter(|u| columns(*u)).map(|u| self.heavy[u]);
            self.heavy.push(below.fold(cost, u32::saturating_add));
        }
    }

    /// Whether a value is the same in every row and not of single precision, or about to be made so.
    fn is_rounded_column(&self, reg: Reg) -> bool {
        self.levels[reg] == (Level { row: false, inner: true })
            && (self.types[reg] == Ty::Num || matches!(self.kernel.ops[reg], Op::Narrow(_)))
    }

    fn room(&self, reg: Reg) -> Room {
        match self.levels[reg] {
            _ if self.single && self.is_rounded_column(reg) => Room::Columns,
            Level { row: false, inner: false } => Room::Once,
            Level { row: true, inner: false } => Room::Rows,
            Level { row: true, inner: true } => Room::Along,
            // with one row nothing is gained by computing it beforehand
            Level { row: false, inner: true } if self.heavy[reg] >= self.worth && self.loops.rows > 1 => {
                Room::Columns
            }
            Level { row: false, inner: true } => Room::Along,
        }
    }

    /// The signs of a room's lanes.
    fn sign(&self, room: Room) -> u64 {
        if self.sections[room as usize].single { SIGN | SIGN >> 32 } else { SIGN }
    }

    fn section(&mut self, room: Room) -> &mut Section {
        &mut self.sections[room as usize]
    }

    /// Adds an operation, or finds it.
    fn put(&mut self, room: Room, inst: Inst) -> V {
        if let Some(v) = self.known.get(&(room, inst)) {
            return *v;
        }
        let section = self.section(room);
        section.insts.push(inst);
        let v = (section.insts.len() - 1) as V;
        self.known.insert((room, inst), v);
        v
    }

    /// A value as a room sees it: computed there, or kept for it.
    fn value(&mut self, room: Room, reg: Reg) -> V {
        let own = self.room(reg);
        let single = self.single && room == Room::Along;
        let constant = match &self.kernel.ops[reg] {
            Op::Num(v) => Some(v.to_bits()),
            Op::Single(v) if single => Some(u64::from(v.to_bits()) << 32 | u64::from(v.to_bits())),
            Op::Single(v) => Some(f64::from(*v).to_bits()),
            Op::Int(v) => Some(*v as u64),
            Op::Truth(v) => Some(if *v { u64::MAX } else { 0 }),
            _ => None,
        };
        if let Some(bits) = constant {
            return self.put(room, Inst::Const(bits));
        }
        if own == room || (own == Room::Along && room == Room::Columns) {
            return self.computed(room, reg);
        }
        let value = match &self.kernel.ops[reg] {
            // it is rounded on the way
            Op::Narrow(a) if single => self.value(own, *a),
            _ => self.computed(own, reg),
        };
        self.carried(own, value, room)
    }

    /// A value of one room as a later one sees it.
    fn carried(&mut self, own: Room, value: V, room: Room) -> V {
        if own == room {
            return value;
        }
        let single = self.single && room == Room::Along;
        let kept = match self.kept.get(&(own, value, single)) {
            Some(kept) => *kept,
            None => {
                let number = self.nest.kept[own as usize];
                self.nest.kept[own as usize] += 1;
                let kept = match own {
                    Room::Once => Kept::Once(number),
                    Room::Columns => Kept::Column(number),
                    Room::Rows | Room::Along => Kept::Row(number),
                };
                self.section(own).effects.push(Effect::Keep { value, as_: kept, single });
                self.kept.insert((own, value, single), kept);
                kept
            }
        };
        self.put(room, Inst::Kept(kept))
    }

    fn computed(&mut self, room: Room, reg: Reg) -> V {
        if let Some(v) = self.values.get(&(room, reg)) {
            return *v;
        }
        let v = self.compute(room, reg);
        self.values.insert((room, reg), v);
        v
    }

    fn compute(&mut self, room: Room, reg: Reg) -> V {
        let kernel = self.kernel;
        let constant = |bits: u64| Inst::Const(bits);
        match &kernel.ops[reg] {
            Op::Num(v) => self.put(room, constant(v.to_bits())),
            Op::Single(v) => self.put(room, constant(f64::from(*v).to_bits())),
            Op::Narrow(a) => {
                let a = self.value(room, *a);
                self.put(room, Inst::One(Op1::Single, a))
            }
            Op::Widen(a) => self.value(room, *a),
            Op::Int(v) => self.put(room, constant(*v as u64)),
            Op::Truth(v) => self.put(room, constant(if *v { u64::MAX } else { 0 })),
            Op::Load(access) => {
                let place = self.place(access);
                self.put(room, Inst::Load(place))
            }
            Op::Gather { slot, base, len, index } => self.gather(room, *slot, (*base, *len), *index),
            Op::Coord(dim) => self.coord(room, *dim),
            Op::Random { key, element, draw, word } => {
                let counter = self.counter(room, element);
                // the same draw number for many elements is taken apart once
                let at = match &kernel.ops[*draw] {
                    Op::Num(_) => Room::Once,
                    _ => self.room(*draw),
                };
                let draw = self.value(at, *draw);
                let (low, high) = random::draw_words(draw, &mut |inst| self.put(at, inst));
                let words = (self.carried(at, low, room), self.carried(at, high, room));
                random::unit(*key, counter, words, *word, &mut |inst| self.put(room, inst))
            }
            Op::Unary(op, a) => {
                let a = self.value(room, *a);
                match op {
                    UnaryOp::Neg => {
                        let sign = self.put(room, constant(self.sign(room)));
                        self.put(room, Inst::Two(Op2::Xor, a, sign))
                    }
                    UnaryOp::Abs => {
                        let rest = self.put(room, constant(!self.sign(room)));
                        self.put(room, Inst::Two(Op2::And, a, rest))
                    }
                    UnaryOp::Sqrt => {
                        let root = self.put(room, Inst::One(Op1::Sqrt, a));
                        self.rounded(room, reg, root)
                    }
                    UnaryOp::RoundEven => self.put(room, Inst::One(Op1::Round, a)),
                }
            }
            Op::Binary(op, a, b) => {
                let exact = matches!(op, BinaryOp::Min | BinaryOp::Max);
                let op = match op {
                    BinaryOp::Add => Op2::Add,
                    BinaryOp::Sub => Op2::Sub,
                    BinaryOp::Mul => Op2::Mul,
                    BinaryOp::Div => Op2::Div,
                    BinaryOp::Min => Op2::Min,
                    BinaryOp::Max => Op2::Max,
                };
                let result = self.two(room, op, *a, *b);
                if exact { result } else { self.rounded(room, reg, result) }
            }
            Op::Fma(a, b, c) => {
                let (a, b, c) = (self.value(room, *a), self.value(room, *b), self.value(room, *c));
                let apart = self.types[reg] == Ty::Single && !self.section(room).single;
                self.put(room, if apart { Inst::FmaSingle(a, b, c) } else { Inst::Fma(a, b, c) })
            }
            Op::Compare(op, a, b) => {
                let op = match op {
                    CompareOp::Lt => Compare::Lt,
                    CompareOp::Le => Compare::Le,
                    CompareOp::Eq => Compare::Eq,
                };
                let (a, b) = (self.value(room, *a), self.value(room, *b));
                self.put(room, Inst::Compare(op, a, b))
            }
            Op::Logic(LogicOp::And, a, b) => self.two(room, Op2::And, *a, *b),
            Op::Logic(LogicOp::Or, a, b) => self.two(room, Op2::Or, *a, *b),
            Op::Not(a) => {
                let (a, ones) = (self.value(room, *a), self.put(room, constant(u64::MAX)));
                self.put(room, Inst::Two(Op2::Xor, a, ones))
            }
            Op::Select(c, a, b) => {
                let (c, a, b) = (self.value(room, *c), self.value(room, *a), self.value(room, *b));
                self.put(room, Inst::Select(c, a, b))
            }
            Op::ToBits(a) | Op::FromBits(a) => self.value(room, *a),
            Op::Int2(op, a, b) => {
                let op = match op {
                    IntOp::Add => Op2::AddInt,
                    IntOp::Sub => Op2::SubInt,
                    IntOp::And => Op2::And,
                    IntOp::Or => Op2::Or,
                    IntOp::Xor => Op2::Xor,
                };
                self.two(room, op, *a, *b)
            }
            Op::Shift(op, a, by) => {
                let a = self.value(room, *a);
                self.put(
                    room,
                    match op {
                        ShiftOp::Left => Inst::ShiftLeft(a, *by),
                        ShiftOp::Right => Inst::ShiftRight(a, *by),
                    },
                )
            }
        }
    }

    /// The result of an operation, rounded to single precision if that is its type and the lanes are not.
    fn rounded(&mut self, room: Room, reg: Reg, result: V) -> V {
        let apart = self.types[reg] == Ty::Single && !self.section(room).single;
        if apart { self.put(room, Inst::One(Op1::Single, result)) } else { result }
    }

    fn two(&mut self, room: Room, op: Op2, a: Reg, b: Reg) -> V {
        let (a, b) = (self.value(room, a), self.value(room, b));
        self.put(room, Inst::Two(op, a, b))
    }

    /// `slot[base + i]`, not a number where there is none.
    fn gather(&mut self, room: Room, slot: SlotId, (base, len): (usize, usize), index: Reg) -> V {
        let nan = self.put(room, Inst::Const(f64::NAN.to_bits()));
        if len == 0 {
            return nan;
        }
        let array = self.base(Base::Slot(slot));
        let i = self.value(room, index);
        let (zero, end) =
            (self.put(room, Inst::Const(0)), self.put(room, Inst::Const((len as f64).to_bits())));
        let from = self.put(room, Inst::Compare(Compare::Le, zero, i));
        let to = self.put(room, Inst::Compare(Compare::Lt, i, end));
        let inside = self.put(room, Inst::Two(Op2::And, from, to));
        let safe = self.put(room, Inst::Select(inside, i, zero));
        let whole = self.put(room, Inst::One(Op1::Truncate, safe));
        let index = integer(whole, &mut |inst| self.put(room, inst));
        let single = self.module.precision(slot) == Precision::Single;
        let found = self.put(room, Inst::Gather { base: array, offset: base, len, index, single });
        self.put(room, Inst::Select(inside, found, nan))
    }

    /// An index of a loop, an integer.
    fn index(&mut self, room: Room, inner: bool) -> V {
        match (inner, self.loops.sparse) {
            (false, _) => self.put(room, Inst::Row),
            (true, true) if room != Room::Columns => self.put(room, Inst::Column),
            (true, _) => self.put(room, Inst::Lanes),
        }
    }

    /// The index of a loop as a number.
    fn coord(&mut self, room: Room, dim: usize) -> V {
        let outer = self.loops.outer.len();
        let inner = dim >= outer;
        let (dims, d) = if inner { (&self.loops.inner, dim - outer) } else { (&self.loops.outer, dim) };
        if dims.len() > 1 {
            let after: usize = dims[d + 1..].iter().product();
            let number = |i: usize| ((i / after.max(1) % dims[d].max(1)) as f64).to_bits();
            let table: Arc<[u64]> = (0..dims.iter().product()).map(number).collect();
            let base = self.base(Base::Table(table));
            let (row, inner) = if inner { (0, 1) } else { (1, 0) };
            let place =
                Place { base, offset: 0, single: false, row: Walk::Step(row), inner: Walk::Step(inner) };
            return self.put(room, Inst::Load(place));
        }
        let index = self.index(room, inner);
        number(index, &mut |inst| self.put(room, inst))
    }

    /// The element part of a random counter.
    fn counter(&mut self, room: Room, element: &Element) -> V {
        let mut sum = self.put(room, Inst::Const(element.base));
        let mut steps = element.strides.clone();
        steps.resize(self.loops.outer.len() + self.loops.inner.len(), 0);
        let (outer, inner) = steps.split_at(self.loops.outer.len());
        for (is_inner, steps) in [(false, outer), (true, inner)] {
            let dims = if is_inner { self.loops.inner.clone() } else { self.loops.outer.clone() };
            let part = match one_step(&dims, steps) {
                Some(0) => continue,
                Some(step) => {
                    let index = self.index(room, is_inner);
                    times(index, step, &mut |inst| self.put(room, inst))
                }
                None => {
                    let base = self.base(Base::Table(sums(&dims, steps).into()));
                    let (row, inner) = if is_inner { (0, 1) } else { (1, 0) };
                    let place = Place {
                        base,
                        offset: 0,
                        single: false,
                        row: Walk::Step(row),
                        inner: Walk::Step(inner),
                    };
                    self.put(room, Inst::Load(place))
                }
            };
            sum = self.put(room, Inst::Two(Op2::AddInt, sum, part));
        }
        sum
    }

    /// Notes that a value must be finite.
    fn watch(&mut self, room: Room, value: V) {
        let zero = self.put(room, Inst::Two(Op2::Sub, value, value));
        let all = match self.watched.get(&room) {
            None => zero,
            Some(before) => {
                let before = *before;
                self.put(room, Inst::Two(Op2::Or, before, zero))
            }
        };
        self.watched.insert(room, all);
    }

    /// Whether a sum that is checked cannot be finite unless a value is: a factor that is infinite or not a number
    /// makes every product so, and what is added to that stays so.
    fn shows_in_a_sum(&self, value: Reg) -> bool {
        self.kernel.effects.iter().any(|e| match e {
            IrEffect::Reduce { kind: Kind::Sum | Kind::Dot, a, b, mask: None, checked: true, .. } => {
                *a == value || *b == Some(value)
            }
            _ => false,
        })
    }

    fn effect(&mut self, effect: &IrEffect) {
        match effect {
            IrEffect::Store { value: value_of, to, checked } => {
                let to = self.place(to);
                let room = if self.loops.inner.is_empty() { Room::Once } else { Room::Along };
                let value = self.value(room, *value_of);
                self.section(room).effects.push(Effect::Store { value, to });
                if *checked && !self.shows_in_a_sum(*value_of) {
                    self.watch(room, value);
                }
            }
            IrEffect::Reduce { kind, a, b, mask, to, checked } => {
                let single = self.types[*a] == Ty::Single;
                let to = self.place(to);
                let a = self.value(Room::Along, *a);
                let b = b.map(|b| self.value(Room::Along, b));
                let mask = mask.map(|m| self.value(Room::Along, m));
                let reduction = self.reductions.len() as u32;
                self.reductions.push(Reduction { kind: *kind, single, to, checked: *checked });
                self.section(Room::Along).effects.push(Effect::Reduce { reduction, a, b, mask });
            }
        }
    }

    fn finish(mut self) -> Nest {
        for (room, value) in std::mem::take(&mut self.watched) {
            self.section(room).effects.push(Effect::Watch { value });
        }
        let [once, columns, rows, along] = self.sections;
        self.nest.singles = self.types.iter().any(|t| *t == Ty::Single);
        self.nest.once = once;
        self.nest.columns = (columns, self.loops.inner.iter().product());
        if !rows.is_empty() {
            self.nest.parts.push(Part::Rows(rows));
        }
        if !along.is_empty() {
            let (length, reductions) = (self.length, self.reductions);
            self.nest.parts.push(Part::Along { length, body: along, reductions });
        }
        self.nest
    }
}

fn join(a: Level, b: Level) -> Level {
    Level { row: a.row || b.row, inner: a.inner || b.inner }
}
