//! From a kernel to its tapes: each operation goes to the tape of its level, loads become operands where the numbers
//! lie side by side, stores become destinations, and values get block registers.

use super::fuse::{Fused, Late, arity};
use super::registers::{allocate, for_each_source, row_sources};
use super::small::{self, Singles, opcode};
use super::tape::{Blocks, Body, Compiled, Dst, How, Instr, Opcode, Reduction, Shape, Src, Tape, View};
use crate::backend::reference::Place;
use crate::ir::passes::hoist::{Level, levels};
use crate::ir::{Access, Domain, Effect, Index, Kernel, Module, Op, Precision, Reg, Ty};
use crate::source::{Id, IndexVec};
use std::collections::HashMap;
use std::sync::Arc;

/// Kernels with at most this many elements are run one by one.
const SMALL: usize = 6;

/// How many bytes the registers of a tape may take: three quarters of a small first-level cache.
const REGISTERS: usize = 24 * 1024;

/// Makes a kernel ready to run.
pub(super) fn lower(module: &Module, kernel: &Kernel) -> Compiled {
    let elements = match &kernel.domain {
        Domain::Dense { dims, .. } => dims.iter().product(),
        Domain::Sparse { pattern, .. } => module.patterns[*pattern].elements(),
    };
    let groups = match &kernel.domain {
        Domain::Dense { dims, reduced } => dims[..dims.len() - reduced].iter().product(),
        Domain::Sparse { pattern, .. } => module.patterns[*pattern].rows,
    };
    if elements <= SMALL && groups <= SMALL && !kernel.by_row {
        small::lower(module, kernel)
    } else {
        Lowering::new(module, kernel).blocks()
    }
}

/// How often each value is used.
fn use_counts(kernel: &Kernel) -> IndexVec<Reg, usize> {
    let mut counts: IndexVec<Reg, usize> = kernel.ops.iter().map(|_| 0).collect();
    let uses = kernel.ops.iter().flat_map(|o| o.uses()).chain(kernel.effects.iter().flat_map(|e| e.uses()));
    uses.for_each(|r| counts[r] += 1);
    counts
}

pub(super) struct Lowering<'a> {
    pub kernel: &'a Kernel,
    shape: Shape,
    pub levels: IndexVec<Reg, Level>,
    pub counts: IndexVec<Reg, usize>,
    pub types: IndexVec<Reg, Ty>,
    module: &'a Module,
    singles: Singles,
    /// Where values computed once are in the table.
    once: HashMap<Reg, u32>,
    views: Vec<View>,
    /// Operands as the column, the row and the element tape see them, with registers not yet allocated.
    seen: [HashMap<Reg, Src>; 3],
    code: [Vec<Instr>; 3],
    next_reg: u32,
    columns: Vec<usize>,
}

/// Which tape: the index into `seen` and `code`.
const COLUMN: usize = 0;
const ROW: usize = 1;
const ELEMENT: usize = 2;

impl<'a> Lowering<'a> {
    fn new(module: &'a Module, kernel: &'a Kernel) -> Self {
        let mut found = levels(kernel);
        let (shape, keep_columns) = match &kernel.domain {
            Domain::Dense { dims, reduced } => {
                let (inner, outer) = dims.split_last().map_or((1, &[][..]), |(i, o)| (*i, o));
                let kept = outer.len() - reduced.saturating_sub(1);
                let rows: usize = outer.iter().product();
                (Shape::Dense { outer: outer.to_vec(), kept, inner }, rows > 1)
            }
            Domain::Sparse { pattern, .. } => {
                let p = &module.patterns[*pattern];
                (Shape::Sparse(Arc::new(p.clone())), p.cols <= p.elements())
            }
        };
        for level in found.iter_mut() {
            if *level == Level::Column && !keep_columns {
                *level = Level::Element;
            }
        }
        Self {
            kernel,
            shape,
            levels: found,
            counts: use_counts(kernel),
            types: kernel.types(module),
            module,
            singles: Singles::default(),
            once: HashMap::new(),
            views: Vec::new(),
            seen: Default::default(),
            code: Default::default(),
            next_reg: 0,
            columns: Vec::new(),
        }
    }

    fn blocks(mut self) -> Compiled {
        let mut fused = self.fused();
        let late = self.late(&mut fused);
        for (reg, op) in self.kernel.ops.iter_enumerated() {
            if late.sunk.contains_key(&reg) || late.onto.contains(&reg) || fused.inner.contains(&reg) {
                continue;
            }
            self.op(reg, op, &late, &fused);
        }
        let reductions = self.reductions();
        self.stores(&late, &fused);
        self.finish(reductions)
    }

    fn op(&mut self, reg: Reg, op: &Op, late: &Late, fused: &Fused) {
        let level = self.levels[reg];
        let alias = if let Op::ToBits(a) | Op::FromBits(a) | Op::Widen(a) = op { Some(*a) } else { None };
        let tape = match level {
            Level::Once => {
                let once = &self.once;
                let at = self.singles.push(op, self.types[reg], |r| once.get(&r).copied().unwrap_or(0));
                self.once.insert(reg, at);
                return;
            }
            Level::Column => COLUMN,
            Level::Row => ROW,
            Level::Element => ELEMENT,
        };
        if let Some(a) = alias {
            let src = self.operand(tape, a);
            self.seen[tape].insert(reg, src);
            if tape == COLUMN {
                self.publish(reg);
            }
            return;
        }
        if let Op::Load(access) = op
            && let Some(src) = self.direct(tape, access, reg, late)
        {
            self.seen[tape].insert(reg, src);
            return;
        }
        let dst = self.fresh();
        self.emit(tape, op, reg, Dst::Reg(dst), fused);
        self.seen[tape].insert(reg, Src::Reg(dst));
        if tape == COLUMN {
            self.publish(reg);
        }
    }

    fn fresh(&mut self) -> u32 {
        self.next_reg += 1;
        self.next_reg - 1
    }

    /// Puts a column value that elements use into a buffer of its own.
    fn publish(&mut self, reg: Reg) {
        let uses = |r| r == reg;
        let users = self.kernel.ops.iter_enumerated().filter(|(_, op)| op.uses().any(uses));
        let by_elements = users.into_iter().any(|(r, _)| self.levels[r] == Level::Element);
        let by_effects = self.kernel.effects.iter().any(|e| e.uses().any(uses));
        if by_elements || by_effects {
            let column = self.columns.len() as u32;
            self.columns.push(match &self.shape {
                Shape::Dense { inner, .. } => *inner,
                Shape::Sparse(p) => p.cols,
            });
            let src = self.seen[COLUMN][&reg];
            let [a, b, c, d] = [Src::Once(0); 4];
            self.code[COLUMN].push(Instr::Op {
                op: Opcode::Copy,
                dst: Dst::Column(column),
                args: [src, a, b, c, d],
            });
            self.seen[COLUMN].insert(reg, Src::Column(column));
        }
    }

    fn view(&mut self, access: &Access, checked: bool) -> u32 {
        let (outer, inner, element) = match &access.index {
            Index::Element => (Vec::new(), 1, true),
            Index::Strides(s) => match s.split_last() {
                Some((inner, outer)) => (outer.to_vec(), *inner, false),
                None => (Vec::new(), 0, false),
            },
        };
        let single = self.is_single(access);
        let view =
            View { slot: access.slot.index(), base: access.base, outer, inner, element, checked, single };
        let found = self.views.iter().position(|v| *v == view).unwrap_or_else(|| {
            self.views.push(view);
            self.views.len() - 1
        });
        found as u32
    }

    /// Whether an array keeps single precision.
    fn is_single(&self, access: &Access) -> bool {
        self.module.precision(access.slot) == Precision::Single
    }

    /// How the lanes of the element tape find the places of an access.
    pub(super) fn how(&self, access: &Access) -> How {
        match (&self.shape, &access.index) {
            (Shape::Dense { .. }, _) => How::Inner,
            (Shape::Sparse(p), Index::Element) if p.storage.is_none() => How::Inner,
            (Shape::Sparse(_), Index::Element) => How::Element,
            (Shape::Sparse(_), Index::Strides(_)) => How::Pair,
        }
    }

    /// The operand that reads an array in place, where its numbers lie side by side.
    fn direct(&mut self, tape: usize, access: &Access, reg: Reg, late: &Late) -> Option<Src> {
        let unit = match &access.index {
            _ if self.is_single(access) => false,
            Index::Element => true,
            Index::Strides(s) => s.last() == Some(&1),
        };
        let adjacent = match tape {
            COLUMN => unit,
            ELEMENT => unit && self.how(access) == How::Inner && !late.loads.contains(&reg),
            _ => false,
        };
        adjacent.then(|| Src::Slot(self.view(access, false)))
    }

    /// The value as a tape sees it.
    fn operand(&mut self, tape: usize, reg: Reg) -> Src {
        if let Some(at) = self.once.get(&reg) {
            return Src::Once(*at);
        }
        if let Some(src) = self.seen[tape].get(&reg) {
            return *src;
        }
        // only the element tape uses values of others
        let src = match self.levels[reg] {
            Level::Row => match self.seen[ROW].get(&reg) {
                Some(Src::Reg(r)) => Src::Row(*r),
                Some(other) => *other,
                None => Src::Once(0),
            },
            Level::Column => {
                let column = self.seen[COLUMN].get(&reg).copied().unwrap_or(Src::Once(0));
                match (&self.shape, column) {
                    (Shape::Sparse(_), Src::Column(column)) => {
                        let dst = self.fresh();
                        self.code[tape].push(Instr::LoadColumn { dst: Dst::Reg(dst), column });
                        Src::Reg(dst)
                    }
                    (Shape::Sparse(_), Src::Slot(view)) => {
                        let dst = self.fresh();
                        self.code[tape].push(Instr::Load { dst: Dst::Reg(dst), view, how: How::Pair });
                        Src::Reg(dst)
                    }
                    (_, src) => src,
                }
            }
            Level::Once | Level::Element => Src::Once(0),
        };
        self.seen[tape].insert(reg, src);
        src
    }

    /// Appends the instruction of an operation, with what is fused into it.
    fn emit(&mut self, tape: usize, op: &Op, reg: Reg, dst: Dst, fused: &Fused) {
        let inner_loop = match (tape, &self.shape) {
            (ROW, _) => How::Rows,
            (ELEMENT, Shape::Sparse(_)) => How::Pair,
            _ => How::Inner,
        };
        let instr = match op {
            _ if fused.polynomials.contains_key(&reg) => {
                let (x, constants) = &fused.polynomials[&reg];
                Instr::Polynomial { dst, x: self.operand(tape, *x), constants: constants.as_slice().into() }
            }
            Op::Load(access) => {
                let how = if tape == ELEMENT { self.how(access) } else { inner_loop };
                Instr::Load { dst, view: self.view(access, false), how }
            }
            Op::Gather { slot, base, len, index } => {
                let index = self.operand(tape, *index);
                let single = self.types[reg] == Ty::Single;
                Instr::Gather { dst, slot: slot.0, base: *base, len: *len, index, single }
            }
            Op::Coord(dim) => Instr::Coord { dst, dim: *dim, how: inner_loop },
            Op::Random { key, element, draw, word } => {
                let draw = self.operand(tape, *draw);
                let strides = element.strides.as_slice().into();
                Instr::Random {
                    dst,
                    key: *key,
                    word: *word,
                    base: element.base,
                    strides,
                    draw,
                    how: inner_loop,
                }
            }
            op => {
                let (op, regs) = fused.outer.get(&reg).copied().unwrap_or_else(|| {
                    let (op, [a, b, c]) = opcode(op, self.types[reg]).unwrap_or((Opcode::Copy, [Reg(0); 3]));
                    (op, [a, b, c, Reg(0), Reg(0)])
                });
                let used = arity(op);
                let mut args = [Src::Once(0); 5];
                for (arg, reg) in args.iter_mut().zip(regs).take(used) {
                    *arg = self.operand(tape, reg);
                }
                Instr::Op { op, dst, args }
            }
        };
        self.code[tape].push(instr);
    }

    fn reductions(&mut self) -> Vec<Reduction> {
        let mut found = Vec::new();
        for effect in &self.kernel.effects {
            let Effect::Reduce { kind, a, b, mask, to, checked } = effect else { continue };
            let single = self.types[*a] == Ty::Single;
            let a = self.operand(ELEMENT, *a);
            let b = b.map(|b| self.operand(ELEMENT, b));
            let mask = mask.map(|m| self.operand(ELEMENT, m));
            self.code[ELEMENT].push(Instr::Reduce { reduction: found.len() as u32, a, b, mask });
            let outer = if let Index::Strides(s) = &to.index { s.clone() } else { Vec::new() };
            found.push(Reduction {
                kind: *kind,
                slot: to.slot.index(),
                base: to.base,
                outer,
                checked: *checked,
                single,
            });
        }
        found
    }

    fn stores(&mut self, late: &Late, fused: &Fused) {
        // operands first: what they need to be loaded must not come after a store
        let effects: Vec<_> = self.kernel.effects.iter().enumerate().collect();
        for (i, effect) in &effects {
            let Effect::Store { value, .. } = effect else { continue };
            if late.sunk.get(value) == Some(i) {
                let regs = match fused.outer.get(value) {
                    Some((op, regs)) => regs[..arity(*op)].to_vec(),
                    None => self.kernel.ops[*value].uses().collect(),
                };
                for reg in regs {
                    self.operand(ELEMENT, reg);
                }
            } else {
                self.operand(ELEMENT, *value);
            }
        }
        for (i, effect) in effects {
            let Effect::Store { value, to, checked } = effect else { continue };
            let view = self.view(to, *checked);
            if late.sunk.get(value) == Some(&i) {
                self.emit(ELEMENT, &self.kernel.ops[*value], *value, Dst::Slot(view), fused);
                continue;
            }
            let value = self.operand(ELEMENT, *value);
            let how = self.how(to);
            let unit = self.views[view as usize].inner == 1 && !self.views[view as usize].single;
            self.code[ELEMENT].push(if unit && how == How::Inner {
                let none = Src::Once(0);
                Instr::Op { op: Opcode::Copy, dst: Dst::Slot(view), args: [value, none, none, none, none] }
            } else {
                Instr::Scatter { view, value, how }
            });
        }
    }

    fn finish(self, reductions: Vec<Reduction>) -> Compiled {
        let [mut column, mut row, mut element] = self.code;
        let pinned: Vec<u32> = element.iter().flat_map(row_sources).collect();
        let column_regs = allocate(&mut column, &[]).1;
        let (places, row_regs) = allocate(&mut row, &pinned);
        for instr in &mut element {
            for_each_source(instr, |src| {
                if let Src::Row(r) = src {
                    *r = places.get(r).copied().unwrap_or(0);
                }
            });
        }
        let element_regs = allocate(&mut element, &[]).1;
        let addresses =
            self.singles.addresses(&Place { index: vec![0; self.kernel.domain.rank()], element: 0 });
        // a table is never empty, so that operands without a meaning have a place
        let mut table = self.singles.table;
        if table.is_empty() {
            table.push(0.0);
        }
        let longest = match &self.shape {
            Shape::Dense { inner, .. } => *inner,
            Shape::Sparse(p) => p.row_start.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0),
        };
        let blocks = Blocks {
            block: block_size(
                element_regs.max(column_regs),
                longest.max(self.columns.iter().copied().max().unwrap_or(0)),
            ),
            row_block: block_size(row_regs, usize::MAX),
            shape: self.shape,
            views: self.views,
            reductions,
            once: self.singles.code,
            addresses,
            column: Tape { code: column, regs: column_regs },
            columns: self.columns,
            row: Tape { code: row, regs: row_regs },
            element: Tape { code: element, regs: element_regs },
        };
        Compiled { table, body: Body::Blocks(blocks) }
    }
}

/// How many lanes a block has: what fits the cache, or the whole row where no register is used.
fn block_size(regs: usize, longest: usize) -> usize {
    if regs == 0 && longest < usize::MAX {
        return longest.next_multiple_of(16).max(16);
    }
    let fitting = REGISTERS / size_of::<f64>() / regs.max(1);
    (fitting & !15).clamp(128, 1024).min(longest.saturating_add(15) & !15).max(16)
}
