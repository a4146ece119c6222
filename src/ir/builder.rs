use super::{
    Access, BinaryOp, CompareOp, Domain, Effect, Element, Index, IntOp, Kernel, LogicOp, Op, Reg, ShiftOp,
    SlotId, UnaryOp,
};
use crate::contract::{Ops, functions, reduce};
use crate::source::IndexVec;
use std::cell::RefCell;

/// A number in a kernel being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Num(pub Reg);

/// A 64-bit pattern in a kernel being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits(pub Reg);

/// A truth value in a kernel being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth(pub Reg);

/// Builds a kernel: its methods and those of [`Ops`] append operations and return their values.
///
/// Elementary functions are those of [`functions`], called with the builder as their first argument. All methods
/// take `&self`, so calls nest.
///
/// ```
/// use plast::contract::{Ops, functions};
/// use plast::ir::{Domain, KernelBuilder, Module, SlotKind};
///
/// let mut module = Module::new();
/// let v = module.slot("v", SlotKind::State, 20, 0.0);
/// let rate = module.slot("rate", SlotKind::Temporary, 20, 0.0);
/// let b = KernelBuilder::new("rate", Domain::cells(20));
/// let y = functions::tanh(&b, b.add(b.load(v, 0, &[1]), b.num(0.5)));
/// b.store(y, rate, 0, &[1]);
/// module.kernels.push(b.finish());
/// plast::ir::verify(&module).expect("it is in order");
/// ```
#[derive(Debug)]
pub struct KernelBuilder {
    name: String,
    domain: Domain,
    ops: RefCell<IndexVec<Reg, Op>>,
    effects: RefCell<Vec<Effect>>,
    by_row: bool,
}

impl KernelBuilder {
    /// Starts a kernel over these elements.
    pub fn new(name: impl Into<String>, domain: Domain) -> Self {
        Self {
            name: name.into(),
            domain,
            ops: RefCell::default(),
            effects: RefCell::default(),
            by_row: false,
        }
    }

    /// Starts a kernel that is run for a few rows at a time.
    pub fn by_row(name: impl Into<String>, domain: Domain) -> Self {
        Self { by_row: true, ..Self::new(name, domain) }
    }

    /// The elements it is over.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The kernel.
    pub fn finish(self) -> Kernel {
        Kernel {
            name: self.name,
            domain: self.domain,
            ops: self.ops.into_inner(),
            effects: self.effects.into_inner(),
            by_row: self.by_row,
        }
    }

    /// Appends an operation of another kernel; the values it uses have been appended before, under the same names.
    pub fn append(&self, op: Op) -> Reg {
        self.push(op)
    }

    fn push(&self, op: Op) -> Reg {
        self.ops.borrow_mut().push(op)
    }

    /// A number from an array: at `base` plus a step for each index (for a pattern: row, column).
    pub fn load(&self, slot: SlotId, base: usize, strides: &[usize]) -> Num {
        Num(self.push(Op::Load(Access { slot, base, index: Index::Strides(strides.to_vec()) })))
    }

    /// The same number of an array for every element.
    pub fn load_scalar(&self, slot: SlotId, at: usize) -> Num {
        self.load(slot, at, &vec![0; self.domain.rank()])
    }

    /// A number from an array that holds one for each element of the pattern.
    pub fn load_element(&self, slot: SlotId) -> Num {
        Num(self.push(Op::Load(Access { slot, base: 0, index: Index::Element })))
    }

    /// `slot[base + index]`, NaN unless 0 <= index < len; the integer part of the index counts.
    pub fn gather(&self, slot: SlotId, base: usize, len: usize, index: Num) -> Num {
        Num(self.push(Op::Gather { slot, base, len, index: index.0 }))
    }

    /// The index of a loop as a number; of a pattern 0 is the row and 1 the column.
    pub fn coord(&self, dim: usize) -> Num {
        Num(self.push(Op::Coord(dim)))
    }

    /// A random number in [0, 1): that of [`philox::uniform`](crate::contract::philox::uniform).
    pub fn uniform(&self, key: u64, element: Element, draw: Num) -> Num {
        Num(self.push(Op::Random { key, element, draw: draw.0, word: 0 }))
    }

    /// A standard normal number: that of [`philox::normal`](crate::contract::philox::normal).
    pub fn normal(&self, key: u64, element: Element, draw: Num) -> Num {
        let u = self.uniform(key, element.clone(), draw);
        let v = Num(self.push(Op::Random { key, element, draw: draw.0, word: 1 }));
        functions::normal(self, u, v)
    }

    /// A constant truth value.
    pub fn truth(&self, value: bool) -> Truth {
        Truth(self.push(Op::Truth(value)))
    }

    /// `condition` as a number: 1 or 0.
    pub fn indicator(&self, condition: Truth) -> Num {
        self.select(condition, self.num(1.0), self.num(0.0))
    }

    /// `min(high, max(low, x))`, which keeps NaN.
    pub fn clamp(&self, x: Num, low: Num, high: Num) -> Num {
        self.min(high, self.max(low, x))
    }

    /// Writes a value; NaN or infinity there stops the run.
    pub fn store(&self, value: Num, slot: SlotId, base: usize, strides: &[usize]) {
        self.store_to(value, Access { slot, base, index: Index::Strides(strides.to_vec()) }, true);
    }

    /// Writes a value to an array that holds one for each element of the pattern.
    pub fn store_element(&self, value: Num, slot: SlotId) {
        self.store_to(value, Access { slot, base: 0, index: Index::Element }, true);
    }

    /// Writes a value.
    pub fn store_to(&self, value: Num, to: Access, checked: bool) {
        self.effects.borrow_mut().push(Effect::Store { value: value.0, to, checked });
    }

    /// Reduces a value over the reduced dimensions; `strides` are for the outer indices.
    pub fn reduce(&self, kind: reduce::Kind, value: Num, slot: SlotId, base: usize, strides: &[usize]) {
        let to = Access { slot, base, index: Index::Strides(strides.to_vec()) };
        self.reduce_to(kind, value, None, None, to, true);
    }

    /// Sums products over the reduced dimensions; `strides` are for the outer indices.
    pub fn dot(&self, a: Num, b: Num, slot: SlotId, base: usize, strides: &[usize]) {
        let to = Access { slot, base, index: Index::Strides(strides.to_vec()) };
        self.reduce_to(reduce::Kind::Dot, a, Some(b), None, to, true);
    }

    /// Reduces a value, or a product, where the mask holds.
    pub fn reduce_to(
        &self,
        kind: reduce::Kind,
        a: Num,
        b: Option<Num>,
        mask: Option<Truth>,
        to: Access,
        checked: bool,
    ) {
        let (b, mask) = (b.map(|b| b.0), mask.map(|m| m.0));
        self.effects.borrow_mut().push(Effect::Reduce { kind, a: a.0, b, mask, to, checked });
    }

    /// The same number in double precision: what follows is computed in that, until it meets one of single precision
    /// ([`passes::single`](super::passes::single)).
    pub fn widen(&self, value: Num) -> Num {
        Num(self.push(Op::Widen(value.0)))
    }

    fn unary(&self, op: UnaryOp, a: Num) -> Num {
        Num(self.push(Op::Unary(op, a.0)))
    }

    fn binary(&self, op: BinaryOp, a: Num, b: Num) -> Num {
        Num(self.push(Op::Binary(op, a.0, b.0)))
    }

    fn compare(&self, op: CompareOp, a: Num, b: Num) -> Truth {
        Truth(self.push(Op::Compare(op, a.0, b.0)))
    }

    fn int2(&self, op: IntOp, a: Bits, b: Bits) -> Bits {
        Bits(self.push(Op::Int2(op, a.0, b.0)))
    }
}

impl Ops for KernelBuilder {
    type F = Num;
    type I = Bits;
    type B = Truth;

    fn num(&self, value: f64) -> Num {
        Num(self.push(Op::Num(value)))
    }
    fn int(&self, value: i64) -> Bits {
        Bits(self.push(Op::Int(value)))
    }
    fn add(&self, a: Num, b: Num) -> Num {
        self.binary(BinaryOp::Add, a, b)
    }
    fn sub(&self, a: Num, b: Num) -> Num {
        self.binary(BinaryOp::Sub, a, b)
    }
    fn mul(&self, a: Num, b: Num) -> Num {
        self.binary(BinaryOp::Mul, a, b)
    }
    fn div(&self, a: Num, b: Num) -> Num {
        self.binary(BinaryOp::Div, a, b)
    }
    fn fma(&self, a: Num, b: Num, c: Num) -> Num {
        Num(self.push(Op::Fma(a.0, b.0, c.0)))
    }
    fn min(&self, a: Num, b: Num) -> Num {
        self.binary(BinaryOp::Min, a, b)
    }
    fn max(&self, a: Num, b: Num) -> Num {
        self.binary(BinaryOp::Max, a, b)
    }
    fn neg(&self, a: Num) -> Num {
        self.unary(UnaryOp::Neg, a)
    }
    fn abs(&self, a: Num) -> Num {
        self.unary(UnaryOp::Abs, a)
    }
    fn sqrt(&self, a: Num) -> Num {
        self.unary(UnaryOp::Sqrt, a)
    }
    fn round_even(&self, a: Num) -> Num {
        self.unary(UnaryOp::RoundEven, a)
    }
    fn lt(&self, a: Num, b: Num) -> Truth {
        self.compare(CompareOp::Lt, a, b)
    }
    fn le(&self, a: Num, b: Num) -> Truth {
        self.compare(CompareOp::Le, a, b)
    }
    fn eq(&self, a: Num, b: Num) -> Truth {
        self.compare(CompareOp::Eq, a, b)
    }
    fn and(&self, a: Truth, b: Truth) -> Truth {
        Truth(self.push(Op::Logic(LogicOp::And, a.0, b.0)))
    }
    fn or(&self, a: Truth, b: Truth) -> Truth {
        Truth(self.push(Op::Logic(LogicOp::Or, a.0, b.0)))
    }
    fn not(&self, a: Truth) -> Truth {
        Truth(self.push(Op::Not(a.0)))
    }
    fn select(&self, condition: Truth, a: Num, b: Num) -> Num {
        Num(self.push(Op::Select(condition.0, a.0, b.0)))
    }
    fn bits(&self, a: Num) -> Bits {
        Bits(self.push(Op::ToBits(a.0)))
    }
    fn from_bits(&self, a: Bits) -> Num {
        Num(self.push(Op::FromBits(a.0)))
    }
    fn iadd(&self, a: Bits, b: Bits) -> Bits {
        self.int2(IntOp::Add, a, b)
    }
    fn isub(&self, a: Bits, b: Bits) -> Bits {
        self.int2(IntOp::Sub, a, b)
    }
    fn iand(&self, a: Bits, b: Bits) -> Bits {
        self.int2(IntOp::And, a, b)
    }
    fn ior(&self, a: Bits, b: Bits) -> Bits {
        self.int2(IntOp::Or, a, b)
    }
    fn ixor(&self, a: Bits, b: Bits) -> Bits {
        self.int2(IntOp::Xor, a, b)
    }
    fn shl(&self, a: Bits, by: u32) -> Bits {
        Bits(self.push(Op::Shift(ShiftOp::Left, a.0, by)))
    }
    fn shr(&self, a: Bits, by: u32) -> Bits {
        Bits(self.push(Op::Shift(ShiftOp::Right, a.0, by)))
    }
}
