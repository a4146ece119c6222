//! The back end that runs are made with: machine code where the processor has it, the `vm` elsewhere.

use super::Backend as _;
#[cfg(target_arch = "x86_64")]
use super::native;
use super::{Arrays, Cpu, NonFinite, Program as _, vm};
use crate::ir::{KernelId, Module, Stretch, VerifyError};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// Which back end to use. It changes how fast a run is, never a bit of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// Machine code where the processor has it.
    #[default]
    Auto,
    /// The virtual machine.
    Vm,
    /// Machine code.
    Native,
}

/// There is no machine code for this processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no machine code for this processor: that takes AVX2 and FMA, or AVX-512")]
pub struct NoMachineCode;

impl Choice {
    /// Whether it can be had, with the instructions that `PLAST_CPU` names or the best there are.
    ///
    /// # Errors
    /// If machine code is asked for and there is none for this processor.
    pub fn available(self) -> Result<(), NoMachineCode> {
        let cpu = Cpu::from_env().unwrap_or_else(|_| Cpu::detect());
        if self == Self::Native && matches!(cpu, Cpu::Baseline) { Err(NoMachineCode) } else { Ok(()) }
    }
}

/// The kernels of a module, ready to run.
#[derive(Debug, Clone)]
pub enum Engine {
    /// By the virtual machine.
    Vm(vm::Program),
    /// As machine code, and what makes more of it.
    #[cfg(target_arch = "x86_64")]
    Native(native::Program, native::Native),
}

/// The memory a thread needs to run an [`Engine`].
#[derive(Debug)]
pub enum Scratch {
    /// That of the virtual machine.
    Vm(vm::Scratch),
    /// That of machine code.
    #[cfg(target_arch = "x86_64")]
    Native(native::Scratch),
}

impl Engine {
    /// Makes the kernels of a module ready, with the instructions that `PLAST_CPU` names or the best there are.
    ///
    /// # Errors
    /// If the module is out of order, which is a fault of whoever built it.
    pub fn new(module: &Module, choice: Choice) -> Result<Self, VerifyError> {
        let cpu = Cpu::from_env().unwrap_or_else(|_| Cpu::detect());
        #[cfg(target_arch = "x86_64")]
        if choice != Choice::Vm
            && let Some(native) = native::Native::new(cpu)
        {
            return Ok(Self::Native(native.compile(module)?, native));
        }
        let _ = choice;
        Ok(Self::Vm(vm::Vm { cpu }.compile(module)?))
    }

    /// Memory for a thread.
    pub fn scratch(&self) -> Scratch {
        match self {
            Self::Vm(p) => Scratch::Vm(p.scratch()),
            #[cfg(target_arch = "x86_64")]
            Self::Native(p, _) => Scratch::Native(p.scratch()),
        }
    }

    /// Runs kernels one after the other, as [`Program::run`](super::Program::run).
    ///
    /// # Errors
    /// The first number that had to be finite and was not.
    pub fn run(
        &self,
        kernels: &[KernelId],
        arrays: &mut Arrays,
        scratch: &mut Scratch,
    ) -> Result<(), NonFinite> {
        match (self, scratch) {
            (Self::Vm(p), Scratch::Vm(s)) => p.run(kernels, arrays, s),
            #[cfg(target_arch = "x86_64")]
            (Self::Native(p, _), Scratch::Native(s)) => p.run(kernels, arrays, s),
            // memory of another engine serves no purpose here; take some of one's own
            #[cfg(target_arch = "x86_64")]
            (engine, _) => engine.run(kernels, arrays, &mut engine.scratch()),
        }
    }

    /// Runs some rows of kernels, as [`Program::run_rows`](super::Program::run_rows).
    ///
    /// # Errors
    /// The first number that had to be finite and was not.
    pub fn run_rows(
        &self,
        kernels: &[(KernelId, Range<usize>)],
        arrays: &mut Arrays,
        scratch: &mut Scratch,
    ) -> Result<(), NonFinite> {
        match (self, scratch) {
            (Self::Vm(p), Scratch::Vm(s)) => p.run_rows(kernels, arrays, s),
            #[cfg(target_arch = "x86_64")]
            (Self::Native(p, _), Scratch::Native(s)) => p.run_rows(kernels, arrays, s),
            #[cfg(target_arch = "x86_64")]
            (engine, _) => engine.run_rows(kernels, arrays, &mut engine.scratch()),
        }
    }

    /// Whether it helps to know which rows will be run next.
    pub fn expects(&self) -> bool {
        match self {
            Self::Vm(_) => false,
            #[cfg(target_arch = "x86_64")]
            Self::Native(p, _) => p.expects(),
        }
    }

    /// These rows of kernels will be run next, one after the other. Nothing that is computed depends on it.
    pub fn expect_rows(&self, kernels: &[(KernelId, Range<usize>)], arrays: &Arrays) {
        match self {
            Self::Vm(_) => {}
            #[cfg(target_arch = "x86_64")]
            Self::Native(p, _) => p.expect_rows(kernels, arrays),
        }
    }

    /// The machine code of a kernel, if it has any.
    pub fn listing(&self, kernel: KernelId) -> Option<String> {
        match self {
            Self::Vm(_) => None,
            #[cfg(target_arch = "x86_64")]
            Self::Native(p, _) => p.listing(kernel),
        }
    }

    /// Makes a stretch ready; `None` where this engine goes tick by tick.
    pub fn stretch(&self, module: &Module, stretch: Stretch) -> Option<Loop> {
        match self {
            Self::Vm(_) => None,
            #[cfg(target_arch = "x86_64")]
            Self::Native(_, native) => {
                let turns = native.turns(module, &stretch)?;
                Some(Loop { turns, workers: native::Workers::default(), stretch })
            }
        }
    }
}

/// What a stretch is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    /// How many ticks pass, at least one.
    pub ticks: u64,
    /// Whether what follows from the states has been computed.
    pub observed: bool,
    /// Whether it is left undone at the end.
    pub close: bool,
}

/// Why ticks did not pass; the arrays are then of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// A number that had to be finite was not, and where is not known.
    Bad,
    /// The run was stopped.
    Stopped,
}

/// A stretch, ready to run.
#[derive(Debug)]
pub struct Loop {
    #[cfg(target_arch = "x86_64")]
    turns: native::Turns,
    #[cfg(target_arch = "x86_64")]
    workers: native::Workers,
    stretch: Stretch,
}

impl Loop {
    /// The stretch it was made of.
    pub fn stretch(&self) -> &Stretch {
        &self.stretch
    }

    /// The machine code of its parts, each with what it does.
    pub fn listing(&self) -> Vec<(&'static str, String)> {
        #[cfg(target_arch = "x86_64")]
        return self.turns.listing().into();
        #[cfg(not(target_arch = "x86_64"))]
        Vec::new()
    }

    /// How many rows go through all ticks together, if any do.
    pub fn tile(&self) -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        return self.turns.tile();
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// About how many elements a tick visits.
    pub fn elements(&self) -> usize {
        #[cfg(target_arch = "x86_64")]
        return self.turns.elements();
        #[cfg(not(target_arch = "x86_64"))]
        0
    }

    /// About how many elements a tick visits of the rows that go through all ticks together.
    pub fn part(&self) -> usize {
        #[cfg(target_arch = "x86_64")]
        return self.turns.part();
        #[cfg(not(target_arch = "x86_64"))]
        0
    }

    /// How many threads so many ticks are worth, of so many.
    pub fn threads(&self, ticks: u64, threads: usize) -> usize {
        #[cfg(target_arch = "x86_64")]
        return self.turns.threads(ticks, threads);
        #[cfg(not(target_arch = "x86_64"))]
        {
            let _ = (ticks, threads);
            1
        }
    }

    /// Lets ticks pass. The arrays are those of the module it was made for.
    ///
    /// # Errors
    /// If a number that is checked was not finite, or if `stop` was set on the way.
    pub fn run(
        &mut self,
        module: &Module,
        arrays: &mut Arrays,
        ticks: Ticks,
        threads: usize,
        stop: Option<&AtomicBool>,
    ) -> Result<(), Unfinished> {
        #[cfg(target_arch = "x86_64")]
        return self.turns.run(module, arrays, &mut self.workers, ticks, threads, stop);
        #[cfg(not(target_arch = "x86_64"))]
        {
            let _ = (module, arrays, ticks, threads, stop);
            Err(Unfinished::Stopped)
        }
    }
}
