//! How the values of one vector come from memory and go there: the lanes of a section, and where each finds its
//! number.

use super::asm::{Asm, Gpr, If, Mask, Mem, Op2, Operand, SPARE, Vec as Reg, Width};
use super::frame::{ALONG, END, Frame, POINTERS, ROW, WITHIN};
use super::lir::{Effect, Inst, Kept, Length, Part, Place, Section, Walk};
use super::regs::Block;

/// What the lanes of a section are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lanes {
    /// One lane, which stands for everything.
    Once,
    /// Elements along a row, whichever row that is.
    Columns,
    /// The rows of a chunk.
    Rows,
    /// Elements along the present row.
    Along,
}

/// One vector of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lane {
    pub width: Width,
    pub lanes: Lanes,
    /// How many elements beyond the index register it begins.
    pub offset: usize,
    /// Whether only the lanes of the mask count.
    pub masked: bool,
    /// How many these are, if that is known.
    pub first: Option<usize>,
}

/// The mask register of vectors that are not full, with eight lanes.
pub(super) const PART: Mask = Mask(1);
/// The vector register for the same with four lanes.
pub(super) const PART_VECTOR: u8 = 15;
/// The same with lanes of 32 bits, for patterns.
pub(super) const PART_VECTOR_32: u8 = 13;

/// Registers for addresses, used for a moment.
const A: Gpr = Gpr::Rax;
const B: Gpr = Gpr::Rdx;
const C: Gpr = Gpr::Rcx;

/// The part of a place that is the same along a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowPlace {
    base: u16,
    offset: usize,
    single: bool,
    row: Walk,
}

impl From<&Place> for RowPlace {
    fn from(p: &Place) -> Self {
        Self { base: p.base, offset: p.offset, single: p.single, row: p.row }
    }
}

/// How many bytes a number takes.
fn size(single: bool) -> u32 {
    if single { 4 } else { 8 }
}

/// The vector register with a mask for lanes of 64 bits, or of 32 in a section of single precision.
pub(super) fn part_vector(like: Reg) -> Reg {
    Reg { n: PART_VECTOR, ..like }
}

/// The vector register with a mask for lanes of 32 bits beside lanes of 64.
fn part_vector_32() -> Reg {
    Reg::double(PART_VECTOR_32, Width::Four)
}

impl Block<'_> {
    /// Where the pattern's columns or storage are, if the nest is over one.
    fn pattern(&self) -> Option<(u16, Option<u16>)> {
        pattern(self.frame)
    }

    /// The pointer to an array, in a register for a moment; and what is to be added to it.
    fn array(&mut self, base: u16, offset: usize, single: bool) -> Mem {
        self.asm.load(A, self.frame.base(base));
        beyond(self.asm, A, offset, single)
    }

    /// Where the present row of a place begins.
    fn row_begin(&mut self, place: &Place) -> Mem {
        match self.lane.lanes {
            Lanes::Along => {
                let wanted = RowPlace::from(place);
                let pointers = self.frame.pointers.borrow();
                let found = pointers.iter().find(|p| p.0 == wanted).and_then(|p| p.1);
                drop(pointers);
                match found {
                    Some(register) => Mem::at(register, 0),
                    None => {
                        row_pointer(self.asm, self.frame, A, &wanted);
                        Mem::at(A, 0)
                    }
                }
            }
            _ => self.array(place.base, place.offset, place.single),
        }
    }

    fn index_register(&self) -> Gpr {
        if self.lane.lanes == Lanes::Rows { ROW } else { ALONG }
    }

    /// The walk that the lanes follow.
    fn walk(&self, place: &Place) -> Walk {
        match (self.lane.lanes, place.inner) {
            (Lanes::Rows, _) => place.row,
            // where the lanes are columns, theirs are the numbers of the columns
            (Lanes::Columns, Walk::Columns(step)) => Walk::Step(step),
            (_, inner) => inner,
        }
    }

    /// The numbers of a place.
    pub fn load(&mut self, to: Reg, place: &Place) {
        let begin = self.row_begin(place);
        // numbers of single precision for lanes of 64 bits
        let broaden = place.single && !to.single;
        if self.lane.lanes == Lanes::Once {
            match broaden {
                false => self.asm.vload(to, begin),
                true => self.asm.vload_single(to, begin),
            }
            return;
        }
        match self.walk(place) {
            Walk::Step(0) if broaden => {
                self.asm.vbroadcast(to.as_single(true), begin);
                self.asm.vbroaden(to, to);
            }
            Walk::Step(0) => self.asm.vbroadcast(to, begin),
            Walk::Step(1) => {
                let from = self.beside(begin, place.single);
                match (broaden, self.lane.masked, self.width()) {
                    (false, ..) => self.load_adjacent(to, from),
                    (true, true, Width::Eight) => self.asm.vload_single_masked(to, from, PART),
                    (true, true, Width::Four) => self.asm.vload_single_where(to, from, part_vector_32()),
                    _ => self.asm.vload_single(to, from),
                }
            }
            walk => {
                let index = self.take();
                let begin = self.indices(index, walk, begin, place.single);
                self.gather(to, begin, index, place.single);
                self.give_back(index);
            }
        }
    }

    /// The lanes' numbers that follow each other in memory.
    fn beside(&self, begin: Mem, single: bool) -> Mem {
        let size = size(single);
        let offset = begin.offset + i64::from(size) * self.lane.offset as i64;
        Mem::indexed(begin.base, self.index_register(), size, offset)
    }

    fn load_adjacent(&mut self, to: Reg, from: Mem) {
        match (self.lane.masked, self.width()) {
            (true, Width::Eight) => self.asm.vload_masked(to, from, PART),
            (true, Width::Four) => self.asm.vload_where(to, from, part_vector(to)),
            _ => self.asm.vload(to, from),
        }
    }

    /// How far from the beginning each lane's number is, as whole numbers; the beginning may move with that.
    fn indices(&mut self, to: Reg, walk: Walk, begin: Mem, single: bool) -> Mem {
        match walk {
            Walk::Step(step) => {
                let counts = self.frame.count((self.lane.offset * step) as u64, step as u64);
                self.asm.vload(to, counts);
                let index = self.index_register();
                self.asm.times(B, index, u64::from(size(single)) * step as u64);
                self.asm.add(B, begin.base);
                Mem { base: B, ..begin }
            }
            Walk::Table(table) => {
                self.asm.load(B, self.frame.base(table));
                let from = self.beside(Mem::at(B, 0), false);
                self.load_adjacent(to, from);
                begin
            }
            Walk::Columns(step) => {
                self.columns(to);
                if step != 1 {
                    self.scale(to, step as u64);
                }
                begin
            }
            Walk::Stored => {
                if let Some((_, Some(storage))) = self.pattern() {
                    self.widen(to, storage);
                }
                begin
            }
            Walk::Element => begin,
        }
    }

    /// Multiplies whole numbers below 2^32 by a constant below 2^32.
    fn scale(&mut self, to: Reg, by: u64) {
        if by.is_power_of_two() {
            self.asm.shift(true, to, to, by.trailing_zeros());
        } else {
            let by = self.frame.constant(by);
            self.asm.v2(Op2::MulLow, to, to, Operand::Mem(by));
        }
    }

    fn columns(&mut self, to: Reg) {
        if let Some((columns, _)) = self.pattern() {
            self.widen(to, columns);
        }
    }

    /// Whole numbers of 32 bits from an array, one for each element.
    fn widen(&mut self, to: Reg, base: u16) {
        self.asm.load(B, self.frame.base(base));
        let from = Mem::indexed(B, ALONG, 4, 4 * self.lane.offset as i64);
        match (self.lane.masked, self.width()) {
            (true, Width::Eight) => self.asm.vwiden_masked(to, from, PART),
            (true, Width::Four) => self.asm.vwiden_where(to, from, part_vector_32()),
            _ => self.asm.vwiden(to, from),
        }
    }

    /// Numbers at places that a vector tells.
    fn gather(&mut self, to: Reg, begin: Mem, index: Reg, single: bool) {
        match self.width() {
            Width::One => {
                self.asm.lowest(C, index);
                let from = Mem::indexed(begin.base, C, size(single), begin.offset);
                match single {
                    false => self.asm.vload(to, from),
                    true => self.asm.vload_single(to, from),
                }
            }
            Width::Four => {
                let mask = self.take();
                if self.lane.masked {
                    self.asm.vmov(mask, if single { part_vector_32() } else { part_vector(mask) });
                } else {
                    self.asm.vload(mask, self.frame.constant(u64::MAX));
                }
                self.asm.vzero(to);
                match single {
                    false => self.asm.vgather_where(to, begin, index, mask),
                    true => self.asm.vgather_single_where(to, begin, index, mask),
                }
                self.give_back(mask);
            }
            Width::Eight => {
                if self.lane.masked {
                    self.asm.mask_and(SPARE, PART, PART);
                } else {
                    self.asm.mask_all(SPARE);
                }
                self.asm.vzero(to);
                match single {
                    false => self.asm.vgather(to, begin, index, SPARE),
                    true => self.asm.vgather_single(to, begin, index, SPARE),
                }
            }
        }
    }

    /// Numbers of an array at computed places.
    pub fn gather_at(&mut self, to: Reg, base: u16, offset: usize, index: Reg, single: bool) {
        let begin = self.array(base, offset, single);
        self.gather(to, begin, index, single);
    }

    /// Writes the lanes to their places.
    pub fn store(&mut self, place: &Place, value: Reg) {
        let begin = self.row_begin(place);
        if place.single && !value.single {
            let half = self.take();
            self.asm.vnarrow(half, value);
            self.store_half(place, begin, half);
            self.give_back(half);
            return;
        }
        if self.width() == Width::One {
            self.asm.vstore(begin, value);
            return;
        }
        match self.walk(place) {
            // a single element
            Walk::Step(0) => self.asm.vstore(begin, value.as_width(Width::One)),
            Walk::Step(1) => {
                let to = self.beside(begin, place.single);
                match (self.lane.masked, self.width()) {
                    (true, _) if self.lane.first.is_some() => {
                        let bytes = self.lane.first.unwrap_or(0) * size(place.single) as usize;
                        self.store_first(to, value, bytes);
                    }
                    (true, Width::Eight) => self.asm.vstore_masked(to, value, PART),
                    (true, _) => self.asm.vstore_where(to, value, part_vector(value)),
                    _ => self.asm.vstore(to, value),
                }
            }
            walk if self.width() == Width::Eight => {
                let index = self.take();
                let begin = self.indices(index, walk, begin, false);
                self.lanes_that_exist();
                self.asm.vscatter(begin, index, value, SPARE);
                self.give_back(index);
            }
            walk => self.scatter_by_lane(walk, begin, value, false),
        }
    }

    fn store_first(&mut self, to: Mem, value: Reg, bytes: usize) {
        let spare = self.take();
        self.asm.vstore_first(to, value, bytes, spare);
        self.give_back(spare);
    }

    /// Makes the spare mask that of the lanes that exist.
    fn lanes_that_exist(&mut self) {
        if self.lane.masked {
            self.asm.mask_and(SPARE, PART, PART);
        } else {
            self.asm.mask_all(SPARE);
        }
    }

    /// Writes lanes of 64 bits to an array of single precision, for which they have been made narrow.
    fn store_half(&mut self, place: &Place, begin: Mem, half: Reg) {
        if self.width() == Width::One {
            self.asm.vstore_half(begin, half);
            return;
        }
        match self.walk(place) {
            Walk::Step(0) => self.asm.vstore_half(begin, half.as_width(Width::One)),
            Walk::Step(1) => {
                let to = self.beside(begin, true);
                match (self.lane.masked, self.width()) {
                    (true, _) if self.lane.first.is_some() => {
                        self.store_first(to, half, 4 * self.lane.first.unwrap_or(0));
                    }
                    (true, Width::Eight) => self.asm.vstore_half_masked(to, half, PART),
                    (true, _) => self.asm.vstore_half_where(to, half, part_vector_32()),
                    _ => self.asm.vstore_half(to, half),
                }
            }
            walk if self.width() == Width::Eight => {
                let index = self.take();
                let begin = self.indices(index, walk, begin, true);
                self.lanes_that_exist();
                self.asm.vscatter_half(begin, index, half, SPARE);
                self.give_back(index);
            }
            walk => self.scatter_by_lane(walk, begin, half, true),
        }
    }

    /// Writes lane after lane, where the processor cannot do it at once.
    fn scatter_by_lane(&mut self, walk: Walk, begin: Mem, value: Reg, single: bool) {
        let size = size(single);
        let index = self.take();
        let begin = self.indices(index, walk, begin, single);
        let (values, indices) = (self.frame.moving(0), self.frame.moving(1));
        self.asm.vstore(values, value);
        self.asm.vstore(indices, index);
        self.give_back(index);
        let one = self.take().as_width(Width::One).as_single(single);
        let done = self.asm.label();
        for i in 0..4 {
            if self.lane.masked && i > 0 {
                self.asm.lea(C, Mem::at(self.index_register(), i));
                self.asm.compare(END, C);
                self.asm.jump_if(If::BelowEqual, done);
            }
            self.asm.load(C, indices.plus(8 * i));
            self.asm.vload(one, values.plus(i64::from(size) * i));
            self.asm.vstore(Mem::indexed(begin.base, C, size, begin.offset), one);
        }
        self.give_back(one);
        self.asm.place(done);
    }

    /// Keeps lanes for a later section.
    pub fn keep(&mut self, kept: Kept, value: Reg, single: bool) {
        let at = self.frame.kept(kept);
        let at = match kept {
            Kept::Once(_) | Kept::Row(_) => at,
            Kept::Column(_) => self.beside(at, single),
        };
        if single {
            // a truth value, all ones or all zeros, stays that: all ones are no number, and neither is what they become
            let half = self.take();
            self.asm.vnarrow(half, value);
            self.asm.vstore_half(at, half);
            self.give_back(half);
        } else {
            self.asm.vstore(at, value);
        }
    }

    /// Numbers kept for the columns.
    pub fn load_column(&mut self, to: Reg, k: u32) {
        let begin = self.frame.column(k);
        if self.pattern().is_some() && self.lane.lanes == Lanes::Along {
            let index = self.take();
            self.columns(index);
            self.gather(to, begin, index, false);
            self.give_back(index);
            return;
        }
        // the buffer is longer than its numbers
        let from = self.beside(begin, to.single);
        self.asm.vload(to, from);
    }

    /// The numbers of the elements along the row.
    pub fn lanes(&mut self, to: Reg) {
        match self.lane.lanes {
            Lanes::Once | Lanes::Rows => self.asm.vzero(to),
            Lanes::Columns | Lanes::Along => self.counted(to, ALONG),
        }
    }

    fn counted(&mut self, to: Reg, from: Gpr) {
        let counts = self.frame.count(self.lane.offset as u64, 1);
        self.asm.vfrom(to, from);
        self.asm.v2(Op2::AddInt, to, to, Operand::Mem(counts));
    }

    /// The numbers of the rows.
    pub fn row_numbers(&mut self, to: Reg) {
        match self.lane.lanes {
            Lanes::Once | Lanes::Columns => self.asm.vzero(to),
            Lanes::Rows => self.counted(to, ROW),
            Lanes::Along => {
                self.asm.lea(A, Mem::indexed(ROW, WITHIN, 1, 0));
                self.asm.vfrom(to, A);
            }
        }
    }

    /// The columns of a pattern's elements.
    pub fn column_numbers(&mut self, to: Reg) {
        self.columns(to);
    }
}

/// Where a pattern's columns and storage are, if a nest is over one.
fn pattern(frame: &Frame<'_>) -> Option<(u16, Option<u16>)> {
    frame.nest.parts.iter().find_map(|p| match p {
        Part::Along { length: Length::Pattern { columns, storage, .. }, .. } => Some((*columns, *storage)),
        _ => None,
    })
}

/// Moves a pointer by as many numbers as do not fit into an address.
fn beyond(asm: &mut Asm, pointer: Gpr, offset: usize, single: bool) -> Mem {
    let bytes = u64::from(size(single)) * offset as u64;
    if bytes < 1 << 30 {
        return Mem::at(pointer, bytes as i64);
    }
    asm.set(B, bytes);
    asm.add(pointer, B);
    Mem::at(pointer, 0)
}

/// Computes where the present row begins.
pub(super) fn row_pointer(asm: &mut Asm, frame: &Frame<'_>, to: Gpr, place: &RowPlace) {
    asm.load(to, frame.base(place.base));
    let size = size(place.single);
    let at = beyond(asm, to, place.offset, place.single);
    if at.offset != 0 {
        asm.lea(to, at);
    }
    match place.row {
        Walk::Step(0) => {}
        Walk::Step(step) => {
            asm.lea(C, Mem::indexed(ROW, WITHIN, 1, 0));
            asm.times(B, C, u64::from(size) * step as u64);
            asm.add(to, B);
        }
        Walk::Table(table) => {
            asm.lea(C, Mem::indexed(ROW, WITHIN, 1, 0));
            asm.load(B, frame.base(table));
            asm.load(B, Mem::indexed(B, C, 8, 0));
            asm.lea(to, Mem::indexed(to, B, size, 0));
        }
        // elements are counted over all rows
        Walk::Element | Walk::Columns(_) | Walk::Stored => {}
    }
}

/// Gives registers to the places that a section uses most.
pub(super) fn assign_pointers(frame: &Frame<'_>, section: &Section) {
    let mut counts: Vec<(RowPlace, usize)> = Vec::new();
    let loads = section.insts.iter().filter_map(|i| match i {
        Inst::Load(place) => Some(place),
        _ => None,
    });
    let stores = section.effects.iter().filter_map(|e| match e {
        Effect::Store { to, .. } => Some(to),
        _ => None,
    });
    for place in loads.chain(stores) {
        let wanted = RowPlace::from(place);
        match counts.iter_mut().find(|c| c.0 == wanted) {
            Some(c) => c.1 += 1,
            None => counts.push((wanted, 1)),
        }
    }
    counts.sort_by_key(|c| usize::MAX - c.1);
    let registers = POINTERS.iter().copied().map(Some).chain(std::iter::repeat(None));
    *frame.pointers.borrow_mut() = counts.into_iter().map(|c| c.0).zip(registers).collect();
}
