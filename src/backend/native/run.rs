use super::ahead::Far;
use super::asm::Width;
use super::code::Code;
use super::emit::{Emitter, Range};
use super::index::without_index;
use super::lir::{Base, Nest};
use super::lower;
use super::memory::Memory;
use crate::backend::{Arrays, Backend, Cpu, NonFinite, vm};
use crate::ir::{self, Effect, KernelId, Module, VerifyError};
use crate::source::IndexVec;
use std::ops;
use std::sync::Arc;

/// Makes machine code.
#[derive(Debug, Clone, Copy)]
pub struct Native {
    cpu: Cpu,
}

impl Native {
    /// With these instructions, if machine code can be made for them.
    pub fn new(cpu: Cpu) -> Option<Self> {
        width(cpu).map(|_| Self { cpu })
    }

    pub(super) fn width(self) -> Width {
        width(self.cpu).unwrap_or(Width::Four)
    }
}

pub(super) fn width(cpu: Cpu) -> Option<Width> {
    match cpu {
        Cpu::Baseline => None,
        Cpu::Avx2(_) => Some(Width::Four),
        Cpu::Avx512(_) => Some(Width::Eight),
    }
}

/// Kernels as machine code. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Program {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    code: Code,
    /// Where each kernel's function begins, if it has one.
    functions: IndexVec<KernelId, Option<usize>>,
    /// Of how many rows some can be chosen.
    rows: IndexVec<KernelId, usize>,
    /// What a kernel goes through that is far away, for those of whose rows some can be chosen.
    far: IndexVec<KernelId, Option<Far>>,
    any_far: bool,
    /// What scratch memory holds before the first run.
    memory: Vec<u64>,
    /// The lengths of arrays that kernels need besides the module's.
    extra: Vec<usize>,
    /// What the pointers after those to the arrays point to.
    tables: Vec<Base>,
    module: Module,
    fallback: vm::Program,
}

/// The memory a thread needs to run a [`Program`].
#[derive(Debug)]
pub struct Scratch {
    memory: Memory,
    fallback: vm::Scratch,
}

impl Backend for Native {
    type Program = Program;

    fn compile(&self, module: &Module) -> Result<Program, VerifyError> {
        let fallback = vm::Vm { cpu: self.cpu }.compile(module)?;
        let width = width(self.cpu).unwrap_or(Width::Four);
        let mut extra = Vec::new();
        let all: Vec<_> =
            module.kernels.iter().map(|k| nests(module, module, k, (width, None), &mut extra)).collect();
        let mut emitter = Emitter::new(width, module.slots.len() + extra.len());
        let mut sequence = |(nests, kernel): (Vec<Nest>, &ir::Kernel)| {
            let range = if chosen(module, kernel) > 1 { Range::Few } else { Range::Whole };
            let ranged: Vec<_> = nests.into_iter().map(|n| (n, range)).collect();
            emitter.sequence(&ranged)
        };
        let labels: Vec<_> = all
            .into_iter()
            .zip(module.kernels.iter())
            .map(|(nests, kernel)| nests.map(|n| sequence((n, kernel))))
            .collect();
        let memory = emitter.layout.borrow().memory();
        let tables = std::mem::take(&mut emitter.layout.borrow_mut().tables);
        let made = emitter.asm.finish();
        // without memory for code, or instructions that fit, there is always the other way
        let (bytes, offsets) = made.unwrap_or_default();
        let (code, usable) = match Code::new(&bytes) {
            Ok(code) => (code, !bytes.is_empty()),
            Err(_) => (Code::none(), false),
        };
        let functions = labels
            .iter()
            .map(|label| label.filter(|_| usable).and_then(|l| offsets.get(l.number()).copied()))
            .collect();
        let rows = module.kernels.iter().map(|k| chosen(module, k)).collect();
        let far: IndexVec<KernelId, _> = module.kernels.iter().map(|k| Far::of(module, k)).collect();
        let any_far = far.iter().any(Option::is_some);
        let module = module.clone();
        let inner = Inner { code, functions, rows, far, any_far, memory, extra, tables, module, fallback };
        Ok(Program { inner: Arc::new(inner) })
    }
}

/// The nests of a kernel, if there is machine code for what it does; what they need besides the module's arrays is
/// added to `extra`. `arrays` has those that the kernel names, maybe more than the module's; `pass` is how many rows are
/// computed at once, if not all.
pub(super) fn nests(
    module: &Module,
    arrays: &Module,
    kernel: &ir::Kernel,
    (width, pass): (Width, Option<usize>),
    extra: &mut Vec<usize>,
) -> Option<Vec<Nest>> {
    let parts = without_index(module, kernel, extra)?;
    let parts = parts.into_iter().map(|part| few_reductions(part, width)).collect::<Option<Vec<_>>>()?;
    parts.iter().flatten().map(|part| nest(arrays, part, width, pass)).collect()
}

/// Of how many rows of a kernel some can be chosen; of one row there is nothing to choose.
fn chosen(module: &Module, kernel: &ir::Kernel) -> usize {
    if kernel.by_row { kernel.rows(module) } else { 1 }
}

/// How many reductions a loop can have, as their partial results stay in registers.
fn most(width: Width) -> usize {
    if width == Width::Eight { 8 } else { 2 }
}

/// A kernel as several with as many reductions as there are registers for. What is stored comes last, as the others
/// read what was there before; `None` where a result is read again.
fn few_reductions(kernel: ir::Kernel, width: Width) -> Option<Vec<ir::Kernel>> {
    let (reductions, stores): (Vec<_>, Vec<_>) =
        kernel.effects.iter().cloned().partition(|e| matches!(e, Effect::Reduce { .. }));
    if reductions.len() <= most(width) {
        return Some(vec![kernel]);
    }
    let reads = |e: &Effect| {
        kernel.ops.iter().any(|op| match op {
            ir::Op::Load(access) => access.slot == e.to().slot,
            ir::Op::Gather { slot, .. } => *slot == e.to().slot,
            _ => false,
        })
    };
    if reductions.iter().any(reads) {
        return None;
    }
    let mut parts: Vec<Vec<Effect>> = reductions.chunks(most(width)).map(<[Effect]>::to_vec).collect();
    if let Some(last) = parts.last_mut() {
        last.extend(stores);
    }
    Some(parts.into_iter().map(|effects| ir::Kernel { effects, ..kernel.clone() }).collect())
}

fn nest(module: &Module, kernel: &ir::Kernel, width: Width, pass: Option<usize>) -> Option<Nest> {
    let reductions = kernel.effects.iter().filter(|e| matches!(e, Effect::Reduce { .. })).count();
    let nest = lower::nest(module, kernel, pass);
    // those beside lanes of 64 bits take twice as many registers, of which four lanes have too few
    let halves = nest.half_sums();
    if halves > 0 && (width == Width::Four || reductions + halves > most(width)) {
        return None;
    }
    // rows and columns are counted in 32 bits here and there
    (nest.rows < 1 << 31 && nest.columns.1 < 1 << 31).then_some(nest)
}

impl Program {
    /// Whether it helps to know which rows will be run next.
    pub fn expects(&self) -> bool {
        self.inner.any_far
    }

    /// These rows will be run next, one after the other: asks for the memory that they need.
    pub fn expect_rows(&self, next: &[(KernelId, ops::Range<usize>)], arrays: &Arrays) {
        let module = &self.inner.module;
        let far = next.iter().filter_map(|(kernel, rows)| Some((self.inner.far[*kernel].as_ref()?, rows)));
        for (i, (far, rows)) in far.take(2).enumerate() {
            match i {
                0 => far.ask_for_synapses(module, rows.clone(), arrays),
                _ => far.ask_for_lists(module, rows.clone(), arrays),
            }
        }
    }

    /// The machine code of a kernel, if it has any; for people who look for what takes the time.
    pub fn listing(&self, kernel: KernelId) -> Option<String> {
        self.inner.functions[kernel].map(|at| super::listing::listing(self.inner.code.bytes(), at))
    }
}

impl super::super::Program for Program {
    type Scratch = Scratch;

    fn scratch(&self) -> Scratch {
        Scratch {
            memory: Memory::new(&self.inner.memory, &self.inner.extra),
            fallback: self.inner.fallback.scratch(),
        }
    }

    fn run(&self, kernels: &[KernelId], arrays: &mut Arrays, scratch: &mut Scratch) -> Result<(), NonFinite> {
        scratch.memory.point(&self.inner.module, &self.inner.tables, arrays);
        for kernel in kernels {
            let Some(at) = self.inner.functions[*kernel] else {
                self.inner.fallback.run(&[*kernel], arrays, &mut scratch.fallback)?;
                continue;
            };
            scratch.memory.rows(0, self.inner.rows[*kernel]);
            // SAFETY: a function begins there, made for this module and this memory, which points to these arrays;
            // nobody else has them.
            #[allow(unsafe_code)]
            let finite = unsafe { scratch.memory.call(&self.inner.code, at, 1) };
            if !finite {
                return self.inner.fallback.find(*kernel, arrays).map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    fn run_rows(
        &self,
        kernels: &[(KernelId, ops::Range<usize>)],
        arrays: &mut Arrays,
        scratch: &mut Scratch,
    ) -> Result<(), NonFinite> {
        scratch.memory.point(&self.inner.module, &self.inner.tables, arrays);
        for (i, (kernel, rows)) in kernels.iter().enumerate() {
            if self.inner.any_far {
                let after = &kernels[i + 1..];
                self.expect_rows(&after[..after.len().min(2)], arrays);
            }
            let Some(at) = self.inner.functions[*kernel] else {
                self.inner.fallback.run_rows(&[(*kernel, rows.clone())], arrays, &mut scratch.fallback)?;
                continue;
            };
            assert!(rows.start <= rows.end && rows.end <= self.inner.rows[*kernel], "rows of the kernel");
            scratch.memory.rows(rows.start, rows.end);
            // SAFETY: a function begins there, made for this module and this memory, which points to these arrays;
            // nobody else has them. The rows are rows of the kernel, as has just been asked.
            #[allow(unsafe_code)]
            let finite = unsafe { scratch.memory.call(&self.inner.code, at, 1) };
            if !finite {
                return self.inner.fallback.find(*kernel, arrays).map_or(Ok(()), Err);
            }
        }
        Ok(())
    }
}
