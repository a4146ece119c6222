use crate::diag::Diagnostic;
use crate::sema::Loader;

/// What a session needs from the world: files.
pub trait Host {
    /// What `use` and `load` are brought by; paths start at the folder of the file that was opened last.
    fn loader(&self) -> &dyn Loader;
    /// The name and the text of a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn open(&mut self, path: &str) -> Result<(String, String), Box<Diagnostic>>;
    /// Writes a file; one that exists is replaced only where `replace` says so.
    ///
    /// # Errors
    /// Why it cannot be written.
    fn write(&mut self, path: &str, text: &str, replace: bool) -> Result<(), Box<Diagnostic>>;
    /// The files whose names begin like this, folders with a slash behind them; for completion.
    fn files(&self, _prefix: &str) -> Vec<String> {
        Vec::new()
    }
}
