//! One section as instructions: which value is in which register, and when.
//!
//! A section is straight-line code, so one walk suffices: a value gets a register where it is made and gives it back
//! after its last use. If none is free, the value whose next use is farthest away makes room; it is stored, unless
//! memory has it anyway. Values that are the same in every turn of a loop are put into registers before it as far as
//! there are any left ([`Pins`]), the rest is read from memory where it is used.

use super::access::Lane;
use super::asm::{Asm, Fused, Mem, Op2, Operand, Vec as Reg, Width};
use super::frame::Frame;
use super::lir::{Effect, Inst, Kept, Section, V};
use std::collections::HashMap;

/// Values in registers for the length of a loop, and the registers that are left.
#[derive(Debug, Clone, Default)]
pub(super) struct Pins {
    pub values: HashMap<V, Reg>,
    /// The registers that sections may use.
    pub free: Vec<u8>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Nowhere,
    Register(Reg),
    Spilled(Mem),
    /// Where it came from, which is still there.
    Memory,
}

/// What the section does with a value besides computing: told by whoever loops.
pub(super) trait Reduce {
    /// Adds to a reduction; `block` counts the vectors of sixteen elements.
    fn reduce(&mut self, block: &mut Block<'_>, effect: &Effect, a: Reg, b: Option<Reg>, mask: Option<Reg>);
    /// Notes a value that is zero unless something is not finite.
    fn watch(&mut self, block: &mut Block<'_>, value: Reg);
}

/// One section being written for one vector of lanes.
pub(super) struct Block<'a> {
    pub asm: &'a mut Asm,
    pub frame: &'a Frame<'a>,
    pub lane: Lane,
    section: &'a Section,
    pins: &'a Pins,
    at: Vec<At>,
    /// For each value the steps at which it is used, ascending.
    uses: Vec<Vec<u32>>,
    free: Vec<u8>,
    held: Vec<(u8, V)>,
    /// Registers that must stay for the operation at hand.
    locked: Vec<u8>,
    step: u32,
    spills: usize,
}

/// The order in which things are done: each effect as soon as what it needs is there.
enum Step {
    Inst(V),
    Effect(usize),
}

fn steps(section: &Section) -> Vec<Step> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); section.insts.len() + 1];
    for (e, effect) in section.effects.iter().enumerate() {
        let needs = effect.uses().map(|v| v as usize + 1).max().unwrap_or(0);
        // what is read is what was there before anything is written
        let last = match effect {
            Effect::Store { to, .. } => {
                section.insts.iter().rposition(|i| i.reads(to.base)).map_or(0, |i| i + 1)
            }
            _ => 0,
        };
        after[needs.max(last)].push(e);
    }
    let mut steps = Vec::new();
    for (i, effects) in after.into_iter().enumerate() {
        if i > 0 {
            steps.push(Step::Inst(i as V - 1));
        }
        steps.extend(effects.into_iter().map(Step::Effect));
    }
    steps
}

/// Whether a value stands in memory and is read where it is used.
fn from_memory(inst: &Inst) -> bool {
    matches!(inst, Inst::Const(_) | Inst::Kept(Kept::Once(_) | Kept::Row(_)))
}

/// Writes a section for one vector.
pub(super) fn block(
    asm: &mut Asm,
    frame: &Frame<'_>,
    lane: Lane,
    section: &Section,
    pins: &Pins,
    reduce: &mut dyn Reduce,
) {
    let steps = steps(section);
    let mut uses = vec![Vec::new(); section.insts.len()];
    for (s, step) in steps.iter().enumerate() {
        let mut note = |v: V| uses[v as usize].push(s as u32);
        match step {
            Step::Inst(v) => section.insts[*v as usize].uses().for_each(&mut note),
            Step::Effect(e) => section.effects[*e].uses().for_each(&mut note),
        }
    }
    let at = (0..section.insts.len() as V)
        .map(|v| match pins.values.get(&v) {
            Some(reg) => At::Register(*reg),
            None if from_memory(&section.insts[v as usize]) => At::Memory,
            None => At::Nowhere,
        })
        .collect();
    let mut block = Block {
        asm,
        frame,
        lane,
        section,
        pins,
        at,
        uses,
        free: pins.free.clone(),
        held: Vec::new(),
        locked: Vec::new(),
        step: 0,
        spills: 0,
    };
    for (s, step) in steps.iter().enumerate() {
        block.step = s as u32;
        block.locked.clear();
        match step {
            Step::Inst(v) => block.inst(*v),
            Step::Effect(e) => block.effect(&section.effects[*e], reduce),
        }
        block.release();
    }
}

impl Block<'_> {
    pub fn width(&self) -> Width {
        self.lane.width
    }

    fn register(&self, n: u8) -> Reg {
        Reg { n, width: self.width(), single: self.section.single }
    }

    fn next_use(&self, v: V) -> Option<u32> {
        self.uses[v as usize].iter().copied().find(|s| *s >= self.step)
    }

    /// Gives back the registers of values that are not used any more.
    fn release(&mut self) {
        let step = self.step;
        let (uses, free, at) = (&self.uses, &mut self.free, &mut self.at);
        self.held.retain(|(n, v)| {
            let goes_on = uses[*v as usize].iter().any(|s| *s > step);
            if !goes_on {
                free.push(*n);
                at[*v as usize] = At::Nowhere;
            }
            goes_on
        });
    }

    /// Gives back registers of values whose last use is the operation at hand, so that its result may take one.
    fn release_operands(&mut self) {
        self.locked.clear();
        self.release();
    }

    /// A register for a moment; it must be given back.
    pub fn take(&mut self) -> Reg {
        let n = match self.free.pop() {
            Some(n) => n,
            None => self.evict(),
        };
        self.locked.push(n);
        self.register(n)
    }

    pub fn give_back(&mut self, reg: Reg) {
        self.locked.retain(|n| *n != reg.n);
        self.free.push(reg.n);
    }

    /// Empties the register whose value is used last.
    fn evict(&mut self) -> u8 {
        let candidates = self.held.iter().filter(|(n, _)| !self.locked.contains(n));
        let Some((n, v)) = candidates.copied().max_by_key(|(_, v)| self.next_use(*v).unwrap_or(u32::MAX))
        else {
            // an operation locks six at most, and loops leave more than that
            unreachable!("no register to make free")
        };
        let reg = self.register(n);
        self.at[v as usize] = if from_memory(&self.section.insts[v as usize]) {
            At::Memory
        } else {
            let place = self.frame.spill(self.spills);
            self.spills += 1;
            self.asm.vstore(place, reg);
            At::Spilled(place)
        };
        self.held.retain(|h| h.0 != n);
        n
    }

    /// Says that a register now holds a value.
    fn hold(&mut self, v: V, reg: Reg) {
        self.at[v as usize] = At::Register(reg);
        self.held.push((reg.n, v));
    }

    /// The register of a value, for reading.
    pub fn reg(&mut self, v: V) -> Reg {
        match self.at[v as usize] {
            At::Register(reg) => {
                self.locked.push(reg.n);
                reg
            }
            At::Spilled(place) => {
                let reg = self.take();
                self.asm.vload(reg, place);
                self.hold(v, reg);
                reg
            }
            At::Memory | At::Nowhere => {
                let reg = self.take();
                fetch(self.asm, self.frame, &self.section.insts[v as usize], reg);
                self.hold(v, reg);
                reg
            }
        }
    }

    /// A value as an operand that may stay in memory.
    fn operand(&mut self, v: V) -> Operand {
        if self.at[v as usize] != At::Memory || self.next_uses(v) > 1 && self.width() != Width::Eight {
            return Operand::Reg(self.reg(v));
        }
        let place = match self.section.insts[v as usize] {
            Inst::Const(bits) => Operand::Mem(self.frame.constant(bits)),
            Inst::Kept(Kept::Once(k)) => Operand::Broadcast(self.frame.once(k)),
            Inst::Kept(Kept::Row(k)) => self.frame.row_kept(k, self.section.single),
            _ => return Operand::Reg(self.reg(v)),
        };
        match (place, self.width()) {
            (Operand::Broadcast(_), Width::Four) => Operand::Reg(self.reg(v)),
            // of one lane a whole vector may be read
            (Operand::Broadcast(m), Width::One) => Operand::Mem(m),
            (place, _) => place,
        }
    }

    fn next_uses(&self, v: V) -> usize {
        self.uses[v as usize].iter().filter(|s| **s >= self.step).count()
    }

    /// Whether a value's register may be overwritten by the operation at hand.
    fn dies(&self, v: V) -> bool {
        matches!(self.at[v as usize], At::Register(_))
            && !self.pins.values.contains_key(&v)
            && self.uses[v as usize].last() == Some(&self.step)
    }

    /// A register for a result, after the operands are read.
    fn result(&mut self, v: V) -> Reg {
        self.release_operands();
        let reg = self.take();
        self.hold(v, reg);
        reg
    }

    fn inst(&mut self, v: V) {
        let inst = self.section.insts[v as usize];
        if self.uses[v as usize].is_empty() || self.pins.values.contains_key(&v) || from_memory(&inst) {
            return;
        }
        match inst {
            Inst::Const(_) | Inst::Kept(Kept::Once(_) | Kept::Row(_)) => {}
            Inst::Lanes => {
                let to = self.result(v);
                self.lanes(to);
            }
            Inst::Row => {
                let to = self.result(v);
                self.row_numbers(to);
            }
            Inst::Column => {
                let to = self.result(v);
                self.column_numbers(to);
            }
            Inst::Kept(Kept::Column(k)) => {
                let to = self.result(v);
                self.load_column(to, k);
            }
            Inst::Load(place) => {
                let to = self.result(v);
                self.load(to, &place);
            }
            Inst::Gather { base, offset, index, single, .. } => {
                let index = self.reg(index);
                let to = self.take();
                self.gather_at(to, base, offset, index, single);
                self.release_operands();
                self.hold(v, to);
            }
            Inst::One(op, a) => {
                let a = self.reg(a);
                let to = self.result(v);
                self.asm.v1(op, to, a);
            }
            Inst::Two(op, a, b) => self.two(v, op, a, b),
            Inst::Fma(a, b, c) => self.fma(v, a, b, c),
            Inst::FmaSingle(a, b, c) => self.fma_single(v, a, b, c),
            Inst::Compare(op, a, b) => {
                let a = self.reg(a);
                let b = self.operand(b);
                let to = self.result(v);
                self.asm.vcompare(op, to, a, b);
            }
            Inst::Select(c, a, b) => {
                let (mask, b) = (self.reg(c), self.reg(b));
                let a = self.operand(a);
                let to = self.result(v);
                self.asm.vselect(to, mask, a, b);
            }
            Inst::ShiftLeft(a, by) | Inst::ShiftRight(a, by) => {
                let a = self.reg(a);
                let to = self.result(v);
                self.asm.shift(matches!(inst, Inst::ShiftLeft(..)), to, a, by);
            }
        }
    }

    fn two(&mut self, v: V, op: Op2, a: V, b: V) {
        let commutes = matches!(op, Op2::And | Op2::Or | Op2::Xor | Op2::AddInt | Op2::MulLow);
        let (a, b) = if commutes && self.at[a as usize] == At::Memory { (b, a) } else { (a, b) };
        let a = self.reg(a);
        let b = self.operand(b);
        let to = self.result(v);
        self.asm.v2(op, to, a, b);
    }

    fn fma(&mut self, v: V, a: V, b: V, c: V) {
        // which operand may be overwritten decides the form
        if self.dies(c) {
            let (a, b) = if self.at[a as usize] == At::Memory { (b, a) } else { (a, b) };
            let (d, a) = (self.reg(c), self.reg(a));
            let b = self.operand(b);
            self.becomes(v, c, d);
            self.asm.fma(Fused::F231, d, a, b);
            return;
        }
        let (a, b) = if !self.dies(a) && self.dies(b) { (b, a) } else { (a, b) };
        if self.dies(a) && a != b {
            let (d, b) = (self.reg(a), self.reg(b));
            let c = self.operand(c);
            self.becomes(v, a, d);
            self.asm.fma(Fused::F213, d, b, c);
            return;
        }
        let (a, b) = if self.at[a as usize] == At::Memory { (b, a) } else { (a, b) };
        let a = self.reg(a);
        let b = self.operand(b);
        let c = self.reg(c);
        let d = self.take();
        self.asm.vmov(d, c);
        self.asm.fma(Fused::F231, d, a, b);
        self.release_operands();
        self.hold(v, d);
    }

    /// `a * b + c` of numbers of single precision, in lanes of 64 bits.
    fn fma_single(&mut self, v: V, a: V, b: V, c: V) {
        let (a, b, c) = (self.reg(a), self.reg(b), self.reg(c));
        let (d, t) = (self.take(), self.take());
        let u = self.take();
        self.asm.vnarrow(d, c);
        self.asm.vnarrow(t, a);
        self.asm.vnarrow(u, b);
        self.asm.fma(Fused::F231, d.as_single(true), t.as_single(true), Operand::Reg(u.as_single(true)));
        self.asm.vbroaden(d, d);
        self.give_back(t);
        self.give_back(u);
        self.release_operands();
        self.hold(v, d);
    }

    /// The register of a value that ends becomes that of another.
    fn becomes(&mut self, v: V, old: V, reg: Reg) {
        self.held.retain(|h| h.1 != old);
        self.at[old as usize] = At::Nowhere;
        self.hold(v, reg);
    }

    fn effect(&mut self, effect: &Effect, reduce: &mut dyn Reduce) {
        match *effect {
            Effect::Store { value, to } => {
                let value = self.reg(value);
                self.store(&to, value);
            }
            Effect::Keep { value, as_, single } => {
                let value = self.reg(value);
                self.keep(as_, value, single);
            }
            Effect::Reduce { a, b, mask, .. } => {
                let a = self.reg(a);
                let b = b.map(|b| self.reg(b));
                let mask = mask.map(|m| self.reg(m));
                reduce.reduce(self, effect, a, b, mask);
            }
            Effect::Watch { value } => {
                let value = self.reg(value);
                reduce.watch(self, value);
            }
        }
    }
}

/// Brings a value that memory has into a register.
pub(super) fn fetch(asm: &mut Asm, frame: &Frame<'_>, inst: &Inst, to: Reg) {
    match *inst {
        Inst::Const(0) => asm.vzero(to),
        Inst::Const(bits) => asm.vload(to, frame.constant(bits)),
        Inst::Kept(Kept::Once(k)) => asm.vbroadcast(to, frame.once(k)),
        Inst::Kept(Kept::Row(k)) => match frame.row_kept(k, to.single) {
            Operand::Mem(m) => asm.vload(to, m),
            Operand::Broadcast(m) => asm.vbroadcast(to, m),
            Operand::Reg(_) => {}
        },
        _ => {}
    }
}

/// How often each value that memory has is used in a section, the most used first: candidates for [`Pins`].
pub(super) fn invariants(section: &Section) -> Vec<(V, usize)> {
    let mut counts: HashMap<V, usize> = HashMap::new();
    let all = section.insts.iter().flat_map(Inst::uses).chain(section.effects.iter().flat_map(Effect::uses));
    for v in all.filter(|v| from_memory(&section.insts[*v as usize])) {
        *counts.entry(v).or_default() += 1;
    }
    let mut found: Vec<(V, usize)> = counts.into_iter().collect();
    found.sort_by_key(|(v, count)| (usize::MAX - count, *v));
    found
}

/// How many values of a section live at once at most, besides those that memory has.
pub(super) fn pressure(section: &Section) -> usize {
    let steps = steps(section);
    let mut last: HashMap<V, usize> = HashMap::new();
    for (s, step) in steps.iter().enumerate() {
        match step {
            Step::Inst(v) => section.insts[*v as usize].uses().for_each(|u| {
                last.insert(u, s);
            }),
            Step::Effect(e) => section.effects[*e].uses().for_each(|u| {
                last.insert(u, s);
            }),
        }
    }
    let mut ends = vec![0_usize; steps.len() + 1];
    let (mut live, mut most) = (0_usize, 0);
    for (s, step) in steps.iter().enumerate() {
        if let Step::Inst(v) = step
            && !from_memory(&section.insts[*v as usize])
            && let Some(end) = last.get(v)
        {
            live += 1;
            ends[*end] += 1;
        }
        most = most.max(live);
        live -= ends[s];
    }
    most
}
