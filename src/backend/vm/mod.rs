//! The portable back end: tapes of instructions, each run over a block of elements at a time.
//!
//! A kernel's operations are spread over three tapes by what they depend on ([`hoist`](crate::ir::passes::hoist)):
//! what depends on the row is computed for many rows at once, what depends on the column once for the whole kernel,
//! and only the rest for every element. The loops over a block are plain Rust, compiled for several instruction
//! sets, and the best one is chosen when a program is made ([`Cpu`]); the bits are the same with each.
//! Kernels over a few elements are run number by number instead, which takes some ten nanoseconds.

mod exec;
mod fuse;
mod lanes;
mod learn;
mod listing;
mod lower;
mod machine;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod random_tests;
mod registers;
mod rows;
mod small;
mod tape;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

use super::{Arrays, Backend, Cpu, NonFinite};
use crate::ir::{self, Effect, Kernel, KernelId, Module, VerifyError};
use crate::source::{Id, IndexVec};
use exec::Buffers;
use pulp::{NullaryFnOnce, Simd};
use std::ops::Range;
use std::sync::Arc;
use tape::{Body, Compiled};

/// The portable back end.
#[derive(Debug, Clone, Copy)]
pub struct Vm {
    /// The instructions it uses.
    pub cpu: Cpu,
}

impl Default for Vm {
    fn default() -> Self {
        Self { cpu: Cpu::detect() }
    }
}

impl Backend for Vm {
    type Program = Program;

    fn compile(&self, module: &Module) -> Result<Program, VerifyError> {
        ir::verify(module)?;
        let kernels = module.kernels.iter().map(|k| lower::lower(module, k)).collect();
        let inner = Inner { cpu: self.cpu, kernels, module: module.clone() };
        Ok(Program { inner: Arc::new(inner) })
    }
}

/// Makes a module ready to run, with the instructions that `PLAST_CPU` names or the best there are.
///
/// The command line refuses what `PLAST_CPU` should not say; here it counts as nothing said.
pub fn compile(module: &Module) -> Result<Program, VerifyError> {
    Vm { cpu: Cpu::from_env().unwrap_or_else(|_| Cpu::detect()) }.compile(module)
}

/// Kernels as tapes. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Program {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    cpu: Cpu,
    kernels: IndexVec<KernelId, Compiled>,
    module: Module,
}

/// The memory a thread needs to run a [`Program`].
#[derive(Debug, Clone)]
pub struct Scratch {
    /// The numbers of each kernel that are computed once, its constants among them.
    tables: Vec<Vec<f64>>,
    buffers: Buffers,
}

impl Program {
    /// The instructions it uses.
    pub fn cpu(&self) -> Cpu {
        self.inner.cpu
    }

    /// The tapes of a kernel, for people who look for what takes the time.
    pub fn listing(&self, kernel: KernelId) -> String {
        listing::listing(&self.inner.module, &self.inner.kernels[kernel])
    }

    /// Where a kernel that has just run left a number that is not finite.
    #[cold]
    pub(in crate::backend) fn find(&self, kernel: KernelId, arrays: &Arrays) -> Option<NonFinite> {
        let k = &self.inner.module.kernels[kernel];
        k.effects.iter().find_map(|effect| first_fault(&self.inner.module, k, kernel, effect, arrays))
    }
}

/// The first place an effect wrote that is not finite, if it is checked.
fn first_fault(
    module: &Module,
    k: &Kernel,
    kernel: KernelId,
    effect: &Effect,
    arrays: &Arrays,
) -> Option<NonFinite> {
    let (Effect::Store { to, checked, .. } | Effect::Reduce { to, checked, .. }) = effect;
    if !checked {
        return None;
    }
    let fault = |index: usize| NonFinite { kernel, slot: to.slot, index };
    let bad = |at: &usize| arrays.value(to.slot, *at).is_some_and(|v| !v.is_finite());
    let dims = match &k.domain {
        ir::Domain::Dense { dims, .. } => dims.clone(),
        ir::Domain::Sparse { pattern, .. } => {
            let p = &module.patterns[*pattern];
            vec![p.rows, p.cols]
        }
    };
    match &to.index {
        ir::Index::Element => (to.base..arrays.len_of(to.slot)).find(bad).map(fault),
        ir::Index::Strides(strides) => {
            let dims = &dims[..strides.len()];
            let count: usize = dims.iter().product();
            let place = |mut n: usize| {
                let mut at = to.base;
                for (s, d) in strides.iter().zip(dims).rev() {
                    at += n % d * s;
                    n /= d;
                }
                at
            };
            (0..count).map(place).find(bad).map(fault)
        }
    }
}

impl super::Program for Program {
    type Scratch = Scratch;

    fn scratch(&self) -> Scratch {
        let mut buffers = Buffers::default();
        for k in self.inner.kernels.iter() {
            match &k.body {
                Body::Small(s) => buffers.fit_reductions(s.reductions.len()),
                Body::Blocks(b) => buffers.fit(b),
            }
        }
        Scratch { tables: self.inner.kernels.iter().map(|k| k.table.clone()).collect(), buffers }
    }

    fn run(&self, kernels: &[KernelId], arrays: &mut Arrays, scratch: &mut Scratch) -> Result<(), NonFinite> {
        self.some(kernels, None, arrays, scratch)
    }

    fn run_rows(
        &self,
        kernels: &[(KernelId, Range<usize>)],
        arrays: &mut Arrays,
        scratch: &mut Scratch,
    ) -> Result<(), NonFinite> {
        kernels.iter().try_for_each(|(k, rows)| self.some(&[*k], Some(rows.clone()), arrays, scratch))
    }
}

impl Program {
    fn some(
        &self,
        kernels: &[KernelId],
        rows: Option<Range<usize>>,
        arrays: &mut Arrays,
        scratch: &mut Scratch,
    ) -> Result<(), NonFinite> {
        let inner = &*self.inner;
        let failed = match inner.cpu {
            Cpu::Baseline => pulp::Scalar::new().vectorize(All {
                simd: pulp::Scalar::new(),
                inner,
                kernels,
                arrays,
                scratch,
                rows,
            }),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(simd) => simd.vectorize(All { simd, inner, kernels, arrays, scratch, rows }),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512(simd) => simd.vectorize(All { simd, inner, kernels, arrays, scratch, rows }),
        };
        match failed {
            None => Ok(()),
            Some(kernel) => self.find(kernel, arrays).map_or(Ok(()), Err),
        }
    }
}

/// A list of kernels, run within one switch to the instruction set.
struct All<'a, V> {
    simd: V,
    inner: &'a Inner,
    kernels: &'a [KernelId],
    arrays: &'a mut Arrays,
    scratch: &'a mut Scratch,
    /// Only these rows, of kernels that are run so.
    rows: Option<Range<usize>>,
}

impl<V: Simd> NullaryFnOnce for All<'_, V> {
    type Output = Option<KernelId>;

    #[inline(always)]
    fn call(self) -> Option<KernelId> {
        for id in self.kernels {
            let table = &mut self.scratch.tables[id.index()];
            let finite = match &self.inner.kernels[*id].body {
                Body::Small(k) => exec::small(k, table, self.arrays, &mut self.scratch.buffers),
                Body::Blocks(k) => exec::blocks(
                    self.simd,
                    k,
                    table,
                    self.arrays,
                    &mut self.scratch.buffers,
                    self.rows.clone(),
                ),
            };
            if !finite {
                return Some(*id);
            }
        }
        None
    }
}
