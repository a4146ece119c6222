//! Machine code in memory that is first writable and then executable, never both.

use memmap2::{Mmap, MmapMut};
use std::io;

/// Finished machine code.
#[derive(Debug)]
pub(super) struct Code {
    memory: Option<Mmap>,
}

/// A function made at run time.
///
/// It takes the scratch memory, whose layout [`super::frame`] tells, and the pointers to the arrays.
pub(super) type Function = unsafe extern "sysv64" fn(*mut u64, *const *const u8);

impl Code {
    /// Copies the bytes to memory of their own and makes that executable.
    ///
    /// # Errors
    /// If the system gives no memory, or does not let it be executed.
    pub fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut memory = MmapMut::map_anon(bytes.len().max(1))?;
        memory[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { memory: Some(memory.make_exec()?) })
    }

    /// No code.
    pub fn none() -> Self {
        Self { memory: None }
    }

    /// The function that begins at an offset.
    ///
    /// # Safety
    /// A function made by [`super::emit`] begins there.
    #[allow(unsafe_code)]
    pub unsafe fn function(&self, offset: usize) -> Function {
        debug_assert!(offset < self.bytes().len());
        // SAFETY: the caller says that such a function begins there; the memory lives as long as `self`, and whoever
        // calls the function holds `self`.
        unsafe { std::mem::transmute::<*const u8, Function>(self.bytes().as_ptr().add(offset)) }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        self.memory.as_deref().unwrap_or_default()
    }
}
