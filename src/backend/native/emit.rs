//! Nests as machine code: the loops around sections.
//!
//! Rows are taken in chunks of as many as a vector has lanes; along a row elements are taken sixteen at a time, as
//! many as a reduction has partial results (or thirty-two), and what is left at the end with the lanes of a mask.

use super::access::{Lane, Lanes, PART, PART_VECTOR, PART_VECTOR_32, RowPlace, assign_pointers, row_pointer};
use super::asm::{Asm, Gpr, If, Label, Mem, Op2, Operand, Vec as Reg, Width};
use super::frame::{
    self, ALONG, BASES, END, Frame, HEADER_BEGIN, HEADER_END, HEADER_TURNS, Layout, ROW, SCRATCH, WITHIN,
    header,
};
use super::lir::{Effect, Inst, Kept, Length, Nest, Part, Reduction, Section};
use super::reduce::{self, Rounds};
use super::regs::{self, Pins};
use crate::contract::reduce::PARTIALS;
use std::cell::RefCell;

/// Writes functions one after the other.
pub(super) struct Emitter {
    pub asm: Asm,
    pub layout: RefCell<Layout>,
    width: Width,
}

/// Which rows a nest in a sequence works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// All.
    Whole,
    /// Those the header names: of a nest with one row, these are its elements.
    Header,
    /// Those the header names, mostly one.
    Few,
}

const SAVED: [Gpr; 6] = [Gpr::Rbx, Gpr::Rbp, Gpr::R12, Gpr::R13, Gpr::R14, Gpr::R15];

impl Emitter {
    pub fn new(width: Width, slots: usize) -> Self {
        Self { asm: Asm::default(), layout: RefCell::new(Layout::new(slots)), width }
    }

    /// A function that runs nests in order, as often as the header says.
    pub fn sequence(&mut self, nests: &[(Nest, Range)]) -> Label {
        let entry = self.asm.here();
        SAVED.iter().for_each(|r| self.asm.push_reg(*r));
        self.asm.mov(SCRATCH, Gpr::Rdi);
        self.asm.mov(BASES, Gpr::Rsi);
        let turn = self.asm.here();
        for (nest, range) in nests {
            self.nest(nest, *range);
        }
        self.asm.load(Gpr::Rax, header(HEADER_TURNS));
        self.asm.add_value(Gpr::Rax, -1);
        self.asm.store(header(HEADER_TURNS), Gpr::Rax);
        self.asm.compare_value(Gpr::Rax, 0);
        self.asm.jump_if(If::NotZero, turn);
        SAVED.iter().rev().for_each(|r| self.asm.pop_reg(*r));
        self.asm.ret();
        entry
    }

    fn nest(&mut self, nest: &Nest, range: Range) {
        // `frame` borrows the layout, the code goes on into the assembler
        let asm = &mut self.asm;
        let frame = Frame::new(&self.layout, nest);
        let mut writer = Writer { asm, frame: &frame, nest, width: self.width, range };
        writer.once();
        writer.columns();
        writer.rows();
    }
}

struct Writer<'a> {
    asm: &'a mut Asm,
    frame: &'a Frame<'a>,
    nest: &'a Nest,
    width: Width,
    range: Range,
}

/// The registers of a width, less those set aside.
fn registers(width: Width, aside: &[u8]) -> Vec<u8> {
    (0..width.registers() as u8).rev().filter(|n| !aside.contains(n)).collect()
}

/// The registers that vectors with a mask need.
fn masks(width: Width) -> &'static [u8] {
    if width == Width::Four { &[PART_VECTOR, PART_VECTOR_32] } else { &[] }
}

impl Writer<'_> {
    fn once(&mut self) {
        let section = &self.nest.once;
        if section.is_empty() {
            return;
        }
        let pins = Pins { free: registers(Width::One, &[]), ..Pins::default() };
        let lane = Lane { width: Width::One, lanes: Lanes::Once, offset: 0, masked: false, first: None };
        let mut rounds = Rounds::none();
        regs::block(self.asm, self.frame, lane, section, &pins, &mut rounds);
    }

    fn columns(&mut self) {
        let (section, length) = &self.nest.columns;
        if section.is_empty() {
            return;
        }
        let mut along = Along::new(section, &[], self.width, Lanes::Columns);
        along.constants(self.asm, self.frame);
        along.begin(self.asm, self.frame);
        self.asm.set(ALONG, 0);
        self.asm.set(END, *length as u64);
        along.elements(self.asm, self.frame, Some(*length));
        along.end(self.asm);
    }

    fn rows(&mut self) {
        let nest = self.nest;
        let (mut rows_part, mut along_part) = (None, None);
        for part in &nest.parts {
            match part {
                Part::Rows(section) => rows_part = Some(section),
                Part::Along { length, body, reductions } => along_part = Some((length, body, reductions)),
            }
        }
        let Some((length, body, reductions)) = along_part else { return };
        let ranged = self.range != Range::Whole;
        // a single element takes a single lane
        let alone = *length == Length::Fixed(1) && (nest.rows > 1 || !ranged);
        // so does a single row: full vectors would wait for numbers of which one was written just before
        let few = self.range == Range::Few && (alone || matches!(length, Length::Pattern { .. }));
        let chunk_width = if few && nest.rows > 1 { Width::One } else { self.width };
        let width = if alone { Width::One } else { self.width };
        let mut along = Along::new(body, reductions, width, Lanes::Along);
        if nest.rows == 1 {
            self.asm.set(ROW, 0);
            self.asm.set(WITHIN, 0);
            if let Some(section) = rows_part {
                self.chunk(section, self.width, Some(1));
            }
            along.constants(self.asm, self.frame);
            self.row(&mut along, length, reductions);
            along.end(self.asm);
            return;
        }
        let done = self.asm.label();
        if ranged {
            self.asm.load(ROW, header(HEADER_BEGIN));
            self.asm.compare_mem(ROW, header(HEADER_END));
            let go_on = self.asm.label();
            self.asm.jump_if(If::Below, go_on);
            self.asm.jump(done);
            self.asm.place(go_on);
        } else {
            self.asm.set(ROW, 0);
        }
        let chunk = self.asm.here();
        if let Some(section) = rows_part {
            self.chunk(section, chunk_width, None);
        }
        // registers that the code along a row keeps; its sums are added up in others
        along.constants(self.asm, self.frame);
        self.asm.set(WITHIN, 0);
        let row = self.asm.here();
        self.row(&mut along, length, reductions);
        self.asm.add_value(WITHIN, 1);
        self.asm.lea(Gpr::Rax, Mem::indexed(ROW, WITHIN, 1, 0));
        self.compare_rows(Gpr::Rax);
        let next = self.asm.label();
        self.asm.jump_if(If::BelowEqual, next);
        if chunk_width != Width::One {
            self.asm.compare_value(WITHIN, chunk_width.lanes() as i32);
            self.asm.jump_if(If::Below, row);
        }
        along.end(self.asm);
        self.asm.add_value(ROW, chunk_width.lanes() as i32);
        self.compare_rows(ROW);
        self.asm.jump_if(If::BelowEqual, next);
        self.asm.jump(chunk);
        self.asm.place(next);
        along.end(self.asm);
        self.asm.place(done);
    }

    /// Compares the end of the rows with a register, in that order.
    fn compare_rows(&mut self, with: Gpr) {
        if self.range != Range::Whole {
            self.asm.load(Gpr::Rdx, header(HEADER_END));
        } else {
            self.asm.set(Gpr::Rdx, self.nest.rows as u64);
        }
        self.asm.compare(Gpr::Rdx, with);
    }

    /// What is computed for all rows of the chunk at once.
    fn chunk(&mut self, section: &Section, width: Width, rows: Option<usize>) {
        match rows {
            _ if width == Width::One => {}
            Some(n) => self.asm.set(Gpr::Rax, n as u64),
            None => {
                self.compare_rows(ROW);
                self.asm.mov(Gpr::Rax, Gpr::Rdx);
                self.asm.sub(Gpr::Rax, ROW);
            }
        }
        if width != Width::One {
            set_mask(self.asm, width, false, true);
        }
        let pins = Pins { free: registers(width, masks(width)), ..Pins::default() };
        let masked = width != Width::One;
        let lane = Lane { width, lanes: Lanes::Rows, offset: 0, masked, first: None };
        regs::block(self.asm, self.frame, lane, section, &pins, &mut Rounds::none());
    }

    /// Along one row.
    fn row(&mut self, along: &mut Along<'_>, length: &Length, reductions: &[Reduction]) {
        assign_pointers(self.frame, along.section);
        for (place, register) in self.frame.pointers.borrow().iter() {
            if let Some(register) = register {
                row_pointer(self.asm, self.frame, *register, place);
            }
        }
        let known = match length {
            Length::Fixed(n) if self.nest.rows == 1 && self.range != Range::Whole => {
                let _ = n;
                self.asm.load(ALONG, header(HEADER_BEGIN));
                self.asm.load(END, header(HEADER_END));
                None
            }
            Length::Fixed(n) => {
                self.asm.set(ALONG, 0);
                self.asm.set(END, *n as u64);
                Some(*n)
            }
            Length::Pattern { starts, .. } => {
                self.asm.load(Gpr::Rax, self.frame.base(*starts));
                self.asm.lea(Gpr::Rcx, Mem::indexed(ROW, WITHIN, 1, 0));
                self.asm.load(ALONG, Mem::indexed(Gpr::Rax, Gpr::Rcx, 8, 0));
                self.asm.load(END, Mem::indexed(Gpr::Rax, Gpr::Rcx, 8, 8));
                None
            }
        };
        along.begin(self.asm, self.frame);
        along.elements(self.asm, self.frame, known);
        for (i, reduction) in reductions.iter().enumerate() {
            self.finish(along, i, reduction);
        }
    }

    /// Writes the result of a reduction.
    fn finish(&mut self, along: &Along<'_>, i: usize, reduction: &Reduction) {
        let result = along.rounds.result(self.asm, i, reduction);
        let place = RowPlace::from(&reduction.to);
        row_pointer(self.asm, self.frame, Gpr::Rax, &place);
        let to = Mem::at(Gpr::Rax, 0);
        self.asm.vstore(to, result);
        if reduction.checked {
            let spare = reduce::spare(0, Width::One);
            self.asm.vlowest(spare, result);
            self.asm.v2(Op2::Sub, spare, spare, Operand::Reg(spare));
            along.rounds.note(self.asm, spare);
        }
    }
}

/// Makes the mask of the first lanes, of 32 bits in a section of single precision; how many of them, but at most all, is
/// in rax. `both` is whether masks of either kind are needed.
fn set_mask(asm: &mut Asm, width: Width, single: bool, both: bool) {
    let lanes = lanes(width, single);
    let few = asm.label();
    asm.compare_value(Gpr::Rax, lanes as i32);
    asm.jump_if(If::BelowEqual, few);
    asm.set(Gpr::Rax, lanes as u64);
    asm.place(few);
    match width {
        Width::Eight => {
            asm.bits_below(Gpr::Rax, Gpr::Rax);
            asm.mask_from(PART, Gpr::Rax);
        }
        Width::Four => {
            asm.negate(Gpr::Rax);
            let bits = if single { 32 } else { 64 };
            asm.vload(Reg::double(PART_VECTOR, Width::Four), frame::mask_of_lanes(Gpr::Rax, bits));
            if both {
                asm.vload(Reg::double(PART_VECTOR_32, Width::Four), frame::mask_of_lanes(Gpr::Rax, 32));
            }
        }
        Width::One => {}
    }
}

/// Makes the mask of so many first lanes.
fn known_mask(asm: &mut Asm, width: Width, lanes: usize, single: bool) {
    match width {
        Width::Eight => {
            asm.set(Gpr::Rax, (1 << lanes) - 1);
            asm.mask_from(PART, Gpr::Rax);
        }
        Width::Four if single => {
            asm.vload(Reg::double(PART_VECTOR, width), frame::first_lanes_32(lanes));
        }
        Width::Four => {
            asm.vload(Reg::double(PART_VECTOR, width), frame::first_lanes(lanes));
            asm.vload(Reg::double(PART_VECTOR_32, width), frame::first_lanes_32(lanes));
        }
        Width::One => {}
    }
}

/// So many rounds are written one after the other.
const FEW_ROUNDS: usize = 4;

/// How many lanes a vector of a section has.
fn lanes(width: Width, single: bool) -> usize {
    if single { 2 * width.lanes() } else { width.lanes() }
}

/// Which lanes of a vector there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exist {
    All,
    /// The first, so many, and those of the mask, which are the same.
    First(usize),
    /// Those of the mask.
    Masked,
}

/// A loop along a row.
struct Along<'s> {
    section: &'s Section,
    width: Width,
    lanes: Lanes,
    pins: Pins,
    rounds: Rounds,
}

impl<'s> Along<'s> {
    fn new(section: &'s Section, reductions: &[Reduction], width: Width, lanes: Lanes) -> Self {
        let mut free = registers(width, masks(width));
        let watches = section.effects.iter().any(|e| matches!(e, Effect::Watch { .. }));
        let watches = watches && width != Width::One;
        let rounds = Rounds::new(width, section.single, reductions, watches, &mut free);
        // values that stay the same are kept in registers as far as the section leaves any
        let pressure = regs::pressure(section) + 4;
        let mut pins = Pins { free, ..Pins::default() };
        for (value, _) in regs::invariants(section) {
            if pins.free.len() <= pressure {
                break;
            }
            // not the lowest: they are used between rows
            let n = pins.free.remove(0);
            pins.values.insert(value, Reg { n, width, single: section.single });
        }
        Self { section, width, lanes, pins, rounds }
    }

    /// Brings what is the same for all rows into registers.
    fn constants(&self, asm: &mut Asm, frame: &Frame<'_>) {
        self.rounds.begin_rows(asm);
        self.pin(asm, frame, false);
    }

    /// Brings what is the same along a row into registers.
    fn begin(&mut self, asm: &mut Asm, frame: &Frame<'_>) {
        self.rounds.begin(asm, frame);
        self.pin(asm, frame, true);
    }

    fn pin(&self, asm: &mut Asm, frame: &Frame<'_>, of_row: bool) {
        let mut pinned: Vec<_> = self.pins.values.iter().collect();
        pinned.sort_by_key(|p| *p.0);
        for (value, register) in pinned {
            let inst = &self.section.insts[*value as usize];
            if matches!(inst, Inst::Kept(Kept::Row(_))) == of_row {
                regs::fetch(asm, frame, inst, *register);
            }
        }
    }

    fn vector(&mut self, asm: &mut Asm, frame: &Frame<'_>, vector: usize, offset: usize, exist: Exist) {
        self.rounds.vector = vector;
        let masked = exist != Exist::All;
        let first = if let Exist::First(n) = exist { Some(n) } else { None };
        let lane = Lane { width: self.width, lanes: self.lanes, offset, masked, first };
        regs::block(asm, frame, lane, self.section, &self.pins, &mut self.rounds);
    }

    /// The elements from the index register to the end register.
    fn elements(&mut self, asm: &mut Asm, frame: &Frame<'_>, known: Option<usize>) {
        if self.width == Width::One {
            self.vector(asm, frame, 0, 0, Exist::All);
            return;
        }
        let single = self.section.single;
        let lanes = lanes(self.width, single);
        // without reductions vectors need not come in as many as there are partial results
        let vectors = match self.rounds.vectors() {
            0 if self.section.insts.len() > 24 => 1,
            0 => PARTIALS / self.width.lanes(),
            vectors => vectors,
        };
        let step = vectors * lanes;
        let rest = asm.label();
        let rounds = known.map(|n| n / step);
        if let Some(rounds) = rounds.filter(|n| (1..=FEW_ROUNDS).contains(n)) {
            // short rows without a loop
            for v in 0..rounds * vectors {
                self.vector(asm, frame, v % vectors, v * lanes, Exist::All);
            }
            asm.add_value(ALONG, (rounds * step) as i32);
        } else if known.is_none_or(|n| n >= step) {
            if known.is_none() {
                asm.lea(Gpr::Rax, Mem::at(ALONG, step as i64));
                asm.compare(END, Gpr::Rax);
                asm.jump_if(If::Below, rest);
            }
            let turn = asm.here();
            for v in 0..vectors {
                self.vector(asm, frame, v, v * lanes, Exist::All);
            }
            asm.add_value(ALONG, step as i32);
            if known.is_none_or(|n| n >= 2 * step) {
                asm.lea(Gpr::Rax, Mem::at(ALONG, step as i64));
                asm.compare(Gpr::Rax, END);
                asm.jump_if(If::BelowEqual, turn);
            }
        }
        asm.place(rest);
        let left = known.map(|n| n % step);
        let done = asm.label();
        for v in 0..vectors {
            match left {
                Some(left) if left <= v * lanes => break,
                Some(left) if left >= (v + 1) * lanes => self.vector(asm, frame, v, 0, Exist::All),
                left => {
                    match left {
                        Some(left) => known_mask(asm, self.width, left - v * lanes, single),
                        None => {
                            asm.compare(END, ALONG);
                            asm.jump_if(If::BelowEqual, done);
                            asm.mov(Gpr::Rax, END);
                            asm.sub(Gpr::Rax, ALONG);
                            let pattern = matches!(
                                frame.nest.parts.last(),
                                Some(Part::Along { length: Length::Pattern { .. }, .. })
                            );
                            let both = frame.nest.singles || pattern && self.lanes == Lanes::Along;
                            set_mask(asm, self.width, single, both);
                        }
                    }
                    let exist = left.map_or(Exist::Masked, |left| Exist::First(left - v * lanes));
                    self.vector(asm, frame, v, 0, exist);
                }
            }
            asm.add_value(ALONG, lanes as i32);
        }
        asm.place(done);
    }

    /// Ends some rows; may come twice.
    fn end(&self, asm: &mut Asm) {
        self.rounds.end_rows(asm);
    }
}
